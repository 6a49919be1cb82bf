"""Stationary optomechanical entanglement of a mirror and its cavity (Vitali et al. 2007)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.entanglement import log_negativity
from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity
from backaction.figures.style import LIGHT, MECHANICS, REFERENCE, Figure, figure
from backaction.gaussian import steady_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published import vitali2007

__all__ = ["compute", "draw", "numbers"]

_LOOKS = {0.1: (MECHANICS, "--"), 0.4: (REFERENCE, "-"), 4.0: (LIGHT, "-.")}
"""Colour and dashes by temperature in K."""


def compute(quick: bool) -> Dataset:
    """E_N against detuning for some temperatures, and against temperature at Δ = ω_m.

    Returns
    -------
    xarray.Dataset
        `negativity` (temperature, detuning), `negativity_at_resonance` (warming).
    """
    detuning = np.linspace(0.2, 2.0, 91 if quick else 361)
    warming = np.linspace(0.01, 26, 60 if quick else 261)
    found = _negativity(detuning, np.array(list(_LOOKS))[:, None])
    return dataset(
        {
            "negativity": ("temperature detuning", found, "1", "logarithmic negativity, nats"),
            "negativity_at_resonance": ("warming", _negativity(1.0, warming)),
        },
        {"detuning": (detuning, "1", "Δ/ω_m, red > 0"), "temperature": (list(_LOOKS), "K"), "warming": (warming, "K")},
        convention="natural logarithm",
    )


def draw(data: Dataset) -> Figure:
    """Detuning on the left, temperature on the right."""
    picture, (left, right) = figure("double", aspect=0.38, letters=True, ncols=2)
    for temperature, (colour, dashes) in _LOOKS.items():
        values = data.negativity.sel(temperature=temperature)
        left.plot(data.detuning, values, color=colour, linestyle=dashes, label=f"{temperature:g} K")
    left.set(xlabel=r"Detuning $\Delta/\omega_m$ (red)", ylabel=r"$E_N$ (nats)", xlim=(0.2, 2.0), ylim=(0, None))
    left.legend(title="bath")
    right.plot(data.warming, data.negativity_at_resonance, color=REFERENCE)
    right.set(xlabel="Temperature (K)", ylabel=r"$E_N$ at $\Delta = \omega_m$", xlim=(0, 26), ylim=(0, None))
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """The points at which the published figure can be read."""
    fine = np.linspace(0.8, 0.85, 501)
    values = _negativity(fine, 0.4)
    source = "Vitali et al. 2007; reference value, text"
    return {
        "E_N at Δ = ω_m, 0.4 K": Quantity(float(_negativity(1.0, 0.4)), 0.299131, None, "1", source),
        "largest E_N, 0.4 K": Quantity(float(values.max()), 0.3117, None, "1", source),
        "detuning of the largest": Quantity(float(fine[values.argmax()]), 0.827, None, "ω_m", source),
        "temperature at which E_N ends, Δ = ω_m": Quantity(_vanishing(), 23.60, None, "K", source),
    }


def _negativity(detuning: ArrayLike, temperature: float | FloatArray) -> FloatArray:
    delta = np.asarray(detuning) * vitali2007.MECHANICAL_FREQUENCY.angular
    state = steady_state(vitali2007.network(delta, temperature).system)
    return log_negativity(state, "mirror", "mirror.cavity").value


def _vanishing() -> float:
    """By nested grids: E_N falls with temperature and stays at zero."""
    low, high = 1.0, 60.0
    for _ in range(5):
        grid = np.linspace(low, high, 21)
        last = int(np.flatnonzero(_negativity(1.0, grid) > 0).max())
        low, high = grid[last], grid[last + 1]
    return float((low + high) / 2)
