import subprocess
import sys

import numpy as np
import pytest

from backaction.gaussian import (
    Heterodyne,
    Homodyne,
    InvalidInput,
    Unresolved,
    Unstable,
    conditional_state,
    from_hamiltonian,
    steady_state,
    symplectic_form,
)
from backaction.gaussian.dynamics import require_stable, shows_stability
from backaction.gaussian.engines import PAYS, Engine, available, compiled_pays, using
from backaction.gaussian.lyapunov import solve_and_certify, solve_lyapunov
from backaction.gaussian.riccati import solve_riccati
from backaction.gaussian.smallest_mode import smallest_mode
from backaction.systems import Hz, Loss, MHz, OptomechanicalCavity, SpinOscillator, kHz

COMPILED = [pytest.mark.slow, pytest.mark.extras]
"""The first use of a kernel compiles it, which takes half a minute."""


@pytest.fixture
def numba():
    pytest.importorskip("numba")


def stable(rng, count, size):
    """Random stable drifts and diffusions."""
    drift = rng.normal(size=(count, size, size))
    drift -= (np.abs(np.linalg.eigvals(drift).real).max(axis=-1) + 0.1)[:, None, None] * np.eye(size)
    half = rng.normal(size=(count, size, size))
    return drift, half @ np.swapaxes(half, 1, 2)


def hybrid(rng, count):
    """A spin and a membrane of high quality in a detuned cavity: rates over eight decades."""
    spin = SpinOscillator(
        frequency=-1.27 * MHz, linewidth=5 * kHz, readout_rate=rng.uniform(5, 90, count) * kHz, occupation=2.6
    )
    membrane = OptomechanicalCavity(
        name="membrane",
        mechanical_frequency=1.28 * MHz,
        mechanical_linewidth=0.1 * Hz,
        temperature=7.0,
        cavity_linewidth=17.4 * MHz,
        detuning=rng.uniform(-8, -2, count) * MHz,
        coupling=350 * kHz,
        input_fraction=0.9,
    )
    return (spin >> Loss(efficiency=0.6) >> membrane).system


def relative(difference, covariance):
    scale = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    return (np.abs(difference) / (scale[..., :, None] * scale[..., None, :])).max(axis=(-2, -1))


def test_the_number_of_problems_chooses():
    with using(Engine.NUMPY):
        assert not compiled_pays(10**9, 4)
    assert not compiled_pays(PAYS - 1, 4)
    assert not compiled_pays(10**9, 40)
    assert not compiled_pays(10**9, 0)
    assert compiled_pays(PAYS, 4) == available()


def test_what_is_not_installed_cannot_be_chosen(monkeypatch):
    monkeypatch.setattr("backaction.gaussian.engines.available", lambda: False)
    with pytest.raises(InvalidInput, match=r"install backaction\[fast\]"), using(Engine.NUMBA):
        pass
    assert not compiled_pays(10**9, 4)


