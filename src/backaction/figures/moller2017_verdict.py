"""Møller et al. 2017: what the experiment would have needed to be entangled, and on what the verdict depends.

The smallest PPT eigenvalue of spin and membrane, given the homodyne record at the best angle (separable states: ½ or
more).  The map goes over the two efficiencies; its lines are the share of the posterior that is entangled there.  The
sensitivity changes one parameter at a time, by its standard error or to another reading of the text.  Neither is a
verdict: the published numbers leave it undetermined (`moller2017-entanglement`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from backaction.entanglement import smallest_ppt_eigenvalue
from backaction.gaussian import Homodyne, conditional_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Network
from backaction.systems.published.moller2017 import FIG3, FREE, PHYSICAL, LinkLoss, chain, parameters
from backaction.systems.published.moller2017_formulas import HybridParameters
from backaction.systems.published.moller2017_likelihood import LINK_BAR
from backaction.systems.published.moller2017_numbers import input_errors, rounding
from backaction.systems.published.moller2017_posterior import Model, fit, mixed_samples

from .recipe import Quantity, Recipe
from .style import LIGHT, MECHANICS, NEGATIVE_MASS, REFERENCE, figure, house_style

__all__ = ["ENTANGLEMENT_MAP", "SENSITIVITY", "best_ppt"]

SEPARABLE = 0.5
ANGLES = np.radians(np.arange(84.0, 112.0, 4.0))
"""Where the best angle of all parameter sets lies; the least value is refined by a parabola."""
SHARES = (0.05, 0.5, 0.95)
READINGS = {
    "0.61 × 0.64 (Figs 2, 3)": (0.61, 0.64, "o"),
    "0.61 × 0.6675 (Fig. 4)": (0.61, 0.6675, "s"),
    "0.61 × 0.72": (0.61, 0.72, "^"),
    "0.61 × 0.75": (0.61, 0.75, "v"),
}
"""η1 and η2, as text and Table I can be read, beside a mode matching of 0.90."""
ZETA_BAR = 0.03
""""The effect of the tensor polarizability is estimated to be on the few percent level" (SI-E)."""


def best_ppt(network: Network) -> FloatArray:
    """Smallest PPT eigenvalue of spin and membrane at the best homodyne angle, of the shape of the network's batch.

    The angle runs over `ANGLES` from the carrier; a parabola through the three lowest gives the value at the best one.
    """
    batch = network.system.batch_shape
    angles = ANGLES.reshape(-1, *([1] * len(batch)))
    state = conditional_state(network.system, network.in_carrier_frame(Homodyne("out", angles)))
    values = np.asarray(smallest_ppt_eigenvalue(state, "spin", "membrane").value)
    middle = np.clip(np.argmin(values, axis=0), 1, len(ANGLES) - 2)
    left, low, right = (np.take_along_axis(values, (middle + i)[None], axis=0)[0] for i in (-1, 0, 1))
    curvature = left - 2 * low + right
    vertex = low - (right - left) ** 2 / (8 * np.where(curvature > 0, curvature, np.inf))
    return np.asarray(np.minimum(vertex, values.min(axis=0)))


def compute_map(quick: bool) -> xr.Dataset:
    """The eigenvalue of both inferences and the entangled share of the posterior over η1 and η2."""
    points = 7 if quick else 15
    link, detection = np.linspace(0.3, 1.0, points), np.linspace(0.3, 1.0, points)
    eta1, eta2 = link[:, None], detection
    inferred = [_over(parameters("fig3", inference=one), eta1, eta2) for one in (FREE, PHYSICAL)]
    drawn = mixed_samples(8 if quick else 24, bookkeeping=LinkLoss.SEPARATE)["fig3"]
    spread = {field.name: np.asarray(getattr(drawn, field.name))[:, None, None] for field in fields(drawn)}
    sampled = _over(replace(drawn, **spread), eta1, eta2)
    ideal = _over(replace(parameters("fig3"), mode_matching=1.0, input_fraction=1.0), eta1, eta2)
    one = {"units": "1"}
    return xr.Dataset(
        {
            "ppt": (["inference", "link", "detection"], inferred, one),
            "ppt_samples": (["sample", "link", "detection"], sampled, one),
            "ppt_ideal_cavity": (["link", "detection"], ideal, one),
        },
        {
            "inference": [FREE.name, PHYSICAL.name],
            "link": ("link", link, {"units": "1", "long_name": "η1, spin to membrane"}),
            "detection": ("detection", detection, {"units": "1", "long_name": "η2, membrane to record"}),
        },
        {
            "title": "Møller et al. 2017: entanglement against the efficiencies",
            "convention": "smallest PPT eigenvalue, conditional, best homodyne angle; separable states have >= 0.5",
            "inferred": "Γ_S and n_S: free inference; contours: the posterior's share below 0.5",
        },
    )


def _over(p: HybridParameters, eta1: FloatArray, eta2: FloatArray) -> FloatArray:
    return best_ppt(chain(replace(p, link_efficiency=eta1, detection_efficiency=eta2)))


@house_style()
def draw_map(data: xr.Dataset) -> Figure:
    """The eigenvalue in colour, the posterior's share in lines, the paper's own efficiencies as marks."""
    picture, axes = figure("single", aspect=0.95)
    free = data.ppt.sel(inference="free")
    levels = np.arange(0.30, 0.721, 0.02)
    filled = axes.contourf(data.detection, data.link, free, levels=levels, cmap="cividis_r", extend="both")
    picture.colorbar(filled, ax=axes, label="Smallest PPT eigenvalue (free inference)", ticks=np.arange(0.3, 0.75, 0.1))
    axes.contour(data.detection, data.link, free, levels=[SEPARABLE], colors="white", linewidths=1.8)
    for share, dashes in zip(SHARES, ("--", "-.", ":"), strict=True):
        # a share s of the posterior is entangled where its s-quantile is ½
        edge = data.ppt_samples.quantile(share, "sample")
        line = axes.contour(
            data.detection, data.link, edge, levels=[SEPARABLE], colors="white", linewidths=0.9, linestyles=dashes
        )
        axes.clabel(line, fmt={SEPARABLE: f"{100 * share:.0f} %"}, fontsize=6.5)
    for eta1, eta2, marker in READINGS.values():
        axes.plot(
            eta2, eta1, marker=marker, color=NEGATIVE_MASS, markeredgecolor="white", markersize=4.5, linestyle="none"
        )
    axes.set(xlim=(0.3, 1), ylim=(0.3, 1))
    axes.set_xlabel(r"Detection efficiency $\eta_2$")
    axes.set_ylabel(r"Link efficiency $\eta_1$ (mode matching 0.90)")
    key = [
        Line2D([], [], color="white", linewidth=1.8, label="½, free inference"),
        Line2D([], [], color="white", linewidth=0.9, linestyle="--", label="entangled share of the posterior"),
        Line2D(
            [],
            [],
            color=NEGATIVE_MASS,
            marker="o",
            linestyle="none",
            markeredgecolor="white",
            label="readings of the text",
        ),
    ]
    axes.legend(handles=key, loc="lower left", fontsize=6.5, labelcolor="white", handlelength=1.8)
    return picture


def numbers_map(data: xr.Dataset) -> dict[str, Quantity]:
    """Values at the readings, and the detection efficiency that a link of 0.61 would have needed."""
    found = {}
    share = (data.ppt_samples < SEPARABLE).mean("sample")
    note = "one point of what the published numbers leave undetermined; Γ_S and n_S inferred (free)"
    for label, (eta1, eta2, _) in READINGS.items():
        here = {"link": eta1, "detection": eta2}
        value = float(data.ppt.sel(inference="free").interp(here))
        odds = f"{100 * float(share.interp(here)):.0f} % of the posterior lie below ½"
        found[f"smallest PPT eigenvalue at {label}"] = Quantity(
            value, None, None, "1", "Table I, SI-C", f"{note}; {odds}"
        )
    for inference in data.inference.values:
        line = data.ppt.sel(inference=inference).interp(link=0.61)
        needed = float(np.interp(-SEPARABLE, -line.values, data.detection.values))
        found[f"η2 needed at η1 = 0.61, {inference} inference"] = Quantity(
            needed, None, None, "1", "computed", "where the eigenvalue is ½; mode matching 0.90"
        )
    along = data.ppt_ideal_cavity.interp(link=0.61)
    found["η2 needed at η1 = 0.61, ideal cavity"] = Quantity(
        float(np.interp(-SEPARABLE, -along.values, data.detection.values)), None, None, "1", "computed",
        "free inference, all light of the cavity matched and sent to the detector",
    )  # fmt: skip
    return found


def compute_sensitivity(quick: bool) -> xr.Dataset:
    """The eigenvalue with one parameter at either end of its standard error, or at another reading of the text."""
    base = parameters("fig3")
    steps = _steps(base)
    networks = [chain(base), *[_changed(base, change) for ends in steps.values() for change in ends]]
    values = np.array([float(best_ppt(network)) for network in networks])
    low, high = values[1::2], values[2::2]
    readings = _readings(base)
    return xr.Dataset(
        {
            "low": ("parameter", low, {"units": "1"}),
            "high": ("parameter", high, {"units": "1"}),
            "ppt": ((), values[0], {"units": "1"}),
            "reading_ppt": ("reading", [float(best_ppt(chain(p))) for p in readings.values()], {"units": "1"}),
        },
        {"parameter": list(steps), "reading": list(readings)},
        {
            "title": "Møller et al. 2017: what the verdict depends on",
            "convention": "smallest PPT eigenvalue, conditional, best homodyne angle; separable states have >= 0.5",
            "inferred": "around the free inference, Fig. 3; each parameter by its standard error, the others fixed",
        },
    )


def _steps(base: HybridParameters) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Label: the changes at minus and at plus one standard error."""
    posterior = fit(Model.FREE)
    rate = posterior.marginal("readout_ratio").standard / FREE.readout_ratio["fig3"].value
    occupation = posterior.marginal("occupation").standard / float(base.spin_occupation)
    relative = input_errors(FIG3)
    errors = {
        r"$\Gamma_S$ (posterior)": ("spin_readout_rate", rate),
        "$n_S$ (posterior)": ("spin_occupation", occupation),
        r"$\gamma_S$ (rounding)": ("spin_halfwidth", rounding(0.1) / FIG3.spin_halfwidth.value),
        r"$\eta_1$ (± 0.03)": ("link_efficiency", LINK_BAR / float(base.link_efficiency)),
        r"$\eta_2$ (± 0.03)": ("detection_efficiency", LINK_BAR / float(base.detection_efficiency)),
        r"$\eta_\mathrm{mm}$ (± 0.02)": ("mode_matching", 0.02 / float(base.mode_matching)),
        "$T$ (± 0.5 K)": ("bath_occupation", relative["bath_occupation"]),
        "$g_0$, $N$ (roundings)": ("coupling", relative["coupling"]),
        r"$\kappa$ (rounding)": ("cavity_halfwidth", relative["cavity_halfwidth"]),
        r"$\Delta$ (rounding)": ("detuning", relative["detuning"]),
        r"$\gamma_{M0}$ ($Q$)": ("mechanical_halfwidth", relative["mechanical_halfwidth"]),
    }
    steps: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        label: ({name: getattr(base, name) * (1 - size)}, {name: getattr(base, name) * (1 + size)})
        for label, (name, size) in errors.items()
    }
    shift = 2 * np.pi * 200.0
    steps[r"$\Omega_S$ (± 0.2 kHz)"] = (
        {"spin_frequency": base.spin_frequency + shift},
        {"spin_frequency": base.spin_frequency - shift},
    )
    steps["link's phase (± 1°)"] = ({"link_rotation": -np.radians(1)}, {"link_rotation": np.radians(1)})
    steps[r"tensor coupling $\zeta$ (± 0.03)"] = ({"zeta": -ZETA_BAR}, {"zeta": ZETA_BAR})
    return steps


