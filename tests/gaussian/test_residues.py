import numpy as np
import pytest

from backaction.experiment import load
from backaction.gaussian import Homodyne, InvalidInput, LinearSystem, noise_budget, residues, spectra
from backaction.gaussian.residues import ENOUGH, row_response
from backaction.systems import MHz

EXAMPLES = __import__("pathlib").Path(__file__).resolve().parents[2] / "examples"
RESOLVED = ("moller2017", "integrated", "squeezed-readout")


def frequencies(system):
    """A broad range, and every resonance from its wings to its peak."""
    poles = np.linalg.eigvals(system.drift)
    near = [pole.imag + pole.real * np.linspace(-3, 3, 31) for pole in poles]
    return np.concatenate([np.linspace(0.2, 2.0, 100) * MHz, *near])


@pytest.mark.parametrize("name", RESOLVED)
def test_a_budget_is_that_of_solves(name, monkeypatch):
    experiment = load(EXAMPLES / f"{name}.toml")
    system, detector = experiment.network.system, experiment.detectors[0]
    omega = frequencies(system)
    fast = noise_budget(system, omega, detector)
    monkeypatch.setattr(spectra, "row_response", lambda *_: None)
    slow = noise_budget(system, omega, detector)
    np.testing.assert_allclose(fast.total, slow.total, rtol=1e-9)
    for source, part in slow.sources.items():
        assert np.abs(fast.sources[source] - part).max() <= 1e-9 * slow.total.max()


@pytest.mark.parametrize("name", RESOLVED)
def test_they_are_used_for_these(name):
    experiment = load(EXAMPLES / f"{name}.toml")
    system = experiment.network.system
    seen = experiment.detectors[0].rows[:1] @ system.with_outputs("out").output_matrix
    assert row_response(system, frequencies(system), seen) is not None


def test_an_exceptional_point_is_left_to_solves():
    """Two equal oscillators in a cascade: one eigenvector for two poles."""
    drift = np.array([[-1.0, 5.0, 0, 0], [-5.0, -1.0, 0, 0], [0.3, 0, -1.0, 5.0], [0, 0.3, -5.0, -1.0]])
    system = LinearSystem(drift, np.eye(4), np.eye(4), np.zeros((4, 4)), outputs=["out", "lost"])
    omega = np.linspace(0.0, 10.0, 200)
    assert row_response(system, omega, np.eye(4)[2:3]) is None
    total = noise_budget(system, omega, Homodyne("lost", 0.0)).total
    alone = [noise_budget(system, w, Homodyne("lost", 0.0)).total for w in omega]
    np.testing.assert_allclose(total, alone, rtol=1e-12)


def test_wrong_residues_are_noticed(monkeypatch):
    """The check is one: with eigenvalues off by a millionth of the linewidth the rows are given up."""
    system = load(EXAMPLES / "moller2017.toml").network.system
    genuine = np.linalg.eig

    def off(matrix):
        values, vectors = genuine(matrix)
        return values + 1e-6 * values.real, vectors

    row = np.eye(6)[2:3]
    assert row_response(system, frequencies(system), row) is not None
    monkeypatch.setattr(residues.np.linalg, "eig", off)
    assert row_response(system, frequencies(system), row) is None


def test_few_frequencies_and_batches_are_left_to_solves():
    system = LinearSystem(-np.eye(2), np.eye(2), np.eye(2), np.eye(2))
    assert row_response(system, np.zeros(ENOUGH - 1), np.eye(2)[:1]) is None
    batch = LinearSystem(-np.ones((3, 1, 1)) * np.eye(2), np.eye(2), np.eye(2), np.eye(2), outputs=["out"])
    assert row_response(batch, np.zeros(ENOUGH), np.eye(2)[:1]) is None
    assert noise_budget(batch, np.zeros(ENOUGH), Homodyne()).total.shape == (3, ENOUGH)


def test_any_shape_of_frequencies():
    system = LinearSystem(-np.eye(2), np.eye(2), np.eye(2), np.eye(2), outputs=["out"])
    omega = np.linspace(0, 3, 2 * ENOUGH).reshape(2, ENOUGH)
    flat = noise_budget(system, omega.reshape(-1), Homodyne()).total
    np.testing.assert_array_equal(noise_budget(system, omega, Homodyne()).total, flat.reshape(omega.shape))


def test_a_pole_at_a_frequency_is_still_an_error():
    system = LinearSystem([[0, 1.0], [-1.0, 0]], np.eye(2), np.eye(2), np.eye(2), outputs=["out"])
    with pytest.raises(InvalidInput, match="the response diverges"):
        noise_budget(system, np.append(np.linspace(0, 3, ENOUGH), 1.0), Homodyne())
