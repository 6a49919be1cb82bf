"""Rows of the resolvent, C(−iω − A)⁻¹, solved and refined, and what rounding of the model does to them.

A, B, C, D hold rounded numbers: a relative change by ε of each entry is within what they mean. To first order it
changes z = c(−iω − A)⁻¹ by at most ε(|z||A| + |c|)|(−iω − A)⁻¹|, entry by entry, which is much near a narrow pole and
little elsewhere, whatever the scales of the modes. One step of iterative refinement makes the rounding of the solution
no larger than that (Skeel, Math. Comp. 35, 817 (1980)), so that one number is the error of both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .errors import InvalidInput

__all__ = ["ComplexArray", "SolvedRows", "solve_rows", "solved"]

ComplexArray = NDArray[np.complex128]

ROUNDING = float(np.finfo(np.float64).eps)
"""ε: an entry of a model is the result of a few roundings, of half a unit in the last place each."""


class SolvedRows(NamedTuple):
    """Z = C(−iω − A)⁻¹, shape (…, k, n), with its inverse matrix (…, n, n) and ε(|Z||−iω − A| + |C|), (…, k, n)."""

    rows: ComplexArray
    inverse: ComplexArray
    rounding: FloatArray

    def response_error(self, column: NDArray[Any], magnitude: FloatArray) -> FloatArray:
        """What ε does to Z column, shape (…, k): to A, C, and to the column, whose terms have this magnitude.

        `column` and `magnitude`, shape (…, n). Terms that cancel in (−iω − A)⁻¹column cancel here.
        """
        moved = np.abs((self.inverse @ column[..., None])[..., 0])
        error: FloatArray = _times(self.rounding, moved) + ROUNDING * _times(np.abs(self.rows), magnitude)
        return error

    def transfer_error(self, drive: FloatArray, through: FloatArray) -> FloatArray:
        """What ε does to Z B + D at most, entry by entry, shape (…, k, 2m)."""
        rows = self.rounding @ np.abs(self.inverse) + ROUNDING * np.abs(self.rows)
        error: FloatArray = rows @ np.abs(drive) + ROUNDING * np.abs(through)
        return error


def solve_rows(
    drift: FloatArray, seen: FloatArray, frequency: FloatArray, size: FloatArray | None = None
) -> SolvedRows:
    """Rows C of shape (…, k, n) times (−iω − A)⁻¹; the leading dimensions broadcast with the shape of ω.

    `size`: that of the terms that C is a sum of, |C| if not given.

    Raises
    ------
    InvalidInput
        An undamped pole lies at one of the frequencies.

    Examples
    --------
    >>> solve_rows(np.array([[-1.0]]), np.array([[2.0]]), np.array([0.0, 1.0])).rows[:, 0, 0]
    array([2.+0.j, 1.+1.j])
    """
    matrix = -1j * frequency[..., None, None] * np.eye(drift.shape[-1]) - drift
    try:
        inverse: ComplexArray = np.asarray(np.linalg.inv(matrix), dtype=np.complex128)
    except np.linalg.LinAlgError:
        raise _divergence() from None
    rows: ComplexArray = np.asarray(seen @ inverse, dtype=np.complex128)
    rows = rows + (seen - rows @ matrix) @ inverse
    rounding: FloatArray = ROUNDING * (np.abs(rows) @ np.abs(matrix) + (np.abs(seen) if size is None else size))
    return SolvedRows(rows, inverse, rounding)


def solved(matrix: NDArray[Any], columns: NDArray[Any]) -> ComplexArray:
    """Matrix⁻¹ columns over broadcast leading dimensions.

    Raises
    ------
    InvalidInput
        A matrix is singular.

    Examples
    --------
    >>> solved(np.array([[2j]]), np.array([[1.0]]))
    array([[0.-0.5j]])
    """
    batch = np.broadcast_shapes(matrix.shape[:-2], columns.shape[:-2])
    try:
        answer = np.linalg.solve(matrix, np.broadcast_to(columns, batch + columns.shape[-2:]))
    except np.linalg.LinAlgError:
        raise _divergence() from None
    return answer.astype(np.complex128, copy=False)


def _divergence() -> InvalidInput:
    return InvalidInput(
        "the response diverges: an undamped pole lies exactly at one of the frequencies; add damping or leave "
        "that frequency out"
    )


def _times(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    product: FloatArray = (matrix @ vector[..., None])[..., 0]
    return product
