"""Which systems have a spectrum.

A spectrum is that of a stationary record. A system that grows has none: the formula C(−iω − A)⁻¹B + D is finite
there too, but no experiment shows that curve. Who wants the formula's curve asks for it by name, `formal=True`, which
has this one meaning in every function that makes a spectrum, an area or a sensitivity.

A mode that neither grows nor decays is refused where the record sees it: where it is driven and reaches the record.
One that is not (a dark mode, an oscillator without light) changes no spectrum.
"""

from __future__ import annotations

import contextlib
import math

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, transpose
from .dynamics import poles, require_stable
from .errors import Unstable
from .system import LinearSystem

__all__ = ["stationary_drift"]

DECAY = 1e-14
"""Rates below this part of the norm of A are rounding."""

UNSEEN = 1e-13
"""Couplings below this part of the largest are rounding: they show no mode to a record."""


def stationary_drift(
    system: LinearSystem, seen: FloatArray, formal: bool = False, found: NDArray[np.complex128] | None = None
) -> FloatArray:
    """The drift A for spectra of the record that C = `seen`, shape (…, k, 2n), makes of the modes.

    Undamped modes that the record does not see are damped in it, which changes no C(−iω − A)⁻¹B. `found`: the poles,
    where they are known.

    Raises
    ------
    Unstable
        A pole grows, or one that the record sees does not decay; not if `formal`.

    Examples
    --------
    The record of a cavity, with an oscillator beside it that nothing touches:

    >>> beside = np.array([[-1.0, 0, 0, 0], [0, -1.0, 0, 0], [0, 0, 0, 5.0], [0, 0, -5.0, 0]])
    >>> system = LinearSystem(beside, np.eye(4)[:, :2], np.eye(4)[:2], np.eye(2))
    >>> np.linalg.eigvals(stationary_drift(system, system.output_matrix)).real.max() < 0
    np.True_
    """
    drift = system.drift
    if formal or not system.modes:
        return drift
    if found is None and math.prod(system.batch_shape) > 1:
        with contextlib.suppress(Unstable):  # for many systems this takes less time than their poles
            require_stable(system)
            return drift
    rate = (poles(system) if found is None else found).real.max(axis=-1)
    rounding = DECAY * np.linalg.norm(drift, axis=(-2, -1))
    doubtful = rate >= -rounding
    if not doubtful.any():
        return drift
    if (rate <= rounding).all():
        damped = _without_unseen(system, seen, doubtful)
        if (np.linalg.eigvals(damped).real < 0).all():
            return damped
    try:
        require_stable(system)
    except Unstable as error:
        raise Unstable(
            f"{error}. Without it there is no spectrum; formal=True gives the curve of the formula, which no "
            "experiment shows",
            error.eigenvalue,
            error.mode,
        ) from None
    return drift


def _without_unseen(system: LinearSystem, seen: FloatArray, doubtful: NDArray[np.bool_]) -> FloatArray:
    """A less its norm times the projectors on what is not seen, and on what is not driven, in the doubtful lanes.

    For a basis Q of the rows CAᵏ, Qᵀ(1 − QQᵀ) = 0, so that the rows C(−iω − A)⁻¹ do not change; the same for AᵏB.
    """
    batch = np.broadcast_shapes(system.batch_shape, seen.shape[:-2])
    drift, drive, rows, noise = (
        np.broadcast_to(matrix, batch + matrix.shape[-2:]).copy()
        for matrix in (system.drift, system.input_matrix, seen, system.noise)
    )
    chosen = np.broadcast_to(doubtful, batch)
    for lane in np.ndindex(batch):
        if not chosen[lane]:
            continue
        size = float(np.linalg.norm(drift[lane])) or 1.0
        drift[lane] -= size * _outside(transpose(drift[lane]), transpose(rows[lane])).T
        driven = drive[lane][:, np.diagonal(noise[lane]) > 0]
        drift[lane] -= size * _outside(drift[lane], driven)
    return drift


def _outside(drift: FloatArray, start: FloatArray) -> FloatArray:
    """The projector on what the columns start, A start, A² start, … do not span."""
    size = len(drift)
    basis = np.zeros((size, 0))
    scale = float(np.linalg.norm(drift)) or 1.0
    lengths = np.linalg.norm(start, axis=0)
    kept = lengths > UNSEEN * lengths.max(initial=0.0)
    fresh = start[:, kept] / lengths[kept]
    while fresh.shape[1]:
        for _ in range(2):
            fresh = fresh - basis @ (basis.T @ fresh)
        left, singular, _ = np.linalg.svd(fresh, full_matrices=False)
        found = left[:, singular > UNSEEN]
        basis = np.concatenate([basis, found], axis=1)
        fresh = drift @ found / scale
    projector: FloatArray = np.eye(size) - basis @ basis.T
    projector[np.abs(projector) < UNSEEN] = 0.0
    return projector
