"""Ordinary numbers for a component that is added to a chain: a start from which everything can be moved."""

from __future__ import annotations

from typing import Any

from backaction.systems.component import Component
from backaction.systems.grammar import quantities

__all__ = ["TEMPLATES", "template"]

TEMPLATES: dict[str, dict[str, Any]] = {
    "spin": {"frequency": "-1 MHz", "linewidth": "300 Hz", "readout_rate": "25 kHz", "occupation": 0.7},
    "mechanical_oscillator": {
        "mechanical_frequency": "1 MHz",
        "mechanical_linewidth": "10 Hz",
        "temperature": "2 mK",
        "readout_rate": "22 kHz",
    },
    "optomechanical_cavity": {
        "mechanical_frequency": "1 MHz",
        "mechanical_linewidth": "10 Hz",
        "temperature": "2 mK",
        "cavity_linewidth": "20 MHz",
        "detuning": "-1 MHz",
        "coupling": "160 kHz",
        "input_fraction": 0.95,
    },
    "negative_mass_ancilla": {
        "cavity_linewidth": "2 MHz",
        "ancilla_linewidth": "20 kHz",
        "ancilla_detuning": "1 MHz",
        "beam_splitter": "100 kHz",
        "down_conversion": "100 kHz",
        "input_fraction": 0.95,
    },
    "loss": {"efficiency": 0.9},
    "rotation": {"angle": "0 deg"},
    "squeezer": {"squeezing": "6 dB", "angle": "90 deg"},
    "thermal_light": {"occupation": 0.1},
    "modulation": {"added_noise": 0.5, "angle": "0 deg"},
    "integrated_cqnc": {
        "mechanical_frequency": "1 MHz",
        "mechanical_linewidth": "100 Hz",
        "occupation": 10,
        "cavity_linewidth": "2 MHz",
        "coupling": "100 kHz",
        "input_fraction": 0.95,
        "ancilla_linewidth": "20 kHz",
        "ancilla_detuning": "1 MHz",
        "beam_splitter": "100 kHz",
        "down_conversion": "100 kHz",
    },
    "caesium_spin": {
        "probe_power": "1.7 mW",
        "probe_detuning": "3 GHz",
        "atoms": 1e9,
        "channel_width": "300 um",
        "channel_height": "300 um",
        "polarisation": 0.6,
        "magnetic_field": "362.5 uT",
        "intrinsic_linewidth_hwhm": "500 Hz",
        "decoherence_per_photon": 0.991,
    },
}
"""The keys that a component needs, by its kind."""


def template(cls: type[Component]) -> dict[str, Any]:
    """The keys to start a component with: ordinary numbers where they are known, else examples of each unit."""
    units = {key: kind.unit for key, kind in quantities(cls).items()}
    examples = {key: units[key].example if units[key].scales else float(units[key].example) for key in cls.needed()}
    return TEMPLATES.get(cls.kind, examples)
