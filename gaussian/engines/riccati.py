"""Riccati equations for `LANES` small problems at a time: first solutions by doubling, ended by Newton's iteration."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..arrays import FloatArray
from ..rounding import DRAWS, ROUNDING, SHARE, signs
from .compilation import LANES, compiled
from .doubling import begin, stationary
from .elimination import accumulate, eliminate, factorise, joined
from .lyapunov import least_pivot
from .lyapunov_step import lyapunov_residual, lyapunov_step, prepare, relative_step

__all__ = ["Lanes", "solve_riccati_lanes"]

SETTLED = 1e-15
"""Step of Newton's iteration, relative to √(V_ii V_jj), that is rounding."""

STEPS = 6
"""Corrections of a first solution, all with its closed loop: more digits than it has are gained with each."""


class Lanes(NamedTuple):
    """V (N, n, n), the last step, the error with the model's rounding and the least pivot, (N,) each."""

    matrix: FloatArray
    step: FloatArray
    error: FloatArray
    pivot: FloatArray


def solve_riccati_lanes(problem: tuple[FloatArray, ...], sizes: tuple[FloatArray, ...] | None) -> Lanes:
    """Solutions for A, D, H, R, Σ of shapes (N, …), with the sizes of what they are sums of, or without their rounding.

    No lane's digits depend on its neighbours. What is not clearly solved, or another solution than the stabilising one,
    shows in step or pivot, and is left to LAPACK.
    """
    a, d, h, r, s = (np.ascontiguousarray(matrix) for matrix in problem)
    count, size = a.shape[:2]
    given = [np.empty((0, 1, 1))] * 4 if sizes is None else sizes
    process, record, summed, seen = (np.ascontiguousarray(part) for part in given)
    found = Lanes(np.empty(a.shape), np.empty(count), np.empty(count), np.empty(count))
    with np.errstate(all="ignore"):
        solve_riccati_groups(a, d, h, r, s, process, record, summed, seen, signs(size), *found, 0, count)
    return found


@compiled
def gain_of(
    covariance: FloatArray,
    measured: FloatArray,
    noise: FloatArray,
    noise_order: Any,
    noise_filled: Any,
    correlation: FloatArray,
    gain: FloatArray,
) -> None:
    """Kᵀ = R⁻¹(HV + Σᵀ), shape (k, n, LANES), R as its factors."""
    records, size = measured.shape[0], measured.shape[1]
    for r in range(records):
        for j in range(size):
            for lane in range(LANES):
                gain[r, j, lane] = correlation[j, r, lane]
            for k in range(size):
                for lane in range(LANES):
                    gain[r, j, lane] += measured[r, k, lane] * covariance[k, j, lane]
    eliminate(noise, noise_order, noise_filled, gain)


@compiled
def riccati_residual(
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    noise: FloatArray,
    correlation: FloatArray,
    covariance: FloatArray,
    gain: FloatArray,
    weight: FloatArray,
    weight_error: FloatArray,
    total: FloatArray,
    error: FloatArray,
) -> None:
    """½D + AV + K(½RKᵀ − HV − Σᵀ) and its transpose, with twice the digits: the error of K is of second order."""
    records, size = measured.shape[0], measured.shape[1]
    lyapunov_residual(drift, covariance, diffusion, total, error)
    for r in range(records):
        for j in range(size):
            for lane in range(LANES):
                weight[r, j, lane] = -correlation[j, r, lane]
                weight_error[r, j, lane] = 0.0
            for k in range(size):
                accumulate(weight[r, j], weight_error[r, j], -measured[r, k], covariance[k, j])
            for k in range(records):
                accumulate(weight[r, j], weight_error[r, j], 0.5 * noise[r, k], gain[k, j])
    for i in range(size):
        for j in range(i, size):
            for r in range(records):
                accumulate(total[i, j], error[i, j], gain[r, i], weight[r, j])
                accumulate(total[i, j], error[i, j], gain[r, j], weight[r, i])
                for lane in range(LANES):
                    error[i, j, lane] += (
                        gain[r, i, lane] * weight_error[r, j, lane] + gain[r, j, lane] * weight_error[r, i, lane]
                    )
    joined(total, error)


