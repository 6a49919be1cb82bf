"""A spin of finite length and an oscillator in one beam of light, in continuous time.

The network of two systems is that of `backaction.fock.words`: the same Hamiltonian and the same couplings, but with the
ladder operator s of a spin of length J (`backaction.fock.dicke`) in the place of a. The steady state without a record
is that of the master equation. With the record of the light it depends on the record, other than for oscillators, and
has to be sampled: quantum trajectories, with a standard error.

The EPR variance is that of a normalised spin, X_S = J_y/√⟨J_x⟩: below one it proves entanglement for every J.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backaction.entanglement import epr_variance
from backaction.gaussian import GaussianState, Homodyne, InvalidInput, Unresolved, steady_state
from backaction.systems import Network

from .basis import Basis, ComplexArray, Sparse
from .dicke import all_levels
from .generator import require_memory
from .rungs import growing_bases
from .slh import monitored
from .solutions import Density, generator, scale, stationary
from .verification import Effort
from .words import master_equation

__all__ = ["FiniteSpin", "SpinBasis", "Trajectories", "conditional_by_trajectories", "unconditional_with_spin"]

TOP = 1e-3
"""Population of the highest kept levels beyond which a result is refused."""


@dataclass(frozen=True, eq=False)
class SpinBasis(Basis):
    """A basis in which some modes are spins: their ladder operators are those of a length J.

    Parameters
    ----------
    lengths : tuple of float
        J of each mode, infinite for an oscillator. Never more than 2J + 1 levels are kept.
    """

    lengths: tuple[float, ...] = ()

    def __init__(self, like: Basis, lengths: Sequence[float]) -> None:
        sizes = [int(min(size, all_levels(j))) for size, j in zip(like.dimensions, lengths, strict=True)]
        # bounds are of nᵢ/Nᵢ: they keep their meaning when a spin has fewer levels than the basis would keep
        weights = like.weights * np.array(sizes) / np.array(like.dimensions)
        super().__init__(sizes, weights, like.heights)
        object.__setattr__(self, "lengths", tuple(float(j) for j in lengths))

    @cached_property
    def ladder(self) -> list[Sparse]:
        """Truncated s₁ … sₙ and their adjoints."""
        from scipy import sparse

        lowering = []
        count = len(self.dimensions)
        for mode, length in enumerate(self.lengths):
            numbers = self.levels[:, mode]
            factor = sparse.diags_array(np.sqrt(1 - np.maximum(numbers - 1, 0) / (2 * length)))
            lowering.append((_plain_ladder(self)[mode] @ factor).tocsr())
        assert len(lowering) == count
        return lowering + [operator.conj().T.tocsr() for operator in lowering]

    def quadratic(self, coefficients: ComplexArray) -> Sparse:
        """As for oscillators, but a†a is the number of quanta, J − J_x: the Zeeman energy."""
        from scipy import sparse

        count = len(self.dimensions)
        rest = np.array(coefficients)
        quanta = np.zeros(self.size, dtype=np.complex128)
        for mode in range(count):
            quanta += (rest[mode, count + mode] + rest[count + mode, mode]) * self.levels[:, mode]
            rest[mode, count + mode] = rest[count + mode, mode] = 0
        return (super().quadratic(rest) + sparse.diags_array(quanta)).tocsr()


def _plain_ladder(basis: Basis) -> list[Any]:
    plain = Basis(basis.dimensions, basis.weights, basis.heights)
    return plain.ladder


@dataclass(frozen=True, eq=False)
class FiniteSpin:
    """The steady state of a network with a finite spin.

    Parameters
    ----------
    epr_variance : float
        Of the normalised spin and the oscillator, with the best gain and phase; separable states have at least 1.
    gaussian : float
        The same of two oscillators.
    polarisation : float
        ⟨J_x⟩/J.
    quanta : float
        ⟨b†b⟩ of the spin.
    top : float
        Population of the highest kept level of either system.
    density : Density
    """

    epr_variance: float
    gaussian: float
    polarisation: float
    quanta: float
    top: float
    density: Density


def unconditional_with_spin(
    network: Network, spin: str, partner: str, spin_length: float, fock: Mapping[str, int] | None = None
) -> FiniteSpin:
    """The steady state of a network in which one mode is a spin of finite length.

    Parameters
    ----------
    network : Network
        Of Lindblad form.
    spin, partner : str
        Modes.
    spin_length : float
        J.
    fock : mapping, optional
        Dimensions; default from the occupations of the Gaussian network.

    Raises
    ------
    InvalidInput
        As `master_equation`; no spin's length.
    Unresolved
        More than a thousandth of the population is on the highest level kept, and that is not the spin's last.

    Examples
    --------
    >>> from backaction.systems import Damping, MechanicalOscillator, SpinOscillator
    >>> common = {"readout_rate": 0.1, "tensor_coupling": 0.6, "occupation": 0.0, "damping": Damping.ROTATING_WAVE}
    >>> network = SpinOscillator(frequency=-1.0, linewidth=0.001, **common) >> MechanicalOscillator(
    ...     name="m", mechanical_frequency=1.0, mechanical_linewidth=0.001, **common)
    >>> found = unconditional_with_spin(network, "spin", "m", 20)
    >>> found.gaussian < found.epr_variance < 1
    True
    """
    equation = master_equation(network)
    steady = steady_state(network.system)
    basis = _basis(network, steady, {spin: spin_length}, fock)
    require_memory(basis)
    density = stationary(equation, generator(equation, basis))
    populations = np.diagonal(density.matrix).real
    highest = 0.0
    for mode, size in enumerate(basis.dimensions):
        if size < all_levels(basis.lengths[mode]):
            highest = max(highest, float(populations[basis.levels[:, mode] == size - 1].sum()))
    if highest > TOP:
        raise Unresolved(
            f"a share {highest:.3g} of the population is on the highest of the levels {basis.dimensions}; keep more",
            highest,
        )
    quanta = float(populations @ basis.levels[:, equation.modes.index(spin)])
    polarisation = 1 - quanta / spin_length
    state = normalised(density.state, spin, polarisation)
    return FiniteSpin(
        float(epr_variance(state, spin, partner)),
        float(epr_variance(steady, spin, partner)),
        polarisation,
        quanta,
        highest,
        density,
    )


def normalised(state: GaussianState, spin: str, polarisation: float) -> GaussianState:
    """Moments with the spin's quadratures divided by √(⟨J_x⟩/J), so that their commutator is i on average."""
    scaling = np.ones(len(state.mean))
    place = state.modes.index(spin)
    scaling[2 * place : 2 * place + 2] = 1 / np.sqrt(polarisation)
    return GaussianState(state.mean * scaling, state.covariance * np.outer(scaling, scaling), state.modes, 0.0, np.inf)


