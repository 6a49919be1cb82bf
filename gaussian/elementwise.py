"""Formulas of the ten entries of a covariance of two modes: evaluated for few states by floats, for many by arrays.

A formula is a function of numbers that uses arithmetic only, such as `backaction.gaussian.engines.two_modes`. A few
states cost least in plain Python, many in arrays short enough to stay in the cache from one operation to the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray

__all__ = ["ENTRIES", "evaluated"]

ENTRIES = ((0, 0), (0, 1), (1, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3))
"""Where a formula's ten numbers stand in V: the block of the first mode, the correlations, the block of the second."""

FEW = 12
"""States up to which floats, one state after the other, cost less than the calls of arrays (measured)."""

CHUNK = 4096
"""States done at a time: 32 KiB a number, and long enough for the arithmetic to outweigh the calls (measured)."""


def evaluated(formula: Callable[..., tuple[Any, ...]], covariance: FloatArray, *numbers: float) -> list[NDArray[Any]]:
    """What a formula (ten entries, *numbers, square root) says of covariances (…, 4, 4), each part of shape (…).

    What is not defined is NaN, or False.

    Examples
    --------
    >>> def variances(entries, factor, sqrt):
    ...     a, b, c, p, q, r, s, d, e, f = entries
    ...     return factor * (a + c), a + c > d + f
    >>> evaluated(variances, np.diag([1.0, 2.0, 3.0, 4.0]), 0.5)
    [array(1.5), array(False)]
    """
    batch = covariance.shape[:-2]
    lanes = covariance.reshape(-1, 4, 4)
    if 0 < len(lanes) <= FEW:
        try:
            one_by_one = [formula([v[i][j] for i, j in ENTRIES], *numbers, math.sqrt) for v in lanes.tolist()]
            return [np.array(part).reshape(batch) for part in zip(*one_by_one, strict=True)]
        except (ValueError, ZeroDivisionError):  # arrays say NaN or infinity by themselves
            pass
    found: list[NDArray[Any]] = []
    with np.errstate(all="ignore"):
        for start in range(0, max(len(lanes), 1), CHUNK):
            some = lanes[start : start + CHUNK]
            parts = formula([some[:, i, j].copy() for i, j in ENTRIES], *numbers, np.sqrt)
            if not start:
                found = [np.empty(len(lanes), dtype=part.dtype) for part in parts]
            for whole, part in zip(found, parts, strict=True):
                whole[start : start + CHUNK] = part
    return [whole.reshape(batch) for whole in found]
