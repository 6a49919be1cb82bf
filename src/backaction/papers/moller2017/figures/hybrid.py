"""Møller et al. 2017, Figs 3a, 3c, 3d and 4a: spin and membrane apart, and the hybrid's noise taken to pieces."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import (
    MECHANICS,
    NEGATIVE_MASS,
    POSITIVE_MASS,
    REFERENCE,
    SPIN,
    figure,
    house_style,
    panel_label,
)
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, parameters
from backaction.systems.published.moller2017.table import Areas

from .curves import (
    FIGURES,
    INFERRED,
    add_displacement_axis,
    centre,
    displacement_scale,
    frequency_axis,
    offset_axis,
    parts,
    quantiles,
    samples,
    spectral_dataset,
    uncoupled,
    with_mass,
)

__all__ = ["FIG3A", "FIG3C", "FIG3D", "FIG4A"]

MASSES = {"negative": -1, "positive": 1}
COLOURS = {"negative": NEGATIVE_MASS, "positive": POSITIVE_MASS}
SPLIT_BAR = 0.12
"""Of an absolute split between thermal noise and back action: that of C_q^M = 2.5 ± 0.3."""


def _curve(name: str, column: str, omega: FloatArray, quick: bool, **how: Any) -> dict[str, FloatArray]:
    """A curve of the free inference with the ends of the posterior's band: NAME; NAME, low; NAME, high."""
    mass, reduce = how.pop("mass", -1), how.pop("reduce", lambda p: p)
    line = parts(reduce(parameters(column, mass=mass)), omega, **how)["total"]
    drawn = samples(column, quick)
    signed = reduce(with_mass(drawn, mass))
    low, high = quantiles(parts(signed, omega, **how)["total"])
    return {name: line, f"{name}, low": low, f"{name}, high": high}


def _apart(column: str, omega: FloatArray, quick: bool) -> dict[str, FloatArray]:
    """Membrane alone, spin alone, and their sum above one shot noise."""
    curves = _curve("membrane", column, omega, quick, with_spin=False)
    curves |= _curve("spin", column, omega, quick, reduce=uncoupled)
    return curves | {"sum": curves["membrane"] + curves["spin"] - 1}


def _pieces(column: str, mass: int, omega: FloatArray) -> tuple[dict[str, FloatArray], dict[str, float]]:
    """Cumulative parts of the hybrid's spectrum, and the areas in the paper's x_zpf²."""
    found = parts(parameters(column, mass=mass), omega)
    lower = {"membrane": 1 + found["membrane"], "thermal": 1 + found["membrane"] + found["spin"]}
    wide = centre(column) + 2 * np.pi * 1e3 * np.linspace(-40, 40, 801)
    whole = parts(parameters(column, mass=mass), wide)
    scale = displacement_scale(parameters(column))
    areas = {name: scale * float(np.trapezoid(whole[name], dx=0.1)) for name in ("membrane", "spin", "back_action")}
    return lower, areas


def compute_3a(quick: bool) -> xr.Dataset:
    """Membrane and spin by themselves at the same detector, and their sum."""
    omega = frequency_axis("fig3", 24, quick)
    return spectral_dataset("fig3", omega, _apart("fig3", omega, quick), title="Møller et al. 2017, Fig. 3a")


def _band(axes: Any, offset: xr.DataArray, data: xr.Dataset, name: str, colour: str) -> None:
    low, high = (data.psd.sel(curve=f"{name}, {end}") for end in ("low", "high"))
    axes.fill_between(offset, low, high, color=colour, alpha=0.25, linewidth=0)


@house_style()
def draw_3a(data: xr.Dataset) -> Figure:
    """Two curves and the dashed sum."""
    picture, axes = figure("single", aspect=0.8)
    offset = offset_axis(axes, data)
    for name, colour in (("membrane", MECHANICS), ("spin", SPIN)):
        _band(axes, offset, data, name, colour)
        axes.plot(offset, data.psd.sel(curve=name), color=colour, label=f"{name} alone")
    axes.plot(offset, data.psd.sel(curve="sum"), color=REFERENCE, linestyle=(0, (4, 2)), label="sum")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left")
    axes.text(0.97, 0.95, f"{INFERRED}\n(band: 68 %)", transform=axes.transAxes, ha="right", va="top", fontsize=7)
    return picture


def numbers_3a(data: xr.Dataset) -> dict[str, Quantity]:
    """Heights on resonance."""
    found = {}
    for name in ("membrane", "spin", "sum"):
        peak = float(data.psd.sel(curve=name).max())
        note = "no number is printed" + ("" if name == "membrane" else "; Γ_S and n_S inferred")
        found[f"peak of the {name}"] = Quantity(peak, None, None, "shot noise", "Fig. 3a", note)
    return found


