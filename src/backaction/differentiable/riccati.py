"""The Riccati equation of a continuously measured system for JAX, with its implicit derivative.

    A V + V Aᵀ + D − (V Hᵀ + Σ) R⁻¹ (V Hᵀ + Σ)ᵀ = 0,   K = (V Hᵀ + Σ) R⁻¹

Differentiated, it is a Lyapunov equation with the closed-loop drift A − K H: how the filter forgets. Forwards,

    (A − KH) dV + dV (A − KH)ᵀ + dA V + V dAᵀ + dD − dM Kᵀ − K dMᵀ + K dR Kᵀ = 0,   dM = V dHᵀ + dΣ,

and backwards, for a number E whose derivative with respect to V is V̄,

    (A − KH)ᵀ Λ + Λ (A − KH) + V̄ = 0,
    Ā = 2 Λ V,   D̄ = Λ,   H̄ = −2 Kᵀ Λ V,   R̄ = Kᵀ Λ K,   Σ̄ = −2 Λ K.

Of the many solutions V is the stabilising one, with which A − K H decays: it exists if what does not decay by itself is
watched. Doubling (`doubling`) finds it, Newton's iteration with a residual in twice the digits ends it, and neither is
differentiated. A V that is not positive, or whose closed loop does not decay, is refused.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from backaction.gaussian import riccati as core
from backaction.gaussian.arrays import transpose
from backaction.gaussian.errors import Unresolved
from backaction.gaussian.lyapunov_dense import certain_pivot
from backaction.gaussian.residuals import relative_size, riccati_residual
from backaction.gaussian.riccati import CONVERGED, KLEINMAN_STEPS, SETTLED, Conditioned, Problem
from backaction.gaussian.rounding import ROUNDING, Sizes, disturbances

from .double import JaxArray, after, checked, in_double, is_positive, jax_module, jax_numpy
from .doubling import first_solution
from .lyapunov import eliminated, solve_lyapunov_unchecked

__all__ = ["riccati_gain", "solve_riccati", "solve_riccati_unchecked"]


@in_double
def solve_riccati(
    drift: JaxArray, diffusion: JaxArray, measured: JaxArray, measurement_noise: JaxArray, correlation: JaxArray
) -> JaxArray:
    """The stabilising solution of the stationary Riccati equation.

    Derivatives of any order, forwards and backwards; `jit` and `vmap` as usual.

    Parameters
    ----------
    drift, diffusion : array, shape (…, n, n)
        A and D. What does not decay by itself must be watched.
    measured : array, shape (…, k, n)
        H, what of the quadratures is in the records.
    measurement_noise : array, shape (…, k, k)
        R, positive definite.
    correlation : array, shape (…, n, k)
        Σ.

    Returns
    -------
    array, shape (…, n, n)
        V, symmetric.

    Raises
    ------
    Unresolved
        There is no stabilising solution, or double precision does not find it; while JAX traces, such lanes are NaN
        instead.
    InvalidInput
        JAX is missing or set to 32 bits.

    References
    ----------
    T.-C. Kao and G. Hennequin, arXiv:2011.11430 (2020), for the derivatives (without the cross term Σ).

    Examples
    --------
    A decaying variable observed in white noise R, V² + 2RV − R = 0, and dV/dR at R = 1:

    >>> import jax
    >>> from backaction.differentiable import double_precision
    >>> one = np.eye(1)
    >>> with double_precision():
    ...     value, slope = jax.value_and_grad(lambda r: solve_riccati(-one, one, one, r * one, 0 * one)[0, 0])(1.0)
    >>> round(float(value), 12), round(float(slope), 12)  # √2 − 1 and (3/2)/√2 − 1
    (0.414213562373, 0.06066017178)
    """
    found = solve_riccati_unchecked(drift, diffusion, measured, measurement_noise, correlation)
    return checked(found.matrix, found.step < CONVERGED, _unresolved)


def solve_riccati_unchecked(*problem: JaxArray) -> Conditioned:
    """The same without looking at the answer; A, D, H, R, Σ in that order, and, if wanted, what `Sizes` holds.

    With the sizes the error includes the rounding of the model. Step and error are infinite without a solution.
    """
    return Conditioned(*_compiled()(*problem))


@in_double
def riccati_gain(
    covariance: JaxArray, measured: JaxArray, measurement_noise: JaxArray, correlation: JaxArray
) -> JaxArray:
    """K = (V Hᵀ + Σ) R⁻¹, shape (…, n, k)."""
    noise = after(covariance, measurement_noise)
    return core.riccati_gain(covariance, measured, noise, correlation, jax_numpy().linalg.solve)


def _unresolved() -> Unresolved:
    return Unresolved(
        "the conditional covariance is not resolved in double precision: no solution is found to which a filter "
        "settles. This usually means a motion that does not decay and that the record does not see, or a record "
        "without noise",
        np.inf,
    )


@cache
def _compiled() -> Any:
    """The solution, compiled, with its derivative in place of that of the iteration."""
    jax = jax_module()
    implicit = jax.custom_jvp(_iterated)
    implicit.defjvp(lambda primals, tangents: _derivative(implicit, primals, tangents))
    return jax.jit(lambda *problem: implicit(*_broadcast(problem)))


def _broadcast(problem: tuple[JaxArray, ...]) -> list[JaxArray]:
    jnp = jax_numpy()
    arrays = [jnp.asarray(matrix, dtype=np.float64) for matrix in problem]
    batch = jnp.broadcast_shapes(*[array.shape[:-2] for array in arrays])
    return [jnp.broadcast_to(array, batch + array.shape[-2:]) for array in arrays]


def _derivative(
    implicit: Any, primals: tuple[JaxArray, ...], tangents: tuple[JaxArray, ...]
) -> tuple[tuple[JaxArray, ...], tuple[JaxArray, ...]]:
    jnp = jax_numpy()
    a, _, h, r, s = primals[:5]
    da, dd, dh, dr, ds = tangents[:5]
    found, step, error = implicit(*primals)
    v = after(step[..., None, None], found)
    gain = riccati_gain(v, h, r, s)
    moved = da @ v - (v @ transpose(dh) + ds) @ transpose(gain)
    forcing = moved + transpose(moved) + dd + gain @ dr @ transpose(gain)
    # what V is checked by is looked at, not differentiated
    still = jnp.zeros_like(step)
    return (found, step, error), (solve_lyapunov_unchecked(a - gain @ h, forcing), still, still)


def _iterated(*given: JaxArray) -> tuple[JaxArray, JaxArray, JaxArray]:
    """By two roads: what Newton's iteration does not end from the first solution, from no record at all (Kleinman)."""
    jax, jnp = jax_module(), jax_numpy()
    problem, sizes = Problem(*given[:5]), Sizes(*given[5:]) if given[5:] else None
    found = _newton(first_solution(*problem), problem, sizes)

    def again() -> tuple[JaxArray, ...]:
        alone = eliminated(after(found[0], problem.drift))(problem.diffusion)
        start = jnp.where(is_positive(alone)[..., None, None], alone, jnp.nan)
        other, good = _newton(start, problem, sizes), jnp.isfinite(found[1])
        matrix = jnp.where(good[..., None, None], found[0], other[0])
        return matrix, *(jnp.where(good, *pair) for pair in zip(found[1:], other[1:], strict=True))

    chosen: tuple[JaxArray, JaxArray, JaxArray] = jax.lax.cond(jnp.isfinite(found[1]).all(), lambda: found, again)
    return chosen


