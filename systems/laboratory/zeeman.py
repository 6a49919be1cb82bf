"""Caesium in a magnetic field: gyromagnetic ratio, Larmor frequency, quadratic Zeeman splitting.

Fields are in T, frequencies in rad/s.  The hyperfine levels of the ground state follow Breit and Rabi exactly, so that
the linear and quadratic approximations can be held against them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.systems.grammar import Parameter, Range

from .caesium import BOHR_MAGNETON, ELECTRON_G, GROUND_SPIN, HYPERFINE_SPLITTING, NUCLEAR_G, NUCLEAR_SPIN
from .numbers import checked, plain

__all__ = [
    "breit_rabi",
    "gyromagnetic_ratio",
    "lande_factor",
    "larmor_frequency",
    "magnetic_field",
    "quadratic_splitting",
]

MULTIPLICITY = 2 * NUCLEAR_SPIN + 1
"""2I + 1 = 8."""


def lande_factor() -> float:
    """g_F of F = 4: g_J/8 + 7 g_I/8, which is ¼ but for the electron's anomaly and the nucleus.

    Examples
    --------
    >>> round(lande_factor(), 5)
    0.24997
    """
    return ELECTRON_G.value / MULTIPLICITY + NUCLEAR_G.value * (MULTIPLICITY - 1) / MULTIPLICITY


def gyromagnetic_ratio() -> float:
    """γ = g_F µ_B/ħ of F = 4, rad/s per T: 2π × 3.5 kHz/µT.

    Examples
    --------
    >>> round(gyromagnetic_ratio() / (2e9 * np.pi), 4)  # GHz/T
    3.4986
    """
    return lande_factor() * BOHR_MAGNETON.angular


def larmor_frequency(field: ArrayLike) -> Parameter:
    """Ω = g_F µ_B B/ħ in rad/s (Møller et al. 2017, below S22), linear in B.

    Examples
    --------
    >>> round(larmor_frequency(362.5e-6) / (2e6 * np.pi), 3)  # 3.6 G
    1.268
    """
    return plain(gyromagnetic_ratio() * np.asarray(checked(field, Range.ANY, "field (T)")))


def magnetic_field(frequency: ArrayLike) -> Parameter:
    """B in T at which the Larmor frequency is Ω (rad/s), the inverse of `larmor_frequency`.

    Examples
    --------
    >>> round(magnetic_field(larmor_frequency(3e-4)), 12)
    0.0003
    """
    return plain(np.asarray(checked(frequency, Range.ANY, "frequency (rad/s)")) / gyromagnetic_ratio())


def quadratic_splitting(field: ArrayLike) -> Parameter:
    """Distance in rad/s between neighbouring Larmor transitions m → m + 1 of F = 4: 2Ω²/ω_hf.

    Ω here is the electron's part, (g_J − g_I)µ_B B/8ħ; second order of Breit and Rabi.  The eight transitions of F = 4
    are spread over seven times this.

    Examples
    --------
    >>> round(quadratic_splitting(magnetic_field(2e6 * np.pi * 1.28)) / (2 * np.pi))  # Hz
    358
    """
    larmor = _field_parameter(np.asarray(checked(field, Range.ANY, "field (T)"))) / MULTIPLICITY
    return plain(2 * larmor**2 * HYPERFINE_SPLITTING.angular)


def breit_rabi(field: ArrayLike) -> Parameter:
    """Energies/ħ of F = 4, m = −4 … 4, in rad/s from the centre of the hyperfine doublet, shape (…, 9).

    E = −ω_hf/16 + g_I µ_B B m + ½ω_hf √(1 + m x/2 + x²), x = (g_J − g_I)µ_B B/ħω_hf  (Breit and Rabi, in Steck's data).

    Examples
    --------
    >>> levels = breit_rabi(3e-4)
    >>> bool(np.isclose(np.diff(levels).mean(), larmor_frequency(3e-4), rtol=1e-6))
    True
    """
    tesla = np.asarray(checked(field, Range.ANY, "field (T)"))[..., None]
    m = np.arange(-GROUND_SPIN, GROUND_SPIN + 1)
    x, splitting = _field_parameter(tesla), HYPERFINE_SPLITTING.angular
    root = np.sqrt(1 + 4 * m * x / MULTIPLICITY + x**2)
    levels = NUCLEAR_G.value * BOHR_MAGNETON.angular * tesla * m + splitting * (root / 2 - 1 / (2 * MULTIPLICITY))
    return plain(levels)


def _field_parameter(tesla: np.ndarray) -> np.ndarray:
    """x of the Breit–Rabi formula."""
    per_tesla = (ELECTRON_G.value - NUCLEAR_G.value) * BOHR_MAGNETON.angular / HYPERFINE_SPLITTING.angular
    return np.asarray(per_tesla * tesla)
