"""What the figures of Møller et al. 2017 share: spectra by part, the band of the posterior, the scale in x_zpf².

Γ_S and n_S of the spin are not printed.  Lines have the free inference from the published areas (`FREE`); bands are the
central 68 % of the `posterior` of both models together, with the detection efficiency of the column and the
lines' bookkeeping of the link (0.61 and mode matching 0.90): the other one scales all spectra.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, SupportsFloat

import numpy as np

from backaction.figures.data import DataArray, Dataset, dataset
from backaction.figures.style import NEGATIVE_MASS, POSITIVE_MASS, Axes, shade
from backaction.gaussian import Homodyne, noise_budget
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.paths import PathBudget, independent_link
from backaction.systems import Hz, Loss, Network
from backaction.systems.published.moller2017 import COLUMNS, LinkLoss, chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters, effective_pole

from .posterior import mixed_samples

__all__ = [
    "BAND_QUANTILES",
    "COLOURS",
    "INFERRED",
    "MASSES",
    "POLARIMETER",
    "SHOT_NOISE",
    "add_displacement_axis",
    "around",
    "banded",
    "displacement_scale",
    "draw_curve",
    "frequency_axis",
    "interference_off",
    "offset_axis",
    "parts",
    "percent",
    "polarimeter",
    "quantiles",
    "samples",
    "say_inferred",
    "spectral_dataset",
    "uncoupled",
    "variances",
    "with_mass",
]

MASSES = {"negative": -1, "positive": 1}
COLOURS = {"negative": NEGATIVE_MASS, "positive": POSITIVE_MASS}
SHOT_NOISE = 0.5
"""PSD of the vacuum: what shot-noise units divide by."""
BAND_QUANTILES = (0.16, 0.84)
"""Ends of every band: the central 68 %."""
SAMPLES = 48
"""Parameter sets of a band; its ends are good to a sixth of the band's width."""
POLARIMETER = 0.7
"""Detection efficiency of the spin's own polarimeter, LO1."""
INFERRED = r"$\Gamma_S$, $n_S$ inferred"
"""What every picture that depends on them says."""


