"""`backaction verify`: the Gaussian moments of a network against a simulation of the same network in Fock space.

The two sides have nothing in common but the parameters of the components. One composes matrices A, B, C, D and solves
Lyapunov's and Riccati's equations; the other (`slh`) writes H and L in ladder operators, composes them by the series
product and solves the master equation of the density matrix: with the library's own generator, or with QuTiP
(`Simulator`). Compared are

- the unconditional covariance: the steady state;
- the conditional one, given all detectors: the stationary solution of the stochastic master equation. Of a linear
  network it is the same for every record, so the record zero is taken and nothing is sampled;
- the evolution: covariance and mean after a while, from coherent states;
- the spectrum of the first detector, from normally and time-ordered correlation functions;
- the logarithmic negativity of pairs, from the partial transpose of the density matrix.

**What cannot be verified.** Brownian damping has no master equation; such a network is verified with rotating-wave
damping, and `distance` says how far that is from the one given, by Gaussian means. Occupations of hundreds do not fit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backaction.entanglement import log_negativity as gaussian_log_negativity
from backaction.gaussian import (
    GaussianState,
    Heterodyne,
    Homodyne,
    InvalidInput,
    LinearSystem,
    conditional_state,
    evolve,
    noise_budget,
    poles,
    steady_state,
)
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.names import indices
from backaction.systems import Damping, Network

from .agreement import Comparison, Verdict, compare
from .basis import Basis
from .qutip_simulation import QutipSimulation
from .rungs import growing_bases, require_room
from .simulation import OwnSimulation, Simulated, Simulation, Simulator
from .slh import MasterEquation
from .solutions import scale
from .verification import AS_GIVEN, ROTATING_WAVE, Effort, Verification
from .words import master_equation, rotating_wave

__all__ = ["gaussian_side", "verify"]

AMPLITUDE = 0.2 + 0.1j
"""Of the coherent states from which the evolution starts."""

DURATION = 3.0
"""How long it lasts, in units of the inverse of the largest rate: about half a period of the fastest motion."""

EVOLUTION_SHARE = 1 / 3
"""Of the couplings that other parts may have: each step in time costs as much as one of GMRES."""

Detector = Homodyne | Heterodyne


def verify(
    network: Network,
    detectors: Sequence[Detector] = (),
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    omega: FloatArray | None = None,
    fock: Mapping[str, int] | None = None,
    effort: Effort | None = None,
    engine: Simulator = Simulator.OWN,
    system: LinearSystem | None = None,
    progress: Callable[[str], None] | None = None,
) -> Verification:
    """Hold the Gaussian results of a network against Fock space.

    Parameters
    ----------
    network : Network
        One network (no batch).
    detectors : sequence of Homodyne or Heterodyne
        Those of the conditional state; the spectrum is that of the first.
    pairs : sequence of pairs of modes, optional
        For the log-negativity; default the two modes of a network that has two.
    omega : array, optional
        Frequencies of the spectrum, rad/s; default some near the resonances.
    fock : mapping, optional
        Dimensions of modes in the largest basis, instead of those that follow from their occupations.
    effort : Effort, optional
    engine : Simulator
        Who simulates: the library's own generator, or QuTiP, which bears fewer number states.
    system : LinearSystem, optional
        The Gaussian model that is put to the test; default `network.system` with the damping that can be verified.
    progress : callable, optional
        Called with a text before each part.

    Raises
    ------
    InvalidInput
        The network cannot be verified: no modes, a batch, an unknown mode, dimensions that would not fit.
    Unresolved
        So many quanta that no basis within memory holds them. This is no disagreement.
    Unstable
        There is no steady state.

    Examples
    --------
    >>> from backaction.systems import SpinOscillator
    >>> spin = SpinOscillator(frequency=-1.0, linewidth=0.2, readout_rate=0.1, occupation=0.1,
    ...                       damping=Damping.ROTATING_WAVE)
    >>> found = verify(Network((spin,)), [Homodyne()])
    >>> found.verdict.value, found.comparisons["unconditional"].max_deviation < 1e-5
    ('agrees', True)
    """
    began = time.perf_counter()
    run = _Run(network, tuple(detectors), dict(fock or {}), effort or Effort(), engine, system)
    tell = progress or (lambda text: None)
    comparisons: dict[str, Comparison | None] = {}
    parts: tuple[tuple[str, Callable[[], Comparison | None] | None], ...] = (
        ("unconditional", run.unconditional),
        ("conditional", run.conditional if run.detectors else None),
        ("evolution", run.evolution),
        ("spectrum", (lambda: run.spectrum(omega)) if run.detectors else None),
        ("log_negativity", lambda: run.log_negativity(pairs)),
    )
    for name, part in parts:
        if part is not None:
            tell(name)
        comparisons[name] = None if part is None else part()
    model = ROTATING_WAVE if run.replaced else AS_GIVEN
    note, seconds = _note(run, comparisons), time.perf_counter() - began
    return Verification(run.modes, model, run.distance(), comparisons, note, seconds, engine.value)


class _Run:
    """One verification: both models, and the states that several comparisons share."""

    def __init__(
        self,
        network: Network,
        detectors: tuple[Detector, ...],
        fock: dict[str, int],
        effort: Effort,
        engine: Simulator,
        system: LinearSystem | None,
    ) -> None:
        self.given = network
        self.network = rotating_wave(network)
        self.replaced = _has_brownian_damping(network)
        self.equation: MasterEquation = master_equation(self.network)
        self.modes = self.equation.modes
        if not self.modes:
            raise InvalidInput("this network has no modes: there is no state to verify in Fock space")
        indices(tuple(fock), self.modes, "mode")
        self.detectors, self.fock, self.effort = detectors, fock, effort
        self.system = gaussian_side(self.network) if system is None else system
        self.steady = steady_state(self.system)
        self.watched = conditional_state(self.system, detectors) if detectors else None
        simulation = OwnSimulation if engine is Simulator.OWN else QutipSimulation
        self.simulation: Simulation[Any] = simulation(self.equation)
        self.densities: dict[str, list[Simulated]] = {}
        require_room(self.steady, self.effort, self.fock, self.simulation.share, self.simulation.boxes)

    # -------------------------------------------------------------- parts

    def unconditional(self) -> Comparison:
        bases = self.bases(self.steady, self.effort.unconditional)
        found = [self.simulation.stationary(basis) for basis in bases]
        self.densities["unconditional"] = found
        return _covariances(self.steady, found)

    def conditional(self) -> Comparison:
        assert self.watched is not None
        bases = self.bases(self.watched, self.effort.conditional)
        found = [self.simulation.conditional(basis, self.detectors) for basis in bases]
        self.densities["conditional"] = found
        return _covariances(self.watched, found, {"record": "zero", "standard_error": None})

    def evolution(self) -> Comparison:
        amplitudes = np.full(len(self.modes), AMPLITUDE)
        mean = np.sqrt(2) * np.stack([amplitudes.real, amplitudes.imag], axis=-1).reshape(-1)
        begin = GaussianState(mean, np.eye(len(mean)) / 2, self.modes)
        seconds = DURATION / scale(self.equation)
        end = evolve(self.system, begin, seconds)
        spread = end.covariance + np.outer(end.mean, end.mean)
        wide = GaussianState(np.zeros_like(mean), spread, self.modes, 0.0, np.inf)
        bases = self.bases(wide, self.effort.evolution, EVOLUTION_SHARE)
        found = [self.simulation.evolved(basis, AMPLITUDE, DURATION) for basis in bases]
        width = np.sqrt(np.diagonal(end.covariance))
        return compare(
            _both(end),
            [_both(density.state) for density in found],
            bases,
            np.concatenate([width, np.outer(width, width).ravel()]),
            {"time_s": seconds},
        )

    def spectrum(self, omega: FloatArray | None) -> Comparison:
        frequencies = self._frequencies() if omega is None else np.asarray(omega, dtype=np.float64)
        gaussian = noise_budget(self.system, frequencies, self.detectors[0]).total
        bases = self.bases(self.steady, self.effort.spectrum)
        values = [self.simulation.spectrum(basis, self.detectors[0], frequencies) for basis in bases]
        details = {
            "frequency_hz": (frequencies / (2 * np.pi)).tolist(),
            "psd_shot_noise": {"gaussian": (2 * gaussian).tolist(), "fock": (2 * values[-1]).tolist()},
        }
        return compare(gaussian, values, bases, gaussian, details)

    def log_negativity(self, pairs: Sequence[tuple[str, str]] | None) -> Comparison | None:
        asked = pairs or ([(self.modes[0], self.modes[1])] if len(self.modes) == 2 else [])
        if not asked:
            return None
        gaussian: list[float] = []
        values: list[list[float]] = [[] for _ in range(self.effort.bases)]
        for kind, state in (("unconditional", self.steady), ("conditional", self.watched)):
            if state is None:
                continue
            for first, second in asked:
                gaussian.append(float(gaussian_log_negativity(state, first, second)))
                for row, density in zip(values, self.densities[kind], strict=True):
                    row.append(self.simulation.log_negativity(density, first, second))
        count = len(asked)
        named = {
            "pairs": [list(pair) for pair in asked],
            "unconditional": {"gaussian": gaussian[:count], "fock": values[-1][:count]},
            "conditional": {"gaussian": gaussian[count:], "fock": values[-1][count:]} if self.watched else None,
        }
        return compare(gaussian, values, [density.basis for density in self.densities["unconditional"]], 1.0, named)

    def distance(self) -> dict[str, float | None] | None:
        """How far the model that was verified is from the one given, both Gaussian."""
        if not self.replaced:
            return None
        given = gaussian_side(self.given)
        watched = None if self.watched is None else conditional_state(given, self.detectors)
        return {
            "unconditional": _largest(steady_state(given), self.steady),
            "conditional": None if watched is None or self.watched is None else _largest(watched, self.watched),
        }

    def bases(self, state: GaussianState, decades: float, share: float = 1.0) -> list[Basis]:
        """Bases for a state, with the dimensions that the caller fixed."""
        simulation = self.simulation
        return growing_bases(state, decades, self.effort, self.fock, share * simulation.share, simulation.boxes)

    def _frequencies(self) -> FloatArray:
        """Near the resonances: on the flanks, where the phase of the response counts too."""
        values = poles(self.system)
        values = values[values.imag >= 0]
        narrow = values[np.argsort(-values.real)]
        spots = [abs(pole.imag) + offset * abs(pole.real) for offset in (0.5, -0.7, 3.0) for pole in narrow]
        return np.array(spots[: self.effort.frequencies])


def gaussian_side(network: Network) -> LinearSystem:
    """The Gaussian model of a network, which is put to the test."""
    return network.system


def _has_brownian_damping(network: Network) -> bool:
    return any(
        getattr(part, "damping", None) is Damping.BROWNIAN
        and getattr(part, "mechanical_linewidth", getattr(part, "linewidth", 0.0)) > 0
        for part in network.components
    )


def _both(state: GaussianState) -> FloatArray:
    return np.concatenate([state.mean, state.covariance.ravel()])


def _covariances(state: GaussianState, found: Sequence[Simulated], details: dict[str, Any] | None = None) -> Comparison:
    width = np.sqrt(np.diagonal(state.covariance))
    values = [density.state.covariance for density in found]
    return compare(state.covariance, values, [density.basis for density in found], np.outer(width, width), details)


def _largest(first: GaussianState, second: GaussianState) -> float:
    width: NDArray[np.float64] = np.sqrt(np.diagonal(second.covariance))
    return float(np.max(np.abs(first.covariance - second.covariance) / np.outer(width, width)))


def _note(run: _Run, comparisons: Mapping[str, Comparison | None]) -> str:
    parts = []
    if run.replaced:
        parts.append(
            "brownian damping has no master equation: the network was verified with rotating-wave damping, and "
            "`distance` is how far its Gaussian covariances are from those of the network given"
        )
    open_ = [key for key, found in comparisons.items() if found is not None and found.verdict is Verdict.UNRESOLVED]
    if open_:
        parts.append(f"not resolved by these truncations: {', '.join(open_)}; keep more levels (--fock NAME=N)")
    parts.append(
        "deviations are relative to √(V_ii V_jj), to the PSD for the spectrum, absolute for the log-negativity; a "
        "result agrees within twice the uncertainty that successive truncations demonstrate"
    )
    return ". ".join(parts)