@dataclass(frozen=True)
class Trajectories:
    """A conditional EPR variance, sampled.

    Parameters
    ----------
    epr_variance : float
        Mean over trajectories and times.
    standard_error : float
        Of that mean, from the scatter between trajectories.
    trajectories : int
    """

    epr_variance: float
    standard_error: float
    trajectories: int


def conditional_by_trajectories(
    network: Network,
    spin: str,
    partner: str,
    spin_length: float,
    *,
    angle: float = np.pi / 2,
    trajectories: int = 64,
    duration: float = 40.0,
    step: float = 0.02,
    seed: int = 1,
    fock: Mapping[str, int] | None = None,
) -> Trajectories:
    """The EPR variance given the record of an ideal homodyne detector on a lossless beam, from quantum trajectories.

    Without baths and losses the state given the record is pure, and the stochastic Schrödinger equation is solved for
    many records at once: dψ = [−iH − ½c†c + ⟨c + c†⟩c/2 − …]ψ dt + (c − ⟨c + c†⟩/2)ψ dW.

    Parameters
    ----------
    network, spin, partner, spin_length, fock
        As `unconditional_with_spin`; baths with linewidth 0.
    angle : float
        Detected quadrature, rad.
    trajectories : int
    duration, step : float
        In units of the inverse of the largest rate; the first half is left out of the average.
    seed : int

    Raises
    ------
    InvalidInput
        A network with more than one channel.
    """
    equation = master_equation(network)
    if any(np.any(c != 0) for name, c in equation.channels.items() if name != "input"):
        raise InvalidInput(
            "pure trajectories need a lossless beam and no baths: set linewidths to 0 and leave out losses (the tensor "
            "coupling damps both systems through the light)"
        )
    steady = steady_state(network.system)
    basis = _basis(network, steady, {spin: spin_length}, fock)
    unit = scale(equation)
    c = basis.linear(monitored(equation, [Homodyne("out", angle)]).whitened[0] / np.sqrt(unit))
    drift = (-1j * basis.quadratic(equation.hamiltonian / unit) - (c.conj().T @ c) / 2).tocsr()
    rng = np.random.default_rng(seed)
    states = np.zeros((basis.size, trajectories), dtype=np.complex128)
    states[basis.places[(0,) * len(basis.dimensions)]] = 1
    observed = _Moments(basis, equation.modes.index(spin), equation.modes.index(partner), spin_length)
    samples = []
    steps = round(duration / step)
    for i in range(steps):
        applied = c @ states
        signal = 2 * np.einsum("nt,nt->t", states.conj(), applied).real
        record = signal * step + np.sqrt(step) * rng.normal(size=trajectories)
        # second order in the drift, first in the record with Milstein's term: the state is normalised afterwards
        moved = states + step * (drift @ (states + step / 2 * (drift @ states)))
        states = moved + record * (c @ moved) + (record**2 - step) / 2 * (c @ applied)
        states /= np.linalg.norm(states, axis=0)
        if i >= steps // 2 and i % max(steps // 40, 1) == 0:
            samples.append(observed.covariances(states))
    # variances are averaged over records first: the criterion bounds their average
    parts = np.array_split(np.arange(trajectories), min(8, trajectories))
    values = [observed.epr(np.array(samples), part) for part in parts]
    whole = observed.epr(np.array(samples), np.arange(trajectories))
    return Trajectories(whole, float(np.std(values, ddof=1) / np.sqrt(len(values))), trajectories)


