"""Detectors and conditional states: definitions, equivalences, batches, and one clear error for each mistake."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from backaction.gaussian import (
    GaussianState,
    Heterodyne,
    Homodyne,
    InvalidInput,
    LinearSystem,
    Unstable,
    conditional_state,
    evolve,
    from_hamiltonian,
    kalman_gain,
    positivity_defect,
    record_model,
    steady_state,
)
from backaction.gaussian.lyapunov import relative_size
from backaction.systems import Damping, Loss, OptomechanicalCavity, SpinOscillator
from backaction.systems.published import moller2017


def chain(efficiency=0.8, frequency=-1.0):
    spin = SpinOscillator(
        frequency=frequency, linewidth=0.01, occupation=1.0, readout_rate=0.1, damping=Damping.ROTATING_WAVE
    )
    membrane = OptomechanicalCavity(
        mechanical_frequency=1.1,
        mechanical_linewidth=1e-3,
        occupation=10.0,
        cavity_linewidth=5.0,
        detuning=-0.3,
        coupling=0.2,
        input_fraction=0.9,
        damping=Damping.ROTATING_WAVE,
        name="membrane",
    )
    return (spin >> Loss(efficiency=efficiency) >> membrane).system


def test_rows_and_noises():
    homodyne = Homodyne("out", 0.3, 0.64)
    np.testing.assert_allclose(homodyne.rows, 0.8 * np.array([[np.cos(0.3), np.sin(0.3)]]), rtol=1e-15)
    np.testing.assert_allclose(homodyne.added_noise, [[0.18]], rtol=1e-14)
    heterodyne = Heterodyne("out", 0.0, 0.5)
    np.testing.assert_allclose(heterodyne.rows, 0.5 * np.eye(2), atol=1e-16)
    np.testing.assert_allclose(heterodyne.added_noise, 0.375 * np.eye(2), rtol=1e-15)
    assert (Homodyne().port, float(Homodyne().angle), float(Homodyne().efficiency)) == ("out", np.pi / 2, 1.0)
    # of vacuum, every record is vacuum
    for detector in (homodyne, heterodyne):
        record = detector.rows @ detector.rows.T / 2 + detector.added_noise
        np.testing.assert_allclose(record, np.eye(len(record)) / 2, atol=1e-15)


def test_measurement_against_its_definition():
    system, rng = chain(), np.random.default_rng(1)
    detectors = [Homodyne("out", 0.3, 0.7), Heterodyne("loss", 0.1, 0.9)]
    h, r, s = record_model(system, detectors)
    assert h.shape == (3, 6) and r.shape == (3, 3) and s.shape == (6, 3)
    gain = np.zeros((3, 2 * len(system.outputs)))
    for detector, rows in zip(detectors, ([0], [1, 2]), strict=True):
        port = system.outputs.index(detector.port)
        gain[rows, 2 * port : 2 * port + 2] = detector.rows
    np.testing.assert_allclose(h, gain @ system.output_matrix, rtol=1e-14)
    # by drawing the noises: ν = G D w + v
    draws = 200_000
    w = rng.normal(size=(draws, len(system.noise))) * np.sqrt(np.diag(system.noise))
    v = rng.normal(size=(draws, 3)) * np.sqrt([0.15, 0.275, 0.275])
    record = w @ (gain @ system.feedthrough).T + v
    drive = w @ system.input_matrix.T
    spread = 6 / np.sqrt(draws) * np.abs(system.input_matrix).max()  # six standard errors
    np.testing.assert_allclose(record.T @ record / draws, r, atol=spread)
    np.testing.assert_allclose(drive.T @ record / draws, s, atol=spread * np.sqrt(np.abs(system.noise).max()))


def test_heterodyne_is_two_homodyne_detectors_behind_a_beam_splitter():
    system = chain()
    half = np.sqrt(0.5) * np.eye(2)
    splitter = LinearSystem(
        np.zeros((0, 0)), np.zeros((0, 4)), np.zeros((4, 0)), np.block([[half, half], [half, -half]]),
        inputs=["input", "splitter"], outputs=["x", "p"],
    )  # fmt: skip
    from backaction.gaussian import series

    split = series(system, splitter)
    two = conditional_state(split, [Homodyne("x", 0.4, 0.7), Homodyne("p", 0.4 + np.pi / 2, 0.7)])
    one = conditional_state(system, Heterodyne("out", 0.4, 0.7))
    turned = conditional_state(system, Heterodyne("out", 1.3, 0.7))
    assert relative_size(two.covariance - one.covariance, one.covariance) < 1e-14
    assert relative_size(turned.covariance - one.covariance, one.covariance) < 1e-14


def test_efficiency_is_a_loss_before_the_detector():
    system = chain()
    from backaction.gaussian import series

    lossy = series(system, Loss(efficiency=0.6).system("late"))
    for kind in (Homodyne, Heterodyne):
        inside, before = conditional_state(system, kind("out", 0.4, 0.6)), conditional_state(lossy, kind("out", 0.4))
        assert relative_size(inside.covariance - before.covariance, inside.covariance) < 1e-14


def test_order_of_detectors_does_not_matter_and_more_of_them_tell_more():
    system = chain()
    a, b = Homodyne("out", 0.3, 0.7), Heterodyne("membrane.vacuum", 0.1, 0.9)
    both, other = conditional_state(system, [a, b]), conditional_state(system, (b, a))
    assert relative_size(both.covariance - other.covariance, both.covariance) < 1e-14
    for single in (a, b):
        gained = conditional_state(system, single).covariance - both.covariance
        assert np.linalg.eigvalsh(gained).min() > -1e-14
        assert np.linalg.eigvalsh(gained).max() > 1e-3
    blind = conditional_state(system, [a, Homodyne("loss", 0.0, 0.0)])
    alone = conditional_state(system, a)
    assert relative_size(blind.covariance - alone.covariance, alone.covariance) < 1e-14


def test_conditional_state_is_between_physical_and_unconditional():
    system = chain()
    state = conditional_state(system, [Homodyne("out"), Heterodyne("loss")])
    assert float(positivity_defect(state)) < 1e-13
    assert np.linalg.eigvalsh(steady_state(system).covariance - state.covariance).min() > -1e-12
    assert not state.mean.any() and state.modes == system.modes


def test_filter_in_time_ends_in_the_conditional_state():
    # dV/dt = A V + V Aᵀ + D − K R Kᵀ from a hot start
    system, detector = chain(), Homodyne("out", 0.4, 0.8)
    h, r, s = record_model(system, detector)
    end = conditional_state(system, detector).covariance
    start = GaussianState(np.zeros(6), 3 * np.diag(np.diag(steady_state(system).covariance)), system.modes)
    inverse = np.linalg.inv(r)
    np.testing.assert_allclose(kalman_gain(system, detector, start), (start.covariance @ h.T + s) @ inverse, rtol=1e-12)

    def rate(_, values):
        v = values.reshape(6, 6)
        gain = (v @ h.T + s) @ inverse
        moved = system.drift @ v
        return (moved + moved.T + system.diffusion - gain @ r @ gain.T).ravel()

    late = solve_ivp(rate, (0, 600), start.covariance.ravel(), method="DOP853", rtol=1e-7, atol=1e-9).y[:, -1]
    assert relative_size(late.reshape(6, 6) - end, end) < 1e-5  # the integrator's tolerance and e^{-600 × 0.03}
    assert relative_size(evolve(system, start, 600).covariance - end, end) > 0.1  # without a record, it does not


def test_all_pass_light_tells_nothing_about_a_cavity_that_it_fills():
    # the light that leaves has met the mode, but what it carries is what the mode has lost
    cavity = from_hamiltonian(np.diag([0.3, 0.3]), [[1, 1j]], modes=["a"], ports=["out"])
    hot = cavity.with_noise("out", 3.0)
    for detector in (Heterodyne(), Homodyne(angle=0.2)):
        np.testing.assert_allclose(conditional_state(hot, detector).covariance, 3 * np.eye(2), rtol=1e-13, atol=1e-13)


def test_batches_of_systems_angles_and_efficiencies():
    efficiency, angle, strength = np.array([[0.3], [0.9]]), np.array([0.1, 0.8, 1.4]), np.array([0.2, 0.5, 1.0])
    system = chain(efficiency)
    assert system.batch_shape == (2, 1)
    detectors = [Homodyne("out", angle, strength), Heterodyne("loss", 0.3, 0.5)]
    states, gains = conditional_state(system, detectors), kalman_gain(system, detectors)
    record = record_model(system, detectors)
    assert states.covariance.shape == (2, 3, 6, 6) and states.error_estimate.shape == (2, 3)
    assert gains.shape == (2, 3, 6, 3) and record.noise.shape == (2, 3, 3, 3)
    for i, j in np.ndindex(2, 3):
        one, two = chain(efficiency[i, 0]), [Homodyne("out", angle[j], strength[j]), Heterodyne("loss", 0.3, 0.5)]
        single = conditional_state(one, two)
        assert relative_size(states.covariance[i, j] - single.covariance, single.covariance) < 1e-12
        np.testing.assert_allclose(gains[i, j], kalman_gain(one, two), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(record.noise[i, j], record_model(one, two).noise, rtol=1e-12, atol=1e-15)


def test_array_angle_on_a_single_system():
    states = conditional_state(chain(), Homodyne("out", np.linspace(0, np.pi, 5)))
    assert states.covariance.shape == (5, 6, 6)
    assert relative_size(states.covariance[0] - states.covariance[-1], states.covariance[0]) < 1e-13  # half a turn


def test_empty_and_static():
    system = chain(np.zeros((0,)) + 0.5)
    assert conditional_state(system, Homodyne()).covariance.shape == (0, 6, 6)
    assert conditional_state(chain(), Homodyne(angle=[])).covariance.shape == (0, 6, 6)
    assert kalman_gain(system, Homodyne()).shape == (0, 6, 1)
    static = Loss(efficiency=0.5).system("loss")
    assert conditional_state(static, Homodyne()).covariance.shape == (0, 0)


def squeezed_source(r):
    noise = np.diag([np.exp(-2 * r), np.exp(2 * r)]) / 2
    return from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], None, noise, modes=["a"], ports=["out"])


@pytest.mark.parametrize("r", [1.0, 5.0, 15.0])
def test_strongly_squeezed_record_is_fine(r):
    state = conditional_state(squeezed_source(r), Homodyne("out", 0.0))
    assert np.linalg.det(2 * state.covariance) == pytest.approx(1, rel=1e-12)


BAD = {
    "none": ([], "needs at least one detector; without a record use `steady_state`"),
    "unknown port": (Homodyne("ou"), "there is no output 'ou'; did you mean 'out'"),
    "twice": ([Homodyne("out"), Heterodyne("out")], "at most one detector, but 'out' has more; split its light"),
    "a name": ("out", "detectors are Homodyne or Heterodyne objects, got 'out'"),
    "names": (["out"], "detectors are Homodyne or Heterodyne objects"),
    "nothing": (None, "detectors are Homodyne or Heterodyne objects, got None"),
    "batches": (Homodyne(angle=[0.0, 1.0]), r"system \(3,\), detector 'out' \(2,\)"),
}


@pytest.mark.parametrize(("detectors", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("call", [record_model, conditional_state, kalman_gain])
def test_bad_detectors(call, detectors, message):
    with pytest.raises(InvalidInput, match=message):
        call(chain(np.array([0.1, 0.2, 0.3])), detectors)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("out", 0.0, 1.1), r"fraction of power in \[0, 1\], got 1.1 to 1.1"),
        (("out", 0.0, [0.5, -0.1]), r"got -0.1 to 0.5"),
        (("out", np.nan), "the angle of a detector has an entry that is not finite"),
        (("out", "90 deg"), "the angle of a detector must be an array of real numbers"),
        (("out", 0.0, np.inf), "the efficiency of a detector has an entry that is not finite"),
        (("out", [0.0, 1.0], [0.1, 0.2, 0.3]), r"angle \(2,\), efficiency \(3,\)"),
        ((0.3,), "the port of a detector is the name of an output, got 0.3"),
    ],
)
@pytest.mark.parametrize("kind", [Homodyne, Heterodyne])
def test_bad_detector(kind, arguments, message):
    with pytest.raises(InvalidInput, match=message):
        kind(*arguments)


def test_record_without_noise():
    perfect = LinearSystem(-np.eye(2), np.eye(2), np.eye(2), np.zeros((2, 2)), outputs=["out"])
    with pytest.raises(InvalidInput, match=r"a combination without noise \(eigenvalue 0 of R\)"):
        conditional_state(perfect, Homodyne())
    same = LinearSystem(-np.eye(2), np.eye(2), np.ones((4, 2)), np.vstack([np.eye(2)] * 2), outputs=["out", "again"])
    with pytest.raises(InvalidInput, match="or the same light is recorded twice"):
        conditional_state(same, [Homodyne("out"), Homodyne("again")])


def test_what_grows_unwatched_has_no_conditional_state():
    hot = OptomechanicalCavity(
        mechanical_frequency=1.0,
        mechanical_linewidth=1e-3,
        occupation=0,
        cavity_linewidth=1.0,
        detuning=1.0,
        coupling=0.1,
    )
    system = hot.system("m")
    with pytest.raises(Unstable, match=r"the pole 0\.0.* rad/s of mode 'm' does not decay, and no detector shows it"):
        conditional_state(system, Homodyne(efficiency=0.0))
    assert conditional_state(system, Homodyne()).error_estimate < 1e-12


def test_published_system_by_all_detectors():
    system = moller2017.network(moller2017.FIG3, mass=-1).system
    detectors = [Heterodyne(port, 0.2, 0.9) for port in system.outputs]
    state = conditional_state(system, detectors)
    alone = conditional_state(system, detectors[:1])
    assert np.linalg.eigvalsh(alone.covariance - state.covariance).min() > -1e-10
    assert state.error_estimate < 1e-12
