"""Error estimates against the model: what rounding of A, D, H, R and Σ does, found with 50 digits from the system."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from backaction.gaussian import (
    Heterodyne,
    Homodyne,
    LinearSystem,
    Unresolved,
    Unstable,
    attempt_conditional_state,
    conditional_state,
    growth_rate,
    steady_state,
)
from backaction.gaussian.lyapunov_dense import corrections
from backaction.gaussian.measurement import record_sizes
from backaction.gaussian.residuals import relative_size
from backaction.gaussian.rounding import DRAWS, disturbance, norms, signs
from backaction.systems import (
    Damping,
    Hz,
    Loss,
    MechanicalOscillator,
    MHz,
    OptomechanicalCavity,
    Rotation,
    SpinOscillator,
    Squeezer,
)


def many_digits(matrix):
    return mpmath.matrix(np.asarray(matrix, dtype=np.float64).tolist())


def exact_model(system, detectors):
    """A, D, H, R, Σ with 50 digits from the system's matrices, the angles and the efficiencies."""
    a, b, c, through, n = (
        many_digits(m)
        for m in (system.drift, system.input_matrix, system.output_matrix, system.feedthrough, system.noise)
    )
    rows, added = [], []
    for detector in detectors:
        port = 2 * system.outputs.index(detector.port)
        angle, efficiency = mpmath.mpf(float(detector.angle)), mpmath.mpf(float(detector.efficiency))
        turned = [[mpmath.cos(angle), mpmath.sin(angle)], [-mpmath.sin(angle), mpmath.cos(angle)]]
        both = isinstance(detector, Heterodyne)
        share = efficiency / 2 if both else efficiency
        for direction in turned[: 1 + both]:
            gain = mpmath.sqrt(share) * mpmath.matrix([direction])
            rows.append((gain * c[port : port + 2, :], gain * through[port : port + 2, :]))
            added.append((1 - share) / 2)
    h, t = mpmath.zeros(len(rows), a.rows), mpmath.zeros(len(rows), n.rows)
    for k, (seen, mixed) in enumerate(rows):
        h[k, :], t[k, :] = seen, mixed
    return a, b * n * b.T, h, t * n * t.T + mpmath.diag(added), b * n * t.T


def true_error(covariance, model):
    """max |δV_ij|/√(V_ii V_jj): residual and closed loop with 50 digits, then one Lyapunov equation with floats."""
    a, d, h, r, s = model
    v = many_digits(covariance)
    gain = (v * h.T + s) * r**-1
    left = a * v + v * a.T + d - gain * r * gain.T
    residual = np.array(((left + left.T) / 2).tolist(), dtype=np.float64)
    loop = np.array((a - gain * h).tolist(), dtype=np.float64)
    return float(relative_size(corrections(loop[None], residual[None, None])[0, 0], covariance))


def chain(rng, low, high):
    """A squeezer of low to high dB, one to three modes with losses, rotations and squeezers between them, detectors."""

    def spread(first, last):
        return float(10 ** rng.uniform(first, last))

    def squeezer():
        return Squeezer(squeezing=float(rng.uniform(low, high)), angle=float(rng.uniform(0, np.pi)))

    damping = rng.choice(list(Damping))
    parts = [squeezer()]
    for number in range(rng.integers(1, 4)):
        kind, names = rng.integers(3), {"damping": damping, "name": f"m{number}"}
        if kind == 0:
            parts.append(
                SpinOscillator(
                    frequency=rng.choice([-1, 1]) * spread(-0.1, 0.1) * MHz,
                    linewidth=spread(-3, 3) * Hz,
                    readout_rate=spread(-3, 0.6) * MHz,
                    occupation=spread(-3, 1),
                    tensor_coupling=rng.choice([0.0, 0.05, -0.05]),
                    **names,
                )
            )
        elif kind == 1:
            parts.append(
                MechanicalOscillator(
                    mechanical_frequency=rng.choice([1.0, spread(-0.1, 0.1)]) * MHz,
                    mechanical_linewidth=spread(-3, 3) * Hz,
                    readout_rate=spread(-3, 0.6) * MHz,
                    occupation=spread(-3, 4),
                    **names,
                )
            )
        else:
            parts.append(
                OptomechanicalCavity(
                    mechanical_frequency=1 * MHz,
                    mechanical_linewidth=spread(-2, 1) * Hz,
                    occupation=spread(-1, 5),
                    cavity_linewidth=spread(0, 1.5) * MHz,
                    detuning=rng.choice([0.0, -1.0, -0.3, 0.2]) * MHz,
                    coupling=spread(-2, -0.3) * MHz,
                    input_fraction=rng.choice([1.0, 0.9]),
                    **names,
                )
            )
        if rng.random() < 0.5:
            parts.append(Loss(efficiency=rng.choice([0.999, 0.9, 0.6])))
        if rng.random() < 0.2:
            parts.append(squeezer())
        if rng.random() < 0.2:
            parts.append(Rotation(angle=float(rng.uniform(0, np.pi))))
    network = parts[0]
    for part in parts[1:]:
        network = network >> part
    detector = Heterodyne if rng.random() < 0.3 else Homodyne
    detectors = [detector("out", rng.uniform(0, np.pi), rng.choice([1.0, 0.9, 0.5, 0.1]))]
    lost = [name for name in network.system.outputs if name != "out"]
    if lost and rng.random() < 0.3:
        detectors.append(Heterodyne(lost[0], rng.uniform(0, np.pi), 0.5))
    return network.system, detectors


