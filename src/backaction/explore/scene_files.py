"""The experiment files of the scenes."""

from __future__ import annotations

__all__ = ["ANCILLA_FIRST_FILE", "IDEAL_FILE", "MOLLER_FILE", "OWN_FILE", "SENSOR_FIRST_FILE", "STEADY_FILE"]

MOLLER_FILE = """\
format = 1
title = "Møller et al. 2017, Fig. 3: a negative-mass spin and a membrane"

[[chain]]
component = "spin"
frequency = "-1.2682734 MHz"       # negative mass, tuned to the optically shifted membrane
linewidth_hwhm = "2.6 kHz"
readout_rate = "71.57 kHz"         # inferred from the published areas
occupation = 2.63                  # inferred

[[chain]]
component = "loss"
name = "link"
efficiency = 0.61

[[chain]]
component = "optomechanical_cavity"
name = "membrane"
mechanical_frequency = "1.28 MHz"
mechanical_linewidth_hwhm = "50 mHz"
temperature = "7 K"
cavity_linewidth_hwhm = "8.7 MHz"
detuning = "-4.7 MHz"
single_photon_coupling = "148.49242 Hz"   # the paper's 210 Hz multiplies (b + b†)/√2
photon_number = 5.7e6
input_fraction = 0.9615384615
mode_matching = 0.9

[[chain]]
component = "loss"
name = "detection-path"
efficiency = 0.64

[[detector]]
angle = "90 deg"
reference = "carrier"

[report]
pairs = [["spin", "membrane"]]

[report.spectrum]
start = "1.22 MHz"
stop = "1.32 MHz"
points = 301

[report.force]
mode = "membrane"
start = "1.22 MHz"
stop = "1.32 MHz"
points = 301
"""
"""That of `examples/moller2017.toml`, with names for both losses and the force on the membrane."""

_ANCILLA = """\
[[chain]]
component = "negative_mass_ancilla"
name = "ancilla"
cavity_linewidth = "2 MHz"
ancilla_linewidth = "200 kHz"
ancilla_detuning = "495 kHz"
beam_splitter = "252.5 kHz"
down_conversion = "242.5 kHz"
input_fraction = 0.9
"""

_PROPAGATION = """\
[[chain]]
component = "loss"
name = "propagation"
efficiency = 0.97
"""

_SENSOR = """\
[[chain]]
component = "optomechanical_cavity"
name = "sensor"
mechanical_frequency = "500 kHz"
mechanical_linewidth = "500 Hz"
occupation = 0
cavity_linewidth = "1.98 MHz"
coupling = "250 kHz"               # the paper's g = 500 kHz multiplies x_m x_c
input_fraction = 0.9
"""

_READOUT = """\
[[chain]]
component = "loss"
name = "readout"
efficiency = 0.97

[[detector]]
angle = "90 deg"

[report]
pairs = [["sensor", "ancilla.ancilla"]]

[report.spectrum]
start = "0.5 kHz"
stop = "1 MHz"
points = 301
spacing = "log"

[report.force]
mode = "sensor"
start = "0.5 kHz"
stop = "1 MHz"
points = 301
spacing = "log"
"""

ANCILLA_FIRST_FILE = (
    'format = 1\ntitle = "Schweer et al. 2022, Table II: the ancilla before the force sensor"\n\n'
    + "\n".join((_ANCILLA, _PROPAGATION, _SENSOR, _READOUT))
)
"""Table II of Schweer et al. 2022."""

SENSOR_FIRST_FILE = (
    'format = 1\ntitle = "Schweer et al. 2022, Table II: the ancilla behind the force sensor"\n\n'
    + "\n".join((_SENSOR, _PROPAGATION, _ANCILLA, _READOUT))
)
"""The same, the other way round."""

IDEAL_FILE = """\
format = 1
title = "Two oscillators of opposite mass, one beam"

[[chain]]
component = "spin"
frequency = "-1 MHz"               # negative: negative mass
linewidth = "1 kHz"
readout_rate = "50 kHz"
occupation = 1

[[chain]]
component = "loss"
name = "link"
efficiency = 1

[[chain]]
component = "mechanical_oscillator"
name = "membrane"
mechanical_frequency = "1 MHz"
mechanical_linewidth = "1 kHz"
occupation = 5
readout_rate = "50 kHz"

[[detector]]
angle = "90 deg"
efficiency = 1

[report]
pairs = [["spin", "membrane"]]

[report.spectrum]
start = "0.95 MHz"
stop = "1.05 MHz"
points = 301

[report.force]
mode = "membrane"
start = "0.95 MHz"
stop = "1.05 MHz"
points = 301
"""
"""Two oscillators that differ only in the sign of their mass and in their baths; nothing is lost."""

STEADY_FILE = """\
format = 1
title = "Unconditional entanglement by a tensor coupling"

[[chain]]
component = "spin"
frequency = "-1 MHz"
linewidth = "300 Hz"
readout_rate = "25 kHz"
occupation = 0.7
damping = "rotating-wave"

[[chain]]
component = "loss"
name = "link"
efficiency = 0.88

[[chain]]
component = "mechanical_oscillator"
name = "membrane"
mechanical_frequency = "1 MHz"
mechanical_linewidth = "10 Hz"
occupation = 40
readout_rate = "22 kHz"
tensor_coupling = 0.3
damping = "rotating-wave"

[[detector]]
angle = "90 deg"
kind = "heterodyne"
efficiency = 0.8

[report]
pairs = [["spin", "membrane"]]

[report.spectrum]
start = "0.97 MHz"
stop = "1.03 MHz"
points = 301

[report.force]
mode = "membrane"
start = "0.97 MHz"
stop = "1.03 MHz"
points = 301
"""
"""Readout of the spin without, of the membrane with a tensor coupling."""

OWN_FILE = """\
format = 1
title = "my chain"

[[chain]]
component = "spin"
frequency = "-1 MHz"            # negative: negative mass
linewidth = "300 Hz"
readout_rate = "25 kHz"
occupation = 0.7

[[chain]]
component = "loss"
efficiency = 0.88

[[chain]]
component = "mechanical_oscillator"
name = "membrane"
mechanical_frequency = "1 MHz"
mechanical_linewidth = "10 Hz"
temperature = "2 mK"
readout_rate = "22 kHz"

[[detector]]
angle = "90 deg"
efficiency = 0.8

[report]
pairs = [["spin", "membrane"]]
"""
"""That of the README: where "your own chain" starts."""
