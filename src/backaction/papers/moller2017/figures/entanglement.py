"""Whether spin and membrane of Møller et al. 2017 were entangled: a band, because the paper does not determine it.

Smallest PPT eigenvalue and EPR variance of spin and membrane, given the homodyne record (conditional) and without it
(unconditional), against the homodyne angle in the reflected carrier's frame.  The band runs over all parameter sets
that the published numbers allow (`backaction.papers.moller2017.allowed`); the lines are the two
inferences of Γ_S and n_S; the dark band is the central 68 % of their posterior (`posterior`) over all
readings of the efficiencies.  No point of either band is a verdict.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter

from backaction.entanglement import epr_variance, smallest_ppt_eigenvalue
from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, figure, house_style, panel_label
from backaction.gaussian import GaussianState, Homodyne, conditional_state, steady_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz
from backaction.systems.published.moller2017 import COLUMNS, FREE, PHYSICAL, LinkLoss, chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from ..allowed import AREA_TOLERANCE, DETECTION, Allowed, allowed_parameters
from ..posterior import mixed_samples

__all__ = ["ENTANGLEMENT"]

MASSES = {"negative": -1.0, "positive": 1.0}
INFERENCES = (FREE, PHYSICAL)
CRITERIA = {"ppt": 0.5, "epr": 1.0}
"""Criterion and the bound of separable states."""

_FIGURES = {"fig3": "Fig. 3", "fig4": "Fig. 4"}
_TITLES = {"ppt": "smallest PPT eigenvalue", "epr": "EPR variance"}
_COLOURS = {"negative": NEGATIVE_MASS, "positive": POSITIVE_MASS}
_DASHES: dict[str, Any] = {"free": "-", "physical": (0, (4, 1.5))}
_VARIANTS: dict[str, tuple[str, Any]] = {
    "η1 = 0.53, mode matching included": (r"$\eta_1 = 0.53$", (0, (5, 1.2, 1, 1.2))),
    "η2 = 0.75": (r"$\eta_2 = 0.75$", (0, (2, 1))),
    "n_S = 0.9 (areas deviate by 9 %)": (r"$n_S = 0.9$", (0, (1, 1.4))),
}
"""Label and dashes of the free inference with one number changed, in the order of `compute`."""
_TINT = 0.35
_LABEL_ANGLE = 92.0


def compute(quick: bool) -> xr.Dataset:
    """Both criteria over the allowed parameter sets, and for the two inferences.

    Returns
    -------
    xarray.Dataset
        For each criterion X = `ppt` (separable ≥ ½) and `epr` (≥ 1): `X_conditional` (column, mass, angle, sample),
        `X_unconditional` (column, mass, sample); the same `…_inferred` with `inference` in place of `sample`;
        `X_posterior` (column, angle, draw), conditional, negative mass; and
        `X_variant` (variant, angle), conditional: Fig. 3, negative mass, free inference, with one number changed.
        The parameters of the samples stand beside them, rates as full widths in the library's convention.
    """
    angle = _angles(quick)
    allowed = allowed_parameters(DETECTION[:: len(DETECTION) - 1] if quick else DETECTION)
    inferred = {name: _stacked([parameters(name, inference=one) for one in INFERENCES]) for name in COLUMNS}
    free = parameters("fig3")
    variants = {
        "η1 = 0.53, mode matching included": parameters("fig3", link=LinkLoss.COMBINED),
        "η2 = 0.75": replace(free, detection_efficiency=0.75),
        "n_S = 0.9 (areas deviate by 9 %)": replace(free, spin_occupation=0.9),
    }
    variables: dict[str, Any] = {}
    for suffix, axis, sets in (("", "sample", allowed.columns), ("_inferred", "inference", inferred)):
        values = [[_criteria(p, mass, angle) for mass in MASSES.values()] for p in sets.values()]
        for position, criterion in enumerate(CRITERIA):
            conditional = [[one[0][position] for one in row] for row in values]
            unconditional = [[one[1][position] for one in row] for row in values]
            variables[f"{criterion}_conditional{suffix}"] = (["column", "mass", "angle", axis], conditional)
            variables[f"{criterion}_unconditional{suffix}"] = (["column", "mass", axis], unconditional)
    both, _ = _criteria(_stacked(list(variants.values())), MASSES["negative"], angle)
    for criterion, value in zip(CRITERIA, both, strict=True):
        variables[f"{criterion}_variant"] = (["angle", "variant"], value)
    drawn = mixed_samples(16 if quick else 64)
    posterior = [_criteria(p, MASSES["negative"], angle)[0] for p in drawn.values()]
    for position, criterion in enumerate(CRITERIA):
        variables[f"{criterion}_posterior"] = (["column", "angle", "draw"], [one[position] for one in posterior])
    variables |= _sample_parameters(allowed)
    data = xr.Dataset(
        variables,
        {
            "column": list(COLUMNS),
            "mass": list(MASSES),
            "inference": [inference.name for inference in INFERENCES],
            "variant": list(variants),
            "angle": (
                "angle",
                np.degrees(angle).round(6),
                {"units": "deg", "long_name": "homodyne angle from the carrier"},
            ),
        },
        {
            "title": "Møller et al. 2017: spin and membrane, entangled or not",
            "convention": "vacuum variance 1/2; separable states have ppt >= 0.5 and epr >= 1",
            "band": f"parameter sets that give all eight published area ratios to {AREA_TOLERANCE:.0%}",
        },
    )
    for name in data.data_vars:
        data[name].attrs.setdefault("units", "1")
    return data


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Whole range of angles on the left, the neighbourhood of the bound on the right; PPT above, EPR below."""
    picture, axes = figure("double", aspect=0.74, nrows=2, ncols=2, sharex="col")
    for row, (criterion, bound) in enumerate(CRITERIA.items()):
        _draw_overview(axes[row, 0], data.sel(column="fig3"), criterion, bound)
        _draw_detail(axes[row, 1], data.sel(mass="negative"), criterion, bound)
        for column in (0, 1):
            panel_label(axes[row, column], "abcd"[2 * row + column])
            axes[row, column].set_ylabel(_TITLES[criterion][0].upper() + _TITLES[criterion][1:])
    for lower in axes[1]:
        lower.set_xlabel("Homodyne angle (deg; 90: phase of the carrier)")
    axes[0, 0].legend(handles=_overview_key(), loc="upper center")
    axes[0, 1].legend(loc="upper center", ncols=2, columnspacing=1.0, handlelength=1.8)
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Return both criteria at the best homodyne angle: the inferences, and the edges of what is allowed."""
    found = {}
    for criterion, title in _TITLES.items():
        for column in data.column.values:
            here = {"column": column, "mass": "negative"}
            best = data[f"{criterion}_conditional"].sel(here).min("angle")
            low, high = float(best.min()), float(best.max())
            verdict = f"undetermined by the published numbers: between {low:.3f} and {high:.3f}"
            source = f"{_FIGURES[column]}, Table I, text"
            about = f"{title}, conditional, {_FIGURES[column]}"
            inferred = data[f"{criterion}_conditional_inferred"].sel(here).min("angle")
            for inference in data.inference.values:
                value = float(inferred.sel(inference=inference))
                found[f"{about}, {inference} inference"] = Quantity(value, None, None, "1", source, verdict)
            found |= _posterior_numbers(data, criterion, column)
            found[f"{about}, lower edge"] = Quantity(low, None, None, "1", source, verdict)
            found[f"{about}, upper edge"] = Quantity(high, None, None, "1", source, verdict)
        for variant in data.variant.values:
            value = float(data[f"{criterion}_variant"].sel(variant=variant).min("angle"))
            note = "free inference but for this number; one point, not a verdict"
            found[f"{title}, conditional, Fig. 3, {variant}"] = Quantity(value, None, None, "1", "text", note)
        found |= _separable_numbers(data, criterion)
    return found


def _posterior_numbers(data: xr.Dataset, criterion: str, column: str) -> dict[str, Quantity]:
    """Median of the posterior at the best angle, and how much of it lies below the bound."""
    best = data[f"{criterion}_posterior"].sel(column=column).min("angle")
    low, high = (float(best.quantile(q)) for q in (0.025, 0.975))
    share = float((best < CRITERIA[criterion]).mean())
    note = (
        f"95 % between {low:.3f} and {high:.3f}, {100 * share:.0f} % below {CRITERIA[criterion]:g}; with all readings "
        "of the efficiencies alike, which is a choice: undetermined by the published numbers"
    )
    about = f"{_TITLES[criterion]}, conditional, {_FIGURES[column]}, median of the posterior"
    return {about: Quantity(float(best.median()), None, None, "1", "Table I, text", note)}


def _separable_numbers(data: xr.Dataset, criterion: str) -> dict[str, Quantity]:
    """The cases that no allowed parameter set brings below the bound, with their smallest value."""
    found, here = {}, {"column": "fig3"}
    title = _TITLES[criterion]
    for about, values in {
        f"{title}, conditional, Fig. 3, positive mass": data[f"{criterion}_conditional"].sel(
            here | {"mass": "positive"}
        ),
        f"{title}, unconditional, Fig. 3": data[f"{criterion}_unconditional"].sel(here | {"mass": "negative"}),
        f"{title}, unconditional, Fig. 3, positive mass": data[f"{criterion}_unconditional"].sel(
            here | {"mass": "positive"}
        ),
    }.items():
        lowest = float(values.min())
        bound = CRITERIA[criterion]
        note = f"smallest over all allowed parameters and angles; separable states have {bound:g} or more"
        found[about] = Quantity(lowest, None, None, "1", "Table I, text", note)
    return found


def _angles(quick: bool) -> FloatArray:
    """Angles in rad, denser where the negative mass has its minimum, and where the record turns useless."""
    if quick:
        return np.radians(np.union1d(np.linspace(0, 180, 13), np.arange(72.0, 115.0, 4.0)))
    pieces = (np.arange(0, 36, 2), np.arange(36, 72, 6), np.arange(72, 114, 2), np.arange(114, 156, 6))
    return np.radians(np.concatenate([*pieces, np.arange(156, 181, 3)]).astype(np.float64))


def _criteria(p: HybridParameters, mass: float, angle: FloatArray) -> tuple[list[FloatArray], list[FloatArray]]:
    """Conditional values, each (angle, P), and unconditional ones, each (P,), for P parameter sets as one batch."""
    experiment = chain(replace(p, spin_frequency=mass * np.abs(p.spin_frequency)))
    detector = experiment.in_carrier_frame(Homodyne("out", angle[:, None]))
    conditional = conditional_state(experiment.system, detector)
    return _both(conditional), _both(steady_state(experiment.system))


def _both(state: GaussianState) -> list[FloatArray]:
    return [criterion(state, "spin", "membrane").value for criterion in (smallest_ppt_eigenvalue, epr_variance)]


def _stacked(sets: list[HybridParameters]) -> HybridParameters:
    """Several parameter sets as one batch."""
    names = [field.name for field in fields(HybridParameters)]
    return HybridParameters(**{name: np.array([getattr(p, name) for p in sets]) for name in names})


def _sample_parameters(allowed: Allowed) -> dict[str, Any]:
    """What differs between the samples, as variables of the data set."""
    one = allowed.columns["fig3"]
    by_column = ["column", "sample"]
    rate = [2 * np.broadcast_to(p.spin_readout_rate, allowed.size) / Hz for p in allowed.columns.values()]
    occupation = [np.broadcast_to(p.spin_occupation, allowed.size) for p in allowed.columns.values()]
    return {
        "link_efficiency": ("sample", one.link_efficiency),
        "mode_matching": ("sample", one.mode_matching),
        "detection_efficiency": ("sample", one.detection_efficiency),
        "bath_occupation": ("sample", one.bath_occupation),
        "spin_readout_rate": (by_column, rate, {"units": "Hz", "note": "Γ/2π, the library's Γ"}),
        "spin_occupation": (by_column, occupation),
        "worst_area_deviation": ("sample", np.abs(allowed.deviations).max(axis=-1)),
    }


def _edges(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    return values.min("sample"), values.max("sample")


def _draw_overview(axes: Any, data: xr.Dataset, criterion: str, bound: float) -> None:
    for mass, colour in _COLOURS.items():
        conditional = data[f"{criterion}_conditional"].sel(mass=mass)
        low_edge, high_edge = _edges(conditional)
        axes.fill_between(data.angle, low_edge, high_edge, color=colour, alpha=_TINT, linewidth=0)
        free = {"mass": mass, "inference": "free"}
        axes.plot(data.angle, data[f"{criterion}_conditional_inferred"].sel(free), color=colour)
        low, high = _edges(data[f"{criterion}_unconditional"].sel(mass=mass))
        axes.axhspan(float(low), float(high), facecolor="none", edgecolor=colour, hatch="/////", linewidth=0)
        edge, side = (high_edge, "bottom") if mass == "negative" else (low_edge, "top")
        height = float(edge.sel(angle=_LABEL_ANGLE, method="nearest"))
        axes.text(_LABEL_ANGLE, height, f"{mass} mass", color=colour, ha="center", va=side)
    axes.axhline(bound, color=REFERENCE, linewidth=0.9)
    axes.text(178, 0.97 * bound, f"separable states: ≥ {bound:g}", fontsize=7, ha="right", va="top")
    axes.set(yscale="log", xlim=(0, 180), ylim=(0.75 * bound, 80 * bound))
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50) if 0.75 * bound < tick < 80 * bound]
    axes.set_yticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(range(0, 181, 45))


def _draw_detail(axes: Any, data: xr.Dataset, criterion: str, bound: float) -> None:
    here = data.sel(column="fig3")
    low, high = _edges(here[f"{criterion}_conditional"])
    axes.fill_between(data.angle, low, high, color=NEGATIVE_MASS, alpha=_TINT, linewidth=0)
    low68, high68 = (here[f"{criterion}_posterior"].quantile(q, "draw") for q in (0.16, 0.84))
    axes.fill_between(data.angle, low68, high68, color=NEGATIVE_MASS, alpha=_TINT, linewidth=0, label="posterior, 68 %")
    for inference, dashes in _DASHES.items():
        values = here[f"{criterion}_conditional_inferred"].sel(inference=inference)
        axes.plot(data.angle, values, color=NEGATIVE_MASS, linestyle=dashes, label=f"{inference} inference")
    edges = _edges(data[f"{criterion}_conditional"].sel(column="fig4"))
    for edge, label in zip(edges, ("edges for Fig. 4", None), strict=True):
        axes.plot(data.angle, edge, color="0.45", linewidth=0.7, label=label)
    for variant, (label, dashes) in _VARIANTS.items():
        values = data[f"{criterion}_variant"].sel(variant=variant)
        axes.plot(data.angle, values, color="0.2", linewidth=0.9, linestyle=dashes, label=f"free, {label}")
    axes.axhline(bound, color=REFERENCE, linewidth=0.9)
    at = 110.0
    ends = [float(edge.sel(angle=at, method="nearest")) for edge in (low, high)]
    axes.annotate("", (at, ends[0]), (at, ends[1]), arrowprops={"arrowstyle": "<->", "shrinkA": 0, "shrinkB": 0})
    best = [float(edge.min()) for edge in (low, high)]
    text = f"undetermined by the\npublished numbers:\n{best[0]:.2f} to {best[1]:.2f}\nat the best angle"
    axes.text(113.2, 0.75 * bound, text, ha="right", va="bottom", fontsize=7)
    axes.set(xlim=(72, 114), ylim=(0.74 * bound, 1.46 * bound))


def _overview_key() -> list[Any]:
    return [
        Patch(facecolor="0.5", alpha=_TINT, linewidth=0, label="conditional: allowed"),
        Line2D([], [], color="0.3", label="free inference"),
        Patch(facecolor="none", edgecolor="0.3", hatch="/////", linewidth=0, label="unconditional: allowed"),
    ]


ENTANGLEMENT = Recipe(
    "moller2017-entanglement",
    "Entanglement of spin and membrane, undetermined by the published numbers (Møller et al. 2017)",
    compute,
    draw,
    numbers,
)
