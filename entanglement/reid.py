"""Reid's criterion: how well one party's measurements predict both quadratures of the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray, common_batch, frozen, transpose
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.normal_modes import require_positive

from .bounds import REID
from .criterion import Judgement, judging, relevant_doubt, require_resolved
from .forms import variance, variance_uncertainty
from .parties import Parties, parties

__all__ = ["ReidProduct", "reid_product"]


@dataclass(frozen=True, eq=False, repr=False)
class ReidProduct(Judgement):
    """Reid's product as a `Criterion`, and the combinations that have it.

    Attributes
    ----------
    angle : array, shape (…)
        θ, rad: the inferred quadratures are those at θ and θ + 90°.
    gains : array, shape (…, 2, 2m)
        Row by row the g with which g·ξ of the inferring party predicts the one and the other quadrature.
    """

    angle: FloatArray
    gains: FloatArray


@judging(REID)
def reid_product(
    state: GaussianState, inferred: str, inferring: str | list[str] | tuple[str, ...], angle: ArrayLike | None = None
) -> ReidProduct:
    """Reid's product Var(q_θ | b) Var(q_θ+90° | b) of one mode's quadratures, each inferred from the other party.

    The inference is the best linear one, with the best measured quadratures: Var(q | b) = min_g Var(q − g·ξ_b). Below
    ¼ the inferring party steers the inferred one, which proves entanglement; it is the criterion of the EPR paradox.
    In the best frame θ it is the determinant of V_a − C V_b⁻¹ Cᵀ, and max(0, −½ ln 4·product) is `steering`.

    Parameters
    ----------
    state : GaussianState
    inferred : str
        The mode whose quadratures are inferred.
    inferring : str or sequence of str
        The party that measures.
    angle : array_like, optional
        θ, rad (0: x and p of the inferred mode); default the best frame.

    Returns
    -------
    ReidProduct
        Vacuum ¼.

    Raises
    ------
    InvalidInput
        Unknown or overlapping parties, an inferred party of several modes.
    Unphysical, Unresolved
        As `smallest_ppt_eigenvalue`.

    References
    ----------
    M. D. Reid, Phys. Rev. A 40, 913 (1989), Eq. (3.3). Drawn in the figure `two-mode-squeezed`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> state = two_mode_squeezed(1.0, ["spin", "membrane"])
    >>> bool(np.isclose(float(reid_product(state, "spin", "membrane")), 0.25 / np.cosh(2.0) ** 2, rtol=1e-12))
    True
    """
    pair = parties(state, inferred, inferring)
    if len(pair.first) != 1:
        raise InvalidInput(f"Reid's product infers the two quadratures of one mode, got {pair.text}; see `steering`")
    require_positive(pair.covariance, pair.error)
    gains = _best_gains(pair)
    turn = _best_angle(pair, gains) if angle is None else frozen(angle, "the angle of an inferred quadrature")
    batch = common_batch({"state": pair.batch, "angle": turn.shape})
    cosine, sine = np.cos(turn), np.sin(turn)
    frame = np.stack([np.stack([cosine, sine], -1), np.stack([-sine, cosine], -1)], -2)
    chosen = frame @ gains
    frame = np.broadcast_to(frame, (*chosen.shape[:-2], 2, 2))
    weights = np.concatenate([frame, -chosen], axis=-1)
    variances = [variance(pair.covariance, weights[..., i, :]) for i in (0, 1)]
    doubts = [variance_uncertainty(pair.covariance, weights[..., i, :], pair.error) for i in (0, 1)]
    value = variances[0] * variances[1]
    uncertainty = variances[0] * doubts[1] + variances[1] * doubts[0]
    require_resolved(relevant_doubt(value, uncertainty, REID.value), f"Reid's product of {pair.text}")
    numbers = [np.broadcast_to(np.asarray(part, dtype=np.float64), batch) for part in (value, uncertainty, turn)]
    return ReidProduct(numbers[0], numbers[1], numbers[2], np.broadcast_to(chosen, (*batch, *chosen.shape[-2:])))


def _best_gains(pair: Parties) -> FloatArray:
    """C V_b⁻¹, shape (…, 2, 2m): stationary, so that its own rounding is of second order in the variances."""
    inside = pair.covariance[..., 2:, 2:]
    return transpose(np.linalg.solve(inside, pair.covariance[..., 2:, :2]))


def _best_angle(pair: Parties, gains: FloatArray) -> FloatArray:
    """The frame in which the two inferred quadratures are uncorrelated: there the product is least."""
    x, p = (
        np.concatenate([np.broadcast_to(np.eye(2)[i], (*gains.shape[:-2], 2)), -gains[..., i, :]], -1) for i in (0, 1)
    )
    of_x, of_p, of_sum = (variance(pair.covariance, w) for w in (x, p, x + p))
    return np.arctan2(of_sum - of_x - of_p, of_x - of_p) / 2
