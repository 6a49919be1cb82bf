"""Schweer et al. (2022): where the negative-mass oscillator is stable.

Down conversion amplifies the ancilla, the beam splitter cools it.  Through a resonant meter cavity the linewidth is

    κ_a,eff = κ_a + Γ_a g_r/(1 + 4Δ_a²/κ_c²),    Γ_a = 4g_a²/κ_c  (weak coupling, κ_a ≪ κ_c);

for g_r < 0 (more down conversion than beam splitter) the ancilla is *unstable* as soon as the second term outweighs
κ_a.  The paper does not discuss it, and its Fig. 5b (g_r = −0.2, κ_a = γ_m) lies there.  In the **paper's** convention
(see `formulas`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian.errors import InvalidInput

from .matrices import CascadeParameters, ancilla_matrices, sensor_matrices

__all__ = ["ancilla_damping", "growth_rate", "smallest_stable_mismatch"]

RealArray = NDArray[np.float64]


def growth_rate(parameters: CascadeParameters) -> RealArray:
    """Largest real part of the poles of the cascade, of (B10a) and (B11a); stable where it is negative.

    Light goes one way, so the poles are those of the two systems, in either order and with any losses between.

    Examples
    --------
    >>> from .networks import table_ii
    >>> bool(growth_rate(table_ii()) < 0)
    True
    """
    poles = [
        np.linalg.eigvals(matrices[0]).real.max(axis=-1)
        for matrices in (sensor_matrices(parameters), ancilla_matrices(parameters))
    ]
    return np.asarray(np.maximum(*poles))


def ancilla_damping(parameters: CascadeParameters) -> RealArray:
    """κ_a,eff, twice the decay rate of the pole that continues the ancilla's, to second order in g_BS and g_DC.

    κ_a + 4g_a²g_r k/(k² + 4Δ_a²) with k = κ_c − κ_a, for a resonant meter cavity: from the pole
    λ = −κ_a/2 − iΔ_a − (g_BS² − g_DC²)/(k/2 − iΔ_a).

    Examples
    --------
    >>> from .networks import table_ii
    >>> round(float(ancilla_damping(table_ii())), 3)  # in ω_m; bare 0.4
    0.417
    """
    p = parameters
    product = np.square(p.g_bs) - np.square(p.g_dc)  # g_r g_a²
    width = np.subtract(p.kappa_c, p.kappa_a)
    return np.asarray(p.kappa_a + 4 * product * width / (width**2 + 4 * np.square(p.delta_a)))


def smallest_stable_mismatch(parameters: CascadeParameters) -> RealArray:
    """g_r below which the ancilla is unstable, −(κ_a/Γ_a)(1 + 4Δ_a²/κ_c²), to first order in Γ_a/κ_c.

    Raises
    ------
    InvalidInput
        The ancilla is not coupled: it is stable for every mismatch.

    Examples
    --------
    A matched ancilla of Q = 1000 tolerates a quarter of a per cent of excess down conversion at Γ_a = ω_m, κ_c = 4ω_m:

    >>> from .networks import ideal
    >>> round(float(smallest_stable_mismatch(ideal())), 5)
    -0.00125
    """
    p = parameters
    strength = 4 * np.square(np.add(p.g_bs, p.g_dc)) / p.kappa_c
    if (strength == 0).any():
        raise InvalidInput("g_BS + g_DC = 0: the ancilla is not coupled, so no mismatch makes it unstable")
    return np.asarray(-p.kappa_a / strength * (1 + 4 * np.square(p.delta_a) / np.square(p.kappa_c)))
