"""Transfer functions of one row from poles and residues: T(ω) = Σ_k c_k b_kᵀ/(−iω − λ_k) + D.

With A = X Λ X⁻¹ every further frequency costs n divisions and a small product, fifty times less than a linear solve.
Near an exceptional point X is singular and its digits are lost: the rows are compared with solves where they are most
sensitive, at the frequencies nearest to the poles and at the ends, and given up where they differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .system import LinearSystem

__all__ = ["row_response"]

ENOUGH = 64
"""Frequencies from which the eigenvectors and the check pay."""

AGREEMENT = 1e-10
"""Largest difference from a solve, relative to the largest entry of the row at that frequency."""

CONDITION = 1e8
"""Largest condition number of the eigenvectors that is tried: beyond, half of the digits are gone."""


def row_response(system: LinearSystem, frequency: FloatArray, row: FloatArray) -> NDArray[np.complex128] | None:
    """Row times (−iω − A)⁻¹B at many frequencies of one system, shape (frequencies…, 1, 2m); None where it fails.

    Parameters
    ----------
    system : LinearSystem
        Not a batch.
    frequency : array
        ω in rad/s, any shape.
    row : array, shape (1, 2n)

    Examples
    --------
    >>> cavity = LinearSystem(-np.eye(2), np.eye(2), np.eye(2), np.eye(2))
    >>> row_response(cavity, np.linspace(0.0, 1.0, 101), np.array([[1.0, 0.0]]))[100, 0]
    array([0.5+0.5j, 0. +0.j ])
    """
    drift = system.drift
    if drift.ndim > 2 or row.ndim > 2 or system.input_matrix.ndim > 2 or frequency.size < ENOUGH or not drift.size:
        return None
    poles, vectors = np.linalg.eig(drift)
    if not np.linalg.cond(vectors) < CONDITION:
        return None
    seen, driven = (row @ vectors)[0], np.linalg.solve(vectors, system.input_matrix)
    omega = frequency.reshape(-1)

    def response(at: FloatArray) -> NDArray[np.complex128]:
        answer: NDArray[np.complex128] = (seen / (-1j * at[:, None] - poles)) @ driven
        return answer

    critical = omega[_critical(omega, poles)]
    try:
        exact = row @ np.linalg.solve(-1j * critical[:, None, None] * np.eye(len(poles)) - drift, system.input_matrix)
    except np.linalg.LinAlgError:  # a pole lies at a frequency: who solves has the words for it
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.abs(response(critical) - exact[:, 0])
        if not (difference <= AGREEMENT * np.abs(exact[:, 0]).max(axis=-1, keepdims=True)).all():
            return None
        return response(omega).reshape(*frequency.shape, 1, -1)


def _critical(omega: FloatArray, poles: NDArray[np.complex128]) -> NDArray[np.intp]:
    """The frequencies nearest to the poles, the first, the middle and the last."""
    order = np.argsort(omega)
    place = np.searchsorted(omega[order], poles.imag).clip(1, len(omega) - 1)
    near = np.concatenate([order[place - 1], order[place]])
    return np.unique(np.concatenate([near, [0, len(omega) // 2, len(omega) - 1]]))
