"""What follows from the numbers of one paper: statistics, tables and figures, one folder a paper.

The paper's parameters, network and formulas are physics and stand in `backaction.systems.published`; here is what
holds a paper against them.  A new paper adds one folder and changes nothing else: the catalogue of figures finds it.
"""

from __future__ import annotations

__all__: list[str] = []