def _newton(start: JaxArray, problem: Problem, sizes: Sizes | None) -> tuple[JaxArray, JaxArray, JaxArray]:
    """V, step and error; each lane stops when its steps no longer shrink, and changes no more."""
    jax, jnp = jax_module(), jax_numpy()
    drift, _, *record = problem

    def waiting(step: JaxArray, before: JaxArray) -> JaxArray:
        return ~((step < SETTLED) | ((step < CONVERGED) & (step >= before)) | jnp.isnan(step))

    def unfinished(state: tuple[JaxArray, ...]) -> JaxArray:
        count, _, step, before = state
        return (count < KLEINMAN_STEPS) & waiting(step, before).any()

    def improved(state: tuple[JaxArray, ...]) -> tuple[JaxArray, ...]:
        count, v, step, before = state
        gain = riccati_gain(v, *record)
        change = eliminated(drift - gain @ problem.measured)(riccati_residual(v, gain, *problem))
        again = waiting(step, before)
        better = jnp.where(again[..., None, None], v + change, v)
        return count + 1, better, jnp.where(again, relative_size(change, better), step), jnp.where(again, step, before)

    far = jnp.full(drift.shape[:-2], jnp.inf)
    _, v, step, _ = jax.lax.while_loop(unfinished, improved, (0, start, far, far))
    step = step + ROUNDING
    gain = riccati_gain(v, *record)
    # The closed loop F decays if F X + X Fᵀ = −diag V has a positive solution (Lyapunov).
    right = (v * np.eye(v.shape[-1]))[None]
    if sizes is not None:
        right = jnp.concatenate([right, disturbances(drift, v, gain, sizes, problem.noise)])
    wandering, *moved = eliminated(drift - gain @ problem.measured)(right)
    slack = certain_pivot(step, v.shape[-1])[..., None, None] * right[0]
    good = (step < CONVERGED) & is_positive(jnp.stack([v + slack, wandering])).all(axis=0)
    error = step + jnp.stack([0.0 * step, *(relative_size(change, v) for change in moved)]).max(axis=0)
    return v, jnp.where(good, step, jnp.inf), jnp.where(good, error, jnp.inf)
