"""When do two numbers agree? A Gaussian one and its values in ever larger truncations.

The values of successive truncations tell by themselves how far the last one still is from its limit: they change by
less and less. The Gaussian value is not needed for that, so that agreement is a finding. Three answers are possible:
the two agree within what the truncations demonstrate; they differ by more; or the truncations do not demonstrate enough
to say ("not resolved"), which is no disagreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .basis import Basis

__all__ = ["Comparison", "Truncated", "Verdict", "compare", "joint"]

SAFETY = 2.0
"""Uncertainties by which values may differ and still agree."""

SMALLEST_RATIO = 1 / 30
"""A change that is smaller than this part of the one before may be an accident, and is not counted upon."""

SMALLEST_REST = 0.3
"""What is left to come, in units of the last change, is not assumed to be less."""

SOLVER = 2e-8
"""Relative error of the solvers, which no truncation shows (residual 1e-10, times the ratio of fast to slow rates)."""

RESOLUTION = 0.02
"""Uncertainty beyond which a comparison says nothing: a factor of two would just be seen."""


class Verdict(Enum):
    """What a comparison found."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    UNRESOLVED = "not resolved"


@dataclass(frozen=True)
class Truncated:
    """One entry of a truncation record: dimensions, number states kept, and the deviation from the Gaussian value."""

    dimensions: tuple[int, ...]
    states: int
    max_deviation: float


@dataclass(frozen=True)
class Comparison:
    """A Gaussian result held against Fock space.

    Attributes
    ----------
    max_deviation : float
        Largest |Fock − Gaussian| in the largest basis, relative to the scale (√(V_ii V_jj) for covariances).
    uncertainty : float
        How far the value in the largest basis can be from its limit, from the changes between bases.
    truncation : tuple of Truncated
        The record, smallest basis first.
    verdict : Verdict
    details : dict
        What else belongs to the quantity.
    """

    max_deviation: float
    uncertainty: float
    truncation: tuple[Truncated, ...]
    verdict: Verdict
    details: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        record = [
            {"dimensions": list(entry.dimensions), "states": entry.states, "max_deviation": entry.max_deviation}
            for entry in self.truncation
        ]
        return {
            "max_deviation": self.max_deviation,
            "uncertainty": self.uncertainty,
            "verdict": self.verdict.value,
            "truncation": record,
            **self.details,
        }


def compare(
    gaussian: ArrayLike,
    values: Sequence[ArrayLike],
    bases: Sequence[Basis],
    scale: ArrayLike = 1.0,
    details: dict[str, Any] | None = None,
) -> Comparison:
    """Compare a Gaussian value (of any shape) with those of at least two bases, smallest first.

    Notes
    -----
    With the last two changes c₁, c₂ and q = c₂/c₁, what is left of a geometric series is c₂ q/(1 − q). It is taken as
    0.3 c₂ at least, as 0.6 c₂ if some mode has only one level more than before, and as c₂ if that is all that any has:
    two-quanta couplings make even and odd dimensions converge by turns. Values are said to disagree if they differ by
    more than twice that and the solvers' error.

    Examples
    --------
    >>> bases = [Basis([n]) for n in (4, 6, 8)]
    >>> compare(1.0, [0.9, 0.99, 0.999], bases).verdict, compare(1.1, [0.9, 0.99, 0.999], bases).verdict
    (<Verdict.AGREES: 'agrees'>, <Verdict.DISAGREES: 'disagrees'>)
    """
    target, unit = np.asarray(gaussian, dtype=np.float64), np.asarray(scale, dtype=np.float64)
    arrays = [np.asarray(value, dtype=np.float64) for value in values]
    deviations = [float(np.max(np.abs(value - target) / unit, initial=0.0)) for value in arrays]
    changes = [float(np.max(np.abs(b - a) / unit, initial=0.0)) for a, b in pairwise(arrays)]
    uncertainty = SOLVER + _remainder(changes, _least_rest(bases))
    record = tuple(
        Truncated(basis.dimensions, basis.size, deviation) for basis, deviation in zip(bases, deviations, strict=True)
    )
    if deviations[-1] > SAFETY * uncertainty:
        verdict = Verdict.DISAGREES
    else:
        verdict = Verdict.UNRESOLVED if uncertainty > RESOLUTION else Verdict.AGREES
    return Comparison(deviations[-1], uncertainty, record, verdict, details or {})


def joint(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict of several: any disagreement counts, then anything that was not resolved."""
    for worst in (Verdict.DISAGREES, Verdict.UNRESOLVED):
        if worst in verdicts:
            return worst
    return Verdict.AGREES


def _least_rest(bases: Sequence[Basis]) -> float:
    """What is left to come at least, in units of the last change."""
    growth = [
        b - a
        for basis, larger in pairwise(bases[-2:])
        for a, b in zip(basis.dimensions, larger.dimensions, strict=True)
    ]
    if not growth or max(growth) < 2:
        return 1.0
    return SMALLEST_REST if min(growth) > 1 else 2 * SMALLEST_REST


def _remainder(changes: Sequence[float], least: float) -> float:
    """What is left of a series after its last change."""
    if not changes:
        return float("inf")
    last = changes[-1]
    if len(changes) < 2 or changes[-2] == 0:
        return last
    last = max(last, SMALLEST_RATIO * changes[-2])
    ratio = last / changes[-2]
    # A series that does not fall has demonstrated nothing: ten changes is a guess that mostly ends as "not resolved".
    return last * min(max(ratio / (1 - ratio), least), 10.0) if ratio < 1 else 10.0 * last
