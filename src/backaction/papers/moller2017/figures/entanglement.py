"""Møller et al. 2017: whether spin and membrane were entangled; a band, because the paper does not determine it.

Smallest PPT eigenvalue and EPR variance of spin and membrane, given the homodyne record (conditional) and without it
(unconditional), against the homodyne angle in the reflected carrier's frame.  The band runs over all parameter sets
that the published numbers allow (`backaction.papers.moller2017.allowed`); the lines are the two inferences of Γ_S and
n_S; the dark band is the central 68 % of their posterior (`posterior`) over all readings of the efficiencies.  No point
of either band is a verdict.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter

from backaction.entanglement import epr_variance, smallest_ppt_eigenvalue
from backaction.figures.data import DataArray, Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import NEGATIVE_MASS, REFERENCE, Axes, Figure, figure, shade
from backaction.gaussian import Homodyne, conditional_state, steady_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz
from backaction.systems.published.moller2017 import COLUMNS, FREE, PHYSICAL, LinkLoss, chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters
from backaction.systems.published.moller2017.table import TITLES

from ..allowed import AREA_TOLERANCE, DETECTION, Allowed, allowed_parameters
from ..curves import BAND_QUANTILES, COLOURS, MASSES, percent, with_mass
from ..posterior import mixed_samples

__all__ = ["compute", "draw", "numbers"]

INFERENCES = (FREE, PHYSICAL)
CRITERIA: dict[str, tuple[Any, float, str]] = {
    "ppt": (smallest_ppt_eigenvalue, 0.5, "smallest PPT eigenvalue"),
    "epr": (epr_variance, 1.0, "EPR variance"),
}
"""Criterion, the bound of separable states, and its name."""

_VARIANTS: dict[str, tuple[str, Any]] = {
    "η1 = 0.53, mode matching included": (r"$\eta_1 = 0.53$", (0, (5, 1.2, 1, 1.2))),
    "η2 = 0.75": (r"$\eta_2 = 0.75$", (0, (2, 1))),
    "n_S = 0.9 (areas deviate by 9 %)": (r"$n_S = 0.9$", (0, (1, 1.4))),
}
"""Label and dashes of the free inference with one number changed, in the order of `compute`."""
_TINT = 0.35
_LABEL_ANGLE = 92.0


def compute(quick: bool) -> Dataset:
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
    variants = _stacked(
        [
            parameters("fig3", link=LinkLoss.COMBINED),
            replace(free, detection_efficiency=0.75),
            replace(free, spin_occupation=0.9),
        ]
    )
    variables: dict[str, Any] = {}
    for suffix, axis, sets in (("", "sample", allowed.columns), ("_inferred", "inference", inferred)):
        found = [[_criteria(with_mass(p, mass), angle) for mass in MASSES.values()] for p in sets.values()]
        for key in found[0][0]:
            dimensions = f"column mass {'angle ' if key.endswith('_conditional') else ''}{axis}"
            variables[key + suffix] = (dimensions, [[one[key] for one in row] for row in found])
    changed = _criteria(variants, angle)
    drawn = [_criteria(p, angle) for p in mixed_samples(16 if quick else 64).values()]
    for criterion in CRITERIA:
        key = f"{criterion}_conditional"
        variables[f"{criterion}_variant"] = ("angle variant", changed[key])
        variables[f"{criterion}_posterior"] = ("column angle draw", [one[key] for one in drawn])
    return dataset(
        variables | _sample_parameters(allowed),
        {
            "column": list(COLUMNS),
            "mass": list(MASSES),
            "inference": [inference.name for inference in INFERENCES],
            "variant": list(_VARIANTS),
            "angle": (np.degrees(angle).round(6), "deg", "homodyne angle from the carrier"),
        },
        convention="vacuum variance 1/2; separable states have ppt >= 0.5 and epr >= 1",
        band=f"parameter sets that give all eight published area ratios to {AREA_TOLERANCE:.0%}",
    )


def _angles(quick: bool) -> FloatArray:
    """Angles in rad, denser where the negative mass has its minimum, and where the record turns useless."""
    if quick:
        return np.radians(np.union1d(np.linspace(0, 180, 13), np.arange(72.0, 115.0, 4.0)))
    pieces = (np.arange(0, 36, 2), np.arange(36, 72, 6), np.arange(72, 114, 2), np.arange(114, 156, 6))
    return np.radians(np.concatenate([*pieces, np.arange(156, 181, 3)]).astype(np.float64))


def _criteria(p: HybridParameters, angle: FloatArray) -> dict[str, FloatArray]:
    """`X_conditional`, each (angle, P), and `X_unconditional`, each (P,), for P parameter sets as one batch."""
    experiment = chain(p)
    detector = experiment.in_carrier_frame(Homodyne("out", angle[:, None]))
    conditional, free = conditional_state(experiment.system, detector), steady_state(experiment.system)
    return {
        f"{name}_{kind}": criterion(state, "spin", "membrane").value
        for kind, state in (("conditional", conditional), ("unconditional", free))
        for name, (criterion, *_) in CRITERIA.items()
    }


def _stacked(sets: list[HybridParameters]) -> HybridParameters:
    """Several parameter sets as one batch."""
    names = [field.name for field in fields(HybridParameters)]
    return HybridParameters(**{name: np.array([getattr(p, name) for p in sets]) for name in names})


def _sample_parameters(allowed: Allowed) -> dict[str, Any]:
    """What differs between the samples, as variables of the data set."""
    columns = allowed.columns.values()
    rate = [2 * np.broadcast_to(p.spin_readout_rate, allowed.size) / Hz for p in columns]
    occupation = [np.broadcast_to(p.spin_occupation, allowed.size) for p in columns]
    common = ("link_efficiency", "mode_matching", "detection_efficiency", "bath_occupation")
    return {name: ("sample", getattr(allowed.columns["fig3"], name)) for name in common} | {
        "spin_readout_rate": ("column sample", rate, "Hz", "Γ/2π, the library's Γ"),
        "spin_occupation": ("column sample", occupation),
        "worst_area_deviation": ("sample", np.abs(allowed.deviations).max(axis=-1)),
    }


def draw(data: Dataset) -> Figure:
    """Whole range of angles on the left, the neighbourhood of the bound on the right; PPT above, EPR below."""
    picture, axes = figure("double", aspect=0.74, letters=True, nrows=2, ncols=2, sharex="col")
    for (left, right), (criterion, (_, bound, title)) in zip(axes, CRITERIA.items(), strict=True):
        _draw_overview(left, data.sel(column="fig3"), criterion, bound)
        _draw_detail(right, data.sel(mass="negative"), criterion, bound)
        for panel in (left, right):
            panel.axhline(bound, color=REFERENCE, linewidth=0.9)
            panel.set_ylabel(title[0].upper() + title[1:])
    for lower in axes[1]:
        lower.set_xlabel("Homodyne angle (deg; 90: phase of the carrier)")
    key = [
        Patch(facecolor="0.5", alpha=_TINT, linewidth=0, label="conditional: allowed"),
        Line2D([], [], color="0.3", label="free inference"),
        Patch(facecolor="none", edgecolor="0.3", hatch="/////", linewidth=0, label="unconditional: allowed"),
    ]
    axes[0, 0].legend(handles=key, loc="upper center")
    axes[0, 1].legend(loc="upper center", ncols=2, columnspacing=1.0, handlelength=1.8)
    return picture


def _edges(values: DataArray) -> tuple[DataArray, DataArray]:
    return values.min("sample"), values.max("sample")


def _draw_overview(axes: Axes, data: Dataset, criterion: str, bound: float) -> None:
    for mass, colour in COLOURS.items():
        here = data.sel(mass=mass)
        low, high = _edges(here[f"{criterion}_conditional"])
        shade(axes, data.angle, (low, high), colour, _TINT)
        axes.plot(data.angle, here[f"{criterion}_conditional_inferred"].sel(inference="free"), color=colour)
        span = (float(edge) for edge in _edges(here[f"{criterion}_unconditional"]))
        axes.axhspan(*span, facecolor="none", edgecolor=colour, hatch="/////", linewidth=0)
        edge, side = (high, "bottom") if mass == "negative" else (low, "top")
        height = float(edge.sel(angle=_LABEL_ANGLE, method="nearest"))
        axes.text(_LABEL_ANGLE, height, f"{mass} mass", color=colour, ha="center", va=side)
    axes.text(178, 0.97 * bound, f"separable states: ≥ {bound:g}", fontsize=7, ha="right", va="top")
    axes.set(yscale="log", xlim=(0, 180), ylim=(0.75 * bound, 80 * bound))
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50) if 0.75 * bound < tick < 80 * bound]
    axes.set_yticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(range(0, 181, 45))


def _draw_detail(axes: Axes, data: Dataset, criterion: str, bound: float) -> None:
    here = data.sel(column="fig3")
    low, high = _edges(here[f"{criterion}_conditional"])
    shade(axes, data.angle, (low, high), NEGATIVE_MASS, _TINT)
    posterior = here[f"{criterion}_posterior"].quantile(BAND_QUANTILES, "draw")
    shade(axes, data.angle, posterior, NEGATIVE_MASS, _TINT, "posterior, 68 %")
    for inference, dashes in (("free", "-"), ("physical", (0, (4, 1.5)))):
        values = here[f"{criterion}_conditional_inferred"].sel(inference=inference)
        axes.plot(data.angle, values, color=NEGATIVE_MASS, linestyle=dashes, label=f"{inference} inference")
    edges = _edges(data[f"{criterion}_conditional"].sel(column="fig4"))
    for edge, label in zip(edges, ("edges for Fig. 4", None), strict=True):
        axes.plot(data.angle, edge, color="0.45", linewidth=0.7, label=label)
    for variant, (label, dashes) in _VARIANTS.items():
        values = data[f"{criterion}_variant"].sel(variant=variant)
        axes.plot(data.angle, values, color="0.2", linewidth=0.9, linestyle=dashes, label=f"free, {label}")
    ends = [(110.0, float(edge.sel(angle=110.0, method="nearest"))) for edge in (low, high)]
    axes.annotate("", *ends, arrowprops={"arrowstyle": "<->", "shrinkA": 0, "shrinkB": 0})
    best = f"{float(low.min()):.2f} to {float(high.min()):.2f}"
    text = f"undetermined by the\npublished numbers:\n{best}\nat the best angle"
    axes.text(113.2, 0.75 * bound, text, ha="right", va="bottom", fontsize=7)
    axes.set(xlim=(72, 114), ylim=(0.74 * bound, 1.46 * bound))


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return both criteria at the best homodyne angle: the inferences, and the edges of what is allowed."""
    found = {}
    for criterion, (_, bound, title) in CRITERIA.items():
        conditional = data[f"{criterion}_conditional"]
        for column, figure_title in TITLES.items():
            here = {"column": column, "mass": "negative"}
            best = conditional.sel(here).min("angle")
            low, high = best.min(), best.max()
            verdict = f"undetermined by the published numbers: between {float(low):.3f} and {float(high):.3f}"
            source, about = f"{figure_title}, Table I, text", f"{title}, conditional, {figure_title}"
            for value in data[f"{criterion}_conditional_inferred"].sel(here).min("angle"):
                found[f"{about}, {value.inference.item()} inference"] = computed(value, source, verdict)
            drawn = data[f"{criterion}_posterior"].sel(column=column).min("angle")
            found[f"{about}, median of the posterior"] = _median(drawn, bound)
            found |= {f"{about}, lower edge": computed(low, source, verdict)}
            found |= {f"{about}, upper edge": computed(high, source, verdict)}
        for value in data[f"{criterion}_variant"].min("angle"):
            note = "free inference but for this number; one point, not a verdict"
            found[f"{title}, conditional, Fig. 3, {value.variant.item()}"] = computed(value, "text", note)
        # the cases that no allowed parameter set brings below the bound, with their smallest value
        note = f"smallest over all allowed parameters and angles; separable states have {bound:g} or more"
        free = data[f"{criterion}_unconditional"]
        for about, values, mass in (
            ("conditional, Fig. 3, positive mass", conditional, "positive"),
            ("unconditional, Fig. 3", free, "negative"),
            ("unconditional, Fig. 3, positive mass", free, "positive"),
        ):
            lowest = values.sel(column="fig3", mass=mass).min()
            found[f"{title}, {about}"] = computed(lowest, "Table I, text", note)
    return found


def _median(drawn: DataArray, bound: float) -> Quantity:
    """Median of the posterior at the best angle, and how much of it lies below the bound."""
    low, high = drawn.quantile([0.025, 0.975]).values
    below = percent((drawn < bound).mean(), drawn.size)
    note = (
        f"95 % of {drawn.size} draws between {low:.3f} and {high:.3f}, {below} below {bound:g}; with all readings of "
        "the efficiencies alike, which is a choice: undetermined by the published numbers"
    )
    return computed(drawn.median(), "Table I, text", note)
