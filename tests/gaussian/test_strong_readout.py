"""Conditional states at strong readout: the stabilising root on every lane of every engine, or a refusal."""

from __future__ import annotations

from itertools import combinations

import mpmath
import numpy as np
import pytest

from backaction.gaussian import (
    Homodyne,
    LinearSystem,
    Refusal,
    attempt_conditional_state,
    attempt_steady_state,
    growth_rate,
    record_model,
)
from backaction.gaussian.arrays import flattened
from backaction.gaussian.engines import Engine, using
from backaction.gaussian.lyapunov_dense import corrections
from backaction.gaussian.residuals import relative_size
from backaction.gaussian.riccati import Conditioned, Problem, _stabilising, attempt_riccati, riccati_gain
from backaction.systems import (
    Damping,
    Hz,
    Loss,
    MechanicalOscillator,
    MHz,
    OptomechanicalCavity,
    SpinOscillator,
    Squeezer,
    kHz,
    mHz,
)

COMPILED = [pytest.mark.slow, pytest.mark.extras]
"""The first use of a kernel compiles it, which takes half a minute."""

ROTATING = Damping.ROTATING_WAVE


def strong(count, seed, damping=ROTATING):
    """A spin and a membrane at 1 MHz: linewidths from 1 mHz, readout up to four times the frequency, any angle."""
    rng = np.random.default_rng(seed)

    def spread(low, high):
        return 10 ** rng.uniform(low, high, count)

    spin = SpinOscillator(
        frequency=-rng.choice([1.0, 0.999, 0.99, 1.01, 0.9], count) * MHz,
        linewidth=spread(-3, 3) * Hz,
        readout_rate=spread(-1, np.log10(4)) * MHz,
        occupation=spread(-3, 1),
        damping=damping,
    )
    membrane = MechanicalOscillator(
        mechanical_frequency=1 * MHz,
        mechanical_linewidth=spread(-3, 3) * Hz,
        readout_rate=spread(-1, np.log10(4)) * MHz,
        occupation=spread(-3, 4),
        damping=damping,
    )
    network = spin >> Loss(efficiency=rng.choice([1.0, 0.9], count)) >> membrane
    return network.system, Homodyne("out", rng.uniform(0.3, np.pi - 0.3, count), rng.choice([1.0, 0.5], count))


def swept(first, second):
    """A grid on which 329 lanes of the compiled engine had a wrong root once, and half of them none."""
    spin = SpinOscillator(
        frequency=-0.999 * MHz, linewidth=1 * mHz, readout_rate=first[:, None], occupation=0.01, damping=ROTATING
    )
    membrane = MechanicalOscillator(
        mechanical_frequency=1 * MHz,
        mechanical_linewidth=10 * mHz,
        readout_rate=second,
        occupation=0.1,
        damping=ROTATING,
    )
    return (spin >> membrane).system, Homodyne(angle=np.deg2rad(150))


def problem_of(system, detector):
    record = record_model(system, detector)
    batch = np.broadcast_shapes(system.batch_shape, *[matrix.shape[:-2] for matrix in record])
    return Problem(*[flattened(matrix, batch) for matrix in (system.drift, system.diffusion, *record)])


def closed_loop(covariance, problem):
    """The poles of the filter, by NumPy alone."""
    cross = covariance @ np.swapaxes(problem.measured, -1, -2) + problem.correlation
    gain = np.swapaxes(np.linalg.solve(problem.noise, np.swapaxes(cross, -1, -2)), -1, -2)
    return np.linalg.eigvals(problem.drift - gain @ problem.measured)


def assert_stabilising(covariance, problem):
    assert (closed_loop(covariance, problem).real.max(axis=-1) < 0).all()
    scale = np.sqrt(covariance.diagonal(axis1=-2, axis2=-1))
    assert (np.linalg.eigvalsh(covariance / (scale[..., :, None] * scale[..., None, :]))[..., 0] > 0).all()


