"""A published number: its value, its unit, its error bar and where it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backaction.gaussian.errors import InvalidInput

__all__ = ["Published"]

HERTZ = {"mHz": 1e-3, "Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}


@dataclass(frozen=True)
class Published:
    """A number as a paper gives it, or as it was inferred from what the paper gives.

    Parameters
    ----------
    value : float
        The number in the stated unit.
    unit : str
        "kHz", "K", …; "1" for a pure number. Where the paper prints 2π × 5 Hz, the value is 5, the unit "Hz".
    source : str
        Where it stands: paper, table, section or equation number.
    uncertainty : float, optional
        The printed error bar (one standard error) in the same unit; None where the paper prints none.
    note : str, optional
        What a reader must know: convention, rounding, or that the number is inferred and how.

    Examples
    --------
    >>> cooperativity = Published(2.5, "1", "main text, p. 3", uncertainty=0.3)
    >>> float(cooperativity)
    2.5
    >>> round(Published(1.28, "MHz", "Table I").angular)
    8042477
    """

    value: float
    unit: str
    source: str
    uncertainty: float | None = None
    note: str = ""

    @property
    def angular(self) -> float:
        """The value in rad/s, for a number printed in Hz, kHz, …: 2π times the frequency.

        Raises
        ------
        InvalidInput
            The unit is not one of frequency.
        """
        if self.unit not in HERTZ:
            raise InvalidInput(f"{self.value} {self.unit} ({self.source}) is not a frequency: it has no rad/s")
        return 2 * math.pi * HERTZ[self.unit] * self.value

    def __float__(self) -> float:
        """Return the bare value."""
        return float(self.value)
