"""Where a criterion proves entanglement, and what a range of its values says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "DUAN",
    "EPR",
    "GENUINE",
    "LOG_NEGATIVITY",
    "MEASURE",
    "PPT",
    "REID",
    "SIMON",
    "STEERING",
    "Bound",
    "Verdict",
    "verdict_of",
]


class Verdict(Enum):
    """What a band of a criterion says."""

    ENTANGLED = "entangled"
    SEPARABLE = "separable"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Bound:
    """Where a criterion proves entanglement.

    Parameters
    ----------
    value : float
        The bound of separable states.
    below : bool
        Whether entangled states lie below it (else above).
    decisive : bool
        Whether the other side proves separability: only for necessary and sufficient criteria.
    """

    value: float
    below: bool = True
    decisive: bool = False

    def __str__(self) -> str:
        return f"{'<' if self.below else '>'} {self.value:g}"


PPT = Bound(0.5, decisive=True)
"""`smallest_ppt_eigenvalue`, decisive when one party has a single mode."""
SIMON = Bound(0.0, decisive=True)
"""`simon`."""
LOG_NEGATIVITY = Bound(0.0, below=False)
"""`log_negativity`: zero has no distance to the bound; use `PPT` to prove separability."""
MEASURE = LOG_NEGATIVITY
"""`contangle`, `entanglement_of_formation`: zero for separable states, as the log-negativity is."""
EPR = Bound(1.0)
"""`epr_variance`, `epr_variance_at`, `van_loock_furusawa`."""
DUAN = Bound(1.0)
"""`duan_sum`."""
REID = Bound(0.25)
"""`reid_product`: Heisenberg's Var x Var p of one mode; a smaller inferred one is the EPR paradox."""
STEERING = Bound(0.0, below=False)
"""`steering`."""
GENUINE = Bound(1.0)
"""`genuine_multipartite`: the verdict "entangled" then means genuinely so."""


def verdict_of(low: float, high: float, bound: Bound) -> Verdict:
    """What may be said of a criterion that lies between `low` and `high`.

    Examples
    --------
    >>> verdict_of(0.3, 0.4, Bound(0.5)), verdict_of(0.4, 0.6, Bound(0.5))
    (<Verdict.ENTANGLED: 'entangled'>, <Verdict.UNDETERMINED: 'undetermined'>)
    """
    entangled = high < bound.value if bound.below else low > bound.value
    separable = bound.decisive and (low >= bound.value if bound.below else high <= bound.value)
    return Verdict.ENTANGLED if entangled else Verdict.SEPARABLE if separable else Verdict.UNDETERMINED
