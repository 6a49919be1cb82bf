"""Measurements at work: the pulsed EPR channel, and a parametric oscillator whose output is watched."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.entanglement import duan_sum
from backaction.gaussian import Homodyne, conditional_evolution, conditional_state
from backaction.systems.canonical import opo, pulsed

from ..recipe import Quantity, Recipe
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, figure, house_style, panel_label

__all__ = ["EPR_CHANNEL", "OPO_MONITORED"]

STARTS = {"n = 0, 0": (0.0, 0.0), "n = 10, 1": (10.0, 1.0)}
RATE = 1e-4
"""Γ/Ω of the pulse: the closed form holds to that order between half periods."""
EFFICIENCIES = (1.0, 0.5)
_DELTA = {"units": "1", "long_name": "Duan sum, separable states have 1 or more"}


def compute_channel(quick: bool) -> xr.Dataset:
    """Δ after pulses of growing readout ΓT, by start and efficiency; and for a positive-mass spin."""
    periods = np.unique(np.geomspace(1, 1e6, 13 if quick else 31).round())
    readout = RATE * 2 * np.pi * periods
    values, lines, positive = [], [], []
    for occupations in STARTS.values():
        noise = sum(occupations) + 1
        lines.append([pulsed.duan_sum_after(readout, noise, eta) for eta in EFFICIENCIES])
        values.append([_after(periods, occupations, eta, -1) for eta in EFFICIENCIES])
        positive.append(_after(periods, occupations, 1.0, 1))
    return xr.Dataset(
        {
            "model": (["start", "efficiency", "readout"], values, _DELTA),
            "closed_form": (["start", "efficiency", "readout"], lines, _DELTA),
            "positive_mass": (["start", "readout"], positive, _DELTA),
        },
        {
            "readout": ("readout", readout, {"units": "1", "long_name": "readout ΓT"}),
            "efficiency": ("efficiency", list(EFFICIENCIES), {"units": "1"}),
            "start": list(STARTS),
        },
        {"title": "Pulsed EPR channel", "rate": RATE, "parameters": "labelled; n of membrane and spin"},
    )


@house_style()
def draw_channel(data: xr.Dataset) -> Figure:
    """Δ against the strength of the pulse."""
    picture, axes = figure("single", aspect=0.82)
    for start, colour in zip(STARTS, (MECHANICS, NEGATIVE_MASS), strict=True):
        for eta, dashes in zip(EFFICIENCIES, ("-", "--"), strict=True):
            here = {"start": start, "efficiency": eta}
            label = f"{start}, $\\eta = {eta:g}$"
            axes.plot(data.readout, data.closed_form.sel(here), color=colour, linestyle=dashes, label=label)
            axes.plot(data.readout, data.model.sel(here), "o", color=colour, markersize=2.5)
    axes.plot(
        data.readout, data.positive_mass.sel(start="n = 0, 0"), color=POSITIVE_MASS, label="positive mass, n = 0, 0"
    )
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    axes.set(xscale="log", yscale="log", xlabel=r"Readout $\Gamma T$ of the pulse", ylabel=r"Duan sum $\Delta$")
    axes.set(xlim=(float(data.readout[0]), float(data.readout[-1])))
    axes.legend(loc="lower left", fontsize=7)
    return picture


def numbers_channel(data: xr.Dataset) -> dict[str, Quantity]:
    """Deviation of the model from V₀/(1 + ηΓTV₀)."""
    worst = float(np.abs(data.model / data.closed_form - 1).max())
    least = float(data.positive_mass.min())
    note = "1 to order Γ/Ω = 1e-4: the common mode is squeezed that little within a period"
    return {
        "worst deviation from the closed form": Quantity(worst, None, None, "1", "closed form", "order (Γ/Ω)²"),
        "smallest Δ with a positive mass": Quantity(least, None, None, "1", "model", note),
    }


def compute_opo(quick: bool) -> xr.Dataset:
    """Variances in units of the vacuum's against the pump, without a record and with one of q or p."""
    pump = np.linspace(0.0, 0.49, 50 if quick else 197)
    system = opo.system(pump)
    records = {"no record": None, "homodyne of q": 0.0, "homodyne of p": np.pi / 2}
    found, closed = [], []
    for name, angle in records.items():
        if angle is None:
            covariance = conditional_state(system, Homodyne(efficiency=0.0)).covariance
            form = opo.unconditional_covariance(pump)
        else:
            covariance = conditional_state(system, Homodyne(angle=angle)).covariance
            form = opo.conditional_covariance(pump, name[-1])
        found.append(2 * np.diagonal(covariance, axis1=-2, axis2=-1))
        closed.append(2 * np.diagonal(form, axis1=-2, axis2=-1))
    units = {"units": "1", "long_name": "variance, vacuum 1"}
    return xr.Dataset(
        {
            "variance": (["record", "pump", "quadrature"], found, units),
            "closed_form": (["record", "pump", "quadrature"], closed, units),
        },
        {
            "pump": ("pump", pump, {"units": "1", "long_name": "χ in units of the linewidth; threshold ½"}),
            "record": list(records),
            "quadrature": ["q", "p"],
        },
        {"title": "A degenerate parametric oscillator, monitored"},
    )


