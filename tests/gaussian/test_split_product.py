"""Split products against exact rational numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from backaction.gaussian.split_product import exact_total, power_of_two, split_product


def exact_product(left, right):
    rows, columns = left.tolist(), right.T.tolist()
    return [[sum(Fraction(a) * Fraction(b) for a, b in zip(row, c, strict=True)) for c in columns] for row in rows]


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4), (6, 6, 6), (5, 40, 7)])
def test_product_has_seventy_bits_of_its_largest_terms(shape):
    rng = np.random.default_rng(3)
    n, q, m = shape
    left, right = rng.normal(size=(n, q)), rng.normal(size=(q, m))
    leading, rest = split_product(left, right)
    for i, row in enumerate(exact_product(left, right)):
        for j, exact in enumerate(row):
            error = abs(Fraction(leading[i, j]) + Fraction(rest[i, j]) - exact)
            size = q * np.abs(left[i]).max() * np.abs(right[:, j]).max()
            assert error <= Fraction(size) / 2**70


def test_leading_part_has_no_rounding():
    rng = np.random.default_rng(4)
    signs = rng.choice([-1.0, 1.0], (2, 6, 6))
    # the largest sums that there are: full mantissas, all of one size
    left, right = signs * (2 - rng.random((2, 6, 6)) * 2.0**-20)
    leading, _ = split_product(left, right)
    anchors = [
        1.5 * 2.0 ** (52 - 26) * power_of_two(np.abs(f).sum(axis=a, keepdims=True)) for f, a in ((left, 1), (right, 0))
    ]
    first, second = ((f + s) - s for f, s in zip((left, right), anchors, strict=True))
    assert [[Fraction(x) for x in row] for row in leading.tolist()] == exact_product(first, second)


def test_cancelling_sum_keeps_its_digits_where_float64_loses_them():
    rng = np.random.default_rng(5)
    inverse = rng.normal(size=(6, 6))
    matrix = np.linalg.inv(inverse)
    leading, rest = split_product(matrix, inverse)
    total, error = exact_total(leading, -np.eye(6))
    exact = np.array(
        [[float(x - (i == j)) for j, x in enumerate(row)] for i, row in enumerate(exact_product(matrix, inverse))]
    )
    np.testing.assert_allclose(total + (error + rest), exact, rtol=1e-6)  # 1e-22 of the terms, 1e-6 of what is left
    assert np.abs((matrix @ inverse - np.eye(6)) - exact).max() > 0.05 * np.abs(exact).max()


def test_total_and_scales():
    total, error = exact_total(*map(np.float64, (1e30, 1.0, -1e30, 1e-20)))
    assert float(total + error) == 1.0
    assert power_of_two(np.array([0.0, 0.3, 1.0, 5.0])).tolist() == [1.0, 0.5, 2.0, 8.0]
