"""Holstein and Primakoff's mapping watched in time: a spin that light heats, and the oscillator that it stands for.

A beam probes a spin that precesses at Ω, in either direction: H = Ω b†b with Ω < 0 for an inverted spin, a negative
mass, and L = −i√(Γ/2) X. The light turns the spin at random about the axis that it reads. An oscillator is heated by
Γ/4 for ever; a spin of length J has at most 2J quanta, and exactly, whatever Ω,

    ⟨J_x⟩ = J exp(−Γt/4J),      ⟨b†b⟩ = J[1 − exp(−Γt/4J)] = Γt/4 − (Γt)²/32J + …:

the mapping holds as long as quanta are few against J. The mean of X of a slightly tilted spin decays, where that of an
oscillator does not, at up to Γ/4J.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import GaussianState, InvalidInput
from backaction.systems import Damping, Network, SpinOscillator

from .basis import suggested_basis
from .cascaded_spin import SpinBasis
from .solutions import displaced_vacuum, evolved, generator, scale
from .words import master_equation

__all__ = ["ProbedMotion", "heated_quanta", "probed_motion"]

DECADES = 7.0
"""Of the probability that the levels kept hold at the last time."""


@dataclass(frozen=True, eq=False)
class ProbedMotion:
    """A spin under a probing beam.

    Parameters
    ----------
    times : array
        In s.
    quanta : array
        ⟨b†b⟩ = J − ⟨J_x⟩.
    polarisation : array
        ⟨J_x⟩/J.
    mean : array, shape (times, 2)
        ⟨X⟩, ⟨P⟩.
    levels : int
        Levels of the ladder that were kept.
    """

    times: NDArray[np.float64]
    quanta: NDArray[np.float64]
    polarisation: NDArray[np.float64]
    mean: NDArray[np.float64]
    levels: int


def heated_quanta(spin_length: ArrayLike, heat: ArrayLike) -> NDArray[np.float64]:
    """J[1 − exp(−Γt/4J)], the quanta of a spin after the time t; `heat` is Γt. Γt/4 for an oscillator.

    Examples
    --------
    >>> heated_quanta([10.0, np.inf], 4.0).round(4)
    array([0.9516, 1.    ])
    """
    length, received = np.asarray(spin_length, dtype=np.float64), np.asarray(heat, dtype=np.float64) / 4
    infinite = np.isinf(length)
    finite = np.where(infinite, 1.0, length)
    quanta: NDArray[np.float64] = np.where(infinite, received, -finite * np.expm1(-received / finite))
    return quanta


def probed_motion(
    spin_length: float, frequency: float, readout_rate: float, times: ArrayLike, amplitude: complex = 0.0
) -> ProbedMotion:
    """Solve the master equation of a probed spin on its ladder.

    Parameters
    ----------
    spin_length : float
        J; infinity for an oscillator.
    frequency : float
        Ω ≠ 0, rad/s; negative for an inverted spin.
    readout_rate : float
        Γ > 0, rad/s.
    times : array_like
        In s, ≥ 0.
    amplitude : complex
        α of the coherent spin state from which it starts: all atoms tilted by θ with tan(θ/2) = |α|/√2J.

    Examples
    --------
    >>> motion = probed_motion(10, -1.0, 0.5, [0.0, 2.0])
    >>> bool(abs(motion.quanta[1] - heated_quanta(10, 1.0)) < 1e-6)
    True
    """
    moments = np.asarray(times, dtype=np.float64)
    if (moments < 0).any() or not readout_rate > 0:
        raise InvalidInput(f"times are ≥ 0 and a readout rate is positive; got {moments.min()} and {readout_rate}")
    spin = SpinOscillator(
        frequency=frequency,
        linewidth=0.0,
        readout_rate=readout_rate,
        occupation=0.0,
        damping=Damping.ROTATING_WAVE,
        name="spin",
    )
    equation = master_equation(Network((spin,)))
    hottest = readout_rate * moments.max() / 2 + abs(amplitude) ** 2 + 0.01
    basis = SpinBasis(suggested_basis(GaussianState.thermal([hottest], ["spin"]), DECADES), [spin_length])
    dynamics = generator(equation, basis)
    start = displaced_vacuum(basis, ("spin",), [amplitude])
    numbers = basis.levels[:, 0]
    quanta, means = [], []
    for moment in moments:
        density = evolved(dynamics, start, float(moment) * scale(equation))
        quanta.append(float(np.diagonal(density.matrix).real @ numbers))
        means.append(density.state.mean)
    counted = np.array(quanta)
    return ProbedMotion(moments, counted, 1 - counted / spin_length, np.array(means), basis.size)
