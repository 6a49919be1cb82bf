"""Gradients: the pure functions of the core for JAX arrays, with implicit derivatives of their equations."""

from __future__ import annotations

__all__: list[str] = []
