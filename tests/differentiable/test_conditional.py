"""Conditional states for JAX: the stabilising solution or none, with readout as strong as it gets."""

import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize

from backaction.differentiable import (
    conditional_covariance,
    double_precision,
    matrices,
    noise_budget,
    record_model,
    solve_riccati,
    spectral_density,
    steady_covariance,
    transfer_matrix,
    value_and_gradient,
)
from backaction.differentiable.assembly import arranged
from backaction.differentiable.riccati import solve_riccati_unchecked
from backaction.differentiable.system import recording
from backaction.experiment import DetectorSpec
from backaction.gaussian import Refusal, Unstable, attempt_conditional_state, attempt_steady_state, growth_rate
from backaction.gaussian import noise_budget as core_budget
from backaction.gaussian.measurement import sizes_of
from backaction.gaussian.residuals import relative_size
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
)

from .problems import central

jax = pytest.importorskip("jax")
pytestmark = [pytest.mark.slow, pytest.mark.extras]  # JAX compiles every function: seconds each


@pytest.fixture(autouse=True)
def _double():
    with double_precision():
        yield


def pair(damping, **link):
    spin = SpinOscillator(
        frequency=-0.999 * MHz, linewidth=1e-3 * Hz, readout_rate=1 * MHz, occupation=0.01, damping=damping
    )
    membrane = MechanicalOscillator(
        name="membrane", mechanical_frequency=1 * MHz, mechanical_linewidth=1e-2 * Hz, readout_rate=1 * MHz,
        occupation=0.1, damping=damping,
    )  # fmt: skip
    return spin >> Loss(**link) >> membrane if link else spin >> membrane


def problem_of(system):
    return [np.asarray(matrix) for matrix in (system.drift, system.diffusion, *record_model(system))]


def strong(count=14):
    """Both readout rates from 0.3 to 3 times the frequency, no loss: 5 % of these had a wrong root."""
    rates = np.linspace(0.3, 3, count) * MHz
    values = {"spin.readout_rate": rates[:, None], "membrane.readout_rate": rates}
    return matrices(pair(Damping.ROTATING_WAVE), values, [DetectorSpec(angle=np.deg2rad(150))])


def anything(rng, damping, count=150):
    """Readout up to 4 times the frequency, linewidths from 1 mHz, of any sign, angle and loss."""

    def spread(low, high):
        return np.exp(rng.uniform(np.log(low), np.log(high), count))

    frequency = rng.uniform(0.2, 2, count) * MHz
    values = {
        "spin.frequency": np.where(rng.random(count) < 0.5, -1 * MHz, rng.choice([-1, 1], count) * frequency),
        "spin.linewidth": spread(1e-3, 1e4) * Hz,
        "spin.readout_rate": spread(1e-3, 4) * MHz,
        "spin.occupation": spread(1e-2, 1e2),
        "loss.efficiency": rng.uniform(0.1, 0.999, count),
        "membrane.mechanical_linewidth": spread(1e-3, 1e4) * Hz,
        "membrane.readout_rate": spread(1e-3, 4) * MHz,
        "membrane.occupation": spread(1e-2, 1e5),
        "detector.0.angle": rng.uniform(0, np.pi, count),
        "detector.0.efficiency": rng.uniform(0.05, 1, count),
    }
    return matrices(pair(damping, efficiency=0.9), values, [DetectorSpec(efficiency=0.5)])


def assert_stabilising(covariance, problem):
    """V > 0, A − KH decays, and the equation is solved to rounding; nothing of the solver is used."""
    drift, diffusion, measured, noise, correlation = problem
    size = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    assert (np.linalg.eigvalsh(covariance / (size[..., None] * size[..., None, :])) > 0).all()
    gain = np.linalg.solve(noise, (covariance @ measured.mT + correlation).mT).mT
    closed = (drift - gain @ measured) * size[..., None, :] / size[..., None]
    assert (np.linalg.eigvals(closed).real < 0).all()
    moved = drift @ covariance
    left = moved + moved.mT + diffusion - gain @ noise @ gain.mT
    terms = np.abs(drift) @ np.abs(covariance) + np.abs(diffusion)
    assert (np.abs(left).max(axis=(-2, -1)) < 1e-13 * (terms + terms.mT).max(axis=(-2, -1))).all()


@pytest.mark.parametrize("make", [strong, anything])
def test_strong_readout_has_the_stabilising_solution(rng, make):
    """A million of these, half of them of each kind, had none wrong and none lost; this is a sample."""
    for damping in [Damping.ROTATING_WAVE] if make is strong else Damping:
        system = strong() if make is strong else anything(rng, damping)
        problem = problem_of(system)
        covariance = np.asarray(conditional_covariance(system))
        assert_stabilising(covariance, problem)
        lanes = [np.broadcast_to(m, covariance.shape[:-2] + m.shape[-2:]).reshape(-1, *m.shape[-2:]) for m in problem]
        for lane in range(0, len(lanes[0]), 19):
            a, d, h, r, s = (matrix[lane] for matrix in lanes)
            expected = scipy.linalg.solve_continuous_are(a.T / MHz, h.T / MHz**0.5, d / MHz, r, s=s / MHz**0.5)
            assert relative_size(covariance.reshape(-1, *a.shape)[lane] - expected, expected) < 1e-5  # SciPy's error


