"""A continuous measurement read out in steps: the exact discrete-time model of quadratures and record increments.

Over a step, the quadratures x and the record r = ∫ dr obey dz = F z dt + noise with z = (x, r). The solution of that
linear equation over the step is exact, whatever the step: x' = Φ x + w, Δr = M x + v, with the covariances of w and v
and their correlation. No step has to be short for the model to hold; short steps only tell more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, block_matrix, frozen, symmetrised, transpose
from .dynamics import propagated
from .errors import InvalidInput
from .measurement import Detector, record_model
from .system import LinearSystem

__all__ = ["SampledMeasurement", "sampled_measurement"]


class SampledMeasurement(NamedTuple):
    """x' = Φ x + w and Δr = M x + v over one step, with Cov(w) = Q, Cov(v) = R, Cov(w, v) = C."""

    transition: FloatArray
    measured: FloatArray
    process_noise: FloatArray
    record_noise: FloatArray
    correlation: FloatArray

    def predicted(self, covariance: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Kalman gain K, covariance S of the innovation, and the covariance after the step; from that before it."""
        seen = self.measured @ covariance
        innovation = symmetrised(seen @ transpose(self.measured) + self.record_noise)
        cross = self.transition @ transpose(seen) + self.correlation
        gain: FloatArray = transpose(np.linalg.solve(innovation, transpose(cross)))
        # Joseph's form: a sum of positive terms, where ΦVΦᵀ + Q − KSKᵀ would lose a small V beside a large one
        closed = self.transition - gain @ self.measured
        shared = gain @ transpose(self.correlation)
        noise = self.process_noise - shared - transpose(shared) + gain @ self.record_noise @ transpose(gain)
        return gain, innovation, symmetrised(closed @ covariance @ transpose(closed) + noise)


def sampled_measurement(
    system: LinearSystem, detectors: Detector | Sequence[Detector], step: ArrayLike
) -> SampledMeasurement:
    """The model of one step of duration `step` > 0 (in s), which broadcasts with the batch.

    Raises
    ------
    InvalidInput
        A step that is not positive, batches that do not fit; as `measurement`.

    Examples
    --------
    >>> from backaction.gaussian import Homodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], ports=["out"])
    >>> sampled_measurement(cavity, Homodyne(), 0.5).transition.diagonal().round(6)  # e^{−κt/2}, κ = 2
    array([0.606531, 0.606531])
    """
    duration = frozen(step, "the time step of a record")
    if not (duration > 0).all():
        raise InvalidInput(f"the time step of a record is > 0, got {duration.min()} s")
    measured, noise, correlation = record_model(system, detectors)
    size, records = system.drift.shape[-1], measured.shape[-2]
    drift = block_matrix([[system.drift, np.zeros((size, records))], [measured, np.zeros((records, records))]])
    diffusion = block_matrix([[system.diffusion, correlation], [transpose(correlation), noise]])
    change, gathered = propagated(drift, diffusion, duration)
    return SampledMeasurement(
        np.eye(size) + change[..., :size, :size],
        change[..., size:, :size],
        gathered[..., :size, :size],
        gathered[..., size:, size:],
        gathered[..., :size, size:],
    )
