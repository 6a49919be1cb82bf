"""States that one prepares: coherent, squeezed, two-mode squeezed. Vacuum and thermal states: `GaussianState`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .arrays import stack_matrix
from .errors import InvalidInput
from .state import GaussianState

__all__ = ["coherent", "squeezed", "two_mode_squeezed"]


def coherent(amplitude: ArrayLike, modes: Sequence[str]) -> GaussianState:
    """Coherent states |α⟩ with ⟨x⟩ = √2 Re α, ⟨p⟩ = √2 Im α; amplitudes of shape (…, modes), complex.

    Raises
    ------
    InvalidInput
        Amplitudes that do not fit the modes.

    Examples
    --------
    >>> coherent([3j], ["light"]).mean.round(6)
    array([0.      , 4.242641])
    """
    alpha = np.asarray(amplitude, dtype=np.complex128)
    if alpha.ndim == 0 or alpha.shape[-1] != len(modes):
        raise InvalidInput(f"coherent states of {len(modes)} modes need as many amplitudes, got shape {alpha.shape}")
    mean = np.sqrt(2) * np.stack([alpha.real, alpha.imag], axis=-1).reshape(*alpha.shape[:-1], -1)
    return GaussianState(mean, np.eye(2 * len(modes)) / 2, modes)


def squeezed(squeezing: ArrayLike, mode: str, angle: ArrayLike = 0.0) -> GaussianState:
    """Squeezed vacuum of one mode: the quadrature cos θ x + sin θ p has the variance ½e^{−2r}.

    Parameters
    ----------
    squeezing : array_like
        r; negative values squeeze the other quadrature.
    mode : str
    angle : array_like
        θ, rad.

    Examples
    --------
    >>> squeezed(np.log(2.0), "light").covariance.diagonal().round(12)
    array([0.125, 2.   ])
    """
    quiet, loud = np.exp(-2 * np.asarray(squeezing)) / 2, np.exp(2 * np.asarray(squeezing)) / 2
    cosine, sine = np.cos(angle), np.sin(angle)
    cross = (quiet - loud) * cosine * sine
    covariance = stack_matrix(
        [
            [quiet * cosine**2 + loud * sine**2, cross],
            [cross, quiet * sine**2 + loud * cosine**2],
        ]
    )
    # Rounding of a turned covariance breaks positivity by about e^{2r}·eps; the state itself is physical.
    return GaussianState(np.zeros(2), covariance, [mode], allowed_defect=np.inf)


def two_mode_squeezed(squeezing: ArrayLike, modes: Sequence[str], phase: ArrayLike = 0.0) -> GaussianState:
    """Two-mode squeezed vacuum: with phase 0, x_a − x_b and p_a + p_b have the variance e^{−2r} (two vacua: 1).

    Raises
    ------
    InvalidInput
        Not two modes.

    Examples
    --------
    >>> two_mode_squeezed(0.5 * np.log(2.0), ["spin", "membrane"]).covariance[0].round(12)
    array([0.625, 0.   , 0.375, 0.   ])
    """
    if len(modes) != 2:
        raise InvalidInput(f"two-mode squeezing is about two modes, got {tuple(modes)}")
    even = np.cosh(2 * np.asarray(squeezing)) / 2
    real = np.sinh(2 * np.asarray(squeezing)) * np.cos(phase) / 2
    imaginary = np.sinh(2 * np.asarray(squeezing)) * np.sin(phase) / 2
    zero = np.zeros_like(even)
    covariance = stack_matrix(
        [
            [even, zero, real, imaginary],
            [zero, even, imaginary, -real],
            [real, imaginary, even, zero],
            [imaginary, -real, zero, even],
        ]
    )
    # Rounding of cosh 2r and sinh 2r breaks positivity by about their last digit; the state itself is physical.
    return GaussianState(np.zeros(4), covariance, modes, allowed_defect=np.inf)
