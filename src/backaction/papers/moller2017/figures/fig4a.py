"""Møller et al. 2017, Fig. 4a: broadband evasion with a detuned spin."""

from __future__ import annotations

from backaction.figures.data import Dataset
from backaction.figures.recipe import Quantity
from backaction.figures.style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, SPIN, Figure, figure
from backaction.systems.published.moller2017 import parameters

from ..curves import (
    add_displacement_axis,
    banded,
    displacement_scale,
    draw_curve,
    frequency_axis,
    offset_axis,
    parts,
    samples,
    say_inferred,
    spectral_dataset,
    variances,
    with_mass,
)
from .fig3a import apart
from .fig3c import area_numbers, pieces, stack

__all__ = ["compute", "draw", "numbers"]


def compute(quick: bool) -> Dataset:
    """Both masses, membrane alone and spin alone, and the parts of the negative mass."""
    omega = frequency_axis("fig4", 24, quick)
    positive, drawn = parameters("fig4", mass=1), with_mass(samples("fig4", quick), 1)
    curves = apart("fig4", omega, quick, "membrane alone") | pieces("fig4", -1, omega, quick)
    curves |= banded("hybrid, positive", *(parts(p, omega)["total"] for p in (positive, drawn)))
    curves["membrane alone, thermal"] = 1 + parts(parameters("fig4"), omega, with_spin=False)["membrane"]
    areas = variances(parameters("fig4", mass=-1))
    areas["positive_back_action_area"] = variances(positive)["back_action_area"]
    return spectral_dataset("fig4", omega, curves, displacement_scale=displacement_scale(parameters("fig4")), **areas)


def draw(data: Dataset) -> Figure:
    """Spectra on the left, the areas of membrane and hybrid on the right."""
    picture, (left, right) = figure("double", aspect=0.42, letters=True, ncols=2, sharey=True)
    offset = offset_axis(left, data)
    draw_curve(left, offset, data, "hybrid, positive", POSITIVE_MASS, "positive mass")
    draw_curve(left, offset, data, "membrane alone", MECHANICS, "membrane alone")
    draw_curve(left, offset, data, "hybrid", NEGATIVE_MASS, "negative mass")
    draw_curve(left, offset, data, "spin", SPIN, "spin alone")
    left.legend(loc="upper left")
    say_inferred(left)
    offset_axis(right, data)
    thermal, alone, hybrid = data.psd.sel(curve=["membrane alone, thermal", "membrane alone", "hybrid"])
    striped = {"facecolor": "none", "edgecolor": MECHANICS, "hatch": "////", "linewidth": 0}
    right.fill_between(offset, thermal, alone, label="back action, membrane alone", **striped)
    stack(right, offset, data, color=NEGATIVE_MASS, alpha=0.35, label="back action, hybrid")
    right.plot(offset, hybrid, color=NEGATIVE_MASS)
    right.plot(offset, alone, color=MECHANICS, linewidth=1.0)
    right.legend(loc="upper left")
    left.set_ylim(0, 1.1 * float(data.psd.sel(curve="hybrid, positive").max()))
    add_displacement_axis(right, data.attrs["displacement_scale"])
    right.set(xlim=(-16, 16), ylabel="")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Areas in the paper's x_zpf², both masses."""
    positive = data.assign_attrs(back_action_area=data.attrs["positive_back_action_area"])
    wanted = "back-action variance, positive mass"
    return area_numbers(data, "negative", "fig4") | {wanted: area_numbers(positive, "positive", "fig4")[wanted]}
