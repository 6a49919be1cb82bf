"""What an experiment file asks for: detectors, and the frequencies of its reports.

Keys, units, defaults and ranges are the metadata of the fields, as in the components (`backaction.systems.grammar`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from backaction import systems
from backaction.gaussian import Heterodyne, Homodyne, InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name
from backaction.systems import Network
from backaction.systems.detectors import Placement, Reference
from backaction.systems.grammar import Range, Unit, choice, field_of, hertz, keys, quantity
from backaction.systems.grammar.addresses import detector_address, detector_number, split_address
from backaction.systems.grammar.fields import flag, pairs, refuse, settle, text, whole
from backaction.systems.grammar.grids import spaced
from backaction.systems.grammar.units import Hz

__all__ = [
    "MOST_POINTS",
    "REPORTS",
    "TITLE",
    "DetectorKind",
    "DetectorSpec",
    "ForceSpec",
    "Reference",
    "ReportSpec",
    "Spacing",
    "SpectrumSpec",
    "tables",
    "with_values",
]

MOST_POINTS = 1_000_000
"""Points of a report's grid beyond which the result is no file that anyone can use."""


class DetectorKind(Enum):
    """Homodyne: one quadrature. Heterodyne: both, each with half of the light and added vacuum."""

    HOMODYNE = "homodyne"
    HETERODYNE = "heterodyne"


class Spacing(Enum):
    """Spacing of a report's frequencies."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True, kw_only=True)
class DetectorSpec(Placement):
    """One `[[detector]]` of the file."""

    kind: DetectorKind = choice(DetectorKind, "homodyne or heterodyne", DetectorKind.HOMODYNE)

    def __post_init__(self) -> None:
        refuse(settle(self))

    @classmethod
    def of(cls, detector: DetectorSpec | Homodyne | Heterodyne) -> DetectorSpec:
        """The entry of a file that is this detector, of `backaction.systems` or of `backaction.gaussian`."""
        if isinstance(detector, DetectorSpec):
            return detector
        if not isinstance(detector, Homodyne | Heterodyne):
            raise InvalidInput(f"a detector is a Homodyne, a Heterodyne or a DetectorSpec, got {detector!r}")
        kind = DetectorKind.HETERODYNE if isinstance(detector, Heterodyne) else DetectorKind.HOMODYNE
        reference = getattr(detector, "reference", Reference.INPUT)
        angle, efficiency = np.asarray(detector.angle), np.asarray(detector.efficiency)
        return cls(port=detector.port, angle=angle, efficiency=efficiency, reference=reference, kind=kind)

    def detector(self, network: Network) -> Homodyne | Heterodyne:
        """The detector in the frame of the port's quadratures.

        Raises
        ------
        InvalidInput
            An unknown port, or a carrier that does not exist.
        """
        make = systems.Homodyne if self.kind is DetectorKind.HOMODYNE else systems.Heterodyne
        return network.placed(make(self.port, np.asarray(self.angle), self.efficiency, self.reference))


@dataclass(frozen=True, kw_only=True)
class SpectrumSpec:
    """`[report.spectrum]`: the frequencies at which the first detector's spectrum is computed."""

    start: float = quantity(Unit.FREQUENCY, Range.ANY, "first frequency")
    stop: float = quantity(Unit.FREQUENCY, Range.ANY, "last frequency, included")
    points: int = field_of(whole(1, MOST_POINTS, "frequencies, both ends included"))
    spacing: Spacing = choice(Spacing, "spacing of the frequencies", Spacing.LINEAR)

    def __post_init__(self) -> None:
        refuse(settle(self))
        if self.spacing is Spacing.LOG and not (self.start > 0 and self.stop > 0):
            raise InvalidInput("logarithmic spacing needs start and stop greater than 0")
        if self.start > self.stop:
            start, stop = map(Unit.FREQUENCY.write, (self.start, self.stop))
            raise InvalidInput(f"start ({start}) lies above stop ({stop})")

    @property
    def frequencies(self) -> FloatArray:
        """ω in rad/s, both ends included, shape (points,)."""
        ends = hertz([self.start, self.stop])
        return Hz * spaced(float(ends[0]), float(ends[1]), self.points, self.spacing is Spacing.LOG)


@dataclass(frozen=True, kw_only=True)
class ForceSpec(SpectrumSpec):
    """`[report.force]`: the frequencies at which the force noise on a mode is computed."""

    mode: str = field_of(text("the name of a mode", "the spin or mechanical mode that feels the force"))
    thermal: bool = field_of(flag("count the noise of its own bath too"), False)


@dataclass(frozen=True, kw_only=True)
class ReportSpec:
    """`[report]` without its tables."""

    pairs: Sequence[tuple[str, str]] | None = field_of(pairs("of modes, for the criteria"), None)

    def __post_init__(self) -> None:
        refuse(settle(self))


TITLE = text("a text without the character NUL, which no netCDF file holds", "of the experiment")
"""What a title may be."""

REPORTS: dict[str, type[SpectrumSpec]] = {"spectrum": SpectrumSpec, "force": ForceSpec}
"""The tables `[report.NAME]`."""


def tables(network: Network, detectors: Sequence[DetectorSpec]) -> dict[str, type]:
    """What declares the tables that an address can name: components by name, detectors by number."""
    parts = zip(network.names, network.components, strict=True)
    return {name: type(part) for name, part in parts} | {
        detector_address(i): DetectorSpec for i in range(len(detectors))
    }


def with_values(
    network: Network, detectors: Sequence[DetectorSpec], values: Mapping[str, Any]
) -> tuple[Network, list[DetectorSpec]]:
    """The network and the detectors with other values, numbers or arrays, by address.

    Raises
    ------
    InvalidInput
        An address that is not there, or a value out of its range.
    """
    specs, parameters = list(detectors), {}
    for address, value in values.items():
        table, key = split_address(address)
        number = detector_number(table)
        if number is None:
            parameters[address] = value
            continue
        if not (0 <= number < len(specs) and key in keys(DetectorSpec)):
            known = [f"{detector_address(i)}.{key}" for i in range(len(specs)) for key in keys(DetectorSpec)]
            raise unknown_name(address, known, "detector parameter")
        changed: dict[str, Any] = {key: value}
        specs[number] = dataclasses.replace(specs[number], **changed)
    return network.with_parameters(parameters), specs
