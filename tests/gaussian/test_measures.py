"""Measures of a state: against QuTiP in Fock space, thewalrus and closed forms."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest

from backaction.gaussian import GaussianState, InvalidInput, Unphysical
from backaction.gaussian.maps import apply_symplectic, displace
from backaction.gaussian.measures import fidelity, photon_number, purity, von_neumann_entropy, wigner
from backaction.gaussian.preparation import coherent, squeezed, two_mode_squeezed
from backaction.gaussian.symplectic import beam_splitter, rotation, squeezing, two_mode_squeezing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what other packages deprecate is not our matter
    import qutip

TRUNCATION = 1e-7  # of the Fock space below: 50 levels for one mode, 16 for each of two


def one_mode(occupation: float, r: float, angle: float, amplitude: complex) -> tuple[GaussianState, qutip.Qobj]:
    """D(α) R(θ) S(r) thermal, as a Gaussian state and in Fock space."""
    size = 50
    state = GaussianState.thermal([occupation], ["a"])
    state = apply_symplectic(state, rotation(angle) @ squeezing(r))
    state = displace(state, np.sqrt(2) * np.array([np.real(amplitude), np.imag(amplitude)]))
    turn = (1j * angle * qutip.num(size)).expm()
    unitary = qutip.displace(size, amplitude) * turn * qutip.squeeze(size, r)
    return state, unitary * qutip.thermal_dm(size, occupation, method="analytic") * unitary.dag()


def two_modes(occupations: tuple[float, float], r: float, angle: float) -> tuple[GaussianState, qutip.Qobj]:
    """A beam splitter after a weak two-mode squeezer, on thermal modes."""
    size = 16
    state = GaussianState.thermal(occupations, ["a", "b"])
    state = apply_symplectic(state, two_mode_squeezing(r))
    state = apply_symplectic(state, beam_splitter(np.cos(angle) ** 2))
    a, b = qutip.tensor(qutip.destroy(size), qutip.qeye(size)), qutip.tensor(qutip.qeye(size), qutip.destroy(size))
    # Heisenberg: U†aU = a cosh r + b† sinh r, and a cos θ + b sin θ for the beam splitter.
    squeezer = (r * (a.dag() * b.dag() - a * b)).expm()
    splitter = (angle * (a.dag() * b - a * b.dag())).expm()
    unitary = splitter * squeezer
    thermal = qutip.tensor(*(qutip.thermal_dm(size, n, method="analytic") for n in occupations))
    return state, unitary * thermal * unitary.dag()


ONE = [(0.3, 0.4, 0.5, 0.2), (0.0, 0.6, 1.0, 0.5j), (0.8, 0.2, 2.0, -0.4), (0.1, 0.0, 0.0, 0.0)]
TWO = [((0.1, 0.05), 0.2, 0.3), ((0.0, 0.0), 0.25, 0.9), ((0.02, 0.2), 0.1, 0.1)]


@pytest.mark.parametrize(("first", "second"), [(ONE[0], ONE[1]), (ONE[0], ONE[2]), (ONE[1], ONE[3]), (ONE[2], ONE[3])])
def test_fidelity_of_one_mode_is_the_square_of_qutips(first, second):
    (state, rho), (other, sigma) = one_mode(*first), one_mode(*second)
    # QuTiP takes roots of eigenvalues of order 1e-16, so its own error is 1e-8 a level.
    assert float(fidelity(state, other)) == pytest.approx(qutip.fidelity(rho, sigma) ** 2, abs=3e-6)


@pytest.mark.parametrize(("first", "second"), [(TWO[0], TWO[1]), (TWO[0], TWO[2]), (TWO[1], TWO[2])])
def test_fidelity_of_two_modes_is_the_square_of_qutips(first, second):
    (state, rho), (other, sigma) = two_modes(*first), two_modes(*second)
    assert float(fidelity(state, other)) == pytest.approx(qutip.fidelity(rho, sigma) ** 2, abs=1e-5)  # as above


@pytest.mark.parametrize("modes", [1, 2, 3])
def test_fidelity_agrees_with_thewalrus_for_mixed_states(modes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from thewalrus.quantum import fidelity as walrus_fidelity

    rng = np.random.default_rng(modes)
    names = [f"m{i}" for i in range(modes)]
    pair = []
    for _ in range(2):
        state = GaussianState.thermal(rng.uniform(0.2, 2, modes), names)
        for name in names:
            state = apply_symplectic(state, squeezing(rng.uniform(0, 1), rng.uniform(0, 3)), name)
        for first, second in pairwise(names):
            state = apply_symplectic(state, beam_splitter(rng.uniform(0, 1), rng.uniform(0, 3)), [first, second])
        pair.append(displace(state, rng.normal(size=2 * modes) / 2))
    order = np.r_[0 : 2 * modes : 2, 1 : 2 * modes : 2]
    arguments = [part for s in pair for part in (s.mean[order], s.covariance[np.ix_(order, order)])]
    expected = walrus_fidelity(*arguments, hbar=1)
    assert float(fidelity(*pair)) == pytest.approx(expected, rel=1e-9)  # thewalrus takes a matrix square root
    assert float(fidelity(*pair)) == pytest.approx(float(fidelity(*pair[::-1])), rel=1e-12)


def test_fidelity_of_pure_states_is_their_overlap():
    first, second = coherent([0.3 + 0.4j], ["a"]), coherent([-0.2j], ["a"])
    # Next to pure states the fidelity has a square root: rounding of V gives about 1e-8.
    assert float(fidelity(first, second)) == pytest.approx(np.exp(-(abs(0.3 + 0.6j) ** 2)), abs=1e-7)
    weak, strong = two_mode_squeezed(0.5, ["a", "b"]), two_mode_squeezed(1.1, ["a", "b"])
    assert float(fidelity(weak, strong)) == pytest.approx(np.cosh(0.6) ** -2, abs=1e-7)  # as above


def test_fidelity_with_itself_is_one():
    for state in (GaussianState.thermal([0.4, 2.0], ["a", "b"]), one_mode(0.3, 0.9, 0.2, 1.0)[0]):
        assert float(fidelity(state, state)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("numbers", ONE)
def test_one_mode_measures_agree_with_fock_space(numbers):
    state, rho = one_mode(*numbers)
    assert float(purity(state)) == pytest.approx((rho * rho).tr().real, abs=TRUNCATION)
    assert float(von_neumann_entropy(state)) == pytest.approx(qutip.entropy_vn(rho), abs=TRUNCATION)
    assert float(photon_number(state)[0]) == pytest.approx(qutip.expect(qutip.num(50), rho), abs=TRUNCATION)
    x, p = np.linspace(-2, 2, 9), np.linspace(-1.5, 2.5, 8)
    np.testing.assert_allclose(wigner(state, x[:, None], p).T, qutip.wigner(rho, x, p), atol=TRUNCATION)


def test_entropy_and_purity_have_their_closed_forms():
    for n in (0.0, 1e-9, 0.5, 1.1395e5, 1e12):
        state = GaussianState.thermal([n], ["a"])
        exact = (n + 1) * np.log1p(n) - n * np.log(n) if 0 < n < 10 else n * 0.0
        if n >= 10:
            exact = 1 + np.log(n) + 1 / (2 * n) - 1 / (6 * n**2)  # the asymptotic series
        assert float(von_neumann_entropy(state)) == pytest.approx(exact, rel=1e-7 if 0 < n < 1e-6 else 1e-12)
        assert float(purity(state)) == pytest.approx(1 / (2 * n + 1), rel=1e-13)
    pure = two_mode_squeezed(1.0, ["a", "b"])
    assert float(von_neumann_entropy(pure)) == pytest.approx(0, abs=1e-12)  # −n ln n of a rounding n
    n = np.sinh(1.0) ** 2
    assert float(von_neumann_entropy(pure.marginal("a"))) == pytest.approx((n + 1) * np.log(n + 1) - n * np.log(n))


def test_wigner_function_is_normalised_and_batched():
    axis = np.linspace(-8, 8, 161)
    state = GaussianState([[0.0, 0.0], [1.0, -1.0], [0.3, 0.2]], squeezed([0.0, 0.3, 0.7], "a", 0.4).covariance, ["a"])
    grids = wigner(state, axis[:, None], axis)
    assert grids.shape == (3, 161, 161)
    np.testing.assert_allclose(grids.sum(axis=(-2, -1)) * 0.1**2, 1, atol=1e-12)
    one = GaussianState(state.mean[1], state.covariance[1], ["a"])
    np.testing.assert_allclose(grids[1], wigner(one, axis[:, None], axis), rtol=1e-12)


def test_batches_equal_the_loop():
    r = np.linspace(0, 1, 5)
    first = apply_symplectic(GaussianState.thermal([0.3, 0.6], ["a", "b"]), two_mode_squeezing(r))
    second = GaussianState.thermal([0.5, 0.1], ["a", "b"])
    for lane in range(5):
        alone = GaussianState(first.mean[lane], first.covariance[lane], ["a", "b"])
        assert float(fidelity(first, second)[lane]) == pytest.approx(float(fidelity(alone, second)), rel=1e-12)
        assert float(purity(first)[lane]) == pytest.approx(float(purity(alone)), rel=1e-12)
        entropies = von_neumann_entropy(first)[lane], von_neumann_entropy(alone)
        assert float(entropies[0]) == pytest.approx(float(entropies[1]), rel=1e-12)


def test_what_is_no_state_has_no_entropy():
    narrow = GaussianState([0, 0], np.diag([0.49, 0.5]), ["a"], allowed_defect=np.inf)
    assert float(purity(narrow)) > 1
    with pytest.raises(Unphysical, match=r"0\.49497"):
        von_neumann_entropy(narrow)
    with pytest.raises(Unphysical, match="density matrices"):
        fidelity(narrow, GaussianState.vacuum(["a"]))
    with pytest.raises(InvalidInput, match="same modes"):
        fidelity(narrow, GaussianState.vacuum(["b"]))
    with pytest.raises(InvalidInput, match="one mode"):
        wigner(GaussianState.vacuum(["a", "b"]), 0.0, 0.0)
