"""Caesium and far-detuned light: scalar, vector and tensor polarisability, Faraday coupling, scattering.

H = α[(a₀/a₁) Φ + S_z J_z + (a₂/a₁)(Φ J_z² − S₋J₊² − S₊J₋²)] with the Stokes operators of the light (S_x = Φ/2 for x)
and a_k(Δ) of F = 4 on the D2 line (Hammerer, Sørensen & Polzik, Rev. Mod. Phys. 82, 1041 (2010), Sec. II; Møller et
al. 2017, S18-S19).  Detunings are **blue > 0**, from F = 4 → F' = 5, in rad/s.  a₀ → 4, a₁ → 1, a₂ → 0 far away.

**The area** is the cross-section that the atoms fill, not that of the beam: they cross the beam many times within the
oscillator's coherence, and see its mean over the cell.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput
from backaction.systems.grammar import Parameter, Range
from backaction.systems.grammar.units import MHz

from .caesium import D2_LINEWIDTH, EXCITED_SPLITTINGS, GROUND_SPIN, LINE_STRENGTHS, probe_wavelength
from .numbers import checked, plain
from .polarisation import populations

__all__ = [
    "Estimate",
    "faraday_coupling",
    "scalar_polarisability",
    "scattering_rate",
    "tensor_coupling",
    "tensor_polarisability",
    "vector_polarisability",
]

DOPPLER_HALFWIDTH = 200 * MHz
"""Half width of the Doppler profile of a warm vapour (Møller et al. 2017, SI-A)."""

NEAREST = 2.5 * DOPPLER_HALFWIDTH
"""Closer to a line than this, absorption and the thermal motion count, which these formulas leave out."""

ANGLE_UNCERTAINTY = math.radians(2.0)
"""How well the angle of a linear polarisation is set, where nothing better is known."""


class Estimate(NamedTuple):
    """A number that is known only roughly, and how roughly (one standard error)."""

    value: Parameter
    uncertainty: Parameter


def scalar_polarisability(detuning: ArrayLike) -> Parameter:
    """a₀ = ¼[8 + 7/(1 + Δ₄₅/Δ) + 1/(1 + Δ₃₅/Δ)], → 4.

    Examples
    --------
    >>> from backaction.systems import GHz
    >>> round(scalar_polarisability(1000 * GHz), 3)
    3.999
    """
    return _weighted(detuning, 8 / 4, 7 / 4, 1 / 4)


def vector_polarisability(detuning: ArrayLike) -> Parameter:
    """a₁ = [176 − 21/(1 + Δ₄₅/Δ) − 35/(1 + Δ₃₅/Δ)]/120, → 1: the Faraday rotation (α₁ of S19).

    Parameters
    ----------
    detuning : array_like
        Δ, blue > 0, rad/s.

    Raises
    ------
    InvalidInput
        The light is within 0.5 GHz of a line.

    Examples
    --------
    >>> from backaction.systems import GHz
    >>> round(vector_polarisability(3 * GHz), 4), round(vector_polarisability(-3 * GHz), 4)
    (1.0517, 0.9322)
    """
    return _weighted(detuning, 176 / 120, -21 / 120, -35 / 120)


def tensor_polarisability(detuning: ArrayLike) -> Parameter:
    """a₂ = [16 − 21/(1 + Δ₄₅/Δ) + 5/(1 + Δ₃₅/Δ)]/240, → 0 as 1/Δ.

    Examples
    --------
    >>> from backaction.systems import GHz
    >>> round(tensor_polarisability(3 * GHz), 5)
    0.00403
    """
    return _weighted(detuning, 16 / 240, -21 / 240, 5 / 240)


def faraday_coupling(detuning: ArrayLike, area: ArrayLike, vector: ArrayLike | None = None) -> Parameter:
    """α = (Γ_sp/8AΔ)(λ²/2π) a₁ (Møller et al. 2017, S19), rad per photon and unit spin.

    Parameters
    ----------
    detuning : array_like
        Δ, rad/s.
    area : array_like
        A in m²: the cross-section of the cell or channel (see the module).
    vector : array_like, optional
        a₁; default `vector_polarisability`.  The paper's own estimate takes 1.

    Examples
    --------
    >>> from backaction.systems import GHz
    >>> f"{faraday_coupling(3 * GHz, 300e-6**2, vector=1.0):.3e}"
    '2.802e-10'
    """
    delta = np.asarray(_far(detuning))
    section = np.asarray(checked(area, Range.POSITIVE, "area (m²)"))
    a1 = vector_polarisability(detuning) if vector is None else checked(vector, Range.ANY, "vector polarisability")
    wavelength = np.asarray(probe_wavelength(detuning))
    return plain(D2_LINEWIDTH.angular / (8 * section * delta) * wavelength**2 / (2 * math.pi) * a1)


def scattering_rate(flux: ArrayLike, detuning: ArrayLike, area: ArrayLike) -> Parameter:
    """Photons that one atom scatters per second: (Φ/A)(λ²/π)(Γ_sp/2)² Σ_F' s_F'/Δ_F'², linear polarisation.

    λ²/π = 2·λ²/2π is the resonant cross-section of J = ½ → 3/2, s_F' are the line strengths; the mean over the levels
    m, low saturation.

    Parameters
    ----------
    flux : array_like
        Φ in 1/s.
    detuning, area : array_like
        As in `faraday_coupling`.

    Examples
    --------
    >>> from backaction.systems import GHz
    >>> round(scattering_rate(7.294e15, 3 * GHz, 300e-6**2))
    13304
    """
    delta = np.asarray(_far(detuning))
    section = np.asarray(checked(area, Range.POSITIVE, "area (m²)"))
    photons = np.asarray(checked(flux, Range.NONNEGATIVE, "photon flux (1/s)"))
    lines = sum(strength / (delta + _offset(level)) ** 2 for level, strength in LINE_STRENGTHS.items())
    cross_section = np.asarray(probe_wavelength(detuning)) ** 2 / math.pi * (D2_LINEWIDTH.angular / 2) ** 2 * lines
    return plain(photons / section * cross_section)


def tensor_coupling(
    detuning: ArrayLike,
    polarisation: ArrayLike,
    angle: ArrayLike,
    angle_uncertainty: float = ANGLE_UNCERTAINTY,
) -> Estimate:
    """ζ of H = √Γ(X X_L + ζ P P_L), estimated from the tensor polarisability: −2c (a₂/a₁) cos 2θ.

    c = (3⟨m²⟩ − F(F+1))/⟨m⟩ is what {J_x, J_y} does to the mean spin per unit of what J_y does; 2F − 1 = 7 at full
    polarisation, where this is exact.

    Parameters
    ----------
    detuning : array_like
        Δ, blue > 0, rad/s.
    polarisation : array_like
        p in (0, 1], at spin temperature.
    angle : array_like
        θ between the linear polarisation of the probe and the spin, rad.
    angle_uncertainty : float
        Standard error of θ, rad; default 2°.

    Returns
    -------
    Estimate
        ζ and its uncertainty: that of the angle, and half the change from the polarised c to 2F − 1, in quadrature
        (below full polarisation alignment is a variable of its own, which one oscillator does not have).

    Examples
    --------
    Møller et al. 2017: "on the few percent level", at an angle chosen near the magic one:

    >>> from backaction.systems import GHz
    >>> estimate = tensor_coupling(3 * GHz, 0.60, math.radians(55))
    >>> round(estimate.value, 3), round(estimate.uncertainty, 3)
    (0.008, 0.005)
    """
    share, m = populations(polarisation), GROUND_SPIN - np.arange(2 * GROUND_SPIN + 1)
    ratio = -2 * np.asarray(tensor_polarisability(detuning)) / np.asarray(vector_polarisability(detuning))
    partial = (3 * (share @ m**2) - GROUND_SPIN * (GROUND_SPIN + 1)) / (share @ m)
    full = 2 * GROUND_SPIN - 1
    theta = np.asarray(checked(angle, Range.ANY, "angle (rad)"))
    value = ratio * partial * np.cos(2 * theta)
    by_angle = ratio * partial * 2 * np.sin(2 * theta) * angle_uncertainty
    by_model = ratio * (full - partial) / 2 * np.cos(2 * theta)
    return Estimate(plain(value), plain(np.hypot(by_angle, by_model)))


def _weighted(detuning: ArrayLike, *weights: float) -> Parameter:
    delta = np.asarray(_far(detuning))
    return plain(sum(weight / (1 + _offset(level) / delta) for level, weight in zip((5, 4, 3), weights, strict=True)))


def _offset(level: int) -> float:
    """How much farther blue light is detuned from F' than from F' = 5, rad/s."""
    return EXCITED_SPLITTINGS[level].angular if level in EXCITED_SPLITTINGS else 0.0


def _far(detuning: ArrayLike) -> FloatArray:
    delta = np.asarray(checked(detuning, Range.ANY, "detuning (rad/s)"))
    nearest = np.min([np.abs(delta + _offset(level)) for level in LINE_STRENGTHS], axis=0)
    if (nearest < NEAREST).any():
        raise InvalidInput(
            f"the probe is {np.min(nearest) / MHz:.4g} MHz from a line of F = 4 → F'; within {NEAREST / MHz:.0f} MHz "
            "absorption and Doppler broadening are not negligible and these polarisabilities do not hold; detune "
            "further (detunings count from F' = 5, blue > 0)"
        )
    return delta
