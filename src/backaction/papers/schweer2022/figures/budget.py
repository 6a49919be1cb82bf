"""What limits the proposal of Schweer et al. (2022): the noise of Table II by source, and each imperfection removed.

At fixed power, the couplings of Table II.  The budget is that of the state space (`noise_budget`); the bars are the
change of S_F/S_SQL when one imperfection after the other is removed *alone*, in both orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import (
    BAND,
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
from backaction.gaussian import noise_budget
from backaction.systems.published.schweer2022 import CascadeParameters, Order, cascade, table_ii
from backaction.systems.sensing import force_noise

from .common import PHASE, best_power

__all__ = ["BUDGET"]

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


def removals(table: CascadeParameters) -> dict[str, CascadeParameters]:
    """Table II with one imperfection removed, by name; the last two turn one knob more."""
    half = table.g / 2
    return {
        "κ_a → γ_m": replace(table, kappa_a=table.gamma_m),
        "escape, sensor → 1": replace(table, escape_om=1.0),
        "escape, meter → 1": replace(table, escape_c=1.0),
        "detection → 1": replace(table, detection=1.0),
        "propagation → 1": replace(table, propagation=1.0),
        "g_BS, g_DC → g/2": replace(table, g_bs=half, g_dc=half),
        "Δ_a → −ω_m": replace(table, delta_a=-table.omega_m),
        "κ_om → κ_c": replace(table, kappa_om=table.kappa_c),
        DETUNED: replace(table, delta_c=0.1),
    }


def ideal_ancilla_and_losses(table: CascadeParameters) -> CascadeParameters:
    """Table II with all imperfections removed together, at its own power."""
    half = table.g / 2
    return replace(
        table, kappa_a=table.gamma_m, escape_om=1.0, escape_c=1.0, detection=1.0, propagation=1.0, g_bs=half, g_dc=half,
        delta_a=-table.omega_m, kappa_om=table.kappa_c,
    )  # fmt: skip


def compute(quick: bool) -> xr.Dataset:
    """Budget by source over frequency (ancilla first), and the effect of each removal at one frequency."""
    table = table_ii()
    frequency = np.linspace(0.01, 0.8, 41 if quick else 161)
    network = cascade(Order.ANCILLA_FIRST, table, unit=1.0)
    noise = force_noise(network, frequency, "sensor", PHASE)
    sources = noise_budget(network.system, frequency, PHASE).sources
    scale = np.abs(noise.response) ** 2 * noise.sql
    base = np.array([_ratio(table, order) for order in Order])
    effects = {name: [_ratio(p, order) for order in Order] for name, p in removals(table).items()}
    spot = np.array([SPOT])
    found = [best_power(table, spot, order) for order in Order]
    effects[POWER] = [float((e.added_noise / e.sql)[0]) for e in found]
    every = np.array([_ratio(ideal_ancilla_and_losses(table), order) for order in Order])
    one = {"units": "1"}
    return xr.Dataset(
        {
            "budget": (["source", "frequency"], np.stack([sources[name] / scale for name in SOURCES]), one),
            "total": ("frequency", noise.added_noise / noise.sql, one),
            "base": ("order", base, {**one, "note": "S_F/S_SQL with Table II"}),
            "without": (["imperfection", "order"], np.array(list(effects.values())), {**one, "note": "S_F/S_SQL"}),
            "without_all": ("order", every, {**one, "note": "all removed, at the power of Table II"}),
            "best_power": ("order", [float(e.power[0]) for e in found], {**one, "note": "over that of Table II"}),
        },
        {
            "source": ("source", list(SOURCES), one),
            "frequency": ("frequency", frequency, {"units": "ω_m"}),
            "order": ("order", [order.value for order in Order], one),
            "imperfection": ("imperfection", list(effects), one),
        },
        {
            "title": "Schweer et al. 2022, Table II: which imperfection costs what",
            "spot": SPOT,
            "choice": "fixed power",
        },
    )


def _ratio(parameters: CascadeParameters, order: Order) -> float:
    result = force_noise(cascade(order, parameters, unit=1.0), SPOT, "sensor", PHASE)
    return float(result.added_noise / result.sql)


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """The budget against frequency, stacked; the change by each removal as bars, both orders."""
    picture, (left, right) = figure("double", aspect=0.44, ncols=2, width_ratios=(1, 1.05))
    panel_label(left, "a")
    panel_label(right, "b")
    colours = [colour for _, colour in SOURCES.values()]
    names = [text for text, _ in SOURCES.values()]
    left.stackplot(data.frequency, data.budget, colors=colours, linewidth=0.3, edgecolor="white", alpha=0.9)
    left.axhline(1, color=REFERENCE, linewidth=0.9)
    left.text(0.02, 1.012, "standard quantum limit", fontsize=7.5, va="bottom")
    left.set(xlim=(0.01, 0.8), ylim=(0, 1.3))
    left.set_xlabel(r"Frequency $\omega$ ($\omega_\mathrm{m}$)")
    left.set_ylabel(r"$S_F/S_\mathrm{SQL}$ by source, NMO → OMS")
    edges = np.concatenate([[0.0], np.cumsum(data.budget.values[:, 0])])
    for name, low, high in zip(names, edges[:-1], edges[1:], strict=True):
        if high - low > 0.05:
            left.text(0.03, (low + high) / 2, name, va="center", fontsize=7.5)
    thin = " and ".join(
        name for name, low, high in zip(names, edges[:-1], edges[1:], strict=True) if high - low <= 0.05
    )
    left.annotate(thin, (0.2, edges[-1] - 0.012), (0.05, 0.9), fontsize=7.5, va="center",
                  arrowprops={"arrowstyle": "-", "linewidth": 0.5})  # fmt: skip
    _bars(right, data)
    return picture


def _bars(axes: Any, data: xr.Dataset) -> None:
    change = (data.without - data.base).transpose("imperfection", "order")
    ranked = change.sortby(change.isel(order=0)).imperfection.values
    place = np.arange(len(ranked))[::-1]
    styles = ((MECHANICS, None), (NEGATIVE_MASS, "////"))
    for shift, name, (colour, hatch) in zip((0.2, -0.2), data.order.values, styles, strict=True):
        values = change.sel(order=name, imperfection=ranked)
        base = float(data.base.sel(order=name))
        axes.barh(place + shift, values, 0.38, color=colour, alpha=0.9, hatch=hatch, edgecolor="white", linewidth=0,
                  label=f"{name}, from {base:.2f}")  # fmt: skip
    axes.axvline(0, color=REFERENCE, linewidth=0.7)
    axes.set_yticks(place, labels=[_PRETTY.get(name, name) for name in ranked], fontsize=7.5)
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_on()
    axes.yaxis.set_tick_params(which="minor", left=False, right=False)
    axes.set_xlabel(rf"Change of $S_F/S_\mathrm{{SQL}}$ at ${SPOT}\,\omega_\mathrm{{m}}$")
    axes.legend(loc="lower left", fontsize=7)


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """The total, the shares of the sources and the noise that is left after each removal."""
    source, found = "Table II", {}
    for name in data.order.values:
        base = float(data.base.sel(order=name))
        note = f"at {SPOT} ω_m, fixed power of Table II"
        found[f"S_F/S_SQL, {name}"] = Quantity(base, None, None, "1", source, note)
        for imperfection in data.imperfection.values:
            value = float(data.without.sel(order=name, imperfection=imperfection))
            found[f"S_F/S_SQL, {name}, {imperfection}"] = Quantity(value, None, None, "1", source, note)
        found[f"S_F/S_SQL, {name}, all removed"] = Quantity(
            float(data.without_all.sel(order=name)), None, None, "1", source, note + "; what is left is shot noise"
        )
    index = int(np.abs(data.frequency.values - SPOT).argmin())
    for name, (text, _) in SOURCES.items():
        share = float(data.budget.sel(source=name)[index] / data.total[index])
        note = f"at {float(data.frequency[index]):.3g} ω_m, {Order.ANCILLA_FIRST.value}"
        found[f"share, {text}"] = Quantity(share, None, None, "1", source, note)
    return found


BUDGET = Recipe(
    name="schweer2022-loss-budget",
    title="Schweer et al. 2022, Table II: which imperfection costs what",
    compute=compute,
    draw=draw,
    numbers=numbers,
)
"""Noise by source, and what each imperfection of Table II costs."""
