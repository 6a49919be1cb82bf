"""Poles, evolution and stability: against SciPy's integrator, 50-digit exponentials and the stationary state."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from backaction.gaussian import (
    GaussianState,
    InvalidInput,
    LinearSystem,
    Unstable,
    evolve,
    from_hamiltonian,
    growth_rate,
    leading_pole,
    poles,
    steady_state,
)
from backaction.gaussian.lyapunov import relative_size
from backaction.systems import OptomechanicalCavity, SpinOscillator
from backaction.systems.published import moller2017


def random_system(rng, modes=2, batch=(), margin=0.2):
    """A system from a random Hamiltonian and couplings; `margin` moves its fastest growing pole to −margin."""
    hamiltonian = rng.normal(size=(*batch, 2 * modes, 2 * modes))
    couplings = rng.normal(size=(*batch, 2, 2 * modes)) + 1j * rng.normal(size=(*batch, 2, 2 * modes))
    system = from_hamiltonian(hamiltonian + np.swapaxes(hamiltonian, -1, -2), couplings)
    shift = growth_rate(system) + margin
    return LinearSystem(
        system.drift - shift[..., None, None] * np.eye(2 * modes),
        system.input_matrix,
        system.output_matrix,
        system.feedthrough,
    )


def random_state(rng, modes=2):
    factor = rng.normal(size=(2 * modes, 2 * modes))
    return GaussianState(rng.normal(size=2 * modes), factor @ factor.T + np.eye(2 * modes))


def integrated(system, state, time):
    """Mean and covariance from the differential equation."""
    size = len(system.drift)

    def rate(_, values):
        mean, v = values[:size], values[size:].reshape(size, size)
        moved = system.drift @ v
        return np.concatenate([system.drift @ mean, (moved + moved.T + system.diffusion).ravel()])

    start = np.concatenate([state.mean, state.covariance.ravel()])
    end = solve_ivp(rate, (0, time), start, method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]
    return end[:size], end[size:].reshape(size, size)


def cascade(detuning=1.0):
    first = SpinOscillator(frequency=-1.0, linewidth=1e-3, occupation=1.0, readout_rate=0.05)
    second = SpinOscillator(frequency=detuning, linewidth=1e-4, occupation=5.0, readout_rate=0.05)
    return (first >> second).system


@pytest.mark.parametrize("margin", [0.2, -0.3])  # a stable and an unstable system
@pytest.mark.parametrize("time", [1e-6, 0.3, 5.0])
def test_evolution_against_an_integrator(margin, time):
    rng = np.random.default_rng(1)
    system, state = random_system(rng, margin=margin), random_state(rng)
    assert (growth_rate(system) > 0) == (margin < 0)
    mean, covariance = integrated(system, state, time)
    later = evolve(system, state, time)
    np.testing.assert_allclose(later.mean, mean, atol=1e-9 * np.abs(mean).max())  # the integrator's error
    assert relative_size(later.covariance - covariance, covariance) < 1e-9


@pytest.mark.parametrize("time", [1e-9, 1e-3, 1.0, 30.0, 1e3, 1e4])
def test_evolution_and_its_error_estimate_against_50_digits(time):
    system = cascade()
    squeezed = GaussianState(np.zeros(4), np.diag([0.05, 5, 0.5, 0.5]), system.modes)
    size = len(system.drift)
    with mpmath.workdps(50):
        t = mpmath.mpf(time)
        block = mpmath.zeros(2 * size)
        block[:size, :size] = -mpmath.matrix(system.drift.tolist()) * t
        block[:size, size:] = mpmath.matrix(system.diffusion.tolist()) * t
        block[size:, size:] = mpmath.matrix(system.drift.T.tolist()) * t
        exponential = mpmath.expm(block, method="taylor")
        forward = exponential[size:, size:].T
        exact = forward * mpmath.matrix(squeezed.covariance.tolist()) * forward.T
        exact = np.array((exact + forward * exponential[:size, size:]).tolist(), dtype=np.float64)
    later = evolve(system, squeezed, time)
    error = relative_size(later.covariance - exact, exact)
    assert error < 1e-11
    assert later.error_estimate >= error / 3


def test_evolution_ends_in_the_steady_state():
    for system in (cascade(), moller2017.network(moller2017.FIG3, mass=-1).system):
        end = steady_state(system)
        start = GaussianState.vacuum(system.modes)
        later = evolve(system, start, 40 / -growth_rate(system))
        assert relative_size(later.covariance - end.covariance, end.covariance) < 1e-10  # the phase error, eps Ω/γ
        assert relative_size(later.covariance - end.covariance, end.covariance) < later.error_estimate


def test_phase_error_is_forgotten_with_the_phase():
    stable, growing = cascade(), random_system(np.random.default_rng(8), margin=-1e-6)
    estimate = [evolve(stable, GaussianState.vacuum(stable.modes), t).error_estimate for t in (1e6, 1e9)]
    assert estimate[1] == estimate[0] < 1e-10
    estimate = [evolve(growing, GaussianState.vacuum(growing.modes), t).error_estimate for t in (1e3, 1e6)]
    assert estimate[1] > 100 * estimate[0]


def test_evolution_leaves_the_steady_state_alone():
    system = cascade()
    end = steady_state(system)
    later = evolve(system, end, [0.0, 1.0, 1e4]).covariance
    assert relative_size(later - end.covariance, end.covariance).max() < 1e-11  # the phase error at Ωt = 1e4


def test_time_zero_and_two_halves():
    rng = np.random.default_rng(2)
    system, state = random_system(rng, margin=-0.1), random_state(rng)
    now = evolve(system, state, 0.0)
    assert (now.covariance == state.covariance).all() and (now.mean == state.mean).all()
    twice, once = evolve(system, evolve(system, state, 0.7), 0.9), evolve(system, state, 1.6)
    np.testing.assert_allclose(twice.mean, once.mean, rtol=1e-12)
    assert relative_size(twice.covariance - once.covariance, once.covariance) < 1e-13


def test_batch_of_times_and_systems_is_the_loop_of_single_ones():
    rng = np.random.default_rng(3)
    system, state = random_system(rng, batch=(3,)), random_state(rng)
    times = np.array([1e-12, 1e-3, 0.5, 20.0])
    both = evolve(system, state, times[:, None])
    assert both.covariance.shape == (4, 3, 4, 4) and both.error_estimate.shape == (4, 3)
    for i, j in np.ndindex(4, 3):
        lane = LinearSystem(system.drift[j], system.input_matrix[j], system.output_matrix[j], system.feedthrough)
        single = evolve(lane, state, times[i])
        assert relative_size(both.covariance[i, j] - single.covariance, single.covariance) < 1e-12
        np.testing.assert_allclose(both.mean[i, j], single.mean, rtol=1e-12)


def test_grown_beyond_floats_is_an_error():
    system = random_system(np.random.default_rng(4), margin=-1.0)
    with pytest.raises(Unstable, match="grown beyond what a float can hold: the pole 1 ") as caught:
        evolve(system, GaussianState.vacuum(system.modes), 1e6)
    assert caught.value.eigenvalue.real == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("time", "modes", "message"),
    [
        (-1.0, None, "must be ≥ 0, got -1.0 s; noise cannot be undone"),
        (np.nan, None, "evolution time has an entry that is not finite"),
        (np.inf, None, "evolution time has an entry that is not finite"),
        (1j, None, "must be an array of real numbers"),
        (1.0, ("a", "b"), "they must be the same"),
        (np.ones(3), None, "do not broadcast: system .2,., state .., time .3,."),
    ],
)
def test_bad_evolution(time, modes, message):
    system = random_system(np.random.default_rng(5), batch=(2,))
    with pytest.raises(InvalidInput, match=message):
        evolve(system, GaussianState.vacuum(modes or system.modes), time)


def test_poles_against_the_whole_matrix():
    system = random_system(np.random.default_rng(6), 3, (4,))
    expected = np.linalg.eigvals(system.drift)
    assert poles(system).shape == (4, 6)
    for ours, numpys in zip(poles(system), expected, strict=True):
        np.testing.assert_allclose(np.sort_complex(ours), np.sort_complex(numpys), atol=1e-12)
    np.testing.assert_allclose(growth_rate(system), expected.real.max(axis=-1), rtol=1e-12)


def cavity(detuning, name, coupling=0.05):
    return OptomechanicalCavity(
        mechanical_frequency=1.0,
        mechanical_linewidth=1e-3,
        occupation=0,
        cavity_linewidth=1.0,
        detuning=detuning,
        coupling=coupling,
        name=name,
    )


def test_equal_poles_of_a_cascade_keep_their_digits():
    one = np.linalg.eigvals(cavity(-1.0, "a").system("a").drift)
    system = (cavity(-1.0, "a") >> cavity(-1.0, "b") >> cavity(-1.0, "c")).system
    np.testing.assert_allclose(np.sort(poles(system).real), np.sort(np.tile(one, 3).real), rtol=1e-13)
    whole = np.linalg.eigvals(system.drift).real.max() - one.real.max()
    assert abs(whole) > 1e-8  # what a defective matrix does to the usual method


def test_leading_pole_names_the_mode_that_moves_not_the_one_it_drives():
    # the first cavity is heated, and drives the second, resonant and narrow, to a much larger amplitude
    driven = SpinOscillator(frequency=1.0, linewidth=1e-3, occupation=0, readout_rate=1.0, name="driven")
    system = (cavity(1.0, "hot") >> driven).system
    value, mode = leading_pole(system)
    assert mode == "hot"
    assert value.real == pytest.approx(float(growth_rate(system)))
    with pytest.raises(Unstable, match=f"the pole {value.real:.6g} .* of mode 'hot' grows") as caught:
        steady_state(system)
    assert caught.value.eigenvalue == value and caught.value.mode == "hot"


def test_leading_pole_of_a_batch():
    batch = cavity(np.array([-1.0, 1.0, -0.5]), "m").system("m")
    assert leading_pole(batch) == leading_pole(cavity(1.0, "m").system("m"))
    with pytest.raises(Unstable):
        steady_state(batch)


def test_undamped_system_is_unstable_with_rate_zero():
    free = from_hamiltonian(np.eye(2), np.zeros((1, 2)), modes=["m"])
    with pytest.raises(Unstable, match=r"the pole 0 [+-]1i rad/s of mode 'm' does not decay"):
        steady_state(free)


def test_static_and_empty_systems():
    static = LinearSystem(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.eye(2))
    assert poles(static).shape == (0,)
    assert growth_rate(static) == -np.inf
    state = steady_state(static)
    assert state.modes == () and state.covariance.shape == (0, 0)
    assert evolve(static, state, [1.0, 2.0]).covariance.shape == (2, 0, 0)
    empty = random_system(np.random.default_rng(7), batch=(3,))
    empty = LinearSystem(*(m[:0] for m in (empty.drift, empty.input_matrix, empty.output_matrix)), empty.feedthrough)
    assert steady_state(empty).covariance.shape == (0, 4, 4)
    assert evolve(empty, GaussianState.vacuum(empty.modes), 1.0).covariance.shape == (0, 4, 4)
    for system in (static, empty):
        with pytest.raises(InvalidInput, match="has no poles"):
            leading_pole(system)
