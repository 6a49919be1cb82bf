"""Cavities: an optomechanical one, an all-optical oscillator of negative mass, and both in one.

A cavity port reflects promptly with a sign: out = √κ₁ a − in, with κ₁ = input fraction × mode matching × κ. The rest of
κ (second mirror, mode mismatch) sees vacuum at the port NAME.vacuum.  Δ = ω_laser − ω_cavity, red < 0.  The carrier is
in phase with x at the input, so the field in the cavity has the phase φ = arctan(2Δ/κ), and the quadratures at the
output stay in the frame of the input; ψ is the phase of the carrier that leaves (`reflected_angle`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backaction.gaussian import InvalidInput, LinearSystem
from backaction.gaussian.arrays import stack_matrix

from .component import Alternatives, BareOscillator, Component, Port, effective_pole, lowering, open_system
from .grammar import Parameter, Range, Unit, hertz, quantity
from .thermal import ThermalOscillator

__all__ = ["Cavity", "IntegratedCQNC", "OpticalNegativeMass", "OptomechanicalCavity"]

CARRIER_FLOOR = 1e-12
"""|κ₁ − κ/2 + iΔ|/κ below which no carrier leaves the cavity (impedance matching) and ψ has no meaning."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Cavity(Component):
    """What all cavities share: linewidth, input coupling and the phase of their carrier."""

    cavity_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.POSITIVE, "full width κ of the cavity, all losses")
    input_fraction: Parameter = quantity(
        Unit.NUMBER, Range.FRACTION, "κ₁/κ of the input mirror (escape efficiency)", 1.0
    )

    @property
    def kappa1(self) -> Parameter:
        """κ₁, the decay rate into the detected mode, in rad/s."""
        return self.cavity_linewidth * self.input_fraction

    @property
    def carrier_detuning(self) -> Parameter:
        """Δ of the carrier that drives this cavity, in rad/s."""
        return 0.0

    @property
    def intracavity_angle(self) -> Parameter:
        """φ = arctan(2Δ/κ), the phase of the intracavity carrier relative to the incoming one."""
        angle: Parameter = np.arctan(2 * np.asarray(self.carrier_detuning) / self.cavity_linewidth)
        return angle

    @property
    def reflected_angle(self) -> Parameter:
        """ψ = arg[(κ₁ − κ/2 + iΔ)/(κ/2 − iΔ)], the phase of the outgoing carrier relative to the incoming one.

        Raises
        ------
        InvalidInput
            No carrier leaves: κ₁ = κ/2 on resonance.
        """
        half, delta = np.asarray(self.cavity_linewidth) / 2, np.asarray(self.carrier_detuning)
        leaving = self.kappa1 - half + 1j * delta
        if (np.abs(leaving) < CARRIER_FLOOR * 2 * half).any():
            raise InvalidInput(
                f"no carrier leaves the {self.kind}: |κ₁ − κ/2 + iΔ| = 0 (impedance matched), so its phase, the "
                'reference of the detector, is not defined; use reference = "input" or change the coupling'
            )
        angle: Parameter = np.angle(leaving / (half - 1j * delta))
        return angle

    def _ports(self, name: str, modes: int, cavity: int) -> list[Port]:
        """The beam and the vacuum, both on the cavity mode; S = −1."""
        lost = np.asarray(self.cavity_linewidth) - self.kappa1
        return [
            Port(label, lowering(rate, modes, cavity), -1.0)
            for label, rate in (("light", self.kappa1), (f"{name}.vacuum", np.maximum(lost, 0.0)))
        ]

    def _carrier(self) -> dict[str, Parameter | None]:
        try:
            psi: Parameter | None = self.reflected_angle
        except InvalidInput:
            psi = None
        return {"kappa1_hz": hertz(self.kappa1), "phi_rad": self.intracavity_angle, "psi_rad": psi}


