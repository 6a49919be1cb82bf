"""How long must a spin be to pass for an oscillator of negative mass? A collective spin, probed in Fock space.

**The mapping.**  A spin of length J in a field, H = Ω J_x, near its *upper* end has H = Ω J − Ω b†b: each quantum
lowers its energy, and it is an oscillator of negative mass. Holstein and Primakoff take J_x = J − b†b and
X_S = J_y/√J, P_S = J_z/√J, so that [X_S, P_S] = i J_x/J is i, less b†b/J. In numbers of quanta,
X_S = (s + s†)/√2 and P_S = (s − s†)/(i√2) with s|n⟩ = √(n(1 − (n−1)/2J)) |n−1⟩: for J → ∞ the ladder of an oscillator.

**The experiment.**  A pulse of light reads X_M + X_S of an oscillator and the spin, both in their ground states of
noise. A quarter of a period later, X_M has become P_M but X_S has become −P_S, for the spin turns the other way; a
second, equal pulse reads P_M − P_S. Each is the measurement with Kraus operators π^{-1/4} exp[−½(y − κO)²] of an
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

the light turns the spin at random about y, by κx_L/√J, which mixes J_z, the shorter by κ²/4J, with the J_x that was
converted to noise; N makes up for that in Var R, but not in how much the second pulse learns of R.

**What is truncated:** the oscillator's levels, the Dicke ladder (exact when it has all 2J + 1 levels), and the points
at which outcomes are sampled. `convergence` enlarges each of them in turn.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import numpy as np
import qutip
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput, Unresolved

__all__ = [
    "Mass",
    "PulsedEPR",
    "Truncation",
    "conditional_epr_variance",
    "convergence",
    "dicke_ladder",
    "finite_spin_correction",
    "gaussian_epr_variance",
]

LOST_PROBABILITY_LIMIT = 1e-3
"""Largest probability that truncations may lose before the result is refused rather than reported."""


class Mass(enum.IntEnum):
    """The sign of the spin's mass: of P_S in the quadrature that the second pulse reads."""

    NEGATIVE = -1
    POSITIVE = 1


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
    def suggested(cls, strength: float) -> Truncation:
        """Levels enough for about six digits: the pulses leave s/4 quanta in each, with a thermal tail."""
        levels = int(np.ceil(40 + 4 * strength))
        return cls(oscillator=levels, spin=levels)


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


def dicke_ladder(levels: int, spin_length: float = np.inf) -> qutip.Qobj:
    """The lowering operator s of b†b = J − J_x, with X_S = J_y/√J = (s + s†)/√2, on the ladder's uppermost levels.

    Parameters
    ----------
    levels : int
        Levels kept, counted from J_x = J; 2J + 1 are all there are.
    spin_length : float, optional
        J, an integer or half of one. Infinity, the default, gives the oscillator: `qutip.destroy(levels)`.

    Examples
    --------
    >>> dicke_ladder(2, 0.5) == qutip.destroy(2)
    True
    """
    complete = _all_levels(spin_length)
    if not 1 <= levels <= complete:
        raise InvalidInput(f"a spin of length {spin_length} has {complete:.0f} levels; {levels} cannot be kept")
    n = np.arange(1, levels)
    return qutip.Qobj(np.diag(np.sqrt(n * (1 - (n - 1) / (2 * spin_length))), k=1))


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
        Default `Truncation.suggested(strength)`; ask `convergence` what it is worth.

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
    kept = truncation if truncation is not None else Truncation.suggested(strength)
    kept = replace(kept, spin=int(min(kept.spin, _all_levels(spin_length))))
    oscillator, spin = _quadratures(dicke_ladder(kept.oscillator)), _quadratures(dicke_ladder(kept.spin, spin_length))
    # N = J exp(−s/4J): each pulse turns the spin by a Gaussian angle of variance κ²/2J = s/4J, about y and about z.
    longer = np.exp(strength / (8 * spin_length))
    relative_length = 1 - np.arange(kept.spin) / spin_length
    kick = 0.0 if mass is Mass.NEGATIVE else strength
    first_outcomes, first_weights = _outcomes(kept.outcomes, (1 + strength) / 2)
    second_outcomes, second_weights = _outcomes(kept.outcomes, (1 + strength * (1 + kick)) / 2)

    # ψ[n, m]: rows are the oscillator's numbers, columns the spin's; both start at number zero.
    start = np.zeros((1, kept.oscillator, kept.spin), dtype=np.complex128)
    start[:, 0, 0] = 1.0
    probability = polarisation = variance = 0.0
    for outcome, weight in zip(first_outcomes, first_weights, strict=True):
        once = _probe(start, oscillator.x, spin.x, 1, strength, np.array([outcome]))
        twice = _probe(once, oscillator.p, spin.p, mass, strength, second_outcomes)
        weights = weight * second_weights
        norms = _overlap(twice, twice)
        probability += weights @ norms
        polarisation += weights @ _overlap(twice, twice * relative_length)
        variance += weights @ _variance(twice, norms, oscillator.x.matrix, longer * spin.x.matrix)
        variance += weights @ _variance(twice, norms, oscillator.p.matrix, mass * longer * spin.p.matrix)
    lost = abs(1 - probability)
    if lost > LOST_PROBABILITY_LIMIT:
        raise Unresolved(
            f"{kept} loses the probability {lost:.3g} of a probe of strength {strength} on a spin of length "
            f"{spin_length}: keep more levels or more outcomes, or probe less",
            lost,
        )
    return PulsedEPR(float(variance / 2), float(polarisation), float(lost), kept)


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
    given = truncation if truncation is not None else Truncation.suggested(strength)
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