def test_small_batches_do_not_load_numba():
    code = (
        "import sys; import numpy as np; from backaction.gaussian import GaussianState, LinearSystem, steady_state;"
        "steady_state(LinearSystem(-np.ones((50, 1, 1)) * np.eye(2), np.eye(2), np.eye(2), np.eye(2)));"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_kernels_are_plain_python_too():
    """Without compilation the same code gives the same numbers: here against LAPACK and NumPy."""
    code = """
import numpy as np
from backaction.gaussian import symplectic_form
from backaction.gaussian.engines.lanes import Systems
from backaction.gaussian.engines.lyapunov import solve_compiled
from backaction.gaussian.engines.modes import lowest_modes
from backaction.gaussian.engines.plan import plan
from backaction.gaussian.engines.riccati import solve_riccati_lanes
from backaction.gaussian.lyapunov import solve_lyapunov
from backaction.gaussian.lyapunov_dense import least_pivots
from backaction.gaussian.normal_modes import normal_modes
from backaction.gaussian.riccati import solve_riccati
rng = np.random.default_rng(1)
drift = rng.normal(size=(3, 3, 3)) - 4 * np.eye(3)
half = rng.normal(size=(3, 3, 3))
diffusion = half @ np.swapaxes(half, 1, 2) + 0.1 * np.eye(3)
whole = np.ones((3, 3), dtype=bool)
systems = Systems(drift.reshape(3, 9), diffusion.reshape(3, 9), None, None, 3)
matrix, step, error, pivot = solve_compiled(plan(drift, whole, whole), systems)
assert np.abs(matrix - solve_lyapunov(drift, diffusion).matrix).max() < 1e-14
assert np.abs(pivot - least_pivots(matrix)).max() < 1e-14
assert step.max() < 1e-13
record = rng.normal(size=(3, 1, 3)), np.ones((3, 1, 1)), 0.1 * rng.normal(size=(3, 3, 1))
matrix, step, error, pivot = solve_riccati_lanes((drift, diffusion, *record), None)
assert step.max() < 1e-14 and (error == step).all()
assert np.abs(pivot - least_pivots(matrix)).max() < 1e-14
assert np.abs(matrix - solve_riccati(drift, diffusion, *record).matrix).max() < 1e-14
half = rng.normal(size=(3, 4, 4))
covariance = half @ np.swapaxes(half, 1, 2) + 0.1 * np.eye(4)
form = symplectic_form(2) * np.array([1.0, 1.0, -1.0, -1.0])[:, None]
assert np.allclose(lowest_modes(covariance, 1.0, -1.0)[0], normal_modes(covariance, form, 0.0, 1).values[:, 0], 1e-13)
print("equal")
"""
    import os

    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.strip() == "equal", done.stderr


@pytest.mark.usefixtures("numba")
class TestCompiled:
    pytestmark = COMPILED

    @pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 8, 12])
    def test_lyapunov(self, size):
        drift, diffusion = stable(np.random.default_rng(size), 150, size)
        with using(Engine.NUMPY):
            reference = solve_lyapunov(drift, diffusion)
        with using(Engine.NUMBA):
            found = solve_lyapunov(drift, diffusion)
        assert relative(found.matrix - reference.matrix, reference.matrix).max() < 1e-12
        assert (found.error_estimate < 1e-11).all()

    def test_high_quality_against_fifty_digits(self):
        mpmath = pytest.importorskip("mpmath")
        system = hybrid(np.random.default_rng(3), 70)
        with using(Engine.NUMBA):
            found = solve_lyapunov(system.drift, system.diffusion)
        with mpmath.workdps(50):
            for lane in (0, 33, 69):
                a, d = (mpmath.matrix(m[lane].tolist()) for m in (system.drift, system.diffusion))
                size = a.rows
                kronecker = mpmath.matrix(size**2)
                for i in range(size):
                    for j in range(size):
                        for k in range(size):
                            kronecker[i * size + j, k * size + j] += a[i, k]
                            kronecker[i * size + j, i * size + k] += a[j, k]
                right = mpmath.matrix([-d[i, j] for i in range(size) for j in range(size)])
                exact = np.array([float(x) for x in mpmath.lu_solve(kronecker, right)]).reshape(size, size)
                error = relative(found.matrix[lane] - exact, exact)
                assert error < 1e-11
                assert error < 3 * found.error_estimate[lane]

    def test_lanes_do_not_disturb_each_other(self):
        """Lanes of very different pivots in one group: the bad ones are found and done again."""
        rng = np.random.default_rng(5)
        drift, diffusion = stable(rng, 128, 6)
        scale = 10.0 ** rng.uniform(-5, 5, size=(128, 6))
        drift = drift * scale[:, :, None] / scale[:, None, :]
        diffusion = diffusion * scale[:, :, None] * scale[:, None, :]
        order = np.argsort(rng.random((128, 6)), axis=1)
        rows = np.arange(128)[:, None, None]
        drift, diffusion = (m[rows, order[:, :, None], order[:, None, :]] for m in (drift, diffusion))
        with using(Engine.NUMPY):
            reference = solve_lyapunov(drift, diffusion)
        with using(Engine.NUMBA):
            found = solve_lyapunov(drift, diffusion)
        difference = relative(found.matrix - reference.matrix, reference.matrix)
        assert (difference < 3 * (found.error_estimate + reference.error_estimate)).all()
        assert difference.max() < 1e-9  # random scales over ten decades

    @pytest.mark.parametrize("records", [1, 2, 3])
    @pytest.mark.parametrize("size", [2, 4, 6])
    def test_riccati(self, size, records):
        rng = np.random.default_rng(10 * size + records)
        drift, diffusion = stable(rng, 100, size)
        measured, correlation = rng.normal(size=(100, records, size)), 0.05 * rng.normal(size=(100, size, records))
        noise = np.eye(records) * rng.uniform(0.5, 2.0, size=(100, 1, 1))
        diffusion = diffusion + correlation @ np.linalg.solve(noise, np.swapaxes(correlation, 1, 2))
        with using(Engine.NUMPY):
            reference = solve_riccati(drift, diffusion, measured, noise, correlation)
        with using(Engine.NUMBA):
            found = solve_riccati(drift, diffusion, measured, noise, correlation)
        assert relative(found.matrix - reference.matrix, reference.matrix).max() < 1e-12
        assert (found.error_estimate < 1e-12).all()

    @pytest.mark.parametrize("detector", [Homodyne(), Heterodyne(), Homodyne(efficiency=0.0)])
    def test_conditional_states_of_high_quality(self, detector):
        system = hybrid(np.random.default_rng(4), 100)
        with using(Engine.NUMPY):
            reference = conditional_state(system, detector)
        with using(Engine.NUMBA):
            found = conditional_state(system, detector)
        deviation = relative(found.covariance - reference.covariance, reference.covariance)
        assert (deviation < 3 * (found.error_estimate + reference.error_estimate)).all()
        assert deviation.max() < 1e-10  # quality factor 1e7

    @pytest.mark.parametrize("signs", [(1, -1), (1, 1), (0, 1)])
    def test_smallest_modes(self, signs):
        """Compiled, the closed form is the same arithmetic; the vacuum, two equal modes, is left to LAPACK by both."""
        rng = np.random.default_rng(6)
        half = rng.normal(size=(200, 4, 4))
        covariance = half @ np.swapaxes(half, 1, 2) + np.diag([0.01, 1.0, 1.0, 100.0])
        covariance[100] = np.eye(4) / 2
        form = np.repeat(np.array(signs, dtype=float), 2)[:, None] * symplectic_form(2)
        with using(Engine.NUMPY):
            reference = smallest_mode(covariance, form, 1e-12)
        with using(Engine.NUMBA):
            found = smallest_mode(covariance, form, 1e-12)
        np.testing.assert_allclose(found.value, reference.value, rtol=1e-15)
        np.testing.assert_allclose(found.relative_uncertainty, reference.relative_uncertainty, rtol=1e-12)

    def test_errors_are_those_of_numpy(self):
        growing = from_hamiltonian(np.zeros((2, 2)), [[1, -1j]])
        undamped = from_hamiltonian(np.eye(2), np.zeros((0, 2)))
        for system in (growing, undamped):
            with using(Engine.NUMBA), pytest.raises(Unstable):
                steady_state(system)
            with using(Engine.NUMBA), pytest.raises(Unstable):
                require_stable(system)
        with using(Engine.NUMBA), pytest.raises(Unresolved):
            solve_lyapunov(np.zeros((1, 2, 2)), np.eye(2)[None])


