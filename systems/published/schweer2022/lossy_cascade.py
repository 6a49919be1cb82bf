"""Schweer et al. (2022): the noise of the resonant cascade with g_BS = g_DC for *all* losses and mismatches at once.

(20) with (36) and (39), in the **paper's** convention (see `formulas`), by how it depends on the power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.errors import InvalidInput

from .formulas import RealArray, ancilla_susceptibility, cavity_susceptibility, mechanical_susceptibility
from .matrices import Order

__all__ = ["StrengthTerms", "lossy_terms"]


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
