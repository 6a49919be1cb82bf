"""Published experiments and proposals: parameters with their source, networks, and the papers' own formulas.

One package a paper.  Its parameters are `Published` records (value, unit, error bar, place in the paper); its network
is built from the library's components; its closed formulas stand in modules of their own, in the paper's convention,
and share no code with the state space: each is the other's oracle.  What follows from the numbers of one paper
(posteriors, tables, figures) is in `backaction.papers`.
"""

from __future__ import annotations

from .former import install
from .record import Published

__all__ = ["Published"]

install()
