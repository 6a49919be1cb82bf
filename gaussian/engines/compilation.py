"""What the compiled loops share: their compiler, and how many problems they do at a time.

A kernel is compiled by numba if it is there (extra `fast`) and is plain Python otherwise, which is slow and gives the
same numbers.  The modules of kernels are imported only when a batch is large enough to pay for loading numba.

The last axis of a kernel's arrays is the lane, one of `LANES` problems: every inner loop runs over lanes and becomes
vector instructions.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

__all__ = ["LANES", "compiled"]

LANES = 64
"""Lanes of a group: a multiple of every vector length, and the matrices of n = 6 stay in the first-level cache."""

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function compiled by numba and cached on disk, or itself where there is no numba."""
    try:
        import numba
    except ImportError:
        return function
    # numba's cache looks at the age of a function's own file, not at those of what it calls: their text is in the name
    function.__qualname__ = f"{function.__qualname__}_{_digest()}"
    fast: Function = cast(Any, numba).njit(cache=True, error_model="numpy", nogil=True)(function)
    return fast


@lru_cache(maxsize=1)
def _digest() -> str:
    """A checksum of all kernels."""
    texts = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return f"{zlib.crc32(b''.join(texts)):08x}"
