"""A spin of finite length and an oscillator in one beam of light: the steady state.

The network of two systems is that of `backaction.fock.words`: the same Hamiltonian and the same couplings, but with the
ladder operator s of a spin of length J (`backaction.fock.dicke`) in the place of a. What an oscillator has by
[a, a†] = 1 a spin has by [s, s†] = J_x/J only: X = J_y/√J has the variance ⟨J_x⟩/2J where it has no quanta, not ½.

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
from backaction.gaussian import GaussianState, Unresolved, steady_state
from backaction.systems import Network

from .basis import Basis, ComplexArray, Sparse
from .dicke import all_levels
from .generator import require_memory
from .rungs import growing_bases
from .solutions import Density, generator, stationary
from .verification import Effort
from .words import master_equation

__all__ = ["FiniteSpin", "SpinBasis", "normalised", "spin_bases", "unconditional_with_spin"]

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

    @property
    def commutators(self) -> NDArray[np.float64]:
        """[s, s†] = J_x/J = 1 − n/J of a spin."""
        commutators: NDArray[np.float64] = 1 - self.levels.T / np.array(self.lengths)[:, None]
        return commutators

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
    truncation_error : float
        Change of the EPR variance from a smaller basis: more than what is left.
    density : Density
        Its `state` is that of X_S = J_y/√J, whose commutator is i ⟨J_x⟩/J; `normalised` divides that out.
    """

    epr_variance: float
    gaussian: float
    polarisation: float
    quanta: float
    top: float
    truncation_error: float
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
    found = []
    for basis in spin_bases(network, {spin: spin_length}, fock)[-2:]:
        require_memory(basis)
        density = stationary(equation, generator(equation, basis))
        populations = np.diagonal(density.matrix).real
        quanta = float(populations @ basis.levels[:, equation.modes.index(spin)])
        state = normalised(density.state, spin, 1 - quanta / spin_length)
        found.append(float(epr_variance(state, spin, partner)))
    highest = 0.0
    for mode, size in enumerate(basis.dimensions):
        if size < all_levels(basis.lengths[mode]):
            highest = max(highest, float(populations[basis.levels[:, mode] == size - 1].sum()))
    if highest > TOP:
        raise Unresolved(
            f"a share {highest:.3g} of the population is on the highest of the levels {basis.dimensions}; keep more",
            highest,
        )
    gaussian = float(epr_variance(steady_state(network.system), spin, partner))
    polarisation = 1 - quanta / spin_length
    return FiniteSpin(found[-1], gaussian, polarisation, quanta, highest, abs(found[-1] - found[0]), density)


def normalised(state: GaussianState, spin: str, polarisation: float) -> GaussianState:
    """Moments with the spin's quadratures divided by √(⟨J_x⟩/J), so that their commutator is i on average."""
    scaling = np.ones(len(state.mean))
    place = state.modes.index(spin)
    scaling[2 * place : 2 * place + 2] = 1 / np.sqrt(polarisation)
    return GaussianState(state.mean * scaling, state.covariance * np.outer(scaling, scaling), state.modes, 0.0, np.inf)


def spin_bases(
    network: Network, lengths: Mapping[str, float], fock: Mapping[str, int] | None = None
) -> list[SpinBasis]:
    """Bases for a network with spins of some lengths, smallest first, from the occupations of the Gaussian network."""
    bases = growing_bases(steady_state(network.system), EFFORT.unconditional, EFFORT, dict(fock or {}))
    return [SpinBasis(basis, [lengths.get(mode, np.inf) for mode in network.system.modes]) for basis in bases]


EFFORT = Effort(unconditional=9.0, couplings=3e7, step=2.0)
"""Nine decades of the probability for an EPR variance to 1e-6; what two decades less change is its error."""
