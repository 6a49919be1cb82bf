"""Lyapunov and Riccati equations for JAX: values against the core, derivatives by two other roads."""

import mpmath
import numpy as np
import pytest

from backaction.differentiable import double_precision, record_model, riccati_gain, solve_lyapunov, solve_riccati
from backaction.differentiable.assembly import arranged
from backaction.gaussian import InvalidInput, Unresolved, conditional_state, steady_state
from backaction.gaussian import lyapunov as core_lyapunov
from backaction.gaussian import riccati as core_riccati
from backaction.gaussian.lyapunov import relative_size
from backaction.systems import Hz, MHz, OptomechanicalCavity, kHz

from .problems import PUBLISHED, central, lyapunov_problem, riccati_problem

jax = pytest.importorskip("jax")
pytestmark = [pytest.mark.slow, pytest.mark.extras]  # JAX compiles every function: seconds each

SIZES = (2, 4, 6)
FOURTH_ORDER = 1e-7
"""Differences of fourth order at h = 1e-3: h⁴ = 1e-12 times a fifth derivative of some 1e3, rounding eps/h = 2e-13."""


@pytest.fixture(autouse=True)
def _double():
    with double_precision():
        yield


def directions(rng, problem):
    """A random direction for every matrix, symmetric where the matrix is."""
    found = [rng.normal(size=matrix.shape) for matrix in problem]
    symmetric = [np.allclose(m, np.swapaxes(m, -1, -2)) if m.shape[-1] == m.shape[-2] else False for m in problem]
    return [d + np.swapaxes(d, -1, -2) if same else d for d, same in zip(found, symmetric, strict=True)]


@pytest.mark.parametrize("size", SIZES)
def test_lyapunov_is_that_of_the_core(rng, size):
    problem = lyapunov_problem(rng, size, (5,))
    np.testing.assert_allclose(solve_lyapunov(*problem), core_lyapunov.solve_lyapunov(*problem).matrix, rtol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_riccati_is_that_of_the_core(rng, size):
    problem = riccati_problem(rng, size, 2, (5,))
    expected = core_riccati.solve_riccati(*problem).matrix
    assert relative_size(np.asarray(solve_riccati(*problem)) - expected, expected).max() < 1e-12


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_systems_of_high_quality_have_the_digits_of_the_core(name):
    network, specs, _ = PUBLISHED[name]
    system = arranged(network, [], specs).matrices()
    detectors = [spec.detector(network) for spec in specs]
    steady, conditional = steady_state(network.system), conditional_state(network.system, detectors)
    ours = np.asarray(solve_lyapunov(system.drift, system.diffusion))
    known = np.asarray(solve_riccati(system.drift, system.diffusion, *record_model(system)))
    assert relative_size(ours - steady.covariance, steady.covariance) < 1e-12
    assert relative_size(known - conditional.covariance, conditional.covariance) < 1e-12


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("solve", "make"), [(solve_lyapunov, lyapunov_problem), (solve_riccati, riccati_problem)])
def test_forward_derivatives_are_differences(rng, solve, make, size):
    problem = make(rng, size)
    along = directions(rng, problem)
    _, tangent = jax.jvp(solve, tuple(problem), tuple(along))

    def moved(t):
        return np.asarray(solve(*[matrix + t * way for matrix, way in zip(problem, along, strict=True)]))

    expected = central(moved, 0.0, 1.0, 1e-3 / max(np.abs(way).max() for way in along))
    np.testing.assert_allclose(tangent, expected, rtol=FOURTH_ORDER, atol=FOURTH_ORDER * np.abs(expected).max())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("solve", "make"), [(solve_lyapunov, lyapunov_problem), (solve_riccati, riccati_problem)])
def test_the_adjoint_identity_holds(rng, solve, make, size):
    """⟨V̄, dV⟩ forwards is Σ ⟨M̄, dM⟩ backwards: the two modes are transposes of each other."""
    problem = make(rng, size)
    along = directions(rng, problem)
    weight = rng.normal(size=(size, size))
    _, tangent = jax.jvp(solve, tuple(problem), tuple(along))
    _, pull = jax.vjp(solve, *problem)
    backward = sum(np.sum(np.asarray(bar) * way) for bar, way in zip(pull(weight), along, strict=True))
    assert np.sum(weight * np.asarray(tangent)) == pytest.approx(backward, rel=1e-10)


@pytest.mark.parametrize("size", SIZES)
def test_adjoints_of_the_riccati_equation_are_the_closed_forms(rng, size):
    """Ā = 2ΛV, D̄ = Λ, H̄ = −2KᵀΛV, R̄ = KᵀΛK, Σ̄ = −2ΛK with (A − KH)ᵀΛ + Λ(A − KH) + V̄ = 0, solved by the core."""
    problem = riccati_problem(rng, size, 2)
    drift, _, measured, noise, correlation = problem
    value, pull = jax.vjp(solve_riccati, *problem)
    v, weight = np.asarray(value), rng.normal(size=(size, size))
    weight = weight + weight.T
    k = np.asarray(riccati_gain(v, measured, noise, correlation))
    adjoint = core_lyapunov.solve_lyapunov((drift - k @ measured).T, weight).matrix
    expected = (2 * adjoint @ v, adjoint, -2 * k.T @ adjoint @ v, k.T @ adjoint @ k, -2 * adjoint @ k)
    for ours, closed in zip(pull(weight), expected, strict=True):
        np.testing.assert_allclose(ours, closed, rtol=1e-9, atol=1e-11 * np.abs(closed).max())


