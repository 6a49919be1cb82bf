"""Settings: values that override an experiment file, addressed as on the command line."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.systems.component import superseded
from backaction.systems.registry import EVERY_COMPONENT

from .chain import entry_names
from .tables import HALF_WIDTH, Mistakes

__all__ = ["overridden", "override"]

_REPORTS = ("report", "report.spectrum", "report.force")


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
        with contextlib.suppress(ValueError):
            return float(text)
        return text
    return parsed["value"] if len(parsed) == 1 else text


def _set(table: dict[str, Any], address: str, value: Any) -> None:
    head, dot, key = address.rpartition(".")
    if not dot:
        raise InvalidInput(
            f"the address {address!r} is not NAME.KEY, detector.N.KEY, report.spectrum.KEY or report.pairs"
        )
    if head in _REPORTS:
        entry: Any = table
        for step in head.split("."):
            entry = entry.setdefault(step, {}) if isinstance(entry, dict) else None
    elif head.split(".")[0] == "detector":
        entry = _nth_detector(table.get("detector", []), head)
    else:
        entry = _named_component(table, head)
    if not isinstance(entry, dict):
        raise InvalidInput(f"{head!r} is no table in this file")
    for other in _alternatives_of(entry, key):
        entry.pop(other, None)
    entry[key] = value


def _nth_detector(detectors: Any, head: str) -> Any:
    _, _, number = head.partition(".")
    if not number.isdecimal() or not isinstance(detectors, list) or int(number) >= len(detectors):
        count = len(detectors) if isinstance(detectors, list) else 0
        raise InvalidInput(f"there is no {head!r}; detectors in the file: {count}, addressed detector.0, detector.1, …")
    return detectors[int(number)]


def _named_component(table: Mapping[str, Any], head: str) -> Any:
    chain = table.get("chain")
    entries = [entry for entry in chain if isinstance(entry, dict)] if isinstance(chain, list) else []
    names, _ = entry_names(entries)
    if head not in names:
        raise unknown_name(head, [*names, "detector.0", *_REPORTS], "table")
    return entries[names.index(head)]


def _alternatives_of(entry: Mapping[str, Any], key: str) -> list[str]:
    cls = EVERY_COMPONENT.get(str(entry.get("component")))
    base = key.removesuffix(HALF_WIDTH)
    if base.endswith("linewidth"):
        return [base if key.endswith(HALF_WIDTH) else f"{base}{HALF_WIDTH}"]
    return [other for options in (cls.alternatives if cls else ()) for other in superseded(options, [key])]
