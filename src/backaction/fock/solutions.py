"""What a master equation is asked: steady state, state given a record, motion, spectrum of the light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState, Unresolved
from backaction.gaussian.arrays import FloatArray

from .basis import Basis, ComplexArray, second_moments
from .generator import Generator, Preconditioned, require_memory
from .slh import MasterEquation, Monitored

__all__ = [
    "Density",
    "conditional",
    "displaced_vacuum",
    "evolved",
    "generator",
    "log_negativity",
    "output_spectrum",
    "scale",
    "stationary",
]

MOST_STEPS = 12
"""Newton steps for the state given a record."""

CONVERGED = 1e-9
"""Change of the state at which they end; they converge quadratically."""

INEXACT = 1e-5
"""Relative residual of a Newton step: the next one makes up for it."""

NEGATIVE = 1e-6
"""Most negative eigenvalue, relative to the largest, of the state given a record: it is positive, up to truncation."""


@dataclass(frozen=True, eq=False)
class Density:
    """A density matrix in a truncated basis.

    Parameters
    ----------
    basis : Basis
    matrix : array, shape (d, d)
    modes : tuple of str
    """

    basis: Basis
    matrix: ComplexArray
    modes: tuple[str, ...]

    @property
    def state(self) -> GaussianState:
        """Mean and covariance, from normally ordered moments.

        Of a spin (`SpinBasis`) in units in which X = J_y/√J and [X, P] = iJ_x/J: `normalised` makes that i on average.
        """
        count = len(self.modes)
        ladder = self.basis.ladder
        trace = np.trace(self.matrix).real

        def average(operator: object) -> complex:
            entries = operator.tocoo()  # type: ignore[attr-defined]
            return complex((entries.data * self.matrix[entries.col, entries.row]).sum() / trace)

        amplitude = np.array([average(a) for a in ladder[:count]])
        pairs = np.array([[average(ladder[i] @ ladder[j]) for j in range(count)] for i in range(count)])
        quanta = np.array([[average(ladder[count + i] @ ladder[j]) for j in range(count)] for i in range(count)])
        commutators = self.basis.commutators @ np.diagonal(self.matrix).real / trace
        mean, covariance = second_moments(amplitude, pairs, quanta, commutators)
        return GaussianState(mean, covariance, self.modes, 0.0, np.inf)

    def reduced(self, first: str, second: str) -> ComplexArray:
        """The density matrix of two modes in the box of their dimensions, shape (N1, N2, N1, N2)."""
        chosen = [self.modes.index(first), self.modes.index(second)]
        others = [i for i in range(len(self.modes)) if i not in chosen]
        sizes = self.basis.dimensions
        out = np.zeros((sizes[chosen[0]], sizes[chosen[1]]) * 2, dtype=np.complex128)
        levels = self.basis.levels
        _, groups = np.unique(levels[:, others], axis=0, return_inverse=True)
        for group in range(int(groups.max()) + 1):
            members = np.flatnonzero(groups.ravel() == group)
            a, b = levels[members][:, chosen].T
            out[a[:, None], b[:, None], a, b] += self.matrix[np.ix_(members, members)]
        reduced: ComplexArray = out / np.trace(self.matrix).real
        return reduced


def generator(equation: MasterEquation, basis: Basis) -> Generator:
    """The generator of a network in a basis, in units of its largest rate (`scale`)."""
    require_memory(basis)
    unit = scale(equation)
    return Generator.lindblad(basis, equation.hamiltonian / unit, equation.rates / unit)


def scale(equation: MasterEquation) -> float:
    """The largest rate of a network, rad/s: the unit of time of its simulation."""
    return float(max(np.abs(equation.hamiltonian).max(initial=0.0), np.abs(equation.rates).max(initial=0.0), 1e-300))


def stationary(equation: MasterEquation, dynamics: Generator) -> Density:
    """The steady state: Lρ = 0, tr ρ = 1."""
    sector, matrix = dynamics.even
    trace, _ = dynamics.trace()
    solver = Preconditioned(sector, matrix, trace=trace)
    right = np.zeros(sector.size, dtype=np.complex128)
    right[0] = -solver.weight

    def apply(vector: ComplexArray) -> ComplexArray:
        result: ComplexArray = matrix @ vector
        result[0] -= solver.weight * vector[trace].sum()
        return result

    vector = solver.solve(right, apply)
    return Density(dynamics.basis, sector.full(vector, dynamics.basis.size), equation.modes)


def conditional(equation: MasterEquation, dynamics: Generator, monitored: Monitored, start: Density) -> Density:
    """The stationary state given the record zero of all detectors: the positive eigenvector of the generator.

    Newton's method for Mρ = μρ, tr ρ = 1, from the unconditional state, the detectors switched on in steps. Only the
    eigenvector of the largest eigenvalue is positive (Perron and Frobenius, for a completely positive semigroup), and
    that is checked.

    Raises
    ------
    Unresolved
        Newton's method ended elsewhere.
    """
    operators = monitored.whitened / np.sqrt(scale(equation))
    for steps in (1, 3, 9):
        vector = None
        for share in np.linspace(1 / steps, 1, steps):
            watched = dynamics.given_zero_record(np.sqrt(share) * operators)
            vector = _newton(watched, watched.even[0].flat(start.matrix) if vector is None else vector)
            if vector is None:
                break
        if vector is not None:
            matrix = watched.even[0].full(vector, dynamics.basis.size)
            matrix = (matrix + matrix.conj().T) / 2
            evens = dynamics.basis.evens
            values = np.concatenate([np.linalg.eigvalsh(b) for b in (matrix[:evens, :evens], matrix[evens:, evens:])])
            if values.min() > -NEGATIVE * values.max():
                return Density(dynamics.basis, matrix, equation.modes)
    raise Unresolved(
        "the state given the record was not found: Newton's method did not converge to a positive matrix. Keep more "
        "levels (--fock NAME=N)",
        1.0,
    )


def _newton(watched: Generator, vector: ComplexArray) -> ComplexArray | None:
    sector, matrix = watched.even
    trace, _ = watched.trace()
    vector = vector / vector[trace].sum()
    solver = None
    for _ in range(MOST_STEPS):
        image = matrix @ vector
        value = image[trace].sum().real
        residual = image - value * vector
        if solver is None:
            solver = Preconditioned(sector, matrix, value, trace)

        def apply(
            step: ComplexArray,
            value: float = value,
            vector: ComplexArray = vector,
            weight: float = solver.weight,
        ) -> ComplexArray:
            result: ComplexArray = matrix @ step - value * step - weight * step[trace].sum() * vector
            return result

        try:
            step = solver.solve(-residual, apply, INEXACT)
        except Unresolved:
            return None
        vector = vector + step
        vector = vector / vector[trace].sum()
        change = float(np.linalg.norm(step - vector * step[trace].sum()) / np.linalg.norm(vector))
        if change < CONVERGED:
            return vector
        if not np.isfinite(change) or change > 1e3:
            return None
    return None


def displaced_vacuum(basis: Basis, modes: Sequence[str], amplitudes: ArrayLike) -> Density:
    """Coherent states exp(Σ αᵢaᵢ†)|0⟩ of the given amplitudes, cut off at the basis and normalised.

    Of a spin it is the coherent spin state, all atoms tilted alike by θ with tan(θ/2) = |α|/√2J.
    """
    raising = basis.linear(np.concatenate([np.zeros(len(modes)), np.asarray(amplitudes, dtype=np.complex128)]))
    ket = term = np.where(basis.levels.any(axis=1), 0.0, 1.0 + 0j)
    for order in range(1, sum(basis.dimensions)):  # no state kept has more quanta
        term = raising @ term / order
        ket = ket + term
    ket /= np.linalg.norm(ket)
    return Density(basis, np.outer(ket, ket.conj()), tuple(modes))


def evolved(dynamics: Generator, start: Density, time: float) -> Density:
    """The state after a time in units of 1/`scale`."""
    from scipy.sparse.linalg import expm_multiply

    size = dynamics.basis.size
    matrix = np.zeros((size, size), dtype=np.complex128)
    for sector, action in (dynamics.even, dynamics.odd):
        vector = expm_multiply(action * time, sector.flat(start.matrix))
        matrix += sector.full(vector, size)
    return Density(dynamics.basis, matrix, start.modes)


def output_spectrum(
    equation: MasterEquation, dynamics: Generator, monitored: Monitored, state: Density, omega: FloatArray
) -> FloatArray:
    """PSD of the first record, absolute (vacuum ½), from the normally and time-ordered correlation function.

    S(ω) = R [1 + 2 Re ∫₀^∞ e^{iωτ} tr(x e^{Lτ}(cρ + ρc†)) dτ] with x = c + c†, c the operator of the unit record
    (Gardiner & Zoller, Quantum Noise, section 5.3): the integral is one linear system for each frequency.
    """
    noise = float(monitored.noise[0, 0])
    coefficients = monitored.operators[0] / np.sqrt(2 * noise * scale(equation))
    operator = dynamics.basis.linear(coefficients)
    source = operator @ state.matrix + state.matrix @ operator.conj().T
    record = (operator + operator.conj().T).tocoo()
    sector, matrix = dynamics.odd
    right = sector.flat(np.asarray(source))
    values = []
    for frequency in np.atleast_1d(omega) / scale(equation):
        answer = sector.full(Preconditioned(sector, matrix, -1j * frequency).solve(-right), dynamics.basis.size)
        correlation = (record.data * answer[record.col, record.row]).sum() / np.trace(state.matrix).real
        values.append(noise * (1 + 2 * correlation.real))
    return np.array(values)


def log_negativity(state: Density, first: str, second: str) -> float:
    """ln of the trace norm of the partial transpose of two modes, from the density matrix itself."""
    pair = state.reduced(first, second)
    sizes = pair.shape[:2]
    turned = pair.transpose(0, 3, 2, 1).reshape(sizes[0] * sizes[1], -1)
    parity = np.add.outer(np.arange(sizes[0]), np.arange(sizes[1])).ravel() % 2
    total = 0.0
    for sign in (0, 1):
        members = np.flatnonzero(parity == sign)
        total += float(np.abs(np.linalg.eigvalsh(turned[np.ix_(members, members)])).sum())
    return max(0.0, float(np.log(total)))