def compute_pieces(mass: str, quick: bool) -> xr.Dataset:
    """Fig. 3c or 3d: the hybrid's spectrum, its thermal parts and the membrane alone."""
    omega = frequency_axis("fig3", 24, quick)
    lower, areas = _pieces("fig3", MASSES[mass], omega)
    curves = _curve("hybrid", "fig3", omega, quick, mass=MASSES[mass]) | lower
    curves |= {"membrane alone": parts(parameters("fig3"), omega, with_spin=False)["total"]}
    scale = displacement_scale(parameters("fig3"))
    panel = "c" if mass == "negative" else "d"
    return spectral_dataset(
        "fig3",
        omega,
        curves,
        title=f"Møller et al. 2017, Fig. 3{panel}",
        mass=mass,
        displacement_scale=scale,
        **{f"{name}_area": value for name, value in areas.items()},
    )


def _stack(axes: Any, offset: xr.DataArray, data: xr.Dataset, **top_style: Any) -> None:
    """Bath of the membrane, bath of the spin, and the back action above them."""
    steps = [xr.ones_like(offset), data.psd.sel(curve="membrane"), data.psd.sel(curve="thermal")]
    axes.fill_between(offset, steps[0], steps[1], color=MECHANICS, alpha=0.4, linewidth=0, label="membrane's bath")
    axes.fill_between(offset, steps[1], steps[2], color=SPIN, alpha=0.6, linewidth=0, label="spin's bath")
    top = data.psd.sel(curve="hybrid")
    axes.fill_between(offset, steps[2], top, linewidth=0, **top_style)


@house_style()
def draw_pieces(data: xr.Dataset) -> Figure:
    """The hybrid, stacked, with the membrane alone beside it."""
    picture, axes = figure("single", aspect=0.8)
    colour = COLOURS[data.attrs["mass"]]
    offset = offset_axis(axes, data)
    _stack(axes, offset, data, facecolor="none", edgecolor=colour, hatch="////", label="back action")
    _band(axes, offset, data, "hybrid", colour)
    axes.plot(offset, data.psd.sel(curve="hybrid"), color=colour, label=f"{data.attrs['mass']} mass")
    axes.plot(offset, data.psd.sel(curve="thermal"), color=colour, linestyle=(0, (3, 1.5)), linewidth=0.9)
    axes.plot(offset, data.psd.sel(curve="membrane alone"), color=MECHANICS, linewidth=1.0, label="membrane alone")
    axes.set_ylim(0, 1.5 * float(data.psd.sel(curve="hybrid").max()))
    add_displacement_axis(axes, data.attrs["displacement_scale"])
    axes.legend(loc="upper left", fontsize=7)
    axes.text(0.97, 0.95, f"{INFERRED}\n(band: 68 %)", transform=axes.transAxes, ha="right", va="top", fontsize=7)
    return picture


def numbers_pieces(data: xr.Dataset) -> dict[str, Quantity]:
    """Areas in the paper's x_zpf²."""
    return _areas(data, data.attrs["mass"], "fig3")


def _areas(data: xr.Dataset, mass: str, column: str) -> dict[str, Quantity]:
    printed: Areas = COLUMNS[column].areas
    published = printed.back_action_negative if mass == "negative" else printed.back_action_positive
    back_action, membrane, spin = (float(data.attrs[f"{name}_area"]) for name in ("back_action", "membrane", "spin"))
    note = "free inference; an absolute split, with the 12 % of C_q^M"
    source = f"{FIGURES[column]}, text"
    found = {
        f"back-action variance, {mass} mass": Quantity(
            back_action, published.value, SPLIT_BAR * published.value, "x_zpf²", source, note
        ),
        "spin's thermal variance": Quantity(spin, None, None, "x_zpf²", source, "free inference"),
    }
    if mass == "negative":
        total, thermal = printed.total_negative.value, printed.total_negative.value - published.value
        found["total variance, negative mass"] = Quantity(
            back_action + membrane + spin, total, SPLIT_BAR * total, "x_zpf²", source, note
        )
        found["thermal variance, negative mass"] = Quantity(
            membrane + spin,
            thermal,
            SPLIT_BAR * thermal,
            "x_zpf²",
            source,
            f"printed: {total} − {published.value}; {note}",
        )
    return found


