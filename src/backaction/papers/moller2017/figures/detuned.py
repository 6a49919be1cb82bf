"""Møller et al. 2017, Figs 4b and 4c: the displacement sensitivity that the evasion buys, and the spin's squeezing.

4b is the ratio of the membrane's and the hybrid's noise in 4a; the signal is the same in both, because the light meets
the membrane last.  4c is an example of amplitude squeezing by the spin alone; neither its quadrature nor its detector
is printed.  **Chosen here**: the angle from the amplitude at which the negative mass squeezes most at any frequency,
the polarimeter's 70 %, and the column of Fig. 4.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import NEGATIVE_MASS, REFERENCE, SPIN, figure, house_style
from backaction.gaussian import Homodyne, noise_budget
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz, Loss
from backaction.systems.published.moller2017 import chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from .curves import (
    INFERRED,
    SHOT_NOISE,
    frequency_axis,
    offset_axis,
    parts,
    quantiles,
    samples,
    spectral_dataset,
)

__all__ = ["FIG4B", "FIG4C", "best_squeezing_angle"]

POLARIMETER = 0.7
HALF_SPAN_KHZ = 24


def compute_4b(quick: bool) -> xr.Dataset:
    """Noise of the membrane alone over that of the hybrid of negative mass."""
    omega = frequency_axis("fig4", HALF_SPAN_KHZ, quick)

    def gain(p: HybridParameters) -> FloatArray:
        return np.asarray(parts(p, omega, with_spin=False)["total"] / parts(p, omega)["total"])

    low, high = quantiles(gain(samples("fig4", quick)))
    curves = {"gain": gain(parameters("fig4")), "gain, low": low, "gain, high": high}
    data = spectral_dataset("fig4", omega, curves, title="Møller et al. 2017, Fig. 4b")
    data["psd"].attrs = {"units": "1", "long_name": "noise of the membrane alone over that of the hybrid"}
    return data


@house_style()
def draw_4b(data: xr.Dataset) -> Figure:
    """Above one the hybrid is the better sensor."""
    picture, axes = figure("single", aspect=0.72)
    offset = offset_axis(axes, data)
    axes.fill_between(
        offset, data.psd.sel(curve="gain, low"), data.psd.sel(curve="gain, high"), color=NEGATIVE_MASS, alpha=0.3, lw=0
    )
    axes.plot(offset, data.psd.sel(curve="gain"), color=NEGATIVE_MASS, label="hybrid, negative mass")
    axes.axhline(1, color=REFERENCE, linewidth=0.9, linestyle=(0, (4, 2)), label="membrane alone")
    axes.set_ylabel("Sensitivity relative to the membrane")
    low = float(data.psd.min())
    axes.set_ylim(low - 0.05, float(data.psd.max()) + 0.28)
    axes.legend(loc="upper left")
    axes.text(0.97, 0.95, f"{INFERRED}\n(band: 68 %)", transform=axes.transAxes, ha="right", va="top", fontsize=7)
    return picture


def numbers_4b(data: xr.Dataset) -> dict[str, Quantity]:
    """Gain at its best, at its worst and on resonance."""
    gain, note = data.psd.sel(curve="gain"), "no number is printed; free inference, at the upper edge of the posterior"
    at_resonance = float(np.interp(data.attrs["effective_frequency_khz"], data.frequency, gain))
    return {
        "largest gain in noise power": Quantity(float(gain.max()), None, None, "1", "Fig. 4b", note),
        "gain on the membrane's resonance": Quantity(at_resonance, None, None, "1", "Fig. 4b", note),
        "smallest gain": Quantity(float(gain.min()), None, None, "1", "Fig. 4b", f"{note}; near the spin's resonance"),
    }


def best_squeezing_angle(p: HybridParameters, omega: FloatArray) -> float:
    """Angle from the amplitude, in rad, at which the spin's light is most squeezed at any of the frequencies.

    With s the density of P above the vacuum and c the X–P correlation, both in shot-noise units, the quadrature at θ
    has 1 + c sin 2θ + s sin²θ; its least value over θ is 1 + s/2 − √(s²/4 + c²), at tan 2θ = −2c/s.
    """
    transfer = chain(p).component("spin").system("spin")
    vacuum, middle, phase = (
        noise_budget(transfer, omega, Homodyne("out", angle)).total / SHOT_NOISE
        for angle in (0.0, np.pi / 4, np.pi / 2)
    )
    s = phase - vacuum
    c = middle - (vacuum + phase) / 2
    best = int(np.argmin(s / 2 - np.hypot(s / 2, c)))
    return float(np.arctan2(-2 * c[best], s[best]) / 2)


def compute_4c(quick: bool) -> xr.Dataset:
    """Spectra of the spin's light at the chosen angle, both masses, with the band of the posterior."""
    p, drawn = parameters("fig4"), samples("fig4", quick)
    resonance = np.abs(float(p.spin_frequency))
    omega = resonance + 2 * np.pi * 1e3 * np.linspace(-60, 60, 121 if quick else 601)
    angle = best_squeezing_angle(p, omega)
    curves: dict[str, FloatArray] = {}
    for name, mass in (("negative mass", -1), ("positive mass", 1)):
        line, band = (
            _spin_light(replace(q, spin_frequency=mass * np.abs(q.spin_frequency)), omega, angle) for q in (p, drawn)
        )
        curves[name] = line
        curves |= dict(zip((f"{name}, low", f"{name}, high"), quantiles(band), strict=True))
    return spectral_dataset(
        "fig4",
        omega,
        curves,
        title="Møller et al. 2017, Fig. 4c",
        angle_deg=float(np.degrees(angle)),
        spin_frequency_khz=resonance / Hz / 1e3,
        chosen="quadrature angle, 70 % detection and the column of Fig. 4 are chosen here, not printed",
    )


