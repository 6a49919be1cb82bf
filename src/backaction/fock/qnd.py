"""How far light can squeeze a spin: a pulse that reads J_z without disturbing it, and what it costs in length.

A pulse entangles spin and light by exp(−iκ J_z x_L/√J) and p_L is recorded, y = p_L + κ J_z/√J. J_z is not disturbed,
and knowing y narrows it: for the Gaussian distribution of an oscillator Var(J_z)/J goes from ½ to ½/(1 + κ²), without
end. A spin of length J turns about z by a random angle of variance κ²/2J meanwhile, so that ⟨J_x⟩ = J exp(−κ²/4J), and
what counts (Wineland et al., Phys. Rev. A 50, 67 (1994)) is

    ξ² = 2J Var(J_z)/⟨J_x⟩²  →  exp(κ²/2J)/(1 + κ²)   for Gaussian J_z:

the best is ξ² = exp(1 − 1/2J)/2J at κ² = 2J − 1. There the record begins to tell the 2J + 1 values of J_z apart; the
exact sum over them says what remains of that estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput

from .dicke import all_levels

__all__ = ["ProbedSpin", "best_gaussian_squeezing", "gaussian_squeezing", "probed_spin"]

OUTCOMES_PER_STEP = 12
"""Outcomes per narrowest peak of their distribution: the trapezoid rule converges exponentially."""

REACH = 8.0
"""Standard deviations of the record's noise beyond the outermost levels."""


@dataclass(frozen=True)
class ProbedSpin:
    """A spin after a QND pulse, averaged over the outcomes.

    Parameters
    ----------
    variance : float
        Var(J_z)/J; ½ in the coherent spin state.
    polarisation : float
        ⟨J_x⟩/J, exactly exp(−κ²/4J).
    squeezing : float
        ξ² = 2 variance/polarisation²; below one it proves entanglement between the spins.
    """

    variance: float
    polarisation: float
    squeezing: float


def probed_spin(spin_length: float, strength: float) -> ProbedSpin:
    """The exact conditional variance of a coherent spin state after a pulse of strength κ².

    Parameters
    ----------
    spin_length : float
        J, an integer or half of one; infinity gives the oscillator.
    strength : float
        κ² ≥ 0.

    Raises
    ------
    InvalidInput
        A length that is no spin's, a negative strength.

    Examples
    --------
    >>> round(probed_spin(50, 1.0).variance, 4), round(probed_spin(np.inf, 1.0).variance, 4)
    (0.25, 0.25)
    """
    if not (strength >= 0 and np.isfinite(strength)):
        raise InvalidInput(f"a strength κ² is finite and not negative, but {strength} came")
    levels = all_levels(spin_length)
    polarisation = float(np.exp(-strength / (4 * spin_length)))
    if not np.isfinite(levels):
        variance = 0.5 / (1 + strength)
        return ProbedSpin(variance, polarisation, 2 * variance)
    values = (np.arange(int(levels)) - spin_length) / np.sqrt(spin_length)
    weights = _binomial(int(levels) - 1)
    near = weights > 1e-20 * weights.max()
    values, weights = values[near], weights[near]
    reach = np.sqrt(strength) * np.abs(values).max() + REACH
    count = max(int(2 * reach * OUTCOMES_PER_STEP), 64)
    outcomes, step = np.linspace(-reach, reach, count, retstep=True)
    likelihood = np.exp(-((outcomes[:, None] - np.sqrt(strength) * values) ** 2)) / np.sqrt(np.pi)
    moments = np.stack([likelihood @ (weights * values**k) for k in range(3)])
    squared = np.divide(moments[1] ** 2, moments[0], out=np.zeros(count), where=moments[0] > 0)
    variance = float(step * (moments[2] - squared).sum())
    return ProbedSpin(variance, polarisation, 2 * variance / polarisation**2)


def gaussian_squeezing(spin_length: ArrayLike, strength: ArrayLike) -> NDArray[np.float64]:
    """exp(κ²/2J)/(1 + κ²): ξ² if J_z were Gaussian."""
    k = np.asarray(strength, dtype=np.float64)
    squeezing: NDArray[np.float64] = np.exp(k / (2 * np.asarray(spin_length, dtype=np.float64))) / (1 + k)
    return squeezing


def best_gaussian_squeezing(spin_length: ArrayLike) -> NDArray[np.float64]:
    """exp(1 − 1/2J)/2J, the least of `gaussian_squeezing`, at κ² = 2J − 1; e times Heisenberg's limit.

    Examples
    --------
    >>> float(best_gaussian_squeezing(50.0).round(4))
    0.0269
    """
    twice = 2 * np.asarray(spin_length, dtype=np.float64)
    best: NDArray[np.float64] = np.exp(1 - 1 / twice) / twice
    return best


def _binomial(count: int) -> NDArray[np.float64]:
    """Probabilities of J_z in the coherent spin state along x."""
    logarithm = np.concatenate([[0.0], np.cumsum(np.log(np.arange(count, 0, -1) / np.arange(1, count + 1)))])
    weights: NDArray[np.float64] = np.exp(logarithm - count * np.log(2))
    return weights
