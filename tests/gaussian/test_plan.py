"""Plans of elimination: against LAPACK, for every pattern, with pivots that suit only some of the systems."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.gaussian import LinearSystem, Unphysical, Unstable, steady_state
from backaction.gaussian import lyapunov as front
from backaction.gaussian.dynamics import require_stable
from backaction.gaussian.engines import lanes, plan
from backaction.gaussian.lyapunov import relative_size, solve_and_certify, solve_lyapunov
from backaction.gaussian.lyapunov_dense import least_pivots, solve_dense
from backaction.systems import Hz, Loss, MHz, OptomechanicalCavity, SpinOscillator, kHz


def problem(rng, count, size, sparse=0.0):
    """Stable drifts of one random pattern, and diffusions of another."""
    pattern = (rng.random((size, size)) > sparse) | np.eye(size, dtype=bool)
    drift = rng.normal(size=(count, size, size)) * pattern
    drift -= 1.1 * np.eye(size) * np.abs(drift).sum(axis=2).max()
    factor = rng.normal(size=(count, size, size)) * (rng.random((size, size)) > sparse)
    return drift, factor @ np.swapaxes(factor, 1, 2)


def hybrid(count):
    """A spin and a membrane of high quality."""
    rng = np.random.default_rng(3)
    spin = SpinOscillator(
        frequency=-1.268 * MHz, linewidth=5.2 * kHz, readout_rate=rng.uniform(10, 100, count) * kHz, occupation=2.6
    )
    membrane = OptomechanicalCavity(
        mechanical_frequency=1.28 * MHz, mechanical_linewidth=0.05 * Hz, temperature=7.0, cavity_linewidth=10 * MHz,
        detuning=rng.uniform(-8, -2, count) * MHz, coupling=350 * kHz, input_fraction=0.96,
    )  # fmt: skip
    return (spin >> Loss(efficiency=0.61) >> membrane).system


def planned(drift, diffusion):
    """The batch by a plan, whatever it costs."""
    pattern = (drift != 0).any(axis=0), (diffusion != 0).any(axis=0)
    made = plan.plan(drift[:16], *pattern)
    count = len(drift)
    return lanes.solve_with_numpy(
        made, lanes.Systems(drift.reshape(count, -1), diffusion.reshape(count, -1), None, None, count)
    )


@pytest.mark.parametrize("sparse", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_every_pattern_has_the_solutions_of_lapack(size, sparse):
    drift, diffusion = problem(np.random.default_rng(size), 40, size, sparse)
    found, reference = planned(drift, diffusion), solve_dense(drift, diffusion)
    scale = np.abs(reference.matrix).max(axis=(1, 2), keepdims=True)
    scale[scale == 0] = 1.0  # no noise at all
    np.testing.assert_allclose(found.matrix / scale, reference.matrix / scale, rtol=0, atol=1e-14)
    if sparse == 0.0:
        np.testing.assert_allclose(found.pivot, least_pivots(reference.matrix), rtol=1e-9)  # small ones of many
        assert found.step.max() < 1e-12


def test_a_beam_of_light_leaves_few_steps():
    system = hybrid(16)
    pattern = (system.drift != 0).any(axis=0), (np.atleast_3d(system.diffusion) != 0).any(axis=0)
    made = plan.plan(system.drift, *pattern)
    assert len(made.factorise) + len(made.first) + len(made.again) < 400
    dense = plan.plan(np.random.default_rng(0).normal(size=(4, 6, 6)), *np.ones((2, 6, 6), dtype=bool))
    assert len(dense.factorise) > 5 * len(made.factorise)


def test_singular_samples_and_long_plans_have_none(monkeypatch):
    whole = np.ones((2, 2), dtype=bool)
    assert plan.plan(np.zeros((3, 2, 2)), whole, whole) is None
    assert plan.plan(-np.eye(2)[None], whole, whole) is not None
    monkeypatch.setattr(plan, "LONGEST", 5)
    assert plan.plan(-np.eye(2)[None] - 0.1, whole, whole) is None


def test_systems_for_which_the_pivots_are_zero_are_solved_all_the_same(monkeypatch):
    """The sample has a damped oscillator that is not coupled to the next, most others are coupled and not damped."""
    monkeypatch.setattr(front, "MANY", 8)
    monkeypatch.setattr(front, "_planned_pays", lambda made, count: True)
    one, other = np.diag([-1.0, -2.0, -3.0]), np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, -1.0, -1.0]])
    drift = np.repeat(other[None], 320, axis=0) * np.linspace(1, 2, 320)[:, None, None]
    drift[:: 320 // front.SAMPLE] = one
    diffusion = np.broadcast_to(np.eye(3), drift.shape)
    found, reference = solve_and_certify(drift, diffusion), solve_dense(drift, diffusion)
    assert relative_size(found.matrix - reference.matrix, reference.matrix).max() < 1e-14
    assert found.step.max() < 1e-12
    np.testing.assert_allclose(found.pivot, [least_pivots(v[None])[0] for v in reference.matrix], rtol=1e-12)


def test_batches_broadcast_without_copies():
    system = hybrid(50)
    noise = np.linspace(1, 2, 40)[:, None, None, None] * system.diffusion
    both = solve_lyapunov(system.drift, noise)
    assert both.matrix.shape == (40, 50, 6, 6)
    for i, j in ((0, 0), (39, 7)):
        single = solve_lyapunov(system.drift[j], noise[i] if noise.shape[1] == 1 else noise[i, j])
        single_matrix = single.matrix.reshape(6, 6)
        assert relative_size(both.matrix[i, j] - single_matrix, single_matrix) < 1e-14


def test_chunks_do_not_show(monkeypatch):
    system = hybrid(1000)
    whole = solve_lyapunov(system.drift, system.diffusion)
    monkeypatch.setattr(lanes, "FEWEST", 7)
    monkeypatch.setattr(lanes, "DOUBLES", 1000)
    monkeypatch.setattr(front, "CALL", 0.0)
    parts = solve_lyapunov(system.drift, system.diffusion)
    assert (whole.matrix == parts.matrix).all()
    np.testing.assert_array_equal(whole.error_estimate, parts.error_estimate)


def test_a_growing_mode_has_no_positive_pivot():
    drift, diffusion = -np.eye(4)[None] * np.ones((20, 1, 1)), np.broadcast_to(np.eye(4), (20, 4, 4))
    drift[:, 2, 2] = np.linspace(0.5, 1.5, 20) + 0.01
    assert (planned(drift, diffusion).pivot < 0).all()


class TestSteadyStatesOfManySystems:
    """The errors of large batches are those of single systems."""

    def batch(self, rates):
        """A cavity with gain or loss behind one that decays."""
        drift = np.zeros((len(rates), 4, 4))
        drift[:, [0, 1], [0, 1]] = -1.0
        drift[:, [2, 3], [2, 3]] = np.asarray(rates)[:, None]
        drift[:, 2, 0] = 0.3
        return LinearSystem(drift, np.eye(4), np.zeros((0, 4)), np.zeros((0, 4)), modes=["first", "second"])

    def test_stable(self):
        system = self.batch(-np.linspace(0.1, 5, 700))
        state = steady_state(system)
        np.testing.assert_allclose(state.covariance[:, 3, 3], 0.25 / np.linspace(0.1, 5, 700), rtol=1e-14)
        assert not state.covariance.flags.writeable and not state.mean.any()
        require_stable(system)

    def test_one_that_grows(self):
        rates = -np.linspace(0.1, 5, 700)
        rates[333] = 0.25
        for ask in (steady_state, require_stable):
            with pytest.raises(Unstable, match=r"0\.25 .* of mode 'second' grows") as caught:
                ask(self.batch(rates))
            assert caught.value.eigenvalue == 0.25

    def test_one_that_does_not_decay(self):
        rates = -np.linspace(0.1, 5, 700)
        rates[5] = 0.0
        for ask in (steady_state, require_stable):
            with pytest.raises(Unstable, match="does not decay"):
                ask(self.batch(rates))

    def test_one_that_almost_does_not_decay(self):
        rates = -np.linspace(0.1, 5, 700)
        rates[5] = -1e-18  # resolved all the same: nothing is coupled to it
        assert steady_state(self.batch(rates)).covariance[5, 3, 3] == pytest.approx(0.25e18)

    def test_damping_without_noise_is_stable_and_no_state(self):
        """V = 0 shows nothing; the poles do. As a state it is refused, as for one system."""
        quiet = LinearSystem(
            -np.eye(2) * np.linspace(1, 2, 600)[:, None, None], np.zeros((2, 2)), np.zeros((0, 2)), np.zeros((0, 2))
        )
        require_stable(quiet)
        with pytest.raises(Unphysical, match="variance 0"):
            steady_state(quiet)
