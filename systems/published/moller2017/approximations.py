"""Approximations of Møller et al. 2017 for a cavity without losses: (S14), (S17) and the corrected (S34).

(S14) rewrites (S11) for κ2 = 0 by the response of the cavity at the two sidebands, exactly.  (S17) expands that to
first order in the frequency, for unresolved sidebands.  (S34) is what (S33) becomes near resonance for γ_M ≫ γ_M0; as
printed it has the sign of a positive mass, and its Γ_M means Γ_M L0² (see the errata).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .calibration import intracavity_lorentzian
from .formulas import HybridParameters, effective_susceptibility, readout_rate

__all__ = ["back_action_ratio", "back_action_spectrum_ratio", "first_order_transfer", "sideband_transfer"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


def sideband_transfer(p: HybridParameters, omega: ArrayLike) -> Complex:
    """M(Ω) of a lossless cavity by its sidebands (S14), shape (…, 2, 2); `input_fraction` is not used.

    Examples
    --------
    >>> from .formulas import cavity_transfer
    >>> p = HybridParameters(cavity_halfwidth=5.0, detuning=-2.0, coupling=0.3, mechanical_halfwidth=1e-3)
    >>> bool(np.allclose(sideband_transfer(p, 0.97), cavity_transfer(p, 0.97), rtol=1e-12, atol=1e-12))
    True
    """
    w = np.asarray(omega)
    upper, lower = intracavity_lorentzian(p, w), intracavity_lorentzian(p, -w)
    theta, mirror = (np.arctan((p.detuning + sign * w) / p.cavity_halfwidth) for sign in (1, -1))
    phi = np.arctan(p.detuning / p.cavity_halfwidth)
    kick = readout_rate(p) * effective_susceptibility(p, w) / 4
    diagonal = 1 + 1j * kick * (upper**2 - lower**2)
    core = _matrix(diagonal, -kick * (upper - lower) ** 2, kick * (upper + lower) ** 2, diagonal)
    mean = (theta + mirror) / 2
    phase = np.exp(1j * (theta - mirror))[..., None, None]
    product: Complex = phase * _rotation(phi + mean) @ core @ np.swapaxes(_rotation(phi - mean), -1, -2)
    return product


def first_order_transfer(p: HybridParameters, omega: ArrayLike) -> Complex:
    """M(Ω) of a lossless cavity to first order in the sideband frequency (S17), shape (…, 2, 2)."""
    w = np.asarray(omega)
    kappa, detuning = p.cavity_halfwidth, p.detuning
    total = kappa**2 + detuning**2
    centre, slope = intracavity_lorentzian(p, 0.0), -w * detuning * kappa / total**1.5
    kick = readout_rate(p) * effective_susceptibility(p, w)
    diagonal = 1 + 1j * kick * centre * slope
    core = _matrix(diagonal, 0 * kick, kick * centre**2, diagonal)
    phase = np.exp(2j * w * kappa / total)[..., None, None]
    product: Complex = phase * _rotation(2 * np.arctan(detuning / kappa)) @ core
    return product


def back_action_spectrum_ratio(
    offset: ArrayLike,
    readout_ratio: ArrayLike,
    halfwidths: tuple[ArrayLike, ArrayLike],
    *,
    mass: int,
    spin_detuning: ArrayLike = 0.0,
) -> Real:
    """Back action of the hybrid over that of the membrane, by the corrected (S34).

    [(δ_S ± r δ_M)² + γ_S²]/(δ_S² + γ_S²), upper sign for the positive mass, r = Γ_S/(Γ_M L0²) and
    δ_S = δ_M − spin_detuning.

    Parameters
    ----------
    offset, spin_detuning : array_like
        δ_M = Ω − Ω_M and |Ω_S| − Ω_M.
    readout_ratio : array_like
        r.
    halfwidths : pair of array_like
        γ_M and γ_S; all frequencies in one unit. γ_M does not enter.
    mass : int
        −1 or 1.

    Examples
    --------
    Matched, far from resonance, the negative mass takes all back action away; on resonance nothing:

    >>> back_action_spectrum_ratio([0.0, 1e6], 1.0, (1.0, 1.0), mass=-1).round(9)
    array([1., 0.])
    """
    delta = np.asarray(offset, dtype=np.float64)
    spin, width = delta - np.asarray(spin_detuning), np.asarray(halfwidths[1])
    numerator = (spin + mass * np.asarray(readout_ratio) * delta) ** 2 + width**2
    return np.asarray(numerator / (spin**2 + width**2))


def back_action_ratio(readout_ratio: ArrayLike, halfwidths: tuple[ArrayLike, ArrayLike], *, mass: int) -> Real:
    """The ratio of the areas by the corrected (S34) at equal frequencies: [(1 ± r)² γ_M + γ_S]/(γ_M + γ_S).

    Examples
    --------
    The paper's "minimum of 1/2" needs equal widths:

    >>> float(back_action_ratio(1.0, (1.0, 1.0), mass=-1)), float(back_action_ratio(1.0, (3.0, 1.0), mass=-1))
    (0.5, 0.25)
    """
    membrane, spin = (np.asarray(width, dtype=np.float64) for width in halfwidths)
    amplitude = (1 + mass * np.asarray(readout_ratio)) ** 2
    return np.asarray((amplitude * membrane + spin) / (membrane + spin))


def _rotation(angle: ArrayLike) -> Real:
    theta = np.asarray(angle, dtype=np.float64)
    c, s = np.cos(theta), np.sin(theta)
    return np.stack([c, -s, s, c], axis=-1).reshape(*theta.shape, 2, 2)


def _matrix(*entries: ArrayLike) -> Complex:
    flat = np.stack(np.broadcast_arrays(*entries), axis=-1).astype(np.complex128)
    return flat.reshape(*flat.shape[:-1], 2, 2)
