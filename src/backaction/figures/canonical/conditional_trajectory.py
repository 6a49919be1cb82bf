"""What the record knows: one trajectory with its shrinking ellipse, and the EPR variance since switch-on."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import Ellipse

from backaction.entanglement import epr_variance
from backaction.gaussian import Homodyne, conditional_evolution, conditional_state, steady_state, trajectory
from backaction.gaussian.arrays import FloatArray
from backaction.systems import MechanicalOscillator
from backaction.systems.canonical import epr_pair

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, Axes, Figure, figure

__all__ = ["compute", "draw", "numbers"]

SEED = 5
STEP = 0.05
OSCILLATOR = MechanicalOscillator(
    mechanical_frequency=1.0, mechanical_linewidth=0.01, readout_rate=0.12, occupation=12.0
)
EFFICIENCY = 0.8
SHOWN = (0, 60, 200, 700)
"""Steps after switch-on at which the ellipse is drawn."""
PAIR = ("spin", "membrane")


def compute(quick: bool) -> Dataset:
    """One trajectory (a fixed seed) of a mechanical oscillator, and transients of an EPR pair.

    Returns
    -------
    xarray.Dataset
        `estimate` (time, quadrature) and `covariance` (time, quadrature, quadrature2) of the oscillator, vacuum ½;
        `epr` (efficiency, after), `epr_stationary` (efficiency) and `epr_start` of the pair.
    """
    run = trajectory(OSCILLATOR.system("membrane"), Homodyne(efficiency=EFFICIENCY), STEP, 800, rng=SEED)
    after = np.concatenate([[0.0], np.geomspace(1, 1e5, 60 if quick else 200)])
    detectors = [Homodyne(efficiency=eta) for eta in (1.0, 0.6, 0.2)]
    pair = epr_pair.network(100.0, (5.0, 1.0), quality=1e5).system
    start = steady_state(pair)
    epr = [epr_variance(conditional_evolution(pair, one, start, after), *PAIR).value for one in detectors]
    stationary = [epr_variance(conditional_state(pair, one), *PAIR).value for one in detectors]
    delta = ("1", "EPR variance, separable states have 1 or more")
    return dataset(
        {
            "estimate": ("time quadrature", run.mean, "1", "quadrature, vacuum variance ½"),
            "covariance": ("time quadrature quadrature2", run.covariance),
            "epr": ("efficiency after", epr, *delta),
            "epr_stationary": ("efficiency", stationary, *delta),
            "epr_start": ("", epr_variance(start, *PAIR).value, *delta),
        },
        {
            "time": (run.time, "1/Ω"),
            "after": (after, "1/Ω"),
            "efficiency": [one.efficiency for one in detectors],
            "quadrature": ["x", "p"],
            "quadrature2": ["x", "p"],
        },
        seed=SEED,
        parameters="labelled in the module",
    )


def draw(data: Dataset) -> Figure:
    """Phase plane on the left, EPR variance against time on the right."""
    picture, axes = figure("double", aspect=0.46, letters=True, ncols=2)
    _phase_plane(axes[0], data)
    for eta, colour in zip(data.efficiency.values, (REFERENCE, MECHANICS, LIGHT), strict=True):
        here = data.sel(efficiency=eta)
        axes[1].plot(data.after[1:], here.epr[1:], color=colour, label=rf"$\eta = {eta:g}$")
        axes[1].axhline(float(here.epr_stationary), color=colour, linestyle=":", linewidth=0.9)
    axes[1].axhline(1, color=REFERENCE, linewidth=0.7)
    axes[1].text(0.98, 1.05, "separable above", transform=axes[1].get_yaxis_transform(), ha="right", fontsize=7)
    axes[1].set(xscale="log", yscale="log", xlim=(1, 1e5), ylim=(0.1, 10))
    axes[1].set(xlabel=r"Time since switch-on ($1/\Omega$)", ylabel="EPR variance")
    axes[1].legend(loc="lower left")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Occupation known before and after, and the times at which the pair becomes entangled."""
    before, after = (np.trace(data.covariance.values[i]) / 2 for i in (SHOWN[0], -1))
    found = {
        "variance before the record": computed(before, "model", "vacuum ½"),
        "variance at the end of the record": computed(after, "model", "vacuum ½"),
    }
    for eta in data.efficiency.values:
        first = _crossing(data.after.values[1:], data.epr.sel(efficiency=eta).values[1:])
        found[f"entangled after, η = {eta:g}"] = computed(first, "model", "where the variance is 1", "1/Ω")
    return found


def _phase_plane(axes: Axes, data: Dataset) -> None:
    mean, covariance = data.estimate.values[: SHOWN[-1] + 1], data.covariance.values
    axes.plot(*mean.T, color=MECHANICS, linewidth=0.8, alpha=0.75)
    for index, colour in zip(SHOWN, (LIGHT, POSITIVE_MASS, NEGATIVE_MASS, REFERENCE), strict=True):
        values, vectors = np.linalg.eigh(covariance[index])
        angle = np.degrees(np.arctan2(vectors[1, 0], vectors[0, 0]))
        looks: tuple[dict[str, Any], ...] = ({"alpha": 0.25, "color": colour, "lw": 0}, {"fill": False, "ec": colour})
        for look in looks:
            axes.add_patch(Ellipse(mean[index], *(2 * np.sqrt(values)), angle=angle, **({"lw": 1.1} | look)))
        axes.plot(*mean[index], "o", color=colour, markersize=3, label=rf"$\Omega t = {float(data.time[index]):.3g}$")
    reach = 1.1 * max(np.sqrt(covariance[0, 0, 0]), np.abs(mean).max() + 2.2)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="X", ylabel="P")
    axes.legend(loc="upper left", fontsize=7, title="standard ellipse", title_fontsize=7)


def _crossing(time: FloatArray, variance: FloatArray) -> float:
    """When a variance first falls to 1, between the times given on logarithmic scales; NaN if it does not."""
    below = np.flatnonzero(variance < 1)
    if not below.size or below[0] == 0:
        return float(time[0]) if below.size else np.nan
    ends = slice(below[0] - 1, below[0] + 1)
    return float(np.exp(np.interp(0.0, -np.log(variance[ends]), np.log(time[ends]))))
