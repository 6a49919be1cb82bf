"""The Riccati equation of a continuously measured system, batched, with an error estimate for every solution.

    A V + V Aᵀ + D − (V Hᵀ + Σ) R⁻¹ (V Hᵀ + Σ)ᵀ = 0

V is the stationary conditional covariance; H, R, Σ are the measured combination, its noise and the correlation of that
noise with the process.  The stable subspace of the Hamiltonian matrix gives a first solution, Newton's iteration
(each step a Lyapunov equation) ends it.  Where that subspace fails (nearly equal or nearly imaginary eigenvalues) the
iteration starts from no measurement at all, V_0 = the unconditional covariance, from where it converges monotonically
(Kleinman, IEEE Trans. Autom. Control 13, 114 (1968)).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, flattened, symmetrised, transpose
from .engines import compiled_pays
from .errors import Unresolved
from .lyapunov_dense import ROUNDING, Solution, chunks, correction
from .residuals import relative_size, riccati_residual

__all__ = ["riccati_gain", "solve_riccati"]

NEWTON_STEPS = 2
"""Corrections after the subspace solution: the first removes its error, the second measures what is left."""

KLEINMAN_STEPS = 80
"""Enough to halve an initial V of 1e15 times the final one, and to converge quadratically afterwards."""

SETTLED = 1e-15
"""Step of Kleinman's iteration, relative to √(V_ii V_jj), that is rounding.

Steps may shrink, grow and shrink again while correlated directions of small variance are still far away (opposite
masses, strongly measured), so that a step that is merely small ends nothing.
"""

STALLED = 1e-12
"""Step below which the iteration also ends when it no longer shrinks: ill-conditioned lanes settle above `SETTLED`."""

CONVERGED = 1e-9
"""Newton's last step, relative to √(V_ii V_jj), below which the quadratic convergence has ended at rounding."""


def solve_riccati(
    drift: FloatArray,
    diffusion: FloatArray,
    measured: FloatArray,
    measurement_noise: FloatArray,
    correlation: FloatArray,
) -> Solution:
    """Solve the stationary Riccati equation for a stable drift.

    Parameters
    ----------
    drift, diffusion : array, shape (…, n, n)
        A (every pole decays) and D.
    measured : array, shape (…, k, n)
        Rows H of what is measured.
    measurement_noise : array, shape (…, k, k)
        R, positive definite.
    correlation : array, shape (…, n, k)
        Σ.

    Raises
    ------
    Unresolved
        Newton's iteration does not converge in double precision; `uncertainty` is its last relative step.

    Examples
    --------
    A decaying variable observed perfectly in white noise, V² + 2V − 1 = 0:

    >>> one = np.ones((1, 1))
    >>> solve_riccati(-one, one, one, one, 0 * one).matrix.round(12)
    array([[0.41421356]])
    """
    size = drift.shape[-1]
    given = (drift, diffusion, measured, measurement_noise, correlation)
    batch = np.broadcast_shapes(*[matrix.shape[:-2] for matrix in given])
    flat = [flattened(matrix, batch) for matrix in given]
    problem = _Problem(*flat)
    covariance, error = _compiled(problem) if compiled_pays(len(flat[0]), size) else _by_lapack(problem)
    worst = float(error.max(initial=0.0))
    if not worst < CONVERGED:
        raise Unresolved(
            f"the conditional covariance is not resolved in double precision: Newton's last step is {worst:.3g} of "
            "the standard deviations. This usually means (a) a mode that the record does not see and whose own "
            "damping is almost zero, or (b) rates that differ by more than about 1e12",
            worst,
        )
    return Solution(covariance.reshape(*batch, size, size), error.reshape(batch))


class _Problem(NamedTuple):
    """A, D, H, R, Σ of lanes, shapes (N, …)."""

    drift: FloatArray
    diffusion: FloatArray
    measured: FloatArray
    noise: FloatArray
    correlation: FloatArray

    def lanes(self, chosen: NDArray[np.bool_] | slice) -> _Problem:
        return _Problem(*[matrix[chosen] for matrix in self])


def _compiled(problem: _Problem) -> Solution:
    """By the compiled engine, which has Kleinman's iteration alone; what has not converged there by LAPACK."""
    from .engines.riccati import solve_riccati_lanes

    a, d, h, r, s = problem
    covariance, error = solve_riccati_lanes(a, d, h, r, s, SETTLED, STALLED, KLEINMAN_STEPS)
    error = error + ROUNDING
    failed = ~(error < CONVERGED)
    covariance[failed], error[failed] = _by_lapack(problem.lanes(failed))
    return Solution(covariance, error)


