"""What a record tells over a time, and over twice that time: the doubling of filters.

Over any time t the map of covariances is V ↦ Ω + Φ V (1 + Γ V)⁻¹ Φᵀ, with Γ what the record has told about the
beginning and Ω what is unknown at the end when all was known at the beginning.  Two such maps after each other are a
third; doubled again and again, Φ vanishes and Ω becomes the stationary conditional covariance, whatever the drift, if
what grows is watched (the structure-preserving doubling of Chu, Fan & Lin, Linear Algebra Appl. 396, 55 (2005)).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .arrays import FloatArray, symmetrised, transpose
from .lapack import solved

__all__ = ["Filter", "balance", "left", "stationary", "twice"]

DOUBLINGS = 60
"""Rates that differ by 2⁵⁰ are settled after so many."""

VANISHED = 1e-2
"""Φ, in units of the standard deviations, from which on Newton's iteration adds what is missing, of the order Φ⁴."""

SLOWEST = 1e-3
"""Least rate of Cayley's transformation in units of the fastest rate."""

BESIDE = 1.618
"""The rate in units of that of the slowest row, which by itself may be a pole that grows."""


class Filter(NamedTuple):
    """Φ − 1 (so that slow rates keep their digits beside the 1), Γ and Ω; shapes (…, n, n)."""

    change: FloatArray
    known: FloatArray
    spread: FloatArray


Divide = Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""M⁻¹X and M⁻¹Y of M, X and Y."""


def divided(matrix: FloatArray, first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """M⁻¹X and M⁻¹Y, by NumPy; NaN where M is singular."""
    both = solved(matrix, np.concatenate([first, second], axis=-1))
    return both[..., : first.shape[-1]], both[..., first.shape[-1] :]


def twice(given: Filter, divide: Divide = divided) -> Filter:
    """The same for twice the time. Operators alone are used, and `divide`: the arrays may be those of JAX.

    Examples
    --------
    A random walk, looked at all the time:

    >>> one = np.ones((1, 1))
    >>> [float(part[0, 0].round(6)) for part in twice(Filter(0 * one, 0.1 * one, 0.1 * one))]
    [-0.009901, 0.19901, 0.19901]
    """
    change, known, spread = given
    one = np.eye(change.shape[-1])
    forward = one + change
    less, through = divide(one + spread @ known, spread, forward)
    return Filter(
        2 * change + change @ change - forward @ spread @ known @ through,
        symmetrised(known + transpose(forward) @ known @ through),
        symmetrised(spread + forward @ less @ transpose(forward)),
    )


def stationary(drift: FloatArray, diffusion: FloatArray, information: FloatArray) -> FloatArray:
    """The stationary Ω of lanes (N, n, n): Ã, D̃ and HᵀR⁻¹H of a record whose noise is its own.

    A first solution, for Newton's iteration to end; NaN or anything where what grows is not watched.

    Examples
    --------
    Growth at the rate 1 that is watched, 2V + 1 = V²:

    >>> one = np.ones((1, 1, 1))
    >>> stationary(one, one, one).ravel().round(6)
    array([2.414214])
    """
    unit = balance(diffusion, information)
    source, told = diffusion / unit, information * unit
    now = _begun(drift, source, told)
    best = np.full_like(drift, np.nan)
    waiting = np.ones(len(drift), dtype=bool)
    for _ in range(DOUBLINGS):
        before, now = now, twice(now)
        best[waiting] = now.spread[waiting]  # later doublings do not touch it: a lane does not know its neighbours
        waiting &= left(before, now.spread) >= VANISHED
        if not waiting.any():
            break
    return best * unit


def left(given: Filter, covariance: FloatArray) -> FloatArray:
    """The largest entry of Φ, in units of the standard deviations, shape (…): what is remembered of the beginning."""
    deviation = abs(covariance.diagonal(0, -2, -1)) ** 0.5
    forward = given.change + np.eye(covariance.shape[-1])
    largest: FloatArray = abs(forward * deviation[..., None, :] / deviation[..., :, None]).max(
        axis=(-2, -1), initial=0.0
    )
    return largest


def balance(diffusion: FloatArray, information: FloatArray) -> FloatArray:
    """Units of V, shape (…, 1, 1), in which the noise and what is told about it are of the same size."""
    spread, told = _norm(diffusion), _norm(information)
    both = (spread > 0) & (told > 0)
    unit: FloatArray = np.sqrt(np.where(both, spread, 1.0) / np.where(both, told, 1.0))[..., None, None]
    return unit


def _begun(drift: FloatArray, source: FloatArray, told: FloatArray) -> Filter:
    """Cayley's transformation, whose doublings have the same fixed point; its rate is that of the slowest rows."""
    size = drift.shape[-1]
    rows = np.abs(drift).sum(axis=-1)
    fastest = rows.max(axis=-1) + np.sqrt(_norm(source) * _norm(told))
    rate = np.maximum(BESIDE * rows.min(axis=-1), SLOWEST * fastest)[:, None, None]
    rate = np.where(rate > 0, rate, 1.0)
    one = np.broadcast_to(np.eye(size), drift.shape)
    inverse = solved(drift - rate * one, one)
    moved = inverse @ source
    change = 2 * rate * solved(drift - rate * one + transpose(moved) @ told, one)
    known = transpose(inverse) @ told @ change
    return Filter(change, symmetrised(known), symmetrised(change @ transpose(moved)))


def _norm(matrix: FloatArray) -> FloatArray:
    norm: FloatArray = np.abs(matrix).sum(axis=-1).max(axis=-1, initial=0.0)
    return norm
