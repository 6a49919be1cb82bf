"""Area calibration: from the area of a spectrum to the variance of the motion, and what the "x_zpf²" of a paper is.

A phase spectrum above shot noise is S − 1 = 2ηΓ S_XX, so its area over positive frequencies is 2πηΓ⟨X²⟩ (Møller et
al. 2017, below S1).  Without Γ the thermal part serves: its variance is n_th = γ₀n/γ.  **Units**: here ⟨X²⟩ with
[X, P] = i, ½ in the ground state; the variances of that paper are 2⟨X²⟩, though its x_zpf is √(ħ/mΩ) (4.3 for n_th =
2.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import Homodyne, InvalidInput, noise_budget
from backaction.gaussian.arrays import FloatArray, frozen
from backaction.systems import Network
from backaction.systems.grammar import Parameter, Quantity, Range, Unit
from backaction.systems.grammar.fields import parameter

__all__ = ["SpectralAreas", "VarianceUnit", "spectral_areas", "variance_from_area", "variance_from_spectrum"]


class VarianceUnit(Enum):
    """In which unit a variance of the motion is stated; the value is the number for ⟨X²⟩ = 1, [X, P] = i."""

    LIBRARY = 1.0
    """⟨X²⟩; ground state ½."""
    GROUND_STATE = 2.0
    """2⟨X²⟩ = ⟨x²⟩ over that of the ground state: the "x_zpf²" that Møller et al. 2017 print; ground state 1."""


@dataclass(frozen=True, eq=False)
class SpectralAreas:
    """Areas of a spectrum above shot noise, ∫(S − 1)dω in rad/s, in its parts.

    Attributes
    ----------
    total, thermal : array
        All, and what the baths cause.
    uncertainty : array
        Error of each of them by rounding of the model and the spectrum (that of the trapezoidal rule beside it).
    """

    total: FloatArray
    thermal: FloatArray
    uncertainty: FloatArray

    @property
    def back_action(self) -> FloatArray:
        """Total less thermal: all that light causes, the vacuum of losses included."""
        return np.asarray(self.total - self.thermal)


def spectral_areas(network: Network, omega: ArrayLike, detector: Homodyne, *, formal: bool = False) -> SpectralAreas:
    """Areas of a network's spectrum over the given frequencies.

    Parameters
    ----------
    network : Network
    omega : array_like, shape (F,)
        rad/s, increasing; fine against the linewidths (trapezoidal rule).
    detector : Homodyne
    formal : bool
        As in `backaction.gaussian.transfer_matrix`.

    Returns
    -------
    SpectralAreas
        Of the shape of the batch.

    Raises
    ------
    Unstable
        The network has no stationary record (not if `formal`).

    Examples
    --------
    >>> from backaction.systems import MechanicalOscillator
    >>> probe = MechanicalOscillator(mechanical_frequency=1.0, mechanical_linewidth=0.01, readout_rate=0.02,
    ...                              occupation=2.0)
    >>> areas = spectral_areas(Network((probe,)), np.linspace(0.5, 1.5, 4001), Homodyne())
    >>> round(float(areas.back_action / areas.thermal), 6), round(probe.quantum_cooperativity, 6)
    (0.2, 0.2)
    """
    grid = _grid(omega)
    budget = noise_budget(network.system, grid, detector, formal=formal)
    baths = [part for name, part in budget.sources.items() if name.endswith(".bath")]
    thermal = 2 * np.sum(baths, axis=0) if baths else np.zeros_like(budget.total)
    areas = (_integral(values, grid) for values in (2 * budget.total - 1, thermal, 2 * budget.uncertainty))
    return SpectralAreas(*areas)


def variance_from_spectrum(
    omega: ArrayLike,
    spectrum: ArrayLike,
    readout_rate: ArrayLike,
    efficiency: ArrayLike = 1.0,
    unit: VarianceUnit = VarianceUnit.LIBRARY,
) -> FloatArray:
    """Variance of X by the area of a phase spectrum, with a known readout rate.

    Parameters
    ----------
    omega : array_like, shape (F,)
        Positive, increasing, rad/s; what lies outside is left out.
    spectrum : array_like, shape (…, F)
        Shot-noise units (vacuum 1) of a quadrature that carries −√Γ X and no part of what drives X.
    readout_rate, efficiency : array_like, shape (…)
        Γ in rad/s (light vacuum ½) and η from the oscillator to the record.
    unit : VarianceUnit

    Examples
    --------
    >>> from backaction.gaussian import steady_state
    >>> from backaction.systems import SpinOscillator
    >>> spin = SpinOscillator(frequency=-1.0, linewidth=0.05, readout_rate=0.3, occupation=1.0)
    >>> omega = np.linspace(0, 400, 1_000_001)
    >>> measured = 2 * noise_budget(spin.system("spin"), omega, Homodyne()).total
    >>> round(float(variance_from_spectrum(omega, measured, 0.3)), 4)
    3.0
    >>> round(float(steady_state(spin.system("spin")).covariance[0, 0]), 4)
    3.0
    """
    grid = _grid(omega)
    rate = np.asarray(_positive(readout_rate, "readout_rate (rad/s)"))
    share = np.asarray(_positive(efficiency, "efficiency"))
    area = _integral(frozen(spectrum, "spectrum") - 1, grid)
    return np.asarray(unit.value * area / (2 * np.pi * share * rate))


def variance_from_area(
    area: ArrayLike, thermal_area: ArrayLike, occupation: ArrayLike, unit: VarianceUnit = VarianceUnit.LIBRARY
) -> FloatArray:
    """Variance of the motion that an area stands for, calibrated by its thermal part.

    Parameters
    ----------
    area, thermal_area : array_like
        Any area, and that of the bath's noise, in one unit.
    occupation : array_like
        n_th = γ₀n/γ, the bath's contribution to ⟨X²⟩ (`EffectiveOccupation.thermal`).
    unit : VarianceUnit

    Examples
    --------
    Møller et al. 2017, Fig. 3: a total of 11.6 with a thermal part of 4.3, for n_th = 2.1:

    >>> round(float(variance_from_area(11.6, 4.3, 2.1, VarianceUnit.GROUND_STATE)), 1)
    11.3
    """
    whole = np.asarray(area, dtype=np.float64)
    reference = np.asarray(_positive(thermal_area, "thermal_area"))
    return np.asarray(unit.value * np.asarray(_positive(occupation, "occupation")) * whole / reference)


def _grid(omega: ArrayLike) -> FloatArray:
    grid = frozen(omega, "omega")
    if grid.ndim != 1 or grid.size < 2 or not (np.diff(grid) > 0).all():
        raise InvalidInput(f"an area needs a list of at least two increasing frequencies, got the shape {grid.shape}")
    return grid


def _integral(values: FloatArray, grid: FloatArray) -> FloatArray:
    return np.asarray(np.trapezoid(values, grid, axis=-1))


def _positive(value: ArrayLike, what: str) -> Parameter:
    return parameter(value, Quantity(Unit.NUMBER, Range.POSITIVE), what)
