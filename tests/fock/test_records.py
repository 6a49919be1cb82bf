"""The state given a sampled record: its covariance is Riccati's whatever the record, its mean the Kalman filter's."""

import numpy as np
from networks import pair, spin

from backaction.fock import master_equation, monitored
from backaction.fock.basis import Basis
from backaction.fock.records import along_a_record
from backaction.fock.solutions import conditional, generator, scale, stationary
from backaction.gaussian import Heterodyne, Homodyne, conditional_state, kalman_gain, record_model
from backaction.systems import Network


def test_covariance_does_not_depend_on_the_record_and_the_mean_is_kalmans():
    network = Network((spin(readout_rate=0.8, occupation=0.3),))
    detector = Homodyne("out", 1.1, 0.8)
    equation, basis = master_equation(network), Basis([24])
    dynamics, seen = generator(equation, basis), monitored(master_equation(network), [detector])
    start = conditional(equation, dynamics, seen, stationary(equation, dynamics))
    step = 0.02
    found = along_a_record(equation, dynamics, seen, start, 150, step, np.random.default_rng(4))
    expected = conditional_state(network.system, detector)
    record = record_model(network.system, detector)
    gain, noise = kalman_gain(network.system, detector), float(record.noise[0, 0])
    closed = network.system.drift - gain @ record.measured
    mean, seconds = np.zeros(2), step / scale(equation)
    largest = 0.0
    for increment, state in zip(found.increments, found.states, strict=True):
        rate = np.sqrt(noise / seconds) * increment[0] / np.sqrt(step)  # dr/dt = √R dY/dt, times in s
        for _ in range(20):  # a fine Euler–Heun integration of dx̂/dt = (A − KH) x̂ + K dr/dt
            slope = closed @ mean + gain[:, 0] * rate
            mean = mean + seconds / 40 * (slope + closed @ (mean + seconds / 20 * slope) + gain[:, 0] * rate)
        np.testing.assert_allclose(state.state.covariance, expected.covariance, atol=2e-4)  # 24 levels, displaced
        np.testing.assert_allclose(state.state.mean, mean, atol=5e-4)  # the same
        largest = max(largest, float(np.abs(mean).max()))
    assert largest > 0.3  # the record did move the state


def test_two_records_at_once():
    detectors = [Heterodyne("out", 0.3, 0.9), Homodyne("loss", 0.2, 0.7)]
    equation, basis = master_equation(pair()), Basis([9, 10], [[1, 1]], [1.0])
    dynamics, seen = generator(equation, basis), monitored(master_equation(pair()), detectors)
    start = conditional(equation, dynamics, seen, stationary(equation, dynamics))
    found = along_a_record(equation, dynamics, seen, start, 20, 0.05, np.random.default_rng(2))
    assert found.increments.shape == (20, 3)
    expected = conditional_state(pair().system, detectors).covariance
    np.testing.assert_allclose(found.states[-1].state.covariance, expected, atol=5e-3)  # ten levels in each
