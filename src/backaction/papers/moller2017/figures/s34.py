"""Møller et al. 2017, (S34) corrected: what a negative mass can evade.

The chain without any loss, with the widths of Fig. 3's column: what negative mass can do in principle.  Nothing here is
inferred: the readout ratio r = Γ_S/(Γ_M L0²) is an axis, or one (matched).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import LIGHT, NEGATIVE_MASS, REFERENCE, Figure, figure
from backaction.systems.published.moller2017 import matched_readout_rate, parameters
from backaction.systems.published.moller2017.approximations import back_action_ratio, back_action_spectrum_ratio
from backaction.systems.published.moller2017.formulas import HybridParameters, effective_pole

from ..areas import area_model, rotated_back_action
from ..curves import COLOURS, MASSES, parts, with_mass

__all__ = ["compute", "draw", "lossless", "numbers"]

PRINTED_MINIMUM = 0.5
DETUNING = 5.2
"""Of the spin in Fig. 4, kHz."""


def lossless(column: str) -> HybridParameters:
    """A column with neither loss nor second port, equal frequencies, no rotation, and Γ_S = Γ_M L0² (matched)."""
    perfect = {"input_fraction": 1.0, "mode_matching": 1.0, "link_efficiency": 1.0, "detection_efficiency": 1.0}
    p = replace(parameters(column), link_rotation=0.0, **perfect)
    return replace(p, spin_frequency=-effective_pole(p).real, spin_readout_rate=matched_readout_rate(p))


def compute(quick: bool) -> Dataset:
    """Spectral ratios at r = 1, area ratios against r, and against the spin's detuning with the best rotation."""
    p = lossless("fig3")
    pole = effective_pole(p)
    widths = -pole.imag / (2 * np.pi * 1e3), float(p.spin_halfwidth) / (2 * np.pi * 1e3)
    khz = np.linspace(-20, 20, 81 if quick else 401)
    omega = pole.real + 2 * np.pi * 1e3 * khz
    alone = parts(p, omega, with_spin=False)["back_action"]
    ratio = np.linspace(0, 1.6, 17 if quick else 65)
    model = area_model(p)
    light = [model.areas(mass, ratio * model.matched_rate, 0, 1, 0).back_action for mass in MASSES.values()]
    detuning = np.linspace(0, 12, 7 if quick else 25)
    rotation = np.linspace(-20, 4, 241)
    spins = pole.real + 2 * np.pi * 1e3 * detuning
    scan = rotated_back_action(p, spins, np.radians(rotation), matched_readout_rate(p))
    unrotated = rotated_back_action(p, spins, np.zeros(1), matched_readout_rate(p))[:, 0]
    spectra = [parts(with_mass(p, mass), omega)["back_action"] / alone for mass in MASSES.values()]
    corrected = [back_action_spectrum_ratio(khz, 1.0, widths, mass=mass) for mass in MASSES.values()]
    closed = [back_action_ratio(ratio, widths, mass=mass) for mass in MASSES.values()]
    return dataset(
        {
            "spectrum": ("mass offset", spectra),
            "spectrum_s34": ("mass offset", corrected),
            "area": ("mass readout_ratio", np.array(light) / model.membrane),
            "area_s34": ("mass readout_ratio", closed),
            "detuned_area": ("detuning", scan.min(axis=1)),
            "detuned_rotation": ("detuning", rotation[scan.argmin(axis=1)], "deg"),
            "unrotated_area": ("detuning", unrotated),
        },
        {
            "mass": list(MASSES),
            "offset": (khz, "kHz"),
            "readout_ratio": ratio,
            "detuning": (detuning, "kHz", "|Ω_S| − Ω_M"),
        },
        membrane_khz=widths[0],
        spin_khz=widths[1],
    )


def draw(data: Dataset) -> Figure:
    """Spectra at r = 1; areas against r; areas against the detuning."""
    picture, (spectra, areas, detuned) = figure("double", aspect=0.36, letters=True, ncols=3)
    dotted = {"color": REFERENCE, "linestyle": (0, (1, 1.2)), "linewidth": 1}
    for mass, colour in COLOURS.items():
        here = data.sel(mass=mass)
        spectra.plot(data.offset, here.spectrum, color=colour, label=f"{mass} mass")
        spectra.plot(data.offset, here.spectrum_s34, **dotted)
        areas.plot(data.readout_ratio, here.area, color=colour)
        areas.plot(data.readout_ratio, here.area_s34, **dotted)
    spectra.plot([], [], label="(S34), corrected", **dotted)
    spectra.set(xlim=(-20, 20), ylim=(0, 6), xlabel="From the resonance (kHz)", ylabel="Back action / membrane alone")
    spectra.legend(loc="upper center", fontsize=7, handlelength=1.6)
    areas.text(1.57, PRINTED_MINIMUM - 0.06, "½, for equal widths", ha="right", va="top", fontsize=7)
    areas.set(xlim=(0, 1.6), ylim=(0, 4), xlabel=r"Readout ratio $r = \Gamma_S/\Gamma_M L_0^2$")
    detuned.plot(data.detuning, data.unrotated_area, color=NEGATIVE_MASS, linestyle=(0, (4, 2)), label="no rotation")
    detuned.plot(data.detuning, data.detuned_area, color=NEGATIVE_MASS, label="best rotation")
    detuned.axvline(DETUNING, color=LIGHT, linewidth=0.8)
    detuned.text(5.5, 0.04, "Fig. 4", fontsize=7, color=LIGHT)
    detuned.set(xlim=(0, 12), ylim=(0, 1.6), xlabel="Detuning of the spin (kHz)")
    detuned.legend(loc="center right", fontsize=7)
    for axes in (areas, detuned):
        axes.axhline(PRINTED_MINIMUM, color="0.6", linewidth=0.8)
        axes.set_ylabel("Area / membrane alone")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """The minimum of ½, and what detuning and rotation make of it."""
    widths = data.attrs["membrane_khz"], data.attrs["spin_khz"]
    matched = float(data.area.sel(mass="negative").interp(readout_ratio=1.0))
    least, angle = (np.interp(DETUNING, data.detuning, curve) for curve in (data.detuned_area, data.detuned_rotation))
    note = f"lossless; corrected (S34) has γ_S/(γ_M + γ_S) = {float(back_action_ratio(1.0, widths, mass=-1)):.4f} here"
    note += "; bar: unequal widths of the table"
    beats = 'lossless, matched: "can, in principle, overcome the limit of 1/2"'
    sign = "printed without its sign; bar: its rounding"
    smallest = Quantity(matched, PRINTED_MINIMUM, 0.02, "1", "SI-F, below S34", note)
    return {
        "smallest area ratio at equal frequencies": smallest,
        "smallest area ratio at 5.2 kHz": computed(least, "main text, p. 5", beats),
        "best rotation at 5.2 kHz": Quantity(float(angle), -7.0, 1.0, "deg", "main text", sign),
    }
