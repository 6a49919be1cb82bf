"""Møller et al. 2017: the corrected (S34), and how good the approximations (S14) and (S17) are.

The chain without any loss, with the widths of Fig. 3's column: what negative mass can do in principle.  Nothing here is
inferred: the readout ratio r = Γ_S/(Γ_M L0²) is an axis, or one (matched).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import (
    LIGHT,
    MECHANICS,
    NEGATIVE_MASS,
    POSITIVE_MASS,
    REFERENCE,
    figure,
    house_style,
    panel_label,
)
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, matched_readout_rate, parameters
from backaction.systems.published.moller2017.approximations import (
    back_action_ratio,
    back_action_spectrum_ratio,
    first_order_transfer,
    sideband_transfer,
)
from backaction.systems.published.moller2017.formulas import (
    HybridParameters,
    cavity_transfer,
    effective_pole,
    output_phase,
)

from ..areas import area_model, rotated_back_action
from .curves import FIGURES, parts

__all__ = ["APPROXIMATIONS", "S34", "lossless"]

MASSES = {"negative": -1, "positive": 1}
COLOURS = {"negative": NEGATIVE_MASS, "positive": POSITIVE_MASS}
PRINTED_MINIMUM = 0.5


def lossless(column: str, readout_ratio: float = 1.0) -> HybridParameters:
    """A column with neither loss nor second port, equal frequencies, no rotation, and Γ_S = r Γ_M L0²."""
    p = replace(
        parameters(column),
        input_fraction=1.0,
        mode_matching=1.0,
        link_efficiency=1.0,
        detection_efficiency=1.0,
        link_rotation=0.0,
    )
    return replace(
        p,
        spin_frequency=-effective_pole(p).real,
        spin_readout_rate=readout_ratio * matched_readout_rate(p),
    )


def compute_s34(quick: bool) -> xr.Dataset:
    """Spectral ratios at r = 1, area ratios against r, and against the spin's detuning with the best rotation."""
    p = lossless("fig3")
    pole = effective_pole(p)
    widths = -pole.imag / (2 * np.pi * 1e3), float(p.spin_halfwidth) / (2 * np.pi * 1e3)
    khz = np.linspace(-20, 20, 81 if quick else 401)
    omega = pole.real + 2 * np.pi * 1e3 * khz
    alone = parts(p, omega, with_spin=False)["back_action"]
    spectra, corrected = [], []
    for mass in MASSES.values():
        signed = replace(p, spin_frequency=mass * np.abs(p.spin_frequency))
        spectra.append(parts(signed, omega)["back_action"] / alone)
        corrected.append(back_action_spectrum_ratio(khz, 1.0, widths, mass=mass))
    ratio = np.linspace(0, 1.6, 17 if quick else 65)
    model = area_model(p)
    light = [model.areas(mass, ratio * model.matched_rate, 0, 1, 0).back_action for mass in MASSES.values()]
    closed = [back_action_ratio(ratio, widths, mass=mass) for mass in MASSES.values()]
    detuning = np.linspace(0, 12, 7 if quick else 25)
    rotation = np.linspace(-20, 4, 241)
    spins = pole.real + 2 * np.pi * 1e3 * detuning
    scan = rotated_back_action(p, spins, np.radians(rotation), matched_readout_rate(p))
    unrotated = rotated_back_action(p, spins, np.zeros(1), matched_readout_rate(p))[:, 0]
    one = {"units": "1"}
    return xr.Dataset(
        {
            "spectrum": (["mass", "offset"], spectra, one),
            "spectrum_s34": (["mass", "offset"], corrected, one),
            "area": (["mass", "readout_ratio"], np.array(light) / model.membrane, one),
            "area_s34": (["mass", "readout_ratio"], closed, one),
            "detuned_area": ("detuning", scan.min(axis=1), one),
            "detuned_rotation": ("detuning", rotation[scan.argmin(axis=1)], {"units": "deg"}),
            "unrotated_area": ("detuning", unrotated, one),
        },
        {
            "mass": list(MASSES),
            "offset": ("offset", khz, {"units": "kHz"}),
            "readout_ratio": ("readout_ratio", ratio, one),
            "detuning": ("detuning", detuning, {"units": "kHz", "long_name": "|Ω_S| − Ω_M"}),
        },
        {"title": "Møller et al. 2017, (S34)", "membrane_khz": widths[0], "spin_khz": widths[1]},
    )