def exact_lyapunov(drift, diffusion):
    """V with 40 digits, from the n² equations (A ⊗ 1 + 1 ⊗ A) vec V = −vec D."""
    size = len(drift)
    with mpmath.workdps(40):
        whole = mpmath.zeros(size**2)
        for i, j, k in np.ndindex(size, size, size):
            whole[i * size + j, k * size + j] += mpmath.mpf(drift[i, k])
            whole[i * size + j, i * size + k] += mpmath.mpf(drift[j, k])
        solution = mpmath.lu_solve(whole, -mpmath.matrix(diffusion.ravel().tolist()))
    return np.array([float(x) for x in solution]).reshape(size, size)


def test_adjoints_keep_their_digits_at_high_quality():
    """A quality factor of 2.6e7: methods that mix slow and fast rates would lose eps × 2e8, 5e-8, of them."""
    cavity = OptomechanicalCavity(
        mechanical_frequency=1.28 * MHz, mechanical_linewidth=0.05 * Hz, occupation=1e5, cavity_linewidth=10 * MHz,
        detuning=-1 * MHz, coupling=50 * kHz,
    ).system("membrane")  # fmt: skip
    weight = np.diag([1.0, 1.0, 0.0, 0.0])  # twice the energy of the membrane
    value, pull = jax.vjp(solve_lyapunov, cavity.drift, cavity.diffusion)
    price, exact = np.asarray(pull(weight)[1]), exact_lyapunov(cavity.drift.T, weight)
    assert relative_size(price - exact, exact) < 1e-12
    covariance = exact_lyapunov(cavity.drift, cavity.diffusion)
    assert relative_size(np.asarray(value) - covariance, covariance) < 1e-12
    slope = 2 * exact @ covariance
    np.testing.assert_allclose(pull(weight)[0], slope, rtol=1e-10, atol=1e-13 * np.abs(slope).max())


def test_second_derivatives_exist():
    """V = −D/2a: ∂²V/∂a² = −D/a³; and V² + 2RV − R = 0, V″(R) by the closed form V = √(R² + R) − R."""
    one = np.eye(1)
    curved = jax.grad(jax.grad(lambda a: solve_lyapunov(a * one, one)[0, 0]))(-1.5)
    assert float(curved) == pytest.approx(1 / 1.5**3, rel=1e-12)
    curved = jax.grad(jax.grad(lambda r: solve_riccati(-one, one, one, r * one, 0 * one)[0, 0]))(2.0)
    assert float(curved) == pytest.approx(-1 / (4 * 6.0**1.5), rel=1e-10)


@pytest.mark.parametrize(("solve", "make"), [(solve_lyapunov, lyapunov_problem), (solve_riccati, riccati_problem)])
def test_a_batch_is_a_loop_and_vmap_is_both(rng, solve, make):
    problem = make(rng, 4, batch=(3,))

    def slope(*matrices):
        return jax.grad(lambda *m: solve(*m).sum(), argnums=(0, 1))(*matrices)

    looped = [slope(*[matrix[i] for matrix in problem]) for i in range(3)]
    for got in (slope(*problem), jax.jit(jax.vmap(slope))(*problem)):
        for field in range(2):
            expected = np.stack([np.asarray(lane[field]) for lane in looped])
            np.testing.assert_allclose(got[field], expected, rtol=1e-10, atol=1e-12 * np.abs(expected).max())


def test_leading_dimensions_broadcast(rng):
    drift, diffusion = lyapunov_problem(rng, 4, (3, 1))
    _, more = lyapunov_problem(rng, 4, (2,))
    np.testing.assert_allclose(
        solve_lyapunov(drift, more), core_lyapunov.solve_lyapunov(drift, more).matrix, rtol=1e-12, atol=1e-13
    )
    assert solve_lyapunov(drift, diffusion).shape == (3, 1, 4, 4)


def test_what_has_no_solution_is_an_error_and_nan_while_traced():
    marginal = np.diag([1.0, -1.0])
    with pytest.raises(Unresolved, match="two poles of the drift sum to zero"):
        solve_lyapunov(marginal, np.eye(2))
    assert not np.isfinite(jax.jit(solve_lyapunov)(marginal, np.eye(2))).all()
    silent = np.eye(2), np.zeros((2, 2)), np.zeros((2, 2))  # a record without noise
    with pytest.raises(Unresolved, match="record without noise"):
        solve_riccati(-np.eye(2), *silent[:1], np.eye(2), *silent[1:])
    assert np.isnan(jax.jit(solve_riccati)(-np.eye(2), *silent[:1], np.eye(2), *silent[1:])).all()


def test_single_precision_is_refused():
    single = jax.enable_x64(False) if hasattr(jax, "enable_x64") else jax.experimental.disable_x64()
    with single, pytest.raises(InvalidInput, match="needs double precision"):
        solve_lyapunov(-np.eye(2), np.eye(2))


def test_the_precision_of_the_process_is_left_alone():
    before = jax.config.jax_enable_x64
    single = jax.enable_x64(False) if hasattr(jax, "enable_x64") else jax.experimental.disable_x64()
    with single:
        with double_precision():
            assert jax.numpy.ones(2).dtype == np.float64
        assert jax.numpy.ones(2).dtype == np.float32
    assert jax.config.jax_enable_x64 == before
