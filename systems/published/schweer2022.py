"""Schweer et al. (2022): a force sensor whose back action an all-optical oscillator of negative mass cancels.

The parameters of Tables I and II as the paper prints them.  Its closed formulas stand in `schweer2022_formulas`,
its matrix model in `schweer2022_matrices`, both in the paper's convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from .record import Published
from .schweer2022_matrices import CascadeParameters, Order

__all__ = ["REDUCTION", "TABLE_I", "TABLE_II", "CascadeParameters", "Order", "ideal", "table_ii"]

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
