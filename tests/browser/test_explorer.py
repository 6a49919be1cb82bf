"""The explorer in a real browser, with Python in a worker (the site) and on this machine (`backaction explore`)."""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from agreement import ROUNDING, differences

from backaction.experiment import read
from backaction.explore import answer

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "squeezed-readout.toml"
LONGEST_START = 60_000
"""Milliseconds; some seconds are usual."""

SCENES = [scene["name"] for scene in json.loads(answer('{"ask": "scenes"}'))["ok"]["scenes"]]
MISTAKE = '[[chain]]\ncomponent = "loss"\nefficiency = 1.5\n'
SPIN = """
[[chain]]
component = "spin"
frequency = "{frequency} kHz"
linewidth = "1 kHz"
readout_rate = "1 kHz"
occupation = 1
"""
UNSTABLE = """
[[chain]]
component = "negative_mass_ancilla"
cavity_linewidth = "2 MHz"
ancilla_linewidth = "200 kHz"
ancilla_detuning = "495 kHz"
beam_splitter = "0 kHz"
down_conversion = "900 kHz"
"""


def native(ask, file, settings=None):
    reply = json.loads(answer(json.dumps({"ask": ask, "file": file, "settings": settings or {}})))
    assert "ok" in reply, reply
    return reply["ok"]


