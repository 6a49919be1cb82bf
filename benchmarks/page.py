"""The page of the documentation, from the file that a run has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["page"]


def page(result: Mapping[str, Any]) -> str:
    """A page in MyST text."""
    machine = result["machine"]
    parts = [
        "# How fast, how accurate",
        "This page is made from one run of `python -m benchmarks`: the project and its peers on the same problems, run "
        "in turn with one BLAS thread. Times are medians of CPU time in µs a problem and move with the machine's load; "
        "the ratios are what to read.",
        f"backaction {result['version']}, Python {machine['python']}, NumPy {machine['numpy']}, "
        f"SciPy {machine['scipy']}, numba {machine['numba'] or 'not installed'}; {machine['processor']}, "
        f"{machine['cores']} cores, load {machine['load']:.1f} at the start.",
        *([result["note"]] if "note" in result else []),
        "## Figures of merit",
        _table(
            ["figure", "asked", "measured", ""],
            [
                [m["name"], m["target"], f"{m['measured']:.3g}", "yes" if m["reached"] else "no"]
                for m in result["merit"]
            ],
        ),
        "## End to end",
        "Parameters on a square grid to the logarithmic negativity of a spin and a membrane: public functions with all "
        "checks and error estimates, against a loop over hand-written matrices, SciPy's solver and the closed formula"
        + (", and the QOM toolbox with the same matrices." if result["qom"] else "."),
        _comparison(result["end_to_end"], ("points",)),
        "## Lyapunov equations",
        "Systems of high quality (γ 2π·0.05 Hz, Ω 2π·1.28 MHz, κ 2π·10 MHz); ours with an error estimate each.",
        _comparison(result["lyapunov"], ("n", "batch")),
        "## Riccati equations",
        _comparison(result["riccati"], ("n", "batch")),
        *(
            [
                "The same at strong readout: up to four times the frequencies, linewidths from 1 mHz at 1 MHz.",
                _comparison(result["strong_readout"], ("n", "batch")),
            ]
            if "strong_readout" in result
            else []
        ),
        "## Spectra of one row",
        "Ours is a whole noise budget.",
        _comparison(result["spectra"], ("n", "frequencies")),
        "## Logarithmic negativity of two modes",
        _comparison(result["criteria"], ("batch",)),
        "## One call at a time",
        _comparison(result["single_calls"], ("n",)),
        "## True errors",
        "Largest max |δV_ij|/√(V_ii V_jj) against fifty digits, and the share of systems whose error is at most three "
        "times the estimate.",
        _table(
            ["set", "solver", "largest error", "largest estimate", "covered"],
            [
                [
                    row["set"],
                    name,
                    f"{solver['largest_error']:.1e}",
                    f"{solver['largest_estimate']:.1e}" if "largest_estimate" in solver else "none",
                    f"{solver['covered_within_3']:.0%}" if "covered_within_3" in solver else "",
                ]
                for row in result["accuracy"]
                for name, solver in row["solvers"].items()
            ],
        ),
    ]
    if result.get("growth"):
        parts += [
            "## Sweeps into a store",
            "All criteria with their uncertainties, wall time and peak memory of the process.",
            _table(
                ["points", "seconds", "peak MiB", "store"],
                [
                    [row["points"], f"{row['seconds']:.2f}", f"{row['peak_mib']:.0f}", row["store"]]
                    for row in result["growth"]
                ],
            ),
        ]
    if result.get("cores"):
        cores = result["cores"]
        parts.append(
            f"Conditional sweeps of {cores['points']} points take {cores['seconds']['serial']:.1f} s on one core and "
            f"{cores['seconds']['process:2']:.1f} s with two worker processes (load of the machine: "
            f"{cores['load']:.1f})."
        )
    imports = ", ".join(f"`{name}` {cost:.0f}" for name, cost in result["import_ms"].items())
    parts += ["## Import", f"CPU milliseconds over a bare interpreter: {imports}."]
    return "\n\n".join(parts) + "\n"


def _comparison(rows: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row["microseconds"]))
    body = [
        [str(row[label]) for label in labels]
        + [
            f"{row['microseconds'][name]:.3g} (×{row['ratio'][name]:.3g})" if name in row["microseconds"] else "–"
            for name in names
        ]
        for row in rows
    ]
    return _table([*labels, *names], body)


def _table(head: Sequence[str], body: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
