"""Systems from H, L and S: commutators, the textbook equations, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.gaussian import (
    InvalidInput,
    commutator_defect,
    from_hamiltonian,
    positivity_defect,
    steady_state,
    symplectic_form,
    with_brownian_damping,
)


def unitary(rng, size, batch=()):
    return np.linalg.qr(rng.normal(size=(*batch, size, size)) + 1j * rng.normal(size=(*batch, size, size)))[0]


def random_model(rng, modes=3, ports=2, batch=()):
    hamiltonian = rng.normal(size=(*batch, 2 * modes, 2 * modes))
    couplings = rng.normal(size=(*batch, ports, 2 * modes)) + 1j * rng.normal(size=(*batch, ports, 2 * modes))
    return hamiltonian + np.swapaxes(hamiltonian, -1, -2), couplings, unitary(rng, ports, batch)


@pytest.mark.parametrize("modes", [1, 2, 5])
@pytest.mark.parametrize("ports", [1, 3])
def test_commutators_are_preserved(modes, ports):
    rng = np.random.default_rng(10 * modes + ports)
    for _ in range(10):
        assert float(commutator_defect(from_hamiltonian(*random_model(rng, modes, ports)))) < 1e-14


def test_drift_against_the_heisenberg_equation_of_operators():
    # dx = i[H, x] dt + ½(L†[x, L] + [L†, x] L) dt + [L†, x] S dA + (S dA)†[x, L], with [x_j, x_k] = iΩ_jk
    rng = np.random.default_rng(1)
    hamiltonian, couplings, scattering = random_model(rng, 2, 3)
    form = symplectic_form(2)
    drift = np.zeros((4, 4), dtype=complex)
    for j in range(4):
        # i[½ x R x, x_j] = Ω_j· R x
        drift[j] += form[j] @ hamiltonian
        for row in couplings:
            with_lowering = 1j * form[j] @ row  # [x_j, L]
            with_raising = 1j * form[j] @ row.conj()  # [x_j, L†]
            drift[j] += 0.5 * (row.conj() * with_lowering - with_raising * row)
    system = from_hamiltonian(hamiltonian, couplings, scattering)
    np.testing.assert_allclose(drift.imag, 0, atol=1e-14)
    np.testing.assert_allclose(system.drift, drift.real, atol=1e-14)
    # output: a_out = S a_in + L in amplitudes (x + ip)/√2
    for k, row in enumerate(couplings):
        amplitude = (system.output_matrix[2 * k] + 1j * system.output_matrix[2 * k + 1]) / np.sqrt(2)
        np.testing.assert_allclose(amplitude, row, atol=1e-14)
        passed = (system.feedthrough[2 * k] + 1j * system.feedthrough[2 * k + 1]) / np.sqrt(2)
        expected = np.kron(scattering[k], [1, 1j]) / np.sqrt(2)
        np.testing.assert_allclose(passed, expected, atol=1e-14)
    # noise, with dA = (w_x + i w_p)/√2
    lowering, raising = 1j * form @ couplings.T, 1j * form @ couplings.conj().T
    plus, minus = np.kron(scattering, [[1, 1j]]) / np.sqrt(2), np.kron(scattering.conj(), [[1, -1j]]) / np.sqrt(2)
    noise = lowering @ minus - raising @ plus
    np.testing.assert_allclose(noise.imag, 0, atol=1e-14)
    np.testing.assert_allclose(system.input_matrix, noise.real, atol=1e-14)


def test_vacuum_is_the_steady_state_of_a_passive_system():
    rng = np.random.default_rng(2)
    hermitian = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    hermitian = hermitian + hermitian.conj().T
    # H = Σ h_jk a_j† a_k = ½ xᵀRx
    hamiltonian = np.kron(hermitian.real, np.eye(2)) + np.kron(hermitian.imag, [[0, -1], [1, 0]])
    lowering = rng.normal(size=(4, 3)) + 1j * rng.normal(size=(4, 3))
    system = from_hamiltonian(hamiltonian, np.kron(lowering, [1, 1j]) / np.sqrt(2))
    np.testing.assert_allclose(steady_state(system).covariance, np.eye(6) / 2, atol=1e-14)


def test_steady_states_are_physical():
    rng = np.random.default_rng(3)
    for _ in range(20):
        hamiltonian, couplings, _ = random_model(rng, 2, 3)
        # much damping by lowering operators makes it stable
        couplings = np.concatenate([couplings, 6 * np.kron(np.eye(2), [1, 1j])])
        state = steady_state(from_hamiltonian(hamiltonian, couplings))
        assert float(positivity_defect(state)) < 1e-13


@pytest.mark.parametrize("rate", [1e-3, 0.1])
def test_brownian_damping_defects_are_of_the_order_of_the_rate(rate):
    free = from_hamiltonian(np.eye(2), np.zeros((1, 2)), modes=["m"], ports=["out"])
    damped = with_brownian_damping(free, "m", rate, 0.0, "m.bath")
    assert float(commutator_defect(damped)) == pytest.approx(rate, rel=1e-12)
    assert damped.inputs == ("out", "m.bath") and damped.outputs == ("out",)
    # the exact stationary state, ⟨X²⟩ = ⟨P²⟩ = n + ½ for this force noise, is the vacuum
    np.testing.assert_allclose(steady_state(damped).covariance, np.eye(2) / 2, atol=1e-12)
    watched = with_brownian_damping(
        from_hamiltonian(np.eye(2), [[-1j * np.sqrt(5 * rate), 0]], modes=["m"], ports=["out"]), "m", rate, 0.0, "bath"
    )
    from backaction.gaussian import Homodyne, conditional_state

    defect = float(positivity_defect(conditional_state(watched, Homodyne("out"))))
    assert 0 < defect < rate  # a violation by the model, and no more than it is known for


def test_brownian_damping_of_one_mode_of_a_batch():
    rng = np.random.default_rng(4)
    system = from_hamiltonian(*random_model(rng, 2, 1, (3,)), modes=["a", "b"], ports=["out"])
    rates, n = np.array([[0.1], [0.2]]), np.array([0.0, 1.0, 5.0])
    damped = with_brownian_damping(system, "b", rates, n, "bath")
    assert damped.batch_shape == (2, 3)
    change = damped.drift - system.drift
    expected = np.zeros((2, 3, 4, 4))
    expected[..., 3, 3] = -rates
    np.testing.assert_allclose(change, expected, atol=1e-14)
    diffusion = damped.diffusion - system.diffusion
    expected[..., 3, 3] = 2 * rates * (n + 0.5)
    np.testing.assert_allclose(diffusion, expected, atol=1e-13)


def test_batch_is_the_loop_of_single_ones():
    rng = np.random.default_rng(5)
    parts = random_model(rng, 2, 2, (3, 2))
    batch = from_hamiltonian(*parts)
    for index in np.ndindex(3, 2):
        single = from_hamiltonian(*[part[index] for part in parts])
        for name in ("drift", "input_matrix", "output_matrix", "feedthrough"):
            np.testing.assert_allclose(getattr(batch, name)[index], getattr(single, name), rtol=1e-12, atol=1e-14)


def test_default_names_are_alike_on_both_sides():
    system = from_hamiltonian(np.eye(2), np.zeros((2, 2)))
    assert system.inputs == system.outputs == ("port0", "port1") and system.modes == ("mode0",)


SPRING = np.eye(2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.eye(3), np.zeros((1, 3))), r"R needs the shape \(…, 2n, 2n\)"),
        ((SPRING, np.zeros(2)), r"Λ \(…, ports, 2n\); got \(2, 2\) and \(2,\)"),
        ((SPRING, np.zeros((1, 4))), "Λ has 4 columns, but R describes 2 quadratures"),
        (([[0, 1], [0, 0]], np.zeros((1, 2))), "R must be symmetric"),
        ((1j * SPRING, np.zeros((1, 2))), "the Hamiltonian matrix R must be an array of real numbers"),
        ((SPRING * np.nan, np.zeros((1, 2))), "the Hamiltonian matrix R has an entry that is not finite"),
        ((SPRING, [[np.inf, 0]]), "the couplings Λ have an entry that is not finite"),
        ((SPRING, [["a", "b"]]), "the couplings Λ must be an array of numbers"),
        ((SPRING, np.zeros((1, 2)), [[2]]), "must be unitary, but |S S† − 1| reaches 3"),
        ((SPRING, np.zeros((1, 2)), np.eye(2)), r"of 1 ports has shape \(…, 1, 1\), got \(2, 2\)"),
        ((SPRING, np.zeros((1, 2)), [[np.nan]]), "the scattering matrix S have an entry that is not finite"),
        ((np.ones((3, 2, 2)), np.zeros((2, 1, 2))), r"do not broadcast: R \(3,\), Λ \(2,\), S \(\)"),
        ((SPRING, np.zeros((2, 2)), None, None, None, ["a", "a"]), "port names must be unique"),
        ((SPRING, np.zeros((1, 2)), None, None, None, "out"), "port names must be a sequence of texts"),
    ],
)
def test_bad_hamiltonians(arguments, message):
    with pytest.raises(InvalidInput, match=message.replace("|S S† − 1|", ".S S† − 1.")):
        from_hamiltonian(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("n", 0.1, 0.0, "bath"), "there is no mode 'n'"),
        (("m", -0.1, 0.0, "bath"), "a damping rate is ≥ 0, got -0.1"),
        (("m", 0.1, -1.0, "bath"), "the occupation of a bath is ≥ 0, got -1.0"),
        (("m", np.nan, 0.0, "bath"), "the damping rate has an entry that is not finite"),
        (("m", [0.1, 0.2], [0.0, 1.0, 2.0], "bath"), "do not broadcast"),
        (("m", 0.1, 0.0, "out"), "input names must be unique, but 'out' came more than once"),
    ],
)
def test_bad_damping(arguments, message):
    free = from_hamiltonian(np.eye(2), np.zeros((1, 2)), modes=["m"], ports=["out"])
    with pytest.raises(InvalidInput, match=message):
        with_brownian_damping(free, *arguments)
