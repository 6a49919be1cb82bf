"""The figures of merit, read from a run: what was asked, what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["figures_of_merit"]


def figures_of_merit(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Name, target, measured value, and whether it is reached; figures of parts that did not run are left out."""
    found: list[dict[str, Any]] = []

    def add(name: str, target: float, measured: float | None, at_most: bool = False) -> None:
        if measured is not None:
            reached = measured <= target if at_most else measured >= target
            sign = "≤" if at_most else "≥"
            found.append({"name": name, "target": f"{sign} {target:g}", "measured": measured, "reached": reached})

    whole = result["end_to_end"][-1]
    add("end to end, numba, times faster than the SciPy loop", 100, whole["ratio"].get("numba"))
    add("end to end, NumPy alone, times faster than the SciPy loop", 15, whole["ratio"]["numpy"])
    for size, target in ((4, 100), (6, 30)):
        best = _largest(result["riccati"], n=size)
        add(f"conditional states, n = {size}, times faster than SciPy's solver", target, best.get("numba"))
    for size, target in ((4, 150), (6, 60), (8, 15)):
        best = _largest(result["lyapunov"], n=size)
        add(f"Lyapunov, n = {size}, numba, times faster than SciPy's solver", target, best.get("numba"))
    for entry in result["spectra"][:1]:
        times = entry["microseconds"]
        add("spectrum of one row, n = 6, times faster than a solve loop", 100, entry["ratio"]["project"])
        if "python-control" in times:
            add("… than python-control", 10, times["python-control"] / times["project"])
    for entry in result["single_calls"]:
        times = entry["microseconds"]
        cost = times["solve_lyapunov"] / times["SciPy solver"]
        add(f"one Lyapunov equation, n = {entry['n']}, times the cost of SciPy's solver", 3, cost, at_most=True)
        cost = times["steady_state"] / times["SciPy solver"]
        add(f"one steady state, n = {entry['n']}, times the cost of SciPy's solver", 3, cost, at_most=True)
    for entry in result["accuracy"]:
        if entry["set"] == "high quality":
            for name, solver in entry["solvers"].items():
                if name != "SciPy":
                    add(f"true error, high quality, {name}", 1e-11, solver["largest_error"], at_most=True)
                    add(f"share of errors that the estimate covers, {name}", 0.99, solver["covered_within_3"])
    if result.get("cores"):
        add("a sweep on two cores, times faster than on one", 1.7, result["cores"]["ratio"])
    if result.get("growth"):
        peaks = [entry["peak_mib"] for entry in result["growth"]]
        add("peak memory of the largest sweep, MiB", 1024, peaks[-1], at_most=True)
        if len(peaks) > 1:
            # all blocks are full from here on; the coordinates and the list of blocks are all that grows
            add(
                "peak memory of the largest sweep over that of the one before",
                1.25,
                peaks[-1] / peaks[-2],
                at_most=True,
            )
    return found


def _largest(rows: Sequence[Mapping[str, Any]], **labels: Any) -> Mapping[str, float]:
    """The ratios of the largest batch."""
    chosen = [row for row in rows if all(row[key] == value for key, value in labels.items())]
    ratios: Mapping[str, float] = chosen[-1]["ratio"] if chosen else {}
    return ratios
