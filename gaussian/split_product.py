"""Matrix products whose leading part is exact: for the residuals of nearly solved equations.

A residual is what is left of large terms that cancel.  Each factor is cut into a leading part of about 25 bits, the
same bits for a whole row (of the left factor) or column (of the right one), and a rest.  The product of the leading
parts has no rounding at all, since every partial sum fits the 53 bits of a float; the products with the rests are
2⁻²⁵ times smaller, and so are their rounding errors (Rump, Ogita & Oishi, SIAM J. Sci. Comput. 31, 189 (2008);
Ozaki et al., Numer. Algorithms 59, 95 (2012)).  In all about 75 bits in plain float64 and with BLAS, on every
platform: `numpy.longdouble` has 64 on some, 53 on others, and no BLAS.  Operators alone are used: the arrays may be
those of NumPy or of JAX.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .arrays import FloatArray

__all__ = ["EXPONENT", "exact_total", "power_of_two", "split_product"]

MANTISSA = 53
"""Bits of a float64."""

LEADING = 26
"""Bits of a leading part: two of them fit one float64, with the bound of a row's or column's sum of magnitudes."""

EXPONENT = 0x7FF0000000000000
"""The bits of a float64 that hold its exponent: with them alone it is a power of two, the next below."""


def split_product(left: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """left @ right as an unevaluated sum of an exact leading part and a rest.

    Parameters
    ----------
    left, right : array, shape (…, n, q) and (…, q, m)
        Scaled so that the terms of one sum are of similar size: what is lost is about 2⁻⁷⁵ of the largest entry of
        a row times the largest of a column.

    Examples
    --------
    >>> import numpy as np
    >>> row, column = np.array([[1.0, 1.0]]), np.array([[1 + 2.0**-30], [-1 - 2.0**-30 + 2.0**-52]])
    >>> leading, rest = split_product(row, column)
    >>> bool(leading + rest == 2.0**-52)
    True
    """
    ones = _ones(left.shape[-1])  # sums of rows and columns by BLAS: reductions over short axes are slow
    first = _leading(left, abs(left) @ ones)
    second = _leading(right, ones.T @ abs(right))
    rest: FloatArray = first @ (right - second) + (left - first) @ right
    leading: FloatArray = first @ second
    return leading, rest


def exact_total(*terms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The sum of arrays and its rounding error (Knuth's two-sum, term by term).

    Examples
    --------
    >>> total, error = exact_total(np.float64(1e20), np.float64(1.0), np.float64(-1e20))
    >>> float(total + error)
    1.0
    """
    total, error = terms[0], None
    for term in terms[1:]:
        larger = total + term
        part = larger - total
        lost = (total - (larger - part)) + (term - part)
        total, error = larger, lost if error is None else error + lost
    return total, np.zeros(()) if error is None else error


def power_of_two(size: FloatArray) -> FloatArray:
    """The power of two next above |size|, 1 for 0: a scale that does not round."""
    power: FloatArray = 2 * ((abs(size) + 0.5 * (size == 0)).view(np.int64) & EXPONENT).view(np.float64)
    return power


@lru_cache(maxsize=64)
def _ones(size: int) -> FloatArray:
    return np.ones((size, 1))


def _leading(matrix: FloatArray, bound: FloatArray) -> FloatArray:
    """The bits of the matrix above 2⁻²⁶ of the bound."""
    # Adding and subtracting the anchor, 1.5 times a power of two, rounds to multiples of its last bit.
    power = (bound.view(np.int64) & EXPONENT).view(np.float64)
    anchor = power * (1.5 * 2.0 ** (MANTISSA - LEADING))
    leading: FloatArray = (matrix + anchor) - anchor
    return leading
