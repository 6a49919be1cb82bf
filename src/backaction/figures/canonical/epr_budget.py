"""What costs entanglement: the EPR variance by source of noise, exactly, and the verdict with error bars."""

from __future__ import annotations

from typing import Any

import numpy as np

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
from backaction.systems import Network
from backaction.systems.canonical import epr_pair

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import BAND, LIGHT, MECHANICS, POSITIVE_MASS, REFERENCE, SPIN, Axes, Figure, figure

__all__ = ["compute", "draw", "numbers"]

PAIR = ("spin", "membrane")
DETECTOR = Homodyne(efficiency=0.8)
SOURCES = {"input": LIGHT, "spin.bath": SPIN, "link": "0.6", "membrane.bath": MECHANICS, "detection": POSITIVE_MASS}
CRITERIA = {"ppt": (smallest_ppt_eigenvalue, PPT), "epr": (epr_variance, EPR)}
ERRORS: dict[str, Normal | Interval] = {
    "membrane.occupation": Normal(10.0, 1.5, low=0.0),
    "spin.occupation": Normal(0.8, 0.2, low=0.0),
    "link.efficiency": Interval(0.80, 0.90),
}
"""Error bars of the right panel: assumed, labelled so."""


def compute(quick: bool) -> Dataset:
    """EPR variance and smallest PPT eigenvalue by source against cooperativity, and bands at a few of them."""
    cooperativity = np.geomspace(1, 1000, 25 if quick else 97)
    system = _network(cooperativity).system
    epr, ppt = epr_budget(system, *PAIR, DETECTOR), ppt_budget(system, *PAIR, DETECTOR)
    state = conditional_state(system, DETECTOR)
    equal = epr_variance_at(state, *PAIR, -1.0, epr_variance(state, *PAIR).phase).value
    few = np.geomspace(2, 600, 10)
    bands = [[_band(float(c), *one, 100 if quick else 400) for c in few] for one in CRITERIA.values()]
    return dataset(
        {
            "epr_source": ("source cooperativity", [epr.sources[name] for name in SOURCES]),
            "epr": ("cooperativity", epr.total, "1", "EPR variance, separable 1 or more"),
            "epr_equal_gains": ("cooperativity", equal, "1", "EPR variance at gain -1"),
            "ppt_source": ("source cooperativity", [ppt.sources[name] for name in SOURCES]),
            "ppt": ("cooperativity", ppt.total, "1", "smallest PPT eigenvalue, separable ½ or more"),
            "band": ("criterion tried edge", [[[one.low, one.nominal, one.high] for one in row] for row in bands]),
            "verdict": ("criterion tried", [[one.verdict.value for one in row] for row in bands]),
        },
        {
            "cooperativity": cooperativity,
            "tried": (few, "1", "cooperativity"),
            "source": list(SOURCES),
            "criterion": list(CRITERIA),
            "edge": ["low", "nominal", "high"],
        },
        parameters="assumed; labelled in the module",
    )


def draw(data: Dataset) -> Figure:
    """Stacked sources on the left, bands with verdicts on the right."""
    picture, (left, right) = figure("double", aspect=0.44, letters=True, ncols=2)
    left.stackplot(data.cooperativity, data.epr_source, colors=SOURCES.values(), labels=list(SOURCES), linewidth=0)
    left.plot(data.cooperativity, data.epr, color=REFERENCE, label="EPR variance")
    left.plot(data.cooperativity, data.epr_equal_gains, color=REFERENCE, linestyle="--", label="at gain −1")
    left.set(ylim=(0, 2.6), ylabel="EPR variance by source")
    left.legend(fontsize=7, loc="upper right", reverse=True)
    _draw_bands(right, data)
    for axes in (left, right):
        axes.axhline(1, color=REFERENCE, linewidth=0.7)
        axes.set(xscale="log", xlim=(1, 1000), xlabel=r"Cooperativity $\Gamma/\gamma$")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Shares of every source at the cooperativity of 100, and the verdicts."""
    here, found = data.sel(cooperativity=100, method="nearest"), {}
    for name in SOURCES:
        one = here.sel(source=name)
        found[f"share of {name} in the EPR variance"] = computed(one.epr_source / one.epr, "model")
        found[f"d E_N / d ln(noise of {name})"] = computed(-one.ppt_source / one.ppt, "model", "these sum to −1")
    for tried in data.tried.values:
        one = data.sel(tried=tried, criterion="ppt")
        text = f"{one.verdict.item()}: {float(one.band[0]):.3f} to {float(one.band[2]):.3f}"
        found[f"2ν at cooperativity {tried:.3g}"] = computed(2 * one.band[1], "model", text)
    return found


def _draw_bands(axes: Axes, data: Dataset) -> None:
    colours = {"entangled": POSITIVE_MASS, "separable": LIGHT, "undetermined": BAND}
    for tried in data.tried.values:
        one = data.sel(criterion="ppt", tried=tried)
        low, middle, high = 2 * one.band.values
        colour = colours[one.verdict.item()]
        axes.errorbar(tried, middle, [[middle - low], [high - middle]], fmt="o", color=colour, linewidth=2)
    axes.plot(data.cooperativity, 2 * data.ppt, color=REFERENCE, linewidth=0.9)
    for text, colour in colours.items():
        axes.plot([], [], "o", color=colour, label=text)
    axes.set(ylabel=r"$2\nu$ with error bars (95 %)", ylim=(0, None))
    axes.legend(fontsize=7, loc="upper right", title="verdict")


def _network(cooperativity: Any) -> Network:
    return epr_pair.network(cooperativity, (10.0, 0.8), quality=1e4, link=0.85)


def _band(cooperativity: float, criterion: Any, bound: Any, draws: int) -> Any:
    pair = _network(cooperativity)

    def evaluate(p: Any) -> Any:
        return criterion(conditional_state(pair.with_parameters(p).system, DETECTOR), *PAIR)

    return band(evaluate, ERRORS, bound, draws=draws)
