"""One oscillator, continuously observed: the closed forms of its conditional and retrodicted variances.

H = ½Ω(X² + P²) + √Γ X X_L, homodyne detection of P_L with efficiency η, damping γ with bath occupation n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.arrays import FloatArray, stack_matrix

__all__ = [
    "conditional_covariance",
    "conditional_covariance_of_diffusion",
    "conditional_variance",
    "retrodicted_variance",
]


def conditional_covariance(
    frequency: ArrayLike,
    linewidth: ArrayLike,
    readout_rate: ArrayLike,
    occupation: ArrayLike,
    efficiency: ArrayLike = 1.0,
) -> FloatArray:
    """Conditional covariance with brownian damping, exact for every Γ/Ω, shape (…, 2, 2).

    With d = γ(2n+1) + Γ/2 and λ = 2ηΓ:  b = √(Ω⁴ + λdΩ²), a = √(2b − 2Ω² + γ²),
    V₁₁ = (a − γ)/λ, V₁₂ = λV₁₁²/2Ω, V₂₂ = V₁₁ + aV₁₂/Ω.

    Examples
    --------
    >>> conditional_covariance(1.0, 0.0, 1e-6, 0.0).round(6) + 0.0  # all decoherence is watched: pure
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    gamma, rate = np.asarray(linewidth, dtype=np.float64), np.asarray(readout_rate, dtype=np.float64)
    diffusion = gamma * (2 * np.asarray(occupation) + 1) + rate / 2
    return conditional_covariance_of_diffusion(frequency, gamma, diffusion, 2 * np.asarray(efficiency) * rate)


def conditional_covariance_of_diffusion(
    frequency: ArrayLike, linewidth: ArrayLike, diffusion: ArrayLike, information_rate: ArrayLike
) -> FloatArray:
    """The same for any diffusion d of P and information rate λ: what back-action evasion changes is d.

    Examples
    --------
    >>> conditional_covariance_of_diffusion(1.0, 0.0, 1.0, 1.0).round(6)
    array([[0.91018 , 0.414214],
           [0.414214, 1.287189]])
    """
    omega, gamma = np.asarray(frequency, dtype=np.float64), np.asarray(linewidth, dtype=np.float64)
    product = np.asarray(information_rate) * np.asarray(diffusion)
    # b − Ω² without the difference of nearly equal numbers
    excess = product / (np.sqrt(1 + product / omega**2) + 1)
    a = np.sqrt(2 * excess + gamma**2)
    positions = 2 * excess / (a + gamma) / information_rate
    cross = np.asarray(information_rate) * positions**2 / (2 * omega)
    return stack_matrix([[positions, cross], [cross, positions + a * cross / omega]])


def conditional_variance(
    linewidth: ArrayLike, readout_rate: ArrayLike, occupation: ArrayLike, efficiency: ArrayLike = 1.0
) -> FloatArray:
    """Conditional variance of both quadratures in the rotating-wave limit, Γ, γ(2n + 1) ≪ Ω.

    V = [−γ + √(γ² + 4ηΓ(γ(n + ½) + Γ/4))]/(2ηΓ).

    Examples
    --------
    >>> float(conditional_variance(0.0, 1.0, 0.0, 0.25))
    1.0
    """
    return _rotating(linewidth, readout_rate, occupation, efficiency, -1.0)


def retrodicted_variance(
    linewidth: ArrayLike, readout_rate: ArrayLike, occupation: ArrayLike, efficiency: ArrayLike = 1.0
) -> FloatArray:
    """Variance of the retrodicted effect in the same limit: V_E = V + γ/(ηΓ), the sign of γ turned round.

    Examples
    --------
    >>> float(retrodicted_variance(0.0, 1.0, 0.0, 0.25))  # without damping past and future are alike
    1.0
    """
    return _rotating(linewidth, readout_rate, occupation, efficiency, 1.0)


def _rotating(
    linewidth: ArrayLike, readout_rate: ArrayLike, occupation: ArrayLike, efficiency: ArrayLike, sign: float
) -> FloatArray:
    gamma, rate = np.asarray(linewidth, dtype=np.float64), np.asarray(readout_rate, dtype=np.float64)
    heating = gamma * (np.asarray(occupation) + 0.5) + rate / 4
    watched = np.asarray(efficiency) * rate
    root = np.sqrt(gamma**2 + 4 * watched * heating)
    # (root − γ)/2ηΓ = 2·heating/(root + γ), which does not cancel
    variance: FloatArray = np.asarray(2 * heating / (root + gamma) if sign < 0 else (root + gamma) / (2 * watched))
    return variance
