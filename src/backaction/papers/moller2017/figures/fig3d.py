"""Møller et al. 2017, Fig. 3d: the hybrid of positive mass by source."""

from __future__ import annotations

from backaction.figures.data import Dataset

from .fig3c import compute_pieces, draw, numbers

__all__ = ["compute", "draw", "numbers"]


def compute(quick: bool) -> Dataset:
    """As Fig. 3c, for the other sign of the mass."""
    return compute_pieces("positive", quick)
