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
from .errors import Unresolved
from .residuals import lyapunov_residual, relative_size

__all__ = [
    "ROUNDING",
    "SECOND_STEP",
    "Solution",
    "chunks",
    "correction",
    "least_pivots",
    "solve_dense",
]

CHUNK = 400_000
"""Doubles in the largest matrices of one chunk: what fits the cache (measured)."""

LARGEST_REDUCED = 10
"""Rows up to which elimination on the equations of the entries, of the order n⁶, costs less than a Schur form."""

SECOND_STEP = 1e-9
"""Size of a refinement step above which its own error, about its square, may exceed rounding: refine once more."""

ROUNDING = float(np.finfo(np.float64).eps)
"""Added to every estimate: V is rounded to float64 whatever the size of the step."""

Solver = Callable[[FloatArray], FloatArray]


class Solution(NamedTuple):
    """A matrix and its error estimate: max |δV_ij|/√(V_ii V_jj) of the last step, and rounding; shape (…)."""

    matrix: FloatArray
    error_estimate: FloatArray


def solve_dense(drift: FloatArray, diffusion: FloatArray) -> Solution:
    """Refined solutions of A V + V Aᵀ + D = 0; shapes (N, n, n).

    Raises
    ------
    Unresolved
        Two poles of A sum to zero.

    Examples
    --------
    >>> solve_dense(np.array([[[-1.0]]]), np.array([[[1.0]]])).matrix
    array([[[0.5]]])
    """
    if len(drift) == 1 and drift.shape[-1]:
        return _refined(drift, diffusion)
    matrix, error = np.zeros(drift.shape), np.zeros(len(drift))
    for lanes in chunks(len(drift), drift.shape[-1]):
        matrix[lanes], error[lanes] = _refined(drift[lanes], diffusion[lanes])
    return Solution(matrix, error)


def correction(drift: FloatArray, residual: FloatArray) -> FloatArray:
    """The unrefined solution, for steps of an iteration that corrects its own errors; shapes (N, n, n)."""
    step = np.zeros_like(residual)
    for lanes in chunks(len(step), step.shape[-1]):
        step[lanes] = _solver(drift[lanes])(residual[lanes])
    return step


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices of a batch of problems with n = size whose reduced matrices, and a dozen others, fit the cache."""
    reduced = (size * (size + 1) // 2) ** 2 if size <= LARGEST_REDUCED else 0
    lanes = max(1, CHUNK // max(1, reduced, 16 * size**2))
    return (slice(start, start + lanes) for start in range(0, count if size else 0, lanes))


def least_pivots(covariance: FloatArray) -> FloatArray:
    """The least pivot of Cholesky's factors of the correlations of each V (N, n, n); 0 for all if one has none.

    Where it is > 0, beyond rounding, V is positive.

    Examples
    --------
    >>> least_pivots(np.array([[[4.0, 2.0], [2.0, 4.0]]]))
    array([0.75])
    """
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return np.zeros(len(covariance))
    pivots, variances = (matrix.diagonal(axis1=-2, axis2=-1) for matrix in (lower, covariance))
    least: FloatArray = (pivots**2 / variances).min(axis=-1, initial=1.0)
    return least


def _refined(drift: FloatArray, diffusion: FloatArray) -> Solution:
    solve = _solver(drift)
    matrix, error = _step(solve, drift, solve(diffusion), diffusion)
    if (error > SECOND_STEP).any():
        coarse = np.flatnonzero(error > SECOND_STEP)
        again = drift[coarse], diffusion[coarse]
        refined, remaining = _step(_solver(again[0]), again[0], matrix[coarse], again[1])
        better = remaining < error[coarse]
        matrix[coarse[better]], error[coarse[better]] = refined[better], remaining[better]
    return Solution(matrix, error + ROUNDING)


def _step(solve: Solver, drift: FloatArray, covariance: FloatArray, diffusion: FloatArray) -> Solution:
    step = solve(lyapunov_residual(covariance, drift, diffusion))
    refined = covariance + step
    return Solution(refined, relative_size(step, refined))


def _solver(drift: FloatArray) -> Solver:
    """Return D ↦ V, unrefined, with what depends on A done once; shapes (N, n, n)."""
    if drift.shape[-1] > LARGEST_REDUCED and importlib.util.find_spec("scipy"):
        return _schur_solver(drift)
    return _reduced_solver(drift)  # without SciPy, as in a browser, large ones too: slower, not less exact


def _reduced_solver(drift: FloatArray) -> Solver:
    size = drift.shape[-1]
    pattern = _pattern(size)
    count = len(pattern.upper)
    flat = np.zeros((len(drift), count**2))
    entries = drift.reshape(len(drift), -1)
    flat[:, pattern.places] = entries.take(pattern.sources, axis=1)
    flat[:, pattern.twice] += entries.take(pattern.second, axis=1)
    matrix: FloatArray = flat.reshape(-1, count, count)

    def solve(diffusion: FloatArray) -> FloatArray:
        right = diffusion.reshape(len(diffusion), -1).take(pattern.upper, axis=1) * pattern.factors
        try:
            unknowns = np.linalg.solve(matrix, right[..., None])
        except np.linalg.LinAlgError:
            raise _singular() from None
        rows: FloatArray = unknowns.reshape(right.shape).astype(np.float64, copy=False)
        return rows.take(pattern.unknowns, axis=1).reshape(diffusion.shape)

    return solve


def _schur_solver(drift: FloatArray) -> Solver:
    """The same for large systems (Bartels & Stewart): less exact, which one more step of refinement mends."""
    from scipy.linalg.lapack import dgees, dtrsyl

    def unordered(*_: float) -> None: ...

    length = int(dgees(unordered, drift[0], lwork=-1)[-2][0]) if len(drift) else 0
    forms = []
    for matrix in drift:
        triangular, _, _, _, vectors, _, failed = dgees(unordered, matrix, lwork=length)
        if failed:
            raise Unresolved("LAPACK did not find the Schur form of a drift: its QR iteration does not end", np.inf)
        forms.append((triangular, vectors))
    basis = np.array([vectors for _, vectors in forms])

    def solve(diffusion: FloatArray) -> FloatArray:
        answer = -(transpose(basis) @ diffusion @ basis)
        for lane, (triangular, _) in enumerate(forms):
            solution, scale, perturbed = dtrsyl(triangular, triangular, answer[lane], tranb="T")
            if perturbed:
                raise _singular()
            answer[lane] = scale * solution
        return symmetrised(basis @ answer @ transpose(basis))

    return solve


def _singular() -> Unresolved:
    return Unresolved(
        "the Lyapunov equation is singular: in double precision two poles of the drift sum to zero, so that "
        "nothing damps a motion. Add the damping that is missing",
        np.inf,
    )


class _Pattern(NamedTuple):
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
def _pattern(size: int) -> _Pattern:
    i, j = np.triu_indices(size)
    rows, columns, sources = equations(size)
    flat = rows * len(i) + columns
    places, first = np.unique(flat, return_index=True)
    later = np.setdiff1d(np.arange(len(flat)), first)
    unknowns = np.zeros((size, size), dtype=np.intp)
    unknowns[i, j] = unknowns[j, i] = np.arange(len(i))
    factors = np.where(i == j, -0.5, -1.0)
    return _Pattern(places, sources[first], flat[later], sources[later], i * size + j, factors, unknowns.ravel())
