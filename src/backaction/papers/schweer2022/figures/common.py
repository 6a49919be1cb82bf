"""What the figures of Schweer et al. (2022) share: couplings that grow with the power, limits, shading."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backaction.figures.style import REFERENCE
from backaction.gaussian import Homodyne
from backaction.systems.published.schweer2022 import CascadeParameters, Order, cascade
from backaction.systems.sensing import Envelope, cancellation_bound, standard_quantum_limit, strength_envelope

__all__ = ["COUPLINGS", "PHASE", "UNIT", "best_power", "draw_limits", "limits"]

COUPLINGS = ("ancilla.beam_splitter", "ancilla.down_conversion", "sensor.coupling")
"""The couplings of the cascade; scaling all of them by √s scales G_om and G_a by s."""

PHASE = Homodyne("out")
"""Detection of the phase quadrature, as in the paper."""

UNIT = "ħ m γ_m ω_m"
"""Unit of S_F."""


def best_power(
    parameters: CascadeParameters,
    frequency: NDArray[np.float64],
    order: Order = Order.ANCILLA_FIRST,
    formal: bool = False,
    points: int = 65,
) -> Envelope:
    """The envelope over the measurement strength at each frequency, in units of ω_m, from the state space.

    `formal` and `points` as in `strength_envelope`; unequal couplings have several minima and want more points.
    """
    network = cascade(order, parameters, unit=1.0)
    span = (1e-4, 1e12)
    return strength_envelope(network, frequency, "sensor", PHASE, COUPLINGS, span, points, formal=formal)


def limits(frequency: NDArray[np.float64], gamma_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard quantum limit (15) and bound of ideal cancellation (26) for ω_m = 1."""
    return standard_quantum_limit(frequency, 1.0, gamma_m), cancellation_bound(frequency, 1.0, gamma_m)


def draw_limits(
    axes: Any, frequency: NDArray[np.float64], limit: NDArray[np.float64], bound: NDArray[np.float64]
) -> None:
    """Shade what lies above the standard quantum limit and below the bound, as the paper does, and draw both lines."""
    low, high = axes.get_ylim()
    axes.fill_between(frequency, limit, high, color="0.91", linewidth=0)
    axes.fill_between(frequency, low, bound, color="0.91", linewidth=0)
    axes.plot(frequency, limit, color=REFERENCE, linewidth=0.9)
    axes.plot(frequency, bound, color=REFERENCE, linewidth=0.9, linestyle=":")
