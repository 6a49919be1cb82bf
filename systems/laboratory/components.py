"""Components of the experiment file that are given by bench quantities: power, field, channel, polarisation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar

import numpy as np

from backaction.gaussian import LinearSystem
from backaction.systems.component import BareOscillator, Component
from backaction.systems.damping import Damping
from backaction.systems.grammar import Parameter, Range, Unit, choice, hertz, quantity
from backaction.systems.oscillators import SpinOscillator

from .spins import CaesiumBench, ProbedCaesium

__all__ = ["CaesiumSpin"]


@dataclass(frozen=True, eq=False, kw_only=True)
class CaesiumSpin(ProbedCaesium, Component):
    """A caesium ensemble (F = 4, D2 line) by what stands on the bench: Γ, γ, n and the sign of the mass follow.

    A `SpinOscillator` whose rates come from `CaesiumBench`: Γ ∝ power · atoms/Δ² (Møller et al. 2017, S19 and S27), a
    width with a part ∝ power/Δ², the sign of the mass from that of the field along the spin.

    Parameters
    ----------
    probe_power : float or array
        W at the atoms.
    probe_detuning : float or array
        From F = 4 → F' = 5, rad/s, blue > 0.
    atoms : float or array
        In the channel.
    channel_width, channel_height : float or array
        Cross-section of the channel (not of the beam), m.
    polarisation : float or array
        ⟨F_x⟩/F in (0, 1].
    magnetic_field : float or array
        T along the spin; > 0 makes a negative mass, < 0 a positive one.
    intrinsic_linewidth : float or array
        Full width without the probe, rad/s; default 0.
    decoherence_per_photon : float or array
        Coherence lost per scattered photon; the default is scattering alone, a lower bound.
    probe_angle : float or array
        Between the linear polarisation of the probe and the spin, rad; default the magic angle.
    occupation : float or array, optional
        n of the spin; default that of the spin temperature at this polarisation.
    damping : Damping
    name : str, optional

    Examples
    --------
    >>> from backaction.systems import GHz, Hz, hwhm, kHz
    >>> spin = CaesiumSpin(probe_power=1.7e-3, probe_detuning=3 * GHz, atoms=1e9, channel_width=300e-6,
    ...     channel_height=300e-6, polarisation=0.6, magnetic_field=362.5e-6, intrinsic_linewidth=hwhm(500 * Hz))
    >>> round(spin.oscillator.frequency / kHz)
    -1268
    """

    kind: ClassVar[str] = "caesium_spin"

    channel_width: Parameter = quantity(Unit.LENGTH, Range.POSITIVE, "width of the channel across the light")
    channel_height: Parameter = quantity(Unit.LENGTH, Range.POSITIVE, "height of the channel across the light")
    damping: Damping = choice(Damping, "model of damping", Damping.BROWNIAN)

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.oscillator  # the bench refuses what it cannot describe, such as a probe on a line

    @property
    def bench(self) -> CaesiumBench:
        """The bench with these numbers."""
        shared = {field.name: getattr(self, field.name) for field in fields(ProbedCaesium)}
        return CaesiumBench(cross_section=np.asarray(self.channel_width) * self.channel_height, **shared)

    @cached_property
    def oscillator(self) -> SpinOscillator:
        """The spin as an oscillator, tensor coupling neglected (`bench.tensor_coupling` estimates it)."""
        return self.bench.oscillator(self.name, damping=self.damping)

    @property
    def frequency(self) -> Parameter:
        """Ω, signed, in rad/s."""
        return self.oscillator.frequency

    @property
    def linewidth(self) -> Parameter:
        """γ, full width, in rad/s."""
        return self.oscillator.linewidth

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: mode NAME, bath NAME.bath."""
        return self.oscillator.system(name)

    @classmethod
    def placeholder(cls, name: str | None) -> SpinOscillator:
        """See `Component.placeholder`; a spin by its rates has the same modes and ports."""
        return SpinOscillator(name=name, frequency=1.0, linewidth=1.0, readout_rate=1.0, occupation=1.0)

    def bare_oscillator(self) -> BareOscillator:
        """See `Component.bare_oscillator`."""
        return self.oscillator.bare_oscillator()

    def derived(self) -> dict[str, Parameter | None]:
        """See `Component.derived`; also frequency, width and estimated ζ of the oscillator."""
        return {
            **self.oscillator.derived(),
            "frequency_hz": hertz(self.frequency),
            "linewidth_hz": hertz(self.linewidth),
            "tensor_coupling_estimate": self.bench.tensor_coupling.value,
        }