def true_errors(covariance, problem, lanes):
    """max |δV_ij|/√(V_ii V_jj) to first order, residual and closed loop with 50 digits."""
    residuals, loops = [], []
    with mpmath.workdps(50):
        for lane in lanes:
            a, d, h, r, s = (mpmath.matrix(matrix[lane].tolist()) for matrix in problem)
            v = mpmath.matrix(covariance[lane].tolist())
            gain = (v * h.T + s) * r**-1
            left = a * v + v * a.T + d - gain * r * gain.T
            residuals.append(np.array(((left + left.T) / 2).tolist(), dtype=np.float64))
            loops.append(np.array((a - gain * h).tolist(), dtype=np.float64))
    step = corrections(np.array(loops), np.array(residuals)[None])[0]
    return relative_size(step, covariance[lanes])


@pytest.mark.parametrize("damping", list(Damping))
def test_every_lane_has_the_stabilising_root(damping):
    system, detector = strong(1500, 5, damping)
    problem = problem_of(system, detector)
    found = attempt_riccati(problem)
    assert (found.step < 1e-9).all()
    assert_stabilising(found.matrix, problem)
    lanes = np.arange(0, 1500, 25)
    errors = true_errors(found.matrix, problem, lanes)
    assert errors.max() < 1e-11
    assert (found.error[lanes] >= errors / 3).all()


def test_the_swept_grid_has_the_stabilising_root_everywhere():
    system, detector = swept(np.linspace(0.3, 3, 30) * MHz, np.linspace(0.3, 3, 30) * MHz)
    found = attempt_conditional_state(system, detector)
    assert not found.refusal.any()
    assert_stabilising(found.state.covariance.reshape(-1, 4, 4), problem_of(system, detector))


def other_solutions(problem):
    """All real solutions of one equation: each is an invariant subspace of the Hamiltonian matrix."""
    a, d, h, r, s = (matrix[0] for matrix in problem)
    shared = s @ np.linalg.inv(r)
    reduced, source, told = a - shared @ h, d - shared @ s.T, h.T @ np.linalg.inv(r) @ h
    values, vectors = np.linalg.eig(np.block([[reduced.T, -told], [-source, -reduced]]))
    size = len(a)
    for chosen in combinations(range(2 * size), size):
        some = values[list(chosen)]
        if np.abs(np.sort_complex(some) - np.sort_complex(some.conj())).max() > 1e-6 * np.abs(some).max():
            continue  # its solution would not be real
        upper, lower = vectors[:size, list(chosen)], vectors[size:, list(chosen)]
        solution = lower @ np.linalg.inv(upper)
        if np.abs(solution - solution.T).max() < 1e-6 * np.abs(solution).max():
            yield (solution.real + solution.real.T) / 2, bool((some.real < 0).all())


def test_other_roots_are_known_from_the_stabilising_one():
    spin = SpinOscillator(frequency=-0.9, linewidth=0.02, readout_rate=1.0, occupation=0.3, damping=ROTATING)
    membrane = MechanicalOscillator(
        mechanical_frequency=1.3, mechanical_linewidth=0.01, readout_rate=0.8, occupation=1.0, damping=ROTATING
    )
    problem = problem_of((spin >> membrane).system, Homodyne(efficiency=0.8))
    seen = []
    for covariance, right in other_solutions(problem):
        given = Conditioned(covariance[None], np.array([1e-12]), np.array([1e-12]))
        assert _stabilising(given, problem).tolist() == [right]
        seen.append(right)
    assert seen.count(True) == 1 and len(seen) == 4


def test_lanes_of_numpy_do_not_know_their_neighbours():
    system, detector = strong(400, 3)
    problem = problem_of(system, detector)
    whole = attempt_riccati(problem)
    order = np.random.default_rng(1).permutation(400)
    mixed = attempt_riccati(problem.lanes(order))
    for one, other in zip(whole, mixed, strict=True):
        assert (one[order] == other).all()
    for lane in range(0, 400, 40):
        alone = attempt_riccati(problem.lanes(slice(lane, lane + 1)))
        assert (alone.matrix[0] == whole.matrix[lane]).all() and alone.step[0] == whole.step[lane]


def edge(count, digits=15):
    """Factors on both sides of 1, as near to it as floats are."""
    place = np.linspace(-1, 1, count)
    return 1 + np.sign(place) * 10.0 ** (-digits + (digits - 1) * np.abs(place))


