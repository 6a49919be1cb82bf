"""Schweer et al. (2022), Sec. IV B: losses, alone and together with every other imperfection, in both orders.

(36)–(41) in the **paper's** convention (see `formulas`), and what goes beyond them: all losses at once (`lossy_terms`),
and the limits of (38) and (40) **re-optimised** over the ancilla's strength, which the paper does not give.

With L = η_c η_prop η_om the least back action that any ancilla leaves gives, at every frequency,

    S/S_SQL = √[(1 − L)/(η_om η_det)]                              light meets the ancilla first,
    S/S_SQL = √[(1 − L)/(η_om η_prop η_det)] / |1 − η_c κ_c χ_c|   light meets the sensor first:

the order costs exactly the amplitude that the signal loses on its way through link and meter cavity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.errors import InvalidInput

from .formulas import RealArray, cavity_susceptibility
from .lossy_cascade import StrengthTerms, lossy_terms
from .matrices import Order

__all__ = [
    "StrengthTerms",
    "escape_efficiency",
    "escape_limit",
    "lossy_terms",
    "propagation_limit",
    "reoptimised_limit",
    "reoptimised_ratio",
    "through_loss",
]


def through_loss(spectrum: ArrayLike, efficiency: ArrayLike) -> RealArray:
    """Spectral density behind a loss, ηS + (1 − η)/2 (vacuum ½): (36).

    Examples
    --------
    >>> float(through_loss(10.0, 0.9))
    9.05
    """
    eta = np.asarray(efficiency)
    return np.asarray(eta * np.asarray(spectrum) + (1 - eta) / 2)


def escape_efficiency(kappa_in: ArrayLike, kappa_bath: ArrayLike) -> RealArray:
    """η_esc = κ_in/(κ_in + κ_bath): (39).

    Examples
    --------
    >>> float(escape_efficiency(1.8, 0.2))
    0.9
    """
    return np.asarray(np.asarray(kappa_in) / np.add(kappa_in, kappa_bath))


def propagation_limit(order: Order, propagation: ArrayLike) -> RealArray:
    """S/S_SQL with a lossy link and otherwise matched systems, envelope: (37) √(1−η), (38) √(1−η)/η.

    Exact at every frequency for Q → ∞, with G_a(ω) = G_om(ω); for the sensor first not optimal (`reoptimised_limit`).

    Examples
    --------
    >>> float(propagation_limit(Order.SENSOR_FIRST, 0.75)) * 3
    2.0
    """
    eta = np.asarray(propagation)
    lost = np.sqrt(1 - eta)
    return np.asarray(lost if order is Order.ANCILLA_FIRST else lost / eta)


def escape_limit(
    order: Order, escape_c: ArrayLike, escape_om: ArrayLike, omega: ArrayLike = 0.0, kappa_c: ArrayLike = 1.0
) -> RealArray:
    """S/S_SQL with intracavity losses and otherwise matched systems (κ_c = κ_om), envelope: (40), (41).

    Exact at every frequency for Q → ∞, with G_a(ω) = G_om(ω); not optimal (`reoptimised_limit`).  The exponent of
    |1 − η_cκ_cχ_c| in (41) is 2.

    Examples
    --------
    >>> round(float(escape_limit(Order.ANCILLA_FIRST, 0.9, 0.9)), 6)
    0.471405
    """
    c, om = np.asarray(escape_c), np.asarray(escape_om)
    limit = np.sqrt(c + om - 2 * c * om) / om
    return np.asarray(limit / (_signal_kept(order, c, 1.0, omega, kappa_c)) ** 2)


def reoptimised_limit(
    order: Order,
    escape_c: ArrayLike = 1.0,
    escape_om: ArrayLike = 1.0,
    propagation: ArrayLike = 1.0,
    detection: ArrayLike = 1.0,
    omega: ArrayLike = 0.0,
    kappa_c: ArrayLike = 1.0,
) -> RealArray:
    """S/S_SQL that no choice of the ancilla's strength beats, all losses counted; new, see the module.

    A lower bound at every frequency, for noiseless (κ_a → 0) ancillas of any response; reached at ω → 0 for Q → ∞ and
    κ_a → 0 with the strength of `reoptimised_ratio`.  For one lossy link it is √((1−η)/η) where (38) has √(1−η)/η,
    for two lossy cavities √((1−η_cη_om)/η_om) where (40) has √(η_c + η_om − 2η_cη_om)/η_om.

    Examples
    --------
    >>> round(float(reoptimised_limit(Order.ANCILLA_FIRST, escape_c=0.9, escape_om=0.9)), 6)
    0.459468
    """
    c, om, link, seen = (np.asarray(value) for value in (escape_c, escape_om, propagation, detection))
    sensor_alone = np.sqrt((1 - c * link * om) / (om * seen))
    return np.asarray(sensor_alone / _signal_kept(order, c, link, omega, kappa_c))


def reoptimised_ratio(
    order: Order, escape_c: ArrayLike = 1.0, escape_om: ArrayLike = 1.0, propagation: ArrayLike = 1.0
) -> RealArray:
    """r = G_a|χ_a|/(G_om|χ_m|) of opposite sign that reaches `reoptimised_limit` at ω → 0.

    η_om/(2η_om − 1) with the ancilla first, η_prop η_om (2η_c − 1) with the sensor first; negative: an ancilla of
    *positive* mass, behind or before an undercoupled cavity.

    Raises
    ------
    InvalidInput
        The sensor's cavity is critically coupled (η_om = ½) and comes second: it swallows what the ancilla wrote.

    Examples
    --------
    >>> float(reoptimised_ratio(Order.SENSOR_FIRST, propagation=0.8))
    0.8
    """
    c, om, link = (np.asarray(value) for value in (escape_c, escape_om, propagation))
    if order is Order.SENSOR_FIRST:
        return np.asarray(link * om * (2 * c - 1))
    if (om == 0.5).any():  # the one value at which the reflection vanishes
        raise InvalidInput(
            "a critically coupled sensor cavity (escape efficiency ½) swallows all light at low frequency, and with it "
            "what the ancilla wrote on it; no strength of the ancilla helps"
        )
    return np.asarray(om / (2 * om - 1))


def _signal_kept(
    order: Order, escape_c: ArrayLike, propagation: ArrayLike, omega: ArrayLike, kappa_c: ArrayLike
) -> RealArray:
    """Amplitude that the signal keeps behind the sensor: 1, or √η_prop |1 − η_cκ_cχ_c|."""
    if order is Order.ANCILLA_FIRST:
        return np.ones(())
    filled = np.asarray(kappa_c) * cavity_susceptibility(omega, kappa_c)
    kept = np.sqrt(np.asarray(propagation)) * np.abs(1 - np.asarray(escape_c) * filled)
    if (kept == 0).any():
        raise InvalidInput(
            "a critically coupled meter cavity (escape efficiency ½, ω = 0) behind the sensor swallows the signal: the "
            "added noise would be infinite"
        )
    return np.asarray(kept)
