"""Møller et al. 2017: what the printed numbers say about what is not printed, and every number recomputed.

`areas` makes the eight areas quick to evaluate; `inference`, `likelihood` and `posterior` (on a `grid`) derive Γ_S and
n_S from them; `allowed` is the set over which bands are drawn; `numbers`, `hybrid_numbers` and `bench` are the rows of
the table of computed against printed numbers.  `figures` draws, with `curves` in common.  All of it may be used; the
published numbers themselves are in `backaction.systems.published.moller2017`.
"""

from __future__ import annotations

__all__: list[str] = []
