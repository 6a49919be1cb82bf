"""What the figures of Schweer et al. (2022) share: the best power at each frequency, limits, and how they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.figures.style import REFERENCE, Axes, shade
from backaction.gaussian import Homodyne
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.schweer2022 import TABLE_I, CascadeParameters, Order, cascade, ideal
from backaction.systems.sensing import (
    Envelope,
    cancellation_bound,
    force_noise,
    standard_quantum_limit,
    strength_envelope,
)

__all__ = ["COUPLINGS", "FREQUENCY", "PHASE", "UNIT", "best_power", "draw_limits", "limits", "over_limit", "table_i"]

COUPLINGS = ("ancilla.beam_splitter", "ancilla.down_conversion", "sensor.coupling")
"""The couplings of the cascade; scaling all of them by √s scales G_om and G_a by s."""

PHASE = Homodyne("out")
"""Detection of the phase quadrature, as in the paper."""

UNIT = "ħ m γ_m ω_m"
"""Unit of S_F, and of S_F/Q_m as the paper plots it (Q_m is a number)."""

FREQUENCY = r"Frequency $\omega$ ($\omega_\mathrm{m}$)"


def table_i(g: float = 1.0) -> CascadeParameters:
    """The sensor of Table I with a matched ancilla, in units of ω_m."""
    return ideal(g, linewidth=TABLE_I["kappa_om"].value, quality=TABLE_I["quality"].value)


def over_limit(parameters: CascadeParameters, order: Order, frequency: Any) -> FloatArray:
    """S_F/S_SQL of a cascade at its own power, in units of ω_m."""
    result = force_noise(cascade(order, parameters, unit=1.0), frequency, "sensor", PHASE)
    return np.asarray(result.added_noise / result.sql)


def best_power(
    parameters: CascadeParameters,
    frequency: FloatArray,
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


def limits(frequency: FloatArray) -> dict[str, tuple[str, FloatArray, str]]:
    """Standard quantum limit (15) and bound of ideal cancellation (26) for Table I, as variables of a dataset."""
    curves = {"standard_quantum_limit": standard_quantum_limit, "cancellation_bound": cancellation_bound}
    return {
        name: ("frequency", curve(frequency, 1.0, TABLE_I["gamma_m"].value), UNIT) for name, curve in curves.items()
    }


def draw_limits(axes: Axes, data: Any) -> None:
    """The frame of Figs. 2, 3 and 5, with what lies above the limit and below the bound shaded, as in the paper."""
    low, high = 0.05, 2e7
    axes.set(xscale="log", yscale="log", xlim=(data.frequency[0], data.frequency[-1]), ylim=(low, high))
    axes.set(xlabel=FREQUENCY, ylabel=r"Added force noise $S_F$ ($\hbar m\gamma_\mathrm{m}\omega_\mathrm{m}$)")
    shade(axes, data.frequency, (data.standard_quantum_limit, high), "0.91", 1.0)
    shade(axes, data.frequency, (low, data.cancellation_bound), "0.91", 1.0)
    axes.plot(data.frequency, data.standard_quantum_limit, color=REFERENCE, linewidth=0.9)
    axes.plot(data.frequency, data.cancellation_bound, color=REFERENCE, linewidth=0.9, linestyle=":")
    axes.text(0.0135, 0.14, "bound of ideal cancellation", va="bottom")
