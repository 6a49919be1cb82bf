"""The command line: exit codes, what is written and what is not, one message and never a traceback."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import backaction
from backaction.__main__ import main
from backaction.experiment import load
from backaction.gaussian import GaussianState
from backaction.report import compute

CONTRACT = Path(__file__).parent / "contract"
GOOD = CONTRACT / "conditional-entanglement.toml"
SPIN = """
title = "ψ 😀"
[[chain]]
component = "spin"
frequency = "-1 MHz"
linewidth = "300 Hz"
readout_rate = "25 kHz"
occupation = 0.7
"""
UNSTABLE = SPIN + "tensor_coupling = -0.5\n"
WRONG = SPIN.replace("0.7", "-0.7").replace("300 Hz", "300")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments):
    """One command in this process; an exception that escapes is a failure of the test."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def command(*arguments, **environment):
    """One command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "backaction", *map(str, arguments)],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )


def save(folder, text):
    path = folder / "experiment.toml"
    path.write_text(text, encoding="utf-8")
    return path


# --- run --------------------------------------------------------------------------------------------------


def test_run_writes_what_is_computed(here):
    done = call("run", GOOD, "--json", "out.json")
    assert (done.exit_code, done.output) == (0, "")
    assert json.loads(Path("out.json").read_text(encoding="utf-8")) == compute(load(GOOD))
    assert os.listdir() == ["out.json"]


def test_run_to_standard_output(here):
    done = call("run", GOOD, "--json", "-")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == compute(load(GOOD))
    assert os.listdir() == []


def test_run_with_settings(here):
    done = call("run", GOOD, "--json", "-", "--set", "spin.occupation=3", "--set", "detector.0.efficiency=0")
    assert done.exit_code == 0
    seen = json.loads(done.stdout)
    assert seen["derived"]["spin"]["occupation"] == 3.0
    unconditional, conditional = seen["unconditional"]["covariance"], seen["conditional"]["covariance"]
    assert conditional[0] == pytest.approx(unconditional[0], rel=1e-9)  # a blind detector; Riccati against Lyapunov


def test_bad_input_ends_with_2_one_message_and_no_output(here):
    path = save(here, WRONG)
    done = call("run", path, "--json", "out.json")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"Error: {path}: 2 mistakes",
        "  - chain[0] (spin).linewidth: '300' has no unit; give a text with Hz (n, u, m, k, M, G) or rad/s, such as "
        "'1.28 MHz'",
        "  - chain[0] (spin).occupation: must be 0 or greater, got -0.7",
    ]
    assert os.listdir() == [path.name]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is no [[chain]]"),
        (b"[[chain]", "not valid TOML"),
        (b"\xff\xfe", "not a text in UTF-8"),
        (b"a = " + b"[" * 20000, "nested too deeply"),
        (b"format = " + b"9" * 5000, "not valid TOML"),
    ],
    ids=["empty", "broken", "binary", "nested", "digits"],
)
def test_files_that_are_no_experiments(here, content, said):
    Path("file.toml").write_bytes(content)
    done = call("run", "file.toml", "--json", "out.json")
    assert done.exit_code == 2
    assert said in done.stderr
    assert os.listdir() == ["file.toml"]


def test_a_folder_and_a_file_that_is_not_there(here):
    for path, said in ((here, "Is a directory"), (here / "nothing.toml", "No such file or directory")):
        done = call("run", path, "--json", "out.json")
        assert done.exit_code == 2
        assert done.stderr == f"Error: {path}: cannot be read: {said}\n"
    assert os.listdir() == []


def test_an_unstable_network_ends_with_3_and_writes(here):
    done = call("run", save(here, UNSTABLE), "--json", "out.json")
    assert done.exit_code == 3
    assert "unstable: the mode spin has a pole with the rate 38327.4 /s at 1e+06 Hz" in done.stderr
    written = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert written["stable"] is False
    assert written["growth"]["mode"] == "spin"
    assert written["title"] == "ψ 😀"


def test_the_message_says_that_a_growing_mode_is_watched(here):
    growing = SPIN + "tensor_coupling = -0.2\n"
    done = call("run", save(here, growing + "[[detector]]\n"), "--json", "out.json")
    assert done.exit_code == 3
    assert "the conditional state is there, spectrum and force are null" in done.stderr
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))["conditional"] is not None
    done = call("run", save(here, growing), "--json", "out.json")
    assert "so states, spectrum and force are null" in done.stderr


def test_no_state_ends_with_3_and_writes(here, monkeypatch):
    """A rotating-wave model is positive: only a wrong covariance shows this exit status."""
    path = save(here, SPIN + 'damping = "rotating-wave"\n')
    wrong = GaussianState([0, 0], [[0.1, 0.0], [0.0, 0.1]], ["spin"], allowed_defect=np.inf)
    monkeypatch.setattr("backaction.evaluate.steady_state", lambda system: wrong)
    assert call("run", path, "--json", "out.json").exit_code == 3
    written = json.loads(Path("out.json").read_text(encoding="utf-8"))["unconditional"]
    assert written["positivity_defect"] == pytest.approx(0.4)


def test_warnings_are_told_and_written(here):
    cold = SPIN.replace("300 Hz", "30 kHz").replace("0.7", "0").replace("25 kHz", "3 kHz")
    squeezed = cold + '[[chain]]\ncomponent = "squeezer"\nsqueezing = "10 dB"\n' + cold.replace('title = "ψ 😀"', "")
    done = call("run", save(here, squeezed + "[[detector]]\n"), "--json", "out.json")
    assert done.exit_code == 0
    warnings = json.loads(Path("out.json").read_text(encoding="utf-8"))["warnings"]
    assert len(warnings) == 1
    assert done.stderr == f"warning: {warnings[0]}\n"


def test_wrong_settings_are_bad_input(here):
    done = call("run", GOOD, "--json", "out.json", "--set", "sipn.occupation=3", "--set", "spin.occupation=-3")
    assert done.exit_code == 2
    assert "did you mean 'spin'" in done.stderr
    assert "must be 0 or greater, got -3" in done.stderr
    assert os.listdir() == []


# --- what is written --------------------------------------------------------------------------------------


def test_a_file_is_replaced_only_by_a_whole_one(here, monkeypatch):
    Path("out.json").write_text("before", encoding="utf-8")
    assert call("run", save(here, WRONG), "--json", "out.json").exit_code == 2
    assert Path("out.json").read_text(encoding="utf-8") == "before"

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        done = call("run", GOOD, "--json", "out.json")
    assert done.exit_code == 2
    assert done.stderr == "Error: cannot write out.json: No space left on device\n"
    assert Path("out.json").read_text(encoding="utf-8") == "before"
    assert sorted(os.listdir()) == ["experiment.toml", "out.json"]

    assert call("run", GOOD, "--json", "out.json").exit_code == 0
    json.loads(Path("out.json").read_text(encoding="utf-8"))


def test_an_interrupt_leaves_nothing_behind(here, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    assert call("run", GOOD, "--json", "out.json").exit_code == 1
    assert os.listdir() == []


def test_permissions_are_those_of_any_new_file_or_of_the_old_one(here):
    Path("touched").touch()
    Path("old.json").touch(mode=0o600)
    for name in ("new.json", "old.json"):
        assert call("run", GOOD, "--json", name).exit_code == 0
    mode = {path.name: stat.S_IMODE(path.stat().st_mode) for path in here.iterdir()}
    assert mode["new.json"] == mode["touched"]
    assert mode["old.json"] == 0o600


def test_a_link_stays_a_link(here):
    Path("target.json").write_text("before", encoding="utf-8")
    Path("link.json").symlink_to("target.json")
    assert call("run", GOOD, "--json", "link.json").exit_code == 0
    assert Path("link.json").is_symlink()
    json.loads(Path("target.json").read_text(encoding="utf-8"))


def test_a_pipe_is_written_to_and_never_replaced(here):
    """Nor is a device: both exist and are no files."""
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDWR | os.O_NONBLOCK)
    try:
        assert call("run", GOOD, "--json", "pipe").exit_code == 0
        assert stat.S_ISFIFO(os.stat("pipe").st_mode)
        assert json.loads(os.read(reader, 2**16)) == compute(load(GOOD))
    finally:
        os.close(reader)


@pytest.mark.parametrize("out", ["folder", "nowhere/out.json", ""])
def test_places_that_cannot_be_written(here, out):
    Path("folder").mkdir()
    done = call("run", GOOD, "--json", out)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: cannot write {out}: ")
    assert os.listdir() == ["folder"]


# --- the other commands -----------------------------------------------------------------------------------


def test_version():
    done = call("--version")
    assert (done.exit_code, done.output) == (0, f"backaction, version {backaction.__version__}\n")


def test_list_names_the_figures_in_lines():
    done = call("list")
    assert done.exit_code == 0
    assert {"moller2017-fig3b", "moller2017-entanglement", "schweer2022-fig6", "holstein-primakoff"} <= set(
        done.output.split()
    )


def test_schema_is_json():
    done = call("schema")
    assert done.exit_code == 0
    assert json.loads(done.output)["required"] == ["chain"]


def test_check_tells_what_a_file_describes(here):
    done = call("check", CONTRACT / "moller.toml")
    assert done.exit_code == 0
    assert "light: spin → loss → membrane → detection-path" in done.output
    assert "modes: spin, membrane, membrane.cavity" in done.output
    assert "stable: yes" in done.output
    assert "stable: no, spin grows at" in call("check", save(here, UNSTABLE)).output


def test_check_refuses_what_run_refuses(here):
    path = save(here, WRONG)
    checked, ran = call("check", path), call("run", path, "--json", "out.json")
    assert (checked.exit_code, checked.stderr) == (ran.exit_code, ran.stderr)


@pytest.mark.parametrize(
    "arguments", [["run"], ["run", GOOD], ["run", GOOD, "--jsn", "x"], ["frob"], ["schema", "x"], ["check"]]
)
def test_wrong_usage_ends_with_2(arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert "Usage: " in done.stderr


def test_a_figure_that_is_not_there(here):
    done = call("reproduce", "schweer2022-fig66", "--out", "figures")
    assert done.exit_code == 2
    assert "did you mean 'schweer2022-fig6'" in done.stderr
    assert os.listdir() == []


# --- in a process of its own ------------------------------------------------------------------------------


def test_a_terminal_without_greek_letters(here):
    """JSON escapes, the rest is written with backslashes, nothing fails."""
    path = save(here, SPIN)
    ran = command("run", path, "--json", "-", PYTHONIOENCODING="ascii")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads(ran.stdout)["title"] == "ψ 😀"
    checked = command("check", CONTRACT / "moller.toml", PYTHONIOENCODING="latin-1")
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert b"spin \\u2192 loss" in checked.stdout


def test_exit_codes_of_the_process(here):
    path = save(here, UNSTABLE)
    assert command("run", path, "--json", "out.json").returncode == 3
    wrong = command("run", here / "nothing.toml", "--json", "out.json")
    assert wrong.returncode == 2
    assert b"Traceback" not in wrong.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_standard_output_that_is_full(here):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "backaction", "run", GOOD, "--json", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"Error: cannot write -: No space left on device\n"
