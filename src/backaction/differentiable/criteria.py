"""Entanglement criteria for JAX, as functions of the covariance of the two parties.

The same numbers as those of `backaction.entanglement`, sums and differences with twice the digits as there, but without
their numerical uncertainty: an optimum that is to be published should be evaluated there. `Matrices.block` takes the
parties' modes out of a covariance, by name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from backaction.entanglement.pairs import duan_formula, epr_formula
from backaction.gaussian.arrays import symmetrised, transpose
from backaction.gaussian.elementwise import ENTRIES
from backaction.gaussian.errors import InvalidInput, Unphysical
from backaction.gaussian.symplectic import symplectic_form

from .double import JaxArray, checked, in_double, jax_module, jax_numpy

__all__ = ["duan_sum", "epr_variance", "log_negativity", "smallest_ppt_eigenvalue"]

Formula = Callable[..., tuple[Any, ...]]
"""Of the ten entries of a covariance and a square root, as in `backaction.gaussian.elementwise`."""


@in_double
def smallest_ppt_eigenvalue(covariance: JaxArray, first: int = 1) -> JaxArray:
    """Smallest symplectic eigenvalue ν of the partially transposed covariance: entangled if ν < ½.

    Parameters
    ----------
    covariance : array, shape (…, 2(m + n), 2(m + n))
        Of the two parties alone, the first one's modes before the second's.
    first : int
        m, the number of modes of the first party.

    Returns
    -------
    array, shape (…)
        Its derivative is not defined where it equals the next eigenvalue.

    Raises
    ------
    Unphysical
        The covariance is not positive definite (NaN while JAX traces).
    InvalidInput
        A party without modes; JAX is missing or set to 32 bits.

    Examples
    --------
    Two modes squeezed by r have ν = e^{−2r}/2:

    >>> from backaction.differentiable import double_precision
    >>> from backaction.gaussian import two_mode_squeezed
    >>> with double_precision():
    ...     value = smallest_ppt_eigenvalue(two_mode_squeezed(0.5 * np.log(2), ["a", "b"]).covariance)
    >>> round(float(value), 12)
    0.25
    """
    return _ppt_eigenvalues(covariance, first)[..., 0]


@in_double
def log_negativity(covariance: JaxArray, first: int = 1) -> JaxArray:
    """Logarithmic negativity E_N = Σ max(0, −ln 2ν_k) in nats, shape (…); parameters as `smallest_ppt_eigenvalue`.

    Its derivative is 0 for separable states: an optimisation that may start from one should follow ν instead.

    Examples
    --------
    >>> from backaction.differentiable import double_precision
    >>> from backaction.gaussian import two_mode_squeezed
    >>> with double_precision():
    ...     value = log_negativity(two_mode_squeezed(1.0, ["a", "b"]).covariance)
    >>> round(float(value), 12)
    2.0
    """
    jnp = jax_numpy()
    values = _ppt_eigenvalues(covariance, first)
    count = min(first, values.shape[-1] - first)  # no more than that many lie below ½
    return jnp.maximum(0.0, -jnp.log(2 * values[..., :count])).sum(axis=-1)


@in_double
def duan_sum(covariance: JaxArray) -> JaxArray:
    """Duan sum Δ = (A + B)/2 − C of two modes at the best local phase: separable ⇒ Δ ≥ 1.

    A = Var X_a + Var P_a, B the same of b, C² = (C_xx − C_pp)² + (C_xp + C_px)² of the cross block.

    Parameters
    ----------
    covariance : array, shape (…, 4, 4)
        (x_a, p_a, x_b, p_b), as of `Matrices.block`.

    Raises
    ------
    InvalidInput
        Not two modes; JAX is missing or set to 32 bits.

    Examples
    --------
    >>> from backaction.differentiable import double_precision
    >>> from backaction.gaussian import two_mode_squeezed
    >>> with double_precision():
    ...     value = duan_sum(two_mode_squeezed(0.5 * np.log(2), ["a", "b"]).covariance)
    >>> round(float(value), 12)
    0.5
    """
    return _of_two_modes(duan_formula, covariance)


@in_double
def epr_variance(covariance: JaxArray) -> JaxArray:
    """EPR variance of two modes at the best gain and local phase: the smaller eigenvalue of [[A, C], [C, B]].

    Separable ⇒ ≥ 1. A, B, C as in `duan_sum`. Best gain and phase are stationary, so that the gradient is that of the
    variance at fixed ones.

    Parameters
    ----------
    covariance : array, shape (…, 4, 4)
        (x_a, p_a, x_b, p_b), as of `Matrices.block`.

    Raises
    ------
    InvalidInput
        Not two modes; JAX is missing or set to 32 bits.

    Examples
    --------
    >>> from backaction.differentiable import double_precision
    >>> with double_precision():
    ...     value = epr_variance(np.diag([1.0, 1.0, 2.0, 2.0]))
    >>> float(value)
    2.0
    """
    return _of_two_modes(epr_formula, covariance)


def _of_two_modes(formula: Formula, covariance: JaxArray) -> JaxArray:
    """The first number of a formula of the core, shape (…)."""
    v = jax_numpy().asarray(covariance, dtype=np.float64)
    if v.shape[-2:] != (4, 4):
        raise InvalidInput(
            f"the Duan sum and the EPR variance are about two modes, a covariance of shape (…, 4, 4); got {v.shape}. "
            "Take the modes out with `system.block(covariance, 'spin', 'membrane')`"
        )
    return _compiled(formula)(v)


@cache
def _compiled(formula: Formula) -> Any:
    return jax_module().jit(lambda v: formula([v[..., i, j] for i, j in ENTRIES], _root)[0])


def _root(squared: JaxArray) -> JaxArray:
    """The square root, with the derivative 0 at the origin, where it has none."""
    jnp = jax_numpy()
    apart = squared > 0
    return jnp.where(apart, jnp.sqrt(jnp.where(apart, squared, 1.0)), 0.0)


def _ppt_eigenvalues(covariance: JaxArray, first: int) -> JaxArray:
    """The symplectic eigenvalues of the partially transposed covariance, ascending, shape (…, m + n).

    Those of Ω̃ V are ±iν, and the Hermitian Lᵀ(iΩ̃)L has ±ν, with V = L Lᵀ and Ω̃ = Ω ⊕ −Ω.
    """
    jnp = jax_numpy()
    v = symmetrised(jnp.asarray(covariance, dtype=np.float64))
    modes = v.shape[-1] // 2
    if not 0 < first < modes:
        raise InvalidInput(
            f"entanglement is between two parties: of {modes} modes the first party can have 1 to {modes - 1}, "
            f"got {first}"
        )
    sign = np.repeat([1.0, -1.0], [2 * first, 2 * (modes - first)])
    lower = jnp.linalg.cholesky(v)
    positive = jnp.isfinite(lower).all(axis=(-2, -1))
    lower = checked(lower, positive, lambda: _unphysical(v))
    hermitian = transpose(lower) @ (1j * sign[:, None] * symplectic_form(modes)) @ lower
    return jnp.linalg.eigvalsh(hermitian)[..., modes:]


def _unphysical(covariance: JaxArray) -> Unphysical:
    smallest = float(np.linalg.eigvalsh(np.asarray(covariance)).min())
    return Unphysical(
        f"the covariance is not positive definite: its smallest eigenvalue is {smallest:.6g}. No state has it", smallest
    )
