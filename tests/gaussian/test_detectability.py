"""Conditional states of what does not decay but is watched: closed forms, other solvers, collisions, refusals."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.linalg import expm, solve_continuous_are

from backaction.entanglement import duan_sum_of_system, epr_budget, epr_variance, log_negativity, noise_derivatives
from backaction.gaussian import (
    GaussianState,
    Heterodyne,
    Homodyne,
    LinearSystem,
    Refusal,
    Unresolved,
    Unstable,
    attempt_conditional_state,
    conditional_evolution,
    conditional_state,
    covariance_by_source,
    from_hamiltonian,
    growth_rate,
    kalman_filter,
    kalman_gain,
    record_model,
    retrodicted_effect,
    smoothed_estimate,
    steady_state,
    symplectic_form,
    trajectory,
    verification_covariance,
)
from backaction.gaussian.flow import record_flow
from backaction.gaussian.residuals import relative_size
from backaction.gaussian.riccati import solve_riccati
from backaction.systems import Damping, Loss, MechanicalOscillator, OptomechanicalCavity, SpinOscillator


def undamped(frequency=1.0, readout=1.0, **more):
    return SpinOscillator(frequency=frequency, linewidth=0.0, readout_rate=readout, occupation=0.0, **more)


def test_an_undamped_oscillator_that_is_watched():
    """V of H = ½(X² + P²) + X X_L: the record learns what its own back action drives."""
    system = undamped().system("m")
    with pytest.raises(Unstable, match="does not decay"):
        steady_state(system)
    state = conditional_state(system, Homodyne())
    np.testing.assert_allclose(state.covariance, [[0.4551, 0.2071], [0.2071, 0.6436]], atol=5e-5)
    # with b = √(Ω⁴ + λ d Ω²), a = √(2b − 2Ω²), d = Γ/2, λ = 2Γ: V₁₁ = a/λ, V₁₂ = λ V₁₁²/2Ω, V₂₂ = V₁₁ + a V₁₂/Ω
    a = np.sqrt(2 * np.sqrt(2.0) - 2)
    v, c = a / 2, a * a / 4
    np.testing.assert_allclose(state.covariance, [[v, c], [c, v + a * c]], rtol=1e-13)
    assert state.error_estimate < 1e-14
    later = conditional_evolution(system, Homodyne(), GaussianState.thermal([20.0], ["m"]), 200.0)
    assert relative_size(later.covariance - state.covariance, state.covariance) < 1e-12


@pytest.mark.parametrize("size", [2, 3, 4, 6])
@pytest.mark.parametrize("records", [1, 2])
def test_drifts_that_grow_by_scipy_and_control(size, records):
    rng = np.random.default_rng(7 * size + records)
    for _ in range(6):
        drift = rng.normal(size=(size, size))
        drift += (0.3 - np.linalg.eigvals(drift).real.max()) * np.eye(size)
        half = rng.normal(size=(size + records, size + records))
        joint = half @ half.T + 0.1 * np.eye(size + records)
        diffusion, noise, correlation = joint[:size, :size], joint[size:, size:], joint[:size, size:]
        measured = rng.normal(size=(records, size))
        ours = solve_riccati(drift, diffusion, measured, noise, correlation).matrix
        scipys = solve_continuous_are(drift.T, measured.T, diffusion, noise, s=correlation)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # python-control warns about its optional Fortran library
            import control

            controls = control.care(drift.T, measured.T, diffusion, noise, correlation)[0]
        for other in (scipys, controls):
            assert relative_size(ours - other, ours) < 1e-8  # their errors


def collisions(oscillators, angle, efficiency, step, time, efficiency_between=1.0):
    """Stationary covariance of oscillators that meet one pulse of light after another, each pulse then measured.

    `oscillators` are (Ω, Γ, ζ, γ, n): pulse by pulse half of a free evolution in a bath, the unitary of
    √(Γ/dt)(X x + ζ P p) over dt, the other half; the pulse is lost in part and its quadrature at `angle` is seen.
    """
    size = 2 * len(oscillators)
    free, kicks = np.eye(size), []
    left, added = np.ones(size), np.zeros(size)
    for k, (omega, gamma, zeta, rate, occupation) in enumerate(oscillators):
        c, s = np.cos(omega * step / 2), np.sin(omega * step / 2)
        free[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[c, s], [-s, c]]
        kept = np.exp(-rate * step / 2)
        left[2 * k : 2 * k + 2], added[2 * k : 2 * k + 2] = np.sqrt(kept), (1 - kept) * (occupation + 0.5)
        energy = np.zeros((size + 2, size + 2))
        for i, j, weight in ((2 * k, size, 1.0), (2 * k + 1, size + 1, zeta)):
            energy[i, j] = energy[j, i] = weight * np.sqrt(gamma * step)
        kicks.append(expm(symplectic_form(len(oscillators) + 1) @ energy))
    direction = np.array([np.cos(angle), np.sin(angle)])
    v = np.eye(size)
    for _ in range(int(time / step)):
        v = left[:, None] * (free @ v @ free.T) * left + np.diag(added)
        whole = np.zeros((size + 2, size + 2))
        whole[:size, :size], whole[size:, size:] = v, np.eye(2) / 2
        for number, kick in enumerate(kicks):
            if number:
                whole[size:] *= np.sqrt(efficiency_between)
                whole[:, size:] *= np.sqrt(efficiency_between)
                whole[size:, size:] += (1 - efficiency_between) * np.eye(2) / 2
            whole = kick @ whole @ kick.T
        cross = np.sqrt(efficiency) * whole[:size, size:] @ direction
        seen = efficiency * direction @ whole[size:, size:] @ direction + (1 - efficiency) / 2
        v = whole[:size, :size] - np.outer(cross, cross) / seen
        v = left[:, None] * (free @ v @ free.T) * left + np.diag(added)
        v = (v + v.T) / 2
    return v


def extrapolated(oscillators, angle, efficiency, time, between=1.0):
    """To pulses of no length: the first and, where couplings do not commute, the second order removed."""
    steps = (0.04, 0.02, 0.01)
    rough, fine, finest = (collisions(oscillators, angle, efficiency, step, time, between) for step in steps)
    once = 2 * fine - rough, 2 * finest - fine
    return (4 * once[1] - once[0]) / 3


ROTATING = Damping.ROTATING_WAVE
WATCHED = {
    "undamped": ([(1.0, 1.0, 0.0, 0.0, 0.0)], np.pi / 2, 1.0, 1.0),
    "undamped, negative mass, half seen, turned": ([(-1.3, 0.7, 0.0, 0.0, 0.0)], 1.9, 0.5, 1.0),
    "grows by its coupling": ([(1.0, 0.8, -0.4, 0.1, 0.5)], 1.2, 0.7, 1.0),
    "two undamped in a row": ([(-1.0, 0.9, 0.0, 0.0, 0.0), (1.4, 0.9, 0.0, 0.0, 0.0)], np.pi / 2, 0.9, 0.8),
    "damped, then undamped": ([(-1.0, 0.9, 0.0, 0.3, 1.0), (1.2, 0.6, 0.0, 0.0, 0.0)], 1.4, 1.0, 0.9),
}


@pytest.mark.parametrize("case", WATCHED.values(), ids=WATCHED)
def test_a_collisional_model_ends_there(case):
    oscillators, angle, efficiency, between = case
    parts = [
        SpinOscillator(
            frequency=omega,
            readout_rate=gamma,
            tensor_coupling=zeta,
            linewidth=rate,
            occupation=occupation,
            damping=ROTATING,
            name=f"s{k}",
        )
        for k, (omega, gamma, zeta, rate, occupation) in enumerate(oscillators)
    ]
    network = parts[0] >> Loss(efficiency=between) >> parts[1] if len(parts) > 1 else parts[0] >> Loss(efficiency=1.0)
    assert growth_rate(network.system) >= 0
    state = conditional_state(network.system, Homodyne("out", angle, efficiency))
    expected = extrapolated(oscillators, angle, efficiency, 150.0, between)
    assert relative_size(state.covariance - expected, expected) < 1e-6  # third order in steps of 0.04
    nearly = collisions(oscillators, angle, efficiency, 0.02, 60.0, between)
    assert relative_size(nearly - expected, expected) > 1e-5  # the steps matter: it is another road


def heated(detuning=1.0):
    """A blue-detuned cavity, whose mechanical motion grows."""
    return OptomechanicalCavity(
        mechanical_frequency=1.0,
        mechanical_linewidth=1e-3,
        occupation=0,
        cavity_linewidth=1.0,
        detuning=detuning,
        coupling=0.1,
        input_fraction=0.9,
    ).system("m")


def test_what_grows_or_stays_unseen_is_refused_by_its_mode_and_pole():
    for detector in (Homodyne(efficiency=0.0), Homodyne("out", [0.3, 1.0], 0.0)):
        with pytest.raises(Unstable, match=r"the pole 0\.0175.* of mode 'm' does not decay, and no detector") as caught:
            conditional_state(heated(), detector)
        assert caught.value.mode == "m" and caught.value.eigenvalue.real > 0
    blind = undamped().system("m")
    for call in (conditional_state, kalman_gain, retrodicted_effect, covariance_by_source, smoothed_estimate):
        with pytest.raises(Unstable, match=r"pole 0 [+-]1i rad/s of mode 'm' does not decay, and no detector shows"):
            call(blind, Homodyne(angle=0.0))  # the x of the light has met nothing
    assert 0.4 < conditional_state(blind, Homodyne(angle=1e-4)).covariance[0, 0] < 0.6  # its drive is known, at least
    with pytest.raises(Unstable):
        conditional_state(blind, Homodyne(angle=np.pi))  # seen by the rounding of π


def test_matched_undamped_opposite_masses_keep_a_motion_that_no_light_shows():
    pair = (undamped(-1.0, name="s") >> undamped(1.0, name="m")).system
    with pytest.raises(Unstable, match="does not decay, and no detector shows it"):
        conditional_state(pair, Homodyne())
    apart = (undamped(-1.0, name="s") >> undamped(1.01, name="m")).system
    assert conditional_state(apart, Homodyne()).error_estimate < 1e-9


def test_what_no_noise_drives_is_learnt_without_limit():
    turning = LinearSystem(
        [[0.0, 1.0], [-1.0, 0.0]], np.zeros((2, 2)), np.eye(2), np.eye(2), modes=["classical"], outputs=["out"]
    )
    with pytest.raises(Unstable, match=r"'classical' does not decay and no noise drives it, so that the record learns"):
        conditional_state(turning, Homodyne())
    assert attempt_conditional_state(turning, Homodyne()).refusal == Refusal.UNSTABLE


def test_a_batch_names_the_worst_lane_and_keeps_the_others():
    system = undamped(readout=np.array([0.0, 0.5, 1.0])).system("m")
    found = attempt_conditional_state(system, Homodyne())
    assert found.refusal.tolist() == [Refusal.UNSTABLE, Refusal.NONE, Refusal.NONE]
    for lane, readout in ((1, 0.5), (2, 1.0)):
        alone = conditional_state(undamped(readout=readout).system("m"), Homodyne())
        assert (found.state.covariance[lane] == alone.covariance).all()
    assert (found.state.covariance[0] == np.eye(2) / 2).all()


def pair_that_grows():
    spin = SpinOscillator(
        frequency=-1.0, linewidth=0.0, readout_rate=0.5, occupation=0.0, tensor_coupling=-0.1, name="s"
    )
    mirror = MechanicalOscillator(
        mechanical_frequency=1.2, mechanical_linewidth=1e-3, readout_rate=0.4, occupation=1.0, name="m"
    )
    return (spin >> Loss(efficiency=0.9) >> mirror).system, Homodyne(efficiency=0.8)


def test_filter_effect_and_budgets_of_a_pair_that_grows():
    system, detector = pair_that_grows()
    assert growth_rate(system) > 0.01
    state = conditional_state(system, detector)
    v = state.covariance
    gain, record = kalman_gain(system, detector), record_model(system, detector)
    closed = system.drift - gain @ record.measured
    assert np.linalg.eigvals(closed).real.max() < -0.01
    parts = covariance_by_source(system, detector)
    assert relative_size(sum(parts.values()) - v, v) < 1e-11
    # an effect of a long record, and both together
    effect = retrodicted_effect(system, detector)
    flow = record_flow(system, detector, 2000.0)
    assert relative_size(flow.information - effect.information, effect.information) < 1e-9
    assert relative_size(flow.covariance - v, v) < 1e-9
    np.testing.assert_allclose(verification_covariance(system, detector), v + effect.covariance, rtol=1e-12)
    smoothed = smoothed_estimate(system, detector).covariance
    np.testing.assert_allclose(np.linalg.inv(smoothed), np.linalg.inv(v) + effect.information, rtol=1e-8)
    # criteria and their budgets
    budget = epr_budget(system, "s", "m", detector)
    assert float(budget.total) == pytest.approx(float(epr_variance(state, "s", "m")), rel=1e-10)
    slopes = noise_derivatives(lambda one: epr_variance(one, "s", "m"), system, detector)
    assert sum(slopes.values()) == pytest.approx(float(budget.total), rel=1e-6)
    assert float(log_negativity(state, "s", "m")) >= 0
    mixed = duan_sum_of_system(system, "s", "m", detector)
    rows = np.array([[1, 0, 1, 0], [0, 1, 0, -1], [1, 0, -1, 0], [0, 1, 0, 1]]) / np.sqrt(2)
    variances = np.einsum("ij,jk,ik->i", rows, v, rows)
    assert float(mixed) == pytest.approx(min(variances[0] + variances[1], variances[2] + variances[3]), rel=1e-11)


def test_trajectories_of_a_pair_that_grows_begin_in_its_conditional_state():
    system, detector = pair_that_grows()
    run = trajectory(system, detector, 0.05, 400, rng=2, samples=4000)
    stationary = conditional_state(system, detector).covariance
    assert (run.covariance[0] == stationary).all()
    assert relative_size(run.covariance[-1] - stationary, stationary) < 0.05  # the readings' own: steps of 0.05
    again = kalman_filter(system, detector, 0.05, run.records)
    np.testing.assert_allclose(again.mean, run.mean, rtol=0, atol=1e-9 * np.abs(run.mean).max())


def test_an_undamped_mode_in_heterodyne_detection_and_an_amplifier():
    # half of the light shows p − X, the other half the x that drives P: √½ of each, and as much vacuum
    drift, diffusion = np.array([[0.0, 1.0], [-1.0, 0.0]]), np.diag([0.0, 0.5])
    measured, correlation = (
        np.array([[0.0, 0.0], [-1.0, 0.0]]) / np.sqrt(2),
        np.array([[0.0, 0.0], [-0.5, 0.0]]) / np.sqrt(2),
    )
    expected = solve_continuous_are(drift.T, measured.T, diffusion, np.eye(2) / 2, s=correlation)
    both = conditional_state(undamped().system("m"), Heterodyne(angle=0.0)).covariance
    assert relative_size(both - expected, expected) < 1e-12
    amplifier = from_hamiltonian([[0.0, 3.0], [3.0, 0.0]], [[1, 1j]], modes=["a"], ports=["out"])
    state, effect = conditional_state(amplifier, Heterodyne()), retrodicted_effect(amplifier, Heterodyne())
    flow = record_flow(amplifier, Heterodyne(), 20.0)
    assert relative_size(flow.covariance - state.covariance, state.covariance) < 1e-10
    assert relative_size(flow.information - effect.information, effect.information) < 1e-10
    with pytest.raises(Unresolved, match="tells a quadrature without limit"):
        cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], ports=["out"])
        retrodicted_effect(cavity, Homodyne(angle=0.0))
