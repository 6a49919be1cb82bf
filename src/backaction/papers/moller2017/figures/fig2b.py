"""Møller et al. 2017, Fig. 2b: ponderomotive squeezing of the light from the membrane, as a thermometer.

The amplitude in direct detection (72 %, no interference visibility).  The figure's own parameters are not printed; both
columns of Table I stand beside each other, and none is tuned.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, beside
from backaction.figures.style import LIGHT, MECHANICS, Figure, figure, shade
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, FIG3, parameters
from backaction.systems.published.moller2017.table import TITLES

from ..curves import around, parts

__all__ = ["compute", "draw", "numbers"]

AMPLITUDE_EFFICIENCY = 0.72
SHOT_NOISE_BAR = 0.05
PUBLISHED_SQUEEZING = (-1.7, -2.6)
"""dB, at 72 % and corrected for it (SI-B)."""
SQUEEZING_BAR = float(10 * np.log10(1 + SHOT_NOISE_BAR))
"""dB: the 5 % to which the shot-noise level was verified."""


def compute(quick: bool) -> Dataset:
    """Amplitude spectra of both columns at 6.5, 7 and 7.5 K, and without the detector's loss."""
    khz = np.linspace(-30, 60, 91 if quick else 451)
    bath = FIG3.bath_temperature
    kelvin = bath.value + np.array([-1, 0, 1]) * (bath.uncertainty or 0.0)
    corrected = [_amplitude(column, khz, bath.value, 1.0) for column in COLUMNS]
    return dataset(
        {
            "psd": ("column temperature offset", [_amplitude(column, khz, kelvin) for column in COLUMNS], "shot noise"),
            "corrected": ("column offset", corrected, "shot noise"),
        },
        {
            "column": list(COLUMNS),
            "temperature": (kelvin, "K"),
            "offset": (khz, "kHz", "from the membrane's resonance"),
        },
        convention="amplitude quadrature of the reflected carrier, 72 %",
    )


def draw(data: Dataset) -> Figure:
    """Squeezing below the shot noise in dB, with the published depth and its error bar."""
    picture, axes = figure("single", aspect=0.82)
    for column, colour, dashes in (("fig3", MECHANICS, "-"), ("fig4", LIGHT, (0, (5, 1.5)))):
        curves = _decibel(data.psd.sel(column=column))
        shade(axes, data.offset, (curves.min(axis=0), curves.max(axis=0)), colour, 0.3)
        axes.plot(data.offset, curves[1], color=colour, linestyle=dashes, label=f"parameters of {TITLES[column]}")
        lossless = _decibel(data.corrected.sel(column=column))
        axes.plot(data.offset, lossless, color=colour, linewidth=0.7, linestyle=(0, (1, 1.2)))
    axes.axhline(0, color="0.6", linewidth=0.7)
    depth = PUBLISHED_SQUEEZING[0]
    axes.axhspan(depth - SQUEEZING_BAR, depth + SQUEEZING_BAR, color="0.75", alpha=0.5, linewidth=0, zorder=0)
    axes.text(59, depth - 0.3, "published minimum,\n± 5 % of shot noise", ha="right", va="top", fontsize=7)
    axes.set(xlim=(-30, 60), ylim=(-4, 6), xlabel="Frequency from the membrane's resonance (kHz)")
    axes.set_ylabel("Amplitude noise (dB from shot noise)")
    axes.legend(loc="upper right", title="(7.0 ± 0.5) K; dotted: without\nthe detector's 72 %", title_fontsize=7)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Deepest squeezing, with and without the detector's loss, for both columns."""
    found = {}
    note = "Fig. 2b's own parameters are not printed; bar: 5 % of the shot-noise level. Not tuned"
    # the same 5 % below a smaller signal: a bar of 0.05/0.72 on 10^(-0.26)
    level, mended = (10 ** (depth / 10) for depth in PUBLISHED_SQUEEZING)
    bar = float(_decibel(1 + SHOT_NOISE_BAR * level / AMPLITUDE_EFFICIENCY / mended))
    for column, title in TITLES.items():
        about = f"squeezing with the parameters of {title}"
        cold, usual, warm = _decibel(data.psd.sel(column=column).min("offset")).tolist()
        text = f"{note}; {cold:.2f} dB at 6.5 K, {warm:.2f} dB at 7.5 K"
        found[about] = Quantity(usual, PUBLISHED_SQUEEZING[0], SQUEEZING_BAR, "dB", "SI-B, Fig. 2b", text)
        found[f"bath temperature from −1.7 dB, with the parameters of {title}"] = _thermometer(column)
        corrected = float(_decibel(data.corrected.sel(column=column).min()))
        found[f"{about}, corrected for 72 %"] = Quantity(
            corrected, PUBLISHED_SQUEEZING[1], bar, "dB", "SI-B", "bar propagated from the 5 %"
        )
    return found


def _thermometer(column: str) -> Quantity:
    """The bath temperature that the printed depth would mean with a column's parameters."""
    kelvin = np.linspace(4.0, 14.0, 41)
    depth = _decibel(_amplitude(column, np.linspace(-25, 0, 101), kelvin).min(axis=-1))
    shifts = (0, -SQUEEZING_BAR, SQUEEZING_BAR)
    found, low, high = (float(np.interp(PUBLISHED_SQUEEZING[0] + shift, depth, kelvin)) for shift in shifts)
    bar = float(np.hypot(FIG3.bath_temperature.uncertainty or 0.0, (high - low) / 2))
    note = f"{low:.1f} to {high:.1f} K for 5 % of the shot-noise level; Fig. 2b's own parameters are not printed"
    return beside(found, FIG3.bath_temperature, note, bar=bar)


def _amplitude(column: str, khz: FloatArray, kelvin: Any, efficiency: float = AMPLITUDE_EFFICIENCY) -> FloatArray:
    """Amplitude spectrum of the membrane alone at bath temperatures, shape (temperatures…, frequencies)."""
    p = parameters(column)
    baths = p.bath_occupation * kelvin / FIG3.bath_temperature.value
    warmed = replace(p, bath_occupation=baths, detection_efficiency=efficiency)
    return parts(warmed, around(column, khz), with_spin=False, angle=0.0)["total"]


def _decibel(ratio: Any) -> FloatArray:
    return np.asarray(10 * np.log10(ratio))
