"""Who simulates a network for `verify`: the library's own generator of the density matrix, or QuTiP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import Enum
from typing import ClassVar, Generic, Protocol, TypeVar

from backaction.gaussian import GaussianState, Heterodyne, Homodyne
from backaction.gaussian.arrays import FloatArray

from .basis import Basis
from .slh import MasterEquation, monitored
from .solutions import (
    Density,
    conditional,
    displaced_vacuum,
    evolved,
    generator,
    log_negativity,
    output_spectrum,
    stationary,
)

__all__ = ["OwnSimulation", "Simulated", "Simulation", "Simulator"]


class Simulator(Enum):
    """Which of the two."""

    OWN = "own"
    """`Density` in a basis that keeps what is occupied; sparse solvers that know the parity and the frequencies."""
    QUTIP = "qutip"
    """QuTiP's operators, generator, steady state, motion, partial transpose, in a tensor product of few levels."""


class Simulated(Protocol):
    """A state that was found in a basis."""

    @property
    def basis(self) -> Basis:
        """Where it was found."""

    @property
    def state(self) -> GaussianState:
        """Its mean and covariance."""


Found = TypeVar("Found", bound=Simulated)


class Simulation(ABC, Generic[Found]):
    """One master equation in one basis after another; times and frequencies in units of its largest rate (`scale`).

    Attributes
    ----------
    share : float
        Of the couplings that an `Effort` allows, what this way of solving can bear.
    boxes : bool
        Whether it needs the whole tensor product.
    """

    share: ClassVar[float] = 1.0
    boxes: ClassVar[bool] = False

    def __init__(self, equation: MasterEquation) -> None:
        self.equation = equation

    @abstractmethod
    def stationary(self, basis: Basis) -> Found:
        """The steady state."""

    @abstractmethod
    def conditional(self, basis: Basis, detectors: Sequence[Homodyne | Heterodyne]) -> Found:
        """The stationary state given the record zero of all detectors."""

    @abstractmethod
    def evolved(self, basis: Basis, amplitude: complex, duration: float) -> Found:
        """What becomes of coherent states of one amplitude."""

    @abstractmethod
    def spectrum(self, basis: Basis, detector: Homodyne | Heterodyne, omega: FloatArray) -> FloatArray:
        """PSD of a record at frequencies in rad/s, absolute (vacuum ½)."""

    @abstractmethod
    def log_negativity(self, found: Found, first: str, second: str) -> float:
        """Logarithmic negativity of two modes, from the partial transpose."""


class OwnSimulation(Simulation[Density]):
    """The library's own (`generator`, `solutions`)."""

    def stationary(self, basis: Basis) -> Density:
        """See `Simulation`."""
        return stationary(self.equation, generator(self.equation, basis))

    def conditional(self, basis: Basis, detectors: Sequence[Homodyne | Heterodyne]) -> Density:
        """See `Simulation`."""
        dynamics, seen = generator(self.equation, basis), monitored(self.equation, detectors)
        return conditional(self.equation, dynamics, seen, stationary(self.equation, dynamics))

    def evolved(self, basis: Basis, amplitude: complex, duration: float) -> Density:
        """See `Simulation`."""
        modes = self.equation.modes
        start = displaced_vacuum(basis, modes, [amplitude] * len(modes))
        return evolved(generator(self.equation, basis), start, duration)

    def spectrum(self, basis: Basis, detector: Homodyne | Heterodyne, omega: FloatArray) -> FloatArray:
        """See `Simulation`."""
        dynamics, seen = generator(self.equation, basis), monitored(self.equation, [detector])
        return output_spectrum(self.equation, dynamics, seen, stationary(self.equation, dynamics), omega)

    def log_negativity(self, found: Density, first: str, second: str) -> float:
        """See `Simulation`."""
        return log_negativity(found, first, second)
