"""The figure of Vitali et al. 2007: a module each, named as on the command line."""

from __future__ import annotations

__all__: list[str] = []
