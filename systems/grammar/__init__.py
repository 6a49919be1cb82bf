"""How the outside speaks to the library: units, kinds of fields, addresses.

A component or a table of the experiment file declares its fields by `quantity(...)`, `choice(...)` or `field_of(kind)`;
the reader, the JSON schema, `--set`, sweep axes, the explorer, the generated code and Python's own constructors all ask
the declaration (`keys`, `settle`). A new unit is one line in `units`, a new kind of field a function in `fields`; how a
value is found by its name stands in `addresses`, how numbers are spaced in `grids`.
"""

from __future__ import annotations

from .fields import Choice, Key, Parameter, Quantity, Range, choice, describe, field_of, keys, quantities, quantity
from .units import Unit, hertz, hwhm

__all__ = [
    "Choice",
    "Key",
    "Parameter",
    "Quantity",
    "Range",
    "Unit",
    "choice",
    "describe",
    "field_of",
    "hertz",
    "hwhm",
    "keys",
    "quantities",
    "quantity",
]
