"""Schweer et al. 2022, Fig. 4: what is coupled to what in the ancilla.

The arrows are the entries of the drift matrix of `OpticalNegativeMass`, nothing is drawn by hand: those that are there
for g_BS = g_DC are solid, those that only a relative mismatch g_r brings are dashed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import MECHANICS, NEGATIVE_MASS, Axes, Figure, figure
from backaction.systems import Network
from backaction.systems.published.schweer2022 import Order, cascade, ideal
from backaction.systems.published.schweer2022.outputs import with_relative_mismatch

__all__ = ["arrows", "compute", "draw", "numbers"]

MISMATCH = 0.2
"""g_r of the dashed arrows, as in Fig. 5."""

QUADRATURES = ("x_c", "p_c", "x_a", "p_a")

PLACES = {"x_c": (0.0, 1.0), "p_c": (0.0, 0.0), "p_a": (1.3, 1.0), "x_a": (1.3, 0.0)}
"""The light's amplitude drives p_a, which turns into x_a, which drives the light's phase: once around."""

_DASHES = (0, (3.5, 1.6))

LABELS = {
    ("p_c", "x_a"): r"$-(g_\mathrm{BS}+g_\mathrm{DC})$",
    ("p_a", "x_c"): r"$-(g_\mathrm{BS}+g_\mathrm{DC})$",
    ("x_c", "p_a"): r"$g_\mathrm{BS}-g_\mathrm{DC}$",
    ("x_a", "p_c"): r"$g_\mathrm{BS}-g_\mathrm{DC}$",
    ("x_a", "p_a"): r"$\Delta_\mathrm{a}$",
    ("p_a", "x_a"): r"$-\Delta_\mathrm{a}$",
}
"""What the entries of (4) are called; an arrow without a name here would be drawn without a label."""


def compute(quick: bool) -> Dataset:
    """Drift matrices of the ancilla with and without a relative mismatch, in units of ω_m: (B11a).

    `quick` changes nothing: there are sixteen numbers.
    """
    drift = []
    for mismatch in (0.0, MISMATCH):
        network = cascade(Order.ANCILLA_FIRST, with_relative_mismatch(ideal(), mismatch), unit=1.0)
        drift.append(Network((network.component("ancilla"),)).system.drift)
    return dataset(
        {"drift": ("relative_mismatch driven driving", drift, "ω_m")},
        {"relative_mismatch": [0.0, MISMATCH], "driven": list(QUADRATURES), "driving": list(QUADRATURES)},
    )


def arrows(data: Dataset) -> dict[tuple[str, str], bool]:
    """(driven, driving): whether the arrow is there without a mismatch; damping (the diagonal) is left out."""
    ideal_drift, mismatched = data.drift.values
    return {
        (driven, driving): bool(ideal_drift[i, j] != 0)
        for i, driven in enumerate(QUADRATURES)
        for j, driving in enumerate(QUADRATURES)
        if i != j and mismatched[i, j] != 0
    }


def draw(data: Dataset) -> Figure:
    """Quadratures as circles, couplings as arrows from the driving one to the driven one."""
    picture, axes = figure("single", aspect=0.78)
    axes.set(xlim=(-0.68, 1.98), ylim=(-0.58, 1.5), aspect="equal")
    axes.axis("off")
    for (driven, driving), original in arrows(data).items():
        _arrow(axes, driving, driven, original)
    for name, place in PLACES.items():
        axes.add_patch(Circle(place, 0.14, facecolor="white", edgecolor="0.2", linewidth=0.9, zorder=3))
        letter, mode = name.split("_")
        axes.text(*place, rf"${letter}_\mathrm{{{mode}}}$", ha="center", va="center", zorder=4, fontsize=9)
    for middle, text in ((0.0, "meter cavity"), (1.3, "ancilla")):
        axes.text(middle, 1.48, text, ha="center", va="top")
    for height, text, ends in ((1.0, "light in", (-0.66, -0.15)), (0.0, "signal out", (-0.15, -0.66))):
        axes.text(-0.66, height + 0.06, text, fontsize=7, color="0.35", ha="left")
        head = "-|>,head_length=4,head_width=2"
        tips = [(x, height) for x in ends]
        axes.add_patch(FancyArrowPatch(*tips, arrowstyle=head, color="0.35", linewidth=1.0, shrinkA=0, shrinkB=0))
    unequal = r"only if $g_\mathrm{BS}\neq g_\mathrm{DC}$"
    for left, colour, dashes, text in ((-0.4, MECHANICS, "-", "always"), (0.62, NEGATIVE_MASS, _DASHES, unequal)):
        axes.plot([left, left + 0.27], [-0.5, -0.5], color=colour, linestyle=dashes)
        axes.text(left + 0.32, -0.5, text, va="center", fontsize=7.5)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """How many arrows there are, with and without the mismatch."""
    found = arrows(data)
    original = sum(found.values())
    source, note = "Fig. 4, (4) and (B11a)", "counted between quadratures, without damping"
    return {
        "arrows for g_BS = g_DC": computed(original, source, note),
        "arrows that a mismatch adds": computed(len(found) - original, source, note),
    }


def _arrow(axes: Axes, driving: str, driven: str, original: bool) -> None:
    colour = MECHANICS if original else NEGATIVE_MASS
    bend = -0.2
    line: dict[str, Any] = {"color": colour, "linewidth": 1.3, "linestyle": "-" if original else _DASHES, "zorder": 2}
    shape: dict[str, Any] = {"connectionstyle": f"arc3,rad={bend}", "arrowstyle": "-|>,head_length=4.5,head_width=2.2"}
    axes.add_patch(FancyArrowPatch(PLACES[driving], PLACES[driven], shrinkA=12, shrinkB=12, **shape, **line))
    # the middle of the arc lies half the bend beside the chord; the label a little further out
    start, end = np.array(PLACES[driving]), np.array(PLACES[driven])
    along = end - start
    outward = np.array([-along[1], along[0]]) / np.hypot(*along)
    x, y = (start + end) / 2 + outward * (-bend / 2 * np.hypot(*along) + 0.05)
    label = LABELS.get((driven, driving), "")
    if abs(along[1]) > abs(along[0]):
        axes.text(x, y, label, color=colour, fontsize=7, ha="left" if outward[0] > 0 else "right", va="center")
    else:
        axes.text(x, y, label, color=colour, fontsize=7, ha="center", va="bottom" if outward[1] > 0 else "top")
