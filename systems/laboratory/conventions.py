"""Components from numbers in the conventions of their sources: Møller et al., Schweer et al., the optomechanics review.

| | here | Møller et al. 2017 | Schweer et al. 2022 | Rev. Mod. Phys. 86, 1391 |
|---|---|---|---|---|
| linewidths κ, γ | full | **half** | full | full |
| detuning | ω_L − ω_c | ω_L − ω_c | **ω_c − ω_L** | ω_L − ω_c |
| coupling g | (a+a†)(b+b†) | **√2 g** | **2 g** | g |
| readout rate Γ | light vacuum ½ | light vacuum ¼: **Γ/2** (½ in S23–S29: Γ) | – | Γ_meas = **Γ/4** |

The conversions are exact; nothing here knows a number of any experiment.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Any

import numpy as np

from backaction.gaussian.errors import InvalidInput
from backaction.systems import OpticalNegativeMass, OptomechanicalCavity, SpinOscillator, hwhm
from backaction.systems.grammar import Parameter, Range

from .numbers import checked, plain

__all__ = [
    "LightVacuum",
    "ancilla_from_schweer",
    "cavity_from_moller",
    "cavity_from_rmp",
    "cavity_from_schweer",
    "spin_from_moller",
]

SQRT2 = math.sqrt(2)


class LightVacuum(Enum):
    """Spectral density of the light's vacuum in a formula: it decides what Γ means. The value is that density."""

    QUARTER = 0.25
    """X_L = (a + a†)/2: main text, S4, S12, S30, S31 of Møller et al. 2017."""
    HALF = 0.5
    """[X_L, P_L] = i: S23–S29 there, and this library."""


def spin_from_moller(
    *,
    frequency: Parameter,
    halfwidth: Parameter,
    readout_rate: Parameter,
    occupation: Parameter,
    vacuum: LightVacuum = LightVacuum.QUARTER,
    **rest: Any,
) -> SpinOscillator:
    """A spin from Ω_S (signed, negative for a negative mass), γ_S (half width), Γ_S and n_S of Møller et al. 2017.

    Parameters
    ----------
    frequency, halfwidth, readout_rate, occupation : float or array
        rad/s, and a number.  Ω_S with the sign of the Methods (S22); the main text writes ±|Ω_S| instead.
    vacuum : LightVacuum
        Which normalisation Γ_S has: `QUARTER` (S30, the paper's spectra) or `HALF` (S24–S28, and so S27's Γ_S).
    **rest
        Further fields of `SpinOscillator`: name, damping, tensor_coupling.

    Examples
    --------
    >>> from backaction.systems import kHz, MHz
    >>> spin = spin_from_moller(frequency=-1.27 * MHz, halfwidth=2.6 * kHz, readout_rate=36 * kHz, occupation=2.6)
    >>> round(spin.linewidth / kHz, 6), round(spin.readout_rate / kHz, 6)
    (5.2, 72.0)
    """
    if not isinstance(vacuum, LightVacuum):
        raise InvalidInput(f"vacuum must be LightVacuum.QUARTER or LightVacuum.HALF, got {vacuum!r}")
    return SpinOscillator(
        frequency=frequency,
        linewidth=hwhm(halfwidth),
        readout_rate=plain(np.asarray(readout_rate) * (LightVacuum.HALF.value / vacuum.value)),
        occupation=occupation,
        **rest,
    )


def cavity_from_moller(
    *,
    mechanical_frequency: Parameter,
    mechanical_halfwidth: Parameter,
    cavity_halfwidth: Parameter,
    detuning: Parameter,
    single_photon_coupling: Parameter,
    photon_number: Parameter,
    port_ratio: Parameter,
    **rest: Any,
) -> OptomechanicalCavity:
    """A cavity from the columns of Table I of Møller et al. 2017.

    Parameters
    ----------
    mechanical_frequency, mechanical_halfwidth, cavity_halfwidth, detuning : float or array
        Ω_M, γ_M0, κ, Δ in rad/s; the widths are half widths.
    single_photon_coupling : float or array
        Their g0 of a†a (b + b†)/√2, rad/s.
    photon_number, port_ratio : float or array
        N, and κ1/κ2.
    **rest
        occupation or temperature, and further fields of `OptomechanicalCavity`: mode_matching, name, damping.

    Examples
    --------
    >>> from backaction.systems import Hz, MHz, mHz
    >>> membrane = cavity_from_moller(mechanical_frequency=1.28 * MHz, mechanical_halfwidth=50 * mHz,
    ...     cavity_halfwidth=8.7 * MHz, detuning=-4.7 * MHz, single_photon_coupling=210 * Hz, photon_number=5.7e6,
    ...     port_ratio=25, temperature=7.0, mode_matching=0.9)
    >>> round(membrane.derived()["effective_linewidth_hz"] / 2)  # half width; S7 has 2704.47
    2704
    """
    ratio = np.asarray(checked(port_ratio, Range.POSITIVE, "port_ratio (κ1/κ2)"))
    return OptomechanicalCavity(
        mechanical_frequency=mechanical_frequency,
        mechanical_linewidth=hwhm(mechanical_halfwidth),
        cavity_linewidth=hwhm(cavity_halfwidth),
        detuning=detuning,
        single_photon_coupling=plain(np.asarray(single_photon_coupling) / SQRT2),
        photon_number=photon_number,
        input_fraction=plain(ratio / (1 + ratio)),
        **rest,
    )


