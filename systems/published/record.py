"""A published number: its value, its unit, its error bar and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Published"]


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
    """

    value: float
    unit: str
    source: str
    uncertainty: float | None = None
    note: str = ""

    def __float__(self) -> float:
        """Return the bare value."""
        return float(self.value)
