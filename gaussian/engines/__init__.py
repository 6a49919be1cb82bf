"""Engines: who does the arithmetic of a large batch, behind the same functions.

NumPy and LAPACK are the reference and do everything.  With numba installed (extra `fast`), large batches of small
problems are done by compiled loops, `LANES` problems at a time (see `backaction.gaussian.engines.compilation`): the
same steps, the same error estimates, and whatever is not as good as it should be goes back to NumPy.

The choice depends on the number of problems and their size alone, never on what was computed before, so that a
calculation gives the same digits each time.  `using` makes it by hand.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from contextvars import ContextVar
from enum import Enum
from functools import lru_cache

from ..errors import InvalidInput

__all__ = ["Engine", "available", "compiled_pays", "using"]

LARGEST = 12
"""Rows of a drift up to which compiled loops over dense matrices beat LAPACK (measured)."""

PAYS = 30_000
"""Problems in a batch from which loading numba (one to two seconds; half a minute when first compiled) pays."""


class Engine(Enum):
    """Who does the arithmetic."""

    NUMPY = "numpy"
    NUMBA = "numba"


_CHOSEN: ContextVar[Engine | None] = ContextVar("engine", default=None)


@contextlib.contextmanager
def using(engine: Engine | None) -> Iterator[None]:
    """Choose the engine inside a `with` block; None leaves the choice to the number of problems.

    Raises
    ------
    InvalidInput
        numba is asked for and not installed.

    Examples
    --------
    >>> with using(Engine.NUMPY):
    ...     compiled_pays(1_000_000, 6)
    False
    """
    if engine is Engine.NUMBA and not available():
        raise InvalidInput("the engine numba is not installed: install backaction[fast]")
    token = _CHOSEN.set(engine)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether numba can be imported: one that is there may still refuse this NumPy. Asking takes a second."""
    try:
        importlib.import_module("numba")
    except ImportError:
        return False
    return True


def compiled_pays(count: int, size: int, largest: int = LARGEST) -> bool:
    """Whether a batch of `count` problems with `size` rows goes to the compiled engine, made for `largest` rows."""
    chosen = _CHOSEN.get()
    if chosen is Engine.NUMPY or not 0 < size <= largest or not count:
        return False
    return chosen is Engine.NUMBA or (count >= PAYS and available())