def _all_levels(spin_length: float) -> float:
    complete = 2 * spin_length + 1
    if not spin_length > 0 or (np.isfinite(complete) and complete != round(complete)):
        raise InvalidInput(f"a spin length is a positive integer or half of one, not {spin_length}")
    return complete


@dataclass(frozen=True, eq=False)
class _Quadrature:
    """One truncated quadrature, its eigenvalues and its eigenvectors (columns)."""

    matrix: NDArray[np.complex128]
    values: NDArray[np.float64]
    basis: NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class _Ladder:
    x: _Quadrature
    p: _Quadrature


def _quadratures(lowering: qutip.Qobj) -> _Ladder:
    matrix = lowering.full()
    x = (matrix + matrix.T) / np.sqrt(2)
    values, vectors = np.linalg.eigh(x.real)
    # p is x turned by a quarter: p = D x D†, D|n⟩ = iⁿ|n⟩.
    quarter = 1j ** np.arange(len(values))[:, None]
    p = quarter * x * quarter.conj().T
    return _Ladder(_Quadrature(x, values, vectors.astype(np.complex128)), _Quadrature(p, values, quarter * vectors))


def _outcomes(count: int, variance: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positive outcomes and their weights for integrals over the line, by Gauss–Hermite for the Gaussian's variance.

    Only half of them is needed of each pulse: the parity of both systems turns (y1, y2) into (−y1, −y2), time reversal
    turns (y1, y2) into (y1, −y2), and the initial state has both symmetries.
    """
    nodes, weights = np.polynomial.hermite.hermgauss(count)
    scale = np.sqrt(2 * variance)
    half = slice(count // 2, None)
    return scale * nodes[half], 2 * scale * weights[half] * np.exp(nodes[half] ** 2)


def _probe(
    states: NDArray[np.complex128],
    oscillator: _Quadrature,
    spin: _Quadrature,
    sign: int,
    strength: float,
    outcomes: NDArray[np.float64],
) -> NDArray[np.complex128]:
    """Apply π^{-1/4} exp[−½(y − κ(O_M ± O_S))²], one for each outcome y, in the product of both eigenbases."""
    amplitudes = oscillator.basis.conj().T @ states @ spin.basis.conj()
    read = oscillator.values[:, None] + sign * spin.values
    distance = outcomes[:, None, None] - np.sqrt(strength / 2) * read
    kraus = np.pi**-0.25 * np.exp(-(distance**2) / 2)
    projected: NDArray[np.complex128] = oscillator.basis @ (kraus * amplitudes) @ spin.basis.T
    return projected


def _overlap(left: NDArray[np.complex128], right: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Re⟨left|right⟩ of each pair of states."""
    overlap: NDArray[np.float64] = np.einsum("ynm,ynm->y", left.conj(), right).real
    return overlap


def _variance(
    states: NDArray[np.complex128],
    norms: NDArray[np.float64],
    oscillator: NDArray[np.complex128],
    spin: NDArray[np.complex128],
) -> NDArray[np.float64]:
    """Variance of O_M + O_S in each unnormalised state, times its probability."""
    applied = oscillator @ states + states @ spin.T
    mean = _overlap(states, applied)
    # An outcome so far out that its probability underflows contributes nothing.
    squared = np.divide(mean**2, norms, out=np.zeros_like(norms), where=norms > 0)
    return _overlap(applied, applied) - squared
