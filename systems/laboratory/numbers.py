"""Checking and returning laboratory numbers: one value or an array of them, the same everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.systems.grammar import Parameter, Quantity, Range, Unit
from backaction.systems.grammar.fields import parameter

__all__ = ["checked", "plain"]


def checked(value: Any, range: Range, what: str) -> Parameter:
    """The value, a number or an array, if it lies in the range.

    Raises
    ------
    InvalidInput
        It does not, or is no number.

    Examples
    --------
    >>> checked(-1.7e-3, Range.NONNEGATIVE, "power (W)")
    Traceback (most recent call last):
    ...
    backaction.gaussian.errors.InvalidInput: power (W) must be 0 or greater, got -0.0017
    """
    return parameter(value, Quantity(Unit.NUMBER, range), what)


def plain(value: Any) -> Parameter:
    """A float for a result without axes, else the array."""
    array = np.asarray(value, dtype=np.float64)
    return float(array) if array.ndim == 0 else array
