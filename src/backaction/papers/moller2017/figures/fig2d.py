"""Møller et al. 2017, Fig. 2d: quantum back action on the membrane.

The membrane's phase noise, with its bath and the quantum back action.
"""

from __future__ import annotations

from dataclasses import replace

from backaction.figures.data import Dataset
from backaction.figures.recipe import Quantity, beside, computed
from backaction.figures.style import BAND, MECHANICS, Figure, figure, shade
from backaction.systems import Hz
from backaction.systems.published.moller2017 import FIG3, parameters
from backaction.systems.published.moller2017.calibration import back_action_to_thermal, quantum_cooperativity
from backaction.systems.published.moller2017.formulas import effective_pole

from ..curves import (
    add_displacement_axis,
    displacement_scale,
    frequency_axis,
    offset_axis,
    parts,
    spectral_dataset,
    variances,
)
from ..likelihood import SPLIT_BAR

__all__ = ["compute", "draw", "numbers"]


def compute(quick: bool) -> Dataset:
    """Phase noise of the membrane alone, its thermal part, and both at the ends of T's error bar."""
    p = parameters("fig3")
    omega = frequency_axis("fig3", 24, quick)
    bar = (FIG3.bath_temperature.uncertainty or 0.0) / FIG3.bath_temperature.value
    found = parts(p, omega, with_spin=False)
    curves = {"total": found["total"], "thermal": found["membrane"]}
    for name, factor in (("total, low", 1 - bar), ("total, high", 1 + bar)):
        curves[name] = parts(replace(p, bath_occupation=p.bath_occupation * factor), omega, with_spin=False)["total"]
    areas = variances(p, with_spin=False)
    return spectral_dataset("fig3", omega, curves, displacement_scale=displacement_scale(p), **areas)


def draw(data: Dataset) -> Figure:
    """Membrane's bath filled, quantum back action striped."""
    picture, axes = figure("single", aspect=0.8)
    offset = offset_axis(axes, data)
    total, thermal, low, high = data.psd
    shade(axes, offset, (1, 1 + thermal), MECHANICS, 0.4, "thermal")
    striped = {"facecolor": "none", "edgecolor": MECHANICS, "hatch": "/////", "linewidth": 0}
    axes.fill_between(offset, 1 + thermal, total, label="quantum back action", **striped)
    shade(axes, offset, (low, high), BAND, 0.5)
    axes.plot(offset, total, color=MECHANICS, label="(7.0 ± 0.5) K")
    axes.set_ylim(0, 1.3 * float(data.psd.max()))
    add_displacement_axis(axes, data.attrs["displacement_scale"])
    axes.legend(loc="upper left", fontsize=7, handlelength=1.6)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Width, cooperativity, and the areas in the paper's x_zpf²."""
    p, areas = parameters("fig3"), FIG3.areas
    thermal, back_action = data.attrs["membrane_area"], data.attrs["back_action_area"]
    rounded = "2 n_th by calibration; bar: rounding of n_th"
    split = "absolute splits carry the 12 % of C_q^M and the 7 % of T"
    printed = areas.back_action_membrane.value
    ratio = printed / areas.thermal_membrane.value
    width = -effective_pole(p).imag / Hz / 1e3
    return {
        "γ_M (half width)": Quantity(float(width), 2.7, 0.05, "kHz", "Table I", "bar: rounding"),
        "C_q^M": beside(quantum_cooperativity(p), FIG3.membrane_cooperativity),
        "thermal variance": beside(thermal, areas.thermal_membrane, rounded, "SI-C", bar=0.05),
        "back-action variance": beside(back_action, areas.back_action_membrane, split, "SI-C", bar=SPLIT_BAR * printed),
        "back action over thermal": Quantity(back_action / thermal, ratio, SPLIT_BAR * ratio, "1", "SI-C", split),
        "right side of (S1)": computed(back_action_to_thermal(p), "S1"),
    }
