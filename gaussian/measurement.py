"""Continuous measurement: detectors and their records.

A detector records dr = G dy + dv: a quadrature of an output field (homodyne) or both with their extra noise
(heterodyne), with vacuum v for what is not detected.  The same light that is recorded has acted on the system, so the
noise of the record and that of the process are correlated: the cross term of the Riccati equation.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, block_matrix, common_batch, frozen, stack_matrix, symmetrised, transpose
from .errors import InvalidInput, SuspiciousInput
from .names import quadratures
from .rounding import Sizes, norms
from .system import LinearSystem

__all__ = [
    "Detector",
    "Heterodyne",
    "Homodyne",
    "Measurement",
    "Recording",
    "record_model",
    "record_sizes",
    "recorded",
    "sizes_of",
]


@dataclass(frozen=True, eq=False)
class _Port:
    port: str = "out"
    angle: ArrayLike = np.pi / 2
    efficiency: ArrayLike = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.port, str):
            raise InvalidInput(f"the port of a detector is the name of an output, got {self.port!r}")
        if isinstance(self.angle, str):
            raise InvalidInput(
                f"the angle of a detector must be an array of real numbers (rad), got the text {self.angle!r}; texts "
                "with a unit are for the detectors of backaction.systems"
            )
        angle = frozen(self.angle, "the angle of a detector")
        if type(self.angle) in (int, float, np.float64) and abs(angle) > 2 * np.pi:
            told = f"the angle of a detector is {float(angle):g} rad, more than a turn; np.radians takes degrees"
            warnings.warn(SuspiciousInput(told), stacklevel=3)
        efficiency = frozen(self.efficiency, "the efficiency of a detector")
        if (efficiency < 0).any() or (efficiency > 1).any():
            raise InvalidInput(
                f"the efficiency of a detector is a fraction of power in [0, 1], got {efficiency.min():.6g} to "
                f"{efficiency.max():.6g}"
            )
        common_batch({"angle": angle.shape, "efficiency": efficiency.shape})
        object.__setattr__(self, "angle", angle)
        object.__setattr__(self, "efficiency", efficiency)

    def _directions(self) -> FloatArray:
        c, s = np.cos(self.angle), np.sin(self.angle)
        return stack_matrix([[c, s], [-s, c]])


class Homodyne(_Port):
    """Homodyne detection of cos θ x + sin θ p of an output: r = √η q_θ + √(1−η) v.

    Parameters
    ----------
    port : str
        Output of the system.
    angle : array_like
        θ in rad; 0 is x, π/2 (the default) is p.
    efficiency : array_like
        η in [0, 1].

    Examples
    --------
    >>> Homodyne("out", angle=0.0, efficiency=0.64).rows
    array([[0.8, 0. ]])
    """

    @property
    def rows(self) -> FloatArray:
        """G, shape (…, 1, 2)."""
        rows: FloatArray = np.sqrt(np.asarray(self.efficiency))[..., None, None] * self._directions()[..., :1, :]
        return rows

    @property
    def added_noise(self) -> FloatArray:
        """PSD of the vacuum that is added to the record, shape (…, 1, 1)."""
        noise: FloatArray = ((1 - np.asarray(self.efficiency)) / 2)[..., None, None] * np.eye(1)
        return noise


class Heterodyne(_Port):
    """Heterodyne detection: √(η/2) q_θ + √(1−η/2) v and the same at θ + 90°, with independent vacua v.

    Parameters
    ----------
    port, angle, efficiency
        As for `Homodyne`. The conditional state does not depend on the angle.
    """

    @property
    def rows(self) -> FloatArray:
        """G, shape (…, 2, 2)."""
        rows: FloatArray = np.sqrt(np.asarray(self.efficiency) / 2)[..., None, None] * self._directions()
        return rows

    @property
    def added_noise(self) -> FloatArray:
        """PSD of the vacua that are added to the two records, shape (…, 2, 2)."""
        noise: FloatArray = ((1 - np.asarray(self.efficiency) / 2) / 2)[..., None, None] * np.eye(2)
        return noise


Detector = Homodyne | Heterodyne


class Measurement(NamedTuple):
    """The records of a set of detectors: dr = H x dt + dν, ⟨dν dνᵀ⟩ = R dt, ⟨B dw dνᵀ⟩ = Σ dt."""

    measured: FloatArray
    noise: FloatArray
    correlation: FloatArray


def record_model(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> Measurement:
    """H (…, k, 2n), R (…, k, k) and Σ (…, 2n, k) of any set of detectors on different outputs.

    Raises
    ------
    InvalidInput
        No detector, an unknown port, or two detectors at one port (the light is gone after the first).
    """
    return recorded(_gathered(system, detectors))


def record_sizes(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> Sizes:
    """The sizes of what D, R, Σ and H are sums of: see `backaction.gaussian.rounding`."""
    return sizes_of(_gathered(system, detectors))


class Recording(NamedTuple):
    """What records are made of: rows G over outputs of C and D, the noise M of the detectors, B and the inputs' N.

    Arrays of NumPy or of JAX: `recorded` and `sizes_of` use operators alone.
    """

    rows: FloatArray
    output_matrix: FloatArray
    feedthrough: FloatArray
    added_noise: FloatArray
    input_matrix: FloatArray
    noise: FloatArray


def recorded(given: Recording) -> Measurement:
    """H = G C, R = G D N Dᵀ Gᵀ + M and Σ = B N Dᵀ Gᵀ."""
    through = given.rows @ given.feedthrough
    noise = symmetrised(through @ given.noise @ transpose(through) + given.added_noise)
    return Measurement(given.rows @ given.output_matrix, noise, given.input_matrix @ given.noise @ transpose(through))


def sizes_of(given: Recording) -> Sizes:
    """The sizes of what these and B N Bᵀ are sums of: see `backaction.gaussian.rounding`."""
    extra = given.added_noise.diagonal(0, -2, -1)[..., None]
    before = abs(given.rows) @ abs(given.feedthrough)
    return Sizes(
        norms(given.input_matrix, given.noise),
        (norms(given.rows @ given.feedthrough, given.noise) ** 2 + extra) ** 0.5,
        (norms(before, given.noise) ** 2 + extra) ** 0.5,
        abs(given.rows) @ abs(given.output_matrix),
    )


def _gathered(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> Recording:
    """What the detectors take of the system's outputs; G and M are block-diagonal."""
    chosen = _as_list(detectors)
    rows = [quadratures(detector.port, system.outputs, "output") for detector in chosen]
    batches = {f"detector {d.port!r}": np.broadcast_shapes(np.shape(d.angle), np.shape(d.efficiency)) for d in chosen}
    common_batch({"system": system.batch_shape} | batches)
    gains, added = (_diagonal(blocks) for blocks in ([d.rows for d in chosen], [d.added_noise for d in chosen]))
    seen = np.concatenate(rows)
    output, through = system.output_matrix[..., seen, :], system.feedthrough[..., seen, :]
    return Recording(gains, output, through, added, system.input_matrix, system.noise)


def _as_list(detectors: Detector | Iterable[Detector]) -> list[Detector]:
    try:
        chosen = [detectors] if isinstance(detectors, _Port) else list(detectors)
    except TypeError:
        chosen = [detectors]  # type: ignore[list-item]  # refused in the next line
    if not all(isinstance(detector, _Port) for detector in chosen):
        raise InvalidInput(f"detectors are Homodyne or Heterodyne objects, got {detectors!r}")
    if not chosen:
        raise InvalidInput("a conditional state needs at least one detector; without a record use `steady_state`")
    ports = [detector.port for detector in chosen]
    twice = sorted({port for port in ports if ports.count(port) > 1})
    if twice:
        raise InvalidInput(
            f"a port has at most one detector, but {', '.join(map(repr, twice))} has more; split its light with a loss"
        )
    return chosen


def _diagonal(blocks: list[FloatArray]) -> FloatArray:
    return block_matrix(
        [
            [block if i == j else np.zeros((block.shape[-2], other.shape[-1])) for j, other in enumerate(blocks)]
            for i, block in enumerate(blocks)
        ]
    )
