"""How far below the quantum limit the proposal of Schweer et al. (2022) can go, over which band, and how cold.

The optimiser `backaction.papers.schweer2022.optimum` under the bounds of Sec. V, for bands from 0 to B; the curves of
the best parameters come from the state space.  The thermal force enters by the corrected (43).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import (
    LIGHT,
    MECHANICS,
    NEGATIVE_MASS,
    POSITIVE_MASS,
    REFERENCE,
    SPIN,
    figure,
    house_style,
    panel_label,
)
from backaction.systems.published.schweer2022 import RESONANCE, TABLE_II, CascadeParameters, Order, cascade, table_ii
from backaction.systems.published.schweer2022.losses import reoptimised_limit
from backaction.systems.published.schweer2022.thermal import largest_temperature, required_quality
from backaction.systems.sensing import force_noise

from ..optimum import (
    COUPLINGS,
    DETUNED,
    MIRRORS,
    SENSOR_ALONE,
    STRONG,
    Bounds,
    Optimum,
    band_average,
    best_parameters,
    without_ancilla,
)
from .common import PHASE

__all__ = ["OPTIMUM"]

CASES: dict[str, tuple[Order, Bounds]] = {
    "couplings": (Order.ANCILLA_FIRST, COUPLINGS),
    "mirrors": (Order.ANCILLA_FIRST, MIRRORS),
    "mirrors, twice the couplings": (Order.ANCILLA_FIRST, STRONG),
    "mirrors, detuned cavities": (Order.ANCILLA_FIRST, DETUNED),
    "detuned sensor, no ancilla": (Order.ANCILLA_FIRST, SENSOR_ALONE),
    "mirrors, OMS → NMO": (Order.SENSOR_FIRST, MIRRORS),
}
"""What is free, and the order; resonant cavities where "detuned" is not said."""

_STYLES: dict[str, tuple[str, Any, str]] = {
    "couplings": (MECHANICS, (0, (5, 1.6)), "o"),
    "mirrors": (POSITIVE_MASS, "-", "s"),
    "mirrors, twice the couplings": (SPIN, (0, (5, 1.4, 1, 1.4)), "^"),
    "mirrors, detuned cavities": (LIGHT, (0, (3, 1)), "D"),
    "detuned sensor, no ancilla": ("0.5", (0, (3, 1, 1, 1, 1, 1)), "x"),
    "mirrors, OMS → NMO": (NEGATIVE_MASS, (0, (1, 1)), "v"),
}

SHOWN = 0.5
"""Band (in ω_m) whose best parameters are drawn against frequency."""

_TOP = 1.65
"""Upper edge of the two left panels."""

_REPORTED = (0.1, SHOWN, 0.9)
"""Bands of the report; the dataset has them all."""

COLDEST, HOTTEST = 1e-3, 300.0


def compute(quick: bool) -> xr.Dataset:
    """Best band averages of S_F/S_SQL, the noise of the best parameters, and the quality factors they need."""
    bands = np.array([0.1, SHOWN, 0.9]) if quick else np.array([0.1, 0.2, 0.35, SHOWN, 0.65, 0.8, 0.9])
    optima = {name: _follow(order, bounds, bands) for name, (order, bounds) in CASES.items()}
    names = sorted({name for _, bounds in CASES.values() for name in bounds})
    frequency = np.linspace(0.01, 0.97, 49 if quick else 193)
    temperature = np.geomspace(COLDEST, HOTTEST, 25 if quick else 97)
    shown = [list(bands).index(SHOWN), 0]
    curves = [_ratio(found[shown[0]].parameters, CASES[name][0], frequency) for name, found in optima.items()]
    average = np.array([[o.average for o in found] for found in optima.values()])
    narrow = np.append(average[:, shown[1]], float(band_average(table_ii(), Order.ANCILLA_FIRST, float(bands[0]))))
    margin = np.minimum(narrow, 1 - 1e-3)  # a case that never is below the limit has no quality factor
    quality = required_quality(temperature, RESONANCE, margin[:, None])
    quality = np.where(narrow[:, None] < 1, quality, np.nan)
    values = [[[float(getattr(o.parameters, n)) for n in names] for o in found] for found in optima.values()]
    one = {"units": "1"}
    return xr.Dataset(
        {
            "average": (["case", "band"], average, {**one, "long_name": "average of S_F/S_SQL from 0 to the band"}),
            "stationarity": (["case", "band"], [[o.stationarity for o in f] for f in optima.values()], one),
            "best": (["case", "band", "parameter"], values, {"units": "ω_m"}),
            "noise_over_limit": (["case", "frequency"], np.stack(curves), one),
            "table_ii": ("frequency", _ratio(table_ii(), Order.ANCILLA_FIRST, frequency), one),
            "quality": (["line", "temperature"], quality, {**one, "note": "total noise = limit, at low frequency"}),
            "reduction": ("line", narrow, {**one, "note": "quantum noise over the limit, 0 to 0.1 ω_m"}),
            "floor": ((), _floor(), {**one, "note": "least back action with Table II's losses, κ_a → 0"}),
        },
        {
            "case": ("case", list(CASES), one),
            "band": ("band", bands, {"units": "ω_m"}),
            "parameter": ("parameter", names, one),
            "frequency": ("frequency", frequency, {"units": "ω_m"}),
            "temperature": ("temperature", temperature, {"units": "K"}),
            "line": ("line", [*CASES, "Table II"], one),
        },
        {
            "title": "Schweer et al. 2022: the best parameters under the bounds of Sec. V",
            "bounds": "; ".join(f"{name}: {dict(bounds)}" for name, (_, bounds) in CASES.items()),
        },
    )


def _follow(order: Order, bounds: Bounds, bands: np.ndarray) -> list[Optimum]:
    """Optima of all bands, each begun also at the one before."""
    base = without_ancilla(table_ii()) if bounds is SENSOR_ALONE else table_ii()
    found: list[Optimum] = []
    for band in bands:
        guesses = [found[-1].parameters] if found else []
        found.append(best_parameters(order, float(band), bounds, base, starts=0 if found else 2, guesses=guesses))
    return found


def _ratio(parameters: CascadeParameters, order: Order, frequency: np.ndarray) -> np.ndarray:
    result = force_noise(cascade(order, parameters, unit=1.0), frequency, "sensor", PHASE)
    return np.asarray(result.added_noise / result.sql)


def _floor() -> float:
    table = table_ii()
    losses = (table.escape_c, table.escape_om, table.propagation, table.detection)
    return float(reoptimised_limit(Order.ANCILLA_FIRST, *losses))


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Noise against frequency for one band; best average against the band; quality factor against temperature."""
    picture, (left, middle, right) = figure("double", aspect=0.4, ncols=3)
    for axes, letter in zip((left, middle, right), "abc", strict=True):
        panel_label(axes, letter)
    for axes in (left, middle):
        axes.axhspan(1, _TOP, color="0.91", linewidth=0)
        axes.axhline(1, color=REFERENCE, linewidth=0.9)
        axes.axhline(float(data.floor), color="0.45", linewidth=0.8, linestyle=(0, (1, 1.5)))
    left.plot(data.frequency, data.table_ii, color=REFERENCE, linewidth=1.0)
    for name, (colour, dashes, marker) in _STYLES.items():
        left.plot(data.frequency, data.noise_over_limit.sel(case=name), color=colour, linestyle=dashes)
        middle.plot(data.band, data.average.sel(case=name), color=colour, linestyle=dashes, marker=marker, label=name)
        if np.isfinite(data.quality.sel(line=name)).all():
            right.plot(data.temperature, data.quality.sel(line=name), color=colour, linestyle=dashes)
    right.plot(data.temperature, data.quality.sel(line="Table II"), color=REFERENCE, linewidth=1.0)
    left.set(xlim=(0, 1), ylim=(0, _TOP))
    left.set_xlabel(r"Frequency $\omega$ ($\omega_\mathrm{m}$)")
    left.set_ylabel(r"$S_F/S_\mathrm{SQL}$")
    left.text(0.03, 1.03, "standard quantum limit", fontsize=7)
    left.text(0.03, 0.82, "Table II", fontsize=7)
    middle.text(0.075, float(data.floor) - 0.02, "limit of Table II's losses", fontsize=7, color="0.35", va="top")
    left.text(0.03, 0.96 * _TOP, rf"best from 0 to ${SHOWN}\,\omega_\mathrm{{m}}$", fontsize=7, color="0.25", va="top")
    middle.set(xlim=(0.05, 0.95), ylim=(0, _TOP))
    middle.set_xlabel(r"Bandwidth $B$ ($\omega_\mathrm{m}$)")
    middle.set_ylabel(r"Average of $S_F/S_\mathrm{SQL}$ over $0\ldots B$")
    middle.legend(loc="upper left", fontsize=6.2, title="free parameters", title_fontsize=6.5,
                  alignment="left",
                  handlelength=2.6, labelspacing=0.2, borderaxespad=0.3)  # fmt: skip
    right.set(xscale="log", yscale="log", xlim=(COLDEST, HOTTEST), ylim=(1e2, 1e10))
    right.axhline(TABLE_II_QUALITY, color="0.45", linewidth=0.8, linestyle=(0, (1, 1.5)))
    right.text(250, TABLE_II_QUALITY * 1.3, r"Table II: $Q_\mathrm{m}=1000$", fontsize=7, color="0.35", ha="right")
    right.set_xlabel("Temperature (K)")
    right.set_ylabel(r"Least $Q_\mathrm{m}$ for $S_F+2n+1\leq S_\mathrm{SQL}$")
    return picture


