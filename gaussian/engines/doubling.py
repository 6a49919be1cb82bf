"""The doubling of filters (`backaction.gaussian.doubling`) for `LANES` small problems at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import FloatArray
from ..doubling import BESIDE, DOUBLINGS, SLOWEST, VANISHED
from .compilation import LANES, compiled
from .elimination import eliminate, factorise

__all__ = ["begin", "stationary"]

PRESENT = 4e-15
"""Pivot of a positive matrix, relative to its diagonal, below which a direction is rounding: it has no information."""


@compiled
def product(left: FloatArray, right: FloatArray, answer: FloatArray) -> None:
    """Left times right, (n, n, LANES) each."""
    size = left.shape[0]
    for i in range(size):
        for j in range(size):
            for lane in range(LANES):
                answer[i, j, lane] = left[i, 0, lane] * right[0, j, lane]
            for k in range(1, size):
                for lane in range(LANES):
                    answer[i, j, lane] += left[i, k, lane] * right[k, j, lane]


@compiled
def add_square(left: FloatArray, right: FloatArray, sign: float, answer: FloatArray) -> None:
    """Add sign × leftᵀ right, which is known to be symmetric, to a symmetric matrix."""
    size = left.shape[0]
    for i in range(size):
        for j in range(i, size):
            for k in range(size):
                for lane in range(LANES):
                    answer[i, j, lane] += sign * (left[k, i, lane] * right[k, j, lane])
            if j > i:
                for lane in range(LANES):
                    answer[j, i, lane] = answer[i, j, lane]


@compiled
def root(matrix: FloatArray, least: float, lower: FloatArray, inverse: FloatArray) -> None:
    """Cholesky's factor of positive matrices, and the inverses of its diagonal; 0 for pivots below `least`."""
    size = matrix.shape[0]
    for i in range(size):
        for j in range(i + 1):
            for lane in range(LANES):
                lower[i, j, lane] = matrix[i, j, lane]
    for column in range(size):
        for lane in range(LANES):
            pivot = lower[column, column, lane]
            there = pivot > least * matrix[column, column, lane]
            size_of = math.sqrt(pivot if there else 1.0)
            inverse[column, lane] = 1.0 / size_of if there else 0.0
            lower[column, column, lane] = size_of if there else 0.0
        for row in range(column + 1, size):
            for lane in range(LANES):
                lower[row, column, lane] *= inverse[column, lane]
        for row in range(column + 1, size):
            for k in range(column + 1, row + 1):
                for lane in range(LANES):
                    lower[row, k, lane] -= lower[row, column, lane] * lower[k, column, lane]


@compiled
def begin(
    drift: FloatArray,
    source: FloatArray,
    told: FloatArray,
    order: Any,
    filled: Any,
    inverse: FloatArray,
    moved: FloatArray,
    spare: FloatArray,
    forward: FloatArray,
    known: FloatArray,
    spread: FloatArray,
    unit: FloatArray,
) -> None:
    """Cayley's transformation of lanes whose noises are their own; `source` and `told` are put into common units."""
    size = drift.shape[0]
    slow, fast, noise, seen = np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty(LANES)
    slow[:] = math.inf
    fast[:] = 0.0
    noise[:] = 0.0
    seen[:] = 0.0
    for i in range(size):
        for lane in range(LANES):
            rate, first, second = 0.0, 0.0, 0.0
            for k in range(size):
                rate += abs(drift[i, k, lane])
                first += abs(source[i, k, lane])
                second += abs(told[i, k, lane])
            slow[lane], fast[lane] = min(slow[lane], rate), max(fast[lane], rate)
            noise[lane], seen[lane] = max(noise[lane], first), max(seen[lane], second)
    for lane in range(LANES):
        both = noise[lane] > 0.0 and seen[lane] > 0.0
        unit[lane] = math.sqrt(noise[lane] / seen[lane]) if both else 1.0
        rate = max(BESIDE * slow[lane], SLOWEST * (fast[lane] + math.sqrt(noise[lane] * seen[lane])))
        slow[lane] = rate if rate > 0.0 else 1.0
    for i in range(size):
        for k in range(size):
            for lane in range(LANES):
                source[i, k, lane] /= unit[lane]
                told[i, k, lane] *= unit[lane]
                spare[i, k, lane] = drift[i, k, lane] - (slow[lane] if i == k else 0.0)
                inverse[i, k, lane] = 1.0 if i == k else 0.0
    forward[:] = spare
    factorise(spare, order, filled)
    eliminate(spare, order, filled, inverse)
    product(inverse, source, moved)
    for i in range(size):
        for j in range(size):
            for k in range(size):
                for lane in range(LANES):
                    forward[i, j, lane] += moved[k, i, lane] * told[k, j, lane]
    factorise(forward, order, filled)
    for i in range(size):
        for j in range(size):
            for lane in range(LANES):
                spare[i, j, lane] = 2.0 * slow[lane] if i == j else 0.0
    eliminate(forward, order, filled, spare)  # Φ − 1
    product(told, spare, forward)
    known[:] = 0.0
    spread[:] = 0.0
    for i in range(size):
        for j in range(size):
            for k in range(size):
                for lane in range(LANES):
                    known[i, j, lane] += inverse[k, i, lane] * forward[k, j, lane]
                    spread[i, j, lane] += spare[i, k, lane] * moved[j, k, lane]
    for i in range(size):
        for j in range(size):
            for lane in range(LANES):
                forward[i, j, lane] = spare[i, j, lane] + (1.0 if i == j else 0.0)
                if j > i:
                    known[i, j, lane] = known[j, i, lane] = 0.5 * (known[i, j, lane] + known[j, i, lane])
                    spread[i, j, lane] = spread[j, i, lane] = 0.5 * (spread[i, j, lane] + spread[j, i, lane])


