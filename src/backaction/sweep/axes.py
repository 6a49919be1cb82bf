"""Axes of a sweep: one parameter of the network or of a detector, and the values it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.systems.grammar import Key, Quantity
from backaction.systems.grammar.addresses import look_up
from backaction.systems.grammar.fields import complaint
from backaction.systems.grammar.grids import spaced
from backaction.systems.grammar.units import plain_number

from ..specs import tables
from .study import Study

__all__ = ["Axis", "as_axes", "parse_axis"]

FORM = "NAME.PARAMETER=START:STOP:POINTS, or …:POINTS:log"

MOST_POINTS = 10_000_000
"""Points of one axis beyond which the number is a slip of the pen: the axis itself would not fit a coordinate."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One dimension of a sweep.

    Attributes
    ----------
    address : str
        As it was asked for, "membrane.detuning" or "spin.linewidth_hwhm"; the name of the dimension.
    parameter : str
        The parameter that is set, "spin.linewidth".
    values : array, shape (points,)
        What the parameter is set to, in the units of the library (rad/s).
    coordinate : array, shape (points,)
        The same as it was typed, to the last digit: in the unit of the text without its prefix (5 kHz is 5000 Hz,
        90 deg is 90 deg), half widths as half widths. Of values given in Python: in Hz (W, K, …; angles in rad),
        rounded to the 15 digits that a double holds for certain, so that 5 * kHz is 5000 Hz.
    unit : str
        Of the coordinate.
    help : str
        What the parameter is.
    """

    address: str
    parameter: str
    values: FloatArray
    coordinate: FloatArray
    unit: str
    help: str


def parse_axis(text: str, study: Study) -> Axis:
    """Read an axis as the command line writes it, with the units of the experiment file.

    Parameters
    ----------
    text : str
        "membrane.detuning=-8 MHz:-1 MHz:101", "spin.readout_rate=1kHz:100kHz:50:log".
    study : Study
        What is swept, for its parameters and units.

    Raises
    ------
    InvalidInput
        A text that is no axis, an address that is no parameter (with the nearest one), a value out of its range.

    Examples
    --------
    >>> from backaction.systems import Loss, Rotation
    >>> parse_axis("loss.efficiency=0.5:1:3", Study(Loss(efficiency=0.5) >> Rotation(angle=0.0))).values
    array([0.5 , 0.75, 1.  ])
    """
    address, equals, rule = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in rule.split(":")]
    if not equals or len(parts) not in (3, 4) or parts[3:] not in ([], ["log"]):
        raise InvalidInput(f"an axis is {FORM}, such as membrane.detuning=-8MHz:-1MHz:101; got {text!r}")
    table, key, kind = _look_up(address, study)
    try:
        (start, unit), (stop, other) = (kind.unit.measure(_number(part, kind)) for part in parts[:2])
        if other != unit:  # one of them in other units, such as deg to rad
            stop = float(kind.unit.count(kind.unit.read(_number(parts[1], kind)), unit))
        typed = spaced(start, stop, _points(parts[2]), log=len(parts) == 4)
    except InvalidInput as error:
        raise InvalidInput(f"axis {address}: {error}") from None
    return _axis(address, table, key, typed, unit)


def as_axes(given: Sequence[Axis] | Mapping[str, ArrayLike], study: Study) -> tuple[Axis, ...]:
    """Axes from a mapping of addresses to values in the units of the library or texts with a unit, checked together.

    Raises
    ------
    InvalidInput
        No axis, one parameter on two axes, alternative parameters on two axes, or what `parse_axis` refuses.
    """
    if isinstance(given, Mapping):
        axes = tuple(_given(address, values, study) for address, values in given.items())
    else:
        axes = tuple(given)
    if not axes:
        raise InvalidInput(f"a sweep needs at least one axis: {FORM}")
    targets = [axis.parameter for axis in axes]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise InvalidInput(f"{', '.join(twice)} stands on more than one axis; each axis needs a parameter of its own")
    study.at({axis.parameter: axis.values[:1] for axis in axes})  # alternative keys contradict each other here
    return axes


def _given(address: str, given: ArrayLike, study: Study) -> Axis:
    """An axis of values in the units of the library, or of texts as a file has them."""
    table, key, kind = _look_up(address, study)
    unit = kind.unit.symbol
    if isinstance(given, list | tuple) and any(isinstance(value, str) for value in given):
        given = np.array([kind.take(value, f"axis {address}") for value in given])
    values = _values(address, given)
    counted = kind.unit.count(values)
    if len(np.unique(counted)) < len(np.unique(values)):  # they differ beyond the 15th digit
        counted = values / kind.unit.size(unit)
    return _axis(address, table, key, counted, unit)


def _axis(address: str, table: str, key: Key, coordinate: FloatArray, unit: str) -> Axis:
    kind = key.kind
    assert isinstance(kind, Quantity)
    values = key.factor * kind.unit.size(unit) * coordinate
    problem = complaint(values, kind)
    if problem:
        lowest, highest = coordinate.min(), coordinate.max()
        raise InvalidInput(f"axis {address}: {problem}; its values reach from {lowest:.6g} to {highest:.6g} {unit}")
    return Axis(address, f"{table}.{key.field}", values, coordinate, unit, key.help)


def _look_up(address: str, study: Study) -> tuple[str, Key, Quantity]:
    """The table, the key and the grammar of the parameter that an address means."""
    try:
        table, key = look_up(address, tables(study.network, study.detectors))
    except InvalidInput as error:
        raise InvalidInput(f"axis {address}: {error}") from None
    assert isinstance(key.kind, Quantity)
    return table, key, key.kind


def _number(text: str, kind: Quantity) -> object:
    """A bare number is a number, where it has a meaning; everything else is a text with a unit."""
    number = plain_number(text) if kind.unit.bare else None
    return text if number is None else number


def _points(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_POINTS:
        raise InvalidInput(f"the number of points is a whole number from 1 to {MOST_POINTS}, got {text!r}")
    return int(text)


def _values(address: str, given: ArrayLike) -> FloatArray:
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.zeros((0, 0))
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise InvalidInput(f"axis {address}: the values are a list of one or more finite numbers, got {given!r}")
    return values
