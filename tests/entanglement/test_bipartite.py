"""PPT eigenvalue and log-negativity across any cut: closed forms, 50 digits, thewalrus, and the parties' names."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue, steering
from backaction.gaussian import GaussianState, InvalidInput, symplectic_form
from backaction.gaussian.maps import apply_loss, apply_symplectic
from backaction.gaussian.preparation import squeezed, two_mode_squeezed
from backaction.gaussian.symplectic import beam_splitter, rotation, squeezing, two_mode_squeezing

STABLE = settings(derandomize=True, max_examples=30, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def random_state(seed: int, modes: str) -> GaussianState:
    """Thermal modes, every pair of which was squeezed together and mixed."""
    rng = np.random.default_rng(seed)
    state = GaussianState.thermal(rng.exponential(0.2, len(modes)), list(modes))
    for i, first in enumerate(modes):
        for second in modes[i + 1 :]:
            state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 0.6), rng.uniform(0, 6)), [first, second])
            state = apply_symplectic(state, beam_splitter(rng.uniform(0, 1), rng.uniform(0, 6)), [first, second])
        state = apply_symplectic(state, squeezing(rng.uniform(0, 0.5), rng.uniform(0, 6)), first)
    return state


def transposed_spectrum(state: GaussianState, second: list[str]) -> list[float]:
    """|eigenvalues of iΩV| of the covariance with the second party's momenta turned round, in 50 digits."""
    signs = np.ones(2 * len(state.modes))
    for name in second:
        signs[2 * state.modes.index(name) + 1] = -1
    flipped = signs[:, None] * state.covariance * signs
    with mpmath.workdps(50):
        product = mpmath.matrix(symplectic_form(len(state.modes)).tolist()) * mpmath.matrix(flipped.tolist())
        values = mpmath.eig(product, left=False, right=False)
        return sorted(float(abs(mpmath.im(value))) for value in values)[::2]


@pytest.mark.parametrize("r", [0.0, 0.2, 1.0, 4.0])
def test_two_mode_squeezed_vacuum(r):
    state = two_mode_squeezed(r, ["a", "b"], phase=0.4)
    assert float(log_negativity(state, "a", "b")) == pytest.approx(2 * r, abs=1e-8 if r > 2 else 1e-12)  # e^{4r} eps
    assert float(smallest_ppt_eigenvalue(state, "a", "b")) == pytest.approx(
        np.exp(-2 * r) / 2, rel=1e-8 if r > 2 else 1e-12
    )


@pytest.mark.parametrize("efficiency", [0.1, 0.6, 1.0])
def test_loss_on_both_modes_has_its_closed_form(efficiency):
    state = apply_loss(two_mode_squeezed(1.2, ["a", "b"]), efficiency)
    nu = (1 - efficiency + efficiency * np.exp(-2.4)) / 2
    assert float(smallest_ppt_eigenvalue(state, "a", "b")) == pytest.approx(nu, rel=1e-12)
    assert float(log_negativity(state, "a", "b")) == pytest.approx(-np.log(2 * nu), rel=1e-12)


@STABLE
@given(SEEDS, st.sampled_from([("ab", "cd"), ("a", "bcd"), ("ac", "b"), ("d", "a"), ("abc", "d")]))
def test_any_cut_agrees_with_fifty_digits(seed, cut):
    first, second = list(cut[0]), list(cut[1])
    state = random_state(seed, "abcd").marginal(first + second)
    values = transposed_spectrum(state, second)
    assert float(smallest_ppt_eigenvalue(state, first, second)) == pytest.approx(values[0], rel=1e-14)
    expected = sum(max(0.0, -np.log(2 * value)) for value in values)
    assert float(log_negativity(state, first, second)) == pytest.approx(expected, rel=1e-13, abs=1e-14)


@STABLE
@given(SEEDS)
def test_two_modes_obey_simons_formula(seed):
    v = random_state(seed, "ab").covariance
    det = np.linalg.det
    seralian = det(v[:2, :2]) + det(v[2:, 2:]) - 2 * det(v[:2, 2:])
    nu = np.sqrt(2 * det(v) / (seralian + np.sqrt(seralian**2 - 4 * det(v))))
    value = float(smallest_ppt_eigenvalue(random_state(seed, "ab"), "a", "b"))
    assert value == pytest.approx(nu, rel=1e-11)  # the determinant's own rounding
    separable = det(v) + 1 / 16 >= seralian / 4  # Simon's inequality in the form without eigenvalues
    assert separable == (value >= 0.5)


