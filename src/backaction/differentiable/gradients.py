"""The value of any figure of merit and its gradient with respect to a network's parameters, in one call.

E depends on the parameters p by the matrices M(p) alone, so that

    ∂E/∂p = Σ ⟨∂E/∂M, ∂M/∂p⟩.

JAX gives ∂E/∂M backwards, at the cost of about one more solution however many parameters there are; ∂M/∂p is that of
`assembly`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from backaction.experiment import DetectorSpec
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput, Unresolved, Unstable
from backaction.systems import Network
from backaction.systems.component import Component

from .assembly import Arrangement, Parameters, arranged
from .double import JaxArray, double_precision, jax_module, with_jax
from .system import ARRAYS, Matrices

__all__ = ["value_and_gradient"]

COMPILED = 32
"""Figures of merit whose compiled form is remembered."""


@with_jax
def value_and_gradient(
    figure: Callable[[Matrices], JaxArray],
    network: Network | Component,
    parameters: Parameters,
    detectors: Sequence[DetectorSpec] = (),
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """A figure of merit of a network and its derivatives with respect to parameters, by address.

    Parameters
    ----------
    figure : callable
        `Matrices` → a number a lane, shape (…), from the functions of this package and `jax.numpy`. It is compiled:
        define it once and pass the same function again.
    network : Network or Component
    parameters : sequence of str, or mapping
        Addresses ("membrane.detuning", "detector.0.angle"), at the values that the network and the detectors have; or a
        mapping from addresses to values. Arrays make a batch.
    detectors : sequence of DetectorSpec
        As in an experiment file.

    Returns
    -------
    value : array, shape (…)
    gradient : dict of array, shape (…)
        By address, per unit of the parameter (rad/s, rad, K, 1).

    Raises
    ------
    Unstable
        The network has no stationary state; the text has the mode.
    Unresolved
        Value or gradient is not finite, or a parameter is too close to the border of its range.
    InvalidInput
        JAX is missing, unknown addresses, values out of or at the border of their ranges, a figure of another shape.

    Examples
    --------
    Which way should the readout rate go, for a spin and a membrane to be entangled? Down, a little:

    >>> from backaction.differentiable import conditional_covariance, epr_variance
    >>> from backaction.systems import Hz, Loss, MechanicalOscillator, MHz, SpinOscillator, kHz
    >>> spin = SpinOscillator(frequency=-1 * MHz, linewidth=300 * Hz, readout_rate=25 * kHz, occupation=0.7)
    >>> membrane = MechanicalOscillator(name="membrane", mechanical_frequency=1 * MHz, mechanical_linewidth=10 * Hz,
    ...                                 readout_rate=22 * kHz, occupation=40)
    >>> def conditional_epr(system):
    ...     return epr_variance(system.block(conditional_covariance(system), "spin", "membrane"))
    >>> value, gradient = value_and_gradient(
    ...     conditional_epr, spin >> Loss(efficiency=0.88) >> membrane, ["spin.readout_rate", "loss.efficiency"],
    ...     [DetectorSpec(efficiency=0.8)])
    >>> round(float(value), 6), {name: f"{float(slope):.4g}" for name, slope in gradient.items()}
    (0.290821, {'spin.readout_rate': '3.375e-07', 'loss.efficiency': '-0.6321'})
    """
    arrangement = arranged(network, parameters, detectors)
    slopes = arrangement.derivatives()
    with double_precision():
        system = arrangement.matrices()
        batch = system.drift.shape[:-2]
        value, adjoint = _compiled(figure)(system)
        value = np.asarray(value)
        adjoints = {name: np.asarray(getattr(adjoint, name)) for name in ARRAYS}
    if value.shape != batch:
        raise InvalidInput(
            f"the figure of merit has to be one number a lane, shape {batch}, but it has the shape {value.shape}"
        )
    gradient = {
        address: sum((np.sum(adjoints[name] * slope[name], axis=(-2, -1)) for name in ARRAYS), np.zeros(batch))
        for address, slope in slopes.items()
    }
    if not all(np.isfinite(number).all() for number in (value, *gradient.values())):
        _require_stable(arrangement)
        raise Unresolved(
            "the figure of merit or its gradient is not finite. This usually means (a) a state that double precision "
            "does not resolve, or (b) a figure without a derivative there, such as a root or logarithm of zero",
            np.inf,
        )
    return value, gradient


def _require_stable(arrangement: Arrangement) -> None:
    growth = arrangement.here[0].growth()
    if growth is not None:
        raise Unstable(
            f"there is no stationary state: mode {growth.mode!r} grows at {growth.rate:.6g}/s. Lower the coupling, "
            "change the sign of the detuning or add damping",
            complex(growth.rate, growth.frequency),
            growth.mode,
        )


@lru_cache(maxsize=COMPILED)
def _compiled(figure: Callable[[Matrices], JaxArray]) -> Any:
    """Matrices → the figure, and its derivatives with respect to them: lanes do not mix, so the sum's are theirs."""
    jax = jax_module()

    def summed(system: Matrices) -> tuple[JaxArray, JaxArray]:
        value = figure(system)
        return value.sum(), value

    def both(system: Matrices) -> tuple[JaxArray, Matrices]:
        (_, value), adjoint = jax.value_and_grad(summed, has_aux=True)(system)
        return value, adjoint

    return jax.jit(both)
