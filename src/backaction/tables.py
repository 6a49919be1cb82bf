"""Tables of an experiment file, read against the declared fields of dataclasses; every problem goes to `Mistakes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING
from typing import Any

from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.systems.grammar import describe, keys

__all__ = ["Mistakes", "as_table", "check_keys", "read_fields"]


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
    """The values of a dataclass's declared fields (`backaction.systems.grammar`) from a table, for its constructor.

    Parameters
    ----------
    cls : type
    entry : mapping
        The table.
    place : str
        Where the table stands, for the texts of mistakes.
    mistakes : Mistakes
        Takes every problem.
    more : sequence of str
        Keys of the table that the caller reads.

    Returns
    -------
    dict
        Every good value as the file has it, a half width as the full one; the constructor takes both.
    """
    known = keys(cls)
    check_keys(entry, (*more, *known), place, mistakes)
    values: dict[str, Any] = {}
    for field in describe(cls):
        ways = [key for key in known.values() if key.field == field]
        used = [key for key in ways if key.name in entry]
        if len(used) > 1:
            mistakes.add(place, f"give {' or '.join(key.name for key in ways)}, not both")
        elif used:
            raw = entry[used[0].name]
            try:
                value = used[0].read(raw)
                values[field] = raw if used[0].factor == 1.0 else value
            except InvalidInput as error:
                mistakes.add(f"{place}.{used[0].name}", error)
        elif ways[0].default is MISSING:
            also = "".join(f" (or {key.name!r})" for key in ways[1:])
            mistakes.add(place, f"the key {field!r}{also} is missing: {ways[0].help}")
    return values
