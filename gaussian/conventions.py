"""Means and covariances in the conventions of other packages: scale, order, and with or without the half.

Quadratures there are s times ours, s² = 2v with v the variance of their vacuum, (v = ħ/2 where [x, p] = iħ); they are
ordered x1, p1, x2, p2, … ("xpxp", as here) or x1, x2, …, p1, p2, … ("xxpp"); and a covariance may be written without
the half, as ⟨{ξᵢ, ξⱼ}⟩. Nothing else differs: none of these packages counts p with the other sign. All of them are
calibrated on the vacuum in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, frozen
from .errors import InvalidInput
from .state import GaussianState

__all__ = [
    "BACKACTION",
    "MOLLER",
    "PIQUASSO",
    "QUTIP",
    "STRAWBERRYFIELDS",
    "THEWALRUS",
    "Convention",
    "Order",
    "from_convention",
    "to_convention",
]


class Order(Enum):
    """Order of the quadratures: mode by mode, or all positions first."""

    XPXP = "xpxp"
    XXPP = "xxpp"


@dataclass(frozen=True)
class Convention:
    """How a package writes Gaussian states down.

    Parameters
    ----------
    vacuum : float
        Variance of the vacuum, > 0: ½ here, ħ/2 where [x, p] = iħ.
    order : Order
    without_half : bool
        Whether the covariance is ⟨{ξᵢ, ξⱼ}⟩, twice the symmetrised one.
    """

    vacuum: float
    order: Order
    without_half: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.vacuum) and self.vacuum > 0):
            raise InvalidInput(f"the variance of the vacuum is a positive number (here ½), got {self.vacuum}")


BACKACTION = Convention(0.5, Order.XPXP)
"""This library's own."""
QUTIP = Convention(0.5, Order.XPXP)
"""`qutip.continuous_variables` with its default g = √2."""
THEWALRUS = Convention(1.0, Order.XXPP)
"""thewalrus with its default ħ = 2."""
STRAWBERRYFIELDS = Convention(1.0, Order.XXPP)
"""strawberryfields with its default ħ = 2: `state.means()`, `state.cov()`."""
PIQUASSO = Convention(1.0, Order.XXPP, without_half=True)
"""piquasso with its default ħ = 2: `xxpp_mean_vector`, and `xxpp_covariance_matrix`, in which the vacuum has 2."""
MOLLER = Convention(0.25, Order.XPXP)
"""The light of Møller et al. 2017, main text: vacuum ¼."""


def to_convention(state: GaussianState, convention: Convention) -> tuple[FloatArray, FloatArray]:
    """Mean (…, 2n) and covariance (…, 2n, 2n) of a state, as another package has them.

    Examples
    --------
    >>> mean, covariance = to_convention(GaussianState.vacuum(["a", "b"]), THEWALRUS)
    >>> covariance.diagonal()
    array([1., 1., 1., 1.])
    """
    order = _places(len(state.modes), convention.order)
    squared = 2 * convention.vacuum
    mean: FloatArray = np.sqrt(squared) * state.mean[..., order]
    covariance: FloatArray = _factor(convention) * state.covariance[..., order[:, None], order]
    return mean, covariance


def from_convention(
    mean: ArrayLike, covariance: ArrayLike, convention: Convention, modes: Sequence[str] | None = None
) -> GaussianState:
    """The state with a mean (…, 2n) and a covariance (…, 2n, 2n) that are written in another convention.

    Raises
    ------
    InvalidInput
        Shapes that do not fit.
    Unphysical
        The covariance violates the uncertainty principle: often the sign of yet another convention.

    Examples
    --------
    >>> from_convention([2.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], STRAWBERRYFIELDS, ["a"]).mean.round(6)
    array([1.414214, 0.      ])
    """
    centre, matrix = frozen(mean, "the mean of a state"), frozen(covariance, "the covariance of a state")
    if centre.ndim < 1 or centre.shape[-1] % 2 or matrix.shape[-2:] != (centre.shape[-1], centre.shape[-1]):
        raise InvalidInput(
            f"a state of n modes has a mean (…, 2n) and a covariance (…, 2n, 2n); got {centre.shape} and {matrix.shape}"
        )
    back = np.argsort(_places(centre.shape[-1] // 2, convention.order))
    ours = matrix[..., back[:, None], back] / _factor(convention)
    return GaussianState(centre[..., back] / np.sqrt(2 * convention.vacuum), ours, modes)


def _factor(convention: Convention) -> float:
    return 2 * convention.vacuum * (2 if convention.without_half else 1)


def _places(modes: int, order: Order) -> NDArray[np.intp]:
    """Where the quadratures of that order stand in ours."""
    places = np.arange(2 * modes)
    return places if order is Order.XPXP else np.concatenate([places[0::2], places[1::2]])
