"""Linear equations for `LANES` problems at a time, and sums with twice the digits.

Each lane has its own order of pivots, the largest entry of each column, so that its digits do not depend on its
neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import FloatArray
from .compilation import LANES, compiled

__all__ = ["accumulate", "eliminate", "factorise", "joined"]

SPLITTER = 2.0**27 + 1
"""Dekker's constant, as in `double_double`."""


@compiled
def factorise(matrix: FloatArray, order: Any, filled: Any) -> None:
    """LU factors of (m, m, LANES) in place, multipliers below the diagonal, inverted pivots on it.

    `order` (m, LANES) has the row with which each was exchanged. `filled` (m, m) tells which entries any lane has:
    light goes one way and each mode meets few others, so that many are empty.
    """
    size = matrix.shape[0]
    largest, swapped = np.empty(LANES), np.empty(size, dtype=np.bool_)
    for row in range(size):
        for column in range(size):
            some = False
            for lane in range(LANES):
                some |= matrix[row, column, lane] != 0.0
            filled[row, column] = some
    for column in range(size):
        for lane in range(LANES):
            largest[lane] = abs(matrix[column, column, lane])
            order[column, lane] = column
        for row in range(column + 1, size):
            if filled[row, column]:
                for lane in range(LANES):
                    here = abs(matrix[row, column, lane])
                    better = here > largest[lane]
                    largest[lane] = here if better else largest[lane]
                    order[column, lane] = row if better else order[column, lane]
        swapped[:] = False
        for lane in range(LANES):
            swapped[order[column, lane]] = True
        moved = False
        for row in range(column + 1, size):
            if swapped[row]:
                moved = True
                for k in range(size):
                    filled[column, k] |= filled[row, k]
        if moved:
            for row in range(column + 1, size):
                if swapped[row]:
                    for k in range(size):
                        filled[row, k] |= filled[column, k]
            for k in range(size):
                if filled[column, k]:
                    for lane in range(LANES):
                        row = order[column, lane]
                        other = matrix[column, k, lane]
                        matrix[column, k, lane] = matrix[row, k, lane]
                        matrix[row, k, lane] = other
        for lane in range(LANES):
            matrix[column, column, lane] = 1.0 / matrix[column, column, lane]
        for row in range(column + 1, size):
            if filled[row, column]:
                for lane in range(LANES):
                    matrix[row, column, lane] *= matrix[column, column, lane]
                for k in range(column + 1, size):
                    if filled[column, k]:
                        filled[row, k] = True
                        for lane in range(LANES):
                            matrix[row, k, lane] -= matrix[row, column, lane] * matrix[column, k, lane]


@compiled
def eliminate(factors: FloatArray, order: Any, filled: Any, right: FloatArray) -> None:
    """Solve for right sides (m, c, LANES), in place."""
    size, columns = factors.shape[0], right.shape[1]
    for row in range(size):
        moved = False
        for lane in range(LANES):
            moved |= order[row, lane] != row
        if moved:
            for c in range(columns):
                for lane in range(LANES):
                    chosen = order[row, lane]
                    other = right[row, c, lane]
                    right[row, c, lane] = right[chosen, c, lane]
                    right[chosen, c, lane] = other
    for row in range(size):
        for k in range(row):
            if filled[row, k]:
                for c in range(columns):
                    for lane in range(LANES):
                        right[row, c, lane] -= factors[row, k, lane] * right[k, c, lane]
    for back in range(size):
        row = size - 1 - back
        for k in range(row + 1, size):
            if filled[row, k]:
                for c in range(columns):
                    for lane in range(LANES):
                        right[row, c, lane] -= factors[row, k, lane] * right[k, c, lane]
        for c in range(columns):
            for lane in range(LANES):
                right[row, c, lane] *= factors[row, row, lane]


@compiled
def accumulate(total: FloatArray, error: FloatArray, left: FloatArray, right: FloatArray) -> None:
    """total + error += left × right for each lane, product and sum without rounding (Ogita, Rump & Oishi's Dot2)."""
    for lane in range(LANES):
        a, b = left[lane], right[lane]
        product = a * b
        shifted = SPLITTER * a
        a_high = shifted - (shifted - a)
        a_low = a - a_high
        shifted = SPLITTER * b
        b_high = shifted - (shifted - b)
        b_low = b - b_high
        low = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
        larger = total[lane] + product
        part = larger - total[lane]
        error[lane] += ((total[lane] - (larger - part)) + (product - part)) + low
        total[lane] = larger


@compiled
def joined(total: FloatArray, error: FloatArray) -> None:
    """Round total + error of the upper triangle, and mirror it."""
    size = total.shape[0]
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                total[i, j, lane] += error[i, j, lane]
                total[j, i, lane] = total[i, j, lane]
