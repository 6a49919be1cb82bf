"""Poles, the steady state, and the way to it.

The covariance of a linear system obeys dV/dt = A V + V Aᵀ + B N Bᵀ.  It has a stationary solution when every pole of A
decays.
"""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, common_batch, flattened, frozen, symmetrised, transpose
from .attempts import Attempt, Refusal, attempted, judged
from .engines.lanes import Certified
from .errors import InvalidInput, Unphysical, Unresolved, Unstable
from .lyapunov import solve_and_certify
from .lyapunov_dense import RESOLVED, certain_pivot
from .rounding import norms
from .stability import dominant, spectrum
from .state import GaussianState
from .system import LinearSystem

__all__ = ["attempt_steady_state", "evolve", "growth_rate", "leading_pole", "poles", "steady_state"]

SMALL_STEP = 0.25
"""‖A‖ times the time step below which the exponential is computed directly, before it is doubled."""

TAYLOR_TERMS = 18
"""(2 × 0.25)¹⁸/18! is 1e-21: below rounding, for the noise (rate 2‖A‖) as for the propagator."""


def poles(system: LinearSystem) -> NDArray[np.complex128]:
    """Eigenvalues of the drift, in rad/s, shape (…, 2n); see `backaction.gaussian.stability`.

    Raises
    ------
    Unresolved
        LAPACK does not find them.

    Examples
    --------
    >>> lossy = LinearSystem(-np.eye(2), np.zeros((2, 0)), np.zeros((0, 2)), np.zeros((0, 0)))
    >>> poles(lossy).real
    array([-1., -1.])
    """
    drift = system.drift
    values = spectrum(flattened(drift, drift.shape[:-2])).poles.reshape(drift.shape[:-1])
    if np.isnan(values).any():
        raise Unresolved(
            "LAPACK does not find the poles of a drift: its iteration does not end. This usually means rates that "
            "differ by hundreds of powers of ten",
            np.inf,
        )
    return values


def growth_rate(system: LinearSystem) -> FloatArray:
    """Largest real part of the poles, in rad/s, shape (…): negative for a stable system (−∞ without modes)."""
    rate: FloatArray = poles(system).real.max(axis=-1, initial=-np.inf)
    return rate


