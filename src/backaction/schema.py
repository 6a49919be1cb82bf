"""The JSON schema of the experiment file, derived from the fields of the components."""

from __future__ import annotations

from dataclasses import MISSING, Field
from enum import Enum
from typing import Any

from backaction.systems.component import Component
from backaction.systems.fields import Quantity, Range, describe
from backaction.systems.network import RESERVED_NAMES
from backaction.systems.registry import EVERY_COMPONENT
from backaction.systems.units import Unit

from .experiment import FORMAT
from .specs import MOST_POINTS, DetectorSpec, ForceSpec, SpectrumSpec
from .tables import HALF_WIDTH

__all__ = ["schema"]

_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"

_TEXTS = {
    Unit.FREQUENCY: _NUMBER + r"([numkMG]?Hz|rad/s)\s*$",
    Unit.TEMPERATURE: _NUMBER + r"[mun]?K\s*$",
    Unit.ANGLE: _NUMBER + r"(deg|rad)\s*$",
    Unit.POWER: _NUMBER + r"[mun]?W\s*$",
    Unit.LENGTH: _NUMBER + r"[munc]?m\s*$",
    Unit.MAGNETIC_FIELD: _NUMBER + r"([mun]?T|m?G)\s*$",
    Unit.DECIBEL: _NUMBER + r"dB\s*$",
}

_BOUNDS: dict[Range, dict[str, Any]] = {
    Range.ANY: {},
    Range.NONZERO: {"not": {"const": 0}},
    Range.POSITIVE: {"exclusiveMinimum": 0},
    Range.NONNEGATIVE: {"minimum": 0},
    Range.FRACTION: {"minimum": 0, "maximum": 1},
}


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of an experiment file; ranges inside texts with units stand in `description`.

    Examples
    --------
    >>> list(schema()["properties"])
    ['format', 'title', 'chain', 'detector', 'report']
    """
    spectrum, force = _grid(SpectrumSpec, {}), _grid(ForceSpec, {"mode": {"type": "string"}})
    force["properties"]["thermal"] = {"type": "boolean", "default": False}
    pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backaction experiment file",
        "description": "One light beam through a chain of components.",
        "type": "object",
        "additionalProperties": False,
        "required": ["chain"],
        "properties": {
            "format": {"const": FORMAT},
            "title": {"type": "string"},
            "chain": {
                "description": "components in the order in which the light meets them",
                "type": "array",
                "minItems": 1,
                "items": {"oneOf": [_component(cls) for cls in EVERY_COMPONENT.values()]},
            },
            "detector": {
                "description": "at most one a port; spectrum and force are those of the first",
                "type": "array",
                "items": _table({"port": {"type": "string", "default": "out"}, **_properties(DetectorSpec)}, []),
            },
            "report": _table(
                {"pairs": {"type": "array", "items": pair}, "spectrum": spectrum, "force": force},
                [],
            ),
        },
    }


def _table(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _component(cls: type[Component]) -> dict[str, Any]:
    name = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "not": {"enum": list(RESERVED_NAMES)}}
    table = _table({"component": {"const": cls.kind}, "name": name, **_properties(cls)}, ["component"])
    table["description"] = (cls.__doc__ or "").splitlines()[0]
    rules = [_exactly_one([[key], [key + HALF_WIDTH]]) for key in _needed(cls) if key.endswith("linewidth")]
    table["required"] += [key for key in _needed(cls) if not key.endswith("linewidth")]
    rules += [_exactly_one([list(option) for option in options]) for options in cls.alternatives]
    return table | ({"allOf": rules} if rules else {})


def _exactly_one(options: list[list[str]]) -> dict[str, Any]:
    """One option complete, and no key of the others."""
    cases = []
    for option in options:
        others = [key for other in options for key in other if key not in option]
        cases.append({"required": option, "not": {"anyOf": [{"required": [key]} for key in others]}})
    return {"oneOf": cases}


def _needed(cls: type) -> list[str]:
    return [key for key, field in describe(cls).items() if field.default is MISSING]


def _grid(cls: type, more: dict[str, Any]) -> dict[str, Any]:
    properties = {**_properties(cls), "points": {"type": "integer", "minimum": 1, "maximum": MOST_POINTS}, **more}
    return _table(properties, ["start", "stop", "points", *more])


def _properties(cls: type) -> dict[str, Any]:
    properties = {}
    for key, field in describe(cls).items():
        properties[key] = _property(field)
        if key.endswith("linewidth"):
            half = dict(properties[key])
            half["description"] = f"half of {key}: half width at half maximum"
            properties[key + HALF_WIDTH] = half
    return properties


def _property(field: Field[Any]) -> dict[str, Any]:
    kind = field.metadata["kind"]
    default: dict[str, Any] = {}
    if isinstance(field.default, Enum):
        default = {"default": field.default.value}
    elif field.default is not MISSING and field.default is not None:
        default = {"description": f"{kind.help}; {kind.range.value}; default {field.default:g}"}
    if not isinstance(kind, Quantity):
        return {"description": kind.help, "enum": [option.value for option in kind.options], **default}
    text = {"type": "string", "pattern": _TEXTS[kind.unit]} if kind.unit in _TEXTS else {}
    number = {"type": "number", **_BOUNDS[kind.range]}
    shape = {Unit.NUMBER: number, Unit.ANGLE: {"anyOf": [number, text]}}.get(kind.unit, text)
    return {"description": f"{kind.help}; {kind.range.value}", **shape, **default}
