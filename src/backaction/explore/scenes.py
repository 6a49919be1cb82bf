"""The networks that the explorer offers: what they are, their experiment files, and the sliders that matter.

A scene is a file and a choice of addresses in it. Every other key of the file can be reached by opening the scene as
"your own chain".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from .controls import Control, Scale, controls
from .scene_files import (
    ANCILLA_FIRST_FILE,
    IDEAL_FILE,
    MOLLER_FILE,
    OWN_FILE,
    SENSOR_FIRST_FILE,
    STEADY_FILE,
)
from .toml import parsed

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
    MOLLER_FILE,
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
    ANCILLA_FIRST_FILE,
    _SCHWEER_SLIDERS,
)

SENSOR_FIRST = Scene(
    "sensor-first",
    "Schweer: sensor first",
    "The same two systems in the other order. The record of the sensor's back action passes the link before the "
    "ancilla cancels it, and what is lost there stays: with the same losses the force noise is above the standard "
    "quantum limit at low frequencies.",
    SENSOR_FIRST_FILE,
    _SCHWEER_SLIDERS,
)

IDEAL = Scene(
    "ideal",
    "Ideal negative-mass pair",
    "Two oscillators of opposite mass and equal readout rate, read by one beam without losses. The light learns "
    "X₁ + X₂ and P₁ − P₂ of the two, which commute and are not disturbed by the measurement: without its record the "
    "two stay separable, with it they are entangled. Move one readout rate, lose light between them, or flip a mass.",
    IDEAL_FILE,
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
    STEADY_FILE,
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
    OWN_FILE,
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
        ends = [float(end) for end in (slider.low, slider.high)]
        changes |= {"low": ends[0], "high": ends[1], "scale": slider.scale}
    return replace(control, **changes)
