"""The contract's reference vectors: their covariances must give their pairs' numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue, steering
from backaction.gaussian import GaussianState

VECTORS = Path(__file__).parent.parent / "contract"
AGREEMENT = 1e-9  # of numbers printed to 16 digits, computed by another implementation with other algorithms


def cases():
    for file in sorted(VECTORS.glob("*.json")):
        answer = json.loads(file.read_text())
        for kind in ("unconditional", "conditional"):
            for index, pair in enumerate((answer.get(kind) or {}).get("pairs") or []):
                yield pytest.param(answer["modes"], answer[kind]["covariance"], pair, id=f"{file.stem}-{kind}-{index}")


CASES = list(cases())


def test_there_are_vectors():
    assert len(CASES) >= 16


@pytest.mark.parametrize(("modes", "covariance", "expected"), CASES)
def test_pair(modes, covariance, expected):
    state = GaussianState(np.zeros(2 * len(modes)), covariance, modes, allowed_defect=np.inf)
    first, second = expected["modes"]
    epr = epr_variance(state, first, second)
    computed = {
        "log_negativity": log_negativity(state, first, second).value,
        "ppt_symplectic_eigenvalue": smallest_ppt_eigenvalue(state, first, second).value,
        "duan_sum": duan_sum(state, first, second).value,
        "epr_variance": epr.value,
        "epr_gain": epr.gain,
        "epr_phase": epr.phase,
    }
    checked = set(expected) & set(computed)
    assert {"log_negativity", "ppt_symplectic_eigenvalue", "duan_sum", "epr_variance"} <= checked
    for key in checked:
        assert float(computed[key]) == pytest.approx(expected[key], rel=AGREEMENT, abs=AGREEMENT), key
    there, back = steering(state, first, second), steering(state, second, first)
    assert float(there) == pytest.approx(expected["steering"]["first_to_second"], rel=AGREEMENT, abs=AGREEMENT)
    assert float(back) == pytest.approx(expected["steering"]["second_to_first"], rel=AGREEMENT, abs=AGREEMENT)
