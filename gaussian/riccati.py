"""The Riccati equation of a continuously measured system, batched, with an error estimate for every solution.

    A V + V Aᵀ + D − (V Hᵀ + Σ) R⁻¹ (V Hᵀ + Σ)ᵀ = 0

V is the stationary conditional covariance; H, R, Σ are the measured combination, its noise and the correlation of that
noise with the process.  Of the many solutions one is meant, the stabilising one: A − K H decays, K = (V Hᵀ + Σ) R⁻¹.
It exists if all that does not decay is watched, and driven by noise.

Each road finds a first solution, Newton's iteration (each step a Lyapunov equation) ends it, and what is not the
stabilising solution is left to the next road: the decaying eigenvectors of the Hamiltonian matrix; the doubling of
filters (`backaction.gaussian.doubling`), which keeps its digits where these are nearly parallel or nearly imaginary;
for a stable drift the iteration from no measurement at all, which converges monotonically (Kleinman, IEEE Trans.
Autom. Control 13, 114 (1968)).  Large batches of small problems are done by compiled loops, and only what these do not
clearly solve goes the roads; so which lanes are refused does not depend on the engine, nor on a lane's neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, flattened, symmetrised, transpose
from .doubling import stationary
from .engines import compiled_pays
from .errors import Unresolved
from .lapack import eigenvalues, eigenvectors, solved
from .lyapunov_dense import Solution, certain_pivot, chunks, clear, corrections, least_pivots
from .residuals import relative_size, riccati_residual
from .rounding import ROUNDING, Sizes, disturbances

__all__ = [
    "Conditioned",
    "Decorrelated",
    "Problem",
    "attempt_riccati",
    "riccati_gain",
    "solve_riccati",
    "without_correlation",
]

NEWTON_STEPS = 8
"""Corrections of a first solution at most: a start with few digits still converges quadratically."""

KLEINMAN_STEPS = 80
"""Enough to halve an initial V of 1e15 times the final one, and to converge quadratically afterwards."""

SETTLED = 1e-15
"""Step of an iteration, relative to √(V_ii V_jj), that is rounding.

Steps may shrink, grow and shrink again while correlated directions of small variance are still far away (opposite
masses, strongly measured), so that a step that is merely small ends nothing.
"""

STALLED = 1e-12
"""Step below which the iteration also ends when it no longer shrinks: ill-conditioned lanes settle above `SETTLED`."""

CONVERGED = 1e-9
"""Newton's last step, relative to √(V_ii V_jj), below which the quadratic convergence has ended at rounding."""


class Problem(NamedTuple):
    """A, D, H, R, Σ of lanes, shapes (N, …)."""

    drift: FloatArray
    diffusion: FloatArray
    measured: FloatArray
    noise: FloatArray
    correlation: FloatArray

    def lanes(self, chosen: NDArray[np.intp] | slice) -> Problem:
        """Some of them."""
        return Problem(*[matrix[chosen] for matrix in self])


class Conditioned(NamedTuple):
    """V (N, n, n), Newton's last step (N,), infinite without a stabilising solution, and the error with the model's."""

    matrix: FloatArray
    step: FloatArray
    error: FloatArray


class Decorrelated(NamedTuple):
    """Ã = A − ΣR⁻¹H, D̃ = D − ΣR⁻¹Σᵀ and HᵀR⁻¹H: the process given the record, and the record's information."""

    drift: FloatArray
    diffusion: FloatArray
    information: FloatArray


