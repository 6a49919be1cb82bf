"""The conditional state: what the records of a continuous measurement tell, and the filter that follows them.

It needs no damping, only that what does not decay by itself is watched (detectability): an undamped oscillator whose
light is detected settles to a stationary conditional state, though it has no unconditional one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, flattened, transpose
from .attempts import Attempt, Refusal, attempted, judged
from .dynamics import pole_text, raise_unphysical, raise_unresolved
from .errors import InvalidInput, Unstable
from .lapack import symmetric_eigenvalues
from .measurement import Detector, record_model, record_sizes
from .riccati import Problem, attempt_riccati, riccati_gain, without_correlation
from .rounding import ROUNDING, Sizes
from .stability import Hidden, hidden
from .state import GaussianState
from .system import LinearSystem

__all__ = [
    "attempt_conditional_state",
    "conditional_state",
    "kalman_gain",
    "raise_refused",
    "require_noise",
    "require_watched",
]


def conditional_state(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> GaussianState:
    """The stationary state given all records of the detectors up to now.

    The covariance is the same for every record; the mean follows the record (`kalman_gain`), and is given for the
    record zero.  Solves the Riccati equation with the process-measurement cross term (`backaction.gaussian.riccati`).
    What does not decay by itself must be watched, and then need not decay: the system may be unstable.

    Returns
    -------
    GaussianState
        `error_estimate` is the error of V against the model: with the rounding of A, D, H, R and Σ, which light that is
        detected behind a squeezer makes large (`backaction.gaussian.rounding`).

    Raises
    ------
    Unstable
        A pole does not decay and no record shows its mode, or no noise drives it, so that the record learns it without
        limit; the text has both.
    Unresolved
        The covariance has an error above 1e-6 in double precision.
    InvalidInput
        As `record_model`; also a record without noise (R singular).

    Examples
    --------
    A cavity is heated through one mirror and watched through the other: variances of 2 become 3/2.

    >>> from backaction.gaussian import Heterodyne, Homodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j], [1, 1j]], modes=["a"], ports=["hot", "out"])
    >>> conditional_state(cavity.with_noise("hot", 3.5), Heterodyne()).covariance.round(9)
    array([[1.5, 0. ],
           [0. , 1.5]])

    An undamped oscillator, its position watched:

    >>> watched = from_hamiltonian(np.eye(2), [[-1j * np.sqrt(0.5), 0]], modes=["m"], ports=["out"])
    >>> conditional_state(watched, Homodyne()).covariance.diagonal().round(4)
    array([0.4551, 0.6436])
    """
    found = _conditioned(system, detectors)
    if found.refusal.any():
        _refuse(found, system.modes)
    return attempted(*found[1:4], found.batch, system.modes).state


def attempt_conditional_state(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> Attempt:
    """`conditional_state` of every lane that has one, and why the others have none.

    Raises
    ------
    InvalidInput
        As `record_model`; nothing is raised for a lane's numbers.

    Examples
    --------
    >>> from backaction.gaussian import Homodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> attempt_conditional_state(cavity, Homodyne(angle=[0.0, 1.0])).refusal.tolist()
    [0, 0]
    """
    found = _conditioned(system, detectors)
    return attempted(*found[1:4], found.batch, system.modes)


def kalman_gain(
    system: LinearSystem, detectors: Detector | Sequence[Detector], state: GaussianState | None = None
) -> FloatArray:
    """K = (V Hᵀ + Σ) R⁻¹ of the filter dx̂ = A x̂ dt + K (dr − H x̂ dt), shape (…, 2n, k), in √(rad/s).

    `state` is the conditional state at that time; default the stationary one.
    """
    record = record_model(system, detectors)
    require_noise(record.noise)
    conditional = conditional_state(system, detectors) if state is None else state
    return riccati_gain(conditional.covariance, *record)


def require_watched(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> None:
    """Raise `Unstable` for what neither decays nor is shown by a record."""
    measured, noise, _ = record_model(system, detectors)
    batch = np.broadcast_shapes(system.batch_shape, measured.shape[:-2], noise.shape[:-2])
    drift, measured, noise = (flattened(matrix, batch) for matrix in (system.drift, measured, noise))
    _raise_unstable(hidden(drift, measured, noise.diagonal(axis1=-2, axis2=-1)), UNWATCHED, system.modes)


def require_noise(noise: FloatArray) -> None:
    """Raise `InvalidInput` for records (…, k, k) with a combination without noise."""
    values = symmetric_eigenvalues(noise)
    if _singular(values).any():
        raise InvalidInput(
            f"the records have a combination without noise (eigenvalue {float(values[..., 0].min()):.3g} of R): the "
            "detected light is infinitely squeezed, or the same light is recorded twice"
        )


UNWATCHED = (
    "there is no stationary state, not even given the records: the pole {pole} rad/s of mode {mode} does not decay, "
    "and no detector shows it. Detect the light that it meets, lower the coupling, change the sign of the detuning or "
    "add damping"
)

UNDRIVEN = (
    "there is no stationary conditional state: the pole {pole} rad/s of mode {mode} does not decay and no noise drives "
    "it, so that the record learns it without limit. Add its damping and noise, or ask for `conditional_evolution`"
)

UNRESOLVED = (
    "this usually means (a) a motion that the record hardly shows and whose own damping is almost zero, (b) rates that "
    "differ by more than about 1e12, or (c) detected light that is squeezed by more than about 50 dB"
)


class _Solved(NamedTuple):
    """Lanes (N, …) of a batch: covariances and errors, why some have none, and the equations that were solved."""

    batch: tuple[int, ...]
    covariance: FloatArray
    error: FloatArray
    refusal: NDArray[np.int8]
    problem: Problem


@np.errstate(all="ignore")  # what overflows is refused
def _conditioned(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> _Solved:
    given = (system.drift, system.diffusion, *record_model(system, detectors))
    batch = np.broadcast_shapes(system.batch_shape, *[matrix.shape[:-2] for matrix in given])
    problem = Problem(*[flattened(matrix, batch) for matrix in given])
    sizes = Sizes(*[flattened(size, batch) for size in record_sizes(system, detectors)])
    noiseless = _singular(symmetric_eigenvalues(problem.noise))
    if noiseless.any():
        covariance, error = np.ones(problem.drift.shape), np.full(len(noiseless), np.inf)
        good = np.flatnonzero(~noiseless)
        covariance[good], _, error[good] = attempt_riccati(problem.lanes(good), sizes.lanes(good))
    else:
        covariance, _, error = attempt_riccati(problem, sizes)
    refusal = judged(covariance, error, np.zeros(len(error), dtype=bool))
    refusal[noiseless] = Refusal.NOISELESS
    doubtful = np.flatnonzero((refusal == Refusal.UNRESOLVED) | (refusal == Refusal.UNPHYSICAL))
    if len(doubtful):
        part = problem.lanes(doubtful)
        endless = _unwatched(part).where | _undriven(part).where
        refusal[doubtful[endless.any(axis=-1)]] = Refusal.UNSTABLE
    covariance = covariance.reshape(batch + covariance.shape[1:])
    return _Solved(batch, covariance, error.reshape(batch), refusal.reshape(batch), problem)


def _singular(values: FloatArray) -> NDArray[np.bool_]:
    singular: NDArray[np.bool_] = (values[..., 0] <= ROUNDING * values[..., -1]) & np.isfinite(values[..., -1])
    return singular


def _unwatched(problem: Problem) -> Hidden:
    """What neither decays nor is shown by a record."""
    return hidden(problem.drift, problem.measured, problem.noise.diagonal(axis1=-2, axis2=-1))


def _undriven(problem: Problem) -> Hidden:
    """What neither decays nor grows and is moved by no noise but the record's: it is learnt without limit."""
    drift, diffusion, _ = without_correlation(*problem)
    variances = np.maximum(diffusion.diagonal(axis1=-2, axis2=-1), np.finfo(np.float64).tiny)
    found = hidden(transpose(drift), diffusion, variances)
    return found._replace(where=found.where & (found.poles.real <= found.slack))