@compiled
def disturb(
    drift: FloatArray,
    covariance: FloatArray,
    gain: FloatArray,
    noise: FloatArray,
    sizes: FloatArray,
    seen: FloatArray,
    moved: FloatArray,
    told: FloatArray,
    second: FloatArray,
) -> None:
    """What rounding of the model changes of the equation, in `moved` and `second`: `backaction.gaussian.rounding`.

    `sizes` (n + 2k, LANES) has β, τ and δ, `seen` (k, n, LANES) H̄.
    """
    size, records = drift.shape[0], gain.shape[0]
    left, right = np.empty((size, LANES)), np.empty((size, LANES))
    for i in range(size):
        for lane in range(LANES):
            left[i, lane] = right[i, lane] = sizes[i, lane]
        for r in range(records):
            for lane in range(LANES):
                learnt = abs(gain[r, i, lane])
                right[i, lane] += learnt * sizes[size + r, lane]
                left[i, lane] += learnt * sizes[size + records + r, lane]
    for r in range(records):
        for j in range(size):
            for lane in range(LANES):
                told[r, j, lane] = seen[r, 0, lane] * abs(covariance[0, j, lane])
            for k in range(1, size):
                for lane in range(LANES):
                    told[r, j, lane] += seen[r, k, lane] * abs(covariance[k, j, lane])
    for i in range(size):
        for j in range(size):
            for lane in range(LANES):
                moved[i, j, lane] = left[i, lane] * right[j, lane]
                second[i, j, lane] = 0.0
            for k in range(size):
                for lane in range(LANES):
                    moved[i, j, lane] += abs(drift[i, k, lane] * covariance[k, j, lane])
            for r in range(records):
                for lane in range(LANES):
                    moved[i, j, lane] += abs(gain[r, i, lane]) * told[r, j, lane]
    for r in range(records):
        for j in range(size):
            for lane in range(LANES):
                told[r, j, lane] += sizes[size + records + r, lane] * sizes[j, lane]
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                moved[i, j, lane] = SHARE * (moved[i, j, lane] + moved[j, i, lane])
                moved[j, i, lane] = moved[i, j, lane]
            for r in range(records):
                for lane in range(LANES):
                    both = SHARE * told[r, i, lane] * (SHARE * told[r, j, lane])
                    second[i, j, lane] += both / noise[r, r, lane]
            for lane in range(LANES):
                second[j, i, lane] = second[i, j, lane]


@compiled
def decorrelate(
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    noise: FloatArray,
    noise_order: Any,
    noise_filled: Any,
    correlation: FloatArray,
    weighted: FloatArray,
    shared: FloatArray,
    answer: FloatArray,
    source: FloatArray,
    told: FloatArray,
) -> None:
    """Ã = A − ΣR⁻¹H, D̃ = D − ΣR⁻¹Σᵀ and HᵀR⁻¹H, R as its factors."""
    records, size = measured.shape[0], measured.shape[1]
    weighted[:] = measured
    for r in range(records):
        for i in range(size):
            for lane in range(LANES):
                shared[r, i, lane] = correlation[i, r, lane]
    eliminate(noise, noise_order, noise_filled, weighted)
    eliminate(noise, noise_order, noise_filled, shared)
    for i in range(size):
        for j in range(size):
            for lane in range(LANES):
                answer[i, j, lane] = drift[i, j, lane]
                source[i, j, lane] = diffusion[i, j, lane]
                told[i, j, lane] = 0.0
            for r in range(records):
                for lane in range(LANES):
                    answer[i, j, lane] -= correlation[i, r, lane] * weighted[r, j, lane]
                    source[i, j, lane] -= correlation[i, r, lane] * shared[r, j, lane]
                    told[i, j, lane] += measured[r, i, lane] * weighted[r, j, lane]
    for i in range(size):
        for j in range(i + 1, size):
            for lane in range(LANES):
                source[i, j, lane] = source[j, i, lane] = 0.5 * (source[i, j, lane] + source[j, i, lane])
                told[i, j, lane] = told[j, i, lane] = 0.5 * (told[i, j, lane] + told[j, i, lane])