@pytest.mark.parametrize(("low", "high", "seed"), [(0, 0, 1), (0, 20, 2), (15, 15, 3), (20, 20, 4)])
def test_estimates_cover_a_third_of_the_true_error_behind_squeezers(low, high, seed):
    """Of 7000 such systems all did, with a median of 15 times it; before, 62 % of those behind 15 dB did not."""
    rng, ratios = np.random.default_rng(seed), []
    with mpmath.workdps(50):
        for _ in range(60):
            system, detectors = chain(rng, low, high)
            try:
                state = conditional_state(system, detectors)
            except (Unresolved, Unstable):
                assert growth_rate(system) > 0
                continue
            error = true_error(state.covariance, exact_model(system, detectors))
            ratios.append(float(state.error_estimate) / error)
    assert len(ratios) > 55
    assert min(ratios) > 1 / 3
    assert np.median(ratios) < 30


@pytest.mark.parametrize("angle", [0.7, 0.75, 1.5])
@pytest.mark.parametrize("efficiency", [0.9, 1.0])
def test_strong_squeezing_is_covered_or_refused(angle, efficiency):
    """At 60 dB errors reached 2.6e-7, at 100 dB 3e-4, and the estimates were 1e-15."""
    refused, largest = [], 0.0
    detector = Homodyne(angle=angle, efficiency=efficiency)
    for squeezing in (40.0, 60.0, 80.0, 100.0):
        network = Squeezer(squeezing=squeezing, angle=0.7) >> SpinOscillator(
            frequency=-1 * MHz, linewidth=10 * Hz, readout_rate=0.2 * MHz, occupation=1.0
        )
        try:
            state = conditional_state(network.system, detector)
        except Unresolved as error:
            assert error.uncertainty > 1e-6
            assert "(c) detected light that is squeezed by more than about 50 dB" in str(error)
            refused.append(squeezing)
            continue
        with mpmath.workdps(50):
            error = true_error(state.covariance, exact_model(network.system, [detector]))
        assert float(state.error_estimate) > error / 3
        largest = max(largest, error)
    assert largest > 1e-12
    assert (100.0 in refused) == (efficiency == 1.0 or angle == 1.5)  # else the detector's own noise hides it


def test_what_first_order_misses_counts_too():
    """Matched and strongly read: the gain of the loud motion vanishes, and with it the first order of what H loses."""
    common = {"readout_rate": 4 * MHz, "damping": Damping.ROTATING_WAVE}
    spin = SpinOscillator(frequency=-1 * MHz, linewidth=1e-3 * Hz, occupation=0.5, **common)
    membrane = MechanicalOscillator(
        mechanical_frequency=1 * MHz, mechanical_linewidth=1e-3 * Hz, occupation=10.0, **common
    )
    system, detector = (spin >> Loss(efficiency=0.9) >> membrane).system, Homodyne(efficiency=0.9)
    state = conditional_state(system, detector)
    with mpmath.workdps(50):
        error = true_error(state.covariance, exact_model(system, [detector]))
    assert error > 1e-14
    assert float(state.error_estimate) > error / 3


