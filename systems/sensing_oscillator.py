"""The bare oscillator that feels a force: its parameters in a network, its susceptibility and its quantum limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name

from .grammar import Parameter
from .network import Network

__all__ = ["damped_oscillator", "last_axes", "oscillator", "standard_quantum_limit", "susceptibility"]


def susceptibility(omega: ArrayLike, frequency: Parameter, linewidth: Parameter) -> NDArray[np.complex128]:
    """χ(ω) = Ω/(Ω² − ω² − iγω) of X to a force on P, in s, shape (batch…, frequencies…)."""
    w = np.asarray(omega, dtype=np.float64)
    f, g = (np.expand_dims(np.asarray(value, dtype=np.float64), last_axes(w.ndim)) for value in (frequency, linewidth))
    denominator: NDArray[np.complex128] = (f**2 - w**2).astype(np.complex128) - 1j * g * w
    return f / denominator


def standard_quantum_limit(omega: ArrayLike, frequency: Parameter, linewidth: Parameter) -> FloatArray:
    """1/(γ|χ|), two-sided, in the unit of `ForceNoise.added_noise` (Schweer et al. 2022, Eq. (15))."""
    gamma = np.expand_dims(np.asarray(linewidth, dtype=np.float64), last_axes(np.ndim(omega)))
    return np.asarray(1 / (gamma * np.abs(susceptibility(omega, frequency, linewidth))))


def oscillator(network: Network, mode: str) -> tuple[Parameter, Parameter]:
    """Bare frequency (signed) and full linewidth of a spin or mechanical mode of a network."""
    parts = zip(network.names, network.components, strict=True)
    known = {name: bare for name, part in parts if (bare := part.bare_oscillator()) is not None}
    if mode not in known:
        raise unknown_name(mode, known, "spin or mechanical mode")
    return known[mode].frequency, known[mode].linewidth


def damped_oscillator(network: Network, mode: str) -> tuple[Parameter, Parameter]:
    """As `oscillator`, refusing a mode without damping."""
    frequency, linewidth = oscillator(network, mode)
    if (np.asarray(linewidth) <= 0).any():
        raise InvalidInput(f"the force on {mode!r} is counted in units of √γ, but its linewidth is 0; give γ > 0")
    return frequency, linewidth


def last_axes(count: int) -> tuple[int, ...]:
    """The last axes of a shape: those of the frequencies, behind the batch."""
    return tuple(range(-count, 0))
