"""The code that the page gives away: it runs, and prints the numbers of the page."""

import contextlib
import io
from pathlib import Path

import pytest

from backaction.experiment import read
from backaction.explore.code import python_code
from backaction.explore.document import with_settings
from backaction.explore.scenes import SCENES
from backaction.explore.toml import parsed
from backaction.explore.views import spectra_view, state_view

ROOT = Path(__file__).parents[2]
NAMES = [scene.name for scene in SCENES]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))

AWKWARD = """
title = '''two
lines and "quotes"'''
[[chain]]
component = "loss"
name = "lambda"
efficiency = 1
[[chain]]
component = "spin"
name = "2-spins"
frequency = "-6.3e6 rad/s"
linewidth = "3e5 mHz"
readout_rate = "1.5e7 mHz"
temperature = "1e-1 mK"
damping = "rotating-wave"
[[chain]]
component = "rotation"
name = "np"
angle = "15 deg"
[[chain]]
component = "squeezer"
name = "print"
squeezing = "3 dB"
angle = 0.2
[[chain]]
component = "loss"
efficiency = 0.5
[[detector]]
port = "loss"
kind = "heterodyne"
"""


def printed(code):
    """What the code prints, run by itself."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "code", "exec"), {"__name__": "__main__"})
    return out.getvalue().splitlines()


def numbers(lines, start):
    return [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(start)]


def check(text, has_own_window=True):
    table = parsed(text)
    experiment = read(table)
    lines = printed(python_code(table, experiment))
    state, spectra = state_view(experiment), spectra_view(experiment)
    for kind in ("unconditional", "conditional"):
        for key in ("log_negativity", "epr_variance", "duan_sum", "ppt_symplectic_eigenvalue"):
            expected = [pair[key] for pair in state[kind]["pairs"] or []]
            told = [line.partition(" ± ")[0] for line in lines if line.startswith(f"{kind} {key} ")]
            # "1.28 MHz" and 1.28 * MHz are the same number to rounding
            assert numbers(told, kind) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    if not has_own_window:
        return
    assert numbers(lines, "smallest PSD") == pytest.approx([min(spectra["spectrum"]["psd_shot_noise"])], rel=1e-9)
    if spectra["force"]:
        force = spectra["force"]
        ratio = min(a / b for a, b in zip(force["added_noise"], force["sql"], strict=True))
        assert numbers(lines, "smallest force noise") == pytest.approx([ratio], rel=1e-9)


@pytest.mark.parametrize("scene", SCENES, ids=NAMES)
def test_the_code_of_a_scene_prints_its_numbers(scene):
    check(scene.file, has_own_window=scene.name != "own")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_code_of_an_example_prints_its_numbers(path):
    text = path.read_text(encoding="utf-8")
    # the page draws 301 points and the code takes as many, but evenly; a window without crowding is the same in both
    thin = {f"report.{kind}.points": "51" for kind in ("spectrum", "force") if f"[report.{kind}]" in text}
    check(with_settings(text, thin), has_own_window="[report.spectrum]" in text)


def test_awkward_names_units_and_ports():
    window = '\n[report.spectrum]\nstart = "0.9 MHz"\nstop = "1.1 MHz"\npoints = 21\n'
    check(AWKWARD + window)