def _changed(base: HybridParameters, change: Mapping[str, Any]) -> Network:
    own = {name: value for name, value in change.items() if name != "zeta"}
    network = chain(replace(base, **own))
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


@house_style()
def draw_sensitivity(data: xr.Dataset) -> Figure:
    """Bars for standard errors, the largest on top; marks for other readings below."""
    picture, axes = figure("single", aspect=1.3)
    span = np.abs(data.high - data.low)
    order = np.argsort(span.values)
    offset = data.sizes["reading"] + 1
    places = offset + np.arange(len(order))
    base = float(data.ppt)
    for end, colour, label in (("low", MECHANICS, "− 1 standard error"), ("high", LIGHT, "+ 1 standard error")):
        axes.barh(places, data[end].values[order] - base, left=base, height=0.62, color=colour, label=label)
    axes.plot(
        data.reading_ppt, np.arange(offset - 1)[::-1], "D", color=NEGATIVE_MASS, markersize=4, label="other reading"
    )
    axes.axvline(base, color="0.4", linewidth=0.8)
    axes.axvline(SEPARABLE, color=REFERENCE, linewidth=1.0, linestyle=(0, (4, 2)))
    axes.text(SEPARABLE - 0.002, offset - 0.5, "entangled ←", ha="right", va="center", fontsize=7)
    labels = [*data.reading.values[::-1], *data.parameter.values[order]]
    axes.set_yticks([*np.arange(offset - 1), *places], labels=labels, fontsize=7)
    axes.tick_params(axis="y", which="both", length=0)
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.set_ylabel("Parameter changed")
    axes.set_xlabel("Smallest PPT eigenvalue\n(free inference, Fig. 3)")
    axes.set(xlim=(0.465, 0.555), ylim=(-0.7, places[-1] + 3.9))
    axes.legend(loc="upper left", fontsize=7, frameon=True, framealpha=1, edgecolor="none")
    return picture


