"""Two-mode squeezed vacuum with loss on both sides: the closed forms of the criteria.

With squeezing r and transmission η of each mode the covariance is ½[[a, c], [c, a]] with a = 1 + 2η sinh² r in both
quadratures and c = ±η sinh 2r: symmetric, so that every criterion has a short form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState, apply_loss
from backaction.gaussian import two_mode_squeezed as squeezed_pair
from backaction.gaussian.arrays import FloatArray

__all__ = ["duan_sum", "log_negativity", "state", "steering"]


def state(squeezing: ArrayLike, transmission: ArrayLike = 1.0) -> GaussianState:
    """The state of the modes ``a`` and ``b``.

    Examples
    --------
    >>> state(1.0, 0.8).modes
    ('a', 'b')
    """
    return apply_loss(squeezed_pair(squeezing, ["a", "b"]), transmission)


def duan_sum(squeezing: ArrayLike, transmission: ArrayLike = 1.0) -> FloatArray:
    """Δ = 1 − η + η e^{−2r}.

    Examples
    --------
    >>> float(duan_sum(np.log(2.0), 0.8).round(12))
    0.4
    """
    eta = np.asarray(transmission, dtype=np.float64)
    delta: FloatArray = 1 - eta + eta * np.exp(-2 * np.asarray(squeezing))
    return delta


def log_negativity(squeezing: ArrayLike, transmission: ArrayLike = 1.0) -> FloatArray:
    """E_N = −ln Δ: loss never ends it.

    Examples
    --------
    >>> float(log_negativity(1.0))
    2.0
    """
    negativity: FloatArray = -np.log(duan_sum(squeezing, transmission))
    return negativity


def steering(squeezing: ArrayLike, transmission: ArrayLike = 1.0) -> FloatArray:
    """Steering either way, max(0, ln[a/(Δ₋Δ₊)]): it ends at η = ½, for every squeezing.

    Examples
    --------
    >>> float(steering(1.0, 0.5)), bool(steering(1.0, 0.51) > 0)
    (0.0, True)
    """
    eta, r = np.asarray(transmission, dtype=np.float64), np.asarray(squeezing, dtype=np.float64)
    local = 1 + 2 * eta * np.sinh(r) ** 2
    # Δ₋Δ₊ = 1 + 4η(1 − η) sinh² r
    both = 1 + 4 * eta * (1 - eta) * np.sinh(r) ** 2
    value: FloatArray = np.maximum(0.0, np.log(local / both)) + 0.0
    return value
