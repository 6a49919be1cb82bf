"""States lane by lane: what has none is refused with its reason and spoils no neighbour."""

import numpy as np
import pytest

from backaction.gaussian import (
    Heterodyne,
    Homodyne,
    InvalidInput,
    LinearSystem,
    Refusal,
    attempt_conditional_state,
    attempt_steady_state,
    conditional_state,
    from_hamiltonian,
    steady_state,
)
from backaction.gaussian.state import GaussianState


def cavities(rates):
    """Cavities that decay, or grow, at the rates into one port each."""
    rates = np.asarray(rates, dtype=float)
    drift = -rates[..., None, None] / 2 * np.eye(2)
    coupling = np.sqrt(np.abs(rates))[..., None, None] * np.eye(2)
    return LinearSystem(drift, coupling, coupling, -np.eye(2), 1.5 * np.eye(2), modes=["a"], outputs=["out"])


def test_steady_states_of_those_that_have_one():
    rates = np.array([[1.0, -1.0, 3.0], [0.0, 2.0, -1e-9]])
    found = attempt_steady_state(cavities(rates))
    assert found.refusal.tolist() == [[0, 1, 0], [1, 0, 1]] and found.refusal.dtype == np.int8
    for lane in np.ndindex(rates.shape):
        vacuum = GaussianState.vacuum(["a"])
        alone = vacuum if found.refusal[lane] else steady_state(cavities(rates[lane]))
        assert (found.state.covariance[lane] == alone.covariance).all()


def test_conditional_states_of_those_that_have_one():
    detector = Homodyne(angle=np.array([0.2, 0.9]), efficiency=0.7)
    found = attempt_conditional_state(cavities([[1.0], [3.0]]), detector)
    assert not found.refusal.any()
    assert (found.state.covariance == conditional_state(cavities([[1.0], [3.0]]), detector).covariance).all()


def test_records_without_noise_are_refused_by_lane():
    through = np.array([1.0, 0.0])[:, None, None] * np.eye(2)
    system = LinearSystem(-np.eye(2), np.sqrt(2) * np.eye(2), np.sqrt(2) * np.eye(2), -through, outputs=["out"])
    assert attempt_conditional_state(system, Homodyne()).refusal.tolist() == [Refusal.NONE, Refusal.NOISELESS]
    with pytest.raises(InvalidInput, match="there is no output"):
        attempt_conditional_state(system, Heterodyne("no"))


def test_an_empty_batch_and_a_static_system():
    assert attempt_steady_state(cavities(np.zeros(0))).refusal.shape == (0,)
    static = LinearSystem(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.eye(2), outputs=["out"])
    for found in (attempt_steady_state(static), attempt_conditional_state(static, Homodyne())):
        assert found.refusal.shape == () and not found.refusal and found.state.covariance.shape == (0, 0)


def test_an_unresolved_lane_stands_alone():
    hardly = from_hamiltonian(np.eye(2), np.array([1.0, 1e-9])[:, None, None] * np.array([[1, 1j]]), modes=["a"])
    found = attempt_steady_state(hardly)
    assert found.refusal[0] == Refusal.NONE
