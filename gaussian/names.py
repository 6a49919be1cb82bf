"""Names of modes and ports, and their look-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidInput, unknown_name

__all__ = ["as_names", "default_names", "indices", "quadratures"]


def default_names(count: int, stem: str) -> tuple[str, ...]:
    """Names for things that were given none: stem0, stem1 and so on."""
    return tuple(f"{stem}{i}" for i in range(count))


def as_names(names: Iterable[str], kind: str) -> tuple[str, ...]:
    """Check that names are texts and unique.

    Examples
    --------
    >>> as_names(["spin", "membrane"], "mode")
    ('spin', 'membrane')
    """
    if isinstance(names, str):
        raise InvalidInput(f"{kind} names must be a sequence of texts, not the single text {names!r}")
    try:
        checked = tuple(names)
    except TypeError:
        raise InvalidInput(f"{kind} names must be a sequence of texts, got {names!r}") from None
    if not all(isinstance(name, str) and name for name in checked):
        raise InvalidInput(f"{kind} names must be non-empty texts, got {checked!r}")
    twice = sorted({name for name in checked if checked.count(name) > 1})
    if twice:
        raise InvalidInput(f"{kind} names must be unique, but {', '.join(map(repr, twice))} came more than once")
    return checked


def indices(wanted: str | Sequence[str], known: Sequence[str], kind: str) -> list[int]:
    """Positions of one name or several among the known ones."""
    names = (wanted,) if isinstance(wanted, str) else as_names(wanted, kind)
    for name in names:
        if name not in known:
            raise unknown_name(name, known, kind)
    return [known.index(name) for name in names]


def quadratures(wanted: str | Sequence[str], known: Sequence[str], kind: str = "mode") -> NDArray[np.intp]:
    """Row numbers of the x and p quadratures of the named modes or ports.

    Examples
    --------
    >>> quadratures("membrane", ["spin", "membrane"])
    array([2, 3])
    """
    positions = np.asarray(indices(wanted, known, kind), dtype=np.intp)
    return np.stack([2 * positions, 2 * positions + 1], axis=-1).reshape(-1)
