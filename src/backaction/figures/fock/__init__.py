"""Figures of what Fock space says: agreement with the Gaussian results, and where these end."""

from __future__ import annotations

__all__: list[str] = []