def numbers_sensitivity(data: xr.Dataset) -> dict[str, Quantity]:
    """The value at the free inference, and every change."""
    note = "free inference, Fig. 3; undetermined by the published numbers"
    found = {"smallest PPT eigenvalue": Quantity(float(data.ppt), None, None, "1", "Table I", note)}
    for name in data.parameter.values:
        ends = [float(data[end].sel(parameter=name)) - float(data.ppt) for end in ("low", "high")]
        text = f"{ends[0]:+.4f} at minus, {ends[1]:+.4f} at plus one standard error"
        found[f"change with {name}"] = Quantity((ends[1] - ends[0]) / 2, None, None, "1", "computed", text)
    for name in data.reading.values:
        found[f"with {name}"] = Quantity(float(data.reading_ppt.sel(reading=name)), None, None, "1", "text", note)
    return found


ENTANGLEMENT_MAP = Recipe(
    "moller2017-entanglement-map",
    "What the experiment would have needed to be entangled (Møller et al. 2017)",
    compute_map,
    draw_map,
    numbers_map,
)
SENSITIVITY = Recipe(
    "moller2017-sensitivity",
    "On what the verdict on entanglement depends (Møller et al. 2017)",
    compute_sensitivity,
    draw_sensitivity,
    numbers_sensitivity,
)
