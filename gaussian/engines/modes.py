"""The smallest normal mode of many pairs of modes: the closed form of `two_modes`, compiled."""

from __future__ import annotations

import math
import sys
from functools import cache
from types import FunctionType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..arrays import FloatArray
from . import two_modes
from .compilation import LANES, compiled

__all__ = ["lowest_modes"]


def lowest_modes(
    covariance: FloatArray, first: float, second: float
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """ν, growth and reliability of covariances of shape (N, 4, 4), as `two_modes.lowest_mode` has them.

    Examples
    --------
    >>> lowest_modes(np.diag([2.0, 2.0, 3.0, 3.0])[None], 1.0, -1.0)[0]
    array([2.])
    """
    count = len(covariance)
    values, growth, good = np.empty(count), np.empty(count), np.empty(count, dtype=np.bool_)
    with np.errstate(all="ignore"):
        lowest_mode_loop(covariance, first, second, values, growth, good)
    return values, growth, good


@cache
def inlined(formula: FunctionType) -> Any:
    """A plain function of numbers compiled, with those that it calls, as a part of the loop that calls it."""
    try:
        import numba
    except ImportError:
        return formula
    known = dict(vars(sys.modules[formula.__module__]))
    for name in formula.__code__.co_names:
        called = known.get(name)
        if isinstance(called, FunctionType):
            known[name] = inlined(called)
    copy = FunctionType(formula.__code__, known, formula.__name__)
    return cast(Any, numba).njit(error_model="numpy", forceinline=True)(copy)


formula, sqrt = inlined(cast(FunctionType, two_modes.lowest_mode)), math.sqrt

ROWS, COLUMNS = (0, 0, 1, 0, 0, 1, 1, 2, 2, 3), (0, 1, 1, 2, 3, 2, 3, 2, 3, 3)
"""Where the ten numbers of the formula stand."""


@compiled
def lowest_mode_loop(
    covariance: FloatArray, first: float, second: float, values: FloatArray, growth: FloatArray, good: Any
) -> None:
    """A group of lanes after the other: entry by entry next to each other, the formula becomes vector instructions."""
    x = np.empty((10, LANES))
    last = len(covariance)
    for start in range(0, last, LANES):
        count = min(LANES, last - start)
        for lane in range(count):
            for entry in range(10):
                x[entry, lane] = covariance[start + lane, ROWS[entry], COLUMNS[entry]]
        for lane in range(count):
            n = start + lane
            first_mode, correlations = (
                (x[0, lane], x[1, lane], x[2, lane]),
                (x[3, lane], x[4, lane], x[5, lane], x[6, lane]),
            )
            entries = first_mode + correlations + (x[7, lane], x[8, lane], x[9, lane])
            values[n], growth[n], good[n] = formula(entries, first, second, sqrt)
