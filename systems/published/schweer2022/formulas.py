"""Closed formulas of Schweer et al. (2022), with their misprints mended.

Everything here is in the **paper's** convention, and shares no code with the state space:

- frequencies and rates in one unit of your choice, such as ω_m; κ, γ_m full widths;
- d/dt → +iω (the sign that the paper's (8), (9), (18), (19) use, opposite to the one it states);
- g is the coefficient of x_m in the equations of motion (2), twice the usual optomechanical coupling;
- χ_m and χ_a are *minus* the responses to a force;
- S_F is the two-sided density of the added force in units of ħ m γ_m ω_m (vacuum of the light ½).

Every function broadcasts its arguments as NumPy does.

References
----------
J. Schweer et al., all-optical coherent quantum noise cancellation in cascaded optomechanical systems (2022).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "added_noise",
    "ancilla_susceptibility",
    "cancellation_frequency",
    "cavity_susceptibility",
    "cqnc_bound",
    "ideal_added_noise",
    "limit_strength",
    "measurement_strength",
    "mechanical_susceptibility",
    "mismatched_added_noise",
    "sensor_added_noise",
    "standard_quantum_limit",
]

RealArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]


def cavity_susceptibility(omega: ArrayLike, linewidth: ArrayLike) -> ComplexArray:
    """Response of a resonant cavity, χ = 1/(iω + κ/2): (8) and (18).

    Examples
    --------
    >>> complex(cavity_susceptibility(0.0, 4.0))
    (0.5+0j)
    """
    return np.asarray(1 / (1j * np.asarray(omega) + np.asarray(linewidth) / 2))


def mechanical_susceptibility(omega: ArrayLike, omega_m: ArrayLike, gamma_m: ArrayLike) -> ComplexArray:
    """Minus the response of the oscillator to a force, χ_m = ω_m/(ω² − ω_m² − iγ_mω): (9)."""
    omega, omega_m = np.asarray(omega), np.asarray(omega_m)
    return np.asarray(omega_m / (omega**2 - omega_m**2 - 1j * np.asarray(gamma_m) * omega))


def ancilla_susceptibility(omega: ArrayLike, delta_a: ArrayLike, kappa_a: ArrayLike) -> ComplexArray:
    """Minus the response of the ancilla, χ_a = Δ_a/(ω² − Δ_a² − κ_a²/4 − iκ_aω): (19); Δ_a = ω_a − ω_L."""
    omega, delta_a, kappa_a = np.asarray(omega), np.asarray(delta_a), np.asarray(kappa_a)
    return np.asarray(delta_a / (omega**2 - delta_a**2 - kappa_a**2 / 4 - 1j * kappa_a * omega))


def measurement_strength(omega: ArrayLike, coupling: ArrayLike, linewidth: ArrayLike) -> RealArray:
    """Rate at which light reads an oscillator through its cavity, G(ω) = g²κ|χ|²: (14) and (21).

    With (g, κ_om) it is the sensor's G_om, with (g_a, κ_c) the ancilla's G_a.

    Examples
    --------
    >>> float(measurement_strength(0.0, 1.0, 4.0))  # Γ = 4g²/κ
    1.0
    """
    strength = np.asarray(coupling) ** 2 * np.asarray(linewidth)
    return np.asarray(strength * np.abs(cavity_susceptibility(omega, linewidth)) ** 2)


def sensor_added_noise(
    strength: ArrayLike, susceptibility: ArrayLike, gamma_m: ArrayLike, occupation: ArrayLike | None = None
) -> RealArray:
    """Noise of the sensor alone, S_F = [2n + 1] + 1/(2Gγ_m|χ_m|²) + G/(2γ_m): (13).

    Parameters
    ----------
    strength, susceptibility : array_like
        G_om(ω) of (14) and χ_m(ω) of (9).
    gamma_m : array_like
        Mechanical linewidth.
    occupation : array_like, optional
        Thermal occupation n of the mechanical bath.  The paper prints k_BT/ħω_m ≈ n; a symmetrised force has
        2n + 1.  None (the paper's choice from (15) on): no thermal force.

    Examples
    --------
    At G = 1/|χ_m| it touches the standard quantum limit:

    >>> chi = mechanical_susceptibility(0.5, 1.0, 1e-3)
    >>> noise = sensor_added_noise(limit_strength(chi), chi, 1e-3)
    >>> bool(np.isclose(noise, standard_quantum_limit(chi, 1e-3)))
    True
    """
    strength, gamma_m = np.asarray(strength), np.asarray(gamma_m)
    thermal = 0.0 if occupation is None else 2 * np.asarray(occupation) + 1
    shot = 1 / (2 * strength * gamma_m * np.abs(susceptibility) ** 2)
    return np.asarray(thermal + shot + strength / (2 * gamma_m))


def standard_quantum_limit(susceptibility: ArrayLike, gamma_m: ArrayLike) -> RealArray:
    """Lower bound of (13) over the measurement strength at each frequency, S_SQL = 1/(γ_m|χ_m|): (15)."""
    return np.asarray(1 / (np.asarray(gamma_m) * np.abs(susceptibility)))


def limit_strength(susceptibility: ArrayLike) -> RealArray:
    """Measurement strength that reaches the standard quantum limit, G_SQL = 1/|χ_m|: (16)."""
    return np.asarray(1 / np.abs(susceptibility))


def added_noise(
    omega: ArrayLike,
    *,
    omega_m: ArrayLike,
    gamma_m: ArrayLike,
    g: ArrayLike,
    kappa_om: ArrayLike,
    delta_a: ArrayLike,
    kappa_a: ArrayLike,
    g_a: ArrayLike,
    kappa_c: ArrayLike,
) -> RealArray:
    """Noise of the lossless resonant cascade with g_BS = g_DC = g_a/2, in either order: (20).

    It is exact for any other mismatch of the two systems.

    Examples
    --------
    Everything matched, well below resonance: just above the bound (26), half a quantum.

    >>> noise = added_noise(0.0, omega_m=1.0, gamma_m=1e-3, g=1.0, kappa_om=4.0,
    ...                     delta_a=-1.0, kappa_a=1e-3, g_a=1.0, kappa_c=4.0)
    >>> round(float(noise) * 1e-3, 6)  # in units of Q_m
    0.5005
    """
    omega, gamma_m, delta_a, kappa_a = (np.asarray(value) for value in (omega, gamma_m, delta_a, kappa_a))
    chi_m = mechanical_susceptibility(omega, omega_m, gamma_m)
    chi_a = ancilla_susceptibility(omega, delta_a, kappa_a)
    sensor = measurement_strength(omega, g, kappa_om)
    ancilla = measurement_strength(omega, g_a, kappa_c)
    back_action = np.abs(sensor * chi_m + ancilla * chi_a) ** 2
    vacuum = ancilla * kappa_a * np.abs(chi_a) ** 2 * ((omega**2 + kappa_a**2 / 4) / delta_a**2 + 1)
    return np.asarray((1 + back_action + vacuum) / (2 * sensor * gamma_m * np.abs(chi_m) ** 2))


def cqnc_bound(omega: ArrayLike, omega_m: ArrayLike, gamma_m: ArrayLike) -> RealArray:
    """Bound of ideal cancellation, ½[(ω² + γ_m²/4)/ω_m² + 1]: (26)."""
    numerator = np.asarray(omega) ** 2 + np.asarray(gamma_m) ** 2 / 4
    return np.asarray((numerator / np.asarray(omega_m) ** 2 + 1) / 2)


def ideal_added_noise(omega: ArrayLike, strength: ArrayLike, omega_m: ArrayLike, gamma_m: ArrayLike) -> RealArray:
    """Noise of the matched cascade, 1/(2Gγ_m|χ_m|²) plus the bound (26): (25).

    It takes χ_a = −χ_m, which Δ_a = −ω_m and κ_a = γ_m give up to terms of order 1/Q_m² off resonance.
    """
    chi_m = mechanical_susceptibility(omega, omega_m, gamma_m)
    shot = 1 / (2 * np.asarray(strength) * np.asarray(gamma_m) * np.abs(chi_m) ** 2)
    return np.asarray(shot + cqnc_bound(omega, omega_m, gamma_m))


def mismatched_added_noise(
    omega: ArrayLike,
    *,
    omega_m: ArrayLike,
    gamma_m: ArrayLike,
    g: ArrayLike,
    kappa_om: ArrayLike,
    coupling_ratio: ArrayLike,
    linewidth_ratio: ArrayLike,
) -> RealArray:
    """Noise for unequal measurement strengths, δ = (g_a/g)² and ε = κ_c/κ_om, the rest matched: (31).

    Like (25) it takes χ_a = −χ_m.
    """
    chi_m = mechanical_susceptibility(omega, omega_m, gamma_m)
    strength = measurement_strength(omega, g, kappa_om)
    narrow = np.asarray(linewidth_ratio) * np.asarray(kappa_om)
    cavities = np.abs(cavity_susceptibility(omega, narrow) / cavity_susceptibility(omega, kappa_om)) ** 2
    ratio = np.asarray(coupling_ratio) * np.asarray(linewidth_ratio) * cavities
    back_action = strength * (1 - ratio) ** 2 / (2 * np.asarray(gamma_m))
    shot = 1 / (2 * strength * np.asarray(gamma_m) * np.abs(chi_m) ** 2)
    return np.asarray(shot + back_action + ratio * cqnc_bound(omega, omega_m, gamma_m))


def cancellation_frequency(coupling_ratio: ArrayLike, linewidth_ratio: ArrayLike, kappa_om: ArrayLike) -> RealArray:
    """Frequency at which unequal strengths are equal, ω* = √[(δε − ε²)/(1 − δε)] κ_om/2: (32).

    NaN where there is none: the two Lorentzians cross at no real, finite frequency, or are one (δ = ε = 1).

    Examples
    --------
    >>> round(float(cancellation_frequency(1.0, 0.9, 10.0)), 5)
    4.74342
    """
    delta, epsilon, kappa_om = np.broadcast_arrays(coupling_ratio, linewidth_ratio, kappa_om)
    above, below = delta * epsilon - epsilon**2, 1 - delta * epsilon
    square: NDArray[Any] = np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
    real = np.where(square >= 0, square, np.nan)
    return np.asarray(np.sqrt(real) * kappa_om / 2)
