"""Two modes in standard form: local symplectic maps make V_a = a, V_b = b and the correlation diagonal.

    V → [[a, 0, c₊, 0], [0, a, 0, c₋], [c₊, 0, b, 0], [0, c₋, 0, b]],   c₊ ≥ |c₋|

(Duan et al., Phys. Rev. Lett. 84, 2722 (2000); Simon, ibid. 2726). Entanglement, entropies and discord depend on these
four numbers only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backaction.gaussian.arrays import FloatArray, transpose

__all__ = ["StandardForm", "standard_form"]


class StandardForm(NamedTuple):
    """a, b, c₊ and c₋ (vacuum ½), each of shape (…)."""

    a: FloatArray
    b: FloatArray
    plus: FloatArray
    minus: FloatArray

    @property
    def determinant(self) -> FloatArray:
        """det V = (ab − c₊²)(ab − c₋²)."""
        return (self.a * self.b - self.plus**2) * (self.a * self.b - self.minus**2)


def standard_form(covariance: FloatArray) -> StandardForm:
    """The standard form of covariances of shape (…, 4, 4).

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> form = standard_form(two_mode_squeezed(0.5, ["a", "b"]).covariance)
    >>> [round(float(number), 6) for number in form]
    [0.77154, 0.77154, 0.587601, -0.587601]
    """
    a, first = _local(covariance[..., :2, :2])
    b, second = _local(covariance[..., 2:, 2:])
    cross = first @ covariance[..., :2, 2:] @ transpose(second)
    # Singular values with the sign of the determinant: local rotations keep it.
    singular = np.linalg.svd(cross, compute_uv=False)
    sign = np.where(np.linalg.det(cross) < 0, -1.0, 1.0)
    return StandardForm(a, b, singular[..., 0], sign * singular[..., 1])


def _local(block: FloatArray) -> tuple[FloatArray, FloatArray]:
    """√det of a 2 × 2 block and the symplectic √det^½ · block^(−½) that makes it a multiple of 1."""
    values, vectors = np.linalg.eigh(block)
    root = np.sqrt(values[..., 0] * values[..., 1])
    scale = np.sqrt(root[..., None] / values)
    return root, (vectors * scale[..., None, :]) @ transpose(vectors)