@pytest.mark.parametrize("size", [4, 10, 20])
def test_large_systems_go_through_a_schur_form_to_the_same_digits(size, monkeypatch):
    rng = np.random.default_rng(size)
    drift, diffusion = stable(rng, 3, size)
    scale = 10.0 ** rng.uniform(-3, 3, size)
    drift, diffusion = drift * scale[:, None] / scale, diffusion * scale[:, None] * scale
    monkeypatch.setattr("backaction.gaussian.lyapunov_dense.LARGEST_REDUCED", size)
    eliminated = solve_lyapunov(drift, diffusion)
    monkeypatch.setattr("backaction.gaussian.lyapunov_dense.LARGEST_REDUCED", size - 1)
    schur = solve_lyapunov(drift, diffusion)
    difference = relative(schur.matrix - eliminated.matrix, eliminated.matrix)
    assert (difference < 3 * (schur.error_estimate + eliminated.error_estimate)).all()
    assert difference.max() < 1e-11


def test_a_singular_large_system_is_refused(monkeypatch):
    monkeypatch.setattr("backaction.gaussian.lyapunov_dense.LARGEST_REDUCED", 1)
    with pytest.raises(Unresolved, match="singular"):
        solve_lyapunov(np.zeros((2, 2)), np.eye(2))


def test_a_solution_shows_stability_only_where_it_is_there():
    """Damping without noise has V = 0, and is stable all the same; a growing mode never passes."""
    quiet = from_hamiltonian(np.eye(2), [[1, 1j]]).with_outputs([])
    assert steady_state(quiet).covariance.shape == (2, 2)
    rng = np.random.default_rng(8)
    for _ in range(50):
        drift, diffusion = rng.normal(size=(6, 6)), np.eye(6)
        growing = np.linalg.eigvals(drift).real.max() > 0
        assert shows_stability(solve_and_certify(drift, diffusion)) != growing
