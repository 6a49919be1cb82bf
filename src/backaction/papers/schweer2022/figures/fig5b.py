"""Schweer et al. 2022, Fig. 5b: more down conversion than beam splitter, g_r = −0.2 (unstable), in both orders.

As Fig. 5a.  The ancilla is unstable at every power that matters
(`backaction.systems.published.schweer2022.stability`): the curves are the formula in the frequency domain, not a
measurement.  They are drawn as "formal", beside the best *stable* power.
"""

from __future__ import annotations

from backaction.figures.data import Dataset

from .fig5a import compute_mismatch, draw, numbers

__all__ = ["compute", "draw", "numbers"]


def compute(quick: bool) -> Dataset:
    """Relative mismatch −0.2, where the ancilla has no stationary state."""
    return compute_mismatch(-0.2, quick)
