"""`backaction verify FILE`, between the command line and `verify`: the file's questions in, object and table out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from backaction.experiment import Experiment
from backaction.gaussian import InvalidInput

from .agreement import Comparison, Verdict
from .simulation import Simulator
from .verification import ROTATING_WAVE, Effort, Verification
from .verifier import verify

__all__ = [
    "EXIT_AGREES",
    "EXIT_DISAGREES",
    "EXIT_NOT_VERIFIED",
    "as_object",
    "exit_status",
    "parse_dimensions",
    "table",
    "verified",
]

EXIT_AGREES = 0
EXIT_DISAGREES = 1
EXIT_NOT_VERIFIED = 2
"""The network cannot be verified this way, or the truncations that fit do not resolve the comparison."""

SIMULATED_BY = {"own": "the library's own generator", "qutip": "QuTiP"}


def parse_dimensions(texts: Sequence[str]) -> dict[str, int]:
    """Read "NAME=N" of the option --fock.

    Examples
    --------
    >>> parse_dimensions(["spin=12", "membrane.cavity=4"])
    {'spin': 12, 'membrane.cavity': 4}
    """
    found = {}
    for text in texts:
        mode, equals, number = text.partition("=")
        if not equals or not number.strip().isdecimal() or int(number) < 3:
            raise InvalidInput(f"--fock {text}: the number of levels of a mode is NAME=N with N ≥ 3, such as spin=20")
        found[mode.strip()] = int(number)
    return found


def verified(
    experiment: Experiment,
    dimensions: Sequence[str],
    thorough: bool,
    engine: Simulator = Simulator.OWN,
    progress: Callable[[str], None] | None = None,
) -> Verification:
    """Verify what an experiment file describes: its detectors, its pairs.

    Raises
    ------
    InvalidInput, Unresolved, Unstable
        As `verify`.
    """
    effort = Effort.thorough() if thorough else Effort()
    return verify(
        experiment.network,
        experiment.detectors,
        pairs=experiment.pairs,
        fock=parse_dimensions(dimensions),
        effort=effort,
        engine=engine,
        progress=progress,
    )


def exit_status(found: Verification) -> int:
    """Exit status of `backaction verify`."""
    return {
        Verdict.AGREES: EXIT_AGREES,
        Verdict.DISAGREES: EXIT_DISAGREES,
        Verdict.UNRESOLVED: EXIT_NOT_VERIFIED,
    }[found.verdict]


def table(found: Verification) -> str:
    """The verification for people: one line for each comparison, its convergence below it."""
    rows = [("", "deviation", "uncertainty", "verdict", "largest basis")]
    rows += [_row(name, comparison) for name, comparison in found.comparisons.items()]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) for row in rows
    ]
    model = found.verified_model
    if found.verified_model == ROTATING_WAVE and found.distance is not None:
        shares = ", ".join(f"{key} {value:.3g}" for key, value in found.distance.items() if value is not None)
        model += f" damping; Gaussian distance from the model given: {shares}"
    head = [
        f"verified model: {model}",
        f"simulated by: {SIMULATED_BY[found.engine]}",
        f"modes: {', '.join(found.modes)}",
        "",
    ]
    convergence = [
        f"{name}: " + " → ".join(f"{entry.max_deviation:.1e} ({entry.states})" for entry in comparison.truncation)
        for name, comparison in found.comparisons.items()
        if comparison is not None
    ]
    tail = ["", "deviation (number states kept):", *(f"  {line}" for line in convergence), ""]
    closing = f"{found.verdict.value} ({found.seconds:.1f} s)"
    return "\n".join([*head, *(line.rstrip() for line in lines), *tail, found.note, closing])


def _row(name: str, comparison: Comparison | None) -> tuple[str, str, str, str, str]:
    if comparison is None:
        return name, "–", "–", "not asked for", ""
    last = comparison.truncation[-1]
    dimensions = "×".join(map(str, last.dimensions))
    return (
        name,
        f"{comparison.max_deviation:.1e}",
        f"{comparison.uncertainty:.1e}",
        comparison.verdict.value,
        f"{dimensions}, {last.states} states",
    )


def as_object(found: Verification, experiment: Experiment) -> dict[str, Any]:
    """The JSON object, with the file's title."""
    return {"title": experiment.title, **found.as_dict()}