def test_a_lane_does_not_know_its_neighbours():
    problem = problem_of(strong(6))
    hard = [m.copy() for m in problem]
    hard[0][1:] += 0.9 * MHz * np.eye(4)  # all others grow
    alone, beside = (np.asarray(solve_riccati_unchecked(*matrices).matrix) for matrices in (problem, hard))
    np.testing.assert_array_equal(alone[0], beside[0])


def watched(rate, efficiency):
    """V of an undamped oscillator (Ω = 1) whose position is in the light: the three entries of the equation by hand."""
    root = np.sqrt(1 + efficiency * rate**2)
    cross = (root - 1) / (2 * efficiency * rate)
    x = np.sqrt(cross / (efficiency * rate))
    return np.array([[x, cross], [cross, x * root]])


def undamped(rate, efficiency):
    """Its A, D, H, R, Σ: dx = p dt, dp = −x dt + √Γ dw, and the record √(ηΓ) x dt + dν."""
    jnp = jax.numpy
    drift = jnp.array([[0.0, 1.0], [-1.0, 0.0]])
    diffusion = rate / 2 * jnp.array([[0.0, 0.0], [0.0, 1.0]])
    measured = jnp.sqrt(efficiency * rate) * jnp.array([[1.0, 0.0]])
    return drift, diffusion, measured, jnp.eye(1) / 2, jnp.zeros((2, 1))


@pytest.mark.parametrize(("rate", "efficiency"), [(1.0, 1.0), (0.3, 0.2), (3.0, 0.9)])
def test_an_undamped_mode_that_is_watched_has_a_state_and_derivatives(rate, efficiency):
    covariance = np.asarray(solve_riccati(*undamped(rate, efficiency)))
    np.testing.assert_allclose(covariance, watched(rate, efficiency), rtol=1e-13)
    slopes = jax.jacobian(lambda p: solve_riccati(*undamped(p[0], p[1])))(np.array([rate, efficiency]))
    for field, expected in enumerate(
        (
            central(lambda t: watched(t, efficiency), rate, 1.0, 1e-3 * rate),
            central(lambda t: watched(rate, t), efficiency, 1.0, 1e-3 * efficiency),
        )
    ):
        np.testing.assert_allclose(slopes[..., field], expected, rtol=1e-9, atol=1e-10)


def test_the_reference_value():
    np.testing.assert_allclose(watched(1.0, 1.0)[[0, 0, 1], [0, 1, 1]], [0.4551, 0.2071, 0.6436], atol=5e-5)


def blue(detunings, detectors):
    cavity = OptomechanicalCavity(
        name="membrane", mechanical_frequency=1000 * kHz, mechanical_linewidth=0.1 * kHz, occupation=10.0,
        cavity_linewidth=1000 * kHz, detuning=500 * kHz, coupling=50 * kHz,
    )  # fmt: skip
    return cavity, matrices(cavity, {"membrane.detuning": detunings}, detectors)


def trace_of_the_record(system):
    return conditional_covariance(system).trace(0, -2, -1)


def test_what_grows_and_is_watched_has_a_conditional_state():
    detunings = np.array([-500, 300, 500]) * kHz
    cavity, system = blue(detunings, [DetectorSpec()])
    expected = conditional_covariance(system)
    assert_stabilising(np.asarray(expected), problem_of(system))
    np.testing.assert_allclose(jax.jit(conditional_covariance)(system), expected, rtol=1e-12)
    value, slope = value_and_gradient(trace_of_the_record, cavity, {"membrane.detuning": detunings}, [DetectorSpec()])
    numbers = [
        central(
            lambda t, k=k: value_and_gradient(
                trace_of_the_record, cavity, {"membrane.detuning": t * np.ones(3)}, [DetectorSpec()]
            )[0][k],
            detunings[k], 1 * MHz, 1e-3,
        )
        for k in range(3)
    ]  # fmt: skip
    np.testing.assert_allclose(slope["membrane.detuning"] * MHz, numbers, rtol=1e-7)
    np.testing.assert_allclose(value, np.asarray(expected).trace(0, -2, -1), rtol=1e-12)


def test_what_grows_unwatched_is_named():
    _, system = blue(np.array([-500, 500]) * kHz, [DetectorSpec(efficiency=0.0)])
    with pytest.raises(Unstable, match=r"mode 'membrane.*no detector shows it") as caught:
        conditional_covariance(system)
    assert caught.value.eigenvalue.real > 0
    traced = np.asarray(jax.jit(conditional_covariance)(system))
    assert np.isfinite(traced[0]).all()
    assert np.isnan(traced[1]).all()
    slopes = np.asarray(jax.jit(jax.grad(lambda s: conditional_covariance(s).sum()))(system).drift)
    assert np.isfinite(slopes[0]).all()
    assert np.isnan(slopes[1]).all()


def states_of_the_core(attempt, network, detectors=None):
    found = attempt(network.system, *([] if detectors is None else [detectors]))
    return found.refusal == Refusal.NONE, found.state.covariance


