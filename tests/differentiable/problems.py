"""Problems that the tests of the gradients share: random stable systems and published networks."""

from __future__ import annotations

import numpy as np

from backaction.experiment import DetectorSpec
from backaction.systems.published import moller2017, schweer2022

PUBLISHED = {
    "moller": (moller2017.network("fig3"), [DetectorSpec(efficiency=0.8)], ("spin", "membrane")),
    "schweer": (
        schweer2022.cascade(schweer2022.Order.ANCILLA_FIRST),
        [DetectorSpec(angle=1.2)],
        ("ancilla.ancilla", "sensor"),
    ),
}
"""Network, detectors, and a pair of modes."""


def lyapunov_problem(rng, size, batch=()):
    """A stable drift and a positive diffusion."""
    drift = rng.normal(size=(*batch, size, size))
    drift = drift - (np.linalg.eigvals(drift).real.max(axis=-1) + 0.3)[..., None, None] * np.eye(size)
    factor = rng.normal(size=(*batch, size, size))
    return drift, factor @ np.swapaxes(factor, -1, -2) + np.eye(size)


def riccati_problem(rng, size, records=1, batch=()):
    """A stable drift and noises of a positive joint spectrum [[D, Σ], [Σᵀ, R]]: A, D, H, R, Σ."""
    drift, _ = lyapunov_problem(rng, size, batch)
    factor = rng.normal(size=(*batch, size + records, size + records))
    joint = factor @ np.swapaxes(factor, -1, -2) + np.eye(size + records)
    measured = rng.normal(size=(*batch, records, size))
    return drift, joint[..., :size, :size], measured, joint[..., size:, size:], joint[..., :size, size:]


def central(function, point, direction, step):
    """Derivative of a function along a direction: differences at ±h and ±2h, with an error of the order h⁴."""
    near, far = (function(point + k * step * direction) - function(point - k * step * direction) for k in (1, 2))
    return (8 * near - far) / (12 * step)
