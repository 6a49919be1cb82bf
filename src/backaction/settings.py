"""Settings: values that override an experiment file, addressed as on the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.systems.component import superseded
from backaction.systems.grammar import keys
from backaction.systems.grammar.addresses import REPORT, detector_address, detector_number, split_address
from backaction.systems.grammar.units import plain_number
from backaction.systems.registry import EVERY_COMPONENT

from .chain import entry_names
from .tables import Mistakes

__all__ = ["overridden", "override"]


def override(table: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Apply "NAME.KEY=VALUE", "detector.N.KEY=VALUE" or "report.spectrum.KEY=VALUE" to a file's table.

    Setting one of alternative keys removes the others.

    Raises
    ------
    InvalidInput
        A setting without "=", or an address that is not there.

    Examples
    --------
    >>> override({"chain": [{"component": "loss", "efficiency": 0.5}]}, ["loss.efficiency=0.9"])
    {'chain': [{'component': 'loss', 'efficiency': 0.9}]}
    >>> override({"chain": [{"component": "loss", "efficiency": 0.5}]}, ["loss.efficiency=.9"])
    {'chain': [{'component': 'loss', 'efficiency': 0.9}]}
    """
    mistakes = Mistakes()
    changed = overridden(table, settings, mistakes)
    mistakes.report()
    return changed


def overridden(table: Mapping[str, Any], settings: Sequence[str], mistakes: Mistakes) -> dict[str, Any]:
    """As `override`, every mistake to `mistakes` and the other settings applied."""
    changed: dict[str, Any] = _copied(table)
    for setting in settings:
        address, equals, text = setting.partition("=")
        if not equals:
            mistakes.add(f"--set {setting}", "a setting is ADDRESS=VALUE, such as membrane.detuning=-4.7MHz")
            continue
        try:
            _set(changed, address.strip(), _value(text.strip()))
        except InvalidInput as error:
            mistakes.add(f"--set {setting}", error)
    return changed


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(entry) for key, entry in value.items()}
    return [_copied(entry) for entry in value] if isinstance(value, list) else value


def _value(text: str) -> Any:
    """A value as in TOML (number, true, "text", list), a number that TOML would write otherwise (.95), or the text."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        number = plain_number(text)
        return text if number is None else number
    return parsed["value"] if len(parsed) == 1 else text


def _set(table: dict[str, Any], address: str, value: Any) -> None:
    head, key = split_address(address)
    number = detector_number(head)
    if head in REPORT:
        entry: Any = table
        for step in head.split("."):
            entry = entry.setdefault(step, {}) if isinstance(entry, dict) else None
    elif number is not None:
        entry = _nth_detector(table.get("detector", []), head, number)
    else:
        entry = _named_component(table, head)
    if not isinstance(entry, dict):
        raise InvalidInput(f"{head!r} is no table in this file")
    for other in _rivals(entry, key):
        entry.pop(other, None)
    entry[key] = value


def _nth_detector(detectors: Any, head: str, number: int) -> Any:
    count = len(detectors) if isinstance(detectors, list) else 0
    if not 0 <= number < count:
        raise InvalidInput(f"there is no {head!r}; detectors in the file: {count}, addressed detector.0, detector.1, …")
    return detectors[number]


def _named_component(table: Mapping[str, Any], head: str) -> Any:
    chain = table.get("chain")
    entries = [entry for entry in chain if isinstance(entry, dict)] if isinstance(chain, list) else []
    names, _ = entry_names(entries)
    if head not in names:
        raise unknown_name(head, [*names, detector_address(0), *REPORT], "table")
    return entries[names.index(head)]


def _rivals(entry: Mapping[str, Any], key: str) -> list[str]:
    """The keys that may not stand beside this one: the half width beside the width, and alternatives."""
    cls = EVERY_COMPONENT.get(str(entry.get("component")))
    if cls is None:
        return []
    known = keys(cls)
    field = known[key].field if key in known else key
    fields = [field, *(other for options in cls.alternatives for other in superseded(options, [field]))]
    return [name for name, other in known.items() if other.field in fields and name != key]
