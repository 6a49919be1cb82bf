"""Caesium-133: the constants that turn a vapour cell into an oscillator, each with its source, and the vapour itself.

Values: D. A. Steck, "Cesium D Line Data" (steck.us/alkalidata), unless another source stands beside them.  Frequencies
are `Published` records in MHz or GHz; `.angular` is the value in rad/s.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from backaction.systems.constants import BOLTZMANN, SPEED_OF_LIGHT
from backaction.systems.grammar import Parameter, Range
from backaction.systems.published.record import Published

from .numbers import checked, plain

__all__ = [
    "BOHR_MAGNETON",
    "D2_FREQUENCY",
    "D2_LINEWIDTH",
    "ELECTRON_G",
    "EXCITED_SPLITTINGS",
    "GROUND_SHIFT",
    "GROUND_SPIN",
    "HYPERFINE_SPLITTING",
    "LINE_STRENGTHS",
    "NUCLEAR_G",
    "NUCLEAR_SPIN",
    "atom_number",
    "probe_detuning",
    "probe_wavelength",
    "vapour_density",
]

_STECK = 'D. A. Steck, "Cesium D Line Data"'

NUCLEAR_SPIN = 3.5
"""I of ¹³³Cs."""

GROUND_SPIN = 4
"""F of the upper hyperfine level of the ground state, the one that is probed."""

D2_FREQUENCY = Published(
    351_725.718_50, "GHz", f"{_STECK}, D2 optical properties", 1.1e-4, "6S1/2 → 6P3/2, centre of gravity"
)
D2_LINEWIDTH = Published(5.234, "MHz", f"{_STECK}, D2 optical properties", 0.013, "natural full width Γ_sp/2π")
HYPERFINE_SPLITTING = Published(9.192631770, "GHz", "definition of the second", 0.0, "ground state, F = 3 to 4")
GROUND_SHIFT = Published(
    4.021776399375, "GHz", f"{_STECK}, D2 hyperfine structure", 0.0, "F = 4 above the centre of gravity"
)
EXCITED_SHIFT = Published(
    263.8906, "MHz", f"{_STECK}, D2 hyperfine structure", 0.0024, "F' = 5 above the centre of gravity"
)

EXCITED_SPLITTINGS = {
    4: Published(251.0916, "MHz", f"{_STECK}, D2 hyperfine structure", 0.0020, "F' = 4 below F' = 5"),
    3: Published(
        452.3787, "MHz", f"{_STECK}, D2 hyperfine structure", 0.0023, "F' = 3 below F' = 5: 251.0916 + 201.2871"
    ),
}
"""How far F' = 4 and 3 of 6P3/2 lie below F' = 5."""

LINE_STRENGTHS = {5: 11 / 18, 4: 7 / 24, 3: 7 / 72}
"""Relative strengths of F = 4 → F' (Steck, S_FF' of the D2 line); they sum to 1."""

ELECTRON_G = Published(2.00254032, "1", f"{_STECK}, fine-structure g factors", 2.0e-7, "g_J of 6S1/2")
NUCLEAR_G = Published(-0.00039885395, "1", f"{_STECK}, nuclear g factor", 5.2e-10, "g_I, in units of µ_B")

BOHR_MAGNETON = Published(13.9962449361, "GHz", "CODATA 2018", 4.2e-9, "µ_B/h per T")

CELSIUS = 273.15


def probe_wavelength(detuning: ArrayLike) -> Parameter:
    """Vacuum wavelength in m of light detuned by Δ (rad/s, blue > 0) from F = 4 → F' = 5 of the D2 line.

    Examples
    --------
    Møller et al. 2017 print 852.3490 nm and "∼ 3 GHz, blue":

    >>> from backaction.systems import GHz
    >>> round(probe_wavelength(3 * GHz) * 1e9, 4)
    852.3491
    """
    offset = np.asarray(checked(detuning, Range.ANY, "detuning (rad/s)"))
    return plain(2 * math.pi * SPEED_OF_LIGHT / (_cycling_transition() + offset))


def probe_detuning(wavelength: ArrayLike) -> Parameter:
    """Δ in rad/s (blue > 0) from F = 4 → F' = 5 of the D2 line, the inverse of `probe_wavelength`.

    Examples
    --------
    The last digit of a wavelength in 0.1 pm is 41 MHz:

    >>> from backaction.systems import GHz
    >>> round(probe_detuning(852.3490e-9) / GHz, 2)
    3.05
    """
    length = np.asarray(checked(wavelength, Range.POSITIVE, "wavelength (m)"))
    return plain(2 * math.pi * SPEED_OF_LIGHT / length - _cycling_transition())


def vapour_density(temperature: ArrayLike) -> Parameter:
    """Atoms per m³ of saturated vapour over liquid caesium at T in K (301.6 to about 550 K).

    log₁₀(p/torr) = 2.881 + 4.165 − 3830/T (Alcock, Itkin & Horrigan, Can. Metall. Q. 23, 309 (1984), in Steck), good
    to 5 %, and p = n k_B T.  The coating of a cell and its reservoir can keep the density lower.

    Examples
    --------
    >>> f"{vapour_density(65 + CELSIUS):.1e}"
    '1.5e+18'
    """
    kelvin = np.asarray(checked(temperature, Range.POSITIVE, "temperature (K)"))
    pressure = 133.322 * 10 ** (2.881 + 4.165 - 3830 / kelvin)
    return plain(pressure / (BOLTZMANN * kelvin))


def atom_number(temperature: ArrayLike, volume: ArrayLike) -> Parameter:
    """Atoms of saturated vapour in a volume (m³).

    Examples
    --------
    The channel of Møller et al. 2017, 300 µm × 300 µm × 10 mm at 65 °C, where they state ∼ 10⁹:

    >>> f"{atom_number(65 + CELSIUS, 300e-6 * 300e-6 * 10e-3):.1e}"
    '1.3e+09'
    """
    return plain(np.asarray(vapour_density(temperature)) * np.asarray(checked(volume, Range.POSITIVE, "volume (m³)")))


def _cycling_transition() -> float:
    """Angular frequency of F = 4 → F' = 5."""
    return D2_FREQUENCY.angular - GROUND_SHIFT.angular + EXCITED_SHIFT.angular
