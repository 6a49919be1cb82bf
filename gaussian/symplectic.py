"""The symplectic form."""

from __future__ import annotations

import numpy as np

from .arrays import FloatArray

__all__ = ["symplectic_form"]


def symplectic_form(modes: int) -> FloatArray:
    """Ω = ⊕ [[0, 1], [−1, 0]], shape (2n, 2n), with [ξᵢ, ξⱼ] = iΩᵢⱼ.

    Examples
    --------
    >>> symplectic_form(1)
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    return np.kron(np.eye(modes), np.array([[0.0, 1.0], [-1.0, 0.0]]))
