"""A ladder upside down: pairs of quanta that cost nothing, and the entanglement that they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import LogNorm

from backaction.entanglement import epr_variance
from backaction.fock import conditional_by_trajectories, unconditional_with_spin
from backaction.gaussian import Homodyne, conditional_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Damping, MechanicalOscillator, Network, SpinOscillator

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, SPIN, Axes, Figure, figure, plain_ticks

__all__ = ["beam", "compute", "draw", "numbers"]

_ZETA, _READOUT = 0.3, 0.4
_LENGTHS = (5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 240.0, 480.0)
_SAMPLED = (5.0, 10.0, 20.0, 40.0, 60.0)
_LEVELS = 15
"""Kept of spins longer than that, and of the oscillators with which they are compared."""
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
    """Return populations of both ladders, and how far EPR variances are from two oscillators', by length of the spin.

    Returns
    -------
    xarray.Dataset
        `population` (mass, spin_quanta, membrane_quanta) in the steady state for J = 20; `excess` (spin_length) of the
        EPR variance over that of two oscillators; `conditional` and its `standard_error` (sampled_length); and what two
        oscillators have given the record in the attributes.
    """
    lengths = np.array(_LENGTHS[::3] if quick else _LENGTHS)
    sampled = np.array(_SAMPLED[:3:2] if quick else _SAMPLED)
    levels = dict.fromkeys(("spin", "membrane"), 12 if quick else _LEVELS)
    population = np.zeros((2, _SHOWN, _SHOWN))
    for i, mass in enumerate((-1, 1)):
        density = unconditional_with_spin(beam(mass), "spin", "membrane", 20.0, levels).density
        weights = np.diagonal(density.matrix).real
        seen = (density.basis.levels < _SHOWN).all(axis=1)
        population[i][tuple(density.basis.levels[seen].T)] = weights[seen]
    *finite, limit = (unconditional_with_spin(beam(), "spin", "membrane", J, levels) for J in (*lengths, np.inf))
    excess = [one.epr_variance - limit.epr_variance for one in finite]
    effort: dict[str, Any] = {"trajectories": 16, "duration": 10, "step": 0.2} if quick else {"step": 0.1}
    runs = [conditional_by_trajectories(beam(), "spin", "membrane", J, **effort) for J in sampled]
    watched = conditional_state(beam().system, [Homodyne()])
    return dataset(
        {
            "population": ("mass spin_quanta membrane_quanta", population),
            "excess": ("spin_length", excess, "1", "EPR variance Δ less that of two oscillators, on as many levels"),
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
        gaussian_conditional=float(epr_variance(watched, "spin", "membrane")),
        parameters=f"ζ = {_ZETA}, Γ = {_READOUT} Ω, no losses, no baths",
    )


def draw(data: Dataset) -> Figure:
    """Ladders; populations for both signs of the mass; excess of EPR variances against the length of the spin."""
    picture, axes = figure("double", aspect=0.72, letters=True, nrows=2, ncols=2)
    _draw_ladders(axes[0, 0])
    _draw_variances(axes[0, 1], data)
    for place, mass, title in ((axes[1, 0], -1, "negative mass"), (axes[1, 1], 1, "positive mass")):
        image = _draw_population(place, data, mass, title)
    picture.colorbar(image, ax=list(axes[1]), label="population", shrink=0.9)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return the pairs on the diagonal, the excess and its law, and the sampled variances."""
    found = {}
    for mass, name in ((-1, "negative"), (1, "positive")):
        table = data.population.sel(mass=mass).values
        excited = table.sum() - table[0, 0]
        note = "of the population above the ground state, on n_S = n_M"
        found[f"share of pairs, {name} mass"] = computed((np.trace(table) - table[0, 0]) / excited, _SOURCE, note)
    for length, value in zip(data.spin_length.values, data.excess.values, strict=True):
        note = "without a record, over two oscillators"
        found[f"excess of the EPR variance, J = {length:g}"] = computed(value, _SOURCE, note)
    for power, value in enumerate(_law(data), 1):
        found[f"coefficient of 1/J^{power} of that excess"] = computed(value, _SOURCE, "from the three longest spins")
    for length in data.sampled_length.values:
        one = data.sel(sampled_length=length)
        limit = data.attrs["gaussian_conditional"]
        note = f"sampled, standard error {float(one.standard_error):.2g}; two oscillators: {limit:.5g}"
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


def _law(data: Dataset) -> FloatArray:
    """a₁ and a₂ of an excess a₁/J + a₂/J² + a₃/J³ through the three longest spins."""
    longest = data.isel(spin_length=slice(-3, None))
    powers = longest.spin_length.values[:, None] ** -np.arange(1.0, 4.0)
    return np.asarray(np.linalg.solve(powers, longest.excess.values)[:2])


def _draw_variances(axes: Axes, data: Dataset) -> None:
    axes.axhline(0, color=REFERENCE, linewidth=0.9, linestyle="--")
    first, second = _law(data)
    span = np.geomspace(20, 700, 200)
    axes.plot(span, first / span + second / span**2, color=NEGATIVE_MASS, linewidth=0.9)
    axes.plot(data.spin_length, data.excess, "o", color=NEGATIVE_MASS, label="without a record")
    look = {"fmt": "s", "color": POSITIVE_MASS, "markerfacecolor": "w", "markersize": 4, "capsize": 2}
    sampled = data.conditional - data.attrs["gaussian_conditional"]
    beside = 1.09 * data.sampled_length
    axes.errorbar(beside, sampled, 2 * data.standard_error, label="given the record", **look)
    axes.text(150, 3e-4, f"line: ${first:.4f}/J + {second:.2f}/J^2$", color=NEGATIVE_MASS, ha="center")
    axes.set(xscale="log", xlim=(4, 700), xlabel=r"Spin length $J$")
    axes.set_yscale("symlog", linthresh=1e-4, linscale=1.5)
    axes.set(ylim=(-1e-4, 3e-2), ylabel=r"$\Delta$ less that of two oscillators")
    axes.set_yticks([-5e-5, 0, 5e-5, 1e-4, 1e-3, 1e-2], ["−0.00005", "0", "0.00005", "0.0001", "0.001", "0.01"])
    plain_ticks(axes, "x", [5, 10, 20, 50, 100, 200, 500])
    axes.legend(title="bars: two standard errors", loc="upper right")
