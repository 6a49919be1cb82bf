"""Whether covariance matrices are positive: the pivots of Cholesky's factorisation, one problem after the other."""

from __future__ import annotations

import math

import numpy as np

from ..arrays import FloatArray
from .compilation import compiled

__all__ = ["least_pivots_of"]


def least_pivots_of(covariance: FloatArray) -> FloatArray:
    """Smallest pivot of the correlations of (N, n, n), shape (N,): > 0 where V is positive.

    Examples
    --------
    >>> least_pivots_of(np.array([[[4.0, 2.0], [2.0, 4.0]]]))
    array([0.75])
    """
    matrix = np.ascontiguousarray(covariance)
    least = np.empty(len(matrix))
    with np.errstate(all="ignore"):
        least_pivots(matrix, least)
    return least


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
