"""The residual of Lyapunov equations in about 75 bits, and the size of a step, `LANES` systems at a time.

See `backaction.gaussian.split_product`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import FloatArray
from ..rounding import SHARE
from ..split_product import EXPONENT
from .compilation import LANES, compiled
from .lanes import LEADING, TINY

__all__ = ["disturbance", "product", "relative", "residual", "split_covariance"]


@compiled
def split_covariance(
    solution: FloatArray, scale: FloatArray, leading: FloatArray, rest: FloatArray, largest: FloatArray
) -> None:
    """V of m entries in units of powers of two near √V_ii, as leading parts (n, n, LANES) and rests."""
    size = len(scale)
    place = 0
    for i in range(size):
        for lane in range(LANES):
            scale[i, lane] = math.sqrt(abs(solution[place, lane]))
        place += size - i
    bits = scale.view(np.int64)
    for i in range(size):
        for lane in range(LANES):
            bits[i, lane] &= EXPONENT
        for lane in range(LANES):
            scale[i, lane] = scale[i, lane] if scale[i, lane] > 0.0 else 1.0
    for lane in range(LANES):
        largest[lane] = 0.0
    place = 0
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                scaled = solution[place, lane] / (scale[i, lane] * scale[j, lane])
                rest[i, j, lane] = scaled
                largest[lane] = max(largest[lane], abs(scaled))
            place += 1
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                anchor = LEADING * largest[lane]
                scaled = rest[i, j, lane]
                cut = (scaled + anchor) - anchor
                leading[i, j, lane], rest[i, j, lane] = cut, scaled - cut
                leading[j, i, lane], rest[j, i, lane] = cut, scaled - cut


@compiled
def product(
    drift: FloatArray,
    entries: Any,
    scale: FloatArray,
    leading: FloatArray,
    rest: FloatArray,
    parts: FloatArray,
    bound: FloatArray,
    moved: FloatArray,
    lost: FloatArray,
) -> None:
    """A V, scaled, as an exact leading part and a rest: see `backaction.gaussian.split_product`."""
    size = len(scale)
    cut = np.empty(LANES)
    bound[:] = 0.0
    moved[:] = 0.0
    lost[:] = 0.0
    for entry in range(len(entries)):
        i, k = entries[entry] // size, entries[entry] % size
        for lane in range(LANES):
            scaled = drift[entry, lane] * (scale[k, lane] / scale[i, lane])
            parts[entry, lane] = scaled
            bound[i, lane] += abs(scaled)
    for entry in range(len(entries)):
        i, k = entries[entry] // size, entries[entry] % size
        for lane in range(LANES):
            anchor = LEADING * bound[i, lane]
            cut[lane] = (parts[entry, lane] + anchor) - anchor
            parts[entry, lane] -= cut[lane]
        for j in range(size):
            for lane in range(LANES):
                v, rest_v = leading[k, j, lane], rest[k, j, lane]
                moved[i, j, lane] += cut[lane] * v
                lost[i, j, lane] += cut[lane] * rest_v + parts[entry, lane] * (v + rest_v)


@compiled
def residual(
    diffusion: FloatArray, scale: FloatArray, moved: FloatArray, lost: FloatArray, right: Any, work: FloatArray
) -> None:
    """A V + V Aᵀ + D as a right side, from the scaled product A V."""
    size = len(scale)
    place = 0
    for i in range(size):
        for j in range(i, size):
            slot = right[place]
            factor = -0.5 if i == j else -1.0
            for lane in range(LANES):
                square = scale[i, lane] * scale[j, lane]
                x, y = moved[i, j, lane], moved[j, i, lane]
                first = x + y
                part = first - x
                error = (x - (first - part)) + (y - part)
                y = diffusion[place, lane] / square
                total = first + y
                part = total - first
                error += (first - (total - part)) + (y - part)
                work[slot, lane] = factor * square * (total + (error + (lost[i, j, lane] + lost[j, i, lane])))
            place += 1


@compiled
def disturbance(
    drift: FloatArray,
    entries: Any,
    covariance: FloatArray,
    process: FloatArray,
    moved: FloatArray,
    right: Any,
    work: FloatArray,
) -> None:
    """What rounding of A and D changes of the equations at most, as a right side: `backaction.gaussian.rounding`."""
    size = len(process)
    for i in range(size):
        for j in range(size):
            for lane in range(LANES):
                moved[i, j, lane] = process[i, lane] * process[j, lane]
    for entry in range(len(entries)):
        i, k = entries[entry] // size, entries[entry] % size
        for j in range(size):
            for lane in range(LANES):
                moved[i, j, lane] += abs(drift[entry, lane] * covariance[k, j, lane])
    place = 0
    for i in range(size):
        for j in range(i, size):
            factor = -0.5 * SHARE if i == j else -SHARE
            for lane in range(LANES):
                work[right[place], lane] = factor * (moved[i, j, lane] + moved[j, i, lane])
            place += 1


@compiled
def relative(change: FloatArray, solution: FloatArray, scale: FloatArray, step: FloatArray) -> None:
    """max |δV_ij|/√(V_ii V_jj) of each lane; `scale` is overwritten."""
    size = len(scale)
    place = 0
    for i in range(size):
        for lane in range(LANES):
            scale[i, lane] = 1.0 / math.sqrt(max(abs(solution[place, lane]), TINY))
        place += size - i
    for lane in range(LANES):
        step[lane] = 0.0
    place = 0
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                ratio = abs(change[place, lane]) * (scale[i, lane] * scale[j, lane])
                # a comparison with NaN is false: what is no number must not look small
                step[lane] = step[lane] if ratio <= step[lane] else ratio
            place += 1
