"""The state of a finite spin and an oscillator given the record of the light, sampled: quantum trajectories.

Given the record the covariance of two oscillators is the same for every record; that of a spin depends on it, and has
to be averaged. On a lossless beam without baths the state given the record is pure. A record that is piecewise linear,
ΔY over each step h, moves it by (`Generator.given_zero_record`, for kets)

    ψ → exp[(−iH − ½c†c − ½c²)h + c ΔY] ψ,      ΔY = h ⟨c + c†⟩ + √h ξ,      ξ normal,

with ⟨c + c†⟩ the mean of its values before and after the step: averages are then of second order in h. For oscillators
there is no error of the step at all, because that covariance holds for piecewise linear records too.

**Errors.** *Sampling*: the scatter between trajectories (jackknife). *Numerics*: everything is repeated with the same ξ
in steps twice as long and in a smaller basis; what changes is more than what is left. *Burn-in*: trajectories start in
the Gaussian conditional state, their means drawn from its stationary distribution, so that nothing has to settle but
what a finite spin adds. That decays with the slowest pole of the network and of its filter. The standard error holds
all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backaction.entanglement import epr_variance
from backaction.gaussian import (
    GaussianState,
    Homodyne,
    InvalidInput,
    conditional_state,
    kalman_gain,
    poles,
    record_model,
    steady_state,
)
from backaction.systems import Network

from .basis import Basis, ComplexArray, second_moments
from .cascaded_spin import SpinBasis, normalised, spin_bases
from .slh import MasterEquation, monitored
from .solutions import scale
from .words import master_equation

__all__ = ["Trajectories", "conditional_by_trajectories"]

FloatArray = NDArray[np.float64]

LIFETIMES = 4.0
"""Amplitude lifetimes of the slowest pole before the average begins: what variances remember is e⁻⁸."""

SAMPLING = 0.25
"""Between the samples of an average, in units of the inverse of the largest rate."""

SERIES = 1e-11
"""Size of the last term of the exponential series, next to a ket of norm one."""

MOST_TERMS = 60


@dataclass(frozen=True)
class Trajectories:
    """A conditional EPR variance, sampled.

    Parameters
    ----------
    epr_variance : float
        Of the covariance averaged over trajectories and times.
    standard_error : float
        Root of the sum of squares of the three errors that follow.
    trajectories : int
    sampling_error : float
        Of the average, from the scatter between trajectories.
    numerical_error : float
        Change by steps twice as long in a smaller basis.
    burn_in_error : float
        What is left of the difference from two oscillators, from which the trajectories start.
    """

    epr_variance: float
    standard_error: float
    trajectories: int
    sampling_error: float
    numerical_error: float
    burn_in_error: float


def conditional_by_trajectories(
    network: Network,
    spin: str,
    partner: str,
    spin_length: float,
    *,
    angle: float = np.pi / 2,
    trajectories: int = 64,
    duration: float = 40.0,
    step: float = 0.05,
    seed: int = 1,
    fock: Mapping[str, int] | None = None,
) -> Trajectories:
    """The EPR variance given the record of an ideal homodyne detector on a lossless beam, from quantum trajectories.

    Parameters
    ----------
    network, spin, partner, spin_length, fock
        As `unconditional_with_spin`; baths with linewidth 0.
    angle : float
        Detected quadrature, rad.
    trajectories : int
        At least 2; the sampling error is trusted from some 16 on.
    duration, step : float
        Of the average, which begins after four lifetimes of the slowest pole, and of the steps: in units of the
        inverse of the largest rate.
    seed : int

    Raises
    ------
    InvalidInput
        A network with more than one channel; one trajectory; a step that is not between 0 and the duration.
    Unstable
        The network has no stationary state.

    Examples
    --------
    >>> from backaction.systems import Damping, MechanicalOscillator, SpinOscillator
    >>> common = {"readout_rate": 0.5, "tensor_coupling": 0.6, "occupation": 0.0, "damping": Damping.ROTATING_WAVE}
    >>> beam = SpinOscillator(frequency=-1.0, linewidth=0.0, **common) >> MechanicalOscillator(
    ...     name="m", mechanical_frequency=1.0, mechanical_linewidth=0.0, **common)
    >>> found = conditional_by_trajectories(beam, "spin", "m", 10, trajectories=8, duration=10)
    >>> known = float(epr_variance(conditional_state(beam.system, Homodyne()), "spin", "m"))
    >>> abs(found.epr_variance - known) < 0.02
    True
    """
    equation = master_equation(network)
    if any(np.any(c != 0) for name, c in equation.channels.items() if name != "input"):
        raise InvalidInput(
            "pure trajectories need a lossless beam and no baths: set linewidths to 0 and leave out losses (the tensor "
            "coupling damps both systems through the light)"
        )
    if trajectories < 2 or not 0 < step <= duration < np.inf:
        raise InvalidInput(
            f"an average needs two trajectories at least, to tell its error, and a step of 0 < step ≤ duration; got "
            f"{trajectories} trajectories, step {step} and duration {duration}"
        )
    detector = Homodyne("out", angle)
    watched = conditional_state(network.system, detector)
    slowest = _slowest_rate(network, detector) / scale(equation)
    rng = np.random.default_rng(seed)
    spread = steady_state(network.system).covariance - watched.covariance
    start = rng.multivariate_normal(np.zeros(len(spread)), spread, size=trajectories, check_valid="ignore")
    settling, whole = (2 * int(np.ceil(time / (2 * step))) for time in (LIFETIMES / slowest, duration))
    coarse, fine = spin_bases(network, {spin: spin_length}, fock)[-2:]
    runs = [
        _Run(equation, detector, basis, [spin, partner], GaussianState(start, watched.covariance, watched.modes))
        for basis in (fine, coarse)
    ]
    for chunk in range((settling + whole) // 2):
        noise = np.sqrt(step) * rng.normal(size=(2, trajectories))
        count = 2 * chunk >= settling
        for increment in noise:
            runs[0].move(step, increment, count)
        runs[1].move(2 * step, noise.sum(axis=0), count)
    everybody = np.arange(trajectories)
    value, rough = (run.epr(everybody) for run in runs)
    without = np.array([runs[0].epr(np.delete(everybody, one)) for one in everybody])
    sampling = float(np.sqrt((trajectories - 1) * np.var(without)))
    gaussian = float(epr_variance(watched, spin, partner))
    burn_in = abs(value - gaussian) * float(np.exp(-2 * slowest * settling * step))
    errors = (sampling, abs(value - rough), burn_in)
    return Trajectories(value, float(np.linalg.norm(errors)), trajectories, *errors)


def _slowest_rate(network: Network, detector: Homodyne) -> float:
    """Slowest decay of an amplitude, of the network and of its filter, rad/s."""
    closed = (
        network.system.drift - kalman_gain(network.system, detector) @ record_model(network.system, detector).measured
    )
    return float(-max(poles(network.system).real.max(), np.linalg.eigvals(closed).real.max()))


class _Run:
    """Trajectories in one basis, columns of a matrix of kets, and the sums of their moments."""

    def __init__(
        self, equation: MasterEquation, detector: Homodyne, basis: SpinBasis, pair: list[str], start: GaussianState
    ) -> None:
        unit = scale(equation)
        self.basis = basis
        self.c = basis.linear(monitored(equation, [detector]).whitened[0] / np.sqrt(unit))
        free = basis.quadratic(equation.hamiltonian / unit)
        self.left = (-1j * free - (self.c.conj().T @ self.c + self.c @ self.c) / 2).tocsr()
        self.kets = _pure_gaussian(basis, start)
        self.places = [equation.modes.index(mode) for mode in pair]
        self.covariance: FloatArray = np.zeros((self.kets.shape[1], 4, 4))
        self.polarisation: FloatArray = np.zeros(self.kets.shape[1])
        self.weight = self.since = 0.0

    def move(self, step: float, noise: FloatArray, count: bool) -> None:
        """One step with the innovations √h ξ."""
        before = self._signal(self.kets)
        guess = self._exponential(self.kets, step, noise + step * before, 4)
        after = self._signal(guess / np.linalg.norm(guess, axis=0))
        self.kets = self._exponential(self.kets, step, noise + step * (before + after) / 2, MOST_TERMS)
        self.kets /= np.linalg.norm(self.kets, axis=0)
        self.since += step
        if count and self.since >= SAMPLING:
            self._sample()
            self.since = 0.0

    def epr(self, chosen: NDArray[np.intp]) -> float:
        """EPR variance of the covariance averaged over times and some of the records: the criterion bounds that."""
        mean = self.covariance[chosen].mean(axis=0) / self.weight
        state = GaussianState(np.zeros(4), mean, ["spin", "partner"], 0.0, np.inf)
        polarisation = float(self.polarisation[chosen].mean()) / self.weight
        return float(epr_variance(normalised(state, "spin", polarisation), "spin", "partner"))

    def _signal(self, kets: ComplexArray) -> FloatArray:
        signal: FloatArray = 2 * np.einsum("nt,nt->t", kets.conj(), self.c @ kets).real
        return signal

    def _exponential(self, kets: ComplexArray, step: float, record: FloatArray, terms: int) -> ComplexArray:
        total, term = kets.copy(), kets
        for order in range(1, terms + 1):
            term = (step * (self.left @ term) + record * (self.c @ term)) / order
            total += term
            if np.linalg.norm(term, axis=0).max() < SERIES:
                break
        return total

    def _sample(self) -> None:
        count = len(self.basis.dimensions)
        lower = np.array([self.basis.ladder[i] @ self.kets for i in self.places])
        upper = np.array([self.basis.ladder[count + i] @ self.kets for i in self.places])
        commutators = (self.basis.commutators[self.places] @ np.abs(self.kets) ** 2).T
        _, covariance = second_moments(
            np.einsum("nt,int->ti", self.kets.conj(), lower),
            np.einsum("int,jnt->tij", upper.conj(), lower),
            np.einsum("int,jnt->tij", lower.conj(), lower),
            commutators,
        )
        self.covariance += covariance
        self.polarisation += commutators[:, 0]
        self.weight += 1


def _pure_gaussian(basis: Basis, state: GaussianState) -> ComplexArray:
    """Kets of a pure Gaussian state, a batch over its means, cut off at a basis and normalised: shape (size, batch).

    In Bargmann's form Σ ψ_m z^m/√m! = ψ_0 exp(½ zᵀBz + βᵀz); its derivatives give √m_i ψ_m = β_i ψ_{m−i} +
    Σ_j B_ij √(m−i)_j ψ_{m−i−j}. With M = (V + ½)⁻¹ and u_i picking (x_i + ip_i)/√2, B = −u M uᵀ and β = u M μ.
    """
    count = len(basis.dimensions)
    pick = np.zeros((count, 2 * count), dtype=np.complex128)
    for i in range(count):
        pick[i, 2 * i : 2 * i + 2] = np.array([1, 1j]) / np.sqrt(2)
    husimi = np.linalg.inv(state.covariance + np.eye(2 * count) / 2)
    quadratic, linear = -pick @ husimi @ pick.T, pick @ husimi @ state.mean.T
    kets = np.zeros((basis.size, linear.shape[1]), dtype=np.complex128)
    for place in np.argsort(basis.levels.sum(axis=1), kind="stable"):
        numbers = basis.levels[place].copy()
        if not numbers.any():
            kets[place] = 1
            continue
        i = int(np.flatnonzero(numbers)[0])
        root = np.sqrt(numbers[i])
        numbers[i] -= 1
        ket = linear[i] * kets[basis.places[tuple(numbers)]]
        for j in np.flatnonzero(numbers):
            below = numbers.copy()
            below[j] -= 1
            ket = ket + quadratic[i, j] * np.sqrt(numbers[j]) * kets[basis.places[tuple(below)]]
        kets[place] = ket / root
    normed: ComplexArray = kets / np.linalg.norm(kets, axis=0)
    return normed
