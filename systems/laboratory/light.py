"""Light: power and photon flux, the photons that a power keeps in a cavity, and efficiencies in a row.

Powers are in W, wavelengths in m (vacuum), fluxes in 1/s, linewidths full, detunings Δ = ω_laser − ω_cavity in rad/s.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from backaction.systems.constants import HBAR, SPEED_OF_LIGHT
from backaction.systems.grammar import Parameter, Range

from .numbers import checked, plain

__all__ = [
    "angular_frequency",
    "input_power",
    "intracavity_photons",
    "optical_power",
    "overall_efficiency",
    "photon_flux",
]


def angular_frequency(wavelength: ArrayLike) -> Parameter:
    """ω = 2πc/λ of light with the vacuum wavelength λ, rad/s; also λ of an ω, the formula being its own inverse.

    Examples
    --------
    >>> round(angular_frequency(852.349e-9) / (2e12 * math.pi), 3)  # THz
    351.725
    """
    length = checked(wavelength, Range.POSITIVE, "wavelength (m)")
    return plain(2 * math.pi * SPEED_OF_LIGHT / np.asarray(length))


def photon_flux(power: ArrayLike, wavelength: ArrayLike) -> Parameter:
    """Φ = P/(ħω), photons per second.

    Examples
    --------
    >>> f"{photon_flux(1.7e-3, 852.349e-9):.3e}"
    '7.294e+15'
    """
    watts = checked(power, Range.NONNEGATIVE, "power (W)")
    return plain(np.asarray(watts) / (HBAR * np.asarray(angular_frequency(wavelength))))


def optical_power(flux: ArrayLike, wavelength: ArrayLike) -> Parameter:
    """P = Φħω in W, the inverse of `photon_flux`.

    Examples
    --------
    >>> round(optical_power(photon_flux(1.7e-3, 852e-9), 852e-9), 12)
    0.0017
    """
    rate = checked(flux, Range.NONNEGATIVE, "photon flux (1/s)")
    return plain(np.asarray(rate) * HBAR * np.asarray(angular_frequency(wavelength)))


def intracavity_photons(
    power: ArrayLike,
    wavelength: ArrayLike,
    cavity_linewidth: ArrayLike,
    input_linewidth: ArrayLike,
    detuning: ArrayLike = 0.0,
) -> Parameter:
    """N = κ₁Φ/(κ²/4 + Δ²): mean photons in a cavity that is driven with a power.

    Parameters
    ----------
    power : array_like
        P before the input mirror, W.
    wavelength : array_like
        m.
    cavity_linewidth, input_linewidth : array_like
        κ of all losses and κ₁ into the driving mode, full widths, rad/s.  With imperfect mode matching
        κ₁ = mode matching × input fraction × κ, as in `OptomechanicalCavity.kappa1`.
    detuning : array_like
        Δ, rad/s.

    Notes
    -----
    Aspelmeyer, Kippenberg & Marquardt, Rev. Mod. Phys. 86, 1391 (2014), Sec. II.A.

    Examples
    --------
    Table I of Møller et al. 2017 prints 5.7e6 for 54 µW:

    >>> from backaction.systems import MHz
    >>> kappa = 17.4 * MHz
    >>> f"{intracavity_photons(54e-6, 852.349e-9, kappa, 0.9 * 25 / 26 * kappa, -4.7 * MHz):.2e}"
    '5.68e+06'
    """
    return plain(np.asarray(photon_flux(power, wavelength)) * _build_up(cavity_linewidth, input_linewidth, detuning))


def input_power(
    photons: ArrayLike,
    wavelength: ArrayLike,
    cavity_linewidth: ArrayLike,
    input_linewidth: ArrayLike,
    detuning: ArrayLike = 0.0,
) -> Parameter:
    """The power in W that keeps N photons in the cavity, the inverse of `intracavity_photons`.

    Examples
    --------
    >>> round(input_power(intracavity_photons(54e-6, 852e-9, 1e8, 9e7, -3e7), 852e-9, 1e8, 9e7, -3e7), 12)
    5.4e-05
    """
    number = checked(photons, Range.NONNEGATIVE, "photon number")
    flux = np.asarray(number) / _build_up(cavity_linewidth, input_linewidth, detuning)
    return optical_power(flux, wavelength)


def overall_efficiency(*stages: ArrayLike) -> Parameter:
    """Product of efficiencies in a row, each a fraction of power in [0, 1].

    A homodyne visibility V counts as V² if it is the overlap of amplitudes, and once if it is quoted as an
    efficiency; Møller et al. 2017 multiply 0.72 × 0.89 once.

    Examples
    --------
    >>> round(overall_efficiency(0.72, 0.89), 4)
    0.6408
    """
    product = np.ones(())
    for position, stage in enumerate(stages):
        product = product * np.asarray(checked(stage, Range.FRACTION, f"efficiency of stage {position}"))
    return plain(product)


def _build_up(cavity_linewidth: ArrayLike, input_linewidth: ArrayLike, detuning: ArrayLike) -> np.ndarray:
    """Photons in the cavity per photon/s, in s."""
    kappa = np.asarray(checked(cavity_linewidth, Range.POSITIVE, "cavity_linewidth (rad/s)"))
    port = np.asarray(checked(input_linewidth, Range.POSITIVE, "input_linewidth (rad/s)"))
    delta = np.asarray(checked(detuning, Range.ANY, "detuning (rad/s)"))
    checked(port / kappa, Range.FRACTION, "input_linewidth/cavity_linewidth")
    return np.asarray(port / (kappa**2 / 4 + delta**2))
