"""Effects, smoothed estimates, transients and budgets by source: integrated equations, duality, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from backaction.entanglement import duan_sum, log_negativity
from backaction.gaussian import (
    ClassicalEstimate,
    GaussianState,
    Heterodyne,
    Homodyne,
    InvalidInput,
    Unresolved,
    Unstable,
    conditional_evolution,
    conditional_state,
    covariance_by_source,
    from_hamiltonian,
    growth_rate,
    record_model,
    retrodicted_effect,
    smoothed_estimate,
    steady_state,
    verification_covariance,
)
from backaction.gaussian.flow import record_flow
from backaction.gaussian.mixing import mixed_modes

DETECTORS = (Homodyne("a", 0.3, 0.7), Heterodyne("b", 0.1, 0.8))


def random_system(seed: int):
    """Two modes in three fields, one of them hot; stable."""
    rng = np.random.default_rng(seed)
    r = rng.normal(size=(4, 4))
    lowering = np.kron(rng.normal(size=(3, 2)) + 1j * rng.normal(size=(3, 2)), [1, 1j])
    couplings = lowering + 0.1 * rng.normal(size=(3, 4))
    system = from_hamiltonian((r + r.T) / 4 + 3 * np.eye(4), couplings, modes=["m", "s"], ports=["a", "b", "bath"])
    assert growth_rate(system) < 0
    return system.with_noise("bath", 2.5)


def integrated(system, detectors, start, time):
    measured, noise, correlation = record_model(system, detectors)

    def rate(_, flat):
        v = flat.reshape(4, 4)
        gain = (v @ measured.T + correlation) @ np.linalg.inv(noise)
        return (system.drift @ v + v @ system.drift.T + system.diffusion - gain @ noise @ gain.T).ravel()

    done = solve_ivp(rate, (0, time), start.covariance.ravel(), method="DOP853", rtol=1e-12, atol=1e-13)
    return done.y[:, -1].reshape(4, 4)


@pytest.mark.parametrize("seed", range(4))
def test_the_flow_solves_the_riccati_equation_in_time(seed):
    system = random_system(seed)
    start = GaussianState.thermal([1.0, 2.0], system.modes)
    times = np.array([0.03, 0.3, 1.7])
    after = conditional_evolution(system, DETECTORS, start, times).covariance
    for covariance, time in zip(after, times, strict=True):
        expected = integrated(system, DETECTORS, start, time)
        np.testing.assert_allclose(covariance, expected, atol=1e-10)  # the integrator's


@pytest.mark.parametrize("seed", range(4))
def test_the_flow_ends_in_the_stationary_states(seed):
    system = random_system(seed)
    flow = record_flow(system, DETECTORS, 300 / -float(growth_rate(system)))
    np.testing.assert_allclose(flow.covariance, conditional_state(system, DETECTORS).covariance, atol=1e-9)
    effect = retrodicted_effect(system, DETECTORS)
    np.testing.assert_allclose(flow.information, effect.information, atol=1e-9)
    np.testing.assert_allclose(flow.propagator, 0, atol=1e-9)


def test_two_records_in_a_row_are_one():
    system = random_system(7)
    start = GaussianState([1.0, 2.0, -1.0, 0.5], 3 * np.eye(4), system.modes)
    first = conditional_evolution(system, DETECTORS, start, 0.4)
    second = conditional_evolution(system, DETECTORS, first, 0.7)
    whole = conditional_evolution(system, DETECTORS, start, 1.1)
    np.testing.assert_allclose(second.covariance, whole.covariance, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(second.mean, whole.mean, rtol=1e-11, atol=1e-12)


def test_a_stationary_state_stays_and_an_unwatched_one_evolves_freely():
    system = random_system(3)
    state = conditional_state(system, DETECTORS)
    later = conditional_evolution(system, DETECTORS, state, [0.1, 10.0])
    np.testing.assert_allclose(later.covariance, np.broadcast_to(state.covariance, (2, 4, 4)), rtol=1e-10, atol=1e-11)
    blind = Homodyne("a", efficiency=0.0)
    unwatched = conditional_evolution(system, blind, GaussianState.vacuum(system.modes), 50.0)
    np.testing.assert_allclose(unwatched.covariance, steady_state(system).covariance, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_effect_obeys_its_riccati_equation(seed):
    system = random_system(seed)
    measured, noise, correlation = record_model(system, DETECTORS)
    info = retrodicted_effect(system, DETECTORS).information
    inverse = np.linalg.inv(noise)
    drift = system.drift - correlation @ inverse @ measured
    source = system.diffusion - correlation @ inverse @ correlation.T
    residual = drift.T @ info + info @ drift + measured.T @ inverse @ measured - info @ source @ info
    np.testing.assert_allclose(residual, 0, atol=1e-11 * np.abs(info).max() * np.abs(drift).max())
    assert np.linalg.eigvalsh(info)[0] > 0


def test_smoothing_and_verification_combine_past_and_future():
    system = random_system(1)
    past = conditional_state(system, DETECTORS).covariance
    future = retrodicted_effect(system, DETECTORS).covariance
    smoothed = smoothed_estimate(system, DETECTORS)
    expected = np.linalg.inv(np.linalg.inv(past) + np.linalg.inv(future))
    np.testing.assert_allclose(smoothed.covariance, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(verification_covariance(system, DETECTORS), past + future, rtol=1e-13)


def test_criteria_refuse_what_is_no_state_and_say_why():
    from backaction.systems import MechanicalOscillator, SpinOscillator

    # Two oscillators in two separate beams: nothing connects them, and still the formulas would find entanglement.
    spin = SpinOscillator(frequency=-1.0, linewidth=1e-6, readout_rate=0.01, occupation=0.0, name="s").system("s")
    membrane = MechanicalOscillator(
        mechanical_frequency=1.0, mechanical_linewidth=1e-6, readout_rate=0.01, occupation=0.0
    ).system("m")
    from backaction.gaussian import concatenate

    both = concatenate(spin.renamed({}, {"input": "i1"}, {"out": "o1"}), membrane)
    detectors = [Homodyne("o1"), Homodyne("out")]
    estimate = smoothed_estimate(both, detectors)
    assert isinstance(estimate, ClassicalEstimate)
    pretended = GaussianState(np.zeros(4), estimate.covariance, estimate.modes, allowed_defect=np.inf)
    assert float(log_negativity(pretended, "s", "m")) > 0.6
    with pytest.raises(InvalidInput, match="ClassicalEstimate: what past and future"):
        log_negativity(estimate, "s", "m")
    with pytest.raises(InvalidInput, match="Effect: a retrodicted effect"):
        duan_sum(retrodicted_effect(both, detectors), "s", "m")
    assert float(log_negativity(conditional_state(both, detectors), "s", "m")) == pytest.approx(0, abs=2e-6)  # γ/Ω


def test_undetectable_quadratures_are_told_by_their_mode():
    couplings = [[1, 1j, 0, 0], [0, 0, 1, 1j]]
    two = from_hamiltonian(np.zeros((4, 4)), couplings, modes=["seen", "hidden"], ports=["out", "bath"])
    effect = retrodicted_effect(two, Heterodyne())
    with pytest.raises(InvalidInput, match="quadrature of mode 'hidden'"):
        _ = effect.covariance
    np.testing.assert_allclose(effect.marginal("seen").covariance, np.eye(2) / 2, atol=1e-12)
    with pytest.raises(InvalidInput, match="'hidden'"):
        verification_covariance(two, Heterodyne())


def test_records_without_end_or_state_are_refused():
    cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], ports=["out"])
    with pytest.raises(Unresolved, match="tells a quadrature without limit"):
        retrodicted_effect(cavity, Homodyne(angle=0.0))
    info = retrodicted_effect(cavity, Homodyne(angle=0.0), duration=[0.1, 1.0]).information
    np.testing.assert_allclose(info[:, 0, 0], 2 * np.expm1(2 * np.array([0.1, 1.0])), rtol=1e-12)
    np.testing.assert_allclose(info[:, 1, 1], 0, atol=1e-15)
    amplifier = from_hamiltonian([[0.0, 3.0], [3.0, 0.0]], [[1, 1j]], ports=["out"])
    with pytest.raises(Unstable, match="no detector shows it"):
        retrodicted_effect(amplifier, Heterodyne(efficiency=0.0))
    with pytest.raises(InvalidInput, match="≥ 0"):
        record_flow(cavity, Heterodyne(), -1.0)
    with pytest.raises(InvalidInput, match="must be the same"):
        conditional_evolution(cavity, Heterodyne(), GaussianState.vacuum(["other"]), 1.0)


@pytest.mark.parametrize("detectors", [(), DETECTORS, DETECTORS[0]], ids=["none", "two", "one"])
def test_sources_sum_to_the_covariance(detectors):
    system = random_system(2)
    watched = detectors != ()
    state = conditional_state(system, detectors) if watched else steady_state(system)
    parts = covariance_by_source(system, detectors)
    assert list(parts) == [*system.inputs, "detection"] if watched else list(system.inputs)
    np.testing.assert_allclose(sum(parts.values()), state.covariance, rtol=1e-11, atol=1e-12)
    for part in parts.values():
        assert np.linalg.eigvalsh(part)[0] > -1e-12


def test_a_part_is_the_derivative_by_the_strength_of_its_noise():
    system, step = random_system(5), 1e-5
    part = covariance_by_source(system, DETECTORS)["bath"]
    warmer, colder = (
        conditional_state(system.with_noise("bath", 2.5 * (1 + sign * step)), DETECTORS).covariance for sign in (1, -1)
    )
    np.testing.assert_allclose((warmer - colder) / (2 * step), part, atol=1e-8)  # step² and rounding/step


def test_mixed_modes_are_those_of_a_beam_splitter():
    system = random_system(4)
    mixed = mixed_modes(system, "m", "s")
    turn = np.kron([[1, 1], [1, -1]], np.eye(2)) / np.sqrt(2)
    state, other = steady_state(system).covariance, steady_state(mixed)
    np.testing.assert_allclose(other.covariance, turn @ state @ turn.T, rtol=1e-11, atol=1e-12)
    assert other.modes == ("m+s", "m-s")
    with pytest.raises(InvalidInput, match="twice"):
        mixed_modes(system, "m", "m")
