"""The reference vectors of the public contract: an independent implementation of its text gave these numbers."""

import json
from pathlib import Path

import numpy as np
import pytest

from backaction.experiment import load
from backaction.report import compute

VECTORS = sorted((Path(__file__).parent / "contract").glob("*.toml"))
TOLERANCE = 1e-9  # the vectors were computed in double precision: 1e-10 in the worst conditioned of them
KEYS = {
    *("format", "version", "title", "modes", "stable", "growth", "warnings", "derived"),
    *("unconditional", "conditional", "spectrum", "force"),
}
STATE = {"covariance", "error_estimate", "positivity_defect", "occupation", "purity", "pairs"}
PAIR = {
    *("modes", "log_negativity", "ppt_symplectic_eigenvalue", "duan_sum"),
    *("epr_variance", "epr_gain", "epr_phase", "steering"),
}


@pytest.fixture(scope="module", params=VECTORS, ids=lambda path: path.stem)
def vector(request):
    """What the library computes, and what the contract says."""
    expected = json.loads(request.param.with_suffix(".json").read_text(encoding="utf-8"))
    return compute(load(request.param)), expected


def assert_agrees(computed, expected, place=""):
    """Every number that stands in `expected` is in `computed`."""
    if place.endswith(".covariance"):
        scale = np.sqrt(np.diag(expected))
        np.testing.assert_allclose(computed / np.outer(scale, scale), expected / np.outer(scale, scale), atol=TOLERANCE)
    elif place.endswith(".pairs"):
        assert len(computed or []) == len(expected)
        for i, pair in enumerate(expected):
            assert_agrees(computed[i], pair, f"{place}[{i}]")
    elif isinstance(expected, dict):
        for key, value in expected.items():
            assert_agrees(computed[key], value, f"{place}.{key}")
    elif isinstance(expected, list) and expected and isinstance(expected[0], float):
        np.testing.assert_allclose(computed, expected, rtol=TOLERANCE, err_msg=place)
    elif isinstance(expected, float):
        assert computed == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE), place
    else:
        assert computed == expected, place


def test_there_are_vectors():
    assert len(VECTORS) == 11


def test_numbers(vector):
    assert_agrees(*vector)


def test_every_key_is_there(vector):
    computed, _ = vector
    assert set(computed) == KEYS
    for kind in ("unconditional", "conditional"):
        assert set(computed[kind]) == STATE
        assert computed[kind]["error_estimate"] < TOLERANCE
        assert set(computed[kind]["occupation"]) == set(computed["modes"])
        assert computed[kind]["positivity_defect"] == 0.0  # none of these files has a bath that cold
        for pair in computed[kind]["pairs"] or []:
            assert set(pair) == PAIR


def test_numbers_are_finite(vector):
    json.dumps(vector[0], allow_nan=False)


def test_a_budget_sums_to_the_spectrum(vector):
    spectrum = vector[0]["spectrum"]
    if spectrum is not None:
        total = np.sum(list(spectrum["budget"].values()), axis=0)
        np.testing.assert_allclose(total, spectrum["psd_shot_noise"], rtol=1e-14)
        first, *_, last = spectrum["budget"]
        assert (first, last) == ("input", "detection")


def test_the_states_are_physical(vector):
    computed, _ = vector
    for kind in ("unconditional", "conditional"):
        covariance = np.array(computed[kind]["covariance"])
        form = np.kron(np.eye(len(covariance) // 2), [[0, 1], [-1, 0]])
        smallest = np.linalg.eigvalsh(covariance + 0.5j * form)[0]
        # a brownian bath may violate positivity by γ/Ω; none of these files has a bath that cold
        assert smallest > -1e-9
        assert computed[kind]["purity"] == pytest.approx(1 / np.sqrt(np.linalg.det(2 * covariance)), rel=1e-6)  # det
