"""Controls: one for every number and choice of an experiment file, with a sensible range around its value.

What may be set, and in which unit and range, is the metadata of the fields (`backaction.systems.fields`); only where a
slider should begin and end is decided here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass
from enum import Enum
from typing import Any

from backaction.chain import entry_names
from backaction.specs import DetectorSpec
from backaction.systems.fields import Choice, Quantity, Range, describe
from backaction.systems.registry import EVERY_COMPONENT
from backaction.systems.units import Unit
from backaction.tables import HALF_WIDTH

__all__ = ["SYMBOLS", "Control", "Scale", "controls", "number_and_unit"]

DECADE_SPAN = 30.0
"""A positive quantity can be moved by this factor either way."""

RESONANCE_SPAN = 0.05
"""An oscillator's frequency can be moved by this fraction: what matters is its distance from another one."""

SYMBOLS = {
    "frequency": "Ω",
    "mechanical_frequency": "Ω",
    "linewidth": "γ",
    "linewidth_hwhm": "γ/2",
    "mechanical_linewidth": "γ",
    "mechanical_linewidth_hwhm": "γ/2",
    "readout_rate": "Γ",
    "occupation": "n",
    "temperature": "T",
    "tensor_coupling": "ζ",
    "cavity_linewidth": "κ",
    "cavity_linewidth_hwhm": "κ/2",
    "detuning": "Δ",
    "coupling": "g",
    "single_photon_coupling": "g₀",
    "photon_number": "N",
    "input_fraction": "κ₁/κ",
    "mode_matching": "η_mm",
    "ancilla_linewidth": "κ_a",
    "ancilla_detuning": "Δ_a",
    "beam_splitter": "g_BS",
    "down_conversion": "g_DC",
    "efficiency": "η",
    "angle": "θ",
}
"""Symbols of the parameters, as the docstrings of the components have them."""

_NUMBER = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(\S.*?)?\s*")


class Scale(Enum):
    """How a slider moves: in equal steps or by equal factors."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True)
class Control:
    """One number or choice that can be changed: where it stands in the file, what it is, and how far a slider goes.

    `value`, `low` and `high` are counted in `unit` ("" for a bare number). A choice has `options` and a text as value.
    `signed`: both signs have a meaning, as of the frequency of a spin, whose sign is that of the mass.
    """

    address: str
    group: str
    label: str
    symbol: str
    help: str
    unit: str
    value: float | str
    low: float = 0.0
    high: float = 0.0
    scale: Scale = Scale.LINEAR
    signed: bool = False
    options: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """The control as JSON has it."""
        return {**self.__dict__, "scale": self.scale.value, "options": list(self.options)}


def controls(table: Mapping[str, Any]) -> list[Control]:
    """The controls of a file that has been read without mistakes, in the order of the light.

    Examples
    --------
    >>> [control] = controls({"chain": [{"component": "loss", "efficiency": 0.9}]})
    >>> control.address, control.low, control.high
    ('loss.efficiency', 0.0, 1.0)
    """
    found: list[Control] = []
    names, _ = entry_names(table["chain"])
    for name, entry in zip(names, table["chain"], strict=True):
        found += _of_table(EVERY_COMPONENT[entry["component"]], entry, name, name)
    detectors = table.get("detector", [])
    for i, entry in enumerate(detectors):
        label = "detector" if len(detectors) == 1 else f"detector {i} at {entry.get('port', 'out')}"
        found += _of_table(DetectorSpec, entry, f"detector.{i}", label)
    return found


def number_and_unit(raw: Any) -> tuple[float, str]:
    """The number and the unit of a value as a file has it.

    Examples
    --------
    >>> number_and_unit("-1.28 MHz"), number_and_unit(0.5)
    ((-1.28, 'MHz'), (0.5, ''))
    """
    if not isinstance(raw, str):
        return float(raw), ""
    match = _NUMBER.fullmatch(raw)
    assert match is not None
    return float(match[1]), match[2] or ""


def _of_table(cls: type, entry: Mapping[str, Any], address: str, group: str) -> Iterator[Control]:
    for key, field in describe(cls).items():
        half = f"{key}{HALF_WIDTH}"
        used = half if half in entry else key
        raw = entry.get(used, _default(field))
        if raw is None:
            continue
        kind = field.metadata["kind"]
        if isinstance(kind, Choice):
            options = tuple(option.value for option in kind.options)
            yield Control(f"{address}.{used}", group, _label(used), "", kind.help, "", raw, options=options)
        else:
            yield _slider(kind, raw, entry, f"{address}.{used}", group, used)


def _default(field: Field[Any]) -> Any:
    """The default as a file would have it; None if there is none, or if the key is one of alternatives."""
    if field.default is MISSING or field.default is None:
        return None
    if isinstance(field.default, Enum):
        return field.default.value
    unit = field.metadata["kind"].unit
    if unit is Unit.ANGLE:
        return f"{round(math.degrees(field.default), 10):g} deg"
    return "0 Hz" if unit is Unit.FREQUENCY and field.default == 0 else field.default


def _label(key: str) -> str:
    return key.removesuffix(HALF_WIDTH).replace("_", " ") + (", half" if key.endswith(HALF_WIDTH) else "")


def _slider(kind: Quantity, raw: Any, entry: Mapping[str, Any], address: str, group: str, key: str) -> Control:
    value, unit = number_and_unit(raw)
    if kind.unit is Unit.ANGLE and not unit:
        unit = "rad"
    if kind.unit is Unit.FREQUENCY and value == 0 and (width := entry.get("cavity_linewidth")) is not None:
        reach, unit = number_and_unit(width)  # a detuning is counted in linewidths
        low, high, scale = -reach, reach, Scale.LINEAR
    else:
        low, high, scale = _range(kind, value, unit, key)
    signed = kind.range is Range.NONZERO
    symbol = SYMBOLS.get(key, "")
    return Control(address, group, _label(key), symbol, kind.help, unit, value, low, high, scale, signed)


def _range(kind: Quantity, value: float, unit: str, key: str) -> tuple[float, float, Scale]:
    """Where a slider begins and ends, and how it moves."""
    size = abs(value)
    positive = kind.range in (Range.POSITIVE, Range.NONNEGATIVE)
    if positive and size > 0 and kind.unit is not Unit.DECIBEL and not key.endswith("frequency"):
        return _tidy(size / DECADE_SPAN), _tidy(size * DECADE_SPAN), Scale.LOG
    return *_ends(kind, value, unit, key), Scale.LINEAR


def _ends(kind: Quantity, value: float, unit: str, key: str) -> tuple[float, float]:
    """Where a slider with equal steps begins and ends."""
    low, high = -_tidy(max(2 * abs(value), 1.0)), _tidy(max(2 * abs(value), 1.0))
    if kind.range is Range.FRACTION:
        low, high = 0.0, 1.0
    elif kind.unit is Unit.ANGLE:
        low, high = (-180.0, 180.0) if unit == "deg" else (-math.pi, math.pi)
    elif kind.unit is Unit.DECIBEL:
        low, high = 0.0, max(20.0, high)
    elif key.endswith("frequency"):
        reach = RESONANCE_SPAN * abs(value)
        low, high = value - reach, value + reach
    elif kind.range is Range.NONZERO:
        low, high = sorted((value / 2, 2 * value))
    elif kind.range is Range.NONNEGATIVE:
        low, high = 0.0, 10.0
    return low, high


def _tidy(value: float) -> float:
    """Two significant digits."""
    return float(f"{value:.2g}")
