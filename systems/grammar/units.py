"""Units: how a quantity is written, read, printed and scaled; text with a unit outside, plain floats in rad/s inside.

Every frequency and rate of the library is angular.  `MHz` is 2π·10⁶ rad/s, so `1.28 * MHz` is what a laboratory calls
1.28 MHz, and `hwhm(...)` turns a half width into the full width that the library uses.  What else there is to know of a
unit, its prefixes, its spellings, whether a bare number has it, stands in its `Unit`, and nowhere else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray

__all__ = ["SPELLINGS", "GHz", "Hz", "MHz", "Unit", "hertz", "hwhm", "kHz", "mHz", "plain_number", "significant"]

Hz = 2 * math.pi
mHz = 1e-3 * Hz
kHz = 1e3 * Hz
MHz = 1e6 * Hz
GHz = 1e9 * Hz

PREFIXES = {"p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "": 0, "k": 3, "M": 6, "G": 9}
"""Powers of ten."""

SPELLINGS = {"−": "-", "µ": "u", "μ": "u", "°": "deg", "²": "^2"}
"""What pages print (minus, micro sign, the Greek letter, degree, a square), and what is meant."""

DIGITS = 15
"""Decimal digits that a double holds for certain: with more, a number shows the rounding of 2π."""

LARGEST = 1e50
"""Largest magnitude of a parameter. No frequency reaches it (the Planck frequency is 2e43 rad/s), and the powers that a
model makes of its parameters stay within double precision."""

LARGEST_SQUEEZING = 100.0
"""In dB. Beyond, the rounding of the antisqueezed quadrature, 10¹⁰ times the vacuum, drowns the squeezed one."""

_SIGN = "[+−-]"
_NUMBER = rf"{_SIGN}?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]{_SIGN}?[0-9]{{1,9}})?"
_TEXT = re.compile(rf"\s*({_NUMBER})\s*(\S.*?)?\s*")


@dataclass(frozen=True, eq=False)
class Unit:
    """What a number measures, and every way to write it.

    Attributes
    ----------
    name : str
    example : str
        A text that the unit reads.
    scales : mapping
        By symbol without a prefix: the prefixes it takes, and what one of it is inside the library. A value is printed
        in the first one.
    bare : str
        Symbol that a bare number has; "": a bare number is an error.
    largest : float
        Magnitude (inside the library) beyond which no value makes sense.

    Examples
    --------
    >>> Unit.FREQUENCY.read("-4.7 MHz") == -4.7e6 * Hz
    True
    >>> Unit.FREQUENCY.read("−4.7 MHz") == -4.7e6 * Hz, Unit.LENGTH.read("300 µm")  # copied from a page
    (True, 0.0003)
    >>> Unit.FREQUENCY.write(1.28 * MHz), Unit.ANGLE.write(math.pi / 2)
    ('1.28 MHz', '90 deg')
    >>> Unit.FREQUENCY.read("0.5 Mhz")
    Traceback (most recent call last):
    ...
    backaction.gaussian.errors.InvalidInput: '0.5 Mhz' has the unknown unit 'Mhz' (case counts); give a text with Hz ...
    """

    FREQUENCY: ClassVar[Unit]
    TEMPERATURE: ClassVar[Unit]
    ANGLE: ClassVar[Unit]
    DECIBEL: ClassVar[Unit]
    POWER: ClassVar[Unit]
    LENGTH: ClassVar[Unit]
    AREA: ClassVar[Unit]
    MASS: ClassVar[Unit]
    TIME: ClassVar[Unit]
    MAGNETIC_FIELD: ClassVar[Unit]
    NUMBER: ClassVar[Unit]

    name: str
    example: str
    scales: Mapping[str, tuple[str, float]]
    bare: str = ""
    largest: float = LARGEST

    @property
    def symbol(self) -> str:
        """Symbol in which the numbers of Python and of an axis are counted: Hz, K, rad."""
        return self.bare or next(iter(self.scales))

    @cached_property
    def symbols(self) -> dict[str, tuple[int, str]]:
        """The power of ten of every symbol, and what stands behind its prefix."""
        return {
            f"{p}{base}": (PREFIXES[p], base) for base, (prefixes, _) in self.scales.items() for p in ("", *prefixes)
        }

    @cached_property
    def wording(self) -> str:
        """How to write a value, as the end of a sentence."""
        bases = [f"{base} ({', '.join(prefixes)})" if prefixes else base for base, (prefixes, _) in self.scales.items()]
        text = f"a text with {' or '.join(bases)}, such as {self.example!r}"
        return "a bare number" if not bases else text + (f", or a bare number of {self.bare}" if self.bare else "")

    @cached_property
    def pattern(self) -> str:
        """Regular expression (ECMA 262, as JSON schema has them) of the texts that are read."""
        suffixes = [
            (f"[{''.join(map(_spelled, prefixes))}]?" if prefixes else "") + _spelled(base)
            for base, (prefixes, _) in self.scales.items()
        ]
        return rf"^\s*{_NUMBER}\s*({'|'.join(suffixes)})\s*$"

    def size(self, symbol: str) -> float:
        """One of a symbol, with or without prefix, inside the library."""
        if not self.scales:
            return 1.0
        power, base = self.symbols[_meant(symbol)]
        return float(f"1e{power}") * self.scales[base][1]

    def split(self, raw: object) -> tuple[str, str]:
        """The number (plain signs) and the symbol (as it stands there) of a value; "" if there is none."""
        if not isinstance(raw, str):
            return str(raw), self.bare
        match = _TEXT.fullmatch(raw)
        if match is None:
            raise InvalidInput(f"{raw!r} does not begin with a number; give {self.wording}")
        return _meant(match[1]), match[2] or ""

    def measure(self, raw: object) -> tuple[float, str]:
        """A value as it was written: how many, of which symbol, its prefix turned into a power of ten without rounding.

        Raises
        ------
        InvalidInput
            A missing, unknown or superfluous unit, or a number that is not finite.

        Examples
        --------
        >>> Unit.FREQUENCY.measure("300 µHz"), Unit.ANGLE.measure("90°"), Unit.ANGLE.measure(1.5)
        ((0.0003, 'Hz'), (90.0, 'deg'), (1.5, 'rad'))
        """
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise InvalidInput(f"{raw!r} is no value with a unit; give {self.wording}")
        if isinstance(raw, str) and not self.scales:
            raise InvalidInput(f"{raw!r} is a text; give a bare number, without quotation marks")
        if not isinstance(raw, str):
            value, base = _finite(raw, f"; give {self.wording}"), self.bare
            if not base:
                raise InvalidInput(f"{raw!r} has no unit, and a bare number could mean anything; give {self.wording}")
            return value, base
        number, symbol = self.split(raw)
        if not symbol:
            raise InvalidInput(f"{raw!r} has no unit; give {self.wording}")
        if _meant(symbol) not in self.symbols:
            raise InvalidInput(f"{raw!r} has the unknown unit {symbol!r} (case counts); give {self.wording}")
        power, base = self.symbols[_meant(symbol)]
        mantissa, _, exponent = number.lower().partition("e")
        return _finite(f"{mantissa}e{int(exponent or 0) + power}", "", raw), base

    def read(self, raw: object) -> float:
        """A value of the experiment file inside the library; errors as `measure`."""
        value, base = self.measure(raw)
        return _finite(value * self.size(base), "", raw)

    def count(self, value: ArrayLike, symbol: str | None = None) -> FloatArray:
        """How many of a symbol (default `symbol`) values inside the library are, to `DIGITS`.

        Examples
        --------
        >>> float(Unit.FREQUENCY.count(22 * kHz)), 22 * kHz / Hz
        (22000.0, 21999.999999999996)
        """
        return significant(np.asarray(value, dtype=np.float64) / self.size(symbol or self.symbol))

    def write(self, value: float) -> str:
        """The text of a value, in the prefix that leaves few zeros; a bare number where there is no symbol."""
        if not self.scales:
            return f"{value:.{DIGITS}g}"
        base, (prefixes, _) = next(iter(self.scales.items()))
        number = float(self.count(value, base))
        powers = {PREFIXES[prefix]: prefix for prefix in ("", *prefixes)}
        fitting = [power for power in sorted(powers) if abs(number) >= float(f"1e{power}")] or [min(powers)]
        power = fitting[-1] if number else 0
        mantissa, _, exponent = f"{number:.{DIGITS - 1}e}".partition("e")
        return f"{float(f'{mantissa}e{int(exponent) - power}'):.{DIGITS}g} {powers[power]}{base}"


Unit.FREQUENCY = Unit("frequency", "1.28 MHz", {"Hz": ("numkMG", Hz), "rad/s": ("", 1.0)})
Unit.TEMPERATURE = Unit("temperature", "7 K", {"K": ("mun", 1.0)})
Unit.ANGLE = Unit("angle", "90 deg", {"deg": ("", math.pi / 180), "rad": ("", 1.0)}, bare="rad")
Unit.DECIBEL = Unit("decibel", "3 dB", {"dB": ("", 1.0)}, largest=LARGEST_SQUEEZING)
Unit.POWER = Unit("power", "1.7 mW", {"W": ("num", 1.0)})
Unit.LENGTH = Unit("length", "300 um", {"m": ("numc", 1.0)})
Unit.AREA = Unit("area", "0.09 mm^2", {"m^2": ("", 1.0), "cm^2": ("", 1e-4), "mm^2": ("", 1e-6), "um^2": ("", 1e-12)})
Unit.MASS = Unit("mass", "14 ng", {"g": ("pnumk", 1e-3)})
Unit.TIME = Unit("time", "2 ms", {"s": ("pnum", 1.0)})
Unit.MAGNETIC_FIELD = Unit("magnetic field", "3.6 G", {"T": ("num", 1.0), "G": ("m", 1e-4)})
Unit.NUMBER = Unit("number", "0.9", {}, bare="1")


def hertz(angular: ArrayLike) -> FloatArray:
    """Frequencies in Hz of angular ones, without the rounding of 2π.

    Examples
    --------
    >>> hertz([22 * kHz, -1.1 * MHz])
    array([   22000., -1100000.])
    """
    return Unit.FREQUENCY.count(angular)


def hwhm(half_width: ArrayLike) -> FloatArray | float:
    """The full width (energy decay rate) of a line given by its half width at half maximum, a number or a text.

    Examples
    --------
    >>> hwhm(2.6) == 5.2, hwhm("2.6 kHz") == 2 * Unit.FREQUENCY.read("2.6 kHz")
    (True, True)
    """
    half = Unit.FREQUENCY.read(half_width) if isinstance(half_width, str) else half_width
    full = 2 * np.asarray(half, dtype=np.float64)
    return float(full) if full.ndim == 0 else full


def plain_number(text: str) -> float | None:
    """The number that a text without a unit is, printed signs included; None if it is none.

    Examples
    --------
    >>> plain_number("−.95"), plain_number("1 MHz")
    (-0.95, None)
    """
    try:
        return float(_meant(text))
    except ValueError:
        return None


def significant(values: ArrayLike, digits: int = DIGITS) -> FloatArray:
    """Values rounded to significant decimal digits.

    Examples
    --------
    >>> significant([0.1 + 0.2, 5e-324]).tolist()
    [0.3, 5e-324]
    """
    array = np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore"):
        powers = digits - 1 - np.floor(np.log10(np.abs(array, where=array != 0, out=np.ones_like(array))))
    exact = (powers >= 0) & (powers <= 22)  # powers of ten up to 10²² are doubles
    scales = 10.0 ** np.where(exact, powers, 0.0)
    rounded = np.rint(array * scales) / scales
    if not exact.all():
        rounded = np.where(exact, rounded, np.vectorize(lambda value: float(f"{value:.{digits}g}"))(array))
    found: FloatArray = np.asarray(rounded, dtype=np.float64)[()]  # a number stays a number
    return found


def _meant(text: str) -> str:
    return text.translate(_MEANT)


def _spelled(text: str) -> str:
    """A regular expression of a symbol in every spelling; of a prefix, the characters that mean it."""
    if len(text) == 1:
        return "".join([text, *(printed for printed, meant in SPELLINGS.items() if meant == text)])
    found = re.escape(text)
    for printed, meant in SPELLINGS.items():
        found = found.replace(re.escape(meant), f"(?:{re.escape(meant)}|{printed})")
    return found


_MEANT = str.maketrans(SPELLINGS)


def _finite(number: str | float, advice: str, raw: object = None) -> float:
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InvalidInput(f"{number if raw is None else raw!r} is not finite{advice}")
    return value
