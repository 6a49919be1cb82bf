"""Interleaved medians."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Candidate = tuple[Callable[[], Any], int]
"""What is run, and how many problems that is."""


def interleaved(candidates: Mapping[str, Candidate], rounds: int) -> dict[str, float]:
    """Median CPU time of each candidate in µs a problem; one unmeasured round warms caches and compilers up."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for repetition in range(rounds + 1):
        for name, (run, count) in candidates.items():
            start = time.process_time()
            run()
            elapsed = time.process_time() - start
            if repetition:
                times[name].append(elapsed / count * 1e6)
    return {name: float(np.median(values)) for name, values in times.items()}


def row(candidates: Mapping[str, Candidate], rounds: int, reference: str, **labels: Any) -> dict[str, Any]:
    """One comparison: µs a problem, and how many times faster than the reference."""
    medians = interleaved(candidates, rounds)
    faster = {name: medians[reference] / value for name, value in medians.items()}
    return {**labels, "microseconds": medians, "times_faster_than": reference, "ratio": faster}
