"""Detectors with the outside's words: an angle with its unit, and what it counts from.

They are the detectors of `backaction.gaussian`, so every function there takes them, as long as the angle counts from
the quadratures of the port.  What counts from the carrier needs a network, which alone knows it: `Network.placed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from backaction import gaussian
from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray

from .grammar import Parameter, Range, Unit, choice, field_of, quantity
from .grammar.fields import refuse, settle, text

__all__ = ["Heterodyne", "Homodyne", "Placement", "Reference"]


class Reference(Enum):
    """What a detector's angle counts from: the quadratures of the port, or the carrier that arrives there."""

    INPUT = "input"
    CARRIER = "carrier"


@dataclass(frozen=True, eq=False)
class Placement:
    """What every detector is told: where it stands, what it sees."""

    port: str = field_of(text("a text", "where it stands; a port takes one detector"), "out")
    angle: Parameter = quantity(Unit.ANGLE, Range.ANY, "detected quadrature; 0 is x, 90 deg is p", math.pi / 2)
    efficiency: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "detected power", 1.0)
    reference: Reference = choice(Reference, "what the angle counts from", Reference.INPUT)

    def __post_init__(self) -> None:
        refuse(settle(self), "detector")
        super().__post_init__()  # type: ignore[misc]  # of the detector of `gaussian`

    @property
    def rows(self) -> FloatArray:
        """G of the detector of `backaction.gaussian`, refused where the angle counts from the carrier."""
        if self.reference is Reference.CARRIER:
            raise InvalidInput(
                f"the angle of the detector at {self.port!r} counts from the carrier, which only a network knows; give "
                "network.placed(detector)"
            )
        return super().rows  # type: ignore[misc,no-any-return]


@dataclass(frozen=True, eq=False)
class Homodyne(Placement, gaussian.Homodyne):
    """Homodyne detection of cos θ x + sin θ p: `backaction.gaussian.Homodyne` with texts, and with a reference.

    Parameters
    ----------
    port : str
        Output of the network.
    angle : float, array or text
        θ; a number in rad, or "90 deg". 0 is x, 90° (the default) is p.
    efficiency : float or array
        η in [0, 1].
    reference : Reference or text
        What θ counts from: "input" (the default), the quadratures of the port; "carrier".

    Examples
    --------
    >>> Homodyne(angle="0°", efficiency=0.64).rows
    array([[0.8, 0. ]])
    """


@dataclass(frozen=True, eq=False)
class Heterodyne(Placement, gaussian.Heterodyne):
    """Heterodyne detection: `backaction.gaussian.Heterodyne` with texts, and with a reference.

    Parameters
    ----------
    port, angle, efficiency, reference
        As for `Homodyne`.
    """
