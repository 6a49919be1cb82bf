"""States lane by lane: what has none is refused with its reason and spoils no neighbour."""

import numpy as np
import pytest

from backaction.gaussian import (
    Heterodyne,
    Homodyne,
    InvalidInput,
    LinearSystem,
    Refusal,
    Unphysical,
    Unresolved,
    Unstable,
    attempt_conditional_state,
    attempt_steady_state,
    conditional_state,
    from_hamiltonian,
    growth_rate,
    leading_pole,
    poles,
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


def lossless(rng, count, size=4):
    """Random oscillators that nothing damps; rounding gives their poles real parts of either sign."""
    half = rng.normal(size=(count, size, size))
    return from_hamiltonian(half @ np.swapaxes(half, 1, 2), np.zeros((0, size)))


def test_what_nothing_damps_is_unstable_and_never_unphysical():
    rng = np.random.default_rng(1)
    system = lossless(rng, 400)
    assert (poles(system).real < 0).any() and (poles(system).real > 0).any()
    assert (attempt_steady_state(system).refusal == Refusal.UNSTABLE).all()
    with pytest.raises(Unstable, match="there is no stationary state"):
        steady_state(system)
    for drift in system.drift[:100]:
        alone = LinearSystem(drift, np.zeros((4, 0)), np.zeros((0, 4)), np.zeros((0, 0)))
        with pytest.raises(Unstable, match="there is no stationary state"):
            steady_state(alone)
    beside = np.zeros((100, 6, 6))
    beside[:, :4, :4], beside[:, 4:, 4:] = lossless(rng, 100).drift, -np.eye(2)
    coupling = np.concatenate([np.zeros((4, 2)), np.sqrt(2) * np.eye(2)])
    both = LinearSystem(beside, coupling, coupling.T, -np.eye(2), outputs=["out"])
    assert (attempt_steady_state(both).refusal == Refusal.UNSTABLE).all()
    assert (attempt_conditional_state(both, Homodyne()).refusal == Refusal.UNSTABLE).all()
    with pytest.raises(Unstable, match="no detector shows it"):
        conditional_state(both, Heterodyne())


def test_damping_without_noise_has_no_state():
    quiet = LinearSystem(-np.eye(2), np.zeros((2, 0)), np.zeros((0, 2)), np.zeros((0, 0)))
    assert attempt_steady_state(quiet).refusal == Refusal.UNPHYSICAL
    with pytest.raises(Unphysical, match="damped without the noise that belongs to it"):
        steady_state(quiet)


def test_lanes_beyond_floats_and_singular_ones_stand_alone():
    drive = np.array([1.0, 1e80, 1.0])[:, None, None] * np.eye(2)  # B N Bᵀ overflows
    hot = LinearSystem(-np.eye(2) / 2, drive, np.eye(2), -drive, 1e150 * np.eye(2), outputs=["out"])
    for found in (attempt_steady_state(hot), attempt_conditional_state(hot, Homodyne(angle=0.3))):
        assert found.refusal.tolist() == [Refusal.NONE, Refusal.UNRESOLVED, Refusal.NONE]
    for call in (lambda: steady_state(hot), lambda: conditional_state(hot, Homodyne())):
        with pytest.raises(Unresolved, match="covariance has a relative error of inf in double precision"):
            call()
    turning = np.array([-1.0, 0.0])[:, None, None] * np.eye(2) + np.array([[0.0, 1.0], [-1.0, 0.0]])
    damped = LinearSystem(turning, np.sqrt(2) * np.eye(2), np.sqrt(2) * np.eye(2), -np.eye(2), outputs=["out"])
    found = attempt_steady_state(damped)
    assert found.refusal.tolist() == [Refusal.NONE, Refusal.UNSTABLE]
    np.testing.assert_allclose(found.state.covariance, np.broadcast_to(np.eye(2) / 2, (2, 2, 2)), atol=1e-14)


def test_eigenvalues_that_lapack_does_not_find(monkeypatch):
    """One lane's iteration that does not end is that lane's, and one error with a text where it is asked for."""
    found = np.linalg.eigvals

    def stubborn(matrix):
        if (matrix == 3.0).any():
            raise np.linalg.LinAlgError("Eigenvalues did not converge")
        return found(matrix)

    monkeypatch.setattr(np.linalg, "eigvals", stubborn)
    drift = np.array([[[1.0, 2.0], [-2.0, 1.0]], [[1.0, 3.0], [-2.0, 1.0]], [[-1.0, 2.0], [-2.0, -1.0]]])
    system = LinearSystem(drift, np.eye(2), np.eye(2), np.eye(2), outputs=["out"])
    for call in (poles, growth_rate, leading_pole):
        with pytest.raises(Unresolved, match="LAPACK does not find the poles of a drift"):
            call(system)
    assert attempt_steady_state(system).refusal.tolist() == [Refusal.UNSTABLE, Refusal.UNRESOLVED, Refusal.NONE]


def test_poles_of_a_lane_keep_their_blocks_whatever_its_neighbours_are():
    """Equal poles in a row: one defective block with feedback somewhere in the batch, two exact ones without."""
    one = np.array([[-1e-6, 1.0], [-1.0, -1e-6]])
    chain = np.block([[one, np.zeros((2, 2))], [np.array([[0.0, 0.0], [1.0, 0.0]]), one]])
    looped = chain.copy()
    looped[1, 2] = 1e-3
    drift = np.stack([chain, looped, chain])
    system = LinearSystem(drift, np.eye(4), np.zeros((0, 4)), np.zeros((0, 4)))
    alone = LinearSystem(chain, np.eye(4), np.zeros((0, 4)), np.zeros((0, 4)))
    assert (poles(system)[[0, 2]] == poles(alone)).all()
    assert (poles(alone).real == -1e-6).all()
