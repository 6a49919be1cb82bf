"""A truncated number basis: which numbers of quanta are kept, and the ladder operators between them.

A box keeps fewer than Nᵢ quanta of every mode. Most of a box is empty: that *all* modes have many quanta at once is
unlikely. So a basis may also bound weighted sums, Σ wᵢ nᵢ/Nᵢ < h. The set stays closed under taking quanta away, and
because of that every normally ordered product of truncated ladder operators is exactly the truncated product.

Operators that are linear in the ladder operators are arrays of 2n coefficients, of a₁ … aₙ and then of a₁† … aₙ†;
quadratic ones are (2n, 2n) arrays of the coefficients of products of two, and constants do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import GaussianState, InvalidInput

__all__ = ["Basis", "adjoint", "second_moments", "suggested_basis"]

ComplexArray = NDArray[np.complex128]
Sparse = Any
"""A SciPy sparse array, which has no type that mypy knows."""

LARGEST_BOX = 4_000_000
"""Points of the box of dimensions that are listed at most; each costs a few bytes for a moment."""

FEWEST_LEVELS = 4
"""Levels that every mode keeps: two quanta, and one more at which the truncation can show."""

COLDEST = 1e-3
"""Occupation below which a mode is truncated as if it had this one."""


@dataclass(frozen=True, eq=False)
class Basis:
    """Number states that are kept.

    Parameters
    ----------
    dimensions : sequence of int
        Nᵢ: mode i has fewer than Nᵢ quanta.
    weights : array_like, shape (k, n), optional
        w of the bounds Σ wᵢ nᵢ/Nᵢ < h. None keep the whole box, the tensor product that QuTiP knows.
    heights : array_like, shape (k,), optional
        h.

    Examples
    --------
    >>> Basis([3, 3]).size, Basis([3, 3], [[1, 1]], [1.0]).size
    (9, 6)
    """

    dimensions: tuple[int, ...]
    weights: NDArray[np.float64]
    heights: NDArray[np.float64]

    def __init__(self, dimensions: Sequence[int], weights: ArrayLike = (), heights: ArrayLike = ()) -> None:
        sizes = tuple(int(size) for size in dimensions)
        if any(size < 1 for size in sizes):
            raise InvalidInput(f"dimensions are numbers of levels, positive integers, but {tuple(dimensions)} came")
        if prod(sizes) > LARGEST_BOX:
            raise InvalidInput(
                f"dimensions {sizes} span {prod(sizes):.3g} number states, and a density matrix of them would take "
                f"{16 * float(prod(sizes)) ** 2 / 2**30:.3g} GiB"
            )
        object.__setattr__(self, "dimensions", sizes)
        object.__setattr__(self, "weights", np.asarray(weights, dtype=np.float64).reshape(-1, len(sizes)))
        object.__setattr__(self, "heights", np.asarray(heights, dtype=np.float64))

    @cached_property
    def levels(self) -> NDArray[np.int64]:
        """Quanta of each mode in each state kept, shape (size, n): even total numbers first, then odd ones."""
        if not self.dimensions:
            return np.zeros((1, 0), dtype=np.int64)
        box = np.indices(self.dimensions).reshape(len(self.dimensions), -1).T
        scaled = box / np.array(self.dimensions)
        kept = np.ones(len(box), dtype=bool)
        for weight, height in zip(self.weights, self.heights, strict=True):
            kept &= scaled @ weight < height
        inside = box[kept]
        ordered: NDArray[np.int64] = inside[np.argsort(inside.sum(axis=1) % 2, kind="stable")]
        return ordered

    @property
    def size(self) -> int:
        """How many number states are kept."""
        return len(self.levels)

    @property
    def evens(self) -> int:
        """How many of them have an even total number of quanta: they stand first."""
        return int((self.levels.sum(axis=1) % 2 == 0).sum())

    @property
    def is_box(self) -> bool:
        """Whether the basis is a whole tensor product."""
        return self.size == prod(self.dimensions)

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Position of each point of the box among the levels, −1 where it is not kept, shape of the dimensions."""
        table = np.full(self.dimensions, -1, dtype=np.int64)
        table[tuple(self.levels.T)] = np.arange(self.size)
        return table

    @cached_property
    def ladder(self) -> list[Sparse]:
        """Truncated a₁ … aₙ, a₁† … aₙ† as sparse matrices."""
        from scipy import sparse

        lowering = []
        for mode in range(len(self.dimensions)):
            columns = np.flatnonzero(self.levels[:, mode])
            below = self.levels[columns].copy()
            below[:, mode] -= 1
            values = np.sqrt(self.levels[columns, mode])
            rows = self.places[tuple(below.T)]
            shape = (self.size, self.size)
            lowering.append(sparse.csr_array((values, (rows, columns)), shape=shape, dtype=np.complex128))
        return lowering + [operator.T.tocsr() for operator in lowering]

    @property
    def commutators(self) -> NDArray[np.float64]:
        """⟨n|[aᵢ, aᵢ†]|n⟩ of each mode in each state kept, without truncation: shape (n, size), 1 of oscillators."""
        return np.ones((len(self.dimensions), self.size))

    def linear(self, coefficients: ComplexArray) -> Sparse:
        """Σ cₐ Oₐ, truncated."""
        return _total((c * o for c, o in zip(coefficients, self.ladder, strict=True) if c != 0), self.size)

    def quadratic(self, coefficients: ComplexArray) -> Sparse:
        """Σ c_ab :OₐO_b:, normally ordered (so without its constant), truncated."""
        count = len(self.dimensions)
        parts = []
        for a, b in zip(*np.nonzero(coefficients), strict=True):
            # creation operators, the second half, stand left
            left, right = (a, b) if a >= count else (b, a)
            parts.append(coefficients[a, b] * (self.ladder[left] @ self.ladder[right]))
        return _total(parts, self.size)