@compiled
def stationary(
    forward: FloatArray,
    known: FloatArray,
    spread: FloatArray,
    unit: FloatArray,
    lower: FloatArray,
    seen: FloatArray,
    less: FloatArray,
    spare: FloatArray,
    answer: FloatArray,
) -> int:
    """Ω of an endless record in `answer`, by doublings; each lane keeps what it had when its Φ had vanished."""
    size = forward.shape[0]
    waiting, left = np.ones(LANES, dtype=np.bool_), np.empty(LANES)
    scale, inverse = np.empty((size, LANES)), np.empty((size, LANES))
    doublings = 0
    for _ in range(DOUBLINGS):
        doublings += 1
        for i in range(size):
            for lane in range(LANES):
                scale[i, lane] = math.sqrt(abs(spread[i, i, lane])) + 1e-300
        left[:] = 0.0
        for i in range(size):
            for j in range(size):
                for lane in range(LANES):
                    left[lane] = max(left[lane], abs(forward[i, j, lane]) * scale[j, lane] / scale[i, lane])
        # Γ = L Lᵀ, 1 + Lᵀ Ω L = M Mᵀ, Z = M⁻¹ Lᵀ: then Zᵀ Z = Γ (1 + Ω Γ)⁻¹ without a difference
        root(known, PRESENT, lower, inverse)
        for i in range(size):
            for j in range(size):
                for lane in range(LANES):
                    spare[i, j, lane] = 0.0
                for k in range(j, size):
                    for lane in range(LANES):
                        spare[i, j, lane] += spread[i, k, lane] * lower[k, j, lane]
        for i in range(size):
            for j in range(i + 1):
                for lane in range(LANES):
                    less[i, j, lane] = 1.0 if i == j else 0.0
                for k in range(i, size):
                    for lane in range(LANES):
                        less[i, j, lane] += lower[k, i, lane] * spare[k, j, lane]
        root(less, 0.0, spare, inverse)
        for i in range(size):
            for j in range(size):
                for lane in range(LANES):
                    seen[i, j, lane] = lower[j, i, lane] if j >= i else 0.0
                for k in range(i):
                    for lane in range(LANES):
                        seen[i, j, lane] -= spare[i, k, lane] * seen[k, j, lane]
                for lane in range(LANES):
                    seen[i, j, lane] *= inverse[i, lane]
        product(seen, spread, lower)  # Y = Z Ω
        product(seen, forward, less)  # E = Z Φ
        add_square(less, less, 1.0, known)
        seen[:] = spread
        add_square(lower, lower, -1.0, seen)  # (1 + Ω Γ)⁻¹ Ω
        product(forward, seen, spare)
        for i in range(size):
            for j in range(i, size):
                for k in range(size):
                    for lane in range(LANES):
                        spread[i, j, lane] += spare[i, k, lane] * forward[j, k, lane]
                for lane in range(LANES):
                    spread[j, i, lane] = spread[i, j, lane]
        for i in range(size):
            for j in range(size):
                for lane in range(LANES):
                    spare[i, j, lane] = forward[i, j, lane]
                for k in range(size):
                    for lane in range(LANES):
                        spare[i, j, lane] -= lower[k, i, lane] * less[k, j, lane]
        product(forward, spare, seen)
        forward[:] = seen
        some = False
        for i in range(size):
            for j in range(size):
                for lane in range(LANES):
                    if waiting[lane]:
                        answer[i, j, lane] = spread[i, j, lane] * unit[lane]
        for lane in range(LANES):
            waiting[lane] &= left[lane] >= VANISHED
            some |= waiting[lane]
        if not some:
            break
    return doublings