@cache
def samples(column: str, quick: bool) -> HybridParameters:
    """The posterior's parameter sets of a column, one batch, with the column's own detection efficiency."""
    drawn = mixed_samples(SAMPLES // 4 if quick else SAMPLES, bookkeeping=LinkLoss.SEPARATE)[column]
    return replace(drawn, detection_efficiency=COLUMNS[column].detection_efficiency.value)


def around(column: str, khz: FloatArray) -> FloatArray:
    """ω in rad/s at offsets in kHz from the membrane's effective frequency."""
    return np.asarray(effective_pole(parameters(column)).real + 2 * np.pi * 1e3 * khz)


def frequency_axis(column: str, half_span_khz: float, quick: bool) -> FloatArray:
    """ω in rad/s, evenly around the membrane's effective frequency."""
    return around(column, np.linspace(-half_span_khz, half_span_khz, 81 if quick else 401))


def parts(
    p: HybridParameters, omega: FloatArray, *, with_spin: bool = True, angle: float = np.pi / 2
) -> dict[str, FloatArray]:
    """Spectrum at the homodyne detector in shot-noise units, with its thermal parts.

    Returns
    -------
    dict of str to array, shape (batch…, frequencies)
        "total"; "membrane" and "spin" (their baths); "back_action": what is left above the shot noise.
    """
    network = chain(p, with_spin=with_spin)
    budget = noise_budget(network.system, omega, network.in_carrier_frame(Homodyne("out", angle)))
    total, membrane = budget.total / SHOT_NOISE, budget.sources["membrane.bath"] / SHOT_NOISE
    spin = budget.sources["spin.bath"] / SHOT_NOISE if with_spin else np.zeros_like(total)
    return {"total": total, "membrane": membrane, "spin": spin, "back_action": total - 1 - membrane - spin}


def interference_off(p: HybridParameters, omega: FloatArray) -> PathBudget:
    """Budget by path of the light between spin and membrane: what arrives if its X and P were independent.

    The same vacuum reaches the detector past the spin in X, which drives the membrane, and through the spin in P.
    """
    hybrid = chain(p)
    before, behind = Network(hybrid.components[:1]), Network(hybrid.components[1:])
    return independent_link(before.system, behind.system, omega, hybrid.in_carrier_frame(Homodyne("out")))


def polarimeter(p: HybridParameters) -> Network:
    """The spin alone in front of its own detector."""
    return chain(p).component("spin") >> Loss(name="polarimeter", efficiency=POLARIMETER)


def uncoupled(p: HybridParameters) -> HybridParameters:
    """The same light path without the membrane's response: the spin recorded by LO3."""
    return replace(p, coupling=np.zeros_like(np.asarray(p.coupling)))


def with_mass(p: HybridParameters, mass: float) -> HybridParameters:
    """The same parameters with a spin of that sign of the mass, −1 or 1."""
    return replace(p, spin_frequency=mass * np.abs(p.spin_frequency))


def quantiles(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ends of the band over the first axis."""
    low, high = np.quantile(values, BAND_QUANTILES, axis=0)
    return low, high


def percent(share: SupportsFloat, draws: int) -> str:
    """A share of independent draws with its standard error (Agresti and Coull's: not zero if all or none are in it).

    Examples
    --------
    >>> percent(0.5, 24), percent(0.0, 24)
    ('50 ± 9 %', '0 ± 5 %')
    """
    p = (float(share) * draws + 2) / (draws + 4)
    return f"{100 * float(share):.0f} ± {100 * np.sqrt(p * (1 - p) / (draws + 4)):.0f} %"


def banded(name: str, line: FloatArray, drawn: FloatArray) -> dict[str, FloatArray]:
    """A curve with the ends of its band: NAME; NAME, low; NAME, high."""
    low, high = quantiles(drawn)
    return {name: line, f"{name}, low": low, f"{name}, high": high}


def displacement_scale(p: HybridParameters) -> float:
    """x_zpf² per (shot noise × kHz): the membrane's thermal area is 2 n_th (the paper's calibration).

    Its variances are 2⟨X²⟩ and their zero point is left out; the area is that of ±40 kHz around the resonance.
    """
    pole = effective_pole(p)
    khz = np.linspace(-40, 40, 801)
    thermal = parts(p, pole.real + 2 * np.pi * 1e3 * khz, with_spin=False)["membrane"]
    occupation = float(p.mechanical_halfwidth / -pole.imag * p.bath_occupation)
    return 2 * occupation / float(np.trapezoid(thermal, khz))


def variances(p: HybridParameters, *, with_spin: bool = True) -> dict[str, float]:
    """Areas of the parts over ±40 kHz in the paper's x_zpf², as the attributes ``membrane_area`` and so on."""
    found = parts(p, effective_pole(p).real + 2 * np.pi * 1e3 * np.linspace(-40, 40, 801), with_spin=with_spin)
    scale = displacement_scale(p)
    names = ("membrane", "spin", "back_action")
    return {f"{name}_area": scale * float(np.trapezoid(found[name], dx=0.1)) for name in names}


def spectral_dataset(column: str, omega: FloatArray, curves: dict[str, FloatArray], **attributes: Any) -> Dataset:
    """Curves over frequency as `psd` (curve, frequency) in shot-noise units, labelled."""
    about = {
        "effective_frequency_khz": float(effective_pole(parameters(column)).real) / Hz / 1e3,
        "convention": "two-sided spectral densities, vacuum 1; quadratures in the reflected carrier's frame",
        "inferred": "Γ_S and n_S are not printed: free inference; bands: central 68 % of the posterior",
    }
    psd = ("curve frequency", list(curves.values()), "shot noise", "spectral density, two-sided")
    points = {"curve": list(curves), "frequency": (omega / Hz / 1e3, "kHz")}
    return dataset({"psd": psd}, points, **(about | attributes))


def offset_axis(axes: Axes, data: Dataset) -> DataArray:
    """Label the frequency axis, and return the frequency from the membrane's resonance in kHz."""
    offset: DataArray = data.frequency - data.attrs["effective_frequency_khz"]
    axes.set(xlim=(float(offset[0]), float(offset[-1])), xlabel="Frequency from the membrane's resonance (kHz)")
    axes.set_ylabel("Phase noise (shot noise units)")
    return offset


def draw_curve(axes: Axes, offset: DataArray, data: Dataset, name: str, colour: str, label: str = "") -> None:
    """A curve of `spectral_dataset` with its band."""
    shade(axes, offset, data.psd.sel(curve=[f"{name}, low", f"{name}, high"]), colour)
    axes.plot(offset, data.psd.sel(curve=name), color=colour, label=label)


def say_inferred(axes: Axes) -> None:
    """Write in the upper right corner what the curves rest on."""
    text = f"{INFERRED}\n(band: 68 %)"
    axes.text(0.97, 0.95, text, transform=axes.transAxes, ha="right", va="top", fontsize=7)


def add_displacement_axis(axes: Axes, scale: float) -> None:
    """A right axis in x_zpf²/kHz, whose zero is the shot noise."""
    axes.tick_params(axis="y", which="both", right=False)
    right = axes.secondary_yaxis("right", functions=(lambda s: (s - 1) * scale, lambda x: x / scale + 1))
    right.set_ylabel(r"Displacement ($x_\mathrm{zpf}^2$/kHz)")
