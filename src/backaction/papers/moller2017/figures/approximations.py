"""Møller et al. 2017: approximations (S14) and (S17) against (S11), for the chain without any loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import LIGHT, MECHANICS, Figure, figure
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS
from backaction.systems.published.moller2017.approximations import first_order_transfer, sideband_transfer
from backaction.systems.published.moller2017.formulas import cavity_transfer, output_phase
from backaction.systems.published.moller2017.table import TITLES

from ..curves import around
from .s34 import lossless

__all__ = ["compute", "draw", "numbers"]


def compute(quick: bool) -> Dataset:
    """Relative deviation of (S14) and (S17) from (S11), and of the measured back action with (S17)."""
    khz = np.linspace(-40, 40, 81 if quick else 401)
    curves = np.stack([_deviations(column, khz) for column in COLUMNS], axis=1)
    names = ("sidebands", "first_order", "spectrum")
    return dataset(
        {name: ("column offset", values) for name, values in zip(names, curves, strict=True)},
        {"column": list(COLUMNS), "offset": (khz, "kHz")},
        norm="largest singular value",
    )


def _deviations(column: str, khz: FloatArray) -> list[FloatArray]:
    p = lossless(column)
    omega, angle = around(column, khz), output_phase(p)
    exact, sidebands, first = (road(p, omega) for road in (cavity_transfer, sideband_transfer, first_order_transfer))
    row = np.array([-np.sin(angle), np.cos(angle)])
    measured, approximate = (np.abs((row @ matrix)[..., 0]) ** 2 for matrix in (exact, first))
    relative = [_norm(exact - matrix) / _norm(exact) for matrix in (sidebands, first)]
    return [*relative, np.asarray(approximate / measured - 1)]


def _norm(matrix: Any) -> FloatArray:
    return np.asarray(np.linalg.norm(matrix, 2, axis=(-2, -1)))


def draw(data: Dataset) -> Figure:
    """Deviation of the matrices above, of the measured back action below."""
    panels = {"nrows": 2, "sharex": True, "height_ratios": [1.2, 1]}
    picture, (matrices, spectrum) = figure("single", aspect=1.15, letters=True, **panels)
    for column, colour, dashes in (("fig3", MECHANICS, "-"), ("fig4", LIGHT, (0, (4, 1.5)))):
        here, look = data.sel(column=column), {"color": colour, "linestyle": dashes}
        matrices.plot(data.offset, here.first_order, label=f"(S17), {TITLES[column]}", **look)
        # rounding is zero at some points, and a logarithm has none
        matrices.plot(data.offset, np.maximum(here.sidebands, 1e-17), linewidth=0.6, **look)
        spectrum.plot(data.offset, 100 * here.spectrum, **look)
    matrices.text(-38, 1e-14, "(S14): exact, to rounding", fontsize=7)
    matrices.set(yscale="log", ylim=(1e-17, 1), ylabel="Deviation from (S11)")
    matrices.legend(loc="center right")
    spectrum.axhline(0, color="0.6", linewidth=0.7)
    spectrum.set(xlim=(-40, 40), xlabel="Frequency from the membrane's resonance (kHz)")
    spectrum.set_ylabel("Back action by (S17) (% off)")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Largest deviations over ±40 kHz."""
    found = {}
    for column, title in TITLES.items():
        here = data.sel(column=column)
        for name, about in (("sidebands", "(S14)"), ("first_order", "(S17)")):
            note = "relative, largest over ±40 kHz, κ2 = 0"
            found[f"deviation of {about} from (S11), {title}"] = computed(here[name].max(), about, note)
        worst, note = np.abs(here.spectrum).max(), "of the spectral density, largest over ±40 kHz"
        found[f"deviation of the back action by (S17), {title}"] = computed(worst, "S17", note)
    return found