def cavity_from_schweer(
    *,
    mechanical_frequency: Parameter,
    mechanical_linewidth: Parameter,
    cavity_linewidth: Parameter,
    coupling: Parameter,
    detuning: Parameter = 0.0,
    escape_efficiency: Parameter = 1.0,
    occupation: Parameter = 0.0,
    **rest: Any,
) -> OptomechanicalCavity:
    """A sensor from ω_m, γ_m, κ_om, g, Δ_om = ω_c − ω_L and η_om of Schweer et al. 2022 (full widths).

    g is the coefficient of x_m x_om in the equations of motion (2), twice ours.  The paper counts quadratures from the
    *intracavity* carrier; if Δ ≠ 0 turn the light by `intracavity_angle` before the cavity and back behind it.

    Examples
    --------
    >>> from backaction.systems import kHz, MHz
    >>> sensor = cavity_from_schweer(mechanical_frequency=500 * kHz, mechanical_linewidth=0.5 * kHz,
    ...     cavity_linewidth=1.98 * MHz, coupling=500 * kHz, escape_efficiency=0.9)
    >>> round(sensor.linearised_coupling / kHz)
    250
    """
    return OptomechanicalCavity(
        mechanical_frequency=mechanical_frequency,
        mechanical_linewidth=mechanical_linewidth,
        cavity_linewidth=cavity_linewidth,
        detuning=plain(-np.asarray(detuning)),
        coupling=plain(np.asarray(coupling) / 2),
        input_fraction=escape_efficiency,
        occupation=occupation,
        **rest,
    )


def ancilla_from_schweer(
    *,
    cavity_linewidth: Parameter,
    ancilla_linewidth: Parameter,
    ancilla_detuning: Parameter,
    beam_splitter: Parameter,
    down_conversion: Parameter,
    detuning: Parameter = 0.0,
    escape_efficiency: Parameter = 1.0,
    **rest: Any,
) -> OpticalNegativeMass:
    """An ancilla from κ_c, κ_a, Δ_a = ω_a − ω_L, g_BS, g_DC, Δ_c and η_c of Schweer et al. 2022 (full widths).

    Only the detunings change their sign: Δ_a < 0 there is a negative mass, > 0 here.

    Examples
    --------
    >>> from backaction.systems import kHz, MHz
    >>> ancilla = ancilla_from_schweer(cavity_linewidth=2 * MHz, ancilla_linewidth=200 * kHz,
    ...     ancilla_detuning=-495 * kHz, beam_splitter=252.5 * kHz, down_conversion=242.5 * kHz, escape_efficiency=0.9)
    >>> round(ancilla.ancilla_detuning / kHz)
    495
    """
    return OpticalNegativeMass(
        cavity_linewidth=cavity_linewidth,
        ancilla_linewidth=ancilla_linewidth,
        ancilla_detuning=plain(-np.asarray(ancilla_detuning)),
        detuning=plain(-np.asarray(detuning)),
        beam_splitter=beam_splitter,
        down_conversion=down_conversion,
        input_fraction=escape_efficiency,
        **rest,
    )


def cavity_from_rmp(
    *,
    mechanical_frequency: Parameter,
    mechanical_linewidth: Parameter,
    cavity_linewidth: Parameter,
    single_photon_coupling: Parameter,
    photon_number: Parameter,
    detuning: Parameter = 0.0,
    external_linewidth: Parameter | None = None,
    **rest: Any,
) -> OptomechanicalCavity:
    """A cavity from Ω_m, Γ_m, κ, g₀, n̄_cav, Δ and κ_ex of Aspelmeyer, Kippenberg & Marquardt, RMP 86, 1391 (2014).

    Their convention is ours; κ_ex becomes input_fraction = κ_ex/κ (default 1).

    Parameters
    ----------
    **rest
        occupation or temperature, and further fields of `OptomechanicalCavity`.

    Examples
    --------
    >>> from backaction.systems import Hz, MHz
    >>> cavity = cavity_from_rmp(mechanical_frequency=1 * MHz, mechanical_linewidth=1 * Hz, cavity_linewidth=2 * MHz,
    ...     single_photon_coupling=100 * Hz, photon_number=1e6, external_linewidth=1.5 * MHz, occupation=1e4)
    >>> round(cavity.input_fraction, 12)
    0.75
    """
    fraction = 1.0
    if external_linewidth is not None:
        kappa = np.asarray(checked(cavity_linewidth, Range.POSITIVE, "cavity_linewidth (rad/s)"))
        fraction = plain(np.asarray(external_linewidth) / kappa)  # type: ignore[assignment]
    return OptomechanicalCavity(
        mechanical_frequency=mechanical_frequency,
        mechanical_linewidth=mechanical_linewidth,
        cavity_linewidth=cavity_linewidth,
        detuning=detuning,
        single_photon_coupling=single_photon_coupling,
        photon_number=photon_number,
        input_fraction=fraction,
        **rest,
    )
