"""Small helpers for batched arrays: checked once, read-only afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InvalidInput

__all__ = [
    "FloatArray",
    "block_matrix",
    "common_batch",
    "flattened",
    "frozen",
    "sealed",
    "stack_matrix",
    "symmetrised",
    "transpose",
]

FloatArray = NDArray[np.float64]

SMALL = 1000
"""Entries below which an array of answers costs less than to silence warnings."""


def frozen(values: ArrayLike, what: str) -> FloatArray:
    """Return a read-only float64 copy, refusing complex, NaN and infinite entries.

    What is `sealed` (read-only, and no view of another array) is checked and not copied: nobody else writes to it.

    Examples
    --------
    >>> frozen([1, 2], "the drift").dtype
    dtype('float64')
    """
    try:
        given: NDArray[Any] = values if _is_sealed(values) else np.array(values)
        if given.dtype.kind not in "biufO":  # numbers, and Python objects that may be numbers
            raise TypeError(f"its entries are of the type {given.dtype}")
        array = given.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{what} must be an array of real numbers: {error}") from None
    if not _finite(array):
        where = np.argwhere(~np.isfinite(array))[0]
        raise InvalidInput(
            f"{what} has an entry that is not finite ({array[tuple(where)]} at {tuple(map(int, where))}); "
            "a model with NaN or infinite coefficients has no solution"
        )
    array.flags.writeable = False
    return array


def sealed(values: FloatArray) -> FloatArray:
    """Make a freshly computed array read-only, so that objects take it without a copy.

    Examples
    --------
    >>> matrix = sealed(np.eye(2))
    >>> frozen(matrix, "the drift") is matrix
    True
    """
    if values.base is None:
        values.flags.writeable = False
    return values


def _is_sealed(values: ArrayLike) -> TypeGuard[FloatArray]:
    fixed = isinstance(values, np.ndarray) and values.dtype == np.float64
    return fixed and not values.flags.writeable and values.base is None  # type: ignore[union-attr]


def _finite(array: FloatArray) -> bool:
    """Whether all entries are finite. Their sum tells it without an array of answers, unless it overflows."""
    if array.size < SMALL:
        return bool(np.isfinite(array).all())
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(array.sum()) or bool(np.isfinite(array).all())


def transpose(matrix: NDArray[Any]) -> NDArray[Any]:
    """Transpose the last two axes."""
    swapped: NDArray[Any] = matrix.swapaxes(-1, -2)
    return swapped


def symmetrised(matrix: NDArray[Any]) -> NDArray[Any]:
    """Return ½(M + Mᵀ) over the last two axes."""
    symmetric: NDArray[Any] = (matrix + transpose(matrix)) / 2
    return symmetric


def common_batch(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The batch that leading dimensions broadcast to; the error says which of the named ones do not fit.

    Examples
    --------
    >>> common_batch({"system": (3, 1), "detector": (4,)})
    (3, 4)
    """
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        listing = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise InvalidInput(
            f"the leading (batch) dimensions do not broadcast: {listing}; from the last on they must be equal or 1"
        ) from None


def flattened(matrix: FloatArray, batch: tuple[int, ...]) -> FloatArray:
    """Broadcast to a batch of matrices and make that one axis: shape (lanes, rows, columns)."""
    shape = matrix.shape[-2:]
    whole = matrix if matrix.shape[:-2] == batch else np.broadcast_to(matrix, batch + shape)
    return whole.reshape(math.prod(batch), *shape)


def stack_matrix(rows: Sequence[Sequence[ArrayLike]]) -> FloatArray:
    """Assemble matrices from scalar entries that may each be a batch: shape (…, rows, columns).

    Examples
    --------
    >>> stack_matrix([[1.0, [2.0, 3.0]]]).shape
    (2, 1, 2)
    """
    columns = len(rows[0]) if rows else 0
    entries = [np.asarray(entry, dtype=np.float64) for row in rows for entry in row]
    batch = common_batch({f"entry {i}": entry.shape for i, entry in enumerate(entries)})
    entries = [np.broadcast_to(entry, batch) for entry in entries]
    stacked = np.stack(entries, axis=-1)
    return stacked.reshape(*stacked.shape[:-1], len(rows), columns)


def block_matrix(blocks: Sequence[Sequence[FloatArray]]) -> FloatArray:
    """Assemble matrices from blocks with broadcasting leading dimensions (empty blocks welcome).

    Blocks of one leading shape are put together first, and the sums of these, with zeros elsewhere, are the whole: one
    pass over a large batch, where each block copied into it would be a pass of many short rows.
    """
    leading = {f"block {i}, {j}": block.shape[:-2] for i, row in enumerate(blocks) for j, block in enumerate(row)}
    batch = common_batch(leading)
    heights, widths = [row[0].shape[-2] for row in blocks], [block.shape[-1] for block in blocks[0]]
    parts: dict[tuple[int, ...], FloatArray] = {}
    top = 0
    for row, height in zip(blocks, heights, strict=True):
        left = 0
        for block, width in zip(row, widths, strict=True):
            if block.shape[-2:] != (height, width):
                raise InvalidInput(f"blocks do not fit: {[[block.shape for block in row] for row in blocks]}")
            if block.size and (block.ndim > 2 or block.any()):  # the many empty blocks of a batch cost nothing
                shape = block.shape[:-2]
                if shape not in parts:
                    parts[shape] = np.zeros((*shape, sum(heights), sum(widths)))
                parts[shape][..., top : top + height, left : left + width] = block
            left += width
        top += height
    whole = np.zeros((1,) * len(batch) + (sum(heights), sum(widths)))
    for part in sorted(parts.values(), key=np.size):
        whole = whole + part
    if whole.shape[:-2] != batch:
        whole = np.broadcast_to(whole, batch + whole.shape[-2:]).copy()
    return sealed(whole)
