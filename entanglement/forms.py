"""Variances of combinations of quadratures, with all the digits that a covariance holds.

Var(w·ξ) = wᵀVw is a small difference of large numbers when w is the combination that an entangled state squeezes. It
is summed in double-double arithmetic here, so that what remains is the uncertainty of V itself.
"""

from __future__ import annotations

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.double_double import DoubleDouble, exact_product
from backaction.gaussian.normal_modes import ROUNDING

__all__ = ["variance", "variance_uncertainty"]


def variance(covariance: FloatArray, weights: FloatArray) -> FloatArray:
    """Var(w·ξ) of a combination: V of shape (…, 2n, 2n), w of shape (…, 2n).

    Examples
    --------
    >>> big = 1e16
    >>> float(variance(np.array([[big + 2, big], [big, big]]), np.array([1.0, -1.0])))
    2.0
    """
    pairs = exact_product(weights[..., :, None], weights[..., None, :])
    return (pairs * DoubleDouble(covariance)).total(axes=2).rounded


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
