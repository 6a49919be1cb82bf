"""The grammar of parameters: what a field of a component means, once, for every reader of it.

Key, unit, default and range of a parameter are the metadata of the dataclass field.  The component checks itself by
them, and the experiment file, its JSON schema and the tables of the documentation are derived from them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray

from .units import Unit

__all__ = ["Choice", "Parameter", "Quantity", "Range", "choice", "describe", "parameter", "quantities", "quantity"]

Parameter = float | FloatArray
"""A parameter's value: a number, or an array of them (a batch)."""


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
    """The fields of a dataclass that stand in an experiment file, by key."""
    return {field.name: field for field in dataclasses.fields(cls) if "kind" in field.metadata}


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
    if isinstance(value, bool | str | bytes) or value is None:
        raise InvalidInput(f"{key} must be a number or an array of numbers, got {value!r}")
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput(f"{key} must be a number or an array of real numbers, got {value!r}") from None
    if not kind.range.holds(array):
        shown = value if array.ndim == 0 else f"values from {array.min():.6g} to {array.max():.6g}"
        raise InvalidInput(f"{key} must be {kind.range.value}, got {shown}")
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array
