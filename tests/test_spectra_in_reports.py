"""What `run` says of spectra that are not resolved."""

import numpy as np
import pytest

from backaction.evaluate import evaluate
from backaction.experiment import read
from backaction.explore.views import spectra_view
from backaction.report import compute


def narrow(linewidth):
    """A membrane at 1 MHz, its spectrum and force noise on resonance and beside it."""
    membrane = {
        "component": "mechanical_oscillator",
        "name": "m",
        "mechanical_frequency": "1 MHz",
        "mechanical_linewidth": linewidth,
        "readout_rate": "1 kHz",
        "occupation": 10,
    }
    grid = {"start": "0.9 MHz", "stop": "1.1 MHz", "points": 3}
    return read({"chain": [membrane], "detector": [{}], "report": {"spectrum": grid, "force": {"mode": "m", **grid}}})


@pytest.mark.parametrize(("linewidth", "known"), [("1 uHz", True), ("1e-10 Hz", False)])
def test_a_line_that_is_not_resolved_is_named(linewidth, known):
    result = compute(narrow(linewidth))
    [warning] = [text for text in result["warnings"] if text.startswith("spectrum")]
    assert "at 1000000 Hz" in warning
    psd = result["spectrum"]["psd_shot_noise"]
    assert (psd[1] is not None) == known and None not in (psd[0], psd[2])
    assert all((part[1] is not None) == known for part in result["spectrum"]["budget"].values())
    assert set(result["spectrum"]) == {"frequency_hz", "psd_shot_noise", "budget"}


def test_a_broad_line_has_no_warning_and_its_uncertainty():
    report = evaluate(narrow("1 Hz"))
    assert not report.warnings
    assert (report.spectrum.budget.uncertainty < 1e-7 * report.spectrum.budget.total).all()
    assert (report.force.uncertainty < 1e-7 * report.force.added_noise).all()


def test_the_explorer_tells_it_too():
    view = spectra_view(narrow("1 uHz"))
    assert np.isfinite(view["spectrum"]["frequency_hz"]).all()
    assert any(text.startswith("spectrum") for text in view["warnings"])