def test_stationary_states_are_covered_with_the_rounding_of_their_matrices():
    rng, ratios = np.random.default_rng(6), []
    with mpmath.workdps(50):
        for _ in range(80):
            system, _ = chain(rng, 0, 20)
            try:
                state = steady_state(system)
            except (Unresolved, Unstable):
                continue
            a, b, n = (many_digits(m) for m in (system.drift, system.input_matrix, system.noise))
            left = a * many_digits(state.covariance)
            residual = np.array((left + left.T + b * n * b.T).tolist(), dtype=np.float64)
            step = corrections(system.drift[None], residual[None, None])[0, 0]
            ratios.append(float(state.error_estimate) / float(relative_size(step, state.covariance)))
    assert len(ratios) > 40
    assert min(ratios) > 1 / 3


def test_a_disturbance_bounds_what_entries_rounded_by_hand_do():
    rng = np.random.default_rng(7)
    system = (
        Squeezer(squeezing=10.0, angle=0.3)
        >> SpinOscillator(frequency=-1.0, linewidth=1e-4, readout_rate=0.3, occupation=0.5)
        >> MechanicalOscillator(
            mechanical_frequency=1.1, mechanical_linewidth=1e-4, readout_rate=0.2, occupation=3.0, name="m"
        )
    ).system
    state, detector = steady_state(system), Homodyne(angle=1.0)
    watched = conditional_state(system, detector)
    eps = 1e-9  # many roundings, so that they are seen
    largest = np.zeros(2)
    for _ in range(40):
        changed = [
            m * (1 + eps * rng.uniform(-1, 1, m.shape))
            for m in (system.drift, system.input_matrix, system.output_matrix, system.feedthrough)
        ]
        other = LinearSystem(*changed, system.noise, system.modes, system.inputs, system.outputs, system.classical)
        largest = np.maximum(
            largest,
            [
                relative_size(steady_state(other).covariance - state.covariance, state.covariance),
                relative_size(conditional_state(other, detector).covariance - watched.covariance, watched.covariance),
            ],
        )
    estimates = np.array([float(state.error_estimate), float(watched.error_estimate)]) / np.finfo(float).eps * eps
    assert (estimates > largest / 3).all()
    assert (estimates < 30 * largest).all()


def test_sizes_bound_the_sums_that_they_stand_for():
    rng = np.random.default_rng(8)
    rows, half = rng.normal(size=(3, 6)), rng.normal(size=(6, 6))
    noise = half @ half.T
    bound = norms(rows, noise)
    assert (np.abs(rows) @ np.abs(noise) @ np.abs(rows).T <= bound * bound.T * (1 + 1e-12)).all()
    system = (Squeezer(squeezing=20.0, angle=0.5) >> Loss(efficiency=0.9)).system
    sizes = record_sizes(system, Homodyne(angle=0.5))
    assert sizes.record[0, 0] < 0.5  # a small sum of large numbers:
    assert sizes.summed[0, 0] > 3
    for size in (1, 2, 5, 12):
        patterns = signs(size)
        assert patterns.shape == (DRAWS, size, size) and (np.abs(patterns) == 1).all()
        assert (patterns == np.swapaxes(patterns, 1, 2)).all() and (patterns[0] == 1).all()
    assert len(np.unique(signs(4), axis=0)) == DRAWS
    change = disturbance(-np.eye(2), np.eye(2), np.ones((2, 1)))
    assert (change == change.T).all() and (change > 0).all()


def test_a_batch_has_the_estimates_of_its_lanes():
    network = Squeezer(squeezing=np.array([0.0, 10.0, 20.0]), angle=0.7) >> SpinOscillator(
        frequency=-1 * MHz, linewidth=10 * Hz, readout_rate=0.2 * MHz, occupation=1.0
    )
    errors = attempt_conditional_state(network.system, Homodyne(angle=0.6)).state.error_estimate
    assert errors[0] < errors[1] < errors[2]
