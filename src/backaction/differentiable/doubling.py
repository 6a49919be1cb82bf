"""A first solution of the Riccati equation for JAX: `backaction.gaussian.doubling`, all lanes at once."""

from __future__ import annotations

import numpy as np

from backaction.gaussian.arrays import symmetrised, transpose
from backaction.gaussian.doubling import DOUBLINGS, VANISHED, Filter, left, twice

from .double import JaxArray, jax_module, jax_numpy

__all__ = ["first_solution"]


def first_solution(a: JaxArray, d: JaxArray, h: JaxArray, r: JaxArray, s: JaxArray) -> JaxArray:
    """Ω of each lane when its Φ has vanished; anything, or NaN, where it does not. Shapes (…, n, n)."""
    jax, jnp = jax_module(), jax_numpy()

    def waiting(remembered: JaxArray) -> JaxArray:
        return ~((remembered < VANISHED) | jnp.isnan(remembered))

    def unfinished(state: tuple[JaxArray, JaxArray, Filter]) -> JaxArray:
        return (state[0] < DOUBLINGS) & waiting(state[1]).any()

    def doubled(state: tuple[JaxArray, JaxArray, Filter]) -> tuple[JaxArray, JaxArray, Filter]:
        count, remembered, given = state
        new = twice(given, _divided)
        # a lane that is done stays as it is: it does not know its neighbours
        again = waiting(remembered)
        kept = [jnp.where(again[..., None, None], *pair) for pair in zip(new, given, strict=True)]
        return count + 1, jnp.where(again, left(given, new.spread), remembered), Filter(*kept)

    far = jnp.full(a.shape[:-2], jnp.inf)
    return jax.lax.while_loop(unfinished, doubled, (0, far, _begun(a, d, h, r, s)))[-1].spread


def _begun(a: JaxArray, d: JaxArray, h: JaxArray, r: JaxArray, s: JaxArray) -> Filter:
    """Cayley's transformation, out of one inverse, that of the Hamiltonian matrix less ±the rate.

    The rate is the geometric mean of the closed loop's, which are the eigenvalues of the Hamiltonian matrix.
    """
    jnp = jax_numpy()
    size = a.shape[-1]
    weighted, shared = _divided(r, h, transpose(s))
    drift, source = a - s @ weighted, symmetrised(d - s @ shared)
    above = jnp.concatenate([transpose(drift), -symmetrised(transpose(h) @ weighted)], axis=-1)
    hamiltonian = jnp.concatenate([above, jnp.concatenate([-source, -drift], axis=-1)], axis=-2)
    _, logarithm = jnp.linalg.slogdet(hamiltonian)
    rate = jnp.exp(logarithm / max(2 * size, 1))[..., None, None]
    signs = np.repeat([1.0, -1.0], size)
    moved = 2 * rate * jnp.linalg.inv(hamiltonian - rate * np.diag(signs)) * signs
    return Filter(
        moved[..., size:, size:], symmetrised(moved[..., :size, size:]), symmetrised(-moved[..., size:, :size])
    )


def _divided(matrix: JaxArray, first: JaxArray, second: JaxArray) -> tuple[JaxArray, JaxArray]:
    jnp = jax_numpy()
    both = jnp.linalg.solve(matrix, jnp.concatenate([first, second], axis=-1))
    return both[..., : first.shape[-1]], both[..., first.shape[-1] :]
