"""Precision: criteria of rounded covariances against 50-digit arithmetic, and the honesty of their uncertainty."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue, steering
from backaction.gaussian import GaussianState, Unphysical, Unresolved
from backaction.gaussian.preparation import two_mode_squeezed

LAST_DIGITS = 4 * np.finfo(np.float64).eps  # what the rounding of the answer itself may cost
CRITERIA = {
    "ppt": smallest_ppt_eigenvalue,
    "log_negativity": log_negativity,
    "duan": duan_sum,
    "epr": epr_variance,
    "steering": steering,
}


def exact_criteria(v: mpmath.matrix) -> dict[str, mpmath.mpf]:
    """All criteria of a two-mode covariance from their textbook formulas, in the working precision of mpmath."""
    a, b, c = v[0:2, 0:2], v[2:4, 2:4], v[0:2, 2:4]
    det, det_a = mpmath.det(v), mpmath.det(a)
    seralian = det_a + mpmath.det(b) - 2 * mpmath.det(c)
    ppt = mpmath.sqrt((seralian - mpmath.sqrt(seralian**2 - 4 * det)) / 2)
    total_a, total_b = a[0, 0] + a[1, 1], b[0, 0] + b[1, 1]
    cross = mpmath.sqrt((c[0, 0] - c[1, 1]) ** 2 + (c[0, 1] + c[1, 0]) ** 2)
    return {
        "ppt": ppt,
        "log_negativity": max(mpmath.mpf(0), -mpmath.log(2 * ppt)),
        "duan": (total_a + total_b) / 2 - cross,
        "epr": (total_a + total_b) / 2 - mpmath.sqrt(((total_a - total_b) / 2) ** 2 + cross**2),
        "steering": max(mpmath.mpf(0), mpmath.log(det_a / (4 * det)) / 2),
    }


def squeezed_covariance(r: float, efficiency: float, noise: float) -> mpmath.matrix:
    """Two-mode squeezed vacuum with loss on the second mode and classical noise on both."""
    r, eta, noise = mpmath.mpf(r), mpmath.mpf(efficiency), mpmath.mpf(noise)
    even, odd = mpmath.cosh(2 * r) / 2, mpmath.sinh(2 * r) / 2 * mpmath.sqrt(eta)
    lossy = eta * even + (1 - eta) / 2
    a, b = even + noise, lossy + noise
    return mpmath.matrix([[a, 0, odd, 0], [0, a, 0, -odd], [odd, 0, b, 0], [0, -odd, 0, b]])


def turned(v: mpmath.matrix, rng: np.random.Generator, largest: float) -> mpmath.matrix:
    """Local rotations and squeezers, which change no symplectic eigenvalue but every entry."""
    local = mpmath.zeros(4)
    for mode in (0, 1):
        angle, other, s = (mpmath.mpf(x) for x in rng.uniform(0, [6, 6, largest]))
        block = _rotation(angle) * mpmath.diag([mpmath.exp(-s), mpmath.exp(s)]) * _rotation(other)
        for i, j in np.ndindex(2, 2):
            local[2 * mode + i, 2 * mode + j] = block[i, j]
    return local * v * local.T


def _rotation(angle: mpmath.mpf) -> mpmath.matrix:
    return mpmath.matrix([[mpmath.cos(angle), -mpmath.sin(angle)], [mpmath.sin(angle), mpmath.cos(angle)]])


def rounded(v: mpmath.matrix) -> np.ndarray:
    array = np.array([[float(v[i, j]) for j in range(4)] for i in range(4)])
    return np.triu(array) + np.triu(array, 1).T


def state_of(array: np.ndarray) -> GaussianState:
    return GaussianState(np.zeros(4), array, ["a", "b"], allowed_defect=np.inf)


def families():
    for r in np.arange(0.0, 10.1, 0.5):
        yield f"pure {r}", squeezed_covariance(r, 1.0, 0.0)
        yield f"lossy {r}", squeezed_covariance(r, 0.7, 0.0)
        yield f"noisy {r}", squeezed_covariance(r, 1.0, 1e-3)
    rng = np.random.default_rng(20)
    for index in range(40):
        r, eta, noise = rng.uniform(0, [4, 1, 0.3])
        yield f"random {index}", turned(squeezed_covariance(r, eta, noise), rng, 1.0)


@pytest.fixture(scope="module")
def records():
    """Per state: the truth, the 50-digit criteria of the rounded matrix, and what the library says."""
    found = []
    with mpmath.workdps(50):
        for name, v in families():
            array = rounded(v)
            truth, answers = exact_criteria(v), {}
            for key, criterion in CRITERIA.items():
                try:
                    answers[key] = criterion(state_of(array), "a", "b")
                except Unresolved:
                    answers[key] = None
            # Some of the refused matrices are singular: there is nothing to compare with.
            held = exact_criteria(mpmath.matrix(array.tolist())) if any(answers.values()) else {}
            found += [(name, key, truth[key], held.get(key), answers[key]) for key in CRITERIA]
    return found


def test_errors_are_those_of_fifty_digits_on_the_same_matrix(records):
    for name, key, truth, held, answer in records:
        if answer is None:
            continue
        error = abs(mpmath.mpf(float(answer)) - truth)
        floor = LAST_DIGITS * max(1, abs(truth)) if key in ("log_negativity", "steering") else LAST_DIGITS * truth
        assert error <= 10 * abs(held - truth) + floor, (name, key)


def test_uncertainty_bounds_the_true_error(records):
    reached = []
    for name, key, truth, _, answer in records:
        if answer is None:
            continue
        error = abs(mpmath.mpf(float(answer)) - truth)
        floor = LAST_DIGITS * max(1, abs(truth))
        assert error <= float(answer.uncertainty) + floor, (name, key)
        if error > floor:
            reached.append(float(error) / float(answer.uncertainty))
    assert np.max(reached) > 0.1  # the bound is not idle


def test_what_is_told_is_told_to_a_thousandth_and_the_rest_refused(records):
    for name, key, truth, _, answer in records:
        family, number = name.split()
        if answer is not None:
            error = abs(mpmath.mpf(float(answer)) - truth)
            assert error <= 1e-3 * (truth if key in ("ppt", "duan", "epr") else max(1, truth)), (name, key)
        if family == "pure":
            assert (answer is not None) == (float(number) <= 7), (name, key)
        if family == "noisy":  # its criteria stay near 1e-3, and steering needs no more than float64 to r = 10
            assert answer is not None or float(number) > 7, (name, key)
        if family == "random":
            assert answer is not None, (name, key)


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA.keys())
@pytest.mark.parametrize("r", [9.0, 10.0, 15.0])
def test_beyond_float64_is_refused_and_not_guessed(criterion, r):
    with pytest.raises(Unresolved, match="uncertainty") as caught:
        criterion(two_mode_squeezed(r, ["a", "b"]), "a", "b")
    assert caught.value.uncertainty > 1e-3


def test_a_batch_tells_how_many_lanes_and_which():
    state = two_mode_squeezed(np.array([1.0, 2.0, 7.5, 8.0]), ["a", "b"])
    with pytest.raises(Unresolved, match=r"2 of 4 lanes \(the first at \(2,\)\)"):
        log_negativity(state, "a", "b")


def test_the_states_own_error_estimate_counts():
    covariance = two_mode_squeezed(2.0, ["a", "b"]).covariance
    values = []
    for error in (0.0, 1e-12, 1e-9):
        state = GaussianState(np.zeros(4), covariance, ["a", "b"], error_estimate=error)
        values.append([float(f(state, "a", "b").uncertainty) for f in CRITERIA.values()])
    exact, small, large = np.array(values)
    assert (small > 1e3 * exact).all()
    np.testing.assert_allclose(large / small, 1e3, rtol=1e-3)  # rounding adds 2e-4 of 1e-12
    rough = GaussianState(np.zeros(4), covariance, ["a", "b"], error_estimate=1e-5)
    for criterion in CRITERIA.values():
        with pytest.raises(Unresolved, match="is not resolved"):
            criterion(rough, "a", "b")


def test_certainly_not_entangled_needs_no_digits():
    # Known to 1 % only, but hot and uncorrelated: far above every bound.
    state = GaussianState(np.zeros(4), 50 * np.eye(4), ["a", "b"], error_estimate=0.01)
    assert float(log_negativity(state, "a", "b")) == 0
    assert float(log_negativity(state, "a", "b").uncertainty) == 0
    assert float(steering(state, "a", "b").uncertainty) == 0
    for criterion in (smallest_ppt_eigenvalue, duan_sum, epr_variance):
        assert 0.005 < float(criterion(state, "a", "b").uncertainty) / float(criterion(state, "a", "b")) < 0.05


def test_uncertain_at_the_bound_is_refused():
    state = GaussianState(np.zeros(4), 0.51 * np.eye(4), ["a", "b"], error_estimate=0.01)
    for criterion in CRITERIA.values():
        with pytest.raises(Unresolved):
            criterion(state, "a", "b")


def test_a_matrix_that_is_no_covariance_is_refused_with_its_eigenvalue():
    array = np.eye(4)
    array[0, 2] = array[2, 0] = 1.5
    for criterion in CRITERIA.values():
        with pytest.raises(Unphysical, match=r"smallest eigenvalue is -0\.5") as caught:
            criterion(state_of(array), "a", "b")
        assert caught.value.eigenvalue == pytest.approx(-0.5)


def test_a_slightly_unphysical_state_of_a_phenomenological_model_is_evaluated():
    array = two_mode_squeezed(1.0, ["a", "b"]).covariance * (1 - 1e-5)
    assert float(log_negativity(state_of(array), "a", "b")) == pytest.approx(2 + 1e-5, abs=1e-9)
