"""Gaussian states in the number basis against QuTiP's own states, closed forms, thewalrus and 60 digits."""

import warnings
from itertools import pairwise
from math import prod

import mpmath as mp
import numpy as np
import pytest
import qutip
import qutip.continuous_variables as qcv

from backaction.fock import fock_elements, from_qobj, to_qobj, truncation_report
from backaction.gaussian import GaussianState, InvalidInput, Unphysical, Unresolved

MODES = ["spin", "membrane", "light"]


def turned(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def single(r=0.0, angle=0.0, occupation=0.0, mean=(0.0, 0.0)):
    spread = np.diag([np.exp(-2 * r), np.exp(2 * r)]) * (occupation + 0.5)
    return GaussianState(mean, turned(angle) @ spread @ turned(angle).T, ["light"])


def two_mode_squeezed(r, mean=(0.0, 0.0, 0.0, 0.0), noise=0.0):
    cosh, sinh, mirror = np.cosh(2 * r) / 2 + noise, np.sinh(2 * r) / 2, np.diag([1.0, -1.0])
    covariance = np.block([[cosh * np.eye(2), sinh * mirror], [sinh * mirror, cosh * np.eye(2)]])
    return GaussianState(mean, covariance, MODES[:2])


def random_state(rng, count):
    """Squeeze thermal modes, mix them, displace them."""
    generator = rng.normal(size=(2 * count, 2 * count)) / 3
    form = np.kron(np.eye(count), [[0.0, 1.0], [-1.0, 0.0]])
    values, vectors = np.linalg.eig(form @ (generator + generator.T) / 2)
    symplectic = (vectors * np.exp(values) @ np.linalg.inv(vectors)).real
    thermal = np.repeat(0.5 + rng.exponential(0.5, size=count), 2)
    return GaussianState(
        rng.normal(size=2 * count) / 2, symplectic * thermal @ symplectic.T, [f"m{i}" for i in range(count)]
    )


# ---------------------------------------------------------------- one state, two roads


def test_thermal_state_is_qutips():
    rho = to_qobj(GaussianState.thermal([1.7], ["light"]), 40)
    # QuTiP renormalises its truncated state, the recursion does not.
    np.testing.assert_allclose(rho.full() / rho.tr(), qutip.thermal_dm(40, 1.7, method="analytic").full(), atol=1e-15)


def test_coherent_state_is_qutips():
    alpha = 1.3 - 0.8j
    state = single(mean=np.sqrt(2) * np.array([alpha.real, alpha.imag]))
    expected = qutip.coherent_dm(30, alpha, method="analytic")
    np.testing.assert_allclose(to_qobj(state, 30).full(), expected.full(), atol=1e-15)


def test_squeezed_displaced_thermal_state_is_qutips_exponentials():
    r, phi, alpha, occupation = 0.6, 0.7, 0.9 + 0.4j, 0.8
    # QuTiP: squeeze(ζ) = exp[½(ζ* a² − ζ a†²)] squeezes the quadrature at arg(ζ)/2. Its exponentials of truncated
    # operators are wrong near the edge: taken in 160 levels, compared in 40.
    operator = qutip.displace(160, alpha) * qutip.squeeze(160, r * np.exp(2j * phi))
    expected = operator * qutip.thermal_dm(160, occupation) * operator.dag()
    state = single(r, phi, occupation, np.sqrt(2) * np.array([alpha.real, alpha.imag]))
    np.testing.assert_allclose(to_qobj(state, 40).full(), expected.full()[:40, :40], atol=1e-12)


def test_two_mode_squeezed_vacuum_has_its_closed_form():
    r, levels = 1.1, 12
    rho = to_qobj(two_mode_squeezed(r), [levels, levels])
    ket = sum(np.tanh(r) ** n / np.cosh(r) * qutip.basis([levels, levels], [n, n]) for n in range(levels))
    np.testing.assert_allclose(rho.full(), ket.proj().full(), atol=1e-15)
    assert rho.tr().real == pytest.approx(1 - np.tanh(r) ** (2 * levels), abs=1e-14)


@pytest.mark.parametrize(
    ("state", "levels"),
    [
        (single(r=1.5, angle=0.4, mean=(5.6, 0.3)), 90),
        (single(r=1.0, angle=0.4, occupation=5.0, mean=(2.0, 1.0)), 60),
        (single(occupation=0.1, mean=(8.5, 0.0)), 90),
    ],
)
def test_the_recursion_loses_no_digits(state, levels):
    # The same recursion in 60 digits: rounding must not have been amplified on the way to the last element.
    with mp.workdps(60):
        husimi = (mp.matrix(state.covariance.tolist()) + mp.eye(2) / 2) ** -1
        turn = mp.matrix([[1, 1], [1j, -1j]]) / mp.sqrt(2)
        mean = mp.matrix(state.mean.tolist())
        a, b = turn.T * (mp.eye(2) - husimi) * turn, turn.T * husimi * mean
        table = {(0, 0): mp.sqrt(mp.det(husimi)) * mp.exp(-(mean.T * husimi * mean)[0] / 2)}
        for n in range(levels):
            for m in range(levels):
                if n > 0:
                    total = b[1] * table[m, n - 1] + a[1, 1] * mp.sqrt(n - 1) * table.get((m, n - 2), 0)
                    table[m, n] = (total + a[1, 0] * mp.sqrt(m) * table.get((m - 1, n - 1), 0)) / mp.sqrt(n)
                elif m > 0:
                    total = b[0] * table[m - 1, 0] + a[0, 0] * mp.sqrt(m - 1) * table.get((m - 2, 0), 0)
                    table[m, 0] = total / mp.sqrt(m)
        reference = np.array([[complex(table[m, n]) for n in range(levels)] for m in range(levels)])
    np.testing.assert_allclose(fock_elements(state, levels), reference, atol=1e-14)


@pytest.mark.slow  # its kernels are compiled at the first call
@pytest.mark.parametrize("count", [1, 2, 3])
def test_thewalrus_agrees(count, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports warn about their own dependencies
        from thewalrus.quantum import density_matrix
    # It still asks for a function that NumPy 2 took away.
    monkeypatch.setattr(
        np, "find_common_type", lambda arrays, scalars: np.result_type(*arrays, *scalars), raising=False
    )
    state, levels = random_state(np.random.default_rng(count), count), 5
    order = np.r_[0 : 2 * count : 2, 1 : 2 * count : 2]  # xxpp there, with ħ = 2
    theirs = density_matrix(
        np.sqrt(2) * state.mean[order], 2 * state.covariance[np.ix_(order, order)], cutoff=levels, hbar=2
    )
    # Its indices alternate ket and bra of each mode.
    theirs = np.transpose(theirs, [*range(0, 2 * count, 2), *range(1, 2 * count, 2)])
    np.testing.assert_allclose(fock_elements(state, [levels] * count), theirs, atol=1e-12)


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize(
    ("state", "dimensions"),
    [
        (single(r=0.5, angle=0.3, occupation=0.4, mean=(1.0, -0.7)), [70]),
        (two_mode_squeezed(0.5, mean=(0.6, 0.0, -0.4, 0.8), noise=0.2), [32, 34]),
        (random_state(np.random.default_rng(8), 2), [40, 40]),  # every correlation between its quadratures
    ],
)
def test_round_trip_returns_mean_covariance_and_names(state, dimensions):
    back = from_qobj(to_qobj(state, dimensions), state.modes)
    assert back.modes == state.modes
    np.testing.assert_allclose(back.mean, state.mean, atol=1e-7)  # what these dimensions cut off
    np.testing.assert_allclose(back.covariance, state.covariance, atol=1e-6)  # what these dimensions cut off


def test_moments_and_log_negativity_are_those_of_qutip_continuous_variables():
    rho = to_qobj(two_mode_squeezed(0.4, mean=(0.3, 0.1, -0.2, 0.4), noise=0.05), [28, 28])
    rho /= rho.tr()
    a, b = qutip.tensor(qutip.destroy(28), qutip.qeye(28)), qutip.tensor(qutip.qeye(28), qutip.destroy(28))
    covariance = from_qobj(rho).covariance
    # Its truncated x² lacks half a quantum in the highest level, which is all but empty here.
    np.testing.assert_allclose(covariance, qcv.wigner_covariance_matrix(a1=a, a2=b, rho=rho), atol=1e-9)
    # Its log-negativity is right for g = √2 and moderate squeezing; 2ν = e^{−2r} + 2·noise.
    assert qcv.logarithmic_negativity(covariance) == pytest.approx(-np.log(np.exp(-0.8) + 0.1), abs=1e-8)  # truncated


def test_means_are_subtracted_where_qutip_leaves_them_in():
    rho = qutip.tensor(qutip.coherent_dm(24, 1.2), qutip.fock_dm(2, 0))
    a, b = qutip.tensor(qutip.destroy(24), qutip.qeye(2)), qutip.tensor(qutip.qeye(24), qutip.destroy(2))
    theirs = qcv.wigner_covariance_matrix(R=qcv.correlation_matrix_quadrature(a, b), rho=rho)
    assert theirs[0, 0] == pytest.approx(0.5 + 2 * 1.2**2, abs=1e-9)
    np.testing.assert_allclose(from_qobj(rho).covariance, np.eye(4) / 2, atol=1e-12)


def test_a_number_state_has_the_covariance_of_its_quanta_even_in_the_highest_level():
    state = from_qobj(qutip.basis(4, 3), ["light"])
    np.testing.assert_allclose(state.covariance, 3.5 * np.eye(2), atol=1e-15)


# ---------------------------------------------------------------- what truncation costs


def test_truncation_report_of_a_thermal_state_is_the_closed_form():
    n, levels = 2.0, 9
    state = GaussianState.thermal([n], ["light"])
    report = truncation_report(to_qobj(state, levels), state)
    ratio = n / (n + 1)
    kept = np.arange(levels) @ ratio ** np.arange(levels) * (1 - ratio) / (1 - ratio**levels)
    assert report.dimensions == (levels,)
    assert report.lost_trace == pytest.approx(ratio**levels, rel=1e-13)
    assert report.covariance_deviation == pytest.approx((n - kept) / (n + 0.5), rel=1e-13)
    assert report.mean_deviation == 0


def test_more_levels_lose_less():
    state = single(r=0.8, occupation=0.5, mean=(1.0, 1.0))
    reports = [truncation_report(to_qobj(state, levels), state) for levels in (15, 30, 60)]
    for fewer, more in pairwise(reports):
        assert more.lost_trace < fewer.lost_trace / 10
        assert more.covariance_deviation < fewer.covariance_deviation / 5
        assert more.mean_deviation < fewer.mean_deviation / 5


def test_the_elements_kept_do_not_depend_on_the_dimensions():
    state = two_mode_squeezed(0.9, mean=(0.3, -0.2, 0.5, 0.1), noise=0.3)
    np.testing.assert_array_equal(
        fock_elements(state, [6, 6])[:4, :5, :4, :5], fock_elements(state, {"membrane": 5, "spin": 4})
    )


@pytest.mark.parametrize("count", [1, 2, 3])
def test_random_states_are_positive_and_hermitian(count):
    elements = fock_elements(random_state(np.random.default_rng(10 + count), count), [4] * count)
    matrix = elements.reshape(4**count, 4**count)
    np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-15)
    assert np.linalg.eigvalsh(matrix)[0] > -1e-15
    assert 0 < np.trace(matrix).real < 1


def test_a_batch_is_the_loop_over_its_points():
    rng = np.random.default_rng(5)
    states = [random_state(rng, 2) for _ in range(6)]
    batch = GaussianState(
        np.reshape([state.mean for state in states], (2, 3, 4)),
        np.reshape([state.covariance for state in states], (2, 3, 4, 4)),
    )
    together = fock_elements(batch, [4, 3])
    assert together.shape == (2, 3, 4, 3, 4, 3)
    for i, state in enumerate(states):
        np.testing.assert_allclose(together[divmod(i, 3)], fock_elements(state, [4, 3]), atol=1e-15)


def test_displacements_of_one_covariance_are_a_batch():
    means = np.array([[0.0, 0.0], [1.0, 0.5], [-2.0, 0.1]])
    together = fock_elements(GaussianState(means, np.eye(2) / 2), 6)
    for mean, elements in zip(means, together, strict=True):
        np.testing.assert_allclose(elements, fock_elements(GaussianState(mean, np.eye(2) / 2), 6), atol=1e-15)


# ---------------------------------------------------------------- what is refused


def test_memory_that_would_not_fit_is_refused_with_the_estimate():
    state = GaussianState.vacuum(MODES)
    with pytest.raises(InvalidInput, match=r"1\.49e\+04 GiB .* more than the 4 GiB allowed"):
        to_qobj(state, [100, 100, 100])
    with pytest.raises(InvalidInput, match="allowed"):
        to_qobj(state.marginal("spin"), 10, memory_limit=16 * prod((10, 10)) - 1)
    assert to_qobj(state.marginal("spin"), 10, memory_limit=16 * prod((10, 10))).shape == (10, 10)


def test_a_covariance_without_density_matrix_is_refused():
    brownian = GaussianState([0.0, 0.0], np.diag([0.5, 0.49]), ["membrane"], allowed_defect=np.inf)
    with pytest.raises(Unphysical, match="rotating-wave") as caught:
        to_qobj(brownian, 5)
    assert caught.value.eigenvalue == pytest.approx(-0.005, rel=0.02)  # of [[½, i/2], [−i/2, 0.49]]


def test_a_displacement_beyond_float64_is_refused_instead_of_giving_zeros():
    with pytest.raises(Unresolved, match="exp"):
        fock_elements(single(mean=(60.0, 0.0)), 10)


@pytest.mark.parametrize(
    ("dimensions", "message"),
    [
        ([5], "1 dimensions"),
        (5, "1 dimensions"),
        ([5, 0], "positive integers"),
        ([5, 2.5], "positive integers"),
        ({"spin": 5, "membrnae": 5}, "did you mean 'membrane'"),
        ({"spin": 5}, "no dimension was given for the mode 'membrane'"),
    ],
)
def test_dimensions_that_do_not_fit_are_refused(dimensions, message):
    with pytest.raises(InvalidInput, match=message):
        to_qobj(GaussianState.vacuum(MODES[:2]), dimensions)


def test_a_batch_is_no_single_qobj():
    with pytest.raises(InvalidInput, match="batch of shape"):
        to_qobj(GaussianState.thermal([[0.0], [1.0]], ["light"]), 5)


def test_what_is_no_state_is_refused():
    for wrong in (np.eye(2), qutip.basis(3, 0).dag(), qutip.qeye(3), 1j * qutip.fock_dm(3, 0)):
        with pytest.raises(InvalidInput):
            from_qobj(wrong)
    with pytest.raises(InvalidInput, match="2 mode names"):
        from_qobj(qutip.fock_dm(3, 0), ["spin", "membrane"])


def test_a_matrix_that_is_not_positive_is_refused():
    with pytest.raises(Unphysical):
        from_qobj(1.4 * qutip.fock_dm(3, 0) - 0.4 * qutip.fock_dm(3, 1))
