"""Vitali et al., Phys. Rev. Lett. 98, 030405 (2007): stationary entanglement of a movable mirror and its cavity.

Quadratures (q, p, X, Y) with q̇ = ω_m p, ṗ = −ω_m q − γ_m p + G X + ξ and Ẋ = −κX + ΔY + …, Ẏ = −κY − ΔX + G q + …:

- the paper's κ is the decay rate of the amplitude (half our `cavity_linewidth`), κ = πc/2FL is what F means, but its
  figures need κ = πc/(LF), read as that amplitude rate;
- its Δ is ω_c − ω_L, minus ours: Δ > 0 is red, and cools;
- its G multiplies q X in −H, so that G = 2g in the convention of this library.

`drift` and `diffusion` are the paper's matrices, an independent oracle of `network`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.arrays import FloatArray, stack_matrix
from backaction.systems.cavities import OptomechanicalCavity
from backaction.systems.constants import HBAR, SPEED_OF_LIGHT
from backaction.systems.grammar import Parameter
from backaction.systems.network import Network
from backaction.systems.optics import Loss
from backaction.systems.thermal import thermal_occupation

from ..record import Published

__all__ = [
    "CAVITY_LENGTH",
    "FINESSE",
    "MASS",
    "MECHANICAL_FREQUENCY",
    "MECHANICAL_LINEWIDTH",
    "POWER",
    "TEMPERATURE",
    "WAVELENGTH",
    "amplitude_decay",
    "coupling",
    "diffusion",
    "drift",
    "network",
]

_SOURCE = "text, before Fig. 1, and its caption"
CAVITY_LENGTH = Published(1e-3, "m", _SOURCE)
WAVELENGTH = Published(810e-9, "m", _SOURCE)
POWER = Published(50e-3, "W", _SOURCE)
MECHANICAL_FREQUENCY = Published(10.0, "MHz", _SOURCE)
MECHANICAL_LINEWIDTH = Published(100.0, "Hz", _SOURCE)
TEMPERATURE = Published(0.4, "K", _SOURCE)
MASS = Published(5e-12, "kg", _SOURCE, note="5 ng")
FINESSE = Published(1.07e4, "1", _SOURCE)


def amplitude_decay() -> float:
    """κ = πc/(LF) in rad/s, the decay rate of the amplitude.

    Examples
    --------
    >>> round(amplitude_decay() / (2 * np.pi * 10e6), 3)  # in units of ω_m
    1.401
    """
    return np.pi * SPEED_OF_LIGHT / (float(CAVITY_LENGTH) * float(FINESSE))


def coupling(detuning: ArrayLike) -> FloatArray:
    """G = √2 (ω_c/L) √(ħ/mω_m) E/√(κ² + Δ²), E = √(2Pκ/ħω_L), at a detuning Δ in rad/s (> 0: red).

    Examples
    --------
    >>> round(float(coupling(2 * np.pi * 10e6)) / (2 * np.pi * 10e6), 3)
    1.68
    """
    light = 2 * np.pi * SPEED_OF_LIGHT / float(WAVELENGTH)
    kappa = amplitude_decay()
    drive = np.sqrt(2 * float(POWER) * kappa / (HBAR * light))
    zero_point = np.sqrt(HBAR / (float(MASS) * MECHANICAL_FREQUENCY.angular))
    strength = np.sqrt(2) * light / float(CAVITY_LENGTH) * zero_point * drive
    value: FloatArray = strength / np.sqrt(kappa**2 + np.asarray(detuning, dtype=np.float64) ** 2)
    return value


def drift(detuning: ArrayLike) -> FloatArray:
    """The paper's A of (q, p, X, Y), shape (…, 4, 4).

    Examples
    --------
    >>> drift([0.0, 1e7]).shape
    (2, 4, 4)
    """
    delta, g = np.asarray(detuning, dtype=np.float64), coupling(detuning)
    omega, gamma, kappa = MECHANICAL_FREQUENCY.angular, MECHANICAL_LINEWIDTH.angular, amplitude_decay()
    return stack_matrix(
        [
            [0.0, omega, 0.0, 0.0],
            [-omega, -gamma, g, 0.0],
            [0.0, 0.0, -kappa, delta],
            [g, 0.0, -delta, -kappa],
        ]
    )


def diffusion(temperature: ArrayLike = float(TEMPERATURE)) -> FloatArray:
    """The paper's D = diag(0, γ(2n + 1), κ, κ), shape (…, 4, 4); n by Bose and Einstein.

    Examples
    --------
    >>> diffusion(0.0)[0, 0] == 0 and diffusion(0.0)[2, 2] == amplitude_decay()
    np.True_
    """
    n = thermal_occupation(temperature, MECHANICAL_FREQUENCY.angular)
    gamma, kappa = MECHANICAL_LINEWIDTH.angular, amplitude_decay()
    diagonal = np.stack(np.broadcast_arrays(0.0, gamma * (2 * n + 1), kappa, kappa), axis=-1)
    matrix: FloatArray = diagonal[..., :, None] * np.eye(4)
    return matrix


def network(detuning: Parameter, temperature: Parameter = float(TEMPERATURE)) -> Network:
    """The same as a component, ``mirror`` with its cavity, followed by a lossless ``detection-path``.

    Parameters
    ----------
    detuning : float or array
        The paper's Δ in rad/s, > 0 on the red side.
    temperature : float or array
        In K.

    Examples
    --------
    >>> network(MECHANICAL_FREQUENCY.angular).system.modes
    ('mirror', 'mirror.cavity')
    """
    mirror = OptomechanicalCavity(
        name="mirror",
        mechanical_frequency=MECHANICAL_FREQUENCY.angular,
        mechanical_linewidth=MECHANICAL_LINEWIDTH.angular,
        temperature=temperature,
        cavity_linewidth=2 * amplitude_decay(),
        detuning=-np.asarray(detuning, dtype=np.float64),
        coupling=coupling(detuning) / 2,
    )
    return mirror >> Loss(name="detection-path", efficiency=1.0)
