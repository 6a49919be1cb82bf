"""A network as QuTiP knows models: Hamiltonian, collapse operators, what detectors see, as Qobj in a tensor product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput
from backaction.gaussian.names import indices
from backaction.systems import Network

from .basis import Basis, ComplexArray
from .generator import require_memory
from .slh import MasterEquation, monitored
from .solutions import scale
from .words import master_equation

if TYPE_CHECKING:
    import qutip

__all__ = ["QutipModel", "model_of", "qutip_model"]


@dataclass(frozen=True, eq=False)
class QutipModel:
    """The master equation of a network for `qutip.mesolve`, `qutip.steadystate` and `qutip.smesolve`.

    Attributes
    ----------
    hamiltonian : qutip.Qobj
        In units of `rate`: QuTiP's tolerances are made for numbers near one.
    collapse : dict of str to qutip.Qobj
        One operator for each vacuum and each bath, by name, in √rate.
    rate : float
        The largest rate of the network, rad/s; times are counted in 1/rate.
    """

    hamiltonian: qutip.Qobj
    collapse: dict[str, qutip.Qobj]
    rate: float
    equation: MasterEquation
    basis: Basis

    @property
    def liouvillian(self) -> qutip.Qobj:
        """QuTiP's generator of the motion, in units of `rate`."""
        import qutip

        return qutip.liouvillian(self.hamiltonian, list(self.collapse.values()))

    def detected(self, detectors: Sequence[Homodyne | Heterodyne]) -> list[qutip.Qobj]:
        """Operators c of independent records dY = ⟨c + c†⟩ dt + dW: the `sc_ops` of `qutip.smesolve`.

        `undetected` are the collapse operators for the rest: the sum of both dissipators is that of the network.
        """
        return [linear(c, self.basis.dimensions) for c in self.seen(detectors)]

    def undetected(self, detectors: Sequence[Homodyne | Heterodyne]) -> list[qutip.Qobj]:
        """Collapse operators for what the detectors do not see."""
        seen = self.seen(detectors)
        values, vectors = np.linalg.eigh(self.equation.rates / self.rate - seen.T @ seen.conj())
        kept = values > 1e-13 * max(float(values[-1]), 0.0)  # rounding: the difference is positive
        operators = np.sqrt(values[kept])[:, None] * vectors.T[kept]
        return [linear(c, self.basis.dimensions) for c in operators]

    def seen(self, detectors: Sequence[Homodyne | Heterodyne]) -> ComplexArray:
        """The coefficients of `detected`, shape (k, 2n)."""
        seen: ComplexArray = monitored(self.equation, detectors).whitened / np.sqrt(self.rate)
        return seen


def ladder(dimensions: Sequence[int]) -> list[qutip.Qobj]:
    """QuTiP's a₁ … aₙ, a₁† … aₙ† in the tensor product."""
    import qutip

    lowering = [
        qutip.tensor([qutip.destroy(n) if i == mode else qutip.qeye(n) for i, n in enumerate(dimensions)])
        for mode in range(len(dimensions))
    ]
    return lowering + [a.dag() for a in lowering]


def linear(coefficients: ComplexArray, dimensions: Sequence[int]) -> qutip.Qobj:
    """Σ cₐ Oₐ of the operators of `ladder`."""
    return sum(c * o for c, o in zip(coefficients, ladder(dimensions), strict=True))


def quadratic(coefficients: ComplexArray, dimensions: Sequence[int]) -> qutip.Qobj:
    """Σ c_ab :OₐO_b:, normally ordered."""
    operators, count = ladder(dimensions), len(dimensions)
    total = 0 * operators[0]
    for a, b in zip(*np.nonzero(coefficients), strict=True):
        left, right = (a, b) if a >= count else (b, a)  # creation operators stand left
        total += coefficients[a, b] * operators[left] * operators[right]
    return total


def qutip_model(network: Network, dimensions: Mapping[str, int]) -> QutipModel:
    """The cascaded master equation of a network as QuTiP objects, each loss, mirror and bath its own channel.

    Parameters
    ----------
    network : Network
        With damping of Lindblad form (`rotating_wave`).
    dimensions : mapping of str to int
        Number states of every mode.

    Raises
    ------
    InvalidInput
        As `master_equation`; a mode without a dimension; dimensions that would not fit in memory.

    Examples
    --------
    >>> from backaction.systems import Damping, SpinOscillator
    >>> spin = SpinOscillator(frequency=2.0, linewidth=0.1, readout_rate=0.3, occupation=0.0,
    ...                       damping=Damping.ROTATING_WAVE)
    >>> qutip_model(Network((spin,)), {"spin": 3}).hamiltonian.diag()
    array([0., 1., 2.])
    """
    equation = master_equation(network)
    indices(tuple(dimensions), equation.modes, "mode")
    missing = [mode for mode in equation.modes if mode not in dimensions]
    if missing:
        raise InvalidInput(f"no dimension was given for the mode {missing[0]!r}")
    return model_of(equation, Basis([dimensions[mode] for mode in equation.modes]))


def model_of(equation: MasterEquation, basis: Basis) -> QutipModel:
    """The same of a master equation, in the tensor product of a basis.

    Raises
    ------
    InvalidInput
        Dimensions that would not fit in memory.
    """
    require_memory(basis)
    rate = scale(equation)
    hamiltonian = quadratic(equation.hamiltonian / rate, basis.dimensions)
    collapse = {
        name: linear(c / np.sqrt(rate), basis.dimensions) for name, c in equation.channels.items() if np.any(c != 0)
    }
    return QutipModel(hamiltonian, collapse, rate, equation, basis)
