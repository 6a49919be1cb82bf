"""The errors of the library: what was asked, what came, why it matters, what to do.

All of them are `ValueError`, so that a caller who does not know the library can still catch them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BackactionError",
    "InvalidInput",
    "SuspiciousInput",
    "Unphysical",
    "Unresolved",
    "Unstable",
    "unknown_name",
]


class BackactionError(ValueError):
    """Base class of every error that this library raises on purpose."""


class InvalidInput(BackactionError):
    """An argument has the wrong shape, unit, range or name; the text says which, and what to give instead."""


class SuspiciousInput(UserWarning):
    """A value that is allowed and looks like a slip, such as an angle of 90 without a unit, which is 90 rad."""


class Unstable(BackactionError):
    """No stationary state exists; `eigenvalue` (rad/s) is the growing pole, `mode` the mode that grows."""

    def __init__(self, message: str, eigenvalue: complex, mode: str | None = None) -> None:
        super().__init__(message)
        self.eigenvalue = eigenvalue
        self.mode = mode


class Unphysical(BackactionError):
    """A covariance violates the uncertainty principle; `eigenvalue` is the offending one."""

    def __init__(self, message: str, eigenvalue: float) -> None:
        super().__init__(message)
        self.eigenvalue = eigenvalue


class Unresolved(BackactionError):
    """The number asked for lies below what double precision can hold; `uncertainty` says by how much."""

    def __init__(self, message: str, uncertainty: float) -> None:
        super().__init__(message)
        self.uncertainty = uncertainty


def unknown_name(asked: str, known: Iterable[str], kind: str) -> InvalidInput:
    """Return the error for a name that is not there, with the nearest ones.

    Examples
    --------
    >>> print(unknown_name("membrnae", ["spin", "membrane"], "mode"))
    there is no mode 'membrnae'; did you mean 'membrane'? The modes are: spin, membrane.
    """
    names = list(known)
    near = difflib.get_close_matches(asked, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    listing = f" The {kind}s are: {', '.join(names)}." if names else f" There are no {kind}s here."
    return InvalidInput(f"there is no {kind} {asked!r}{hint}{listing}")
