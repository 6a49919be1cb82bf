"""Unconditional EPR entanglement: which scheme, and which order.

In the manner of Muschik et al. (2011) and Huang et al. (2018): symbols are the model, lines the closed forms of
`backaction.systems.canonical.epr_pair`, each at its best ζ; no detector anywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.entanglement import duan_sum_of_system
from backaction.gaussian.arrays import FloatArray
from backaction.systems.canonical import epr_pair

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import LIGHT, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, SPIN, Figure, figure
from .conditional_epr import DELTA, LINK, NOISE, OCCUPATIONS, PAIR, cooperativities, draw_frame

__all__ = ["compute", "draw", "numbers"]

_LINES: dict[str, tuple[str, Any, str]] = {
    "dissipative": (POSITIVE_MASS, "-", r"same $\zeta$ on both"),
    "mixed": (NEGATIVE_MASS, "-", "QND spin first"),
    "mixed_lossy": (NEGATIVE_MASS, ":", f"the same, link {LINK:g}"),
}


def compute(quick: bool) -> Dataset:
    """The Duan sum of the schemes at their best ζ for each cooperativity."""
    points = cooperativities(quick, 4.0, 4e6)
    fine, coarse = (values for values, *_ in points.values())
    lines = {"qnd": NOISE + 0 * fine, **_optima(fine, 0), "perfect_detector": epr_pair.qnd_conditional(fine, NOISE)}
    zeta = _optima(coarse, 1)
    models = {
        "dissipative_model": _model(coarse, (zeta["dissipative"], zeta["dissipative"])),
        "mixed_model": _model(coarse, (zeta["mixed"], 0.0)),
        "mixed_lossy_model": _model(coarse, (zeta["mixed_lossy"], 0.0), link=LINK),
        "reversed_model": _model(coarse, (zeta["mixed"], 0.0), spin_first=False),
    }
    return dataset(
        {name: ("fine_cooperativity", values, *DELTA) for name, values in lines.items()}
        | {name: ("cooperativity", values, *DELTA) for name, values in models.items()},
        points,
        parameters=f"n_M, n_S = {OCCUPATIONS}; in the manner of; labelled parameters",
    )


def draw(data: Dataset) -> Figure:
    """Δ against cooperativity: which scheme works, and which order."""
    picture, axes = figure("single", aspect=0.86)
    fine, coarse = data.fine_cooperativity, data.cooperativity
    axes.plot(coarse, data.reversed_model, "v--", color=SPIN, markersize=3, linewidth=0.8, label="reverse order")
    axes.plot(fine, data.qnd, color=LIGHT, linestyle="--", label="QND only")
    for name, (colour, dashes, label) in _LINES.items():
        axes.plot(fine, data[name], color=colour, linestyle=dashes, label=label)
        axes.plot(coarse, data[f"{name}_model"], "o", color=colour, markersize=3)
    dots = {"linestyle": (0, (1, 3)), "linewidth": 2, "label": "QND, perfect detector"}
    axes.plot(fine, data.perfect_detector, color=REFERENCE, **dots)
    draw_frame(axes, xlim=(4, 4e6), ylim=(1e-3, 40))
    axes.legend(loc="lower left", fontsize=7)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Deviations from the closed forms, the floor of link loss, and the order that does not work."""
    found = {}
    for name, values in _optima(data.cooperativity.values, 0).items():
        worst = np.abs(data[f"{name}_model"] / values - 1).max()
        found[f"worst deviation, {name}"] = computed(worst, "closed form", "order Γ/Ω")
    note = f"falls to ½√((1−η₁)/η₁) = {0.5 * np.sqrt((1 - LINK) / LINK):.6f} as c → ∞"
    found["Δ at the largest cooperativity, lossy link"] = computed(data.mixed_lossy_model[-1], "closed form", note)
    least = data.reversed_model.min()
    return found | {"smallest Δ, reverse order": computed(least, "model", "1 or more: no entanglement")}


def _optima(cooperativity: FloatArray, which: int) -> dict[str, FloatArray]:
    """Least Δ (which = 0) or the ζ that gives it (1), by scheme."""
    optima = {
        "dissipative": epr_pair.dissipative_optimum(cooperativity, NOISE),
        "mixed": epr_pair.mixed_optimum(cooperativity, NOISE),
        "mixed_lossy": epr_pair.mixed_optimum(cooperativity, NOISE, LINK),
    }
    return {name: both[which] for name, both in optima.items()}


def _model(
    cooperativity: FloatArray, tensor: tuple[Any, Any], link: float = 1.0, spin_first: bool = True
) -> FloatArray:
    quality = 1e5 * cooperativity.max()  # Γ/Ω ≤ 1e-5: the rotating-wave limit of the closed forms
    how: dict[str, Any] = {"tensor": tensor, "link": link, "spin_first": spin_first, "compensated": link < 1}
    pair = epr_pair.network(cooperativity, OCCUPATIONS, quality=quality, **how)
    return duan_sum_of_system(pair.system, *PAIR).value
