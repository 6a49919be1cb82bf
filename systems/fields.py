"""The grammar of parameters: what a field of a component means, once, for every reader of it.

Key, unit, default and range of a parameter are the metadata of the dataclass field.  The component checks itself by
them, and the experiment file, its JSON schema and the tables of the documentation are derived from them.
"""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray

from .units import Unit

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

Parameter = float | FloatArray
"""A parameter's value: a number, or an array of them (a batch)."""

LARGEST = 1e50
"""Largest magnitude of a parameter. No frequency reaches it (the Planck frequency is 2e43 rad/s), and the powers that a
model makes of its parameters stay within double precision."""

LARGEST_SQUEEZING = 100.0
"""In dB. Beyond, the rounding of the antisqueezed quadrature, 10¹⁰ times the vacuum, drowns the squeezed one."""


class Range(Enum):
    """The values that a quantity may take; the text completes "must be …"."""

    ANY = "any finite number"
    NONZERO = "different from 0"
    POSITIVE = "greater than 0"
    NONNEGATIVE = "0 or greater"
    FRACTION = "between 0 and 1"

    def holds(self, value: FloatArray) -> bool:
        """Whether every entry lies in the range (and is finite)."""
        tests = {
            Range.ANY: np.isfinite(value),
            Range.NONZERO: value != 0,
            Range.POSITIVE: value > 0,
            Range.NONNEGATIVE: value >= 0,
            Range.FRACTION: (value >= 0) & (value <= 1),
        }
        return bool((np.isfinite(value) & tests[self]).all())


@dataclass(frozen=True)
class Quantity:
    """A number with a unit and a range."""

    unit: Unit
    range: Range
    help: str


@dataclass(frozen=True)
class Choice:
    """One of the values of an enumeration."""

    options: type[Enum]
    help: str


def quantity(unit: Unit, range: Range, help: str, default: Any = dataclasses.MISSING) -> Any:
    """Declare a dataclass field that holds a number; no default means that it must be given."""
    return dataclasses.field(default=default, metadata={"kind": Quantity(unit, range, help)})


def choice(options: type[Enum], help: str, default: Enum) -> Any:
    """Declare a dataclass field that holds one of an enumeration's values."""
    return dataclasses.field(default=default, metadata={"kind": Choice(options, help)})


def describe(cls: type) -> dict[str, dataclasses.Field[Any]]:
    """The fields of a dataclass that stand in an experiment file, by key: its own first, then those it shares."""
    declared = {field.name: field for field in dataclasses.fields(cls) if "kind" in field.metadata}
    order = [key for base in cls.__mro__ for key in inspect.get_annotations(base) if key in declared]
    return {key: declared[key] for key in order}


def quantities(cls: type) -> dict[str, Quantity]:
    """The numeric fields of a dataclass, by key."""
    kinds = {key: field.metadata["kind"] for key, field in describe(cls).items()}
    return {key: kind for key, kind in kinds.items() if isinstance(kind, Quantity)}


def parameter(value: Any, kind: Quantity, key: str) -> Parameter:
    """Check one parameter, a number or an array, against its range; arrays become read-only.

    Examples
    --------
    >>> parameter(-1.0, Quantity(Unit.NUMBER, Range.FRACTION, ""), "efficiency")
    Traceback (most recent call last):
    ...
    backaction.gaussian.errors.InvalidInput: efficiency must be between 0 and 1, got -1.0
    """
    given = _as_array(value)
    if given is None or given.dtype.kind not in "iuf":
        raise InvalidInput(f"{key} must be a real number or an array of real numbers, got {value!r}")
    array = given.astype(np.float64)
    problem = complaint(array, kind)
    if problem:
        shown = value if not array.size or array.ndim == 0 else f"values from {array.min():.6g} to {array.max():.6g}"
        raise InvalidInput(f"{key} {problem}, got {shown}")
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array


def complaint(value: ArrayLike, kind: Quantity) -> str | None:
    """What is wrong with a finite number or an array of them, as the end of a sentence; None if nothing.

    Examples
    --------
    >>> complaint(1.5, Quantity(Unit.NUMBER, Range.FRACTION, ""))
    'must be between 0 and 1'
    """
    array = np.asarray(value, dtype=np.float64)
    if not kind.range.holds(array):
        return f"must be {kind.range.value}"
    largest = LARGEST_SQUEEZING if kind.unit is Unit.DECIBEL else LARGEST
    return f"must not exceed {largest:g}, which is beyond any physical value" if (abs(array) > largest).any() else None


def _as_array(value: Any) -> NDArray[Any] | None:
    try:
        return np.asarray(value)
    except (TypeError, ValueError):  # lists of unequal lengths
        return None
