"""From the hybrid of 2017 to today's cooperativities and efficiencies: conditional entanglement on the way."""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.entanglement import Criterion, Normal, band, epr_variance, smallest_ppt_eigenvalue
from backaction.entanglement.verdicts import PPT
from backaction.gaussian import GaussianState, Homodyne, conditional_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Network
from backaction.systems.canonical import hybrid_road

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import BAND, NEGATIVE_MASS, REFERENCE, Figure, figure

__all__ = ["compute", "draw", "numbers"]

PAIR = ("spin", "membrane")
ANGLES = np.radians(np.arange(70.0, 116.0, 2.0))
STATIONS = ["2017", *[step.name for step in hybrid_road.STEPS]]
ERRORS = {
    "membrane.occupation": Normal(1.0, 0.10, low=0.0),
    "spin.occupation": Normal(1.0, 0.15, low=0.0),
    "spin.readout_rate": Normal(1.0, 0.10, low=0.0),
    "link.efficiency": Normal(1.0, 0.03, low=0.0, high=1.2),
    "detection-path.efficiency": Normal(1.0, 0.03, low=0.0, high=1.25),
}
"""Assumed relative error bars, about those of Table I and the text of the paper of 2017."""
PUBLISHED = (0.83, 0.02)
"""EPR variance of Thomas et al., Nature Physics 17, 228 (2021): another apparatus, drawn for orientation only."""


def compute(quick: bool) -> Dataset:
    """Both criteria at the best homodyne angle along the road, and bands at its stations."""
    progress = np.linspace(0, len(hybrid_road.STEPS), 17 if quick else 65)
    state = _watched(hybrid_road.network(progress[:, None]), ANGLES)
    bands = [_band(float(station), 40 if quick else 200) for station in range(len(STATIONS))]
    return dataset(
        {
            "ppt": ("progress", smallest_ppt_eigenvalue(state, *PAIR).value.min(axis=1)),
            "epr": ("progress", epr_variance(state, *PAIR).value.min(axis=1)),
            "band": ("station edge", [[one.low, one.nominal, one.high] for one in bands]),
            "verdict": ("station", [one.verdict.value for one in bands]),
        },
        {
            "progress": (progress, "1", "steps done"),
            "station": np.arange(len(STATIONS)),
            "edge": ["low", "nominal", "high"],
        },
        parameters="2017: free inference; the steps are assumed",
    )


def draw(data: Dataset) -> Figure:
    """2ν and the EPR variance along the road, with the verdict at each station."""
    picture, axes = figure("double", aspect=0.42)
    axes.plot(data.progress, 2 * data.ppt, color=NEGATIVE_MASS, label=r"$2\nu$ (decides)")
    axes.plot(data.progress, data.epr, color=REFERENCE, linestyle="--", label="EPR variance (suffices)")
    for station, (low, middle, high) in enumerate(2 * data.band.values):
        label = "95 % of the assumed error bars" if station == 0 else None
        axes.errorbar(station, middle, [[middle - low], [high - middle]], fmt="o", color=NEGATIVE_MASS, label=label)
        text = data.verdict[station].item()
        axes.annotate(text, (station, high), (0, 5), textcoords="offset points", ha="center", fontsize=7)
    axes.axhspan(PUBLISHED[0] - PUBLISHED[1], PUBLISHED[0] + PUBLISHED[1], color=BAND, alpha=0.5, linewidth=0)
    axes.text(2.3, PUBLISHED[0] + 0.03, "Thomas et al. 2021: EPR 0.83 ± 0.02 (another apparatus)", fontsize=7)
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    where = {"ha": "center", "fontsize": 6.5, "transform": axes.get_xaxis_transform()}
    for i, step in enumerate(hybrid_road.STEPS):
        axes.text(i + 0.5, 0.03, step.label.replace(": ", ":\n"), **where)
        axes.axvline(i + 1, color="0.85", linewidth=0.7, zorder=0)
    axes.set(xlim=(-0.25, len(hybrid_road.STEPS) + 0.35), ylim=(0.35, 1.35), ylabel="Criterion over its bound")
    axes.set_xticks(data.station.values, ["2017 (free inference)", *[f"+ {name}" for name in STATIONS[1:]]])
    axes.minorticks_off()
    axes.legend(loc="upper right", fontsize=7)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """2ν and the EPR variance at the stations, with the verdicts."""
    found = {}
    for station, name in enumerate(STATIONS):
        low, middle, high = 2 * data.band.values[station]
        text = f"{data.verdict[station].item()}: {low:.3f} to {high:.3f} with the assumed error bars"
        if station == 0:
            text += "; free inference only, the published numbers leave more open (moller2017-entanglement)"
        found[f"2ν, after: {name}"] = computed(middle, "assumed, labelled", text)
        value = data.epr.sel(progress=station, method="nearest")
        found[f"EPR variance, after: {name}"] = computed(value, "assumed, labelled")
    return found


def _watched(network: Network, angles: FloatArray) -> GaussianState:
    return conditional_state(network.system, network.in_carrier_frame(Homodyne(angle=angles)))


def _band(station: float, draws: int) -> Any:
    """The band of the smallest PPT eigenvalue, each draw at its own best angle."""
    network = hybrid_road.network(station)
    centre = network.parameters

    def evaluate(p: Any) -> Criterion:
        changed = {}
        for key, factor in p.items():
            value = (np.asarray(centre[key]) * factor)[:, None]
            changed[key] = np.minimum(value, 1.0) if key.endswith("efficiency") else value
        found = smallest_ppt_eigenvalue(_watched(network.with_parameters(changed), ANGLES[::2]), *PAIR)
        return Criterion(found.value.min(axis=1), found.uncertainty.max(axis=1))

    return band(evaluate, ERRORS, PPT, draws=draws)
