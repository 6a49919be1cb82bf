"""Variances of combinations of quadratures, with all the digits that a covariance holds.

Var(w·ξ) = wᵀVw is a small difference of large numbers when w is the combination that an entangled state squeezes. It
is summed with twice the digits here, so that what remains is the uncertainty of V itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.elementwise import CHUNK
from backaction.gaussian.engines.twofold import Number, plus, scaled, times, total
from backaction.gaussian.normal_modes import ROUNDING

__all__ = ["variance", "variance_uncertainty"]


def variance(covariance: FloatArray, weights: FloatArray) -> FloatArray:
    """Var(w·ξ) of a combination: V of shape (…, 2n, 2n), symmetric, w of shape (…, 2n).

    Examples
    --------
    >>> big = 1e16
    >>> float(variance(np.array([[big + 2, big], [big, big]]), np.array([1.0, -1.0])))
    2.0
    """
    size, batch = weights.shape[-1], np.broadcast_shapes(covariance.shape[:-2], weights.shape[:-1])
    if not batch:
        return np.array(_quadratic_form(covariance.tolist(), weights.tolist()))
    matrix = np.broadcast_to(covariance, (*batch, size, size)).reshape(-1, size, size)
    vector = np.broadcast_to(weights, (*batch, size)).reshape(-1, size)
    found = np.empty(len(vector))
    for start in range(0, len(vector), CHUNK):
        some = slice(start, start + CHUNK)
        rows = np.ascontiguousarray(np.moveaxis(matrix[some], 0, -1))
        found[some] = _quadratic_form(rows, np.ascontiguousarray(vector[some].T))
    return found.reshape(batch)


def _quadratic_form(matrix: Any, vector: Any) -> Number:
    """Σ w_i V_ij w_j of floats, or of arrays, with twice the digits; only i ≤ j of V is read."""
    result = 0.0, 0.0
    for i, first in enumerate(vector):
        for j, second in enumerate(vector[: i + 1]):
            pair = times((first, 0.0), (second, 0.0))
            result = plus(result, times(scaled(1.0 if i == j else 2.0, pair), (matrix[j][i], 0.0)))
    return total(result)


def variance_uncertainty(covariance: FloatArray, weights: FloatArray, error: FloatArray) -> FloatArray:
    """What |δV_ij| ≤ ε√(V_ii V_jj) does to Var(w·ξ), at most: ε(Σ |wᵢ|√V_ii)²; rounding of V is added to ε.

    Examples
    --------
    >>> float(variance_uncertainty(np.eye(2), np.array([1.0, -1.0]), np.array(1e-6)).round(12))
    4e-06
    """
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    bound: FloatArray = (np.asarray(error) + ROUNDING) * (np.abs(weights) * spread).sum(axis=-1) ** 2
    return bound
