"""Measurements of some modes: what the others are afterwards, and how the outcomes are distributed.

A Gaussian measurement records y = Hξ + v, with v independent Gaussian noise of covariance M. Given y, the modes that
were not measured are in a Gaussian state again,

    V' = V_A − C W⁻¹ Cᵀ,   ⟨ξ⟩' = ⟨ξ_A⟩ + C W⁻¹ (y − ⟨y⟩),   C = Cov(ξ_A, y),   W = Cov(y) = H V_B Hᵀ + M,

and V' does not depend on y. For an ideal homodyne detector H has the one row of the quadrature and M = 0: the exact
limit of an infinitely squeezed projection. The conjugate quadrature is lost, and the measured mode is no longer part of
the state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, frozen, stack_matrix, symmetrised, transpose
from .errors import InvalidInput, Unphysical
from .maps import allowed_rounding, carried_error
from .names import indices, quadratures
from .state import GaussianState
from .symplectic import symplectic_form

__all__ = ["Measured", "measure_general_dyne", "measure_heterodyne", "measure_homodyne"]


@dataclass(frozen=True, eq=False)
class Measured:
    """The result of measuring some modes.

    Attributes
    ----------
    state : GaussianState
        The other modes, given the outcome.
    mean : array, shape (…, k)
        Expected outcome ⟨y⟩.
    covariance : array, shape (…, k, k)
        Of the outcome: y is normally distributed with these two.
    """

    state: GaussianState
    mean: FloatArray
    covariance: FloatArray


def measure_homodyne(
    state: GaussianState,
    mode: str,
    angle: ArrayLike,
    outcome: ArrayLike | None = None,
    efficiency: ArrayLike = 1.0,
) -> Measured:
    """Measure cos θ x + sin θ p of one mode: y = √η (cos θ x + sin θ p) + √(1−η) v, v of vacuum.

    Parameters
    ----------
    state : GaussianState
    mode : str
    angle : array_like
        θ, rad: 0 is x, π/2 is p.
    outcome : array_like, shape (…, 1), optional
        y; default the expected one.
    efficiency : array_like
        η in [0, 1].

    Returns
    -------
    Measured
        The other modes, and the distribution of y (k = 1).

    Raises
    ------
    InvalidInput
        An unknown mode, the only mode, an efficiency outside [0, 1], an outcome of another shape.

    Examples
    --------
    >>> from backaction.gaussian.preparation import two_mode_squeezed
    >>> pair = two_mode_squeezed(0.5 * np.log(2.0), ["a", "b"])
    >>> measure_homodyne(pair, "b", 0.0).state.covariance.diagonal().round(12)  # 1/(2 cosh 2r) and cosh(2r)/2
    array([0.4  , 0.625])
    """
    eta = frozen(efficiency, "an efficiency")
    if not ((eta >= 0) & (eta <= 1)).all():
        raise InvalidInput(f"an efficiency lies in [0, 1], got {eta}")
    rows = stack_matrix([[np.sqrt(eta) * np.cos(angle), np.sqrt(eta) * np.sin(angle)]])
    return _measured(state, [mode], rows, ((1 - eta) / 2)[..., None, None], outcome)


def measure_heterodyne(state: GaussianState, mode: str, outcome: ArrayLike | None = None) -> Measured:
    """Project one mode on coherent states: y = (x, p) + noise of a vacuum.

    Examples
    --------
    >>> from backaction.gaussian.preparation import two_mode_squeezed
    >>> measure_heterodyne(two_mode_squeezed(3.0, ["a", "b"]), "b").state.covariance.diagonal().round(9)
    array([0.5, 0.5])
    """
    return measure_general_dyne(state, [mode], np.eye(2) / 2, outcome)


def measure_general_dyne(
    state: GaussianState,
    modes: str | Sequence[str],
    measured_covariance: ArrayLike,
    outcome: ArrayLike | None = None,
) -> Measured:
    """Project the named modes on displaced copies of a Gaussian state with covariance M: y = ξ + noise of M.

    Parameters
    ----------
    state : GaussianState
    modes : str or sequence of str
        The k modes that are measured.
    measured_covariance : array_like, shape (…, 2k, 2k)
        M, itself the covariance of a state; ½ is heterodyne detection.
    outcome : array_like, shape (…, 2k), optional
        y; default the expected one.

    Raises
    ------
    InvalidInput
        Unknown modes, no mode left, shapes that do not fit.
    Unphysical
        M violates the uncertainty principle: no such measurement exists.

    References
    ----------
    M. G. Genoni, L. Lami and A. Serafini, Contemp. Phys. 57, 331 (2016), section 4.

    Examples
    --------
    >>> measured = measure_general_dyne(GaussianState.thermal([1.0, 2.0], ["a", "b"]), "b", 0.5 * np.eye(2))
    >>> measured.state.occupation, measured.covariance.diagonal()
    (array([1.]), array([3., 3.]))
    """
    names = [modes] if isinstance(modes, str) else list(modes)
    noise = symmetrised(frozen(measured_covariance, "a measured covariance"))
    if noise.shape[-2:] != (2 * len(names), 2 * len(names)):
        raise InvalidInput(
            f"a measurement of {len(names)} modes has a covariance of {2 * len(names)} rows, got {noise.shape}"
        )
    smallest = float(np.linalg.eigvalsh(noise + 0.5j * symplectic_form(len(names)))[..., 0].min(initial=0.0))
    if smallest < -allowed_rounding(noise):
        raise Unphysical(
            f"the measured covariance violates the uncertainty principle: M + iΩ/2 has the eigenvalue {smallest:.6g}. "
            "A detector that resolves x and p beyond that does not exist",
            smallest,
        )
    return _measured(state, names, np.eye(2 * len(names)), noise, outcome)


def _measured(
    state: GaussianState, modes: Sequence[str], rows: FloatArray, noise: FloatArray, outcome: ArrayLike | None
) -> Measured:
    gone = indices(modes, state.modes, "mode")
    kept = [name for position, name in enumerate(state.modes) if position not in gone]
    if not kept:
        raise InvalidInput(f"measuring {', '.join(map(repr, modes))} leaves no mode of {state.modes} to condition")
    inside, outside = quadratures(list(modes), state.modes), quadratures(kept, state.modes)
    within = state.covariance[..., inside[:, None], inside]
    across = state.covariance[..., outside[:, None], inside] @ transpose(rows)
    spread = symmetrised(rows @ within @ transpose(rows) + noise)
    expected = (rows @ state.mean[..., inside, None])[..., 0]
    gain = transpose(np.linalg.solve(spread, transpose(across)))
    covariance = symmetrised(state.covariance[..., outside[:, None], outside] - gain @ transpose(across))
    mean = state.mean[..., outside]
    if outcome is not None:
        record = frozen(outcome, "the outcome of a measurement")
        if record.ndim == 0 or record.shape[-1] != expected.shape[-1]:
            raise InvalidInput(f"the outcome has {expected.shape[-1]} entries, got shape {record.shape}")
        mean = mean + (gain @ (record - expected)[..., None])[..., 0]
    # V' = KVKᵀ + … with K = (1, −CW⁻¹H): to first order an uncertainty of V is carried by K.
    carrier = np.zeros((*gain.shape[:-2], len(outside), state.covariance.shape[-1]))
    carrier[..., np.arange(len(outside)), outside] = 1.0
    carrier[..., :, inside] = -gain @ rows
    error = carried_error(state, carrier, covariance)
    return Measured(GaussianState(mean, covariance, kept, error, np.inf), expected, spread)
