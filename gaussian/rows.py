"""Transfer functions of one row, c(−iω − A)⁻¹B: what one detector sees, at many frequencies.

The row is a solution z of zᵀ(−iω − A) = c. In the basis that c, cA, cA², … span one after the other, made orthonormal
(Arnoldi), Aᵀ is a Hessenberg matrix H, c is β times the first vector, and all equations but the first,

    h_{j,j−1} y_{j−1} = −(iω + h_jj) y_j − Σ_{k>j} h_jk y_k,

give y from its last entry up; the first one gives the scale. That is n²/2 multiplications a frequency instead of a
factorisation, done for many frequencies at a time. Each equation holds to rounding of its own terms, so that y solves
a problem with a slightly different H, near exceptional points as elsewhere (there the residues of poles lose all
digits). What that costs is most where a pole is near, and narrow: `backaction.gaussian.record_spectra` looks there.
"""

from __future__ import annotations

import numpy as np

from .arrays import FloatArray, transpose
from .resolvents import ComplexArray

__all__ = ["row_recurrence"]

UNSEEN = 4 * float(np.finfo(np.float64).eps)
"""A new direction of the basis below this part of A is rounding: the row sees no more."""

DOUBLES = 20_000
"""Complex numbers of a piece of work: it stays in the second-level cache."""


def row_recurrence(drift: FloatArray, drive: FloatArray, row: FloatArray, omega: FloatArray) -> ComplexArray:
    """Row times (−iω − A)⁻¹B, shape (lanes, 2m, frequencies), unchecked.

    Parameters
    ----------
    drift, drive, row : array, shapes (lanes, n, n), (lanes, n, 2m) and (lanes, 1, n)
        A, in rad/s, B, and the row; n ≥ 1.
    omega : array, shape (frequencies,)
        ω in rad/s, the same of all lanes.

    Examples
    --------
    >>> row_recurrence(-np.eye(2)[None], np.eye(2)[None], np.array([[[1.0, 0.0]]]), np.array([0.0, 1.0]))[0].T
    array([[1. +0.j , 0. +0.j ],
           [0.5+0.5j, 0. +0.j ]])
    """
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
