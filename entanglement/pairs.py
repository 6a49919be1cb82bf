"""Duan and EPR criteria of two modes: variances of one combination of positions and one of momenta.

With A = Var X_a + Var P_a, B the same of b, and the cross block C_ij = Cov(a_i, b_j), a local phase φ on b makes the
correlation of the two sums as large as it can be:

    C = √((C_xx − C_pp)² + (C_xp + C_px)²),   b' = O(φ) b,   φ = atan2(−(C_xp + C_px), C_xx − C_pp).

What is subtracted here is nearly equal in an entangled state, so A, B and C² are formed in double-double
arithmetic, and the smaller eigenvalue of [[A, C], [C, B]] is (AB − C²)/λ₊, not a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.double_double import DoubleDouble, exact_sum
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.normal_forms import ROUNDING, require_positive

from .criterion import Criterion, as_float, relevant_doubt, require_resolved
from .parties import Parties, parties

__all__ = ["EPRVariance", "duan_sum", "epr_variance"]

BOUND = 1.0
"""Separable states have no smaller Duan sum or EPR variance."""


@dataclass(frozen=True, eq=False)
class EPRVariance:
    """The EPR variance and the combination that has it, each of shape (…).

    Attributes
    ----------
    value, uncertainty : array
        As in `Criterion`.
    gain : array
        g ≤ 0 of X_a + g X_b' and P_a − g P_b'; NaN where the modes are uncorrelated and the second one is the
        quieter: no finite gain leaves the second alone.
    phase : array
        φ, rad, of b' = O(φ) b.
    """

    value: FloatArray
    uncertainty: FloatArray
    gain: FloatArray
    phase: FloatArray

    def __float__(self) -> float:
        return as_float(self.value)


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
    pair = _pair(state, first, second)
    total_a, total_b, squared, correlation, phase = _sums(pair)
    # One Newton step of the square root gives C to twice the digits, so that the difference keeps its own.
    refinement = (squared - _square(correlation)).rounded / (2 * np.where(correlation > 0, correlation, 1.0))
    halved = (total_a + total_b) * DoubleDouble(np.asarray(0.5))
    value = (halved - DoubleDouble(correlation) - DoubleDouble(refinement)).rounded
    uncertainty = _first_order(pair, np.sqrt(0.5), np.sqrt(0.5), phase)
    require_resolved(relevant_doubt(value, uncertainty, BOUND), f"the Duan sum of {pair.text}")
    return Criterion(pair.spread(value), pair.spread(uncertainty))


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
    pair = _pair(state, first, second)
    total_a, total_b, squared, correlation, phase = _sums(pair)
    half_difference = (total_b - total_a).rounded / 2
    root = np.hypot(half_difference, correlation)
    larger = (total_a + total_b).rounded / 2 + root
    value = (total_a * total_b - squared).rounded / larger
    # The eigenvector (1, g) up to length, g = (λ − A)/C, without the difference A − λ: g = −C/(B − λ) when A ≤ B.
    distance = np.abs(half_difference) + root
    quieter_first = half_difference >= 0
    weight_a = np.where(quieter_first, np.where(distance > 0, distance, 1.0), correlation)
    weight_b = np.where(quieter_first, correlation, distance)
    length = np.hypot(weight_a, weight_b)
    uncertainty = _first_order(pair, weight_a / length, weight_b / length, phase)
    require_resolved(relevant_doubt(value, uncertainty, BOUND), f"the EPR variance of {pair.text}")
    gain = np.where(weight_a > 0, 0.0 - weight_b / np.where(weight_a > 0, weight_a, 1.0), np.nan)
    return EPRVariance(*map(pair.spread, (value, uncertainty, gain, phase)))


def _pair(state: GaussianState, first: str, second: str) -> Parties:
    pair = parties(state, first, second)
    if len(pair.first) != 1 or len(pair.second) != 1:
        raise InvalidInput(
            f"the Duan and EPR criteria are about one mode on either side, got {pair.text}; "
            "`log_negativity` takes any number of modes"
        )
    require_positive(pair.covariance, pair.error)
    return pair


def _sums(pair: Parties) -> tuple[DoubleDouble, DoubleDouble, DoubleDouble, FloatArray, FloatArray]:
    """A and B, C² exactly and C, φ in float64."""
    covariance = pair.covariance
    total_a = exact_sum(covariance[..., 0, 0], covariance[..., 1, 1])
    total_b = exact_sum(covariance[..., 2, 2], covariance[..., 3, 3])
    aligned = exact_sum(covariance[..., 0, 2], -covariance[..., 1, 3])
    crossed = exact_sum(covariance[..., 0, 3], covariance[..., 1, 2])
    correlation = np.hypot(aligned.rounded, crossed.rounded)
    phase = np.where(correlation > 0, np.arctan2(-crossed.rounded, aligned.rounded), 0.0) + 0.0
    return total_a, total_b, aligned * aligned + crossed * crossed, correlation, phase


def _square(number: FloatArray) -> DoubleDouble:
    return DoubleDouble(number) * DoubleDouble(number)


def _first_order(pair: Parties, weight_a: ArrayLike, weight_b: ArrayLike, phase: FloatArray) -> FloatArray:
    """What |δV_ij| ≤ ε√(V_ii V_jj) does to Var(w_a X_a − w_b X_b') + Var(w_a P_a + w_b P_b'), at most.

    For one combination Σ vᵢ ξᵢ it is ε(Σ |vᵢ| √V_ii)². The optimal gain and phase are stationary and need no term.
    """
    spread = np.sqrt(np.diagonal(pair.covariance, axis1=-2, axis2=-1))
    cosine, sine = np.abs(np.cos(phase)), np.abs(np.sin(phase))
    x = weight_a * spread[..., 0] + weight_b * (cosine * spread[..., 2] + sine * spread[..., 3])
    p = weight_a * spread[..., 1] + weight_b * (sine * spread[..., 2] + cosine * spread[..., 3])
    uncertainty: FloatArray = (pair.error + ROUNDING) * (x**2 + p**2)
    return uncertainty
