"""An optomechanical cavity on the bench: from power, mirrors, mass and temperature to an `OptomechanicalCavity`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backaction.gaussian.errors import InvalidInput
from backaction.systems import Damping, OptomechanicalCavity
from backaction.systems.grammar import Parameter, Range, Unit, quantity
from backaction.systems.grammar.fields import refuse, settle

from .light import intracavity_photons
from .mechanics import oscillator_length, single_photon_coupling, zero_point_motion
from .numbers import plain

__all__ = ["CavityBench"]


@dataclass(frozen=True, eq=False, kw_only=True)
class CavityBench:
    """A mechanical oscillator in a driven cavity, by what is read off the bench.

    Parameters
    ----------
    power : float or array
        Before the input mirror, in all modes, W.
    wavelength : float or array
        Vacuum wavelength, m.
    cavity_linewidth : float or array
        κ, full width of all losses, rad/s (`FabryPerot.linewidth`, `linewidth_from_finesse`, `hwhm`).
    input_fraction, mode_matching : float or array
        κ₁/κ of the input mirror; power that matches the cavity mode.  Default 1.
    detuning : float or array
        Δ = ω_laser − ω_cavity, rad/s; default 0.
    mechanical_frequency : float or array
        Ω, rad/s.
    quality_factor : float or array
        Q = Ω/γ.
    temperature : float or array
        Of the mechanical bath, K.
    vacuum_coupling : float or array, optional
        The usual g₀ (Møller et al.'s over √2), rad/s; or
    pull, mass : float or array, optional
        G = |∂ω_c/∂x| in rad/s/m and the effective mass in kg, with g₀ = G√(ħ/2mΩ).  The mass alone may stand beside g₀.

    Raises
    ------
    InvalidInput
        A value out of its range, or not exactly one of g₀ and pull.

    Examples
    --------
    Møller et al. 2017, Table I, from the power, not from the photon number:

    >>> import math
    >>> from backaction.systems import Hz, MHz, hwhm
    >>> bench = CavityBench(power=54e-6, wavelength=852.349e-9, cavity_linewidth=hwhm(8.7 * MHz),
    ...     input_fraction=25 / 26, mode_matching=0.9, detuning=-4.7 * MHz, mechanical_frequency=1.28 * MHz,
    ...     quality_factor=12.8e6, temperature=7.0, vacuum_coupling=210 * Hz / math.sqrt(2), mass=14e-12)
    >>> f"{bench.photon_number:.2e}"  # printed: 5.7e6
    '5.68e+06'
    >>> round(float(bench.oscillator().quantum_cooperativity), 2)  # printed: 2.6, and 2.5 ± 0.3
    2.53
    """

    power: Parameter = quantity(Unit.POWER, Range.NONNEGATIVE, "before the input mirror, in all modes")
    wavelength: Parameter = quantity(Unit.LENGTH, Range.POSITIVE, "vacuum wavelength")
    cavity_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.POSITIVE, "full width κ of the cavity, all losses")
    mechanical_frequency: Parameter = quantity(Unit.FREQUENCY, Range.POSITIVE, "mechanical frequency Ω")
    quality_factor: Parameter = quantity(Unit.NUMBER, Range.POSITIVE, "Q = Ω/γ")
    temperature: Parameter = quantity(Unit.TEMPERATURE, Range.NONNEGATIVE, "bath temperature")
    input_fraction: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "κ₁/κ of the input mirror", 1.0)
    mode_matching: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "power matched to the cavity mode", 1.0)
    detuning: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "Δ = ω_laser − ω_cavity, red < 0", 0.0)
    vacuum_coupling: Parameter | None = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "the usual g₀", None)
    pull: Parameter | None = quantity(Unit.NUMBER, Range.NONNEGATIVE, "G = |∂ω_c/∂x| in rad/s/m", None)
    mass: Parameter | None = quantity(Unit.MASS, Range.POSITIVE, "effective mass", None)

    def __post_init__(self) -> None:
        refuse(settle(self))
        if (self.vacuum_coupling is None) == (self.pull is None):
            raise InvalidInput("give vacuum_coupling (g₀) or pull (G = |∂ω_c/∂x|, with the mass), exactly one of them")
        if self.pull is not None and self.mass is None:
            raise InvalidInput("pull needs the effective mass, for g₀ = G√(ħ/2mΩ); give mass in kg")

    @property
    def input_linewidth(self) -> Parameter:
        """κ₁ = input fraction × mode matching × κ, rad/s."""
        return plain(np.asarray(self.input_fraction) * self.mode_matching * self.cavity_linewidth)

    @property
    def photon_number(self) -> Parameter:
        """N = κ₁Φ/(κ²/4 + Δ²)."""
        return intracavity_photons(
            self.power, self.wavelength, self.cavity_linewidth, self.input_linewidth, self.detuning
        )

    @property
    def mechanical_linewidth(self) -> Parameter:
        """γ = Ω/Q, full width, rad/s."""
        return plain(np.asarray(self.mechanical_frequency) / self.quality_factor)

    @property
    def single_photon_coupling(self) -> Parameter:
        """The usual g₀, rad/s."""
        if self.vacuum_coupling is not None:
            return self.vacuum_coupling
        assert self.pull is not None and self.mass is not None
        return single_photon_coupling(self.pull, self.mass, self.mechanical_frequency)

    @property
    def zero_point_motion(self) -> Parameter:
        """√(ħ/2mΩ), m."""
        return zero_point_motion(self._mass(), self.mechanical_frequency)

    @property
    def oscillator_length(self) -> Parameter:
        """√(ħ/mΩ), m: the x_zpf of Møller et al. 2017."""
        return oscillator_length(self._mass(), self.mechanical_frequency)

    def oscillator(self, name: str | None = None, damping: Damping = Damping.BROWNIAN) -> OptomechanicalCavity:
        """The component that these numbers make."""
        return OptomechanicalCavity(
            name=name,
            mechanical_frequency=self.mechanical_frequency,
            mechanical_linewidth=self.mechanical_linewidth,
            temperature=self.temperature,
            cavity_linewidth=self.cavity_linewidth,
            detuning=self.detuning,
            single_photon_coupling=self.single_photon_coupling,
            photon_number=self.photon_number,
            input_fraction=self.input_fraction,
            mode_matching=self.mode_matching,
            damping=damping,
        )

    def _mass(self) -> Parameter:
        if self.mass is None:
            raise InvalidInput("lengths need the effective mass; give mass in kg")
        return self.mass