def _by_lapack(problem: _Problem) -> Solution:
    covariance, error = np.zeros(problem.drift.shape), np.zeros(len(problem.drift))
    for lanes in chunks(len(covariance), problem.drift.shape[-1]):
        covariance[lanes], error[lanes] = _solve(problem.lanes(lanes))
    return Solution(covariance, error)


def _solve(problem: _Problem) -> Solution:
    covariance, failed = _stable_subspace(problem)
    error = np.full(len(covariance), np.inf)
    # A subspace with few digits left needs more than the usual corrections; they still converge quadratically.
    for _ in range(2):
        open_lanes = ~failed & ~(error < CONVERGED)
        if open_lanes.any():
            covariance[open_lanes], error[open_lanes] = _newton(covariance[open_lanes], problem.lanes(open_lanes))
    failed |= ~(error < CONVERGED)
    if failed.any():
        covariance[failed], error[failed] = _kleinman(problem.lanes(failed))
    return Solution(covariance, error)


def riccati_gain(
    covariance: FloatArray, measured: FloatArray, measurement_noise: FloatArray, correlation: FloatArray
) -> FloatArray:
    """K = (V Hᵀ + Σ) R⁻¹, shape (…, n, k)."""
    cross = covariance @ transpose(measured) + correlation
    gain: FloatArray = transpose(np.linalg.solve(measurement_noise, transpose(cross)))
    return gain


def _stable_subspace(problem: _Problem) -> tuple[FloatArray, NDArray[np.bool_]]:
    """V = U₂U₁⁻¹ from the decaying eigenvectors (U₁; U₂) of the Hamiltonian matrix, and the lanes where it fails."""
    a, d, h, r, s = problem
    size = a.shape[-1]
    weighted = np.linalg.solve(r, h)
    reduced = a - s @ weighted
    source = symmetrised(d - s @ np.linalg.solve(r, transpose(s)))
    information = symmetrised(transpose(h) @ weighted)
    hamiltonian = np.concatenate(
        [
            np.concatenate([transpose(reduced), -information], axis=-1),
            np.concatenate([-source, -reduced], axis=-1),
        ],
        axis=-2,
    )
    values, vectors = np.linalg.eig(hamiltonian)
    order = np.argsort(values.real, axis=-1)
    failed = np.take_along_axis(values.real, order[:, size - 1 : size], axis=-1)[:, 0] >= 0
    chosen = np.take_along_axis(vectors, order[:, None, :size], axis=-1)
    upper, lower = chosen[:, :size], chosen[:, size:]
    # Parallel eigenvectors leave no digits; a lane may then be singular, and is done by iteration instead.
    try:
        quotient = np.linalg.solve(transpose(upper), transpose(lower))
    except np.linalg.LinAlgError:
        failed |= ~(np.linalg.cond(upper) < 1 / np.finfo(np.float64).eps)
        safe = np.where(failed[:, None, None], np.eye(size), upper)
        quotient = np.linalg.solve(transpose(safe), transpose(lower))
    covariance = symmetrised(transpose(quotient).real)
    failed |= ~_decaying(a - riccati_gain(covariance, h, r, s) @ h)
    return covariance, failed


def _newton(covariance: FloatArray, problem: _Problem) -> Solution:
    step = np.zeros_like(covariance)
    for _ in range(NEWTON_STEPS):
        step = _newton_step(covariance, problem)
        covariance = covariance + step
    return Solution(covariance, relative_size(step, covariance) + ROUNDING)


def _kleinman(problem: _Problem) -> Solution:
    covariance = correction(problem.drift, problem.diffusion)
    size = np.full(len(covariance), np.inf)
    for _ in range(KLEINMAN_STEPS):
        step = _newton_step(covariance, problem)
        covariance = covariance + step
        before, size = size, relative_size(step, covariance)
        if ((size < SETTLED) | ((size < STALLED) & (size >= before))).all():
            break
    return Solution(covariance, size + ROUNDING)


def _newton_step(covariance: FloatArray, problem: _Problem) -> FloatArray:
    """The change of V that solves the equation linearised at V."""
    gain = riccati_gain(covariance, problem.measured, problem.noise, problem.correlation)
    return correction(problem.drift - gain @ problem.measured, riccati_residual(covariance, gain, *problem))


def _decaying(drift: FloatArray) -> NDArray[np.bool_]:
    finite = np.asarray(np.isfinite(drift).all(axis=(-2, -1)))
    safe = np.where(finite[:, None, None], drift, 0.0)
    decaying: NDArray[np.bool_] = finite & (np.linalg.eigvals(safe).real.max(axis=-1) < 0)
    return decaying
