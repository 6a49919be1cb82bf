"""Lyapunov and Riccati equations, spectra and criteria, one at a time and in batches."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import solve_continuous_are, solve_continuous_lyapunov

from backaction.entanglement import log_negativity
from backaction.gaussian import GaussianState, Homodyne, LinearSystem, noise_budget, steady_state
from backaction.gaussian.engines import LARGEST, Engine, available, using
from backaction.gaussian.lyapunov import LARGEST_COMPILED, solve_lyapunov
from backaction.gaussian.measurement import record_model
from backaction.gaussian.riccati import solve_riccati
from backaction.systems import MHz

from . import qom
from .problems import SIZES, batch, dense, network, strong
from .timing import Candidate, row

VARIABLE = "BENCHMARKS_ENGINES"
"""Names the engines to run, where compiling would take too long."""

LOOP = 60
"""Problems of a peer's loop: it costs the same each time."""


def engines(size: int, largest: int = LARGEST) -> list[Engine]:
    """The engines that take problems of a size; `BENCHMARKS_ENGINES=numpy` leaves numba out."""
    compiled = available() and size <= largest and "numba" in os.environ.get(VARIABLE, "numpy numba")
    return [Engine.NUMPY, Engine.NUMBA] if compiled else [Engine.NUMPY]


def under(engine: Engine, function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """The call with an engine chosen."""

    def call() -> Any:
        with using(engine):
            return function(*arguments)

    return call


def lyapunov(counts: tuple[int, ...], rounds: int, sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
    """A V + V Aᵀ + D = 0 with its error estimate, against SciPy's (without one) in a loop."""
    rows = []
    for size in sizes:
        for count in counts:
            if count * size**2 > 4e6:
                continue
            system = batch(size, count)
            a, d = dense(system.drift, count), dense(system.diffusion, count)
            few = range(min(count, LOOP))
            candidates: dict[str, Candidate] = {
                "SciPy loop": (
                    lambda a=a, d=d, few=few: [solve_continuous_lyapunov(a[i], -d[i]) for i in few],
                    len(few),
                )
            }
            for engine in engines(size, LARGEST_COMPILED):
                candidates[engine.value] = (under(engine, solve_lyapunov, a, d), count)
            rows.append(row(candidates, rounds, "SciPy loop", n=size, batch=count))
    return rows


def riccati(counts: tuple[int, ...], rounds: int, sizes: tuple[int, ...] = (4, 6, 8, 12)) -> list[dict[str, Any]]:
    """Conditional covariances with their error estimates, against SciPy's and python-control's solvers in loops."""
    asked = [(size, count) for size in sizes for count in counts if count * size**2 <= 1e6]
    return [_riccati(batch(size, count), count, rounds) for size, count in asked]


def strong_readout(counts: tuple[int, ...], rounds: int) -> list[dict[str, Any]]:
    """The same for readout rates up to four times the frequencies, and linewidths from 1 mHz."""
    return [_riccati(strong(count), count, rounds) for count in counts]


def _riccati(system: LinearSystem, count: int, rounds: int) -> dict[str, Any]:
    record, size = record_model(system, Homodyne("out", 1.0)), system.drift.shape[-1]
    a, d, h, r, s = (dense(matrix, count) for matrix in (system.drift, system.diffusion, *record))
    few = range(min(count, LOOP // 3))

    def peers() -> None:
        eye = np.eye(size)
        for i in few:
            solve_continuous_are(a[i].T, h[i].T, d[i], r[i], e=eye, s=s[i])

    candidates: dict[str, Candidate] = {"SciPy loop": (peers, len(few))}
    if importlib.util.find_spec("control"):
        candidates["python-control"] = (lambda: _care(a, d, h, r, s, few), len(few))
    for engine in engines(size):
        candidates[engine.value] = (under(engine, solve_riccati, a, d, h, r, s), count)
    return row(candidates, rounds, "SciPy loop", n=size, batch=count)


def _care(a: Any, d: Any, h: Any, r: Any, s: Any, few: range) -> None:
    import control

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in few:
            control.care(a[i].T, h[i].T, d[i], r[i], s[i])


def spectra(frequencies: int, rounds: int, sizes: tuple[int, ...] = (6, 12, 40)) -> list[dict[str, Any]]:
    """The budget of one detected quadrature, against loops of solves and python-control's frequency response."""
    rows = []
    for size in sizes:
        system, omega = network(size).system, np.linspace(1.2, 1.5, frequencies) * MHz
        few = omega[:: max(1, frequencies // 500)]
        shown = system.output_matrix[:2], system.feedthrough[:2]

        def solves(system=system, few=few, shown=shown) -> None:
            from scipy.linalg import solve

            eye = np.eye(len(system.drift))
            for w in few:
                shown[0][1] @ solve(-1j * w * eye - system.drift, system.input_matrix) + shown[1][1]

        candidates: dict[str, Candidate] = {
            "SciPy solve loop": (solves, len(few)),
            "project": (lambda system=system, omega=omega: noise_budget(system, omega, Homodyne("out")), frequencies),
        }
        if importlib.util.find_spec("control"):
            import control

            model = control.ss(system.drift, system.input_matrix, shown[0][1:], shown[1][1:])
            candidates["python-control"] = (lambda model=model, few=few: model(-1j * few), len(few))
        rows.append(row(candidates, rounds, "SciPy solve loop", n=size, frequencies=frequencies))
    return rows


def criteria(counts: tuple[int, ...], rounds: int) -> list[dict[str, Any]]:
    """The logarithmic negativity of two modes with its uncertainty, against QuTiP, thewalrus and the QOM toolbox."""
    rows = []
    for count in counts:
        with using(None):
            state = steady_state(batch(6, count)).marginal(("spin", "membrane0"))
        covariance = dense(state.covariance, count)
        plain = GaussianState(np.zeros((count, 4)), covariance, state.modes, state.error_estimate, np.inf)
        few = range(min(count, LOOP))
        candidates: dict[str, Candidate] = {}
        with contextlib.suppress(ImportError):
            from qutip.continuous_variables import logarithmic_negativity

            candidates["QuTiP"] = (
                lambda v=covariance, few=few: [logarithmic_negativity(v[i], g=np.sqrt(2)) for i in few],
                len(few),
            )
        with contextlib.suppress(ImportError):
            from thewalrus.quantum import log_negativity as walrus

            reordered = covariance[:, [[0], [2], [1], [3]], [0, 2, 1, 3]] * 2
            candidates["thewalrus"] = (lambda v=reordered, few=few: [walrus(v[i], [0], hbar=2) for i in few], len(few))
        if qom.is_there():
            candidates["QOM toolbox"] = (lambda v=covariance: qom.log_negativity(v), count)
        for engine in engines(4):
            candidates[engine.value] = (under(engine, log_negativity, plain, "spin", "membrane0"), count)
        reference = "QuTiP" if "QuTiP" in candidates else "numpy"
        rows.append(row(candidates, rounds, reference, batch=count))
    return rows


def single_calls(rounds: int) -> list[dict[str, Any]]:
    """One problem at a time, checks and error estimates included, against the bare solvers."""
    rows = []
    for size in (4, 6):
        system = network(size).system
        a, d = system.drift, system.diffusion
        candidates: dict[str, Candidate] = {
            "SciPy solver": (lambda a=a, d=d: [solve_continuous_lyapunov(a, -d) for _ in range(50)], 50),
            "solve_lyapunov": (lambda a=a, d=d: [solve_lyapunov(a, d) for _ in range(50)], 50),
            "steady_state": (lambda s=system: [steady_state(s) for _ in range(50)], 50),
        }
        rows.append(row(candidates, rounds, "SciPy solver", n=size))
    return rows
