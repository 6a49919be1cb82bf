"""A ladder upside down: pairs of quanta that cost nothing, and the entanglement that they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import LogNorm

from backaction.entanglement import epr_variance
from backaction.fock import conditional_by_trajectories, unconditional_with_spin
from backaction.gaussian import Homodyne, conditional_state, steady_state
from backaction.systems import Damping, MechanicalOscillator, Network, SpinOscillator

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, SPIN, Axes, Figure, figure, plain_ticks

__all__ = ["beam", "compute", "draw", "numbers"]

_ZETA, _READOUT = 0.3, 0.4
_LENGTHS = (5.0, 10.0, 20.0, 40.0, 60.0)
_SHOWN = 6
"""Levels of the ladders and of the maps of populations."""

_SOURCE = "no publication; backaction.fock.cascaded_spin"


def beam(mass: int = -1) -> Network:
    """A spin and an oscillator in one lossless beam, ζ = 0.3, Γ = 0.4 Ω, without baths: the light damps both."""
    common: dict[str, Any] = {"readout_rate": _READOUT, "tensor_coupling": _ZETA, "occupation": 0.0}
    common["damping"] = Damping.ROTATING_WAVE
    spin = SpinOscillator(frequency=float(mass), linewidth=0.0, **common)
    return spin >> MechanicalOscillator(name="membrane", mechanical_frequency=1.0, mechanical_linewidth=0.0, **common)


def compute(quick: bool) -> Dataset:
    """Return populations of both ladders, and EPR variances against the length of the spin.

    Returns
    -------
    xarray.Dataset
        `population` (mass, spin_quanta, membrane_quanta) in the steady state for J = 20; `unconditional` (spin_length),
        `conditional` and `standard_error` (sampled_length), and the values of two oscillators in the attributes.
    """
    lengths = np.array(_LENGTHS[::2] if quick else _LENGTHS)
    sampled = np.array([5.0, 20.0] if quick else [5.0, 10.0, 20.0, 60.0])
    population = np.zeros((2, _SHOWN, _SHOWN))
    for i, mass in enumerate((-1, 1)):
        density = unconditional_with_spin(beam(mass), "spin", "membrane", 20.0).density
        weights = np.diagonal(density.matrix).real
        seen = (density.basis.levels < _SHOWN).all(axis=1)
        population[i][tuple(density.basis.levels[seen].T)] = weights[seen]
    unconditional = [unconditional_with_spin(beam(), "spin", "membrane", J).epr_variance for J in lengths]
    runs = [
        conditional_by_trajectories(
            beam(), "spin", "membrane", J, trajectories=16 if quick else 32, duration=50 if quick else 70, step=0.03
        )
        for J in sampled
    ]
    watched = conditional_state(beam().system, [Homodyne()])
    return dataset(
        {
            "population": ("mass spin_quanta membrane_quanta", population),
            "unconditional": ("spin_length", unconditional, "1", "EPR variance Δ"),
            "conditional": ("sampled_length", [run.epr_variance for run in runs]),
            "standard_error": ("sampled_length", [run.standard_error for run in runs]),
        },
        {
            "mass": [-1, 1],
            "spin_quanta": np.arange(_SHOWN),
            "membrane_quanta": np.arange(_SHOWN),
            "spin_length": (lengths, "1", "spin length J"),
            "sampled_length": (sampled, "1", "spin length J"),
        },
        gaussian_unconditional=float(epr_variance(steady_state(beam().system), "spin", "membrane")),
        gaussian_conditional=float(epr_variance(watched, "spin", "membrane")),
        parameters=f"ζ = {_ZETA}, Γ = {_READOUT} Ω, no losses, no baths",
    )


def draw(data: Dataset) -> Figure:
    """Ladders; populations for both signs of the mass; EPR variances against the length of the spin."""
    picture, axes = figure("double", aspect=0.72, letters=True, nrows=2, ncols=2)
    _draw_ladders(axes[0, 0])
    _draw_variances(axes[0, 1], data)
    for place, mass, title in ((axes[1, 0], -1, "negative mass"), (axes[1, 1], 1, "positive mass")):
        image = _draw_population(place, data, mass, title)
    picture.colorbar(image, ax=list(axes[1]), label="population", shrink=0.9)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return the pairs on the diagonal, slopes of the error, and the sampled variances."""
    found = {}
    for mass, name in ((-1, "negative"), (1, "positive")):
        table = data.population.sel(mass=mass).values
        excited = table.sum() - table[0, 0]
        note = "of the population above the ground state, on n_S = n_M"
        found[f"share of pairs, {name} mass"] = computed((np.trace(table) - table[0, 0]) / excited, _SOURCE, note)
    excess = data.unconditional.values - data.attrs["gaussian_unconditional"]
    slope = np.polyfit(np.log(data.spin_length.values), np.log(excess), 1)[0]
    found["slope of the unconditional error"] = computed(
        slope, _SOURCE, "log–log fit over J; −1 expected for long spins"
    )
    for length in data.sampled_length.values:
        one = data.sel(sampled_length=length)
        limit = data.attrs["gaussian_conditional"]
        note = f"sampled, standard error {float(one.standard_error):.1g}; two oscillators: {limit:.5g}"
        found[f"conditional EPR variance, J = {length:g}"] = computed(one.conditional, _SOURCE, note)
    return found


