"""Duan and EPR criteria of two modes: variances of one combination of positions and one of momenta.

With A = Var X_a + Var P_a, B the same of b, and the cross block C_ij = Cov(a_i, b_j), a local phase φ on b makes the
correlation of the two sums as large as it can be:

    C = √((C_xx − C_pp)² + (C_xp + C_px)²),   b' = O(φ) b,   φ = atan2(−(C_xp + C_px), C_xx − C_pp).

What is subtracted here is nearly equal in an entangled state, so A, B and C² are formed with twice the digits, and the
smaller eigenvalue of [[A, C], [C, B]] is (AB − C²)/λ₊, not a difference. The formulas take the ten entries of V,
V_a = [[a, b], [b, c]], the correlations [[p, q], [r, s]] and V_b = [[d, e], [e, f]], as floats or as arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.elementwise import evaluated
from backaction.gaussian.engines.two_modes import Entries, clearly_positive
from backaction.gaussian.engines.twofold import Number, minus, plus, scaled, times, total
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.normal_modes import ROUNDING, positive_lanes

from .bounds import DUAN, EPR, Bound
from .criterion import Attempt, Criterion, Judgement
from .parties import Parties, parties

__all__ = [
    "EPRVariance",
    "attempt_duan_sum",
    "attempt_epr_variance",
    "duan_formula",
    "duan_sum",
    "epr_formula",
    "epr_variance",
]


SAME = math.sqrt(0.5)
"""Either weight of the normalised pair with equal gains."""


@dataclass(frozen=True, eq=False, repr=False)
class EPRVariance(Judgement):
    """The EPR variance as a `Criterion`, and the combination that has it, each of shape (…).

    Attributes
    ----------
    gain : array
        g ≤ 0 of X_a + g X_b' and P_a − g P_b'; NaN where the modes are uncorrelated and the second one is the
        quieter: no finite gain leaves the second alone.
    phase : array
        φ, rad, of b' = O(φ) b.
    """

    gain: FloatArray
    phase: FloatArray


def duan_sum(state: GaussianState, first: str, second: str) -> Criterion:
    """Duan sum with equal gains, Δ = ½[Var(X_a − X_b') + Var(P_a + P_b')] = (A + B)/2 − C: separable ⇒ Δ ≥ 1.

    The local phase of b' is the best one. A violation proves entanglement; Δ ≥ 1 proves nothing (unequal modes: use
    `epr_variance` or `smallest_ppt_eigenvalue`). A two-mode squeezed vacuum has e^{−2r}, two vacua have 1.

    Parameters
    ----------
    state : GaussianState
    first, second : str
        One mode each.

    Returns
    -------
    Criterion
        Δ (vacuum 1), shape (…).

    Raises
    ------
    InvalidInput
        Unknown modes, the same mode twice, more than one mode a party.
    Unphysical
        The covariance is not positive definite.
    Unresolved
        The covariance does not hold Δ to 1e-3, nor the verdict.

    References
    ----------
    L.-M. Duan, G. Giedke, J. I. Cirac and P. Zoller, Phys. Rev. Lett. 84, 2722 (2000). Drawn in the figures
    `two-mode-squeezed` and `epr-channel`.

    Examples
    --------
    >>> float(duan_sum(GaussianState.thermal([0.5, 0.5], ["spin", "membrane"]), "spin", "membrane"))
    2.0
    """
    return Criterion.of(attempt_duan_sum, DUAN, state, first, second)


def attempt_duan_sum(state: GaussianState, first: str, second: str) -> Attempt:
    """`duan_sum` lane by lane."""
    pair = _pair(state, first, second)
    value, reach, positive = evaluated(duan_formula, pair.covariance)
    return _attempt(pair, "the Duan sum", value, reach, positive, DUAN)


def epr_variance(state: GaussianState, first: str, second: str) -> EPRVariance:
    """EPR variance with optimal gain and local phase: the smaller eigenvalue of [[A, C], [C, B]].

    It is the minimum over g and φ of [Var(X_a + g X_b') + Var(P_a − g P_b')]/(1 + g²): separable ⇒ ≥ 1. A
    violation proves entanglement. It is never larger than the Duan sum, and equals it for two modes with equal
    A and B.

    Parameters
    ----------
    state : GaussianState
    first, second : str
        One mode each.

    Returns
    -------
    EPRVariance
        Value (vacuum 1), uncertainty, gain and phase, shape (…).

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `duan_sum`.

    References
    ----------
    The form with gains: V. Giovannetti, S. Mancini, D. Vitali and P. Tombesi, Phys. Rev. A 67, 022320 (2003). Drawn in
    the figures `conditional-trajectory` and `hybrid-road`.

    Examples
    --------
    >>> epr = epr_variance(GaussianState.thermal([0.5, 1.5], ["spin", "membrane"]), "spin", "membrane")
    >>> float(epr), float(epr.gain)
    (2.0, 0.0)
    """
    return EPRVariance.of(attempt_epr_variance, EPR, state, first, second)


def attempt_epr_variance(state: GaussianState, first: str, second: str) -> Attempt:
    """`epr_variance` lane by lane."""
    pair = _pair(state, first, second)
    value, reach, weight_a, weight_b, aligned, crossed, positive = evaluated(epr_formula, pair.covariance)
    gain = np.where(weight_a > 0, 0.0 - weight_b / np.where(weight_a > 0, weight_a, 1.0), np.nan)
    phase = np.arctan2(0.0 - crossed, aligned + 0.0) + 0.0  # no negative zeros: C = 0 has the phase 0
    return _attempt(pair, "the EPR variance", value, reach, positive, EPR, gain=gain, phase=phase)


def _attempt(
    pair: Parties, what: str, value: FloatArray, reach: FloatArray, clear: Any, bound: Bound, **details: FloatArray
) -> Attempt:
    positive = pair.told(clear if clear.all() else clear | positive_lanes(pair.covariance, pair.error))
    value, uncertainty = pair.spread(value), pair.spread((pair.error + ROUNDING) * reach)
    found = {name: pair.spread(part) for name, part in details.items()}
    text = f"{what} of {pair.text}"
    return Attempt(pair, text, value, uncertainty, value, uncertainty, bound.value, positive, found)


def _pair(state: GaussianState, first: str, second: str) -> Parties:
    pair = parties(state, first, second)
    if len(pair.first) != 1 or len(pair.second) != 1:
        raise InvalidInput(
            f"the Duan and EPR criteria are about one mode on either side, got {pair.text}; "
            "`log_negativity` takes any number of modes"
        )
    return pair


def duan_formula(entries: Entries, sqrt: Callable[[Number], Number]) -> tuple[Number, Number, Number]:
    """Δ, its reach, and whether V is clearly positive."""
    total_a, total_b, aligned, crossed, squared = _sums(entries)
    correlation = sqrt(total(squared))
    # One Newton step of the square root gives C to twice the digits, so that the difference keeps its own.
    rest = total(minus(squared, times((correlation, 0.0), (correlation, 0.0))))
    refinement = rest / (2.0 * (correlation + (correlation == 0.0)))
    halved = scaled(0.5, plus(total_a, total_b))
    value = total(minus(minus(halved, (correlation, 0.0)), (refinement, 0.0)))
    reach = _reach(SAME, SAME, total(aligned), total(crossed), correlation, _deviations(entries, sqrt))
    return value, reach, clearly_positive(entries)


def epr_formula(entries: Entries, sqrt: Callable[[Number], Number]) -> tuple[Number, ...]:
    """λ₋, its reach, the weights of a and b' (up to a factor), C cos φ, −C sin φ, and whether V is clearly positive."""
    total_a, total_b, aligned, crossed, squared = _sums(entries)
    correlation = sqrt(total(squared))
    half_difference = 0.5 * total(minus(total_b, total_a))
    root = sqrt(half_difference * half_difference + correlation * correlation)
    value = total(minus(times(total_a, total_b), squared)) / (0.5 * total(plus(total_a, total_b)) + root)
    # The eigenvector (1, g) up to length, g = (λ − A)/C, without the difference A − λ: g = −C/(B − λ) when A ≤ B.
    distance = abs(half_difference) + root
    quieter = 1.0 * (half_difference >= 0.0)
    weight_a = quieter * (distance + (distance == 0.0)) + (1.0 - quieter) * correlation
    weight_b = quieter * correlation + (1.0 - quieter) * distance
    length = sqrt(weight_a * weight_a + weight_b * weight_b)
    cosine, sine, deviations = total(aligned), total(crossed), _deviations(entries, sqrt)
    reach = _reach(weight_a / length, weight_b / length, cosine, sine, correlation, deviations)
    return value, reach, weight_a, weight_b, cosine, sine, clearly_positive(entries)


