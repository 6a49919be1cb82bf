"""Double-double arithmetic against exact rational numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from backaction.gaussian.double_double import DoubleDouble, exact_product, exact_sum

UNIT = Fraction(1, 2**104)  # about 1e-31: what two floats can hold of one number


def exact(number: DoubleDouble) -> list[Fraction]:
    low = np.broadcast_to(number.low, np.shape(number.high))
    return [Fraction(float(h)) + Fraction(float(t)) for h, t in zip(np.ravel(number.high), np.ravel(low), strict=True)]


@pytest.fixture
def numbers():
    rng = np.random.default_rng(1)
    return rng.normal(size=(2, 400)) * 10.0 ** rng.uniform(-12, 12, size=(2, 400))


def test_sum_and_product_of_floats_are_exact(numbers):
    a, b = numbers
    pairs = [(Fraction(x), Fraction(y)) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert exact(exact_sum(a, b)) == [x + y for x, y in pairs]
    assert exact(exact_product(a, b)) == [x * y for x, y in pairs]


def test_arithmetic_keeps_thirty_digits_through_cancellation(numbers):
    a, b = numbers
    # (a + b)² − a² − 2ab = b²: the terms are up to 1e48 times larger than what is left of them.
    whole, two = exact_sum(a, b), DoubleDouble(np.asarray(2.0))
    rest = whole * whole - exact_product(a, a) - two * exact_product(a, b)
    for x, y, left in zip(a.tolist(), b.tolist(), exact(rest), strict=True):
        largest = (abs(Fraction(x)) + abs(Fraction(y))) ** 2
        assert abs(left - Fraction(y) ** 2) <= 16 * UNIT * largest


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (2, 4, 9)])
def test_total_is_the_exact_sum_of_the_last_axes(shape):
    rng = np.random.default_rng(2)
    values = rng.normal(size=shape) * 10.0 ** rng.uniform(-15, 15, size=shape)
    total = DoubleDouble(values).total(axes=min(2, len(shape)))
    rows = values.reshape(1 if len(shape) <= 2 else shape[0], -1)
    for row, summed in zip(rows, exact(total), strict=True):
        terms = [Fraction(x) for x in row.tolist()]
        assert abs(summed - sum(terms)) <= 64 * UNIT * sum(map(abs, terms))


def test_plain_floats_would_lose_it(numbers):
    a, b = 1e17 * np.abs(numbers[0]), numbers[1]
    assert not np.array_equal((a + b) - a, b)
    np.testing.assert_allclose((exact_sum(a, b) - DoubleDouble(a)).rounded, b, rtol=1e-15)
