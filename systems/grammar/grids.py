"""Grids: numbers between two ends, spaced as a file or an axis asks, without the rounding of the steps."""

from __future__ import annotations

import math

import numpy as np

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray

from .units import DIGITS, significant

__all__ = ["spaced"]


def spaced(start: float, stop: float, points: int, log: bool = False) -> FloatArray:
    """Numbers from start to stop, both included, in equal steps or by equal factors, shape (points,).

    They are rounded to the decimal digits that a double holds for certain: 0.3, not 0.30000000000000004.

    Raises
    ------
    InvalidInput
        Equal factors between ends of different signs, or from 0.

    Examples
    --------
    >>> spaced(0.1, 0.5, 5).tolist(), spaced(1.0, 1000.0, 4, log=True).tolist()
    ([0.1, 0.2, 0.3, 0.4, 0.5], [1.0, 10.0, 100.0, 1000.0])
    """
    if log:
        if not start * math.copysign(1.0, stop) > 0 or not stop * math.copysign(1.0, start) > 0:
            raise InvalidInput("logarithmic spacing needs START and STOP of one sign, neither of them 0")
        grid = significant(np.geomspace(start, stop, points))
    else:
        largest = max(abs(start), abs(stop))
        places = DIGITS - 1 - math.floor(math.log10(largest)) if largest else 0
        plain = np.linspace(start, stop, points)
        grid = np.round(plain, places) + 0.0 if abs(places) <= 300 else plain
    grid[-1] = stop
    grid[0] = start
    return grid
