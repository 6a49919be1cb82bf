"""Where 0.1 had `backaction.systems.grammar` and `backaction.systems.constants`; gone in 0.3."""

import warnings

from .constants import *  # noqa: F403
from .grammar.units import *  # noqa: F403
from .grammar.units import Unit
from .thermal import thermal_occupation  # noqa: F401

warnings.warn("backaction.systems.units is now backaction.systems.grammar", DeprecationWarning, stacklevel=2)


def parse(raw: object, unit: Unit) -> float:
    """Now `unit.read(raw)`."""
    return unit.read(raw)
