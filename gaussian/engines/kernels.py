"""Lyapunov, Riccati and normal modes for `LANES` small problems at a time: the last axis of arrays is the lane.

Compiled by numba if it is there (extra `fast`), plain Python otherwise, which is slow and gives the same numbers.  This
module is imported by `backaction.gaussian.engines` only when a batch is large enough to pay for loading numba.  It is
one file because numba's cache on disk looks at the age of a function's own file, not at those of what it calls.

All lanes of a group share one order of pivots, so that every inner loop runs over lanes and becomes vector
instructions.  The pivot is the row whose smallest entry among the lanes is largest; a lane for which it is a bad one
shows in its error estimate, and is done again by LAPACK.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from ..arrays import FloatArray

__all__ = ["LANES", "least_pivots", "lowest_modes", "solve_lyapunov_groups", "solve_riccati_groups"]

LANES = 64
"""Lanes of a group: a multiple of every vector length, and the matrices of n = 6 stay in the first-level cache."""

SAMPLE = 8
"""Every how manieth lane has a say in the choice of a pivot."""

SPLITTER = 2.0**27 + 1
"""Dekker's constant, as in `double_double`."""

TINY = 1e-150
"""A variance that is zero: any change of it is infinitely large."""

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function compiled by numba and cached on disk, or itself where there is no numba."""
    try:
        import numba
    except ImportError:
        return function
    fast: Function = cast(Any, numba).njit(cache=True, error_model="numpy", nogil=True)(function)
    return fast


@compiled
def factorise(matrix: FloatArray, order: Any, filled: Any) -> None:
    """LU factors of (m, m, LANES) in place, multipliers below the diagonal, inverted pivots on it; rows in `order`.

    `filled` (m, m) tells which entries any lane has: light goes one way and each mode meets few others, so that most
    are empty, and the work is that of the blocks.
    """
    size = matrix.shape[0]
    for row in range(size):
        for column in range(size):
            some = False
            for lane in range(LANES):
                some |= matrix[row, column, lane] != 0.0
            filled[row, column] = some
    for column in range(size):
        best, chosen = -1.0, column
        for row in range(column, size):
            if filled[row, column]:
                least = math.inf
                for lane in range(0, LANES, SAMPLE):
                    least = min(least, abs(matrix[row, column, lane]))
                if least > best:
                    best, chosen = least, row
        order[column] = chosen
        if chosen != column:
            for k in range(size):
                some = filled[column, k]
                filled[column, k] = filled[chosen, k]
                filled[chosen, k] = some
                if some or filled[column, k]:
                    for lane in range(LANES):
                        other = matrix[column, k, lane]
                        matrix[column, k, lane] = matrix[chosen, k, lane]
                        matrix[chosen, k, lane] = other
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
        chosen = order[row]
        if chosen != row:
            for c in range(columns):
                for lane in range(LANES):
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
def joined(total: FloatArray, error: FloatArray) -> None:
    """Round total + error of the upper triangle, and mirror it."""
    size = total.shape[0]
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                total[i, j, lane] += error[i, j, lane]
                total[j, i, lane] = total[i, j, lane]


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


@compiled
def least_pivots(covariance: FloatArray, least: FloatArray) -> None:
    """Smallest pivot of Cholesky's factorisation of the correlations V_ij/√(V_ii V_jj); NaN or ≤ 0: not positive."""
    size = covariance.shape[1]
    lower, scale = np.zeros((size, size)), np.empty(size)
    for n in range(covariance.shape[0]):
        v = covariance[n]
        smallest = 1.0
        for i in range(size):
            scale[i] = 1.0 / math.sqrt(v[i, i]) if v[i, i] > 0 else math.nan
        for j in range(size):
            pivot = v[j, j] * scale[j] * scale[j]
            for k in range(j):
                pivot -= lower[j, k] * lower[j, k]
            smallest = smallest if pivot >= smallest else pivot  # a pivot that is no number is taken
            inverse = 1.0 / math.sqrt(pivot) if pivot > 0 else math.nan
            for i in range(j + 1, size):
                entry = v[i, j] * scale[i] * scale[j]
                for k in range(j):
                    entry -= lower[i, k] * lower[j, k]
                lower[i, j] = entry * inverse
        least[n] = smallest


