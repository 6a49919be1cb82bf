"""The experiment file: one beam through a chain of components, in TOML, read and checked.

Keys, units, defaults and ranges of a component are those of its dataclass (`backaction.systems`); this module only
knows how a file is laid out.  Every mistake of a file is found and told at once.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name
from backaction.systems import Network
from backaction.systems.component import Component, alternative_mistake
from backaction.systems.fields import Choice, Quantity, Range, choice, describe, parameter, quantity
from backaction.systems.network import resolve_names
from backaction.systems.registry import COMPONENTS
from backaction.systems.sensing import oscillator
from backaction.systems.units import Unit, parse

from .settings import HALF_WIDTH, Mistakes, override

__all__ = [
    "FORMAT",
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

Spec = TypeVar("Spec", bound="SpectrumSpec")


class DetectorKind(Enum):
    """Homodyne: one quadrature. Heterodyne: both, each with half of the light and added vacuum."""

    HOMODYNE = "homodyne"
    HETERODYNE = "heterodyne"


class Reference(Enum):
    """What a detector's angle counts from: the quadratures of the port, or the carrier that arrives there."""

    INPUT = "input"
    CARRIER = "carrier"


class Spacing(Enum):
    """Spacing of a report's frequencies."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True, kw_only=True)
class DetectorSpec:
    """One `[[detector]]` of the file."""

    port: str = "out"
    kind: DetectorKind = choice(DetectorKind, "homodyne or heterodyne", DetectorKind.HOMODYNE)
    angle: float = quantity(Unit.ANGLE, Range.ANY, "detected quadrature; 0 is x, 90 deg is p", math.pi / 2)
    efficiency: float = quantity(Unit.NUMBER, Range.FRACTION, "detected power", 1.0)
    reference: Reference = choice(Reference, "what the angle counts from", Reference.INPUT)

    def detector(self, network: Network) -> Homodyne | Heterodyne:
        """The detector in the frame of the port's quadratures.

        Raises
        ------
        InvalidInput
            An unknown port, or a carrier that does not exist.
        """
        make = Homodyne if self.kind is DetectorKind.HOMODYNE else Heterodyne
        if self.port not in network.system.outputs:
            raise unknown_name(self.port, network.system.outputs, "port")
        detector = make(self.port, self.angle, self.efficiency)
        return network.in_carrier_frame(detector) if self.reference is Reference.CARRIER else detector


@dataclass(frozen=True, kw_only=True)
class SpectrumSpec:
    """`[report.spectrum]`: the frequencies at which the first detector's spectrum is computed."""

    start: float = quantity(Unit.FREQUENCY, Range.ANY, "first frequency")
    stop: float = quantity(Unit.FREQUENCY, Range.ANY, "last frequency, included")
    points: int = 0
    spacing: Spacing = choice(Spacing, "spacing of the frequencies", Spacing.LINEAR)

    @property
    def frequencies(self) -> FloatArray:
        """ω in rad/s, both ends included, shape (points,)."""
        grid = np.geomspace if self.spacing is Spacing.LOG else np.linspace
        return np.asarray(grid(self.start, self.stop, self.points))


@dataclass(frozen=True, kw_only=True)
class ForceSpec(SpectrumSpec):
    """`[report.force]`: the frequencies at which the force noise on a mode is computed."""

    mode: str = ""
    thermal: bool = False


@dataclass(frozen=True)
class Experiment:
    """An experiment file, read and checked: the network, its detectors and what is asked."""

    network: Network
    detectors: tuple[Homodyne | Heterodyne, ...]
    pairs: tuple[tuple[str, str], ...] | None
    spectrum: SpectrumSpec | None
    force: ForceSpec | None
    title: str | None


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
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not a text file in UTF-8; an experiment file is TOML") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is not valid TOML: {error}") from None
    try:
        return read(override(table, settings))
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None


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
    mistakes = Mistakes()
    _check_keys(table, ("format", "title", "chain", "detector", "report"), "the file", mistakes)
    if table.get("format", FORMAT) != FORMAT or isinstance(table.get("format", FORMAT), bool):
        mistakes.add("format", f"this version reads format {FORMAT}, the file has {table['format']!r}")
    if not isinstance(table.get("title", ""), str):
        mistakes.add("title", f"must be a text, got {table['title']!r}")
    network = _read_chain(table.get("chain"), mistakes)
    specs = _read_detectors(table.get("detector", []), mistakes)
    report = _table(table.get("report", {}), "report", mistakes)
    _check_keys(report, ("pairs", "spectrum", "force"), "report", mistakes)
    spectrum = _read_grid(SpectrumSpec, report, "spectrum", mistakes)
    force = _read_grid(ForceSpec, report, "force", mistakes)
    pairs = _read_pairs(report.get("pairs"), mistakes)
    if not table.get("detector") and ("spectrum" in report or "force" in report):
        mistakes.add("report", "a spectrum or a force needs a [[detector]]: they are those of the first one")
    detectors: tuple[Homodyne | Heterodyne, ...] = ()
    if network is not None:
        detectors = _place_detectors(specs, network, mistakes)
        _check_modes(network, pairs, force, mistakes)
    mistakes.report()
    assert network is not None
    return Experiment(network, detectors, pairs, spectrum, force, table.get("title"))


