"""Figures of the canonical systems: textbook networks, criteria, and the road from the hybrid of 2017 on."""

from __future__ import annotations

__all__: list[str] = []
