"""Møller et al. 2017, Figs 2c and 2d: spin and membrane by themselves.

2c, the spin probed by vacuum and by white noise on X, in the polarimeter of LO1 (efficiency 0.7).  2d, the membrane's
phase noise, with its bath and the quantum back action.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import BAND, MECHANICS, REFERENCE, SPIN, figure, house_style
from backaction.gaussian import Homodyne
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz, Loss, Network, SpinOscillator
from backaction.systems.calibration import driven_spectra, white_noise_calibration
from backaction.systems.published.moller2017 import FIG3, chain, parameters
from backaction.systems.published.moller2017.calibration import back_action_to_thermal, quantum_cooperativity
from backaction.systems.published.moller2017.calibration import white_noise_calibration as paper_calibration
from backaction.systems.published.moller2017.formulas import HybridParameters, effective_pole

from .curves import (
    INFERRED,
    TABLE,
    add_displacement_axis,
    centre,
    displacement_scale,
    frequency_axis,
    offset_axis,
    parts,
    quantiles,
    samples,
    spectral_dataset,
)

__all__ = ["FIG2C", "FIG2D"]

POLARIMETER = 0.7
ADDED_NOISE = 1.22


def compute_2c(quick: bool) -> xr.Dataset:
    """Spin spectra in the polarimeter, for vacuum and for n_WN = 1.22 on X, and what the calibration makes of them.

    The thermal part is found as in the experiment, from the two spectra alone (`backaction.systems.calibration`).
    """
    p, drawn = parameters("fig3"), samples("fig3", quick)
    omega = np.abs(float(p.spin_frequency)) + 2 * np.pi * 1e3 * np.linspace(-20, 20, 81 if quick else 401)
    levels = [0.0, ADDED_NOISE]
    line, band = (driven_spectra(_polarimeter(q), levels, omega, Homodyne("out")) for q in (p, drawn))
    curves: dict[str, FloatArray] = {}
    for name, one, many in zip(("vacuum", "white noise"), line, band, strict=True):
        curves |= {name: one, **dict(zip((f"{name}, low", f"{name}, high"), quantiles(many), strict=True))}
    curves["thermal"] = white_noise_calibration(levels, line).thermal
    data = spectral_dataset("fig3", omega, curves, title="Møller et al. 2017, Fig. 2c", added_noise=ADDED_NOISE)
    recovered = white_noise_calibration(levels, band)
    data["cooperativity"] = (["sample", "frequency"], recovered.cooperativity, {"units": "1", "long_name": "C_q^S"})
    spin = chain(p).component("spin")
    assert isinstance(spin, SpinOscillator)
    rate = white_noise_calibration(levels, line).readout_rate(omega, spin.frequency, spin.linewidth, POLARIMETER)
    data["readout_rate"] = ("frequency", rate / Hz / 1e3, {"units": "kHz", "long_name": "Γ_S/2π, the library's Γ"})
    return data


def _polarimeter(p: HybridParameters) -> Network:
    return chain(p).component("spin") >> Loss(name="polarimeter", efficiency=POLARIMETER)


@house_style()
def draw_2c(data: xr.Dataset) -> Figure:
    """Thermal part filled, quantum back action striped, the driven spectrum above."""
    picture, axes = figure("single", aspect=0.8)
    p = parameters("fig3")
    offset = data.frequency - abs(float(p.spin_frequency)) / Hz / 1e3
    curve = data.psd.sel
    axes.fill_between(offset, 1, 1 + curve(curve="thermal"), color=SPIN, alpha=0.45, linewidth=0, label="thermal")
    axes.fill_between(
        offset, 1 + curve(curve="thermal"), curve(curve="vacuum"),
        facecolor="none", edgecolor=SPIN, hatch="/////", linewidth=0, label="quantum back action",
    )  # fmt: skip
    for name, colour in (("white noise", REFERENCE), ("vacuum", SPIN)):
        band = (curve(curve=f"{name}, low"), curve(curve=f"{name}, high"))
        axes.fill_between(offset, *band, color=colour, alpha=0.2, linewidth=0)
    axes.plot(offset, curve(curve="white noise"), color=REFERENCE, label=rf"driven, $n_\mathrm{{WN}} = {ADDED_NOISE}$")
    axes.plot(offset, curve(curve="vacuum"), color=SPIN, label="vacuum")
    axes.set(xlim=(float(offset[0]), float(offset[-1])), ylim=(0, 1.3 * float(data.psd.max())))
    axes.set_xlabel("Frequency from the spin's resonance (kHz)")
    axes.set_ylabel("Phase noise (shot noise units)")
    handles, labels = axes.get_legend_handles_labels()
    order = [2, 3, 1, 0]
    axes.legend([handles[i] for i in order], [labels[i] for i in order], loc="upper left")
    axes.text(0.97, 0.95, f"{INFERRED}\n(band: 68 %)", transform=axes.transAxes, ha="right", va="top", fontsize=7)
    return picture


def numbers_2c(data: xr.Dataset) -> dict[str, Quantity]:
    """C_q^S by the paper's own procedure on our spectra, and the two areas."""
    record = FIG3.spin_cooperativity
    line = {name: data.psd.sel(curve=name) for name in ("vacuum", "white noise", "thermal")}
    shot, driven = line["vacuum"].values - 1, line["white noise"].values - 1
    peak = int(np.argmax(shot))
    found = float(paper_calibration(shot[peak], driven[peak], ADDED_NOISE))
    spread = data.cooperativity.isel(frequency=peak)
    note = "(S40) on our spectra, on resonance; the free inference was made with it"
    thermal, total = (float(line[name].integrate("frequency")) for name in ("thermal", "vacuum"))
    total -= float(data.frequency[-1] - data.frequency[0])
    inferred = "Γ_S and n_S inferred"
    posterior = f"mean of the posterior; its standard deviation is {float(spread.std()):.2f}"
    bar = record.uncertainty
    return {
        "C_q^S, free inference": Quantity(found, record.value, bar, "1", record.source, note),
        "C_q^S, posterior": Quantity(float(spread.mean()), record.value, bar, "1", "S40", posterior),
        "thermal area": Quantity(thermal, None, None, "shot noise × kHz", "Fig. 2c", inferred),
        "back-action area": Quantity(total - thermal, None, None, "shot noise × kHz", "Fig. 2c", inferred),
        "back-action over thermal area": Quantity(
            total / thermal - 1, record.value, bar, "1", "Fig. 2c, S40", inferred
        ),
        "Γ_S/2π by the calibration": Quantity(
            float(data.readout_rate[peak]),
            None,
            None,
            "kHz",
            "S39",
            "the library's Γ, twice the paper's; put in: inferred",
        ),
    }


