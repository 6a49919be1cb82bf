"""Schweer et al. (2022): a force sensor whose back action an all-optical oscillator of negative mass cancels.

The parameters of Tables I and II as the paper prints them, and the networks that they make: the cascade in both
orders and the integrated setup.  Its closed formulas stand in `formulas`, its matrix model in `matrices`, both in
the paper's convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import InvalidInput
from backaction.systems import IntegratedCQNC, Loss, Network, OpticalNegativeMass, OptomechanicalCavity, Rotation, kHz

from ..record import Published
from .matrices import CascadeParameters, Order

__all__ = ["REDUCTION", "RESONANCE", "TABLE_I", "TABLE_II", "cascade", "ideal", "integrated", "table_ii"]

_UNIT = "ω_m"

TABLE_I: Mapping[str, Published] = MappingProxyType(
    {
        "omega_m": Published(500.0, "kHz", "Table I"),
        "gamma_m": Published(1e-3, _UNIT, "Table I", note="printed as 500 Hz too"),
        "quality": Published(1000.0, "1", "Table I"),
        "kappa_om": Published(10.0, _UNIT, "Table I", note="printed as 5 MHz too"),
    }
)
"""Parameters of the sensor in Figs. 2 to 5; frequencies in units of ω_m."""

TABLE_II: Mapping[str, Published] = MappingProxyType(
    {
        "omega_m": Published(500.0, "kHz", "Table II"),
        "gamma_m": Published(1e-3, _UNIT, "Table II", note="printed as 500 Hz too"),
        "kappa_c": Published(4.0, _UNIT, "Table II", note="printed as 2 MHz too"),
        "delta_a": Published(-0.99, _UNIT, "Table II", note="ω_a − ω_L; printed as −495 kHz too"),
        "kappa_a": Published(0.4, _UNIT, "Table II", note="printed as 200 kHz too"),
        "g_bs": Published(0.505, _UNIT, "Table II", note="1.01 g/2; printed as 253 kHz, which is rounded"),
        "g_dc": Published(0.485, _UNIT, "Table II", note="0.97 g/2; printed as 243 kHz, which is rounded"),
        "escape_c": Published(0.9, "1", "Table II"),
        "kappa_om": Published(3.96, _UNIT, "Table II", note="0.99 κ_c; printed as 1.98 MHz too"),
        "g": Published(1.0, _UNIT, "Table II", note="coefficient of x_m in (2); printed as 500 kHz too"),
        "escape_om": Published(0.9, "1", "Table II"),
        "propagation": Published(0.97, "1", "Table II"),
        "detection": Published(0.97, "1", "Table II"),
    }
)
"""Parameters proposed for an experiment, those of Fig. 6; frequencies in units of ω_m, full widths."""

RESONANCE = TABLE_II["omega_m"].value * kHz
"""ω_m in rad/s."""

REDUCTION = Published(
    0.8, "S_SQL", "Sec. V", note="'a reduction of 20% below the SQL' at low frequency for NMO → OMS, in words"
)
"""The one number that the paper prints about Fig. 6."""


def table_ii() -> CascadeParameters:
    """Table II in the paper's convention, in units of ω_m.

    Examples
    --------
    >>> table_ii().kappa_om
    3.96
    """
    return replace(ideal(), **{key: record.value for key, record in TABLE_II.items() if key != "omega_m"})


def ideal(g: float = 1.0, linewidth: float = 4.0, quality: float = 1000.0) -> CascadeParameters:
    """Return the matched cascade of conditions (22)–(24), without losses, in units of ω_m.

    Parameters
    ----------
    g : float
        Optomechanical coupling of the paper (twice the usual one), and g_a.
    linewidth : float
        Full linewidth of both cavities.
    quality : float
        Q_m = ω_m/γ_m; the ancilla's linewidth is γ_m.

    Examples
    --------
    >>> ideal().g_bs, ideal().delta_a
    (0.5, -1.0)
    """
    return CascadeParameters(
        omega_m=1.0,
        gamma_m=1 / quality,
        g=g,
        kappa_om=linewidth,
        kappa_c=linewidth,
        kappa_a=1 / quality,
        delta_a=-1.0,
        g_bs=g / 2,
        g_dc=g / 2,
    )


def cascade(
    order: Order, parameters: CascadeParameters | None = None, unit: float | NDArray[np.float64] = RESONANCE
) -> Network:
    """Return the cascade as a network: components "ancilla", "propagation", "sensor", "readout".

    The paper's parameters are converted: g = g_C/2, Δ = −Δ_C; κ, κ_a and γ_m stay full widths.  The mechanical
    bath is at zero temperature, and the light is read at the port "out".  The paper's sensor couples by the
    amplitude quadrature in the frame of the *intracavity* carrier; if it is detuned, rotations "to_carrier" and
    "from_carrier" by φ = arctan(2Δ/κ) stand around it.

    Parameters
    ----------
    order : Order
        Which system the light meets first.
    parameters : CascadeParameters, optional
        In the paper's convention; Table II when not given.
    unit : float or array
        rad/s to which the parameters' unit of frequency amounts; 2π × 500 kHz when not given.

    Returns
    -------
    Network

    Examples
    --------
    >>> network = cascade(Order.ANCILLA_FIRST)
    >>> network.system.modes
    ('ancilla.cavity', 'ancilla.ancilla', 'sensor', 'sensor.cavity')
    >>> bool(network.parameters["sensor.coupling"] == 0.5 * RESONANCE)
    True
    """
    p = table_ii() if parameters is None else parameters
    ancilla = OpticalNegativeMass(
        name="ancilla",
        cavity_linewidth=unit * p.kappa_c,
        ancilla_linewidth=unit * p.kappa_a,
        ancilla_detuning=-unit * p.delta_a,
        detuning=-unit * p.delta_c,
        beam_splitter=unit * p.g_bs,
        down_conversion=unit * p.g_dc,
        input_fraction=p.escape_c,
    )
    sensor = OptomechanicalCavity(
        name="sensor",
        mechanical_frequency=unit * p.omega_m,
        mechanical_linewidth=unit * p.gamma_m,
        occupation=0.0,
        cavity_linewidth=unit * p.kappa_om,
        detuning=-unit * p.delta_om,
        coupling=unit * p.g / 2,
        input_fraction=p.escape_om,
    )
    framed = Network((sensor,))
    if np.any(p.delta_om):
        turn = sensor.intracavity_angle
        framed = Rotation(name="to_carrier", angle=turn) >> sensor >> Rotation(name="from_carrier", angle=-turn)
    propagation = Loss(name="propagation", efficiency=p.propagation)
    detection = Loss(name="readout", efficiency=p.detection)
    if order is Order.ANCILLA_FIRST:
        return ancilla >> propagation >> framed >> detection
    return framed >> propagation >> ancilla >> detection


def integrated(parameters: CascadeParameters | None = None, unit: float | NDArray[np.float64] = RESONANCE) -> Network:
    """Return the integrated setup as a network: components "sensor" (with its ancilla inside) and "readout".

    The common cavity has κ_c and its escape efficiency, and stands on resonance; see `cascade` for the arguments.

    Raises
    ------
    InvalidInput
        When `delta_c` is not zero: the integrated component is resonant.

    Examples
    --------
    >>> integrated().system.modes
    ('sensor', 'sensor.cavity', 'sensor.ancilla')
    """
    p = table_ii() if parameters is None else parameters
    if np.any(p.delta_c):
        raise InvalidInput(f"the integrated setup is driven on resonance, but delta_c = {p.delta_c!r}; set it to 0")
    sensor = IntegratedCQNC(
        name="sensor",
        mechanical_frequency=unit * p.omega_m,
        mechanical_linewidth=unit * p.gamma_m,
        occupation=0.0,
        cavity_linewidth=unit * p.kappa_c,
        coupling=unit * p.g / 2,
        input_fraction=p.escape_c,
        ancilla_linewidth=unit * p.kappa_a,
        ancilla_detuning=-unit * p.delta_a,
        beam_splitter=unit * p.g_bs,
        down_conversion=unit * p.g_dc,
    )
    return sensor >> Loss(name="readout", efficiency=p.detection)
