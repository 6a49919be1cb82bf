"""Settings: values that override an experiment file, addressed as on the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.systems.component import superseded
from backaction.systems.network import resolve_names
from backaction.systems.registry import COMPONENTS

__all__ = ["HALF_WIDTH", "Mistakes", "override"]

HALF_WIDTH = "_hwhm"
"""Ending of the alternative key of every `*linewidth`: the half width at half maximum."""


class Mistakes(list[str]):
    """Everything wrong with an input, each with the place where it stands."""

    def add(self, place: str, problem: object) -> None:
        """Note one mistake."""
        self.append(f"{place}: {problem}")

    def report(self) -> None:
        """Raise `InvalidInput` with all of them, if there are any."""
        if len(self) == 1:
            raise InvalidInput(self[0])
        if self:
            raise InvalidInput(f"{len(self)} mistakes\n" + "\n".join(f"  - {mistake}" for mistake in self))


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
    """
    changed: dict[str, Any] = _copied(table)
    mistakes = Mistakes()
    for setting in settings:
        address, equals, text = setting.partition("=")
        if not equals:
            mistakes.add(f"--set {setting}", "a setting is ADDRESS=VALUE, such as membrane.detuning=-4.7MHz")
            continue
        try:
            _set(changed, address.strip(), _value(text.strip()))
        except InvalidInput as error:
            mistakes.add(f"--set {setting}", error)
    mistakes.report()
    return changed


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(entry) for key, entry in value.items()}
    return [_copied(entry) for entry in value] if isinstance(value, list) else value


def _value(text: str) -> Any:
    """A value as in TOML (number, true, "text", list), or the bare text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _set(table: dict[str, Any], address: str, value: Any) -> None:
    head, dot, key = address.rpartition(".")
    if not dot:
        raise InvalidInput(
            f"the address {address!r} is not NAME.KEY, detector.N.KEY, report.spectrum.KEY or report.pairs"
        )
    if head in ("report", "report.spectrum", "report.force"):
        entry = table
        for step in head.split("."):
            entry = entry.setdefault(step, {})
    elif head.split(".")[0] == "detector":
        entry = _nth_detector(table.get("detector", []), head)
    else:
        entry = _named_component(table.get("chain", []), head)
    if not isinstance(entry, dict):
        raise InvalidInput(f"{head!r} is no table in this file")
    for other in _alternatives_of(entry, key):
        entry.pop(other, None)
    entry[key] = value


def _nth_detector(detectors: Any, head: str) -> Any:
    _, _, number = head.partition(".")
    if not number.isdecimal() or not isinstance(detectors, list) or int(number) >= len(detectors):
        count = len(detectors) if isinstance(detectors, list) else 0
        raise InvalidInput(f"there is no {head!r}; the file has {count} detectors, addressed detector.0, detector.1, …")
    return detectors[int(number)]


def _named_component(chain: Any, head: str) -> Any:
    entries = [entry for entry in chain if isinstance(entry, dict)] if isinstance(chain, list) else []
    given = [(str(entry.get("component", "component")), entry.get("name")) for entry in entries]
    names, _ = resolve_names([(kind, name if isinstance(name, str) else None) for kind, name in given])
    if head not in names:
        raise unknown_name(head, names, "component")
    return entries[names.index(head)]


def _alternatives_of(entry: Mapping[str, Any], key: str) -> list[str]:
    cls = COMPONENTS.get(str(entry.get("component")))
    base = key.removesuffix(HALF_WIDTH)
    if base.endswith("linewidth"):
        return [base if key.endswith(HALF_WIDTH) else f"{base}{HALF_WIDTH}"]
    return [other for options in (cls.alternatives if cls else ()) for other in superseded(options, [key])]
