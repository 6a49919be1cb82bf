"""Duan and EPR criteria of two modes: against brute-force minimisation, closed forms and the textbook eigenvalue."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backaction.entanglement import Criterion, duan_sum, epr_variance
from backaction.gaussian import GaussianState, InvalidInput
from backaction.gaussian.maps import apply_loss, apply_symplectic
from backaction.gaussian.preparation import two_mode_squeezed
from backaction.gaussian.symplectic import rotation, squeezing, two_mode_squeezing

STABLE = settings(derandomize=True, max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def random_pair(seed: int) -> GaussianState:
    rng = np.random.default_rng(seed)
    state = apply_symplectic(
        GaussianState.thermal(rng.exponential(0.5, 2), ["a", "b"]), two_mode_squeezing(rng.uniform(0, 2))
    )
    for mode in ("a", "b"):
        state = apply_symplectic(
            state, squeezing(rng.uniform(0, 0.5), rng.uniform(0, 6)) @ rotation(rng.uniform(0, 6)), mode
        )
    return apply_loss(state, rng.uniform(0.2, 1), "b")


def combination(covariance: np.ndarray, gain: float, phase: float) -> float:
    """[Var(X_a + g X_b') + Var(P_a − g P_b')]/(1 + g²), term by term as an experiment would."""
    x = np.array([1, 0, gain * np.cos(phase), -gain * np.sin(phase)])
    p = np.array([0, 1, -gain * np.sin(phase), -gain * np.cos(phase)])
    return float(x @ covariance @ x + p @ covariance @ p) / (1 + gain**2)


@STABLE
@given(SEEDS)
def test_the_combination_that_comes_with_the_epr_variance_has_it_and_no_other_has_less(seed):
    state = random_pair(seed)
    epr = epr_variance(state, "a", "b")
    gain, phase = float(epr.gain), float(epr.phase)
    assert gain <= 0
    assert combination(state.covariance, gain, phase) == pytest.approx(float(epr), rel=1e-11)  # a difference here
    rng = np.random.default_rng(seed)
    for other, turn in zip(np.tan(rng.uniform(-1.5, 1.5, 50)), rng.uniform(-4, 4, 50), strict=True):
        assert combination(state.covariance, other, turn) >= float(epr) - 1e-12
    for step in (-1e-4, 1e-4):
        assert combination(state.covariance, gain + step, phase) >= float(epr) - 1e-13
        assert combination(state.covariance, gain, phase + step) >= float(epr) - 1e-13


@STABLE
@given(SEEDS)
def test_duan_is_the_combination_with_gain_one_at_the_best_phase(seed):
    state = random_pair(seed)
    value = float(duan_sum(state, "a", "b"))
    turns = np.linspace(0, 2 * np.pi, 2001)
    scan = [combination(state.covariance, -1.0, turn) for turn in turns]
    assert min(scan) == pytest.approx(value, abs=1e-5 * np.trace(state.covariance))  # the scan's step squared times C
    assert combination(state.covariance, -1.0, float(epr_variance(state, "a", "b").phase)) == pytest.approx(
        value, rel=1e-11
    )
    assert float(epr_variance(state, "a", "b")) <= value * (1 + 1e-14)


@STABLE
@given(SEEDS)
def test_epr_is_the_smaller_eigenvalue_and_its_gain_the_eigenvector(seed):
    v = random_pair(seed).covariance
    a, b, c = np.trace(v[:2, :2]), np.trace(v[2:, 2:]), np.hypot(v[0, 2] - v[1, 3], v[0, 3] + v[1, 2])
    epr = epr_variance(random_pair(seed), "a", "b")
    values, vectors = np.linalg.eigh([[a, c], [c, b]])
    assert float(epr) == pytest.approx(values[0], rel=1e-11)  # LAPACK's error is of the larger eigenvalue
    assert float(epr.gain) == pytest.approx(vectors[1, 0] / vectors[0, 0], rel=1e-11)
    assert float(epr.gain) == pytest.approx((values[0] - a) / c, rel=1e-9)  # the contract's formula, a difference


@pytest.mark.parametrize("r", [0.0, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("efficiency", [1.0, 0.8, 0.3])
def test_two_mode_squeezing_with_loss_has_its_closed_form(r, efficiency):
    state = apply_loss(two_mode_squeezed(r, ["a", "b"]), efficiency)
    expected = 1 - efficiency + efficiency * np.exp(-2 * r)
    for criterion in (duan_sum, epr_variance):
        assert float(criterion(state, "a", "b")) == pytest.approx(expected, rel=1e-11)  # the map's rounding, e^{2r}


def test_modes_without_correlation():
    cold, hot = GaussianState.thermal([0.5], ["cold"]), GaussianState.thermal([1.5], ["hot"])
    state = cold.tensor(hot)
    epr = epr_variance(state, "cold", "hot")
    assert (float(epr), float(epr.gain), float(epr.phase)) == (2.0, 0.0, 0.0)
    assert not np.signbit(epr.gain)
    other = epr_variance(state, "hot", "cold")
    assert (float(other), float(other.phase)) == (2.0, 0.0)
    assert np.isnan(other.gain)
    equal = epr_variance(GaussianState.vacuum(["a", "b"]), "a", "b")
    assert (float(equal), float(equal.gain), float(equal.phase)) == (1.0, 0.0, 0.0)
    assert float(duan_sum(state, "hot", "cold")) == 3.0


def test_a_local_phase_is_found_again():
    for turn in (-2.0, 0.1, 3.0):
        state = apply_symplectic(two_mode_squeezed(1.0, ["a", "b"]), rotation(turn), "b")
        epr = epr_variance(state, "a", "b")
        assert float(epr.phase) == pytest.approx(-turn, abs=1e-12)
        assert float(epr.gain) == pytest.approx(-1, abs=1e-12)
        assert float(epr) == pytest.approx(np.exp(-2), rel=1e-12)


def test_unequal_modes_need_a_gain():
    state = apply_loss(two_mode_squeezed(1.5, ["b", "a"]), 0.2, "a").marginal(["a", "b"])
    assert float(duan_sum(state, "a", "b")) > 1
    assert float(epr_variance(state, "a", "b")) < 1
    assert -1 < float(epr_variance(state, "a", "b").gain) < 0
    assert float(epr_variance(state, "b", "a").gain) == pytest.approx(1 / float(epr_variance(state, "a", "b").gain))


def test_batches_equal_the_loop():
    state = apply_loss(two_mode_squeezed(np.linspace(0, 2, 4), ["a", "b"], 0.3), np.linspace(0.2, 1, 3)[:, None], "b")
    duan, epr = duan_sum(state, "a", "b"), epr_variance(state, "a", "b")
    assert duan.value.shape == epr.gain.shape == (3, 4)
    for lane in np.ndindex(3, 4):
        alone = GaussianState(np.zeros(4), state.covariance[lane], ["a", "b"], state.error_estimate[lane], np.inf)
        for batched, single in ((duan, duan_sum(alone, "a", "b")), (epr, epr_variance(alone, "a", "b"))):
            np.testing.assert_allclose(batched.value[lane], single.value, rtol=1e-12)
            np.testing.assert_allclose(batched.uncertainty[lane], single.uncertainty, rtol=1e-12)
        single = epr_variance(alone, "a", "b")
        np.testing.assert_allclose([epr.gain[lane], epr.phase[lane]], [single.gain, single.phase], rtol=1e-12)


def test_a_criterion_is_a_number_only_when_it_is_one():
    single = duan_sum(two_mode_squeezed(1.0, ["a", "b"]), "a", "b")
    assert isinstance(single, Criterion)
    assert float(single) == float(single.value)
    batch = duan_sum(two_mode_squeezed([1.0, 2.0], ["a", "b"]), "a", "b")
    with pytest.raises(InvalidInput, match=r"batch of shape \(2,\)"):
        float(batch)
    mean_only = GaussianState(np.zeros((5, 4)), np.eye(4), ["a", "b"])
    assert duan_sum(mean_only, "a", "b").value.shape == (5,)


@pytest.mark.parametrize("criterion", [duan_sum, epr_variance])
def test_one_mode_on_either_side(criterion):
    state = GaussianState.vacuum(["a", "b", "c"])
    with pytest.raises(InvalidInput, match="one mode on either side"):
        criterion(state, ["a", "b"], "c")
    assert float(criterion(state, ["a"], "c")) == 1.0
