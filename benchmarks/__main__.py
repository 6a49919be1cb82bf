"""`python -m benchmarks --json OUT [--quick] [--page PAGE]`."""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))  # before NumPy

import argparse
import importlib.metadata
import json
import platform
import sys
from pathlib import Path
from typing import Any

from . import accuracy, end_to_end, kernels, qom
from .merit import figures_of_merit
from .page import page


def main() -> None:
    """Run everything, write the file, and the page if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", metavar="OUT", help="file for the result")
    parser.add_argument("--quick", action="store_true", help="small batches, few rounds: a look, not a measurement")
    parser.add_argument("--page", metavar="PAGE", help="write the page of the documentation")
    parser.add_argument("--read", metavar="FILE", help="take the result from a file instead of running")
    chosen = parser.parse_args()
    result = json.loads(Path(chosen.read).read_text()) if chosen.read else run(chosen.quick)
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(result, indent=1) + "\n")
    if chosen.page:
        Path(chosen.page).write_text(page(result))
    for figure in result["merit"]:
        mark = "reached" if figure["reached"] else "NOT reached"
        sys.stdout.write(f"{figure['name']}: {figure['measured']:.3g} ({figure['target']}), {mark}\n")


def run(quick: bool) -> dict[str, Any]:
    """The whole result."""
    rounds = 3 if quick else 5
    result: dict[str, Any] = {"version": _version("backaction"), "quick": quick, "machine": machine()}
    steps = {
        "lyapunov": lambda: kernels.lyapunov((1, 1000) if quick else (1, 100, 10_000, 100_000), rounds),
        "riccati": lambda: kernels.riccati((1, 300) if quick else (1, 100, 10_000), rounds),
        "strong_readout": lambda: kernels.strong_readout((1, 300) if quick else (1, 100, 10_000), rounds),
        "spectra": lambda: kernels.spectra(2000 if quick else 10_000, rounds),
        "criteria": lambda: kernels.criteria((1, 1000) if quick else (1, 1000, 100_000), rounds),
        "single_calls": lambda: kernels.single_calls(rounds),
        "end_to_end": lambda: [
            end_to_end.compare(n, rounds) for n in ((100, 2500) if quick else (100, 10_000, 100_000))
        ],
        "accuracy": lambda: accuracy.errors(4 if quick else 40),
        "growth": lambda: [] if quick else end_to_end.growth((100, 1000, 10_000, 100_000, 1_000_000)),
        "cores": lambda: None if quick else end_to_end.cores(5_000_000, 1),
        "import_ms": lambda: end_to_end.import_time(3 if quick else 7),
    }
    for name, step in steps.items():
        sys.stderr.write(f"{name} …\n")
        result[name] = step()
    result["qom"] = qom.is_there()
    result["merit"] = figures_of_merit(result)
    return result


def machine() -> dict[str, Any]:
    """What a reader of the numbers needs to know."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        models = [
            line.partition(":")[2].strip() for line in information.read_text().splitlines() if "model name" in line
        ]
        processor = models[0] if models else processor
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        **{name: _version(name) for name in ("numpy", "scipy", "numba", "control", "qutip", "thewalrus")},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
