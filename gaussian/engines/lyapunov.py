"""Lyapunov equations for `LANES` small problems at a time: the steps of `backaction.gaussian.lyapunov`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import FloatArray
from .compilation import LANES, compiled
from .elimination import accumulate, eliminate, factorise, joined

__all__ = ["lyapunov_residual", "lyapunov_step", "prepare", "relative_step", "solve_lyapunov_lanes"]

TINY = 1e-150
"""A variance that is zero: any change of it is infinitely large."""


def solve_lyapunov_lanes(drift: FloatArray, diffusion: FloatArray, second_step: float) -> tuple[FloatArray, FloatArray]:
    """Solutions of AV + VAᵀ + D = 0 and the size of the last step (NaN or large where a common pivot was a bad one).

    Parameters
    ----------
    drift, diffusion : array, shape (N, n, n)
    second_step : float
        Size of the first step above which a second one is made.

    Examples
    --------
    >>> solve_lyapunov_lanes(np.full((1, 1, 1), -1.0), np.ones((1, 1, 1)), 1e-9)[0]
    array([[[0.5]]])
    """
    a, d = np.ascontiguousarray(drift), np.ascontiguousarray(diffusion)
    matrix, step = np.empty(a.shape), np.empty(len(a))
    with np.errstate(all="ignore"):
        solve_lyapunov_groups(a, d, matrix, step, second_step, 0, len(a))
    return matrix, step


@compiled
def prepare(
    drift: FloatArray,
    reduced: FloatArray,
    reduced_order: Any,
    reduced_filled: Any,
    inverse: FloatArray,
    order: Any,
    filled: Any,
) -> None:
    """Factors of the matrix of S ↦ AS + SAᵀ on skew S, and of A: all that a Lyapunov equation needs of the drift."""
    size = drift.shape[0]
    reduced[:] = 0.0
    equation = 0
    for i in range(size):
        for j in range(i + 1, size):
            # (AS + SAᵀ)_ij = Σ_k A_ik S_kj + A_jk S_ik; S_kl stands at `place` of (min, max), S_lk = −S_kl
            for k in range(size):
                if k != j:
                    low, high = min(k, j), max(k, j)
                    place = low * size - low * (low + 1) // 2 + high - low - 1
                    sign = 1.0 if k < j else -1.0
                    for lane in range(LANES):
                        reduced[equation, place, lane] += sign * drift[i, k, lane]
                if k != i:
                    low, high = min(k, i), max(k, i)
                    place = low * size - low * (low + 1) // 2 + high - low - 1
                    sign = 1.0 if i < k else -1.0
                    for lane in range(LANES):
                        reduced[equation, place, lane] += sign * drift[j, k, lane]
            equation += 1
    inverse[:] = drift
    factorise(reduced, reduced_order, reduced_filled)
    factorise(inverse, order, filled)


@compiled
def lyapunov_step(
    drift: FloatArray,
    reduced: FloatArray,
    reduced_order: Any,
    reduced_filled: Any,
    inverse: FloatArray,
    order: Any,
    filled: Any,
    diffusion: FloatArray,
    unknowns: FloatArray,
    answer: FloatArray,
) -> None:
    """The unrefined solution V of AV + VAᵀ + D = 0 in `answer`; AV = S − D/2 with S skew (see `lyapunov`)."""
    size = drift.shape[0]
    equation = 0
    for i in range(size):
        for j in range(i + 1, size):
            for lane in range(LANES):
                unknowns[equation, 0, lane] = 0.0
            for k in range(size):
                for lane in range(LANES):
                    unknowns[equation, 0, lane] += (
                        diffusion[i, k, lane] * drift[j, k, lane] - drift[i, k, lane] * diffusion[k, j, lane]
                    )
            for lane in range(LANES):
                unknowns[equation, 0, lane] *= 0.5
            equation += 1
    eliminate(reduced, reduced_order, reduced_filled, unknowns)
    equation = 0
    for i in range(size):
        for lane in range(LANES):
            answer[i, i, lane] = -0.5 * diffusion[i, i, lane]
        for j in range(i + 1, size):
            for lane in range(LANES):
                half = 0.5 * diffusion[i, j, lane]
                answer[i, j, lane] = unknowns[equation, 0, lane] - half
                answer[j, i, lane] = -unknowns[equation, 0, lane] - half
            equation += 1
    eliminate(inverse, order, filled, answer)
    for i in range(size):
        for j in range(i + 1, size):
            for lane in range(LANES):
                mean = 0.5 * (answer[i, j, lane] + answer[j, i, lane])
                answer[i, j, lane] = mean
                answer[j, i, lane] = mean


@compiled
def lyapunov_residual(
    drift: FloatArray, covariance: FloatArray, diffusion: FloatArray, total: FloatArray, error: FloatArray
) -> None:
    """AV + VAᵀ + D with twice the digits, as total + error above the diagonal; V and D symmetric."""
    size = drift.shape[0]
    filled = np.zeros((size, size), dtype=np.bool_)
    for i in range(size):
        for k in range(size):
            some = False
            for lane in range(LANES):
                some |= drift[i, k, lane] != 0.0
            filled[i, k] = some
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                total[i, j, lane] = diffusion[i, j, lane]
                error[i, j, lane] = 0.0
            for k in range(size):
                if filled[i, k]:
                    accumulate(total[i, j], error[i, j], drift[i, k], covariance[k, j])
                if filled[j, k]:
                    accumulate(total[i, j], error[i, j], drift[j, k], covariance[k, i])


@compiled
def relative_step(step: FloatArray, covariance: FloatArray, scale: FloatArray, size: FloatArray) -> None:
    """max |δV_ij|/√(V_ii V_jj) of each lane, in `size`; `scale` (n, LANES) is overwritten."""
    count = step.shape[0]
    for i in range(count):
        for lane in range(LANES):
            scale[i, lane] = 1.0 / math.sqrt(max(abs(covariance[i, i, lane]), TINY))
    for lane in range(LANES):
        size[lane] = 0.0
    for i in range(count):
        for j in range(i, count):
            for lane in range(LANES):
                ratio = abs(step[i, j, lane]) * (scale[i, lane] * scale[j, lane])
                # a comparison with NaN is false: what is no number must not look small
                size[lane] = size[lane] if ratio <= size[lane] else ratio


@compiled
def solve_lyapunov_groups(
    drift: FloatArray, diffusion: FloatArray, matrix: FloatArray, error: FloatArray, again: float, first: int, last: int
) -> None:
    """Refined solutions and their error estimates (without rounding) of lanes first…last; shapes (N, n, n) and (N,).

    One step of refinement for all, a second one for a group in which a first step exceeds `again`.
    """
    size = drift.shape[1]
    count = size * (size - 1) // 2
    a, d = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    reduced, reduced_order = np.empty((count, count, LANES)), np.empty(count, dtype=np.int64)
    reduced_filled, filled = np.empty((count, count), dtype=np.bool_), np.empty((size, size), dtype=np.bool_)
    inverse, order = np.empty((size, size, LANES)), np.empty(size, dtype=np.int64)
    unknowns = np.empty((count, 1, LANES))
    v, step = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    total, rest = np.empty((size, size, LANES)), np.empty((size, size, LANES))
    scale = np.empty((size, LANES))
    estimate, new = np.empty(LANES), np.empty(LANES)
    for start in range(first, last, LANES):
        for lane in range(LANES):
            source = min(start + lane, last - 1)  # a group that is not full repeats its last lane
            for i in range(size):
                for j in range(size):
                    a[i, j, lane] = drift[source, i, j]
                    d[i, j, lane] = diffusion[source, i, j]
        prepare(a, reduced, reduced_order, reduced_filled, inverse, order, filled)
        lyapunov_step(a, reduced, reduced_order, reduced_filled, inverse, order, filled, d, unknowns, v)
        for repetition in range(2):
            lyapunov_residual(a, v, d, total, rest)
            joined(total, rest)
            lyapunov_step(a, reduced, reduced_order, reduced_filled, inverse, order, filled, total, unknowns, step)
            relative_step(step, v, scale, new)
            coarse = False
            for lane in range(LANES):
                if repetition == 0 or new[lane] < estimate[lane]:
                    estimate[lane] = new[lane]
                    for i in range(size):
                        for j in range(size):
                            v[i, j, lane] += step[i, j, lane]
                coarse |= not estimate[lane] <= again
            if not coarse:
                break
        for lane in range(min(LANES, last - start)):
            error[start + lane] = estimate[lane]
            for i in range(size):
                for j in range(size):
                    matrix[start + lane, i, j] = v[i, j, lane]