def _spin_light(p: HybridParameters, omega: FloatArray, angle: float) -> FloatArray:
    network = chain(p).component("spin") >> Loss(name="polarimeter", efficiency=POLARIMETER)
    return np.asarray(noise_budget(network.system, omega, Homodyne("out", angle)).total / SHOT_NOISE)


@house_style()
def draw_4c(data: xr.Dataset) -> Figure:
    """The two masses are each other's mirror image about the Larmor frequency."""
    picture, axes = figure("single", aspect=0.8)
    offset = data.frequency - data.attrs["spin_frequency_khz"]
    for name, colour in (("positive mass", REFERENCE), ("negative mass", SPIN)):
        band = (10 * np.log10(data.psd.sel(curve=f"{name}, {end}")) for end in ("low", "high"))
        axes.fill_between(offset, *band, color=colour, alpha=0.25, linewidth=0)
        axes.plot(offset, 10 * np.log10(data.psd.sel(curve=name)), color=colour, label=name)
    axes.axhline(0, color="0.6", linewidth=0.7)
    axes.set(xlim=(float(offset[0]), float(offset[-1])), ylim=(-2.4, 7))
    axes.set_xlabel("Frequency from the spin's resonance (kHz)")
    axes.set_ylabel("Noise (dB from shot noise)")
    axes.legend(loc="upper left")
    angle = f"chosen, not printed:\n{data.attrs['angle_deg']:.1f}° from the\namplitude,\n70 % detected;\n{INFERRED}"
    axes.text(0.97, 0.95, angle, transform=axes.transAxes, ha="right", va="top", fontsize=7)
    return picture


def numbers_4c(data: xr.Dataset) -> dict[str, Quantity]:
    """The chosen angle and the squeezing at it."""
    deepest = {
        name: 10 * np.log10(float(data.psd.sel(curve=name).min())) for name in ("negative mass", "positive mass")
    }
    note = "no number is printed; angle and detection efficiency chosen here; free inference"
    found = {
        f"squeezing, {name}": Quantity(value, None, None, "dB", "Fig. 4c", note) for name, value in deepest.items()
    }
    return found | {
        "angle from the amplitude": Quantity(data.attrs["angle_deg"], None, None, "deg", "chosen, Fig. 4c", note)
    }


FIG4B = Recipe(
    "moller2017-fig4b",
    "Displacement sensitivity of the hybrid (Møller et al. 2017, Fig. 4b)",
    compute_4b,
    draw_4b,
    numbers_4b,
)
FIG4C = Recipe(
    "moller2017-fig4c",
    "Squeezing of light by the spin of either mass (Møller et al. 2017, Fig. 4c)",
    compute_4c,
    draw_4c,
    numbers_4c,
)
