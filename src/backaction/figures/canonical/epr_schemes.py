"""EPR entanglement of two oscillators that never met: what a detector buys, and what works without one.

In the manner of Hammerer et al. (2009), Muschik et al. (2011) and Huang et al. (2018): symbols are the model, lines the
closed forms of `backaction.systems.canonical.epr_pair`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.entanglement import duan_sum_of_system
from backaction.gaussian import Homodyne
from backaction.systems import Damping
from backaction.systems.canonical import epr_pair

from ..recipe import Quantity, Recipe
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, SPIN, figure, house_style

__all__ = ["CONDITIONAL", "UNCONDITIONAL"]

OCCUPATIONS = (2.0, 1.0)
NOISE = sum(OCCUPATIONS) + 1
QUALITY = 1e7
LINK = 0.9
EFFICIENCIES = (1.0, 0.6, 0.2)
PAIR = ("spin", "membrane")
EXTREME = (1e8, 1e8)
"""Cooperativity and quality at which no covariance in float64 holds the EPR variance."""

_COOPERATIVITY = {"units": "1", "long_name": "cooperativity Γ/γ"}
_DELTA = {"units": "1", "long_name": "Duan sum, separable states have 1 or more"}
_ASSUMED = "in the manner of; labelled parameters"


def compute_conditional(quick: bool) -> xr.Dataset:
    """The conditional Duan sum by efficiency, with brownian damping at any Γ/Ω; models and exact closed form."""
    fine, coarse = _axes(quick, 0.1, 1e8)
    efficiency = np.array(EFFICIENCIES)
    line = epr_pair.qnd_conditional_exact(fine, NOISE, QUALITY, efficiency[:, None])
    model = [_conditional(coarse, eta) for eta in EFFICIENCIES]
    lossy = [_conditional(coarse, eta, LINK) for eta in EFFICIENCIES]
    variables: dict[str, Any] = {
        "closed_form": (["efficiency", "fine_cooperativity"], line, _DELTA),
        "model": (["efficiency", "cooperativity"], model, _DELTA),
        "model_lossy": (["efficiency", "cooperativity"], lossy, _DELTA | {"note": f"link transmits {LINK}"}),
        "unconditional": ([], float(epr_pair.qnd_unconditional(NOISE)), _DELTA),
    }
    extreme = epr_pair.network(EXTREME[0], OCCUPATIONS, quality=EXTREME[1], damping=Damping.BROWNIAN)
    variables["extreme"] = ([], float(duan_sum_of_system(extreme.system, *PAIR, Homodyne())), _DELTA)
    return _dataset(variables, fine, coarse, "conditional").assign_coords(
        efficiency=("efficiency", efficiency, {"units": "1", "long_name": "detection efficiency"})
    )


@house_style()
def draw_conditional(data: xr.Dataset) -> Figure:
    """Δ against cooperativity, one colour for each efficiency."""
    picture, axes = figure("single", aspect=0.86)
    for eta, colour in zip(EFFICIENCIES, (REFERENCE, MECHANICS, SPIN), strict=True):
        axes.plot(
            data.fine_cooperativity, data.closed_form.sel(efficiency=eta), color=colour, label=rf"$\eta = {eta:g}$"
        )
        axes.plot(data.cooperativity, data.model.sel(efficiency=eta), "o", color=colour, markersize=3)
        axes.plot(data.cooperativity, data.model_lossy.sel(efficiency=eta), ":", color=colour, marker="x", markersize=3)
    axes.axhline(float(data.unconditional), color=LIGHT, linestyle="--", label="no detector")
    _bound(axes)
    axes.plot([], [], "kx:", markersize=3, label=f"link {LINK:g}")
    axes.set(xscale="log", yscale="log", xlabel=r"Cooperativity $\Gamma/\gamma$", ylabel=r"Duan sum $\Delta$")
    axes.set(xlim=(0.1, 1e8), ylim=(1e-4, 8))
    axes.legend(loc="lower left")
    return picture


def numbers_conditional(data: xr.Dataset) -> dict[str, Quantity]:
    """Where model and closed form meet, and the extreme point."""
    closed = epr_pair.qnd_conditional_exact(data.cooperativity.values, NOISE, QUALITY, np.array(EFFICIENCIES)[:, None])
    worst = float(np.abs(data.model.values / closed - 1).max())
    exact = float(epr_pair.qnd_conditional_exact(EXTREME[0], NOISE, EXTREME[1]))
    note = f"Q = 1e8, brownian damping; the exact closed form has {exact:.15g}"
    return {
        "worst deviation from the closed form": Quantity(worst, None, None, "1", "exact closed form"),
        "Δ at cooperativity 1e8": Quantity(float(data.extreme), None, None, "1", "exact closed form", note),
    }


def compute_unconditional(quick: bool) -> xr.Dataset:
    """The Duan sum of the schemes at their best ζ for each cooperativity; no detector anywhere."""
    fine, coarse = _axes(quick, 4.0, 4e6)
    variables: dict[str, Any] = {
        "qnd": ("fine_cooperativity", NOISE + 0 * fine, _DELTA),
        "dissipative": ("fine_cooperativity", epr_pair.dissipative_optimum(fine, NOISE)[0], _DELTA),
        "mixed": ("fine_cooperativity", epr_pair.mixed_optimum(fine, NOISE)[0], _DELTA),
        "mixed_lossy": ("fine_cooperativity", epr_pair.mixed_optimum(fine, NOISE, LINK)[0], _DELTA),
        "perfect_detector": ("fine_cooperativity", epr_pair.qnd_conditional(fine, NOISE), _DELTA),
    }
    zeta, lossy = epr_pair.mixed_optimum(coarse, NOISE)[1], epr_pair.mixed_optimum(coarse, NOISE, LINK)[1]
    same = epr_pair.dissipative_optimum(coarse, NOISE)[1]
    models = {
        "dissipative_model": _unconditional(coarse, (same, same)),
        "mixed_model": _unconditional(coarse, (zeta, 0.0)),
        "mixed_lossy_model": _unconditional(coarse, (lossy, 0.0), link=LINK),
        "reversed_model": _unconditional(coarse, (zeta, 0.0), spin_first=False),
    }
    variables |= {name: ("cooperativity", values, _DELTA) for name, values in models.items()}
    return _dataset(variables, fine, coarse, "unconditional")


@house_style()
def draw_unconditional(data: xr.Dataset) -> Figure:
    """Δ against cooperativity: which scheme works, and which order."""
    picture, axes = figure("single", aspect=0.86)
    lines: dict[str, tuple[str, Any, str]] = {
        "dissipative": (POSITIVE_MASS, "-", r"same $\zeta$ on both"),
        "mixed": (NEGATIVE_MASS, "-", "QND spin first"),
        "mixed_lossy": (NEGATIVE_MASS, ":", f"the same, link {LINK:g}"),
    }
    axes.plot(
        data.cooperativity, data.reversed_model, "v--", color=SPIN, markersize=3, linewidth=0.8, label="reverse order"
    )
    axes.plot(data.fine_cooperativity, data.qnd, color=LIGHT, linestyle="--", label="QND only")
    for name, (colour, dashes, label) in lines.items():
        axes.plot(data.fine_cooperativity, data[name], color=colour, linestyle=dashes, label=label)
        axes.plot(data.cooperativity, data[f"{name}_model"], "o", color=colour, markersize=3)
    axes.plot(
        data.fine_cooperativity,
        data.perfect_detector,
        color=REFERENCE,
        linestyle=(0, (1, 3)),
        linewidth=2,
        label="QND, perfect detector",
    )
    _bound(axes)
    axes.set(xscale="log", yscale="log", xlabel=r"Cooperativity $\Gamma/\gamma$", ylabel=r"Duan sum $\Delta$")
    axes.set(xlim=(4, 4e6), ylim=(1e-3, 40))
    axes.legend(loc="lower left", fontsize=7)
    return picture


def numbers_unconditional(data: xr.Dataset) -> dict[str, Quantity]:
    """Deviations from the closed forms, the floor of link loss, and the order that does not work."""
    c = data.cooperativity.values
    expected = {
        "dissipative": epr_pair.dissipative_optimum(c, NOISE)[0],
        "mixed": epr_pair.mixed_optimum(c, NOISE)[0],
        "mixed_lossy": epr_pair.mixed_optimum(c, NOISE, LINK)[0],
    }
    found = {
        f"worst deviation, {name}": Quantity(
            float(np.abs(data[f"{name}_model"].values / values - 1).max()), None, None, "1", "closed form", "order Γ/Ω"
        )
        for name, values in expected.items()
    }
    floor = 0.5 * np.sqrt((1 - LINK) / LINK)
    found["Δ at the largest cooperativity, lossy link"] = Quantity(
        float(data.mixed_lossy_model[-1]),
        None,
        None,
        "1",
        "closed form",
        f"falls to ½√((1−η₁)/η₁) = {floor:.6f} as c → ∞",
    )
    least = float(data.reversed_model.min())
    found["smallest Δ, reverse order"] = Quantity(least, None, None, "1", "model", "1 or more: no entanglement")
    return found


def _axes(quick: bool, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    return np.geomspace(low, high, 60 if quick else 240), np.geomspace(low, high, 7 if quick else 15)


def _dataset(variables: dict[str, Any], fine: np.ndarray, coarse: np.ndarray, kind: str) -> xr.Dataset:
    coordinates = {
        "fine_cooperativity": ("fine_cooperativity", fine, _COOPERATIVITY),
        "cooperativity": ("cooperativity", coarse, _COOPERATIVITY),
    }
    about = {"title": f"EPR entanglement, {kind}", "parameters": f"n_M, n_S = {OCCUPATIONS}; {_ASSUMED}"}
    return xr.Dataset(variables, coordinates, about | {"quality": QUALITY})


def _conditional(cooperativity: np.ndarray, efficiency: float, link: float = 1.0) -> np.ndarray:
    pair = epr_pair.network(cooperativity, OCCUPATIONS, quality=QUALITY, damping=Damping.BROWNIAN, link=link)
    return duan_sum_of_system(pair.system, *PAIR, Homodyne(efficiency=efficiency)).value


def _unconditional(
    cooperativity: np.ndarray, tensor: tuple[Any, Any], link: float = 1.0, spin_first: bool = True
) -> np.ndarray:
    quality = 1e5 * cooperativity.max()  # Γ/Ω ≤ 1e-5: the rotating-wave limit of the closed forms
    pair = epr_pair.network(
        cooperativity,
        OCCUPATIONS,
        quality=quality,
        tensor=tensor,
        link=link,
        spin_first=spin_first,
        compensated=link < 1,
    )
    return duan_sum_of_system(pair.system, *PAIR).value


def _bound(axes: Any) -> None:
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    axes.text(0.98, 1.06, "separable above", transform=axes.get_yaxis_transform(), ha="right", fontsize=7)


CONDITIONAL = Recipe(
    "conditional-epr",
    "Conditional EPR entanglement against cooperativity: what a detector buys",
    compute_conditional,
    draw_conditional,
    numbers_conditional,
)
UNCONDITIONAL = Recipe(
    "unconditional-epr",
    "Unconditional EPR entanglement: which scheme, and which order",
    compute_unconditional,
    draw_unconditional,
    numbers_unconditional,
)
