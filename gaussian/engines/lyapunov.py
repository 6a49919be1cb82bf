"""A plan of elimination carried out by compiled loops: the steps of `engines.lanes`, `LANES` systems at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import FloatArray
from .compilation import LANES, compiled
from .lanes import AGAIN, Certified, Systems, nothing
from .plan import ADD, INVERT, MULTIPLY, SUBTRACT, Plan
from .residual import disturbance, product, relative, residual, split_covariance

__all__ = ["solve_compiled"]


def solve_compiled(plan: Plan, systems: Systems) -> Certified:
    """Solutions of A V + V Aᵀ + D = 0, as `backaction.gaussian.engines.lanes.solve_with_numpy`.

    Examples
    --------
    >>> from backaction.gaussian.engines.plan import plan as make
    >>> one = np.ones((1, 1), dtype=bool)
    >>> systems = Systems(np.array([[-1.0], [-2.0]]), np.ones((2, 1)), None, None, 2)
    >>> solve_compiled(make(np.full((1, 1, 1), -1.0), one, one), systems).matrix.ravel()
    array([0.5 , 0.25])
    """
    count, size = systems.total, plan.size
    found = nothing(count, size)
    every = np.arange(count)
    drift_rows, diffusion_rows = (
        every if rows is None else rows for rows in (systems.drift_rows, systems.diffusion_rows)
    )
    i, j = np.triu_indices(size)
    sources = np.searchsorted(i * size + j, plan.diffusion)
    process = np.empty((0, size)) if systems.process is None else systems.process
    with np.errstate(all="ignore"):
        _solve_groups(
            _read_only(systems.drift),
            _read_only(systems.diffusion),
            _read_only(process),
            drift_rows,
            diffusion_rows,
            plan.drift,
            plan.diffusion,
            sources,
            plan.right,
            plan.unknowns,
            plan.factorise,
            plan.first,
            plan.again,
            plan.slots,
            *found,
        )
    return found


def _read_only(matrix: FloatArray) -> FloatArray:
    """A view that cannot be written to: for the compiler one that can is of another type, to be compiled for too."""
    view = np.ascontiguousarray(matrix).view()
    view.flags.writeable = False
    return view


@compiled
def run(steps: Any, work: FloatArray) -> None:
    """Do the steps of a plan on slots (slots, LANES)."""
    for step in range(steps.shape[0]):
        kind, target, source = steps[step, 0], steps[step, 1], steps[step, 2]
        left, right = steps[step, 3], steps[step, 4]
        if kind == SUBTRACT:
            for lane in range(LANES):
                work[target, lane] = work[source, lane] - work[left, lane] * work[right, lane]
        elif kind == MULTIPLY:
            for lane in range(LANES):
                work[target, lane] = work[left, lane] * work[right, lane]
        elif kind == INVERT:
            for lane in range(LANES):
                work[target, lane] = 1.0 / work[left, lane]
        elif kind == ADD:
            for lane in range(LANES):
                work[target, lane] = work[left, lane] + work[right, lane]


@compiled
def least_pivot(left: FloatArray, least: FloatArray) -> None:
    """The least pivot of an elimination of V (n, n, LANES), relative to |V_ii|; the upper half is lost."""
    size = left.shape[0]
    variance, factor = np.empty((size, LANES)), np.empty(LANES)
    for i in range(size):
        for lane in range(LANES):
            variance[i, lane] = abs(left[i, i, lane])
    for lane in range(LANES):
        least[lane] = 1.0
    for row in range(size):
        for lane in range(LANES):
            ratio = left[row, row, lane] / variance[row, lane]
            least[lane] = least[lane] if ratio >= least[lane] else ratio  # a pivot that is no number is taken
        for i in range(row + 1, size):
            for lane in range(LANES):
                factor[lane] = left[row, i, lane] / left[row, row, lane]
            for j in range(i, size):
                for lane in range(LANES):
                    left[i, j, lane] -= factor[lane] * left[row, j, lane]


@compiled
def _solve_groups(
    drift: FloatArray,
    diffusion: FloatArray,
    process: FloatArray,
    drift_rows: Any,
    diffusion_rows: Any,
    drift_entries: Any,
    diffusion_entries: Any,
    sources: Any,
    right: Any,
    unknowns: Any,
    factorise: Any,
    first: Any,
    again: Any,
    slots: int,
    matrix: FloatArray,
    step: FloatArray,
    error: FloatArray,
    pivot: FloatArray,
) -> None:
    count, size = matrix.shape[0], matrix.shape[1]
    pairs = len(unknowns)
    work = np.zeros((slots, LANES))
    d, solution = np.zeros((pairs, LANES)), np.empty((pairs, LANES))
    change, refined = np.empty((pairs, LANES)), np.empty((pairs, LANES))
    scale, largest = np.empty((size, LANES)), np.empty(LANES)
    leading, rest = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    moved, lost = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    parts, bound = np.empty((len(drift_entries), LANES)), np.empty((size, LANES))
    now, new, least = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    better = np.empty(LANES, dtype=np.bool_)
    for start in range(0, count, LANES):
        for lane in range(LANES):
            source = min(start + lane, count - 1)  # a group that is not full repeats its last lane
            for entry in range(len(drift_entries)):
                work[1 + entry, lane] = drift[drift_rows[source], drift_entries[entry]]
            for entry in range(len(diffusion_entries)):
                d[sources[entry], lane] = diffusion[diffusion_rows[source], diffusion_entries[entry]]
        run(factorise, work)
        place = 0
        for i in range(size):
            for j in range(i, size):
                factor = -0.5 if i == j else -1.0
                for lane in range(LANES):
                    work[right[place], lane] = factor * d[place, lane]
                place += 1
        run(first, work)
        for place in range(pairs):
            for lane in range(LANES):
                solution[place, lane] = work[unknowns[place], lane]
        now[:] = math.inf
        for _ in range(2):
            split_covariance(solution, scale, leading, rest, largest)
            product(work[1:], drift_entries, scale, leading, rest, parts, bound, moved, lost)
            residual(d, scale, moved, lost, right, work)
            run(again, work)
            for place in range(pairs):
                for lane in range(LANES):
                    change[place, lane] = work[unknowns[place], lane]
                    refined[place, lane] = solution[place, lane] + change[place, lane]
            relative(change, refined, scale, new)
            coarse = False
            for lane in range(LANES):
                better[lane] = not new[lane] >= now[lane]
                now[lane] = new[lane] if better[lane] else now[lane]
                coarse |= not now[lane] < AGAIN
            for place in range(pairs):
                for lane in range(LANES):
                    solution[place, lane] = refined[place, lane] if better[lane] else solution[place, lane]
            if not coarse:
                break
        place = 0
        for i in range(size):
            for j in range(i, size):
                for lane in range(LANES):
                    moved[i, j, lane] = solution[place, lane]
                place += 1
        for i in range(size):
            for j in range(i):
                for lane in range(LANES):
                    moved[i, j, lane] = moved[j, i, lane]
        for lane in range(min(LANES, count - start)):
            step[start + lane] = now[lane]
            for i in range(size):
                for j in range(size):
                    matrix[start + lane, i, j] = moved[i, j, lane]
        new[:] = 0.0
        if len(process):
            for lane in range(LANES):
                source = min(start + lane, count - 1)
                for i in range(size):
                    bound[i, lane] = process[diffusion_rows[source], i]
            disturbance(work[1:], drift_entries, moved, bound, lost, right, work)
            run(again, work)
            for place in range(pairs):
                for lane in range(LANES):
                    change[place, lane] = work[unknowns[place], lane]
            relative(change, solution, scale, new)
        for lane in range(min(LANES, count - start)):
            error[start + lane] = now[lane] + new[lane]
        least_pivot(moved, least)
        for lane in range(min(LANES, count - start)):
            pivot[start + lane] = least[lane]
