"""The Riccati equation in time: what a record of finite length makes of any initial covariance.

A record over a time t maps the covariance at its beginning to that at its end by three matrices,

    V(t) = Ω + Φ V₀ (1 + Γ V₀)⁻¹ Φᵀ.

Ω is what an infinitely well known beginning becomes, Γ the information that the record holds *about the beginning* (so
that Γ⁻¹ is the covariance of the retrodicted effect), Φ carries the rest. Two intervals, a then b, compose to

    Φ = Φ_b X Φ_a,   Ω = Ω_b + Φ_b X Ω_a Φ_bᵀ,   Γ = Γ_a + Φ_aᵀ Γ_b X Φ_a,   X = (1 + Ω_a Γ_b)⁻¹,

sums of positive matrices only. A short interval comes from the exponential of the Hamiltonian matrix and is doubled;
integrating the Riccati equation in small steps, or inverting the exponential of a long time, loses digits instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, block_matrix, common_batch, frozen, symmetrised, transpose
from .doubling import Filter, balance, twice
from .dynamics import SMALL_STEP, TAYLOR_TERMS
from .errors import InvalidInput, Unstable
from .lapack import symmetric_eigenvalues
from .measurement import Detector, record_model
from .riccati import Decorrelated, without_correlation
from .system import LinearSystem

__all__ = ["RecordFlow", "decorrelated", "record_flow"]


class RecordFlow(NamedTuple):
    """Φ, Γ and Ω of a record, each of shape (…, 2n, 2n)."""

    propagator: FloatArray
    information: FloatArray
    covariance: FloatArray


def decorrelated(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> Decorrelated:
    """The process without the noise that it shares with the record.

    Examples
    --------
    >>> from backaction.gaussian import Homodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], ports=["out"])
    >>> decorrelated(cavity, Homodyne(angle=0.0)).diffusion.diagonal()  # nothing but the record moves x
    array([0., 1.])
    """
    measured, noise, correlation = record_model(system, detectors)
    if not (symmetric_eigenvalues(noise)[..., 0] > 0).all():
        raise InvalidInput(
            "a record has a combination without noise: the detected light is infinitely squeezed, or by so much that a "
            "float cannot hold it"
        )
    return without_correlation(system.drift, system.diffusion, measured, noise, correlation)


def record_flow(system: LinearSystem, detectors: Detector | Sequence[Detector], time: ArrayLike) -> RecordFlow:
    """Φ, Γ, Ω of a record over a time t ≥ 0.

    Parameters
    ----------
    system : LinearSystem
        May be unstable.
    detectors : detector or sequence of them
    time : array_like
        t in s; broadcasts with the batch of system and detectors.

    Raises
    ------
    InvalidInput
        A negative time, batches that do not fit, a record without noise.
    Unstable
        What the record does not see has grown beyond what a float can hold.

    Examples
    --------
    >>> from backaction.gaussian import Homodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], ports=["out"])
    >>> half = 0.5 * np.log(2)  # the time in which half of the light comes out: x is then known to the vacuum's ½
    >>> float(record_flow(cavity, Homodyne(angle=0.0), half).information[0, 0].round(9))
    2.0
    """
    t = frozen(time, "the length of a record")
    if (t < 0).any():
        raise InvalidInput(f"the length of a record is ≥ 0, got {t.min()} s")
    drift, diffusion, information = decorrelated(system, detectors)
    common_batch({"system and detectors": drift.shape[:-2], "time": t.shape})
    unit = balance(diffusion, information)  # of V, in which the Hamiltonian matrix is balanced
    hamiltonian = block_matrix([[-transpose(drift), information * unit], [diffusion / unit, drift]])
    longest = float(np.max(_norm(hamiltonian) * t, initial=0.0))
    doublings = max(0, int(np.ceil(np.log2(longest / SMALL_STEP)))) if longest > 0 else 0
    short = hamiltonian * (t[..., None, None] / 2.0**doublings)
    # exp − 1, so that slow rates keep their digits beside the 1.
    change = term = short
    for order in range(2, TAYLOR_TERMS):
        term = short @ term / order
        change = change + term
    size = drift.shape[-1]
    one = np.eye(size)
    corner = one + change[..., :size, :size]
    now = Filter(
        -transpose(np.linalg.solve(corner, change[..., :size, :size])),
        symmetrised(np.linalg.solve(corner, change[..., :size, size:]) / unit),
        symmetrised(transpose(np.linalg.solve(transpose(corner), transpose(change[..., size:, :size]))) * unit),
    )
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        for _ in range(doublings):
            now = twice(now)
            if not (np.isfinite(now.change).all() and np.isfinite(now.spread).all()):
                raise Unstable(
                    "the record does not see a mode that has grown beyond what a float can hold", complex(np.nan)
                )
    return RecordFlow(one + now.change, now.known, now.spread)


def _norm(matrix: FloatArray) -> FloatArray:
    norm: FloatArray = np.abs(matrix).sum(axis=-1).max(axis=-1, initial=0.0)
    return norm
