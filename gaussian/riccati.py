"""The Riccati equation of a continuously measured system, batched, with an error estimate for every solution.

    A V + V Aᵀ + D − (V Hᵀ + Σ) R⁻¹ (V Hᵀ + Σ)ᵀ = 0

V is the stationary conditional covariance; H, R, Σ are the measured combination, its noise and the correlation of that
noise with the process.  The stable subspace of the Hamiltonian matrix gives a first solution, Newton's iteration
(each step a Lyapunov equation) ends it.  Where that subspace fails (nearly equal or nearly imaginary eigenvalues) the
iteration starts from no measurement at all, V_0 = the unconditional covariance, from where it converges monotonically
(Kleinman, IEEE Trans. Autom. Control 13, 114 (1968)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, symmetrised, transpose
from .errors import Unresolved
from .lyapunov import Solution, relative_size, solve_lyapunov

__all__ = ["riccati_gain", "solve_riccati"]

NEWTON_STEPS = 2
"""Corrections after the subspace solution: the first removes its error, the second measures what is left."""

KLEINMAN_STEPS = 80
"""Enough to halve an initial V of 1e15 times the final one, and to converge quadratically afterwards."""

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
        H.
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
    batch = np.broadcast_shapes(
        drift.shape[:-2],
        diffusion.shape[:-2],
        measured.shape[:-2],
        measurement_noise.shape[:-2],
        correlation.shape[:-2],
    )
    if size == 0:
        return Solution(np.zeros((*batch, 0, 0)), np.zeros(batch))
    a, d, h, r, s = (
        np.broadcast_to(matrix, batch + matrix.shape[-2:]).reshape(-1, *matrix.shape[-2:])
        for matrix in (drift, diffusion, measured, measurement_noise, correlation)
    )
    covariance, failed = _stable_subspace(a, d, h, r, s)
    error = np.full(len(a), np.inf)
    fine = ~failed
    if fine.any():
        part = tuple(matrix[fine] for matrix in (a, d, h, r, s))
        covariance[fine], error[fine] = _newton(covariance[fine], *part)
    failed |= ~(error < CONVERGED)
    if failed.any():
        part = tuple(matrix[failed] for matrix in (a, d, h, r, s))
        covariance[failed], error[failed] = _kleinman(*part)
    worst = float(error.max(initial=0.0))
    if not worst < CONVERGED:
        raise Unresolved(
            f"the conditional covariance is not resolved in double precision: Newton's last step is {worst:.3g} of "
            "the standard deviations. This usually means (a) a mode that the record does not see and whose own "
            "damping is almost zero, or (b) rates that differ by more than about 1e12",
            worst,
        )
    return Solution(covariance.reshape(*batch, size, size), error.reshape(batch))


def riccati_gain(
    covariance: FloatArray, measured: FloatArray, measurement_noise: FloatArray, correlation: FloatArray
) -> FloatArray:
    """K = (V Hᵀ + Σ) R⁻¹, shape (…, n, k)."""
    cross = covariance @ transpose(measured) + correlation
    gain: FloatArray = transpose(np.linalg.solve(measurement_noise, transpose(cross)))
    return gain


def _stable_subspace(
    a: FloatArray, d: FloatArray, h: FloatArray, r: FloatArray, s: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """V = U₂U₁⁻¹ from the decaying eigenvectors (U₁; U₂) of the Hamiltonian matrix, and the lanes where it fails."""
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
    # Nearly parallel eigenvectors leave no digits; a lane may then be singular, and is done by iteration instead.
    failed |= ~(np.linalg.cond(upper) < 1 / np.finfo(np.float64).eps)
    safe = np.where(failed[:, None, None], np.eye(size), upper)
    covariance = symmetrised(transpose(np.linalg.solve(transpose(safe), transpose(lower))).real)
    failed |= ~_decaying(a - riccati_gain(covariance, h, r, s) @ h)
    return covariance, failed


def _newton(
    covariance: FloatArray, a: FloatArray, d: FloatArray, h: FloatArray, r: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    step = np.zeros_like(covariance)
    for _ in range(NEWTON_STEPS):
        gain = riccati_gain(covariance, h, r, s)
        residual = _residual(covariance, gain, a, d, h, r, s)
        step = solve_lyapunov(a - gain @ h, residual).matrix
        covariance = covariance + step
    return covariance, relative_size(step, covariance)


def _kleinman(
    a: FloatArray, d: FloatArray, h: FloatArray, r: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    covariance = solve_lyapunov(a, d).matrix
    size = np.full(len(a), np.inf)
    for _ in range(KLEINMAN_STEPS):
        gain = riccati_gain(covariance, h, r, s)
        step = solve_lyapunov(a - gain @ h, _residual(covariance, gain, a, d, h, r, s)).matrix
        covariance = covariance + step
        before, size = size, relative_size(step, covariance)
        if ((size < CONVERGED) & (size >= before / 2)).all() or (size == 0).all():
            break
    return covariance, size


def _residual(
    covariance: FloatArray,
    gain: FloatArray,
    a: FloatArray,
    d: FloatArray,
    h: FloatArray,
    r: FloatArray,
    s: FloatArray,
) -> FloatArray:
    """Residual at V, as A_K V + V A_Kᵀ + D + K R Kᵀ − Σ Kᵀ − K Σᵀ with A_K = A − K H, in the widest type there is.

    The gain is the optimal one of V to rounding; its own error enters only in second order.
    """
    wide = np.longdouble
    v, k = covariance.astype(wide), gain.astype(wide)
    closed = a.astype(wide) - k @ h
    half = closed @ v - k @ transpose(s.astype(wide)) + (k @ r) @ transpose(k) / 2
    residual = half + transpose(half) + d
    return symmetrised(residual.astype(np.float64))


def _decaying(drift: FloatArray) -> NDArray[np.bool_]:
    finite = np.asarray(np.isfinite(drift).all(axis=(-2, -1)))
    safe = np.where(finite[:, None, None], drift, 0.0)
    decaying: NDArray[np.bool_] = finite & (np.linalg.eigvals(safe).real.max(axis=-1) < 0)
    return decaying
