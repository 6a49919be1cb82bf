"""Genuine multipartite entanglement: one pair of combinations that no mixture over any bipartitions can make so quiet.

For u = h·ξ and v = g·ξ every biseparable state, a mixture of products across whatever cuts, obeys

    Var u + Var v ≥ min over all cuts A|B of |hᵀΩg|_A + |hᵀΩg|_B.

The best weights maximise the smallest commutator for given variances. With g held fixed that is a convex problem in h,
min hᵀVh with one linear inequality a cut, and the same with the roles exchanged: the two are solved in turn, from the
optimal witness of every single cut and from random ones. Whatever the search ends at is a valid witness; its value is
evaluated in double-double arithmetic at the weights that are returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from backaction.gaussian import GaussianState, symplectic_form
from backaction.gaussian.arrays import FloatArray, flattened
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.normal_modes import normal_modes, require_positive

from .bounds import GENUINE
from .criterion import judging
from .multipartite import Witness, bipartitions, weighed
from .parties import parties

__all__ = ["genuine_multipartite"]

ROUNDS = 25
"""Exchanges of the roles of h and g; the value is then within about 1e-3 of where it settles."""

SWEEPS = 60
"""Sweeps of coordinate descent over the inequalities; each halves the distance to the optimum, or better."""


RANDOM_STARTS = 24
"""Starts besides the cuts' own witnesses, from one fixed seed: as good as a long random search at 3 modes."""


@judging(GENUINE)
def genuine_multipartite(state: GaussianState, modes: Sequence[str] | None = None) -> Witness:
    """Witness of genuine multipartite entanglement: (Var u + Var v)/min over cuts of the commutators; < 1 proves it.

    All modes are then entangled at once: the state is no mixture of states that are separable across one cut or
    another. Sufficient only, and found by a local search: a value ≥ 1 proves nothing. For two modes it is 2ν, ν the
    smallest PPT eigenvalue.

    Parameters
    ----------
    state : GaussianState
    modes : sequence of str, optional
        At least two; default all of the state.

    Returns
    -------
    Witness
        Value (biseparable ≥ 1), uncertainty, and the weights h, g with the bound 1.

    Raises
    ------
    InvalidInput
        Fewer than two modes, unknown modes, something that is not a state.
    Unphysical, Unresolved
        As `smallest_ppt_eigenvalue`.

    References
    ----------
    R. Y. Teh and M. D. Reid, Phys. Rev. A 90, 062337 (2014), Eq. (31); the general theory: P. Hyllus and J. Eisert,
    New J. Phys. 8, 51 (2006). Drawn in the figure `three-modes`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> pair = two_mode_squeezed(1.0, ["a", "b"])
    >>> float(genuine_multipartite(pair).value.round(9))  # e⁻²
    0.135335283
    >>> float(genuine_multipartite(pair.tensor(GaussianState.vacuum(["c"]))).value.round(6))  # only two of the three
    1.0
    """
    names = tuple(state.modes if modes is None and isinstance(state, GaussianState) else modes or ())
    if len(names) < 2:
        raise InvalidInput(f"multipartite entanglement is between at least two modes, got {names}")
    pair = parties(state, names[:1], names[1:])
    require_positive(pair.covariance, pair.error)
    cuts = bipartitions(names)
    signs = np.array([[1.0 if name in first else -1.0 for name in names] for first, _ in cuts])
    forms = np.repeat(signs, 2, axis=1)[:, :, None] * symplectic_form(len(names))
    batch = np.broadcast_shapes(pair.covariance.shape[:-2])
    covariance = flattened(pair.covariance, batch)
    h, g = _search(covariance, forms)
    bound = _bounds(h, g, forms).min(axis=-1)
    shape = (*batch, 2 * len(names))
    return weighed(
        pair,
        h.reshape(shape),
        g.reshape(shape),
        bound.reshape(batch),
        f"the multipartite witness of {', '.join(map(repr, names))}",
    )