@compiled
def solve_riccati_groups(
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    noise: FloatArray,
    correlation: FloatArray,
    process: FloatArray,
    record: FloatArray,
    summed: FloatArray,
    seen: FloatArray,
    patterns: FloatArray,
    matrix: FloatArray,
    error: FloatArray,
    whole: FloatArray,
    pivot: FloatArray,
    first: int,
    last: int,
) -> None:
    """Lanes first…last: solutions, the size of the last step, the error with the model's, and the least pivot."""
    records, size = measured.shape[1], measured.shape[2]
    count = size * (size - 1) // 2
    a, d = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    closed, total, rest = np.empty((size, size, LANES)), np.empty((size, size, LANES)), np.empty((size, size, LANES))
    h, s = np.empty((records, size, LANES)), np.empty((size, records, LANES))
    r, r_factors = np.empty((records, records, LANES)), np.empty((records, records, LANES))
    r_order, r_filled = np.empty((records, LANES), dtype=np.int64), np.empty((records, records), dtype=np.bool_)
    gain, weight = np.empty((records, size, LANES)), np.empty((records, size, LANES))
    weight_error = np.empty((records, size, LANES))
    reduced, reduced_order = np.empty((count, count, LANES)), np.empty((count, LANES), dtype=np.int64)
    reduced_filled, filled = np.empty((count, count), dtype=np.bool_), np.empty((size, size), dtype=np.bool_)
    inverse, order = np.empty((size, size, LANES)), np.empty((size, LANES), dtype=np.int64)
    unknowns = np.empty((count, 1, LANES))
    v, step = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    source, told, forward = np.empty(a.shape), np.empty(a.shape), np.empty(a.shape)
    known, spread, moved = np.empty(a.shape), np.empty(a.shape), np.empty(a.shape)
    sizes, bar, unit = np.empty((size + 2 * records, LANES)), np.empty(h.shape), np.empty(LANES)
    scale = np.empty((size, LANES))
    before, now, new = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    waiting = np.empty(LANES, dtype=np.bool_)
    for start in range(first, last, LANES):
        for lane in range(LANES):
            at = min(start + lane, last - 1)
            for i in range(size):
                for j in range(size):
                    a[i, j, lane] = drift[at, i, j]
                    d[i, j, lane] = diffusion[at, i, j]
                for k in range(records):
                    h[k, i, lane] = measured[at, k, i]
                    s[i, k, lane] = correlation[at, i, k]
            for i in range(records):
                for k in range(records):
                    r[i, k, lane] = noise[at, i, k]
        r_factors[:] = r
        factorise(r_factors, r_order, r_filled)
        decorrelate(a, d, h, r_factors, r_order, r_filled, s, weight, gain, closed, source, told)
        begin(closed, source, told, order, filled, inverse, moved, step, forward, known, spread, unit)
        stationary(forward, known, spread, unit, closed, source, told, step, v)
        gain_of(v, h, r_factors, r_order, r_filled, s, gain)
        for i in range(size):
            for j in range(size):
                for lane in range(LANES):
                    closed[i, j, lane] = a[i, j, lane]
                for k in range(records):
                    for lane in range(LANES):
                        closed[i, j, lane] -= gain[k, i, lane] * h[k, j, lane]
        prepare(closed, reduced, reduced_order, reduced_filled, inverse, order, filled)
        now[:] = math.inf
        waiting[:] = True
        for number in range(STEPS):
            if number:
                gain_of(v, h, r_factors, r_order, r_filled, s, gain)
            riccati_residual(a, d, h, r, s, v, gain, weight, weight_error, total, rest)
            lyapunov_step(closed, reduced, reduced_order, reduced_filled, inverse, order, filled, total, unknowns, step)
            for i in range(size):
                for j in range(size):
                    for lane in range(LANES):
                        v[i, j, lane] += step[i, j, lane] if waiting[lane] else 0.0
            before[:] = now
            relative_step(step, v, scale, now)
            some = False
            for lane in range(LANES):
                now[lane] = now[lane] if waiting[lane] else before[lane]
                waiting[lane] &= not (now[lane] < SETTLED or now[lane] >= before[lane])
                some |= waiting[lane]
            if not some:
                break
        new[:] = 0.0
        if len(process):
            for lane in range(LANES):
                at = min(start + lane, last - 1)
                for i in range(size):
                    sizes[i, lane] = process[at, i, 0]
                for k in range(records):
                    sizes[size + k, lane] = record[at, k, 0]
                    sizes[size + records + k, lane] = summed[at, k, 0]
                    for i in range(size):
                        bar[k, i, lane] = seen[at, k, i]
            disturb(a, v, gain, r, sizes, bar, moved, weight, spread)
            for draw in range(DRAWS):
                for i in range(size):
                    for j in range(size):
                        sign = patterns[draw, i, j]
                        for lane in range(LANES):
                            total[i, j, lane] = sign * moved[i, j, lane] + spread[i, j, lane]
                lyapunov_step(
                    closed, reduced, reduced_order, reduced_filled, inverse, order, filled, total, unknowns, step
                )
                relative_step(step, v, scale, before)
                for lane in range(LANES):
                    new[lane] = max(new[lane], before[lane])
        total[:] = v
        least_pivot(total, before)
        for lane in range(min(LANES, last - start)):
            error[start + lane] = now[lane] + ROUNDING
            whole[start + lane] = now[lane] + ROUNDING + new[lane]
            pivot[start + lane] = before[lane]
            for i in range(size):
                for j in range(size):
                    matrix[start + lane, i, j] = v[i, j, lane]