@contextmanager
def local_server(*arguments):
    """Run `backaction explore`; the address it tells. It must end cleanly by Ctrl-C."""
    command = [sys.executable, "-m", "backaction", "explore", "--no-browser", *map(str, arguments)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as server:
        try:
            told = server.stdout.readline()
            yield re.search(r"http://[^\s/]+", told)[0] + "/"
        finally:
            server.send_signal(signal.SIGINT)
            rest = server.communicate(timeout=10)[0]
        assert (server.returncode, "Traceback" in rest) == (0, False), rest


class Explorer:
    """The page of a visit: wait for it, change it, read what it shows."""

    def __init__(self, visit):
        self.visit, self.page = visit, visit.page
        self.wait_until('html:not([data-state="loading"])', LONGEST_START)
        self.ready_after = self.page.evaluate("performance.now()")

    def wait_until(self, selector, timeout=30_000):
        """Wait by a selector: the page's policy allows no other script, not even a test's."""
        self.page.locator(selector).wait_for(state="attached", timeout=timeout)

    @property
    def state(self):
        return self.page.evaluate("document.documentElement.dataset.state")

    @contextmanager
    def update(self):
        """Wait until what is done inside has been answered in full."""
        before = self.page.evaluate("document.documentElement.dataset.updates")
        yield
        self.wait_until(f'html:not([data-updates="{before}"])')

    def open(self, scene):
        with self.update():
            self.page.locator(f"[data-scene={scene}]").click()

    def write(self, file):
        with self.update():
            self.page.locator("#file").fill(file)

    def last(self, ask):
        return self.page.evaluate(f"window.explorer.last.{ask}")

    def ask(self, ask, file, settings=None):
        request = {"ask": ask, "file": file, "settings": settings or {}}
        return self.page.evaluate(
            """async (request) => {
                window.asked ??= (await import("./python.js")).connect();
                return (await window.asked).ask(request);
            }""",
            request,
        )["ok"]


@pytest.fixture(scope="module", params=["site", "local"])
def explorer(request, visiting):
    if request.param == "site":
        with visiting(request.getfixturevalue("site") + "explorer/index.html") as visit:
            yield Explorer(visit)
    else:
        with local_server() as address, visiting(address) as visit:
            yield Explorer(visit)


@pytest.fixture
def tell(capsys):
    """Write a line through to the terminal."""

    def write(line):
        with capsys.disabled():
            sys.stderr.write(f"\n    {line}\n")

    return write


def conditioned(file, spectra):
    """Tolerance of curves: a resonance with a quality factor Q makes Q times rounding of rounding.

    n ε κ bounds the error of a solve of n equations with the matrix iω + A of condition κ.
    """
    drift = read(tomllib.loads(file)).network.system.drift
    if spectra["spectrum"] is None or not drift.size:
        return ROUNDING
    omega = 2 * np.pi * np.array(spectra["spectrum"]["frequency_hz"])
    condition = np.linalg.cond(1j * omega[:, None, None] * np.eye(len(drift)) + drift).max()
    return max(ROUNDING, len(drift) * np.finfo(float).eps * condition)


def moves(control):
    """Settings that move one control to another place in its range, or to its other choices."""
    if control["options"]:
        return [{control["address"]: option} for option in control["options"] if option != control["value"]]
    low, high = control["low"], control["high"]
    value = low * (high / low) ** 0.3 if control["scale"] == "log" else low + 0.3 * (high - low)
    return [{control["address"]: f"{value:.4g} {control['unit']}".strip()}]


def test_it_starts_without_an_error(explorer, tell):
    assert explorer.state == "ready", explorer.page.locator("#status").text_content()
    assert explorer.visit.problems == []
    tell(f"ready after {explorer.ready_after / 1000:.1f} s")


@pytest.mark.parametrize("scene", SCENES)
def test_its_numbers_are_those_of_the_installed_package(explorer, scene):
    [found] = [one for one in native("scenes", "")["scenes"] if one["name"] == scene]
    for settings in [{}, *(move for control in found["controls"] for move in moves(control))]:
        for ask in ("state", "spectra", "code"):
            expected = native(ask, found["file"], settings)
            curves = ROUNDING
            if ask == "spectra":
                curves = conditioned(native("code", found["file"], settings)["file"], expected)
            answered = explorer.ask(ask, found["file"], settings)
            assert list(differences(expected, answered, curves)) == [], (ask, settings)


def test_a_long_chain_needs_no_more_than_numpy(explorer):
    """Nine modes: for so many the installed package takes SciPy to solve the Lyapunov equation."""
    file = "\n".join(SPIN.format(frequency=100 + i) for i in range(9))
    expected, answered = native("state", file), explorer.ask("state", file)
    assert len(expected["modes"]) == 9
    assert list(differences(expected, answered)) == []


@pytest.mark.parametrize("scene", SCENES)
def test_a_slider_moved_by_the_keyboard_changes_what_is_shown(explorer, scene):
    explorer.open(scene)
    before = {ask: explorer.last(ask) for ask in ("state", "spectra", "code")}
    with explorer.update():
        slider = explorer.page.locator("#sliders input[type=range]").nth(1)
        slider.focus()
        explorer.page.keyboard.press("PageUp" if slider.evaluate("(at) => at.value < at.max / 2") else "PageDown")
    file = explorer.last("code")["file"]
    for ask in ("state", "spectra"):
        assert explorer.last(ask) != before[ask]
        expected = native(ask, file)
        assert list(differences(expected, explorer.last(ask), conditioned(file, native("spectra", file)))) == []
    assert explorer.page.locator("#toml").text_content() == file != before["code"]["file"]
    assert explorer.visit.problems == []


@pytest.mark.parametrize("scene", SCENES)
def test_times_after_a_slider(explorer, scene, tell):
    explorer.open(scene)
    explorer.page.locator("#sliders input[type=range]").first.focus()
    times = {"state": [], "spectra": []}
    for _ in range(7):
        with explorer.update():
            explorer.page.keyboard.press("ArrowRight")
        for ask, found in times.items():
            found.append(explorer.page.evaluate(f"window.explorer.timing.{ask}"))
    state, spectra = (statistics.median(found) for found in times.values())
    tell(f"{scene}: state {state:.0f} ms, spectra {spectra:.0f} ms")
    assert state + spectra < 10_000  # ms; a hang, not slowness: the machine may be busy


def test_a_mistake_in_the_file_is_told_and_mended(explorer):
    explorer.open("own")
    good = explorer.page.locator("#file").input_value()
    explorer.write(MISTAKE)
    mistake = explorer.page.locator("#mistake")
    assert mistake.is_visible()
    assert "efficiency" in mistake.text_content()
    assert "1.5" in mistake.text_content()
    explorer.write(good)
    assert mistake.is_hidden()
    assert list(differences(native("state", good), explorer.last("state"))) == []
    assert explorer.visit.problems == []


def test_an_unstable_network_is_told(explorer):
    explorer.open("own")
    explorer.write(UNSTABLE)
    assert explorer.last("state")["stable"] is False
    told = explorer.page.locator("#status").text_content()
    assert "negative_mass_ancilla" in told
    assert list(differences(native("state", UNSTABLE), explorer.last("state"))) == []
    assert explorer.visit.problems == []


@pytest.mark.parametrize("width", [360, 375, 768, 1280])
def test_it_fits_the_window(explorer, width):
    explorer.page.set_viewport_size({"width": width, "height": 800})
    try:
        for scene in SCENES:
            explorer.open(scene)
            assert explorer.visit.overflow() <= 0, (scene, explorer.visit.widest())
    finally:
        explorer.page.set_viewport_size({"width": 1280, "height": 900})


def test_python_in_the_browser_asks_nobody(site, visiting):
    with visiting(site + "explorer/index.html") as visit:
        explorer = Explorer(visit)
        assert any(url.endswith("pyodide.asm.wasm") for url in visit.requests)  # those of the worker are seen too
        loaded = len(visit.requests)
        for scene in SCENES:
            explorer.open(scene)
        assert visit.requests[loaded:] == []
        assert visit.problems == []


def test_what_cannot_be_loaded_is_told(site, visiting):
    with visiting(site + "explorer/licences/NumPy.txt") as visit:
        visit.page.context.route("**/numpy-*.zip", lambda route: route.fulfill(status=503))
        visit.page.goto(site + "explorer/index.html")
        explorer = Explorer(visit)
        assert explorer.state == "failed"
        told = explorer.page.locator("#status").text_content()
        assert "numpy" in told
        assert "503" in told


def test_a_file_given_to_the_command_is_opened(visiting):
    with local_server(EXAMPLE) as address, visiting(address) as visit:
        explorer = Explorer(visit)
        text = EXAMPLE.read_text(encoding="utf-8")
        assert explorer.page.locator("#file").input_value() == text
        assert list(differences(native("state", text), explorer.last("state"))) == []
        assert visit.problems == []
