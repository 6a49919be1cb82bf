"""Schweer et al. 2022, Fig. 6: a force sensor with coherent cancellation of its back action."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, beside, computed
from backaction.figures.style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, Figure, figure, plain_ticks
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.schweer2022 import REDUCTION, RESONANCE, TABLE_II, Order, cascade, integrated
from backaction.systems.sensing import force_noise

from ..envelopes import FREQUENCY, PHASE, UNIT

__all__ = ["compute", "draw", "numbers"]

_CURVES = {
    Order.ANCILLA_FIRST.value: (MECHANICS, (0, (5, 1.6)), 0.83),
    Order.SENSOR_FIRST.value: (NEGATIVE_MASS, (0, (5, 1.4, 1, 1.4)), 1.41),
    "integrated": (POSITIVE_MASS, "-", 0.675),
}
"""Colour and dashes as in the paper (blue dashed, orange dash-dotted, green), and the height of the name."""

_TOP = 1.55
"""Upper edge of the picture; beyond, the noise above resonance only rises."""

_SPOTS = (0.001, 0.1, 0.5, 1.0)
"""Frequencies (in units of ω_m) whose values the report lists."""


def compute(quick: bool) -> Dataset:
    """Return the added force noise of the three configurations with Table II, over Q_m, without thermal force.

    Returns
    -------
    xarray.Dataset
        `added_noise` (configuration, frequency) and `standard_quantum_limit` (frequency); the same at the
        spots of the report as `spot_noise` and `spot_limit`.  Frequencies in units of ω_m.
    """
    frequency = np.geomspace(0.05, 1.7, 101 if quick else 801)
    noise, limit = _normalised(frequency)
    spot_noise, spot_limit = _normalised(_SPOTS)
    data = dataset(
        {
            "added_noise": ("configuration frequency", noise, UNIT, "added force noise"),
            "standard_quantum_limit": ("frequency", limit, UNIT),
            "spot_noise": ("configuration spot", spot_noise, UNIT),
            "spot_limit": ("spot", spot_limit, UNIT),
        },
        {
            "configuration": (list(_CURVES), "1", "order in which light meets them"),
            "frequency": (frequency, "ω_m"),
            "spot": (list(_SPOTS), "ω_m"),
        },
        convention="two-sided density of the force, vacuum 1/2; thermal force left out",
        choice="fixed power, that of Table II",
        resonance_hz=RESONANCE / (2 * np.pi),
    )
    return data.assign_coords(frequency_hz=("frequency", frequency * RESONANCE / (2 * np.pi), {"units": "Hz"}))


def draw(data: Dataset) -> Figure:
    """Force noise against frequency; the region above the standard quantum limit is shaded, as in the paper."""
    picture, axes = figure("single", aspect=0.8)
    frequency, limit = data.frequency.values, data.standard_quantum_limit.values
    axes.fill_between(frequency, limit, _TOP, where=limit < _TOP, interpolate=True, color="0.91", linewidth=0)
    axes.plot(frequency, limit, color=REFERENCE, linewidth=0.9)
    axes.text(0.058, 1.025, "standard quantum limit", color=REFERENCE)
    for name, (colour, dashes, height) in _CURVES.items():
        axes.plot(frequency, data.added_noise.sel(configuration=name), color=colour, linestyle=dashes)
        axes.text(0.058, height, name, color=colour)
    axes.set(xscale="log", xlim=(frequency[0], frequency[-1]), ylim=(0, _TOP), xlabel=FREQUENCY)
    axes.set_ylabel(r"Added force noise $S_F/Q_\mathrm{m}$ ($\hbar m\gamma_\mathrm{m}\omega_\mathrm{m}$)")
    plain_ticks(axes, "x", [0.1, 0.2, 0.5, 1.0])
    key = "OMS  optomechanical sensor\nNMO  negative-mass oscillator"
    axes.text(0.058, 0.07, key, fontsize=7, color="0.25", linespacing=1.4)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return the force noise at the report's frequencies, and the reduction that the paper states in words."""
    source, note = "Fig. 6 and Table II", "fixed power; the paper prints no number"
    found = {
        f"S_F/Q_m, {name}, {spot:g} ω_m": computed(
            data.spot_noise.sel(configuration=name, spot=spot), source, note, UNIT
        )
        for name in _CURVES
        for spot in _SPOTS
    }
    lowest, first = data.isel(spot=0), Order.ANCILLA_FIRST.value
    ratio = lowest.spot_noise.sel(configuration=first) / lowest.spot_limit
    note = f"{REDUCTION.note}; computed at {float(lowest.spot):g} ω_m"
    return found | {f"S_F/S_SQL, {first}, low frequency": beside(ratio, REDUCTION, note)}


def _normalised(frequency: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Added noise of every configuration and the standard quantum limit, both over Q_m."""
    quality = 1 / TABLE_II["gamma_m"].value
    networks = [cascade(Order.ANCILLA_FIRST), cascade(Order.SENSOR_FIRST), integrated()]
    results = [force_noise(network, np.asarray(frequency) * RESONANCE, "sensor", PHASE) for network in networks]
    return np.stack([result.added_noise for result in results]) / quality, results[0].sql / quality
