"""The stochastic master equation along one record: sampled noise in, the state given that record out.

A record that is piecewise linear in time, dY/dt constant over each step, is a smooth one, for which Stratonovich's form
of the linear stochastic master equation (`Generator.given_zero_record`) is an ordinary differential equation. Shorter
steps come closer to white noise; but the covariance of a linear network is the same for *every* record, so that it is
exact for any step, and the mean follows the Kalman filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .basis import ComplexArray, Sparse
from .generator import Generator
from .slh import MasterEquation, Monitored
from .solutions import Density, scale

__all__ = ["GivenRecord", "along_a_record"]

SUBSTEP = 0.5
"""Norm of the generator times the step of the Runge–Kutta method: errors of about 1e-4 of it to the fourth power."""


@dataclass(frozen=True, eq=False)
class GivenRecord:
    """A record and the states given it.

    Parameters
    ----------
    times : array
        Ends of the steps, s.
    increments : array, shape (steps, records)
        dY of unit records, in units of √time of the simulation.
    states : tuple of Density
        The normalised state after each step.
    """

    times: NDArray[np.float64]
    increments: NDArray[np.float64]
    states: tuple[Density, ...]


def along_a_record(
    equation: MasterEquation,
    dynamics: Generator,
    monitored: Monitored,
    start: Density,
    steps: int,
    step: float,
    rng: np.random.Generator,
) -> GivenRecord:
    """Sample a record of the detectors and follow the state that it tells of.

    Parameters
    ----------
    equation, dynamics : MasterEquation, Generator
        The network, and its generator in a basis.
    monitored : Monitored
    start : Density
    steps : int
    step : float
        Of the record, in units of 1/`scale`: the rates of the network over it should be small.
    rng : numpy.random.Generator
    """
    operators = monitored.whitened / np.sqrt(scale(equation))
    watched = dynamics.given_zero_record(operators)
    seen = [dynamics.basis.linear(c) for c in operators]
    norm = float(abs(watched.left).sum(axis=0).max()) * 2
    inner = max(1, int(np.ceil(norm * step / SUBSTEP)))
    matrix = start.matrix / np.trace(start.matrix).real
    increments, states = [], []
    for _ in range(steps):
        signal = np.array([2 * _average(c, matrix) for c in seen])
        increment = signal * step + np.sqrt(step) * rng.normal(size=len(seen))
        for _ in range(inner):
            matrix = _runge_kutta(watched, seen, increment / step, matrix, step / inner)
        matrix = matrix / np.trace(matrix).real
        increments.append(increment)
        states.append(Density(dynamics.basis, matrix, equation.modes))
    times = step * np.arange(1, steps + 1) / scale(equation)
    return GivenRecord(np.asarray(times, dtype=np.float64), np.array(increments), tuple(states))


def _average(operator: Sparse, matrix: ComplexArray) -> float:
    return float(np.trace(operator @ matrix).real)


def _runge_kutta(
    watched: Generator, seen: Sequence[Sparse], rate: NDArray[np.float64], matrix: ComplexArray, step: float
) -> ComplexArray:
    def slope(rho: ComplexArray) -> ComplexArray:
        half = watched.left @ rho
        for y, operator in zip(rate, seen, strict=True):
            half = half + y * (operator @ rho)
        total = half + half.conj().T
        for sign, jump in watched.jumps:
            total = total + sign * (jump @ (jump @ rho).conj().T)
        return np.asarray(total)

    first = slope(matrix)
    second = slope(matrix + step / 2 * first)
    third = slope(matrix + step / 2 * second)
    fourth = slope(matrix + step * third)
    moved = matrix + step / 6 * (first + 2 * second + 2 * third + fourth)
    return (moved + moved.conj().T) / 2  # `slope` takes it for Hermitian, and rounding that is not would grow
