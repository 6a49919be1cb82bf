"""A plan of elimination: the Lyapunov equations of many systems with one pattern, as a list of multiply-adds.

    i < j:  Σ_k A_ik V_kj + A_jk V_ki = −D_ij,      i = j:  Σ_k A_ik V_ki = −D_ii / 2

are n(n+1)/2 equations for the V_ij, i ≤ j.  Light goes one way and each mode meets few others, so that A has many
zeros, and the equations more: a full A of n = 6 takes a thousand steps to factorise, a spin and a membrane in a cavity
less than two hundred.  They are found once for a batch and then done for many systems at a time, by NumPy
(`engines.lanes`) or compiled (`engines.lyapunov`).

All systems share one order of pivots, chosen by a sample of them; a system for which it is a bad one shows in its error
estimate, and is done again.

A step is a row (kind, target, source, left, right) of numbers of `slots`; slot 0 is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..arrays import FloatArray

__all__ = ["ADD", "INVERT", "MULTIPLY", "SUBTRACT", "Plan", "equations", "plan"]

SUBTRACT, MULTIPLY, INVERT, ADD = range(4)
"""target = source − left × right; = left × right; = 1 / left; = left + right."""

THRESHOLD = 0.1
"""How much smaller than the largest of its column a pivot may be, where that keeps more zeros (Markowitz)."""

COLUMNS = 4
"""Columns in which a pivot is looked for at each step: those with the fewest entries."""

DONE = 1 << 30
"""More than any count of entries: a column that is solved."""

LONGEST = 200_000
"""Steps of a plan; beyond, LAPACK is faster."""

Steps = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Plan:
    """What to do with the numbers of a system.

    Parameters
    ----------
    size : int
        Rows n of the drift.
    slots : int
        Numbers that one system needs.
    drift : array of int
        Places i n + k of the entries of A that go to the slots 1, 2, ….
    diffusion : array of int
        Places i n + j, i ≤ j, of the entries of D that are not zero for all systems.
    right : array of int, shape (n(n+1)/2,)
        Slots of the right sides, in the order (0, 0), (0, 1), …, (1, 1), ….
    unknowns : array of int, shape (n(n+1)/2,)
        Slots in which V_ij stands in the end, in the same order.
    factorise, first, again : array of int, shape (steps, 5)
        The factors; the solution for the right side D; that for any right side.
    """

    size: int
    slots: int
    drift: NDArray[np.intp]
    diffusion: NDArray[np.intp]
    right: NDArray[np.intp]
    unknowns: NDArray[np.intp]
    factorise: Steps
    first: Steps
    again: Steps


def equations(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Rows, columns and places in A (i n + k) of the coefficients; V_ij in the equation (i, j) has a sum of two."""
    place = np.zeros((size, size), dtype=np.intp)
    upper = np.triu_indices(size)
    place[upper] = np.arange(len(upper[0]))
    place = np.maximum(place, place.T)
    i, j = (index[:, None] for index in upper)
    k = np.arange(size)[None, :]
    row = np.broadcast_to(place[i, j], (len(i), size))
    first = row.ravel(), place[k, j].ravel(), np.broadcast_to(i * size + k, row.shape).ravel()
    apart = np.broadcast_to(i != j, row.shape).ravel()
    second = row.ravel(), place[k, i].ravel(), np.broadcast_to(j * size + k, row.shape).ravel()
    rows, columns, places = (np.concatenate([one, two[apart]]) for one, two in zip(first, second, strict=True))
    return rows, columns, places


def plan(sample: FloatArray, drift: NDArray[np.bool_], diffusion: NDArray[np.bool_]) -> Plan | None:
    """The plan for systems whose A and D have entries where `drift` and `diffusion` (n, n) are true.

    None if it would have more than `LONGEST` steps, or the sample (s, n, n) of drifts is singular.

    Examples
    --------
    One decaying variable, A V = −D/2: the inverse of A, and its product with the right side.

    >>> one = np.ones((1, 1), dtype=bool)
    >>> plan(np.full((3, 1, 1), -1.0), one, one).again.tolist()
    [[1, 2, 0, 3, 2]]
    """
    pivots = _pivots(sample, drift)
    if pivots is None:
        return None
    size = len(drift)
    return _planned(size, drift.tobytes(), diffusion.tobytes(), *pivots)