@house_style()
def draw_s34(data: xr.Dataset) -> Figure:
    """Spectra at r = 1; areas against r; areas against the detuning."""
    picture, (spectra, areas, detuned) = figure("double", aspect=0.36, ncols=3)
    for mass, colour in COLOURS.items():
        spectra.plot(data.offset, data.spectrum.sel(mass=mass), color=colour, label=f"{mass} mass")
        spectra.plot(data.offset, data.spectrum_s34.sel(mass=mass), color=REFERENCE, linestyle=(0, (1, 1.2)), lw=1)
        areas.plot(data.readout_ratio, data.area.sel(mass=mass), color=colour)
        areas.plot(data.readout_ratio, data.area_s34.sel(mass=mass), color=REFERENCE, linestyle=(0, (1, 1.2)), lw=1)
    spectra.plot([], [], color=REFERENCE, linestyle=(0, (1, 1.2)), linewidth=1, label="(S34), corrected")
    spectra.set(xlim=(-20, 20), ylim=(0, 6))
    spectra.set_xlabel("From the resonance (kHz)")
    spectra.set_ylabel("Back action / membrane alone")
    spectra.legend(loc="upper center", fontsize=7, handlelength=1.6)
    areas.axhline(PRINTED_MINIMUM, color="0.6", linewidth=0.8)
    areas.text(1.57, PRINTED_MINIMUM - 0.06, "½, for equal widths", ha="right", va="top", fontsize=7)
    areas.set(xlim=(0, 1.6), ylim=(0, 4))
    areas.set_xlabel(r"Readout ratio $r = \Gamma_S/\Gamma_M L_0^2$")
    areas.set_ylabel("Area / membrane alone")
    detuned.plot(data.detuning, data.unrotated_area, color=NEGATIVE_MASS, linestyle=(0, (4, 2)), label="no rotation")
    detuned.plot(data.detuning, data.detuned_area, color=NEGATIVE_MASS, label="best rotation")
    detuned.axhline(PRINTED_MINIMUM, color="0.6", linewidth=0.8)
    detuned.axvline(5.2, color=LIGHT, linewidth=0.8)
    detuned.text(5.5, 0.04, "Fig. 4", fontsize=7, color=LIGHT)
    detuned.set(xlim=(0, 12), ylim=(0, 1.6))
    detuned.set_xlabel("Detuning of the spin (kHz)")
    detuned.set_ylabel("Area / membrane alone")
    detuned.legend(loc="center right", fontsize=7)
    for axes, letter in zip((spectra, areas, detuned), "abc", strict=True):
        panel_label(axes, letter)
    return picture


def numbers_s34(data: xr.Dataset) -> dict[str, Quantity]:
    """The minimum of ½, and what detuning and rotation make of it."""
    widths = data.attrs["membrane_khz"], data.attrs["spin_khz"]
    matched = data.area.sel(mass="negative").interp(readout_ratio=1.0)
    at = float(np.interp(5.2, data.detuning, data.detuned_area))
    angle = float(np.interp(5.2, data.detuning, data.detuned_rotation))
    note = f"lossless; corrected (S34) has γ_S/(γ_M + γ_S) = {float(back_action_ratio(1.0, widths, mass=-1)):.4f} here"
    beats = 'lossless, matched: "can, in principle, overcome the limit of 1/2"'
    return {
        "smallest area ratio at equal frequencies": Quantity(
            float(matched), PRINTED_MINIMUM, 0.02, "1", "SI-F, below S34", f"{note}; bar: unequal widths of the table"
        ),
        "smallest area ratio at 5.2 kHz": Quantity(at, None, None, "1", "main text, p. 5", beats),
        "best rotation at 5.2 kHz": Quantity(
            angle, -7.0, 1.0, "deg", "main text", "printed without its sign; bar: its rounding"
        ),
    }


