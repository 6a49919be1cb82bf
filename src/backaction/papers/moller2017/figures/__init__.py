"""The figures of Møller et al. 2017, one module a theme; `curves` is what they share."""

from __future__ import annotations

__all__: list[str] = []
