"""A network simulated by QuTiP alone, from its Hamiltonian and its channels on: `verify --engine qutip`.

Its operators, Liouvillian, `steadystate`, `mesolve` and partial transpose. QuTiP solves for the whole tensor product,
both parities at once, by a factorisation without a preconditioner: some hundred number states, where `OwnSimulation`
takes thousands. What the two share are the H and the L of the components (`master_equation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from backaction.gaussian import GaussianState, Heterodyne, Homodyne
from backaction.gaussian.arrays import FloatArray

from .basis import Basis, second_moments
from .qutip_model import QutipModel, ladder, linear, model_of, quadratic
from .simulation import Simulation
from .slh import MasterEquation, monitored

if TYPE_CHECKING:
    import qutip

__all__ = ["QutipDensity", "QutipSimulation"]

PRECISION = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 1_000_000, "progress_bar": ""}
"""Of the integration in time: below every truncation error that is resolved."""


@dataclass(frozen=True, eq=False)
class QutipDensity:
    """A density matrix of QuTiP's."""

    basis: Basis
    matrix: qutip.Qobj
    modes: tuple[str, ...]

    @cached_property
    def state(self) -> GaussianState:
        """Mean and covariance; a truncated state need not be physical, so nothing is refused."""
        import qutip

        operators = ladder(self.basis.dimensions)
        raising, lowering = operators[len(self.modes) :], operators[: len(self.modes)]
        amplitude = np.array([qutip.expect(a, self.matrix) for a in lowering])
        pairs = np.array([[qutip.expect(a * b, self.matrix) for b in lowering] for a in lowering])
        quanta = np.array([[qutip.expect(a * b, self.matrix) for b in lowering] for a in raising])
        return GaussianState(*second_moments(amplitude, pairs, quanta), self.modes, 0.0, np.inf)


class QutipSimulation(Simulation[QutipDensity]):
    """See the module."""

    share: ClassVar[float] = 1 / 100
    boxes: ClassVar[bool] = True

    def __init__(self, equation: MasterEquation) -> None:
        super().__init__(equation)
        self._steady: dict[tuple[int, ...], QutipDensity] = {}

    def stationary(self, basis: Basis) -> QutipDensity:
        """See `Simulation`: `qutip.steadystate`, once for each tensor product."""
        import qutip

        if basis.dimensions not in self._steady:
            steady = qutip.steadystate(self._model(basis).liouvillian)
            self._steady[basis.dimensions] = self._found(basis, steady)
        return self._steady[basis.dimensions]

    def conditional(self, basis: Basis, detectors: Sequence[Homodyne | Heterodyne]) -> QutipDensity:
        """See `Simulation`: the eigenvector of L − ½Σ ℋ² with ℋρ = cρ + ρc† whose eigenvalue is the largest.

        All eigenvalues have negative real parts and the largest is real, so it is the nearest to zero.
        """
        import qutip
        from scipy.sparse.linalg import eigs

        model = self._model(basis)
        generator = model.liouvillian
        for c in model.seen(detectors):  # ½ℋ² = c·c† + ½(c²· + ·c†²), normally ordered: constants only change the norm
            operator, square = linear(c, basis.dimensions), quadratic(np.outer(c, c), basis.dimensions)
            generator = generator - qutip.sprepost(operator, operator.dag())
            generator = generator - (qutip.spre(square) + qutip.spost(square.dag())) / 2
        _, vector = eigs(generator.data.as_scipy().tocsc(), k=1, sigma=0.0)
        return self._found(basis, qutip.vector_to_operator(qutip.Qobj(vector, dims=[generator.dims[0], [1]])))

    def evolved(self, basis: Basis, amplitude: complex, duration: float) -> QutipDensity:
        """See `Simulation`: `qutip.mesolve`."""
        import qutip

        start = qutip.tensor([qutip.coherent(n, amplitude, method="analytic").unit() for n in basis.dimensions])
        solved = qutip.mesolve(self._model(basis).liouvillian, qutip.ket2dm(start), [0.0, duration], options=PRECISION)
        return self._found(basis, solved.states[-1])

    def spectrum(self, basis: Basis, detector: Homodyne | Heterodyne, omega: FloatArray) -> FloatArray:
        """See `Simulation`: the formula of `output_spectrum`, with QuTiP's generator."""
        import qutip
        from scipy import sparse
        from scipy.sparse.linalg import splu

        model, rho = self._model(basis), self.stationary(basis).matrix
        operator = model.detected([detector])[0]
        noise = float(monitored(self.equation, [detector]).noise[0, 0])
        source = qutip.operator_to_vector(operator * rho + rho * operator.dag())
        record = (operator + operator.dag()).full().ravel(order="F")  # columns one after the other, as QuTiP stacks
        # The answer has no trace; to demand it makes the equation regular at ω = 0 too.
        unity = qutip.operator_to_vector(qutip.qeye_like(operator)).full().ravel()
        first = sparse.csc_array(([1.0], ([0], [0])), shape=(unity.size, 1))
        matrix = model.liouvillian.data.as_scipy() - first @ sparse.csc_array(unity[None, :])
        values = []
        for frequency in np.atleast_1d(omega) / model.rate:
            shifted = sparse.csc_array(-1j * frequency * sparse.eye_array(unity.size) - matrix)
            correlation = record.conj() @ splu(shifted).solve(source.full().ravel())
            values.append(noise * (1 + 2 * correlation.real))
        return np.array(values)

    def log_negativity(self, found: QutipDensity, first: str, second: str) -> float:
        """See `Simulation`: `qutip.partial_transpose`."""
        import qutip

        pair = found.matrix.ptrace([found.modes.index(first), found.modes.index(second)])
        turned = qutip.partial_transpose(pair, [0, 1])
        return max(0.0, float(np.log(np.abs(turned.eigenenergies()).sum())))

    def _model(self, basis: Basis) -> QutipModel:
        return model_of(self.equation, basis)

    def _found(self, basis: Basis, matrix: qutip.Qobj) -> QutipDensity:
        matrix = matrix / matrix.tr()
        return QutipDensity(basis, (matrix + matrix.dag()) / 2, self.equation.modes)
