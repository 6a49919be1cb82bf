"""What a positivity defect can fake: two modes that never met, states near a covariance that is none, closed forms."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from backaction.entanglement import (
    Normal,
    Verdict,
    band,
    contangle,
    duan_sum,
    duan_sum_of_system,
    epr_variance,
    epr_variance_at,
    genuine_multipartite,
    log_negativity,
    reid_product,
    simon,
    smallest_ppt_eigenvalue,
    steering,
    van_loock_furusawa,
)
from backaction.entanglement.defects import defect
from backaction.entanglement.verdicts import PPT
from backaction.gaussian import (
    GaussianState,
    Homodyne,
    InvalidInput,
    conditional_state,
    positivity_defect,
    steady_state,
    two_mode_squeezed,
)
from backaction.systems import Loss, MechanicalOscillator, Network, Rotation, SpinOscillator, Squeezer

PAIRWISE = (
    log_negativity,
    smallest_ppt_eigenvalue,
    duan_sum,
    epr_variance,
    steering,
    simon,
    contangle,
    reid_product,
    van_loock_furusawa,
    lambda state, a, b: epr_variance_at(state, a, b, -0.7, 0.3, -0.4),
)


def cold(name, gamma=0.2, occupation=0.0, frequency=1.0, readout=0.05, zeta=0.0):
    return MechanicalOscillator(
        name=name,
        mechanical_frequency=frequency,
        mechanical_linewidth=gamma,
        readout_rate=readout,
        occupation=occupation,
        tensor_coupling=zeta,
    )


def test_two_oscillators_behind_an_opaque_link_are_not_entangled():
    """Uncorrelated by construction, γ/Ω = 0.2, n = 0: each has ν < ½ alone, and so has the pair."""
    network = cold("a") >> Loss(efficiency=0.0) >> cold("b")
    state = conditional_state(network.system, Homodyne())
    found = log_negativity(state, "a", "b")
    assert 1e-3 < float(found) < 1e-2
    assert float(found.defect) == pytest.approx(float(positivity_defect(state)), rel=1e-12)
    assert found.verdict is Verdict.UNDETERMINED
    assert smallest_ppt_eigenvalue(state, "a", "b").verdict is Verdict.UNDETERMINED


def test_uncorrelated_oscillators_in_random_networks_are_never_entangled():
    """Every link is opaque, so that the truth is a product, whatever stands between the links."""
    rng = np.random.default_rng(11)
    faked = 0
    for trial in range(60):
        count = int(rng.integers(2, 5))
        parts = []
        for i in range(count):
            zeta = rng.choice([0.0, 0.5])
            make = SpinOscillator if i == 0 and rng.random() < 0.5 else None
            gamma, n, f = 10 ** rng.uniform(-2, -0.3), rng.choice([0.0, 0.0, 0.01]), 10 ** rng.uniform(-0.5, 0.5)
            gamma_readout = 10 ** rng.uniform(-4, -0.5)
            parts += [Squeezer(name=f"s{i}", squeezing=rng.choice([0.0, 6.0]), angle=rng.uniform(0, 3))]
            if make:
                parts += [
                    SpinOscillator(
                        name=f"m{i}",
                        frequency=-f,
                        linewidth=gamma,
                        readout_rate=gamma_readout,
                        occupation=n,
                        tensor_coupling=zeta,
                    )
                ]
            else:
                parts += [cold(f"m{i}", gamma, n, f, gamma_readout, zeta)]
            parts += [Rotation(name=f"r{i}", angle=rng.uniform(0, 3)), Loss(name=f"l{i}", efficiency=0.0)]
        network = Network(tuple(parts))
        states = [steady_state(network.system)]
        states += [conditional_state(network.system, [Homodyne(f"l{i}", rng.uniform(0, 3), 0.9) for i in range(count)])]
        for state in states:
            cross = state.covariance.reshape(count, 2, count, 2)[0, :, 1, :]
            np.testing.assert_allclose(cross, 0.0, atol=1e-12)
            for criterion in PAIRWISE:
                found = criterion(state, "m0", "m1")
                assert found.verdict is not Verdict.ENTANGLED
                bound = found.origin.bound
                faked += float(found) < bound.value if bound.below else float(found) > bound.value
            if trial < 4:  # it searches, and is slow
                assert genuine_multipartite(state).verdict is not Verdict.ENTANGLED
    assert faked > 20  # the values alone would have said "entangled"


@pytest.mark.parametrize("seed", range(8))
def test_every_state_within_the_defect_lies_in_the_range(seed):
    """V′ = V + δ − sW is a state for some W ≥ 0; its criteria are computed by themselves."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(4, 4)) * 0.6
    form = 0.5j * np.kron(np.eye(2), [[0, 1], [-1, 0]])
    loose = factor @ factor.T + 0.1 * np.eye(4)
    smallest = np.linalg.eigvalsh(loose + form)[0]
    covariance = loose - (smallest + rng.uniform(0.001, 0.02)) * np.eye(4)
    state = GaussianState(np.zeros(4), covariance, ["a", "b"], allowed_defect=np.inf)
    delta = float(defect(state))
    assert delta > 0
    for _ in range(20):
        root = rng.normal(size=(4, rng.integers(1, 5)))
        taken = root @ root.T / np.linalg.norm(root @ root.T, 2)
        noisiest = covariance + delta * np.eye(4)
        s = 2 * delta
        while np.linalg.eigvalsh(noisiest - s * taken + form)[0] < -1e-15:
            s *= 0.7
            if s < 1e-9 * delta:
                s = 0.0
        near = GaussianState(np.zeros(4), noisiest - s * taken, ["a", "b"])
        assert np.linalg.norm(near.covariance - covariance, 2) <= delta * (1 + 1e-9)
        for criterion in (log_negativity, smallest_ppt_eigenvalue, duan_sum, epr_variance, steering, reid_product):
            low, high = criterion(state, "a", "b").range
            assert low - 1e-9 <= float(criterion(near, "a", "b")) <= high + 1e-9