def _read_chain(chain: Any, mistakes: Mistakes) -> Network | None:
    if chain is None or chain == []:
        mistakes.add("chain", "there is no [[chain]]; a beam needs at least one component")
        return None
    if not isinstance(chain, list) or not all(isinstance(entry, dict) for entry in chain):
        mistakes.add("chain", "must be a list of tables, each begun by [[chain]]")
        return None
    named = []
    for entry in chain:
        name = entry.get("name")
        named.append((str(entry.get("component", "component")), name if isinstance(name, str) else None))
    names, clashes = resolve_names(named)
    for clash in clashes:
        mistakes.add("chain", clash)
    parts = [_read_component(entry, names[i], f"chain[{i}]", mistakes) for i, entry in enumerate(chain)]
    if clashes or any(part is None for part in parts):
        return None
    return Network(tuple(part for part in parts if part is not None))


def _read_component(entry: Mapping[str, Any], name: str, place: str, mistakes: Mistakes) -> Component | None:
    kind = entry.get("component")
    if kind not in COMPONENTS if isinstance(kind, str) else True:
        if isinstance(kind, str):
            mistakes.add(place, unknown_name(kind, COMPONENTS, "component"))
        else:
            mistakes.add(place, f"the key 'component' must be one of {', '.join(COMPONENTS)}; got {kind!r}")
        return None
    cls = COMPONENTS[str(kind)]
    place = f"{place} ({name})"
    given = entry.get("name")
    before = len(mistakes)
    if given is not None and not isinstance(given, str):
        mistakes.add(f"{place}.name", f"must be a text, got {given!r}")
    values = _read_fields(cls, entry, place, mistakes, ("component", "name"))
    for options in cls.alternatives:
        keys = [key for option in options for key in option]
        complaint = alternative_mistake(options, [key for key in keys if key in entry])
        if complaint:
            mistakes.add(place, complaint)
    if len(mistakes) > before:
        return None
    try:
        return cls(name=given, **values)
    except InvalidInput as error:
        mistakes.add(place, error)
        return None


def _read_fields(
    cls: type, entry: Mapping[str, Any], place: str, mistakes: Mistakes, more: Sequence[str] = ()
) -> dict[str, Any]:
    """The values of a dataclass's declared fields from a table; every problem goes to `mistakes`."""
    known = describe(cls)
    halves = {f"{key}{HALF_WIDTH}": key for key in known if key.endswith("linewidth")}
    _check_keys(entry, (*more, *known, *halves), place, mistakes)
    values: dict[str, Any] = {}
    for key, field in known.items():
        half = f"{key}{HALF_WIDTH}"
        if half in halves and key in entry and half in entry:
            mistakes.add(place, f"give {key} or {half}, not both")
            continue
        used = half if half in halves and half in entry else key
        if used not in entry:
            if field.default is MISSING:
                also = f" (or {half})" if half in halves else ""
                mistakes.add(place, f"the key {key!r}{also} is missing")
            continue
        try:
            value = _read_value(entry[used], field.metadata["kind"], used)
            values[key] = 2 * value if used == half else value
        except InvalidInput as error:
            mistakes.add(f"{place}.{used}", error)
    return values


def _read_value(raw: Any, kind: Quantity | Choice, key: str) -> Any:
    if isinstance(kind, Choice):
        options = [option.value for option in kind.options]
        if not isinstance(raw, str) or raw not in options:
            near = unknown_name(str(raw), options, "choice") if isinstance(raw, str) else f"got {raw!r}"
            raise InvalidInput(f"must be one of {', '.join(map(repr, options))}; {near}")
        return kind.options(raw)
    value = parse(raw, kind.unit)
    try:
        return parameter(value, kind, key)
    except InvalidInput:
        raise InvalidInput(f"must be {kind.range.value}, got {raw!r}") from None


