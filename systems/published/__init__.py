"""Published experiments and proposals: parameters with their source, networks, and the papers' own formulas.

One module a paper.  Its parameters are `Published` records (value, unit, error bar, place in the paper); its
network is built from the library's components; its closed formulas stand in a module of their own, in the
paper's convention, and share no code with the state space: each is the other's oracle.
"""

from __future__ import annotations

from .record import Published

__all__ = ["Published"]
