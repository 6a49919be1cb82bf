"""Small helpers for batched arrays: checked once, read-only afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InvalidInput

__all__ = [
    "FloatArray",
    "block_matrix",
    "common_batch",
    "flattened",
    "frozen",
    "stack_matrix",
    "symmetrised",
    "transpose",
]

FloatArray = NDArray[np.float64]


def frozen(values: ArrayLike, what: str) -> FloatArray:
    """Return a read-only float64 copy, refusing complex, NaN and infinite entries.

    Examples
    --------
    >>> frozen([1, 2], "the drift").dtype
    dtype('float64')
    """
    try:
        given = np.array(values)
        if given.dtype.kind not in "biufO":  # numbers, and Python objects that may be numbers
            raise TypeError(f"its entries are of the type {given.dtype}")
        array = given.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{what} must be an array of real numbers: {error}") from None
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0]
        raise InvalidInput(
            f"{what} has an entry that is not finite ({array[tuple(where)]} at {tuple(map(int, where))}); "
            "a model with NaN or infinite coefficients has no solution"
        )
    array.flags.writeable = False
    return array


def transpose(matrix: NDArray[Any]) -> NDArray[Any]:
    """Transpose the last two axes."""
    swapped: NDArray[Any] = np.swapaxes(matrix, -1, -2)
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
    return np.broadcast_to(matrix, batch + shape).reshape(math.prod(batch), *shape)


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
    """Assemble matrices from blocks with broadcasting leading dimensions (empty blocks welcome)."""
    leading = {f"block {i}, {j}": block.shape[:-2] for i, row in enumerate(blocks) for j, block in enumerate(row)}
    batch = common_batch(leading)
    spread = [[np.broadcast_to(block, batch + block.shape[-2:]) for block in row] for row in blocks]
    return np.concatenate([np.concatenate(row, axis=-1) for row in spread], axis=-2)