def _search(covariance: FloatArray, forms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The best (h, g) of each lane, with equal variances: all starts at once, as further lanes."""
    lanes, size = covariance.shape[0], covariance.shape[-1]
    h, g = (np.concatenate(part) for part in zip(*_starts(covariance, forms), strict=True))
    count = len(h) // lanes
    many = np.tile(covariance, (count, 1, 1))
    inverse = np.asarray(np.linalg.inv(many), dtype=np.float64)
    best_h, best_g, best = h, g, _value(many, h, g, forms)
    for _ in range(ROUNDS):
        h = _improve(many, inverse, h, g, forms, left=True)
        g = _improve(many, inverse, g, h, forms, left=False)
        value = _value(many, h, g, forms)
        better = value < best
        best = np.where(better, value, best)
        best_h, best_g = (np.where(better[:, None], new, old) for new, old in ((h, best_h), (g, best_g)))
    chosen = np.argmin(best.reshape(count, lanes), axis=0) * lanes + np.arange(lanes)
    h, g = best_h[chosen], best_g[chosen]
    # One mode alone satisfies every cut with its own commutator: for lanes where no start found anything better.
    alone = ~(best[chosen] < 2 * np.sqrt(covariance[:, 0, 0] * covariance[:, 1, 1]))[:, None]
    h, g = np.where(alone, np.eye(size)[0], h), np.where(alone, np.eye(size)[1], g)
    ratio = np.sqrt(np.sqrt(_square(covariance, g) / _square(covariance, h)))[:, None]
    return h * ratio, g / ratio


def _starts(covariance: FloatArray, forms: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """The best pair of every single cut, and pairs of random quadratures of the normalised state."""
    for form in forms:
        vector = normal_modes(covariance, form, 0.0, count=1).vectors[..., 0]
        yield vector.real, vector.imag
    whitening = np.linalg.inv(np.linalg.cholesky(covariance))
    rng = np.random.default_rng(RANDOM_STARTS)
    for _ in range(RANDOM_STARTS):
        pair = rng.normal(size=(2, 1, 1, covariance.shape[-1])) @ whitening
        yield pair[0, :, 0], pair[1, :, 0]


def _improve(
    covariance: FloatArray, inverse: FloatArray, mine: FloatArray, other: FloatArray, forms: FloatArray, left: bool
) -> FloatArray:
    """min hᵀVh with M h ≥ 1, one row of M for each cut with its present sign, by its dual: λ ≥ 0, h = V⁻¹Mᵀλ."""
    rows = np.einsum("kij,lj->lki" if left else "kji,lj->lki", forms, other)
    present = np.einsum("lki,li->lk", rows, mine)
    rows = rows * np.where(present < 0, -1.0, 1.0)[..., None]
    solved = rows @ inverse
    gram = solved @ np.swapaxes(rows, -1, -2)
    diagonal = np.diagonal(gram, axis1=-2, axis2=-1)
    floor = np.finfo(np.float64).eps * diagonal.max(axis=-1, keepdims=True)
    damped = np.maximum(diagonal, floor)
    multiplier = np.zeros(rows.shape[:2])
    for _ in range(SWEEPS):
        for k in range(rows.shape[1]):
            slack = 1 - (gram[:, k] * multiplier).sum(axis=-1)
            multiplier[:, k] = np.maximum(0.0, multiplier[:, k] + slack / damped[:, k])
    answer = (multiplier[:, None, :] @ solved)[:, 0]
    length = np.sqrt(_square(covariance, answer))[:, None]
    scaled: FloatArray = np.where(length > 0, answer / np.where(length > 0, length, 1.0), mine)
    return scaled


def _bounds(h: FloatArray, g: FloatArray, forms: FloatArray) -> FloatArray:
    """|hᵀΩg|_A + |hᵀΩg|_B of every cut: the larger of |sum| and |difference| of the two parts; shape (lanes, cuts)."""
    total = np.einsum("li,ij,lj->l", h, symplectic_form(h.shape[-1] // 2), g)
    apart = np.einsum("li,kij,lj->lk", h, forms, g)
    bounds: FloatArray = np.maximum(np.abs(total)[:, None], np.abs(apart))
    return bounds


def _value(covariance: FloatArray, h: FloatArray, g: FloatArray, forms: FloatArray) -> FloatArray:
    """2√(Var u Var v)/bound, the ratio for weights scaled to equal variances; infinite where the bound vanishes."""
    bound = _bounds(h, g, forms).min(axis=-1)
    product = 2 * np.sqrt(_square(covariance, h) * _square(covariance, g))
    value: FloatArray = np.where(bound > 0, product / np.where(bound > 0, bound, 1.0), np.inf)
    return value


def _square(covariance: FloatArray, weights: FloatArray) -> FloatArray:
    square: FloatArray = (weights[:, None, :] @ covariance @ weights[:, :, None])[:, 0, 0]
    return square
