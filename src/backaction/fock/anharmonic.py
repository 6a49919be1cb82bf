"""What no covariance can tell: an oscillator with a Kerr term, and a spin that begins in a number state.

**Kerr.** H = χ a†²a² turns each number state at its own rate. A coherent state becomes a superposition of coherent
states; its mean falls to zero and returns, while the energy stays. A Gaussian description (the mean field, and
fluctuations linearised about it) knows none of that: how far a state is from every Gaussian one is told by its relative
entropy of non-Gaussianity S(V) − S(ρ) ≥ 0, with S(V) the entropy of the Gaussian state of the same covariance (Genoni,
Paris & Banaszek, Phys. Rev. A 78, 060303 (2008)).

**A number state.** One quantum has the covariance of a thermal state with one quantum, variance 3/2. A pulse of light
that reads X narrows the thermal state by the same factor for every outcome. The number state has two humps: at y = 0
the record says that X was small, but not on which side. There the variance exceeds the Gaussian one, elsewhere it is
less: the conditional covariance depends on the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import GaussianState, InvalidInput
from backaction.gaussian.normal_forms import symplectic_eigenvalues

from .basis import Basis, suggested_basis
from .dicke import all_levels, lowering_matrix
from .generator import Generator
from .solutions import Density, displaced_vacuum, evolved

__all__ = ["Humps", "KerrMotion", "kerr_motion", "non_gaussianity", "number_state_under_a_pulse"]

DECADES = 9.0


@dataclass(frozen=True, eq=False)
class KerrMotion:
    """An oscillator with a Kerr term, from a coherent state, and its Gaussian description.

    Parameters
    ----------
    times : array
    mean : array
        ⟨a⟩, complex.
    gaussian_mean : array
        Of the mean field, α̇ = −(2iχ|α|² + γ/2)α.
    quanta : array
        ⟨a†a⟩.
    non_gaussianity : array
        S(V) − S(ρ), nats.
    """

    times: NDArray[np.float64]
    mean: NDArray[np.complex128]
    gaussian_mean: NDArray[np.complex128]
    quanta: NDArray[np.float64]
    non_gaussianity: NDArray[np.float64]


def kerr_motion(kerr: float, amplitude: float, damping: float, times: ArrayLike) -> KerrMotion:
    """Solve ρ̇ = −iχ[a†²a², ρ] + γ(aρa† − ½{a†a, ρ}) from a coherent state.

    Parameters
    ----------
    kerr, damping : float
        χ and γ, 1/s.
    amplitude : float
        α of the initial state.
    times : array_like
        In s, ≥ 0 and increasing.

    Examples
    --------
    Without the Kerr term everything is Gaussian:

    >>> motion = kerr_motion(0.0, 1.0, 0.1, [0.0, 2.0])
    >>> bool(motion.non_gaussianity.max() < 1e-5)
    True
    """
    moments = np.asarray(times, dtype=np.float64)
    if damping < 0 or (np.diff(moments, prepend=0.0) < 0).any():
        raise InvalidInput(f"a damping rate is ≥ 0, and times are ≥ 0 and increase; got {damping} and {moments}")
    # Poissonian numbers: eight standard deviations and a few more
    basis = Basis([int(np.ceil(amplitude**2 + 8 * amplitude + 12))])
    numbers = basis.levels[:, 0].astype(np.float64)
    plain = Generator.lindblad(basis, np.zeros((2, 2), dtype=complex), np.diag([damping, 0.0]).astype(complex))
    from scipy import sparse

    left = plain.left + sparse.diags_array(-1j * kerr * numbers * (numbers - 1))
    dynamics = Generator(basis, left.tocsr(), plain.jumps)
    start = displaced_vacuum(basis, ["oscillator"], [amplitude])
    states = list(
        accumulate(
            np.diff(moments, prepend=0.0), lambda state, step: evolved(dynamics, state, float(step)), initial=start
        )
    )[1:]
    quadratures = np.array([state.state.mean for state in states])
    means = np.asarray((quadratures[:, 0] + 1j * quadratures[:, 1]) / np.sqrt(2), dtype=np.complex128)
    quanta = np.array([float(np.diagonal(state.matrix).real @ numbers) for state in states])
    lived = -np.expm1(-damping * moments) / damping if damping > 0 else moments
    field = np.asarray(
        amplitude * np.exp(-damping * moments / 2 - 2j * kerr * amplitude**2 * lived), dtype=np.complex128
    )
    return KerrMotion(moments, means, field, quanta, np.array([non_gaussianity(state) for state in states]))


def non_gaussianity(density: Density) -> float:
    """S(V) − S(ρ) in nats: zero for Gaussian states only.

    Raises
    ------
    InvalidInput
        A finite spin.

    Examples
    --------
    >>> one = Density(Basis([4]), np.diag([0, 0, 1, 0]).astype(complex), ("a",))  # even numbers stand first
    >>> round(non_gaussianity(one), 6)  # (n+1) ln(n+1) − n ln n at n = 1
    1.386294
    """
    if not np.array_equal(density.basis.commutators, np.ones_like(density.basis.commutators)):
        raise InvalidInput(
            "a finite spin's [X, P] is not i: no Gaussian state has its covariance, so there is none to compare it with"
        )
    values = np.linalg.eigvalsh(density.matrix / np.trace(density.matrix).real)
    values = values[values > 0]
    entropy = float(-(values * np.log(values)).sum())
    quanta = np.maximum(symplectic_eigenvalues(density.state.covariance) - 0.5, 0.0)
    above = (quanta + 1) * np.log(quanta + 1)
    below = np.where(quanta > 0, quanta * np.log(np.where(quanta > 0, quanta, 1.0)), 0.0)
    return float((above - below).sum() - entropy)


@dataclass(frozen=True, eq=False)
class Humps:
    """A spin in a number state after one pulse that reads X, by outcome.

    Parameters
    ----------
    outcomes : array
        y = p_L + κX.
    probability : array
        Density of y.
    variance : array
        Var(X) given y.
    gaussian : float
        Var(X) of the Gaussian state with the same covariance, the same for every y.
    average : float
        Var(X) averaged over the outcomes.
    """

    outcomes: NDArray[np.float64]
    probability: NDArray[np.float64]
    variance: NDArray[np.float64]
    gaussian: float
    average: float


def number_state_under_a_pulse(spin_length: float, quanta: int, strength: float, outcomes: ArrayLike) -> Humps:
    """Conditional variances of X = J_y/√J in the state with some quanta.

    Parameters
    ----------
    spin_length : float
        J; infinity for an oscillator.
    quanta : int
        Steps down the ladder.
    strength : float
        κ² of the pulse.
    outcomes : array_like
        y, equally spaced.

    Examples
    --------
    >>> found = number_state_under_a_pulse(np.inf, 0, 1.0, np.linspace(-5, 5, 101))
    >>> bool(np.allclose(found.variance, found.gaussian)), round(found.gaussian, 6)
    (True, 0.25)
    """
    record = np.asarray(outcomes, dtype=np.float64)
    if not 0 <= quanta < all_levels(spin_length) or strength < 0:
        raise InvalidInput(
            f"quanta are from 0 to 2J and a strength is ≥ 0; got {quanta} of J = {spin_length}, and {strength}"
        )
    enough = suggested_basis(GaussianState.thermal([quanta + 1.0], ["spin"]), DECADES).dimensions[0]
    levels = int(min(enough + 40, 2 * spin_length + 1))
    lowering = lowering_matrix(levels, spin_length)
    values, vectors = np.linalg.eigh((lowering + lowering.T) / np.sqrt(2))
    weights = vectors[quanta] ** 2
    likelihood = np.exp(-((record[:, None] - np.sqrt(strength) * values) ** 2)) / np.sqrt(np.pi)
    moments = np.stack([likelihood @ (weights * values**k) for k in range(3)])
    variance = moments[2] / moments[0] - (moments[1] / moments[0]) ** 2
    prior = float(weights @ values**2)
    gaussian = prior - strength * prior**2 / (0.5 + strength * prior)
    step = float(record[1] - record[0])
    return Humps(record, moments[0], variance, gaussian, float(step * (moments[0] * variance).sum()))
