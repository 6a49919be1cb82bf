"""A criterion's value with its numerical uncertainty, and the refusal to guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput, Unresolved

__all__ = ["RESOLUTION", "Criterion", "as_float", "relevant_doubt", "require_resolved", "require_told"]

RESOLUTION = 1e-3
"""Largest relative uncertainty of ν, Δ or e^{−E_N} that is reported.

A thousandth is below every experiment's error bar, and there the neglected second order (a millionth) leaves the
uncertainty itself trustworthy; float64 covariances of two-mode squeezed states reach it at r ≈ 7."""


@dataclass(frozen=True, eq=False)
class Criterion:
    """The value of a criterion, shape (…), and its numerical uncertainty.

    The uncertainty is absolute, a first-order bound of what the state's `error_estimate` and the rounding of
    its entries can do to the value. It is no statistical or physical error bar: those come with the parameters.

    Examples
    --------
    >>> criterion = Criterion(np.array(0.25), np.array(1e-15))
    >>> float(criterion)
    0.25
    """

    value: FloatArray
    uncertainty: FloatArray

    def __float__(self) -> float:
        return as_float(self.value)


def as_float(value: FloatArray) -> float:
    """The number of an unbatched criterion."""
    if np.ndim(value):
        raise InvalidInput(
            f"this criterion is a batch of shape {np.shape(value)}, not one number; use its `.value`, an array"
        )
    return float(value)


def relevant_doubt(value: FloatArray, uncertainty: FloatArray, bound: float) -> FloatArray:
    """Relative uncertainty where the verdict depends on it, 0 where it does not, infinite for a value ≤ 0.

    A value that stays above the separable bound by more than twice its first-order uncertainty needs no digits: "not
    entangled" is certain, and the value is given with the uncertainty it has.

    Examples
    --------
    >>> relevant_doubt(np.array([0.25, 40.0, 0.0]), np.array([0.01, 1.0, 0.0]), bound=0.5)
    array([0.04, 0.  ,  inf])
    """
    relative = np.where(value > 0, uncertainty / np.where(value > 0, value, 1.0), np.inf)
    return np.where(value - 2 * uncertainty > bound, 0.0, relative)


def require_told(
    value: FloatArray, uncertainty: FloatArray, bound: float, what: Callable[[], str], axis: int | None = None
) -> None:
    """Raise `Unresolved` where digits are missing that the verdict depends on; `axis` holds parts of one criterion.

    Examples
    --------
    >>> require_told(np.array([0.25, 40.0]), np.array([1e-9, 1.0]), 0.5, lambda: "the Duan sum of 'spin' and 'light'")
    """
    if (uncertainty < RESOLUTION * value).all():  # the usual case, in one pass
        return
    doubt = relevant_doubt(value, uncertainty, bound)
    require_resolved(doubt if axis is None else doubt.max(axis=axis), what())


def require_resolved(doubt: FloatArray, what: str) -> None:
    """Raise `Unresolved` where the relative uncertainty that matters exceeds `RESOLUTION`.

    Examples
    --------
    >>> require_resolved(np.array([1e-9, 1e-4]), "the Duan sum of 'spin' and 'membrane'")
    """
    unresolved = np.asarray(doubt > RESOLUTION)
    if not unresolved.any():
        return
    worst = float(np.max(doubt))
    lanes = f" in {int(unresolved.sum())} of {unresolved.size} lanes" if unresolved.ndim else ""
    first = f" (the first at {tuple(map(int, np.argwhere(unresolved)[0]))})" if unresolved.ndim else ""
    raise Unresolved(
        f"{what} is not resolved{lanes}{first}: the relative uncertainty reaches {worst:.2g}, above {RESOLUTION:g}. "
        "The value is a small difference of large variances, and the covariance's error_estimate and float64 rounding "
        "leave too few digits of it. Leave these lanes out, solve for the state more accurately, or use a closed form",
        worst,
    )
