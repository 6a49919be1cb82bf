"""The Lyapunov equation A V + V Aᵀ + D = 0, batched, with an error estimate for every solution.

A V = S − D/2 with S skew (Barnett & Storey): then A S + S Aᵀ = (D Aᵀ − A D)/2 has only n(n−1)/2 unknowns, and
V = A⁻¹(S − D/2).  Elimination on this reduced system keeps the entries of A apart, so that slow and fast rates do not
mix: Schur and eigenvalue methods lose eps × (fastest/slowest rate), 1e-8 for a mechanical quality factor of 1e7, with
a residual of 1e-16 that hides it.

One step of refinement, its residual in extended precision, ends each solution.  Its size measures the error of the
unrefined solution and bounds that of the refined one: it is what is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, symmetrised, transpose

__all__ = ["Solution", "relative_size", "solve_lyapunov"]

CHUNK = 400_000
"""Doubles in the reduced matrices of one chunk: what fits the cache (measured)."""


class Solution(NamedTuple):
    """A matrix and its error estimate: max |δV_ij|/√(V_ii V_jj) of the last refinement step, shape (…)."""

    matrix: FloatArray
    error_estimate: FloatArray


def solve_lyapunov(drift: FloatArray, diffusion: FloatArray) -> Solution:
    """Solve A V + V Aᵀ + D = 0 for symmetric D.

    No check of stability is made: the solution is a covariance only if every pole of A decays.

    Parameters
    ----------
    drift, diffusion : array, shape (…, n, n)
        A and D.

    Raises
    ------
    numpy.linalg.LinAlgError
        Two poles of A sum to zero: the equation is singular.

    Examples
    --------
    >>> solve_lyapunov(np.array([[-1.0]]), np.array([[1.0]])).matrix
    array([[0.5]])
    """
    size = drift.shape[-1]
    batch = np.broadcast_shapes(drift.shape[:-2], diffusion.shape[:-2])
    if size == 0:
        return Solution(np.zeros((*batch, 0, 0)), np.zeros(batch))
    flat_drift = np.broadcast_to(drift, (*batch, size, size)).reshape(-1, size, size)
    flat_diffusion = np.broadcast_to(diffusion, (*batch, size, size)).reshape(-1, size, size)
    lanes = max(1, CHUNK // max(1, (size * (size - 1) // 2) ** 2))
    parts = [
        _refined(flat_drift[start : start + lanes], flat_diffusion[start : start + lanes])
        for start in range(0, len(flat_drift), lanes)
    ]
    matrix = np.concatenate([part.matrix for part in parts]) if parts else flat_drift
    error = np.concatenate([part.error_estimate for part in parts]) if parts else np.zeros(0)
    return Solution(matrix.reshape(*batch, size, size), error.reshape(batch))


def relative_size(change: FloatArray, covariance: FloatArray) -> FloatArray:
    """max |δV_ij|/√(V_ii V_jj), the measure of every error estimate, shape (…)."""
    variances = np.abs(np.diagonal(covariance, axis1=-2, axis2=-1))
    floor = np.finfo(np.float64).tiny  # a variance that is exactly zero: any change of it is infinitely large
    scale = np.sqrt(np.maximum(variances[..., :, None] * variances[..., None, :], floor))
    size: FloatArray = (np.abs(change) / scale).max(axis=(-2, -1), initial=0.0)
    return size


def _refined(drift: FloatArray, diffusion: FloatArray) -> Solution:
    solver = _reduced_solver(drift)
    first = solver(diffusion)
    step = solver(_residual(drift, first, diffusion))
    matrix = first + step
    return Solution(matrix, relative_size(step, matrix))


def _residual(drift: FloatArray, covariance: FloatArray, diffusion: FloatArray) -> FloatArray:
    """A V + V Aᵀ + D, accumulated in the widest floating-point type there is."""
    wide = drift.astype(np.longdouble) @ covariance.astype(np.longdouble)
    residual: NDArray[np.longdouble] = wide + transpose(wide) + diffusion
    return symmetrised(residual.astype(np.float64))


def _reduced_solver(drift: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return D ↦ V with the reduced matrix built once; shapes (N, n, n)."""
    size = drift.shape[-1]
    rows, columns = np.triu_indices(size, 1)
    reduced = _reduced_matrix(drift)

    def solve(diffusion: FloatArray) -> FloatArray:
        mixed = drift @ diffusion
        right = ((transpose(mixed) - mixed) / 2)[:, rows, columns]
        skew = np.zeros_like(diffusion)
        if len(rows):
            unknowns = np.linalg.solve(reduced, right[..., None])[..., 0]
            skew[:, rows, columns] = unknowns
            skew[:, columns, rows] = -unknowns
        return symmetrised(np.linalg.solve(drift, skew - diffusion / 2))

    return solve


def _reduced_matrix(drift: FloatArray) -> FloatArray:
    """The matrix of S ↦ A S + S Aᵀ on skew S, in the entries above the diagonal: (N, m, m)."""
    size = drift.shape[-1]
    count = size * (size - 1) // 2
    matrix = np.zeros((len(drift), count, count))
    rows, columns = np.triu_indices(size, 1)
    diagonal = np.arange(count)
    matrix[:, diagonal, diagonal] = drift[:, rows, rows] + drift[:, columns, columns]
    for equation, unknown, sign, i, k in _pattern(size):
        matrix[:, equation, unknown] = sign * drift[:, i, k]
    return matrix


@lru_cache(maxsize=64)
def _pattern(
    size: int,
) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp], int, NDArray[np.intp], NDArray[np.intp]], ...]:
    """Where A_ik stands in the reduced matrix: (A S + S Aᵀ)_ij = Σ_k A_ik S_kj + A_jk S_ik for i < j, S_kl = −S_lk."""
    i, j = (index[:, None] for index in np.triu_indices(size, 1))
    k, l = (index[None, :] for index in np.triu_indices(size, 1))  # noqa: E741  the indices of S_kl
    cases = (
        ((j == l) & (i != k), 1, i, k),
        ((j == k), -1, i, l),
        ((i == k) & (j != l), 1, j, l),
        ((i == l), -1, j, k),
    )
    pattern = []
    for where, sign, row, column in cases:
        equation, unknown = np.nonzero(where)
        shape = where.shape
        pattern.append(
            (
                equation,
                unknown,
                sign,
                np.broadcast_to(row, shape)[equation, unknown],
                np.broadcast_to(column, shape)[equation, unknown],
            )
        )
    return tuple(pattern)
