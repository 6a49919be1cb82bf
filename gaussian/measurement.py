"""Continuous measurement: detectors, the conditional state and the Kalman gain.

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
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, block_matrix, common_batch, flattened, frozen, stack_matrix, symmetrised, transpose
from .attempts import Attempt, Refusal, attempted, growing, lane_by_lane, nothing_yet
from .dynamics import growth_rate, require_stable, resolved_state
from .errors import InvalidInput, SuspiciousInput
from .names import quadratures
from .riccati import riccati_gain, solve_riccati
from .state import GaussianState
from .system import LinearSystem

__all__ = [
    "Detector",
    "Heterodyne",
    "Homodyne",
    "Measurement",
    "attempt_conditional_state",
    "conditional_state",
    "kalman_gain",
    "record_model",
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
    chosen = _as_list(detectors)
    rows = [quadratures(detector.port, system.outputs, "output") for detector in chosen]
    batches = {f"detector {d.port!r}": np.broadcast_shapes(np.shape(d.angle), np.shape(d.efficiency)) for d in chosen}
    common_batch({"system": system.batch_shape} | batches)
    gains = _diagonal([detector.rows for detector in chosen])
    added = _diagonal([detector.added_noise for detector in chosen])
    seen = np.concatenate(rows)
    measured = gains @ system.output_matrix[..., seen, :]
    through = gains @ system.feedthrough[..., seen, :]
    noise = symmetrised(through @ system.noise @ transpose(through) + added)
    correlation = system.input_matrix @ system.noise @ transpose(through)
    return Measurement(measured, noise, correlation)


def conditional_state(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> GaussianState:
    """The stationary state given all records of the detectors up to now.

    The covariance is the same for every record; the mean follows the record (`kalman_gain`), and is given for the
    record zero.  Solves the Riccati equation with the process-measurement cross term (`backaction.gaussian.riccati`).

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `steady_state` and `record_model`; also a record without noise (R singular).

    Examples
    --------
    A cavity is heated through one mirror and watched through the other: variances of 2 become 3/2.

    >>> from backaction.gaussian import from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j], [1, 1j]], modes=["a"], ports=["hot", "out"])
    >>> conditional_state(cavity.with_noise("hot", 3.5), Heterodyne()).covariance.round(9)
    array([[1.5, 0. ],
           [0. , 1.5]])
    """
    require_stable(system)
    record = record_model(system, detectors)
    _require_noise(record.noise)
    solution = solve_riccati(system.drift, system.diffusion, *record)
    return resolved_state(solution.matrix, solution.error_estimate, system, "conditional")


def attempt_conditional_state(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> Attempt:
    """`conditional_state` of every lane that has one, and why the others have none.

    Raises
    ------
    InvalidInput
        As `record_model`; nothing is raised for a lane's numbers.

    Examples
    --------
    >>> from backaction.gaussian import from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> attempt_conditional_state(cavity, Homodyne(angle=[0.0, 1.0])).refusal.tolist()
    [0, 0]
    """
    record = record_model(system, detectors)
    given = (system.drift, system.diffusion, *record)
    batch = np.broadcast_shapes(system.batch_shape, *[matrix.shape[:-2] for matrix in given])
    problem = [flattened(matrix, batch) for matrix in given]
    refusal = growing(np.broadcast_to(growth_rate(system), batch).reshape(-1))
    refusal[_noiseless(problem[3])] = Refusal.NOISELESS
    found = nothing_yet(len(refusal), problem[0].shape[-1])
    lane_by_lane(
        lambda lanes: solve_riccati(*[matrix[lanes] for matrix in problem]),
        np.flatnonzero(refusal == Refusal.NONE),
        found,
    )
    return attempted(found, refusal, batch, system.modes)


def kalman_gain(
    system: LinearSystem, detectors: Detector | Sequence[Detector], state: GaussianState | None = None
) -> FloatArray:
    """K = (V Hᵀ + Σ) R⁻¹ of the filter dx̂ = A x̂ dt + K (dr − H x̂ dt), shape (…, 2n, k), in √(rad/s).

    `state` is the conditional state at that time; default the stationary one.
    """
    record = record_model(system, detectors)
    _require_noise(record.noise)
    conditional = conditional_state(system, detectors) if state is None else state
    return riccati_gain(conditional.covariance, *record)


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


def _require_noise(noise: FloatArray) -> None:
    if _noiseless(noise).any():
        least = float(np.linalg.eigvalsh(noise)[..., 0].min())
        raise InvalidInput(
            f"the records have a combination without noise (eigenvalue {least:.3g} of R): the detected light is "
            "infinitely squeezed, or the same light is recorded twice"
        )


def _noiseless(noise: FloatArray) -> NDArray[np.bool_]:
    values = np.linalg.eigvalsh(noise)
    singular: NDArray[np.bool_] = values[..., 0] <= np.finfo(np.float64).eps * values[..., -1]
    return singular