class _Moments:
    """Covariances of spin and partner in pure states, columns of a matrix."""

    def __init__(self, basis: SpinBasis, spin: int, partner: int, spin_length: float) -> None:
        lower = basis.ladder
        count = len(basis.dimensions)
        self.operators = []
        for mode in (spin, partner):
            s, t = lower[mode], lower[count + mode]
            self.operators += [(s + t) / np.sqrt(2), (s - t) / (1j * np.sqrt(2))]
        self.numbers = basis.levels[:, spin]
        self.spin_length = spin_length

    def covariances(self, states: ComplexArray) -> NDArray[np.float64]:
        """Covariance and, last, the spin's quanta: shape (trajectories, 17)."""
        applied = [operator @ states for operator in self.operators]
        means = np.array([np.einsum("nt,nt->t", states.conj(), a).real for a in applied])
        products = np.array([[np.einsum("nt,nt->t", a.conj(), b).real for b in applied] for a in applied])
        covariance = products - means[:, None] * means[None, :]
        quanta = self.numbers @ (np.abs(states) ** 2)
        rows: NDArray[np.float64] = np.concatenate([covariance.reshape(16, -1), quanta[None]]).T
        return rows

    def epr(self, samples: NDArray[np.float64], part: NDArray[np.intp]) -> float:
        """EPR variance of the covariance averaged over times and some of the records."""
        mean = samples[:, part].mean(axis=(0, 1))
        state = GaussianState(np.zeros(4), mean[:16].reshape(4, 4), ["spin", "partner"], 0.0, np.inf)
        return float(epr_variance(normalised(state, "spin", 1 - mean[16] / self.spin_length), "spin", "partner"))


def _basis(
    network: Network, steady: GaussianState, lengths: Mapping[str, float], fock: Mapping[str, int] | None
) -> SpinBasis:
    largest = growing_bases(steady, EFFORT.unconditional, EFFORT, dict(fock or {}))[-1]
    return SpinBasis(largest, [lengths.get(mode, np.inf) for mode in network.system.modes])


EFFORT = Effort(unconditional=6.0)
