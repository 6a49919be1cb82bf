"""The closed form for two modes: against sixty digits and the eigenvalue problem, and what it leaves to that."""

import math

import mpmath
import numpy as np
import pytest

from backaction.gaussian import InvalidInput, Unphysical, Unresolved, symplectic_form
from backaction.gaussian.elementwise import CHUNK, evaluated
from backaction.gaussian.engines.two_modes import both_modes, clearly_positive, lowest_mode
from backaction.gaussian.normal_modes import normal_modes
from backaction.gaussian.preparation import two_mode_squeezed
from backaction.gaussian.smallest_mode import smallest_mode, spectrum

SIGNS = ((1, -1), (1, 1), (0, 1), (1, 0))
EPSILON = np.finfo(np.float64).eps


def form_of(signs):
    return np.repeat(np.array(signs, dtype=float), 2)[:, None] * symplectic_form(2)


def covariances(count=60):
    """Squeezed, hot and locally deformed: correlations up to 1 − 1e-10 and variances over sixteen decades."""
    rng = np.random.default_rng(12)
    found = []
    for _ in range(count):
        r, noise, hot = rng.uniform(0, 5), 10.0 ** rng.uniform(-6, 1), 10.0 ** rng.uniform(0, 4)
        matrix = two_mode_squeezed(r, ["a", "b"]).covariance + noise * np.diag([1, hot, 1, 1])
        local = np.zeros((4, 4))
        for mode in (0, 2):
            angle, turned, s = rng.uniform(0, [6, 6, 2])
            turns = [np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]]) for x in (angle, turned)]
            local[mode : mode + 2, mode : mode + 2] = turns[0] @ np.diag([np.exp(-s), np.exp(s)]) @ turns[1]
        matrix = local @ matrix @ local.T
        found.append((matrix + matrix.T) / 2)
    return np.array(found)


def exact(matrix, signs):
    """ν of the matrix as it is, with sixty digits, from the eigenvalues of V⁻¹F."""
    with mpmath.workdps(60):
        v = mpmath.matrix(matrix.tolist())
        numbers = mpmath.eig(v**-1 * mpmath.matrix(form_of(signs).tolist()), left=False, right=False)
        return 1 / max(abs(number) for number in numbers)


@pytest.mark.parametrize("signs", SIGNS)
def test_it_is_exact_for_the_matrix_it_is_given(signs):
    matrices = covariances(20)
    value, growth, good = evaluated(lowest_mode, matrices, *map(float, signs))
    assert good.all()
    for matrix, number, reach in zip(matrices, value, growth, strict=True):
        error = abs(mpmath.mpf(float(number)) / exact(matrix, signs) - 1)
        # a few roundings of the answer, and a sixteenth of what rounding of the entries does
        assert error <= 4 * EPSILON + EPSILON * reach / 16


@pytest.mark.parametrize("signs", SIGNS)
def test_it_is_the_eigenvalue_problem(signs):
    matrices = covariances()
    found, reference = smallest_mode(matrices, form_of(signs), 1e-9), normal_modes(matrices, form_of(signs), 1e-9, 1)
    np.testing.assert_allclose(found.value, reference.values[:, 0], rtol=1e-13)
    # the eigenvectors, not the closed form, lose digits of the growth
    np.testing.assert_allclose(found.relative_uncertainty, reference.relative_uncertainty[:, 0], rtol=1e-4)


def test_one_state_by_floats_is_one_of_many_by_arrays():
    matrices = covariances(8)
    together = evaluated(lowest_mode, matrices, 1.0, -1.0)
    for lane, matrix in enumerate(matrices):
        alone = evaluated(lowest_mode, matrix, 1.0, -1.0)
        assert [part.shape for part in alone] == [(), (), ()]
        assert [float(part) for part in alone] == [float(part[lane]) for part in together]


