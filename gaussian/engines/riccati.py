"""Riccati equations for `LANES` small problems at a time: the iteration of `backaction.gaussian.riccati`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import FloatArray
from .compilation import LANES, compiled
from .elimination import accumulate, eliminate, factorise, joined
from .lyapunov_step import lyapunov_residual, lyapunov_step, prepare, relative_step

__all__ = ["solve_riccati_lanes"]


def solve_riccati_lanes(
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    noise: FloatArray,
    correlation: FloatArray,
    settled: float,
    stalled: float,
    most: int,
) -> tuple[FloatArray, FloatArray]:
    """Solutions of the Riccati equation by Kleinman's iteration, and the size of the last step; shapes (N, …)."""
    a, d, h, r, s = map(np.ascontiguousarray, (drift, diffusion, measured, noise, correlation))
    matrix, step = np.empty(a.shape), np.empty(len(a))
    with np.errstate(all="ignore"):
        solve_riccati_groups(a, d, h, r, s, matrix, step, settled, stalled, most, 0, len(step))
    return matrix, step


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
def solve_riccati_groups(
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    noise: FloatArray,
    correlation: FloatArray,
    matrix: FloatArray,
    error: FloatArray,
    settled: float,
    stalled: float,
    most: int,
    first: int,
    last: int,
) -> int:
    """Kleinman's iteration from no measurement at all, lanes first…last: solutions, and the size of the last step.

    The steps of a group end when each lane's is below `settled`, or below `stalled` and no longer shrinks.
    """
    records, size = measured.shape[1], measured.shape[2]
    count = size * (size - 1) // 2
    a, d = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    closed, total, rest = np.empty((size, size, LANES)), np.empty((size, size, LANES)), np.empty((size, size, LANES))
    h, s = np.empty((records, size, LANES)), np.empty((size, records, LANES))
    r, r_factors = np.empty((records, records, LANES)), np.empty((records, records, LANES))
    r_order, r_filled = np.empty(records, dtype=np.int64), np.empty((records, records), dtype=np.bool_)
    gain, weight = np.empty((records, size, LANES)), np.empty((records, size, LANES))
    weight_error = np.empty((records, size, LANES))
    reduced, reduced_order = np.empty((count, count, LANES)), np.empty(count, dtype=np.int64)
    reduced_filled, filled = np.empty((count, count), dtype=np.bool_), np.empty((size, size), dtype=np.bool_)
    inverse, order = np.empty((size, size, LANES)), np.empty(size, dtype=np.int64)
    unknowns = np.empty((count, 1, LANES))
    v, step = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    scale = np.empty((size, LANES))
    before, now = np.empty(LANES), np.empty(LANES)
    iterations = 0
    for start in range(first, last, LANES):
        for lane in range(LANES):
            source = min(start + lane, last - 1)
            for i in range(size):
                for j in range(size):
                    a[i, j, lane] = drift[source, i, j]
                    d[i, j, lane] = diffusion[source, i, j]
                for k in range(records):
                    h[k, i, lane] = measured[source, k, i]
                    s[i, k, lane] = correlation[source, i, k]
            for i in range(records):
                for k in range(records):
                    r[i, k, lane] = noise[source, i, k]
        r_factors[:] = r
        factorise(r_factors, r_order, r_filled)
        prepare(a, reduced, reduced_order, reduced_filled, inverse, order, filled)
        lyapunov_step(a, reduced, reduced_order, reduced_filled, inverse, order, filled, d, unknowns, v)
        before[:] = math.inf
        for _ in range(most):
            iterations += 1
            gain_of(v, h, r_factors, r_order, r_filled, s, gain)
            for i in range(size):
                for j in range(size):
                    for lane in range(LANES):
                        closed[i, j, lane] = a[i, j, lane]
                    for k in range(records):
                        for lane in range(LANES):
                            closed[i, j, lane] -= gain[k, i, lane] * h[k, j, lane]
            riccati_residual(a, d, h, r, s, v, gain, weight, weight_error, total, rest)
            prepare(closed, reduced, reduced_order, reduced_filled, inverse, order, filled)
            lyapunov_step(closed, reduced, reduced_order, reduced_filled, inverse, order, filled, total, unknowns, step)
            for i in range(size):
                for j in range(size):
                    for lane in range(LANES):
                        v[i, j, lane] += step[i, j, lane]
            relative_step(step, v, scale, now)
            open_lanes = False
            for lane in range(LANES):
                open_lanes |= not (now[lane] < settled or (now[lane] < stalled and now[lane] >= before[lane]))
                before[lane] = now[lane]
            if not open_lanes:
                break
        for lane in range(min(LANES, last - start)):
            error[start + lane] = now[lane]
            for i in range(size):
                for j in range(size):
                    matrix[start + lane, i, j] = v[i, j, lane]
    return iterations
