"""Gaussian states: a mean, a covariance and the names of the modes.

A Gaussian state is all that a linear system with Gaussian noise can be in: its Wigner function is the normal
distribution with this mean and this covariance, and everything that can be asked of it is a function of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, block_matrix, common_batch, frozen, symmetrised, transpose
from .errors import InvalidInput, Unphysical
from .names import as_names, default_names, quadratures
from .symplectic import symplectic_form

__all__ = ["GaussianState", "known_state", "positivity_defect"]

SYMMETRY_TOLERANCE = 1e-12
"""Largest |V_ij − V_ji| relative to √(V_ii V_jj) that is rounding and is symmetrised; more is a mistake."""

POSITIVITY_TOLERANCE = 1e-9
"""Largest violation of V + iΩ/2 ≥ 0 that rounding of a covariance's entries explains."""


@dataclass(frozen=True, eq=False)
class GaussianState:
    """A Gaussian state of n named modes, or a batch of them.

    Parameters
    ----------
    mean : array_like, shape (…, 2n)
        ⟨ξ⟩ with ξ = (x1, p1, x2, p2, …).
    covariance : array_like, shape (…, 2n, 2n)
        V = ½⟨{ξᵢ, ξⱼ}⟩ − ⟨ξᵢ⟩⟨ξⱼ⟩; the vacuum has ½ on the diagonal.
    modes : sequence of str, optional
        Names of the modes, unique; default mode0, mode1, …
    error_estimate : array_like, shape (…), optional
        Numerical uncertainty of the covariance: max |δV_ij|/√(V_ii V_jj). Solvers set it; 0 means exact as given.
    allowed_defect : float, optional
        Largest violation of V + iΩ/2 ≥ 0 that is accepted. The default, 1e-9, is rounding. Solvers pass infinity
        because a phenomenological model (brownian damping) may violate positivity by itself: ask
        `positivity_defect` for the amount.

    Raises
    ------
    InvalidInput
        Shapes that do not fit, entries that are not finite, a covariance that is not symmetric.
    Unphysical
        The covariance violates the uncertainty principle; the text has the eigenvalue.

    Examples
    --------
    >>> state = GaussianState.vacuum(["spin", "membrane"])
    >>> state.covariance.diagonal()
    array([0.5, 0.5, 0.5, 0.5])
    >>> state.marginal("membrane").modes
    ('membrane',)
    """

    mean: FloatArray
    covariance: FloatArray
    modes: tuple[str, ...] = ()
    error_estimate: FloatArray | float = 0.0
    allowed_defect: float = POSITIVITY_TOLERANCE

    def __init__(
        self,
        mean: ArrayLike,
        covariance: ArrayLike,
        modes: Sequence[str] | None = None,
        error_estimate: ArrayLike = 0.0,
        allowed_defect: float = POSITIVITY_TOLERANCE,
    ) -> None:
        centre, matrix = frozen(mean, "the mean of a state"), frozen(covariance, "the covariance of a state")
        error = frozen(error_estimate, "the error estimate of a state")
        _check_shapes(centre, matrix, error)
        matrix = _symmetric(matrix)
        size = matrix.shape[-1] // 2
        names = default_names(size, "mode") if modes is None else as_names(modes, "mode")
        if len(names) != size:
            raise InvalidInput(f"{len(names)} mode names {names} were given for a covariance of {size} modes")
        for field, value in (
            ("mean", centre),
            ("covariance", matrix),
            ("modes", names),
            ("error_estimate", error),
            ("allowed_defect", float(allowed_defect)),
        ):
            object.__setattr__(self, field, value)
        if np.isfinite(allowed_defect):
            _require_physical(self)

    @classmethod
    def vacuum(cls, modes: Sequence[str]) -> GaussianState:
        """The vacuum of the named modes."""
        return cls.thermal(np.zeros(len(modes)), modes)

    @classmethod
    def thermal(cls, occupation: ArrayLike, modes: Sequence[str]) -> GaussianState:
        """Thermal modes with mean occupations n ≥ 0, shape (…, modes): variances n + ½."""
        n = frozen(occupation, "the occupation of a thermal state")
        if n.ndim == 0 or n.shape[-1] != len(modes):
            raise InvalidInput(f"a thermal state of {len(modes)} modes needs as many occupations, got shape {n.shape}")
        if (n < 0).any():
            raise InvalidInput(f"a thermal occupation cannot be negative, got {n.min()}")
        variances = np.repeat(n + 0.5, 2, axis=-1)
        return cls(np.zeros_like(variances), variances[..., None] * np.eye(2 * len(modes)), modes)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the leading dimensions."""
        return np.broadcast_shapes(self.mean.shape[:-1], self.covariance.shape[:-2])

    @property
    def occupation(self) -> FloatArray:
        """(V_xx + V_pp − 1)/2 of each mode, shape (…, n): the fluctuations only, not the mean."""
        variances = np.diagonal(self.covariance, axis1=-2, axis2=-1)
        return (variances[..., 0::2] + variances[..., 1::2] - 1) / 2

    def marginal(self, modes: str | Sequence[str]) -> GaussianState:
        """The reduced state of the named modes, in the order given."""
        rows = quadratures(modes, self.modes)
        names = (modes,) if isinstance(modes, str) else tuple(modes)
        return known_state(
            self.mean[..., rows],
            self.covariance[..., rows[:, None], rows],
            names,
            np.asarray(self.error_estimate),
        )

    def tensor(self, other: GaussianState) -> GaussianState:
        """The product state of this and another one, with no correlation between them."""
        rows, columns = self.covariance.shape[-1], other.covariance.shape[-1]
        batch = common_batch({"first state": self.batch_shape, "second state": other.batch_shape})
        means = [np.broadcast_to(state.mean, batch + state.mean.shape[-1:]) for state in (self, other)]
        covariance = block_matrix(
            [
                [self.covariance, np.zeros((rows, columns))],
                [np.zeros((columns, rows)), other.covariance],
            ]
        )
        error = np.maximum(self.error_estimate, other.error_estimate)
        return GaussianState(np.concatenate(means, axis=-1), covariance, self.modes + other.modes, error, np.inf)


def known_state(mean: FloatArray, covariance: FloatArray, modes: tuple[str, ...], error: FloatArray) -> GaussianState:
    """A state from arrays that nobody else has and that are known to be right, without the passes to check them.

    For the results of solvers (V symmetric, finite and positive beyond its errors) and for parts of states.

    Examples
    --------
    >>> known_state(np.zeros(2), np.eye(2) / 2, ("mode",), np.zeros(())).occupation
    array([0.])
    """
    state = object.__new__(GaussianState)
    for array in (mean, covariance, error):
        array.flags.writeable = False
    values = (mean, covariance, modes, error, np.inf)
    for field, value in zip(("mean", "covariance", "modes", "error_estimate", "allowed_defect"), values, strict=True):
        object.__setattr__(state, field, value)
    return state


def positivity_defect(state: GaussianState) -> FloatArray:
    """How far V + iΩ/2 is from positive: max(0, −smallest eigenvalue), shape (…).

    Zero for every quantum state. Brownian (momentum-only) damping violates positivity by up to about γ/Ω at low
    temperature; that is a property of the model, and this is its size.

    Examples
    --------
    >>> float(positivity_defect(GaussianState.vacuum(["a"])))
    0.0
    """
    form = symplectic_form(len(state.modes))
    smallest = np.linalg.eigvalsh(state.covariance + 0.5j * form).min(axis=-1, initial=np.inf)
    defect: FloatArray = np.maximum(0.0, -smallest) + 0.0  # no negative zero
    return defect


def _check_shapes(mean: FloatArray, covariance: FloatArray, error: FloatArray) -> None:
    square = covariance.ndim >= 2 and covariance.shape[-1] == covariance.shape[-2]
    if not square or covariance.shape[-1] % 2:
        raise InvalidInput(
            f"a covariance of n modes has shape (…, 2n, 2n), got {covariance.shape}; the order is x1, p1, x2, p2, …"
        )
    if mean.ndim < 1 or mean.shape[-1] != covariance.shape[-1]:
        raise InvalidInput(f"a mean of shape {mean.shape} does not fit a covariance of shape {covariance.shape}")
    common_batch({"mean": mean.shape[:-1], "covariance": covariance.shape[:-2], "error estimate": error.shape})


def _symmetric(covariance: FloatArray) -> FloatArray:
    variances = np.diagonal(covariance, axis1=-2, axis2=-1)
    if (variances <= 0).any():
        raise Unphysical(
            f"a covariance has the variance {variances.min():.6g} on its diagonal; variances are positive",
            float(variances.min()),
        )
    if (covariance == transpose(covariance)).all():  # the usual case, without further passes over a large batch
        return covariance
    scale = np.sqrt(variances[..., :, None] * variances[..., None, :])
    asymmetry = np.abs(covariance - transpose(covariance)) / scale
    if (asymmetry > SYMMETRY_TOLERANCE).any():
        raise InvalidInput(
            f"a covariance must be symmetric, but |V_ij − V_ji|/√(V_ii V_jj) reaches {asymmetry.max():.3g}"
        )
    symmetric = symmetrised(covariance)
    symmetric.flags.writeable = False
    return symmetric


def _require_physical(state: GaussianState) -> None:
    defect = positivity_defect(state)
    rounding = 1e-14 * np.abs(state.covariance).max(axis=(-2, -1), initial=0.0)
    violated = defect > state.allowed_defect + rounding
    if violated.any():
        worst = defect[violated].max()
        raise Unphysical(
            f"the covariance violates the uncertainty principle: V + iΩ/2 has the eigenvalue {-worst:.6g}, where "
            "quantum mechanics needs ≥ 0. Check the normalisation (here the vacuum variance is 1/2) and the order "
            "(x1, p1, x2, p2, …); `allowed_defect` accepts a model's own violation",
            -float(worst),
        )