def test_chunks_and_shapes():
    matrices = (
        np.broadcast_to(np.diag([2.0, 2.0, 3.0, 3.0]), (2, CHUNK, 4, 4)) * np.arange(1.0, 3.0)[:, None, None, None]
    )
    found = smallest_mode(matrices, form_of((1, 1)))
    np.testing.assert_array_equal(found.value, np.broadcast_to([[2.0], [4.0]], (2, CHUNK)))
    assert smallest_mode(np.zeros((0, 4, 4)), form_of((1, 1))).value.shape == (0,)
    assert smallest_mode(np.diag([2.0, 2.0, 3.0, 3.0]), form_of((1, 1)), np.zeros(5)).relative_uncertainty.shape == (5,)


@pytest.mark.parametrize("scale", [1e-160, 1e-40, 1e40, 1e160])
def test_numbers_of_any_size(scale):
    matrix = two_mode_squeezed(1.0, ["a", "b"]).covariance * scale
    good = evaluated(lowest_mode, matrix, 1.0, -1.0)[2]
    assert not good  # what could under- or overflow is left to the eigenvalue problem, which scales
    assert float(smallest_mode(matrix, form_of((1, -1))).value) == pytest.approx(scale * math.exp(-2) / 2, rel=1e-14)


@pytest.mark.parametrize("batch", [(), (3,)])
def test_equal_modes_are_left_to_the_eigenvalue_problem(batch):
    vacuum = np.broadcast_to(np.eye(4) / 2, (*batch, 4, 4))
    good = evaluated(lowest_mode, vacuum, 1.0, -1.0)[2]
    assert not good.any()
    found = smallest_mode(vacuum, form_of((1, -1)))
    np.testing.assert_array_equal(found.value, np.full(batch, 0.5))
    assert (found.relative_uncertainty >= EPSILON).all()


def test_bad_lanes_do_not_disturb_good_ones():
    matrices = covariances(5)
    clean = smallest_mode(matrices, form_of((1, -1)), 1e-12)
    matrices = np.insert(matrices, 2, np.eye(4) / 2, axis=0)
    mixed = smallest_mode(matrices, form_of((1, -1)), 1e-12)
    np.testing.assert_array_equal(np.delete(mixed.value, 2), clean.value)
    np.testing.assert_array_equal(np.delete(mixed.relative_uncertainty, 2), clean.relative_uncertainty)
    assert mixed.value[2] == 0.5


def not_covariances():
    rng = np.random.default_rng(3)
    yield -np.eye(4), InvalidInput, "positive variances"
    yield np.full((4, 4), np.nan), InvalidInput, "not finite"
    yield np.full((4, 4), 1.0), Unresolved, "singular"
    for signature in ((1, 1, -1, -1), (1, -1, 1, 1), (1, 1, 1, -1), (1, -1, -1, 1)):
        half = rng.normal(size=(4, 4))
        matrix = half @ np.diag(signature) @ half.T
        yield matrix + np.diag(np.maximum(0.0, 1e-3 - np.diag(matrix))), Unphysical, "smallest eigenvalue is -"


@pytest.mark.parametrize(("matrix", "error", "words"), list(not_covariances()))
def test_what_is_no_covariance_is_refused_alone_and_in_a_batch(matrix, error, words):
    assert np.linalg.eigvalsh(np.nan_to_num(matrix))[0] <= 1e-15
    for given in (matrix, np.stack([np.diag([2.0, 2.0, 3.0, 3.0]), matrix])):
        with pytest.raises(error, match=words):
            smallest_mode(given, form_of((1, -1)))


def test_no_indefinite_matrix_passes():
    """All signs of eigenvalues: the conditions are Sylvester's."""
    rng = np.random.default_rng(4)
    half = rng.normal(size=(4000, 4, 4))
    signs = rng.choice([-1.0, 1.0], size=(4000, 1, 4))
    matrices = (half * signs) @ np.swapaxes(half, 1, 2)
    for pair in SIGNS:
        good = evaluated(lowest_mode, matrices, *map(float, pair))[2]
        assert not good[np.linalg.eigvalsh(matrices)[:, 0] < 0].any()
        assert good[np.linalg.eigvalsh(matrices)[:, 0] > 1e-3].all()


