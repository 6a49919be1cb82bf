"""Schweer et al. (2022): a force sensor whose back action an all-optical oscillator of negative mass cancels.

`networks` has Tables I and II and the networks that they make; `matrices` is the paper's own matrix model; `formulas`,
`losses`, `lossy_cascade`, `imperfections`, `outputs`, `stability`, `thermal` and `hardware` are its closed forms, with
their misprints mended, in the paper's convention.  The names below are for use; the optimiser and the figures are in
`backaction.papers.schweer2022`.
"""

from __future__ import annotations

from .matrices import CascadeParameters, Order
from .networks import REDUCTION, RESONANCE, TABLE_I, TABLE_II, cascade, ideal, integrated, table_ii

__all__ = [
    "REDUCTION",
    "RESONANCE",
    "TABLE_I",
    "TABLE_II",
    "CascadeParameters",
    "Order",
    "cascade",
    "ideal",
    "integrated",
    "table_ii",
]
