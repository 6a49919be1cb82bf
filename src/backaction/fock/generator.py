"""Master equations as sparse matrices on the density matrix, and linear systems of them solved.

**Parity.** The generator of a linear network has two ladder operators in every term, so it never connects elements
⟨m|ρ|n⟩ with an even total number of quanta in m and n together to odd ones. Covariances need the even sector only:
the blocks of even and odd m with n of the same parity. First moments and correlation functions live in the odd one.

**Solving.** Elements with equal differences m − n of every mode rotate together; couplings between them are slow, all
others are off resonance by multiples of the frequencies. Those *secular* couplings alone form small independent
blocks, which a sparse factorisation solves at once, however high the quality factors. With it as the preconditioner
GMRES needs some twenty steps for the whole equation: nothing is neglected, the rotating-wave approximation only
steers the solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import InvalidInput, Unresolved

from .basis import Basis, ComplexArray, Sparse

__all__ = [
    "MEMORY_LIMIT",
    "Generator",
    "Preconditioned",
    "Sector",
    "couplings",
    "density_size",
    "memory_needed",
    "require_memory",
]

MEMORY_LIMIT = 6 * 2**30
"""Bytes that the solution of a master equation may take unless the caller allows more."""

BYTES_PER_COUPLING = 70
BYTES_PER_ELEMENT = 900
"""Measured peaks: of each coupling between elements of the even sector, of each element (factors, Krylov vectors)."""

RESIDUAL = 1e-10
"""Relative residual at which GMRES stops: below every truncation error that is resolved."""

RESTART = 40
MOST_CYCLES = 15


def density_size(basis: Basis) -> int:
    """Elements of the even sector of the density matrix."""
    return basis.evens**2 + (basis.size - basis.evens) ** 2


def couplings(basis: Basis) -> float:
    """Couplings between these elements, at most: by two ladder operators on one side, or one on each."""
    modes = len(basis.dimensions)
    return float(density_size(basis)) * (1 + 4 * modes**2 + 4 * modes + 4 * modes * (modes - 1))


def memory_needed(basis: Basis) -> float:
    """Bytes that a solution in this basis takes."""
    return density_size(basis) * BYTES_PER_ELEMENT + couplings(basis) * BYTES_PER_COUPLING


def require_memory(basis: Basis, limit: float = MEMORY_LIMIT) -> None:
    """Refuse a basis whose master equation would not fit."""
    needed = memory_needed(basis)
    if needed > limit:
        raise InvalidInput(
            f"dimensions {basis.dimensions} keep {basis.size} number states; their master equation would take about "
            f"{needed / 2**30:.3g} GiB, more than the {limit / 2**30:.3g} GiB allowed. Keep fewer levels "
            "(--fock NAME=N), or verify a network with smaller occupations"
        )


class Sector:
    """One parity of the density matrix: two blocks, rows × columns, flattened one after the other."""

    def __init__(self, basis: Basis, odd: bool) -> None:
        even, other = slice(0, basis.evens), slice(basis.evens, basis.size)
        self.odd = odd
        self.blocks = ((even, other), (other, even)) if odd else ((even, even), (other, other))
        codes = _codes(basis)
        self.charges = np.concatenate([(codes[r][:, None] - codes[c][None]).ravel() for r, c in self.blocks])
        self.size = len(self.charges)

    def flat(self, matrix: ComplexArray) -> ComplexArray:
        """The sector's elements of a density matrix (d, d) as a vector."""
        return np.concatenate([matrix[r, c].ravel() for r, c in self.blocks])

    def full(self, vector: ComplexArray, size: int) -> ComplexArray:
        """The density matrix (d, d) with the sector's elements, zero elsewhere."""
        matrix = np.zeros((size, size), dtype=np.complex128)
        start = 0
        for rows, columns in self.blocks:
            shape = matrix[rows, columns].shape
            stop = start + shape[0] * shape[1]
            matrix[rows, columns] = vector[start:stop].reshape(shape)
            start = stop
        return matrix


