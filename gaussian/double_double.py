"""Twice the digits of float64 where nearly equal numbers are subtracted: unevaluated sums of two floats.

An entangled state's variances are large and its criteria are small differences of them. Evaluating those few
differences with about 32 digits leaves one uncertainty only: that of the covariance itself.

The sum and the product of two floats are exactly a float plus a rounding error that is a float too (Knuth 1969;
Dekker, Numer. Math. 18, 224 (1971)); the operations below are Joldes, Muller and Popescu, ACM TOMS 44, 15
(2017), algorithms 4, 6 and 12, without a fused multiply-add. Magnitudes between 1e-150 and 1e150 are safe from
under- and overflow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray

__all__ = ["DoubleDouble", "exact_product", "exact_sum"]

SPLITTER = 2.0**27 + 1
"""Dekker's constant: it cuts the 53 bits of a float into two halves whose products are exact."""


@dataclass(frozen=True, eq=False)
class DoubleDouble:
    """The number high + low, elementwise over arrays, with |low| at most half a unit in the last place of high.

    Examples
    --------
    >>> third = DoubleDouble(np.float64(1e16)) + DoubleDouble(np.float64(1.0))
    >>> float((third - DoubleDouble(np.float64(1e16))).rounded)
    1.0
    """

    high: FloatArray
    low: FloatArray | float = 0.0

    @property
    def rounded(self) -> FloatArray:
        """The nearest float64."""
        return np.asarray(self.high + self.low, dtype=np.float64)

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.high, -self.low)

    def __add__(self, other: DoubleDouble) -> DoubleDouble:
        high, error = _two_sum(self.high, other.high)
        low, further = _two_sum(np.asarray(self.low), np.asarray(other.low))
        high, error = _fast_two_sum(high, error + low)
        return DoubleDouble(*_fast_two_sum(high, error + further))

    def __sub__(self, other: DoubleDouble) -> DoubleDouble:
        return self + (-other)

    def __mul__(self, other: DoubleDouble) -> DoubleDouble:
        product = exact_product(self.high, other.high)
        cross = self.high * other.low + self.low * other.high
        return DoubleDouble(*_fast_two_sum(product.high, product.low + cross))

    def total(self, axes: int = 1) -> DoubleDouble:
        """The sum over the last axes, folded in halves."""
        shape = self.high.shape
        batch = shape[: len(shape) - axes]
        high = self.high.reshape(*batch, math.prod(shape[len(batch) :]))
        low = np.broadcast_to(self.low, shape).reshape(high.shape)
        while (length := high.shape[-1]) > 1:
            half, odd = length // 2, length % 2
            folded = DoubleDouble(high[..., :half], low[..., :half]) + DoubleDouble(
                high[..., half : 2 * half], low[..., half : 2 * half]
            )
            rest = slice(length - odd, length)
            high = np.concatenate([folded.high, high[..., rest]], axis=-1)
            low = np.concatenate([np.asarray(folded.low), low[..., rest]], axis=-1)
        return DoubleDouble(high[..., 0], low[..., 0])


def exact_sum(first: ArrayLike, second: ArrayLike) -> DoubleDouble:
    """Return first + second without rounding.

    Examples
    --------
    >>> float(exact_sum(1.0, 1e-20).low)
    1e-20
    """
    return DoubleDouble(*_two_sum(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)))


def exact_product(first: ArrayLike, second: ArrayLike) -> DoubleDouble:
    """Return first × second without rounding.

    Examples
    --------
    >>> product = exact_product(1 + 2.0**-30, 1 - 2.0**-30)
    >>> float(product.high), float(product.low) == -(2.0**-60)
    (1.0, True)
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    low = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return DoubleDouble(np.asarray(product), low)


def _two_sum(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    total = first + second
    part = total - first
    return total, (first - (total - part)) + (second - part)


def _fast_two_sum(larger: FloatArray, smaller: FloatArray) -> tuple[FloatArray, FloatArray]:
    total = larger + smaller
    return total, smaller - (total - larger)


def _halves(number: FloatArray) -> tuple[FloatArray, FloatArray]:
    shifted = SPLITTER * number
    high = shifted - (shifted - number)
    return high, number - high
