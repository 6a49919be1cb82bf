"""Oscillators that light passes once: a spin ensemble, and a mechanical oscillator whose cavity is eliminated.

H = ½Ω(X² + P²) + √Γ (X X_L + ζ P P_L), that is dX ∋ ΩP − ½ζΓX + ζ√Γ P_in, dP ∋ −ΩX − ½ζΓP − √Γ X_in, and for the light
X_out = X_in + ζ√Γ P, P_out = P_in − √Γ X.  ζ = 0 is the quantum nondemolition interaction: back action of PSD Γ/2 on P.
A collective spin polarised along its magnetic field is such an oscillator (Holstein and Primakoff) with X = J_z/√|J_x|;
polarised to the upper state it has Ω < 0, a negative mass: every excitation takes energy away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backaction.gaussian import LinearSystem
from backaction.gaussian.arrays import stack_matrix

from .component import BareOscillator, Port, open_system
from .grammar import Parameter, Range, Unit, quantity
from .thermal import ThermalOscillator

__all__ = ["MechanicalOscillator", "SpinOscillator"]


@dataclass(frozen=True, eq=False, kw_only=True)
class SpinOscillator(ThermalOscillator):
    """A collective spin as an oscillator, probed by the passing light.

    Parameters
    ----------
    frequency : float or array
        Ω ≠ 0 in rad/s; negative for a negative mass (spins pumped to the upper state).
    linewidth : float or array
        γ ≥ 0, full width in rad/s (`hwhm` converts half widths).
    readout_rate : float or array
        Γ ≥ 0 in rad/s: P_out = P_in − √Γ X.
    occupation, temperature : float or array
        Thermal occupation n of the spin bath, or the temperature (K) that gives it; exactly one of them.
    tensor_coupling : float or array
        ζ, the tensor part of the light-spin interaction; default 0 (QND).
    damping : Damping
        Default `Damping.BROWNIAN`.
    name : str, optional

    Raises
    ------
    InvalidInput
        A value out of its range, or both or none of occupation and temperature.

    Notes
    -----
    Møller et al. 2017, Eqs. (S24)-(S30): their Γ (light vacuum ¼) is Γ/2 here, their widths are half widths.

    Examples
    --------
    >>> from backaction.systems import SpinOscillator, kHz, MHz, hwhm
    >>> spin = SpinOscillator(
    ...     frequency=-1.27 * MHz, linewidth=hwhm(2.6 * kHz), readout_rate=72 * kHz, occupation=2.6)
    >>> round(spin.quantum_cooperativity, 3)
    1.117
    """

    kind: ClassVar[str] = "spin"

    frequency: Parameter = quantity(Unit.FREQUENCY, Range.NONZERO, "Larmor frequency Ω; negative for a negative mass")
    linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "full width γ")
    readout_rate: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "readout rate Γ: P_out = P_in − √Γ X")
    tensor_coupling: Parameter = quantity(Unit.NUMBER, Range.ANY, "ζ of H = √Γ (X X_L + ζ P P_L)", 0.0)

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: mode NAME, bath NAME.bath."""
        return _probed(self, name)

    def bare_oscillator(self) -> BareOscillator:
        """See `Component.bare_oscillator`."""
        return BareOscillator(self.frequency, self.linewidth, self.readout_rate)


@dataclass(frozen=True, eq=False, kw_only=True)
class MechanicalOscillator(ThermalOscillator):
    """A mechanical oscillator read out by light, its cavity eliminated (resonant, much broader than Ω).

    Parameters
    ----------
    mechanical_frequency : float or array
        Ω > 0 in rad/s.
    mechanical_linewidth : float or array
        γ ≥ 0, full width in rad/s.
    readout_rate : float or array
        Γ ≥ 0 in rad/s; of a cavity Γ = 16 g²/κ.
    occupation, temperature : float or array
        Bath occupation n, or its temperature (K); exactly one of them.
    tensor_coupling : float or array
        ζ of H = √Γ (X X_L + ζ P P_L); default 0.
    damping : Damping
    name : str, optional

    Raises
    ------
    InvalidInput
        As `SpinOscillator`.

    Examples
    --------
    >>> from backaction.systems import MechanicalOscillator, Hz, kHz, MHz
    >>> membrane = MechanicalOscillator(mechanical_frequency=1.28 * MHz, mechanical_linewidth=0.1 * Hz,
    ...                                 readout_rate=60 * kHz, temperature=7.0)
    >>> round(membrane.bath_occupation)
    113950
    """

    kind: ClassVar[str] = "mechanical_oscillator"

    mechanical_frequency: Parameter = quantity(Unit.FREQUENCY, Range.POSITIVE, "mechanical frequency Ω")
    mechanical_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "full width γ")
    readout_rate: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "readout rate Γ: P_out = P_in − √Γ X")
    tensor_coupling: Parameter = quantity(Unit.NUMBER, Range.ANY, "ζ of H = √Γ (X X_L + ζ P P_L)", 0.0)

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: mode NAME, bath NAME.bath."""
        return _probed(self, name)

    def bare_oscillator(self) -> BareOscillator:
        """See `Component.bare_oscillator`."""
        return BareOscillator(self.mechanical_frequency, self.mechanical_linewidth, self.readout_rate)


def _probed(oscillator: SpinOscillator | MechanicalOscillator, name: str) -> LinearSystem:
    amplitude = np.sqrt(np.asarray(oscillator.readout_rate) / 2)
    # X_out = X_in + ζ√Γ P, P_out = P_in − √Γ X, written as a_out = a_in + L
    light = Port("light", [-1j * amplitude, amplitude * oscillator.tensor_coupling])
    frequency = oscillator.bare_oscillator().frequency
    hamiltonian = stack_matrix([[frequency, 0.0], [0.0, frequency]])
    return open_system(hamiltonian, [light], [name], [], oscillator.bath(name))
