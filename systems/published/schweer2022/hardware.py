"""Schweer et al. (2022), appendix A: couplings from what stands on the bench.

(A3)–(A6) and the optomechanical coupling below (1), in SI units and rad/s, with their inverses: which power, wave
plate, mirror or crystal gives the couplings of Table II.  L is the **round-trip** length of the resonator (a linear
cavity of length d has L = 2d), because each of the couplings acts once in a round trip of duration L/c.

The paper refers for the gain parameter to other work; `crystal_gain` is the textbook plane-wave value (R. W. Boyd,
*Nonlinear Optics*, parametric amplification with perfect phase matching), marked as chosen, not printed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian.errors import InvalidInput
from backaction.systems.constants import HBAR, SPEED_OF_LIGHT

__all__ = [
    "beam_splitter_coupling",
    "beam_splitter_reflectivity",
    "crystal_gain",
    "down_conversion_coupling",
    "drive_amplitude",
    "intracavity_photons",
    "laser_power",
    "optomechanical_coupling",
    "pump_intensity",
    "required_gain",
    "wave_plate_coupling",
    "wave_plate_retardation",
]

VACUUM_PERMITTIVITY = 8.8541878128e-12
"""ε₀ in F/m (CODATA 2018)."""

RealArray = NDArray[np.float64]


def drive_amplitude(power: ArrayLike, linewidth: ArrayLike, laser: ArrayLike) -> RealArray:
    """|E| = √(κP/ħω_L), rate of the drive in (A3), in rad/s.

    Parameters
    ----------
    power : array_like
        P ≥ 0 at the cavity, in W.
    linewidth, laser : array_like
        κ (full width; κ_in = κ, as the paper has it) and ω_L, in rad/s.
    """
    return np.asarray(np.sqrt(np.asarray(linewidth) * _not_negative(power, "the power") / (HBAR * np.asarray(laser))))


def intracavity_photons(
    power: ArrayLike, linewidth: ArrayLike, laser: ArrayLike, detuning: ArrayLike = 0.0, escape: ArrayLike = 1.0
) -> RealArray:
    """n = η_esc |E|²/(κ²/4 + Δ²), the stationary photon number of the driven cavity (A3).

    Examples
    --------
    On resonance n = 4ηP/(κħω_L):

    >>> float(intracavity_photons(HBAR, 1.0, 1.0))
    4.0
    """
    kappa = np.asarray(linewidth)
    square = drive_amplitude(power, linewidth, laser) ** 2
    return np.asarray(np.asarray(escape) * square / (kappa**2 / 4 + np.asarray(detuning) ** 2))


def optomechanical_coupling(
    photons: ArrayLike, mass: ArrayLike, omega_m: ArrayLike, omega_c: ArrayLike, length: ArrayLike
) -> RealArray:
    """Coefficient of x_m x_om in the equations of motion (2), g = √2 (ω_c/d) x_zpf √n, in rad/s.

    x_zpf = √(ħ/mω_m), d = L/2 the length of a linear cavity one of whose mirrors moves.  The paper prints
    g = ω_c x_zpf α_c/L without √2: that is the coefficient of Hamiltonian (1), not of (2), which Table II uses
    (erratum 1).  It is twice the usual g₀√n of `OptomechanicalCavity`.

    Parameters
    ----------
    photons : array_like
        n in the cavity.
    mass : array_like
        In kg.
    omega_m, omega_c : array_like
        Mechanical and optical frequency, rad/s.
    length : array_like
        Round-trip length L, m.
    """
    zero_point = np.sqrt(HBAR / (_positive(mass, "the mass") * np.asarray(omega_m)))
    pull = 2 * np.asarray(omega_c) / _positive(length, "the round-trip length")
    return np.asarray(np.sqrt(2 * _not_negative(photons, "the photon number")) * pull * zero_point)


def laser_power(
    coupling: ArrayLike,
    mass: ArrayLike,
    omega_m: ArrayLike,
    omega_c: ArrayLike,
    length: ArrayLike,
    linewidth: ArrayLike,
    escape: ArrayLike = 1.0,
) -> RealArray:
    """Power (W) of a resonant drive that gives a coupling g of (2): the inverse of `optomechanical_coupling`.

    Examples
    --------
    g = 2π × 500 kHz with 10 ng, 10 mm, 1064 nm, κ = 2π × 2 MHz, in microwatts:

    >>> import math
    >>> two_pi = 2 * math.pi
    >>> power = laser_power(two_pi * 5e5, 1e-11, two_pi * 5e5, two_pi * 2.8176e14, 0.02, two_pi * 1.98e6, 0.9)
    >>> round(float(power) * 1e6)
    30
    """
    one = optomechanical_coupling(1.0, mass, omega_m, omega_c, length)
    photons = (np.asarray(coupling) / one) ** 2
    return np.asarray(
        photons * np.asarray(linewidth) * HBAR * np.asarray(omega_c) / (4 * _positive(escape, "the escape"))
    )


def down_conversion_coupling(gain: ArrayLike, crystal: ArrayLike, length: ArrayLike) -> RealArray:
    """g_DC = Γ l c/L of a crystal of length l (m) and gain Γ (1/m) passed once in a round trip: (A4).

    Examples
    --------
    >>> round(float(down_conversion_coupling(0.5, 0.01, 1.0)))
    1498962
    """
    return np.asarray(np.asarray(gain) * np.asarray(crystal) * _rate(length))


def required_gain(coupling: ArrayLike, crystal: ArrayLike, length: ArrayLike) -> RealArray:
    """Γ (1/m) for a down-conversion coupling: the inverse of (A4)."""
    return np.asarray(np.asarray(coupling) / (_positive(crystal, "the crystal length") * _rate(length)))


def crystal_gain(
    intensity: ArrayLike, nonlinearity: ArrayLike, signal: ArrayLike, idler: ArrayLike, index: ArrayLike = 1.8
) -> RealArray:
    """Γ = √[2ω_sω_i d_eff² I_p/(n³ε₀c³)], amplitude gain per length of a phase-matched crystal, in 1/m.

    Chosen, not printed: plane waves, pump intensity I_p (W/m²), one refractive index n for the three waves.

    Parameters
    ----------
    intensity : array_like
        I_p in W/m².
    nonlinearity : array_like
        d_eff in m/V, of the order of 2e-12 for quasi-phase-matched type-II PPKTP.
    signal, idler : array_like
        ω_s, ω_i in rad/s.
    index : array_like
        n; default 1.8, potassium titanyl phosphate.
    """
    pump = _not_negative(intensity, "the pump intensity")
    square = 2 * np.asarray(signal) * np.asarray(idler) * np.asarray(nonlinearity) ** 2 * pump
    return np.asarray(np.sqrt(square / (np.asarray(index) ** 3 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**3)))


def pump_intensity(
    gain: ArrayLike, nonlinearity: ArrayLike, signal: ArrayLike, idler: ArrayLike, index: ArrayLike = 1.8
) -> RealArray:
    """I_p (W/m²) for a gain Γ: the inverse of `crystal_gain`.

    Examples
    --------
    >>> round(float(crystal_gain(pump_intensity(0.6, 2.4e-12, 1.77e15, 1.77e15), 2.4e-12, 1.77e15, 1.77e15)), 12)
    0.6
    """
    one = crystal_gain(1.0, nonlinearity, signal, idler, index)
    return np.asarray((np.asarray(gain) / one) ** 2)


def beam_splitter_coupling(reflectivity: ArrayLike, length: ArrayLike) -> RealArray:
    """g_BS = r c/L of a beam splitter between two resonators of equal length, r its *amplitude* reflectivity: (A5).

    To first order in r; exactly arcsin(r) c/L, the rotation between the two modes in a round trip.

    Examples
    --------
    >>> round(float(beam_splitter_coupling(0.005, 1.0)))
    1498962
    """
    r = np.asarray(reflectivity, dtype=float)
    if (np.abs(r) > 1).any():
        raise InvalidInput(f"an amplitude reflectivity lies between -1 and 1, got {np.abs(r).max():.6g}")
    return np.asarray(r * _rate(length))


def beam_splitter_reflectivity(coupling: ArrayLike, length: ArrayLike) -> RealArray:
    """r for a beam-splitter coupling: the inverse of (A5); the power reflectivity is r²."""
    return np.asarray(np.asarray(coupling) / _rate(length))


def wave_plate_coupling(retardation: ArrayLike, orientation: ArrayLike, length: ArrayLike) -> RealArray:
    """g_BS = (c/L)(θ/2) sin 2τ between the two polarisations of one resonator: (A6).

    θ is the *retardation* of the plate and τ the *angle* of its axis to the polarisations, in rad: the off-diagonal
    element of the Jones matrix of a retarder, sin(θ/2) sin 2τ, to first order in θ.  The paper names them the other way
    round.

    Parameters
    ----------
    retardation, orientation : array_like
        θ ≪ 1 and τ in rad.
    length : array_like
        Round-trip length, m.

    Examples
    --------
    A small retardation at 45° does what a beam splitter of r = θ/2 does:

    >>> import math
    >>> float(wave_plate_coupling(0.01, math.pi / 4, 1.0) / beam_splitter_coupling(0.005, 1.0))
    1.0
    """
    return np.asarray(_rate(length) * np.asarray(retardation) / 2 * np.sin(2 * np.asarray(orientation)))


def wave_plate_retardation(coupling: ArrayLike, orientation: ArrayLike, length: ArrayLike) -> RealArray:
    """θ (rad) for a beam-splitter coupling at a given orientation: the inverse of (A6)."""
    turn = np.sin(2 * np.asarray(orientation, dtype=float))
    if (turn == 0).any():
        raise InvalidInput("a wave plate whose axis lies along a polarisation (τ = 0) does not couple them; turn it")
    return np.asarray(2 * np.asarray(coupling) / (_rate(length) * turn))


def _rate(length: ArrayLike) -> RealArray:
    """c/L: round trips per second."""
    return np.asarray(SPEED_OF_LIGHT / _positive(length, "the round-trip length"))


def _positive(value: ArrayLike, what: str) -> RealArray:
    array = np.asarray(value, dtype=float)
    if not (np.isfinite(array) & (array > 0)).all():
        raise InvalidInput(f"{what} must be greater than 0 and finite (SI units), got {value!r}")
    return array


def _not_negative(value: ArrayLike, what: str) -> RealArray:
    array = np.asarray(value, dtype=float)
    if not (np.isfinite(array) & (array >= 0)).all():
        raise InvalidInput(f"{what} must be 0 or greater and finite (SI units), got {value!r}")
    return array
