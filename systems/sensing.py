"""Force sensing: the noise that a measurement adds, and the standard quantum limit.

A force F on a mode, dP ∋ √γ F with γ the full bare linewidth, reaches the detected quadrature with the response R(ω);
everything else in the record counts as added noise, S/|R|².  S is absolute (vacuum ½), two-sided.  The standard
quantum limit 1/(γ|χ|), χ = Ω/(Ω² − ω² − iγω), is what a resonant, lossless, broad cavity reaches at its best power
(Schweer et al. 2022, Eqs. (12)-(15)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput, noise_budget
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name
from backaction.gaussian.measurement import Detector
from backaction.gaussian.names import quadratures
from backaction.gaussian.spectra import resolvent

from .cavities import IntegratedCQNC, OptomechanicalCavity
from .component import Component
from .fields import Parameter
from .network import Network
from .oscillators import MechanicalOscillator, SpinOscillator

__all__ = ["ForceNoise", "force_noise", "oscillator", "standard_quantum_limit", "susceptibility"]


@dataclass(frozen=True, eq=False)
class ForceNoise:
    """Force noise of a measurement.

    `spectrum` S and `response` R of the record, and `sql`; each of shape (batch…, frequencies…).  `added_noise` is
    S/|R|².
    """

    spectrum: FloatArray
    response: NDArray[np.complex128]
    sql: FloatArray

    @property
    def visible(self) -> NDArray[np.bool_]:
        """Where the force reaches the record at all, R ≠ 0."""
        return np.asarray(self.response != 0)

    @property
    def added_noise(self) -> FloatArray:
        """S/|R|².

        Raises
        ------
        InvalidInput
            The response is zero at some frequency: the force does not reach this quadrature of this port.
        """
        if not self.visible.all():
            raise InvalidInput(
                "the force does not reach the detected quadrature (zero response), so the noise that it is compared "
                "with would be infinite; detect another angle, or a port behind the mode"
            )
        noise: FloatArray = self.spectrum / np.abs(self.response) ** 2
        return noise


def force_noise(network: Network, omega: ArrayLike, mode: str, detector: Detector, thermal: bool = False) -> ForceNoise:
    """Added noise of a force measurement on one mode of a network.

    Parameters
    ----------
    network : Network
    omega : array_like
        ω in rad/s; its axes come after those of the batch.
    mode : str
        A spin or mechanical mode with γ > 0.
    detector : Homodyne or Heterodyne
        Its record at `angle`.
    thermal : bool
        Count the noise of the mode's own bath too.

    Returns
    -------
    ForceNoise

    Raises
    ------
    InvalidInput
        The mode is not there, or has no damping (the unit √γ F would vanish).

    Examples
    --------
    A resonant, lossless sensor at its best power reaches the standard quantum limit:

    >>> import numpy as np
    >>> from backaction.gaussian import Homodyne
    >>> from backaction.systems import MechanicalOscillator, Network
    >>> probe = MechanicalOscillator(
    ...     mechanical_frequency=1.0, mechanical_linewidth=1e-3, readout_rate=1 - 0.1**2, occupation=0, name="m")
    >>> result = force_noise(Network((probe,)), 0.1, "m", Homodyne())
    >>> bool(np.isclose(result.added_noise, result.sql))
    True
    """
    frequency, linewidth = oscillator(network, mode)
    if (np.asarray(linewidth) <= 0).any():
        raise InvalidInput(f"the force on {mode!r} is counted in units of √γ, but its linewidth is 0; give γ > 0")
    system = network.system
    column = np.zeros((2 * len(system.modes), 1))
    column[quadratures(mode, system.modes)[1], 0] = 1.0
    push = np.sqrt(np.asarray(linewidth))[..., None, None] * column
    seen = system.with_outputs(detector.port).output_matrix
    axes = tuple(range(-2 - np.ndim(omega), -2))
    rows = np.expand_dims(detector.rows[..., :1, :] @ seen, axes)
    response = (rows @ resolvent(system, omega, push))[..., 0, 0]
    sources = noise_budget(system, omega, detector).sources
    counted = [part for name, part in sources.items() if thermal or name != f"{mode}.bath"]
    return ForceNoise(np.sum(counted, axis=0), response, standard_quantum_limit(omega, frequency, linewidth))


def susceptibility(omega: ArrayLike, frequency: Parameter, linewidth: Parameter) -> NDArray[np.complex128]:
    """χ(ω) = Ω/(Ω² − ω² − iγω) of X to a force on P, in s, shape (batch…, frequencies…)."""
    w = np.asarray(omega, dtype=np.float64)
    axes = tuple(range(-w.ndim, 0))
    f, g = (np.expand_dims(np.asarray(value, dtype=np.float64), axes) for value in (frequency, linewidth))
    denominator: NDArray[np.complex128] = (f**2 - w**2).astype(np.complex128) - 1j * g * w
    return f / denominator


def standard_quantum_limit(omega: ArrayLike, frequency: Parameter, linewidth: Parameter) -> FloatArray:
    """1/(γ|χ|), dimensionless, in the unit of `ForceNoise.added_noise` (Schweer et al. 2022, Eq. (15))."""
    axes = tuple(range(-np.ndim(omega), 0))
    gamma = np.expand_dims(np.asarray(linewidth, dtype=np.float64), axes)
    return np.asarray(1 / (gamma * np.abs(susceptibility(omega, frequency, linewidth))))


def oscillator(network: Network, mode: str) -> tuple[Parameter, Parameter]:
    """Bare frequency (signed) and full linewidth of a spin or mechanical mode of a network."""
    known = {name: part for name, part in zip(network.names, network.components, strict=True) if _oscillates(part)}
    if mode not in known:
        raise unknown_name(mode, known, "spin or mechanical mode")
    part = known[mode]
    if isinstance(part, SpinOscillator):
        return part.frequency, part.linewidth
    assert isinstance(part, MechanicalOscillator | OptomechanicalCavity | IntegratedCQNC)
    return part.mechanical_frequency, part.mechanical_linewidth


def _oscillates(part: Component) -> bool:
    return isinstance(part, SpinOscillator | MechanicalOscillator | OptomechanicalCavity | IntegratedCQNC)
