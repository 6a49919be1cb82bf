"""True forward errors, against arithmetic with fifty digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from backaction.gaussian import LinearSystem
from backaction.gaussian.engines import using
from backaction.gaussian.lyapunov import MANY, relative_size, solve_lyapunov
from backaction.systems import Hz, Loss, MHz, OpticalNegativeMass, SpinOscillator, kHz

from .kernels import engines
from .problems import batch


def exact(drift: Any, diffusion: Any) -> Any:
    """The solution with fifty digits, by the reduced system on symmetric matrices, as a sum of two floats."""
    size = len(drift)
    index = {pair: place for place, pair in enumerate((i, j) for i in range(size) for j in range(i, size))}
    with mpmath.workdps(50):
        matrix, right = mpmath.matrix(len(index)), mpmath.matrix(len(index), 1)
        for (i, j), place in index.items():
            right[place] = -mpmath.mpf(float(diffusion[i, j]))
            for k in range(size):
                matrix[place, index[min(k, j), max(k, j)]] += mpmath.mpf(float(drift[i, k]))
                matrix[place, index[min(k, i), max(k, i)]] += mpmath.mpf(float(drift[j, k]))
        solution = mpmath.lu_solve(matrix, right)
        entries = [[solution[index[min(i, j), max(i, j)]] for j in range(size)] for i in range(size)]
        rounded = [[float(entry) for entry in row] for row in entries]
        rest = [[float(entry - float(entry)) for entry in row] for row in entries]
    return np.array([rounded, rest])


def sets(count: int) -> dict[str, LinearSystem]:
    """High quality, weak coupling, and two nearly equal oscillators in a cascade (an exceptional point)."""
    rng = np.random.default_rng(2)
    weak = SpinOscillator(
        frequency=1 * MHz, linewidth=0.1 * Hz, readout_rate=10.0 ** rng.uniform(-3, 1, count) * Hz, occupation=100.0
    )
    ancilla = OpticalNegativeMass(
        cavity_linewidth=2 * MHz,
        ancilla_linewidth=0.1 * Hz,
        ancilla_detuning=-1 * MHz,
        beam_splitter=1 * Hz,
        down_conversion=1 * Hz,
    )
    one = SpinOscillator(name="one", frequency=1 * MHz, linewidth=1 * kHz, readout_rate=20 * kHz, occupation=1.0)
    close = 1 + 10.0 ** rng.uniform(-12, -3, count)
    two = SpinOscillator(name="two", frequency=close * MHz, linewidth=1 * kHz, readout_rate=20 * kHz, occupation=1.0)
    return {
        "high quality": batch(6, count),
        "weak coupling": (weak >> ancilla).system,
        "near an exceptional point": (one >> Loss(efficiency=0.9) >> two).system,
    }


def errors(count: int) -> list[dict[str, Any]]:
    """Largest true error and estimate, relative to √(V_ii V_jj), and how often the estimate covers the error."""
    rows = []
    for name, system in sets(count).items():
        drift = np.broadcast_to(system.drift, (count, *system.drift.shape[-2:]))
        diffusion = np.broadcast_to(system.diffusion, drift.shape)
        truth, rest = np.stack([exact(a, d) for a, d in zip(drift, diffusion, strict=True)], axis=1)
        peer = np.stack([solve_continuous_lyapunov(a, -d) for a, d in zip(drift, diffusion, strict=True)])
        found: dict[str, Any] = {"SciPy": {"largest_error": float(relative_size(peer - truth - rest, truth).max())}}
        # the same systems several times over, so that they are solved as many are
        often = -(-MANY // count)
        for engine in engines(drift.shape[-1]):
            with using(engine):
                solution = solve_lyapunov(np.tile(drift, (often, 1, 1)), np.tile(diffusion, (often, 1, 1)))
            true = relative_size(solution.matrix[:count] - truth - rest, truth)
            covered = true <= 3 * solution.error_estimate[:count]
            found[engine.value] = {
                "largest_error": float(true.max()),
                "largest_estimate": float(solution.error_estimate.max()),
                "covered_within_3": float(covered.mean()),
            }
        rows.append({"set": name, "systems": count, "solvers": found})
    return rows
