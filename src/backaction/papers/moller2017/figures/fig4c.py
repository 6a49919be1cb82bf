"""Møller et al. 2017, Fig. 4c: squeezing of light by the spin of either mass.

An example of amplitude squeezing by the spin alone; neither its quadrature nor its detector is printed.  **Chosen
here**: the angle from the amplitude at which the negative mass squeezes most at any frequency, the polarimeter's 70 %,
and the column of Fig. 4.
"""

from __future__ import annotations

import numpy as np

from backaction.figures.data import Dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import REFERENCE, SPIN, Figure, figure, shade
from backaction.gaussian import Homodyne, noise_budget
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz
from backaction.systems.published.moller2017 import chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from ..curves import INFERRED, MASSES, SHOT_NOISE, banded, polarimeter, samples, spectral_dataset, with_mass

__all__ = ["best_squeezing_angle", "compute", "draw", "numbers"]


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


def compute(quick: bool) -> Dataset:
    """Spectra of the spin's light at the chosen angle, both masses, with the band of the posterior."""
    p, drawn = parameters("fig4"), samples("fig4", quick)
    resonance = np.abs(float(p.spin_frequency))
    omega = resonance + 2 * np.pi * 1e3 * np.linspace(-60, 60, 121 if quick else 601)
    angle = best_squeezing_angle(p, omega)

    def light(q: HybridParameters) -> FloatArray:
        return np.asarray(noise_budget(polarimeter(q).system, omega, Homodyne("out", angle)).total / SHOT_NOISE)

    curves: dict[str, FloatArray] = {}
    for name, mass in MASSES.items():
        curves |= banded(f"{name} mass", light(with_mass(p, mass)), light(with_mass(drawn, mass)))
    return spectral_dataset(
        "fig4",
        omega,
        curves,
        angle_deg=float(np.degrees(angle)),
        spin_frequency_khz=resonance / Hz / 1e3,
        chosen="quadrature angle, 70 % detection and the column of Fig. 4 are chosen here, not printed",
    )


def draw(data: Dataset) -> Figure:
    """The two masses are each other's mirror image about the Larmor frequency."""
    picture, axes = figure("single", aspect=0.8)
    offset, decibel = data.frequency - data.attrs["spin_frequency_khz"], 10 * np.log10(data.psd)
    for name, colour in (("positive mass", REFERENCE), ("negative mass", SPIN)):
        shade(axes, offset, decibel.sel(curve=[f"{name}, low", f"{name}, high"]), colour)
        axes.plot(offset, decibel.sel(curve=name), color=colour, label=name)
    axes.axhline(0, color="0.6", linewidth=0.7)
    axes.set(xlim=(float(offset[0]), float(offset[-1])), ylim=(-2.4, 7))
    axes.set(xlabel="Frequency from the spin's resonance (kHz)", ylabel="Noise (dB from shot noise)")
    axes.legend(loc="upper left")
    angle = f"chosen, not printed:\n{data.attrs['angle_deg']:.1f}° from the\namplitude,\n70 % detected;\n{INFERRED}"
    axes.text(0.97, 0.95, angle, transform=axes.transAxes, ha="right", va="top", fontsize=7)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """The chosen angle and the squeezing at it."""
    note = "no number is printed; angle and detection efficiency chosen here; free inference"
    found = {}
    for name in ("negative mass", "positive mass"):
        deepest = 10 * np.log10(data.psd.sel(curve=name).min())
        found[f"squeezing, {name}"] = computed(deepest, "Fig. 4c", note, "dB")
    angle = computed(data.attrs["angle_deg"], "chosen, Fig. 4c", note, "deg")
    return found | {"angle from the amplitude": angle}
