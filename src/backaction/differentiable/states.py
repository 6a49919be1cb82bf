"""Stationary covariances, unconditional and conditional, of systems in JAX.

"Unstable" is an error here as everywhere: where the numbers are at hand, the core looks at them and names the mode.
While JAX traces (inside `grad`, `jit`, `vmap`) nothing can be raised; there a lane without a stationary state is NaN,
value and gradient. It is recognised by its covariance: for D ≥ 0, V > 0 shows that every pole decays (Lyapunov). A
stable system with a noiseless mode, which no quantum system has, is NaN too.
"""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from backaction.gaussian.arrays import flattened
from backaction.gaussian.conditional import raise_refused
from backaction.gaussian.dynamics import raise_unresolved, require_stable
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.lyapunov_dense import RESOLVED
from backaction.gaussian.measurement import sizes_of
from backaction.gaussian.riccati import Problem
from backaction.gaussian.rounding import norms

from .double import JaxArray, after, checked, in_double, is_positive, is_traced, jax_module
from .lyapunov import lyapunov_error, solve_lyapunov_unchecked
from .riccati import solve_riccati_unchecked
from .system import Matrices, record_model, recording

__all__ = ["conditional_covariance", "steady_covariance"]


@in_double
def steady_covariance(system: Matrices) -> JaxArray:
    """The covariance of the stationary (unconditional) state: A V + V Aᵀ + B N Bᵀ = 0, shape (…, 2n, 2n).

    Raises
    ------
    Unstable
        A pole does not decay; the text has it. While JAX traces, such lanes are NaN instead.
    Unresolved
        The error is above 1e-6 in double precision (NaN while JAX traces).
    InvalidInput
        JAX is missing or set to 32 bits.

    Examples
    --------
    >>> from backaction.differentiable import double_precision, matrices
    >>> from backaction.systems import Hz, MechanicalOscillator, MHz
    >>> mirror = MechanicalOscillator(mechanical_frequency=1 * MHz, mechanical_linewidth=1 * Hz, readout_rate=0.0,
    ...                               occupation=3.0)
    >>> with double_precision():
    ...     covariance = steady_covariance(matrices(mirror))
    >>> np.asarray(covariance).diagonal().round(9)
    array([3.5, 3.5])
    """
    drift, diffusion = system.drift, system.diffusion
    if not is_traced(drift):
        require_stable(system.linear)
    covariance = solve_lyapunov_unchecked(drift, diffusion)
    error = lyapunov_error(drift, covariance, diffusion, norms(system.input_matrix, system.noise))
    if is_traced(drift):
        shown = is_positive(after(error[..., None, None], jax_module().lax.stop_gradient(covariance)))
    else:
        shown = (covariance.diagonal(0, -2, -1) > 0).all(axis=-1)
    return checked(
        covariance,
        (error < RESOLVED) & shown,
        lambda: raise_unresolved(np.asarray(error), "stationary", "a pole is too close to instability"),
    )


@in_double
def conditional_covariance(system: Matrices) -> JaxArray:
    """The covariance of the stationary state given all records of the system, shape (…, 2n, 2n).

    What does not decay by itself must be watched, and then need not decay, as of
    `backaction.gaussian.conditional_state`.

    Raises
    ------
    Unstable
        A pole does not decay, and no record shows its mode, or no noise drives it (NaN while JAX traces).
    Unresolved
        The error, with the rounding of the model, is above 1e-6 in double precision (NaN while JAX traces).
    InvalidInput
        No detector; a record without noise; JAX is missing or set to 32 bits.

    Examples
    --------
    Ten thousand quanta, but known to a little more than the vacuum by the light that is detected:

    >>> from backaction.differentiable import double_precision, matrices
    >>> from backaction.experiment import DetectorSpec
    >>> from backaction.systems import MechanicalOscillator, MHz, kHz
    >>> mirror = MechanicalOscillator(mechanical_frequency=1 * MHz, mechanical_linewidth=1e-3 * kHz,
    ...                               readout_rate=50 * kHz, occupation=1e4)
    >>> with double_precision():
    ...     covariance = conditional_covariance(matrices(mirror, detectors=[DetectorSpec()]))
    >>> np.asarray(covariance).diagonal().round(2)
    array([0.67, 0.67])
    """
    if not system.records:
        raise InvalidInput(
            "a conditional state needs at least one detector; give `detectors=[DetectorSpec(…)]` to `matrices`, or use "
            "`steady_covariance` for the state without a record"
        )
    problem = Problem(system.drift, system.diffusion, *record_model(system))
    found = solve_riccati_unchecked(*problem, *sizes_of(recording(system)))

    def refuse() -> NoReturn:
        error = np.asarray(found.error)
        lanes = Problem(*[flattened(np.asarray(matrix), error.shape) for matrix in problem])
        refused = np.flatnonzero(~(error < RESOLVED))
        raise_refused(lanes.lanes(refused), error.reshape(-1)[refused], system.modes)

    return checked(found.matrix, found.error < RESOLVED, refuse)
