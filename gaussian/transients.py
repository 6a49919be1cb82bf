"""Conditioning in time: from any state at the moment when the detectors are switched on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, frozen, symmetrised, transpose
from .dynamics import growth_rate
from .errors import InvalidInput
from .flow import record_flow
from .measurement import Detector
from .state import GaussianState
from .system import LinearSystem

__all__ = ["conditional_evolution"]


def conditional_evolution(
    system: LinearSystem, detectors: Detector | Sequence[Detector], state: GaussianState, time: ArrayLike
) -> GaussianState:
    """The conditional state a time t ≥ 0 after the detectors were switched on, from any initial state.

    V(t) solves dV/dt = AV + VAᵀ + D − (VHᵀ + Σ)R⁻¹(VHᵀ + Σ)ᵀ, exactly for any t (`backaction.gaussian.flow`); the mean
    is that for the record zero. From `steady_state` it tells how fast the record learns; `conditional_state` stays as
    it is. Without decay it is the pulsed measurement.

    Parameters
    ----------
    system : LinearSystem
        May be unstable.
    detectors : detector or sequence of them
    state : GaussianState
        At t = 0, over the same modes in the same order.
    time : array_like
        t in s; broadcasts with the batch.

    Returns
    -------
    GaussianState
        Its `error_estimate` adds the phase error eps ‖A‖t of what has not decayed yet.

    Raises
    ------
    InvalidInput
        Other modes, a negative time, batches that do not fit, a record without noise.
    Unstable
        What the record does not see has grown beyond what a float can hold.

    Examples
    --------
    A hot cavity whose own light is watched: the variance falls from 3½ to the vacuum's.

    >>> from backaction.gaussian import Heterodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> hot = GaussianState.thermal([3.0], ["a"])
    >>> conditional_evolution(cavity, Heterodyne(), hot, [0.0, 0.5, 20.0]).covariance[:, 0, 0].round(6)
    array([3.5     , 0.881043, 0.5     ])
    """
    if state.modes != system.modes:
        raise InvalidInput(f"the state has the modes {state.modes}, the system {system.modes}; they must be the same")
    flow = record_flow(system, detectors, time)
    one = np.eye(state.covariance.shape[-1])
    known = one + state.covariance @ flow.information
    forward = flow.propagator @ np.linalg.solve(known, one)
    left = flow.propagator @ np.linalg.solve(known, state.covariance)
    covariance = symmetrised(flow.covariance + left @ transpose(flow.propagator))
    mean = (forward @ state.mean[..., None])[..., 0]
    error = np.asarray(state.error_estimate) + _phase_error(system, frozen(time, "the time"))
    return GaussianState(mean, covariance, system.modes, error, np.inf)


def _phase_error(system: LinearSystem, time: FloatArray) -> FloatArray:
    """About eps ‖A‖ t, until it is damped away."""
    rate = growth_rate(system)
    memory = np.where(rate < 0, 1 / np.maximum(-rate, np.finfo(np.float64).tiny), np.inf)
    norm = np.abs(system.drift).sum(axis=-1).max(axis=-1, initial=0.0)
    error: FloatArray = np.finfo(np.float64).eps * (1 + norm * np.minimum(time, memory))
    return error
