"""The Lyapunov solver: against SciPy, python-control and arithmetic with 50 digits."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov

from backaction.gaussian import GaussianState, Unresolved, Unstable, steady_state
from backaction.gaussian import lyapunov as kernel
from backaction.gaussian import lyapunov_dense as dense
from backaction.gaussian.dynamics import RESOLVED
from backaction.gaussian.lyapunov import relative_size, solve_lyapunov
from backaction.systems import Hz, MechanicalOscillator, MHz, OptomechanicalCavity, kHz
from backaction.systems.published import moller2017, schweer2022

EPS = np.finfo(np.float64).eps


def random_problem(rng, size, decades=0.0, batch=()):
    """A stable drift, its rates spread over decades, and a positive diffusion of the same spread."""
    rates = 10.0 ** rng.uniform(-decades / 2, decades / 2, (*batch, size))
    mixed = rng.normal(size=(*batch, size, size))
    # −(P + J) D with P > 0, J skew and D > 0 is stable: xᵀDx decays
    positive = mixed @ np.swapaxes(mixed, -1, -2) / size + 0.1 * np.eye(size)
    turning = rng.normal(size=(*batch, size, size))
    skew = turning - np.swapaxes(turning, -1, -2)
    drift = -np.sqrt(rates)[..., :, None] * (positive + skew) * np.sqrt(rates)[..., None, :]
    factor = np.sqrt(rates)[..., :, None] * rng.normal(size=(*batch, size, size))
    return drift, factor @ np.swapaxes(factor, -1, -2)


def exact_lyapunov(drift, diffusion):
    """Solve for the entries V_ij, i ≤ j, one equation each, in arithmetic with 50 digits."""
    size = len(drift)
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    number = {pair: k for k, pair in enumerate(pairs)}
    with mpmath.workdps(50):
        matrix, right = mpmath.zeros(len(pairs)), mpmath.zeros(len(pairs), 1)
        for row, (i, j) in enumerate(pairs):
            right[row] = -(mpmath.mpf(float(diffusion[i, j])) + mpmath.mpf(float(diffusion[j, i]))) / 2
            for k in range(size):
                matrix[row, number[min(k, j), max(k, j)]] += mpmath.mpf(float(drift[i, k]))
                matrix[row, number[min(i, k), max(i, k)]] += mpmath.mpf(float(drift[j, k]))
        answer = mpmath.lu_solve(matrix, right)
        return {pair: answer[k] for pair, k in number.items()}


def true_error(covariance, exact):
    """max |δV_ij|/√(V_ii V_jj), the differences taken with 50 digits."""
    with mpmath.workdps(50):
        return max(
            float(abs(mpmath.mpf(float(covariance[i, j])) - value) / mpmath.sqrt(exact[i, i] * exact[j, j]))
            for (i, j), value in exact.items()
        )


@pytest.fixture(params=["LAPACK", "plan"])
def road(request, monkeypatch):
    """Few systems go to LAPACK, many share a plan; here all of them do."""
    if request.param == "plan":
        monkeypatch.setattr(kernel, "MANY", 1)
        monkeypatch.setattr(kernel, "_planned_pays", lambda made, count: True)


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("size", range(1, 13))
def test_against_scipy_and_control(size):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # python-control warns about its optional Fortran library
        import control

        rng = np.random.default_rng(size)
        for _ in range(5):
            drift, diffusion = random_problem(rng, size)
            ours = solve_lyapunov(drift, diffusion).matrix
            for other in (solve_continuous_lyapunov(drift, -diffusion), control.lyap(drift, diffusion)):
                assert relative_size(ours - other, ours) < 1e-11  # their errors, at condition numbers of 1e4


@pytest.mark.usefixtures("road")
def test_equation_is_solved_and_the_solution_symmetric():
    drift, diffusion = random_problem(np.random.default_rng(1), 7, batch=(3, 4))
    covariance = solve_lyapunov(drift, diffusion).matrix
    moved = drift @ covariance
    np.testing.assert_allclose(moved + np.swapaxes(moved, -1, -2), -diffusion, atol=1e-12 * np.abs(diffusion).max())
    assert (covariance == np.swapaxes(covariance, -1, -2)).all()


NETWORKS = {
    "moller2017, Fig. 3": lambda: moller2017.network(moller2017.FIG3, mass=-1),
    "moller2017, Fig. 4": lambda: moller2017.network(moller2017.FIG4, mass=1),
    "schweer2022, ancilla first": lambda: schweer2022.cascade(schweer2022.Order.ANCILLA_FIRST),
    "schweer2022, sensor first": lambda: schweer2022.cascade(schweer2022.Order.SENSOR_FIRST),
    "schweer2022, integrated": schweer2022.integrated,
    "membrane alone, Q = 1.3e7": lambda: (
        OptomechanicalCavity(
            mechanical_frequency=1.28 * MHz,
            mechanical_linewidth=0.1 * Hz,
            temperature=7.0,
            cavity_linewidth=17.4 * MHz,
            detuning=-4.7 * MHz,
            coupling=1 * kHz,
        )
        >> MechanicalOscillator(
            mechanical_frequency=1.2 * MHz, mechanical_linewidth=0.05 * Hz, occupation=1e5, readout_rate=1.0 * kHz
        )
    ),
}


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_published_systems_have_a_forward_error_of_rounding(network):
    system = network().system
    state = steady_state(system)
    error = true_error(state.covariance, exact_lyapunov(system.drift, system.diffusion))
    assert error < 4 * EPS
    assert error / 3 <= state.error_estimate < 1e-9


def test_schur_methods_lose_what_this_one_keeps():
    system = NETWORKS["membrane alone, Q = 1.3e7"]().system
    exact = exact_lyapunov(system.drift, system.diffusion)
    schur = solve_continuous_lyapunov(system.drift, -system.diffusion)
    assert true_error(schur, exact) > 1e-11


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("size", [2, 3, 4, 6])
@pytest.mark.parametrize("decades", [0, 4, 8])
def test_error_estimate_is_at_least_a_third_of_the_truth(size, decades):
    rng = np.random.default_rng(100 * size + decades)
    drift, diffusion = random_problem(rng, size, decades, (24,))  # 288 systems in all
    covariance, estimate = solve_lyapunov(drift, diffusion)
    honest = []
    for lane in range(24):
        error = true_error(covariance[lane], exact_lyapunov(drift[lane], diffusion[lane]))
        honest.append(estimate[lane] >= error / 3)
        assert error < 1e-11 or not estimate[lane] < RESOLVED
    assert all(honest)
    assert (estimate >= EPS).all()  # V is a matrix of floats


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("size", [4, 6])
def test_rates_spread_over_sixteen_decades_do_not_mix(size):
    drift, diffusion = random_problem(np.random.default_rng(20), size, 16, (10,))
    covariance, estimate = solve_lyapunov(drift, diffusion)
    errors = [true_error(v, exact_lyapunov(a, d)) for v, a, d in zip(covariance, drift, diffusion, strict=True)]
    assert max(errors) < 4 * EPS
    assert (estimate >= np.array(errors) / 3).all()


@pytest.mark.usefixtures("road")
def test_nearly_singular_problem_is_reported_as_unresolved():
    """An oscillator with a quality factor of 1e9, in coordinates that mix it with a fast decay."""
    rng = np.random.default_rng(22)
    own = np.array([[-1e-9, 1.0, 0.0], [-1.0, -1e-9, 0.0], [0.0, 0.0, -1e3]])
    mixed = rng.normal(size=(12, 3, 3))
    drift, diffusion = mixed @ own @ np.linalg.inv(mixed), np.broadcast_to(np.eye(3), (12, 3, 3))
    covariance, estimate = solve_lyapunov(drift, diffusion)
    errors = [true_error(v, exact_lyapunov(a, d)) for v, a, d in zip(covariance, drift, diffusion, strict=True)]
    assert max(errors) > RESOLVED  # there is something to report
    assert (estimate >= np.array(errors) / 3).all()


@pytest.mark.usefixtures("road")
def test_nearly_marginal_system_is_unresolved_or_unstable_but_never_wrong():
    # two undamped modes beside each other, coupled: real parts of rounding, of either sign
    spring = np.array([[0, 1.0, 0, 0], [-1.0, 0, 0.1, 0], [0, 0, 0, 1.1], [0.1, 0, -1.1, 0]])
    with pytest.raises((Unresolved, Unstable)):
        steady_state(_driven(spring))
    with pytest.raises(Unresolved, match="poles of the drift sum to zero"):
        solve_lyapunov(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.eye(2))


def _driven(drift):
    from backaction.gaussian import LinearSystem

    size = len(drift)
    return LinearSystem(drift, np.eye(size), np.zeros((0, size)), np.zeros((0, size)))


def test_second_step_refines_what_one_leaves():
    drift, diffusion = random_problem(np.random.default_rng(21), 6, 14, (40,))
    solver = dense._reduced_solver(drift)
    first = dense._step(solver, drift, solver(diffusion), diffusion, None).step
    estimate = solve_lyapunov(drift, diffusion).error_estimate
    coarse = first > dense.SECOND_STEP
    assert coarse.any()
    assert (estimate[coarse] < first[coarse]).all()


def test_chunks_do_not_show(monkeypatch):
    drift, diffusion = random_problem(np.random.default_rng(6), 6, 2, (3, 7))
    whole = solve_lyapunov(drift, diffusion)
    monkeypatch.setattr(dense, "CHUNK", 4 * 21**2)  # four lanes at a time
    parts = solve_lyapunov(drift, diffusion)
    assert (whole.matrix == parts.matrix).all()
    for lane in np.ndindex(3, 7):
        single = solve_lyapunov(drift[lane], diffusion[lane])
        assert relative_size(single.matrix - whole.matrix[lane], single.matrix) < 1e-12


def test_batches_broadcast_and_may_be_empty():
    drift, diffusion = random_problem(np.random.default_rng(7), 4, batch=(3,))
    both = solve_lyapunov(drift[:, None], diffusion)
    assert both.matrix.shape == (3, 3, 4, 4) and both.error_estimate.shape == (3, 3)
    np.testing.assert_allclose(both.matrix[1, 2], solve_lyapunov(drift[1], diffusion[2]).matrix, rtol=1e-12)
    empty = solve_lyapunov(drift[:0], diffusion[:0])
    assert empty.matrix.shape == (0, 4, 4) and empty.error_estimate.shape == (0,)
    none = solve_lyapunov(np.zeros((5, 0, 0)), np.zeros((0, 0)))
    assert none.matrix.shape == (5, 0, 0) and none.error_estimate.shape == (5,)


def test_steady_state_carries_estimate_names_and_zero_mean():
    state = steady_state(moller2017.network(moller2017.FIG3, mass=-1).system)
    assert isinstance(state, GaussianState)
    assert state.modes == ("spin", "membrane", "membrane.cavity")
    assert not state.mean.any()


def test_no_python_loop_over_points(monkeypatch):
    drift, diffusion = random_problem(np.random.default_rng(8), 6, batch=(10_000,))
    lanes = max(len(drift[chunk]) for chunk in dense.chunks(len(drift), 6))
    calls, solve = [], np.linalg.solve
    monkeypatch.setattr(kernel, "MANY", 1 << 30)
    monkeypatch.setattr(np.linalg, "solve", lambda *arguments: calls.append(1) or solve(*arguments))
    solve_lyapunov(drift, diffusion)
    assert lanes > 500
    assert len(calls) <= 3 * np.ceil(len(drift) / lanes)


def test_large_systems_without_scipy(monkeypatch):
    """In a browser there may be no SciPy."""
    drift, diffusion = random_problem(np.random.default_rng(9), 18)
    usual = solve_lyapunov(drift, diffusion)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(dense, "_schur_solver", None)
    found = solve_lyapunov(drift, diffusion)
    assert relative_size(found.matrix - usual.matrix, usual.matrix) < 1e-14
    assert found.error_estimate < 1e-11
