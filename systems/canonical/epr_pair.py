"""Two oscillators of opposite mass in one beam that never met: the EPR pair, with a detector and without.

Positions X_M + X_S and momenta P_M − P_S of two oscillators with frequencies Ω and −Ω obey closed equations: light
that reads X_M + X_S kicks the *other* pair, and this one is read without back action. Both have the full width γ,
readout rate Γ, and bath occupations n_M, n_S; c = Γ/γ is their cooperativity and N = n_M + n_S + 1. Three schemes:

- `qnd`: H_j ∝ X_j X_L. Nothing entangles by itself, a detector does (Hammerer et al., PRL 102, 020501 (2009)).
- `dissipative`: H_j ∝ X_j X_L + ζ P_j P_L with the same ζ: the beam cools the pair (Muschik et al., PRA 83, 052312).
- `mixed`: the spin QND and first, the mechanics with ζ second: coherent noise cancellation on top of cooling, which
  reaches unconditionally what a perfect detector would tell (compare Huang et al., PRL 121, 103602 (2018)).

Δ = ½[Var(X_M + X_S) + Var(P_M − P_S)] is the Duan sum, separable ≥ 1. Closed forms are in the rotating-wave limit
(errors of order (Γ/Ω)², γ/Ω) unless they say "exact".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.systems.damping import Damping
from backaction.systems.grammar import Parameter
from backaction.systems.network import Network
from backaction.systems.optics import Loss
from backaction.systems.oscillators import MechanicalOscillator, SpinOscillator

from .probed_oscillator import conditional_covariance_of_diffusion

__all__ = [
    "dissipative",
    "dissipative_optimum",
    "mixed",
    "mixed_optimum",
    "network",
    "qnd_conditional",
    "qnd_conditional_exact",
    "qnd_unconditional",
]


def network(
    cooperativity: Parameter,
    occupations: tuple[Parameter, Parameter] = (0.5, 0.5),
    *,
    quality: Parameter = 1e7,
    tensor: tuple[Parameter, Parameter] = (0.0, 0.0),
    link: Parameter = 1.0,
    spin_first: bool = True,
    spin_mass: int = -1,
    damping: Damping = Damping.ROTATING_WAVE,
    compensated: bool = True,
) -> Network:
    """The pair in one beam: ``spin``, ``link`` (loss), ``membrane``, with Ω = 1.

    Parameters
    ----------
    cooperativity : float or array
        c = Γ_M/γ.
    occupations : (float or array, float or array)
        n_M and n_S of the baths.
    quality : float or array
        Q = Ω/γ of both.
    tensor : (float or array, float or array)
        ζ_M and ζ_S.
    link : float or array
        Transmission η₁ between the two.
    spin_first : bool
        The order in which the light meets them.
    spin_mass : int
        −1 (an EPR pair) or 1 (none).
    damping : Damping
    compensated : bool
        The first oscillator is read 1/η₁ times as strongly, so that both stand equally in the light that is detected.

    Raises
    ------
    InvalidInput
        A mass that is not ±1, or parameters out of their ranges.

    Examples
    --------
    >>> network(10.0, link=0.9).names
    ('spin', 'link', 'membrane')
    """
    if spin_mass not in (-1, 1):
        raise InvalidInput(f"the sign of the spin's mass is −1 or 1, got {spin_mass!r}")
    linewidth = 1 / np.asarray(quality, dtype=np.float64)
    rate = np.asarray(cooperativity) * linewidth
    stronger = rate / np.asarray(link) if compensated else rate
    spin = SpinOscillator(
        name="spin",
        frequency=float(spin_mass),
        linewidth=linewidth,
        readout_rate=stronger if spin_first else rate,
        occupation=occupations[1],
        tensor_coupling=tensor[1],
        damping=damping,
    )
    membrane = MechanicalOscillator(
        name="membrane",
        mechanical_frequency=1.0,
        mechanical_linewidth=linewidth,
        readout_rate=rate if spin_first else stronger,
        occupation=occupations[0],
        tensor_coupling=tensor[0],
        damping=damping,
    )
    between = Loss(name="link", efficiency=link)
    return spin >> between >> membrane if spin_first else membrane >> between >> spin


def qnd_unconditional(noise: ArrayLike) -> FloatArray:
    """Δ = N: QND light leaves the pair in its thermal state, whatever the cooperativity.

    Examples
    --------
    >>> float(qnd_unconditional(2.0))
    2.0
    """
    return np.asarray(noise, dtype=np.float64)


def qnd_conditional(cooperativity: ArrayLike, noise: ArrayLike, efficiency: ArrayLike = 1.0) -> FloatArray:
    """Δ = (√(1 + 4ηcN) − 1)/(2ηc): what the detector tells.

    Examples
    --------
    >>> float(qnd_conditional(6.0, 1.0))  # 2N/(1 + √(1 + 4ηcN))
    0.3333333333333333
    """
    c, n = np.asarray(cooperativity, dtype=np.float64), np.asarray(noise, dtype=np.float64)
    value: FloatArray = 2 * n / (1 + np.sqrt(1 + 4 * np.asarray(efficiency) * c * n))
    return value


def qnd_conditional_exact(
    cooperativity: ArrayLike, noise: ArrayLike, quality: ArrayLike, efficiency: ArrayLike = 1.0
) -> FloatArray:
    """The same for brownian damping and every Γ/Ω: Δ = ½(V₁₁ + V₂₂) of an oscillator with d = 2γN and no back action.

    Examples
    --------
    >>> float(qnd_conditional_exact(6.0, 1.0, 1e9).round(9))
    0.333333333
    """
    gamma = 1 / np.asarray(quality, dtype=np.float64)
    rate = np.asarray(cooperativity) * gamma
    covariance = conditional_covariance_of_diffusion(
        1.0, gamma, 2 * gamma * np.asarray(noise), 2 * np.asarray(efficiency) * rate
    )
    delta: FloatArray = np.trace(covariance, axis1=-2, axis2=-1) / 2
    return delta


def dissipative(cooperativity: ArrayLike, noise: ArrayLike, tensor: ArrayLike, link: ArrayLike = 1.0) -> FloatArray:
    """Δ = [Γ((1 + ζ²)/2 − √η₁(1 − ζ²)/2) + γN]/(Γζ + γ) for equal readout rates and the same ζ on both.

    Examples
    --------
    >>> float(dissipative(100.0, 1.0, 0.1).round(6))
    0.181818
    """
    c, zeta = np.asarray(cooperativity, dtype=np.float64), np.asarray(tensor, dtype=np.float64)
    light = (1 + zeta**2) / 2 - np.sqrt(np.asarray(link)) * (1 - zeta**2) / 2
    delta: FloatArray = (c * light + np.asarray(noise)) / (c * zeta + 1)
    return delta


def dissipative_optimum(cooperativity: ArrayLike, noise: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The best Δ = 2(√(1 + cN) − 1)/c of the dissipative scheme without link loss, and its ζ = Δ/2.

    Examples
    --------
    >>> delta, zeta = dissipative_optimum(8.0, 1.0)
    >>> float(delta), bool(np.isclose(dissipative(8.0, 1.0, zeta), delta))
    (0.5, True)
    """
    c, n = np.asarray(cooperativity, dtype=np.float64), np.asarray(noise, dtype=np.float64)
    delta: FloatArray = 2 * n / (1 + np.sqrt(1 + c * n))
    return delta, delta / 2


