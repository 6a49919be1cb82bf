"""Numbers with twice the digits as plain sums of two floats, (head, tail), for formulas that anything may evaluate.

The functions are written for one number and use arithmetic only. They take floats, arrays or, compiled, the lanes of a
loop, and cost the least in each case; `backaction.gaussian.double_double` has the same sums as an object. Products and
sums of two floats are exact (Dekker, Numer. Math. 18, 224 (1971); Knuth 1969); what is made of them errs by a few times
2⁻¹⁰⁴ of the largest term, not of the result.
"""

from __future__ import annotations

from typing import Any

__all__ = ["halves", "minor", "minus", "plus", "scaled", "times", "total"]

SPLITTER = 2.0**27 + 1
"""Dekker's constant, as in `double_double`."""

Number = Any
"""A float, or an array of them."""


def halves(number: Number) -> tuple[Number, Number, Number]:
    """The number, its leading 26 bits and the rest: products of these parts are exact.

    Examples
    --------
    >>> number, high, low = halves(1 + 2.0**-40)
    >>> high, low == 2.0**-40
    (1.0, True)
    """
    shifted = SPLITTER * number
    high = shifted - (shifted - number)
    return number, high, number - high


def minor(a: Any, b: Any, c: Any, d: Any) -> tuple[Number, Number]:
    """ab − cd, of numbers split in halves.

    Examples
    --------
    >>> big, one = halves(1e16), halves(1.0)
    >>> minor(big, halves(1.0), halves(1e16 - 2), one)
    (2.0, 0.0)
    """
    first, second = a[0] * b[0], c[0] * d[0]
    first_low = ((a[1] * b[1] - first) + a[1] * b[2] + a[2] * b[1]) + a[2] * b[2]
    second_low = ((c[1] * d[1] - second) + c[1] * d[2] + c[2] * d[1]) + c[2] * d[2]
    head = first - second
    part = head - first
    return head, (first - (head - part)) - (second + part) + (first_low - second_low)


def times(a: Any, b: Any) -> tuple[Number, Number]:
    """The product of two sums.

    Examples
    --------
    >>> times((1.0, 2.0**-60), (3.0, 0.0)) == (3.0, 3 * 2.0**-60)
    True
    """
    (a_head, a_tail), (b_head, b_tail) = a, b
    head = a_head * b_head
    _, a_high, a_low = halves(a_head)
    _, b_high, b_low = halves(b_head)
    low = ((a_high * b_high - head) + a_high * b_low + a_low * b_high) + a_low * b_low
    return head, low + (a_head * b_tail + a_tail * b_head)


def plus(a: Any, b: Any) -> tuple[Number, Number]:
    """The sum of two sums.

    Examples
    --------
    >>> plus((1e16, 0.0), (1.0, 0.0))
    (1e+16, 1.0)
    """
    head = a[0] + b[0]
    part = head - a[0]
    return head, (a[0] - (head - part)) + (b[0] - part) + (a[1] + b[1])


def minus(a: Any, b: Any) -> tuple[Number, Number]:
    """The difference of two sums.

    Examples
    --------
    >>> minus((1e16, 1.0), (1e16, 0.0))
    (0.0, 1.0)
    """
    return plus(a, (-b[0], -b[1]))


def scaled(factor: float, a: Any) -> tuple[Number, Number]:
    """A sum times zero or a power of two.

    Examples
    --------
    >>> scaled(2.0, (1.0, 2.0**-60)) == (2.0, 2.0**-59)
    True
    """
    return factor * a[0], factor * a[1]


def total(a: Any) -> Number:
    """The nearest float.

    Examples
    --------
    >>> total((1.0, 2.0**-60))
    1.0
    """
    return a[0] + a[1]