def leading_pole(system: LinearSystem) -> tuple[complex, str]:
    """The pole with the largest real part (of all lanes of a batch), and the mode that dominates its eigenvector.

    The eigenvector is that of the strongly connected block that has the pole: the mode that moves by itself, not one
    that it drives down the beam.

    Raises
    ------
    InvalidInput
        A static system has no poles.
    """
    values = poles(system)
    if not values.size:
        raise InvalidInput("a static system (no modes) or an empty batch has no poles")
    lane = np.unravel_index(int(np.argmax(values.real)), values.shape)
    value = complex(values[lane])
    return value, system.modes[dominant(system.drift[lane[:-1]], value, int(lane[-1])) // 2]


def steady_state(system: LinearSystem) -> GaussianState:
    """The stationary (unconditional) state: A V + V Aᵀ + B N Bᵀ = 0, mean zero.

    Returns
    -------
    GaussianState
        Batch shape of the system; `error_estimate` is the forward error of V (see `backaction.gaussian.lyapunov`).
        Its positivity is that of the model: ask `positivity_defect`.

    Raises
    ------
    Unstable
        A pole does not decay; the text has it.
    Unresolved
        The covariance has an error above 1e-6 in double precision.

    Examples
    --------
    A damped oscillator takes the occupation of its bath:

    >>> from backaction.gaussian import from_hamiltonian
    >>> oscillator = from_hamiltonian(1e6 * np.eye(2), [[5, 5j]], noise=(3 + 0.5) * np.eye(2), modes=["m"])
    >>> steady_state(oscillator).occupation.round(9)
    array([3.])
    """
    solution, refusal = _stationary(system)
    if refusal.any():
        _refuse(system, solution, refusal)
    return attempted(solution.matrix, solution.error, refusal, system.batch_shape, system.modes).state


def attempt_steady_state(system: LinearSystem) -> Attempt:
    """`steady_state` of every lane that has one, and why the others have none: nothing is raised for a lane's numbers.

    Examples
    --------
    >>> rate = np.array([1.0, -1.0])[:, None, None]
    >>> found = attempt_steady_state(LinearSystem(-rate * np.eye(2), np.eye(2), np.eye(2), np.eye(2)))
    >>> found.refusal.tolist(), found.state.covariance.diagonal(axis1=1, axis2=2).tolist()
    ([0, 1], [[0.25, 0.25], [0.5, 0.5]])
    """
    solution, refusal = _stationary(system)
    return attempted(solution.matrix, solution.error, refusal, system.batch_shape, system.modes)


def evolve(system: LinearSystem, state: GaussianState, time: ArrayLike) -> GaussianState:
    """The state after a time t ≥ 0 (in s), from any initial state; the system may be unstable.

    V(t) = Φ V Φᵀ + ∫₀ᵗ e^{As} B N Bᵀ e^{Aᵀs} ds with Φ = e^{At}: Taylor series over a short step, then
    doubled.  A phase Ωt is known only to eps × Ωt, and so is V(t); `error_estimate` has it.

    Parameters
    ----------
    system : LinearSystem
    state : GaussianState
        Over the same modes in the same order.
    time : array_like
        Broadcasts with the batch of the system and the state.

    Raises
    ------
    InvalidInput
        Other modes, a negative time, batches that do not fit.
    Unstable
        An unstable system has grown beyond what a float can hold.

    Examples
    --------
    >>> from backaction.gaussian import from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["cavity"])
    >>> hot = GaussianState.thermal([2.0], ["cavity"])
    >>> evolve(cavity, hot, [0.0, 0.5 * np.log(2)]).occupation.round(9)
    array([[2.],
           [1.]])
    """
    if state.modes != system.modes:
        raise InvalidInput(f"the state has the modes {state.modes}, the system {system.modes}; they must be the same")
    t = frozen(time, "the evolution time")
    if (t < 0).any():
        raise InvalidInput(f"the evolution time must be ≥ 0, got {t.min()} s; noise cannot be undone")
    common_batch({"system": system.batch_shape, "state": state.batch_shape, "time": t.shape})
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        change, noise = propagated(system.drift, system.diffusion, t)
        mean = state.mean + (change @ state.mean[..., None])[..., 0]
        moved = state.covariance + change @ state.covariance
        covariance = symmetrised(moved + moved @ transpose(change) + noise)
    if not (np.isfinite(covariance).all() and np.isfinite(mean).all()):
        value, mode = leading_pole(system)
        raise Unstable(
            f"by {t.max():.6g} s the state has grown beyond what a float can hold: the pole {pole_text(value)} rad/s "
            f"of mode {mode!r} grows. Ask for a shorter time",
            value,
            mode,
        )
    error = state.error_estimate + _phase_error(system, t)
    return GaussianState(mean, covariance, system.modes, error, np.inf)


def require_stable(system: LinearSystem) -> None:
    """Raise `Unstable` unless every pole decays."""
    if (_stationary(system)[1] == Refusal.UNSTABLE).any():
        value, mode = leading_pole(system)
        kind = "grows" if value.real > 0 else "does not decay"
        raise Unstable(
            f"there is no stationary state: the pole {pole_text(value)} rad/s of mode {mode!r} {kind}. "
            "Lower the coupling, change the sign of the detuning or add damping",
            value,
            mode,
        )


def shows_stability(solution: Certified) -> NDArray[np.bool_]:
    """Whether V > 0 beyond its errors, lane by lane: then every pole decays.

    For a left eigenvector w of A, 2 Re λ w†Vw = −w†Dw ≤ 0, so nothing grows; an undamped pole would make the equation
    singular, and V unresolved. The converse does not hold: a mode without noise has V = 0.
    """
    certain: NDArray[np.bool_] = solution.pivot > certain_pivot(solution.step, solution.matrix.shape[-1])
    return certain & (solution.error < RESOLVED)


def raise_unresolved(error: FloatArray, kind: str, reason: str) -> NoReturn:
    """Raise `Unresolved` for the worst of some errors (…)."""
    worst = float(np.where(np.isnan(error), np.inf, error).max())
    raise Unresolved(f"the {kind} covariance has a relative error of {worst:.3g} in double precision; {reason}", worst)


def raise_unphysical(covariance: FloatArray) -> NoReturn:
    """Raise `Unphysical` for the smallest variance of some covariances."""
    least = float(covariance.diagonal(axis1=-2, axis2=-1).min())
    raise Unphysical(
        f"a covariance has the variance {least:.6g} on its diagonal; variances are positive. This usually means a "
        "mode that is damped without the noise that belongs to it",
        least,
    )


def pole_text(pole: complex) -> str:
    """A pole as texts of errors show it."""
    return f"{pole.real:.6g} {pole.imag:+.6g}i"


@np.errstate(all="ignore")  # what overflows is refused
def _stationary(system: LinearSystem) -> tuple[Certified, NDArray[np.int8]]:
    """The solution of each lane, and its refusal. A sweep of the read-out alone has one lane."""
    drift = system.drift
    solution = solve_and_certify(drift, system.diffusion, norms(system.input_matrix, system.noise))
    unstable = np.asarray(~shows_stability(solution))
    if not unstable.any():
        return solution, np.zeros(unstable.shape, dtype=np.int8)
    lanes = np.broadcast_to(drift, solution.matrix.shape)[unstable]
    found, lost = spectrum(lanes), unstable.copy()
    lost[unstable] = np.isnan(found.poles).any(axis=-1)
    unstable[unstable] = found.lasting.any(axis=-1)
    return solution, judged(solution.matrix, np.where(lost, np.inf, solution.error), unstable)


def _refuse(system: LinearSystem, solution: Certified, refusal: NDArray[np.int8]) -> NoReturn:
    require_stable(system)
    if (refusal == Refusal.UNRESOLVED).any():
        rate = float(growth_rate(system).max())
        reason = f"a pole is too close to instability (largest real part {rate:.6g} rad/s)"
        raise_unresolved(solution.error[refusal == Refusal.UNRESOLVED], "stationary", reason)
    raise_unphysical(solution.matrix[refusal != Refusal.NONE])


def _phase_error(system: LinearSystem, time: FloatArray) -> FloatArray:
    """About eps ‖A‖ t: what rounding of A and of the doubled steps adds up to until it is damped away."""
    rate = growth_rate(system)
    memory = np.where(rate < 0, 1 / np.maximum(-rate, np.finfo(np.float64).tiny), np.inf)
    eps = float(np.finfo(np.float64).eps)
    error: FloatArray = eps * (1 + _norm(system.drift) * np.minimum(time, memory))
    return error


def _norm(drift: FloatArray) -> FloatArray:
    norm: FloatArray = np.abs(drift).sum(axis=-1).max(axis=-1, initial=0.0)
    return norm


def propagated(drift: FloatArray, diffusion: FloatArray, time: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Φ − 1 and the noise that has come in; Φ − 1 because short times of a batch would lose it beside the 1."""
    longest = float(np.max(_norm(drift) * time, initial=0.0))
    doublings = max(0, int(np.ceil(np.log2(longest / SMALL_STEP)))) if longest > 0 else 0
    step = time[..., None, None] / 2.0**doublings
    short = drift * step
    change = term = short
    noise = added = diffusion * step
    for order in range(2, TAYLOR_TERMS):
        term = short @ term / order
        change = change + term
        moved = short @ added / order
        added = moved + transpose(moved)
        noise = noise + added
    for _ in range(doublings):
        moved = noise + change @ noise
        noise = noise + moved + moved @ transpose(change)
        change = 2 * change + change @ change
    return change, symmetrised(noise)
