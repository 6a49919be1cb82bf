"""Fig. 4 of Schweer et al. (2022): which quadrature drives which in the ancilla, read off the Hamiltonian.

The arrows are the entries of the drift matrix of `OpticalNegativeMass`, nothing is drawn by hand: those that are there
for g_BS = g_DC are solid, those that only a relative mismatch g_r brings are dashed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import MECHANICS, NEGATIVE_MASS, figure, house_style
from backaction.systems import Network
from backaction.systems.published.schweer2022 import Order, cascade, ideal
from backaction.systems.published.schweer2022.outputs import with_relative_mismatch

__all__ = ["FIG4"]

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


def compute(quick: bool) -> xr.Dataset:
    """Drift matrices of the ancilla with and without a relative mismatch, in units of ω_m: (B11a).

    `quick` changes nothing: there are sixteen numbers.
    """
    drift = []
    for mismatch in (0.0, MISMATCH):
        network = cascade(Order.ANCILLA_FIRST, with_relative_mismatch(ideal(), mismatch), unit=1.0)
        drift.append(Network((network.component("ancilla"),)).system.drift)
    return xr.Dataset(
        {"drift": (["relative_mismatch", "driven", "driving"], np.stack(drift), {"units": "ω_m"})},
        {
            "relative_mismatch": ("relative_mismatch", [0.0, MISMATCH], {"units": "1"}),
            "driven": ("driven", list(QUADRATURES), {"units": "1"}),
            "driving": ("driving", list(QUADRATURES), {"units": "1"}),
        },
        {"title": "Schweer et al. 2022, Fig. 4: flow between the meter cavity and the ancilla"},
    )


def arrows(data: xr.Dataset) -> dict[tuple[str, str], bool]:
    """(driven, driving): whether the arrow is there without a mismatch; damping (the diagonal) is left out."""
    ideal_drift, mismatched = (data.drift.sel(relative_mismatch=value).values for value in (0.0, MISMATCH))
    return {
        (driven, driving): bool(ideal_drift[i, j] != 0)
        for i, driven in enumerate(QUADRATURES)
        for j, driving in enumerate(QUADRATURES)
        if i != j and mismatched[i, j] != 0
    }


@house_style()
def draw(data: xr.Dataset) -> Figure:
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
    axes.text(0.0, 1.48, "meter cavity", ha="center", va="top")
    axes.text(1.3, 1.48, "ancilla", ha="center", va="top")
    for height, text in ((1.0, "light in"), (0.0, "signal out")):
        axes.text(-0.66, height + 0.06, text, fontsize=7, color="0.35", ha="left")
    _light(axes, (-0.66, 1.0), (-0.15, 1.0))
    _light(axes, (-0.15, 0.0), (-0.66, 0.0))
    axes.plot([-0.4, -0.13], [-0.5, -0.5], color=MECHANICS)
    axes.text(-0.08, -0.5, "always", va="center", fontsize=7.5)
    axes.plot([0.62, 0.89], [-0.5, -0.5], color=NEGATIVE_MASS, linestyle=_DASHES)
    axes.text(0.94, -0.5, r"only if $g_\mathrm{BS}\neq g_\mathrm{DC}$", va="center", fontsize=7.5)
    return picture


def _arrow(axes: Any, driving: str, driven: str, original: bool) -> None:
    start, end = np.array(PLACES[driving]), np.array(PLACES[driven])
    colour = MECHANICS if original else NEGATIVE_MASS
    bend = -0.2
    axes.add_patch(
        FancyArrowPatch(
            PLACES[driving],
            PLACES[driven],
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>,head_length=4.5,head_width=2.2",
            shrinkA=12,
            shrinkB=12,
            color=colour,
            linewidth=1.3,
            linestyle="-" if original else _DASHES,
            zorder=2,
        )
    )
    # the middle of the arc lies half the bend beside the chord; the label a little further out
    along = end - start
    outward = np.array([-along[1], along[0]]) / np.hypot(*along)
    beside = (start + end) / 2 + outward * (-bend / 2 * np.hypot(*along) + 0.05)
    upright = abs(along[1]) > abs(along[0])
    axes.text(
        *beside,
        LABELS.get((driven, driving), ""),
        color=colour,
        fontsize=7,
        ha=("left" if outward[0] > 0 else "right") if upright else "center",
        va="center" if upright else ("bottom" if outward[1] > 0 else "top"),
    )


def _light(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>,head_length=4,head_width=2", color="0.35", linewidth=1.0, shrinkA=0, shrinkB=0
        )
    )


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """How many arrows there are, with and without the mismatch."""
    found = arrows(data)
    source, note = "Fig. 4, (4) and (B11a)", "counted between quadratures, without damping"
    return {
        "arrows for g_BS = g_DC": Quantity(float(sum(found.values())), None, None, "1", source, note),
        "arrows that a mismatch adds": Quantity(float(len(found) - sum(found.values())), None, None, "1", source, note),
    }


FIG4 = Recipe(
    name="schweer2022-fig4",
    title="Schweer et al. 2022, Fig. 4: what is coupled to what in the ancilla",
    compute=compute,
    draw=draw,
    numbers=numbers,
)
"""Fig. 4: flow chart between the meter cavity and the ancilla, from the drift matrix."""
