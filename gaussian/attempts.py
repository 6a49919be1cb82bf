"""Stationary states of a batch, lane by lane: what has none is refused with its reason, and spoils no neighbour.

`steady_state` and `conditional_state` raise for a batch with a lane that has no state; a sweep wants all the others.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .lyapunov_dense import RESOLVED
from .state import GaussianState, known_state

__all__ = ["Attempt", "Refusal", "attempted", "judged"]


class Refusal(IntEnum):
    """Why a lane has no state."""

    NONE = 0
    """It has one."""
    UNSTABLE = 1
    """A pole does not decay; for a conditional state: and no record shows its mode."""
    UNRESOLVED = 2
    """Double precision does not hold the covariance."""
    NOISELESS = 3
    """A combination of the records has no noise."""
    UNPHYSICAL = 4
    """A variance is not positive: the model damps without noise."""


class Attempt(NamedTuple):
    """States of a batch, the vacuum where refused, and the `Refusal` of each lane (int8, shape of the batch)."""

    state: GaussianState
    refusal: NDArray[np.int8]


def judged(covariance: FloatArray, error: FloatArray, unstable: NDArray[np.bool_]) -> NDArray[np.int8]:
    """The refusal of solutions (…, n, n) with their errors (…): one definition for all engines and both states."""
    refusal = np.zeros(error.shape, dtype=np.int8)
    refusal[~(covariance.diagonal(axis1=-2, axis2=-1) > 0).all(axis=-1)] = Refusal.UNPHYSICAL
    refusal[~(error < RESOLVED)] = Refusal.UNRESOLVED
    refusal[unstable] = Refusal.UNSTABLE
    return refusal


def attempted(
    covariance: FloatArray, error: FloatArray, refusal: NDArray[np.int8], batch: tuple[int, ...], modes: tuple[str, ...]
) -> Attempt:
    """The states of lanes, with the vacuum where they are refused."""
    refused = refusal != Refusal.NONE
    if refused.any():
        covariance = np.where(refused[..., None, None], np.eye(covariance.shape[-1]) / 2, covariance)
        error = np.where(refused, 0.0, error)
    if refusal.shape != batch:  # a sweep of the read-out alone has one state, and as many copies as points
        covariance = np.broadcast_to(covariance, batch + covariance.shape[-2:])
        error, refusal = np.broadcast_to(error, batch), np.broadcast_to(refusal, batch)
    return Attempt(known_state(np.zeros(covariance.shape[:-1]), covariance, modes, error), refusal)
