"""The example that optimises the conditional EPR variance: all starts end in one minimum, which no simplex beats."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.extras]

EXAMPLE = Path(__file__).parents[2] / "examples" / "optimise_epr.py"


def test_gradients_lead_to_the_minimum(capsys):
    pytest.importorskip("jax")
    spec = importlib.util.spec_from_file_location("optimise_epr", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = example  # dataclasses look their module up
    spec.loader.exec_module(example)
    by_gradient, without = example.main()
    assert max(by_gradient) - min(by_gradient) < 1e-6
    assert min(without) > min(by_gradient) - 1e-7  # the second road finds nothing deeper
    assert min(without) == pytest.approx(min(by_gradient), abs=1e-5)  # and the same where it does not get stuck
    assert min(by_gradient) < 0.5
    assert "L-BFGS-B" in capsys.readouterr().out
