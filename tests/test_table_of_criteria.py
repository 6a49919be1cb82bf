"""One table of criteria: a row that is added there is found wherever criteria are shown."""

import json
import tomllib

import numpy as np
import pytest

from backaction.entanglement import CRITERIA, Bound, Criterion, Measure, Subject, Verdict, duan_sum
from backaction.entanglement.pairs import attempt_duan_sum
from backaction.evaluate import evaluate
from backaction.experiment import read
from backaction.explore import answer
from backaction.report import as_object
from backaction.schema import schema
from backaction.sweep import study_of, sweep

FILE = """
[[chain]]
component = "spin"
frequency = "-1 MHz"
linewidth = "300 Hz"
readout_rate = "25 kHz"
occupation = 0.7
[[chain]]
component = "mechanical_oscillator"
name = "membrane"
mechanical_frequency = "1 MHz"
mechanical_linewidth = "10 Hz"
readout_rate = "22 kHz"
occupation = 2
[[detector]]
[report]
pairs = [["spin", "membrane"]]
"""
BOUND = Bound(1.0)


def attempt_imaginary(state, first, second):
    return attempt_duan_sum(state, first, second)


def imaginary(state, first, second):
    """The Duan sum under another name."""
    return Criterion.of(attempt_imaginary, BOUND, state, first, second)


def of_mode(state, mode):
    return Criterion(np.array(2.0), np.array(0.0))


@pytest.fixture
def added(monkeypatch):
    """Three imaginary measures, each added in one place."""
    words = {"sentence": "It is not real.", "symbol": "J", "attempt": attempt_imaginary}
    rows = (
        Measure(key="imaginary", function=imaginary, name="imaginary criterion", bound=BOUND, **words),
        Measure(key="imagined", function=of_mode, name="imagined", subject=Subject.MODE, **words),
        Measure(key="whole", function=lambda state: of_mode(state, ""), name="whole", subject=Subject.STATE, **words),
    )
    monkeypatch.setattr("backaction.entanglement.table.CRITERIA", CRITERIA + rows)
    return read(tomllib.loads(FILE))


def test_it_is_in_the_report(added):
    report = evaluate(added)
    pair = "spin", "membrane"
    assert report.conditional["imaginary", *pair].verdict is Verdict.ENTANGLED
    assert "imaginary" in repr(report) and "imaginary" in report._repr_html_()
    told = as_object(report)["conditional"]
    assert told["pairs"][0]["imaginary"] == float(duan_sum(report.conditional.state, *pair))
    assert told["imagined"] == {"spin": 2.0, "membrane": 2.0}
    assert told["whole"] == 2.0


def test_it_is_in_a_sweep(added):
    data = sweep(study_of(added), {"spin.occupation": [0.1, 0.7]})
    np.testing.assert_array_equal(data.conditional_imaginary, data.conditional_duan_sum)
    np.testing.assert_array_equal(data.conditional_imaginary_uncertainty, data.conditional_duan_sum_uncertainty)
    assert data.conditional_imaginary.attrs == {
        "long_name": "imaginary criterion; entangled < 1 (conditional state)",
        "units": "1",
    }


def test_it_is_in_the_explorer_and_its_code(added):
    def ask(what):
        return json.loads(answer(json.dumps({"ask": what, "file": FILE, "settings": {}})))["ok"]

    state = ask("state")
    rows = {row["key"]: row for row in state["criteria"]}
    assert rows["imaginary"]["proves"] == "entangled < 1"
    assert rows["imaginary"]["sentence"] == "It is not real."
    assert state["conditional"]["uncertainty"][0]["imaginary"] == state["conditional"]["uncertainty"][0]["duan_sum"]
    assert state["conditional"]["verdict"][0]["imaginary"] == "entangled"
    assert f"from {__name__} import imaginary" in ask("code")["python"]
    assert '"imaginary", imaginary(state, "spin", "membrane"))' in ask("code")["python"]


def test_it_is_in_the_schema(added):
    assert "imaginary criterion" in schema()["properties"]["report"]["properties"]["pairs"]["description"]


def test_every_row_is_complete():
    assert len({row.key for row in CRITERIA}) == len(CRITERIA)
    for row in CRITERIA:
        assert row.name and row.symbol and row.sentence.endswith(".")
        assert (row.bound is not None) == bool(row.proves)
        assert row.described()["key"] == row.key
