"""Schweer et al. 2022: how far below the quantum limit, over which band, and how cold.

The optimiser `backaction.papers.schweer2022.optimum` under the bounds of Sec. V, for bands from 0 to B; the curves of
the best parameters come from the state space.  The thermal force enters by the corrected (43).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import LIGHT, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, SPIN, Figure, figure
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.schweer2022 import RESONANCE, TABLE_II, Order, table_ii
from backaction.systems.published.schweer2022.losses import reoptimised_limit
from backaction.systems.published.schweer2022.thermal import largest_temperature, required_quality

from .. import optimum
from ..envelopes import FREQUENCY, over_limit
from ..optimum import Bounds, Optimum, band_average, best_parameters

__all__ = ["compute", "draw", "numbers"]

CASES: dict[str, tuple[Order, Bounds, str, Any, str]] = {
    "couplings": (Order.ANCILLA_FIRST, optimum.COUPLINGS, MECHANICS, (0, (5, 1.6)), "o"),
    "mirrors": (Order.ANCILLA_FIRST, optimum.MIRRORS, POSITIVE_MASS, "-", "s"),
    "mirrors, twice the couplings": (Order.ANCILLA_FIRST, optimum.STRONG, SPIN, (0, (5, 1.4, 1, 1.4)), "^"),
    "mirrors, detuned cavities": (Order.ANCILLA_FIRST, optimum.DETUNED, LIGHT, (0, (3, 1)), "D"),
    "detuned sensor, no ancilla": (Order.ANCILLA_FIRST, optimum.SENSOR_ALONE, "0.5", (0, (3, 1, 1, 1, 1, 1)), "x"),
    "mirrors, OMS → NMO": (Order.SENSOR_FIRST, optimum.MIRRORS, NEGATIVE_MASS, (0, (1, 1)), "v"),
}
"""Order, what is free, colour, dashes and marker; resonant cavities where "detuned" is not said."""

SHOWN = 0.5
"""Band (in ω_m) whose best parameters are drawn against frequency."""

_TOP = 1.65
"""Upper edge of the two left panels."""

_REPORTED = (0.1, SHOWN, 0.9)
"""Bands of the report; the dataset has them all."""

COLDEST, HOTTEST = 1e-3, 300.0
TABLE_II_QUALITY = 1 / TABLE_II["gamma_m"].value


def compute(quick: bool) -> Dataset:
    """Best band averages of S_F/S_SQL, the noise of the best parameters, and the quality factors they need."""
    bands = np.array(_REPORTED if quick else [0.1, 0.2, 0.35, SHOWN, 0.65, 0.8, 0.9])
    optima = {name: _follow(order, bounds, bands) for name, (order, bounds, *_) in CASES.items()}
    names = sorted({name for _, bounds, *_ in CASES.values() for name in bounds})
    frequency = np.linspace(0.01, 0.97, 49 if quick else 193)
    temperature = np.geomspace(COLDEST, HOTTEST, 25 if quick else 97)
    shown = list(bands).index(SHOWN)
    curves = [over_limit(found[shown].parameters, CASES[name][0], frequency) for name, found in optima.items()]
    average = np.array([[one.average for one in found] for found in optima.values()])
    narrow = np.append(average[:, 0], band_average(table_ii(), Order.ANCILLA_FIRST, float(bands[0])))
    margin = np.minimum(narrow, 1 - 1e-3)  # a case that never is below the limit has no quality factor
    quality = np.where(narrow[:, None] < 1, required_quality(temperature, RESONANCE, margin[:, None]), np.nan)
    values = [[[float(getattr(one.parameters, n)) for n in names] for one in found] for found in optima.values()]
    return dataset(
        {
            "average": ("case band", average, "1", "average of S_F/S_SQL from 0 to the band"),
            "stationarity": ("case band", [[one.stationarity for one in found] for found in optima.values()]),
            "best": ("case band parameter", values, "ω_m"),
            "noise_over_limit": ("case frequency", curves),
            "table_ii": ("frequency", over_limit(table_ii(), Order.ANCILLA_FIRST, frequency)),
            "quality": ("line temperature", quality, "1", "total noise = limit, at low frequency"),
            "reduction": ("line", narrow, "1", "quantum noise over the limit, 0 to 0.1 ω_m"),
            "floor": ("", _floor(), "1", "least back action with Table II's losses, κ_a → 0"),
        },
        {
            "case": list(CASES),
            "band": (bands, "ω_m"),
            "parameter": names,
            "frequency": (frequency, "ω_m"),
            "temperature": (temperature, "K"),
            "line": [*CASES, "Table II"],
        },
        bounds="; ".join(f"{name}: {dict(bounds)}" for name, (_, bounds, *_) in CASES.items()),
    )


def _follow(order: Order, bounds: Bounds, bands: FloatArray) -> list[Optimum]:
    """Optima of all bands, each begun also at the one before."""
    base = optimum.without_ancilla(table_ii()) if bounds is optimum.SENSOR_ALONE else table_ii()
    found: list[Optimum] = []
    for band in bands:
        guesses = [found[-1].parameters] if found else []
        found.append(best_parameters(order, float(band), bounds, base, starts=0 if found else 2, guesses=guesses))
    return found


def _floor() -> float:
    table = table_ii()
    losses = (table.escape_c, table.escape_om, table.propagation, table.detection)
    return float(reoptimised_limit(Order.ANCILLA_FIRST, *losses))


def draw(data: Dataset) -> Figure:
    """Noise against frequency for one band; best average against the band; quality factor against temperature."""
    picture, (left, middle, right) = figure("double", aspect=0.4, letters=True, ncols=3)
    dotted = {"color": "0.45", "linewidth": 0.8, "linestyle": (0, (1, 1.5))}
    for axes in (left, middle):
        axes.axhspan(1, _TOP, color="0.91", linewidth=0)
        axes.axhline(1, color=REFERENCE, linewidth=0.9)
        axes.axhline(float(data.floor), **dotted)
    left.plot(data.frequency, data.table_ii, color=REFERENCE, linewidth=1.0)
    for name, (*_, colour, dashes, marker) in CASES.items():
        left.plot(data.frequency, data.noise_over_limit.sel(case=name), color=colour, linestyle=dashes)
        middle.plot(data.band, data.average.sel(case=name), color=colour, linestyle=dashes, marker=marker, label=name)
        if np.isfinite(data.quality.sel(line=name)).all():
            right.plot(data.temperature, data.quality.sel(line=name), color=colour, linestyle=dashes)
    right.plot(data.temperature, data.quality.sel(line="Table II"), color=REFERENCE, linewidth=1.0)
    left.set(xlim=(0, 1), ylim=(0, _TOP), xlabel=FREQUENCY, ylabel=r"$S_F/S_\mathrm{SQL}$")
    left.text(0.03, 1.03, "standard quantum limit", fontsize=7)
    left.text(0.03, 0.82, "Table II", fontsize=7)
    left.text(0.03, 0.96 * _TOP, rf"best from 0 to ${SHOWN}\,\omega_\mathrm{{m}}$", fontsize=7, color="0.25", va="top")
    middle.text(0.075, float(data.floor) - 0.02, "limit of Table II's losses", fontsize=7, color="0.35", va="top")
    middle.set(xlim=(0.05, 0.95), ylim=(0, _TOP), xlabel=r"Bandwidth $B$ ($\omega_\mathrm{m}$)")
    middle.set_ylabel(r"Average of $S_F/S_\mathrm{SQL}$ over $0\ldots B$")
    tight = {"handlelength": 2.6, "labelspacing": 0.2, "borderaxespad": 0.3, "title_fontsize": 6.5}
    middle.legend(loc="upper left", fontsize=6.2, title="free parameters", alignment="left", **tight)
    right.axhline(TABLE_II_QUALITY, **dotted)
    right.text(250, TABLE_II_QUALITY * 1.3, r"Table II: $Q_\mathrm{m}=1000$", fontsize=7, color="0.35", ha="right")
    right.set(xscale="log", yscale="log", xlim=(COLDEST, HOTTEST), ylim=(1e2, 1e10), xlabel="Temperature (K)")
    right.set_ylabel(r"Least $Q_\mathrm{m}$ for $S_F+2n+1\leq S_\mathrm{SQL}$")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Best averages, the parameters behind them, and what temperature and quality factor they need."""
    source = "Sec. V, bounds"
    table = Quantity(float(data.table_ii[0]), 0.8, None, "1", "Sec. V", "'20 %', in words")
    floor = computed(data.floor, "module losses", "no ancilla is better; κ_a → 0, resonant cavities")
    found = {"S_F/S_SQL, Table II, low frequency": table, "S_F/S_SQL, limit of Table II's losses": floor}
    for name in CASES:
        for band in _REPORTED:
            here = data.sel(case=name, band=band)
            note = f"free: {name}; projected gradient {float(here.stationarity):.0e} per range; average over the band"
            if "detuned" in name:
                note += "; detunings up to ω_m are chosen: an optical spring, most of it without the ancilla"
            found[f"S_F/S_SQL, {name}, 0 to {band:g} ω_m"] = computed(here.average, source, note)
    for parameter in ("delta_a", "kappa_c", "kappa_om"):
        value = data.best.sel(case="mirrors", band=SHOWN, parameter=parameter)
        note = f"best for 0 to {SHOWN} ω_m with free mirrors; Table II has {TABLE_II[parameter].value:g}"
        found[f"{parameter}, mirrors"] = computed(value, source, note, "ω_m")
    for line in ("Table II", "mirrors"):
        reduction = float(data.reduction.sel(line=line))
        for temperature in (4.0, 300.0):
            need = required_quality(temperature, RESONANCE, reduction)
            note = "quantum and thermal noise together at the standard quantum limit, at low frequency"
            found[f"Q_m needed at {temperature:g} K, {line}"] = computed(need, "(43), corrected", note)
        hottest = largest_temperature(TABLE_II_QUALITY, RESONANCE, reduction) * 1e3
        note = "with Q_m = 1000 of Table II; above it nothing is left of the reduction"
        found[f"largest temperature, {line}"] = computed(hottest, "(43), corrected", note, "mK")
    return found
