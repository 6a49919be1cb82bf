"""What happens to a Gaussian state: symplectic maps, channels, loss and added noise, on the modes that are named.

A linear map takes ξ → Xξ + noise + d, so that the mean becomes X⟨ξ⟩ + d and the covariance XVXᵀ + Y. The other modes
of the state are carried along with their correlations. The state's `error_estimate` is carried through too: an
uncertainty |δV_ij| ≤ ε√(V_ii V_jj) becomes at most ε(Σ|X_ik|√V_kk)² of entry (i, i), and the product's own rounding is
added.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, frozen, symmetrised, transpose
from .errors import InvalidInput, Unphysical
from .names import quadratures
from .state import POSITIVITY_TOLERANCE, GaussianState
from .symplectic import is_symplectic, symplectic_defect, symplectic_form

__all__ = [
    "add_noise",
    "allowed_rounding",
    "apply_channel",
    "apply_loss",
    "apply_symplectic",
    "carried_error",
    "displace",
]


def apply_symplectic(
    state: GaussianState, matrix: ArrayLike, modes: str | Sequence[str] | None = None, displacement: ArrayLike = 0.0
) -> GaussianState:
    """Apply a unitary ξ → Sξ + d to the named modes.

    Parameters
    ----------
    state : GaussianState
    matrix : array_like, shape (…, 2k, 2k)
        S, symplectic; its rows are x, p of the named modes in the order given.
    modes : str or sequence of str, optional
        Default: all modes of the state.
    displacement : array_like, shape (…, 2k)
        d.

    Raises
    ------
    InvalidInput
        Unknown modes, shapes that do not fit, a matrix that is not symplectic.

    Examples
    --------
    >>> from backaction.gaussian.symplectic import squeezing
    >>> state = apply_symplectic(GaussianState.vacuum(["spin", "light"]), squeezing(np.log(2.0)), "light")
    >>> state.covariance.diagonal().round(12)
    array([0.5  , 0.5  , 0.125, 2.   ])
    """
    array = frozen(matrix, "a symplectic matrix")
    if not is_symplectic(array):
        raise InvalidInput(
            "a unitary needs a symplectic matrix, SΩSᵀ = Ω, but the largest entry of SΩSᵀ − Ω is "
            f"{np.max(symplectic_defect(array)):.3g}; `apply_channel` takes other maps, with their noise"
        )
    return _mapped(state, array, np.zeros(array.shape[-2:]), modes, displacement)


def displace(state: GaussianState, displacement: ArrayLike, modes: str | Sequence[str] | None = None) -> GaussianState:
    """Displace the named modes, ξ → ξ + d, d of shape (…, 2k).

    Examples
    --------
    >>> displace(GaussianState.vacuum(["spin"]), [1.0, 0.0]).mean
    array([1., 0.])
    """
    size = 2 * len(_names(state, modes))
    return _mapped(state, np.eye(size), np.zeros((size, size)), modes, displacement)


def apply_channel(
    state: GaussianState,
    matrix: ArrayLike,
    noise: ArrayLike,
    modes: str | Sequence[str] | None = None,
    displacement: ArrayLike = 0.0,
) -> GaussianState:
    """Apply a Gaussian channel to the named modes: V → XVXᵀ + Y, ⟨ξ⟩ → X⟨ξ⟩ + d.

    It is a quantum channel iff Y + i(Ω − XΩXᵀ)/2 ≥ 0: whatever changes the commutators adds noise.

    Parameters
    ----------
    state : GaussianState
    matrix, noise : array_like, shape (…, 2k, 2k)
        X, and Y symmetric.
    modes : str or sequence of str, optional
        Default: all modes of the state.
    displacement : array_like, shape (…, 2k)
        d.

    Raises
    ------
    InvalidInput
        Unknown modes, shapes that do not fit.
    Unphysical
        Not completely positive: too little noise.

    References
    ----------
    C. Weedbrook et al., Rev. Mod. Phys. 84, 621 (2012), eqs (38)–(40), there with vacuum 1.

    Examples
    --------
    >>> apply_channel(GaussianState.vacuum(["light"]), np.sqrt(2) * np.eye(2), 0.5 * np.eye(2)).occupation.round(12)
    array([1.])
    """
    gain, added = frozen(matrix, "the matrix of a channel"), symmetrised(frozen(noise, "the noise of a channel"))
    form = symplectic_form(gain.shape[-1] // 2)
    if gain.shape[-2:] != form.shape or added.shape[-2:] != form.shape:
        raise InvalidInput(
            f"a channel of k modes has a matrix and a noise of shape (…, 2k, 2k), got {gain.shape} and {added.shape}"
        )
    commutators = form - gain @ form @ transpose(gain)
    smallest = float(np.min(np.linalg.eigvalsh(added + 0.5j * commutators)[..., 0], initial=0.0))
    if smallest < -allowed_rounding(added):
        raise Unphysical(
            f"the channel is not completely positive: Y + i(Ω − XΩXᵀ)/2 has the eigenvalue {smallest:.6g}. A map that "
            "amplifies or attenuates must add at least the noise that keeps the commutators",
            smallest,
        )
    return _mapped(state, gain, added, modes, displacement)


def apply_loss(
    state: GaussianState,
    efficiency: ArrayLike,
    modes: str | Sequence[str] | None = None,
    occupation: ArrayLike = 0.0,
) -> GaussianState:
    """Transmit the power η of each named mode and mix the rest with a thermal bath: V → ηV + (1 − η)(n + ½).

    Parameters
    ----------
    state : GaussianState
    efficiency : array_like
        η in [0, 1]; an array is a batch.
    modes : str or sequence of str, optional
        Default: all modes, each with its own bath.
    occupation : array_like
        n ≥ 0 of the bath.

    Raises
    ------
    InvalidInput
        An efficiency outside [0, 1], a negative occupation, unknown modes.

    Examples
    --------
    >>> from backaction.gaussian.preparation import squeezed
    >>> float(apply_loss(squeezed(20.0, "light"), 0.75).covariance[0, 0])
    0.125
    """
    eta, n = frozen(efficiency, "an efficiency"), frozen(occupation, "the occupation of a bath")
    if not ((eta >= 0) & (eta <= 1)).all():
        raise InvalidInput(f"an efficiency lies in [0, 1], got {eta}")
    if (n < 0).any():
        raise InvalidInput(f"the occupation of a bath cannot be negative, got {n.min()}")
    unit = np.eye(2 * len(_names(state, modes)))
    return _mapped(state, np.sqrt(eta)[..., None, None] * unit, ((1 - eta) * (n + 0.5))[..., None, None] * unit, modes)


def add_noise(state: GaussianState, variance: ArrayLike, modes: str | Sequence[str] | None = None) -> GaussianState:
    """Add classical noise of this variance to x and p of each named mode: V → V + Y.

    Raises
    ------
    InvalidInput
        A negative variance, unknown modes.

    Examples
    --------
    >>> add_noise(GaussianState.vacuum(["spin"]), 2.0).occupation
    array([2.])
    """
    added = frozen(variance, "an added variance")
    if (added < 0).any():
        raise InvalidInput(f"an added variance cannot be negative, got {added.min()}")
    unit = np.eye(2 * len(_names(state, modes)))
    return _mapped(state, unit, added[..., None, None] * unit, modes)


def carried_error(state: GaussianState, matrix: FloatArray, covariance: FloatArray) -> FloatArray:
    """Relative uncertainty of XVXᵀ + Y from that of V and from rounding: ε max_i (Σ|X_ik|√V_kk)²/V'_ii.

    Examples
    --------
    >>> state = GaussianState.vacuum(["spin"])
    >>> bool(carried_error(state, np.eye(2), state.covariance) < 1e-15)
    True
    """
    before = np.sqrt(np.diagonal(state.covariance, axis1=-2, axis2=-1))
    after = np.diagonal(covariance, axis1=-2, axis2=-1)
    growth = ((np.abs(matrix) @ before[..., None])[..., 0] ** 2 / after).max(axis=-1)
    rounding = 2 * np.finfo(np.float64).eps
    error: FloatArray = (np.asarray(state.error_estimate) + rounding) * np.maximum(growth, 1.0)
    return error


def allowed_rounding(matrix: FloatArray) -> float:
    """Largest violation of a positivity condition that rounding of the matrix's entries explains.

    Examples
    --------
    >>> allowed_rounding(np.zeros((2, 2)))
    1e-09
    """
    return POSITIVITY_TOLERANCE + 1e-14 * float(np.abs(matrix).max(initial=0.0))


def _names(state: GaussianState, modes: str | Sequence[str] | None) -> tuple[str, ...]:
    if modes is None:
        return state.modes
    return (modes,) if isinstance(modes, str) else tuple(modes)


def _mapped(
    state: GaussianState,
    gain: FloatArray,
    noise: FloatArray,
    modes: str | Sequence[str] | None,
    displacement: ArrayLike = 0.0,
) -> GaussianState:
    rows = quadratures(_names(state, modes), state.modes)
    if gain.shape[-1] != len(rows):
        raise InvalidInput(
            f"a matrix of shape {gain.shape} was given for {len(rows) // 2} modes; it needs {len(rows)} rows: "
            "x and p of each"
        )
    shift = frozen(displacement, "a displacement")
    if shift.ndim and shift.shape[-1] != len(rows):
        raise InvalidInput(f"a displacement of {len(rows) // 2} modes has {len(rows)} entries, got shape {shift.shape}")
    size = state.covariance.shape[-1]
    batch = np.broadcast_shapes(gain.shape[:-2], noise.shape[:-2])
    full_gain = np.broadcast_to(np.eye(size), (*batch, size, size)).copy()
    full_gain[..., rows[:, None], rows] = gain
    full_noise = np.zeros((*batch, size, size))
    full_noise[..., rows[:, None], rows] = noise
    moved = (full_gain @ state.mean[..., None])[..., 0]
    offset = np.zeros((*shift.shape[:-1], size))
    offset[..., rows] = shift
    covariance = symmetrised(full_gain @ state.covariance @ transpose(full_gain) + full_noise)
    error = carried_error(state, full_gain, covariance)
    return GaussianState(moved + offset, covariance, state.modes, error, np.inf)
