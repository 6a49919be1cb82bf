"""Normal forms under symplectic maps: symplectic eigenvalues, Williamson's form, Bloch and Messiah's.

Everything here comes from one eigenvalue problem,  V w = ν iF w  with w†Vw = 1,  where F is the symplectic form
Ω or one that a criterion asks for (partially transposed: Ω ⊕ −Ω; steering: 0 ⊕ Ω). With V = LLᵀ the numbers 1/ν
are the positive eigenvalues of the Hermitian matrix i L⁻¹F L⁻ᵀ. The *inverse* is taken on purpose: the smallest
ν, which decides about entanglement, is then the best determined number and not the worst. Three steps keep the
digits:

1. V is scaled to correlations, R_ij = V_ij/√(V_ii V_jj), so that a hot oscillator does not drown a cold one;
2. ν is the Rayleigh quotient w†Vw / w†iFw, stationary in w, evaluated in double-double arithmetic;
3. the effect of an uncertainty |δV_ij| ≤ ε √(V_ii V_jj) on ν is, to first order, |δν|/ν = |w†δVw| ≤ ε (Σ|wᵢ|√V_ii)²,
   and comes with the result. It is at most ε ‖V‖ tr V/ν², and often much less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, transpose
from .double_double import DoubleDouble, exact_product
from .elementwise import evaluated
from .engines.two_modes import Entries, clearly_positive
from .engines.twofold import Number
from .errors import InvalidInput, Unphysical, Unresolved
from .symplectic import is_symplectic, symplectic_defect, symplectic_form

__all__ = [
    "ROUNDING",
    "NormalModes",
    "bloch_messiah",
    "normal_modes",
    "require_positive",
    "symplectic_eigenvalues",
    "williamson",
]

ROUNDING = float(np.finfo(np.float64).eps)
"""Relative uncertainty of an entry that was computed somehow and stored as a float64: one unit in the last place."""


@dataclass(frozen=True, eq=False)
class NormalModes:
    """Solutions of V w = ν iF w, ν ascending, for k normal modes.

    Attributes
    ----------
    values : array, shape (…, k)
        ν.
    relative_uncertainty : array, shape (…, k)
        First-order bound of |δν|/ν for the uncertainty of V that was stated, rounding of its entries included.
    vectors : complex array, shape (…, 2n, k)
        w, with w†Vw = 1.
    """

    values: FloatArray
    relative_uncertainty: FloatArray
    vectors: NDArray[np.complex128]


def normal_modes(
    covariance: ArrayLike, form: ArrayLike, error: ArrayLike = 0.0, count: int | None = None
) -> NormalModes:
    """Solve V w = ν iF w for the smallest ν > 0.

    Parameters
    ----------
    covariance : array_like, shape (…, 2n, 2n)
        V, symmetric and positive definite.
    form : array_like, shape (2n, 2n)
        F, real and skew; F = Ω gives the symplectic eigenvalues of V.
    error : array_like, shape (…)
        Relative uncertainty max |δV_ij|/√(V_ii V_jj) of V, to which float64 rounding is added.
    count : int, optional
        How many; default rank(F)/2, all of them.

    Raises
    ------
    Unphysical
        V has a negative eigenvalue beyond its uncertainty.
    Unresolved
        V is singular within its uncertainty.

    Examples
    --------
    >>> modes = normal_modes(np.diag([2.0, 2.0]), symplectic_form(1))
    >>> modes.values, bool(modes.relative_uncertainty < 1e-14)
    (array([2.]), True)
    """
    matrix, skew = _covariance(covariance), np.asarray(form, dtype=np.float64)
    number = int(np.linalg.matrix_rank(skew)) // 2 if count is None else count
    uncertainty = np.asarray(error, dtype=np.float64) + ROUNDING
    scale = np.sqrt(np.diagonal(matrix, axis1=-2, axis2=-1))
    outer = scale[..., :, None] * scale[..., None, :]
    inverse = np.linalg.inv(_cholesky(matrix, uncertainty))
    hermitian = 1j * (inverse @ (skew / outer) @ transpose(inverse))
    vectors = np.linalg.eigh(hermitian)[1][..., ::-1][..., :number]
    correlations = transpose(inverse) @ vectors
    modes = correlations / scale[..., :, None]
    growth = np.abs(correlations).sum(axis=-2) ** 2
    return NormalModes(_rayleigh_quotient(matrix, skew, modes), uncertainty[..., None] * growth, modes)


def require_positive(covariance: ArrayLike, error: ArrayLike = 0.0) -> None:
    """Refuse a matrix that is no covariance: a negative eigenvalue beyond its relative uncertainty.

    Raises
    ------
    Unphysical
        With the smallest eigenvalue.

    Examples
    --------
    >>> try:
    ...     require_positive([[1.0, 2.0], [2.0, 1.0]])
    ... except Unphysical as error:
    ...     round(error.eigenvalue, 12)
    -1.0
    """
    matrix = _covariance(covariance)
    if matrix.shape[-1] == 4 and evaluated(_clear, matrix)[0].all():
        return
    correlations = _correlations(matrix)
    try:
        np.linalg.cholesky(correlations)  # it fails for every negative eigenvalue beyond rounding, and is quick
        return
    except np.linalg.LinAlgError:
        smallest = np.linalg.eigvalsh(correlations)[..., 0]
    if (smallest < -_noise(matrix.shape[-1], np.asarray(error) + ROUNDING)).any():
        eigenvalue = float(np.linalg.eigvalsh(matrix)[..., 0].min())
        raise Unphysical(
            f"a covariance is not positive definite: its smallest eigenvalue is {eigenvalue:.6g}. No state has such "
            "variances; check signs, the order (x1, p1, x2, p2, …) and whether a term was subtracted twice",
            eigenvalue,
        )


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
    matrix = _covariance(covariance)
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
    matrix = _covariance(covariance)
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


def _clear(entries: Entries, _: object) -> tuple[Number]:
    return (clearly_positive(entries),)


def _covariance(values: ArrayLike) -> FloatArray:
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] % 2:
        raise InvalidInput(f"a covariance of n modes has shape (…, 2n, 2n), got {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise InvalidInput("a covariance has an entry that is not finite; no state has such variances")
    if not (np.diagonal(matrix, axis1=-2, axis2=-1) > 0).all():
        raise InvalidInput("a covariance has positive variances on its diagonal")
    return matrix


def _correlations(covariance: FloatArray) -> FloatArray:
    scale = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    correlations: FloatArray = covariance / (scale[..., :, None] * scale[..., None, :])
    return correlations


def _noise(size: int, uncertainty: FloatArray) -> FloatArray:
    """Smallest eigenvalue of a correlation matrix that means anything.

    Entries uncertain by ε move an eigenvalue by at most 2n·ε, and a Cholesky factorisation may fail below 2n(2n + 1)
    roundings (Demmel; Higham, Accuracy and Stability of Numerical Algorithms, theorem 10.7).
    """
    return size * uncertainty + size * (size + 1) * ROUNDING


def _cholesky(covariance: FloatArray, uncertainty: FloatArray) -> FloatArray:
    correlations = _correlations(covariance)
    try:
        return np.asarray(np.linalg.cholesky(correlations), dtype=np.float64)
    except np.linalg.LinAlgError:
        require_positive(covariance, uncertainty)
        noise = _noise(covariance.shape[-1], uncertainty)
        lanes = np.linalg.eigvalsh(correlations)[..., 0] < noise
        raise Unresolved(
            f"a covariance is singular within its uncertainty ({int(lanes.sum())} of {lanes.size} lanes; relative "
            f"uncertainty {float(np.max(uncertainty)):.2g}): some combination of quadratures has a variance that "
            "float64 cannot hold beside the others. Leave these lanes out, or compute this limit in closed form",
            float("inf"),
        ) from None


def _rayleigh_quotient(covariance: FloatArray, form: FloatArray, modes: NDArray[np.complex128]) -> FloatArray:
    """w†Vw / w†iFw = Σ V_ij (a_i a_j + b_i b_j) / (−2 Σ F_ij a_i b_j) with w = a + ib, in double-double."""
    real, imaginary = np.swapaxes(modes.real, -1, -2), np.swapaxes(modes.imag, -1, -2)
    gram = exact_product(real[..., :, None], real[..., None, :]) + exact_product(
        imaginary[..., :, None], imaginary[..., None, :]
    )
    upper = (gram * DoubleDouble(covariance[..., None, :, :])).total(axes=2)
    cross = exact_product(real[..., :, None], imaginary[..., None, :])
    lower = (cross * DoubleDouble(-2 * form)).total(axes=2)
    return upper.rounded / lower.rounded
