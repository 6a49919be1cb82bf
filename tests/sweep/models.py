"""What the tests of sweeps evaluate."""

from pathlib import Path

import numpy as np

from backaction.experiment import load, read
from backaction.sweep import study_of
from backaction.systems import MHz, kHz

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "moller2017.toml"

AXES = {
    "membrane.detuning": np.linspace(-8.0, 4.0, 5) * MHz,  # the last ones are unstable
    "spin.readout_rate": np.geomspace(5.0, 80.0, 4) * kHz,
    "detector.0.efficiency": np.array([0.6, 1.0]),
}

ARGUMENTS = [
    "--axis=membrane.detuning=-8MHz:4MHz:5",
    "--axis=spin.readout_rate=5kHz:80kHz:4:log",
    "--axis=detector.0.efficiency=0.6:1:2",
]


def example():
    return study_of(load(EXAMPLE))


def oscillators(**report):
    """Two single-pass oscillators: fast, and always stable."""
    chain = [
        {"component": "spin", "frequency": "-1 MHz", "linewidth": "2 kHz", "readout_rate": "20 kHz", "occupation": 0.1},
        {
            "component": "mechanical_oscillator",
            "name": "membrane",
            "mechanical_frequency": "1 MHz",
            "mechanical_linewidth": "2 kHz",
            "readout_rate": "20 kHz",
            "occupation": 0.1,
        },
    ]
    return study_of(read({"chain": chain, "report": {"pairs": [["spin", "membrane"]]}} | report))
