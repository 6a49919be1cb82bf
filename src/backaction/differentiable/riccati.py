"""The Riccati equation of a continuously measured system for JAX, with its implicit derivative.

    A V + V Aᵀ + D − (V Hᵀ + Σ) R⁻¹ (V Hᵀ + Σ)ᵀ = 0,   K = (V Hᵀ + Σ) R⁻¹

Differentiated, it is a Lyapunov equation with the closed-loop drift A − K H: how the filter forgets. Forwards,

    (A − KH) dV + dV (A − KH)ᵀ + dA V + V dAᵀ + dD − dM Kᵀ − K dMᵀ + K dR Kᵀ = 0,   dM = V dHᵀ + dΣ,

and backwards, for a number E whose derivative with respect to V is V̄,

    (A − KH)ᵀ Λ + Λ (A − KH) + V̄ = 0,
    Ā = 2 Λ V,   D̄ = Λ,   H̄ = −2 Kᵀ Λ V,   R̄ = Kᵀ Λ K,   Σ̄ = −2 Λ K.

The iteration that finds V is not differentiated: Newton's from the unconditional covariance (Kleinman), each step a
Lyapunov equation, as in `backaction.gaussian.riccati`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from backaction.gaussian.errors import Unresolved
from backaction.gaussian.riccati import CONVERGED, KLEINMAN_STEPS, SETTLED, STALLED

from .double import JaxArray, checked, in_double, jax_module, jax_numpy, symmetric, transposed
from .lyapunov import relative_size, solve_lyapunov_unchecked

__all__ = ["Conditioned", "riccati_gain", "solve_riccati", "solve_riccati_unchecked", "unresolved"]


class Conditioned(NamedTuple):
    """V, Newton's last step relative to √(V_ii V_jj), and the unconditional covariance it began from."""

    covariance: JaxArray
    error: JaxArray
    before: JaxArray


@in_double
def solve_riccati(
    drift: JaxArray, diffusion: JaxArray, measured: JaxArray, measurement_noise: JaxArray, correlation: JaxArray
) -> JaxArray:
    """Solve the stationary Riccati equation for a stable drift.

    Derivatives of any order, forwards and backwards; `jit` and `vmap` as usual.

    Parameters
    ----------
    drift, diffusion : array, shape (…, n, n)
        A (every pole decays) and D.
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
        Newton's iteration has not converged; while JAX traces, such lanes are NaN instead.
    InvalidInput
        JAX is missing or set to 32 bits.

    References
    ----------
    D. L. Kleinman, IEEE Trans. Autom. Control 13, 114 (1968); T.-C. Kao and G. Hennequin, arXiv:2011.11430 (2020), for
    the derivatives (without the cross term Σ).

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
    return checked(found.covariance, found.error < CONVERGED, lambda: unresolved(found.error))


def solve_riccati_unchecked(*problem: JaxArray) -> Conditioned:
    """The same without looking at the answer; A, D, H, R, Σ in that order."""
    return Conditioned(*_compiled()(*problem))


@in_double
def riccati_gain(
    covariance: JaxArray, measured: JaxArray, measurement_noise: JaxArray, correlation: JaxArray
) -> JaxArray:
    """K = (V Hᵀ + Σ) R⁻¹, shape (…, n, k)."""
    cross = covariance @ transposed(measured) + correlation
    return transposed(jax_numpy().linalg.solve(measurement_noise, transposed(cross)))


def unresolved(error: JaxArray) -> Unresolved:
    """The error for an iteration that has not converged, with its last step."""
    worst = float(np.max(error))
    return Unresolved(
        f"the conditional covariance is not resolved in double precision: Newton's last step is {worst:.3g} of the "
        "standard deviations. This usually means a drift that is not stable, a record without noise, or a mode that "
        "the record does not see and whose own damping is almost zero",
        worst,
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
    a, _, h, r, s = primals
    da, dd, dh, dr, ds = tangents
    v, error, before = implicit(*primals)
    gain = riccati_gain(v, h, r, s)
    moved = da @ v - (v @ transposed(dh) + ds) @ transposed(gain)
    forcing = moved + transposed(moved) + dd + gain @ dr @ transposed(gain)
    change = solve_lyapunov_unchecked(a - gain @ h, forcing)
    # what V is checked by is looked at, not differentiated
    return (v, error, before), (change, jnp.zeros_like(error), jnp.zeros_like(before))


def _iterated(a: JaxArray, d: JaxArray, h: JaxArray, r: JaxArray, s: JaxArray) -> tuple[JaxArray, ...]:
    """Newton's iteration from no measurement at all, until every lane has settled at rounding."""
    jax, jnp = jax_module(), jax_numpy()
    before = solve_lyapunov_unchecked(a, d)
    far = jnp.full(before.shape[:-2], jnp.inf)

    def unsettled(state: tuple[JaxArray, ...]) -> JaxArray:
        count, _, size, previous = state
        settled = (size < SETTLED) | ((size < STALLED) & (size >= previous))
        # a lane that is not finite will not become so
        return (count < KLEINMAN_STEPS) & ~(settled | jnp.isnan(size)).all()

    def improved(state: tuple[JaxArray, ...]) -> tuple[JaxArray, ...]:
        count, v, size, _ = state
        step = _newton_step(v, a, d, h, r, s)
        return count + 1, v + step, relative_size(step, v + step), size

    _, v, size, _ = jax.lax.while_loop(unsettled, improved, (0, before, far, far))
    return v, size, before


def _newton_step(v: JaxArray, a: JaxArray, d: JaxArray, h: JaxArray, r: JaxArray, s: JaxArray) -> JaxArray:
    """The change of V that solves the equation linearised at V."""
    gain = riccati_gain(v, h, r, s)
    moved = a @ v
    residual = moved + transposed(moved) + d - gain @ r @ transposed(gain)
    return solve_lyapunov_unchecked(a - gain @ h, symmetric(residual))