def compute_2d(quick: bool) -> xr.Dataset:
    """Phase noise of the membrane alone, its thermal part, and both at the ends of T's error bar."""
    p = parameters("fig3")
    omega = frequency_axis("fig3", 24, quick)
    bar = (FIG3.bath_temperature.uncertainty or 0.0) / FIG3.bath_temperature.value
    found = parts(p, omega, with_spin=False)
    curves = {"total": found["total"], "thermal": found["membrane"]}
    for name, factor in (("total, low", 1 - bar), ("total, high", 1 + bar)):
        curves[name] = parts(replace(p, bath_occupation=p.bath_occupation * factor), omega, with_spin=False)["total"]
    wide = centre("fig3") + 2 * np.pi * 1e3 * np.linspace(-40, 40, 801)
    whole = parts(p, wide, with_spin=False)
    scale = displacement_scale(p)
    areas = {
        key: scale * float(np.trapezoid(whole[part], dx=0.1))
        for key, part in (("thermal", "membrane"), ("back_action", "back_action"))
    }
    attributes: dict[str, Any] = {f"{key}_area": value for key, value in areas.items()}
    return spectral_dataset(
        "fig3", omega, curves, title="Møller et al. 2017, Fig. 2d", displacement_scale=scale, **attributes
    )


@house_style()
def draw_2d(data: xr.Dataset) -> Figure:
    """Membrane's bath filled, quantum back action striped."""
    picture, axes = figure("single", aspect=0.8)
    offset = offset_axis(axes, data)
    curve = data.psd.sel
    axes.fill_between(offset, 1, 1 + curve(curve="thermal"), color=MECHANICS, alpha=0.4, linewidth=0, label="thermal")
    axes.fill_between(
        offset, 1 + curve(curve="thermal"), curve(curve="total"),
        facecolor="none", edgecolor=MECHANICS, hatch="/////", linewidth=0, label="quantum back action",
    )  # fmt: skip
    axes.fill_between(offset, curve(curve="total, low"), curve(curve="total, high"), color=BAND, alpha=0.5, linewidth=0)
    axes.plot(offset, curve(curve="total"), color=MECHANICS, label="(7.0 ± 0.5) K")
    axes.set_ylim(0, 1.3 * float(data.psd.max()))
    add_displacement_axis(axes, data.attrs["displacement_scale"])
    axes.legend(loc="upper left", fontsize=7, handlelength=1.6)
    return picture


def numbers_2d(data: xr.Dataset) -> dict[str, Quantity]:
    """Width, cooperativity, and the areas in the paper's x_zpf²."""
    p = parameters("fig3")
    areas, pole = FIG3.areas, effective_pole(p)
    thermal, back_action = data.attrs["thermal_area"], data.attrs["back_action_area"]
    split = "absolute splits carry the 12 % of C_q^M and the 7 % of T"
    record = FIG3.membrane_cooperativity
    return {
        "γ_M (half width)": Quantity(float(-pole.imag / Hz / 1e3), 2.7, 0.05, "kHz", TABLE, "bar: rounding"),
        "C_q^M": Quantity(float(quantum_cooperativity(p)), record.value, record.uncertainty, "1", record.source),
        "thermal variance": Quantity(
            thermal,
            areas.thermal_membrane.value,
            0.05,
            "x_zpf²",
            "SI-C",
            "2 n_th by calibration; bar: rounding of n_th",
        ),
        "back-action variance": Quantity(
            back_action,
            areas.back_action_membrane.value,
            0.12 * areas.back_action_membrane.value,
            "x_zpf²",
            "SI-C",
            split,
        ),
        "back action over thermal": Quantity(
            back_action / thermal,
            areas.back_action_membrane.value / areas.thermal_membrane.value,
            0.12 * areas.back_action_membrane.value / areas.thermal_membrane.value,
            "1",
            "SI-C",
            split,
        ),
        "right side of (S1)": Quantity(float(back_action_to_thermal(p)), None, None, "1", "S1"),
    }


FIG2C = Recipe(
    "moller2017-fig2c",
    "Quantum back action on the spin, by white noise (Møller et al. 2017, Fig. 2c)",
    compute_2c,
    draw_2c,
    numbers_2c,
)
FIG2D = Recipe(
    "moller2017-fig2d",
    "Quantum back action on the membrane (Møller et al. 2017, Fig. 2d)",
    compute_2d,
    draw_2d,
    numbers_2d,
)
