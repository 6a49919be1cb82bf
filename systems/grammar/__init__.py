"""How the outside speaks to the library: units, kinds of fields, addresses.

A component or a table of the experiment file declares its fields by `quantity(...)`, `choice(...)` or `field_of(kind)`;
the reader, the JSON schema, `--set`, sweep axes, the explorer, the generated code and Python's own constructors all ask
the declaration (`keys`, `settle`). A new unit is one line in `units`, a new kind of field one class in `fields`; how a
value is found by its name stands in `addresses`.
"""

from __future__ import annotations

from .addresses import REPORT, detector_address, detector_number, look_up, split_address
from .fields import (
    HALF_WIDTH,
    Choice,
    Flag,
    Key,
    Kind,
    Name,
    Pairs,
    Parameter,
    Quantity,
    Range,
    Whole,
    choice,
    complaint,
    describe,
    field_of,
    keys,
    parameter,
    quantities,
    quantity,
    refuse,
    settle,
)
from .grids import spaced
from .units import SPELLINGS, GHz, Hz, MHz, Unit, hertz, hwhm, kHz, mHz, plain_number, significant

__all__ = [
    "HALF_WIDTH",
    "REPORT",
    "SPELLINGS",
    "Choice",
    "Flag",
    "GHz",
    "Hz",
    "Key",
    "Kind",
    "MHz",
    "Name",
    "Pairs",
    "Parameter",
    "Quantity",
    "Range",
    "Unit",
    "Whole",
    "choice",
    "complaint",
    "describe",
    "detector_address",
    "detector_number",
    "field_of",
    "hertz",
    "hwhm",
    "kHz",
    "keys",
    "look_up",
    "mHz",
    "parameter",
    "plain_number",
    "quantities",
    "quantity",
    "refuse",
    "settle",
    "significant",
    "spaced",
    "split_address",
]
