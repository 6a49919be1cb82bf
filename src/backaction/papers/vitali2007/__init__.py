"""Vitali et al. 2007: the figure of stationary entanglement against detuning and temperature."""

from __future__ import annotations

__all__: list[str] = []
