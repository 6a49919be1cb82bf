"""How many quanta a partly polarised spin ensemble has: spin temperature, transverse variance, normalisations.

At spin temperature the level k steps below the pumped one (m = F − k) has the population ∝ q^k, and every quantity of
one atom follows from q.  The collective oscillator X = J_z/√|J_x| then has Var X = ⟨F_y²⟩/|⟨F_x⟩| = n + ½ with
n = q/(1 − q) *exactly*: that of a Bose field at the same temperature.

What "60 % polarisation" says about n depends on what J_x is taken for.  Møller et al. 2017 quote a variance of 2.8 in
units of the projection noise F N/2 of the *fully polarised* ensemble, and 0.9 quanta; but X is normalised by the J_x
that is there, which is 60 % of that: 1.83 from the same variance, 1.76 from the spin temperature.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput
from backaction.systems.grammar import Parameter, Range

from .caesium import GROUND_SPIN
from .numbers import checked, plain

__all__ = [
    "occupation_from_variance",
    "occupation_readings",
    "populations",
    "spin_temperature_occupation",
    "transition_weights",
    "transverse_variance",
]

BISECTIONS = 60
"""Each halves the bracket [0, 1] of q: 60 leave less than rounding."""


def populations(polarisation: ArrayLike, spin: float = GROUND_SPIN) -> FloatArray:
    """Populations of m = F, F − 1, …, −F at the spin temperature with ⟨F_x⟩ = pF, shape (…, 2F + 1).

    Parameters
    ----------
    polarisation : array_like
        p in (0, 1].
    spin : float
        F; default 4.

    Examples
    --------
    >>> populations(0.6).round(3)[:4]
    array([0.369, 0.235, 0.15 , 0.096])
    """
    levels = _levels(spin)
    weights = _ratio(polarisation, spin)[..., None] ** levels
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def spin_temperature_occupation(polarisation: ArrayLike, spin: float = GROUND_SPIN) -> Parameter:
    """n = q/(1 − q) of an ensemble at spin temperature, X normalised by the J_x that is there.

    Examples
    --------
    >>> round(spin_temperature_occupation(0.6), 2)
    1.76
    """
    q = _ratio(polarisation, spin)
    return plain(q / (1 - q))


def transverse_variance(polarisation: ArrayLike, spin: float = GROUND_SPIN) -> Parameter:
    """⟨F_y²⟩ at spin temperature in units of the projection noise F/2 of full polarisation: p(2n + 1).

    It goes from 1 to 2(F + 1)/3 = 10/3 of an unpolarised ensemble.

    Examples
    --------
    Møller et al. 2017 measured 2.8 at 60 %:

    >>> round(transverse_variance(0.6), 2)
    2.71
    """
    p = np.asarray(checked(polarisation, Range.FRACTION, "polarisation"))
    return plain(p * (2 * np.asarray(spin_temperature_occupation(polarisation, spin)) + 1))


def occupation_from_variance(variance: ArrayLike, polarisation: ArrayLike = 1.0) -> Parameter:
    """n of a measured transverse variance: n + ½ = variance/(2p).

    Parameters
    ----------
    variance : array_like
        Var J_y in units of the projection noise F N/2 of the fully polarised ensemble; at least p.
    polarisation : array_like
        p by which |J_x| = pFN normalises X; the default 1 is the reading of Møller et al. 2017 (0.9 quanta).

    Examples
    --------
    >>> round(occupation_from_variance(2.8), 2), round(occupation_from_variance(2.8, 0.6), 2)
    (0.9, 1.83)
    """
    p = np.asarray(checked(polarisation, Range.FRACTION, "polarisation"))
    checked(p, Range.POSITIVE, "polarisation")
    ratio = np.asarray(checked(variance, Range.POSITIVE, "variance")) / p
    if (ratio < 1).any():
        raise InvalidInput(
            f"a transverse variance of {ratio.min():.4g} in units of the projection noise of the J_x that is there is "
            "below 1: less noise than a coherent spin state; state the variance in units of F N/2 of full polarisation"
        )
    return plain((ratio - 1) / 2)


def occupation_readings(polarisation: float, variance: float) -> dict[str, float]:
    """n_S by each normalisation that a polarisation and a measured variance allow, by its description.

    Examples
    --------
    >>> for how, n in occupation_readings(0.60, 2.8).items():
    ...     print(f"{n:.2f}  {how}")
    0.90  measured variance, J_x of the fully polarised ensemble
    1.83  measured variance, J_x as polarised
    1.76  spin temperature, J_x as polarised
    """
    return {
        "measured variance, J_x of the fully polarised ensemble": float(occupation_from_variance(variance)),
        "measured variance, J_x as polarised": float(occupation_from_variance(variance, polarisation)),
        "spin temperature, J_x as polarised": float(spin_temperature_occupation(polarisation)),
    }


def transition_weights(polarisation: ArrayLike, spin: float = GROUND_SPIN) -> FloatArray:
    """Share of each transition m ↔ m − 1 in the precessing J_z, shape (…, 2F), from m = F down; they sum to 1.

    Proportional to |⟨m−1|F_z|m⟩|² times the difference of the populations: the oscillator strengths of the line that a
    quadratic Zeeman effect splits.

    Examples
    --------
    >>> transition_weights(1.0).tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    share = populations(polarisation, spin)
    steps = _levels(spin)[:-1]
    weights = (steps + 1) * (2 * spin - steps) * (share[..., :-1] - share[..., 1:])
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _levels(spin: float) -> FloatArray:
    doubled = round(2 * spin)
    if doubled < 1 or not np.isclose(doubled, 2 * spin, rtol=0, atol=1e-9):  # rounding of a half-integer
        raise InvalidInput(f"a spin is a positive multiple of ½, got {spin!r}")
    return np.arange(doubled + 1, dtype=np.float64)


def _ratio(polarisation: ArrayLike, spin: float) -> FloatArray:
    """Ratio q of neighbouring populations with ⟨F_x⟩ = pF."""
    p = np.asarray(checked(polarisation, Range.FRACTION, "polarisation"))
    checked(p, Range.POSITIVE, "polarisation")
    levels = _levels(spin)
    target = spin * (1 - p)  # the mean number of steps down
    low, high = np.zeros(p.shape), np.ones(p.shape)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        weights = middle[..., None] ** levels
        above = (weights @ levels) / weights.sum(axis=-1) > target
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(np.where(target == 0, 0.0, (low + high) / 2))
