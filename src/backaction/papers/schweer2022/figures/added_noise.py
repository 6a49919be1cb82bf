"""Figures of Schweer et al. (2022): force noise below the standard quantum limit."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, figure, house_style
from backaction.gaussian import Homodyne
from backaction.systems.published.schweer2022 import (
    REDUCTION,
    RESONANCE,
    TABLE_II,
    Order,
    cascade,
    integrated,
)
from backaction.systems.sensing import force_noise

__all__ = ["FIG6"]

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

_UNIT = "ħ m γ_m ω_m"
"""Unit of S_F/Q_m as the paper plots it (Q_m is a number)."""


def compute(quick: bool) -> xr.Dataset:
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
    unit = {"units": _UNIT}
    configuration = ["configuration"]
    return xr.Dataset(
        {
            "added_noise": ([*configuration, "frequency"], noise, {"long_name": "added force noise", **unit}),
            "standard_quantum_limit": ("frequency", limit, unit),
            "spot_noise": ([*configuration, "spot"], spot_noise, unit),
            "spot_limit": ("spot", spot_limit, unit),
        },
        {
            "configuration": ("configuration", list(_CURVES), {"long_name": "order in which light meets them"}),
            "frequency": ("frequency", frequency, {"units": "ω_m"}),
            "spot": ("spot", list(_SPOTS), {"units": "ω_m"}),
            "frequency_hz": ("frequency", frequency * RESONANCE / (2 * np.pi), {"units": "Hz"}),
        },
        {
            "title": "Schweer et al. 2022, Fig. 6, with the parameters of their Table II",
            "convention": "two-sided density of the force, vacuum 1/2; thermal force left out",
            "choice": "fixed power, that of Table II",
            "resonance_hz": RESONANCE / (2 * np.pi),
        },
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Force noise against frequency; the region above the standard quantum limit is shaded, as in the paper."""
    picture, axes = figure("single", aspect=0.8)
    frequency, limit = data.frequency.values, data.standard_quantum_limit.values
    axes.fill_between(frequency, limit, _TOP, where=limit < _TOP, interpolate=True, color="0.91", linewidth=0)
    axes.plot(frequency, limit, color=REFERENCE, linewidth=0.9)
    axes.text(0.058, 1.025, "standard quantum limit", color=REFERENCE)
    for name, (colour, dashes, height) in _CURVES.items():
        curve = data.added_noise.sel(configuration=name).values
        axes.plot(frequency, curve, color=colour, linestyle=dashes)
        axes.text(0.058, height, name, color=colour)
    axes.set(xscale="log", xlim=(frequency[0], frequency[-1]), ylim=(0, _TOP))
    axes.set_xlabel(r"Frequency $\omega$ ($\omega_\mathrm{m}$)")
    axes.set_ylabel(r"Added force noise $S_F/Q_\mathrm{m}$ ($\hbar m\gamma_\mathrm{m}\omega_\mathrm{m}$)")
    ticks = [0.1, 0.2, 0.5, 1.0]
    axes.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    key = "OMS  optomechanical sensor\nNMO  negative-mass oscillator"
    axes.text(0.058, 0.07, key, fontsize=7, color="0.25", linespacing=1.4)
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Return the force noise at the report's frequencies, and the reduction that the paper states in words."""
    found = {}
    for name in data.configuration.values:
        for spot in data.spot.values:
            key = f"S_F/Q_m, {name}, {spot:g} ω_m"
            value = float(data.spot_noise.sel(configuration=name, spot=spot))
            found[key] = Quantity(
                value, None, None, _UNIT, "Fig. 6 and Table II", "fixed power; the paper prints no number"
            )
    lowest = data.isel(spot=0)
    ratio = lowest.spot_noise.sel(configuration=Order.ANCILLA_FIRST.value) / lowest.spot_limit
    key = f"S_F/S_SQL, {Order.ANCILLA_FIRST.value}, low frequency"
    note = f"{REDUCTION.note}; computed at {float(lowest.spot):g} ω_m"
    found[key] = Quantity(float(ratio), REDUCTION.value, None, REDUCTION.unit, REDUCTION.source, note)
    return found


def _normalised(frequency: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Added noise of every configuration and the standard quantum limit, both over Q_m."""
    quality = 1 / TABLE_II["gamma_m"].value
    networks = [cascade(Order.ANCILLA_FIRST), cascade(Order.SENSOR_FIRST), integrated()]
    omega = np.asarray(frequency) * RESONANCE
    results = [force_noise(network, omega, "sensor", Homodyne("out")) for network in networks]
    return np.stack([result.added_noise for result in results]) / quality, results[0].sql / quality


FIG6 = Recipe(
    name="schweer2022-fig6",
    title="Schweer et al. 2022, Fig. 6: a force sensor with coherent cancellation of its back action",
    compute=compute,
    draw=draw,
    numbers=numbers,
)
"""Fig. 6: added force noise of the cascade in both orders and of the integrated setup, with Table II."""
