"""The symplectic eigenvalues that a criterion asks for, by the quickest road that keeps their digits.

Two modes have a closed form (`backaction.gaussian.engines.two_modes`), which knows where it can be relied on. The
states where it cannot, and more modes, go to the eigenvalue problem of `backaction.gaussian.normal_modes`, whose words
also explain what is no covariance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray
from .elementwise import evaluated
from .engines import compiled_pays
from .engines.two_modes import both_modes, lowest_mode, only_mode
from .normal_modes import ROUNDING, attempt_normal_modes, normal_modes

__all__ = ["SmallestMode", "Spectrum", "attempt_smallest_mode", "smallest_mode", "spectrum"]


class SmallestMode(NamedTuple):
    """ν, and the first-order bound of |δν|/ν, each of shape (…)."""

    value: FloatArray
    relative_uncertainty: FloatArray


class Spectrum(NamedTuple):
    """All ν, ascending, and the first-order bounds of |δν|/ν, each of shape (…, n)."""

    values: FloatArray
    relative_uncertainty: FloatArray


def smallest_mode(covariance: ArrayLike, form: ArrayLike, error: ArrayLike = 0.0) -> SmallestMode:
    """The smallest ν > 0 of V w = ν iF w, without its vector.

    Parameters
    ----------
    covariance : array_like, shape (…, 2n, 2n)
        V, symmetric and positive definite.
    form : array_like, shape (2n, 2n)
        F = ⊕ sₖΩ with sₖ of −1, 0 and 1.
    error : array_like, shape (…)
        Relative uncertainty max |δV_ij|/√(V_ii V_jj) of V, to which float64 rounding is added.

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `normal_modes`.

    Examples
    --------
    >>> smallest_mode(np.diag([2.0, 2.0, 3.0, 3.0]), np.kron(np.eye(2), [[0, 1], [-1, 0]])).value
    array(2.)
    """
    matrix, skew = np.asarray(covariance, dtype=np.float64), np.asarray(form, dtype=np.float64)
    value, relative, found = attempt_smallest_mode(matrix, skew, error)
    if not found.all():
        normal_modes(matrix, skew, error, count=1)  # it has the words
    return SmallestMode(value, relative)


def attempt_smallest_mode(
    covariance: FloatArray, form: FloatArray, error: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """`smallest_mode` of every lane that has one: ν, |δν|/ν and which they are, each of shape (…).

    A lane's numbers do not depend on its neighbours, and nothing is raised for them.

    Examples
    --------
    >>> lanes = np.array([np.diag([2.0, 2.0, 3.0, 3.0]), np.diag([2.0, -2.0, 3.0, 3.0])])
    >>> value, _, found = attempt_smallest_mode(lanes, np.kron(np.eye(2), [[0.0, 1.0], [-1.0, 0.0]]))
    >>> value, found
    (array([ 2., nan]), array([ True, False]))
    """
    shape, size = covariance.shape[:-2], covariance.shape[-1]
    uncertain = np.asarray(error, dtype=np.float64)
    if size == 4:
        value, growth, good = _closed_form(covariance, float(form[0, 1]), float(form[2, 3]))
        relative = (uncertain + ROUNDING) * growth
        if good.all():
            return value, relative, good
    else:
        value, relative, good = np.full(shape, np.nan), np.full(shape, np.inf), np.zeros(shape, dtype=bool)
    # a state's covariance may be one for many error estimates
    batch = np.broadcast_shapes(shape, uncertain.shape)
    value, relative = (np.array(np.broadcast_to(part, batch), dtype=np.float64) for part in (value, relative))
    good = np.array(np.broadcast_to(good, batch), dtype=np.bool_)
    bad = ~good
    lanes = np.broadcast_to(covariance, (*batch, size, size))[bad]
    least, doubt, good[bad] = attempt_normal_modes(lanes, form, np.broadcast_to(uncertain, batch)[bad], 1)
    value[bad], relative[bad] = least[:, 0], doubt[:, 0]
    return value, relative, good


def _all_modes(matrix: FloatArray, form: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """All ν of one or two modes and their growth; None for more, and where a state is not one for a closed form."""
    if matrix.shape[-2:] == (2, 2):
        with np.errstate(all="ignore"):
            value, growth, good = only_mode(matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1], np.sqrt)
        return (value[..., None], growth[..., None]) if good.all() else None
    if matrix.shape[-2:] == (4, 4):
        low, growth, high, larger, good = evaluated(both_modes, matrix, float(form[0, 1]), float(form[2, 3]))
        return (np.stack([low, high], axis=-1), np.stack([growth, larger], axis=-1)) if good.all() else None
    return None


def _closed_form(matrix: FloatArray, first: float, second: float) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    batch = matrix.shape[:-2]
    if batch and compiled_pays(math.prod(batch), 4):
        from .engines.modes import lowest_modes

        value, growth, good = lowest_modes(matrix.reshape(-1, 4, 4), first, second)
        return value.reshape(batch), growth.reshape(batch), good.reshape(batch)
    value, growth, good = evaluated(lowest_mode, matrix, first, second)
    return value, growth, good


def spectrum(covariance: ArrayLike, form: ArrayLike, error: ArrayLike = 0.0) -> Spectrum:
    """All ν > 0 of V w = ν iF w, without the vectors.

    Parameters
    ----------
    covariance, form, error : array_like
        As for `smallest_mode`, with sₖ of −1 and 1.

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `normal_modes`.

    Examples
    --------
    >>> spectrum(np.diag([2.0, 2.0, 3.0, 3.0]), np.kron(np.eye(2), [[0, 1], [-1, 0]])).values
    array([2., 3.])
    """
    matrix, skew = np.asarray(covariance, dtype=np.float64), np.asarray(form, dtype=np.float64)
    found = _all_modes(matrix, skew)
    if found is not None:
        values, growth = found
        return Spectrum(values, (np.asarray(error, dtype=np.float64)[..., None] + ROUNDING) * growth)
    modes = normal_modes(matrix, skew, error, count=skew.shape[-1] // 2)
    return Spectrum(modes.values, modes.relative_uncertainty)
