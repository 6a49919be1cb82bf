"""A network as QuTiP knows models: Hamiltonian, collapse operators, what detectors see, as Qobj in a tensor product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput
from backaction.gaussian.names import indices
from backaction.systems import Network

from .basis import Basis, ComplexArray, Sparse
from .generator import require_memory
from .slh import MasterEquation, monitored
from .solutions import scale
from .words import master_equation

if TYPE_CHECKING:
    import qutip

__all__ = ["QutipModel", "qutip_model"]


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

    def detected(self, detectors: Sequence[Homodyne | Heterodyne]) -> list[qutip.Qobj]:
        """Operators c of independent records dY = ⟨c + c†⟩ dt + dW: the `sc_ops` of `qutip.smesolve`.

        `undetected` are the collapse operators for the rest: the sum of both dissipators is that of the network.
        """
        return [self._qobj(self.basis.linear(c)) for c in self._seen(detectors)]

    def undetected(self, detectors: Sequence[Homodyne | Heterodyne]) -> list[qutip.Qobj]:
        """Collapse operators for what the detectors do not see."""
        seen = self._seen(detectors)
        values, vectors = np.linalg.eigh(self.equation.rates / self.rate - seen.T @ seen.conj())
        kept = values > 1e-13 * max(float(values[-1]), 0.0)  # rounding: the difference is positive
        operators = np.sqrt(values[kept])[:, None] * vectors.T[kept]
        return [self._qobj(self.basis.linear(c)) for c in operators]

    def _seen(self, detectors: Sequence[Homodyne | Heterodyne]) -> ComplexArray:
        seen: ComplexArray = monitored(self.equation, detectors).whitened / np.sqrt(self.rate)
        return seen

    def _qobj(self, operator: Sparse) -> qutip.Qobj:
        import qutip

        order = self.basis.places.ravel()
        levels = list(self.basis.dimensions)
        return qutip.Qobj(operator[order][:, order], dims=[levels, levels])


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
    basis = Basis([dimensions[mode] for mode in equation.modes])
    require_memory(basis)
    rate = scale(equation)
    model = QutipModel(None, {}, rate, equation, basis)
    hamiltonian = model._qobj(basis.quadratic(equation.hamiltonian / rate))
    collapse = {
        name: model._qobj(basis.linear(c / np.sqrt(rate))) for name, c in equation.channels.items() if np.any(c != 0)
    }
    return QutipModel(hamiltonian, collapse, rate, equation, basis)
