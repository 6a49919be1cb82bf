"""Møller et al. 2017: a measurement of motion that evades back action by a spin of negative mass.

Nature 547, 191.  `table` has the printed numbers (the two columns of Table I are `FIG3` and `FIG4`), `networks` turns
them into the library's components (`chain`, `network`) and into the parameters of the paper's convention
(`parameters`, `hybrid_parameters`); `formulas`, `approximations` and `calibration` are its closed formulas, corrected
by the errata.
The names below are for use; what the numbers imply (areas, posterior, figures) is in `backaction.papers.moller2017`.
"""

from __future__ import annotations

from .networks import FREE, PHYSICAL, Inference, LinkLoss, chain, matched_readout_rate, network, parameters
from .table import COLUMNS, FIG3, FIG4, Areas, Column

__all__ = [
    "COLUMNS",
    "FIG3",
    "FIG4",
    "FREE",
    "PHYSICAL",
    "Areas",
    "Column",
    "Inference",
    "LinkLoss",
    "chain",
    "matched_readout_rate",
    "network",
    "parameters",
]
