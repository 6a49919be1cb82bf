"""How long must a spin be to pass for an oscillator of negative mass? A collective spin, probed in Fock space.

**The mapping.**  A spin of length J in a field, H = Ω J_x, near its *upper* end has H = Ω J − Ω b†b: each quantum
lowers its energy, and it is an oscillator of negative mass. Holstein and Primakoff take J_x = J − b†b and
X_S = J_y/√J, P_S = J_z/√J, so that [X_S, P_S] = i J_x/J is i, less b†b/J. In numbers of quanta,
X_S = (s + s†)/√2 and P_S = (s − s†)/(i√2) with s|n⟩ = √(n(1 − (n−1)/2J)) |n−1⟩: for J → ∞ the ladder of an oscillator.

**The experiment.**  A pulse of light reads X_M + X_S of an oscillator and the spin, both without quanta. A quarter of a
period later, X_M has become P_M but X_S has become −P_S, for the spin turns the other way; a second, equal pulse
reads P_M − P_S. Each is the measurement with Kraus operators π^{-1/4} exp[−½(y − κO)²] of an
outcome y = p_L + κO, with κ² = ΓT/2 = s/2: s = ΓT is the measurement strength of a stationary beam of readout rate Γ
after the time T, half of it in each quadrature. The two operators commute up to i b†b/J, so that neither measurement
disturbs what the other has learnt. A spin of positive mass turns with the oscillator: the second pulse reads P_M + P_S,
which does not commute with X_M + X_S, and its back action undoes the first.

**The number.**  Δ = ½[Var(X_M + J_y/√N) + Var(P_M ∓ J_z/√N)] of the conditional state, averaged over the outcomes, with
N = ⟨J_x⟩ *after* the measurement, averaged too. In every separable state the sum of the variances is at least
|⟨[X_M, P_M]⟩| + |⟨[J_y, J_z]⟩|/N; the average of that is 2 only with this N, so Δ < 1 proves entanglement for any J,
which the fixed normalisation 1/√J would not. For an oscillator in the spin's place, Δ = 1/(1 + s), the pulsed formula
V₀/(1 + ΓT V₀) at V₀ = 1. For a finite spin, to first order in 1/J,

    Δ = 1/(1 + s) + s²/[16 J (1 + s)²] + O(1/J²):

the first pulse turns the spin at random about y, by the angle κx_L/√J, and so shortens J_z by κ²/4J. N makes up for
that in the variance, but the second pulse, whose coupling is fixed, learns less: the variance that it reads becomes
1/(1 + s − s²/8J), the other stays 1/(1 + s).

**What is truncated:** the oscillator's levels, the Dicke ladder (exact when it has all 2J + 1 levels), and the points
at which outcomes are sampled. `convergence` enlarges each of them in turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput, Unresolved

from .dicke import Mass, all_levels, lowering_matrix

__all__ = [
    "PulsedEPR",
    "Truncation",
    "conditional_epr_variance",
    "convergence",
    "finite_spin_correction",
    "gaussian_epr_variance",
]

LOST_PROBABILITY_LIMIT = 1e-3
"""Largest probability that truncations may lose before the result is refused rather than reported."""


@dataclass(frozen=True)
class Truncation:
    """How many levels and outcomes are kept.

    Parameters
    ----------
    oscillator : int
        Number states of the oscillator.
    spin : int
        Levels of the Dicke ladder, counted from J_x = J; never more than 2J + 1 are used.
    outcomes : int
        Gauss–Hermite points for the outcome of each pulse, an even number.
    """

    oscillator: int
    spin: int
    outcomes: int = 24

    def __post_init__(self) -> None:
        if min(self.oscillator, self.spin, self.outcomes) < 2 or self.outcomes % 2:
            raise InvalidInput(f"a truncation keeps two levels at least and an even number of outcomes, not {self}")

    @classmethod
    def suggested(cls, spin_length: float, strength: float) -> Truncation:
        """Enough for about six digits where s ≲ J.

        The pulses leave s/4 quanta in each system, with a thermal tail. The stronger they are and the shorter the
        spin, the more the outcomes cluster about the spin's single steps, and the more points they need.
        """
        levels = int(np.ceil(40 + 4 * strength))
        return cls(oscillator=levels, spin=levels, outcomes=24 + 2 * int(np.ceil(min(6 * strength / spin_length, 28))))


@dataclass(frozen=True)
class PulsedEPR:
    """The conditional EPR variance of an oscillator and a finite spin.

    Parameters
    ----------
    epr_variance : float
        Δ of the module's opening; separable states have at least 1.
    polarisation : float
        ⟨J_x⟩/J after the pulses. Exactly exp(−s/4J).
    lost_probability : float
        |1 − Σ p(y)|, the probability that levels and outcomes do not hold.
    truncation : Truncation
        What was kept.
    """

    epr_variance: float
    polarisation: float
    lost_probability: float
    truncation: Truncation


def gaussian_epr_variance(strength: ArrayLike, mass: Mass = Mass.NEGATIVE) -> NDArray[np.float64]:
    """The same number for two oscillators, in closed form; batched over strengths s.

    Negative mass: 1/(1 + s) of both quadratures. Positive mass: the second pulse kicks what the first has read, and the
    first has kicked what the second reads; ½[1/(1 + s) + s + (1 + s)/(1 + s + s²)] ≥ 1.

    Examples
    --------
    >>> gaussian_epr_variance([0.0, 1.0, 3.0])
    array([1.  , 0.5 , 0.25])
    """
    s = np.asarray(strength, dtype=np.float64)
    if (s < 0).any() or not np.isfinite(s).all():
        raise InvalidInput(f"a measurement strength ΓT is finite and not negative, but {s} came")
    first_read: NDArray[np.float64] = 1 / (1 + s)
    if mass is Mass.NEGATIVE:
        return first_read
    return (first_read + s + (1 + s) / (1 + s + s**2)) / 2


def finite_spin_correction(spin_length: ArrayLike, strength: ArrayLike) -> NDArray[np.float64]:
    """s²/[16 J (1 + s)²], by which a negative-mass spin's EPR variance exceeds the Gaussian one to first order in 1/J.

    Examples
    --------
    >>> float(finite_spin_correction(100, 1.0))
    0.00015625
    """
    s = np.asarray(strength, dtype=np.float64)
    correction: NDArray[np.float64] = s**2 / (16 * np.asarray(spin_length, dtype=np.float64) * (1 + s) ** 2)
    return correction


def conditional_epr_variance(
    spin_length: float, strength: float, mass: Mass = Mass.NEGATIVE, truncation: Truncation | None = None
) -> PulsedEPR:
    """The EPR variance of oscillator and spin after both pulses, averaged over their outcomes, in Fock space.

    Parameters
    ----------
    spin_length : float
        J, an integer or half of one, of any size; infinity puts an oscillator in the spin's place.
    strength : float
        s = ΓT = 2κ² ≥ 0, the strength of both pulses together.
    mass : Mass, optional
        Which way the spin turns between the pulses.
    truncation : Truncation, optional
        Default `Truncation.suggested(spin_length, strength)`; ask `convergence` what it is worth.

    Returns
    -------
    PulsedEPR

    Raises
    ------
    InvalidInput
        A length that is no spin's, a negative strength, too few levels.
    Unresolved
        The truncation loses more than a thousandth of the probability.

    Examples
    --------
    >>> round(conditional_epr_variance(20, 1.0).epr_variance, 6)
    0.500862
    """
    gaussian_epr_variance(strength)  # refuses strengths that are none
    levels = all_levels(spin_length)
    kept = truncation if truncation is not None else Truncation.suggested(spin_length, strength)
    kept = replace(kept, spin=int(min(kept.spin, levels)))
    oscillator, spin = (
        _eigenbases(lowering_matrix(kept.oscillator)),
        _eigenbases(lowering_matrix(kept.spin, spin_length)),
    )
    # N = J exp(−s/4J): each pulse turns the spin by a Gaussian angle of variance κ²/2J = s/4J, about y and about z.
    longer = np.exp(strength / (8 * spin_length))
    kick = 0.0 if mass is Mass.NEGATIVE else strength
    first_outcomes, first_weights = _outcomes(kept.outcomes, (1 + strength) / 2)
    second_outcomes, second_weights = _outcomes(kept.outcomes, (1 + strength * (1 + kick)) / 2)
    first_kraus = _kraus(_sums(oscillator.values, spin.values), strength, first_outcomes)
    second_kraus = _kraus(_sums(oscillator.values, mass * spin.values), strength, second_outcomes)
    read = _sums(oscillator.values, mass * longer * spin.values)

    # Rows are the oscillator, columns the spin; from the x basis for the first pulse to the p basis for the second.
    start = np.outer(oscillator.ground, spin.ground)
    probability = quanta = variance = 0.0
    for kraus, weight in zip(first_kraus, first_weights, strict=True):
        states = second_kraus * (oscillator.turn @ (kraus * start) @ spin.turn.T)
        weights = weight * second_weights
        norms = _overlap(states, states)
        probability += weights @ norms
        quanta += weights @ _overlap(states, states @ spin.quanta.T)
        variance += weights @ _variance(states, norms, read * states)
        variance += weights @ _variance(states, norms, oscillator.x @ states + longer * (states @ spin.x.T))
    lost = abs(1 - probability)
    if lost > LOST_PROBABILITY_LIMIT:
        raise Unresolved(
            f"{kept} loses the probability {lost:.3g} of a probe of strength {strength} on a spin of length "
            f"{spin_length}: keep more levels or more outcomes, or probe less",
            lost,
        )
    return PulsedEPR(float(variance / 2), float(probability - quanta / spin_length), float(lost), kept)


def convergence(
    spin_length: float,
    strength: float,
    mass: Mass = Mass.NEGATIVE,
    truncation: Truncation | None = None,
) -> dict[str, float]:
    """By how much the EPR variance changes when each truncation by itself is enlarged by half.

    Returns
    -------
    dict of str to float
        ``oscillator``, ``spin`` and ``outcomes``: Δ of the enlarged minus Δ of the given truncation. All three falling
        exponentially, the largest magnitude bounds the truncation error. ``spin`` is 0 when all 2J + 1 levels are kept.

    Examples
    --------
    >>> changes = convergence(20, 1.0)
    >>> max(abs(change) for change in changes.values()) < 1e-10
    True
    """
    given = truncation if truncation is not None else Truncation.suggested(spin_length, strength)
    value = conditional_epr_variance(spin_length, strength, mass, given).epr_variance
    enlarged = {
        "oscillator": replace(given, oscillator=given.oscillator * 3 // 2),
        "spin": replace(given, spin=given.spin * 3 // 2),
        "outcomes": replace(given, outcomes=2 * (given.outcomes * 3 // 4)),
    }
    return {
        name: conditional_epr_variance(spin_length, strength, mass, larger).epr_variance - value
        for name, larger in enlarged.items()
    }


@dataclass(frozen=True, eq=False)
class _Eigenbases:
    """What the pulses need of one truncated ladder, in the eigenbases of its x and of its p.

    Parameters
    ----------
    values : ndarray
        Eigenvalues, of x and of p alike.
    ground : ndarray
        Amplitudes of the state without quanta in the x basis.
    turn : ndarray
        From the x basis to the p basis.
    x, quanta : ndarray
        x and b†b in the p basis.
    """

    values: NDArray[np.float64]
    ground: NDArray[np.float64]
    turn: NDArray[np.complex128]
    x: NDArray[np.complex128]
    quanta: NDArray[np.complex128]


def _eigenbases(lowering: NDArray[np.float64]) -> _Eigenbases:
    x = (lowering + lowering.T) / np.sqrt(2)
    values, vectors = np.linalg.eigh(x)
    # p is x turned by a quarter, p = D x D† with D|n⟩ = iⁿ|n⟩, and so are its eigenvectors.
    to_p = (1j ** np.arange(len(values))[:, None] * vectors).conj().T
    quanta = np.arange(len(values))[:, None]
    return _Eigenbases(values, vectors[0], to_p @ vectors, to_p @ x @ to_p.conj().T, to_p @ (quanta * to_p.conj().T))


def _outcomes(count: int, variance: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positive outcomes and their weights for integrals over the line, by Gauss–Hermite for the Gaussian's variance.

    Only half of them is needed of each pulse: the parity of both systems turns (y1, y2) into (−y1, −y2), time reversal
    turns (y1, y2) into (y1, −y2), and the initial state has both symmetries.
    """
    nodes, weights = np.polynomial.hermite.hermgauss(count)
    scale = np.sqrt(2 * variance)
    half = slice(count // 2, None)
    return scale * nodes[half], 2 * scale * weights[half] * np.exp(nodes[half] ** 2)


def _sums(oscillator: NDArray[np.float64], spin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Eigenvalues of O_M + O_S in the product of both eigenbases."""
    return oscillator[:, None] + spin


def _kraus(read: NDArray[np.float64], strength: float, outcomes: NDArray[np.float64]) -> NDArray[np.float64]:
    """π^{-1/4} exp[−½(y − κO)²] for each outcome y, on the eigenvalues of O."""
    distance = outcomes[:, None, None] - np.sqrt(strength / 2) * read
    kraus: NDArray[np.float64] = np.pi**-0.25 * np.exp(-(distance**2) / 2)
    return kraus


def _overlap(left: NDArray[np.complex128], right: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Re⟨left|right⟩ of each pair of states."""
    overlap: NDArray[np.float64] = np.einsum("ynm,ynm->y", left.conj(), right).real
    return overlap


def _variance(
    states: NDArray[np.complex128], norms: NDArray[np.float64], applied: NDArray[np.complex128]
) -> NDArray[np.float64]:
    """Variance of O in each unnormalised state ψ, times its probability, from Oψ."""
    mean = _overlap(states, applied)
    # An outcome so far out that its probability underflows contributes nothing.
    squared = np.divide(mean**2, norms, out=np.zeros_like(norms), where=norms > 0)
    return _overlap(applied, applied) - squared
