"""A vapour cell on the bench: from probe power, atoms, polarisation and field to a `SpinOscillator`.

Readout and broadening both come from the probe: Γ ∝ P/Δ² by the Faraday rotation (Møller et al. 2017, S19 with S27) and
the power broadening ∝ P/Δ² by the photons that the atoms scatter.  So a stronger probe reads out faster, and widens the
line in proportion.

How much a scattered photon widens the line is the one number here that has to be *measured*: far from resonance light
scatters off the electron and leaves the nucleus, which carries most of F = 4, alone, so that scattering by itself
takes only a fifth of the coherence per photon (`SCATTERING_DECOHERENCE`); the lines of Møller et al. 2017 are as wide
as if it were all of it.  `CaesiumBench.with_linewidth` takes the measured width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from backaction.gaussian.errors import InvalidInput
from backaction.systems import Damping, SpinOscillator
from backaction.systems.grammar import Parameter, Range, Unit, quantity
from backaction.systems.grammar.fields import refuse, settle

from .caesium import GROUND_SPIN, probe_wavelength
from .light import photon_flux
from .numbers import checked, plain
from .polarisability import Estimate, faraday_coupling, scattering_rate, tensor_coupling
from .polarisation import spin_temperature_occupation
from .zeeman import larmor_frequency

__all__ = ["MAGIC_ANGLE", "SCATTERING_DECOHERENCE", "CaesiumBench", "ProbedCaesium"]

MAGIC_ANGLE = math.acos(1 / math.sqrt(3))
"""54.7° between probe polarisation and spin, where 3cos²θ − 1 = 0: the mean tensor light shift vanishes."""

SCATTERING_DECOHERENCE = 0.178
"""Transverse spin of F = 4 lost per scattered photon, by scattering alone: D2 light 3 GHz to the blue, at the magic
angle, for any polarisation of the atoms.  0.15 to 0.20 from 1 to 100 GHz to the blue, 0.25 to 0.20 to the red.  From
the dipole operators of both hyperfine structures; computed in the tests."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ProbedCaesium:
    """What `CaesiumBench` and the component `CaesiumSpin` share: probe, atoms and field."""

    probe_power: Parameter = quantity(Unit.POWER, Range.NONNEGATIVE, "power of the probe at the atoms")
    probe_detuning: Parameter = quantity(Unit.FREQUENCY, Range.NONZERO, "from F = 4 → F' = 5 of the D2 line, blue > 0")
    atoms: Parameter = quantity(Unit.NUMBER, Range.POSITIVE, "atoms in the channel")
    polarisation: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "⟨F_x⟩/F")
    magnetic_field: Parameter = quantity(Unit.MAGNETIC_FIELD, Range.NONZERO, "along the spin; > 0: negative mass")
    intrinsic_linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "full width without the probe", 0.0)
    decoherence_per_photon: Parameter = quantity(
        Unit.NUMBER, Range.NONNEGATIVE, "coherence lost per scattered photon", SCATTERING_DECOHERENCE
    )
    probe_angle: Parameter = quantity(Unit.ANGLE, Range.ANY, "of the probe's polarisation to the spin", MAGIC_ANGLE)
    occupation: Parameter | None = quantity(Unit.NUMBER, Range.NONNEGATIVE, "n; default: spin temperature", None)