def test_the_core_refuses_the_same_points_around_a_threshold():
    """Onset of growth; growth that is hardly watched; light squeezed until its rounding is all that is left."""
    cavity, _ = blue(np.array([500]) * kHz, [])
    onset = scipy.optimize.brentq(
        lambda x: float(growth_rate(changed_of(cavity, {"membrane.detuning": x}, [])[0].system)), 0.0, 50 * kHz
    )
    detuning = onset * (1 + np.linspace(-1, 1, 41) ** 9)
    steady = jax.jit(steady_covariance)(matrices(cavity, {"membrane.detuning": detuning}))
    good, expected = states_of_the_core(
        attempt_steady_state, changed_of(cavity, {"membrane.detuning": detuning}, [])[0]
    )
    assert 5 < good.sum() < 36
    np.testing.assert_array_equal(np.isfinite(np.asarray(steady)).all(axis=(-2, -1)), good)
    np.testing.assert_allclose(np.asarray(steady)[good], expected[good], rtol=1e-6)
    seen = 10 ** np.linspace(-40, 0, 41)
    mirror = MechanicalOscillator(
        mechanical_frequency=1 * MHz, mechanical_linewidth=1 * Hz, readout_rate=20 * kHz, occupation=10.0
    )
    decibel = np.linspace(20, 100, 41)
    for network, address, values, angle in (
        (cavity, "detector.0.efficiency", seen, 0.4),
        (Squeezer(squeezing=10.0, angle=0.4) >> mirror, "squeezer.squeezing", decibel, 0.3),
    ):
        spec = DetectorSpec(angle=angle)
        found = np.asarray(jax.jit(conditional_covariance)(matrices(network, {address: values}, [spec])))
        changed, detectors = changed_of(network, {address: values}, [spec])
        good, expected = states_of_the_core(attempt_conditional_state, changed, detectors)
        assert 2 < good.sum() < len(values) - 2
        np.testing.assert_array_equal(np.isfinite(found).all(axis=(-2, -1)), good)
        assert relative_size(found[good] - expected[good], expected[good]).max() < 1e-6


def changed_of(network, values, specs):
    changed, detectors = arranged(network, values, specs).here
    return changed, [spec.detector(changed) for spec in detectors]


@pytest.mark.parametrize("decibel", [0.0, 12.0, 20.0])
def test_the_error_is_against_the_model(decibel):
    """Behind a squeezer the rounding of R and Σ is more than that of V; the core's estimate is the second road."""
    network = pair(Damping.BROWNIAN, efficiency=0.9) >> Squeezer(squeezing=decibel, angle=0.4)
    spec = DetectorSpec(angle=0.7)
    system = matrices(network, detectors=[spec])
    found = solve_riccati_unchecked(*problem_of(system), *sizes_of(recording(system)))
    changed, detectors = changed_of(network, {}, [spec])
    state = attempt_conditional_state(changed.system, detectors).state
    assert float(found.error) == pytest.approx(float(state.error_estimate), rel=0.5)
    assert float(found.error) > (3e-14 if decibel else 3e-16)
    bare = solve_riccati_unchecked(*problem_of(system))
    assert float(bare.error) < 2e-15


def test_spectra_of_what_grows_are_refused_unless_formal():
    cavity, system = blue(np.array([-500, 500]) * kHz, [DetectorSpec()])
    omega = np.array([0.9, 1.1]) * MHz
    for spectrum in (transfer_matrix, spectral_density, noise_budget):
        with pytest.raises(Unstable, match=r"mode 'membrane.*formal=True"):
            spectrum(system, omega)
        leaf = jax.tree.leaves(jax.jit(spectrum)(system, omega))[0]
        assert np.isfinite(np.asarray(leaf)[0]).all()
        assert np.isnan(np.asarray(leaf)[1]).all()
    changed, (detector,) = changed_of(cavity, {"membrane.detuning": np.array([-500, 500]) * kHz}, [DetectorSpec()])
    expected = core_budget(changed.system, omega, detector, formal=True)
    for budget in (noise_budget, jax.jit(noise_budget, static_argnames="formal")):
        np.testing.assert_allclose(budget(system, omega, formal=True).total, expected.total, rtol=1e-10)


ON_TWO_CORES = """
import os
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
import jax, numpy as np
from backaction.differentiable import double_precision, solve_lyapunov, solve_riccati
one = np.broadcast_to(np.eye(4), (6000, 4, 4))
noise, nothing = one[:, :1, :1], 0 * one[:, :, :1]
with double_precision():
    for _ in range(4):
        slope = jax.jit(jax.grad(lambda a: solve_riccati(a, one, one[:, :1], noise, nothing).sum()))(-one)
        np.asarray(jax.jit(jax.grad(lambda a: solve_lyapunov(a, one).sum()))(slope - 2 * one))
"""


def test_large_batches_end_where_there_are_few_cores():
    """As many batches of decompositions at once as there are cores, and XLA's threads wait for each other for ever."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", ON_TWO_CORES], check=True, timeout=300, env=environment)
