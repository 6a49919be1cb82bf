"""Converters between conventions, calibrated on the vacuum and on one state with every correlation."""

import warnings

import numpy as np
import pytest
import qutip
import qutip.continuous_variables as qcv

from backaction.gaussian import GaussianState, InvalidInput, Unphysical
from backaction.gaussian.conventions import (
    BACKACTION,
    MOLLER,
    PIQUASSO,
    QUTIP,
    STRAWBERRYFIELDS,
    THEWALRUS,
    Convention,
    Order,
    from_convention,
    to_convention,
)
from backaction.gaussian.preparation import two_mode_squeezed

ALL = {
    "backaction": (BACKACTION, 0.5),
    "qutip": (QUTIP, 0.5),
    "thewalrus": (THEWALRUS, 1.0),
    "strawberryfields": (STRAWBERRYFIELDS, 1.0),
    "piquasso": (PIQUASSO, 2.0),
    "moller": (MOLLER, 0.25),
}


def some_state():
    covariance = two_mode_squeezed(0.4, ["a", "b"]).covariance + np.diag([0.1, 0.2, 0.3, 0.05])
    return GaussianState([0.3, -0.2, 0.5, 0.1], covariance, ["a", "b"])


@pytest.mark.parametrize("name", ALL)
def test_the_vacuum_is_as_published_and_the_way_back_is_exact(name):
    convention, vacuum = ALL[name]
    np.testing.assert_allclose(to_convention(GaussianState.vacuum(["a"]), convention)[1], vacuum * np.eye(2))
    state = some_state()
    back = from_convention(*to_convention(state, convention), convention, state.modes)
    np.testing.assert_allclose(back.mean, state.mean, rtol=1e-14)
    np.testing.assert_allclose(back.covariance, state.covariance, rtol=1e-14, atol=1e-16)


def test_thewalrus_reads_our_states():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports warn about their own dependencies
        from thewalrus.quantum import is_valid_cov, photon_number_mean
        from thewalrus.symplectic import two_mode_squeezing, vacuum_state
    mean, covariance = to_convention(GaussianState.vacuum(["a", "b"]), THEWALRUS)
    np.testing.assert_array_equal(covariance, vacuum_state(2)[1])
    turn = two_mode_squeezing(0.8, 0.0)
    theirs = from_convention(mean, turn @ covariance @ turn.T, THEWALRUS, ["a", "b"])
    np.testing.assert_allclose(theirs.covariance, two_mode_squeezed(0.8, ["a", "b"]).covariance, atol=1e-14)
    mean, covariance = to_convention(some_state(), THEWALRUS)
    assert is_valid_cov(covariance)
    state = some_state()
    quanta = state.occupation + np.sum(state.mean.reshape(2, 2) ** 2, axis=1) / 2
    assert [photon_number_mean(mean, covariance, j) for j in range(2)] == pytest.approx(quanta)


def test_qutip_writes_our_covariances():
    a, b = qutip.tensor(qutip.destroy(24), qutip.qeye(24)), qutip.tensor(qutip.qeye(24), qutip.destroy(24))
    rho = qutip.ket2dm(sum(np.tanh(0.4) ** n / np.cosh(0.4) * qutip.basis([24, 24], [n, n]) for n in range(24)))
    theirs = qcv.wigner_covariance_matrix(a1=a, a2=b, rho=rho)
    found = from_convention(np.zeros(4), theirs, QUTIP)
    np.testing.assert_allclose(found.covariance, two_mode_squeezed(0.4, ["a", "b"]).covariance, atol=1e-12)


def test_piquasso_reads_our_states():
    pq = pytest.importorskip("piquasso")
    state = pq.GaussianSimulator(d=2).create_initial_state()
    mean, covariance = to_convention(GaussianState.vacuum(["a", "b"]), PIQUASSO)
    np.testing.assert_allclose(state.xxpp_covariance_matrix, covariance)
    np.testing.assert_allclose(state.xxpp_mean_vector, mean)


def test_strawberryfields_reads_our_states():
    pytest.importorskip("strawberryfields")
    from strawberryfields.backends import GaussianBackend

    backend = GaussianBackend()
    backend.begin_circuit(2)
    backend.displacement(0.5, 0.0, 0)
    ours = GaussianState([np.sqrt(2) * 0.5, 0, 0, 0], np.eye(4) / 2, ["a", "b"])
    mean, covariance = to_convention(ours, STRAWBERRYFIELDS)
    np.testing.assert_allclose(backend.state().means(), mean)
    np.testing.assert_allclose(backend.state().cov(), covariance)


def test_batches_keep_their_shape():
    batch = GaussianState.thermal(np.ones((3, 2)), ["a", "b"])
    mean, covariance = to_convention(batch, PIQUASSO)
    assert (mean.shape, covariance.shape) == ((3, 4), (3, 4, 4))
    assert from_convention(mean, covariance, PIQUASSO).batch_shape == (3,)


def test_the_wrong_convention_is_often_found_out():
    mean, covariance = to_convention(GaussianState.vacuum(["a"]), MOLLER)
    with pytest.raises(Unphysical, match="vacuum variance is 1/2"):
        from_convention(mean, covariance, BACKACTION)
    with pytest.raises(InvalidInput, match="vacuum"):
        Convention(0.0, Order.XPXP)
    with pytest.raises(InvalidInput, match="2n"):
        from_convention([0.0, 0.0, 0.0, 0.0], np.eye(2), BACKACTION)
