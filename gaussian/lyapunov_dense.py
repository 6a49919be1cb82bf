"""Lyapunov equations by LAPACK, for a few systems or large ones; see `backaction.gaussian.lyapunov`.

Up to `LARGEST_REDUCED` rows by elimination on the equations of the entries (`backaction.gaussian.engines.plan`), beyond
by a Schur form.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, symmetrised, transpose
from .engines.plan import equations
from .lapack import solved
from .residuals import lyapunov_residual, relative_size
from .rounding import ROUNDING, disturbance

__all__ = [
    "RESOLVED",
    "SECOND_STEP",
    "Refined",
    "Solution",
    "certain_pivot",
    "chunks",
    "clear",
    "corrections",
    "least_pivots",
    "pattern",
    "solve_dense",
]

CHUNK = 400_000
"""Doubles in the largest matrices of one chunk: what fits the cache (measured)."""

LARGEST_REDUCED = 10
"""Rows up to which elimination on the equations of the entries, of the order n⁶, costs less than a Schur form."""

SECOND_STEP = 1e-9
"""Size of a refinement step above which its own error, about its square, may exceed rounding: refine once more."""

RESOLVED = 1e-6
"""Largest error estimate (relative to the standard deviations) with which a covariance is returned at all."""

CLEARLY = 10.0
"""By this factor a solution found by a quick road has to be better than asked for, or LAPACK decides."""

COARSER = 0.01
"""Size of LAPACK's last step in units of what rounding of the model changes, at most: both grow near a threshold."""

PIVOTS = 100.0
"""How far beyond their uncertainty the pivots of V must be positive to count: well beyond."""

Solver = Callable[[FloatArray], FloatArray]


class Solution(NamedTuple):
    """A matrix and its error estimate: max |δV_ij|/√(V_ii V_jj) of the last step, and rounding; shape (…)."""

    matrix: FloatArray
    error_estimate: FloatArray


class Refined(NamedTuple):
    """V (N, n, n); the size of the last step (N,), an error estimate; that and what the rounding of A and D changes."""

    matrix: FloatArray
    step: FloatArray
    error: FloatArray


def solve_dense(
    drift: FloatArray, diffusion: FloatArray, process: FloatArray | None = None, second: float = SECOND_STEP
) -> Refined:
    """Refined solutions of A V + V Aᵀ + D = 0; shapes (N, n, n). Where two poles sum to zero, NaN of infinite error.

    With the sizes β (N, n, 1) of what D is a sum of (`backaction.gaussian.rounding`), the error includes its rounding.
    A step above `second` is followed by another one.

    Examples
    --------
    >>> solve_dense(np.array([[[-1.0]]]), np.array([[[1.0]]])).matrix
    array([[[0.5]]])
    """
    if len(drift) == 1 and drift.shape[-1]:
        return _refined(drift, diffusion, process, second)
    found = Refined(np.zeros(drift.shape), np.zeros(len(drift)), np.zeros(len(drift)))
    for lanes in chunks(len(drift), drift.shape[-1]):
        some = _refined(drift[lanes], diffusion[lanes], None if process is None else process[lanes], second)
        for whole, part in zip(found, some, strict=True):
            whole[lanes] = part
    return found


