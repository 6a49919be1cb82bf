"""Vitali et al., PRL 98, 030405 (2007): stationary entanglement of a mirror and its cavity, unconditional."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.entanglement import log_negativity
from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import LIGHT, MECHANICS, REFERENCE, figure, house_style, panel_label
from backaction.gaussian import steady_state
from backaction.systems.published import vitali2007

__all__ = ["VITALI"]

TEMPERATURES = (0.1, 0.4, 4.0)
_SOURCE = "Vitali et al. 2007; reference value, text"


def compute(quick: bool) -> xr.Dataset:
    """E_N against detuning for some temperatures, and against temperature at Δ = ω_m.

    Returns
    -------
    xarray.Dataset
        `negativity` (temperature, detuning), `negativity_at_resonance` (warming).
    """
    detuning = np.linspace(0.2, 2.0, 91 if quick else 361)
    warming = np.linspace(0.01, 26, 60 if quick else 261)
    return xr.Dataset(
        {
            "negativity": (
                ["temperature", "detuning"],
                _negativity(detuning, np.array(TEMPERATURES)[:, None]),
                {"units": "1", "long_name": "logarithmic negativity, nats"},
            ),
            "negativity_at_resonance": ("warming", _negativity(1.0, warming), {"units": "1"}),
        },
        {
            "detuning": ("detuning", detuning, {"units": "1", "long_name": "Δ/ω_m, red > 0"}),
            "temperature": ("temperature", list(TEMPERATURES), {"units": "K"}),
            "warming": ("warming", warming, {"units": "K"}),
        },
        {"title": "Vitali et al. 2007: entanglement of a mirror and its cavity", "convention": "natural logarithm"},
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Detuning on the left, temperature on the right."""
    picture, axes = figure("double", aspect=0.38, ncols=2)
    for temperature, colour, dashes in zip(TEMPERATURES, (MECHANICS, REFERENCE, LIGHT), ("--", "-", "-."), strict=True):
        values = data.negativity.sel(temperature=temperature)
        axes[0].plot(data.detuning, values, color=colour, linestyle=dashes, label=f"{temperature:g} K")
    axes[0].set(xlabel=r"Detuning $\Delta/\omega_m$ (red)", ylabel=r"$E_N$ (nats)", xlim=(0.2, 2.0), ylim=(0, None))
    axes[0].legend(title="bath")
    axes[1].plot(data.warming, data.negativity_at_resonance, color=REFERENCE)
    axes[1].set(xlabel="Temperature (K)", ylabel=r"$E_N$ at $\Delta = \omega_m$", xlim=(0, 26), ylim=(0, None))
    for one, letter in zip(axes, "ab", strict=True):
        panel_label(one, letter)
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """The points at which the published figure can be read."""
    at_resonance = float(_negativity(1.0, 0.4))
    fine = np.linspace(0.8, 0.85, 501)
    values = _negativity(fine, 0.4)
    last = _vanishing()
    return {
        "E_N at Δ = ω_m, 0.4 K": Quantity(at_resonance, 0.299131, None, "1", _SOURCE),
        "largest E_N, 0.4 K": Quantity(float(values.max()), 0.3117, None, "1", _SOURCE),
        "detuning of the largest": Quantity(float(fine[values.argmax()]), 0.827, None, "ω_m", _SOURCE),
        "temperature at which E_N ends, Δ = ω_m": Quantity(last, 23.60, None, "K", _SOURCE),
    }


def _negativity(detuning: float | np.ndarray, temperature: float | np.ndarray) -> np.ndarray:
    delta = np.asarray(detuning) * vitali2007.MECHANICAL_FREQUENCY.angular
    state = steady_state(vitali2007.network(delta, temperature).system)
    return log_negativity(state, "mirror", "mirror.cavity").value


def _vanishing() -> float:
    """By nested grids: E_N falls with temperature and stays at zero."""
    low, high = 1.0, 60.0
    for _ in range(5):
        grid = np.linspace(low, high, 21)
        entangled = _negativity(1.0, grid) > 0
        last = int(np.flatnonzero(entangled).max())
        low, high = grid[last], grid[last + 1]
    return float((low + high) / 2)


VITALI = Recipe("vitali2007", "Stationary optomechanical entanglement (Vitali et al. 2007)", compute, draw, numbers)
