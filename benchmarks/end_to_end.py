"""From parameters to entanglement: a spin, its light, a cavity with a membrane (six quadratures)."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from backaction.entanglement import log_negativity
from backaction.gaussian import steady_state
from backaction.gaussian.engines import Engine, using
from backaction.systems import Hz, MHz, kHz, thermal_occupation

from . import qom
from .kernels import LOOP, engines
from .problems import network
from .timing import Candidate, row

OCCUPATION = float(thermal_occupation(7.0, 1.28 * MHz))
"""Of the membrane's bath."""


def grid(points: int) -> tuple[Any, Any]:
    """Detunings and readout rates of a square grid, each along its own axis."""
    side = round(points**0.5)
    return np.linspace(-8, -2, side)[:, None] * MHz, np.geomspace(10, 100, points // side)[None, :] * kHz


def evaluate(detuning: Any, readout_rate: Any) -> Any:
    """What is measured: parameters to logarithmic negativity by public functions, with every check and estimate."""
    state = steady_state(network(6, detuning, readout_rate).system)
    return log_negativity(state, "spin", "membrane0").value


def by_hand(detuning: float, readout_rate: float) -> float:
    """The same for one point as one writes it in a script: matrices by hand, SciPy's solver, the closed formula."""
    return float(max(0.0, -np.log(2 * eigenvalue_by_hand(detuning, readout_rate))))


def matrices_by_hand(detuning: float, readout_rate: float) -> tuple[Any, Any]:
    """Drift and diffusion for one point: spin, membrane, cavity."""
    kappa, omega, gamma = 10 * MHz, 1.28 * MHz, 0.05 * Hz
    n, g, n_spin, omega_spin, gamma_spin = OCCUPATION, 350 * kHz, 2.6, -1.268 * MHz, 5.2 * kHz
    phi = np.arctan2(2 * detuning, kappa)
    force, kappa1, eta, root = 2 * g, 0.96 * kappa, 0.61, np.sqrt(readout_rate)
    a = np.zeros((6, 6))
    a[0, 1], a[1, 0], a[1, 1] = omega_spin, -omega_spin, -gamma_spin
    a[2, 3], a[3, 2], a[3, 3] = omega, -omega, -gamma
    a[3, 4], a[3, 5] = force * np.cos(phi), force * np.sin(phi)
    a[4, 2], a[5, 2] = -force * np.sin(phi), force * np.cos(phi)
    a[4, 4] = a[5, 5] = -kappa / 2
    a[4, 5], a[5, 4] = -detuning, detuning
    a[5, 0] = -np.sqrt(kappa1 * eta) * root
    b = np.zeros((6, 10))
    b[1, 0], b[1, 2] = -root, np.sqrt(2 * gamma_spin * (2 * n_spin + 1))
    b[4, 0] = b[5, 1] = np.sqrt(kappa1 * eta)
    b[4, 3] = b[5, 4] = np.sqrt(kappa1 * (1 - eta))
    b[4, 5] = b[5, 6] = np.sqrt(kappa - kappa1)
    b[3, 7] = np.sqrt(2 * gamma * (2 * n + 1))
    return a, b @ b.T / 2


def eigenvalue_by_hand(detuning: float, readout_rate: float) -> float:
    """The smallest symplectic eigenvalue of the partial transpose, for one point."""
    drift, diffusion = matrices_by_hand(detuning, readout_rate)
    v = solve_continuous_lyapunov(drift, -diffusion)[:4, :4]
    first, second, cross = v[:2, :2], v[2:, 2:], v[:2, 2:]
    delta = np.linalg.det(first) + np.linalg.det(second) - 2 * np.linalg.det(cross)
    return float(np.sqrt((delta - np.sqrt(max(0.0, delta**2 - 4 * np.linalg.det(v)))) / 2))


def compare(points: int, rounds: int) -> dict[str, Any]:
    """The loop of a script against batches, by engine."""
    detuning, readout_rate = grid(points)
    count = detuning.size * readout_rate.size
    pairs = [(float(detuning[i % len(detuning), 0]), float(readout_rate[0, 0])) for i in range(LOOP)]
    candidates: dict[str, Candidate] = {"SciPy loop": (lambda: [by_hand(*pair) for pair in pairs], LOOP)}

    def run(engine: Engine) -> None:
        with using(engine):
            evaluate(detuning, readout_rate)

    if qom.is_there():
        candidates["QOM toolbox"] = (
            lambda: [qom.steady_log_negativity(*matrices_by_hand(*pair)) for pair in pairs],
            LOOP,
        )
    for engine in engines(6):
        candidates[engine.value] = (lambda engine=engine: run(engine), count)
    return row(candidates, rounds, "SciPy loop", points=count)


_SWEEP = """
import json, pathlib, sys, time
import numpy as np
from benchmarks.problems import network
from backaction.experiment import DetectorSpec
from backaction.sweep import Study, sweep
from backaction.systems import MHz, kHz
points, out, executor, conditional = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "conditional"
study = Study(network(6), (DetectorSpec(),) if conditional else (), [("spin", "membrane0")])
side = round(points**0.5)
rates = np.geomspace(10, 100, points // side) * kHz
axes = {"membrane0.detuning": np.linspace(-8, -2, side) * MHz, "spin.readout_rate": rates}
start = time.perf_counter()
sweep(study, axes, out, executor=executor).close()
seconds = time.perf_counter() - start
# the peak of this program alone: that of `getrusage` includes what it was forked from
status = pathlib.Path("/proc/self/status").read_text()
peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
print(json.dumps({"points": side * (points // side), "seconds": seconds, "peak_mib": peak}))
"""


def environment() -> dict[str, str]:
    """That of this process, but modules are compiled once and kept, as on a user's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def stored_sweep(points: int, executor: str = "serial", conditional: bool = False) -> dict[str, Any]:
    """A sweep of all criteria into a store, in a process of its own: wall time and peak memory of that process."""
    ending = "zarr" if importlib.util.find_spec("zarr") else "nc"
    with tempfile.TemporaryDirectory() as folder:
        kind = "conditional" if conditional else "unconditional"
        command = [sys.executable, "-c", _SWEEP, str(points), str(Path(folder) / f"out.{ending}"), executor, kind]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    return {**json.loads(done.stdout), "store": ending, "executor": executor, "states": kind}


def growth(sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    """Time and memory against the number of points."""
    return [stored_sweep(points) for points in sizes]


def cores(points: int, rounds: int) -> dict[str, Any]:
    """Conditional sweeps on one core and on two, in turn.

    One core is the serial executor: a pool with one worker keeps a second core busy with the store already.
    """
    seconds: dict[str, list[float]] = {"serial": [], "process:2": []}
    for _ in range(rounds):
        for executor, found in seconds.items():
            found.append(stored_sweep(points, executor, conditional=True)["seconds"])
    medians = {executor: float(np.median(found)) for executor, found in seconds.items()}
    load = os.getloadavg()[0]
    return {"points": points, "seconds": medians, "ratio": medians["serial"] / medians["process:2"], "load": load}


def import_time(rounds: int) -> dict[str, float]:
    """CPU milliseconds of an import over those of a bare interpreter."""

    def cost(code: str) -> float:
        before = os.times()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment())
        after = os.times()
        return 1e3 * (after.children_user + after.children_system - before.children_user - before.children_system)

    for module in ("qutip", "backaction.systems"):
        cost(f"import {module}")  # so that what is measured finds compiled modules
    modules = ("numpy", "backaction", "backaction.gaussian", "backaction.systems", "scipy.linalg", "qutip")
    bare = float(np.median([cost("pass") for _ in range(rounds)]))
    return {name: float(np.median([cost(f"import {name}") for _ in range(rounds)])) - bare for name in modules}
