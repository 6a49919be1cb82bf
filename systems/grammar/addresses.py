"""Addresses: where a value of an experiment stands, NAME.KEY, detector.N.KEY, report.KEY, report.spectrum.KEY.

The table is what stands before the last dot: the name of a component, "detector.0", "report.force".
"""

from __future__ import annotations

from collections.abc import Mapping

from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name

from .fields import Choice, Key, Quantity, keys

__all__ = ["REPORT", "detector_address", "detector_number", "look_up", "split_address"]

REPORT = ("report", "report.spectrum", "report.force")
"""Tables of what is asked; no component may be called "report" or "detector"."""

_DETECTOR = "detector"


def split_address(address: str) -> tuple[str, str]:
    """The table and the key of an address.

    Raises
    ------
    InvalidInput
        There is no dot.

    Examples
    --------
    >>> split_address("detector.0.angle")
    ('detector.0', 'angle')
    """
    table, dot, key = address.rpartition(".")
    if not dot:
        raise InvalidInput(
            f"the address {address!r} is not NAME.KEY, such as 'membrane.detuning', detector.N.KEY, "
            "report.spectrum.KEY or report.pairs"
        )
    return table, key


def detector_address(number: int) -> str:
    """The table of a detector; they are counted from 0."""
    return f"{_DETECTOR}.{number}"


def detector_number(table: str) -> int | None:
    """The number of the detector whose table it is; −1 if it is none of a number, None if it is no detector's table.

    Examples
    --------
    >>> detector_number("detector.12"), detector_number("detector.x"), detector_number("membrane")
    (12, -1, None)
    """
    head, _, number = table.partition(".")
    if head != _DETECTOR:
        return None
    return int(number) if number.isdecimal() and len(number) < 10 else -1


def look_up(address: str, tables: Mapping[str, type], half_widths: bool = True) -> tuple[str, Key]:
    """The table and the key of a quantity; a half width has its own key where `half_widths`.

    Parameters
    ----------
    address : str
    tables : mapping
        The dataclass that declares each table, {"membrane": OptomechanicalCavity, "detector.0": DetectorSpec}.

    Raises
    ------
    InvalidInput
        An address that is not there (with the nearest one), or that of a choice.
    """
    known = {f"{table}.{name}": (table, key) for table, cls in tables.items() for name, key in keys(cls).items()}
    if address in known and isinstance(known[address][1].kind, Choice):
        raise InvalidInput(f"{address} is a choice, not a number; take its values one by one")
    numbers = {
        text: found
        for text, found in known.items()
        if isinstance(found[1].kind, Quantity) and (half_widths or found[1].factor == 1.0)
    }
    if address not in numbers:
        raise unknown_name(address, numbers, "parameter")
    return numbers[address]
