"""Gaussian results against the density matrix: both published networks, scaled down until Fock space holds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.fock import Effort, rotating_wave, verify
from backaction.gaussian import Homodyne, noise_budget
from backaction.systems import Network
from backaction.systems.published import moller2017, schweer2022

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import MECHANICS, NEGATIVE_MASS, REFERENCE, Axes, Figure, figure, plain_ticks

__all__ = ["compute", "draw", "numbers", "scaled_moller", "scaled_schweer"]

_LOOKS: dict[str, tuple[str, Any, str]] = {
    "spin ↦ membrane (Møller et al.)": (NEGATIVE_MASS, "-", NEGATIVE_MASS),
    "ancilla ↦ sensor (Schweer et al.)": (MECHANICS, (0, (5, 1.5)), "w"),
}
"""Networks, with colour, dashes and the filling of markers."""
_PARTS = {"unconditional": "o", "conditional": "s", "evolution": "^", "spectrum": "D"}
_SOURCE = "no publication; backaction.fock.verifier"


def scaled_moller() -> Network:
    """The network of Møller et al., Fig. 3, with its losses, detuning and cavity, and rates that Fock space can hold.

    Frequencies are opposite and equal; γ = Ω/4, Γ_S = 0.3 Ω, g = Ω/2 (Γ_M = 0.29 Ω), and baths of 0.1 quanta in the
    places of 2.6 and 114 000. Damping in the rotating-wave form.
    """
    network = moller2017.network(moller2017.FIG3)
    omega = network.parameters["membrane.mechanical_frequency"]
    scaled = {
        "spin.frequency": -omega,
        "spin.linewidth": 0.25 * omega,
        "spin.readout_rate": 0.3 * omega,
        "spin.occupation": 0.1,
        "membrane.mechanical_linewidth": 0.25 * omega,
        "membrane.occupation": 0.1,
        "membrane.coupling": 0.5 * omega,
    }
    return rotating_wave(network.with_parameters(scaled))


def scaled_schweer() -> Network:
    """The cascade of Schweer et al., Table II, with all three couplings at 0.4 of theirs and γ = 0.3 ω_m."""
    network = schweer2022.cascade(schweer2022.Order.ANCILLA_FIRST)
    omega = network.parameters["sensor.mechanical_frequency"]
    couplings = ("ancilla.beam_splitter", "ancilla.down_conversion", "sensor.coupling")
    scaled = {key: 0.4 * network.parameters[key] for key in couplings}
    return rotating_wave(network.with_parameters({**scaled, "sensor.mechanical_linewidth": 0.3 * omega}))


def compute(quick: bool) -> Dataset:
    """Return spectra by both roads, and deviations against the number states kept.

    Returns
    -------
    xarray.Dataset
        `gaussian` (network, fine_frequency), `fock` and `uncertainty` (network, frequency), in shot-noise units;
        `deviation` and `states` (network, part, basis), `demonstrated` (network, part).
    """
    frequency = np.array([0.7, 1.0] if quick else [0.3, 0.7, 1.0, 1.3, 2.0])
    fine = np.linspace(0.1, 2.5, 241)
    moller, schweer, detector = scaled_moller(), scaled_schweer(), Homodyne()
    deep = Effort(unconditional=4.5, conditional=4.5, spectrum=4.5, evolution=4.0, couplings=1.5e6, bases=3)
    # Four modes: every further level multiplies the number states.
    flat = Effort(unconditional=3.5, conditional=3.5, spectrum=3.5, evolution=3.5, couplings=1.2e6, bases=2)
    curves, points, errors, demonstrated, agrees = [], [], [], [], []
    records = np.full((2, len(_PARTS), deep.bases, 2), np.nan)
    for i, (network, unit, effort) in enumerate(
        ((moller, moller.parameters["membrane.mechanical_frequency"], deep), (schweer, schweer2022.RESONANCE, flat))
    ):
        found = verify(network, [detector], omega=frequency * unit, effort=effort)
        part_of: dict[str, Any] = {**found.comparisons}
        spectrum = part_of["spectrum"]
        curves.append(2 * noise_budget(network.system, fine * unit, detector).total)
        points.append(np.array(spectrum.details["psd_shot_noise"]["fock"]))
        errors.append(spectrum.uncertainty * points[-1])
        demonstrated.append([part_of[part].uncertainty for part in _PARTS])
        agrees.append(found.verdict.value == "agrees")
        for j, part in enumerate(_PARTS):
            for k, entry in enumerate(part_of[part].truncation):
                records[i, j, k] = entry.max_deviation, entry.states
    return dataset(
        {
            "gaussian": ("network fine_frequency", curves, "1", "PSD of the light"),
            "fock": ("network frequency", points, "1", "the same from correlation functions"),
            "uncertainty": ("network frequency", errors, "1", "its truncation error"),
            "deviation": ("network part basis", records[..., 0], "1", "Fock − Gaussian"),
            "states": ("network part basis", records[..., 1], "1", "number states kept"),
            "demonstrated": ("network part", demonstrated, "1", "truncation error"),
            "agrees": ("network", agrees),
        },
        {
            "network": list(_LOOKS),
            "frequency": (frequency, "1", "frequency over that of the oscillator"),
            "fine_frequency": fine,
            "part": list(_PARTS),
            "basis": np.arange(deep.bases),
        },
        convention="PSD of p of the output in shot-noise units; deviations relative to √(V_ii V_jj) or the PSD",
    )


def draw(data: Dataset) -> Figure:
    """Left: spectra by both roads. Right: deviations against the size of the basis."""
    picture, (left, right) = figure("double", aspect=0.43, letters=True, ncols=2)
    _draw_spectra(left, data)
    _draw_deviations(right, data)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return deviations in the largest bases, and the truncation errors that the bases demonstrate."""
    found = {}
    for network in _LOOKS:
        for part in _PARTS:
            one = data.sel(network=network, part=part)
            note = f"demonstrated truncation error {float(one.demonstrated):.2g}"
            found[f"deviation, {part}, {network}"] = computed(one.deviation.dropna("basis")[-1], _SOURCE, note)
    return found


