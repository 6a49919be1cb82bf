"""Conditional EPR entanglement against cooperativity: what a detector buys.

In the manner of Hammerer et al. (2009): symbols are the model with brownian damping at any Γ/Ω, lines the exact closed
forms of `backaction.systems.canonical.epr_pair`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.entanglement import duan_sum_of_system
from backaction.gaussian import Homodyne
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Damping
from backaction.systems.canonical import epr_pair

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import LIGHT, MECHANICS, REFERENCE, SPIN, Axes, Figure, figure

__all__ = ["LINK", "NOISE", "OCCUPATIONS", "PAIR", "compute", "cooperativities", "draw", "draw_frame", "numbers"]

OCCUPATIONS = (2.0, 1.0)
NOISE = sum(OCCUPATIONS) + 1
QUALITY = 1e7
LINK = 0.9
PAIR = ("spin", "membrane")
DELTA = ("1", "Duan sum, separable states have 1 or more")
EXTREME = (1e8, 1e8)
"""Cooperativity and quality at which no covariance in float64 holds the EPR variance."""

_EFFICIENCIES = (1.0, 0.6, 0.2)


def compute(quick: bool) -> Dataset:
    """The conditional Duan sum by efficiency; models and exact closed form."""
    points = cooperativities(quick, 0.1, 1e8)
    fine, coarse = (values for values, *_ in points.values())
    eta = np.array(_EFFICIENCIES)[:, None]
    models = "efficiency cooperativity"
    return dataset(
        {
            "closed_form": (
                "efficiency fine_cooperativity",
                epr_pair.qnd_conditional_exact(fine, NOISE, QUALITY, eta),
                *DELTA,
            ),
            "model": (models, _model(coarse, eta), *DELTA),
            "model_lossy": (models, _model(coarse, eta, link=LINK), "1", f"Duan sum, the link transmits {LINK}"),
            "unconditional": ("", epr_pair.qnd_unconditional(NOISE), *DELTA),
            "extreme": ("", _model(EXTREME[0], 1.0, EXTREME[1]), *DELTA),
        },
        points | {"efficiency": (_EFFICIENCIES, "1", "detection efficiency")},
        parameters=f"n_M, n_S = {OCCUPATIONS}; in the manner of; labelled parameters",
        quality=QUALITY,
    )


def draw(data: Dataset) -> Figure:
    """Δ against cooperativity, one colour for each efficiency."""
    picture, axes = figure("single", aspect=0.86)
    for eta, colour in zip(_EFFICIENCIES, (REFERENCE, MECHANICS, SPIN), strict=True):
        here = data.sel(efficiency=eta)
        axes.plot(data.fine_cooperativity, here.closed_form, color=colour, label=rf"$\eta = {eta:g}$")
        axes.plot(data.cooperativity, here.model, "o", color=colour, markersize=3)
        axes.plot(data.cooperativity, here.model_lossy, ":", color=colour, marker="x", markersize=3)
    axes.axhline(float(data.unconditional), color=LIGHT, linestyle="--", label="no detector")
    axes.plot([], [], "kx:", markersize=3, label=f"link {LINK:g}")
    draw_frame(axes, xlim=(0.1, 1e8), ylim=(1e-4, 8))
    axes.legend(loc="lower left")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Where model and closed form meet, and the extreme point."""
    eta = np.array(_EFFICIENCIES)[:, None]
    closed = epr_pair.qnd_conditional_exact(data.cooperativity.values, NOISE, QUALITY, eta)
    exact = float(epr_pair.qnd_conditional_exact(EXTREME[0], NOISE, EXTREME[1]))
    note = f"Q = 1e8, brownian damping; the exact closed form has {exact:.15g}"
    return {
        "worst deviation from the closed form": computed(np.abs(data.model / closed - 1).max(), "exact closed form"),
        "Δ at cooperativity 1e8": computed(data.extreme, "exact closed form", note),
    }


def cooperativities(quick: bool, low: float, high: float) -> dict[str, tuple[FloatArray, str, str]]:
    """Points for lines (`fine_cooperativity`) and for symbols (`cooperativity`)."""
    counts = {"fine_cooperativity": 60 if quick else 240, "cooperativity": 7 if quick else 15}
    return {name: (np.geomspace(low, high, count), "1", "cooperativity Γ/γ") for name, count in counts.items()}


def draw_frame(axes: Axes, **limits: Any) -> None:
    """Scales and labels of Δ against cooperativity, and the line below which a state is entangled."""
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    axes.text(0.98, 1.06, "separable above", transform=axes.get_yaxis_transform(), ha="right", fontsize=7)
    axes.set(xlabel=r"Cooperativity $\Gamma/\gamma$", ylabel=r"Duan sum $\Delta$", xscale="log", yscale="log", **limits)


def _model(cooperativity: Any, efficiency: Any, quality: float = QUALITY, link: float = 1.0) -> FloatArray:
    pair = epr_pair.network(cooperativity, OCCUPATIONS, quality=quality, damping=Damping.BROWNIAN, link=link)
    return duan_sum_of_system(pair.system, *PAIR, Homodyne(efficiency=efficiency)).value