TABLE_II_QUALITY = 1 / TABLE_II["gamma_m"].value


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Best averages, the parameters behind them, and what temperature and quality factor they need."""
    source, found = "Sec. V, bounds", {}
    table = float(data.table_ii[0])
    found["S_F/S_SQL, Table II, low frequency"] = Quantity(table, 0.8, None, "1", "Sec. V", "'20 %', in words")
    found["S_F/S_SQL, limit of Table II's losses"] = Quantity(
        float(data.floor),
        None,
        None,
        "1",
        "module losses",
        "no ancilla is better; κ_a → 0, resonant cavities",
    )
    for name in data.case.values:
        for band in [band for band in data.band.values if band in _REPORTED]:
            value = float(data.average.sel(case=name, band=band))
            slope = float(data.stationarity.sel(case=name, band=band))
            note = f"free: {name}; projected gradient {slope:.0e} per range; average over the band"
            if "detuned" in name:
                note += "; detunings up to ω_m are chosen: an optical spring, most of it without the ancilla"
            found[f"S_F/S_SQL, {name}, 0 to {band:g} ω_m"] = Quantity(value, None, None, "1", source, note)
    for parameter in ("delta_a", "kappa_c", "kappa_om"):
        value = float(data.best.sel(case="mirrors", band=SHOWN, parameter=parameter))
        printed = TABLE_II[parameter].value
        note = f"best for 0 to {SHOWN} ω_m with free mirrors; Table II has {printed:g}"
        found[f"{parameter}, mirrors"] = Quantity(value, None, None, "ω_m", source, note)
    for line in ("Table II", "mirrors"):
        reduction = float(data.reduction.sel(line=line))
        for temperature in (4.0, 300.0):
            need = float(required_quality(temperature, RESONANCE, reduction))
            note = "quantum and thermal noise together at the standard quantum limit, at low frequency"
            found[f"Q_m needed at {temperature:g} K, {line}"] = Quantity(need, None, None, "1", "(43), corrected", note)
        hottest = float(largest_temperature(TABLE_II_QUALITY, RESONANCE, reduction)) * 1e3
        note = "with Q_m = 1000 of Table II; above it nothing is left of the reduction"
        found[f"largest temperature, {line}"] = Quantity(hottest, None, None, "mK", "(43), corrected", note)
    return found


OPTIMUM = Recipe(
    name="schweer2022-optimum",
    title="Schweer et al. 2022: how far below the quantum limit, over which band, and how cold",
    compute=compute,
    draw=draw,
    numbers=numbers,
)
"""The best parameters under the bounds of the paper, and the quality factor and temperature they need."""