def solve_riccati(
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    measurement_noise: FloatArray,
    correlation: FloatArray,
) -> Solution:
    """The stabilising solution of the stationary Riccati equation.

    Parameters
    ----------
    drift, diffusion : array, shape (…, n, n)
        A and D. What does not decay by itself must be watched.
    measured : array, shape (…, k, n)
        Rows H of what is measured.
    measurement_noise : array, shape (…, k, k)
        R, positive definite.
    correlation : array, shape (…, n, k)
        Σ.

    Raises
    ------
    Unresolved
        There is no stabilising solution, or double precision does not find it.

    Examples
    --------
    A decaying variable observed perfectly in white noise, V² + 2V − 1 = 0, and one that grows, V² − 2V − 1 = 0:

    >>> one = np.ones((1, 1))
    >>> solve_riccati(-one, one, one, one, 0 * one).matrix.round(12)
    array([[0.41421356]])
    >>> solve_riccati(one, one, one, one, 0 * one).matrix.round(12)
    array([[2.41421356]])
    """
    given = (drift, diffusion, measured, measurement_noise, correlation)
    batch = np.broadcast_shapes(*[matrix.shape[:-2] for matrix in given])
    found = attempt_riccati(Problem(*[flattened(matrix, batch) for matrix in given]))
    if not (found.step < CONVERGED).all():
        raise Unresolved(
            "the conditional covariance is not resolved in double precision: no solution is found to which a filter "
            "settles. This usually means (a) a motion that the record does not see and whose own damping is almost "
            "zero, or (b) rates that differ by more than about 1e12",
            np.inf,
        )
    return Solution(found.matrix.reshape(*batch, *drift.shape[-2:]), found.error.reshape(batch))


def attempt_riccati(problem: Problem, sizes: Sizes | None = None) -> Conditioned:
    """The stabilising solution of each lane by itself; nothing is raised.

    With the `sizes` of what the model's matrices are sums of, the error includes their rounding.
    """
    count, size = problem.drift.shape[:2]
    if not compiled_pays(count, size):
        return _by_lapack(problem, sizes)
    from .engines.riccati import solve_riccati_lanes

    matrix, step, error, pivot = solve_riccati_lanes(problem, sizes)
    found = Conditioned(matrix, step, error)
    rest = np.flatnonzero(~(clear(step, error, pivot, size) & (step < STALLED)))
    if len(rest):
        again = _by_lapack(problem.lanes(rest), sizes and sizes.lanes(rest))
        for whole, part in zip(found, again, strict=True):
            whole[rest] = part
    return found


def riccati_gain(
    covariance: FloatArray,
    measured: FloatArray,
    measurement_noise: FloatArray,
    correlation: FloatArray,
    solve: Callable[[FloatArray, FloatArray], FloatArray] = solved,
) -> FloatArray:
    """K = (V Hᵀ + Σ) R⁻¹, shape (…, n, k)."""
    cross = covariance @ transpose(measured) + correlation
    gain: FloatArray = transpose(solve(measurement_noise, transpose(cross)))
    return gain


def without_correlation(
    drift: FloatArray, diffusion: FloatArray, measured: FloatArray, noise: FloatArray, correlation: FloatArray
) -> Decorrelated:
    """The same problem with noises of process and record that are independent; shapes (…, n, n)."""
    weighted = solved(noise, measured)
    shared = transpose(solved(noise, transpose(correlation)))
    return Decorrelated(
        drift - correlation @ weighted,
        symmetrised(diffusion - shared @ transpose(correlation)),
        symmetrised(transpose(measured) @ weighted),
    )


def _by_lapack(problem: Problem, sizes: Sizes | None) -> Conditioned:
    count, size = problem.drift.shape[:2]
    found = _nothing(count, size)
    with np.errstate(all="ignore"):  # of lanes that have no solution
        for lanes in chunks(count, size):
            for whole, part in zip(found, _solve(problem.lanes(lanes), sizes and sizes.lanes(lanes)), strict=True):
                whole[lanes] = part
    return found


def _nothing(count: int, size: int) -> Conditioned:
    far = np.full(count, np.inf if size else 0.0)
    return Conditioned(np.zeros((count, size, size)), far, far.copy())


def _solve(problem: Problem, sizes: Sizes | None) -> Conditioned:
    found = _nothing(*problem.drift.shape[:2])
    for road in (_stable_subspace, _doubled, _from_no_record):
        waiting = np.flatnonzero(~(found.step < CONVERGED))
        if not len(waiting):
            break
        part = problem.lanes(waiting)
        end = _newton(road(part), part, sizes and sizes.lanes(waiting))
        good = np.flatnonzero(_stabilising(end, part))
        for whole, some in zip(found, end, strict=True):
            whole[waiting[good]] = some[good]
    return found