def down(count, low, high):
    return np.geomspace(low, high, count)


def around_thresholds(n):
    """Ten grids n × n in which lanes cross from stable to unstable, from seen to unseen, from resolved to not."""

    def spin(**given):
        usual = {"frequency": -1 * MHz, "linewidth": 10 * Hz, "readout_rate": 20 * kHz, "occupation": 1.0}
        return SpinOscillator(**(usual | {"damping": ROTATING} | given))

    def membrane(**given):
        usual = {"mechanical_frequency": 1 * MHz, "mechanical_linewidth": 1 * Hz, "readout_rate": 30 * kHz}
        return MechanicalOscillator(**(usual | {"occupation": 10.0, "damping": ROTATING} | given))

    def cavity(coupling):
        return OptomechanicalCavity(
            mechanical_frequency=1 * MHz,
            mechanical_linewidth=1 * Hz,
            occupation=100.0,
            cavity_linewidth=2 * MHz,
            detuning=0.3 * MHz,
            coupling=coupling,
            name="cavity",
        )

    low, high = 0.0, 300 * kHz
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if growth_rate(cavity(middle).system("c")) < 0 else (low, middle)
    threshold, free = low, spin(linewidth=0.0)
    tensor = -2e-4 * edge(n)[:, None]
    blind = np.pi + np.linspace(-1, 1, n) * 10.0 ** np.linspace(-17, 0, n)
    none, faint = Loss(efficiency=1.0), down(n, 1e-6, 1e3) * kHz
    narrow = np.append(0.0, down(n - 1, 1e-14, 1)) * Hz
    return {
        "cavity, wide": (
            spin(readout_rate=down(n, 1, 100) * kHz) >> cavity(threshold * np.linspace(0.5, 1.5, n)[:, None]),
            Homodyne(efficiency=0.9),
        ),
        "cavity, fine": (
            spin(readout_rate=down(n, 1, 100) * kHz) >> cavity(threshold * edge(n)[:, None]),
            Homodyne(efficiency=0.9),
        ),
        "cavity, unwatched": (
            cavity(threshold * edge(n)[:, None]) >> membrane(readout_rate=down(n, 1, 100) * kHz),
            Homodyne(efficiency=0.0),
        ),
        "tensor coupling": (
            spin(readout_rate=50 * kHz, tensor_coupling=tensor)
            >> membrane(mechanical_linewidth=down(n, 1e-9, 1e3) * Hz),
            Homodyne(angle=0.3),
        ),
        "linewidths": (
            spin(linewidth=narrow[:, None]) >> membrane(mechanical_linewidth=narrow, mechanical_frequency=1.01 * MHz),
            Homodyne(efficiency=0.5),
        ),
        "matched, linewidths": (
            spin(linewidth=narrow[:, None], readout_rate=30 * kHz) >> membrane(mechanical_linewidth=narrow),
            Homodyne(),
        ),
        "undamped, angle": (
            spin(linewidth=0.0, readout_rate=down(n, 1, 1e3)[:, None] * kHz) >> none,
            Homodyne(angle=blind),
        ),
        "undamped, efficiency": (
            free >> membrane(mechanical_linewidth=0.0, mechanical_frequency=1.1 * MHz, readout_rate=faint[:, None]),
            Homodyne(efficiency=down(n, 1e-25, 1)),
        ),
        "squeezing": (
            Squeezer(squeezing=np.linspace(0, 100, n)[:, None], angle=0.4)
            >> spin(readout_rate=down(n, 1, 1e3) * kHz)
            >> membrane(),
            Homodyne(angle=0.4),
        ),
        "strong, anti-damped": (
            spin(readout_rate=down(n, 0.1, 4)[:, None] * MHz, tensor_coupling=-0.05 * np.linspace(0, 1, n))
            >> membrane(readout_rate=1 * MHz, mechanical_linewidth=1 * mHz),
            Homodyne(angle=2.6),
        ),
    }


