"""Normal forms under symplectic maps: symplectic eigenvalues, Williamson's form, Bloch and Messiah's."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, transpose
from .errors import InvalidInput
from .normal_modes import checked_covariance, normal_modes
from .symplectic import is_symplectic, symplectic_defect, symplectic_form

__all__ = ["bloch_messiah", "symplectic_eigenvalues", "williamson"]


def symplectic_eigenvalues(covariance: ArrayLike) -> FloatArray:
    """Symplectic eigenvalues ν1 ≤ ν2 ≤ …, shape (…, n); a state has ν ≥ ½, the vacuum ν = ½.

    Raises
    ------
    Unphysical, Unresolved
        V is not positive definite, or not distinguishable from singular.

    Examples
    --------
    >>> symplectic_eigenvalues(np.diag([2.0, 0.5, 3.0, 3.0]))
    array([1., 3.])
    """
    matrix = checked_covariance(covariance)
    return np.sort(normal_modes(matrix, symplectic_form(matrix.shape[-1] // 2)).values, axis=-1)


def williamson(covariance: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Williamson's normal form V = S diag(ν1, ν1, ν2, ν2, …) Sᵀ with S symplectic and ν ascending.

    Returns
    -------
    symplectic : array, shape (…, 2n, 2n)
    eigenvalues : array, shape (…, n)

    Raises
    ------
    Unphysical, Unresolved
        As `symplectic_eigenvalues`.

    References
    ----------
    J. Williamson, Am. J. Math. 58, 141 (1936).

    Examples
    --------
    >>> S, nu = williamson(np.diag([8.0, 0.5]))
    >>> nu, np.allclose(S @ S.T * nu, np.diag([8.0, 0.5]))
    (array([2.]), True)
    """
    matrix = checked_covariance(covariance)
    size = matrix.shape[-1]
    modes = normal_modes(matrix, symplectic_form(size // 2))
    # V w = ν iΩ w, and the columns of S come from Vw√(2/ν): its real part for x, minus its imaginary one for p.
    columns = matrix @ modes.vectors * np.sqrt(2 / modes.values)[..., None, :]
    pairs = np.stack([columns.real, -columns.imag], axis=-1)
    return pairs.reshape(*matrix.shape[:-1], size), modes.values


def bloch_messiah(symplectic: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Bloch–Messiah (Euler) decomposition S = O1 Z O2, Z = ⊕ diag(e^{−r}, e^{r}), r1 ≥ r2 ≥ … ≥ 0.

    Every linear unitary is an interferometer, single-mode squeezers and another interferometer. O1 and O2 are
    orthogonal and symplectic; they are not unique where two squeezings are equal.

    Returns
    -------
    left : array, shape (…, 2n, 2n)
        O1.
    squeezing : array, shape (…, n)
        r.
    right : array, shape (…, 2n, 2n)
        O2.

    Raises
    ------
    InvalidInput
        S is not symplectic.

    References
    ----------
    S. L. Braunstein, Phys. Rev. A 71, 055801 (2005).

    Examples
    --------
    >>> left, r, right = bloch_messiah(np.diag([4.0, 0.25]))
    >>> np.exp(r).round(12), np.allclose(left @ np.diag([0.25, 4.0]) @ right, np.diag([4.0, 0.25]))
    (array([4.]), True)
    """
    matrix = np.asarray(symplectic, dtype=np.float64)
    if not is_symplectic(matrix):
        raise InvalidInput(
            "the Bloch–Messiah decomposition needs a symplectic matrix, SΩSᵀ = Ω, but the largest entry of "
            f"SΩSᵀ − Ω is {np.max(symplectic_defect(matrix)):.3g}"
        )
    size = matrix.shape[-1]
    form = symplectic_form(size // 2)
    gram = matrix @ transpose(matrix)
    free = np.broadcast_to(np.eye(size), matrix.shape)
    left, right, stretch = [], [], []
    # One antisqueezed direction p of SSᵀ at a time, with its partner x = Ωp, so that equal (also zero) squeezings,
    # whose eigenvectors come in no particular order, still give pairs.
    for _ in range(size // 2):
        momentum = np.linalg.eigh(free @ gram @ free)[1][..., -1:]
        momentum = free @ momentum
        momentum = momentum / np.linalg.norm(momentum, axis=-2, keepdims=True)
        row = transpose(momentum) @ matrix
        length = np.linalg.norm(row, axis=-1, keepdims=True)
        partner, row = form @ momentum, row / length
        left += [partner, momentum]
        right += [transpose(form @ transpose(row)), row]
        stretch.append(length[..., 0, 0])
        free = free - momentum @ transpose(momentum) - partner @ transpose(partner)
    return np.concatenate(left, axis=-1), np.log(np.stack(stretch, axis=-1)), np.concatenate(right, axis=-2)
