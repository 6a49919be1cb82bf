"""What costs entanglement: the EPR variance by source of noise, exactly, and the verdict with error bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.entanglement import (
    Interval,
    Normal,
    band,
    epr_budget,
    epr_variance,
    epr_variance_at,
    ppt_budget,
    smallest_ppt_eigenvalue,
)
from backaction.entanglement.verdicts import EPR, PPT
from backaction.gaussian import Homodyne, conditional_state
from backaction.systems.canonical import epr_pair

from ..recipe import Quantity, Recipe
from ..style import BAND, LIGHT, MECHANICS, POSITIVE_MASS, REFERENCE, SPIN, figure, house_style, panel_label

__all__ = ["EPR_BUDGET"]

PAIR = ("spin", "membrane")
DETECTOR = Homodyne(efficiency=0.8)
OCCUPATIONS = (10.0, 0.8)
QUALITY = 1e4
LINK = 0.85
SOURCES = ("input", "spin.bath", "link", "membrane.bath", "detection")
ERRORS: dict[str, Normal | Interval] = {
    "membrane.occupation": Normal(10.0, 1.5, low=0.0),
    "spin.occupation": Normal(0.8, 0.2, low=0.0),
    "link.efficiency": Interval(0.80, 0.90),
}
"""Error bars of the right panel: assumed, labelled so."""


def compute(quick: bool) -> xr.Dataset:
    """EPR variance and smallest PPT eigenvalue by source against cooperativity, and bands at a few of them."""
    cooperativity = np.geomspace(1, 1000, 25 if quick else 97)
    system = _network(cooperativity).system
    epr, ppt = epr_budget(system, *PAIR, DETECTOR), ppt_budget(system, *PAIR, DETECTOR)
    state = conditional_state(system, DETECTOR)
    few = np.geomspace(2, 600, 10)
    bands = [[_band(c, criterion, bound, 100 if quick else 400) for c in few] for criterion, bound in _CRITERIA]
    edges = [[[one.low, one.nominal, one.high] for one in row] for row in bands]
    return xr.Dataset(
        {
            "epr_source": (["source", "cooperativity"], [epr.sources[name] for name in SOURCES], {"units": "1"}),
            "epr": ("cooperativity", epr.total, {"units": "1", "long_name": "EPR variance, separable 1 or more"}),
            "epr_equal_gains": (
                "cooperativity",
                epr_variance_at(state, *PAIR, -1.0, epr_variance(state, *PAIR).phase).value,
                {"units": "1", "long_name": "EPR variance at gain -1"},
            ),
            "ppt_source": (["source", "cooperativity"], [ppt.sources[name] for name in SOURCES], {"units": "1"}),
            "ppt": (
                "cooperativity",
                ppt.total,
                {"units": "1", "long_name": "smallest PPT eigenvalue, separable ½ or more"},
            ),
            "band": (["criterion", "tried", "edge"], edges, {"units": "1"}),
            "verdict": (["criterion", "tried"], [[one.verdict.value for one in row] for row in bands]),
        },
        {
            "cooperativity": ("cooperativity", cooperativity, {"units": "1"}),
            "tried": ("tried", few, {"units": "1", "long_name": "cooperativity"}),
            "source": list(SOURCES),
            "criterion": ["ppt", "epr"],
            "edge": ["low", "nominal", "high"],
        },
        {"title": "Budget of entanglement", "parameters": "assumed; labelled in the module"},
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Stacked sources on the left, bands with verdicts on the right."""
    picture, axes = figure("double", aspect=0.44, ncols=2)
    colours = (LIGHT, SPIN, "0.6", MECHANICS, POSITIVE_MASS)
    axes[0].stackplot(data.cooperativity, data.epr_source, colors=colours, labels=list(SOURCES), linewidth=0)
    axes[0].plot(data.cooperativity, data.epr, color=REFERENCE, label="EPR variance")
    axes[0].plot(data.cooperativity, data.epr_equal_gains, color=REFERENCE, linestyle="--", label="at gain −1")
    axes[0].axhline(1, color=REFERENCE, linewidth=0.7)
    axes[0].set(xscale="log", xlim=(1, 1000), ylim=(0, 2.6), ylabel="EPR variance by source")
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].legend(handles[::-1], labels[::-1], fontsize=7, loc="upper right")
    _draw_bands(axes[1], data)
    for one, letter in zip(axes, "ab", strict=True):
        one.set_xlabel(r"Cooperativity $\Gamma/\gamma$")
        panel_label(one, letter)
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Shares of every source at the cooperativity of 100, and the verdicts."""
    here = data.sel(cooperativity=100, method="nearest")
    found = {}
    for name in SOURCES:
        share = float(here.epr_source.sel(source=name) / here.epr)
        slope = float(-here.ppt_source.sel(source=name) / here.ppt)
        found[f"share of {name} in the EPR variance"] = Quantity(share, None, None, "1", "model")
        note = "these sum to −1"
        found[f"d E_N / d ln(noise of {name})"] = Quantity(slope, None, None, "1", "model", note)
    for tried in data.tried.values:
        one = data.sel(tried=tried, criterion="ppt")
        text = f"{one.verdict.item()}: {float(one.band[0]):.3f} to {float(one.band[2]):.3f}"
        found[f"2ν at cooperativity {tried:.3g}"] = Quantity(2 * float(one.band[1]), None, None, "1", "model", text)
    return found


def _draw_bands(axes: Any, data: xr.Dataset) -> None:
    colours = {"entangled": POSITIVE_MASS, "separable": LIGHT, "undetermined": BAND}
    ppt = data.sel(criterion="ppt")
    for tried in data.tried.values:
        low, middle, high = 2 * ppt.band.sel(tried=tried).values
        colour = colours[ppt.verdict.sel(tried=tried).item()]
        axes.errorbar(tried, middle, [[middle - low], [high - middle]], fmt="o", color=colour, linewidth=2)
    axes.plot(data.cooperativity, 2 * data.ppt, color=REFERENCE, linewidth=0.9)
    for text, colour in colours.items():
        axes.plot([], [], "o", color=colour, label=text)
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    axes.set(xscale="log", xlim=(1, 1000), ylabel=r"$2\nu$ with error bars (95 %)", ylim=(0, None))
    axes.legend(fontsize=7, loc="upper right", title="verdict")


def _network(cooperativity: Any) -> Any:
    return epr_pair.network(cooperativity, OCCUPATIONS, quality=QUALITY, link=LINK)


def _band(cooperativity: float, criterion: Any, bound: Any, draws: int) -> Any:
    pair = _network(float(cooperativity))
    return band(
        lambda p: criterion(conditional_state(pair.with_parameters(p).system, DETECTOR), *PAIR),
        ERRORS,
        bound,
        draws=draws,
    )


_CRITERIA = ((smallest_ppt_eigenvalue, PPT), (epr_variance, EPR))

EPR_BUDGET = Recipe(
    "epr-budget", "What costs entanglement, and what may be said with error bars", compute, draw, numbers
)
