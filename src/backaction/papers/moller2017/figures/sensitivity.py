"""Møller et al. 2017: on what the verdict about entanglement depends, one parameter at a time.

The smallest PPT eigenvalue at the best homodyne angle, around the free inference of Fig. 3: each parameter at either
end of its standard error, and other readings of the text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import LIGHT, MECHANICS, NEGATIVE_MASS, REFERENCE, Figure, figure
from backaction.systems import Network
from backaction.systems.published.moller2017 import FIG3, FREE, PHYSICAL, LinkLoss, chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from ..likelihood import LINK_BAR
from ..numbers import input_errors, rounding
from ..posterior import Model, fit
from .entanglement_map import CONVENTION, SEPARABLE, best_ppt

__all__ = ["compute", "draw", "numbers"]

ZETA_BAR = 0.03
""""The effect of the tensor polarizability is estimated to be on the few percent level" (SI-E)."""

Change = dict[str, Any]


def compute(quick: bool) -> Dataset:
    """The eigenvalue with one parameter at either end of its standard error, or at another reading of the text."""
    base = parameters("fig3")
    steps, readings = _steps(base), _readings(base)
    low, high = ([float(best_ppt(_changed(base, ends[i]))) for ends in steps.values()] for i in (0, 1))
    return dataset(
        {
            "low": ("parameter", low),
            "high": ("parameter", high),
            "ppt": ("", float(best_ppt(chain(base)))),
            "reading_ppt": ("reading", [float(best_ppt(chain(p))) for p in readings.values()]),
        },
        {"parameter": list(steps), "reading": list(readings)},
        convention=CONVENTION,
        inferred="around the free inference, Fig. 3; each parameter by its standard error, the others fixed",
    )


def _steps(base: HybridParameters) -> dict[str, tuple[Change, Change]]:
    """Label: the changes at minus and at plus one standard error."""
    posterior = fit(Model.FREE)
    relative = input_errors(FIG3)
    rate = posterior.marginal("readout_ratio").standard / FREE.readout_ratio["fig3"].value
    errors = {
        r"$\Gamma_S$ (posterior)": ("spin_readout_rate", rate),
        "$n_S$ (posterior)": ("spin_occupation", posterior.marginal("occupation").standard / base.spin_occupation),
        r"$\gamma_S$ (rounding)": ("spin_halfwidth", rounding(0.1) / FIG3.spin_halfwidth.value),
        r"$\eta_1$ (± 0.03)": ("link_efficiency", LINK_BAR / base.link_efficiency),
        r"$\eta_2$ (± 0.03)": ("detection_efficiency", LINK_BAR / base.detection_efficiency),
        r"$\eta_\mathrm{mm}$ (± 0.02)": ("mode_matching", 0.02 / base.mode_matching),
        "$T$ (± 0.5 K)": ("bath_occupation", relative["bath_occupation"]),
        "$g_0$, $N$ (roundings)": ("coupling", relative["coupling"]),
        r"$\kappa$ (rounding)": ("cavity_halfwidth", relative["cavity_halfwidth"]),
        r"$\Delta$ (rounding)": ("detuning", relative["detuning"]),
        r"$\gamma_{M0}$ ($Q$)": ("mechanical_halfwidth", relative["mechanical_halfwidth"]),
    }
    steps: dict[str, tuple[Change, Change]] = {
        label: ({name: getattr(base, name) * (1 - size)}, {name: getattr(base, name) * (1 + size)})
        for label, (name, size) in errors.items()
    }
    shift, turn = 2 * np.pi * 200.0, np.radians(1)
    frequency = base.spin_frequency
    return steps | {
        r"$\Omega_S$ (± 0.2 kHz)": ({"spin_frequency": frequency + shift}, {"spin_frequency": frequency - shift}),
        "link's phase (± 1°)": ({"link_rotation": -turn}, {"link_rotation": turn}),
        r"tensor coupling $\zeta$ (± 0.03)": ({"zeta": -ZETA_BAR}, {"zeta": ZETA_BAR}),
    }


def _changed(base: HybridParameters, change: Change) -> Network:
    network = chain(replace(base, **{name: value for name, value in change.items() if name != "zeta"}))
    return network.with_parameters({"spin.tensor_coupling": change["zeta"]}) if "zeta" in change else network


def _readings(base: HybridParameters) -> dict[str, HybridParameters]:
    return {
        r"$\eta_1 = 0.53$, matched": parameters("fig3", link=LinkLoss.COMBINED),
        "physical inference": parameters("fig3", inference=PHYSICAL),
        r"$\eta_2 = 0.72$": replace(base, detection_efficiency=0.72),
        r"$\eta_2 = 0.75$": replace(base, detection_efficiency=0.75),
        "$n_S = 0.9$": replace(base, spin_occupation=0.9),
        "$n_S = 1.76$": replace(base, spin_occupation=1.76),
        "column of Fig. 4": parameters("fig4"),
    }


def draw(data: Dataset) -> Figure:
    """Bars for standard errors, the largest on top; marks for other readings below."""
    picture, axes = figure("single", aspect=1.3)
    order = np.argsort(np.abs(data.high - data.low).values)
    marks = np.arange(data.sizes["reading"])
    places = len(marks) + 1 + np.arange(len(order))
    base = float(data.ppt)
    for end, colour, label in (("low", MECHANICS, "− 1 standard error"), ("high", LIGHT, "+ 1 standard error")):
        axes.barh(places, data[end].values[order] - base, left=base, height=0.62, color=colour, label=label)
    axes.plot(data.reading_ppt, marks[::-1], "D", color=NEGATIVE_MASS, markersize=4, label="other reading")
    axes.axvline(base, color="0.4", linewidth=0.8)
    axes.axvline(SEPARABLE, color=REFERENCE, linewidth=1.0, linestyle=(0, (4, 2)))
    axes.text(SEPARABLE - 0.002, places[0] - 0.5, "entangled ←", ha="right", va="center", fontsize=7)
    labels = [*data.reading.values[::-1], *data.parameter.values[order]]
    axes.set_yticks([*marks, *places], labels=labels, fontsize=7)
    axes.tick_params(axis="y", which="both", length=0)
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.set(xlim=(0.465, 0.555), ylim=(-0.7, places[-1] + 3.9), ylabel="Parameter changed")
    axes.set_xlabel("Smallest PPT eigenvalue\n(free inference, Fig. 3)")
    axes.legend(loc="upper left", fontsize=7, frameon=True, framealpha=1, edgecolor="none")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """The value at the free inference, and every change."""
    note = "free inference, Fig. 3; undetermined by the published numbers"
    found = {"smallest PPT eigenvalue": computed(data.ppt, "Table I", note)}
    for name in data.parameter.values:
        low, high = (float(data[end].sel(parameter=name)) - float(data.ppt) for end in ("low", "high"))
        text = f"{low:+.4f} at minus, {high:+.4f} at plus one standard error"
        found[f"change with {name}"] = computed((high - low) / 2, "computed", text)
    for name in data.reading.values:
        found[f"with {name}"] = computed(data.reading_ppt.sel(reading=name), "text", note)
    return found
