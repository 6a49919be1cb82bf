"""What an experiment file asks for: detectors, and the frequencies of its reports.

Keys, units, defaults and ranges are the metadata of the fields, as in the components (`backaction.systems.fields`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from backaction.gaussian import Heterodyne, Homodyne
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name
from backaction.systems import Network
from backaction.systems.fields import Range, choice, quantity
from backaction.systems.units import Unit

__all__ = ["MOST_POINTS", "DetectorKind", "DetectorSpec", "ForceSpec", "Reference", "Spacing", "SpectrumSpec"]

MOST_POINTS = 1_000_000
"""Points of a report's grid beyond which the result is no file that anyone can use."""


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
