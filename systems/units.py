"""Where 0.1 had `backaction.systems.grammar` and `backaction.systems.constants`; gone in 0.3."""

import warnings

from .constants import BOLTZMANN, HBAR, SPEED_OF_LIGHT
from .grammar import Unit, hwhm
from .grammar.units import GHz, Hz, MHz, kHz, mHz
from .thermal import thermal_occupation

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

warnings.warn("backaction.systems.units is now backaction.systems.grammar", DeprecationWarning, stacklevel=2)


def parse(raw: object, unit: Unit) -> float:
    """Now `unit.read(raw)`."""
    return unit.read(raw)
