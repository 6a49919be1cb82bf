"""The benchmarks run, what they compare is the same physics, and ratios have not fallen: never absolute times."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backaction.entanglement import smallest_ppt_eigenvalue
from backaction.gaussian import steady_state

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def from_the_root(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setenv("BENCHMARKS_ENGINES", "numpy")  # compiling the other takes longer than everything else


def test_the_script_that_is_raced_against_computes_the_same():
    from benchmarks.end_to_end import eigenvalue_by_hand, grid
    from benchmarks.problems import network

    detuning, readout_rate = grid(9)
    ours = smallest_ppt_eigenvalue(steady_state(network(6, detuning, readout_rate).system), "spin", "membrane0").value
    theirs = [[eigenvalue_by_hand(float(d), float(r)) for r in readout_rate[0]] for d in detuning[:, 0]]
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)  # their solver loses digits at this quality factor


@pytest.mark.parametrize("size", [4, 6, 8, 12, 20, 40])
def test_the_problems_have_the_sizes_they_say(size):
    from benchmarks.problems import batch

    assert batch(size, 3).drift.shape == (3, size, size)


def test_ratios_have_not_fallen():
    """Far below what a quiet machine measures (in brackets), so that load and chance do not fail it."""
    from benchmarks import end_to_end, kernels

    lyapunov = kernels.lyapunov((3000,), 3, sizes=(4,))[0]["ratio"]["numpy"]
    spectrum = kernels.spectra(4000, 3, sizes=(6,))[0]["ratio"]["project"]
    whole = end_to_end.compare(2500, 3)["ratio"]["numpy"]
    assert lyapunov > 4  # (15)
    assert spectrum > 20  # (100)
    assert whole > 1.5  # (5)


def test_the_page_of_the_documentation_is_made_from_the_recorded_run():
    from benchmarks.page import page

    recorded = json.loads((ROOT / "benchmarks" / "results.json").read_text())
    assert (ROOT / "docs" / "guides" / "speed.md").read_text() == page(recorded)


@pytest.mark.slow
def test_a_quick_run_writes_its_file_and_page(tmp_path):
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(tmp_path / "out.json")]
    command += ["--page", str(tmp_path / "page.md")]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "ignore"}, capture_output=True)
    result = json.loads((tmp_path / "out.json").read_text())
    assert {
        "lyapunov",
        "riccati",
        "strong_readout",
        "spectra",
        "criteria",
        "end_to_end",
        "accuracy",
        "import_ms",
        "merit",
    } <= set(result)
    assert all(figure["reached"] for figure in result["merit"] if "error" in figure["name"])
    assert "## Figures of merit" in (tmp_path / "page.md").read_text()