def refusals(system, detector):
    """Of both kinds of states, over the whole grid."""
    watched = attempt_conditional_state(system, detector).refusal
    return np.stack([np.broadcast_to(attempt_steady_state(system).refusal, watched.shape), watched])


@pytest.mark.parametrize("name", around_thresholds(2))
def test_why_a_lane_is_refused_does_not_depend_on_its_neighbours(name):
    network, detector = around_thresholds(24)[name]
    system = network.system
    whole = refusals(system, detector)
    assert len(np.unique(whole)) > 1  # there is a threshold
    shape, rng = whole.shape[1:], np.random.default_rng(1)

    def alone(matrix, lane, core):
        return np.broadcast_to(matrix, shape + matrix.shape[matrix.ndim - core :])[lane]

    for _ in range(25):
        lane = tuple(rng.integers(length) for length in shape)
        matrices = [
            alone(getattr(system, field), lane, 2)
            for field in ("drift", "input_matrix", "output_matrix", "feedthrough", "noise")
        ]
        single = LinearSystem(*matrices, system.modes, system.inputs, system.outputs, system.classical)
        seen = Homodyne("out", alone(detector.angle, lane, 0), alone(detector.efficiency, lane, 0))
        assert (refusals(single, seen) == whole[(slice(None), *lane)]).all()


class TestCompiled:
    pytestmark = COMPILED

    @pytest.fixture(autouse=True)
    def numba(self):
        pytest.importorskip("numba")

    @pytest.mark.parametrize("damping", list(Damping))
    def test_every_lane_has_the_stabilising_root(self, damping):
        system, detector = strong(6000, 8, damping)
        with using(Engine.NUMPY):
            reference = attempt_conditional_state(system, detector)
        with using(Engine.NUMBA):
            found = attempt_conditional_state(system, detector)
        assert (found.refusal == reference.refusal).all() and (found.refusal == Refusal.NONE).mean() > 0.999
        there = found.refusal == Refusal.NONE
        assert_stabilising(found.state.covariance[there], problem_of(system, detector).lanes(there))
        deviation = relative_size(found.state.covariance - reference.state.covariance, reference.state.covariance)
        assert (deviation <= 3 * (found.state.error_estimate + reference.state.error_estimate)).all()

    def test_the_grid_that_went_wrong(self):
        system, detector = swept(np.linspace(0.3, 3, 60) * MHz, np.linspace(0.3, 3, 100) * MHz)
        with using(Engine.NUMBA):
            found = attempt_conditional_state(system, detector)
        assert not found.refusal.any()
        assert_stabilising(found.state.covariance.reshape(-1, 4, 4), problem_of(system, detector))

    def test_lanes_do_not_know_their_neighbours(self):
        from backaction.gaussian.engines.riccati import solve_riccati_lanes

        problem = problem_of(*strong(700, 4))
        whole = solve_riccati_lanes(problem, None)
        order = np.random.default_rng(2).permutation(700)
        mixed = solve_riccati_lanes(problem.lanes(order), None)
        for one, other in zip(whole, mixed, strict=True):
            assert np.array_equal(one[order], other, equal_nan=True)

    def test_both_engines_refuse_the_same_lanes(self):
        for name, (network, detector) in around_thresholds(20).items():
            with using(Engine.NUMPY):
                reference = refusals(network.system, detector)
            with using(Engine.NUMBA):
                assert (refusals(network.system, detector) == reference).all(), name

    def test_what_grows_and_is_watched(self):
        spin = SpinOscillator(
            frequency=-1.0, linewidth=0.0, readout_rate=np.linspace(0.1, 2, 200), occupation=0.0, tensor_coupling=-0.2
        )
        problem = problem_of((spin >> Loss(efficiency=0.9)).system, Homodyne(efficiency=0.8))
        with using(Engine.NUMBA):
            found = attempt_riccati(problem)
        assert np.linalg.eigvals(problem.drift).real.max(axis=-1).min() > 0
        assert (found.step < 1e-13).all()
        assert_stabilising(found.matrix, problem)
        gain = riccati_gain(found.matrix, problem.measured, problem.noise, problem.correlation)
        assert np.abs(gain).max() > 0.1