def test_more_modes_have_no_closed_form():
    covariance = np.diag([2.0, 2.0, 3.0, 3.0, 1.0, 1.0])
    assert float(smallest_mode(covariance, symplectic_form(3)).value) == pytest.approx(1.0, rel=1e-15)


def test_clearly_positive_is_never_wrong_and_seldom_shy():
    rng = np.random.default_rng(5)
    half = rng.normal(size=(4000, 4, 4))
    signs = rng.choice([-1.0, 1.0, 1.0], size=(4000, 1, 4))
    matrices = (half * signs) @ np.swapaxes(half, 1, 2)
    clear = evaluated(lambda entries, _: (clearly_positive(entries),), matrices)[0]
    smallest = np.linalg.eigvalsh(matrices)[:, 0]
    assert not clear[smallest < 0].any()
    assert clear[smallest > 1e-9].all()
    assert 500 < clear.sum() < 1500  # both kinds are there


@pytest.mark.parametrize("signs", [(1, -1), (1, 1)])
def test_both_modes(signs):
    matrices = covariances()
    low, growth, high, larger_growth, good = evaluated(both_modes, matrices, *map(float, signs))
    assert good.all()
    reference = normal_modes(matrices, form_of(signs))
    np.testing.assert_allclose(np.stack([low, high], -1), reference.values, rtol=1e-13)
    reach = reference.relative_uncertainty / EPSILON
    # eigenvectors that lose digits, as above; the larger ν of a nearly pure state hardly feels some entries
    np.testing.assert_allclose(np.stack([growth, larger_growth], -1), reach, rtol=1e-4)
    for matrix, number, reached in zip(matrices[:10], high, larger_growth, strict=False):
        with mpmath.workdps(60):
            product = mpmath.matrix(matrix.tolist()) ** -1 * mpmath.matrix(form_of(signs).tolist())
            truth = 1 / min(abs(one) for one in mpmath.eig(product, left=False, right=False))
            assert abs(mpmath.mpf(float(number)) / truth - 1) <= 4 * EPSILON + EPSILON * reached / 16  # as above


def test_all_modes_of_any_number():
    vacuum = np.broadcast_to(np.eye(4) / 2, (3, 4, 4))
    np.testing.assert_array_equal(spectrum(vacuum, form_of((1, 1))).values, np.full((3, 2), 0.5))
    many = spectrum(np.diag([2.0, 2.0, 3.0, 3.0, 1.0, 1.0]), symplectic_form(3))
    np.testing.assert_allclose(many.values, [1.0, 2.0, 3.0], rtol=1e-15)
    two = spectrum(np.diag([2.0, 2.0, 3.0, 3.0]), symplectic_form(2), np.array([0.0, 1e-6]))
    np.testing.assert_allclose(two.values, [2.0, 3.0], rtol=1e-15)
    np.testing.assert_allclose(two.relative_uncertainty, [[2 * EPSILON] * 2, [2e-6] * 2], rtol=1e-9)


def test_one_mode():
    rng = np.random.default_rng(8)
    half = rng.normal(size=(50, 2, 2)) * 10.0 ** rng.uniform(-4, 4, size=(50, 2, 1))
    matrices = half @ np.swapaxes(half, 1, 2)
    found, reference = spectrum(matrices, symplectic_form(1), 1e-9), normal_modes(matrices, symplectic_form(1), 1e-9)
    for matrix, value in zip(matrices, found.values[:, 0], strict=True):
        (a, b), (_, c) = [[mpmath.mpf(x) for x in row] for row in matrix.tolist()]
        with mpmath.workdps(50):
            assert abs(value / mpmath.sqrt(a * c - b * b) - 1) <= 2 * EPSILON
    np.testing.assert_allclose(found.relative_uncertainty, reference.relative_uncertainty, rtol=1e-4)  # see above
    assert spectrum(np.eye(2) / 2, symplectic_form(1)).values == pytest.approx([0.5], rel=1e-15)
    with pytest.raises(Unphysical):
        spectrum([[1.0, 2.0], [2.0, 1.0]], symplectic_form(1))
    with pytest.raises(Unresolved):
        spectrum([[1.0, 1.0], [1.0, 1.0]], symplectic_form(1))
