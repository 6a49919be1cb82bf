"""Controls: one for every number and choice of an experiment file, with a sensible range around its value.

What may be set, and in which unit and range, is the metadata of the fields (`backaction.systems.grammar`); only where a
slider should begin and end is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from enum import Enum
from typing import Any

from backaction.chain import entry_names
from backaction.specs import DetectorSpec
from backaction.systems.grammar import Choice, Key, Quantity, Range, Unit, describe, keys
from backaction.systems.registry import EVERY_COMPONENT

__all__ = ["SYMBOLS", "Control", "Scale", "controls"]

DECADE_SPAN = 30.0
"""A positive quantity can be moved by this factor either way."""

RESONANCE_SPAN = 0.05
"""An oscillator's frequency can be moved by this fraction: what matters is its distance from another one."""

SYMBOLS = {
    "frequency": "Ω",
    "mechanical_frequency": "Ω",
    "linewidth": "γ",
    "mechanical_linewidth": "γ",
    "readout_rate": "Γ",
    "occupation": "n",
    "temperature": "T",
    "tensor_coupling": "ζ",
    "cavity_linewidth": "κ",
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


class Scale(Enum):
    """How a slider moves: in equal steps or by equal factors."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True)
class Control:
    """One number or choice that can be changed: where it stands in the file, what it is, and how far a slider goes.

    `value`, `low` and `high` are counted in `unit` ("" for a bare number). A choice has `options` and a text as value.
    `quantity` is the name of the unit (`backaction.systems.grammar.Unit`), which has the other symbols.
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
    quantity: str = ""

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


def _of_table(cls: type, entry: Mapping[str, Any], address: str, group: str) -> Iterator[Control]:
    known = keys(cls)
    for field in describe(cls):
        ways = [key for key in known.values() if key.field == field]
        key = next((key for key in ways if key.name in entry), ways[0])
        raw = entry.get(key.name, _default(key))
        if raw is None:
            continue
        place = f"{address}.{key.name}"
        if isinstance(key.kind, Choice):
            options = tuple(key.kind.texts)
            yield Control(place, group, _label(key), "", key.kind.help, "", raw, options=options)
        elif isinstance(key.kind, Quantity):
            yield _slider(key, key.kind, raw, entry, place, group)


def _default(key: Key) -> Any:
    """The default as a file would have it; None if there is none, or if the key is one of alternatives."""
    return None if key.default is MISSING or key.default is None else key.kind.written(key.default)


def _label(key: Key) -> str:
    return key.field.replace("_", " ") + ("" if key.factor == 1.0 else ", half")


def _slider(key: Key, kind: Quantity, raw: Any, entry: Mapping[str, Any], address: str, group: str) -> Control:
    value, unit = _counted(kind, raw)
    if kind.unit is Unit.FREQUENCY and value == 0 and (width := entry.get("cavity_linewidth")) is not None:
        reach, unit = _counted(kind, width)  # a detuning is counted in linewidths
        low, high, scale = -reach, reach, Scale.LINEAR
    else:
        low, high, scale = _range(kind, value, unit, key.field)
    signed = kind.range is Range.NONZERO
    symbol = SYMBOLS.get(key.field, "")
    symbol += "/2" if symbol and key.factor != 1.0 else ""
    help, quantity = kind.help, kind.unit.name
    return Control(address, group, _label(key), symbol, help, unit, value, low, high, scale, signed, quantity=quantity)


def _counted(kind: Quantity, raw: Any) -> tuple[float, str]:
    """The number of a value and its unit, as they stand in the file."""
    number, unit = kind.unit.split(raw)
    return float(number), unit if kind.unit.scales else ""


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
        high = float(kind.unit.count(math.pi, unit))
        low = -high
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