def _sums(entries: Entries) -> tuple[Number, Number, Number, Number, Number]:
    """A, B, C cos φ, −C sin φ and C², with twice the digits."""
    a, _, c, p, q, r, s, d, _, f = entries
    aligned, crossed = plus((p, 0.0), (-s, 0.0)), plus((q, 0.0), (r, 0.0))
    squared = plus(times(aligned, aligned), times(crossed, crossed))
    return plus((a, 0.0), (c, 0.0)), plus((d, 0.0), (f, 0.0)), aligned, crossed, squared


def _deviations(entries: Entries, sqrt: Callable[[Number], Number]) -> tuple[Number, Number, Number, Number]:
    """√V_ii of x_a, p_a, x_b and p_b."""
    a, _, c, _, _, _, _, d, _, f = entries
    return sqrt(a), sqrt(c), sqrt(d), sqrt(f)


def _reach(
    weight_a: Number, weight_b: Number, aligned: Number, crossed: Number, correlation: Number, deviations: Any
) -> Number:
    """What |δV_ij| ≤ ε√(V_ii V_jj) does to Var(w_a X_a − w_b X_b') + Var(w_a P_a + w_b P_b'), at most, per ε.

    For one combination Σ vᵢ ξᵢ it is (Σ |vᵢ| √V_ii)². The optimal gain and phase are stationary and need no term.
    """
    x_a, p_a, x_b, p_b = deviations
    none = 1.0 * (correlation == 0.0)  # then the phase is 0
    cosine, sine = (abs(aligned) + none) / (correlation + none), abs(crossed) / (correlation + none)
    x = weight_a * x_a + weight_b * (cosine * x_b + sine * p_b)
    p = weight_a * p_a + weight_b * (sine * x_b + cosine * p_b)
    return x * x + p * p
