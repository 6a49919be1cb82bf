"""What is left of the Lyapunov and the Riccati equation at a V, in about 75 bits, and the size of a correction of V.

Operators alone are used: the arrays may be those of NumPy or of JAX.
"""

from __future__ import annotations

import numpy as np

from .arrays import FloatArray, transpose
from .split_product import exact_total, power_of_two, split_product

__all__ = ["lyapunov_residual", "relative_size", "riccati_residual", "scales"]

TINY = float(np.finfo(np.float64).tiny)
"""A variance that is exactly zero: any change of it is infinitely large."""


def relative_size(change: FloatArray, covariance: FloatArray) -> FloatArray:
    """max |δV_ij|/√(V_ii V_jj), the measure of every error estimate, shape (…)."""
    variances = abs(covariance.diagonal(0, -2, -1))
    scale = (variances[..., :, None] * variances[..., None, :] + TINY) ** 0.5
    size: FloatArray = (abs(change) / scale).max(axis=(-2, -1), initial=0.0)
    return size


def scales(covariance: FloatArray) -> FloatArray:
    """Powers of two near √V_ii: dividing rows and columns by them makes V a matrix of correlations, unrounded."""
    return power_of_two(abs(covariance.diagonal(0, -2, -1)) ** 0.5)


def lyapunov_residual(covariance: FloatArray, drift: FloatArray, diffusion: FloatArray) -> FloatArray:
    """A V + V Aᵀ + D in about 75 bits, relative to √(V_ii V_jj)."""
    scale = scales(covariance)
    row, column = scale[..., :, None], scale[..., None, :]
    square = row * column
    leading, rest = split_product(drift * (column / row), covariance / square)
    total, error = exact_total(leading, transpose(leading), diffusion / square)
    residual: FloatArray = (total + (error + rest + transpose(rest))) * square
    return residual


def riccati_residual(
    covariance: FloatArray,
    gain: FloatArray,
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    noise: FloatArray,
    correlation: FloatArray,
) -> FloatArray:
    """The left side at V, as ½D + A V + K W and its transpose with W = ½R Kᵀ − H V − Σᵀ; K's own error is of 2nd order.

    In about 75 bits, relative to √(V_ii V_jj), as for the Lyapunov equation.
    """
    scale = scales(covariance)
    row, column = scale[..., :, None], scale[..., None, :]
    square = row * column
    v, k, s = covariance / square, gain / row, correlation / row
    back, back_rest = split_product(noise / 2, transpose(k))
    seen, seen_rest = split_product(measured * column, v)
    weight, weight_error = exact_total(back, -seen, -transpose(s))
    moved, moved_rest = split_product(drift * (column / row), v)
    learnt, learnt_rest = split_product(k, weight)
    total, error = exact_total(moved, transpose(moved), diffusion / square, learnt, transpose(learnt))
    rest = moved_rest + learnt_rest + k @ (weight_error + back_rest - seen_rest)
    residual: FloatArray = (total + (error + rest + transpose(rest))) * square
    return residual