def compute_4a(quick: bool) -> xr.Dataset:
    """Fig. 4a: both masses, membrane alone and spin alone, and the parts of the negative mass."""
    omega = frequency_axis("fig4", 24, quick)
    curves = _apart("fig4", omega, quick)
    lower, areas = _pieces("fig4", -1, omega)
    curves["hybrid, positive"] = parts(parameters("fig4", mass=1), omega)["total"]
    positive = parts(with_mass(samples("fig4", quick), 1), omega)["total"]
    curves |= dict(zip(("hybrid, positive, low", "hybrid, positive, high"), quantiles(positive), strict=True))
    curves |= _curve("hybrid", "fig4", omega, quick)
    curves |= {"membrane alone": curves.pop("membrane")}
    curves |= {f"membrane alone, {end}": curves.pop(f"membrane, {end}") for end in ("low", "high")}
    alone = parts(parameters("fig4"), omega, with_spin=False)
    curves |= lower
    curves["membrane alone, thermal"] = 1 + alone["membrane"]
    positive_areas = _pieces("fig4", 1, omega)[1]
    return spectral_dataset(
        "fig4",
        omega,
        curves,
        title="Møller et al. 2017, Fig. 4a",
        displacement_scale=displacement_scale(parameters("fig4")),
        positive_back_action_area=positive_areas["back_action"],
        **{f"{name}_area": value for name, value in areas.items()},
    )


@house_style()
def draw_4a(data: xr.Dataset) -> Figure:
    """Spectra on the left, the areas of membrane and hybrid on the right."""
    picture, (left, right) = figure("double", aspect=0.42, ncols=2, sharey=True)
    offset = offset_axis(left, data)
    lines = (
        ("hybrid, positive", POSITIVE_MASS, "positive mass"),
        ("membrane alone", MECHANICS, "membrane alone"),
        ("hybrid", NEGATIVE_MASS, "negative mass"),
        ("spin", SPIN, "spin alone"),
    )
    for name, colour, label in lines:
        _band(left, offset, data, name, colour)
        left.plot(offset, data.psd.sel(curve=name), color=colour, label=label)
    left.legend(loc="upper left")
    left.text(0.97, 0.95, f"{INFERRED}\n(band: 68 %)", transform=left.transAxes, ha="right", va="top", fontsize=7)
    offset_axis(right, data)
    right.set_ylabel("")
    right.fill_between(
        offset, data.psd.sel(curve="membrane alone, thermal"), data.psd.sel(curve="membrane alone"),
        facecolor="none", edgecolor=MECHANICS, hatch="////", linewidth=0, label="back action, membrane alone",
    )  # fmt: skip
    _stack(right, offset, data, color=NEGATIVE_MASS, alpha=0.35, label="back action, hybrid")
    right.plot(offset, data.psd.sel(curve="hybrid"), color=NEGATIVE_MASS)
    right.plot(offset, data.psd.sel(curve="membrane alone"), color=MECHANICS, linewidth=1.0)
    right.legend(loc="upper left")
    left.set_ylim(0, 1.1 * float(data.psd.sel(curve="hybrid, positive").max()))
    add_displacement_axis(right, data.attrs["displacement_scale"])
    right.set_xlim(-16, 16)
    for axes, letter in ((left, "a"), (right, "b")):
        panel_label(axes, letter)
    return picture


def numbers_4a(data: xr.Dataset) -> dict[str, Quantity]:
    """Areas in the paper's x_zpf², both masses."""
    positive = data.copy()
    positive.attrs["back_action_area"] = data.attrs["positive_back_action_area"]
    both = _areas(data, "negative", "fig4")
    wanted = "back-action variance, positive mass"
    return both | {wanted: _areas(positive, "positive", "fig4")[wanted]}


FIG3A = Recipe(
    "moller2017-fig3a", "Membrane and spin by themselves (Møller et al. 2017, Fig. 3a)", compute_3a, draw_3a, numbers_3a
)
FIG3C = Recipe(
    "moller2017-fig3c",
    "The hybrid of negative mass by source (Møller et al. 2017, Fig. 3c)",
    partial(compute_pieces, "negative"),
    draw_pieces,
    numbers_pieces,
)
FIG3D = Recipe(
    "moller2017-fig3d",
    "The hybrid of positive mass by source (Møller et al. 2017, Fig. 3d)",
    partial(compute_pieces, "positive"),
    draw_pieces,
    numbers_pieces,
)
FIG4A = Recipe(
    "moller2017-fig4a",
    "Broadband evasion with a detuned spin (Møller et al. 2017, Fig. 4a)",
    compute_4a,
    draw_4a,
    numbers_4a,
)
