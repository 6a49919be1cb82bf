"""Schweer et al. (2022), Sec. IV A: imperfections that do not depend on the order of the systems.

Closed forms (27)–(30) and (33)–(35), with their misprints mended, in the **paper's** convention (see
`formulas`).  "Envelope" means minimised over the measurement strength G at each frequency, with the ratio
G_a/G_om held; nothing else is minimised.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .formulas import (
    RealArray,
    ancilla_susceptibility,
    cavity_susceptibility,
    cqnc_bound,
    mechanical_susceptibility,
    standard_quantum_limit,
)

__all__ = [
    "bad_cavity_envelope",
    "bound_over_limit",
    "cancellation_exists",
    "far_bound_over_limit",
    "good_cavity_envelope",
    "linewidth_envelope",
    "linewidth_noise",
    "low_frequency_reduction",
    "mismatched_envelope",
    "strength_ratio",
]


def bound_over_limit(omega: ArrayLike, omega_m: ArrayLike, gamma_m: ArrayLike) -> RealArray:
    """S_CQNC/S_SQL, exactly, of (15) and (26); on resonance 1 + 1/(8Q²).

    Examples
    --------
    >>> round(float(bound_over_limit(1.0, 1.0, 1e-3)), 6)
    1.0
    """
    chi = mechanical_susceptibility(omega, omega_m, gamma_m)
    return np.asarray(cqnc_bound(omega, omega_m, gamma_m) / standard_quantum_limit(chi, gamma_m))


def far_bound_over_limit(omega: ArrayLike, omega_m: ArrayLike, quality: ArrayLike) -> RealArray:
    """S_CQNC/S_SQL far from resonance (by many γ_m), (ω² + ω_m²)/(2Q|ω² − ω_m²|): what (27) prints as 1/(2Q).

    Examples
    --------
    The printed 1/(2Q) holds at ω → 0 and ω → ∞; at ω = ω_m/2 it is 5/3 of that:

    >>> round(float(far_bound_over_limit(0.5, 1.0, 1000.0)) * 2000, 6)
    1.666667
    """
    square, resonance = np.asarray(omega) ** 2, np.asarray(omega_m) ** 2
    return np.asarray((square + resonance) / (2 * np.asarray(quality) * np.abs(square - resonance)))


def linewidth_noise(
    omega: ArrayLike, strength: ArrayLike, *, omega_m: ArrayLike, gamma_m: ArrayLike, kappa_a: ArrayLike
) -> RealArray:
    """Noise for an ancilla of another linewidth, κ_a ≠ γ_m, the rest matched (Δ_a = −ω_m, G_a = G_om): (28); exact."""
    chi_m, chi_a = _pair(omega, omega_m, gamma_m, kappa_a)
    strength, gamma_m = np.asarray(strength), np.asarray(gamma_m)
    shot = 1 / (2 * strength * gamma_m * np.abs(chi_m) ** 2)
    back_action = strength / (2 * gamma_m) * np.abs((chi_m + chi_a) / chi_m) ** 2
    return np.asarray(shot + back_action + _ancilla_noise(omega, chi_m, chi_a, omega_m, gamma_m, kappa_a))


def linewidth_envelope(omega: ArrayLike, *, omega_m: ArrayLike, gamma_m: ArrayLike, kappa_a: ArrayLike) -> RealArray:
    """Envelope of (28) over the strength: (29), its first term |χ_m + χ_a|/(γ_m|χ_m|²), a square more than printed.

    Examples
    --------
    A very broad ancilla at low frequency: no better than the standard quantum limit.

    >>> noise = linewidth_envelope(0.0, omega_m=1.0, gamma_m=1e-3, kappa_a=1e4)
    >>> round(float(noise) * 1e-3, 3)
    1.0
    """
    chi_m, chi_a = _pair(omega, omega_m, gamma_m, kappa_a)
    first = np.abs(chi_m + chi_a) / (np.asarray(gamma_m) * np.abs(chi_m) ** 2)
    return np.asarray(first + _ancilla_noise(omega, chi_m, chi_a, omega_m, gamma_m, kappa_a))


def low_frequency_reduction(omega_m: ArrayLike, kappa_a: ArrayLike) -> RealArray:
    """(29) over the limit at ω → 0 and Q → ∞, (u + u²)/(1 + u²) with u = κ_a/2ω_m; (30) is its leading order u.

    It passes 1 at u = 1 and has its maximum (1 + √2)/2 = 1.207 at u = 1 + √2, before it falls to 1.

    Examples
    --------
    >>> low_frequency_reduction(1.0, [0.2, 2.0]).round(6)
    array([0.108911, 1.      ])
    """
    u = np.asarray(kappa_a, dtype=float) / (2 * np.asarray(omega_m, dtype=float))
    return np.asarray((u + u**2) / (1 + u**2))


def strength_ratio(
    omega: ArrayLike, kappa_om: ArrayLike, coupling_ratio: ArrayLike, linewidth_ratio: ArrayLike
) -> RealArray:
    """G_a/G_om = δε|χ_c|²/|χ_om|² of (31), with δ = (g_a/g)² and ε = κ_c/κ_om."""
    narrow = np.asarray(linewidth_ratio) * np.asarray(kappa_om)
    cavities = np.abs(cavity_susceptibility(omega, narrow) / cavity_susceptibility(omega, kappa_om)) ** 2
    return np.asarray(np.asarray(coupling_ratio) * np.asarray(linewidth_ratio) * cavities)


def mismatched_envelope(
    omega: ArrayLike,
    ratio: ArrayLike,
    *,
    omega_m: ArrayLike,
    gamma_m: ArrayLike,
    kappa_a: ArrayLike,
    delta_a: ArrayLike,
) -> RealArray:
    """Envelope of (20) over the strength at a fixed ratio ρ = G_a/G_om: both imperfections of Sec. IV A at once.

    |χ_m + ρχ_a|/(γ_m|χ_m|²) + ρκ_a|χ_a|²[(ω² + κ_a²/4)/Δ_a² + 1]/(2γ_m|χ_m|²); exact.  For ρ = 1 it is (29), for
    χ_a = −χ_m it is |1 − ρ| S_SQL + ρ S_CQNC, the general form of (34) and (35).
    """
    chi_m = mechanical_susceptibility(omega, omega_m, gamma_m)
    chi_a = ancilla_susceptibility(omega, delta_a, kappa_a)
    gamma_m, ratio = np.asarray(gamma_m), np.asarray(ratio)
    first = np.abs(chi_m + ratio * chi_a) / (gamma_m * np.abs(chi_m) ** 2)
    return np.asarray(first + ratio * _ancilla_noise(omega, chi_m, chi_a, delta_a, gamma_m, kappa_a))


def bad_cavity_envelope(
    limit: ArrayLike, bound: ArrayLike, coupling_ratio: ArrayLike, linewidth_ratio: ArrayLike
) -> RealArray:
    """|1 − δ/ε| S_SQL + (δ/ε) S_CQNC: (34), for κ_c, κ_om ≫ ω, to relative order (ω/κ)² and 1/Q².

    Examples
    --------
    >>> float(bad_cavity_envelope(1000.0, 0.5, 0.9, 0.9))
    0.5
    """
    ratio = np.asarray(coupling_ratio) / np.asarray(linewidth_ratio)
    return np.asarray(np.abs(1 - ratio) * np.asarray(limit) + ratio * np.asarray(bound))


def good_cavity_envelope(
    limit: ArrayLike, bound: ArrayLike, coupling_ratio: ArrayLike, linewidth_ratio: ArrayLike
) -> RealArray:
    """|1 − δε| S_SQL + δε S_CQNC: (35), for κ_c, κ_om ≪ ω, to relative order (κ/ω)² and 1/Q²."""
    ratio = np.asarray(coupling_ratio) * np.asarray(linewidth_ratio)
    return np.asarray(np.abs(1 - ratio) * np.asarray(limit) + ratio * np.asarray(bound))


def cancellation_exists(coupling_ratio: ArrayLike, linewidth_ratio: ArrayLike) -> NDArray[np.bool_]:
    """Whether a frequency ω* > 0 of ideal cancellation exists: the ranges (33a–c).

    Examples
    --------
    >>> cancellation_exists([1.0, 0.8, 0.8], [0.9, 0.9, 0.7])
    array([ True, False,  True])
    """
    delta, epsilon = np.broadcast_arrays(np.asarray(coupling_ratio, float), np.asarray(linewidth_ratio, float))
    equal = (delta == 1) & (epsilon != 1)
    weaker = (delta < 1) & ((epsilon > 1 / delta) | (epsilon < delta))
    stronger = (delta > 1) & ((epsilon > delta) | (epsilon < 1 / delta))
    return np.asarray(equal | weaker | stronger)


def _pair(
    omega: ArrayLike, omega_m: ArrayLike, gamma_m: ArrayLike, kappa_a: ArrayLike
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    opposite = -np.asarray(omega_m)
    return mechanical_susceptibility(omega, omega_m, gamma_m), ancilla_susceptibility(omega, opposite, kappa_a)


def _ancilla_noise(
    omega: ArrayLike,
    chi_m: NDArray[np.complex128],
    chi_a: NDArray[np.complex128],
    detuning: ArrayLike,
    gamma_m: ArrayLike,
    kappa_a: ArrayLike,
) -> RealArray:
    """Vacuum of the ancilla for G_a = G_om, last term of (20), (28), (29)."""
    omega, kappa_a = np.asarray(omega), np.asarray(kappa_a)
    lever = (omega**2 + kappa_a**2 / 4) / np.asarray(detuning) ** 2 + 1
    return np.asarray(kappa_a * np.abs(chi_a) ** 2 / (2 * np.asarray(gamma_m) * np.abs(chi_m) ** 2) * lever)
