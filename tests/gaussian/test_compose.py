"""Series, concatenation, feedback: against frequency-domain algebra, python-control and commutators."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from backaction.gaussian import (
    Homodyne,
    InvalidInput,
    LinearSystem,
    commutator_defect,
    concatenate,
    feedback,
    from_hamiltonian,
    noise_budget,
    series,
    spectral_density,
    steady_state,
    transfer_matrix,
)

OMEGA = np.array([0.0, 0.3, 1.0, 2.5])
MATRICES = ("drift", "input_matrix", "output_matrix", "feedthrough", "noise")


def unitary(rng, size, batch=()):
    return np.linalg.qr(rng.normal(size=(*batch, size, size)) + 1j * rng.normal(size=(*batch, size, size)))[0]


def random_open(rng, modes, name, ports=2, batch=()):
    """Any H, L, S with ports "input" to "out" and NAME.k; the damping of passive couplings makes it stable."""
    hamiltonian = rng.normal(size=(*batch, 2 * modes, 2 * modes))
    lowering = rng.normal(size=(*batch, ports, modes)) + 1j * rng.normal(size=(*batch, ports, modes))
    couplings = np.kron(lowering, [1, 1j]) * 2 + 0.2 * rng.normal(size=(*batch, ports, 2 * modes))
    extra = [f"{name}.{k}" for k in range(1, ports)]
    system = from_hamiltonian(
        0.2 * (hamiltonian + np.swapaxes(hamiltonian, -1, -2)),
        couplings,
        unitary(rng, ports, batch),
        modes=[f"{name}.mode{k}" for k in range(modes)],
        ports=["beam", *extra],
    )
    return system.renamed(inputs={"beam": "input"}, outputs={"beam": "out"})


def beam_splitter(name, transmission):
    t, r = np.sqrt(transmission), np.sqrt(1 - transmission)
    return LinearSystem(
        np.zeros((0, 0)),
        np.zeros((0, 4)),
        np.zeros((4, 0)),
        np.kron([[t, r], [r, -t]], np.eye(2)),
        inputs=["input", name],
        outputs=["out", name],
    )


def cavity(linewidth, detuning, name="cavity"):
    system = from_hamiltonian(
        -detuning * np.eye(2), [np.sqrt(linewidth / 2) * np.array([1, 1j])], [[-1]], modes=[name], ports=["port"]
    )
    return system.renamed(inputs={"port": "input"}, outputs={"port": "out"})


def assert_same(one, other, tolerance=1e-12):
    assert (one.modes, one.inputs, one.outputs) == (other.modes, other.inputs, other.outputs)
    for name in MATRICES:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=tolerance, rtol=tolerance)


def test_series_is_concatenation_and_feedback():
    rng = np.random.default_rng(1)
    first, second = random_open(rng, 2, "a"), random_open(rng, 1, "b")
    away = second.renamed(inputs={"input": "b.in"}, outputs={"out": "b.out"})
    looped = feedback(concatenate(first, away), {"out": "b.in"})
    assert_same(series(first, second), looped.renamed(outputs={"b.out": "out"}))


def test_series_against_python_control():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # python-control warns about its optional Fortran library
        import control

        rng = np.random.default_rng(2)
        first, second = random_open(rng, 2, "a", 1), random_open(rng, 3, "b", 1)
        whole = series(first, second)
        theirs = control.series(*[control.ss(*[getattr(s, m) for m in MATRICES[:4]]) for s in (first, second)])
        for omega in OMEGA:
            # python-control: e^{+iωt}
            np.testing.assert_allclose(transfer_matrix(whole, omega, formal=True), theirs(-1j * omega), atol=1e-12)


def test_series_multiplies_transfer_matrices():
    rng = np.random.default_rng(3)
    first, second = random_open(rng, 2, "a"), random_open(rng, 1, "b")
    whole = series(first, second)
    assert whole.modes == ("a.mode0", "a.mode1", "b.mode0")
    assert whole.inputs == ("input", "a.1", "b.1") and whole.outputs == ("a.1", "out", "b.1")
    one, two, both = (transfer_matrix(system, OMEGA, formal=True) for system in (first, second, whole))
    np.testing.assert_allclose(both[:, 2:4, :4], two[:, :2, :2] @ one[:, :2], atol=1e-12)
    np.testing.assert_allclose(both[:, 2:4, 4:], two[:, :2, 2:], atol=1e-12)
    np.testing.assert_allclose(both[:, :2, :4], one[:, 2:], atol=1e-12)
    np.testing.assert_allclose(both[:, :2, 4:], 0, atol=1e-15)


def test_series_is_associative():
    rng = np.random.default_rng(4)
    a, b, c = (random_open(rng, n, name) for n, name in ((1, "a"), (2, "b"), (1, "c")))
    assert_same(series(series(a, b), c), series(a, series(b, c)))


def test_commutators_survive_every_composition():
    rng = np.random.default_rng(5)
    for _ in range(5):
        a, b = random_open(rng, 2, "a", 3), random_open(rng, 1, "b", 2)
        side = concatenate(a, b.renamed(inputs={"input": "b.in"}, outputs={"out": "b.out"}))
        looped = feedback(side, {"out": "b.in", "b.out": "a.1"})
        for system in (series(a, b), side, looped, feedback(a, {"a.1": "a.2"})):
            assert float(commutator_defect(system)) < 1e-12  # the algebraic loop multiplies rounding


def test_cavity_in_a_loop_against_the_frequency_domain():
    # half of the light goes round through the cavity and meets itself again
    rng = np.random.default_rng(6)
    inner = random_open(rng, 2, "s", 1).renamed(inputs={"input": "in"}, outputs={"out": "round"})
    network = feedback(concatenate(beam_splitter("mirror", 0.3), inner), {"mirror": "in", "round": "mirror"})
    assert network.inputs == ("input",) and network.outputs == ("out",)
    t, r = np.sqrt(0.3), np.sqrt(0.7)
    loop = transfer_matrix(inner, OMEGA, formal=True)
    # x = r a − t G x  for what enters the loop, out = t a + r G x
    entering = np.linalg.solve(np.eye(2) + t * loop, np.broadcast_to(r * np.eye(2), loop.shape))
    expected = t * np.eye(2) + r * loop @ entering
    np.testing.assert_allclose(transfer_matrix(network, OMEGA, formal=True), expected, atol=1e-11)
    assert float(commutator_defect(network)) < 1e-12


def test_mirror_before_a_cavity_changes_its_linewidth():
    # a cavity whose light is returned by a mirror of transmission T without delay: κ T/(1 ± √(1−T))²
    kappa, transmission = 2.0, 0.2
    t, r = np.sqrt(transmission), np.sqrt(1 - transmission)
    inner = cavity(kappa, 0.4).renamed(inputs={"input": "in"}, outputs={"out": "round"})
    mirror = LinearSystem(
        np.zeros((0, 0)),
        np.zeros((0, 4)),
        np.zeros((4, 0)),
        np.kron([[r, t], [t, -r]], np.eye(2)),
        inputs=["input", "back"],
        outputs=["out", "to"],
    )
    whole = feedback(concatenate(mirror, inner), {"to": "in", "round": "back"})
    # in = t a − r(√κ c − in): in (1 − r) = t a − r√κ c, so that the decay becomes κ/2 + κ r/(1 − r)
    expected = -kappa / 2 - kappa * r / (1 - r)
    np.testing.assert_allclose(whole.drift, [[expected, -0.4], [0.4, expected]], atol=1e-12)
    np.testing.assert_allclose(steady_state(whole).covariance, np.eye(2) / 2, atol=1e-12)
    np.testing.assert_allclose(spectral_density(whole, OMEGA), np.broadcast_to(np.eye(2) / 2, (4, 2, 2)), atol=1e-12)


def test_two_way_coupling_is_not_a_cascade():
    # light goes from a to b and back to a: both modes move together
    rng = np.random.default_rng(7)
    a, b = random_open(rng, 1, "a"), random_open(rng, 1, "b", 1)
    ring = feedback(
        concatenate(a, b.renamed(inputs={"input": "b.in"}, outputs={"out": "b.out"})), {"out": "b.in", "b.out": "a.1"}
    )
    assert (np.abs(ring.drift[:2, 2:]) > 0.01).any() and (np.abs(ring.drift[2:, :2]) > 0.01).any()
    assert ring.inputs == ("input",) and ring.outputs == ("a.1",)
    loops = transfer_matrix(a, OMEGA, formal=True)
    through = transfer_matrix(b, OMEGA, formal=True)
    # a: outputs (out, a.1), inputs (input, a.1)
    back = np.linalg.solve(np.eye(2) - through @ loops[:, :2, 2:], through @ loops[:, :2, :2])
    np.testing.assert_allclose(
        transfer_matrix(ring, OMEGA, formal=True), loops[:, 2:, :2] + loops[:, 2:, 2:] @ back, atol=1e-11
    )


def test_names_and_noise_stay_addressable():
    chain = series(series(beam_splitter("first", 0.8), beam_splitter("second", 0.5)), cavity(1.0, 0.0))
    assert chain.inputs == ("input", "first", "second") and chain.outputs == ("first", "second", "out")
    hot = chain.with_noise("second", 3.0)
    sources = noise_budget(hot, [0.0], Homodyne()).sources
    expected = {"input": 0.2, "first": 0.05, "second": 1.5, "detection": 0.0}
    assert {name: pytest.approx(float(part[0])) for name, part in sources.items()} == expected
    lost = noise_budget(hot, [0.0], Homodyne("second")).sources
    assert float(lost["second"][0]) == pytest.approx(1.5)


def test_classical_inputs_are_remembered():
    noisy = LinearSystem(
        np.zeros((0, 0)), np.zeros((0, 4)), np.zeros((2, 0)), np.hstack([np.eye(2), np.eye(2)]),
        np.diag([0.5, 0.5, 0.1, 0.0]), inputs=["input", "laser"], outputs=["out"], classical=["laser"],
    )  # fmt: skip
    chain = series(series(beam_splitter("first", 0.8), noisy), beam_splitter("second", 0.8))
    assert chain.classical == ("laser",)
    assert float(commutator_defect(chain)) < 1e-15
    consumed = series(noisy, noisy.renamed(inputs={"input": "other"}, outputs={"out": "end"}), "out", "laser")
    assert consumed.inputs == ("input", "laser", "other") and consumed.classical == ("laser",)


def test_batches_broadcast_and_equal_the_loop():
    rng = np.random.default_rng(8)
    first, second = random_open(rng, 1, "a", batch=(3, 1)), random_open(rng, 2, "b", batch=(2,))
    whole = series(first, second)
    assert whole.batch_shape == (3, 2)
    away = second.renamed(inputs={"input": "b.in"}, outputs={"out": "b.out"})
    ring = feedback(concatenate(first, away), {"out": "b.in", "b.out": "a.1"})
    for i, j in np.ndindex(3, 2):
        one, two = lane(first, (i, 0)), lane(second, (j,))
        assert_same(lane(whole, (i, j)), series(one, two))
        far = lane(away, (j,))
        assert_same(lane(ring, (i, j)), feedback(concatenate(one, far), {"out": "b.in", "b.out": "a.1"}))


def lane(system, index):
    whole = system.batch_shape
    matrices = [np.broadcast_to(getattr(system, m), whole + getattr(system, m).shape[-2:])[index] for m in MATRICES]
    return LinearSystem(*matrices, system.modes, system.inputs, system.outputs, system.classical)


def test_empty_batches_and_no_connections():
    rng = np.random.default_rng(9)
    none = random_open(rng, 1, "a", batch=(0,))
    assert series(none, random_open(rng, 1, "b")).batch_shape == (0,)
    assert feedback(none, {"out": "a.1"}).batch_shape == (0,)
    assert feedback(none, {}) is none


def correlated():
    noise = np.eye(4)
    noise[0, 2] = noise[2, 0] = 0.3
    return LinearSystem(
        np.zeros((0, 0)), np.zeros((0, 4)), np.zeros((4, 0)), np.eye(4), noise,
        inputs=["input", "side"], outputs=["out", "other"],
    )  # fmt: skip


LOOP = LinearSystem(
    np.zeros((0, 0)), np.zeros((0, 4)), np.zeros((4, 0)), np.eye(4), inputs=["input", "x"], outputs=["out", "y"]
)
RNG = np.random.default_rng(10)
A, B = random_open(RNG, 1, "a", batch=(2,)), random_open(RNG, 1, "b", batch=(3,))
BAD = {
    "unknown output": (lambda: series(A, A, "ou"), "there is no output 'ou'; did you mean 'out'"),
    "unknown input": (lambda: series(A, A, "out", "inputs"), "there is no input 'inputs'; did you mean 'input'"),
    "mode twice": (lambda: series(A, A), "both systems have the mode 'a.mode0'"),
    "side by side": (lambda: concatenate(A, B), "do not broadcast: first system .2,., second system .3,."),
    "batches": (lambda: series(A, B), "do not broadcast: first system .2,., second system .3,."),
    "input twice": (
        lambda: concatenate(A, cavity(1.0, 0.0)),
        "both systems have the input 'input'",
    ),
    "output twice": (
        lambda: concatenate(A, cavity(1.0, 0.0).renamed(inputs={"input": "other"})),
        "both systems have the output 'out'",
    ),
    "correlated": (lambda: series(cavity(1.0, 0.0), correlated()), "is correlated with other inputs"),
    "correlated loop": (lambda: feedback(correlated(), {"other": "input"}), "is correlated with other inputs"),
    "loop in phase": (lambda: feedback(LOOP, {"y": "x"}), "has no solution.*put a loss, a detuning or a rotation"),
    "loop to nowhere": (lambda: feedback(LOOP, {"y": "z"}), "there is no input 'z'"),
    "loop from nowhere": (lambda: feedback(LOOP, {"z": "x"}), "there is no output 'z'"),
    "one input for two": (lambda: feedback(LOOP, {"y": "x", "out": "x"}), "'x' came more than once"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_compositions(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()
