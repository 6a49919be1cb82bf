"""The JSON schema of the experiment file, derived from the fields of the components."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from backaction.entanglement import Subject, measures
from backaction.systems.component import Component
from backaction.systems.grammar import Key, Quantity, describe, keys
from backaction.systems.network import RESERVED_NAMES
from backaction.systems.registry import EVERY_COMPONENT

from .experiment import FORMAT
from .specs import REPORTS, TITLE, DetectorSpec, ReportSpec

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of an experiment file; ranges inside texts with units stand in `description`.

    Examples
    --------
    >>> list(schema()["properties"])
    ['format', 'title', 'chain', 'detector', 'report']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backaction experiment file",
        "description": "One light beam through a chain of components.",
        "type": "object",
        "additionalProperties": False,
        "required": ["chain"],
        "properties": {
            "format": {"const": FORMAT},
            "title": TITLE.rule,
            "chain": {
                "description": "components in the order in which the light meets them",
                "type": "array",
                "minItems": 1,
                "items": {"oneOf": [_component(cls) for cls in EVERY_COMPONENT.values()]},
            },
            "detector": {
                "description": "at most one a port; spectrum and force are those of the first",
                "type": "array",
                "items": _declared(DetectorSpec),
            },
            "report": _report(),
        },
    }


def _report() -> dict[str, Any]:
    table = _declared(ReportSpec, {key: _declared(cls) for key, cls in REPORTS.items()})
    criteria = ", ".join(row.name for row in measures(Subject.PAIR))
    table["properties"]["pairs"]["description"] += f"; of each: {criteria}"
    return table


def _component(cls: type[Component]) -> dict[str, Any]:
    name = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "not": {"enum": list(RESERVED_NAMES)}}
    table = _declared(cls, {"component": {"const": cls.kind}, "name": name})
    table["required"].append("component")
    table["description"] = (cls.__doc__ or "").splitlines()[0]
    rules = table.get("allOf", []) + [
        _exactly_one([list(option) for option in options]) for options in cls.alternatives
    ]
    return table | ({"allOf": rules} if rules else {})


def _declared(cls: type, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """A table of declared fields: a needed key, or exactly one of several that mean the same field."""
    known = keys(cls)
    properties = {**(more or {}), **{name: _property(key) for name, key in known.items()}}
    required: list[str] = []
    rules: list[dict[str, Any]] = []
    for field in describe(cls):
        ways = [key.name for key in known.values() if key.field == field]
        if known[field].default is not MISSING:
            rules += [{"not": {"required": ways}}] if len(ways) > 1 else []
        elif len(ways) > 1:
            rules.append(_exactly_one([[name] for name in ways]))
        else:
            required += ways
    table = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    return table | ({"allOf": rules} if rules else {})


def _exactly_one(options: list[list[str]]) -> dict[str, Any]:
    """One option complete, and no key of the others."""
    cases = []
    for option in options:
        others = [key for other in options for key in other if key not in option]
        cases.append({"required": option, "not": {"anyOf": [{"required": [key]} for key in others]}})
    return {"oneOf": cases}


def _property(key: Key) -> dict[str, Any]:
    kind, default = key.kind, key.default
    description = key.help + (f"; {kind.range.value}" if isinstance(kind, Quantity) else "")
    rule = {"description": description, **kind.rule}
    if default is MISSING or default is None:
        return rule
    return rule | {"default": kind.written(default / key.factor if key.factor != 1.0 else default)}
