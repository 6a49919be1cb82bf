"""From the laboratory's numbers to the rates: powers, mirrors, masses, atoms and fields in, components out."""

from __future__ import annotations

__all__: list[str] = []
