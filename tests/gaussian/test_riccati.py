"""The Riccati solver: against python-control, a second road of its own and arithmetic with 50 digits."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest

from backaction.gaussian import (
    Heterodyne,
    Homodyne,
    Unresolved,
    conditional_state,
    kalman_gain,
    record_model,
    steady_state,
)
from backaction.gaussian import riccati as kernel
from backaction.gaussian.lyapunov import relative_size
from backaction.gaussian.riccati import riccati_gain, solve_riccati
from backaction.systems import Damping, Loss, OptomechanicalCavity, SpinOscillator
from backaction.systems.published import moller2017, schweer2022

EPS = np.finfo(np.float64).eps
ROADS = ("_stable_subspace", "_doubled", "_from_no_record")


def random_problem(rng, size, records, batch=()):
    """A stable drift and noises of a positive joint spectrum [[D, Σ], [Σᵀ, R]]."""
    drift = rng.normal(size=(*batch, size, size))
    drift = drift - (np.linalg.eigvals(drift).real.max(axis=-1) + 0.1)[..., None, None] * np.eye(size)
    factor = rng.normal(size=(*batch, size + records, size + records))
    joint = factor @ np.swapaxes(factor, -1, -2) + 0.1 * np.eye(size + records)
    measured = rng.normal(size=(*batch, records, size))
    return drift, joint[..., :size, :size], measured, joint[..., size:, size:], joint[..., :size, size:]


def control_care(drift, diffusion, measured, noise, correlation):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # python-control warns about its optional Fortran library
        import control

        return control.care(drift.T, measured.T, diffusion, noise, correlation)[0]


def polished(covariance, drift, diffusion, measured, noise, correlation):
    """Three Newton steps in arithmetic with 50 digits, each on the dense symmetric system; rounded at the end."""
    size = len(drift)
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    number = {pair: k for k, pair in enumerate(pairs)}
    with mpmath.workdps(50):
        v, a, d, h, r, s = (
            mpmath.matrix(m.tolist()) for m in (covariance, drift, diffusion, measured, noise, correlation)
        )
        for _ in range(3):
            gain = (v * h.T + s) * r**-1
            left = a * v + v * a.T + d - gain * r * gain.T
            closed = a - gain * h
            matrix, right = mpmath.zeros(len(pairs)), mpmath.zeros(len(pairs), 1)
            for row, (i, j) in enumerate(pairs):
                right[row] = -(left[i, j] + left[j, i]) / 2
                for k in range(size):
                    matrix[row, number[min(k, j), max(k, j)]] += closed[i, k]
                    matrix[row, number[min(i, k), max(i, k)]] += closed[j, k]
            step = mpmath.lu_solve(matrix, right)
            for k, (i, j) in enumerate(pairs):
                v[i, j] += step[k]
                v[j, i] = v[i, j]
        return np.array(v.tolist(), dtype=np.float64)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 8, 12])
@pytest.mark.parametrize("records", [1, 3])
def test_against_control_with_the_cross_term(size, records):
    rng = np.random.default_rng(10 * size + records)
    for _ in range(4):
        problem = random_problem(rng, size, records)
        ours = solve_riccati(*problem).matrix
        assert relative_size(ours - control_care(*problem), ours) < 1e-9  # python-control's error


def test_cross_term_matters():
    problem = random_problem(np.random.default_rng(1), 4, 2)
    with_it, without = solve_riccati(*problem).matrix, solve_riccati(*problem[:4], 0 * problem[4]).matrix
    assert relative_size(with_it - without, with_it) > 0.1


@pytest.mark.parametrize("size", [2, 4, 6])
def test_forward_error_and_its_estimate_against_50_digits(size):
    rng = np.random.default_rng(size)
    problems = random_problem(rng, size, 2, (12,))
    covariance, estimate = solve_riccati(*problems)
    for lane in range(12):
        problem = [matrix[lane] for matrix in problems]
        exact = polished(covariance[lane], *problem)
        error = relative_size(covariance[lane] - exact, exact)
        assert error < 4 * EPS
        assert estimate[lane] >= error / 3


def spin(frequency, rate, occupation, readout, damping=Damping.BROWNIAN):
    return SpinOscillator(
        frequency=frequency, linewidth=rate, occupation=occupation, readout_rate=readout, damping=damping
    )


def cavity(coupling, occupation=1e5, **more):
    return OptomechanicalCavity(
        mechanical_frequency=1e6,
        mechanical_linewidth=0.1,
        occupation=occupation,
        cavity_linewidth=1e7,
        coupling=coupling,
        **more,
    )


ROTATING = Damping.ROTATING_WAVE
PHYSICAL = {
    "opposite frequencies": (spin(-1.0, 1e-3, 1, 0.05) >> spin(1.0, 1e-3, 1, 0.05), [Homodyne()]),
    "opposite, Q = 1e6": (spin(-1.0, 1e-6, 1, 0.05) >> spin(1.0, 1e-6, 1, 0.05), [Homodyne()]),
    "opposite, rotating wave": (
        spin(-1.0, 1e-6, 0, 0.05, ROTATING) >> spin(1.0, 1e-6, 0, 0.05, ROTATING),
        [Homodyne()],
    ),
    "identical cascaded, heterodyne": (
        spin(1.0, 1e-3, 1, 0.05, ROTATING) >> spin(1.0, 1e-3, 1, 0.05, ROTATING),
        [Heterodyne()],
    ),
    "three identical": (spin(1.0, 1e-3, 1, 0.05) >> spin(1.0, 1e-3, 1, 0.05) >> spin(1.0, 1e-3, 1, 0.05), [Homodyne()]),
    "identical, Q = 1e8": (spin(1e6, 1e-2, 1e5, 5e4) >> spin(1e6, 1e-2, 1e5, 5e4), [Homodyne()]),
    "identical cavities": (cavity(1e5) >> Loss(efficiency=0.9) >> cavity(1e5, name="second"), [Homodyne()]),
    "cold empty cavities": (cavity(0.0, 0) >> cavity(0.0, 0, name="second"), [Homodyne()]),
    "nothing seen": (spin(-1.0, 1e-3, 1, 0.05) >> spin(1.0, 1e-3, 1, 0.05), [Homodyne(efficiency=0.0)]),
    "nearly nothing seen": (spin(-1.0, 1e-3, 1, 0.05) >> spin(1.0, 1e-3, 1, 0.05), [Homodyne(efficiency=1e-12)]),
    "detector at the lost light": (
        spin(-1e6, 0.1, 1, 1e4) >> Loss(efficiency=0.9) >> cavity(1e5),
        [Homodyne("out"), Heterodyne("loss", 0.3, 0.7)],
    ),
    "detector on a vacuum port": (
        cavity(1e5, name="b", input_fraction=0.9) >> spin(1.0, 1e-3, 1, 0.05),
        [Homodyne("b.vacuum")],
    ),
    "moller2017": (moller2017.network(moller2017.FIG3, mass=-1), [Homodyne("out", 1.0, 0.8)]),
    "schweer2022": (schweer2022.cascade(schweer2022.Order.ANCILLA_FIRST), [Homodyne()]),
    "schweer2022, integrated": (schweer2022.integrated(), [Heterodyne()]),
}


@pytest.mark.parametrize("case", PHYSICAL.values(), ids=PHYSICAL)
def test_physical_systems_by_two_roads_and_50_digits(case):
    network, detectors = case
    system = network.system
    problem = (system.drift, system.diffusion, *record_model(system, detectors))
    state = conditional_state(system, detectors)
    lanes = kernel.Problem(*[matrix[None] for matrix in problem])
    assert kernel.attempt_riccati(lanes).step < 1e-11
    assert state.error_estimate < 1e-9  # with the rounding of the model: two equal cavities, Q = 1e7
    resolved = 0
    for road in ROADS:
        with np.errstate(all="ignore"):  # a road may end nowhere
            end = kernel._newton(getattr(kernel, road)(lanes), lanes, None)
            good = kernel._stabilising(end, lanes)[0]
        if good:
            assert relative_size(end.matrix[0] - state.covariance, state.covariance) < max(4 * EPS, end.step[0])
        resolved += good
    assert resolved >= 2
    if len(system.drift) <= 6:
        exact = polished(state.covariance, *problem)
        error = relative_size(state.covariance - exact, exact)
        assert error < 4 * EPS
        assert state.error_estimate >= error / 3


def nowhere(problem):
    """A road that leads nowhere."""
    return np.full_like(problem.drift, np.nan)


@pytest.mark.parametrize("closed", [ROADS[:1], ROADS[1:2], ROADS[:2]])
def test_every_road_gives_the_same(closed, monkeypatch):
    problem = random_problem(np.random.default_rng(3), 6, 2, (5,))
    usual = solve_riccati(*problem)
    for road in closed:
        monkeypatch.setattr(kernel, road, nowhere)
    other = solve_riccati(*problem)
    assert relative_size(usual.matrix - other.matrix, usual.matrix).max() < 1e-14  # both are rounded


def test_spoilt_subspace_is_noticed_and_mended(monkeypatch):
    problem = random_problem(np.random.default_rng(4), 4, 1, (6,))
    usual = solve_riccati(*problem).matrix
    honest = kernel._stable_subspace

    def spoilt(given):
        covariance = honest(given)
        covariance[::2] *= -1.3  # Newton's steps end in another solution, or in none
        return covariance

    monkeypatch.setattr(kernel, "_stable_subspace", spoilt)
    mended = solve_riccati(*problem)
    assert relative_size(usual - mended.matrix, usual).max() < 1e-14
    assert (mended.error_estimate < 1e-9).all()


def test_efficiency_zero_is_the_unconditional_state():
    system = PHYSICAL["nothing seen"][0].system
    nothing = conditional_state(system, Homodyne(efficiency=0.0)).covariance
    without = steady_state(system).covariance
    assert relative_size(nothing - without, without) < 1e-15


def test_more_efficiency_more_knowledge():
    system = PHYSICAL["opposite frequencies"][0].system
    states = conditional_state(system, Homodyne(efficiency=[0.0, 0.2, 0.5, 1.0])).covariance
    differences = states[:-1] - states[1:]
    assert (np.linalg.eigvalsh(differences).min(axis=-1) > -1e-12).all()


def test_all_light_detected_and_cold_makes_a_pure_state():
    # rotating-wave damping at n = 0, its bath observed too: no information is lost anywhere
    system = spin(-1.0, 0.01, 0, 0.05, ROTATING).system("s")
    assert system.inputs == ("input", "s.bath")
    from backaction.gaussian import from_hamiltonian

    couplings = [[-1j * np.sqrt(0.025), 0], [np.sqrt(0.005), 1j * np.sqrt(0.005)]]
    watched = from_hamiltonian(-np.eye(2), couplings, modes=["s"], ports=["out", "bath"])
    np.testing.assert_allclose(steady_state(watched).covariance, steady_state(system).covariance, rtol=1e-13)
    state = conditional_state(watched, [Homodyne("out"), Heterodyne("bath")])
    assert np.linalg.det(2 * state.covariance) == pytest.approx(1, abs=1e-12)


def test_kalman_gain_closes_the_equation():
    system, detectors = moller2017.network(moller2017.FIG3, mass=-1).system, [Homodyne("out", 0.4, 0.7)]
    state = conditional_state(system, detectors)
    gain, record = kalman_gain(system, detectors), record_model(system, detectors)
    v = state.covariance
    moved = system.drift @ v
    left = moved + moved.T + system.diffusion - gain @ record.noise @ gain.T
    assert np.abs(left).max() < 1e-12 * np.abs(system.diffusion).max()
    np.testing.assert_allclose(gain, riccati_gain(v, *record), rtol=1e-12)
    np.testing.assert_allclose(gain, kalman_gain(system, detectors, state), rtol=1e-12)


def test_unresolved_when_newton_cannot_end(monkeypatch):
    problem = random_problem(np.random.default_rng(4), 4, 1)
    for road in ROADS[:2]:
        monkeypatch.setattr(kernel, road, nowhere)
    monkeypatch.setattr(kernel, "KLEINMAN_STEPS", 1)
    monkeypatch.setattr(kernel, "STALLED", 0.0)
    monkeypatch.setattr(kernel, "CONVERGED", 0.0)
    with pytest.raises(Unresolved, match="no solution is found to which a filter settles"):
        solve_riccati(*problem)


def test_batches_broadcast_and_may_be_empty():
    problem = random_problem(np.random.default_rng(5), 4, 2, (3,))
    noise = problem[3] * np.array([1.0, 2.0])[:, None, None, None]
    both = solve_riccati(*problem[:3], noise, problem[4])
    assert both.matrix.shape == (2, 3, 4, 4) and both.error_estimate.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        lane = [matrix[j] for matrix in problem]
        lane[3] = noise[i, j]
        single = solve_riccati(*lane).matrix
        assert relative_size(both.matrix[i, j] - single, single) < 1e-12
    empty = solve_riccati(*[matrix[:0] for matrix in problem])
    assert empty.matrix.shape == (0, 4, 4) and empty.error_estimate.shape == (0,)
    none = solve_riccati(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((1, 0)), np.eye(1), np.zeros((0, 1)))
    assert none.matrix.shape == (0, 0)


def test_chunks_do_not_show(monkeypatch):
    from backaction.gaussian import lyapunov_dense

    problem = random_problem(np.random.default_rng(6), 4, 1, (10,))
    whole = solve_riccati(*problem)
    monkeypatch.setattr(lyapunov_dense, "CHUNK", 3 * 16 * 4**2)
    parts = solve_riccati(*problem)
    assert (whole.matrix == parts.matrix).all()


def test_singular_subspace_is_noticed(monkeypatch):
    problem = random_problem(np.random.default_rng(7), 4, 1, (3,))
    usual = solve_riccati(*problem)
    eig = np.linalg.eig

    def degenerate(matrix):
        values, vectors = eig(matrix)
        if matrix.shape[-1] == 8:  # the Hamiltonian matrix: its second lane loses all eigenvectors
            vectors[1] = 0
        return values, vectors

    monkeypatch.setattr(np.linalg, "eig", degenerate)
    mended = solve_riccati(*problem)
    assert relative_size(usual.matrix - mended.matrix, usual.matrix).max() < 1e-14


def test_usual_problems_need_no_iteration(monkeypatch):
    def closed(problem):
        raise AssertionError(f"{len(problem.drift)} problems took a road that is not theirs")

    for road in ROADS[1:]:
        monkeypatch.setattr(kernel, road, closed)
    for size in (2, 4, 6):
        problem = random_problem(np.random.default_rng(size), size, 2, (20,))
        assert (solve_riccati(*problem).error_estimate < 1e-12).all()
