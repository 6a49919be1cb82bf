"""The table of criteria: what a report, a sweep and the explorer show of a state, each told once.

A criterion that has a row here is in the JSON of `run`, in every sweep and in the explorer, with its bound, unit,
symbol and words, and in the table of the documentation; how to write one: docs/extending/criterion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from .bipartite import (
    attempt_log_negativity,
    attempt_smallest_ppt_eigenvalue,
    log_negativity,
    smallest_ppt_eigenvalue,
)
from .bounds import DUAN, EPR, LOG_NEGATIVITY, PPT, STEERING, Bound
from .criterion import Attempt, Judgement
from .modes import attempt_occupation, attempt_purity, occupation, purity
from .pairs import attempt_duan_sum, attempt_epr_variance, duan_sum, epr_variance
from .steering import attempt_steering, steering

__all__ = ["CRITERIA", "DIRECTIONS", "Measure", "Subject", "measures"]

DIRECTIONS = ("first_to_second", "second_to_first")
"""Of a pair (a, b): what a does to b, and what b does to a."""


class Subject(Enum):
    """What a measure belongs to."""

    PAIR = "pair"
    MODE = "mode"
    STATE = "state"


@dataclass(frozen=True)
class Measure:
    """A row of the table.

    Attributes
    ----------
    key : str
        In JSON and in a sweep's variables.
    function : callable
        State and names of modes (two for a pair, one for a mode, none for all) → result, or an error.
    attempt : callable
        The same lane by lane.
    name, symbol : str
        For people.
    sentence : str
        What it says, in one sentence.
    bound : Bound, optional
        Where it proves entanglement; None for what proves nothing.
    unit : str
        "1", "nat", "quanta".
    subject : Subject
    directed : bool
        Whether a pair has it both ways (`DIRECTIONS`).
    swept : bool
        Whether sweeps keep it.
    details : dict
        JSON keys of further numbers of the result, and its attributes that hold them.
    """

    key: str
    function: Callable[..., Judgement]
    attempt: Callable[..., Attempt]
    name: str
    symbol: str
    sentence: str
    bound: Bound | None = None
    unit: str = "1"
    subject: Subject = Subject.PAIR
    directed: bool = False
    swept: bool = True
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def proves(self) -> str:
        """The bound in words, "entangled < 1"; empty for what proves nothing."""
        return "" if self.bound is None else f"{'steers' if self.directed else 'entangled'} {self.bound}"

    def described(self) -> dict[str, Any]:
        """The row without its functions, for pages that show it.

        Examples
        --------
        >>> CRITERIA[0].described()["bound"]
        {'value': 0.0, 'below': False, 'decisive': False}
        """
        words = {key: getattr(self, key) for key in ("key", "name", "symbol", "sentence", "unit", "directed", "proves")}
        bound = None if self.bound is None else asdict(self.bound)
        return words | {"subject": self.subject.value, "bound": bound}


CRITERIA: tuple[Measure, ...] = (
    Measure(
        key="log_negativity",
        function=log_negativity,
        attempt=attempt_log_negativity,
        name="logarithmic negativity",
        symbol="E_N",
        sentence="max(0, −ln 2ν), ν of the partial transpose. Two modes are entangled if and only if it is above 0; a "
        "two-mode squeezed vacuum has 2r.",
        bound=LOG_NEGATIVITY,
        unit="nat",
    ),
    Measure(
        key="ppt_symplectic_eigenvalue",
        function=smallest_ppt_eigenvalue,
        attempt=attempt_smallest_ppt_eigenvalue,
        name="smallest symplectic eigenvalue of the partial transpose",
        symbol="ν",
        sentence="Two modes are entangled if and only if it is below ½.",
        bound=PPT,
    ),
    Measure(
        key="duan_sum",
        function=duan_sum,
        attempt=attempt_duan_sum,
        name="Duan sum",
        symbol="Δ",
        sentence="½[Var(X₁ − X₂′) + Var(P₁ + P₂′)] with the best phase. Less than 1 proves entanglement, more proves "
        "nothing.",
        bound=DUAN,
    ),
    Measure(
        key="epr_variance",
        function=epr_variance,
        attempt=attempt_epr_variance,
        name="EPR variance with optimal gain",
        symbol="Δ_g",
        sentence="[Var(X₁ + gX₂′) + Var(P₁ − gP₂′)]/(1 + g²) with the best gain g and phase. Two vacua have 1; less "
        "proves entanglement, more proves nothing.",
        bound=EPR,
        details={"epr_gain": "gain", "epr_phase": "phase"},
    ),
    Measure(
        key="steering",
        function=steering,
        attempt=attempt_steering,
        name="Gaussian steering",
        symbol="G",
        sentence="One mode's measurements contradict a local quantum state of the other. It is stronger than "
        "entanglement, and one-way.",
        bound=STEERING,
        unit="nat",
        directed=True,
        swept=False,
    ),
    Measure(
        key="occupation",
        function=occupation,
        attempt=attempt_occupation,
        name="occupation",
        symbol="n",
        sentence="Quanta of the fluctuations, (V_xx + V_pp − 1)/2.",
        unit="quanta",
        subject=Subject.MODE,
        swept=False,
    ),
    Measure(
        key="purity",
        function=purity,
        attempt=attempt_purity,
        name="purity of all modes",
        symbol="μ",
        sentence="1/√det 2V: 1 for a pure state.",
        subject=Subject.STATE,
        swept=False,
    ),
)
"""Every measure that is shown of a state, in the order in which it is shown."""


def measures(subject: Subject) -> tuple[Measure, ...]:
    """The rows that belong to pairs, modes or states.

    Examples
    --------
    >>> [row.key for row in measures(Subject.STATE)]
    ['purity']
    """
    return tuple(row for row in CRITERIA if row.subject is subject)