def test_what_the_defect_adds_to_the_sums_is_twice_itself():
    state = GaussianState(np.zeros(4), 0.97 * two_mode_squeezed(0.3, ["a", "b"]).covariance, allowed_defect=np.inf)
    delta = float(positivity_defect(state))
    for criterion in (duan_sum, epr_variance):
        found = criterion(state, "mode0", "mode1")
        low, high = found.range
        np.testing.assert_allclose([low, high], float(found) + np.array([-2, 2]) * delta, rtol=1e-12)
    nu = smallest_ppt_eigenvalue(state, "mode0", "mode1")
    least = np.linalg.eigvalsh(state.covariance)[0]
    low, high = nu.range
    assert float(nu) < high <= float(nu) * (1 + delta / least) * (1 + 1e-12)
    transposed = 0.5j * np.kron(np.diag([1, -1]), [[0, 1], [-1, 0]])
    beyond = -np.linalg.eigvalsh(state.covariance + transposed)[0] > delta
    assert (high < 0.5) == beyond


def test_real_entanglement_stays_entangled():
    state = GaussianState(
        np.zeros(4), two_mode_squeezed(1.0, ["a", "b"]).covariance - 0.01 * np.eye(4), ["a", "b"], 0.0, np.inf
    )
    for criterion in PAIRWISE[:-1]:
        assert criterion(state, "a", "b").verdict is Verdict.ENTANGLED
        assert float(criterion(state, "a", "b").defect) == pytest.approx(0.01, rel=1e-9)
    assert duan_sum(GaussianState.vacuum(["a", "b"]), "a", "b").verdict is Verdict.UNDETERMINED
    hot = GaussianState.thermal([1.0, 1.0], ["a", "b"])
    assert smallest_ppt_eigenvalue(hot, "a", "b").verdict is Verdict.SEPARABLE
    warm = hot.tensor(GaussianState(np.zeros(2), 0.49 * np.eye(2), ["c"], 0.0, np.inf))
    assert smallest_ppt_eigenvalue(warm, "a", "b").verdict is Verdict.SEPARABLE


def test_a_batch_has_a_defect_a_lane_and_no_single_verdict():
    covariance = np.array([0.49, 0.5, 2.0])[:, None, None] * np.eye(4)
    state = GaussianState(np.zeros((3, 4)), covariance, ["a", "b"], allowed_defect=np.inf)
    found = smallest_ppt_eigenvalue(state, "a", "b")
    np.testing.assert_allclose(found.defect, [0.01, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found.range, [[0.48, 0.5, 2.0], [0.5, 0.5, 2.0]], rtol=1e-9)
    with pytest.raises(InvalidInput, match="a batch of shape"):
        assert found.verdict


def test_many_lanes_have_the_defect_of_single_ones():
    rng = np.random.default_rng(5)
    root = rng.normal(size=(400, 6, 6)) * 10 ** rng.uniform(-1, 4, size=(400, 1, 1))
    covariance = root @ np.swapaxes(root, -1, -2) + rng.uniform(0, 0.6, size=(400, 1, 1)) * np.eye(6)
    state = GaussianState(np.zeros((400, 6)), covariance, ["a", "b", "c"], allowed_defect=np.inf)
    alone = [defect(GaussianState(np.zeros(6), one, allowed_defect=np.inf)) for one in covariance]
    np.testing.assert_array_equal(defect(state), alone)
    raw = positivity_defect(state)
    norm = np.linalg.norm(covariance, 2, axis=(-2, -1))
    np.testing.assert_array_equal(defect(state), np.where(raw > np.maximum(1e-9, 1e-14 * norm), raw, 0.0))
    assert 0 < (defect(state) > 0).sum() < 400


def test_a_band_is_as_wide_as_the_defect_makes_it():
    network = cold("a") >> Loss(efficiency=0.0) >> cold("b")

    def evaluate(parameters):
        return smallest_ppt_eigenvalue(
            conditional_state(network.with_parameters(parameters).system, Homodyne()), "a", "b"
        )

    found = band(evaluate, {"a.readout_rate": Normal(0.05, 0.001)}, PPT, draws=50)
    assert found.samples.max() < 0.5  # "entangled" by the values alone
    assert found.verdict is Verdict.UNDETERMINED
    assert found.defect > 1e-3


def test_the_quiet_basis_has_the_same_defect():
    network = cold("a") >> Loss(efficiency=0.0) >> cold("b")
    found = duan_sum_of_system(network.system, "a", "b")
    assert float(found.defect) == pytest.approx(float(positivity_defect(steady_state(network.system))), rel=1e-9)


def test_results_travel():
    state = conditional_state((cold("a") >> Loss(efficiency=0.5) >> cold("b")).system, Homodyne())
    for criterion in (log_negativity, epr_variance, reid_product, simon, contangle):
        found = criterion(state, "a", "b")
        for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
            assert float(again) == float(found)
            assert again.range == found.range
