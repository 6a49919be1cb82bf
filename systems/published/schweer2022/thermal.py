"""Schweer et al. (2022): the thermal force, the cooperativity (43), and the quality factor that an experiment needs.

A symmetrised thermal force has the density 2n + 1 in units of ħmγ_mω_m (the paper's (13) prints k_BT/ħω_m ≈ n, half of
it), the quantum back action of a strong resonant measurement Γ_om/(2γ_m).  Their ratio

    C_q = Γ_om/[2γ_m(2n + 1)] ≈ (Γ_om/4γ_m)(ħω_m/k_BT)

is a quarter of what (43) prints.  Laboratory units: rad/s and K.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian.errors import InvalidInput
from backaction.systems.constants import BOLTZMANN, HBAR
from backaction.systems.thermal import thermal_occupation

__all__ = [
    "largest_temperature",
    "printed_cooperativity",
    "quantum_cooperativity",
    "required_quality",
    "thermal_force",
]

RealArray = NDArray[np.float64]


def thermal_force(temperature: ArrayLike, omega_m: ArrayLike) -> RealArray:
    """Thermal term of (13), corrected: 2n + 1 at temperature T (K) and ω_m (rad/s); 1 at T = 0.

    Examples
    --------
    >>> import math
    >>> round(float(thermal_force(4.0, 2 * math.pi * 5e5)))
    333386
    """
    return np.asarray(2 * thermal_occupation(temperature, omega_m) + 1)


def quantum_cooperativity(
    strength: ArrayLike, gamma_m: ArrayLike, temperature: ArrayLike, omega_m: ArrayLike
) -> RealArray:
    """Back action over thermal force, Γ_om/[2γ_m(2n + 1)]: (43) corrected; all rates in rad/s.

    Examples
    --------
    >>> round(float(quantum_cooperativity(8.0, 1.0, 0.0, 1.0)), 6)
    4.0
    """
    return np.asarray(np.asarray(strength) / (2 * np.asarray(gamma_m) * thermal_force(temperature, omega_m)))


def printed_cooperativity(
    strength: ArrayLike, gamma_m: ArrayLike, temperature: ArrayLike, omega_m: ArrayLike
) -> RealArray:
    """(Γ_om/γ_m)(ħω_m/k_BT), (43) as it is printed: four times `quantum_cooperativity` at high temperature."""
    quantum = HBAR * np.asarray(omega_m) / (BOLTZMANN * np.asarray(temperature))
    return np.asarray(np.asarray(strength) / np.asarray(gamma_m) * quantum)


def required_quality(
    temperature: ArrayLike,
    omega_m: ArrayLike,
    reduction: ArrayLike,
    target: ArrayLike = 1.0,
    frequency: ArrayLike = 0.0,
) -> RealArray:
    """Q_m for which quantum and thermal noise together stay below a multiple of the standard quantum limit.

    Off resonance S_SQL = Q_m|1 − (ω/ω_m)²|, so Q_m = (2n + 1)/[(target − reduction)|1 − (ω/ω_m)²|].

    Parameters
    ----------
    temperature, omega_m : array_like
        In K and rad/s.
    reduction : array_like
        Quantum noise over the limit without the thermal force, such as 0.80 of Fig. 6.
    target : array_like
        Total noise over the limit; 1: just below it.
    frequency : array_like
        ω/ω_m of the signal, not at resonance.

    Raises
    ------
    InvalidInput
        The target is not above the reduction: no quality factor is enough.

    Examples
    --------
    Table II needs far more than its Q_m = 1000 at the temperature of liquid helium:

    >>> import math
    >>> float(required_quality(4.0, 2 * math.pi * 5e5, 0.80) > 1.6e6)
    1.0
    """
    margin = np.subtract(target, reduction)
    if (margin <= 0).any():
        raise InvalidInput(
            f"the quantum noise alone is {np.max(reduction):.4g} of the standard quantum limit, so a total of "
            f"{np.min(target):.4g} is out of reach for every quality factor; ask for more than that"
        )
    stiff = np.abs(1 - np.asarray(frequency, dtype=float) ** 2)
    if (stiff == 0).any():
        raise InvalidInput(
            "on resonance the limit does not grow with the quality factor; give a frequency off resonance"
        )
    return np.asarray(thermal_force(temperature, omega_m) / (margin * stiff))


def largest_temperature(
    quality: ArrayLike, omega_m: ArrayLike, reduction: ArrayLike, target: ArrayLike = 1.0, frequency: ArrayLike = 0.0
) -> RealArray:
    """Temperature (K) up to which a quality factor is enough: the inverse of `required_quality`.

    0 where the zero-point force alone (2n + 1 = 1) already costs more than the margin.

    Examples
    --------
    With Q_m = 1000 as in the tables a reduction of 20 % survives up to a few millikelvin:

    >>> import math
    >>> round(float(largest_temperature(1000.0, 2 * math.pi * 5e5, 0.80)) * 1e3, 2)
    2.4
    """
    needed = required_quality(0.0, omega_m, reduction, target, frequency)  # for 2n + 1 = 1
    allowed = np.asarray(quality) / needed
    occupation = np.maximum((allowed - 1) / 2, 0.0)
    energy = HBAR * np.asarray(omega_m) / BOLTZMANN
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(occupation > 0, energy / np.log1p(1 / occupation), 0.0))