def _read_detectors(entries: Any, mistakes: Mistakes) -> list[tuple[int, DetectorSpec]]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        mistakes.add("detector", "must be a list of tables, each begun by [[detector]]")
        return []
    specs = []
    for i, entry in enumerate(entries):
        before = len(mistakes)
        values = _read_fields(DetectorSpec, entry, f"detector[{i}]", mistakes, ("port",))
        port = entry.get("port", "out")
        if not isinstance(port, str):
            mistakes.add(f"detector[{i}].port", f"must be a text, got {port!r}")
        if len(mistakes) == before:
            specs.append((i, DetectorSpec(port=port, **values)))
    return specs


def _place_detectors(
    specs: Sequence[tuple[int, DetectorSpec]], network: Network, mistakes: Mistakes
) -> tuple[Homodyne | Heterodyne, ...]:
    placed: list[Homodyne | Heterodyne] = []
    taken: set[str] = set()
    for i, spec in specs:
        if spec.port in taken:
            mistakes.add(f"detector[{i}].port", f"the port {spec.port!r} has a detector already; it takes at most one")
        taken.add(spec.port)
        try:
            placed.append(spec.detector(network))
        except InvalidInput as error:
            mistakes.add(f"detector[{i}]", error)
    return tuple(placed)


def _read_grid(cls: type[Spec], report: Mapping[str, Any], key: str, mistakes: Mistakes) -> Spec | None:
    if key not in report:
        return None
    place = f"report.{key}"
    before = len(mistakes)
    entry = _table(report[key], place, mistakes)
    force = issubclass(cls, ForceSpec)
    values = _read_fields(cls, entry, place, mistakes, ("points", "mode", "thermal") if force else ("points",))
    values["points"] = entry.get("points")
    if "points" not in entry:
        mistakes.add(place, "the key 'points' is missing")
    elif isinstance(values["points"], bool) or not isinstance(values["points"], int) or values["points"] < 1:
        mistakes.add(f"{place}.points", f"must be a whole number, 1 or greater, got {entry['points']!r}")
    if force:
        values |= {"mode": entry.get("mode"), "thermal": entry.get("thermal", False)}
        if not isinstance(values["mode"], str):
            mistakes.add(place, "the key 'mode' is missing: name the spin or mechanical mode that feels the force")
        if not isinstance(values["thermal"], bool):
            mistakes.add(f"{place}.thermal", f"must be true or false, got {entry['thermal']!r}")
    if len(mistakes) > before:
        return None
    spec = cls(**values)
    if spec.spacing is Spacing.LOG and not (spec.start > 0 and spec.stop > 0):
        mistakes.add(place, "logarithmic spacing needs start and stop greater than 0")
    if spec.start > spec.stop:
        mistakes.add(place, f"start ({entry['start']}) lies above stop ({entry['stop']})")
    return spec


def _read_pairs(pairs: Any, mistakes: Mistakes) -> tuple[tuple[str, str], ...] | None:
    if pairs is None:
        return None
    good = isinstance(pairs, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(mode, str) for mode in pair) for pair in pairs
    )
    if not good:
        mistakes.add("report.pairs", f'must be a list of pairs of modes, [["spin", "membrane"]]; got {pairs!r}')
        return None
    for a, b in pairs:
        if a == b:
            mistakes.add("report.pairs", f"a pair needs two different modes, got {a!r} twice")
    return tuple((a, b) for a, b in pairs)


def _check_modes(
    network: Network, pairs: tuple[tuple[str, str], ...] | None, force: ForceSpec | None, mistakes: Mistakes
) -> None:
    modes = network.system.modes
    for mode in dict.fromkeys(mode for pair in pairs or () for mode in pair):
        if mode not in modes:
            mistakes.add("report.pairs", unknown_name(mode, modes, "mode"))
    if force is not None:
        try:
            _, linewidth = oscillator(network, force.mode)
        except InvalidInput as error:
            mistakes.add("report.force.mode", error)
            return
        if np.any(np.asarray(linewidth) <= 0):
            mistakes.add("report.force.mode", f"{force.mode!r} has no damping; the force is counted in units of √γ")


def _check_keys(table: Mapping[str, Any], known: Sequence[str], place: str, mistakes: Mistakes) -> None:
    for key in table:
        if key not in known:
            mistakes.add(place, unknown_name(str(key), known, "key"))


def _table(value: Any, place: str, mistakes: Mistakes) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    mistakes.add(place, f"must be a table, begun by [{place}]; got {value!r}")
    return {}
