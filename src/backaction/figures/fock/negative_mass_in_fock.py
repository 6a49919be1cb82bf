"""A ladder upside down: pairs of quanta that cost nothing, and the entanglement that they are."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from backaction.entanglement import epr_variance
from backaction.fock.cascaded_spin import conditional_by_trajectories, unconditional_with_spin
from backaction.gaussian import Homodyne, conditional_state, steady_state
from backaction.systems import Damping, MechanicalOscillator, Network, SpinOscillator

from ..recipe import Quantity, Recipe
from ..style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, SPIN, figure, house_style, panel_label

__all__ = ["NEGATIVE_MASS_IN_FOCK", "beam"]

_ZETA, _READOUT = 0.3, 0.4
_LENGTHS = (5.0, 10.0, 20.0, 40.0, 60.0)
_SHOWN = 6
"""Levels of the ladders and of the maps of populations."""

_SOURCE = "no publication; backaction.fock.cascaded_spin"


def beam(mass: int = -1) -> Network:
    """A spin and an oscillator in one lossless beam, ζ = 0.3, Γ = 0.4 Ω, without baths: the light damps both."""
    common = {
        "readout_rate": _READOUT,
        "tensor_coupling": _ZETA,
        "occupation": 0.0,
        "damping": Damping.ROTATING_WAVE,
    }
    spin = SpinOscillator(frequency=float(mass), linewidth=0.0, **common)  # type: ignore[arg-type]
    return spin >> MechanicalOscillator(
        name="membrane",
        mechanical_frequency=1.0,
        mechanical_linewidth=0.0,
        **common,  # type: ignore[arg-type]
    )


def compute(quick: bool) -> xr.Dataset:
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
    pure = {"units": "1"}
    return xr.Dataset(
        {
            "population": (["mass", "spin_quanta", "membrane_quanta"], population, pure),
            "unconditional": ("spin_length", unconditional, {"long_name": "EPR variance Δ", **pure}),
            "conditional": ("sampled_length", [run.epr_variance for run in runs], pure),
            "standard_error": ("sampled_length", [run.standard_error for run in runs], pure),
        },
        {
            "mass": ("mass", [-1, 1], pure),
            "spin_quanta": ("spin_quanta", np.arange(_SHOWN), pure),
            "membrane_quanta": ("membrane_quanta", np.arange(_SHOWN), pure),
            "spin_length": ("spin_length", lengths, {"long_name": "spin length J", **pure}),
            "sampled_length": ("sampled_length", sampled, {"long_name": "spin length J", **pure}),
        },
        {
            "title": "A spin of negative mass and an oscillator in one beam of light, in Fock space",
            "gaussian_unconditional": float(epr_variance(steady_state(beam().system), "spin", "membrane")),
            "gaussian_conditional": float(epr_variance(watched, "spin", "membrane")),
            "parameters": f"ζ = {_ZETA}, Γ = {_READOUT} Ω, no losses, no baths",
        },
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Ladders; populations for both signs of the mass; EPR variances against the length of the spin."""
    picture, axes = figure("double", aspect=0.72, nrows=2, ncols=2)
    _draw_ladders(axes[0, 0])
    _draw_variances(axes[0, 1], data)
    for place, mass, title in ((axes[1, 0], -1, "negative mass"), (axes[1, 1], 1, "positive mass")):
        image = _draw_population(place, data, mass, title)
    picture.colorbar(image, ax=list(axes[1]), label="population", shrink=0.9)
    for place, letter in zip(axes.ravel(), "abcd", strict=True):
        panel_label(place, letter)
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Return the pairs on the diagonal, slopes of the error, and the sampled variances."""

    def entry(value: float, note: str) -> Quantity:
        return Quantity(float(value), None, None, "1", _SOURCE, note)

    found = {}
    for mass, name in ((-1, "negative"), (1, "positive")):
        table = data.population.sel(mass=mass).values
        excited = table.sum() - table[0, 0]
        found[f"share of pairs, {name} mass"] = entry(
            (np.trace(table) - table[0, 0]) / excited, "of the population above the ground state, on n_S = n_M"
        )
    excess = data.unconditional.values - data.attrs["gaussian_unconditional"]
    slope = np.polyfit(np.log(data.spin_length.values), np.log(excess), 1)[0]
    found["slope of the unconditional error"] = entry(slope, "log–log fit over J; −1 expected for long spins")
    for length in data.sampled_length.values:
        one = data.sel(sampled_length=length)
        limit = data.attrs["gaussian_conditional"]
        note = f"sampled, standard error {float(one.standard_error):.1g}; two oscillators: {limit:.5g}"
        found[f"conditional EPR variance, J = {length:g}"] = entry(float(one.conditional), note)
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
    axes.set(xlim=(-0.3, 2.8), ylim=(-4.6, 5.2), xticks=[])
    axes.set_ylabel(r"Energy over $\hbar\Omega$")


def _draw_population(axes: Axes, data: xr.Dataset, mass: int, title: str) -> AxesImage:
    table = data.population.sel(mass=mass).values
    image = axes.imshow(np.maximum(table, 1e-12), origin="lower", cmap="cividis", norm=LogNorm(1e-5, 1))
    axes.set_xlabel("Quanta of the oscillator")
    axes.set_ylabel("Quanta of the spin")
    axes.set_title(f"{title}, $J = 20$", fontsize="medium", loc="center")
    return image


def _draw_variances(axes: Axes, data: xr.Dataset) -> None:
    for key, colour, text in (
        ("unconditional", NEGATIVE_MASS, "without a record"),
        ("conditional", POSITIVE_MASS, "given the record"),
    ):
        axes.axhline(data.attrs[f"gaussian_{key}"], color=colour, linewidth=0.9, linestyle="--")
        if key == "unconditional":
            axes.plot(data.spin_length.values, data.unconditional.values, "o", color=colour, label=text)
        else:
            axes.errorbar(
                data.sampled_length.values, data.conditional.values, yerr=2 * data.standard_error.values,
                fmt="s", color=colour, markerfacecolor="w", markersize=4, capsize=2, label=text,
            )  # fmt: skip
    axes.set(xscale="log", xlim=(4, 80))
    axes.set_xticks([5, 10, 20, 40, 60], labels=["5", "10", "20", "40", "60"])
    axes.minorticks_off()
    axes.set_xlabel(r"Spin length $J$")
    axes.set_ylabel(r"EPR variance $\Delta$")
    axes.legend(title="dashes: two oscillators", loc="upper right")


NEGATIVE_MASS_IN_FOCK = Recipe(
    name="negative-mass-in-fock",
    title="A ladder upside down: a spin of negative mass and an oscillator in Fock space",
    compute=compute,
    draw=draw,
    numbers=numbers,
)
