"""The networks that the explorer offers: what they are, their experiment files, and the sliders that matter.

A scene is a file and a choice of addresses in it. Every other key of the file can be reached by opening the scene as
"your own chain".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from .controls import Control, Scale, controls, number_and_unit
from .document import parsed
from .templates import OWN_CHAIN

__all__ = ["OWN", "SCENES", "Scene", "Slider", "scene_controls"]


@dataclass(frozen=True)
class Slider:
    """A slider of a scene: the address of a number and the ends of its range, as texts of the file."""

    address: str
    low: str = ""
    high: str = ""
    scale: Scale = Scale.LOG
    label: str = ""


@dataclass(frozen=True)
class Scene:
    """A network to look at: a name for links, a title, a paragraph, its file, and its sliders (none: all of them)."""

    name: str
    title: str
    text: str
    file: str
    sliders: tuple[Slider, ...] = ()


LINEAR = Scale.LINEAR

_DETECTION = (
    Slider("detector.0.angle", "0", "180", LINEAR, "homodyne angle"),
    Slider("detector.0.efficiency", label="detector efficiency"),
)

MOLLER = Scene(
    "moller",
    "Møller hybrid",
    "Light meets a caesium spin ensemble, then a membrane in a cavity, then a detector (Møller et al., Nature 547, 191 "
    "(2017), Fig. 3). With a spin of negative mass the back action of the light on the two interferes destructively in "
    "the spectrum, with positive mass constructively: flip the sign of Ω. The spin's readout rate and occupation are "
    "not printed in the paper and are inferred from its areas.",
    """\
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
""",
    (
        Slider("spin.frequency", "-1.32", "-1.22", LINEAR, "Larmor frequency"),
        Slider("spin.readout_rate", "1", "500"),
        Slider("spin.linewidth_hwhm", "0.05", "20"),
        Slider("spin.occupation", "0.01", "30"),
        Slider("link.efficiency", label="link efficiency"),
        Slider("membrane.photon_number", "1e5", "5e7", label="photons in the cavity"),
        Slider("membrane.detuning", "-15", "5", LINEAR, "cavity detuning"),
        Slider("membrane.temperature", "0.01", "300", label="membrane temperature"),
        Slider("detection-path.efficiency", label="detection efficiency"),
        Slider("detector.0.angle", "0", "180", LINEAR, "homodyne angle"),
    ),
)

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

_SCHWEER_SLIDERS = (
    Slider("sensor.coupling", "25", "400", label="sensor coupling"),
    Slider("ancilla.beam_splitter", "25", "450"),
    Slider("ancilla.down_conversion", "25", "450"),
    Slider("ancilla.ancilla_detuning", "100", "900", LINEAR),
    Slider("ancilla.ancilla_linewidth", "0.5", "1000"),
    Slider("propagation.efficiency", label="propagation efficiency"),
    Slider("readout.efficiency", label="readout efficiency"),
    Slider("sensor.occupation", "0", "1000", LINEAR, "sensor occupation"),
    Slider("detector.0.angle", "0", "180", LINEAR, "homodyne angle"),
)

ANCILLA_FIRST = Scene(
    "ancilla-first",
    "Schweer: ancilla first",
    "A detuned optical cavity acts as an oscillator of negative mass and meets the light before the force sensor does "
    "(Schweer et al., Phys. Rev. A 106, 033520 (2022), Table II). Its back action cancels that of the sensor, and the "
    "force noise falls below the standard quantum limit at low frequencies, with losses by about 20 %.",
    'format = 1\ntitle = "Schweer et al. 2022, Table II: the ancilla before the force sensor"\n\n'
    + "\n".join((_ANCILLA, _PROPAGATION, _SENSOR, _READOUT)),
    _SCHWEER_SLIDERS,
)

SENSOR_FIRST = Scene(
    "sensor-first",
    "Schweer: sensor first",
    "The same two systems in the other order. The record of the sensor's back action passes the link before the "
    "ancilla cancels it, and what is lost there stays: with the same losses the force noise is above the standard "
    "quantum limit at low frequencies.",
    'format = 1\ntitle = "Schweer et al. 2022, Table II: the ancilla behind the force sensor"\n\n'
    + "\n".join((_SENSOR, _PROPAGATION, _ANCILLA, _READOUT)),
    _SCHWEER_SLIDERS,
)

IDEAL = Scene(
    "ideal",
    "Ideal negative-mass pair",
    "Two oscillators of opposite mass and equal readout rate, read by one beam without losses. The light learns "
    "X₁ + X₂ and P₁ − P₂ of the two, which commute and are not disturbed by the measurement: without its record the "
    "two stay separable, with it they are entangled. Move one readout rate, lose light between them, or flip a mass.",
    """\
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
""",
    (
        Slider("spin.frequency", "-1.05", "-0.95", LINEAR, "spin frequency"),
        Slider("spin.readout_rate", "1", "500", label="spin readout rate"),
        Slider("spin.occupation", "0.01", "30", label="spin occupation"),
        Slider("membrane.readout_rate", "1", "500", label="membrane readout rate"),
        Slider("membrane.occupation", "0.01", "300", label="membrane occupation"),
        Slider("link.efficiency", label="link efficiency"),
        *_DETECTION,
    ),
)

STEADY = Scene(
    "steady",
    "Entangled without a detector",
    "As the ideal pair, but the light couples to P of the membrane too (ζ ≠ 0), which lets the membrane absorb what "
    "the light learnt of the spin. The stationary state is then entangled by itself; a detector adds to it. Set ζ to 0 "
    "to see the unconditional entanglement go.",
    """\
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
""",
    (
        Slider("membrane.tensor_coupling", "-0.2", "1", LINEAR, "tensor coupling"),
        Slider("spin.frequency", "-1.03", "-0.97", LINEAR, "spin frequency"),
        Slider("spin.readout_rate", "1", "300", label="spin readout rate"),
        Slider("spin.occupation", "0.01", "30", label="spin occupation"),
        Slider("membrane.readout_rate", "1", "300", label="membrane readout rate"),
        Slider("membrane.occupation", "0.01", "3000", label="membrane occupation"),
        Slider("link.efficiency", label="link efficiency"),
        Slider("detector.0.efficiency", label="detector efficiency"),
        Slider("detector.0.kind"),
    ),
)

OWN = Scene(
    "own",
    "Your own chain",
    "Any chain of components, in the order in which the light meets them. Write the experiment file, or add components "
    "with the button; every number of it becomes a slider.",
    OWN_CHAIN,
)

SCENES: tuple[Scene, ...] = (MOLLER, ANCILLA_FIRST, SENSOR_FIRST, IDEAL, STEADY, OWN)
"""In the order of the page."""


@cache
def scene_controls(scene: Scene) -> tuple[Control, ...]:
    """The controls of a scene: those of its sliders with their ranges, or all that its file has; in the light's order.

    Examples
    --------
    >>> control = scene_controls(IDEAL)[1]
    >>> control.address, control.value, control.unit, control.high
    ('spin.readout_rate', 50.0, 'kHz', 500.0)
    """
    every = {control.address: control for control in controls(parsed(scene.file))}
    if not scene.sliders:
        return tuple(every.values())
    chosen = [_narrowed(every[slider.address], slider) for slider in scene.sliders]
    groups = list(dict.fromkeys(control.group for control in every.values()))
    return tuple(sorted(chosen, key=lambda control: groups.index(control.group)))


def _narrowed(control: Control, slider: Slider) -> Control:
    changes: dict[str, Any] = {"label": slider.label} if slider.label else {}
    if slider.low:
        ends = [number_and_unit(end)[0] for end in (slider.low, slider.high)]
        changes |= {"low": ends[0], "high": ends[1], "scale": slider.scale}
    return replace(control, **changes)
