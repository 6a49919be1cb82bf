"""One value in all conventions: a table to hold beside a paper, a notebook or another program.

Each row is what a source would *print* for the same physics; "–" where it has no such quantity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backaction.gaussian.errors import InvalidInput
from backaction.systems import Hz, OpticalNegativeMass, OptomechanicalCavity, SpinOscillator
from backaction.systems.component import Component

from .mechanics import oscillator_length, zero_point_motion

__all__ = ["AuditRow", "audit", "markdown"]


@dataclass(frozen=True)
class AuditRow:
    """One quantity in four conventions; None where a source does not use it.

    Frequencies and rates are divided by 2π and stand in Hz, lengths in m.
    """

    quantity: str
    unit: str
    library: float | None
    moller: float | None
    schweer: float | None
    rmp: float | None
    note: str = ""


def audit(component: Component, mass: float | None = None) -> list[AuditRow]:
    """State the parameters of a spin, an optomechanical cavity or an ancilla in all conventions.

    Parameters
    ----------
    component : SpinOscillator, OptomechanicalCavity or OpticalNegativeMass
        With plain numbers (no batch).
    mass : float, optional
        Effective mass in kg: adds the rows of the zero-point lengths to a cavity's table.

    Raises
    ------
    InvalidInput
        Another component, or a batch.

    Examples
    --------
    >>> from backaction.systems import SpinOscillator, hwhm, kHz, MHz
    >>> spin = SpinOscillator(frequency=-1.27 * MHz, linewidth=hwhm(2.6 * kHz), readout_rate=72 * kHz, occupation=2.6)
    >>> for row in audit(spin)[:3]:
    ...     print(row.quantity, round(row.library), round(row.moller))
    frequency Ω -1270000 -1270000
    linewidth γ 5200 2600
    readout rate Γ 72000 36000
    """
    if any(np.ndim(value) for value in component.given().values()):
        raise InvalidInput("an audit table states single values, but this component has arrays; take one point of them")
    if isinstance(component, SpinOscillator):
        return [*_spin(component), *_light()]
    if isinstance(component, OptomechanicalCavity):
        return [*_cavity(component), *_lengths(component, mass), *_light()]
    if isinstance(component, OpticalNegativeMass):
        return [*_ancilla(component), *_light()]
    raise InvalidInput(
        f"there is no audit table for a {component.kind}: its parameters mean the same everywhere, or it is built of "
        "others; give a SpinOscillator, an OptomechanicalCavity or an OpticalNegativeMass"
    )


def markdown(rows: Sequence[AuditRow]) -> str:
    """The rows as a Markdown table.

    Examples
    --------
    >>> print(markdown([AuditRow("linewidth γ", "Hz", 5200.0, 2600.0, None, 5200.0, "half")]))
    | quantity | unit | here | Møller 2017 | Schweer 2022 | RMP 2014 | note |
    |---|---|---|---|---|---|---|
    | linewidth γ | Hz | 5200 | 2600 | – | 5200 | half |
    """
    head = [
        "| quantity | unit | here | Møller 2017 | Schweer 2022 | RMP 2014 | note |",
        "|---|---|---|---|---|---|---|",
    ]
    body = [
        f"| {row.quantity} | {row.unit} | {_show(row.library)} | {_show(row.moller)} | {_show(row.schweer)} "
        f"| {_show(row.rmp)} | {row.note} |"
        for row in rows
    ]
    return "\n".join(head + body)


def _spin(spin: SpinOscillator) -> list[AuditRow]:
    frequency, gamma, rate = (float(v) / Hz for v in (spin.frequency, spin.linewidth, spin.readout_rate))
    occupation = float(spin.bath_occupation)
    rows = [
        AuditRow("frequency Ω", "Hz", frequency, frequency, None, None, "negative mass < 0; main text: ±Ω"),
        AuditRow("linewidth γ", "Hz", gamma, gamma / 2, None, None, "Møller: half width"),
        AuditRow("readout rate Γ", "Hz", rate, rate / 2, None, None, "Møller: main text, S30; S24–S29 have ours"),
        AuditRow("bath occupation n", "1", occupation, occupation, None, None),
        AuditRow("bath force density", "1", occupation + 0.5, occupation + 0.5, None, None, "S35: 2n + 1"),
    ]
    if gamma > 0:
        ratio = float(spin.quantum_cooperativity)
        rows.append(AuditRow("cooperativity C_q", "1", ratio, ratio, None, None, "back action to thermal noise"))
    return rows


def _cavity(cavity: OptomechanicalCavity) -> list[AuditRow]:
    kappa, gamma, delta, g, rate = (
        float(value) / Hz
        for value in (
            cavity.cavity_linewidth,
            cavity.mechanical_linewidth,
            cavity.detuning,
            cavity.linearised_coupling,
            cavity.readout_rate,
        )
    )
    omega, n = float(cavity.mechanical_frequency) / Hz, float(cavity.bath_occupation)
    rows = [
        AuditRow("mechanical frequency Ω", "Hz", omega, omega, omega, omega),
        AuditRow("mechanical linewidth γ", "Hz", gamma, gamma / 2, gamma, gamma, "Møller: half width"),
        AuditRow("cavity linewidth κ", "Hz", kappa, kappa / 2, kappa, kappa, "Møller: half width"),
        AuditRow("detuning Δ", "Hz", delta, delta, -delta, delta, "red < 0; Schweer: ω_c − ω_L"),
        AuditRow("coupling g", "Hz", g, math.sqrt(2) * g, 2 * g, g, "of (a+a†)(b+b†), (a+a†)X, x_c x_m"),
    ]
    if cavity.single_photon_coupling is not None:
        bare = float(cavity.single_photon_coupling) / Hz
        rows.append(AuditRow("single-photon coupling g₀", "Hz", bare, math.sqrt(2) * bare, 2 * bare, bare))
    rows += [
        AuditRow("readout rate", "Hz", rate, rate / 2, None, rate / 4, "16g²/κ; Γ_M = 2g²/κ; Γ_meas = 4g²/κ"),
        AuditRow("bath occupation n", "1", n, n, n, n),
        AuditRow("bath force density", "1", n + 0.5, n + 0.5, 2 * n + 1, n + 0.5, "Schweer: in units of γ, corrected"),
    ]
    if gamma > 0 and n > 0:
        ratio = float(cavity.quantum_cooperativity)
        classical = ratio * (n + 0.5) / n
        note = "4g²/κγ over n + ½ here, over n there"
        rows.append(AuditRow("cooperativity C_q", "1", ratio, classical, None, classical, note))
    return rows


def _ancilla(ancilla: OpticalNegativeMass) -> list[AuditRow]:
    names = {
        "cavity linewidth κ": (ancilla.cavity_linewidth, 1, "full"),
        "ancilla linewidth κ_a": (ancilla.ancilla_linewidth, 1, "full"),
        "ancilla detuning Δ_a": (ancilla.ancilla_detuning, -1, "negative mass > 0; Schweer: ω_a − ω_L"),
        "detuning Δ": (ancilla.detuning, -1, "Schweer: ω_c − ω_L"),
        "beam splitter g_BS": (ancilla.beam_splitter, 1, ""),
        "down conversion g_DC": (ancilla.down_conversion, 1, ""),
        "readout rate": (ancilla.readout_rate, 1, "4(g_BS + g_DC)²/κ"),
    }
    return [
        AuditRow(name, "Hz", float(value) / Hz, None, sign * float(value) / Hz, None, note)
        for name, (value, sign, note) in names.items()
    ]


def _lengths(cavity: OptomechanicalCavity, mass: float | None) -> list[AuditRow]:
    if mass is None:
        return []
    long = float(oscillator_length(mass, cavity.mechanical_frequency))
    short = float(zero_point_motion(mass, cavity.mechanical_frequency))
    note = "√(ħ/2mΩ); Møller: √(ħ/mΩ), but variances in (ours)²"
    return [AuditRow("zero-point length x_zpf", "m", short, long, None, short, note)]


def _light() -> list[AuditRow]:
    return [
        AuditRow("light vacuum", "1", 0.5, 0.25, 0.5, 0.5, "spectral density; Møller: ½ in S23–S29"),
        AuditRow("ground-state variance of X", "1", 0.5, 0.5, 0.5, 0.5, "'x_zpf²' in Møller's text: 2⟨X²⟩, so 1"),
    ]


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"
