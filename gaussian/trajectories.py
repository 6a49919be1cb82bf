"""Trajectories: records of continuous measurements, and what they tell, drawn from one seed and batched.

The record of a Gaussian system is what its filter expects plus white innovations, so that records and estimates can be
drawn together without any "true" trajectory behind them: there is none. Everything is exact for the sampled record, the
increments ∫dr of finite steps; short steps approach `conditional_state`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, frozen
from .conditional import conditional_state
from .dynamics import steady_state
from .errors import InvalidInput, Unstable
from .measurement import Detector
from .sampling import SampledMeasurement, sampled_measurement
from .state import GaussianState
from .system import LinearSystem

__all__ = ["Trajectory", "apply", "kalman_filter", "sampling_times", "trajectory"]

STATIONARY = 1e-14
"""Change of a covariance in one step, relative to √(V_ii V_jj), below which it is taken as stationary: rounding."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Records and the estimates from them, at the times t_j = j·step.

    Attributes
    ----------
    time : array, shape (steps + 1,)
        In s.
    records : array, shape (…, steps, k)
        Increments ∫dr of the record over each step, in √s; divided by √step their variance is about that of the vacuum.
    mean : array, shape (…, steps + 1, 2n)
        Estimates at t_j from all increments before: the means of the conditional states.
    covariance : array, shape (batch…, steps + 1, 2n, 2n)
        Conditional covariances, the same for every record.
    modes : tuple of str
    """

    time: FloatArray
    records: FloatArray
    mean: FloatArray
    covariance: FloatArray
    modes: tuple[str, ...]

    def state(self, index: int) -> GaussianState:
        """The conditional state at one of the times; a batch over the trajectories."""
        return GaussianState(
            self.mean[..., index, :], self.covariance[..., index, :, :], self.modes, allowed_defect=np.inf
        )


def trajectory(
    system: LinearSystem,
    detectors: Detector | Sequence[Detector],
    step: float,
    steps: int,
    rng: np.random.Generator | int,
    samples: int | tuple[int, ...] = (),
    state: GaussianState | None = None,
) -> Trajectory:
    """Draw records and the estimates that follow them.

    Parameters
    ----------
    system : LinearSystem
    detectors : detector or sequence of them
    step : float
        Time between readings, in s; any length is exact.
    steps : int
        Number of readings ≥ 1.
    rng : numpy.random.Generator or int
        The only source of chance: the same seed gives the same trajectories.
    samples : int or tuple of int
        Trajectories to draw; their axes come before those of the batch. Default one.
    state : GaussianState, optional
        When the detectors are switched on; default `steady_state`, or for a system that has none, but is watched,
        `conditional_state`: the detectors have been on for long.

    Returns
    -------
    Trajectory

    Raises
    ------
    InvalidInput
        A step that is not positive, no step, other modes in the state; as `measurement`.
    Unstable
        No state is given, and there is no stationary one, with or without a record.

    Examples
    --------
    >>> from backaction.gaussian import Heterodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> hot = GaussianState.thermal([3.0], ["a"])
    >>> run = trajectory(cavity, Heterodyne(), 0.05, 40, rng=1, samples=500, state=hot)
    >>> run.records.shape, run.mean.shape, run.covariance[[0, 40], 0, 0].round(3)
    ((500, 40, 2), (500, 41, 2), array([3.5  , 0.514]))
    """
    begin = _beginning(system, detectors) if state is None else state
    model, gains, innovations, covariances = _filter(system, detectors, step, steps, begin)
    roots = [np.asarray(np.linalg.cholesky(matrix), dtype=np.float64) for matrix in innovations]
    shape = (samples,) if isinstance(samples, int) else tuple(samples)
    source = np.random.default_rng(rng)
    batch = np.broadcast_shapes(covariances[0].shape[:-2], begin.mean.shape[:-1])
    size, width = model.transition.shape[-1], model.measured.shape[-2]
    mean = np.zeros((*shape, *batch, steps + 1, size))
    records = np.zeros((*shape, *batch, steps, width))
    here = np.broadcast_to(begin.mean, (*shape, *batch, size))
    mean[..., 0, :] = here
    for j in range(steps):
        noise = apply(roots[min(j, len(roots) - 1)], source.normal(size=(*shape, *batch, width)))
        records[..., j, :] = apply(model.measured, here) + noise
        here = apply(model.transition, here) + apply(gains[min(j, len(gains) - 1)], noise)
        mean[..., j + 1, :] = here
    return Trajectory(sampling_times(step, steps), records, mean, _stacked(covariances, steps), system.modes)


def kalman_filter(
    system: LinearSystem,
    detectors: Detector | Sequence[Detector],
    step: float,
    records: ArrayLike,
    state: GaussianState | None = None,
) -> Trajectory:
    """The estimates from records: the filter that a laboratory runs on its data.

    Parameters
    ----------
    system, detectors, step, state
        As for `trajectory`; they may differ from what made the records.
    records : array_like, shape (…, steps, k)
        Increments ∫dr of each step, detector by detector (x before p of a heterodyne one).

    Returns
    -------
    Trajectory

    Raises
    ------
    InvalidInput
        Records of another width; as `trajectory`.

    References
    ----------
    R. E. Kalman, J. Basic Eng. 82, 35 (1960); with correlated noises B. D. O. Anderson and J. B. Moore, Optimal
    Filtering (1979), section 5.4.

    Examples
    --------
    >>> from backaction.gaussian import Homodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"]).with_noise("out", 2.0)
    >>> run = trajectory(cavity, Homodyne(efficiency=0.5), 0.1, 100, rng=3)
    >>> again = kalman_filter(cavity, Homodyne(efficiency=0.5), 0.1, run.records)
    >>> bool(np.allclose(again.mean, run.mean, rtol=0, atol=1e-13))
    True
    """
    readings = frozen(records, "the records")
    begin = _beginning(system, detectors) if state is None else state
    if readings.ndim < 2:
        raise InvalidInput(f"records have the shape (…, steps, detectors), got {readings.shape}")
    steps = readings.shape[-2]
    model, gains, _, covariances = _filter(system, detectors, step, steps, begin)
    width = model.measured.shape[-2]
    if readings.shape[-1] != width:
        raise InvalidInput(f"these detectors give {width} records, got {readings.shape[-1]} in shape {readings.shape}")
    batch = np.broadcast_shapes(readings.shape[:-2], covariances[0].shape[:-2], begin.mean.shape[:-1])
    here = np.broadcast_to(begin.mean, (*batch, model.transition.shape[-1]))
    mean = np.zeros((*batch, steps + 1, here.shape[-1]))
    mean[..., 0, :] = here
    for j in range(steps):
        surprise = readings[..., j, :] - apply(model.measured, here)
        here = apply(model.transition, here) + apply(gains[min(j, len(gains) - 1)], surprise)
        mean[..., j + 1, :] = here
    return Trajectory(sampling_times(step, steps), readings, mean, _stacked(covariances, steps), system.modes)


def _beginning(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> GaussianState:
    try:
        return steady_state(system)
    except Unstable:
        return conditional_state(system, detectors)


def _filter(
    system: LinearSystem, detectors: Detector | Sequence[Detector], step: float, steps: int, state: GaussianState
) -> tuple[SampledMeasurement, list[FloatArray], list[FloatArray], list[FloatArray]]:
    """The model, and gains, innovations and covariances of all steps until they are stationary."""
    if state.modes != system.modes:
        raise InvalidInput(f"the state has the modes {state.modes}, the system {system.modes}; they must be the same")
    if steps < 1:
        raise InvalidInput(f"a trajectory has at least one step, got {steps}")
    if np.ndim(step):
        raise InvalidInput("the time step of a trajectory is one number; run different steps one by one")
    model = sampled_measurement(system, detectors, step)
    batch = np.broadcast_shapes(model.transition.shape[:-2], state.covariance.shape[:-2])
    covariances = [np.broadcast_to(state.covariance, (*batch, *state.covariance.shape[-2:]))]
    gains, innovations = [], []
    for _ in range(steps):
        gain, innovation, after = model.predicted(covariances[-1])
        gains.append(gain)
        innovations.append(innovation)
        scale = np.sqrt(np.diagonal(after, axis1=-2, axis2=-1))
        change = np.abs(after - covariances[-1]) / (scale[..., :, None] * scale[..., None, :])
        covariances.append(after)
        if change.max() < STATIONARY:
            break
    return model, gains, innovations, covariances


def _stacked(covariances: list[FloatArray], steps: int) -> FloatArray:
    """All covariances along the time axis; the last one stays."""
    given = np.stack(covariances, axis=-3)
    rest = np.repeat(given[..., -1:, :, :], steps + 1 - given.shape[-3], axis=-3)
    return np.concatenate([given, rest], axis=-3)


def sampling_times(step: float, steps: int) -> FloatArray:
    """Return the times of the readings, with the beginning.

    Examples
    --------
    >>> sampling_times(0.5, 2)
    array([0. , 0.5, 1. ])
    """
    return step * np.arange(steps + 1, dtype=np.float64)


def apply(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Return the product of matrices and vectors over a batch.

    Examples
    --------
    >>> apply(np.eye(2), np.ones((3, 2))).shape
    (3, 2)
    """
    product: FloatArray = (matrix @ vector[..., None])[..., 0]
    return product
