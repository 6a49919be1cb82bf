"""Stationary covariances, unconditional and conditional, of systems in JAX.

"Unstable" is an error here as everywhere: where the numbers are at hand, the pole is looked at and named. While JAX
traces (inside `grad`, `jit`, `vmap`) nothing can be raised; there a lane without a stationary state is NaN, value and
gradient. It is recognised by its covariance: for D ≥ 0, V > 0 shows that every pole of A decays (Lyapunov). A stable
system with a noiseless mode, which no quantum system has, would be NaN too.
"""

from __future__ import annotations

import numpy as np

from backaction.gaussian.errors import InvalidInput, Unresolved, Unstable
from backaction.gaussian.riccati import CONVERGED

from .double import JaxArray, checked, in_double, is_traced, jax_module, jax_numpy
from .lyapunov import lyapunov_error, solve_lyapunov_unchecked
from .riccati import solve_riccati_unchecked, unresolved
from .system import Matrices, record_model

__all__ = ["conditional_covariance", "shows_stability", "steady_covariance"]

RESOLVED = 1e-6
"""Largest error, relative to the standard deviations, with which a covariance is returned: as `steady_state`."""


@in_double
def steady_covariance(system: Matrices) -> JaxArray:
    """The covariance of the stationary (unconditional) state: A V + V Aᵀ + B N Bᵀ = 0, shape (…, 2n, 2n).

    Raises
    ------
    Unstable
        A pole does not decay; the text has it. While JAX traces, such lanes are NaN instead.
    Unresolved
        The error is above 1e-6 in double precision (NaN while JAX traces).
    InvalidInput
        JAX is missing or set to 32 bits.

    Examples
    --------
    >>> from backaction.differentiable import double_precision, matrices
    >>> from backaction.systems import Hz, MechanicalOscillator, MHz
    >>> mirror = MechanicalOscillator(mechanical_frequency=1 * MHz, mechanical_linewidth=1 * Hz, readout_rate=0.0,
    ...                               occupation=3.0)
    >>> with double_precision():
    ...     covariance = steady_covariance(matrices(mirror))
    >>> np.asarray(covariance).diagonal().round(9)
    array([3.5, 3.5])
    """
    drift, diffusion = system.drift, system.diffusion
    _require_stable(drift, system.modes)
    covariance = solve_lyapunov_unchecked(drift, diffusion)
    error = lyapunov_error(drift, covariance, diffusion)
    good = (error < RESOLVED) & shows_stability(drift, covariance)
    return checked(covariance, good, lambda: _unresolved(error))


@in_double
def conditional_covariance(system: Matrices) -> JaxArray:
    """The covariance of the stationary state given all records of the system, shape (…, 2n, 2n).

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `steady_covariance`; Newton's iteration has not converged; the system has no detector.

    Examples
    --------
    Ten thousand quanta, but known to a little more than the vacuum by the light that is detected:

    >>> from backaction.differentiable import double_precision, matrices
    >>> from backaction.experiment import DetectorSpec
    >>> from backaction.systems import MechanicalOscillator, MHz, kHz
    >>> mirror = MechanicalOscillator(mechanical_frequency=1 * MHz, mechanical_linewidth=1e-3 * kHz,
    ...                               readout_rate=50 * kHz, occupation=1e4)
    >>> with double_precision():
    ...     covariance = conditional_covariance(matrices(mirror, detectors=[DetectorSpec()]))
    >>> np.asarray(covariance).diagonal().round(2)
    array([0.67, 0.67])
    """
    if not system.records:
        raise InvalidInput(
            "a conditional state needs at least one detector; give `detectors=[DetectorSpec(…)]` to `matrices`, or use "
            "`steady_covariance` for the state without a record"
        )
    _require_stable(system.drift, system.modes)
    found = solve_riccati_unchecked(system.drift, system.diffusion, *record_model(system))
    good = (found.error < CONVERGED) & shows_stability(system.drift, found.before)
    return checked(found.covariance, good, lambda: unresolved(found.error))


def _require_stable(drift: JaxArray, modes: tuple[str, ...]) -> None:
    """Raise `Unstable` for a pole that does not decay, if the numbers can be looked at."""
    if is_traced(drift):
        return
    values, vectors = np.linalg.eig(np.asarray(drift))
    if not values.size or (values.real < 0).all():
        return
    lane, number = divmod(int(np.argmax(values.real)), values.shape[-1])
    value = complex(values.reshape(-1, values.shape[-1])[lane, number])
    vector = vectors.reshape(-1, *vectors.shape[-2:])[lane, :, number]
    mode = modes[int(np.argmax(np.abs(vector))) // 2]
    raise Unstable(
        f"there is no stationary state: the pole {value.real:.6g} {value.imag:+.6g}i rad/s of mode {mode!r} does not "
        "decay. Lower the coupling, change the sign of the detuning or add damping",
        value,
        mode,
    )


def shows_stability(drift: JaxArray, covariance: JaxArray) -> JaxArray:
    """Whether V > 0, shape (…): Cholesky's decomposition of the matrix of correlations ends with finite numbers.

    True where the numbers are at hand: there the poles have been looked at.
    """
    jax, jnp = jax_module(), jax_numpy()
    if not is_traced(drift):
        return True
    matrix = jax.lax.stop_gradient(covariance)
    variances = jnp.diagonal(matrix, axis1=-2, axis2=-1)
    scale = jnp.sqrt(variances)  # NaN for a negative one
    lower = jnp.linalg.cholesky(matrix / (scale[..., :, None] * scale[..., None, :]))
    return jnp.isfinite(lower).all(axis=(-2, -1))


def _unresolved(error: JaxArray) -> Unresolved:
    worst = float(np.max(error))
    return Unresolved(
        f"the covariance has a relative error of {worst:.3g} in double precision; a pole is too close to instability",
        worst,
    )
