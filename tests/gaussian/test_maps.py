"""Maps and measurements: each against a second road to the same state."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backaction.gaussian import GaussianState, InvalidInput, Unphysical
from backaction.gaussian.conditioning import measure_general_dyne, measure_heterodyne, measure_homodyne
from backaction.gaussian.maps import add_noise, apply_channel, apply_loss, apply_symplectic, displace
from backaction.gaussian.preparation import coherent, squeezed, two_mode_squeezed
from backaction.gaussian.symplectic import beam_splitter, rotation, squeezing, two_mode_squeezing

STABLE = settings(derandomize=True, max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def random_state(seed: int, modes: str = "abc") -> GaussianState:
    """Thermal modes, squeezed, mixed pairwise and displaced."""
    rng = np.random.default_rng(seed)
    state = GaussianState.thermal(rng.exponential(0.7, len(modes)), list(modes))
    for first, second in pairwise(modes):
        state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 1), rng.uniform(0, 6)), [first, second])
        state = apply_symplectic(state, squeezing(rng.uniform(0, 1), rng.uniform(0, 6)), first)
        state = apply_symplectic(state, beam_splitter(rng.uniform(0, 1), rng.uniform(0, 6)), [second, first])
    return displace(state, rng.normal(size=2 * len(modes)))


def agree(first: GaussianState, second: GaussianState, tolerance: float = 1e-12) -> None:
    assert first.modes == second.modes
    np.testing.assert_allclose(first.mean, second.mean, atol=tolerance)
    np.testing.assert_allclose(first.covariance, second.covariance, atol=tolerance * np.abs(first.covariance).max())


def test_prepared_states_are_what_the_matrices_make_of_the_vacuum():
    vacuum, pair = GaussianState.vacuum(["a"]), GaussianState.vacuum(["a", "b"])
    agree(squeezed(0.8, "a", 0.3), apply_symplectic(vacuum, squeezing(0.8, 0.3)))
    agree(two_mode_squeezed(0.8, ["a", "b"], 0.3), apply_symplectic(pair, two_mode_squeezing(0.8, 0.3)))
    agree(coherent([1 - 2j], ["a"]), displace(vacuum, np.sqrt(2) * np.array([1, -2])))


def test_a_map_of_named_modes_leaves_the_others_and_takes_the_correlations_along():
    state = random_state(5)
    turned = apply_symplectic(state, rotation(0.7), "b")
    agree(turned.marginal(["a", "c"]), state.marginal(["a", "c"]))
    full = np.eye(6)
    full[2:4, 2:4] = rotation(0.7)
    np.testing.assert_allclose(turned.covariance, full @ state.covariance @ full.T, atol=1e-13)
    # The rows of the matrix follow the names as they are given.
    swapped = apply_symplectic(state, beam_splitter(0.2, 1.0), ["c", "a"])
    other = apply_symplectic(state.marginal(["c", "a", "b"]), beam_splitter(0.2, 1.0), ["c", "a"])
    agree(swapped, other.marginal(["a", "b", "c"]))


@STABLE
@given(SEEDS, st.floats(0, 1), st.floats(0, 3))
def test_loss_is_a_beam_splitter_with_a_bath(seed, efficiency, occupation):
    state = random_state(seed, "ab")
    bath = GaussianState.thermal([occupation], ["bath"])
    mixed = apply_symplectic(state.tensor(bath), beam_splitter(efficiency), ["b", "bath"])
    agree(apply_loss(state, efficiency, "b", occupation), mixed.marginal(["a", "b"]))


def test_loss_is_a_channel_and_amplification_needs_noise():
    state = random_state(2)
    gain, noise = np.sqrt(0.4) * np.eye(6), 0.3 * np.eye(6)
    agree(apply_channel(state, gain, noise), apply_loss(state, 0.4))
    agree(add_noise(state, 0.3, "a"), apply_channel(state, np.eye(2), 0.3 * np.eye(2), "a"))
    with pytest.raises(Unphysical, match=r"eigenvalue -0\.5") as caught:
        apply_channel(state, np.sqrt(2) * np.eye(2), np.zeros((2, 2)), "a")
    assert caught.value.eigenvalue == pytest.approx(-0.5)
    amplified = apply_channel(GaussianState.vacuum(["a"]), np.sqrt(2) * np.eye(2), np.eye(2) / 2)
    idler = apply_symplectic(GaussianState.vacuum(["a", "i"]), two_mode_squeezing(np.arccosh(np.sqrt(2))))
    agree(amplified, idler.marginal("a"))


@STABLE
@given(SEEDS, st.floats(0, 6.3))
def test_homodyne_is_the_limit_of_a_squeezed_projection(seed, angle):
    state, record = random_state(seed), 0.8
    exact = measure_homodyne(state, "b", angle, [record])
    finite = squeezed(8.0, "b", angle)
    quadrature = np.array([np.cos(angle), np.sin(angle)])
    projected = measure_general_dyne(state, "b", finite.covariance, record * quadrature)
    agree(exact.state, projected.state, 1e-5)  # e^{−16} of the projection times the state's own squeezing
    np.testing.assert_allclose(exact.covariance[0, 0], quadrature @ state.marginal("b").covariance @ quadrature)
    np.testing.assert_allclose(exact.mean[0], quadrature @ state.marginal("b").mean, atol=1e-13)


@STABLE
@given(SEEDS, st.floats(0.05, 1), st.floats(0, 6.3))
def test_inefficient_detection_is_loss_before_an_ideal_detector(seed, efficiency, angle):
    state = random_state(seed)
    inefficient = measure_homodyne(state, "c", angle, [0.3], efficiency)
    ideal = measure_homodyne(apply_loss(state, efficiency, "c"), "c", angle, [0.3])
    agree(inefficient.state, ideal.state, 1e-11)  # pure states leave small conditional variances
    np.testing.assert_allclose(inefficient.covariance, ideal.covariance, rtol=1e-12)


@STABLE
@given(SEEDS)
def test_heterodyne_is_homodyne_of_x_and_p_behind_a_beam_splitter(seed):
    state, record = random_state(seed), np.array([0.4, -1.1])
    split = apply_symplectic(state.tensor(GaussianState.vacuum(["v"])), beam_splitter(0.5), ["b", "v"])
    first = measure_homodyne(split, "b", 0.0, record[:1] / np.sqrt(2)).state
    both = measure_homodyne(first, "v", np.pi / 2, -record[1:] / np.sqrt(2)).state
    agree(measure_heterodyne(state, "b", record).state, both, 1e-11)  # two conditionings after one another


@STABLE
@given(SEEDS)
def test_the_average_over_the_outcomes_is_the_state_without_the_measured_mode(seed):
    state = random_state(seed)
    shifts = []
    measured = measure_heterodyne(state, "b")
    for step in np.eye(2):
        shifts.append(measure_heterodyne(state, "b", measured.mean + step).state.mean - measured.state.mean)
    gain = np.array(shifts).T
    agree(measured.state.marginal(["a", "c"]), measured.state)
    total = measured.state.covariance + gain @ measured.covariance @ gain.T
    np.testing.assert_allclose(total, state.marginal(["a", "c"]).covariance, rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(measured.state.mean, state.marginal(["a", "c"]).mean)


def test_conditioning_of_the_two_mode_squeezed_vacuum_has_its_closed_forms():
    r = 1.3
    pair = two_mode_squeezed(r, ["a", "b"])
    steered = measure_homodyne(pair, "b", 0.0, [1.0]).state
    expected = np.diag([1 / (2 * np.cosh(2 * r)), np.cosh(2 * r) / 2])
    np.testing.assert_allclose(steered.covariance, expected, atol=1e-14)
    np.testing.assert_allclose(steered.mean, [np.tanh(2 * r), 0], atol=1e-14)
    projected = measure_heterodyne(pair, "b").state
    np.testing.assert_allclose(projected.covariance, np.eye(2) / 2, atol=1e-14)


def test_the_error_estimate_follows_squeezing_there_and_back():
    state = GaussianState.thermal([1.0, 0.2], ["a", "b"])
    for r in (1.0, 3.0, 5.0):
        there = apply_symplectic(state, two_mode_squeezing(r))
        back = apply_symplectic(there, two_mode_squeezing(-r))
        scale = np.sqrt(np.diag(state.covariance))
        error = np.max(np.abs(back.covariance - state.covariance) / np.outer(scale, scale))
        assert error <= back.error_estimate
        assert there.error_estimate < 1e-14
        assert back.error_estimate < 1e-14 * np.exp(4 * r)


def test_batches_equal_the_loop():
    angles, efficiencies = np.linspace(0, 3, 4), np.linspace(0.1, 1, 3)[:, None]
    state = random_state(8)
    lossy = apply_loss(state, efficiencies, "a")
    turned = apply_symplectic(lossy, rotation(angles), "b")
    measured = measure_homodyne(turned, "c", angles, [0.2], efficiencies)
    assert measured.state.batch_shape == (3, 4)
    for i, j in np.ndindex(3, 4):
        alone = apply_symplectic(apply_loss(state, efficiencies[i, 0], "a"), rotation(angles[j]), "b")
        single = measure_homodyne(alone, "c", angles[j], [0.2], efficiencies[i, 0])
        np.testing.assert_allclose(measured.state.covariance[i, j], single.state.covariance, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(measured.state.mean[i, j], single.state.mean, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(measured.covariance[i, j], single.covariance, rtol=1e-12)


BAD_INPUT = {
    "not symplectic": (lambda s: apply_symplectic(s, 2 * np.eye(6)), "symplectic"),
    "too small": (lambda s: apply_symplectic(s, rotation(0.1)), "needs 6 rows"),
    "unknown mode of a map": (lambda s: apply_symplectic(s, rotation(0.1), "d"), "no mode 'd'"),
    "short displacement": (lambda s: displace(s, [1.0, 2.0]), "6 entries"),
    "odd channel": (lambda s: apply_channel(s, np.eye(3), np.eye(3)), "shape"),
    "efficiency above 1": (lambda s: apply_loss(s, 1.1), r"\[0, 1\]"),
    "cold bath": (lambda s: apply_loss(s, 0.5, occupation=-1), "negative"),
    "negative noise": (lambda s: add_noise(s, -0.1), "negative"),
    "NaN noise": (lambda s: add_noise(s, np.nan), "not finite"),
    "unknown mode of a detector": (lambda s: measure_homodyne(s, "d", 0.0), "no mode 'd'"),
    "negative efficiency": (lambda s: measure_homodyne(s, "a", 0.0, efficiency=-0.1), r"\[0, 1\]"),
    "long outcome": (lambda s: measure_homodyne(s, "a", 0.0, outcome=[1.0, 2.0]), "1 entries"),
    "nothing left": (lambda s: measure_homodyne(s.marginal("a"), "a", 0.0), "leaves no mode"),
    "large detector": (lambda s: measure_general_dyne(s, "a", np.eye(4)), "2 rows"),
    "too many amplitudes": (lambda s: coherent([1.0, 2.0], ["a"]), "amplitudes"),
    "one mode for two": (lambda s: two_mode_squeezed(1.0, ["a"]), "two modes"),
}


@pytest.mark.parametrize(("call", "text"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_is_told(call, text):
    with pytest.raises(InvalidInput, match=text):
        call(random_state(1))


def test_a_detector_finer_than_quantum_mechanics_does_not_exist():
    with pytest.raises(Unphysical, match=r"M \+ iΩ/2"):
        measure_general_dyne(random_state(1), "a", 0.1 * np.eye(2))
