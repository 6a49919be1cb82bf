"""Small helpers for batched arrays: checked once, read-only afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InvalidInput

__all__ = ["FloatArray", "block_matrix", "frozen", "stack_matrix", "symmetrised", "transpose"]

FloatArray = NDArray[np.float64]


def frozen(values: ArrayLike, what: str) -> FloatArray:
    """Return a read-only float64 copy, refusing complex, NaN and infinite entries."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
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


def stack_matrix(rows: Sequence[Sequence[ArrayLike]]) -> FloatArray:
    """Assemble matrices from scalar entries that may each be a batch: shape (…, rows, columns).

    Examples
    --------
    >>> stack_matrix([[1.0, [2.0, 3.0]]]).shape
    (2, 1, 2)
    """
    columns = len(rows[0]) if rows else 0
    entries = np.broadcast_arrays(*[np.asarray(entry, dtype=np.float64) for row in rows for entry in row])
    stacked = np.stack(entries, axis=-1)
    return stacked.reshape(*stacked.shape[:-1], len(rows), columns)


def block_matrix(blocks: Sequence[Sequence[FloatArray]]) -> FloatArray:
    """Assemble matrices from blocks with broadcasting leading dimensions (empty blocks welcome)."""
    batch = np.broadcast_shapes(*[block.shape[:-2] for row in blocks for block in row])
    spread = [[np.broadcast_to(block, batch + block.shape[-2:]) for block in row] for row in blocks]
    return np.concatenate([np.concatenate(row, axis=-1) for row in spread], axis=-2)
