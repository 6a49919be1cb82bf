"""Schweer et al. (2022), Sec. IV B: losses, alone and together with every other imperfection, in both orders.

(36)–(41) in the **paper's** convention (see `formulas`), and what goes beyond them: the noise of the
resonant cascade with g_BS = g_DC in closed form for *all* losses and mismatches at once, and the limits of (38) and
(40) **re-optimised** over the ancilla's strength, which the paper does not give.

With L = η_c η_prop η_om the least back action that any ancilla leaves gives, at every frequency,

    S/S_SQL = √[(1 − L)/(η_om η_det)]                              light meets the ancilla first,
    S/S_SQL = √[(1 − L)/(η_om η_prop η_det)] / |1 − η_c κ_c χ_c|   light meets the sensor first:

the order costs exactly the amplitude that the signal loses on its way through link and meter cavity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.errors import InvalidInput

from .formulas import (
    RealArray,
    ancilla_susceptibility,
    cavity_susceptibility,
    mechanical_susceptibility,
)
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


@dataclass(frozen=True, eq=False)
class StrengthTerms:
    """S_F = `shot`/s + `constant` + `back_action`·s at s times the power (both couplings grow with √s).

    The ancilla's own vacuum is the constant; the densities are those at s = 1.
    """

    shot: RealArray
    constant: RealArray
    back_action: RealArray

    @property
    def fixed_power(self) -> RealArray:
        """S_F at the given power."""
        return np.asarray(self.shot + self.constant + self.back_action)

    @property
    def envelope(self) -> RealArray:
        """S_F minimised over the power at each frequency."""
        return np.asarray(self.constant + 2 * np.sqrt(self.shot * self.back_action))

    @property
    def best_power(self) -> RealArray:
        """The factor s of the envelope; infinite where no back action is left."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.sqrt(self.shot / self.back_action))


def lossy_terms(
    order: Order,
    omega: ArrayLike,
    *,
    omega_m: ArrayLike,
    gamma_m: ArrayLike,
    g: ArrayLike,
    kappa_om: ArrayLike,
    delta_a: ArrayLike,
    kappa_a: ArrayLike,
    g_a: ArrayLike,
    kappa_c: ArrayLike,
    escape_c: ArrayLike = 1.0,
    escape_om: ArrayLike = 1.0,
    propagation: ArrayLike = 1.0,
    detection: ArrayLike = 1.0,
) -> StrengthTerms:
    """Return the noise of the resonant cascade with g_BS = g_DC = g_a/2 and every loss: (20) with (36), (39); exact.

    Examples
    --------
    >>> noise = lossy_terms(Order.ANCILLA_FIRST, 0.0, omega_m=1.0, gamma_m=1e-3, g=1.0, kappa_om=4.0, delta_a=-1.0,
    ...                     kappa_a=1e-3, g_a=1.0, kappa_c=4.0).fixed_power
    >>> round(float(noise) * 1e-3, 6)
    0.5005
    """
    omega, kappa_a, delta_a = np.asarray(omega), np.asarray(kappa_a), np.asarray(delta_a)
    link, seen, gamma_m = np.asarray(propagation), np.asarray(detection), np.asarray(gamma_m)
    chi_m = mechanical_susceptibility(omega, omega_m, gamma_m)
    chi_a = ancilla_susceptibility(omega, delta_a, kappa_a)
    sensor = _Cavity(omega, g, kappa_om, escape_om)
    meter = _Cavity(omega, g_a, kappa_c, escape_c)
    # p_out ∋ −a (η x_in + √(η(1−η)) x_bath), x_out = ρ x_in + τ x_bath, for each system
    a_m, a_a = sensor.reading**2 * chi_m, meter.reading**2 * chi_a
    first, second = (meter, sensor) if order is Order.ANCILLA_FIRST else (sensor, meter)
    a_first, a_second = (a_a, a_m) if order is Order.ANCILLA_FIRST else (a_m, a_a)
    eta, eta2 = first.escape, second.escape
    back_action = (
        link * np.abs(second.passed * a_first * eta + a_second * eta2 * first.passed) ** 2
        + link * np.abs(second.passed * a_first * np.sqrt(eta * (1 - eta)) + a_second * eta2 * first.leaked) ** 2
        + (1 - link) * np.abs(a_second * eta2) ** 2
        + np.abs(a_second) ** 2 * eta2 * (1 - eta2)
    )
    behind_first = link * np.abs(second.passed) ** 2
    signal = sensor.escape * np.abs(sensor.reading * chi_m) ** 2 * gamma_m
    vacuum = (
        meter.escape * np.abs(meter.reading * chi_a) ** 2 * kappa_a * ((omega**2 + kappa_a**2 / 4) / delta_a**2 + 1)
    )
    signal, vacuum = (
        (signal, behind_first * vacuum) if order is Order.ANCILLA_FIRST else (behind_first * signal, vacuum)
    )
    if (np.asarray(signal * seen) == 0).any():
        raise InvalidInput(
            "the force does not reach the detector (a coupling, an efficiency or the meter cavity's reflection is 0), "
            "so the added noise would be infinite"
        )
    return StrengthTerms(
        shot=np.asarray(1 / (2 * seen * signal)),
        constant=np.asarray(vacuum / (2 * signal)),
        back_action=np.asarray(back_action / (2 * signal)),
    )


class _Cavity:
    """A resonant cavity with an escape efficiency: reflection ρ, leak τ from its bath, reading √κ g χ."""

    def __init__(self, omega: ArrayLike, coupling: ArrayLike, linewidth: ArrayLike, escape: ArrayLike) -> None:
        self.escape = np.asarray(escape)
        filled = np.asarray(linewidth) * cavity_susceptibility(omega, linewidth)
        self.passed = self.escape * filled - 1
        self.leaked = np.sqrt(self.escape * (1 - self.escape)) * filled
        self.reading = np.asarray(coupling) * filled / np.sqrt(np.asarray(linewidth))


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
