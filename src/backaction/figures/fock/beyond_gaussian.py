"""Where covariances end: a Kerr term, and a spin that begins in a number state."""

from __future__ import annotations

import numpy as np

from backaction.fock.anharmonic import kerr_motion, number_state_under_a_pulse

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, REFERENCE, SPIN, Axes, Figure, figure, plain_ticks

__all__ = ["compute", "draw", "numbers"]

_KERR, _AMPLITUDE, _DAMPING = 1.0, 1.5, 0.02
_STRENGTHS = {0.25: SPIN, 1.0: NEGATIVE_MASS, 4.0: MECHANICS}
_LENGTH = 20.0
_SOURCE = "no publication; backaction.fock.anharmonic"


def compute(quick: bool) -> Dataset:
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
    return dataset(
        {
            "mean": ("time", np.abs(motion.mean) / _AMPLITUDE, "1", "|⟨a⟩|/|α|"),
            "gaussian_mean": ("time", np.abs(motion.gaussian_mean) / _AMPLITUDE),
            "quanta": ("time", motion.quanta, "1", "⟨a†a⟩"),
            "non_gaussianity": ("time", motion.non_gaussianity, "nat", "S(V) − S(ρ)"),
            "variance": ("strength outcome", [one.variance for one in humps]),
            "probability": ("strength outcome", [one.probability for one in humps]),
            "gaussian_variance": ("strength", [one.gaussian for one in humps]),
            "averaged": ("strength", [one.average for one in humps]),
        },
        {
            "time": (_KERR * times, "1", "χt"),
            "strength": (list(_STRENGTHS), "1", "strength κ² of the pulse"),
            "outcome": (outcomes, "1", "outcome y"),
        },
        parameters=f"α = {_AMPLITUDE}, γ = {_DAMPING} χ; J = {_LENGTH:g}",
    )


def draw(data: Dataset) -> Figure:
    """Left: a Kerr oscillator. Right: variance of a number state given the outcome of a pulse."""
    picture, (left, right) = figure("double", aspect=0.43, letters=True, ncols=2)
    _draw_kerr(left, data)
    _draw_humps(right, data)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return how far both are from their Gaussian descriptions."""
    largest, mean = data.non_gaussianity.max(), data["mean"]
    note = "S(V) − S(ρ); 0 for every Gaussian state"
    found = {
        "largest non-Gaussianity of the Kerr oscillator": computed(largest, _SOURCE, note, "nat"),
        "smallest |⟨a⟩|/|α|": computed(mean.min(), _SOURCE, "the mean field keeps more than 0.96"),
        "revival of |⟨a⟩|/|α| at χt = π": computed(mean[-1], _SOURCE, "1 without damping"),
    }
    for strength in data.strength.values:
        one = data.sel(strength=strength)
        note = f"a Gaussian state of the same covariance has {float(one.gaussian_variance):.4g} for every outcome"
        middle = one.variance[one.sizes["outcome"] // 2]
        found[f"variance given y = 0, κ² = {strength:g}"] = computed(middle, _SOURCE, note)
        found[f"variance averaged over y, κ² = {strength:g}"] = computed(one.averaged, _SOURCE, note)
    return found


def _draw_kerr(axes: Axes, data: Dataset) -> None:
    axes.plot(data.time, data["mean"], color=MECHANICS, label=r"mean $|\langle a\rangle|/|\alpha|$")
    axes.plot(data.time, data.gaussian_mean, color=REFERENCE, linestyle="--", label="the same, Gaussian")
    axes.plot(data.time, data.non_gaussianity, color=LIGHT, linestyle="-.", label=r"$S(V) - S(\rho)$ in nats")
    axes.set(xlim=(0, np.pi), ylim=(0, None), xlabel=r"Kerr phase $\chi t$", ylabel="Mean and non-Gaussianity")
    axes.set_xticks([0, np.pi / 2, np.pi], labels=["0", r"$\pi/2$", r"$\pi$"])
    axes.legend(loc="center", bbox_to_anchor=(0.5, 0.27))


def _draw_humps(axes: Axes, data: Dataset) -> None:
    for strength, colour in _STRENGTHS.items():
        one = data.sel(strength=strength)
        likely = one.variance.where(one.probability > 2e-3 * one.probability.max(), drop=True)
        axes.plot(likely.outcome, likely, color=colour, label=rf"$\kappa^2 = {strength:g}$")
        axes.axhline(float(one.gaussian_variance), color=colour, linewidth=0.9, linestyle="--")
    axes.set(yscale="log", xlim=(-7, 7), ylim=(0.06, 5), xlabel="Outcome $y$ of the pulse")
    axes.set_ylabel(r"$\mathrm{Var}\,X_S$ given $y$")
    plain_ticks(axes, "y", [0.1, 0.2, 0.5, 1, 2, 5])
    axes.legend(title="dashes: Gaussian state of the same covariance", loc="upper center", ncols=3)
