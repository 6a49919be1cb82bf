"""The explorer: a network, its sliders, and what follows from them, for a page in the browser."""

from __future__ import annotations

__all__: list[str] = []