@dataclass(frozen=True, eq=False, kw_only=True)
class CaesiumBench(ProbedCaesium):
    """Caesium in F = 4, probed by linearly polarised light near the D2 line.

    Parameters
    ----------
    probe_power : float or array
        P at the atoms, W.
    probe_detuning : float or array
        Δ from F = 4 → F' = 5, rad/s, blue > 0.
    atoms : float or array
        N in the volume that the atoms explore.
    cross_section : float or array
        A of that volume across the light, m²: of the **channel**, not of the beam.
    polarisation : float or array
        p = ⟨F_x⟩/F in (0, 1].
    magnetic_field : float or array
        B in T along the spin: > 0 parallel to it (a negative mass), < 0 antiparallel (a positive mass).
    intrinsic_linewidth : float or array
        Full width without the probe, rad/s; default 0.
    decoherence_per_photon : float or array
        Coherence lost per scattered photon; default `SCATTERING_DECOHERENCE`, a lower bound (see `with_linewidth`).
    probe_angle : float or array
        θ between the linear polarisation and the spin, rad; default the magic angle.
    vector : float or array, optional
        a₁; default `vector_polarisability`.
    occupation : float or array, optional
        n_S; default that of the spin temperature.

    Raises
    ------
    InvalidInput
        A value out of its range, or a probe too near to a line.

    Notes
    -----
    Γ here is the library's (light vacuum ½), which is that of (S27); the Γ_S of the paper's main text, (S12) and (S30)
    is half of it.

    Examples
    --------
    Møller et al. 2017, Table I and SI-A:

    >>> from backaction.systems import GHz, Hz, kHz, hwhm
    >>> bench = CaesiumBench(probe_power=1.7e-3, probe_detuning=3 * GHz, atoms=1e9, cross_section=300e-6**2,
    ...     polarisation=0.60, magnetic_field=362.5e-6, intrinsic_linewidth=hwhm(500 * Hz), vector=1.0)
    >>> round(bench.readout_rate / 2 / kHz, 1)  # in the paper's normalisation
    54.7
    >>> round(bench.linewidth / 2 / kHz, 2)  # half width, by scattering alone
    0.88
    >>> calibrated = bench.with_linewidth(hwhm(2.6 * kHz))  # as the paper measured it
    >>> round(calibrated.decoherence_per_photon, 2)
    0.99
    >>> round(bench.oscillator().frequency / kHz)
    -1268
    """

    cross_section: Parameter = quantity(Unit.AREA, Range.POSITIVE, "of the channel across the light")
    vector: Parameter | None = quantity(Unit.NUMBER, Range.NONZERO, "a₁; default: vector_polarisability", None)

    def __post_init__(self) -> None:
        refuse(settle(self))
        checked(self.polarisation, Range.POSITIVE, "polarisation")

    @property
    def wavelength(self) -> Parameter:
        """Vacuum wavelength of the probe, m."""
        return probe_wavelength(self.probe_detuning)

    @property
    def photon_flux(self) -> Parameter:
        """Φ of the probe, 1/s."""
        return photon_flux(self.probe_power, self.wavelength)

    @property
    def collective_spin(self) -> Parameter:
        """|J_x| = p F N (SI-A)."""
        return plain(np.asarray(self.polarisation) * GROUND_SPIN * self.atoms)

    @property
    def frequency(self) -> Parameter:
        """Ω = −g_F µ_B B/ħ, rad/s: negative for a field along the spin (S22)."""
        return plain(-np.asarray(larmor_frequency(self.magnetic_field)))

    @property
    def readout_rate(self) -> Parameter:
        """Γ = ½α²Φ|J_x| (S27), the library's Γ, rad/s."""
        alpha = np.asarray(faraday_coupling(self.probe_detuning, self.cross_section, self.vector))
        return plain(alpha**2 * self.photon_flux * self.collective_spin / 2)

    @property
    def scattering_rate(self) -> Parameter:
        """Photons that one atom scatters per second."""
        return scattering_rate(self.photon_flux, self.probe_detuning, self.cross_section)

    @property
    def power_broadening(self) -> Parameter:
        """What the probe adds to the full width: 2 × coherence lost per photon × scattering rate, rad/s."""
        return plain(2 * np.asarray(self.decoherence_per_photon) * self.scattering_rate)

    @property
    def linewidth(self) -> Parameter:
        """γ = intrinsic + power broadening, full width, rad/s."""
        return plain(np.asarray(self.intrinsic_linewidth) + self.power_broadening)

    @property
    def bath_occupation(self) -> Parameter:
        """n_S: as given, or that of the spin temperature."""
        return spin_temperature_occupation(self.polarisation) if self.occupation is None else self.occupation

    @property
    def tensor_coupling(self) -> Estimate:
        """ζ with its uncertainty; see `backaction.systems.laboratory.tensor_coupling`."""
        return tensor_coupling(self.probe_detuning, self.polarisation, self.probe_angle)

    def with_linewidth(self, measured: Parameter) -> CaesiumBench:
        """The same bench with the decoherence per photon that a measured full width (rad/s) implies.

        Other powers and detunings then follow, as long as the broadening is ∝ P/Δ².

        Raises
        ------
        InvalidInput
            The measured width is not above the intrinsic one, or there is no light to blame.
        """
        width = np.asarray(checked(measured, Range.POSITIVE, "measured linewidth (rad/s)"))
        scattered = 2 * np.asarray(self.scattering_rate)
        excess = width - np.asarray(self.intrinsic_linewidth)
        if (excess <= 0).any() or (scattered <= 0).any():
            raise InvalidInput(
                f"a linewidth of {width.min():.6g} rad/s with an intrinsic one of "
                f"{np.max(self.intrinsic_linewidth):.6g} leaves no broadening by the probe, or there is no probe; give "
                "the full width measured with the light on"
            )
        return replace(self, decoherence_per_photon=plain(excess / scattered))

    def oscillator(
        self, name: str | None = None, *, tensor: bool = False, damping: Damping = Damping.BROWNIAN
    ) -> SpinOscillator:
        """The component that these numbers make; with the estimated ζ if `tensor`."""
        return SpinOscillator(
            name=name,
            frequency=self.frequency,
            linewidth=self.linewidth,
            readout_rate=self.readout_rate,
            occupation=self.bath_occupation,
            tensor_coupling=self.tensor_coupling.value if tensor else 0.0,
            damping=damping,
        )