def _stable_subspace(problem: Problem) -> FloatArray:
    """V = U₂U₁⁻¹ from the decaying eigenvectors (U₁; U₂) of the Hamiltonian matrix."""
    size = problem.drift.shape[-1]
    drift, source, information = without_correlation(*problem)
    hamiltonian = np.concatenate(
        [
            np.concatenate([transpose(drift), -information], axis=-1),
            np.concatenate([-source, -drift], axis=-1),
        ],
        axis=-2,
    )
    values, vectors = eigenvectors(hamiltonian)
    order = np.argsort(values.real, axis=-1)
    chosen = np.take_along_axis(vectors, order[:, None, :size], axis=-1)
    quotient = solved(transpose(chosen[:, :size]), transpose(chosen[:, size:]))
    covariance: FloatArray = symmetrised(transpose(quotient).real)
    return covariance


def _doubled(problem: Problem) -> FloatArray:
    return stationary(*without_correlation(*problem))


def _from_no_record(problem: Problem) -> FloatArray:
    """Kleinman's iteration from the unconditional covariance."""
    covariance: FloatArray = corrections(problem.drift, problem.diffusion[None])[0]
    size = np.full(len(covariance), np.inf)
    waiting = np.arange(len(covariance))
    for _ in range(KLEINMAN_STEPS):
        part = problem.lanes(waiting)
        step = _newton_steps(covariance[waiting], part, None)[0]
        covariance[waiting] += step
        before, size[waiting] = size[waiting], relative_size(step, covariance[waiting])
        now = size[waiting]
        waiting = waiting[~((now < SETTLED) | ((now < STALLED) & (now >= before)) | np.isnan(now))]
        if not len(waiting):
            break
    return covariance


def _newton(covariance: FloatArray, problem: Problem, sizes: Sizes | None) -> Conditioned:
    """Two corrections: the first removes the error of a start, the second measures what is left.

    A start with few digits needs more, two by two.
    """
    step, error = np.full(len(covariance), np.inf), np.full(len(covariance), np.inf)
    waiting = np.arange(len(covariance))
    for number in range(NEWTON_STEPS):
        last = number % 2 == 1
        some = sizes.lanes(waiting) if sizes is not None and last else None
        steps = _newton_steps(covariance[waiting], problem.lanes(waiting), some)
        covariance[waiting] += steps[0]
        now = np.array([relative_size(change, covariance[waiting]) for change in steps])
        step[waiting] = now[0] + ROUNDING
        error[waiting] = step[waiting] + now[1:].max(axis=0, initial=0.0)
        if last:
            waiting = waiting[~(step[waiting] < STALLED)]
        if not len(waiting):
            break
    return Conditioned(covariance, step, error)


def _newton_steps(covariance: FloatArray, problem: Problem, sizes: Sizes | None) -> FloatArray:
    """The change of V that solves the equation linearised at V; after it what the model's rounding changes."""
    gain = riccati_gain(covariance, problem.measured, problem.noise, problem.correlation)
    residual = riccati_residual(covariance, gain, *problem)[None]
    if sizes is not None:
        residual = np.concatenate([residual, disturbances(problem.drift, covariance, gain, sizes, problem.noise)])
    return corrections(problem.drift - gain @ problem.measured, residual)


def _stabilising(found: Conditioned, problem: Problem) -> NDArray[np.bool_]:
    """Whether a solution is the stabilising one.

    A V that solves the equation and is positive, beyond its errors, is: for a left eigenvector w of F = A − K H is
    2 Re λ w†Vw = −w†(D + K R Kᵀ − K Σᵀ − Σ Kᵀ)w ≤ 0, and an undamped pole would make Newton's steps singular. The
    converse does not hold (a mode without noise has V = 0): then the poles of F are looked at.
    """
    covariance, step, _ = found
    good: NDArray[np.bool_] = step < CONVERGED
    certain = certain_pivot(step, covariance.shape[-1])
    doubtful = np.flatnonzero(good & ~(least_pivots(covariance) > certain))
    if len(doubtful):
        part, v = problem.lanes(doubtful), covariance[doubtful]
        closed = part.drift - riccati_gain(v, part.measured, part.noise, part.correlation) @ part.measured
        deviation = np.sqrt(np.abs(v.diagonal(axis1=-2, axis2=-1)))
        correlations = v / np.where(deviation > 0, deviation, 1.0)[:, :, None]
        correlations = correlations / np.where(deviation > 0, deviation, 1.0)[:, None, :]
        positive = eigenvalues(correlations).real.min(axis=-1) > -certain[doubtful]
        good[doubtful] = positive & (eigenvalues(closed).real.max(axis=-1) < 0)
    return good
