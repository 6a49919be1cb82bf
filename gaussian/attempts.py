"""Stationary states of a batch, lane by lane: what has none is refused with its reason, and spoils no neighbour.

`steady_state` and `conditional_state` raise for a batch with a lane that has no state; a sweep wants all the others.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .errors import Unresolved
from .lyapunov_dense import Solution
from .state import GaussianState, known_state

__all__ = ["RESOLVED", "Attempt", "Refusal", "attempted", "growing", "lane_by_lane", "nothing_yet"]

RESOLVED = 1e-6
"""Largest error estimate (relative to the standard deviations) with which a covariance is returned at all."""


class Refusal(IntEnum):
    """Why a lane has no state."""

    NONE = 0
    """It has one."""
    UNSTABLE = 1
    """A pole does not decay; for a conditional state, and nothing that is detected shows its mode."""
    UNRESOLVED = 2
    """Double precision does not hold the covariance."""
    NOISELESS = 3
    """A combination of the records has no noise."""


class Attempt(NamedTuple):
    """States of a batch, the vacuum where refused, and the `Refusal` of each lane (int8, shape of the batch)."""

    state: GaussianState
    refusal: NDArray[np.int8]


def attempted(solution: Solution, refusal: NDArray[np.int8], batch: tuple[int, ...], modes: tuple[str, ...]) -> Attempt:
    """The states of lanes (N, …), those refused or without digits replaced by the vacuum."""
    covariance, error = solution
    refusal = np.where((refusal == Refusal.NONE) & ~(error < RESOLVED), Refusal.UNRESOLVED, refusal).astype(np.int8)
    size = covariance.shape[-1]
    covariance[refusal != Refusal.NONE] = np.eye(size) / 2
    error[refusal != Refusal.NONE] = 0.0
    shaped = covariance.reshape(*batch, size, size)
    return Attempt(
        known_state(np.zeros(shaped.shape[:-1]), shaped, modes, error.reshape(batch)), refusal.reshape(batch)
    )


def lane_by_lane(solve: Callable[[NDArray[np.intp]], Solution], lanes: NDArray[np.intp], found: Solution) -> None:
    """Fill solutions of the lanes; where some are not resolved, of halves of them until those are alone."""
    try:
        found.matrix[lanes], found.error_estimate[lanes] = solve(lanes)
    except Unresolved as error:
        if len(lanes) == 1:
            found.error_estimate[lanes] = np.inf if np.isnan(error.uncertainty) else max(error.uncertainty, RESOLVED)
            return
        lane_by_lane(solve, lanes[: len(lanes) // 2], found)
        lane_by_lane(solve, lanes[len(lanes) // 2 :], found)


def nothing_yet(count: int, size: int) -> Solution:
    """Room for solutions."""
    return Solution(np.zeros((count, size, size)), np.zeros(count))


def growing(rate: FloatArray) -> NDArray[np.int8]:
    """The refusal of lanes by their growth rate."""
    return np.where(rate < 0, Refusal.NONE, Refusal.UNSTABLE).astype(np.int8)
