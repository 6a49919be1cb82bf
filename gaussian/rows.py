"""Transfer functions of one row, c(−iω − A)⁻¹B: what one detector sees, at many frequencies.

The row is a solution z of zᵀ(−iω − A) = c. In the basis that c, cA, cA², … span one after the other, made orthonormal
(Arnoldi), Aᵀ is a Hessenberg matrix H, c is β times the first vector, and all equations but the first,

    h_{j,j−1} y_{j−1} = −(iω + h_jj) y_j − Σ_{k>j} h_jk y_k,

give y from its last entry up; the first one gives the scale. That is n²/2 multiplications a frequency instead of a
factorisation, done for many frequencies at a time. Each equation holds to rounding of its own terms, so that y solves
a problem with a slightly different H, near exceptional points as elsewhere (there the residues of poles lose all
digits). What that costs is most where a pole is near, and narrow: there the rows are compared with solves, and where
they differ solves are used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, flattened, transpose
from .errors import InvalidInput

__all__ = ["row_response", "solved"]

ComplexArray = NDArray[np.complex128]

ENOUGH = 128
"""Frequencies from which the basis and the check pay (measured)."""

AGREEMENT = 1e-10
"""Largest difference from a solve, relative to the largest entry of the row at that frequency."""

SAMPLES = 8
"""Frequencies that are compared besides those next to the poles, spread evenly."""

UNSEEN = 4 * float(np.finfo(np.float64).eps)
"""A new direction of the basis below this part of A is rounding: the row sees no more."""

DOUBLES = 20_000
"""Complex numbers of a piece of work: it stays in the second-level cache."""


def row_response(drift: FloatArray, drive: FloatArray, row: FloatArray, frequency: FloatArray) -> ComplexArray:
    """Row times (−iω − A)⁻¹B, shape (batch…, frequencies…, 1, 2m).

    Parameters
    ----------
    drift, drive : array, shapes (…, n, n) and (…, n, 2m)
        A, in rad/s, and B; n ≥ 1.
    row : array, shape (…, 1, n)
    frequency : array
        ω in rad/s, any shape.

    Raises
    ------
    InvalidInput
        An undamped pole lies at one of the frequencies.

    Examples
    --------
    >>> row_response(-np.eye(2), np.eye(2), np.array([[1.0, 0.0]]), np.linspace(0.0, 1.0, 201))[200, 0]
    array([0.5+0.5j, 0. +0.j ])
    """
    batch = np.broadcast_shapes(drift.shape[:-2], drive.shape[:-2], row.shape[:-2])
    a, b, c = flattened(drift, batch), flattened(drive, batch), flattened(row, batch)
    omega = frequency.reshape(-1)
    if len(omega) < ENOUGH:
        answer = _by_solves(a, b, c, omega)
    else:
        with np.errstate(all="ignore"):  # what overflows shows in the check
            answer = _by_recurrence(a, b, c, omega)
        bad = ~_agrees(answer, a, b, c, omega)
        if bad.any():
            answer[bad] = _by_solves(a[bad], b[bad], c[bad], omega)
    shape = (*batch, *frequency.shape, 1, b.shape[-1])
    return transpose(answer).reshape(shape)


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
        raise InvalidInput(
            "the response diverges: an undamped pole lies exactly at one of the frequencies; add damping or leave "
            "that frequency out"
        ) from None
    return answer.astype(np.complex128, copy=False)


def _by_solves(drift: FloatArray, drive: FloatArray, row: FloatArray, omega: FloatArray) -> ComplexArray:
    """Rows of shape (lanes, 2m, frequencies), the frequencies those of all lanes or each lane's own.

    One column of the transposed problem is solved, instead of one for each input.
    """
    matrix = -1j * omega[..., None, None] * np.eye(drift.shape[-1]) - transpose(drift)[:, None]
    seen = solved(matrix, transpose(row)[:, None])[..., 0]
    return transpose(seen @ drive)


def _by_recurrence(drift: FloatArray, drive: FloatArray, row: FloatArray, omega: FloatArray) -> ComplexArray:
    """The same for many frequencies, all lanes at the same ones."""
    basis, hessenberg, length = _observed(drift, row)
    lanes, size = hessenberg.shape[:2]
    below = np.diagonal(hessenberg, -1, -2, -1)
    unseen = below == 0
    ends = unseen.any(axis=0)
    factor = -1 / np.where(unseen, 1.0, below)
    scaled = hessenberg[:, 1:] * factor[:, :, None]  # so that y_{j−1} = (scaled H − iω/h_{j,j−1}) y
    outputs = transpose(basis @ drive)
    answer = np.empty((lanes, outputs.shape[1], len(omega)), dtype=np.complex128)
    flat = answer.view(np.float64)
    piece = max(64, DOUBLES // size)
    together = max(1, DOUBLES // (size * min(piece, len(omega))))
    for first in range(0, lanes, together):
        some = slice(first, first + together)
        count = len(scaled[some])
        for start in range(0, len(omega), piece):
            turn = 1j * omega[start : start + piece]
            y = np.ones((count, size, len(turn)), dtype=np.complex128)
            parts = y.view(np.float64)  # real and imaginary parts side by side: H is real
            for j in range(size - 1, 0, -1):
                np.matmul(scaled[some, j - 1, None, j:], parts[:, j:], out=parts[:, j - 1, None])
                y[:, j - 1] += factor[some, j - 1, None] * turn * y[:, j]
                if ends[j - 1]:
                    y[unseen[some, j - 1], j - 1] = 1.0
            scale = -(turn * y[:, 0] + (hessenberg[some, 0, None] @ parts).view(np.complex128)[:, 0])
            y *= (length[some, None] / scale)[:, None]
            np.matmul(outputs[some], parts, out=flat[some, :, 2 * start : 2 * (start + piece)])
    answer[length == 0] = 0.0
    return answer


def _observed(drift: FloatArray, row: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Orthonormal rows that span row, row A, row A², …, the Hessenberg matrix H of Aᵀ among them, and |row|.

    Directions that the row does not see are left out: zero rows of the basis, below zeros beside the diagonal of H.
    """
    lanes, size = drift.shape[:2]
    basis, hessenberg = np.zeros((2, lanes, size, size))
    least = UNSEEN * np.linalg.norm(drift, axis=(-2, -1))
    norm = length = np.sqrt((row * row).sum(axis=(-2, -1)))
    image = row
    for j in range(size):
        seen = norm > 0
        direction = image / np.where(seen, norm, 1.0)[:, None, None] * seen[:, None, None]
        basis[:, j] = direction[:, 0]
        known = basis[:, : j + 1]
        image = direction @ drift
        for _ in range(2):  # twice is enough (Kahan and Parlett)
            share = image @ transpose(known)
            image = image - share @ known
            hessenberg[:, : j + 1, j] += share[:, 0]
        if j + 1 < size:
            norm = np.sqrt((image * image).sum(axis=(-2, -1)))
            norm *= norm > least
            hessenberg[:, j + 1, j] = norm
    return basis, hessenberg, length


def _agrees(
    answer: ComplexArray, drift: FloatArray, drive: FloatArray, row: FloatArray, omega: FloatArray
) -> NDArray[np.bool_]:
    """Which lanes agree with solves at the frequencies next to their poles, at both ends and between."""
    order = np.argsort(omega)
    poles = np.linalg.eigvals(drift).imag
    place = np.searchsorted(omega[order], poles).clip(1, len(omega) - 1)
    spread = np.linspace(0, len(omega) - 1, SAMPLES).astype(np.intp)
    critical = order[np.concatenate([place - 1, place, np.broadcast_to(spread, (len(drift), SAMPLES))], axis=1)]
    if len(drift) == 1:
        critical = np.unique(critical, axis=1)
    try:
        exact = _by_solves(drift, drive, row, omega[critical])
    except InvalidInput:  # a pole lies at a frequency: who solves has the words for it
        return np.zeros(len(drift), dtype=np.bool_)
    found = np.take_along_axis(answer, critical[:, None], axis=-1)
    with np.errstate(invalid="ignore"):
        near = np.abs(found - exact) <= AGREEMENT * np.abs(exact).max(axis=1, keepdims=True)
    agreed: NDArray[np.bool_] = near.all(axis=(1, 2))
    return agreed