def _pivots(sample: FloatArray, drift: NDArray[np.bool_]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Rows and columns of the pivots, in their order."""
    size = len(drift)
    count = size * (size + 1) // 2
    rows, unknowns, places = equations(size)
    matrix = np.zeros((count, count, len(sample)))
    np.add.at(matrix, (rows, unknowns), sample.reshape(len(sample), -1).T[places])
    matrix = np.ascontiguousarray(np.moveaxis(matrix, -1, 0))
    filled = np.zeros((count, count), dtype=bool)
    filled[rows, unknowns] |= drift.ravel()[places]
    in_row, in_column = filled.sum(axis=1), filled.sum(axis=0)
    open_rows = np.ones(count, dtype=bool)
    steps, order_rows, order_columns = 0, [], []
    for _ in range(count):
        columns = np.argsort(in_column, kind="stable")[:COLUMNS]
        columns = columns[in_column[columns] < DONE]
        there = filled[:, columns] & open_rows[:, None]
        values = np.where(there, np.abs(matrix[:, :, columns]), 0.0)
        largest = values.max(axis=1, keepdims=True)
        share = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0.0).min(axis=0)
        cost = np.where(share < THRESHOLD, np.inf, (in_row[:, None] - 1.0) * (in_column[columns] - 1.0))
        share[cost > cost.min()] = -1.0
        row, chosen = divmod(int(np.argmax(share)), len(columns))
        if share[row, chosen] == 0.0:
            return None
        column = int(columns[chosen])
        open_rows[row], in_column[column] = False, DONE
        below = np.flatnonzero(filled[:, column] & open_rows)
        right = np.flatnonzero(filled[row] & (in_column < DONE))
        steps += 1 + len(below) * (3 + len(right)) + 2 * len(right)
        if steps > LONGEST:
            return None
        block = below[:, None], right
        added = ~filled[block]
        in_row[below] += added.sum(axis=1) - 1
        in_column[right] += added.sum(axis=0) - 1
        filled[block] = True
        ratio = matrix[:, below, column] / matrix[:, row, column][:, None]
        matrix[:, block[0], block[1]] -= ratio[:, :, None] * matrix[:, row, right][:, None, :]
        order_rows.append(row)
        order_columns.append(column)
    return tuple(order_rows), tuple(order_columns)


@lru_cache(maxsize=64)
def _planned(
    size: int, drift: bytes, diffusion: bytes, pivot_rows: tuple[int, ...], pivot_columns: tuple[int, ...]
) -> Plan:
    entries = np.flatnonzero(np.frombuffer(drift, dtype=bool))
    upper = np.triu_indices(size)
    count = len(upper[0])
    slot_of = {int(place): slot for slot, place in enumerate(entries, start=1)}
    own = 1 + len(entries)  # slots from here on may be overwritten
    right = own + np.arange(count)
    slots = own + count
    factorise: list[tuple[int, int, int, int, int]] = []

    matrix: list[dict[int, int]] = [{} for _ in range(count)]
    for row, column, place in zip(*(index.tolist() for index in equations(size)), strict=True):
        if place not in slot_of:
            continue
        if column in matrix[row]:
            factorise.append((ADD, slots, 0, matrix[row][column], slot_of[place]))
            matrix[row][column], slots = slots, slots + 1
        else:
            matrix[row][column] = slot_of[place]

    lower: list[list[tuple[int, int]]] = []
    upward: list[list[tuple[int, int]]] = []
    inverses: list[int] = []
    solved = {}
    waiting = set(pivot_rows)
    for row, column in zip(pivot_rows, pivot_columns, strict=True):
        waiting.discard(row)
        pivot = matrix[row].pop(column)
        inverses.append(slots)
        factorise.append((INVERT, slots, 0, pivot, 0))
        slots += 1
        below = []
        for other in sorted(waiting):
            entry = matrix[other].pop(column, None)
            if entry is None:
                continue
            factor, slots = slots, slots + 1
            factorise.append((MULTIPLY, factor, 0, entry, inverses[-1]))
            below.append((other, factor))
            for k, value in matrix[row].items():
                source = matrix[other].get(k, 0)
                target = source if source >= own else slots
                slots += target == slots
                factorise.append((SUBTRACT, target, source, factor, value))
                matrix[other][k] = target
        lower.append(below)
        upward.append(list(matrix[row].items()))
        solved[column] = row

    def substitution(known: set[int]) -> Steps:
        """Steps for right sides that are zero but for the rows `known`."""
        steps: list[tuple[int, int, int, int, int]] = []
        known = set(known)
        for row, below in zip(pivot_rows, lower, strict=True):
            if row in known:
                steps += [(SUBTRACT, right[other], right[other], factor, right[row]) for other, factor in below]
                known |= {other for other, _ in below}
        for row, inverse, beyond in reversed(list(zip(pivot_rows, inverses, upward, strict=True))):
            there = [(solved[k], value) for k, value in beyond if solved[k] in known]
            steps += [(SUBTRACT, right[row], right[row], value, right[other]) for other, value in there]
            if there or row in known:
                known.add(row)
                steps.append((MULTIPLY, right[row], 0, inverse, right[row]))
        return np.array(steps, dtype=np.int32).reshape(-1, 5)

    pattern = np.frombuffer(diffusion, dtype=bool)
    there = np.flatnonzero(pattern[upper[0] * size + upper[1]])
    return Plan(
        size,
        slots,
        entries,
        (upper[0] * size + upper[1])[there],
        right,
        right[[solved[column] for column in range(count)]],
        np.array(factorise, dtype=np.int32).reshape(-1, 5),
        substitution(set(there.tolist())),
        substitution(set(range(count))),
    )
