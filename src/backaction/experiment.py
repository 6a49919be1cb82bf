"""The experiment file: one beam through a chain of components, in TOML, read and checked.

Keys, units, defaults and ranges of a component are those of its dataclass (`backaction.systems`); this module only
knows how a file is laid out.  Every mistake of a file is found and told at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any, TypeVar

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.systems import Network
from backaction.systems.grammar import describe, quantities

from .chain import Outline, read_chain
from .settings import overridden
from .specs import (
    MOST_POINTS,
    REPORTS,
    TITLE,
    DetectorKind,
    DetectorSpec,
    ForceSpec,
    Reference,
    ReportSpec,
    Spacing,
    SpectrumSpec,
)
from .tables import Mistakes, as_table, check_keys, read_fields

__all__ = [
    "FORMAT",
    "MOST_POINTS",
    "DetectorKind",
    "DetectorSpec",
    "Experiment",
    "ForceSpec",
    "Reference",
    "Spacing",
    "SpectrumSpec",
    "load",
    "read",
]

FORMAT = 1
"""Version of the layout of the file and of what `run` returns."""

LARGEST_FILE = 2**24
"""Bytes of an experiment file beyond which it is taken for something else (a data file, a device)."""

Spec = TypeVar("Spec")


@dataclass(frozen=True)
class Experiment:
    """An experiment file, read and checked: the network, its detectors and what is asked."""

    network: Network
    detectors: tuple[Homodyne | Heterodyne, ...]
    pairs: tuple[tuple[str, str], ...] | None
    spectrum: SpectrumSpec | None
    force: ForceSpec | None
    title: str | None
    specs: tuple[DetectorSpec, ...] = ()
    """The detectors as the file has them: an angle that counts from the carrier follows the network's parameters."""


def load(path: str | Path, settings: Sequence[str] = ()) -> Experiment:
    """Read and check an experiment file.

    Parameters
    ----------
    path : str or Path
    settings : sequence of str
        "NAME.KEY=VALUE" that override the file (`override`).

    Raises
    ------
    InvalidInput
        The file cannot be read, or is wrong: one text with all mistakes.
    """
    mistakes = Mistakes()
    try:
        return _read(overridden(_parsed(path), settings, mistakes), mistakes)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None
    except RecursionError:
        raise InvalidInput(f"{path}: tables or lists are nested too deeply for an experiment") from None


def _parsed(path: str | Path) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror or error}") from None
    if len(content) > LARGEST_FILE:
        raise InvalidInput(f"larger than {LARGEST_FILE} bytes; an experiment file is a short text in TOML")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidInput("not a text in UTF-8; an experiment file is TOML") from None
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        raise InvalidInput(f"not valid TOML: {error}") from None


def read(table: Mapping[str, Any]) -> Experiment:
    """Check the table of an experiment file and build what it describes.

    Raises
    ------
    InvalidInput
        One text with all mistakes of the file.

    Examples
    --------
    >>> experiment = read({"chain": [{"component": "loss", "efficiency": 0.5}], "detector": [{"angle": "0 deg"}]})
    >>> experiment.network.names
    ('loss',)
    """
    return _read(table, Mistakes())


