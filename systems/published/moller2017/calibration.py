"""Calibrations of Møller et al. 2017: cooperativities, (S1), the approximation (S33), and white noise (S40).

In the paper's convention, as `formulas`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .formulas import HybridParameters, effective_susceptibility, readout_rate, spin_susceptibility

__all__ = [
    "approximate_back_action",
    "back_action_to_thermal",
    "intracavity_lorentzian",
    "quantum_cooperativity",
    "spin_cooperativity",
    "white_noise_calibration",
]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


def quantum_cooperativity(p: HybridParameters) -> Real:
    """C_q^M = g0²N/(2κ γ_M0 n_bath) (below S1), with g0²N = g²; it neglects ½ against n_bath."""
    heating = 2 * p.cavity_halfwidth * p.mechanical_halfwidth * p.bath_occupation
    return np.asarray(p.coupling**2 / heating)


def spin_cooperativity(p: HybridParameters) -> Real:
    """C_q^S = R²_BA/R²_Th of (S36) for the terms of (S30): Γ_S/[2γ_S (2n_S + 1)].

    Light of density ¼ against a force of density n_S + ½; the same in the library's Γ and full width.
    """
    return np.asarray(p.spin_readout_rate / (2 * p.spin_halfwidth * (2 * p.spin_occupation + 1)))


def intracavity_lorentzian(p: HybridParameters, omega: ArrayLike) -> Real:
    """|L(Ω)| = κ/√(κ² + (Δ + Ω)²) (S13); L0 = |L(0)|."""
    kappa = p.cavity_halfwidth
    return np.asarray(kappa / np.hypot(kappa, p.detuning + np.asarray(omega)))


def back_action_to_thermal(p: HybridParameters) -> Real:
    """Return the right side of (S1): C_q^M/2 times the Lorentzians of the two sidebands."""
    frequency = p.mechanical_frequency
    sidebands = intracavity_lorentzian(p, -frequency) ** 2 + intracavity_lorentzian(p, frequency) ** 2
    return quantum_cooperativity(p) / 2 * sidebands


def approximate_back_action(p: HybridParameters, omega: ArrayLike) -> Complex:
    """Lossless response of P_meas to X_in, Γ_M L0² χ_M + Γ_S χ_S (1 + iΓ_M χ_M L0 δL) (S33).

    δL(Ω) = −ΩΔκ/(κ² + Δ²)^{3/2} (S15): unresolved sidebands, good to about 2 % for Table I.
    """
    kappa, detuning = p.cavity_halfwidth, p.detuning
    centre = intracavity_lorentzian(p, 0.0)
    slope = -np.asarray(omega) * detuning * kappa / (kappa**2 + detuning**2) ** 1.5
    mechanics = readout_rate(p) * effective_susceptibility(p, omega)
    spin = p.spin_readout_rate * spin_susceptibility(p, omega)
    return np.asarray(mechanics * centre**2 + spin * (1 + 1j * mechanics * centre * slope))


def white_noise_calibration(shot: ArrayLike, driven: ArrayLike, added_noise: ArrayLike) -> Real:
    """R²_BA/R²_Th = (B − A)/[(n_WN + 1)A − B] (S40): the cooperativity from two spectra.

    Parameters
    ----------
    shot, driven : array_like
        A and B: spectra in shot-noise units **minus 1** with vacuum input, and with n_WN added to X_in only.
    added_noise : array_like
        n_WN in shot-noise units.

    Notes
    -----
    The formula for C_q^S printed at the end of SI-G is this one inverted; (S40) is right.

    Examples
    --------
    >>> round(float(white_noise_calibration(shot=2.1, driven=2.1 + 1.1 * 1.22, added_noise=1.22)), 12)
    1.1
    """
    a, b = np.asarray(shot, dtype=np.float64), np.asarray(driven, dtype=np.float64)
    return np.asarray((b - a) / ((np.asarray(added_noise) + 1) * a - b))
