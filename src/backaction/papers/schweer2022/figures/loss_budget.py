"""Schweer et al. 2022, Table II: which imperfection costs what.

At fixed power, the couplings of Table II.  The budget is that of the state space (`noise_budget`); the bars are the
change of S_F/S_SQL when one imperfection after the other is removed *alone*, in both orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import (
    BAND,
    LIGHT,
    MECHANICS,
    NEGATIVE_MASS,
    POSITIVE_MASS,
    REFERENCE,
    SPIN,
    Axes,
    Figure,
    figure,
)
from backaction.gaussian import noise_budget
from backaction.systems.published.schweer2022 import CascadeParameters, Order, cascade, table_ii
from backaction.systems.sensing import force_noise

from ..envelopes import FREQUENCY, PHASE, best_power, over_limit

__all__ = ["DETUNED", "POWER", "compute", "draw", "ideal_ancilla_and_losses", "numbers", "removals"]

SPOT = 0.1
"""Frequency (ω_m) of the bars."""

SOURCES: Mapping[str, tuple[str, str]] = {
    "input": ("light that enters", MECHANICS),
    "ancilla.ancilla": ("ancilla's own vacuum", SPIN),
    "sensor.vacuum": ("loss in the sensor's cavity", NEGATIVE_MASS),
    "ancilla.vacuum": ("loss in the meter cavity", LIGHT),
    "propagation": ("loss on the way", POSITIVE_MASS),
    "readout": ("detection", BAND),
}
"""Sources of the budget, with name and colour; the mechanical bath is left out, as in the paper."""

DETUNED = "Δ_c = 0.1 ω_m (added)"

POWER = "power → best"

_PRETTY = {
    "κ_a → γ_m": r"$\kappa_\mathrm{a}\to\gamma_\mathrm{m}$",
    "g_BS, g_DC → g/2": r"$g_\mathrm{BS},\,g_\mathrm{DC}\to g/2$",
    "Δ_a → −ω_m": r"$\Delta_\mathrm{a}\to-\omega_\mathrm{m}$",
    "κ_om → κ_c": r"$\kappa_\mathrm{om}\to\kappa_\mathrm{c}$",
    DETUNED: r"$\Delta_\mathrm{c}=0.1\,\omega_\mathrm{m}$ (added)",
}


def _mended(table: CascadeParameters) -> dict[str, dict[str, object]]:
    """Each imperfection of Table II, with the fields that remove it."""
    return {
        "κ_a → γ_m": {"kappa_a": table.gamma_m},
        "escape, sensor → 1": {"escape_om": 1.0},
        "escape, meter → 1": {"escape_c": 1.0},
        "detection → 1": {"detection": 1.0},
        "propagation → 1": {"propagation": 1.0},
        "g_BS, g_DC → g/2": {"g_bs": table.g / 2, "g_dc": table.g / 2},
        "Δ_a → −ω_m": {"delta_a": -table.omega_m},
        "κ_om → κ_c": {"kappa_om": table.kappa_c},
    }


def removals(table: CascadeParameters) -> dict[str, CascadeParameters]:
    """Table II with one imperfection removed, by name; the last one turns one knob more."""
    changes = _mended(table) | {DETUNED: {"delta_c": 0.1}}
    return {name: replace(table, **change) for name, change in changes.items()}  # type: ignore[arg-type]


def ideal_ancilla_and_losses(table: CascadeParameters) -> CascadeParameters:
    """Table II with all imperfections removed together, at its own power."""
    for change in _mended(table).values():
        table = replace(table, **change)  # type: ignore[arg-type]
    return table


def compute(quick: bool) -> Dataset:
    """Budget by source over frequency (ancilla first), and the effect of each removal at one frequency."""
    table = table_ii()
    frequency = np.linspace(0.01, 0.8, 41 if quick else 161)
    network = cascade(Order.ANCILLA_FIRST, table, unit=1.0)
    noise = force_noise(network, frequency, "sensor", PHASE)
    sources = noise_budget(network.system, frequency, PHASE).sources
    scale = np.abs(noise.response) ** 2 * noise.sql
    effects = {name: [over_limit(p, order, SPOT) for order in Order] for name, p in removals(table).items()}
    found = [best_power(table, np.array([SPOT]), order) for order in Order]
    effects[POWER] = [(one.added_noise / one.sql)[0] for one in found]
    every = [over_limit(ideal_ancilla_and_losses(table), order, SPOT) for order in Order]
    return dataset(
        {
            "budget": ("source frequency", [sources[name] / scale for name in SOURCES]),
            "total": ("frequency", noise.added_noise / noise.sql),
            "base": ("order", [over_limit(table, order, SPOT) for order in Order], "1", "S_F/S_SQL with Table II"),
            "without": ("imperfection order", list(effects.values()), "1", "S_F/S_SQL"),
            "without_all": ("order", every, "1", "all removed, at the power of Table II"),
            "best_power": ("order", [one.power[0] for one in found], "1", "over that of Table II"),
        },
        {
            "source": list(SOURCES),
            "frequency": (frequency, "ω_m"),
            "order": [order.value for order in Order],
            "imperfection": list(effects),
        },
        spot=SPOT,
        choice="fixed power",
    )


def draw(data: Dataset) -> Figure:
    """The budget against frequency, stacked; the change by each removal as bars, both orders."""
    picture, (left, right) = figure("double", aspect=0.44, letters=True, ncols=2, width_ratios=(1, 1.05))
    names, colours = zip(*SOURCES.values(), strict=True)
    left.stackplot(data.frequency, data.budget, colors=colours, linewidth=0.3, edgecolor="white", alpha=0.9)
    left.axhline(1, color=REFERENCE, linewidth=0.9)
    left.text(0.02, 1.012, "standard quantum limit", fontsize=7.5, va="bottom")
    left.set(xlim=(0.01, 0.8), ylim=(0, 1.3), xlabel=FREQUENCY)
    left.set_ylabel(r"$S_F/S_\mathrm{SQL}$ by source, NMO → OMS")
    heights = data.budget.values[:, 0]
    tops = np.cumsum(heights)
    for name, height, top in zip(names, heights, tops, strict=True):
        if height > 0.05:
            left.text(0.03, top - height / 2, name, va="center", fontsize=7.5)
    thin = " and ".join(name for name, height in zip(names, heights, strict=True) if height <= 0.05)
    line = {"arrowstyle": "-", "linewidth": 0.5}
    left.annotate(thin, (0.2, tops[-1] - 0.012), (0.05, 0.9), fontsize=7.5, va="center", arrowprops=line)
    _bars(right, data)
    return picture


def _bars(axes: Axes, data: Dataset) -> None:
    change = (data.without - data.base).transpose("imperfection", "order")
    change = change.sortby(change.isel(order=0))
    place = np.arange(change.sizes["imperfection"])[::-1]
    styles = ((0.2, MECHANICS, None), (-0.2, NEGATIVE_MASS, "////"))
    for name, (shift, colour, hatch) in zip(data.order.values, styles, strict=True):
        look: dict[str, Any] = {"color": colour, "hatch": hatch, "alpha": 0.9, "edgecolor": "white", "linewidth": 0}
        label = f"{name}, from {float(data.base.sel(order=name)):.2f}"
        axes.barh(place + shift, change.sel(order=name), 0.38, label=label, **look)
    axes.axvline(0, color=REFERENCE, linewidth=0.7)
    axes.set_yticks(place, labels=[_PRETTY.get(name, name) for name in change.imperfection.values], fontsize=7.5)
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_on()
    axes.yaxis.set_tick_params(which="minor", left=False, right=False)
    axes.set_xlabel(rf"Change of $S_F/S_\mathrm{{SQL}}$ at ${SPOT}\,\omega_\mathrm{{m}}$")
    axes.legend(loc="lower left", fontsize=7)


def numbers(data: Dataset) -> dict[str, Quantity]:
    """The total, the shares of the sources and the noise that is left after each removal."""
    source, found = "Table II", {}
    note = f"at {SPOT} ω_m, fixed power of Table II"
    for name in data.order.values:
        one = data.sel(order=name)
        found[f"S_F/S_SQL, {name}"] = computed(one.base, source, note)
        for value in one.without:
            found[f"S_F/S_SQL, {name}, {value.imperfection.item()}"] = computed(value, source, note)
        left = computed(one.without_all, source, note + "; what is left is shot noise")
        found[f"S_F/S_SQL, {name}, all removed"] = left
    here = data.sel(frequency=SPOT, method="nearest")
    note = f"at {float(here.frequency):.3g} ω_m, {Order.ANCILLA_FIRST.value}"
    for name, (text, _) in SOURCES.items():
        found[f"share, {text}"] = computed(here.budget.sel(source=name) / here.total, source, note)
    return found
