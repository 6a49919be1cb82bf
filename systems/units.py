"""Units at the border of the library: text with a unit in, plain floats in rad/s, K and rad inside.

Every frequency and rate of the library is angular.  `MHz` is 2π·10⁶ rad/s, so `1.28 * MHz` is what a laboratory calls
1.28 MHz; `hwhm(...)` turns a half width into the full width that the library uses.
"""

from __future__ import annotations

import math
import re
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray

__all__ = [
    "BOLTZMANN",
    "HBAR",
    "SPEED_OF_LIGHT",
    "GHz",
    "Hz",
    "MHz",
    "Unit",
    "hwhm",
    "kHz",
    "mHz",
    "parse",
    "thermal_occupation",
]

HBAR = 6.62607015e-34 / (2 * math.pi)
"""ħ in J s (CODATA 2018; exact since the SI of 2019)."""

BOLTZMANN = 1.380649e-23
"""k_B in J/K (exact)."""

SPEED_OF_LIGHT = 299_792_458.0
"""c in m/s (exact)."""

Hz = 2 * math.pi
mHz = 1e-3 * Hz
kHz = 1e3 * Hz
MHz = 1e6 * Hz
GHz = 1e9 * Hz


class Unit(Enum):
    """What a number of the experiment file measures; the value is how to write it."""

    FREQUENCY = "a text with Hz (n, u, m, k, M, G) or rad/s, such as '1.28 MHz'"
    TEMPERATURE = "a text with K (m, u, n), such as '7 K'"
    ANGLE = "a text with deg or rad, or a bare number of radians"
    DECIBEL = "a text with dB, such as '3 dB'"
    POWER = "a text with W (n, u, m), such as '1.7 mW'"
    LENGTH = "a text with m (n, u, m, c), such as '300 um'"
    MAGNETIC_FIELD = "a text with T (n, u, m) or G (m), such as '3.6 G'"
    NUMBER = "a bare number"


_PREFIXES = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}

_SCALES = {
    Unit.FREQUENCY: {f"{prefix}Hz": (scale, Hz) for prefix, scale in _PREFIXES.items()} | {"rad/s": (1.0, 1.0)},
    Unit.TEMPERATURE: {f"{prefix}K": (_PREFIXES[prefix], 1.0) for prefix in ("", "m", "u", "n")},
    Unit.ANGLE: {"deg": (1.0, math.pi / 180), "rad": (1.0, 1.0)},
    Unit.DECIBEL: {"dB": (1.0, 1.0)},
    Unit.POWER: {f"{prefix}W": (_PREFIXES[prefix], 1.0) for prefix in ("", "m", "u", "n")},
    Unit.LENGTH: {f"{prefix}m": (_PREFIXES[prefix], 1.0) for prefix in ("", "m", "u", "n")} | {"cm": (1e-2, 1.0)},
    Unit.MAGNETIC_FIELD: {f"{prefix}T": (_PREFIXES[prefix], 1.0) for prefix in ("", "m", "u", "n")}
    | {"G": (1e-4, 1.0), "mG": (1e-7, 1.0)},
    Unit.NUMBER: {},
}

_TEXT = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(\S.*?)?\s*")


def hwhm(half_width: ArrayLike) -> FloatArray | float:
    """The full width (energy decay rate) of a line given by its half width at half maximum.

    Examples
    --------
    >>> hwhm(2.6) == 5.2
    True
    """
    full = 2 * np.asarray(half_width, dtype=np.float64)
    return float(full) if full.ndim == 0 else full


def thermal_occupation(temperature: ArrayLike, frequency: ArrayLike) -> FloatArray:
    """Bose–Einstein occupation n = 1/(exp(ħ|Ω|/k_B T) − 1); 0 at 0 K.

    Parameters
    ----------
    temperature : array_like
        T ≥ 0 in K.
    frequency : array_like
        Ω ≠ 0 in rad/s, of either sign.

    Examples
    --------
    >>> round(float(thermal_occupation(7.0, 1.28 * MHz)))
    113950
    """
    energy = HBAR * np.abs(np.asarray(frequency, dtype=np.float64)) / BOLTZMANN
    kelvin = np.asarray(temperature, dtype=np.float64)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        warm = 1 / np.expm1(energy / kelvin)
    occupation: FloatArray = np.where(kelvin > 0, warm, 0.0)
    return occupation


def parse(raw: object, unit: Unit) -> float:
    """Read one value of the experiment file.

    Raises
    ------
    InvalidInput
        A missing, unknown or superfluous unit, or a number that is not finite.

    Examples
    --------
    >>> parse("-4.7 MHz", Unit.FREQUENCY) == -4.7 * MHz
    True
    >>> parse("−4.7 MHz", Unit.FREQUENCY) == -4.7 * MHz  # a minus sign copied from a page
    True
    >>> parse("0.5 Mhz", Unit.FREQUENCY)
    Traceback (most recent call last):
    ...
    backaction.gaussian.errors.InvalidInput: '0.5 Mhz' has the unknown unit 'Mhz' (case counts); give a text with Hz ...
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise InvalidInput(f"{raw!r} is no value with a unit; give {unit.value}")
    if not isinstance(raw, str):
        return _bare(raw, unit)
    match = _TEXT.fullmatch(raw.replace("−", "-"))  # the minus sign of printed pages
    if unit is Unit.NUMBER:
        raise InvalidInput(f"{raw!r} is a text; give a bare number, without quotation marks")
    if match is None:
        raise InvalidInput(f"{raw!r} does not begin with a number; give {unit.value}")
    number, suffix = match.groups()
    if suffix is None:
        raise InvalidInput(f"{raw!r} has no unit; give {unit.value}")
    if suffix not in _SCALES[unit]:
        raise InvalidInput(f"{raw!r} has the unknown unit {suffix!r} (case counts); give {unit.value}")
    prefix, base = _SCALES[unit][suffix]
    value = float(number) * prefix * base
    if not math.isfinite(value):
        raise InvalidInput(f"{raw!r} is not finite")
    return value


def _bare(raw: int | float, unit: Unit) -> float:
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InvalidInput(f"{raw!r} is not finite; give {unit.value}")
    if unit in (Unit.NUMBER, Unit.ANGLE):
        return value
    raise InvalidInput(f"{raw!r} has no unit, and a bare number could mean anything; give {unit.value}")