def mixed(cooperativity: ArrayLike, noise: ArrayLike, tensor: ArrayLike, link: ArrayLike = 1.0) -> FloatArray:
    """Δ = (Γζ²/4 + γN')/(Γζ + γ), spin QND first, with Γ_S = Γ_M/η₁ and N' = N + c(1 − η₁)/(4η₁) for the lossy link.

    Examples
    --------
    >>> float(mixed(6.0, 1.0, 2 / 3))
    0.3333333333333333
    """
    c, zeta = np.asarray(cooperativity, dtype=np.float64), np.asarray(tensor, dtype=np.float64)
    delta: FloatArray = (c * zeta**2 / 4 + _lossy(c, noise, link)) / (c * zeta + 1)
    return delta


def mixed_optimum(cooperativity: ArrayLike, noise: ArrayLike, link: ArrayLike = 1.0) -> tuple[FloatArray, FloatArray]:
    """The best Δ = (√(1 + 4cN') − 1)/(2c) of the mixed scheme, and its ζ = 2Δ; with loss no less than ½√((1−η₁)/η₁).

    Without loss it is `qnd_conditional` at η = 1, without a detector.

    Examples
    --------
    >>> delta, zeta = mixed_optimum(6.0, 1.0)
    >>> float(delta), float(zeta)
    (0.3333333333333333, 0.6666666666666666)
    """
    delta = qnd_conditional(cooperativity, _lossy(np.asarray(cooperativity, dtype=np.float64), noise, link))
    return delta, 2 * delta


def _lossy(c: FloatArray, noise: ArrayLike, link: ArrayLike) -> FloatArray:
    eta = np.asarray(link, dtype=np.float64)
    total: FloatArray = np.asarray(noise) + c * (1 - eta) / (4 * eta)
    return total
