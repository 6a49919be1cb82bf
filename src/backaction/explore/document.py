"""The text of an experiment file, changed in place: comments and the order of lines stay where they are.

A change is always checked: the new text must read as the table that was meant. Where the layout of the file is too
unusual for that, the file is written afresh from the table.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backaction.chain import entry_names
from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.settings import override
from backaction.systems.registry import EVERY_COMPONENT

from .templates import template
from .toml import Table, block, parsed, value_text, written

__all__ = ["edited", "moved", "with_component", "with_detector", "with_settings", "without_component"]

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(#.*)?")
_LINE = re.compile(
    r"(?P<before>\s*(?P<key>[A-Za-z0-9_-]+)\s*=\s*)(?P<value>\"[^\"]*\"|'[^']*'|[^#]*?)(?P<after>\s*(#.*)?)"
)


def with_settings(text: str, settings: Mapping[str, str]) -> str:
    """The file's text with the settings applied (`backaction.settings.override`), comments kept.

    Examples
    --------
    >>> text = written({"chain": [{"component": "loss", "efficiency": 0.5}]})
    >>> print(with_settings(text + "# a guess", {"loss.efficiency": "0.9"}))
    [[chain]]
    component = "loss"
    efficiency = 0.9
    # a guess
    <BLANKLINE>
    """
    if not settings:
        return text
    return edited(text, override(parsed(text), [f"{address}={value}" for address, value in settings.items()]))


def with_component(text: str, kind: str) -> str:
    """The file's text with one more component at the end of the chain, with ordinary numbers to start from.

    Raises
    ------
    InvalidInput
        There is no such component.
    """
    if kind not in EVERY_COMPONENT:
        raise unknown_name(kind, EVERY_COMPONENT, "component")
    wanted = parsed(text)
    wanted["chain"] = [*_entries(wanted), {"component": kind, **template(EVERY_COMPONENT[kind])}]
    lines = text.splitlines()
    chain = [section for section in _sections(lines) if section.name == "chain"]
    if chain:
        end = _last_line(lines, chain[-1]) + 1
        lines[end:end] = ["", *block("[[chain]]", wanted["chain"][-1])]
    return _checked("\n".join(lines) + "\n", wanted)


def with_detector(text: str) -> str:
    """The file's text with a homodyne detector of p at the end of the chain."""
    wanted = parsed(text)
    entry = {"angle": "90 deg"}
    wanted["detector"] = [*wanted.get("detector", []), entry]
    return _checked("\n".join([text.rstrip("\n"), "", *block("[[detector]]", entry)]) + "\n", wanted)


def without_component(text: str, name: str) -> str:
    """The file's text without one component, and without the pairs that it was part of.

    Raises
    ------
    InvalidInput
        There is no such component.
    """
    table = parsed(text)
    position = _position(table, name)
    shorter = {**table, "chain": [entry for i, entry in enumerate(_entries(table)) if i != position]}
    lines = text.splitlines()
    chain = [section for section in _sections(lines) if section.name == "chain"]
    if len(chain) == len(_entries(table)):
        del lines[chain[position].start : _last_line(lines, chain[position]) + 1]
    cut = _checked("\n".join(lines) + "\n", shorter)
    report = shorter.get("report")
    if not isinstance(report, dict) or not isinstance(report.get("pairs"), list):
        return cut
    left = [pair for pair in report["pairs"] if not any(_belongs(mode, name) for mode in pair)]
    return edited(cut, {**shorter, "report": {**report, "pairs": left}})


def moved(text: str, name: str) -> str:
    """The file's text with one component moved towards the laser by one place; the first one stays.

    Raises
    ------
    InvalidInput
        There is no such component.
    """
    table = parsed(text)
    entries = _entries(table)
    at = _position(table, name)
    if at == 0:
        return text
    wanted = {**table, "chain": [*entries[: at - 1], entries[at], entries[at - 1], *entries[at + 1 :]]}
    lines = text.splitlines()
    chain = [section for section in _sections(lines) if section.name == "chain"]
    if len(chain) == len(entries):
        before, after = chain[at - 1], chain[at]
        first, second = lines[before.start : before.end], lines[after.start : after.end]
        gap = lines[before.end : after.start]
        lines[before.start : after.end] = [*second, *([] if second[-1:] == [""] else [""]), *gap, *first]
    return _checked("\n".join(lines).rstrip("\n") + "\n", wanted)


def edited(text: str, wanted: Mapping[str, Any]) -> str:
    """The text changed so that it reads as the table that is wanted; the numbers of components stay as they are."""
    lines = text.splitlines()
    table = parsed(text)
    for section in reversed(_sections(lines)):  # from the end, so that earlier line numbers hold
        old, new = _at(table, section), _at(wanted, section)
        if isinstance(old, dict) and isinstance(new, dict):
            _edit_section(lines, section, old, new)
    return _checked("\n".join(lines) + "\n", wanted)


@dataclass(frozen=True)
class _Section:
    """Lines [start, end) of one table: its header and what follows; `number` counts the tables of an array."""

    name: str
    number: int | None
    start: int
    end: int


def _sections(lines: list[str]) -> list[_Section]:
    headers = [(i, match) for i, line in enumerate(lines) if (match := _HEADER.fullmatch(line))]
    counts: dict[str, int] = {}
    found = []
    for at, (line, match) in enumerate(headers):
        name = match[2]
        end = headers[at + 1][0] if at + 1 < len(headers) else len(lines)
        number = counts.get(name, 0) if match[1] == "[[" else None
        counts[name] = counts.get(name, 0) + 1
        found.append(_Section(name, number, line, end))
    return found


def _at(table: Mapping[str, Any], section: _Section) -> Any:
    value: Any = table
    for step in section.name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if section.number is None:
        return value
    return value[section.number] if isinstance(value, list) and section.number < len(value) else None


def _edit_section(lines: list[str], section: _Section, old: Table, new: Table) -> None:
    flat = {key: value for key, value in new.items() if not isinstance(value, dict)}
    missing = [f"{key} = {value_text(value)}" for key, value in flat.items() if key not in old]
    end = _last_line(lines, section) + 1
    lines[end:end] = missing
    for i in reversed(range(section.start + 1, end)):
        match = _LINE.fullmatch(lines[i])
        if match is None or match["key"] not in old:
            continue
        key = match["key"]
        if key not in new:
            del lines[i]
        elif new[key] != old[key]:
            lines[i] = match["before"] + value_text(new[key]) + match["after"]


def _last_line(lines: list[str], section: _Section) -> int:
    """The last line of a section that is not blank."""
    return max(i for i in range(section.start, section.end) if i == section.start or lines[i].strip())


def _checked(text: str, wanted: Mapping[str, Any]) -> str:
    """The text, or the table written afresh if the text does not read as the table."""
    try:
        return text if tomllib.loads(text) == wanted else written(wanted)
    except ValueError:
        return written(wanted)


def _entries(table: Mapping[str, Any]) -> list[Any]:
    chain = table.get("chain", [])
    if not isinstance(chain, list) or not all(isinstance(entry, dict) for entry in chain):
        raise InvalidInput("chain: must be a list of tables, each begun by [[chain]]")
    return chain


def _position(table: Mapping[str, Any], name: str) -> int:
    names, _ = entry_names(_entries(table))
    if name not in names:
        raise unknown_name(name, names, "component")
    return names.index(name)


def _belongs(mode: Any, name: str) -> bool:
    return isinstance(mode, str) and (mode == name or mode.startswith(f"{name}."))