def _refuse(found: _Solved, modes: tuple[str, ...]) -> NoReturn:
    refused = np.flatnonzero(~np.isin(found.refusal, (Refusal.NONE, Refusal.UNPHYSICAL)))
    if len(refused):
        raise_refused(found.problem.lanes(refused), found.error.reshape(-1)[refused], modes)
    raise_unphysical(found.covariance[found.refusal != Refusal.NONE])


@np.errstate(all="ignore")  # of records without noise
def raise_refused(problem: Problem, error: FloatArray, modes: tuple[str, ...]) -> NoReturn:
    """Raise for lanes (N, …) without a conditional state: `Unstable` with the hidden motion, or `Unresolved`."""
    _raise_unstable(_unwatched(problem), UNWATCHED, modes)
    _raise_unstable(_undriven(problem), UNDRIVEN, modes)
    require_noise(problem.noise)
    raise_unresolved(error, "conditional", UNRESOLVED)


def _raise_unstable(motion: Hidden, text: str, modes: tuple[str, ...]) -> None:
    """Raise `Unstable` for the fastest of the hidden motions, if there are any."""
    if motion.where.any():
        rates = np.where(motion.where, motion.poles.real, -np.inf)
        worst = np.unravel_index(int(np.argmax(rates)), rates.shape)
        pole, mode = complex(motion.poles[worst]), modes[int(motion.place[worst]) // 2]
        raise Unstable(text.format(pole=pole_text(pole), mode=repr(mode)), pole, mode)
