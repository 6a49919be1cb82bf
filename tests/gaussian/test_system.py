"""LinearSystem: names, batches, noise, and one clear error for each mistake."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from backaction.gaussian import (
    InvalidInput,
    LinearSystem,
    Unphysical,
    Unstable,
    commutator_defect,
    from_hamiltonian,
    steady_state,
    vacuum_noise,
)

DECAY = -np.eye(2)
PORT = np.sqrt(2) * np.eye(2)


def cavity(**changes):
    given = {"drift": DECAY, "input_matrix": PORT, "output_matrix": PORT, "feedthrough": -np.eye(2)} | changes
    return LinearSystem(**given)


def squeezed(r, angle):
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s], [s, c]])
    return turn @ np.diag(np.exp([-2 * r, 2 * r]) / 2) @ turn.T


def test_defaults_are_vacuum_and_counted_names():
    system = LinearSystem(-np.eye(4), np.ones((4, 6)), np.ones((2, 4)), np.zeros((2, 6)))
    assert system.modes == ("mode0", "mode1")
    assert system.inputs == ("input0", "input1", "input2") and system.outputs == ("output0",)
    assert (system.noise == vacuum_noise(3)).all() and system.batch_shape == ()


def test_fields_are_frozen_copies():
    drift = DECAY.copy()
    system = cavity(drift=drift)
    drift[0, 0] = 5
    assert system.drift[0, 0] == -1
    with pytest.raises(ValueError, match="read-only"):
        system.drift[0, 0] = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        system.modes = ("a",)


def test_batch_shape_is_that_of_all_matrices():
    system = cavity(drift=np.broadcast_to(DECAY, (3, 1, 2, 2)), feedthrough=np.zeros((4, 2, 2)))
    assert system.batch_shape == (3, 4)
    assert steady_state(system).covariance.shape == (3, 4, 2, 2)


def test_diffusion():
    noise = np.diag([0.2, 3.0])
    np.testing.assert_allclose(cavity(noise=noise).diffusion, 2 * noise, rtol=1e-15)


def test_renaming_keeps_everything_else():
    system = cavity(modes=["a"], inputs=["in"], outputs=["out"], classical=["in"], noise=np.zeros((2, 2)))
    other = system.renamed({"a": "b"}, {"in": "laser"}, {"out": "end"})
    assert (other.modes, other.inputs, other.outputs, other.classical) == (("b",), ("laser",), ("end",), ("laser",))
    assert (other.drift == system.drift).all()
    with pytest.raises(InvalidInput, match="there is no mode 'aa'; did you mean 'a'"):
        system.renamed(modes={"aa": "b"})
    with pytest.raises(InvalidInput, match="there is no input 'out'"):
        system.renamed(inputs={"out": "b"})


def test_outputs_are_kept_in_the_order_asked():
    feedthrough = np.arange(12.0).reshape(6, 2)
    system = LinearSystem(DECAY, PORT, np.ones((6, 2)), feedthrough, outputs=["a", "b", "c"])
    kept = system.with_outputs(["c", "a"])
    assert kept.outputs == ("c", "a")
    assert (kept.feedthrough == feedthrough[[4, 5, 0, 1]]).all()
    assert system.with_outputs("b").outputs == ("b",)
    with pytest.raises(InvalidInput, match="there is no output 'd'"):
        system.with_outputs("d")
    with pytest.raises(InvalidInput, match="'a' came more than once"):
        system.with_outputs(["a", "a"])


def test_noise_of_one_input():
    system = LinearSystem(DECAY, np.ones((2, 4)), np.ones((2, 2)), np.zeros((2, 4)), inputs=["a", "b"])
    assert (system.with_noise("b", 3.0).noise == np.diag([0.5, 0.5, 3, 3])).all()
    assert (system.with_noise("a", np.diag([1.0, 2.0])).noise == np.diag([1, 2, 0.5, 0.5])).all()
    occupation = np.array([[1.0, 2.0], [3.0, 4.0]])  # a batch of shape (2, 2) is no matrix
    batch = system.with_noise("b", occupation[..., None, None] * np.eye(2))
    assert batch.batch_shape == (2, 2)
    assert (batch.noise[..., 3, 3] == occupation).all() and (batch.noise[..., 0, 0] == 0.5).all()
    with pytest.raises(InvalidInput, match=r"an array of shape \(…, 2, 2\), got \(3,\) for 'b'; multiply a batch"):
        system.with_noise("b", [1.0, 2.0, 3.0])
    with pytest.raises(InvalidInput, match="there is no input 'c'"):
        system.with_noise("c", 1.0)
    with pytest.raises(Unphysical, match=r"N \+ iΩ/2 has the eigenvalue -0.4"):
        system.with_noise("a", 0.1)


def test_batch_of_rotating_wave_baths_of_square_shape():
    from backaction.systems import Damping, SpinOscillator

    occupation = np.array([[1.0, 2.0], [3.0, 4.0]])
    spin = SpinOscillator(
        frequency=1.0, linewidth=0.1, readout_rate=0.0, occupation=occupation, damping=Damping.ROTATING_WAVE
    )
    np.testing.assert_allclose(steady_state(spin.system("s")).occupation[..., 0], occupation, rtol=1e-12)


@pytest.mark.parametrize("r", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("angle", [0.0, 0.3])
def test_squeezed_light_is_physical(r, angle):
    state = steady_state(cavity(noise=squeezed(r, angle)))
    np.testing.assert_allclose(state.covariance, squeezed(r, angle), rtol=1e-12)


@pytest.mark.parametrize(
    "noise", [np.diag([0.5, 0.4]), np.diag([0.5, -0.1]), squeezed(0.3, 0.2) * 0.999, [[0.5, 0.2], [0.2, 0.5]]]
)
def test_noise_below_the_uncertainty_principle(noise):
    with pytest.raises(Unphysical, match="the input noise violates the uncertainty principle") as caught:
        cavity(noise=noise)
    assert caught.value.eigenvalue < 0
    assert f"{caught.value.eigenvalue:.6g}" in str(caught.value)


def test_hot_lane_does_not_excuse_a_cold_one():
    fine, wrong = np.diag([1e9, 1e9]), squeezed(0.3, 0.2) - 1e-6 * np.eye(2)
    with pytest.raises(Unphysical, match="eigenvalue -1"):
        cavity(noise=np.stack([fine, wrong]))
    crooked = squeezed(0.3, 0.2)
    crooked[0, 1] += 1e-6
    with pytest.raises(InvalidInput, match="N must be symmetric"):
        cavity(noise=np.stack([fine, crooked]))


def test_classical_noise_need_only_be_positive():
    assert cavity(noise=np.diag([0.1, 0.0]), inputs=["laser"], classical=["laser"]).classical == ("laser",)
    with pytest.raises(Unphysical, match=r"eigenvalue -0\.1"):
        cavity(noise=np.diag([0.1, -0.1]), inputs=["laser"], classical=["laser"])
    with pytest.raises(InvalidInput, match="there is no input 'laer'; did you mean 'laser'"):
        cavity(inputs=["laser"], classical=["laer"])


RULE = "a linear system needs matrices A"
BAD = {
    "A not square": ({"drift": np.zeros((2, 4))}, RULE),
    "odd number of quadratures": (
        {"drift": -np.eye(3), "input_matrix": np.ones((3, 2)), "output_matrix": np.ones((2, 3))}, RULE,
    ),
    "half an input": (
        {"input_matrix": np.ones((2, 3)), "feedthrough": np.ones((2, 3)), "noise": np.eye(3)}, RULE,
    ),
    "half an output": ({"output_matrix": np.ones((3, 2)), "feedthrough": np.ones((3, 2))}, RULE),
    "B of another size": ({"input_matrix": np.zeros((4, 2))}, RULE),
    "C of another size": ({"output_matrix": np.zeros((2, 4))}, RULE),
    "odd ports": ({"feedthrough": np.zeros((2, 3))}, RULE),
    "a vector": ({"drift": [-1.0, -1.0]}, RULE),
    "N of another size": ({"noise": np.eye(4)}, RULE),
    "batches": (
        {"drift": np.broadcast_to(DECAY, (3, 2, 2)), "noise": np.broadcast_to(np.eye(2), (2, 2, 2))},
        r"do not broadcast: drift \(3,\), input_matrix \(\), .* noise \(2,\)",
    ),
    "NaN": ({"drift": [[np.nan, 0], [0, -1]]}, r"the drift matrix has an entry that is not finite \(nan at \(0, 0\)\)"),
    "infinity": ({"input_matrix": [[1, 0], [0, np.inf]]}, r"the input matrix .* \(inf at \(1, 1\)\)"),
    "complex": ({"output_matrix": 1j * PORT}, "the output matrix must be an array of real numbers: .* complex128"),
    "text": ({"feedthrough": [["1", "0"], ["0", "1"]]}, "the feedthrough matrix must be an array of real numbers"),
    "ragged": ({"drift": [[1, 2], [3]]}, "the drift matrix must be an array of real numbers"),
    "None": ({"drift": None}, "the drift matrix has an entry that is not finite"),
    "asymmetric noise": ({"noise": [[1, 0.5], [0.4, 1]]}, "the input noise matrix N must be symmetric"),
    "names": ({"modes": ["a", "b"]}, r"the matrices have 1 modes, but 2 names were given"),
    "duplicate names": (
        {"inputs": ["a", "a"]}, "input names must be unique, but 'a' came more than once",
    ),
    "one text": ({"outputs": "out"}, "output names must be a sequence of texts, not the single text 'out'"),
    "no text": ({"modes": [3]}, "mode names must be non-empty texts"),
    "no sequence": ({"modes": 3}, "mode names must be a sequence of texts, got 3"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
def test_bad_input(changes, message):
    with pytest.raises(InvalidInput, match=message):
        cavity(**changes)


def test_unstable_system_shows_its_eigenvalue():
    with pytest.raises(Unstable, match=r"the pole 0.5 \+0i rad/s of mode 'a' grows") as caught:
        steady_state(cavity(drift=[[0.5, 0], [0, -1]], modes=["a"]))
    assert caught.value.eigenvalue == 0.5 and caught.value.mode == "a"


def test_commutator_defect_term_by_term():
    good = from_hamiltonian(np.eye(2), [[1, 1j]])
    assert float(commutator_defect(good)) < 1e-15
    for name in ("drift", "input_matrix", "output_matrix", "feedthrough"):
        fields = {field.name: getattr(good, field.name) for field in dataclasses.fields(good)}
        fields[name] = 1.1 * fields[name]
        assert float(commutator_defect(LinearSystem(**fields))) > 0.05
    static = LinearSystem(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.ones((3, 2, 2)))
    assert commutator_defect(static).shape == (3,)
    assert commutator_defect(cavity(drift=np.zeros((0, 2, 2)))).shape == (0,)
