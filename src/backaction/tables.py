"""Tables of an experiment file, read against the declared fields of dataclasses; every problem goes to `Mistakes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING
from typing import Any

from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.systems.fields import Choice, Quantity, complaint, describe
from backaction.systems.units import parse

__all__ = ["HALF_WIDTH", "Mistakes", "as_table", "check_keys", "read_fields"]

HALF_WIDTH = "_hwhm"
"""Ending of the alternative key of every `*linewidth`: the half width at half maximum."""


class Mistakes(list[str]):
    """Everything wrong with an input, each with the place where it stands."""

    def add(self, place: str, problem: object) -> None:
        """Note one mistake."""
        self.append(f"{place}: {problem}")

    def report(self) -> None:
        """Raise `InvalidInput` with all of them, if there are any."""
        distinct = list(dict.fromkeys(self))
        if len(distinct) == 1:
            raise InvalidInput(distinct[0])
        if distinct:
            raise InvalidInput(f"{len(distinct)} mistakes\n" + "\n".join(f"  - {mistake}" for mistake in distinct))


def as_table(value: Any, place: str, mistakes: Mistakes) -> Mapping[str, Any] | None:
    """The value, if it is a table."""
    if isinstance(value, dict):
        return value
    mistakes.add(place, f"must be a table, begun by [{place}]; got {value!r}")
    return None


def check_keys(table: Mapping[str, Any], known: Sequence[str], place: str, mistakes: Mistakes) -> None:
    """Note every key that is not known, with the nearest one that is."""
    for key in table:
        if key not in known:
            mistakes.add(place, unknown_name(str(key), known, "key"))


def read_fields(
    cls: type, entry: Mapping[str, Any], place: str, mistakes: Mistakes, more: Sequence[str] = ()
) -> dict[str, Any]:
    """The values of a dataclass's declared fields (`backaction.systems.fields`) from a table.

    Parameters
    ----------
    cls : type
    entry : mapping
        The table. A key that ends in `linewidth` has an alternative with `HALF_WIDTH`.
    place : str
        Where the table stands, for the texts of mistakes.
    mistakes : Mistakes
        Takes every problem.
    more : sequence of str
        Keys of the table that the caller reads.
    """
    known = describe(cls)
    halves = {f"{key}{HALF_WIDTH}": key for key in known if key.endswith("linewidth")}
    check_keys(entry, (*more, *known, *halves), place, mistakes)
    values: dict[str, Any] = {}
    for key, field in known.items():
        half = f"{key}{HALF_WIDTH}"
        if half in halves and key in entry and half in entry:
            mistakes.add(place, f"give {key} or {half}, not both")
            continue
        used = half if half in halves and half in entry else key
        if used not in entry:
            if field.default is MISSING:
                also = f" (or {half!r})" if half in halves else ""
                mistakes.add(place, f"the key {key!r}{also} is missing")
            continue
        try:
            value = _value(entry[used], field.metadata["kind"])
            values[key] = 2 * value if used == half else value
        except InvalidInput as error:
            mistakes.add(f"{place}.{used}", error)
    return values


def _value(raw: Any, kind: Quantity | Choice) -> Any:
    if isinstance(kind, Quantity):
        value = parse(raw, kind.unit)
        problem = complaint(value, kind)
        if problem:
            raise InvalidInput(f"{problem}, got {raw!r}")
        return value
    options = [option.value for option in kind.options]
    if raw in options:
        return kind.options(raw)
    raise (
        unknown_name(raw, options, "choice")
        if isinstance(raw, str)
        else InvalidInput(f"must be one of {', '.join(map(repr, options))}; got {raw!r}")
    )
