"""The files in `examples/` run, and together show every component."""

from pathlib import Path

import numpy as np
import pytest

from backaction.experiment import load
from backaction.report import compute
from backaction.systems.registry import EVERY_COMPONENT

FILES = sorted((Path(__file__).parents[1] / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_file_runs(path):
    result = compute(load(path))
    assert result["stable"]
    assert result["unconditional"] is not None
    assert result["conditional"] is not None
    if result["spectrum"] is not None:
        budget = np.sum(list(result["spectrum"]["budget"].values()), axis=0)
        np.testing.assert_allclose(budget, result["spectrum"]["psd_shot_noise"], rtol=1e-13)


def test_the_examples_show_every_component():
    shown = {part.kind for path in FILES for part in load(path).network.components}
    assert shown == set(EVERY_COMPONENT)


def test_the_examples_agree_with_their_papers():
    schweer = compute(load(next(path for path in FILES if path.stem == "schweer2022")))
    noise = np.array(schweer["force"]["added_noise"]) / 1000  # S_F/Q_m
    assert noise[0] == pytest.approx(0.8012, abs=5e-5)
