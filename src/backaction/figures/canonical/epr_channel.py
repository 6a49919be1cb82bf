"""A pulse projects two oscillators on an EPR state."""

from __future__ import annotations

import numpy as np

from backaction.entanglement import duan_sum
from backaction.gaussian import Homodyne, conditional_evolution
from backaction.gaussian.arrays import FloatArray
from backaction.systems.canonical import pulsed

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, Figure, figure

__all__ = ["compute", "draw", "numbers"]

STARTS = {"n = 0, 0": (0.0, 0.0), "n = 10, 1": (10.0, 1.0)}
RATE = 1e-4
"""Γ/Ω of the pulse: the closed form holds to that order between half periods."""
EFFICIENCIES = (1.0, 0.5)


def compute(quick: bool) -> Dataset:
    """Δ after pulses of growing readout ΓT, by start and efficiency; and for a positive-mass spin."""
    periods = np.unique(np.geomspace(1, 1e6, 13 if quick else 31).round())
    readout = RATE * 2 * np.pi * periods
    values, lines, positive = [], [], []
    for occupations in STARTS.values():
        noise = sum(occupations) + 1
        lines.append([pulsed.duan_sum_after(readout, noise, eta) for eta in EFFICIENCIES])
        values.append([_after(periods, occupations, eta, -1) for eta in EFFICIENCIES])
        positive.append(_after(periods, occupations, 1.0, 1))
    delta = ("1", "Duan sum, separable states have 1 or more")
    return dataset(
        {
            "model": ("start efficiency readout", values, *delta),
            "closed_form": ("start efficiency readout", lines, *delta),
            "positive_mass": ("start readout", positive, *delta),
        },
        {"readout": (readout, "1", "readout ΓT"), "efficiency": list(EFFICIENCIES), "start": list(STARTS)},
        rate=RATE,
        parameters="labelled; n of membrane and spin",
    )


def draw(data: Dataset) -> Figure:
    """Δ against the strength of the pulse."""
    picture, axes = figure("single", aspect=0.82)
    for start, colour in zip(STARTS, (MECHANICS, NEGATIVE_MASS), strict=True):
        for eta, dashes in zip(EFFICIENCIES, ("-", "--"), strict=True):
            here, label = data.sel(start=start, efficiency=eta), f"{start}, $\\eta = {eta:g}$"
            axes.plot(data.readout, here.closed_form, color=colour, linestyle=dashes, label=label)
            axes.plot(data.readout, here.model, "o", color=colour, markersize=2.5)
    positive = data.positive_mass.sel(start="n = 0, 0")
    axes.plot(data.readout, positive, color=POSITIVE_MASS, label="positive mass, n = 0, 0")
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    axes.set(xscale="log", yscale="log", xlabel=r"Readout $\Gamma T$ of the pulse", ylabel=r"Duan sum $\Delta$")
    axes.set(xlim=(float(data.readout[0]), float(data.readout[-1])))
    axes.legend(loc="lower left", fontsize=7)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Deviation of the model from V₀/(1 + ηΓTV₀)."""
    worst = np.abs(data.model / data.closed_form - 1).max()
    note = "1 to order Γ/Ω = 1e-4: the common mode is squeezed that little within a period"
    return {
        "worst deviation from the closed form": computed(worst, "closed form", "order (Γ/Ω)²"),
        "smallest Δ with a positive mass": computed(data.positive_mass.min(), "model", note),
    }


def _after(periods: FloatArray, occupations: tuple[float, float], efficiency: float, mass: int) -> FloatArray:
    system = pulsed.network(RATE, spin_mass=mass).system
    start = pulsed.thermal_start(occupations)
    state = conditional_evolution(system, Homodyne(efficiency=efficiency), start, 2 * np.pi * periods)
    return duan_sum(state, "spin", "membrane").value
