"""Steering: the two-mode determinants, Schur complements of several modes, closed forms, one way only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backaction.entanglement import log_negativity, steering
from backaction.gaussian import GaussianState
from backaction.gaussian.maps import apply_loss, apply_symplectic
from backaction.gaussian.normal_forms import symplectic_eigenvalues
from backaction.gaussian.preparation import two_mode_squeezed
from backaction.gaussian.symplectic import beam_splitter, squeezing, two_mode_squeezing

STABLE = settings(derandomize=True, max_examples=30, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def random_state(seed: int, modes: str) -> GaussianState:
    rng = np.random.default_rng(seed)
    state = GaussianState.thermal(rng.exponential(0.1, len(modes)), list(modes))
    for i, first in enumerate(modes):
        for second in modes[i + 1 :]:
            state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 0.8), rng.uniform(0, 6)), [first, second])
            state = apply_symplectic(state, beam_splitter(rng.uniform(0, 1), rng.uniform(0, 6)), [first, second])
        state = apply_symplectic(state, squeezing(rng.uniform(0, 0.4), rng.uniform(0, 6)), first)
    return state


@STABLE
@given(SEEDS)
def test_two_modes_obey_the_determinants(seed):
    state = random_state(seed, "ab")
    v, det = state.covariance, np.linalg.det
    forth = max(0.0, 0.5 * np.log(det(v[:2, :2]) / (4 * det(v))))
    back = max(0.0, 0.5 * np.log(det(v[2:, 2:]) / (4 * det(v))))
    assert float(steering(state, "a", "b")) == pytest.approx(forth, abs=1e-11)  # the determinant's own rounding
    assert float(steering(state, "b", "a")) == pytest.approx(back, abs=1e-11)


@STABLE
@given(SEEDS, st.sampled_from([("ab", "cd"), ("a", "bcd"), ("abc", "d")]))
def test_several_modes_obey_the_schur_complement(seed, cut):
    first, second = list(cut[0]), list(cut[1])
    state = random_state(seed, "abcd").marginal(first + second)
    m = 2 * len(first)
    v = state.covariance
    schur = v[m:, m:] - v[m:, :m] @ np.linalg.solve(v[:m, :m], v[:m, m:])
    expected = np.maximum(0, -np.log(2 * symplectic_eigenvalues((schur + schur.T) / 2))).sum()
    assert float(steering(state, first, second)) == pytest.approx(
        expected, abs=1e-10
    )  # the difference in the Schur complement
    assert expected <= float(log_negativity(state, first, second)) + 1e-10  # steerable by no more than entangled


@pytest.mark.parametrize("r", [0.1, 1.0, 3.0])
def test_two_mode_squeezed_vacuum_is_steered_by_ln_cosh_2r(r):
    state = two_mode_squeezed(r, ["a", "b"])
    for parties in (("a", "b"), ("b", "a")):
        assert float(steering(state, *parties)) == pytest.approx(np.log(np.cosh(2 * r)), rel=1e-9)  # e^{4r} eps


def test_loss_on_one_side_leaves_one_way():
    r, efficiency = 1.0, 0.4
    state = apply_loss(two_mode_squeezed(r, ["a", "b"]), efficiency, "b")
    # Var b = η cosh 2r + 1 − η (vacuum 1); the lossy party cannot steer below 50 %, the other always can.
    c = np.cosh(2 * r)
    determinant = efficiency + (1 - efficiency) * c
    assert float(steering(state, "a", "b")) == pytest.approx(np.log(c / determinant), rel=1e-12)
    assert float(steering(state, "b", "a")) == 0
    better = apply_loss(two_mode_squeezed(r, ["a", "b"]), 0.7, "b")
    expected = np.log((0.7 * c + 0.3) / (0.7 + 0.3 * c))
    assert float(steering(better, "b", "a")) == pytest.approx(expected, rel=1e-12)


def test_the_vacuum_steers_nothing():
    state = GaussianState.vacuum(["a", "b", "c"])
    assert float(steering(state, "a", ["b", "c"])) == pytest.approx(0, abs=1e-15)