@house_style()
def draw_opo(data: xr.Dataset) -> Figure:
    """Squeezed quadrature on the left, the other one on the right."""
    picture, axes = figure("double", aspect=0.38, ncols=2)
    looks: dict[str, tuple[str, Any]] = {
        "no record": (REFERENCE, "--"),
        "homodyne of q": (MECHANICS, "-"),
        "homodyne of p": (LIGHT, "-."),
    }
    for one, quadrature, letter in zip(axes, "qp", "ab", strict=True):
        for record, (colour, dashes) in looks.items():
            values = data.variance.sel(record=record, quadrature=quadrature)
            one.plot(data.pump, values, color=colour, linestyle=dashes, label=record)
        one.axhline(1, color="0.6", linewidth=0.7)
        one.set(xlabel=r"Pump $\chi/\kappa$", ylabel=f"Variance of {quadrature} (vacuum 1)", xlim=(0, 0.5))
        panel_label(one, letter)
    axes[0].set(ylim=(0, 1.1))
    axes[1].set(yscale="log", ylim=(0.8, 60))
    axes[1].legend()
    return picture


def numbers_opo(data: xr.Dataset) -> dict[str, Quantity]:
    """The printed point χ = 0.3 and the worst deviation."""
    found = {}
    source = "Genoni, Lami and Serafini 2016; reference values"
    for name, angle, expected in (("q", 0.0, (0.4, 2.5)), ("p", np.pi / 2, (0.625, 1.6))):
        state = conditional_state(opo.system(0.3), Homodyne(angle=angle))
        for quadrature, value, printed in zip("qp", 2 * np.diagonal(state.covariance), expected, strict=True):
            key = f"variance of {quadrature} at χ = 0.3, homodyne of {name}"
            found[key] = Quantity(float(value), printed, None, "1", source)
    worst = float(np.abs(data.variance - data.closed_form).max())
    found["worst deviation from the closed forms"] = Quantity(worst, None, None, "1", "closed forms")
    return found


def _after(periods: np.ndarray, occupations: tuple[float, float], efficiency: float, mass: int) -> np.ndarray:
    system = pulsed.network(RATE, spin_mass=mass).system
    start = pulsed.thermal_start(occupations)
    state = conditional_evolution(system, Homodyne(efficiency=efficiency), start, 2 * np.pi * periods)
    return duan_sum(state, "spin", "membrane").value


EPR_CHANNEL = Recipe(
    "epr-channel", "A pulse projects two oscillators on an EPR state", compute_channel, draw_channel, numbers_channel
)
OPO_MONITORED = Recipe(
    "opo-monitored", "A parametric oscillator below threshold, its output watched", compute_opo, draw_opo, numbers_opo
)
