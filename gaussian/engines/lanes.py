"""Batches handed to the compiled kernels, and what is not good enough handed back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import FloatArray

__all__ = ["LowestMode", "least_pivots_of", "lowest_mode", "solve_lyapunov_lanes", "solve_riccati_lanes"]


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
    from .kernels import solve_lyapunov_groups

    a, d = np.ascontiguousarray(drift), np.ascontiguousarray(diffusion)
    matrix, step = np.empty(a.shape), np.empty(len(a))
    with np.errstate(all="ignore"):
        solve_lyapunov_groups(a, d, matrix, step, second_step, 0, len(a))
    return matrix, step


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
    from .kernels import solve_riccati_groups

    a, d, h, r, s = map(np.ascontiguousarray, (drift, diffusion, measured, noise, correlation))
    matrix, step = np.empty(a.shape), np.empty(len(a))
    with np.errstate(all="ignore"):
        solve_riccati_groups(a, d, h, r, s, matrix, step, settled, stalled, most, 0, len(step))
    return matrix, step


def least_pivots_of(covariance: FloatArray) -> FloatArray:
    """Smallest pivot of the correlations of (N, n, n), shape (N,): > 0 where V is positive.

    Examples
    --------
    >>> least_pivots_of(np.array([[[4.0, 2.0], [2.0, 4.0]]]))
    array([0.75])
    """
    from .kernels import least_pivots

    matrix = np.ascontiguousarray(covariance)
    least = np.empty(len(matrix))
    with np.errstate(all="ignore"):
        least_pivots(matrix, least)
    return least


class LowestMode(NamedTuple):
    """ν, what relative uncertainty of V does to it, and w; NaN where V is not positive. Shapes (N,), (N,), (N, 4)."""

    values: FloatArray
    growth: FloatArray
    vectors: NDArray[np.complex128]


def lowest_mode(covariance: FloatArray, form: FloatArray) -> LowestMode:
    """The smallest solution ν of V w = ν iF w for (N, 4, 4) (`backaction.gaussian.normal_forms`).

    Examples
    --------
    >>> form = np.kron(np.eye(2), [[0.0, 1.0], [-1.0, 0.0]])
    >>> lowest_mode(np.diag([1.0, 1.0, 3.0, 3.0])[None], form).values
    array([1.])
    """
    from .kernels import lowest_modes

    matrix = np.ascontiguousarray(covariance)
    values, growth = np.empty(len(matrix)), np.empty(len(matrix))
    real, imaginary = np.empty((len(matrix), 4)), np.empty((len(matrix), 4))
    with np.errstate(all="ignore"):
        lowest_modes(matrix, np.ascontiguousarray(form), values, growth, real, imaginary)
    return LowestMode(values, growth, real + 1j * imaginary)
