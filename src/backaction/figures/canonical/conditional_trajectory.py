"""What the record knows: one trajectory with its shrinking ellipse, and the EPR variance since switch-on."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from backaction.entanglement import epr_variance
from backaction.gaussian import (
    Homodyne,
    conditional_evolution,
    conditional_state,
    steady_state,
    trajectory,
)
from backaction.systems import MechanicalOscillator
from backaction.systems.canonical import epr_pair

from ..recipe import Quantity, Recipe
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, figure, house_style, panel_label

__all__ = ["CONDITIONAL_TRAJECTORY"]

SEED = 5
STEP = 0.05
OSCILLATOR = MechanicalOscillator(
    mechanical_frequency=1.0, mechanical_linewidth=0.01, readout_rate=0.12, occupation=12.0
)
EFFICIENCY = 0.8
SHOWN = (0, 60, 200, 700)
"""Steps after switch-on at which the ellipse is drawn."""
PAIR = ("spin", "membrane")
_DELTA = {"units": "1", "long_name": "EPR variance, separable states have 1 or more"}


def compute(quick: bool) -> xr.Dataset:
    """One trajectory (a fixed seed) of a mechanical oscillator, and transients of an EPR pair.

    Returns
    -------
    xarray.Dataset
        `estimate` (time, quadrature) and `covariance` (time, quadrature, quadrature2) of the oscillator, vacuum ½;
        `epr` (efficiency, after), `epr_stationary` (efficiency) and `epr_start` of the pair.
    """
    oscillator = OSCILLATOR.system("membrane")
    run = trajectory(oscillator, Homodyne(efficiency=EFFICIENCY), STEP, 800, rng=SEED)
    after = np.concatenate([[0.0], np.geomspace(1, 1e5, 60 if quick else 200)])
    efficiency = np.array([1.0, 0.6, 0.2])
    pair = epr_pair.network(100.0, (5.0, 1.0), quality=1e5).system
    start = steady_state(pair)
    epr, stationary = [], []
    for eta in efficiency:
        epr.append(epr_variance(conditional_evolution(pair, Homodyne(efficiency=eta), start, after), *PAIR).value)
        stationary.append(float(epr_variance(conditional_state(pair, Homodyne(efficiency=eta)), *PAIR)))
    units = {"units": "1", "long_name": "quadrature, vacuum variance ½"}
    return xr.Dataset(
        {
            "estimate": (["time", "quadrature"], run.mean, units),
            "covariance": (["time", "quadrature", "quadrature2"], run.covariance, {"units": "1"}),
            "epr": (["efficiency", "after"], epr, _DELTA),
            "epr_stationary": ("efficiency", stationary, _DELTA),
            "epr_start": ([], float(epr_variance(start, *PAIR)), _DELTA),
        },
        {
            "time": ("time", run.time, {"units": "1/Ω"}),
            "after": ("after", after, {"units": "1/Ω"}),
            "efficiency": ("efficiency", efficiency, {"units": "1"}),
            "quadrature": ["x", "p"],
            "quadrature2": ["x", "p"],
        },
        {"title": "What the record knows", "seed": SEED, "parameters": "labelled in the module"},
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Phase plane on the left, EPR variance against time on the right."""
    picture, axes = figure("double", aspect=0.46, ncols=2)
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
    for one, letter in zip(axes, "ab", strict=True):
        panel_label(one, letter)
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Occupation known before and after, and the times at which the pair becomes entangled."""
    variances = [float(np.trace(data.covariance.values[i])) / 2 for i in (SHOWN[0], -1)]
    found = {
        "variance before the record": Quantity(variances[0], None, None, "1", "model", "vacuum ½"),
        "variance at the end of the record": Quantity(variances[1], None, None, "1", "model", "vacuum ½"),
    }
    for eta in data.efficiency.values:
        below = data.epr.sel(efficiency=eta).values < 1
        first = float(data.after.values[below].min()) if below.any() else np.nan
        found[f"entangled after, η = {eta:g}"] = Quantity(first, None, None, "1/Ω", "model", "first point below 1")
    return found


def _phase_plane(axes: Any, data: xr.Dataset) -> None:
    mean = data.estimate.values
    last = SHOWN[-1]
    axes.plot(mean[: last + 1, 0], mean[: last + 1, 1], color=MECHANICS, linewidth=0.8, alpha=0.75)
    for index, colour in zip(SHOWN, (LIGHT, POSITIVE_MASS, NEGATIVE_MASS, REFERENCE), strict=True):
        values, vectors = np.linalg.eigh(data.covariance.values[index])
        width, height = 2 * np.sqrt(values)
        angle = np.degrees(np.arctan2(vectors[1, 0], vectors[0, 0]))
        axes.add_patch(
            Ellipse(mean[index], width, height, angle=angle, fill=True, alpha=0.25, color=colour, linewidth=0)
        )
        axes.add_patch(Ellipse(mean[index], width, height, angle=angle, fill=False, edgecolor=colour, linewidth=1.1))
        label = rf"$\Omega t = {float(data.time[index]):.3g}$"
        axes.plot(*mean[index], "o", color=colour, markersize=3, label=label)
    reach = 1.1 * max(np.sqrt(data.covariance.values[0, 0, 0]), np.abs(mean[: last + 1]).max() + 2.2)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="X", ylabel="P")
    axes.legend(loc="upper left", fontsize=7, title="standard ellipse", title_fontsize=7)


CONDITIONAL_TRAJECTORY = Recipe(
    "conditional-trajectory",
    "What the record knows: a trajectory, and the growth of EPR entanglement",
    compute,
    draw,
    numbers,
)