def compute_approximations(quick: bool) -> xr.Dataset:
    """Relative deviation of (S14) and (S17) from (S11), and of the measured back action with (S17)."""
    khz = np.linspace(-40, 40, 81 if quick else 401)
    rows: dict[str, list[FloatArray]] = {"sidebands": [], "first_order": [], "spectrum": []}
    for column in COLUMNS:
        p = lossless(column)
        omega = effective_pole(p).real + 2 * np.pi * 1e3 * khz
        exact, sidebands, first = (
            road(p, omega) for road in (cavity_transfer, sideband_transfer, first_order_transfer)
        )
        rows["sidebands"].append(_norm(exact - sidebands) / _norm(exact))
        rows["first_order"].append(_norm(exact - first) / _norm(exact))
        angle = output_phase(p)
        row = np.array([-np.sin(angle), np.cos(angle)])
        measured, approximate = (np.abs((row @ matrix)[..., 0]) ** 2 for matrix in (exact, first))
        rows["spectrum"].append(np.asarray(approximate / measured - 1))
    return xr.Dataset(
        {name: (["column", "offset"], values, {"units": "1"}) for name, values in rows.items()},
        {"column": list(COLUMNS), "offset": ("offset", khz, {"units": "kHz"})},
        {"title": "Møller et al. 2017: (S14) and (S17) against (S11)", "norm": "largest singular value"},
    )


def _norm(matrix: Any) -> FloatArray:
    return np.asarray(np.linalg.norm(matrix, 2, axis=(-2, -1)))


@house_style()
def draw_approximations(data: xr.Dataset) -> Figure:
    """Deviation of the matrices above, of the measured back action below."""
    picture, (matrices, spectrum) = figure("single", aspect=1.15, nrows=2, sharex=True, height_ratios=[1.2, 1])
    styles = {"fig3": (MECHANICS, "-"), "fig4": (LIGHT, (0, (4, 1.5)))}
    for column, (colour, dashes) in styles.items():
        here = data.sel(column=column)
        matrices.plot(data.offset, here.first_order, color=colour, linestyle=dashes, label=f"(S17), {FIGURES[column]}")
        # rounding is zero at some points, and a logarithm has none
        matrices.plot(data.offset, np.maximum(here.sidebands, 1e-17), color=colour, linewidth=0.6, linestyle=dashes)
        spectrum.plot(data.offset, 100 * here.spectrum, color=colour, linestyle=dashes)
    matrices.text(-38, 1e-14, "(S14): exact, to rounding", fontsize=7)
    matrices.set(yscale="log", ylim=(1e-17, 1))
    matrices.set_ylabel("Deviation from (S11)")
    matrices.legend(loc="center right")
    spectrum.axhline(0, color="0.6", linewidth=0.7)
    spectrum.set_xlim(-40, 40)
    spectrum.set_xlabel("Frequency from the membrane's resonance (kHz)")
    spectrum.set_ylabel("Back action by (S17) (% off)")
    for axes, letter in ((matrices, "a"), (spectrum, "b")):
        panel_label(axes, letter)
    return picture


def numbers_approximations(data: xr.Dataset) -> dict[str, Quantity]:
    """Largest deviations over ±40 kHz."""
    found = {}
    for column in data.column.values:
        here = data.sel(column=column)
        for name, about in (("sidebands", "(S14)"), ("first_order", "(S17)")):
            note = "relative, largest over ±40 kHz, κ2 = 0"
            value = float(here[name].max())
            found[f"deviation of {about} from (S11), {FIGURES[column]}"] = Quantity(value, None, None, "1", about, note)
        worst = float(np.abs(here.spectrum).max())
        found[f"deviation of the back action by (S17), {FIGURES[column]}"] = Quantity(
            worst, None, None, "1", "S17", "of the spectral density, largest over ±40 kHz"
        )
    return found


S34 = Recipe(
    "moller2017-s34",
    "What a negative mass can evade: (S34) corrected (Møller et al. 2017)",
    compute_s34,
    draw_s34,
    numbers_s34,
)
APPROXIMATIONS = Recipe(
    "moller2017-approximations",
    "Approximations (S14) and (S17) against (S11) (Møller et al. 2017)",
    compute_approximations,
    draw_approximations,
    numbers_approximations,
)