def _draw_ladders(axes: Axes) -> None:
    for n in range(5):
        axes.plot([0.1, 0.9], [n, n], color=MECHANICS)
        axes.plot([1.6, 2.4], [-n, -n], color=SPIN)
        axes.text(0.03, n, f"{n}", color=MECHANICS, ha="right", va="center")
        axes.text(2.47, -n, f"{n}", color=SPIN, ha="left", va="center")
    axes.annotate("", (0.5, 1), (0.5, 0), arrowprops={"arrowstyle": "-|>", "color": NEGATIVE_MASS})
    axes.annotate("", (2.0, -1), (2.0, 0), arrowprops={"arrowstyle": "-|>", "color": NEGATIVE_MASS})
    axes.text(0.5, 4.45, "oscillator", color=MECHANICS, ha="center")
    axes.text(2.0, 0.45, "inverted spin", color=SPIN, ha="center")
    axes.text(0.5, -2.6, "a pair of quanta\ncosts no energy", color=NEGATIVE_MASS, ha="center", va="center")
    axes.set(xlim=(-0.3, 2.8), ylim=(-4.6, 5.2), xticks=[], ylabel=r"Energy over $\hbar\Omega$")


def _draw_population(axes: Axes, data: Dataset, mass: int, title: str) -> Any:
    table = data.population.sel(mass=mass).values
    image = axes.imshow(np.maximum(table, 1e-12), origin="lower", cmap="cividis", norm=LogNorm(1e-5, 1))
    axes.set(xlabel="Quanta of the oscillator", ylabel="Quanta of the spin")
    axes.set_title(f"{title}, $J = 20$", fontsize="medium", loc="center")
    return image


def _draw_variances(axes: Axes, data: Dataset) -> None:
    for name, colour in (("unconditional", NEGATIVE_MASS), ("conditional", POSITIVE_MASS)):
        axes.axhline(data.attrs[f"gaussian_{name}"], color=colour, linewidth=0.9, linestyle="--")
    axes.plot(data.spin_length, data.unconditional, "o", color=NEGATIVE_MASS, label="without a record")
    look = {"fmt": "s", "color": POSITIVE_MASS, "markerfacecolor": "w", "markersize": 4, "capsize": 2}
    bars = 2 * data.standard_error
    axes.errorbar(data.sampled_length, data.conditional, bars, label="given the record", **look)
    axes.set(xscale="log", xlim=(4, 80), xlabel=r"Spin length $J$", ylabel=r"EPR variance $\Delta$")
    plain_ticks(axes, "x", [5, 10, 20, 40, 60])
    axes.legend(title="dashes: two oscillators", loc="upper right")
