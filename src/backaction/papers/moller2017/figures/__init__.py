"""The figures of Møller et al. 2017, a module each, named as in the paper."""

from __future__ import annotations

__all__: list[str] = []
