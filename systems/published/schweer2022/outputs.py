"""Schweer et al. (2022): the output quadratures of either system, and how far the two are from matching.

Equations (5)–(9), (17)–(19) and the conditions (22)–(24), (42), in the **paper's** convention (see
`formulas`): resonant cavities, one port each, g_BS = g_DC for the ancilla.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian.errors import InvalidInput

from .formulas import ancilla_susceptibility, cavity_susceptibility, mechanical_susceptibility
from .matrices import CascadeParameters, Parameter

__all__ = [
    "AncillaOutput",
    "Matching",
    "SensorOutput",
    "ancilla_output",
    "matched",
    "matching",
    "reflection_phase",
    "sensor_output",
    "with_relative_mismatch",
]

ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class SensorOutput:
    """(7): x_out = e^{iφ} x_in, p_out = e^{iφ} p_in + `back_action` x_in + `force` F."""

    phase: ComplexArray
    back_action: ComplexArray
    force: ComplexArray


@dataclass(frozen=True, eq=False)
class AncillaOutput:
    """(17): x_out = e^{iθ} x_in, p_out = e^{iθ} p_in + `back_action` x_in + `vacuum_x` x_a + `vacuum_p` p_a."""

    phase: ComplexArray
    back_action: ComplexArray
    vacuum_x: ComplexArray
    vacuum_p: ComplexArray


def reflection_phase(omega: ArrayLike, linewidth: ArrayLike) -> ComplexArray:
    """e^{iφ} = (κ/2 − iω)/(κ/2 + iω), what a resonant one-sided cavity does to a quadrature: κχ − 1, below (7), (17).

    Examples
    --------
    >>> complex(reflection_phase(0.0, 4.0))
    (1+0j)
    """
    half, shift = np.asarray(linewidth) / 2, 1j * np.asarray(omega)
    return np.asarray((half - shift) / (half + shift))


def sensor_output(
    omega: ArrayLike, *, omega_m: ArrayLike, gamma_m: ArrayLike, g: ArrayLike, kappa_om: ArrayLike
) -> SensorOutput:
    """Output quadratures of the sensor, (7).

    Examples
    --------
    The force is seen with the measurement strength, |R|² = Gγ_m|χ_m|²:

    >>> out = sensor_output(0.0, omega_m=1.0, gamma_m=0.01, g=1.0, kappa_om=4.0)
    >>> round(abs(complex(out.force)) ** 2, 12)
    0.01
    """
    cavity = cavity_susceptibility(omega, kappa_om)
    chi = mechanical_susceptibility(omega, omega_m, gamma_m)
    reading = np.sqrt(np.asarray(kappa_om)) * np.asarray(g) * cavity
    return SensorOutput(
        phase=reflection_phase(omega, kappa_om),
        back_action=np.asarray(-chi * reading**2),
        force=np.asarray(chi * reading * np.sqrt(np.asarray(gamma_m))),
    )


def ancilla_output(
    omega: ArrayLike, *, delta_a: ArrayLike, kappa_a: ArrayLike, g_a: ArrayLike, kappa_c: ArrayLike
) -> AncillaOutput:
    """Output quadratures of the negative-mass oscillator for g_BS = g_DC = g_a/2, (17)."""
    cavity = cavity_susceptibility(omega, kappa_c)
    chi = ancilla_susceptibility(omega, delta_a, kappa_a)
    reading = np.sqrt(np.asarray(kappa_c)) * np.asarray(g_a) * cavity
    vacuum = chi * reading * np.sqrt(np.asarray(kappa_a))
    return AncillaOutput(
        phase=reflection_phase(omega, kappa_c),
        back_action=np.asarray(-chi * reading**2),
        vacuum_x=np.asarray(vacuum * (np.asarray(kappa_a) / 2 + 1j * np.asarray(omega)) / np.asarray(delta_a)),
        vacuum_p=np.asarray(vacuum),
    )


@dataclass(frozen=True)
class Matching:
    """How far the two systems are from ideal cancellation; the ideal value stands behind each.

    Parameters
    ----------
    coupling_ratio : float or array
        δ = (g_a/g)², g_a = g_BS + g_DC; 1 (22), (23).
    linewidth_ratio : float or array
        ε = κ_c/κ_om; 1 (23).
    relative_mismatch : float or array
        g_r = (g_BS − g_DC)/(g_BS + g_DC); 0 (22), (42).
    detuning_ratio : float or array
        −Δ_a/ω_m; 1 (24a).
    damping_ratio : float or array
        κ_a/γ_m; 1 (24b).
    resolution, quality : float or array
        ω_m/κ_a and ω_m/γ_m; much greater than 1 (24c), (24d).
    """

    coupling_ratio: Parameter
    linewidth_ratio: Parameter
    relative_mismatch: Parameter
    detuning_ratio: Parameter
    damping_ratio: Parameter
    resolution: Parameter
    quality: Parameter


def matching(parameters: CascadeParameters) -> Matching:
    """Conditions (22)–(24) and the mismatches of Sec. IV for given parameters.

    Examples
    --------
    >>> from .networks import table_ii
    >>> round(float(matching(table_ii()).relative_mismatch), 4)
    0.0202
    """
    p = parameters
    total = np.add(p.g_bs, p.g_dc)
    if np.any(total == 0) or np.any(np.equal(p.g, 0)):
        raise InvalidInput("matching compares couplings: g and g_BS + g_DC must differ from 0")
    return Matching(
        coupling_ratio=(total / p.g) ** 2,
        linewidth_ratio=np.divide(p.kappa_c, p.kappa_om),
        relative_mismatch=np.subtract(p.g_bs, p.g_dc) / total,
        detuning_ratio=-np.divide(p.delta_a, p.omega_m),
        damping_ratio=np.divide(p.kappa_a, p.gamma_m),
        resolution=np.divide(p.omega_m, p.kappa_a),
        quality=np.divide(p.omega_m, p.gamma_m),
    )


def matched(parameters: CascadeParameters) -> CascadeParameters:
    """The same sensor and losses with an ancilla that satisfies (22)–(24)."""
    p = parameters
    half = np.divide(p.g, 2)
    return replace(
        p,
        g_bs=half,
        g_dc=half,
        kappa_c=p.kappa_om,
        kappa_a=p.gamma_m,
        delta_a=np.negative(p.omega_m),
        delta_c=p.delta_om,
    )


def with_relative_mismatch(parameters: CascadeParameters, mismatch: Parameter) -> CascadeParameters:
    """The same sum of couplings, split by (42): g_BS, g_DC = (1 ± g_r)(g_BS + g_DC)/2.

    Examples
    --------
    >>> from .networks import ideal
    >>> uneven = with_relative_mismatch(ideal(), 0.2)
    >>> round(float(uneven.g_bs), 12), round(float(uneven.g_dc), 12)
    (0.6, 0.4)
    """
    half = np.add(parameters.g_bs, parameters.g_dc) / 2
    return replace(parameters, g_bs=half * (1 + np.asarray(mismatch)), g_dc=half * (1 - np.asarray(mismatch)))