@compiled
def double_product(a: float, b: float) -> tuple[float, float]:
    """a × b as product and rounding error."""
    product = a * b
    shifted = SPLITTER * a
    a_high = shifted - (shifted - a)
    a_low = a - a_high
    shifted = SPLITTER * b
    b_high = shifted - (shifted - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@compiled
def double_sum(a: float, b: float) -> tuple[float, float]:
    """a + b as sum and rounding error."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@compiled
def lowest_modes(
    covariance: FloatArray,
    form: FloatArray,
    values: FloatArray,
    growth: FloatArray,
    real: FloatArray,
    imaginary: FloatArray,
) -> None:
    """The smallest ν of V w = ν iF w for two modes, w†Vw = 1: the steps of `normal_forms`, without an iteration.

    With V = s L Lᵀ s, M = L⁻¹ s⁻¹F s⁻¹ L⁻ᵀ is a skew 4 × 4 matrix, the sum of a self-dual and an anti-self-dual part
    |p|P + |q|Q with PQ = QP and P² = Q² = −1.  Its eigenvalues are ±i(|p| ± |q|), and the largest belongs to the plane
    of ½(1 − PQ), where Q = P.
    """
    scale, lower, inverse = np.empty(4), np.zeros((4, 4)), np.zeros((4, 4))
    skew, p, q = np.empty((4, 4)), np.zeros((4, 4)), np.zeros((4, 4))
    x, y, a, b = np.empty(4), np.empty(4), np.empty(4), np.empty(4)
    for n in range(covariance.shape[0]):
        v = covariance[n]
        for i in range(4):
            scale[i] = math.sqrt(v[i, i])
        for j in range(4):
            pivot = 1.0
            for k in range(j):
                pivot -= lower[j, k] * lower[j, k]
            lower[j, j] = math.sqrt(pivot) if pivot > 0 else math.nan
            for i in range(j + 1, 4):
                entry = v[i, j] / (scale[i] * scale[j])
                for k in range(j):
                    entry -= lower[i, k] * lower[j, k]
                lower[i, j] = entry / lower[j, j]
        for j in range(4):
            inverse[j, j] = 1.0 / lower[j, j]
            for i in range(j + 1, 4):
                entry = 0.0
                for k in range(j, i):
                    entry -= lower[i, k] * inverse[k, j]
                inverse[i, j] = entry / lower[i, i]
        for i in range(4):
            for j in range(i + 1, 4):
                entry = 0.0
                for k in range(i + 1):
                    for m in range(j + 1):
                        entry += inverse[i, k] * (form[k, m] / (scale[k] * scale[m])) * inverse[j, m]
                skew[i, j] = entry
        p0, p1, p2 = skew[0, 1] + skew[2, 3], skew[0, 2] - skew[1, 3], skew[0, 3] + skew[1, 2]
        q0, q1, q2 = skew[0, 1] - skew[2, 3], skew[0, 2] + skew[1, 3], skew[0, 3] - skew[1, 2]
        size_p, size_q = math.sqrt(p0 * p0 + p1 * p1 + p2 * p2), math.sqrt(q0 * q0 + q1 * q1 + q2 * q2)
        if size_p > 0:
            p0, p1, p2 = p0 / size_p, p1 / size_p, p2 / size_p
        else:  # two equal eigenvalues: any direction
            p0 = 1.0
        if size_q > 0:
            q0, q1, q2 = q0 / size_q, q1 / size_q, q2 / size_q
        else:
            q0 = 1.0
        p[0, 1], p[0, 2], p[0, 3], p[1, 2], p[1, 3], p[2, 3] = p0, p1, p2, p2, -p1, p0
        q[0, 1], q[0, 2], q[0, 3], q[1, 2], q[1, 3], q[2, 3] = q0, q1, q2, -q2, q1, -q0
        for i in range(4):
            for j in range(i):
                p[i, j], q[i, j] = -p[j, i], -q[j, i]
        best, chosen = -1.0, 0
        for i in range(4):
            weight = 0.5
            for k in range(4):
                weight -= 0.5 * p[i, k] * q[k, i]
            if weight > best:
                best, chosen = weight, i
        norm = 1.0 / math.sqrt(2.0 * best)  # w†Vw = 1 with w = (x + iy)/√2
        for i in range(4):
            entry = 0.5 if i == chosen else 0.0
            for k in range(4):
                entry -= 0.5 * p[i, k] * q[k, chosen]
            x[i] = entry * norm
        for i in range(4):
            y[i] = 0.0
            for k in range(4):
                y[i] += p[i, k] * x[k]
        total = 0.0
        for i in range(4):
            first, second = 0.0, 0.0
            for k in range(i, 4):
                first += inverse[k, i] * x[k]
                second += inverse[k, i] * y[k]
            total += math.sqrt(first * first + second * second)
            a[i], b[i] = first / scale[i], second / scale[i]
        # Rayleigh's quotient w†Vw / w†iFw with twice the digits
        top, top_low, bottom, bottom_low = 0.0, 0.0, 0.0, 0.0
        for i in range(4):
            for j in range(4):
                one, one_low = double_product(a[i], a[j])
                two, two_low = double_product(b[i], b[j])
                gram, gram_low = double_sum(one, two)
                gram_low += one_low + two_low
                term, low = double_product(gram, v[i, j])
                top, rest = double_sum(top, term)
                top_low += rest + low + gram_low * v[i, j]
                if form[i, j] != 0.0:
                    one, one_low = double_product(a[i], b[j])
                    term, low = double_product(one, -2.0 * form[i, j])
                    bottom, rest = double_sum(bottom, term)
                    bottom_low += rest + low - 2.0 * form[i, j] * one_low
        values[n] = (top + top_low) / (bottom + bottom_low)
        growth[n] = total * total
        for i in range(4):
            real[n, i], imaginary[n, i] = a[i], b[i]
