"""The symplectic form, and the symplectic matrices that quantum optics builds everything from.

A linear map ξ → Sξ of quadratures keeps the commutators [ξᵢ, ξⱼ] = iΩᵢⱼ iff SΩSᵀ = Ω. All matrices here act on
ξ = (x1, p1, x2, p2, …); angles are in radians, and every parameter may be an array: the leading dimensions are
a batch.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, sealed, stack_matrix, transpose
from .errors import InvalidInput

__all__ = [
    "beam_splitter",
    "is_symplectic",
    "rotation",
    "squeezing",
    "symplectic_defect",
    "symplectic_form",
    "two_mode_squeezing",
]

SYMPLECTIC_TOLERANCE = 1e-10
"""Largest |SΩSᵀ − Ω| relative to max(1, |S|²) that rounding of a product of a few matrices explains."""


@lru_cache(maxsize=32)
def symplectic_form(modes: int) -> FloatArray:
    """Ω = ⊕ [[0, 1], [−1, 0]], shape (2n, 2n), read-only, with [ξᵢ, ξⱼ] = iΩᵢⱼ.

    Examples
    --------
    >>> symplectic_form(1)
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    return sealed(np.kron(np.eye(modes), np.array([[0.0, 1.0], [-1.0, 0.0]])).copy())


def symplectic_defect(matrix: ArrayLike) -> FloatArray:
    """How far a matrix is from symplectic: max |SΩSᵀ − Ω|, shape (…).

    Raises
    ------
    InvalidInput
        The matrix is not square with an even number of rows.

    Examples
    --------
    >>> float(symplectic_defect(np.diag([2.0, 0.5])))
    0.0
    """
    array = np.asarray(matrix, dtype=np.float64)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] % 2:
        raise InvalidInput(f"a symplectic matrix of n modes has shape (…, 2n, 2n), got {array.shape}")
    form = symplectic_form(array.shape[-1] // 2)
    defect: FloatArray = np.abs(array @ form @ transpose(array) - form).max(axis=(-2, -1), initial=0.0)
    return defect


def is_symplectic(matrix: ArrayLike) -> bool:
    """Whether all matrices of a batch are symplectic, up to rounding (1e-10 of max(1, |S|²)).

    Examples
    --------
    >>> is_symplectic(rotation(0.3)), is_symplectic(0.9 * rotation(0.3))
    (True, False)
    """
    defect = symplectic_defect(matrix)
    scale = np.maximum(1.0, np.abs(np.asarray(matrix)).max(axis=(-2, -1), initial=0.0) ** 2)
    return bool((defect <= SYMPLECTIC_TOLERANCE * scale).all())


def rotation(angle: ArrayLike) -> FloatArray:
    """Phase shift of one mode: O = [[cos θ, −sin θ], [sin θ, cos θ]], a → e^{iθ} a; shape (…, 2, 2).

    Examples
    --------
    >>> rotation(np.pi / 2).round(12) @ [1.0, 0.0]
    array([0., 1.])
    """
    cosine, sine = np.cos(angle), np.sin(angle)
    return stack_matrix([[cosine, -sine], [sine, cosine]])


def squeezing(squeezing: ArrayLike, angle: ArrayLike = 0.0) -> FloatArray:
    """Squeezer of one mode: O(θ) diag(e^{−r}, e^{r}) O(θ)ᵀ, shape (…, 2, 2); angle 0 squeezes x.

    Parameters
    ----------
    squeezing : array_like
        r, dimensionless; the variance of the squeezed quadrature is multiplied by e^{−2r}.
    angle : array_like
        θ, rad: the squeezed quadrature is cos θ x + sin θ p.

    Examples
    --------
    >>> squeezing(np.log(2.0)).round(12)
    array([[0.5, 0. ],
           [0. , 2. ]])
    """
    r, turn = np.asarray(squeezing, dtype=np.float64), rotation(angle)
    zero = np.zeros_like(r)
    squeezed: FloatArray = turn @ stack_matrix([[np.exp(-r), zero], [zero, np.exp(r)]]) @ transpose(turn)
    return squeezed


def beam_splitter(transmission: ArrayLike, phase: ArrayLike = 0.0) -> FloatArray:
    """Beam splitter of two modes, shape (…, 4, 4).

    a → √η a + √(1−η) e^{iφ} b and b → √η b − √(1−η) e^{−iφ} a.

    Parameters
    ----------
    transmission : array_like
        η in [0, 1], of power.
    phase : array_like
        φ, rad.

    Raises
    ------
    InvalidInput
        A transmission outside [0, 1].

    Examples
    --------
    >>> beam_splitter(0.36).round(12)[0].tolist()
    [0.6, 0.0, 0.8, -0.0]
    """
    power = np.asarray(transmission, dtype=np.float64)
    if not ((power >= 0) & (power <= 1)).all():
        raise InvalidInput(f"the transmission of a beam splitter lies in [0, 1], got {power}")
    through, across = np.sqrt(power), np.sqrt(1 - power)
    real, imaginary = across * np.cos(phase), across * np.sin(phase)
    zero = np.zeros_like(through)
    return stack_matrix(
        [
            [through, zero, real, -imaginary],
            [zero, through, imaginary, real],
            [-real, -imaginary, through, zero],
            [imaginary, -real, zero, through],
        ]
    )


def two_mode_squeezing(squeezing: ArrayLike, phase: ArrayLike = 0.0) -> FloatArray:
    """Two-mode squeezer, shape (…, 4, 4): a → cosh r a + e^{iφ} sinh r b† and the same with a and b exchanged.

    With φ = 0 it squeezes x_a − x_b and p_a + p_b.

    Examples
    --------
    >>> two_mode_squeezing(0.0)[0]
    array([1., 0., 0., 0.])
    """
    cosh = np.cosh(squeezing)
    real, imaginary = np.sinh(squeezing) * np.cos(phase), np.sinh(squeezing) * np.sin(phase)
    zero = np.zeros_like(cosh)
    return stack_matrix(
        [
            [cosh, zero, real, imaginary],
            [zero, cosh, imaginary, -real],
            [real, imaginary, cosh, zero],
            [imaginary, -real, zero, cosh],
        ]
    )
