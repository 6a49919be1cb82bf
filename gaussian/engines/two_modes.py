"""The normal modes of two modes in closed form: one formula, whoever evaluates it.

V w = ν iF w with F = s₁Ω ⊕ s₂Ω has

    ν² = 2 det V/(Δ + √(Δ² − 4 s₁²s₂² det V)),   Δ = s₂² det A + s₁² det B + 2 s₁s₂ det C,

A and B the blocks of the modes, C the one between them: s = (1, −1) is the partial transpose, (1, 1) gives symplectic
eigenvalues, (0, 1) those of steering. It is the root without a difference; those that are left are in det V, Δ and the
2 × 2 minors of V that both are made of (Laplace's expansion along the first two rows), and these are carried with
twice the digits. How far an uncertainty of V moves ν follows from the same minors by |wᵢ|² = ∂ ln ν/∂V_ii.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .twofold import Number, halves, minor, minus, plus, scaled, times, total

__all__ = ["both_modes", "clearly_positive", "lowest_mode", "only_mode"]

EPSILON = 2.0**-52
"""Spacing of the floats at 1."""

MARGIN = 2.0**14
"""How many times the rounding of V₁₁V₂₂V₃₃V₄₄ to a float has to move ν less than rounding of the entries does.

A count of all roundings has det V err by less than 512 EPSILON² V₁₁V₂₂V₃₃V₄₄. With this margin that is a sixteenth, at
most, of the uncertainty that comes with ν."""

PIVOT = 16.0
"""How many roundings a 3 × 3 minor has to be positive by: it is a sum of at most six products, each rounded twice."""

Entries = Any
"""(a, b, c, p, q, r, s, d, e, f), ten numbers: A = [[a, b], [b, c]], C = [[p, q], [r, s]], B = [[d, e], [e, f]]."""

RANGE = 1e100
"""Largest product of the four variances, and of its inverse: no rounding error under- or overflows."""


def lowest_mode(
    entries: Entries, first: float, second: float, sqrt: Callable[[Number], Number]
) -> tuple[Number, Number, Number]:
    """ν, its growth (Σ |wᵢ|√V_ii)² per relative uncertainty of V, and whether both can be relied on.

    `first` and `second` are s₁ and s₂: −1, 0 or 1, not both 0. Unreliable are matrices that are not clearly positive,
    two equal ν, and numbers near the ends of the range of floats.

    Examples
    --------
    >>> import math
    >>> value, growth, good = lowest_mode((2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0), 1.0, -1.0, math.sqrt)
    >>> value, round(growth, 12), good
    (2.0, 2.0, True)
    """
    determinant, det_a, det_b, det_c, rest = _minors(entries)
    delta, root = _invariants(determinant, det_a, det_b, det_c, first, second, sqrt)
    square = 2.0 * total(determinant) / (total(delta) + root)
    growth = _growth(entries, rest, square, 0.5 / root, first * first, second * second, sqrt)
    good = _inside(entries, square, det_a, det_b, rest) & _certain(entries, square, growth, root)
    return sqrt(abs(square)), growth, good


def both_modes(
    entries: Entries, first: float, second: float, sqrt: Callable[[Number], Number]
) -> tuple[Number, Number, Number, Number, Number]:
    """The smaller ν and its growth, the larger ν and its growth, and whether all can be relied on; s₁ and s₂ are ±1.

    Examples
    --------
    >>> import math
    >>> low, _, high, _, good = both_modes((2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0), 1.0, 1.0, math.sqrt)
    >>> low, high, good
    (2.0, 3.0, True)
    """
    determinant, det_a, det_b, det_c, rest = _minors(entries)
    delta, root = _invariants(determinant, det_a, det_b, det_c, first, second, sqrt)
    larger = 0.5 * (total(delta) + root)
    square = total(determinant) / larger
    growth = _growth(entries, rest, square, 0.5 / root, 1.0, 1.0, sqrt)
    larger_growth = _growth(entries, rest, larger, -0.5 / root, 1.0, 1.0, sqrt)
    good = _inside(entries, square, det_a, det_b, rest) & _certain(entries, square, growth, root)
    good = good & _certain(entries, larger, larger_growth, root)
    return sqrt(abs(square)), growth, sqrt(abs(larger)), larger_growth, good


def _minors(entries: Entries) -> tuple[Number, Number, Number, Number, tuple[Number, Number, Number, Number]]:
    """det V, det A, det B and det C with twice the digits, and the 3 × 3 minors: V without one row and its column."""
    a, b, c, p, q, r, s, d, e, f = entries
    a_, b_, c_, d_, e_, f_ = halves(a), halves(b), halves(c), halves(d), halves(e), halves(f)
    p_, q_, r_, s_ = halves(p), halves(q), halves(r), halves(s)
    det_a, det_b, det_c = minor(a_, c_, b_, b_), minor(d_, f_, e_, e_), minor(p_, s_, q_, r_)
    # the other minors of the first two rows, adj(A) C, and of the last two columns, C adj(B)
    left_0, left_1 = minor(c_, p_, b_, r_), minor(c_, q_, b_, s_)
    left_2, left_3 = minor(a_, r_, b_, p_), minor(a_, s_, b_, q_)
    right_0, right_1 = minor(p_, f_, q_, e_), minor(q_, d_, p_, e_)
    right_2, right_3 = minor(r_, f_, s_, e_), minor(s_, d_, r_, e_)
    upper = plus(times(left_0, right_0), times(left_1, right_1))
    lower = plus(times(left_2, right_2), times(left_3, right_3))
    determinant = minus(plus(times(det_a, det_b), times(det_c, det_c)), plus(upper, lower))
    rest = (
        c * det_b[0] - (r * right_2[0] + s * right_3[0]),
        a * det_b[0] - (p * right_0[0] + q * right_1[0]),
        f * det_a[0] - (q * left_1[0] + s * left_3[0]),
        d * det_a[0] - (p * left_0[0] + r * left_2[0]),
    )
    return determinant, det_a, det_b, det_c, rest


def _invariants(
    determinant: Number,
    det_a: Number,
    det_b: Number,
    det_c: Number,
    first: float,
    second: float,
    sqrt: Callable[[Number], Number],
) -> tuple[Number, Number]:
    """Δ with twice the digits, and √(Δ² − 4 s₁²s₂² det V)."""
    both = first * second
    delta = plus(plus(scaled(second * second, det_a), scaled(first * first, det_b)), scaled(2.0 * both, det_c))
    root = sqrt(abs(total(minus(times(delta, delta), scaled(4.0 * both * both, determinant)))))
    return delta, root


def _growth(
    entries: Entries,
    rest: tuple[Number, Number, Number, Number],
    square: Number,
    half: Number,
    one: float,
    other: float,
    sqrt: Callable[[Number], Number],
) -> Number:
    """(Σ |wᵢ|√V_ii)² with |wᵢ|² = (∂ det V/∂V_ii / ν² − ∂Δ/∂V_ii) · half; `one` and `other` are s₁² and s₂²."""
    a, _, c, _, _, _, _, d, _, f = entries
    without_a, without_c, without_d, without_f = rest
    inverse = 1.0 / square
    weight_a = half * a * (without_a * inverse - other * c)
    weight_c = half * c * (without_c * inverse - other * a)
    weight_d = half * d * (without_d * inverse - one * f)
    weight_f = half * f * (without_f * inverse - one * d)
    reach = (  # ½(x + |x|): a weight that is zero comes out as rounding of either sign
        sqrt(0.5 * (weight_a + abs(weight_a)))
        + sqrt(0.5 * (weight_c + abs(weight_c)))
        + sqrt(0.5 * (weight_d + abs(weight_d)))
        + sqrt(0.5 * (weight_f + abs(weight_f)))
    )
    return reach * reach


def _certain(entries: Entries, square: Number, growth: Number, root: Number) -> Number:
    """Whether roundings of the product of the variances move ν by `MARGIN` times less than those of the entries."""
    a, _, c, _, _, _, _, d, _, f = entries
    return MARGIN * EPSILON * ((a * c) * (d * f)) <= growth * root * square


def _inside(
    entries: Entries, square: Number, det_a: Number, det_b: Number, rest: tuple[Number, Number, Number, Number]
) -> Number:
    """Whether V is clearly positive, and its numbers in the middle of the range of floats.

    By Sylvester: with det V and det A positive, the other mode's block given A is definite, and a 3 × 3 minor has its
    sign.
    """
    a, _, c, _, _, _, _, d, _, f = entries
    without_a, without_c, without_d, without_f = rest
    variances = (a * c) * (d * f)
    least = PIVOT * EPSILON * variances
    positive = (a > 0.0) & (d > 0.0) & (square > 0.0) & (det_a[0] > 0.0) & (det_b[0] > 0.0)
    minors = (a * without_a > least) & (c * without_c > least) & (d * without_d > least) & (f * without_f > least)
    return positive & minors & (variances < RANGE) & (variances * RANGE > 1.0)


def only_mode(a: Number, b: Number, c: Number, sqrt: Callable[[Number], Number]) -> tuple[Number, Number, Number]:
    """ν = √det A of one mode, its growth 2ac/det A, and whether both can be relied on.

    Examples
    --------
    >>> import math
    >>> only_mode(2.0, 0.0, 8.0, math.sqrt)
    (4.0, 2.0, True)
    """
    a_, b_, c_ = halves(a), halves(b), halves(c)
    square, variances = total(minor(a_, c_, b_, b_)), a * c
    good = (a > 0.0) & (square > PIVOT * EPSILON * variances) & (variances < RANGE) & (variances * RANGE > 1.0)
    return sqrt(abs(square)), 2.0 * variances / square, good


def clearly_positive(entries: Entries) -> Number:
    """Whether the pivots of Gauss's elimination are positive beyond rounding, each beside its own variance.

    Examples
    --------
    >>> clearly_positive((2.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0))
    True
    """
    a, b, c, p, q, r, s, d, e, f = entries
    b_a, p_a, q_a = b / a, p / a, q / a
    second = c - b * b_a
    r_left, s_left = r - b * p_a, s - b * q_a
    r_second, s_second = r_left / second, s_left / second
    third = d - p * p_a - r_left * r_second
    e_left = e - p * q_a - r_left * s_second
    fourth = f - q * q_a - s_left * s_second - e_left * (e_left / third)
    least = PIVOT * EPSILON
    return (a > 0.0) & (second > least * c) & (third > least * d) & (fourth > least * f)
