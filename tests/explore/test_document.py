"""Files changed in place: comments stay, and the new text always reads as the table that was meant."""

import tomllib
from pathlib import Path

import pytest

from backaction.experiment import read
from backaction.explore.document import edited, moved, with_component, with_detector, with_settings, without_component
from backaction.explore.scenes import MOLLER, OWN
from backaction.explore.templates import TEMPLATES
from backaction.explore.toml import parsed, written
from backaction.gaussian import InvalidInput
from backaction.settings import override
from backaction.systems.registry import EVERY_COMPONENT

ROOT = Path(__file__).parents[1].parent
FILES = sorted([*(ROOT / "examples").glob("*.toml"), *(ROOT / "tests" / "contract").glob("*.toml")])

INLINE = 'chain = [{component = "loss", efficiency = 0.5}, {component = "loss", name = "tap", efficiency = 0.9}]\n'
COMMENTED = """\
# before
[[chain]] # first
component = "spin"
frequency = "-1 MHz"   # has a # in its comment
linewidth = '300 Hz'
readout_rate = "25 kHz"
temperature = "2 mK"   # goes

[report] # last
pairs = [
  ["a", "b"],
]
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_written_afresh_reads_the_same(path):
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert tomllib.loads(written(table)) == table


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_settings_are_written_as_they_are_read(path):
    text = path.read_text(encoding="utf-8")
    table = tomllib.loads(text)
    name = read(table).network.names[0]
    settings = {f"{name}.name": "renamed", "detector.0.efficiency": "0.25", "report.spectrum.start": "1 kHz"}
    changed = with_settings(text, settings)
    assert tomllib.loads(changed) == override(table, [f"{key}={value}" for key, value in settings.items()])


def test_comments_and_order_stay():
    changed = with_settings(COMMENTED, {"spin.frequency": "1.5 MHz", "spin.occupation": "0.1"})
    expected = COMMENTED.replace('"-1 MHz"', '"1.5 MHz"')
    assert changed == expected.replace('temperature = "2 mK"   # goes\n', "occupation = 0.1\n")


def test_an_unusual_layout_is_written_afresh():
    changed = with_settings(INLINE, {"tap.efficiency": "0.7"})
    assert tomllib.loads(changed)["chain"][1]["efficiency"] == 0.7
    assert with_settings(INLINE, {}) == INLINE


def test_values_of_every_kind():
    table = {
        "title": 'a "quoted" \\ ü',
        "chain": [],
        "report": {"thermal": True, "points": 3, "start": 1e-300, "l": []},
    }
    assert tomllib.loads(written(table)) == table


@pytest.mark.parametrize("kind", EVERY_COMPONENT)
def test_every_component_can_be_added(kind):
    text = with_component(OWN.file, kind)
    network = read(tomllib.loads(text)).network
    assert network.components[-1].kind == kind
    assert network.growth() is None
    assert text.startswith(OWN.file[: OWN.file.index("[[detector]]") - 1])
    assert set(TEMPLATES) == set(EVERY_COMPONENT)


def test_a_detector_can_be_added():
    blind = OWN.file[: OWN.file.index("[[detector]]")]
    [detector] = read(tomllib.loads(with_detector(blind))).detectors
    assert (detector.port, detector.efficiency) == ("out", 1.0)
    second = with_detector(OWN.file)
    assert second.startswith(OWN.file)
    assert len(tomllib.loads(second)["detector"]) == 2


def test_a_component_and_its_pairs_are_removed():
    text = without_component(MOLLER.file, "spin")
    experiment = read(tomllib.loads(text))
    assert experiment.network.names == ("link", "membrane", "detection-path")
    assert experiment.pairs == ()
    assert "# the paper's 210 Hz" in text
    assert "negative mass, tuned" not in text


def test_a_component_moves_towards_the_laser():
    text = moved(MOLLER.file, "membrane")
    assert read(tomllib.loads(text)).network.names == ("spin", "membrane", "link", "detection-path")
    assert sorted(line for line in text.splitlines() if line) == sorted(
        line for line in MOLLER.file.splitlines() if line
    )
    assert moved(MOLLER.file, "spin") == MOLLER.file
    last = moved(
        '[[chain]]\ncomponent = "loss"\nefficiency = 1\n[[chain]]\ncomponent = "rotation"\nangle = 0', "rotation"
    )
    assert [entry["component"] for entry in tomllib.loads(last)["chain"]] == ["rotation", "loss"]


def test_inline_chains_can_be_changed_too():
    assert read(tomllib.loads(without_component(INLINE, "loss"))).network.names == ("tap",)
    assert read(tomllib.loads(moved(INLINE, "tap"))).network.names == ("tap", "loss")
    assert read(tomllib.loads(with_component(INLINE, "rotation"))).network.names == ("loss", "tap", "rotation")


@pytest.mark.parametrize("action", [with_component, without_component, moved])
def test_names_that_are_not_there(action):
    with pytest.raises(InvalidInput, match="did you mean"):
        action(OWN.file, "losss")


def test_a_chain_that_is_none():
    with pytest.raises(InvalidInput, match=r"begun by \[\[chain\]\]"):
        with_component("chain = 3", "loss")


def test_an_edit_to_the_same_table_changes_nothing():
    assert edited(MOLLER.file, parsed(MOLLER.file)) == MOLLER.file