@dataclass(frozen=True, eq=False)
class Generator:
    """ρ → Kρ + ρK† + Σ s c ρ c†, with sparse K of even and c of odd parity, and signs s."""

    basis: Basis
    left: Sparse
    jumps: Sequence[tuple[float, Sparse]]

    @classmethod
    def lindblad(cls, basis: Basis, hamiltonian: ComplexArray, rates: ComplexArray) -> Generator:
        """The master equation with H = Σ h_ab OₐO_b and Σ_j c_j c_j† = rates in the ladder operators."""
        left = -1j * basis.quadratic(hamiltonian)
        jumps = [basis.linear(c) for c in _independent(rates)]
        for jump in jumps:
            left = left - (jump.conj().T @ jump) / 2
        return cls(basis, left.tocsr(), [(1.0, jump) for jump in jumps])

    def given_zero_record(self, monitored: ComplexArray) -> Generator:
        """Evolution of the unnormalised state for the record dY = 0 of unit records of these operators.

        Along a smooth record Y(t) the linear stochastic master equation is, in Stratonovich's form,
        dρ = Lρ dt − ½Σ ℋ_k² ρ dt + Σ ℋ_k ρ dY_k with ℋ_k ρ = c_kρ + ρc_k†. Of a linear network the covariance is the
        same for every record, so dY = 0 will do: no noise is sampled. The constants of c_k² only change the norm.
        """
        left = self.left
        jumps = list(self.jumps)
        for operator in monitored:
            left = left - self.basis.quadratic(np.outer(operator, operator)) / 2
            jumps.append((-1.0, self.basis.linear(operator)))
        return Generator(self.basis, left.tocsr(), jumps)

    @cached_property
    def even(self) -> tuple[Sector, Sparse]:
        """The even sector and the generator's matrix on it."""
        return self._on(Sector(self.basis, odd=False))

    @cached_property
    def odd(self) -> tuple[Sector, Sparse]:
        """The odd sector and the generator's matrix on it."""
        return self._on(Sector(self.basis, odd=True))

    def trace(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Places of the diagonal in the even sector's vector, and of the ground state."""
        evens, others = self.basis.evens, self.basis.size - self.basis.evens
        places = np.concatenate([np.arange(evens) * (evens + 1), evens**2 + np.arange(others) * (others + 1)])
        return places, np.array([0])

    def _on(self, sector: Sector) -> tuple[Sector, Sparse]:
        from scipy import sparse

        rows = []
        for i, (r, c) in enumerate(sector.blocks):
            here = sparse.kron(self.left[r, r], sparse.eye_array(c.stop - c.start)) + sparse.kron(
                sparse.eye_array(r.stop - r.start), self.left[c, c].conj()
            )
            r2, c2 = sector.blocks[1 - i]
            there: Any = sparse.csr_array((here.shape[0], (r2.stop - r2.start) * (c2.stop - c2.start)), dtype=complex)
            for sign, jump in self.jumps:
                there = there + sign * sparse.kron(jump[r, r2], jump[c, c2].conj())
            rows.append([here, there] if i == 0 else [there, here])
        return sector, sparse.block_array(rows, format="csr")


class Preconditioned:
    """(matrix − shift − ground⊗trace) solved by GMRES behind the factors of its secular part."""

    def __init__(
        self, sector: Sector, matrix: Sparse, shift: complex = 0.0, trace: NDArray[np.intp] | None = None
    ) -> None:
        from scipy import sparse
        from scipy.sparse.linalg import LinearOperator, splu

        self.matrix = matrix - shift * sparse.eye_array(sector.size, format="csr") if shift else matrix
        self.weight = 0.0
        entries = self.matrix.tocoo()
        kept = sector.charges[entries.row] == sector.charges[entries.col]
        rows, columns, values = entries.row[kept], entries.col[kept], entries.data[kept]
        if trace is not None:
            # Without it the generator has the steady state for its kernel.
            self.weight = float(np.abs(values).mean())
            rows = np.concatenate([rows, np.zeros(len(trace), dtype=rows.dtype)])
            columns = np.concatenate([columns, trace])
            values = np.concatenate([values, np.full(len(trace), -self.weight)])
        secular = sparse.csc_array((values, (rows, columns)), shape=self.matrix.shape)
        factors = splu(secular, permc_spec="MMD_AT_PLUS_A")
        self.inverse = LinearOperator(self.matrix.shape, matvec=factors.solve, dtype=np.complex128)

    def solve(self, right: ComplexArray, apply: Any = None, residual: float = RESIDUAL) -> ComplexArray:
        """Solve for one right-hand side; `apply` replaces the matrix (bordered systems)."""
        from scipy.sparse.linalg import LinearOperator, gmres

        action = self.matrix if apply is None else LinearOperator(self.matrix.shape, matvec=apply, dtype=np.complex128)
        answer, left_over = gmres(
            action, right, rtol=residual, atol=0.0, restart=RESTART, maxiter=MOST_CYCLES, M=self.inverse
        )
        if left_over:
            worst = float(np.linalg.norm(action @ answer - right) / np.linalg.norm(right))
            if worst > 1e3 * residual:
                raise Unresolved(
                    f"the master equation was not solved: GMRES left the relative residual {worst:.3g} after "
                    f"{RESTART * MOST_CYCLES} steps. Strong couplings between near-resonant modes do that; keep fewer "
                    "levels",
                    worst,
                )
        return np.asarray(answer)


def _independent(rates: ComplexArray) -> list[ComplexArray]:
    """The few operators with the same dissipator as many: Σ c c† = rates."""
    values, vectors = np.linalg.eigh(rates)
    kept = values > 1e-15 * max(values[-1], 0.0)  # rounding of the sum over channels
    return [np.sqrt(value) * vector for value, vector in zip(values[kept], vectors.T[kept], strict=True)]


def _codes(basis: Basis) -> NDArray[np.int64]:
    """One number for the quanta of all modes, such that differences tell those of each mode."""
    steps = np.cumprod([1, *[2 * size + 1 for size in basis.dimensions[:-1]]])
    codes: NDArray[np.int64] = basis.levels @ steps[: len(basis.dimensions)]
    return codes
