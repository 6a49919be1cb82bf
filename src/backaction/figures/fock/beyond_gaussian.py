"""Where covariances end: a Kerr term, and a spin that begins in a number state."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backaction.fock.anharmonic import kerr_motion, number_state_under_a_pulse

from ..recipe import Quantity, Recipe
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, REFERENCE, SPIN, figure, house_style, panel_label

__all__ = ["BEYOND_GAUSSIAN"]

_KERR, _AMPLITUDE, _DAMPING = 1.0, 1.5, 0.02
_STRENGTHS = (0.25, 1.0, 4.0)
_COLOURS = (SPIN, NEGATIVE_MASS, MECHANICS)
_LENGTH = 20.0
_SOURCE = "no publication; backaction.fock.anharmonic"


def compute(quick: bool) -> xr.Dataset:
    """Return the motion of a Kerr oscillator, and conditional variances of a spin with one quantum.

    Returns
    -------
    xarray.Dataset
        `mean`, `gaussian_mean` (|⟨a⟩| over |α|) and `non_gaussianity` (time); `variance` and `probability`
        (strength, outcome), `gaussian_variance` and `averaged` (strength).
    """
    times = np.linspace(0, np.pi, 33 if quick else 97)
    motion = kerr_motion(_KERR, _AMPLITUDE, _DAMPING, times)
    outcomes = np.linspace(-9, 9, 361)
    humps = [number_state_under_a_pulse(_LENGTH, 1, strength, outcomes) for strength in _STRENGTHS]
    pure = {"units": "1"}
    return xr.Dataset(
        {
            "mean": ("time", np.abs(motion.mean) / _AMPLITUDE, {"long_name": "|⟨a⟩|/|α|", **pure}),
            "gaussian_mean": ("time", np.abs(motion.gaussian_mean) / _AMPLITUDE, pure),
            "quanta": ("time", motion.quanta, {"long_name": "⟨a†a⟩", **pure}),
            "non_gaussianity": ("time", motion.non_gaussianity, {"long_name": "S(V) − S(ρ)", "units": "nat"}),
            "variance": (["strength", "outcome"], [one.variance for one in humps], pure),
            "probability": (["strength", "outcome"], [one.probability for one in humps], pure),
            "gaussian_variance": ("strength", [one.gaussian for one in humps], pure),
            "averaged": ("strength", [one.average for one in humps], pure),
        },
        {
            "time": ("time", _KERR * times, {"long_name": "χt", **pure}),
            "strength": ("strength", list(_STRENGTHS), {"long_name": "strength κ² of the pulse", **pure}),
            "outcome": ("outcome", outcomes, {"long_name": "outcome y", **pure}),
        },
        {
            "title": "A Kerr oscillator from a coherent state; a spin with one quantum, read by a pulse",
            "parameters": f"α = {_AMPLITUDE}, γ = {_DAMPING} χ; J = {_LENGTH:g}",
        },
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Left: a Kerr oscillator. Right: variance of a number state given the outcome of a pulse."""
    picture, (left, right) = figure("double", aspect=0.43, ncols=2)
    _draw_kerr(left, data)
    _draw_humps(right, data)
    panel_label(left, "a")
    panel_label(right, "b")
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Return how far both are from their Gaussian descriptions."""

    def entry(value: float, unit: str, note: str) -> Quantity:
        return Quantity(float(value), None, None, unit, _SOURCE, note)

    found = {
        "largest non-Gaussianity of the Kerr oscillator": entry(
            float(data.non_gaussianity.max()), "nat", "S(V) − S(ρ); 0 for every Gaussian state"
        ),
        "smallest |⟨a⟩|/|α|": entry(float(data["mean"].min()), "1", "the mean field keeps more than 0.96"),
        "revival of |⟨a⟩|/|α| at χt = π": entry(float(data["mean"][-1]), "1", "1 without damping"),
    }
    for strength in data.strength.values:
        one = data.sel(strength=strength)
        middle = float(one.variance[one.sizes["outcome"] // 2])
        note = f"a Gaussian state of the same covariance has {float(one.gaussian_variance):.4g} for every outcome"
        found[f"variance given y = 0, κ² = {strength:g}"] = entry(middle, "1", note)
        found[f"variance averaged over y, κ² = {strength:g}"] = entry(float(one.averaged), "1", note)
    return found


def _draw_kerr(axes: Axes, data: xr.Dataset) -> None:
    time = data.time.values
    axes.plot(time, data["mean"].values, color=MECHANICS, label=r"mean $|\langle a\rangle|/|\alpha|$")
    axes.plot(time, data.gaussian_mean.values, color=REFERENCE, linestyle="--", label="the same, Gaussian")
    axes.plot(time, data.non_gaussianity.values, color=LIGHT, linestyle="-.", label=r"$S(V) - S(\rho)$ in nats")
    axes.set_xlim(0, np.pi)
    axes.set_ylim(0, None)
    axes.set_xticks([0, np.pi / 2, np.pi], labels=["0", r"$\pi/2$", r"$\pi$"])
    axes.set_xlabel(r"Kerr phase $\chi t$")
    axes.set_ylabel("Mean and non-Gaussianity")
    axes.legend(loc="center", bbox_to_anchor=(0.5, 0.27))


def _draw_humps(axes: Axes, data: xr.Dataset) -> None:
    for strength, colour in zip(data.strength.values, _COLOURS, strict=True):
        one = data.sel(strength=strength)
        likely = one.probability.values > 2e-3 * float(one.probability.max())
        outcome = one.outcome.values[likely]
        axes.plot(outcome, one.variance.values[likely], color=colour, label=rf"$\kappa^2 = {strength:g}$")
        axes.axhline(float(one.gaussian_variance), color=colour, linewidth=0.9, linestyle="--")
    axes.set(yscale="log", xlim=(-7, 7), ylim=(0.06, 5))
    axes.set_yticks([0.1, 0.2, 0.5, 1, 2, 5], labels=["0.1", "0.2", "0.5", "1", "2", "5"])
    axes.minorticks_off()
    axes.set_xlabel("Outcome $y$ of the pulse")
    axes.set_ylabel(r"$\mathrm{Var}\,X_S$ given $y$")
    axes.legend(title="dashes: Gaussian state of the same covariance", loc="upper center", ncols=3)


BEYOND_GAUSSIAN = Recipe(
    name="beyond-gaussian",
    title="Where covariances end: a Kerr term and a non-Gaussian spin state",
    compute=compute,
    draw=draw,
    numbers=numbers,
)
