"""Poles: which of them decay, and which of those that do not are watched.

A cascade has a block-triangular drift; each strongly connected block is diagonalised by itself, so that equal poles of
two systems in a cascade (a defective matrix) keep their digits.  Each lane of a batch has its own blocks: its poles do
not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .lapack import eigenvalues
from .rounding import ROUNDING

__all__ = ["Hidden", "Spectrum", "blocks", "dominant", "hidden", "spectrum"]

SLACK = 10 * ROUNDING
"""Rounding of a pole, relative to the block that it belongs to and to its rows."""

SHOWN = float(np.sqrt(ROUNDING))
"""Amplitude of a motion in a record, relative to the root of the largest rate, from which on it is shown."""


class Spectrum(NamedTuple):
    """Poles, and how far rounding may have moved them; shapes (N, n)."""

    poles: NDArray[np.complex128]
    slack: FloatArray

    @property
    def lasting(self) -> NDArray[np.bool_]:
        """Which poles do not decay, beyond rounding; NaN for those that LAPACK did not find is not one of them."""
        lasting: NDArray[np.bool_] = self.poles.real >= -self.slack
        return lasting


def spectrum(drift: FloatArray) -> Spectrum:
    """Eigenvalues of lanes (N, n, n), block by block.

    Examples
    --------
    >>> spectrum(np.array([[[0.0, 1.0], [-1.0, 0.0]]])).lasting
    array([[ True,  True]])
    """
    found = Spectrum(np.zeros(drift.shape[:-1], dtype=np.complex128), np.zeros(drift.shape[:-1]))
    for lanes, parts in _alike(drift):
        for block in parts:
            own = drift[lanes[:, None, None], block[:, None], block]
            found.poles[lanes[:, None], block] = eigenvalues(own)
            rounding = SLACK * len(block) * (len(block) > 1)  # a block of one row is its pole
            found.slack[lanes[:, None], block] = rounding * np.abs(own).sum(axis=-1).max(axis=-1)[:, None]
    return found


def blocks(drift: FloatArray) -> list[NDArray[np.intp]]:
    """Index sets of the strongly connected blocks of one drift (n, n)."""
    size = drift.shape[-1]
    reach = (drift != 0) | np.eye(size, dtype=bool)
    for _ in range(max(1, size.bit_length())):
        reach = (reach.astype(np.float64) @ reach.astype(np.float64)) > 0
    both = reach & reach.T
    return [np.flatnonzero(row) for i, row in enumerate(both) if np.flatnonzero(row)[0] == i]


def dominant(drift: FloatArray, pole: complex, place: int) -> int:
    """The quadrature that moves most at a pole of the block at `place` of one drift (n, n): not one that it drives."""
    block = next(block for block in blocks(drift) if place in block)
    values, vectors = np.linalg.eig(drift[block[:, None], block])
    return int(block[np.argmax(np.abs(vectors[:, int(np.argmin(np.abs(values - pole)))]))])


class Hidden(NamedTuple):
    """Poles with their slack, where they neither decay nor are shown, and the quadratures that move most; (N, n)."""

    poles: NDArray[np.complex128]
    slack: FloatArray
    where: NDArray[np.bool_]
    place: NDArray[np.intp]


def hidden(drift: FloatArray, measured: FloatArray, variances: FloatArray) -> Hidden:
    """Which poles of lanes (N, …) neither decay nor are shown by records of rows H (N, k, n) with noise (N, k).

    By the test of Popov, Belevitch and Hautus: a motion v at the pole λ is hidden if (A − λ)v = 0 and H v = 0.

    Examples
    --------
    A free particle whose momentum is looked at drifts anywhere:

    >>> free = np.array([[[0.0, 1.0], [0.0, 0.0]]])
    >>> hidden(free, np.array([[[0.0, 1.0]]]), np.ones((1, 1)))[2:]
    (array([[ True,  True]]), array([[0, 0]]))
    """
    found = spectrum(drift)
    unseen, place = found.lasting, np.zeros(drift.shape[:-1], dtype=np.intp)
    largest = np.maximum(np.abs(drift).max(axis=(-2, -1), initial=0.0), np.finfo(np.float64).tiny)[:, None, None]
    shown = measured / np.sqrt(variances[..., None] * largest)
    unseen &= np.isfinite(shown).all(axis=(-2, -1))[:, None]
    for number in range(drift.shape[-1]):
        lanes = np.flatnonzero(unseen[:, number])
        turned = (drift[lanes] - found.poles[lanes, number, None, None] * np.eye(drift.shape[-1])) / largest[lanes]
        _, sizes, motions = np.linalg.svd(np.concatenate([turned, shown[lanes]], axis=-2), full_matrices=False)
        unseen[lanes, number] = sizes[:, -1] < SHOWN
        place[lanes, number] = np.abs(motions[:, -1]).argmax(axis=-1)
    return Hidden(*found, unseen, place)


def _alike(drift: FloatArray) -> Iterator[tuple[NDArray[np.intp], list[NDArray[np.intp]]]]:
    """Lanes with the same pattern of zeros, and its blocks."""
    if not drift.size:
        return
    pattern = (drift != 0).reshape(len(drift), -1)
    if (pattern == pattern[0]).all():
        yield np.arange(len(drift)), blocks(drift[0])
        return
    packed = np.packbits(pattern, axis=1)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    for number, one in enumerate(first):
        yield np.flatnonzero(group.ravel() == number), blocks(drift[one])
