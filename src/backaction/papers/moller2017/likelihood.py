"""The data of Møller et al. 2017 that bear on Γ_S and n_S, and how far a model is from them.

For each column: the three area ratios of the hybrid with a printed error bar, and the split of the membrane's own area.
The two printed thermal ratios follow from these, so that they are not counted twice.  Then C_q^S, and the reduction of
the classical back action.

The errors are taken as independent.  The text says that the calibration of the cooperativities dominates those of the
back actions, which ties the two masses of a column together; by how much is not printed.
"""

from __future__ import annotations

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS

from .areas import RATIOS, ModelAreas, ratios_to_membrane

__all__ = ["CLASSICAL_REDUCTION", "LINK_BAR", "SPLIT_BAR", "chi_square"]

CLASSICAL_REDUCTION = (0.60, 0.05)
"""Main text, p. 5; the error bar is assigned: that of the reductions beside it."""
LINK_BAR = 0.03
"""Of η1: "these values vary within a few percentage points from experiment to experiment" (SI-C)."""
SPLIT_BAR = 0.12
"""Relative, of the membrane's back action over its bath: that of C_q^M = 2.5 ± 0.3."""


def chi_square(
    column: str, areas: dict[int, ModelAreas], reduction: FloatArray | None, cooperativity: FloatArray | None
) -> FloatArray:
    """Sum of squared deviations, in error bars, of one column's data.

    Parameters
    ----------
    column : str
        Of Table I.
    areas : dict of int to ModelAreas
        By the mass: −1, 1, and 0 for the membrane alone.
    reduction, cooperativity : array or None
        The model's classical reduction and C_q^S; None leaves the datum out.
    """
    table = COLUMNS[column]
    alone = areas[0]
    ratios = np.moveaxis(ratios_to_membrane(areas), -1, 0)
    square = np.zeros(())
    for ratio, record in zip(ratios, (table.areas.ratios[name] for name in RATIOS), strict=True):
        if record.uncertainty is not None:
            square = square + ((ratio - record.value) / record.uncertainty) ** 2
    printed = table.areas.back_action_membrane.value / table.areas.thermal_membrane.value
    split = alone.back_action / alone.membrane
    square = square + ((split / printed - 1) / SPLIT_BAR) ** 2
    if reduction is not None:
        value, bar = CLASSICAL_REDUCTION
        square = square + ((reduction - value) / bar) ** 2
    if cooperativity is not None:
        record = table.spin_cooperativity
        square = square + ((cooperativity - record.value) / (record.uncertainty or np.inf)) ** 2
    return np.asarray(square)