def _total(parts: Any, size: int) -> Sparse:
    from scipy import sparse

    total = sparse.csr_array((size, size), dtype=np.complex128)
    for part in parts:
        total = total + part
    return total.tocsr()


def second_moments(
    amplitude: ComplexArray, pairs: ComplexArray, quanta: ComplexArray, commutators: ArrayLike = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and covariance of X = (a + a†)/√2, P = (a − a†)/(i√2) from normally ordered moments.

    These are exact for every state within the levels kept, while x² of a truncated x lacks half a quantum in the
    highest level.

    Parameters
    ----------
    amplitude : array, shape (…, n)
        ⟨aᵢ⟩.
    pairs, quanta : array, shape (…, n, n)
        ⟨aᵢaⱼ⟩ and ⟨aᵢ†aⱼ⟩.
    commutators : array_like, shape (…, n)
        ⟨[aᵢ, aᵢ†]⟩: 1 of an oscillator, ⟨J_x⟩/J of a spin. Half of it is the part of a variance that has no quanta.

    Returns
    -------
    mean : array, shape (…, 2n)
    covariance : array, shape (…, 2n, 2n)
    """
    count = amplitude.shape[-1]
    pairs = pairs - amplitude[..., :, None] * amplitude[..., None, :]
    quanta = quanta - amplitude.conj()[..., :, None] * amplitude[..., None, :]
    half = np.asarray(commutators)[..., None] * np.eye(count) / 2
    cross = (quanta + pairs).imag
    parts = [[(quanta + pairs).real + half, cross], [np.swapaxes(cross, -1, -2), (quanta - pairs).real + half]]
    # (quadrature, quadrature, …, mode, mode) to mode by mode
    covariance = np.moveaxis(np.array(parts), (0, 1), (-3, -1)).reshape(*amplitude.shape[:-1], 2 * count, 2 * count)
    mean = np.sqrt(2) * np.stack([amplitude.real, amplitude.imag], axis=-1).reshape(*amplitude.shape[:-1], 2 * count)
    return mean, (covariance + np.swapaxes(covariance, -1, -2)) / 2


def adjoint(coefficients: ComplexArray) -> ComplexArray:
    """Coefficients of L† from those of a linear L, along the last axis."""
    half = coefficients.shape[-1] // 2
    return np.roll(coefficients, half, axis=-1).conj()


def suggested_basis(
    state: GaussianState, decades: float, scale: Mapping[str, int] | None = None, fewest: Sequence[int] = ()
) -> Basis:
    """The basis that holds a zero-mean Gaussian state down to about 10^−decades of its probability.

    Where the probabilities' generating function G(z) = Σ P(n) z₁^n₁ … zₙ^nₙ = det[½(1+Z) + V(1−Z)]^{-1/2} converges,
    P(n) falls faster than z^−n. For a set of directions w the largest z = exp(s wλ) with a convergent G is found, λᵢ
    being that of mode i alone; each gives one bound of the basis. Modes without correlation get a simplex, modes whose
    quanta come in pairs nearly the box. A bad suggestion shows in the truncation record, not in the verdict.

    Parameters
    ----------
    state : GaussianState
    decades : float
        How far the probability falls along each axis, in powers of ten.
    scale : mapping, optional
        Dimensions to be taken instead of the suggested ones, by mode.
    fewest : sequence of int, optional
        Smallest dimension of each mode; default four.

    Examples
    --------
    >>> suggested_basis(GaussianState.thermal([1.0, 0.1], ["a", "b"]), 3).dimensions
    (10, 4)
    """
    blocks = [state.covariance[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] for i in range(len(state.modes))]
    rates = np.array([_decay(block) for block in blocks])
    sizes = np.maximum(np.ceil(decades * np.log(10) / rates), fewest or FEWEST_LEVELS).astype(int)
    for mode, size in (scale or {}).items():
        sizes[state.modes.index(mode)] = size
    weights, heights = [], []
    for weight in product((0.0, 0.5, 1.0), repeat=len(rates)):
        if sum(w > 0 for w in weight) > 1 and max(weight) == 1.0:
            weights.append(weight)
            heights.append(1 / _radius(state.covariance, np.array(weight) * rates))
    return Basis([int(size) for size in sizes], np.array(weights), np.array(heights))


def _decay(covariance: NDArray[np.float64]) -> float:
    """λ with P(n) ~ e^{−λn} of one mode: (v + ½)/(v − ½) = e^λ for the larger principal variance v."""
    quanta = max(float(np.linalg.eigvalsh(covariance)[-1]) - 0.5, COLDEST)
    return float(np.log1p(1 / quanta))


def _radius(covariance: NDArray[np.float64], direction: NDArray[np.float64]) -> float:
    """The largest s for which G(exp(s·direction)) converges, never above that of a single mode."""
    low, high = 0.0, 1 / np.max(direction / np.max(direction))
    unit = np.repeat(direction, 2)
    for _ in range(40):
        middle = (low + high) / 2
        z = np.exp(middle * unit)
        root = np.sqrt(np.maximum(z - 1, 0))
        # ½(1+Z) − V(Z−1) is positive exactly as long as the series converges
        inner = np.diag((1 + z) / 2) - root[:, None] * covariance * root
        low, high = (middle, high) if np.linalg.eigvalsh(inner)[0] > 0 else (low, middle)
    return max(low, 0.25)
