"""The areas of Møller et al. 2017 as polynomials in what is not printed, so that a grid of them costs nothing.

With (a, b) the response of the measured quadrature to X and P of the light behind the spin, at η1 = η2 = 1, the
light's part of (S31) is |a ± bΓ_S χ_S|² + |b|² and the spin's thermal part 4Γ_S γ_S (n_S + ½)|bχ_S|².  So for every
column and mode matching five integrals over the span hold all areas, exactly:

    above shot noise = η2 {η1 [±c Γ_S + s Γ_S² + 4γ_S (n_S + ½) s Γ_S] + m + t (n_bath + ½)},

c = 2 Re ∫ a* b χ_S (the interference), s = ∫ |bχ_S|², m the membrane's own back action, t its bath.  The upper sign is
that of χ_S, which is odd in the mass.  White noise on X alone, above that of the vacuum, gives ∫ |a ± bΓ_S χ_S|².
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, LinkLoss, matched_readout_rate, parameters
from backaction.systems.published.moller2017.formulas import (
    HybridParameters,
    cavity_noise,
    cavity_transfer,
    effective_pole,
    output_phase,
    spin_susceptibility,
)

__all__ = [
    "HALF_SPAN",
    "POINTS",
    "RATIOS",
    "AreaModel",
    "ModelAreas",
    "area_model",
    "column_areas",
    "ratios_to_membrane",
    "rotated_back_action",
]

RATIOS = ("back_action_negative", "total_negative", "thermal_negative", "back_action_positive")
"""The order of the four ratios to the membrane alone."""

HALF_SPAN = 2 * np.pi * 40e3
POINTS = 801
"""Samples over the span, 100 Hz apart against linewidths of kHz: the ratios are good to 1e-7."""


@dataclass(frozen=True, eq=False)
class ModelAreas:
    """Areas above shot noise, in rad/s at η2 = 1; arrays of the shape of the parameters that were asked.

    Attributes
    ----------
    back_action : array
        All that is neither bath: light, and the vacuum that the losses let in.
    spin, membrane : array
        The thermal parts.
    """

    back_action: FloatArray
    spin: FloatArray
    membrane: FloatArray

    @property
    def thermal(self) -> FloatArray:
        """Both baths."""
        return self.spin + self.membrane

    @property
    def total(self) -> FloatArray:
        """Back action and both baths."""
        return self.back_action + self.thermal


@dataclass(frozen=True, eq=False)
class AreaModel:
    """Five integrals of one chain: see the module.

    Attributes
    ----------
    cross, square, drive : float
        c, s and ∫|a|², for a spin of positive mass.
    membrane, bath : float
        m and t.
    spin_halfwidth, matched_rate : float
        γ_S and Γ_M L0², in rad/s and the paper's convention.
    """

    cross: float
    square: float
    drive: float
    membrane: float
    bath: float
    spin_halfwidth: float
    matched_rate: float

    def areas(
        self,
        mass: int,
        rate: ArrayLike,
        occupation: ArrayLike,
        link_efficiency: ArrayLike,
        bath_occupation: ArrayLike,
    ) -> ModelAreas:
        """Areas for a mass of ±1 (0: without the spin), Γ_S in rad/s, n_S, η1 and n_bath; they broadcast."""
        gamma, eta = np.asarray(rate, dtype=np.float64), np.asarray(link_efficiency, dtype=np.float64)
        probe = gamma * abs(mass)
        light = eta * (mass * self.cross * gamma + self.square * probe**2) + self.membrane
        spin = eta * 4 * self.spin_halfwidth * (np.asarray(occupation) + 0.5) * self.square * probe
        return ModelAreas(light, spin, self.bath * (np.asarray(bath_occupation, dtype=np.float64) + 0.5))

    def classical_reduction(self, rate: ArrayLike, mass: int = -1) -> FloatArray:
        """1 − area of a classical drive on X with the spin over that without it; free of η1, η2, n_S and n_bath."""
        gamma = np.asarray(rate, dtype=np.float64)
        return np.asarray(-(mass * self.cross * gamma + self.square * gamma**2) / self.drive)


def ratios_to_membrane(areas: Mapping[int, ModelAreas]) -> FloatArray:
    """The four `RATIOS` of areas by mass (−1, 1, and 0 for the membrane alone), shape (…, 4)."""
    negative, alone, positive = (areas[mass] for mass in (-1, 0, 1))
    ratios = [
        negative.back_action / alone.back_action,
        negative.total / alone.total,
        negative.thermal / alone.thermal,
        positive.back_action / alone.back_action,
    ]
    return np.stack(np.broadcast_arrays(*ratios), axis=-1)


def area_model(p: HybridParameters) -> AreaModel:
    """The five integrals for one chain; Γ_S, n_S, η1, η2, n_bath and the sign of the mass in `p` are not used.

    Examples
    --------
    >>> p = parameters("fig3")
    >>> model = area_model(p)
    >>> found = model.areas(-1, p.spin_readout_rate, p.spin_occupation, p.link_efficiency, p.bath_occupation)
    >>> alone = model.areas(0, 0.0, 0.0, 1.0, p.bath_occupation)
    >>> round(float(found.total / alone.total), 3)
    0.949
    """
    p = replace(p, spin_frequency=np.abs(p.spin_frequency))
    omega = effective_pole(p).real + np.linspace(-HALF_SPAN, HALF_SPAN, POINTS)
    angle = output_phase(p)
    row = np.array([-np.sin(angle), np.cos(angle)])
    c, s = np.cos(p.link_rotation), np.sin(p.link_rotation)
    through = row @ cavity_transfer(p, omega)
    a, b = np.moveaxis(through @ np.array([[c, -s], [s, c]]), -1, 0)
    vacuum, bath = cavity_noise(p, omega)
    chi = spin_susceptibility(p, omega)
    own = np.abs(a) ** 2 + np.abs(b) ** 2 + np.sum(np.abs(row @ vacuum) ** 2, axis=-1) - 1

    def area(density: FloatArray) -> float:
        return float(np.trapezoid(density, omega))

    return AreaModel(
        cross=area(2 * np.real(a.conj() * b * chi)),
        square=area(np.abs(b * chi) ** 2),
        drive=area(np.abs(a) ** 2),
        membrane=area(own),
        bath=area(4 * np.abs(bath @ row) ** 2),  # a force of density n + ½ against light of ¼
        spin_halfwidth=float(p.spin_halfwidth),
        matched_rate=float(matched_readout_rate(p)),
    )


def rotated_back_action(
    p: HybridParameters, spin_frequencies: ArrayLike, rotations: ArrayLike, readout_rate: ArrayLike, mass: int = -1
) -> FloatArray:
    """Lossless-link back action over the membrane's own, for spin frequencies (D,) and link rotations (A,): (D, A).

    As `area_model` with η1 = 1, but the rotation enters by integrals that are shared by all angles.
    """
    omega = effective_pole(p).real + np.linspace(-HALF_SPAN, HALF_SPAN, POINTS)
    angle = output_phase(p)
    through = np.array([-np.sin(angle), np.cos(angle)]) @ cavity_transfer(p, omega)
    frequency = np.abs(np.asarray(spin_frequencies, dtype=np.float64))[:, None]
    chi = spin_susceptibility(replace(p, spin_frequency=frequency), omega)
    turn = np.asarray(rotations, dtype=np.float64)
    first = np.stack([np.cos(turn), np.sin(turn)], axis=-1)  # a = through · first, b = through · second
    second = np.stack([-np.sin(turn), np.cos(turn)], axis=-1)
    pairs = through.conj()[:, :, None] * through[:, None, :]
    once, twice = (np.trapezoid(pairs * weight[..., None, None], omega, axis=1) for weight in (chi, np.abs(chi) ** 2))
    cross = 2 * np.einsum("ai,dij,aj->da", first, once, second).real
    square = np.einsum("ai,dij,aj->da", second, twice, second).real
    rate = np.asarray(readout_rate, dtype=np.float64)
    return np.asarray(1 + (mass * cross * rate + square * rate**2) / area_model(p).membrane)


@cache
def column_areas(column: str, link: LinkLoss) -> AreaModel:
    """`area_model` of a column in one bookkeeping of the link, computed once.

    Raises
    ------
    InvalidInput
        There is no such column.
    """
    return area_model(parameters(COLUMNS.get(column, column), link=link))
