"""Both published networks, scaled down until Fock space holds them: Gaussian results against the density matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backaction.fock import Effort, Verification, rotating_wave, verify
from backaction.gaussian import Homodyne, noise_budget
from backaction.systems import Network
from backaction.systems.published import moller2017, schweer2022

from ..recipe import Quantity, Recipe
from ..style import MECHANICS, NEGATIVE_MASS, REFERENCE, figure, house_style, panel_label

__all__ = ["FOCK_VERIFICATION", "scaled_moller", "scaled_schweer"]

_NETWORKS = ("spin ↦ membrane (Møller et al.)", "ancilla ↦ sensor (Schweer et al.)")
_COLOURS = (NEGATIVE_MASS, MECHANICS)
_PARTS = {"unconditional": "o", "conditional": "s", "evolution": "^", "spectrum": "D"}
_SOURCE = "no publication; backaction.fock.verifier"


def scaled_moller() -> Network:
    """The network of Møller et al., Fig. 3, with its losses, detuning and cavity, and rates that Fock space can hold.

    Frequencies are opposite and equal; γ = Ω/4, Γ_S = 0.3 Ω, g = Ω/2 (Γ_M = 0.29 Ω), and baths of 0.1 quanta in the
    places of 2.6 and 114 000. Damping in the rotating-wave form.
    """
    network = moller2017.network(moller2017.FIG3)
    omega = network.parameters["membrane.mechanical_frequency"]
    return rotating_wave(
        network.with_parameters(
            {
                "spin.frequency": -omega,
                "spin.linewidth": 0.25 * omega,
                "spin.readout_rate": 0.3 * omega,
                "spin.occupation": 0.1,
                "membrane.mechanical_linewidth": 0.25 * omega,
                "membrane.occupation": 0.1,
                "membrane.coupling": 0.5 * omega,
            }
        )
    )


def scaled_schweer() -> Network:
    """The cascade of Schweer et al., Table II, with all three couplings at 0.4 of theirs and γ = 0.3 ω_m."""
    network = schweer2022.cascade(schweer2022.Order.ANCILLA_FIRST)
    omega = network.parameters["sensor.mechanical_frequency"]
    couplings = ("ancilla.beam_splitter", "ancilla.down_conversion", "sensor.coupling")
    scaled = {key: 0.4 * network.parameters[key] for key in couplings}
    return rotating_wave(network.with_parameters({**scaled, "sensor.mechanical_linewidth": 0.3 * omega}))


def compute(quick: bool) -> xr.Dataset:
    """Return spectra by both roads, and deviations against the number states kept.

    Returns
    -------
    xarray.Dataset
        `gaussian` (network, fine_frequency), `fock` and `uncertainty` (network, frequency), in shot-noise units;
        `deviation` and `states` (network, part, basis), `demonstrated` (network, part).
    """
    networks = (scaled_moller(), scaled_schweer())
    units = [networks[0].parameters["membrane.mechanical_frequency"], schweer2022.RESONANCE]
    frequency = np.array([0.7, 1.0] if quick else [0.3, 0.7, 1.0, 1.3, 2.0])
    fine = np.linspace(0.1, 2.5, 241)
    detector = Homodyne()
    bases = 3
    decades = 4.5
    efforts = (
        Effort(
            unconditional=decades, conditional=decades, spectrum=decades, evolution=4.0, couplings=1.5e6, bases=bases
        ),
        # Four modes: every further level multiplies the number states.
        Effort(unconditional=3.5, conditional=3.5, spectrum=3.5, evolution=3.5, couplings=1.2e6, bases=2),
    )
    found = [
        verify(network, [detector], omega=frequency * unit, effort=effort)
        for network, unit, effort in zip(networks, units, efforts, strict=True)
    ]
    curves = [
        2 * noise_budget(network.system, fine * unit, detector).total
        for network, unit in zip(networks, units, strict=True)
    ]
    points = [np.array(_part(one, "spectrum").details["psd_shot_noise"]["fock"]) for one in found]
    errors = [_part(one, "spectrum").uncertainty * point for one, point in zip(found, points, strict=True)]
    pure = {"units": "1"}
    records = np.full((2, len(_PARTS), bases, 2), np.nan)
    for i, one in enumerate(found):
        for j, part in enumerate(_PARTS):
            for k, entry in enumerate(_part(one, part).truncation):
                records[i, j, k] = entry.max_deviation, entry.states
    demonstrated = [[_part(one, part).uncertainty for part in _PARTS] for one in found]
    return xr.Dataset(
        {
            "gaussian": (["network", "fine_frequency"], curves, {"long_name": "PSD of the light", **pure}),
            "fock": (["network", "frequency"], points, {"long_name": "the same from correlation functions", **pure}),
            "uncertainty": (["network", "frequency"], errors, {"long_name": "its truncation error", **pure}),
            "deviation": (["network", "part", "basis"], records[..., 0], {"long_name": "Fock − Gaussian", **pure}),
            "states": (["network", "part", "basis"], records[..., 1], {"long_name": "number states kept", **pure}),
            "demonstrated": (["network", "part"], demonstrated, {"long_name": "truncation error", **pure}),
            "agrees": ("network", [one.verdict.value == "agrees" for one in found], pure),
        },
        {
            "network": ("network", list(_NETWORKS)),
            "frequency": ("frequency", frequency, {"long_name": "frequency over that of the oscillator", **pure}),
            "fine_frequency": ("fine_frequency", fine, pure),
            "part": ("part", list(_PARTS)),
            "basis": ("basis", np.arange(bases), pure),
        },
        {
            "title": "Gaussian results against the density matrix, both published networks at scaled-down rates",
            "convention": "PSD of p of the output in shot-noise units; deviations relative to √(V_ii V_jj) or the PSD",
        },
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Left: spectra by both roads. Right: deviations against the size of the basis."""
    picture, (left, right) = figure("double", aspect=0.43, ncols=2)
    _draw_spectra(left, data)
    _draw_deviations(right, data)
    panel_label(left, "a")
    panel_label(right, "b")
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Return deviations in the largest bases, and the truncation errors that the bases demonstrate."""
    found = {}
    for network in data.network.values:
        one = data.sel(network=network)
        for part in data.part.values:
            deviations = one.deviation.sel(part=part).values
            deviation = float(deviations[np.isfinite(deviations)][-1])
            note = f"demonstrated truncation error {float(one.demonstrated.sel(part=part)):.2g}"
            found[f"deviation, {part}, {network}"] = Quantity(deviation, None, None, "1", _SOURCE, note)
    return found


def _part(found: Verification, name: str) -> Any:
    return found.comparisons[name]


def _draw_spectra(axes: Axes, data: xr.Dataset) -> None:
    for network, colour, dashes in zip(data.network.values, _COLOURS, ("-", (0, (5, 1.5))), strict=True):
        one = data.sel(network=network)
        axes.plot(data.fine_frequency.values, one.gaussian.values, color=colour, linestyle=dashes)
        axes.errorbar(
            data.frequency.values, one.fock.values, yerr=one.uncertainty.values, fmt="o", color=colour,
            markerfacecolor="w", markersize=4, capsize=2, elinewidth=0.8, label=network,
        )  # fmt: skip
    axes.axhline(1, color=REFERENCE, linewidth=0.7, linestyle=":")
    axes.set_xlim(float(data.fine_frequency[0]), float(data.fine_frequency[-1]))
    axes.set_ylim(0.85, 2.9)
    axes.set_xlabel("Frequency over that of the mechanics")
    axes.set_ylabel("PSD of the output light (shot noise)")
    axes.legend(title="points: density matrix; lines: Gaussian", loc="upper right")


def _draw_deviations(axes: Axes, data: xr.Dataset) -> None:
    for network, colour, filled in zip(data.network.values, _COLOURS, (True, False), strict=True):
        for part, marker in _PARTS.items():
            one = data.sel(network=network, part=part)
            axes.plot(
                one.states.values, one.deviation.values, marker=marker, color=colour, linewidth=0.8, markersize=4,
                markerfacecolor=colour if filled else "w",
            )  # fmt: skip
    for part, marker in _PARTS.items():
        axes.plot([], [], marker, color=REFERENCE, markersize=4, markerfacecolor="w", label=part)
    axes.set(xscale="log", yscale="log", xlim=(30, 600))
    axes.set_xticks([30, 50, 100, 200, 300, 600], labels=["30", "50", "100", "200", "300", "600"])
    axes.minorticks_off()
    axes.set_xlabel("Number states kept")
    axes.set_ylabel("Largest deviation from the Gaussian result")
    axes.legend(title="filled: Møller et al.\nopen: Schweer et al.", loc="lower right")


FOCK_VERIFICATION = Recipe(
    name="fock-verification",
    title="Gaussian results against the density matrix: both published networks at scaled-down rates",
    compute=compute,
    draw=draw,
    numbers=numbers,
)
