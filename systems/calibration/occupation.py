"""How cold the light makes a mechanical oscillator: sideband rates, effective occupation, its quantum floor.

A∓ = g²κ/[κ²/4 + (Ω ± Δ)²] are the rates at which the detuned light takes and gives quanta, γ_opt = A₋ − A₊ the optical
damping, n_min = A₊/γ_opt the floor that back action sets (Aspelmeyer, Kippenberg & Marquardt, Rev. Mod. Phys. 86, 1391
(2014), Sec. VII; Møller et al. 2017, SI-B).  They hold for weak coupling, g ≪ κ and γ_opt ≪ κ, Ω.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backaction.gaussian import InvalidInput, Unstable
from backaction.gaussian.arrays import FloatArray
from backaction.systems import OptomechanicalCavity

__all__ = ["EffectiveOccupation", "back_action_ratio", "effective_occupation", "sideband_rates"]


@dataclass(frozen=True, eq=False)
class EffectiveOccupation:
    """Mean quanta of a mechanical oscillator under sideband cooling, in their parts.

    Attributes
    ----------
    thermal : array
        n_th = γn/(γ + γ_opt), from the bath.
    back_action : array
        γ_opt n_min/(γ + γ_opt) = A₊/(γ + γ_opt), from the light.
    linewidth : array
        γ + γ_opt, full width, rad/s.
    optical_damping : array
        γ_opt = A₋ − A₊, rad/s.
    """

    thermal: FloatArray
    back_action: FloatArray
    linewidth: FloatArray
    optical_damping: FloatArray

    @property
    def total(self) -> FloatArray:
        """n_eff = (γn + γ_opt n_min)/(γ + γ_opt)."""
        return np.asarray(self.thermal + self.back_action)

    @property
    def floor(self) -> FloatArray:
        """n_min = A₊/(A₋ − A₊): what is left however strong the light.

        Raises
        ------
        InvalidInput
            The light does not damp (Δ ≥ 0): there is no floor.
        """
        if (self.optical_damping <= 0).any():
            raise InvalidInput(
                "the light does not damp the motion (γ_opt ≤ 0), so its back action heats without a floor; detune to "
                "the red, Δ < 0"
            )
        return np.asarray(self.back_action * self.linewidth / self.optical_damping)


def sideband_rates(cavity: OptomechanicalCavity) -> tuple[FloatArray, FloatArray]:
    """A₋ and A₊ in rad/s: quanta taken (anti-Stokes) and given (Stokes) by the light.

    Examples
    --------
    >>> cavity = OptomechanicalCavity(mechanical_frequency=1.0, mechanical_linewidth=1e-6, occupation=100.0,
    ...     cavity_linewidth=0.2, detuning=-1.0, coupling=0.005)
    >>> [round(float(rate), 9) for rate in sideband_rates(cavity)]
    [0.0005, 1.247e-06]
    """
    g, kappa = np.asarray(cavity.linearised_coupling), np.asarray(cavity.cavity_linewidth)
    omega, delta = np.asarray(cavity.mechanical_frequency), np.asarray(cavity.detuning)
    down, up = (np.asarray(g**2 * kappa / (kappa**2 / 4 + (omega + sign * delta) ** 2)) for sign in (1, -1))
    return down, up


def back_action_ratio(cavity: OptomechanicalCavity) -> FloatArray:
    """γ_opt(n_min + ½)/[γ(n + ½)] = (A₋ + A₊)/[2γ(n + ½)]: back action to thermal noise in the variance (S1).

    Møller et al. 2017 write it C_q/2 times the two Lorentzians, with n for n + ½; on resonance and for κ ≫ Ω it is C_q.

    Examples
    --------
    >>> cavity = OptomechanicalCavity(mechanical_frequency=1.0, mechanical_linewidth=1e-6, occupation=100.0,
    ...     cavity_linewidth=1e4, coupling=0.5)
    >>> round(float(back_action_ratio(cavity) / cavity.quantum_cooperativity), 6)
    1.0
    """
    gamma = np.asarray(cavity.mechanical_linewidth)
    if (gamma <= 0).any():
        raise InvalidInput("the mechanical linewidth is 0, so there is no thermal noise to compare with; give γ > 0")
    down, up = sideband_rates(cavity)
    return np.asarray((down + up) / (2 * gamma * (np.asarray(cavity.bath_occupation) + 0.5)))


def effective_occupation(cavity: OptomechanicalCavity) -> EffectiveOccupation:
    """Effective occupation (A₊ + γn)/(A₋ − A₊ + γ), its thermal and its quantum part.

    Raises
    ------
    Unstable
        The light gives more quanta than light and bath take, γ + γ_opt ≤ 0.

    Examples
    --------
    >>> cavity = OptomechanicalCavity(mechanical_frequency=1.0, mechanical_linewidth=1e-6, occupation=100.0,
    ...     cavity_linewidth=0.2, detuning=-1.0, coupling=0.005)
    >>> result = effective_occupation(cavity)
    >>> round(float(result.total), 4), round(float(result.floor), 6)  # floor → (κ/4Ω)² for κ ≪ Ω
    (0.2026, 0.0025)
    """
    gamma = np.asarray(cavity.mechanical_linewidth)
    down, up = sideband_rates(cavity)
    width = np.asarray(gamma + down - up)
    if (width <= 0).any():
        raise Unstable(
            f"the light drives the motion faster than it is damped: γ + A₋ − A₊ = {width.min():.4g} rad/s ≤ 0, so "
            "there is no stationary occupation; detune to the red, or take less light",
            complex(-width.min() / 2),
        )
    thermal = np.asarray(gamma * np.asarray(cavity.bath_occupation) / width)
    return EffectiveOccupation(thermal, np.asarray(up / width), width, np.asarray(down - up))
