"""The pulsed EPR channel: a pulse short beside all decay projects two oscillators of opposite mass on an EPR state.

Without decay (γ = 0) the QND light of `epr_pair` only measures X_M + X_S, which the rotation turns into P_M − P_S and
back: both become known alike, V(T) = V₀/(1 + ηΓTV₀) from V₀ = n_M + n_S + 1, whatever the back action does to the
other pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray
from backaction.systems.grammar import Parameter
from backaction.systems.network import Network
from backaction.systems.optics import Loss
from backaction.systems.oscillators import MechanicalOscillator, SpinOscillator

__all__ = ["duan_sum_after", "network", "thermal_start"]


def network(readout_rate: Parameter, *, spin_mass: int = -1, link: Parameter = 1.0) -> Network:
    """Two undamped oscillators, Ω = ±1, in one beam: ``spin``, ``link``, ``membrane``.

    Examples
    --------
    >>> network(0.01).system.modes
    ('spin', 'membrane')
    """
    spin = SpinOscillator(
        name="spin",
        frequency=float(spin_mass),
        linewidth=0.0,
        readout_rate=np.asarray(readout_rate) / np.asarray(link),
        occupation=0.0,
    )
    membrane = MechanicalOscillator(
        name="membrane", mechanical_frequency=1.0, mechanical_linewidth=0.0, readout_rate=readout_rate, occupation=0.0
    )
    return spin >> Loss(name="link", efficiency=link) >> membrane


def thermal_start(occupations: tuple[float, float]) -> GaussianState:
    """Thermal states with occupations (n_M, n_S), over the modes of `network`."""
    return GaussianState.thermal([occupations[1], occupations[0]], ["spin", "membrane"])


def duan_sum_after(readout: ArrayLike, noise: ArrayLike, efficiency: ArrayLike = 1.0) -> FloatArray:
    """V₀/(1 + ηΓT V₀) of the readout ΓT, for a whole number of half periods (else to order Γ/Ω).

    Examples
    --------
    >>> duan_sum_after([0.0, 1.0, 9.5], 2.0).round(3)
    array([2.   , 0.667, 0.1  ])
    """
    start = np.asarray(noise, dtype=np.float64)
    value: FloatArray = start / (1 + np.asarray(efficiency) * np.asarray(readout) * start)
    return value
