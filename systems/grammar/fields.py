"""Kinds of fields: what a field of a component or of a table means, once, for every reader of it.

Key, unit, default and range of a parameter are the metadata of the dataclass field.  The dataclass checks itself by
them (`settle`), and the experiment file, its JSON schema, the axes of a sweep, the explorer and the tables of the
documentation are derived from them (`keys`).
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass
from enum import Enum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput, SuspiciousInput
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name

from .units import Unit

__all__ = [
    "HALF_WIDTH",
    "Choice",
    "Key",
    "Kind",
    "Parameter",
    "Plain",
    "Quantity",
    "Range",
    "choice",
    "complaint",
    "describe",
    "field_of",
    "flag",
    "keys",
    "pairs",
    "parameter",
    "quantities",
    "quantity",
    "refuse",
    "settle",
    "text",
    "whole",
]

Parameter = float | FloatArray
"""A parameter's value: a number, or an array of them (a batch)."""

HALF_WIDTH = "_hwhm"
"""Ending of the alternative key of every `*linewidth`: the half width at half maximum."""


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

    @property
    def rule(self) -> dict[str, Any]:
        """The range of a bare number as a JSON schema has it."""
        rules: dict[Range, dict[str, Any]] = {
            Range.NONZERO: {"not": {"const": 0}},
            Range.POSITIVE: {"exclusiveMinimum": 0},
            Range.NONNEGATIVE: {"minimum": 0},
            Range.FRACTION: {"minimum": 0, "maximum": 1},
        }
        return rules.get(self, {})


@dataclass(frozen=True)
class Kind(ABC):
    """What a field may hold: how it is read from a file, taken in Python, and told to others."""

    help: str = dataclasses.field(default="", kw_only=True)

    @property
    @abstractmethod
    def wording(self) -> str:
        """How to write it."""

    @property
    @abstractmethod
    def rule(self) -> dict[str, Any]:
        """Its JSON schema."""

    @abstractmethod
    def read(self, raw: Any) -> Any:
        """The value that a file's value means.

        Raises
        ------
        InvalidInput
            What is wrong with it, as the end of a sentence that begins with its place.
        """

    def take(self, value: Any, key: str) -> Any:
        """The value of a field that is set in Python: the same texts, or what they mean."""
        try:
            return self.read(value)
        except InvalidInput as error:
            raise InvalidInput(f"{key}: {error}") from None

    def written(self, value: Any) -> Any:
        """A value as a file has it."""
        return value


class _Turns(float):
    """An angle beyond a turn that is meant, since it came with a unit, or that has been told about."""


@dataclass(frozen=True)
class Quantity(Kind):
    """A number with a unit and a range."""

    stand_in: ClassVar[float] = 1.0  # lies in every range

    unit: Unit
    range: Range

    @property
    def wording(self) -> str:
        """See `Kind.wording`."""
        return f"{self.unit.wording}; {self.range.value}"

    @property
    def rule(self) -> dict[str, Any]:
        """See `Kind.rule`; the range of a text with a unit cannot be told there."""
        number = {"type": "number", **self.range.rule}
        text = {"type": "string", "pattern": self.unit.pattern}
        if not self.unit.scales:
            return number
        return {"anyOf": [number, text]} if self.unit.bare else text

    def read(self, raw: Any) -> float:
        """See `Kind.read`."""
        value = self.unit.read(raw)
        problem = complaint(value, self)
        if problem:
            raise InvalidInput(f"{problem}, got {raw!r}")
        return value

    def take(self, value: Any, key: str) -> Parameter:
        """See `Kind.take`; also an array of numbers or of texts. A bare angle beyond a turn is told as suspicious."""
        if isinstance(value, str):
            value = super().take(value, key)
            value = _Turns(value) if self.unit is Unit.ANGLE else value
        if isinstance(value, list | tuple) and any(isinstance(entry, str) for entry in value):
            value = [super(Quantity, self).take(entry, key) for entry in value]
        taken = parameter(value, self, key)
        if self.unit is not Unit.ANGLE or not isinstance(taken, float) or abs(taken) <= 2 * math.pi:
            return taken
        if isinstance(value, int | float) and not isinstance(value, _Turns):
            warnings.warn(
                SuspiciousInput(f'{key} = {taken:g} is in rad, more than a turn; for degrees write "{taken:g} deg"'),
                stacklevel=5,  # where the component is made
            )
        return _Turns(taken)

    def written(self, value: Any) -> Any:
        """See `Kind.written`."""
        return self.unit.write(float(value)) if self.unit.scales else value


