"""Mechanics: zero-point motion and its two definitions, mass and stress of a membrane, coupling from frequency pull.

**Two lengths are called x_zpf.**  The optomechanics review has √(ħ/2mΩ), the standard deviation of the ground state;
Møller et al. 2017 have √(ħ/mΩ), the length in which x = x_zpf X with [X, P] = i.  They quote variances in "x_zpf²" of
the *first* kind: 4.3 for a thermal occupation 2.1 is 2⟨X²⟩, not ⟨X²⟩.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from backaction.systems.constants import HBAR
from backaction.systems.grammar import Parameter, Range

from .light import angular_frequency
from .numbers import checked, plain

__all__ = [
    "effective_mass",
    "membrane_frequency",
    "membrane_mass",
    "oscillator_length",
    "quality_factor",
    "single_photon_coupling",
    "slab_reflectivity",
    "standing_wave_pull",
    "zero_point_motion",
]


def oscillator_length(mass: ArrayLike, frequency: ArrayLike) -> Parameter:
    """√(ħ/mΩ) in m: the x_zpf of Møller et al. 2017, x = √(ħ/mΩ) X with Var X = ½ in the ground state.

    Examples
    --------
    >>> from backaction.systems import MHz
    >>> round(oscillator_length(14e-12, 1.28 * MHz) * 1e15, 3)  # fm; Table I prints 1
    0.968
    """
    kilogram = np.asarray(checked(mass, Range.POSITIVE, "mass (kg)"))
    omega = np.asarray(checked(frequency, Range.POSITIVE, "frequency (rad/s)"))
    return plain(np.sqrt(HBAR / (kilogram * omega)))


def zero_point_motion(mass: ArrayLike, frequency: ArrayLike) -> Parameter:
    """√(ħ/2mΩ) in m: the x_zpf of Rev. Mod. Phys. 86, 1391 (2014), the standard deviation of the ground state.

    Examples
    --------
    >>> from backaction.systems import MHz
    >>> round(zero_point_motion(14e-12, 1.28 * MHz) * 1e15, 3)
    0.684
    """
    return plain(np.asarray(oscillator_length(mass, frequency)) / math.sqrt(2))


def effective_mass(zero_point: ArrayLike, frequency: ArrayLike) -> Parameter:
    """m = ħ/(2Ω x_zpf²) in kg, the inverse of `zero_point_motion`.

    Examples
    --------
    >>> from backaction.systems import MHz
    >>> round(effective_mass(zero_point_motion(14e-12, 1.28 * MHz), 1.28 * MHz) * 1e12, 9)
    14.0
    """
    length = np.asarray(checked(zero_point, Range.POSITIVE, "zero_point (m)"))
    omega = np.asarray(checked(frequency, Range.POSITIVE, "frequency (rad/s)"))
    return plain(HBAR / (2 * omega * length**2))


def quality_factor(frequency: ArrayLike, linewidth: ArrayLike) -> Parameter:
    """Q = |Ω|/γ with the full width γ.

    Examples
    --------
    >>> from backaction.systems import MHz, mHz, hwhm
    >>> round(quality_factor(1.28 * MHz, hwhm(50 * mHz)) / 1e6, 1)  # Møller et al. print 13 million
    12.8
    """
    gamma = np.asarray(checked(linewidth, Range.POSITIVE, "linewidth (rad/s)"))
    return plain(np.abs(np.asarray(checked(frequency, Range.NONZERO, "frequency (rad/s)"))) / gamma)


def membrane_mass(thickness: ArrayLike, width: ArrayLike, height: ArrayLike, density: ArrayLike) -> Parameter:
    """Effective mass ¼ρ·volume in kg of any drum mode of a rectangular membrane, at the antinode.

    The mean of sin² sin² over the membrane is ¼; x is the displacement at an antinode.

    Examples
    --------
    60 nm of silicon nitride, 0.5 mm square (Møller et al. 2017 state 14 ng, by their own calibration):

    >>> round(membrane_mass(60e-9, 0.5e-3, 0.5e-3, 3100.0) * 1e12, 1)
    11.6
    """
    sides = [checked(value, Range.POSITIVE, "sides (m) and density") for value in (thickness, width, height, density)]
    return plain(np.asarray(sides[0]) * sides[1] * sides[2] * sides[3] / 4)


def membrane_frequency(
    mode: tuple[int, int], width: ArrayLike, height: ArrayLike, stress: ArrayLike, density: ArrayLike
) -> Parameter:
    """Ω = π√(σ/ρ)√((j/w)² + (k/h)²) in rad/s of the (j, k) mode under the tensile stress σ (Pa).

    Examples
    --------
    The (1,2) mode at 1.28 MHz needs a stress of about 1 GPa:

    >>> round(membrane_frequency((1, 2), 0.5e-3, 0.5e-3, 1.0e9, 3100.0) / (2e6 * math.pi), 2)
    1.27
    """
    w, h = (np.asarray(checked(side, Range.POSITIVE, "sides (m)")) for side in (width, height))
    speed = np.sqrt(
        np.asarray(checked(stress, Range.POSITIVE, "stress (Pa)"))
        / np.asarray(checked(density, Range.POSITIVE, "density (kg/m³)"))
    )
    return plain(math.pi * speed * np.hypot(mode[0] / w, mode[1] / h))


def slab_reflectivity(thickness: ArrayLike, index: ArrayLike, wavelength: ArrayLike) -> Parameter:
    """|r| of the amplitude reflected by a lossless slab of refractive index n at normal incidence.

    |r| = (n² − 1)|sin β|/√(4n² cos²β + (n² + 1)² sin²β), β = 2πnd/λ (Fresnel; Jayich et al., New J. Phys. 10, 095008).

    Examples
    --------
    >>> round(slab_reflectivity(60e-9, 2.0, 852e-9), 3)
    0.502
    """
    d, n, wave = (
        np.asarray(checked(value, Range.POSITIVE, "thickness, index, wavelength"))
        for value in (thickness, index, wavelength)
    )
    beta = 2 * math.pi * n * d / wave
    top = (n**2 - 1) * np.abs(np.sin(beta))
    return plain(top / np.hypot(2 * n * np.cos(beta), (n**2 + 1) * np.sin(beta)))


def standing_wave_pull(wavelength: ArrayLike, length: ArrayLike, reflectivity: ArrayLike) -> Parameter:
    """Largest frequency pull G = |∂ω/∂x| = 2|r|ω/L, in rad/s per m, of a membrane amid a cavity of length L.

    ω(x) = (c/L) arccos(|r| cos 2kx) up to a constant (Jayich et al. 2008), steepest at |r|.  An upper bound:
    the overlap of the beam with the mode takes off its part; off the middle a membrane can exceed it.

    Examples
    --------
    >>> bound = single_photon_coupling(standing_wave_pull(852e-9, 1.3e-3, 0.502), 14e-12, 2e6 * math.pi * 1.28)
    >>> round(bound / (2 * math.pi))  # Hz, usual g0; Møller et al.: 210/√2 = 148.5
    186
    """
    omega = np.asarray(angular_frequency(wavelength))
    metres = np.asarray(checked(length, Range.POSITIVE, "length (m)"))
    return plain(2 * np.asarray(checked(reflectivity, Range.FRACTION, "reflectivity")) * omega / metres)


def single_photon_coupling(pull: ArrayLike, mass: ArrayLike, frequency: ArrayLike) -> Parameter:
    """g₀ = G x_zpf in rad/s, G = |∂ω_c/∂x|, x_zpf = √(ħ/2mΩ) (Rev. Mod. Phys. 86, 1391, Sec. III).

    Examples
    --------
    A mirror of 1 ng at 1 MHz at the end of 1 mm, G = ω/L:

    >>> pull = angular_frequency(1064e-9) / 1e-3
    >>> round(single_photon_coupling(pull, 1e-12, 2e6 * math.pi) / (2 * math.pi))
    816
    """
    slope = np.asarray(checked(pull, Range.NONNEGATIVE, "pull (rad/s/m)"))
    return plain(slope * np.asarray(zero_point_motion(mass, frequency)))
