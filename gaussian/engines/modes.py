"""The smallest normal mode of two modes, problem by problem: the steps of `backaction.gaussian.normal_forms`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import FloatArray
from .compilation import compiled

__all__ = ["LowestMode", "lowest_mode"]

SPLITTER = 2.0**27 + 1
"""Dekker's constant, as in `double_double`."""


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
    matrix = np.ascontiguousarray(covariance)
    values, growth = np.empty(len(matrix)), np.empty(len(matrix))
    real, imaginary = np.empty((len(matrix), 4)), np.empty((len(matrix), 4))
    with np.errstate(all="ignore"):
        lowest_modes(matrix, np.ascontiguousarray(form), values, growth, real, imaginary)
    return LowestMode(values, growth, real + 1j * imaginary)


@compiled
def double_product(a: float, b: float) -> tuple[float, float]:
    """a × b as product and rounding error."""
    product = a * b
    shifted = SPLITTER * a
    a_high = shifted - (shifted - a)
    a_low = a - a_high
    shifted = SPLITTER * b
    b_high = shifted - (shifted - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@compiled
def double_sum(a: float, b: float) -> tuple[float, float]:
    """a + b as sum and rounding error."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@compiled
def lowest_modes(
    covariance: FloatArray,
    form: FloatArray,
    values: FloatArray,
    growth: FloatArray,
    real: FloatArray,
    imaginary: FloatArray,
) -> None:
    """The smallest ν of V w = ν iF w for two modes, w†Vw = 1: the steps of `normal_forms`, without an iteration.

    With V = s L Lᵀ s, M = L⁻¹ s⁻¹F s⁻¹ L⁻ᵀ is a skew 4 × 4 matrix, the sum of a self-dual and an anti-self-dual part
    |p|P + |q|Q with PQ = QP and P² = Q² = −1.  Its eigenvalues are ±i(|p| ± |q|), and the largest belongs to the plane
    of ½(1 − PQ), where Q = P.
    """
    scale, lower, inverse = np.empty(4), np.zeros((4, 4)), np.zeros((4, 4))
    skew, p, q = np.empty((4, 4)), np.zeros((4, 4)), np.zeros((4, 4))
    x, y, a, b = np.empty(4), np.empty(4), np.empty(4), np.empty(4)
    for n in range(covariance.shape[0]):
        v = covariance[n]
        for i in range(4):
            scale[i] = math.sqrt(v[i, i])
        for j in range(4):
            pivot = 1.0
            for k in range(j):
                pivot -= lower[j, k] * lower[j, k]
            lower[j, j] = math.sqrt(pivot) if pivot > 0 else math.nan
            for i in range(j + 1, 4):
                entry = v[i, j] / (scale[i] * scale[j])
                for k in range(j):
                    entry -= lower[i, k] * lower[j, k]
                lower[i, j] = entry / lower[j, j]
        for j in range(4):
            inverse[j, j] = 1.0 / lower[j, j]
            for i in range(j + 1, 4):
                entry = 0.0
                for k in range(j, i):
                    entry -= lower[i, k] * inverse[k, j]
                inverse[i, j] = entry / lower[i, i]
        for i in range(4):
            for j in range(i + 1, 4):
                entry = 0.0
                for k in range(i + 1):
                    for m in range(j + 1):
                        entry += inverse[i, k] * (form[k, m] / (scale[k] * scale[m])) * inverse[j, m]
                skew[i, j] = entry
        p0, p1, p2 = skew[0, 1] + skew[2, 3], skew[0, 2] - skew[1, 3], skew[0, 3] + skew[1, 2]
        q0, q1, q2 = skew[0, 1] - skew[2, 3], skew[0, 2] + skew[1, 3], skew[0, 3] - skew[1, 2]
        size_p, size_q = math.sqrt(p0 * p0 + p1 * p1 + p2 * p2), math.sqrt(q0 * q0 + q1 * q1 + q2 * q2)
        if size_p > 0:
            p0, p1, p2 = p0 / size_p, p1 / size_p, p2 / size_p
        else:  # two equal eigenvalues: any direction
            p0 = 1.0
        if size_q > 0:
            q0, q1, q2 = q0 / size_q, q1 / size_q, q2 / size_q
        else:
            q0 = 1.0
        p[0, 1], p[0, 2], p[0, 3], p[1, 2], p[1, 3], p[2, 3] = p0, p1, p2, p2, -p1, p0
        q[0, 1], q[0, 2], q[0, 3], q[1, 2], q[1, 3], q[2, 3] = q0, q1, q2, -q2, q1, -q0
        for i in range(4):
            for j in range(i):
                p[i, j], q[i, j] = -p[j, i], -q[j, i]
        best, chosen = -1.0, 0
        for i in range(4):
            weight = 0.5
            for k in range(4):
                weight -= 0.5 * p[i, k] * q[k, i]
            if weight > best:
                best, chosen = weight, i
        norm = 1.0 / math.sqrt(2.0 * best)  # w†Vw = 1 with w = (x + iy)/√2
        for i in range(4):
            entry = 0.5 if i == chosen else 0.0
            for k in range(4):
                entry -= 0.5 * p[i, k] * q[k, chosen]
            x[i] = entry * norm
        for i in range(4):
            y[i] = 0.0
            for k in range(4):
                y[i] += p[i, k] * x[k]
        total = 0.0
        for i in range(4):
            first, second = 0.0, 0.0
            for k in range(i, 4):
                first += inverse[k, i] * x[k]
                second += inverse[k, i] * y[k]
            total += math.sqrt(first * first + second * second)
            a[i], b[i] = first / scale[i], second / scale[i]
        # Rayleigh's quotient w†Vw / w†iFw with twice the digits
        top, top_low, bottom, bottom_low = 0.0, 0.0, 0.0, 0.0
        for i in range(4):
            for j in range(4):
                one, one_low = double_product(a[i], a[j])
                two, two_low = double_product(b[i], b[j])
                gram, gram_low = double_sum(one, two)
                gram_low += one_low + two_low
                term, low = double_product(gram, v[i, j])
                top, rest = double_sum(top, term)
                top_low += rest + low + gram_low * v[i, j]
                if form[i, j] != 0.0:
                    one, one_low = double_product(a[i], b[j])
                    term, low = double_product(one, -2.0 * form[i, j])
                    bottom, rest = double_sum(bottom, term)
                    bottom_low += rest + low - 2.0 * form[i, j] * one_low
        values[n] = (top + top_low) / (bottom + bottom_low)
        growth[n] = total * total
        for i in range(4):
            real[n, i], imaginary[n, i] = a[i], b[i]
