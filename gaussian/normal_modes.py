"""Normal modes of a covariance: the solutions of V w = ν iF w with w†Vw = 1, with all the digits that V holds.

F is the symplectic form Ω or one that a criterion asks for (partially transposed: Ω ⊕ −Ω; steering: 0 ⊕ Ω). With
V = LLᵀ the numbers 1/ν are the positive eigenvalues of the Hermitian matrix i L⁻¹F L⁻ᵀ. The *inverse* is taken on
purpose: the smallest ν, which decides about entanglement, is then the best determined number and not the worst. Three
steps keep the digits:

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

__all__ = [
    "ROUNDING",
    "NormalModes",
    "attempt_normal_modes",
    "checked_covariance",
    "normal_modes",
    "positive_lanes",
    "require_positive",
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
    >>> from backaction.gaussian import symplectic_form
    >>> modes = normal_modes(np.diag([2.0, 2.0]), symplectic_form(1))
    >>> modes.values, bool(modes.relative_uncertainty < 1e-14)
    (array([2.]), True)
    """
    matrix, skew = checked_covariance(covariance), np.asarray(form, dtype=np.float64)
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


def attempt_normal_modes(
    covariance: FloatArray, form: FloatArray, error: FloatArray, count: int
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """The smallest ν of every lane and their relative uncertainties, shapes (N, k), and which lanes have them, (N,).

    Parameters
    ----------
    covariance : array, shape (N, 2n, 2n)
    form : array, shape (2n, 2n)
    error : array, shape (N,)
    count : int
        k.

    Examples
    --------
    >>> lanes = np.array([np.diag([2.0, 2.0]), [[1.0, 2.0], [2.0, 1.0]]])
    >>> attempt_normal_modes(lanes, np.array([[0.0, 1.0], [-1.0, 0.0]]), np.zeros(2), 1)[2]
    array([ True, False])
    """
    values, relative = np.full((len(covariance), count), np.nan), np.full((len(covariance), count), np.inf)
    # a lane that is clearly regular is never refused; the few others are done in groups without one that is
    together = _smallest_correlation(covariance) >= _noise(covariance.shape[-1], error + ROUNDING)
    groups = [np.flatnonzero(together), np.flatnonzero(~together)]
    while groups:
        lanes = groups.pop()
        try:
            modes = normal_modes(covariance[lanes], form, error[lanes], count)
        except (InvalidInput, Unphysical, Unresolved):
            groups += np.array_split(lanes, 2) if len(lanes) > 1 else []
            continue
        values[lanes], relative[lanes] = modes.values, modes.relative_uncertainty
    return values, relative, ~np.isnan(values).any(axis=-1)


def positive_lanes(covariance: FloatArray, error: ArrayLike = 0.0) -> NDArray[np.bool_]:
    """Which covariances (…, 2n, 2n) have no negative eigenvalue beyond their relative uncertainty, shape (…).

    Examples
    --------
    >>> positive_lanes(np.array([np.diag([2.0, 2.0]), [[1.0, 2.0], [2.0, 1.0]]]))
    array([ True, False])
    """
    positive: NDArray[np.bool_] = _smallest_correlation(covariance) >= -_noise(
        covariance.shape[-1], np.asarray(error) + ROUNDING
    )
    return positive


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
    matrix = checked_covariance(covariance)
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


def _clear(entries: Entries, _: object) -> tuple[Number]:
    return (clearly_positive(entries),)


def checked_covariance(values: ArrayLike) -> FloatArray:
    """The array of a covariance, once its shape, its entries and the signs of its variances are those of one.

    Raises
    ------
    InvalidInput
        A matrix that is not (…, 2n, 2n), entries that are not finite, variances that are not positive.

    Examples
    --------
    >>> checked_covariance([[1, 0], [0, 1]]).dtype
    dtype('float64')
    """
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


def _smallest_correlation(covariance: FloatArray) -> FloatArray:
    """Smallest eigenvalue of the correlations, shape (…); −∞ for entries that are no covariance's."""
    variances = np.diagonal(covariance, axis1=-2, axis2=-1)
    sound = np.isfinite(covariance).all(axis=(-2, -1)) & (variances > 0).all(axis=-1)
    safe = np.where(np.asarray(sound)[..., None, None], covariance, np.eye(covariance.shape[-1]))
    return np.where(sound, np.linalg.eigvalsh(_correlations(safe))[..., 0], -np.inf)


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
