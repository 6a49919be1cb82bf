"""What a Gaussian state is like: purity, entropy, photon number, Wigner function, fidelity with another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, transpose
from .errors import InvalidInput, Unphysical
from .smallest_mode import spectrum
from .state import POSITIVITY_TOLERANCE, GaussianState
from .symplectic import symplectic_form

__all__ = ["fidelity", "photon_number", "purity", "von_neumann_entropy", "wigner"]


def purity(state: GaussianState) -> FloatArray:
    """tr ρ² = 1/√det 2V = Π 1/(2ν), shape (…); 1 for a pure state.

    Raises
    ------
    Unphysical, Unresolved
        A covariance that is not positive definite, or not distinguishable from singular.

    Examples
    --------
    >>> float(purity(GaussianState.thermal([0.5], ["spin"])))
    0.5
    """
    values, _ = _symplectic_spectrum(state)
    result: FloatArray = np.prod(0.5 / values, axis=-1)
    return result


def von_neumann_entropy(state: GaussianState) -> FloatArray:
    """S = −tr ρ ln ρ in nats, shape (…): Σ (n+1) ln(n+1) − n ln n with n = ν − ½ of each normal mode.

    Raises
    ------
    Unphysical
        A symplectic eigenvalue below ½ by more than 1e-9 and its numerical uncertainty: no density matrix, no entropy.

    Examples
    --------
    >>> float(von_neumann_entropy(GaussianState.thermal([1.0], ["spin"])) / np.log(2))
    2.0
    """
    values, uncertainty = _symplectic_spectrum(state)
    occupation = values - 0.5
    if (occupation < -POSITIVITY_TOLERANCE - values * uncertainty).any():
        raise Unphysical(
            f"the state has the symplectic eigenvalue {values.min():.9g}, below ½: it has no density matrix and no "
            "entropy. Brownian damping at low temperature does this; rotating-wave damping does not",
            float(values.min()),
        )
    n = np.maximum(occupation, 0.0)
    inverse = 1 / np.where(n > 0, n, 1.0)
    result: FloatArray = (np.log1p(n) + n * np.log1p(inverse)).sum(axis=-1)
    return result


def photon_number(state: GaussianState) -> FloatArray:
    """Mean quanta ⟨a†a⟩ of each mode, mean field included: (V_xx + V_pp + ⟨x⟩² + ⟨p⟩² − 1)/2, shape (…, n).

    Examples
    --------
    >>> GaussianState([2.0, 0.0], [[0.5, 0.0], [0.0, 0.5]]).occupation, photon_number(
    ...     GaussianState([2.0, 0.0], [[0.5, 0.0], [0.0, 0.5]])
    ... )
    (array([0.]), array([2.]))
    """
    squares = state.mean**2
    result: FloatArray = state.occupation + (squares[..., 0::2] + squares[..., 1::2]) / 2
    return result


def wigner(state: GaussianState, x: ArrayLike, p: ArrayLike) -> FloatArray:
    """Wigner function of a state of one mode, normalised to ∫∫ W dx dp = 1.

    W(x, p) = exp[−½ (ξ−⟨ξ⟩)ᵀ V⁻¹ (ξ−⟨ξ⟩)] / (2π √det V); the vacuum has 1/π at the origin.

    Parameters
    ----------
    state : GaussianState
        Of one mode; `state.marginal(name)` takes one out of many.
    x, p : array_like
        They broadcast against each other: x[:, None] and p give a grid.

    Returns
    -------
    array, shape (…, *grid)

    Raises
    ------
    InvalidInput
        Several modes.

    Examples
    --------
    >>> axis = np.linspace(-6, 6, 121)
    >>> grid = wigner(GaussianState.vacuum(["spin"]), axis[:, None], axis)
    >>> grid.shape, round(float(grid.sum() * 0.1**2), 9)
    ((121, 121), 1.0)
    """
    if len(state.modes) != 1:
        raise InvalidInput(
            f"this Wigner function is that of one mode, the state has {len(state.modes)}; "
            "take `state.marginal(name)` first"
        )
    points = np.stack(np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(p, np.float64)), axis=-1)
    grid = (1,) * (points.ndim - 1)
    mean = state.mean.reshape(*state.mean.shape[:-1], *grid, 2)
    inverse = np.linalg.inv(state.covariance)
    inverse = inverse.reshape(*inverse.shape[:-2], *grid, 2, 2)
    distance = points - mean
    exponent = (distance[..., None, :] @ inverse @ distance[..., :, None])[..., 0, 0]
    determinant = np.linalg.det(state.covariance)
    result: FloatArray = np.exp(-exponent / 2) / (2 * np.pi * np.sqrt(determinant.reshape(*determinant.shape, *grid)))
    return result


def fidelity(first: GaussianState, second: GaussianState) -> FloatArray:
    """Uhlmann's fidelity, squared: F = (tr √(√ρ σ √ρ))², shape (…); |⟨ψ|φ⟩|² for pure states. QuTiP's is its root.

    F = Π [2ν + √(4ν² − 1)] / √det(V₁+V₂) · exp[−½ δᵀ(V₁+V₂)⁻¹δ], with ν the symplectic eigenvalues of
    Ωᵀ(V₁+V₂)⁻¹(Ω/4 + V₂ΩV₁) and δ the difference of the means. Next to a pure state the fidelity itself is not smooth:
    rounding of V changes it by about √eps ≈ 1e-8.

    Raises
    ------
    InvalidInput
        States of different modes.
    Unphysical
        One of them violates the uncertainty principle.

    References
    ----------
    L. Banchi, S. L. Braunstein and S. Pirandola, Phys. Rev. Lett. 115, 260501 (2015), eqs (11)–(15).

    Examples
    --------
    >>> round(float(fidelity(GaussianState.vacuum(["spin"]), GaussianState.thermal([1.0], ["spin"]))), 9)
    0.5
    """
    if first.modes != second.modes:
        raise InvalidInput(f"a fidelity compares states of the same modes, got {first.modes} and {second.modes}")
    for state in (first, second):
        values, uncertainty = _symplectic_spectrum(state)
        if (values < 0.5 - POSITIVITY_TOLERANCE - values * uncertainty).any():
            raise Unphysical(
                f"a state has the symplectic eigenvalue {values.min():.9g}, below ½: a fidelity is "
                "about density matrices",
                float(values.min()),
            )
    form = symplectic_form(len(first.modes))
    total = first.covariance + second.covariance
    auxiliary = transpose(form) @ np.linalg.solve(total, form / 4 + second.covariance @ form @ first.covariance)
    # Eigenvalues ±iν of (auxiliary Ω), so that −4(…)² − 1 has 4ν² − 1 twice.
    product = auxiliary @ form
    excess = np.sort(np.maximum(np.linalg.eigvals(-4 * product @ product).real - 1, 0.0), axis=-1)[..., ::2]
    overlap = np.prod(np.sqrt(1 + excess) + np.sqrt(excess), axis=-1) / np.sqrt(np.linalg.det(total))
    distance = first.mean - second.mean
    exponent = (distance[..., None, :] @ np.linalg.solve(total, distance[..., :, None]))[..., 0, 0]
    result: FloatArray = overlap * np.exp(-exponent / 2)
    return result


def _symplectic_spectrum(state: GaussianState) -> tuple[FloatArray, FloatArray]:
    modes = spectrum(state.covariance, symplectic_form(len(state.modes)), state.error_estimate)
    return modes.values, modes.relative_uncertainty
