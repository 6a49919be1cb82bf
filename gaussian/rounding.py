"""What the rounding of a model's own numbers does to its covariance.

A V that solves its equation to the last digit is still only as good as the matrices of the equation: A, D = B N Bᵀ and
those of the records are rounded to floats when they are formed, and sums that nearly cancel (squeezed light, detected)
lose digits.  To first order a change E of the equation's left side moves V by δV with

    F δV + δV Fᵀ + E = 0,   F = A − K H   (K = 0 without records),

    |E| ≤ ε (P + Pᵀ),   P = (|A| + |K| H̄) |V| + d ωᵀ,   d = β + |K| δ,   ω = β + |K| τ,

where β, τ, δ and H̄ are the sizes of what was summed, before it cancelled (`Sizes`); the change of the gain counts in
second order, δM R⁻¹ δMᵀ with |δM| ≤ ε (|V| H̄ᵀ + β δᵀ), which is all there is where the first order vanishes.  The
signs of roundings are not known: a few patterns of signs are tried, and the largest δV is the estimate.  Of thousands
of networks with up to 20 dB of squeezed light none had a true error, found with 50 digits, of more than three times the
estimate; half of them had less than a fifteenth of it.

Operators alone are used: the arrays may be those of NumPy or of JAX.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, transpose

__all__ = ["DRAWS", "ROUNDING", "SHARE", "Sizes", "disturbance", "disturbances", "norms", "signs"]

DRAWS = 3
"""Patterns of signs: one may happen to cancel what the roundings do."""

ROUNDING = float(np.finfo(np.float64).eps)
"""Spacing of floats at 1: added to every estimate, since V is rounded whatever the size of the last step."""

SHARE = ROUNDING / 3
"""ε, the rounding of a number as a rule; the most is half the spacing."""


class Sizes(NamedTuple):
    """What was summed up to the noises of a model; the sums themselves may be smaller.

    `process` (…, n, 1): β, norms of the rows of B √N; `record` (…, k, 1): τ, those of the records' noise; `summed`
    (…, k, 1): δ, the same before the detected quadrature was formed; `seen` (…, k, n): |H| likewise.
    """

    process: FloatArray
    record: FloatArray
    summed: FloatArray
    seen: FloatArray

    def lanes(self, chosen: NDArray[np.intp] | slice) -> Sizes:
        """Those of some lanes, of shapes (N, …)."""
        return Sizes(*[part[chosen] for part in self])


def norms(rows: FloatArray, noise: FloatArray) -> FloatArray:
    """√(Σ_j |W_ij|² ν_j), ν the sums of the rows of |N|, shape (…, i, 1): their products bound |W||N||W|ᵀ.

    Examples
    --------
    >>> norms(np.array([[3.0, 4.0]]), np.eye(2))
    array([[5.]])
    """
    size: FloatArray = ((rows * rows) @ abs(noise).sum(axis=-1)[..., None]) ** 0.5
    return size


@lru_cache(maxsize=64)
def signs(size: int) -> FloatArray:
    """Symmetric patterns of ±1, shape (DRAWS, n, n): all +1, then as if by chance, always the same.

    Examples
    --------
    >>> signs(2)[1].tolist()
    [[-1.0, -1.0], [-1.0, 1.0]]
    """
    place = np.arange(size)
    low, high = np.minimum(place[:, None], place), np.maximum(place[:, None], place)
    draw = np.arange(DRAWS)[:, None, None]
    mixed = (7 * (low + 2) ** 3 + (11 + 4 * draw) * (high + 3) ** 2 + 13 * draw * low * high) % 37 % 2
    pattern: FloatArray = np.where((mixed == 1) | (draw == 0), 1.0, -1.0)
    return pattern


def disturbance(drift: FloatArray, covariance: FloatArray, process: FloatArray) -> FloatArray:
    """E without records and with all signs +1, which suffice there; shapes (…, n, n)."""
    return _both(abs(drift) @ abs(covariance), process, process)


def disturbances(
    drift: FloatArray, covariance: FloatArray, gain: FloatArray, sizes: Sizes, noise: FloatArray
) -> FloatArray:
    """E for each pattern of signs, shape (DRAWS, …, n, n); `noise` is R."""
    learnt, size = abs(gain), abs(covariance)
    told = sizes.seen @ size
    left, right = sizes.process + learnt @ sizes.summed, sizes.process + learnt @ sizes.record
    first = _both(abs(drift) @ size + learnt @ told, left, right)
    missed = SHARE * (told + sizes.summed * transpose(sizes.process))
    second = transpose(missed / noise.diagonal(0, -2, -1)[..., None]) @ missed
    pattern = signs(drift.shape[-1])
    changes: FloatArray = pattern.reshape(DRAWS, *[1] * (drift.ndim - 2), *pattern.shape[1:]) * first + second
    return changes


def _both(moved: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    total = moved + left * transpose(right)
    both: FloatArray = SHARE * (total + transpose(total))
    return both
