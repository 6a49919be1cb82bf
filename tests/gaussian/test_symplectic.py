"""Symplectic matrices, Williamson's and Bloch–Messiah's normal forms: against mpmath, thewalrus, their definitions."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backaction.gaussian import InvalidInput, Unphysical, Unresolved, symplectic_form
from backaction.gaussian.normal_forms import bloch_messiah, symplectic_eigenvalues, williamson
from backaction.gaussian.normal_modes import normal_modes
from backaction.gaussian.symplectic import (
    beam_splitter,
    is_symplectic,
    rotation,
    squeezing,
    symplectic_defect,
    two_mode_squeezing,
)

STABLE = settings(derandomize=True, max_examples=60, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
MODES = st.integers(1, 4)


def interferometer(rng: np.random.Generator, modes: int) -> np.ndarray:
    unitary = np.linalg.qr(rng.normal(size=(modes, modes)) + 1j * rng.normal(size=(modes, modes)))[0]
    blocks = np.stack([np.stack([unitary.real, -unitary.imag], -1), np.stack([unitary.imag, unitary.real], -1)], -2)
    return blocks.transpose(0, 2, 1, 3).reshape(2 * modes, 2 * modes)


def random_symplectic(rng: np.random.Generator, modes: int, largest: float = 1.0) -> np.ndarray:
    r = rng.uniform(0, largest, modes)
    stretch = np.exp(np.stack([-r, r], axis=-1).ravel())
    return interferometer(rng, modes) @ np.diag(stretch) @ interferometer(rng, modes)


def random_covariance(rng: np.random.Generator, modes: int, largest: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    matrix, nu = random_symplectic(rng, modes, largest), np.sort(0.5 + rng.exponential(1.0, modes))
    covariance = matrix @ np.diag(np.repeat(nu, 2)) @ matrix.T
    return (covariance + covariance.T) / 2, nu


def annihilation(modes: int) -> np.ndarray:
    """Rows that take ξ to a_j = (x_j + i p_j)/√2."""
    return np.kron(np.eye(modes), np.array([[1.0, 1.0j]])) / np.sqrt(2)


@pytest.mark.parametrize(
    "matrix",
    [
        rotation(np.linspace(0, 6, 5)),
        squeezing(np.linspace(-2, 2, 5), 0.4),
        beam_splitter(np.linspace(0, 1, 5), 0.7),
        two_mode_squeezing(np.linspace(-2, 2, 5), 1.1),
    ],
    ids=["rotation", "squeezing", "beam splitter", "two-mode squeezing"],
)
def test_constructors_are_symplectic_and_batched(matrix):
    assert matrix.shape[0] == 5
    assert is_symplectic(matrix)
    assert symplectic_defect(matrix).max() < 1e-13  # rounding of cosh² − sinh² at r = 2


def test_constructors_do_to_a_what_they_say():
    lower = annihilation(2)
    phase, eta, r = 0.7, 0.3, 0.9
    a, b = lower
    split = lower @ beam_splitter(eta, phase)
    np.testing.assert_allclose(split[0], np.sqrt(eta) * a + np.sqrt(1 - eta) * np.exp(1j * phase) * b, atol=1e-15)
    np.testing.assert_allclose(split[1], np.sqrt(eta) * b - np.sqrt(1 - eta) * np.exp(-1j * phase) * a, atol=1e-15)
    squeezed = lower @ two_mode_squeezing(r, phase)
    np.testing.assert_allclose(squeezed[0], np.cosh(r) * a + np.exp(1j * phase) * np.sinh(r) * b.conj(), atol=1e-15)
    np.testing.assert_allclose(squeezed[1], np.cosh(r) * b + np.exp(1j * phase) * np.sinh(r) * a.conj(), atol=1e-15)
    one = annihilation(1)
    np.testing.assert_allclose(one @ rotation(phase), np.exp(1j * phase) * one, atol=1e-15)
    quadrature = np.array([np.cos(phase), np.sin(phase)])
    np.testing.assert_allclose(quadrature @ squeezing(r, phase), np.exp(-r) * quadrature, atol=1e-15)


def test_two_mode_squeezer_is_squeezers_between_beam_splitters():
    half = beam_splitter(0.5)
    single = np.zeros((4, 4))
    single[:2, :2], single[2:, 2:] = squeezing(-0.8), squeezing(0.8)
    np.testing.assert_allclose(half.T @ single @ half, two_mode_squeezing(0.8), atol=1e-15)


def test_not_symplectic_is_told():
    assert not is_symplectic(1.001 * np.eye(2))
    assert symplectic_defect(2 * np.eye(2)) == 3
    with pytest.raises(InvalidInput, match=r"shape \(…, 2n, 2n\)"):
        symplectic_defect(np.eye(3))
    with pytest.raises(InvalidInput, match=r"\[0, 1\]"):
        beam_splitter(1.2)
    with pytest.raises(InvalidInput, match="SΩSᵀ − Ω is 3"):
        bloch_messiah(2 * np.eye(2))


@STABLE
@given(SEEDS, MODES)
def test_symplectic_eigenvalues_are_those_put_in(seed, modes):
    covariance, nu = random_covariance(np.random.default_rng(seed), modes)
    np.testing.assert_allclose(symplectic_eigenvalues(covariance), nu, rtol=1e-12)  # S spreads rounding by e^{4r}


@STABLE
@given(SEEDS, MODES)
def test_williamson_gives_the_matrix_back(seed, modes):
    covariance, nu = random_covariance(np.random.default_rng(seed), modes)
    matrix, values = williamson(covariance)
    np.testing.assert_allclose(values, nu, rtol=1e-12)  # as above
    np.testing.assert_allclose(
        matrix * np.repeat(values, 2) @ matrix.T, covariance, atol=1e-13 * np.abs(covariance).max()
    )
    assert symplectic_defect(matrix) < 1e-12 * np.abs(covariance).max()


def test_williamson_of_equal_eigenvalues():
    for covariance in (np.eye(6) / 2, 3 * np.eye(4), two_mode_squeezing(1.0) @ two_mode_squeezing(1.0).T / 2):
        matrix, values = williamson(covariance)
        np.testing.assert_allclose(matrix * np.repeat(values, 2) @ matrix.T, covariance, atol=1e-14)
        assert symplectic_defect(matrix) < 1e-13


def test_williamson_agrees_with_thewalrus():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what other packages deprecate is not our matter
        from thewalrus.decompositions import williamson as reference
    rng = np.random.default_rng(7)
    for modes in (1, 2, 3):
        covariance, _ = random_covariance(rng, modes)
        order = np.argsort(np.r_[0 : 2 * modes : 2, 1 : 2 * modes : 2])
        by_kind = covariance[np.ix_(np.argsort(order), np.argsort(order))]
        diagonal = np.diag(reference(by_kind)[0])[:modes]
        np.testing.assert_allclose(williamson(covariance)[1], np.sort(diagonal), rtol=1e-12)


@pytest.mark.parametrize("ratio", [1.0, 1e4, 1e8])
def test_a_hot_mode_does_not_drown_a_cold_one(ratio):
    # A mode that is 1e8 times hotter and squeezed along an axis, weakly mixed with a cold one.
    mixing = beam_splitter(1 - 1 / ratio) if ratio > 1 else np.eye(4)
    covariance = mixing @ np.diag([ratio * 100.0, ratio / 100.0, 0.6, 0.6]) @ mixing.T
    covariance = (covariance + covariance.T) / 2
    with mpmath.workdps(50):
        form = mpmath.matrix(symplectic_form(2).tolist())
        values = mpmath.eig(form * mpmath.matrix(covariance.tolist()), left=False, right=False)
        exact = sorted(float(abs(mpmath.im(value))) for value in values)[::2]
    np.testing.assert_allclose(symplectic_eigenvalues(covariance), exact, rtol=1e-15)


def test_first_order_bound_holds_for_random_perturbations():
    rng = np.random.default_rng(11)
    size = 1e-7
    reach = []
    for _ in range(50):
        covariance, _ = random_covariance(rng, 3, largest=1.5)
        scale = np.sqrt(np.diag(covariance))
        modes = normal_modes(covariance, symplectic_form(3), size)
        signs = rng.uniform(-1, 1, (6, 6))
        changed = covariance + size * np.outer(scale, scale) * (signs + signs.T) / 2
        moved = np.abs(normal_modes(changed, symplectic_form(3)).values / modes.values - 1)
        reach.append(moved / modes.relative_uncertainty)
    assert np.max(reach) <= 1.001  # second order is about 1e-7 times the growth
    assert np.max(reach) > 0.05  # and the bound is not idle


@STABLE
@given(SEEDS, MODES)
def test_bloch_messiah_gives_the_matrix_back(seed, modes):
    matrix = random_symplectic(np.random.default_rng(seed), modes, largest=2.0)
    left, r, right = bloch_messiah(matrix)
    stretch = np.exp(np.stack([-r, r], axis=-1).ravel())
    np.testing.assert_allclose(left * stretch @ right, matrix, atol=1e-12)  # e^{2r} = 55 times rounding
    for factor in (left, right):
        np.testing.assert_allclose(factor @ factor.T, np.eye(2 * modes), atol=1e-12)  # as above
        assert symplectic_defect(factor) < 1e-12
    assert (np.diff(r) <= 1e-12).all()
    assert (r > -1e-12).all()
    np.testing.assert_allclose(np.sort(stretch), np.sort(np.linalg.svd(matrix)[1]), rtol=1e-12)  # as above


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.eye(6), [0, 0, 0]),
        (two_mode_squeezing(1.2), [1.2, 1.2]),
        (beam_splitter(0.3, 0.2), [0, 0]),
        (np.kron(np.diag([1.0, 0.0]), squeezing(0.9)) + np.kron(np.diag([0.0, 1.0]), rotation(0.4)), [0.9, 0]),
    ],
    ids=["identity", "two-mode squeezer", "beam splitter", "squeezer beside a rotation"],
)
def test_bloch_messiah_of_equal_squeezings(matrix, expected):
    left, r, right = bloch_messiah(matrix)
    np.testing.assert_allclose(r, expected, atol=1e-14)
    np.testing.assert_allclose(left * np.exp(np.stack([-r, r], axis=-1).ravel()) @ right, matrix, atol=1e-14)
    assert max(symplectic_defect(left), symplectic_defect(right)) < 1e-13


def test_batches_equal_the_loop():
    rng = np.random.default_rng(3)
    covariances = np.array([random_covariance(rng, 2)[0] for _ in range(6)]).reshape(2, 3, 4, 4)
    matrices = np.array([random_symplectic(rng, 2) for _ in range(6)]).reshape(2, 3, 4, 4)
    together = symplectic_eigenvalues(covariances), *williamson(covariances), *bloch_messiah(matrices)
    for lane in np.ndindex(2, 3):
        alone = (
            symplectic_eigenvalues(covariances[lane]),
            *williamson(covariances[lane]),
            *bloch_messiah(matrices[lane]),
        )
        for batched, single in zip(together, alone, strict=True):
            np.testing.assert_allclose(batched[lane], single, rtol=1e-12, atol=1e-12)


def test_matrices_that_are_no_covariance():
    with pytest.raises(Unphysical, match="smallest eigenvalue is -1") as caught:
        symplectic_eigenvalues([[1.0, 2.0], [2.0, 1.0]])
    assert caught.value.eigenvalue == pytest.approx(-1)
    with pytest.raises(Unresolved, match="1 of 2 lanes"):
        symplectic_eigenvalues([np.eye(2), np.ones((2, 2))])
    with pytest.raises(InvalidInput, match="positive variances"):
        symplectic_eigenvalues(-np.eye(2))
    with pytest.raises(InvalidInput, match="shape"):
        symplectic_eigenvalues(np.eye(3))
    with pytest.raises(InvalidInput, match="not finite"):
        symplectic_eigenvalues([[1.0, np.nan], [np.nan, 1.0]])
