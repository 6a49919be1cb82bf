"""What is asked of one mode or of all modes together: occupation and purity, with their numerical uncertainties."""

from __future__ import annotations

import numpy as np

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.normal_modes import ROUNDING

from .criterion import Attempt, Criterion
from .parties import Parties

__all__ = ["attempt_occupation", "attempt_purity", "occupation", "purity"]


def occupation(state: GaussianState, mode: str) -> Criterion:
    """Quanta of the fluctuations of a mode, (V_xx + V_pp − 1)/2; the mean does not count.

    Examples
    --------
    >>> float(occupation(GaussianState.thermal([3.0], ["membrane"]), "membrane"))
    3.0
    """
    return Criterion.of(attempt_occupation, None, state, mode)


def attempt_occupation(state: GaussianState, mode: str) -> Attempt:
    """`occupation` lane by lane."""
    one = state.marginal(mode)
    value = one.occupation[..., 0]
    return _attempt(one, f"the occupation of {mode!r}", value, (value + 0.5) * _relative(one))


def purity(state: GaussianState) -> Criterion:
    """Purity tr ρ² of all modes, 1/√det 2V.

    Examples
    --------
    >>> round(float(purity(GaussianState.thermal([0.5, 0.0], ["spin", "membrane"]))), 12)
    0.5
    """
    return Criterion.of(attempt_purity, None, state)


def attempt_purity(state: GaussianState) -> Attempt:
    """`purity` lane by lane."""
    scale = np.sqrt(np.diagonal(state.covariance, axis1=-2, axis2=-1))
    correlations = state.covariance / (scale[..., :, None] * scale[..., None, :])
    _, logarithm = np.linalg.slogdet(2 * state.covariance)
    value = np.exp(-logarithm / 2)
    # d ln det V = tr V⁻¹dV
    reach = np.abs(np.linalg.pinv(correlations, hermitian=True)).sum(axis=(-2, -1)) / 2
    return _attempt(state, "the purity", value, value * reach * _relative(state))


def _relative(state: GaussianState) -> FloatArray:
    return np.asarray(state.error_estimate) + ROUNDING


def _attempt(state: GaussianState, what: str, value: FloatArray, uncertainty: FloatArray) -> Attempt:
    """Of numbers that are shown as they are, with their uncertainty, whatever it is."""
    batch = state.batch_shape
    whole = Parties(state.covariance, np.asarray(state.error_estimate), state.modes, (), batch)
    value, uncertainty = whole.spread(value), whole.spread(uncertainty)
    certain = np.zeros(batch)
    return Attempt(whole, what, value, uncertainty, certain + 1.0, certain, 0.0, np.ones(batch, dtype=bool))