@dataclass(frozen=True, eq=False, kw_only=True)
class OptomechanicalCavity(Cavity, ThermalOscillator):
    """A mechanical oscillator in a detuned, two-sided cavity, linearised.

    H = −Δ a†a + ½Ω(X² + P²) − g(a e^{−iφ} + a† e^{iφ})(b + b†), g as in Aspelmeyer, Kippenberg & Marquardt, Rev. Mod.
    Phys. 86, 1391 (2014), Eq. (28); φ of `intracavity_angle` because x is defined by the incoming carrier.

    Parameters
    ----------
    mechanical_frequency, mechanical_linewidth : float or array
        Ω > 0 and γ ≥ 0 (full width), rad/s.
    occupation, temperature : float or array
        Bath occupation n, or its temperature (K); exactly one of them.
    cavity_linewidth : float or array
        κ > 0, full width of all losses, rad/s.
    detuning : float or array
        Δ = ω_laser − ω_cavity, rad/s; default 0.
    coupling : float or array
        g, rad/s; or single_photon_coupling g₀ and photon_number N with g = g₀√N.
    input_fraction, mode_matching : float or array
        κ₁ = input_fraction · mode_matching · κ; default 1.
    damping : Damping
    name : str, optional

    Raises
    ------
    InvalidInput
        A value out of its range, or alternative keys of which not exactly one is given.

    Notes
    -----
    Møller et al. 2017: κ and γ there are half widths, g = g_M/√2.  Schweer et al. 2022: Δ = −Δ_C, g = g_C/2.

    Examples
    --------
    >>> from backaction.systems import OptomechanicalCavity, Hz, MHz
    >>> membrane = OptomechanicalCavity(
    ...     mechanical_frequency=1.28 * MHz, mechanical_linewidth=0.1 * Hz, temperature=7.0,
    ...     cavity_linewidth=17.4 * MHz, detuning=-4.7 * MHz, single_photon_coupling=148.5 * Hz, photon_number=5.7e6)
    >>> round(membrane.derived()["effective_linewidth_hz"])
    5409
    """

    kind: ClassVar[str] = "optomechanical_cavity"
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        *ThermalOscillator.alternatives,
        (("coupling",), ("single_photon_coupling", "photon_number")),
    )

    mechanical_frequency: Parameter = quantity(Unit.FREQUENCY, Range.POSITIVE, "mechanical frequency Ω")
    mechanical_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "full width γ")
    detuning: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "Δ = ω_laser − ω_cavity, red < 0", 0.0)
    coupling: Parameter | None = quantity(Unit.FREQUENCY, Range.ANY, "linearised coupling g", None)
    single_photon_coupling: Parameter | None = quantity(Unit.FREQUENCY, Range.ANY, "g₀, g = g₀√N", None)
    photon_number: Parameter | None = quantity(Unit.NUMBER, Range.NONNEGATIVE, "photons N in the cavity", None)
    mode_matching: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "power matched to the cavity mode", 1.0)

    @property
    def linearised_coupling(self) -> Parameter:
        """g in rad/s."""
        if self.coupling is not None:
            return self.coupling
        assert self.single_photon_coupling is not None and self.photon_number is not None
        g: Parameter = self.single_photon_coupling * np.sqrt(self.photon_number)
        return g

    @property
    def kappa1(self) -> Parameter:
        """κ₁ = input_fraction · mode_matching · κ, in rad/s."""
        return self.cavity_linewidth * self.input_fraction * self.mode_matching

    @property
    def carrier_detuning(self) -> Parameter:
        """Δ, in rad/s."""
        return self.detuning

    @property
    def readout_rate(self) -> Parameter:
        """Γ = 16 g²/κ, the readout rate of the resonant one-sided cavity (Møller et al. 2017, S2: Γ_M = Γ/2)."""
        return 16 * self.linearised_coupling**2 / self.cavity_linewidth

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: modes NAME and NAME.cavity; ports NAME.vacuum, NAME.bath."""
        omega, delta = self.mechanical_frequency, self.detuning
        force = 2 * np.asarray(self.linearised_coupling)
        in_phase, quadrature = -force * np.cos(self.intracavity_angle), -force * np.sin(self.intracavity_angle)
        hamiltonian = stack_matrix(
            [
                [omega, 0.0, in_phase, quadrature],
                [0.0, omega, 0.0, 0.0],
                [in_phase, 0.0, -np.asarray(delta), 0.0],
                [quadrature, 0.0, 0.0, -np.asarray(delta)],
            ]
        )
        modes = [name, f"{name}.cavity"]
        return open_system(hamiltonian, self._ports(name, 2, 1), modes, [f"{name}.vacuum"], self.bath(name))

    def bare_oscillator(self) -> BareOscillator:
        """See `Component.bare_oscillator`."""
        return BareOscillator(self.mechanical_frequency, self.mechanical_linewidth, self.readout_rate)

    def derived(self) -> dict[str, Parameter | None]:
        """See `Component.derived`."""
        return {**super().derived(), **self._carrier(), "coupling_hz": hertz(self.linearised_coupling)}


@dataclass(frozen=True, eq=False, kw_only=True)
class OpticalNegativeMass(Cavity):
    """Schweer et al.'s all-optical oscillator of negative mass: a meter cavity c and a detuned ancilla cavity a.

    H = −Δ c†c − Δ_a a†a + g_BS(a c† + a†c) + g_DC(a c + a†c†); for g_BS = g_DC only x_c acts on the ancilla, as a
    position does (Schweer et al. 2022, Eqs. (3)-(4)).

    Parameters
    ----------
    cavity_linewidth, ancilla_linewidth : float or array
        κ > 0 of the meter cavity and κ_a ≥ 0 of the ancilla, full widths, rad/s.
    ancilla_detuning, detuning : float or array
        Δ_a = ω_laser − ω_a and Δ of the meter cavity (default 0), rad/s; Δ_a > 0 makes a negative mass.
    beam_splitter, down_conversion : float or array
        g_BS and g_DC, rad/s.
    input_fraction : float or array
        κ₁/κ, the escape efficiency; default 1.
    name : str, optional

    Examples
    --------
    >>> from backaction.systems import OpticalNegativeMass, kHz, MHz
    >>> ancilla = OpticalNegativeMass(cavity_linewidth=2 * MHz, ancilla_linewidth=200 * kHz,
    ...     ancilla_detuning=495 * kHz, beam_splitter=250 * kHz, down_conversion=250 * kHz)
    >>> ancilla.system("nmo").modes
    ('nmo.cavity', 'nmo.ancilla')
    """

    kind: ClassVar[str] = "negative_mass_ancilla"

    ancilla_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "full width κ_a of the ancilla")
    ancilla_detuning: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "Δ_a = ω_laser − ω_a; > 0: negative mass")
    detuning: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "Δ of the meter cavity, red < 0", 0.0)
    beam_splitter: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "g_BS of a c† + a†c")
    down_conversion: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "g_DC of a c + a†c†")

    @property
    def carrier_detuning(self) -> Parameter:
        """Δ of the meter cavity, in rad/s."""
        return self.detuning

    @property
    def readout_rate(self) -> Parameter:
        """Γ_a = 4 (g_BS + g_DC)²/κ (Schweer et al. 2022, Eq. (21))."""
        return 4 * (self.beam_splitter + self.down_conversion) ** 2 / self.cavity_linewidth

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: modes NAME.cavity and NAME.ancilla; ports NAME.vacuum, NAME.ancilla."""
        xx, pp = self.beam_splitter + self.down_conversion, self.beam_splitter - self.down_conversion
        meter, ancilla = -np.asarray(self.detuning), -np.asarray(self.ancilla_detuning)
        hamiltonian = stack_matrix(
            [
                [meter, 0.0, xx, 0.0],
                [0.0, meter, 0.0, pp],
                [xx, 0.0, ancilla, 0.0],
                [0.0, pp, 0.0, ancilla],
            ]
        )
        ports = [*self._ports(name, 2, 0), Port(f"{name}.ancilla", lowering(self.ancilla_linewidth, 2, 1))]
        return open_system(hamiltonian, ports, [f"{name}.cavity", f"{name}.ancilla"], [f"{name}.vacuum"], None)

    def derived(self) -> dict[str, Parameter | None]:
        """See `Component.derived`."""
        pole = effective_pole(self.system("mode"), self.ancilla_detuning, self.ancilla_linewidth)
        return {
            **self._carrier(),
            "readout_rate_hz": hertz(self.readout_rate),
            "effective_frequency_hz": hertz(np.abs(pole.imag)),
            "effective_linewidth_hz": hertz(-2 * pole.real),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class IntegratedCQNC(Cavity, ThermalOscillator):
    """Coherent noise cancellation in one cavity: mechanics and ancilla share a resonant meter cavity.

    The Hamiltonians of `OptomechanicalCavity` and `OpticalNegativeMass` with one common cavity mode and Δ = 0
    (Tsang & Caves, PRL 105, 123601 (2010); the integrated setup of Schweer et al. 2022, Fig. 6).

    Parameters
    ----------
    mechanical_frequency, mechanical_linewidth, occupation, temperature, coupling, damping
        As for `OptomechanicalCavity`.
    cavity_linewidth, input_fraction, ancilla_linewidth, ancilla_detuning, beam_splitter, down_conversion
        As for `OpticalNegativeMass`.
    name : str, optional

    Examples
    --------
    >>> from backaction.systems import IntegratedCQNC, Hz, kHz, MHz
    >>> sensor = IntegratedCQNC(mechanical_frequency=500 * kHz, mechanical_linewidth=500 * Hz, occupation=0.0,
    ...     cavity_linewidth=2 * MHz, coupling=250 * kHz, ancilla_linewidth=200 * kHz, ancilla_detuning=495 * kHz,
    ...     beam_splitter=250 * kHz, down_conversion=250 * kHz)
    >>> sensor.system("sensor").modes
    ('sensor', 'sensor.cavity', 'sensor.ancilla')
    """

    kind: ClassVar[str] = "integrated_cqnc"

    mechanical_frequency: Parameter = quantity(Unit.FREQUENCY, Range.POSITIVE, "mechanical frequency Ω")
    mechanical_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "full width γ")
    coupling: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "linearised optomechanical coupling g")
    ancilla_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "full width κ_a of the ancilla")
    ancilla_detuning: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "Δ_a = ω_laser − ω_a; > 0: negative mass")
    beam_splitter: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "g_BS of a c† + a†c")
    down_conversion: Parameter = quantity(Unit.FREQUENCY, Range.ANY, "g_DC of a c + a†c†")

    @property
    def readout_rate(self) -> Parameter:
        """Γ = 16 g²/κ of the mechanics."""
        return 16 * self.coupling**2 / self.cavity_linewidth

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: modes NAME, NAME.cavity, NAME.ancilla; ports NAME.vacuum, NAME.ancilla, NAME.bath."""
        xx, pp = self.beam_splitter + self.down_conversion, self.beam_splitter - self.down_conversion
        omega, ancilla = self.mechanical_frequency, -np.asarray(self.ancilla_detuning)
        push = -2 * np.asarray(self.coupling)
        hamiltonian = stack_matrix(
            [
                [omega, 0.0, push, 0.0, 0.0, 0.0],
                [0.0, omega, 0.0, 0.0, 0.0, 0.0],
                [push, 0.0, 0.0, 0.0, xx, 0.0],
                [0.0, 0.0, 0.0, 0.0, 0.0, pp],
                [0.0, 0.0, xx, 0.0, ancilla, 0.0],
                [0.0, 0.0, 0.0, pp, 0.0, ancilla],
            ]
        )
        ports = [*self._ports(name, 3, 1), Port(f"{name}.ancilla", lowering(self.ancilla_linewidth, 3, 2))]
        modes = [name, f"{name}.cavity", f"{name}.ancilla"]
        return open_system(hamiltonian, ports, modes, [f"{name}.vacuum"], self.bath(name))

    def bare_oscillator(self) -> BareOscillator:
        """See `Component.bare_oscillator`."""
        return BareOscillator(self.mechanical_frequency, self.mechanical_linewidth, self.readout_rate)

    def derived(self) -> dict[str, Parameter | None]:
        """See `Component.derived`."""
        return {**super().derived(), **self._carrier()}
