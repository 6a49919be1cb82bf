"""LAPACK over a batch, lane by lane: NaN where it gives up, where NumPy raises for the whole batch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray

__all__ = ["eigenvalues", "eigenvectors", "solved", "symmetric_eigenvalues"]

Numbers = TypeVar("Numbers", bound=NDArray[Any])
"""Real or complex arrays."""


def solved(matrix: Numbers, right: Numbers) -> Numbers:
    """X of M X = R, shapes (…, m, m) and (…, m, q); NaN where M is singular.

    Examples
    --------
    >>> solved(np.array([[[2.0]], [[0.0]]]), np.ones((2, 1, 1))).ravel()
    array([0.5, nan])
    """
    answer: Numbers = _each(np.linalg.solve, right.shape[-2:], None, matrix, right)
    return answer


def eigenvalues(matrix: FloatArray) -> NDArray[np.complex128]:
    """Eigenvalues of matrices (…, m, m), shape (…, m); NaN where they are not found.

    Examples
    --------
    >>> eigenvalues(np.array([[[1.0]], [[np.inf]]])).ravel()
    array([ 1.+0.j, nan+0.j])
    """
    values: NDArray[np.complex128] = _each(np.linalg.eigvals, matrix.shape[-1:], np.complex128, matrix)
    return values


def symmetric_eigenvalues(matrix: FloatArray) -> FloatArray:
    """Eigenvalues of symmetric matrices (…, m, m) in increasing order, shape (…, m); NaN where they are not found.

    Examples
    --------
    >>> symmetric_eigenvalues(np.array([[[2.0, 1.0], [1.0, 2.0]], [[np.inf, 1.0], [1.0, 2.0]]])).round(9)
    array([[ 1.,  3.],
           [nan, nan]])
    """
    values: FloatArray = _each(np.linalg.eigvalsh, matrix.shape[-1:], np.float64, matrix)
    return values


def eigenvectors(matrix: FloatArray) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Eigenvalues (…, m) and eigenvectors (…, m, m); NaN where they are not found.

    Examples
    --------
    >>> values, vectors = eigenvectors(np.array([[[1.0]], [[np.nan]]]))
    >>> vectors.real.ravel()
    array([ 1., nan])
    """

    def both(one: FloatArray) -> NDArray[Any]:
        values, vectors = np.linalg.eig(one)
        return np.concatenate([values[..., None, :], vectors], axis=-2)

    rows, columns = matrix.shape[-2:]
    found = _each(both, (rows + 1, columns), np.complex128, matrix)
    return found[..., 0, :], found[..., 1:, :]


def _each(function: Callable[..., NDArray[Any]], core: tuple[int, ...], dtype: Any, *arguments: NDArray[Any]) -> Any:
    """The function of the whole batch, or where that raises of each lane; without a type in that of the arguments."""
    try:
        answer = function(*arguments)
        return answer if dtype is None else answer.astype(dtype, copy=False)
    except np.linalg.LinAlgError:
        dtype = np.result_type(*arguments) if dtype is None else dtype
    batch = np.broadcast_shapes(*[argument.shape[:-2] for argument in arguments])
    lanes = [np.broadcast_to(argument, batch + argument.shape[-2:]) for argument in arguments]
    answer = np.full(batch + core, np.nan, dtype=dtype)
    for lane in np.ndindex(batch):
        with contextlib.suppress(np.linalg.LinAlgError):
            answer[lane] = function(*[argument[lane] for argument in lanes])
    return answer
