"""Retrodiction from records: what the increments after a time tell about the quadratures at that time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, frozen, symmetrised, transpose
from .errors import InvalidInput
from .measurement import Detector
from .sampling import sampled_measurement
from .system import LinearSystem
from .trajectories import apply, sampling_times

__all__ = ["Retrodiction", "retrodict"]


@dataclass(frozen=True, eq=False)
class Retrodiction:
    """What later increments tell about the quadratures at the times t_j: likelihoods exp(−½ xᵀΛx + ηᵀx).

    Attributes
    ----------
    time : array, shape (steps + 1,)
    information : array, shape (batch…, steps + 1, 2n, 2n)
        Λ; zero at the end, where no record is left.
    vector : array, shape (…, steps + 1, 2n)
        η.
    modes : tuple of str
    """

    time: FloatArray
    information: FloatArray
    vector: FloatArray
    modes: tuple[str, ...]

    def mean(self, index: int) -> FloatArray:
        """Λ⁻¹η at one of the times, shape (…, 2n): the retrodicted quadratures."""
        solved = np.linalg.solve(self.information[..., index, :, :], self.vector[..., index, :, None])
        return np.asarray(solved[..., 0], dtype=np.float64)

    def covariance(self, index: int) -> FloatArray:
        """Λ⁻¹ at one of the times."""
        return symmetrised(np.linalg.inv(self.information[..., index, :, :]))


def retrodict(
    system: LinearSystem, detectors: Detector | Sequence[Detector], step: float, records: ArrayLike
) -> Retrodiction:
    """What the increments after each time tell about the quadratures at that time.

    Prediction and retrodiction at one time come from different increments, so that their errors are independent: the
    variance of `retrodiction.mean(j) − trajectory.mean[j]` over many records is V_c + Λ⁻¹, by which experiments
    verify a conditional state (`backaction.gaussian.estimation.verification_covariance`).

    Parameters
    ----------
    system, detectors, step, records
        As for `kalman_filter`.

    Returns
    -------
    Retrodiction

    Raises
    ------
    InvalidInput
        As `kalman_filter`.

    References
    ----------
    D. C. Fraser and J. E. Potter, IEEE Trans. Autom. Control 14, 387 (1969): the two-filter form of smoothing.

    Examples
    --------
    >>> from backaction.gaussian import Heterodyne, from_hamiltonian, trajectory
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> run = trajectory(cavity, Heterodyne(), 0.02, 300, rng=5)
    >>> retrodict(cavity, Heterodyne(), 0.02, run.records).covariance(0).diagonal().round(2)  # the vacuum's: ½
    array([0.5, 0.5])
    """
    readings = frozen(records, "the records")
    model = sampled_measurement(system, detectors, step)
    if readings.ndim < 2 or readings.shape[-1] != model.measured.shape[-2]:
        width = model.measured.shape[-2]
        raise InvalidInput(f"these detectors give records of shape (…, steps, {width}), got {readings.shape}")
    steps, size = readings.shape[-2], model.transition.shape[-1]
    shared = transpose(np.linalg.solve(model.record_noise, transpose(model.correlation)))
    forward = model.transition - shared @ model.measured
    noise = symmetrised(model.process_noise - shared @ transpose(model.correlation))
    weighed = transpose(np.linalg.solve(model.record_noise, model.measured))
    batch = np.broadcast_shapes(readings.shape[:-2], forward.shape[:-2])
    information = np.zeros((*forward.shape[:-2], steps + 1, size, size))
    vector = np.zeros((*batch, steps + 1, size))
    after, told = information[..., steps, :, :], vector[..., steps, :]
    one = np.eye(size)
    for j in reversed(range(steps)):
        reading = readings[..., j, :]
        blurred = np.linalg.inv(one + after @ noise)
        kept = symmetrised(blurred @ after)
        known = apply(blurred, told) - apply(kept, apply(shared, reading))
        told = apply(transpose(forward), known) + apply(weighed, reading)
        after = symmetrised(transpose(forward) @ kept @ forward + weighed @ model.measured)
        information[..., j, :, :], vector[..., j, :] = after, told
    return Retrodiction(sampling_times(step, steps), information, vector, system.modes)
