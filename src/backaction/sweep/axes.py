"""Axes of a sweep: one parameter of the network or of a detector, and the values it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name
from backaction.systems.fields import Quantity, complaint, describe, quantities
from backaction.systems.units import Hz, Unit, parse

from ..experiment import DetectorSpec
from ..tables import HALF_WIDTH
from .study import DETECTOR, Study

__all__ = ["Axis", "as_axes", "parse_axis"]

SYMBOLS = {
    Unit.FREQUENCY: ("Hz", Hz),
    Unit.TEMPERATURE: ("K", 1.0),
    Unit.ANGLE: ("rad", 1.0),
    Unit.DECIBEL: ("dB", 1.0),
    Unit.NUMBER: ("1", 1.0),
}
"""How a coordinate is written: its unit, and what one of it is inside the library."""

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
        In the units of the library (rad/s).
    coordinate : array, shape (points,)
        The same as the file writes them: frequencies in Hz, half widths as half widths.
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
    _, _, quantity = _look_up(address, study)
    try:
        start, stop = (parse(_number(part, quantity.unit), quantity.unit) for part in parts[:2])
        values = _spaced(start, stop, _points(parts[2]), log=len(parts) == 4)
    except InvalidInput as error:
        raise InvalidInput(f"axis {address}: {error}") from None
    return _axis(address, values, study)


def as_axes(given: Sequence[Axis] | Mapping[str, ArrayLike], study: Study) -> tuple[Axis, ...]:
    """Axes from a mapping of addresses to values in the units of the library, checked together.

    Raises
    ------
    InvalidInput
        No axis, one parameter on two axes, alternative parameters on two axes, or what `parse_axis` refuses.
    """
    if isinstance(given, Mapping):
        axes = tuple(_axis(address, _values(address, values), study) for address, values in given.items())
    else:
        axes = tuple(given)
    if not axes:
        raise InvalidInput(f"a sweep needs at least one axis: {FORM}")
    targets = [axis.parameter for axis in axes]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise InvalidInput(f"{', '.join(twice)} stands on more than one axis; each axis needs a parameter of its own")
    study.at({axis.parameter: axis.values[0] for axis in axes})  # alternative keys contradict each other here
    return axes


def _axis(address: str, values: FloatArray, study: Study) -> Axis:
    parameter, factor, quantity = _look_up(address, study)
    unit, size = SYMBOLS[quantity.unit]
    problem = complaint(factor * values, quantity)
    if problem:
        lowest, highest = values.min() / size, values.max() / size
        raise InvalidInput(f"axis {address}: {problem}; its values reach from {lowest:.6g} to {highest:.6g} {unit}")
    described = f"half of {quantity.help}" if factor != 1.0 else quantity.help
    return Axis(address, parameter, factor * values, values / size, unit, described)


def _look_up(address: str, study: Study) -> tuple[str, float, Quantity]:
    """The parameter that an address means, the factor (2 for a half width), and its grammar."""
    known: dict[str, tuple[str, float, Quantity]] = {}
    other: list[str] = []
    tables: list[tuple[str, type]] = [(f"{DETECTOR}{i}", DetectorSpec) for i in range(len(study.detectors))]
    parts = zip(study.network.names, study.network.components, strict=True)
    for name, cls in [(name, type(part)) for name, part in parts] + tables:
        for key, quantity in quantities(cls).items():
            known[f"{name}.{key}"] = (f"{name}.{key}", 1.0, quantity)
            if key.endswith("linewidth"):
                known[f"{name}.{key}{HALF_WIDTH}"] = (f"{name}.{key}", 2.0, quantity)
        other += [f"{name}.{key}" for key in describe(cls) if key not in quantities(cls)]
    if address in other:
        raise InvalidInput(f"axis {address}: is a choice, not a number; make one sweep for each value")
    if address not in known:
        raise unknown_name(address, known, "parameter")
    return known[address]


def _number(text: str, unit: Unit) -> object:
    """A bare number is a number; everything else is a text with a unit."""
    if unit in (Unit.NUMBER, Unit.ANGLE):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _points(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_POINTS:
        raise InvalidInput(f"the number of points is a whole number from 1 to {MOST_POINTS}, got {text!r}")
    return int(text)


def _spaced(start: float, stop: float, points: int, log: bool) -> FloatArray:
    if not log:
        return np.linspace(start, stop, points)
    if not start * math.copysign(1.0, stop) > 0 or not stop * math.copysign(1.0, start) > 0:
        raise InvalidInput("logarithmic spacing needs START and STOP of one sign, neither of them 0")
    return np.asarray(np.geomspace(start, stop, points))


def _values(address: str, given: ArrayLike) -> FloatArray:
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.zeros((0, 0))
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise InvalidInput(f"axis {address}: the values are a list of one or more finite numbers, got {given!r}")
    return values