def _read(table: Mapping[str, Any], mistakes: Mistakes) -> Experiment:
    check_keys(table, ("format", "title", "chain", "detector", "report"), "the file", mistakes)
    if table.get("format", FORMAT) != FORMAT or isinstance(table.get("format", FORMAT), bool):
        mistakes.add("format", f"this version reads format {FORMAT}, the file has {table['format']!r}")
    try:
        TITLE.read(table.get("title", ""))
    except InvalidInput as error:
        mistakes.add("title", error)
    outline = read_chain(table.get("chain"), mistakes)
    specs = _read_detectors(table.get("detector", []), mistakes)
    report = table.get("report", {})
    asked = _read_spec(ReportSpec, report, "report", mistakes, tuple(REPORTS))
    report = report if isinstance(report, dict) else {}
    spectrum = _read_spec(SpectrumSpec, report.get("spectrum"), "report.spectrum", mistakes)
    force = _read_spec(ForceSpec, report.get("force"), "report.force", mistakes)
    pairs = tuple((a, b) for a, b in asked.pairs) if asked and asked.pairs is not None else None
    if not table.get("detector") and ("spectrum" in report or "force" in report):
        mistakes.add("report", "a spectrum or a force needs a [[detector]]: they are those of the first one")
    detectors: tuple[Homodyne | Heterodyne, ...] = ()
    if outline is not None:
        detectors = _place_detectors(specs, outline, mistakes)
        feels = report.get("force")
        _check_modes(outline, pairs, feels.get("mode") if isinstance(feels, dict) else None, mistakes)
    mistakes.report()
    assert outline is not None and outline.network is not None
    as_written = tuple(spec for _, spec in specs)
    return Experiment(outline.network, detectors, pairs, spectrum, force, table.get("title"), as_written)


def _read_detectors(entries: Any, mistakes: Mistakes) -> list[tuple[int, DetectorSpec]]:
    """The detectors with their numbers; wrong values are noted and replaced by their defaults."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        mistakes.add("detector", "must be a list of tables, each begun by [[detector]]")
        return []
    specs: list[tuple[int, DetectorSpec]] = []
    for i, entry in enumerate(entries):
        values = read_fields(DetectorSpec, entry, f"detector[{i}]", mistakes)
        if isinstance(entry.get("port", ""), str):
            specs.append((i, DetectorSpec(**values)))
    return specs


def _place_detectors(
    specs: Sequence[tuple[int, DetectorSpec]], outline: Outline, mistakes: Mistakes
) -> tuple[Homodyne | Heterodyne, ...]:
    placed: list[Homodyne | Heterodyne] = []
    taken: set[str] = set()
    ports = outline.ports
    for i, spec in specs:
        place = f"detector[{i}].port"
        if spec.port in taken:
            mistakes.add(place, f"the port {spec.port!r} has a detector already; it takes at most one")
        taken.add(spec.port)
        if spec.port not in ports:
            if not outline.may_have(spec.port):
                mistakes.add(place, unknown_name(spec.port, ports, "port"))
        elif outline.network is not None:
            try:
                placed.append(spec.detector(outline.network))
            except InvalidInput as error:
                mistakes.add(f"detector[{i}]", error)
    return tuple(placed)


def _read_spec(cls: type[Spec], entry: Any, place: str, mistakes: Mistakes, more: Sequence[str] = ()) -> Spec | None:
    """One table of declared fields; None if it is not there or wrong."""
    before = len(mistakes)
    table = None if entry is None else as_table(entry, place, mistakes)
    values = {} if table is None else read_fields(cls, table, place, mistakes, more)
    if table is None or not set(quantities(cls)) <= set(values):
        return None
    wrong = {key: field.metadata["kind"].stand_in for key, field in describe(cls).items() if field.default is MISSING}
    try:
        spec = cls(**(wrong | values))  # what contradicts each other is told even if something else is wrong
    except InvalidInput as error:
        mistakes.add(place, error)
    return spec if len(mistakes) == before else None


def _check_modes(outline: Outline, pairs: Sequence[tuple[str, str]] | None, force: Any, mistakes: Mistakes) -> None:
    modes = outline.modes
    for a, b in pairs or ():
        if a == b:
            mistakes.add("report.pairs", f"a pair needs two different modes, got {a!r} twice")
    for mode in dict.fromkeys(mode for pair in pairs or () for mode in pair):
        if mode not in modes and not outline.may_have(mode):
            mistakes.add("report.pairs", unknown_name(mode, modes, "mode"))
    if not isinstance(force, str) or outline.may_have(force):
        return
    linewidths = outline.linewidths
    if force not in linewidths:
        mistakes.add("report.force.mode", unknown_name(force, linewidths, "spin or mechanical mode"))
    elif not linewidths[force] > 0:
        mistakes.add("report.force.mode", f"{force!r} has no damping; the force is counted in units of √γ")
