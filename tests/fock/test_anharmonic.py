"""What covariances do not know: a Kerr oscillator and number states, against closed forms."""

import numpy as np
import pytest
import qutip

from backaction.fock import kerr_motion, non_gaussianity, number_state_under_a_pulse, to_qobj
from backaction.fock.basis import Basis
from backaction.fock.solutions import Density
from backaction.gaussian import GaussianState, InvalidInput
from backaction.gaussian.preparation import two_mode_squeezed


def test_the_mean_of_a_kerr_oscillator_without_damping_is_its_closed_form():
    times = np.linspace(0, 3, 7)
    motion = kerr_motion(0.7, 1.4, 0.0, times)
    # ⟨a⟩ = α exp[−|α|²(1 − e^{−2iχt})]: each number state turns at its own rate.
    expected = 1.4 * np.exp(-(1.4**2) * (1 - np.exp(-2j * 0.7 * times)))
    np.testing.assert_allclose(motion.mean, expected, atol=1e-7)  # levels kept
    np.testing.assert_allclose(motion.quanta, 1.4**2, atol=1e-8)  # the same
    assert np.abs(motion.mean).min() < 0.1 < np.abs(motion.gaussian_mean).min()


def test_a_damped_kerr_oscillator_is_qutips():
    motion = kerr_motion(0.5, 1.0, 0.3, [0.4, 1.1])
    a = qutip.destroy(30)
    theirs = qutip.mesolve(
        0.5 * a.dag() * a.dag() * a * a,
        qutip.coherent(30, 1.0, method="analytic"),
        [0.0, 0.4, 1.1],
        [np.sqrt(0.3) * a],
        e_ops=[a, a.dag() * a],
        options={"atol": 1e-11, "rtol": 1e-9},
    )
    np.testing.assert_allclose(motion.mean, theirs.expect[0][1:], atol=1e-7)  # ODE solver, levels kept
    np.testing.assert_allclose(motion.quanta, theirs.expect[1][1:], atol=1e-7)  # the same


def test_a_weak_kerr_term_is_the_mean_field():
    motion = kerr_motion(1e-3, 1.0, 0.1, np.linspace(0, 5, 6))
    np.testing.assert_allclose(motion.mean, motion.gaussian_mean, atol=2e-4)  # second order in χt
    assert motion.non_gaussianity.max() < 2e-3


def test_gaussian_states_have_no_non_gaussianity():
    state = two_mode_squeezed(0.3, ["a", "b"])
    basis = Basis([14, 14])
    elements = to_qobj(state, [14, 14]).full()
    order = np.argsort(basis.places.ravel())
    assert non_gaussianity(Density(basis, elements[np.ix_(order, order)], ("a", "b"))) == pytest.approx(0, abs=1e-6)
    mixture = np.diag([0.5, 0, 0.5, 0]).astype(complex)  # |0⟩ and |1⟩: even numbers stand first
    thermal = 1.5 * np.log(1.5) - 0.5 * np.log(0.5)
    assert non_gaussianity(Density(Basis([4]), mixture, ("a",))) == pytest.approx(thermal - np.log(2))


@pytest.mark.parametrize("strength", [0.3, 1.0, 5.0])
def test_one_quantum_given_y_is_its_closed_form(strength):
    outcomes = np.linspace(-12, 12, 481)
    found = number_state_under_a_pulse(np.inf, 1, strength, outcomes)
    # x² exp(−x²) exp[−(y − κx)²]: a Gaussian of variance s = ½/(1+κ²) about m, times x².
    s, m = 0.5 / (1 + strength), np.sqrt(strength) * outcomes / (1 + strength)
    second, third, fourth = m**2 + s, m**3 + 3 * m * s, m**4 + 6 * m**2 * s + 3 * s**2
    expected = fourth / second - (third / second) ** 2
    likely = found.probability > 1e-6
    np.testing.assert_allclose(found.variance[likely], expected[likely], rtol=1e-5)  # levels kept
    assert found.gaussian == pytest.approx(1.5 / (1 + 3 * strength))
    assert found.variance[240] == pytest.approx(1.5 / (1 + strength), rel=1e-6)
    assert found.probability.sum() * (outcomes[1] - outcomes[0]) == pytest.approx(1, abs=1e-9)


def test_a_gaussian_initial_state_has_one_variance_for_all_outcomes_and_a_long_spin_is_an_oscillator():
    outcomes = np.linspace(-5, 5, 101)
    ground = number_state_under_a_pulse(np.inf, 0, 2.0, outcomes)
    np.testing.assert_allclose(ground.variance, ground.gaussian, rtol=1e-8)  # levels kept
    spins = [number_state_under_a_pulse(J, 1, 1.0, outcomes).average for J in (10, 100, 1000, np.inf)]
    errors = np.abs(np.array(spins[:3]) - spins[3])
    assert errors[0] > 5 * errors[1] > 25 * errors[2]


def test_what_makes_no_sense_is_refused():
    with pytest.raises(InvalidInput, match="quanta"):
        number_state_under_a_pulse(10, -1, 1.0, [0.0, 1.0])
    with pytest.raises(InvalidInput, match="increase"):
        kerr_motion(1.0, 1.0, 0.1, [1.0, 0.5])


def test_density_and_gaussian_state_share_their_names():
    density = Density(Basis([3]), np.diag([1.0, 0, 0]).astype(complex), ("a",))
    assert isinstance(density.state, GaussianState)
    assert density.state.modes == ("a",)