@dataclass(frozen=True)
class Choice(Kind):
    """One of the values of an enumeration."""

    options: type[Enum]

    @property
    def texts(self) -> list[str]:
        """What a file may have."""
        return [option.value for option in self.options]

    @property
    def wording(self) -> str:
        """See `Kind.wording`."""
        return " or ".join(f'"{text}"' for text in self.texts)

    @property
    def rule(self) -> dict[str, Any]:
        """See `Kind.rule`."""
        return {"enum": self.texts}

    def read(self, raw: Any) -> Enum:
        """See `Kind.read`."""
        if isinstance(raw, self.options):
            return raw
        if not isinstance(raw, str):
            raise InvalidInput(f"must be one of {', '.join(map(repr, self.texts))}; got {raw!r}")
        if raw not in self.texts:
            raise unknown_name(raw, self.texts, "choice")
        return self.options(raw)

    def written(self, value: Any) -> Any:
        """See `Kind.written`."""
        return self.options(value).value


@dataclass(frozen=True)
class Plain(Kind):
    """A value that is taken as it stands: what it must be, its JSON schema, the test of it, a good one."""

    what: str
    schema: dict[str, Any]
    good: Callable[[Any], bool]
    stand_in: Any = None

    @property
    def wording(self) -> str:
        """See `Kind.wording`."""
        return self.what

    @property
    def rule(self) -> dict[str, Any]:
        """See `Kind.rule`."""
        return self.schema

    def read(self, raw: Any) -> Any:
        """See `Kind.read`."""
        if not self.good(raw):
            raise InvalidInput(f"must be {self.what}, got {raw!r}")
        return raw


def whole(least: int, most: int, help: str) -> Plain:
    """A whole number between two, both included."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Plain(f"a whole number between {least} and {most}", schema, _between(least, most), least, help=help)


def _between(least: int, most: int) -> Callable[[Any], bool]:
    return lambda raw: isinstance(raw, int) and not isinstance(raw, bool) and least <= raw <= most


def flag(help: str) -> Plain:
    """True or false."""
    return Plain("true or false", {"type": "boolean"}, lambda raw: isinstance(raw, bool), False, help=help)


def text(what: str, help: str) -> Plain:
    """A text, such as the name of a mode; whether that is there is for those to say who know it."""
    schema = {"type": "string", "pattern": r"^[^\u0000]*$"}  # netCDF has no NUL
    return Plain(what, schema, lambda raw: isinstance(raw, str) and "\0" not in raw, "", help=help)


def pairs(help: str) -> Plain:
    """A list of pairs of names."""
    pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    what = 'a list of pairs of modes, [["spin", "membrane"]]'
    return Plain(what, {"type": "array", "items": pair}, _are_pairs, (), help=help)


def _are_pairs(raw: Any) -> bool:
    return isinstance(raw, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(name, str) for name in pair)
        for pair in raw
    )


@dataclass(frozen=True)
class Key:
    """One key under which a field stands in a table: its own name, or that of its half width.

    `default` is `dataclasses.MISSING` where the key must be given; `factor` leads from the key's value to the field's.
    """

    name: str
    field: str
    kind: Kind
    default: Any
    factor: float = 1.0

    @property
    def help(self) -> str:
        """What it is."""
        return self.kind.help if self.factor == 1.0 else f"half of {self.field}: half width at half maximum"

    def read(self, raw: Any) -> Any:
        """The value of the field that a file's value under this key means; errors as `Kind.read`."""
        value = self.kind.read(raw)
        return value if self.factor == 1.0 else self.factor * value

    def take(self, value: Any) -> Any:
        """The value for the field that a value of Python under this key means."""
        return value if self.factor == 1.0 else self.factor * np.asarray(self.kind.take(value, self.name))


