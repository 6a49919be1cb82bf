"""Møller et al. 2017, Fig. 3a: membrane and spin by themselves."""

from __future__ import annotations

from backaction.figures.data import Dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import MECHANICS, REFERENCE, SPIN, Figure, figure
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import parameters

from ..curves import (
    banded,
    draw_curve,
    frequency_axis,
    offset_axis,
    parts,
    samples,
    say_inferred,
    spectral_dataset,
    uncoupled,
)

__all__ = ["apart", "compute", "draw", "numbers"]


def compute(quick: bool) -> Dataset:
    """Membrane and spin by themselves at the same detector, and their sum."""
    omega = frequency_axis("fig3", 24, quick)
    curves = apart("fig3", omega, quick, "membrane")
    return spectral_dataset("fig3", omega, curves | {"sum": curves["membrane"] + curves["spin"] - 1})


def apart(column: str, omega: FloatArray, quick: bool, alone: str) -> dict[str, FloatArray]:
    """Membrane alone (under the name `alone`) and spin alone, with their bands."""
    line, drawn = parameters(column), samples(column, quick)
    membrane = (parts(p, omega, with_spin=False)["total"] for p in (line, drawn))
    spin = (parts(uncoupled(p), omega)["total"] for p in (line, drawn))
    return banded(alone, *membrane) | banded("spin", *spin)


def draw(data: Dataset) -> Figure:
    """Two curves and the dashed sum."""
    picture, axes = figure("single", aspect=0.8)
    offset = offset_axis(axes, data)
    for name, colour in (("membrane", MECHANICS), ("spin", SPIN)):
        draw_curve(axes, offset, data, name, colour, f"{name} alone")
    axes.plot(offset, data.psd.sel(curve="sum"), color=REFERENCE, linestyle=(0, (4, 2)), label="sum")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left")
    say_inferred(axes)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Heights on resonance."""
    found = {}
    for name in ("membrane", "spin", "sum"):
        note = "no number is printed" + ("" if name == "membrane" else "; Γ_S and n_S inferred")
        found[f"peak of the {name}"] = computed(data.psd.sel(curve=name).max(), "Fig. 3a", note, "shot noise")
    return found
