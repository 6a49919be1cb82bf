"""Canonical systems: networks and solvers against the closed forms of each."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.entanglement import duan_sum, duan_sum_of_system, log_negativity, smallest_ppt_eigenvalue, steering
from backaction.gaussian import (
    GaussianState,
    Heterodyne,
    Homodyne,
    InvalidInput,
    Unstable,
    conditional_evolution,
    conditional_state,
    purity,
    retrodicted_effect,
    steady_state,
)
from backaction.systems import Damping, MechanicalOscillator
from backaction.systems.canonical import epr_pair, hybrid_road, opo, probed_oscillator, pulsed, two_mode_squeezed
from backaction.systems.published import vitali2007
from backaction.systems.published.moller2017 import network as moller_network

MATCHED = ("spin", "membrane")


def oscillator(gamma, rate, occupation, damping=Damping.BROWNIAN):
    return MechanicalOscillator(
        mechanical_frequency=1.0,
        mechanical_linewidth=gamma,
        readout_rate=rate,
        occupation=occupation,
        damping=damping,
    ).system("m")


# One oscillator: O1, O2, O3


@pytest.mark.parametrize("gamma", [1e-2, 1e-5, 1e-8])
@pytest.mark.parametrize("rate", [1e-4, 0.3, 30.0])
@pytest.mark.parametrize("efficiency", [1.0, 0.3])
def test_an_oscillator_has_the_exact_conditional_covariance(gamma, rate, efficiency):
    state = conditional_state(oscillator(gamma, rate, 4.0), Homodyne(efficiency=efficiency))
    expected = probed_oscillator.conditional_covariance(1.0, gamma, rate, 4.0, efficiency)
    np.testing.assert_allclose(state.covariance, expected, rtol=1e-9)


@pytest.mark.parametrize("quality", [1e4, 1e6])
def test_the_rotating_wave_forms_hold_to_their_order(quality):
    gamma = 1 / quality
    rate = 5 * gamma
    system = oscillator(gamma, rate, 3.0, Damping.ROTATING_WAVE)
    past = conditional_state(system, Homodyne(efficiency=0.6)).covariance
    future = retrodicted_effect(system, Homodyne(efficiency=0.6)).covariance
    expected = probed_oscillator.conditional_variance(gamma, rate, 3.0, 0.6)
    order = (4 * rate) ** 2 + 4 * rate  # cross terms are of first order in Γ/Ω, variances of second
    np.testing.assert_allclose(np.diagonal(past), expected, rtol=(4 * rate) ** 2 + 1e-12)
    np.testing.assert_allclose(past[0, 1] / expected, 0, atol=order)
    backward = probed_oscillator.retrodicted_variance(gamma, rate, 3.0, 0.6)
    np.testing.assert_allclose(np.diagonal(future), backward, rtol=(4 * rate) ** 2 + 1e-12)
    assert backward - expected == pytest.approx(gamma / (0.6 * rate), rel=1e-12)


def test_purity_without_losses_is_that_of_the_watched_fraction():
    gamma, rate, n = 1e-7, 3e-4, 2.0
    state = conditional_state(oscillator(gamma, rate, n, Damping.ROTATING_WAVE), Homodyne(efficiency=0.7))
    expected = np.sqrt(0.7 * (rate / 4) / (rate / 4 + gamma * (n + 0.5)))
    assert float(purity(state)) == pytest.approx(expected, rel=5e-4)  # γ ≪ √(ηΓ·heating), here 3e-4


# The EPR pair: O5, O6, O7


@pytest.mark.parametrize("efficiency", [1.0, 0.6])
@pytest.mark.parametrize("cooperativity", [1.0, 1e2, 1e4])
def test_conditional_epr_is_exact_with_brownian_damping(cooperativity, efficiency):
    pair = epr_pair.network(cooperativity, (5.0, 1.0), quality=1e5, damping=Damping.BROWNIAN)
    expected = epr_pair.qnd_conditional_exact(cooperativity, 7.0, 1e5, efficiency)
    found = duan_sum_of_system(pair.system, *MATCHED, Homodyne(efficiency=efficiency))
    assert float(found) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("efficiency", [1.0, 0.7])
def test_conditional_epr_at_cooperativity_and_quality_of_a_hundred_million(efficiency):
    pair = epr_pair.network(1e8, (2.0, 1.0), quality=1e8, damping=Damping.BROWNIAN)
    expected = epr_pair.qnd_conditional_exact(1e8, 4.0, 1e8, efficiency)
    found = duan_sum_of_system(pair.system, *MATCHED, Homodyne(efficiency=efficiency))
    assert float(found) == pytest.approx(float(expected), rel=1e-8)
    assert float(found) == pytest.approx(float(expected), rel=1e-13)  # and in fact to rounding
    assert float(found.uncertainty) < 1e-14


def test_the_rotating_wave_epr_forms_hold_to_their_order():
    c, n_m, n_s, q = 100.0, 2.0, 1.0, 1e7
    noise, eta1, zeta = n_m + n_s + 1, 0.8, 0.3
    order = 10 * (c / q) + 1e-9  # Γ/Ω = 1e-5
    pair = epr_pair.network(c, (n_m, n_s), quality=q)
    assert float(duan_sum(steady_state(pair.system), *MATCHED)) == pytest.approx(noise, rel=1e-6)
    watched = conditional_state(pair.system, Homodyne(efficiency=0.5))
    assert float(duan_sum(watched, *MATCHED)) == pytest.approx(
        float(epr_pair.qnd_conditional(c, noise, 0.5)), rel=order
    )
    for link in (1.0, eta1):
        both = epr_pair.network(c, (n_m, n_s), quality=q, tensor=(zeta, zeta), link=link, compensated=False)
        expected = float(epr_pair.dissipative(c, noise, zeta, link))
        assert float(duan_sum(steady_state(both.system), *MATCHED)) == pytest.approx(expected, rel=order)
        one = epr_pair.network(c, (n_m, n_s), quality=q, tensor=(zeta, 0.0), link=link)
        expected = float(epr_pair.mixed(c, noise, zeta, link))
        assert float(duan_sum(steady_state(one.system), *MATCHED)) == pytest.approx(expected, rel=order)


@pytest.mark.parametrize("scheme", [epr_pair.dissipative, epr_pair.mixed])
def test_the_optima_are_minima(scheme):
    optimum = epr_pair.dissipative_optimum if scheme is epr_pair.dissipative else epr_pair.mixed_optimum
    delta, zeta = optimum(50.0, 3.0)
    around = scheme(50.0, 3.0, zeta * np.array([0.99, 1.0, 1.01]))
    assert around[1] == pytest.approx(float(delta), rel=1e-12)
    assert (around[[0, 2]] > around[1]).all()


def test_mixed_without_a_detector_equals_a_perfect_detector():
    c = np.geomspace(1, 1e6, 7)
    np.testing.assert_allclose(epr_pair.mixed_optimum(c, 3.0)[0], epr_pair.qnd_conditional(c, 3.0), rtol=1e-14)


def test_link_loss_sets_a_floor():
    floor = 0.5 * np.sqrt(0.1 / 0.9)
    assert float(epr_pair.mixed_optimum(1e14, 1.0, 0.9)[0]) == pytest.approx(floor, rel=1e-6)
    pair = epr_pair.network(1e4, (0.0, 0.0), quality=1e9, tensor=(2 * floor, 0.0), link=0.9)
    found = float(duan_sum(steady_state(pair.system), *MATCHED))
    assert floor < found < 1.02 * floor


def test_the_reverse_order_gives_no_entanglement():
    for zeta in np.geomspace(0.01, 1, 7):
        pair = epr_pair.network(300.0, (0.1, 0.1), quality=1e7, tensor=(float(zeta), 0.0), spin_first=False)
        assert float(log_negativity(steady_state(pair.system), *MATCHED)) == 0


def test_positive_masses_are_no_epr_pair():
    pair = epr_pair.network(100.0, (1.0, 1.0), quality=1e5, spin_mass=1)
    assert float(log_negativity(conditional_state(pair.system, Homodyne()), *MATCHED)) == 0
    with pytest.raises(InvalidInput, match="−1 or 1"):
        epr_pair.network(1.0, spin_mass=0)


# The pulse: O4


def test_a_pulse_projects_on_an_epr_state():
    rate, periods = 1e-4, np.array([100, 1000, 10000])
    start = pulsed.thermal_start((3.0, 1.0))
    system = pulsed.network(rate).system
    after = conditional_evolution(system, Homodyne(efficiency=0.6), start, 2 * np.pi * periods)
    expected = pulsed.duan_sum_after(rate * 2 * np.pi * periods, 5.0, 0.6)
    np.testing.assert_allclose(duan_sum(after, *MATCHED).value, expected, rtol=(10 * rate) ** 2 + 1e-9)
    start_only = conditional_evolution(system, Homodyne(), start, 0.0)
    np.testing.assert_array_equal(start_only.covariance, start.covariance)


def test_an_undamped_pair_has_no_stationary_state():
    with pytest.raises(Unstable, match="does not decay"):
        conditional_state(pulsed.network(0.1).system, Homodyne())
    with pytest.raises(Unstable, match="does not decay"):
        retrodicted_effect(pulsed.network(0.1).system, Homodyne())


# The monitored parametric oscillator: O14


@pytest.mark.parametrize("pump", [0.01, 0.3, 0.499])
def test_the_opo_has_its_closed_forms(pump):
    system = opo.system(pump)
    np.testing.assert_allclose(steady_state(system).covariance, opo.unconditional_covariance(pump), atol=1e-9)
    for measured, angle in (("q", 0.0), ("p", np.pi / 2)):
        for efficiency in (1.0, 0.7, 0.2):
            state = conditional_state(system, Homodyne(angle=angle, efficiency=efficiency))
            expected = opo.conditional_covariance(pump, measured, efficiency)
            np.testing.assert_allclose(state.covariance, expected, rtol=1e-9, atol=1e-9)


def test_the_opo_at_the_printed_point():
    for angle, expected in ((0.0, [0.4, 2.5]), (np.pi / 2, [0.625, 1.6])):
        state = conditional_state(opo.system(0.3), Homodyne(angle=angle))
        np.testing.assert_allclose(2 * np.diagonal(state.covariance), expected, rtol=1e-9)
    both = conditional_state(opo.system(0.3), Heterodyne())
    assert float(purity(both)) == pytest.approx(1, rel=1e-9)  # all light is detected


# Two-mode squeezed light with loss: O8


@pytest.mark.parametrize("eta", [1.0, 0.8, 0.3])
def test_lossy_two_mode_squeezing_has_its_closed_forms(eta):
    r = np.array([0.1, 1.0, 2.5])
    state = two_mode_squeezed.state(r, eta)
    np.testing.assert_allclose(duan_sum(state, "a", "b").value, two_mode_squeezed.duan_sum(r, eta), rtol=1e-9)
    np.testing.assert_allclose(
        log_negativity(state, "a", "b").value, two_mode_squeezed.log_negativity(r, eta), rtol=1e-9
    )
    expected = two_mode_squeezed.steering(r, eta)
    np.testing.assert_allclose(steering(state, "a", "b").value, expected, rtol=1e-9, atol=1e-12)


# Vitali et al.


def vitali(detuning, temperature=0.4):
    return vitali2007.network(detuning * vitali2007.MECHANICAL_FREQUENCY.angular, temperature)


def negativity(network):
    return log_negativity(steady_state(network.system), "mirror", "mirror.cavity").value


def test_vitali_at_the_reference_points():
    assert float(negativity(vitali(1.0))) == pytest.approx(0.299131, abs=5e-7)
    fine = np.linspace(0.81, 0.84, 31)
    values = negativity(vitali(fine))
    assert values.max() == pytest.approx(0.3117, abs=5e-5)
    assert fine[values.argmax()] == pytest.approx(0.827, abs=1e-3)
    entangled = negativity(vitali(1.0, np.array([23.59, 23.61])))
    assert entangled[0] > 0
    assert entangled[1] == 0


def test_vitali_by_the_papers_matrices():
    delta = np.array([0.4, 1.0, 1.9]) * vitali2007.MECHANICAL_FREQUENCY.angular
    a, d = vitali2007.drift(delta), vitali2007.diffusion(4.0)
    found = []
    for drift in a:  # a second road: the vectorised equation
        one = np.eye(4)
        lyapunov = np.kron(one, drift) + np.kron(drift, one)
        found.append(np.linalg.solve(lyapunov, -d.ravel()).reshape(4, 4))
    state = GaussianState(np.zeros(4), (np.array(found) + np.swapaxes(found, 1, 2)) / 2, ["m", "c"], 0.0, np.inf)
    expected = smallest_ppt_eigenvalue(state, "m", "c").value
    network = vitali2007.network(delta, 4.0)
    value = smallest_ppt_eigenvalue(steady_state(network.system), "mirror", "mirror.cavity").value
    np.testing.assert_allclose(value, expected, rtol=1e-8)  # the vectorised equation's own error


# From 2017 on


def test_the_road_begins_with_the_published_hybrid():
    here = conditional_state(hybrid_road.network(0.0).system, Homodyne(angle=1.4)).covariance
    there = conditional_state(moller_network("fig3").system, Homodyne(angle=1.4)).covariance
    np.testing.assert_allclose(here, there, rtol=1e-12)


def test_every_step_of_the_road_helps():
    progress = np.arange(len(hybrid_road.STEPS) + 1)
    network = hybrid_road.network(progress[:, None])
    detector = network.in_carrier_frame(Homodyne(angle=np.linspace(1.2, 1.9, 71)))
    best = smallest_ppt_eigenvalue(conditional_state(network.system, detector), *MATCHED).value.min(axis=1)
    assert (np.diff(best) < 0).all()
    assert best[0] > 0.5 > best[-1]
    with pytest.raises(InvalidInput, match="4 steps"):
        hybrid_road.at(5.0)