def field_of(kind: Kind, default: Any = MISSING) -> Any:
    """Declare a dataclass field of a kind; no default means that it must be given."""
    return dataclasses.field(default=default, metadata={"kind": kind})


def quantity(unit: Unit, range: Range, help: str, default: Any = MISSING) -> Any:
    """Declare a dataclass field that holds a number with a unit; no default means that it must be given."""
    return field_of(Quantity(unit, range, help=help), default)


def choice(options: type[Enum], help: str, default: Enum) -> Any:
    """Declare a dataclass field that holds one of an enumeration's values."""
    return field_of(Choice(options, help=help), default)


def describe(cls: type) -> dict[str, dataclasses.Field[Any]]:
    """The declared fields of a dataclass, by name: its own first, then those it shares."""
    declared = {field.name: field for field in dataclasses.fields(cls) if "kind" in field.metadata}
    order = [key for base in cls.__mro__ for key in inspect.get_annotations(base) if key in declared]
    return {key: declared[key] for key in order}


def keys(cls: type) -> dict[str, Key]:
    """The keys of a dataclass's table, in order; a width is followed by its half width.

    Examples
    --------
    >>> from backaction.systems import SpinOscillator
    >>> keys(SpinOscillator)["linewidth_hwhm"].factor
    2.0
    """
    found: dict[str, Key] = {}
    for name, field in describe(cls).items():
        kind = field.metadata["kind"]
        found[name] = Key(name, name, kind, field.default)
        if isinstance(kind, Quantity) and kind.unit is Unit.FREQUENCY and name.endswith("linewidth"):
            half = f"{name}{HALF_WIDTH}"
            found[half] = Key(half, name, kind, field.default, 2.0)
    return found


def quantities(cls: type) -> dict[str, Quantity]:
    """The numeric fields of a dataclass, by name."""
    kinds = {key: field.metadata["kind"] for key, field in describe(cls).items()}
    return {key: kind for key, kind in kinds.items() if isinstance(kind, Quantity)}


def settle(owner: Any) -> list[str]:
    """Turn the declared fields of a new dataclass object into what they mean, and list what is wrong with them."""
    mistakes = []
    for key, field in describe(type(owner)).items():
        value = getattr(owner, key)
        if value is None and field.default is None:
            continue
        try:
            object.__setattr__(owner, key, field.metadata["kind"].take(value, key))
        except InvalidInput as error:
            mistakes.append(str(error))
    return mistakes


def refuse(mistakes: Sequence[str], whose: str = "") -> None:
    """Raise `InvalidInput` with all mistakes, if there are any."""
    if mistakes:
        raise InvalidInput((f"{whose}: " if whose else "") + "; ".join(mistakes))


def parameter(value: Any, kind: Quantity, key: str) -> Parameter:
    """Check one parameter, a number or an array, against its range; arrays become read-only.

    Examples
    --------
    >>> parameter(-1.0, Quantity(Unit.NUMBER, Range.FRACTION), "efficiency")
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
    >>> complaint(1.5, Quantity(Unit.NUMBER, Range.FRACTION))
    'must be between 0 and 1'
    """
    array = np.asarray(value, dtype=np.float64)
    if not kind.range.holds(array):
        return f"must be {kind.range.value}"
    largest = kind.unit.largest
    return f"must not exceed {largest:g}, which is beyond any physical value" if (abs(array) > largest).any() else None


def _as_array(value: Any) -> NDArray[Any] | None:
    try:
        return np.asarray(value)
    except (TypeError, ValueError):  # lists of unequal lengths
        return None