def corrections(drift: FloatArray, residuals: FloatArray) -> FloatArray:
    """Unrefined solutions for D of shape (q, N, n, n) and A of (N, n, n): for steps that correct their own errors."""
    steps = np.zeros_like(residuals)
    for lanes in chunks(len(drift), drift.shape[-1]):
        steps[:, lanes] = _solver(drift[lanes])(residuals[:, lanes])
    return steps


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices of a batch of problems with n = size whose reduced matrices, and a dozen others, fit the cache."""
    reduced = (size * (size + 1) // 2) ** 2 if size <= LARGEST_REDUCED else 0
    lanes = max(1, CHUNK // max(1, reduced, 16 * size**2))
    return (slice(start, start + lanes) for start in range(0, count if size else 0, lanes))


def least_pivots(covariance: FloatArray) -> FloatArray:
    """The least pivot of Cholesky's factors of the correlations of each V (N, n, n), ≤ 0 or NaN where it has none.

    Where it is > 0, beyond rounding, V is positive.

    Examples
    --------
    >>> least_pivots(np.array([[[4.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [2.0, 1.0]]]))
    array([ 0.75, -3.  ])
    """
    try:
        lower = np.linalg.cholesky(covariance)
        pivots, variances = (matrix.diagonal(axis1=-2, axis2=-1) for matrix in (lower, covariance))
        least: FloatArray = (pivots**2 / variances).min(axis=-1, initial=1.0)
        return least
    except np.linalg.LinAlgError:  # of one lane, that is not positive
        return _least_pivots_by_lane(covariance)


def certain_pivot(error: FloatArray, size: int) -> FloatArray:
    """The pivot from which on V > 0 is certain: entries uncertain by ε move pivots by less than about n² ε."""
    certain: FloatArray = (PIVOTS * size**2) * (error + ROUNDING)
    return certain


def clear(step: FloatArray, error: FloatArray, pivot: FloatArray, size: int) -> NDArray[np.bool_]:
    """Whether a quick road has solved a lane so well that LAPACK would find it resolved and positive as well."""
    least = CLEARLY * certain_pivot(np.maximum(step, COARSER * error), size)
    well: NDArray[np.bool_] = (error < RESOLVED / CLEARLY) & (pivot > least)
    return well


def _least_pivots_by_lane(covariance: FloatArray) -> FloatArray:
    left = np.moveaxis(covariance, 0, -1).copy()  # the lanes last: few rows, many lanes
    variances = np.abs(left.diagonal()).T.copy()
    least = np.ones(len(covariance))
    with np.errstate(all="ignore"):
        for row, variance in enumerate(variances):
            pivot, rest = left[row, row], left[row, row + 1 :]
            np.minimum(least, pivot / variance, out=least)
            left[row + 1 :, row + 1 :] -= (rest / pivot)[:, None] * rest
    return least


def _refined(drift: FloatArray, diffusion: FloatArray, process: FloatArray | None, second: float) -> Refined:
    solve = _solver(drift)
    found = _step(solve, drift, solve(diffusion), diffusion, process)
    if not (found.step <= second).all():
        for error in found[1:]:
            error[np.isnan(error)] = np.inf
        coarse = np.flatnonzero(found.step > second)
        own = drift[coarse]
        some = None if process is None else process[coarse]
        again = _step(_solver(own), own, found.matrix[coarse], diffusion[coarse], some)
        better = again.step < found.step[coarse]
        for whole, part in zip(found, again, strict=True):
            whole[coarse[better]] = part[better]
    return Refined(found.matrix, found.step + ROUNDING, found.error + ROUNDING)


def _step(
    solve: Solver, drift: FloatArray, covariance: FloatArray, diffusion: FloatArray, process: FloatArray | None
) -> Refined:
    residual = lyapunov_residual(covariance, drift, diffusion)
    if process is None:
        step = solve(residual)
        refined = covariance + step
        size = relative_size(step, refined)
        return Refined(refined, size, size.copy())
    step, moved = solve(np.stack([residual, disturbance(drift, covariance, process)]))
    refined = covariance + step
    size = relative_size(step, refined)
    return Refined(refined, size, size + relative_size(moved, refined))


def _solver(drift: FloatArray) -> Solver:
    """Return D ↦ V, unrefined, with what depends on A done once; shapes (N, n, n), or (q, N, n, n) for several D.

    NaN where the equation is singular: two poles sum to zero.
    """
    if drift.shape[-1] > LARGEST_REDUCED and importlib.util.find_spec("scipy"):
        return _schur_solver(drift)
    return _reduced_solver(drift)  # without SciPy, as in a browser, large ones too: slower, not less exact


def _reduced_solver(drift: FloatArray) -> Solver:
    size = drift.shape[-1]
    there = pattern(size)
    count = len(there.upper)
    flat = np.zeros((len(drift), count**2))
    entries = drift.reshape(len(drift), -1)
    flat[:, there.places] = entries.take(there.sources, axis=1)
    flat[:, there.twice] += entries.take(there.second, axis=1)
    matrix: FloatArray = flat.reshape(-1, count, count)

    def solve(diffusion: FloatArray) -> FloatArray:
        right = diffusion.reshape(-1, len(drift), size**2).take(there.upper, axis=2) * there.factors
        unknowns = solved(matrix, right.transpose(1, 2, 0)).transpose(2, 0, 1)
        return unknowns.take(there.unknowns, axis=2).reshape(diffusion.shape)

    return solve


def _schur_solver(drift: FloatArray) -> Solver:
    """The same for large systems (Bartels & Stewart): less exact, which one more step of refinement mends."""
    from scipy.linalg.lapack import dgees, dtrsyl

    def unordered(*_: float) -> None: ...

    length = int(dgees(unordered, drift[0], lwork=-1)[-2][0]) if len(drift) else 0
    forms = []
    for matrix in drift:
        triangular, _, _, _, vectors, _, failed = dgees(unordered, matrix, lwork=length)
        forms.append((np.full_like(matrix, np.nan) if failed else triangular, vectors))  # QR that does not end
    basis = np.array([vectors for _, vectors in forms])

    def solve(diffusion: FloatArray) -> FloatArray:
        answer = -(transpose(basis) @ diffusion @ basis)
        for rows in answer.reshape(-1, *drift.shape):
            for lane, (triangular, _) in enumerate(forms):
                solution, scale, perturbed = dtrsyl(triangular, triangular, rows[lane], tranb="T")
                rows[lane] = np.nan if perturbed else scale * solution
        return symmetrised(basis @ answer @ transpose(basis))

    return solve


class Pattern(NamedTuple):
    """Where entries stand in matrices written in one row, of n² (A, D, V) and of m² entries (the equations).

    `places` of the equations' matrix hold A at `sources`, to which A at `second` is added at the places `twice`; the
    right sides are D at `upper` times `factors`; V_ij is that of the `unknowns`.
    """

    places: NDArray[np.intp]
    sources: NDArray[np.intp]
    twice: NDArray[np.intp]
    second: NDArray[np.intp]
    upper: NDArray[np.intp]
    factors: FloatArray
    unknowns: NDArray[np.intp]


@lru_cache(maxsize=64)
def pattern(size: int) -> Pattern:
    """That of equations with n rows."""
    i, j = np.triu_indices(size)
    rows, columns, sources = equations(size)
    flat = rows * len(i) + columns
    places, first = np.unique(flat, return_index=True)
    later = np.setdiff1d(np.arange(len(flat)), first)
    unknowns = np.zeros((size, size), dtype=np.intp)
    unknowns[i, j] = unknowns[j, i] = np.arange(len(i))
    factors = np.where(i == j, -0.5, -1.0)
    return Pattern(places, sources[first], flat[later], sources[later], i * size + j, factors, unknowns.ravel())
