"""Møller et al. 2017, Fig. 3c: the hybrid of negative mass by source."""

from __future__ import annotations

from typing import Any

from backaction.figures.data import DataArray, Dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import MECHANICS, SPIN, Axes, Figure, figure, shade
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, parameters
from backaction.systems.published.moller2017.table import TITLES

from ..curves import (
    COLOURS,
    MASSES,
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
from ..likelihood import SPLIT_BAR

__all__ = ["area_numbers", "compute", "compute_pieces", "draw", "numbers", "pieces", "stack"]


def compute(quick: bool) -> Dataset:
    """The hybrid's spectrum, its thermal parts and the membrane alone."""
    return compute_pieces("negative", quick)


def compute_pieces(mass: str, quick: bool) -> Dataset:
    """Fig. 3c or 3d."""
    omega = frequency_axis("fig3", 24, quick)
    curves = pieces("fig3", MASSES[mass], omega, quick)
    curves["membrane alone"] = parts(parameters("fig3"), omega, with_spin=False)["total"]
    areas, scale = variances(parameters("fig3", mass=MASSES[mass])), displacement_scale(parameters("fig3"))
    return spectral_dataset("fig3", omega, curves, mass=mass, displacement_scale=scale, **areas)


def pieces(column: str, mass: int, omega: FloatArray, quick: bool) -> dict[str, FloatArray]:
    """The hybrid with its band, and below it the shot noise with the membrane's bath, and with both baths."""
    found = parts(parameters(column, mass=mass), omega)
    membrane = 1 + found["membrane"]
    curves = banded("hybrid", found["total"], parts(with_mass(samples(column, quick), mass), omega)["total"])
    return curves | {"membrane": membrane, "thermal": membrane + found["spin"]}


def stack(axes: Axes, offset: DataArray, data: Dataset, **top_style: Any) -> None:
    """Bath of the membrane, bath of the spin, and the back action above them."""
    membrane, thermal, hybrid = (data.psd.sel(curve=name) for name in ("membrane", "thermal", "hybrid"))
    shade(axes, offset, (1, membrane), MECHANICS, 0.4, "membrane's bath")
    shade(axes, offset, (membrane, thermal), SPIN, 0.6, "spin's bath")
    axes.fill_between(offset, thermal, hybrid, linewidth=0, **top_style)


def draw(data: Dataset) -> Figure:
    """The hybrid, stacked, with the membrane alone beside it."""
    picture, axes = figure("single", aspect=0.8)
    mass = data.attrs["mass"]
    offset, colour = offset_axis(axes, data), COLOURS[mass]
    stack(axes, offset, data, facecolor="none", edgecolor=colour, hatch="////", label="back action")
    draw_curve(axes, offset, data, "hybrid", colour, f"{mass} mass")
    axes.plot(offset, data.psd.sel(curve="thermal"), color=colour, linestyle=(0, (3, 1.5)), linewidth=0.9)
    axes.plot(offset, data.psd.sel(curve="membrane alone"), color=MECHANICS, linewidth=1.0, label="membrane alone")
    axes.set_ylim(0, 1.5 * float(data.psd.sel(curve="hybrid").max()))
    add_displacement_axis(axes, data.attrs["displacement_scale"])
    axes.legend(loc="upper left", fontsize=7)
    say_inferred(axes)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Areas in the paper's x_zpf²."""
    return area_numbers(data, data.attrs["mass"], "fig3")


def area_numbers(data: Dataset, mass: str, column: str) -> dict[str, Quantity]:
    """The variances of one mass beside the printed ones, each with the 12 % of C_q^M."""
    printed = COLUMNS[column].areas
    published = printed.back_action_negative if mass == "negative" else printed.back_action_positive
    back_action, membrane, spin = (data.attrs[f"{name}_area"] for name in ("back_action", "membrane", "spin"))
    note = "free inference; an absolute split, with the 12 % of C_q^M"
    source = f"{TITLES[column]}, text"

    def split(value: float, expected: float, about: str = note) -> Quantity:
        return Quantity(value, expected, SPLIT_BAR * expected, "x_zpf²", source, about)

    found = {
        f"back-action variance, {mass} mass": split(back_action, published.value),
        "spin's thermal variance": computed(spin, source, "free inference", "x_zpf²"),
    }
    if mass == "negative":
        total = printed.total_negative.value
        made = f"printed: {total} − {published.value}; {note}"
        found["total variance, negative mass"] = split(back_action + membrane + spin, total)
        found["thermal variance, negative mass"] = split(membrane + spin, total - published.value, made)
    return found
