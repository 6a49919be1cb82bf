"""Where 0.1 had `backaction.systems.grammar`; gone in 0.3."""

import warnings

from .grammar import Choice, Parameter, Quantity, Range, choice, describe, quantities, quantity
from .grammar.fields import complaint, parameter

__all__ = [
    "Choice",
    "Parameter",
    "Quantity",
    "Range",
    "choice",
    "complaint",
    "describe",
    "parameter",
    "quantities",
    "quantity",
]

warnings.warn("backaction.systems.fields is now backaction.systems.grammar", DeprecationWarning, stacklevel=2)
