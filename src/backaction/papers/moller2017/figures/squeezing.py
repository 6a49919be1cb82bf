"""Møller et al. 2017, Fig. 2b: squeezing of the amplitude of the light from the membrane, as a thermometer.

Direct detection (72 %, no interference visibility).  The figure's own parameters are not printed; both columns of
Table I stand beside each other, and none is tuned.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import LIGHT, MECHANICS, figure, house_style
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, FIG3, parameters

from .curves import FIGURES, centre, parts

__all__ = ["FIG2B"]

AMPLITUDE_EFFICIENCY = 0.72
SHOT_NOISE_BAR = 0.05
PUBLISHED_SQUEEZING = (-1.7, -2.6)
"""dB, at 72 % and corrected for it (SI-B)."""


def _decibel(ratio: FloatArray | float) -> FloatArray:
    return np.asarray(10 * np.log10(ratio))


SQUEEZING_BAR = float(_decibel(1 + SHOT_NOISE_BAR))
"""dB: the 5 % to which the shot-noise level was verified."""


def compute(quick: bool) -> xr.Dataset:
    """Amplitude spectra of both columns at 6.5, 7 and 7.5 K, and without the detector's loss."""
    khz = np.linspace(-30, 60, 91 if quick else 451)
    temperature = FIG3.bath_temperature
    bar = temperature.uncertainty or 0.0
    kelvin = np.array([temperature.value - bar, temperature.value, temperature.value + bar])
    detected, corrected = [], []
    for column in COLUMNS:
        p = parameters(column)
        omega = centre(column) + 2 * np.pi * 1e3 * khz
        warmed = replace(
            p,
            bath_occupation=p.bath_occupation * kelvin / temperature.value,
            detection_efficiency=AMPLITUDE_EFFICIENCY,
        )
        detected.append(parts(warmed, omega, with_spin=False, angle=0.0)["total"])
        lossless = replace(p, detection_efficiency=1.0)
        corrected.append(parts(lossless, omega, with_spin=False, angle=0.0)["total"])
    shot = {"units": "shot noise"}
    return xr.Dataset(
        {
            "psd": (["column", "temperature", "offset"], detected, shot),
            "corrected": (["column", "offset"], corrected, shot),
        },
        {
            "column": list(COLUMNS),
            "temperature": ("temperature", kelvin, {"units": "K"}),
            "offset": ("offset", khz, {"units": "kHz", "long_name": "from the membrane's resonance"}),
        },
        {"title": "Møller et al. 2017, Fig. 2b", "convention": "amplitude quadrature of the reflected carrier, 72 %"},
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Squeezing below the shot noise in dB, with the published depth and its error bar."""
    picture, axes = figure("single", aspect=0.82)
    for column, colour, dashes in (("fig3", MECHANICS, "-"), ("fig4", LIGHT, (0, (5, 1.5)))):
        curves = _decibel(data.psd.sel(column=column))
        axes.fill_between(data.offset, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.3, linewidth=0)
        axes.plot(data.offset, curves[1], color=colour, linestyle=dashes, label=f"parameters of {FIGURES[column]}")
        lossless = _decibel(data.corrected.sel(column=column))
        axes.plot(data.offset, lossless, color=colour, linewidth=0.7, linestyle=(0, (1, 1.2)))
    axes.axhline(0, color="0.6", linewidth=0.7)
    depth = PUBLISHED_SQUEEZING[0]
    axes.axhspan(depth - SQUEEZING_BAR, depth + SQUEEZING_BAR, color="0.75", alpha=0.5, linewidth=0, zorder=0)
    axes.text(59, depth - 0.3, "published minimum,\n± 5 % of shot noise", ha="right", va="top", fontsize=7)
    axes.set(xlim=(-30, 60), ylim=(-4, 6))
    axes.set_xlabel("Frequency from the membrane's resonance (kHz)")
    axes.set_ylabel("Amplitude noise (dB from shot noise)")
    axes.legend(loc="upper right", title="(7.0 ± 0.5) K; dotted: without\nthe detector's 72 %", title_fontsize=7)
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Deepest squeezing, with and without the detector's loss, for both columns."""
    found = {}
    note = "Fig. 2b's own parameters are not printed; bar: 5 % of the shot-noise level. Not tuned"
    for column in data.column.values:
        about = f"squeezing with the parameters of {FIGURES[column]}"
        detected = float(_decibel(data.psd.sel(column=column)[1].min()))
        corrected = float(_decibel(data.corrected.sel(column=column).min()))
        warm = _decibel(data.psd.sel(column=column).min("offset"))
        span = f"; {float(warm[0]):.2f} dB at 6.5 K, {float(warm[-1]):.2f} dB at 7.5 K"
        found[about] = Quantity(detected, PUBLISHED_SQUEEZING[0], SQUEEZING_BAR, "dB", "SI-B, Fig. 2b", note + span)
        # the same 5 % below a smaller signal: a bar of 0.05/0.72 on 10^(-0.26)
        bar = SHOT_NOISE_BAR * 10 ** (PUBLISHED_SQUEEZING[0] / 10) / AMPLITUDE_EFFICIENCY
        bar = float(_decibel(1 + bar / 10 ** (PUBLISHED_SQUEEZING[1] / 10)))
        found |= _temperature_number(str(column))
        found[f"{about}, corrected for 72 %"] = Quantity(
            corrected, PUBLISHED_SQUEEZING[1], bar, "dB", "SI-B", "bar propagated from the 5 %"
        )
    return found


def _temperature_number(column: str) -> dict[str, Quantity]:
    """The bath temperature that the printed depth would mean with a column's parameters."""
    kelvin = np.linspace(4.0, 14.0, 41)
    p = parameters(column)
    omega = centre(column) + 2 * np.pi * 1e3 * np.linspace(-25, 0, 101)
    baths = p.bath_occupation * kelvin / FIG3.bath_temperature.value
    alone = replace(p, bath_occupation=baths, detection_efficiency=AMPLITUDE_EFFICIENCY)
    depth = _decibel(parts(alone, omega, with_spin=False, angle=0.0)["total"].min(axis=-1))
    found, low, high = (
        float(np.interp(PUBLISHED_SQUEEZING[0] + shift, depth, kelvin)) for shift in (0, -SQUEEZING_BAR, SQUEEZING_BAR)
    )
    printed = FIG3.bath_temperature
    bar = float(np.hypot(printed.uncertainty or 0.0, (high - low) / 2))
    note = f"{low:.1f} to {high:.1f} K for 5 % of the shot-noise level; Fig. 2b's own parameters are not printed"
    label = f"bath temperature from −1.7 dB, with the parameters of {FIGURES[column]}"
    return {label: Quantity(found, printed.value, bar, "K", printed.source, note)}


FIG2B = Recipe("moller2017-fig2b", "Ponderomotive squeezing (Møller et al. 2017, Fig. 2b)", compute, draw, numbers)