def _draw_spectra(axes: Axes, data: Dataset) -> None:
    look = {"fmt": "o", "markerfacecolor": "w", "markersize": 4, "capsize": 2, "elinewidth": 0.8}
    for network, (colour, dashes, _) in _LOOKS.items():
        one = data.sel(network=network)
        axes.plot(data.fine_frequency, one.gaussian, color=colour, linestyle=dashes)
        axes.errorbar(data.frequency, one.fock, one.uncertainty, color=colour, label=network, **look)
    axes.axhline(1, color=REFERENCE, linewidth=0.7, linestyle=":")
    axes.set(xlim=(float(data.fine_frequency[0]), float(data.fine_frequency[-1])), ylim=(0.85, 2.9))
    axes.set(xlabel="Frequency over that of the mechanics", ylabel="PSD of the output light (shot noise)")
    axes.legend(title="points: density matrix; lines: Gaussian", loc="upper right")


def _draw_deviations(axes: Axes, data: Dataset) -> None:
    for part, marker in _PARTS.items():
        for network, (colour, _, filling) in _LOOKS.items():
            one = data.sel(network=network, part=part)
            look = {"color": colour, "linewidth": 0.8, "markersize": 4, "markerfacecolor": filling}
            axes.plot(one.states, one.deviation, marker=marker, **look)
        axes.plot([], [], marker, color=REFERENCE, markersize=4, markerfacecolor="w", label=part)
    axes.set(xscale="log", yscale="log", xlim=(30, 600), xlabel="Number states kept")
    axes.set_ylabel("Largest deviation from the Gaussian result")
    plain_ticks(axes, "x", [30, 50, 100, 200, 300, 600])
    axes.legend(title="filled: Møller et al.\nopen: Schweer et al.", loc="lower right")