def test_log_negativity_adds_over_pairs_and_smallest_eigenvalue_does_not():
    state = two_mode_squeezed(0.5, ["a1", "b1"]).tensor(two_mode_squeezed(0.9, ["a2", "b2"]))
    assert float(log_negativity(state, ["a1", "a2"], ["b1", "b2"])) == pytest.approx(2.8, rel=1e-12)
    assert float(smallest_ppt_eigenvalue(state, ["a1", "a2"], ["b2", "b1"])) == pytest.approx(
        np.exp(-1.8) / 2, rel=1e-12
    )
    assert float(log_negativity(state, ["a1", "b1"], ["a2", "b2"])) == pytest.approx(0, abs=1e-13)
    assert float(log_negativity(state, "a1", "b2")) == 0


def test_one_squeezed_mode_split_over_three():
    # A squeezed vacuum on a chain of beam splitters: one mode against the two others is a pure state of r and a power.
    r, power = 0.8, 0.3
    state = squeezed(r, "a").tensor(GaussianState.vacuum(["b", "c"]))
    state = apply_symplectic(state, beam_splitter(power), ["a", "b"])
    state = apply_symplectic(state, beam_splitter(0.6), ["b", "c"])
    determinant = 0.25 * (1 + 4 * power * (1 - power) * np.sinh(r) ** 2)
    local = np.sqrt(determinant)  # a pure state's E_N = arcosh of twice the local symplectic eigenvalue
    assert float(log_negativity(state, "a", ["b", "c"])) == pytest.approx(np.arccosh(2 * local), rel=1e-12)


def test_agreement_with_thewalrus_where_it_is_right():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what other packages deprecate is not our matter
        from thewalrus.quantum import log_negativity as reference
    compared = 0
    for seed in range(20):
        state = random_state(seed, "abc")
        order = np.r_[0:6:2, 1:6:2]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it returns complex numbers for some mixed states
            expected = reference(2 * state.covariance[np.ix_(order, order)], modes_A=[0, 1], hbar=2)
        if np.isrealobj(expected):
            assert float(log_negativity(state, ["a", "b"], "c")) == pytest.approx(float(expected), abs=1e-9)
            compared += 1
    assert compared >= 10


def test_names_choose_the_modes_and_the_rest_is_traced_out():
    state = random_state(3, "abcd")
    direct = log_negativity(state, ["d", "b"], "a")
    reduced = log_negativity(state.marginal(["b", "a", "d"]), ["b", "d"], ["a"])
    assert float(direct) == pytest.approx(float(reduced), rel=1e-13)
    assert float(direct) == pytest.approx(float(log_negativity(state, "a", ["b", "d"])), rel=1e-12)


CRITERIA = [duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue, steering]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_parties_that_make_no_sense(criterion):
    state = GaussianState.vacuum(["spin", "membrane"])
    bad = {
        "did you mean 'membrane'": ("spin", "membrnae"),
        "'spin' is in both parties": ("spin", "spin"),
        "second party is empty": ("spin", []),
        "first party is empty": ((), "spin"),
        "more than once": (["spin", "spin"], "membrane"),
    }
    for text, (first, second) in bad.items():
        with pytest.raises(InvalidInput, match=text):
            criterion(state, first, second)
    with pytest.raises(InvalidInput, match="GaussianState, got ndarray"):
        criterion(np.eye(4), "spin", "membrane")


def test_batches_equal_the_loop():
    turned = apply_symplectic(random_state(4, "abc"), rotation(np.linspace(0, 3, 4)), "b")
    state = apply_loss(turned, np.linspace(0.3, 1, 3)[:, None], "a")
    for criterion in (log_negativity, smallest_ppt_eigenvalue, steering):
        batch = criterion(state, ["a", "c"], "b")
        assert batch.value.shape == (3, 4)
        for lane in np.ndindex(3, 4):
            alone = GaussianState(np.zeros(6), state.covariance[lane], state.modes, state.error_estimate[lane], np.inf)
            single = criterion(alone, ["a", "c"], "b")
            np.testing.assert_allclose(batch.value[lane], single.value, rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(batch.uncertainty[lane], single.uncertainty, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_an_empty_sweep_gives_an_empty_answer(criterion):
    answer = criterion(two_mode_squeezed(np.zeros((2, 0)), ["a", "b"]), "a", "b")
    assert answer.value.shape == answer.uncertainty.shape == (2, 0)
