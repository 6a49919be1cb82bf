"""Oscillators in a thermal bath: what spins and mechanical modes have in common, in a cavity or not."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian.arrays import FloatArray

from .component import Alternatives, BareOscillator, Bath, Component, effective_pole
from .constants import BOLTZMANN, HBAR
from .damping import Damping
from .grammar import Parameter, Range, Unit, choice, hertz, quantity

__all__ = ["ThermalOscillator", "thermal_occupation"]


def thermal_occupation(temperature: ArrayLike, frequency: ArrayLike) -> FloatArray:
    """Bose–Einstein occupation n = 1/(exp(ħ|Ω|/k_B T) − 1); 0 at 0 K.

    Parameters
    ----------
    temperature : array_like
        T ≥ 0 in K.
    frequency : array_like
        Ω ≠ 0 in rad/s, of either sign.

    Examples
    --------
    >>> from backaction.systems import MHz
    >>> round(float(thermal_occupation(7.0, 1.28 * MHz)))
    113950
    """
    energy = HBAR * np.abs(np.asarray(frequency, dtype=np.float64)) / BOLTZMANN
    kelvin = np.asarray(temperature, dtype=np.float64)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        warm = 1 / np.expm1(energy / kelvin)
    occupation: FloatArray = np.where(kelvin > 0, warm, 0.0)
    return occupation


@dataclass(frozen=True, eq=False, kw_only=True)
class ThermalOscillator(Component):
    """A component with one oscillator, damped by a bath of a given occupation or temperature."""

    alternatives: ClassVar[tuple[Alternatives, ...]] = ((("occupation",), ("temperature",)),)

    occupation: Parameter | None = quantity(Unit.NUMBER, Range.NONNEGATIVE, "bath occupation n", None)
    temperature: Parameter | None = quantity(Unit.TEMPERATURE, Range.NONNEGATIVE, "bath temperature", None)
    damping: Damping = choice(Damping, "model of damping", Damping.BROWNIAN)

    @abstractmethod
    def bare_oscillator(self) -> BareOscillator:
        """See `Component.bare_oscillator`."""

    @property
    def bath_occupation(self) -> Parameter:
        """Occupation n of the bath: as given, or that of the temperature (Bose–Einstein)."""
        if self.occupation is not None:
            return self.occupation
        n = thermal_occupation(0.0 if self.temperature is None else self.temperature, self.bare_oscillator().frequency)
        return float(n) if n.ndim == 0 else n

    @property
    def quantum_cooperativity(self) -> Parameter:
        """Γ/(4γ(n + ½)), back action to thermal noise on P; of a cavity 4g²/(κγ(n + ½)).

        Møller et al. 2017 (S1 and the calibration of the spin) have the same number, with n for n + ½ in (S1).
        """
        _, linewidth, readout_rate = self.bare_oscillator()
        return readout_rate / (4 * linewidth * (self.bath_occupation + 0.5))

    def bath(self, name: str) -> Bath:
        """The bath of the mode NAME, at the input NAME.bath."""
        linewidth = self.bare_oscillator().linewidth
        return Bath(f"{name}.bath", name, linewidth, self.bath_occupation, self.damping)

    def derived(self) -> dict[str, Parameter | None]:
        """See `Component.derived`: occupation, rates, and the pole that continues the bare oscillator's."""
        frequency, linewidth, readout_rate = self.bare_oscillator()
        pole = effective_pole(self.system("mode"), frequency, linewidth)
        damped = np.all(np.asarray(linewidth) > 0)
        return {
            "occupation": self.bath_occupation,
            "readout_rate_hz": hertz(readout_rate),
            "quantum_cooperativity": self.quantum_cooperativity if damped else None,
            "effective_frequency_hz": hertz(np.abs(pole.imag)),
            "effective_linewidth_hz": hertz(-2 * pole.real),
        }
