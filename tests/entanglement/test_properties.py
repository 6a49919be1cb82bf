"""What every entanglement criterion must obey, on random states."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue, steering
from backaction.gaussian import GaussianState
from backaction.gaussian.maps import add_noise, apply_loss, apply_symplectic
from backaction.gaussian.symplectic import beam_splitter, rotation, squeezing, two_mode_squeezing

STABLE = settings(derandomize=True, max_examples=50, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
SLACK = 1e-10  # rounding of the maps that prepare the states, grown by their squeezing


def local_map(rng: np.random.Generator) -> np.ndarray:
    return rotation(rng.uniform(0, 6)) @ squeezing(rng.uniform(0, 1)) @ rotation(rng.uniform(0, 6))


def random_state(rng: np.random.Generator) -> GaussianState:
    """Three modes, thermal, squeezed together pairwise, mixed and lossy."""
    names = ["a", "b", "c"]
    state = GaussianState.thermal(rng.exponential(0.4, 3), names)
    for first, second in (("a", "b"), ("b", "c"), ("c", "a")):
        state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 1), rng.uniform(0, 6)), [first, second])
        state = apply_symplectic(state, beam_splitter(rng.uniform(0, 1), rng.uniform(0, 6)), [first, second])
    return apply_loss(state, rng.uniform(0.3, 1))


def invariants(state: GaussianState) -> list[float]:
    return [
        float(smallest_ppt_eigenvalue(state, "a", "b")),
        float(log_negativity(state, "a", "b")),
        float(log_negativity(state, "a", ["b", "c"])),
        float(steering(state, "a", "b")),
        float(steering(state, ["b", "c"], "a")),
    ]


@STABLE
@given(SEEDS)
def test_local_symplectic_maps_change_nothing(seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng)
    changed = state
    for mode in state.modes:
        changed = apply_symplectic(changed, local_map(rng), mode)
    np.testing.assert_allclose(invariants(changed), invariants(state), atol=SLACK)


@STABLE
@given(SEEDS)
def test_a_partys_own_interferometer_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng)
    inside = two_mode_squeezing(rng.uniform(0, 1)) @ beam_splitter(rng.uniform(0, 1))
    changed = apply_symplectic(state, inside, ["b", "c"])
    for criterion in (smallest_ppt_eigenvalue, log_negativity, steering):
        before, after = criterion(state, "a", ["b", "c"]), criterion(changed, "a", ["b", "c"])
        assert abs(float(before) - float(after)) < SLACK


@STABLE
@given(SEEDS)
def test_local_phases_leave_duan_and_epr_alone(seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng)
    changed = state
    for mode in state.modes:
        changed = apply_symplectic(changed, rotation(rng.uniform(0, 6)), mode)
    for criterion in (duan_sum, epr_variance):
        assert abs(float(criterion(state, "a", "b")) - float(criterion(changed, "a", "b"))) < SLACK


@STABLE
@given(SEEDS, st.floats(0, 1))
def test_local_loss_never_entangles_more(seed, efficiency):
    state = random_state(np.random.default_rng(seed))
    for mode in ("a", "b"):
        lossy = apply_loss(state, efficiency, mode)
        assert float(log_negativity(lossy, "a", "b")) <= float(log_negativity(state, "a", "b")) + SLACK
        assert float(log_negativity(lossy, "a", ["b", "c"])) <= float(log_negativity(state, "a", ["b", "c"])) + SLACK
        if float(smallest_ppt_eigenvalue(state, "a", "b")) >= 0.5 + SLACK:
            assert float(smallest_ppt_eigenvalue(lossy, "a", "b")) >= 0.5 - SLACK
    assert float(steering(apply_loss(state, efficiency, "a"), "a", "b")) <= float(steering(state, "a", "b")) + SLACK


@STABLE
@given(SEEDS)
def test_the_criteria_are_ordered(seed):
    state = random_state(np.random.default_rng(seed))
    nu, duan, epr = (float(f(state, "a", "b")) for f in (smallest_ppt_eigenvalue, duan_sum, epr_variance))
    assert epr <= duan + SLACK
    assert 2 * nu <= epr + SLACK  # ν is the smallest that local squeezing makes of ½ of it
    steerable = max(float(steering(state, "a", "b")), float(steering(state, "b", "a")))
    assert steerable <= float(log_negativity(state, "a", "b")) + SLACK


@STABLE
@given(SEEDS)
def test_product_states_are_never_entangled(seed):
    rng = np.random.default_rng(seed)
    state = GaussianState.thermal(rng.exponential(0.3, 3), ["a", "b", "c"])
    for mode in state.modes:
        state = apply_symplectic(state, local_map(rng), mode)
    # b and c may be entangled with one another; a stands alone.
    state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 1)), ["b", "c"])
    assert separable(state, "a", ["b", "c"])


@STABLE
@given(SEEDS)
def test_mixtures_of_product_states_are_never_entangled(seed):
    rng = np.random.default_rng(seed)
    state = GaussianState.thermal(rng.exponential(0.3, 3), ["a", "b", "c"])
    for mode in state.modes:
        state = apply_symplectic(state, local_map(rng), mode)
    # Classically correlated displacements: V + any positive matrix.
    root = rng.normal(size=(6, 6)) * rng.exponential(2.0)
    mixed = GaussianState(np.zeros(6), state.covariance + root @ root.T, state.modes, state.error_estimate)
    assert separable(mixed, "a", ["b", "c"])
    assert separable(add_noise(mixed, 0.1), "c", ["a", "b"])


def separable(state: GaussianState, first: str, second: list[str]) -> bool:
    assert float(log_negativity(state, first, second)) < SLACK
    assert float(smallest_ppt_eigenvalue(state, first, second)) > 0.5 - SLACK
    assert float(steering(state, first, second)) < SLACK
    assert float(steering(state, second, first)) < SLACK
    for other in second:
        assert float(duan_sum(state, first, other)) > 1 - SLACK
        assert float(epr_variance(state, first, other)) > 1 - SLACK
        assert float(log_negativity(state, first, other)) < SLACK
    return True
