"""The Lyapunov equation A V + V Aᵀ + D = 0 for JAX, with its implicit derivative.

The equation is linear in V. JAX is told so (`custom_linear_solve`): how the solution is found stays hidden from it, and
the derivative is that of the equation, the same equation once more. Forwards,

    A dV + dV Aᵀ + (dA V + V dAᵀ + dD) = 0,

and backwards, for a number E whose derivative with respect to V is V̄,

    Aᵀ Λ + Λ A + V̄ = 0,   D̄ = Λ,   Ā = 2 Λ V.

Value and gradient are two equations, whatever the number of parameters.

For the solution itself, elimination on the equations of the entries, as the core does it for few systems, and one step
of refinement. Work grows with n⁶: it is made for the three or ten modes of an experiment.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from backaction.gaussian.arrays import symmetrised, transpose
from backaction.gaussian.errors import Unresolved
from backaction.gaussian.lyapunov_dense import pattern
from backaction.gaussian.residuals import lyapunov_residual, relative_size
from backaction.gaussian.rounding import ROUNDING, disturbance

from .double import JaxArray, after, checked, in_double, jax_module, jax_numpy

__all__ = ["eliminated", "lyapunov_error", "solve_lyapunov", "solve_lyapunov_unchecked"]


@in_double
def solve_lyapunov(drift: JaxArray, diffusion: JaxArray) -> JaxArray:
    """Solve A V + V Aᵀ + D = 0 for the symmetric part of D.

    No check of stability is made: the solution is a covariance only if every pole of A decays (`steady_covariance`
    looks). Derivatives of any order, forwards and backwards; `jit` and `vmap` as usual.

    Parameters
    ----------
    drift, diffusion : array, shape (…, n, n)
        A and D; leading dimensions broadcast.

    Returns
    -------
    array, shape (…, n, n)
        V, symmetric.

    Raises
    ------
    Unresolved
        Two poles of A sum to zero: the equation is singular. While JAX traces, V is not finite instead.
    InvalidInput
        JAX is missing or set to 32 bits.

    References
    ----------
    T.-C. Kao and G. Hennequin, arXiv:2011.11430 (2020), for the derivatives.

    Examples
    --------
    For a = −γ/2 and D = γ(n + ½) the variance is n + ½, and ∂V/∂a = 2V²/D:

    >>> import jax
    >>> from backaction.differentiable import double_precision
    >>> with double_precision():
    ...     value, slope = jax.value_and_grad(lambda a: solve_lyapunov(a * np.eye(1), np.eye(1))[0, 0])(-1.0)
    >>> float(value), float(slope)
    (0.5, 0.5)
    """
    solution = solve_lyapunov_unchecked(drift, diffusion)
    finite = jax_numpy().isfinite(solution).all(axis=(-2, -1))
    return checked(solution, finite, _singular)


def solve_lyapunov_unchecked(drift: JaxArray, diffusion: JaxArray) -> JaxArray:
    """The same without looking at the answer: what a singular equation gives is not finite."""
    return _compiled()(drift, diffusion)


def lyapunov_error(drift: JaxArray, covariance: JaxArray, diffusion: JaxArray, process: JaxArray) -> JaxArray:
    """The error of V against the model, shape (…), as of the core: a further step, and the rounding of A and D.

    `process` is the size of what D is a sum of, as in `backaction.gaussian.rounding`.
    """
    jax, jnp = jax_module(), jax_numpy()
    a, v, d, size = (jax.lax.stop_gradient(matrix) for matrix in (drift, covariance, diffusion, process))
    changes = eliminated(after(v, a))(jnp.stack([lyapunov_residual(v, a, d), disturbance(a, v, size)]))
    return sum(relative_size(change, v) for change in changes) + ROUNDING


def _singular() -> Unresolved:
    return Unresolved(
        "the Lyapunov equation is singular: in double precision two poles of the drift sum to zero, so that nothing "
        "damps a motion. Add the damping that is missing",
        np.inf,
    )


@cache
def _compiled() -> Any:
    return jax_module().jit(_implicit)


def _implicit(drift: JaxArray, diffusion: JaxArray) -> JaxArray:
    """V as the solution of a linear equation −(A V + V Aᵀ) = D; that of the transposed equation has Aᵀ for A."""
    jax, jnp = jax_module(), jax_numpy()
    a, d = (jnp.asarray(matrix, dtype=np.float64) for matrix in (drift, diffusion))
    batch = jnp.broadcast_shapes(a.shape[:-2], d.shape[:-2])
    a, d = (jnp.broadcast_to(matrix, batch + matrix.shape[-2:]) for matrix in (a, d))

    def equation(v: JaxArray) -> JaxArray:
        moved = a @ v
        return -(moved + transpose(moved))

    solution = jax.lax.custom_linear_solve(
        equation,
        symmetrised(d),
        solve=lambda _, right: _refined(a, right),
        transpose_solve=lambda _, right: _refined(transpose(a), right),
    )
    # symmetric in exact arithmetic; said once more so that adjoints enter the transposed equation symmetric too
    return symmetrised(solution)


def _refined(drift: JaxArray, diffusion: JaxArray) -> JaxArray:
    """By elimination on the skew part, and one step of refinement; symmetric D."""
    solve = eliminated(drift)
    first = solve(diffusion)
    return first + solve(lyapunov_residual(first, drift, diffusion))


def eliminated(drift: JaxArray) -> Callable[[JaxArray], JaxArray]:
    """D ↦ V, unrefined and not known to JAX as an equation: for steps of an iteration that corrects its own errors.

    A of shape (…, n, n), one D of the same shape or several, (q, …, n, n).
    """
    jax, jnp = jax_module(), jax_numpy()
    size = drift.shape[-1]
    there = pattern(size)
    count = len(there.upper)
    entries = jnp.concatenate([drift.reshape(*drift.shape[:-2], -1), jnp.zeros((*drift.shape[:-2], 1))], axis=-1)
    first, second = np.full((2, count**2), size**2)  # where nothing stands: the zero at the end
    first[there.places], second[there.twice] = there.sources, there.second
    matrix = (entries[..., first] + entries[..., second]).reshape(*drift.shape[:-2], count, count)
    factors = jax.scipy.linalg.lu_factor(matrix) if count else None

    def solve(diffusion: JaxArray) -> JaxArray:
        if factors is None:
            return diffusion
        right = diffusion.reshape(-1, *drift.shape[:-2], size**2)[..., there.upper] * there.factors
        unknowns = jnp.moveaxis(jax.scipy.linalg.lu_solve(factors, jnp.moveaxis(right, 0, -1)), -1, 0)
        return unknowns[..., there.unknowns].reshape(diffusion.shape)

    return solve
