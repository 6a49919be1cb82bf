"""Simon, given gains, Reid, many parties, information: closed forms, second roads, properties."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from backaction.entanglement import (
    bipartitions,
    contangle,
    discord,
    duan_sum,
    entanglement_of_formation,
    epr_variance,
    epr_variance_at,
    genuine_multipartite,
    inseparability,
    log_negativity,
    mutual_information,
    reid_product,
    simon,
    smallest_ppt_eigenvalue,
    steering,
    van_loock_furusawa,
)
from backaction.gaussian import (
    GaussianState,
    InvalidInput,
    Unresolved,
    add_noise,
    apply_loss,
    apply_symplectic,
    fidelity,
    squeezed,
    two_mode_squeezed,
    von_neumann_entropy,
)
from backaction.gaussian.symplectic import beam_splitter, rotation, squeezing, two_mode_squeezing

STABLE = settings(derandomize=True, max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
SLACK = 2e-9  # rounding in the maps that prepare the states, grown by their squeezing


def local_map(rng):
    return rotation(rng.uniform(0, 6)) @ squeezing(rng.uniform(0, 1)) @ rotation(rng.uniform(0, 6))


def random_state(rng, modes="abc"):
    state = GaussianState.thermal(rng.exponential(0.3, len(modes)), list(modes))
    for first, second in zip(modes, modes[1:] + modes[0], strict=True):
        state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 1), rng.uniform(0, 6)), [first, second])
        state = apply_symplectic(state, beam_splitter(rng.uniform(0, 1), rng.uniform(0, 6)), [first, second])
    return apply_loss(state, rng.uniform(0.3, 1))


def greenberger(r, modes="abc"):
    """One p-squeezed mode among x-squeezed ones on beam splitters: the state of Greenberger, Horne and Zeilinger."""
    state = squeezed(-r, modes[0])
    for name in modes[1:]:
        state = state.tensor(squeezed(r, name))
    for i in range(len(modes) - 1):
        state = apply_symplectic(state, beam_splitter(1 / (len(modes) - i)), [modes[i], modes[i + 1]])
    return state


@STABLE
@given(SEEDS)
def test_simon_is_his_invariant_and_agrees_with_ppt(seed):
    state = random_state(np.random.default_rng(seed)).marginal(["a", "b"])
    v, det = state.covariance, np.linalg.det
    a, b, c = v[:2, :2], v[2:, 2:], v[:2, 2:]
    form = np.array([[0, 1], [-1, 0]])
    printed = (
        det(a) * det(b)
        + (0.25 + det(c)) ** 2
        - np.trace(a @ form @ c @ form @ b @ form @ c.T @ form)
        - 0.25 * (det(a) + det(b))
    )
    assert float(simon(state, "a", "b")) == pytest.approx(printed, rel=1e-9, abs=1e-9)
    ppt = float(smallest_ppt_eigenvalue(state, "a", "b"))
    assert (float(simon(state, "a", "b")) < 0) == (ppt < 0.5)


@STABLE
@given(SEEDS)
def test_given_gains_reproduce_the_best_ones_and_never_beat_them(seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng)
    best = epr_variance(state, "a", "b")
    same = epr_variance_at(state, "a", "b", best.gain, best.phase)
    assert float(same) == pytest.approx(float(best), rel=1e-12)
    aligned = duan_sum(state, "a", "b")
    assert float(epr_variance_at(state, "a", "b", -1.0, best.phase)) == pytest.approx(float(aligned), rel=1e-12)
    others = epr_variance_at(state, "a", "b", rng.normal(size=20), rng.uniform(0, 6, 20))
    assert (others.value >= float(best) * (1 - 1e-12)).all()
    g, phase, g_p = 0.7, 0.4, -1.3
    v = state.marginal(["a", "b"]).covariance
    u = np.array([1, 0, g * np.cos(phase), -g * np.sin(phase)])
    w = np.array([0, 1, -g_p * np.sin(phase), -g_p * np.cos(phase)])
    expected = (u @ v @ u + w @ v @ w) / (1 + abs(g * g_p))
    assert float(epr_variance_at(state, "a", "b", g, phase, g_p)) == pytest.approx(expected, rel=1e-12)


@STABLE
@given(SEEDS)
def test_reid_is_a_determinant_and_decides_steering(seed):
    state = random_state(np.random.default_rng(seed))
    v = state.marginal(["a", "b", "c"]).covariance
    schur = v[:2, :2] - v[:2, 2:] @ np.linalg.solve(v[2:, 2:], v[2:, :2])
    product = reid_product(state, "a", ["b", "c"])
    assert float(product) == pytest.approx(np.linalg.det(schur), rel=1e-9)
    assert float(reid_product(state, "a", ["b", "c"], 0.0)) == pytest.approx(schur[0, 0] * schur[1, 1], rel=1e-9)
    expected = max(0.0, -0.5 * np.log(4 * float(product)))
    assert float(steering(state, ["b", "c"], "a")) == pytest.approx(expected, abs=1e-9)
    # The gains that are told have the variances that are told.
    frame = rotation(float(product.angle)).T
    variances = [
        np.concatenate([frame[i], -product.gains[i]]) @ v @ np.concatenate([frame[i], -product.gains[i]])
        for i in (0, 1)
    ]
    assert np.prod(variances) == pytest.approx(float(product), rel=1e-9)


@STABLE
@given(SEEDS)
def test_van_loock_furusawa_finds_the_best_gains(seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng)
    witness = van_loock_furusawa(state, "b", ["a", "c"])
    again = van_loock_furusawa(state, "b", ["a", "c"], witness.h[0::2], witness.g[1::2])
    assert float(again) == pytest.approx(float(witness), rel=1e-12)
    tried = van_loock_furusawa(state, "b", ["a", "c"], rng.normal(size=(50, 3)), rng.normal(size=(50, 3)))
    assert (tried.value > float(witness) * (1 - 1e-12)).all()
    nearby = witness.h[0::2] + 1e-3 * rng.normal(size=(50, 3))
    assert (van_loock_furusawa(state, "b", ["a", "c"], nearby, witness.g[1::2]).value > float(witness) - 1e-12).all()
    # No pair of quadratures beats the partial transpose.
    assert float(witness) >= 2 * float(smallest_ppt_eigenvalue(state, "b", ["a", "c"])) - SLACK


@pytest.mark.parametrize("r", [0.3, 1.0, 2.0])
def test_greenberger_states_are_genuinely_entangled(r):
    state = greenberger(r)
    value = float(genuine_multipartite(state))
    assert 2 * max(float(cut) for cut in inseparability(state).values()) <= value + SLACK
    lossy = [float(genuine_multipartite(apply_loss(state, eta))) for eta in (0.9, 0.6)]
    assert value < lossy[0] < min(lossy[1], 1)


def test_the_genuine_witness_is_as_good_as_a_long_search():
    rng = np.random.default_rng(3)
    form = np.kron(np.eye(3), [[0, 1], [-1, 0]])
    for _ in range(2):
        state = GaussianState.vacuum(["a", "b", "c"])
        for pair in (["a", "b"], ["b", "c"], ["c", "a"]):
            state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 1), rng.uniform(0, 6)), pair)
        state = apply_loss(state, 0.7)
        v = state.covariance
        signs = [
            np.repeat([1.0 if name in cut[0] else -1.0 for name in "abc"], 2) for cut in bipartitions(["a", "b", "c"])
        ]

        def ratio(z, v=v, signs=signs):
            h, g = z[:6], z[6:]
            bound = min(max(abs(h @ form @ g), abs((h * sign) @ form @ g)) for sign in signs)
            return 2 * np.sqrt((h @ v @ h) * (g @ v @ g)) / max(bound, 1e-9)

        best = 9.0
        for _ in range(4):
            found = minimize(
                ratio, rng.normal(size=12), method="Nelder-Mead", options={"maxfev": 6000, "adaptive": True}
            )
            best = min(best, found.fun)
        witness = genuine_multipartite(state)
        assert float(witness) < min(1.0, best * 1.005)  # both are local searches
        assert ratio(np.concatenate([witness.h, witness.g])) == pytest.approx(float(witness), rel=1e-9)


@STABLE
@given(SEEDS)
def test_biseparable_mixtures_never_violate_the_genuine_witness(seed):
    """Covariances of mixtures: one member entangled across ab|c, one across a|bc, and classical noise."""
    rng = np.random.default_rng(seed)
    members = []
    for pair in (["a", "b"], ["b", "c"], ["a", "c"]):
        state = GaussianState.vacuum(["a", "b", "c"])
        state = apply_symplectic(state, two_mode_squeezing(rng.uniform(0, 2), rng.uniform(0, 6)), pair)
        members.append(state.covariance)
    weights = rng.dirichlet([1, 1, 1])
    covariance = np.einsum("k,kij->ij", weights, np.array(members))
    mixture = GaussianState(np.zeros(6), covariance, ["a", "b", "c"])
    assert float(genuine_multipartite(mixture)) > 1 - SLACK


@STABLE
@given(SEEDS)
def test_mixtures_of_products_violate_nothing(seed):
    rng = np.random.default_rng(seed)
    state = GaussianState.thermal(rng.exponential(0.3, 3), ["a", "b", "c"])
    for mode in state.modes:
        state = apply_symplectic(state, local_map(rng), mode)
    root = rng.normal(size=(6, 6)) * rng.exponential(1.0)
    state = GaussianState(np.zeros(6), state.covariance + root @ root.T, state.modes, state.error_estimate)
    assert float(simon(state, "a", "b")) > -SLACK
    assert float(reid_product(state, "a", ["b", "c"])) > 0.25 - SLACK
    assert float(van_loock_furusawa(state, "a", ["b", "c"])) > 1 - SLACK
    assert float(genuine_multipartite(state)) > 1 - SLACK
    assert (epr_variance_at(state, "a", "b", rng.normal(size=20), rng.uniform(0, 6, 20)).value > 1 - SLACK).all()
    assert min(float(cut) for cut in inseparability(state).values()) > 0.5 - SLACK
    assert float(contangle(state, "a", "b")) == 0
    assert float(entanglement_of_formation(state, "a", "b")) == 0


@STABLE
@given(SEEDS)
def test_information_is_invariant_and_ordered(seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng)
    changed = state
    for mode in state.modes:
        changed = apply_symplectic(changed, local_map(rng), mode)
    for measure in (mutual_information, discord, contangle, entanglement_of_formation):
        assert float(measure(changed, "a", "b")) == pytest.approx(float(measure(state, "a", "b")), abs=1e-7)  # √eps
    total = float(mutual_information(state, "a", "b"))
    assert -SLACK < float(discord(state, "a", "b")) <= total + SLACK
    if float(discord(state, "a", "b")) > 1:
        assert float(log_negativity(state, "a", "b")) > 0
    assert float(mutual_information(state, "a", "b")) <= float(mutual_information(state, "a", ["b", "c"])) + SLACK
    assert float(contangle(state, "a", "b")) >= float(log_negativity(state, "a", "b")) ** 2 - 1e-7


def test_mutual_information_by_entropies():
    state = random_state(np.random.default_rng(4))
    parts = [float(von_neumann_entropy(state.marginal(names))) for names in ("a", ["b", "c"], ["a", "b", "c"])]
    expected = parts[0] + parts[1] - parts[2]
    assert float(mutual_information(state, "a", ["b", "c"])) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_discord_is_the_minimum_over_measurements(seed):
    rng = np.random.default_rng(seed)
    state = random_state(rng).marginal(["a", "b"])
    if seed == 3:
        state = apply_symplectic(apply_loss(two_mode_squeezed(1.0, ["a", "b"]), 0.6, "b"), local_map(rng), "a")
    v = state.covariance

    def left(z):
        stretch = 6 * np.tanh(z[0] / 6)
        m = rotation(z[1]) @ np.diag([np.exp(stretch), np.exp(-stretch)]) @ rotation(z[1]).T / 2
        return np.sqrt(np.linalg.det(v[:2, :2] - v[:2, 2:] @ np.linalg.solve(v[2:, 2:] + m, v[2:, :2])))

    starts = [(x, y) for x in (0.0, 2.0, 5.0) for y in (0.1, 1.0, 2.0)]
    n = min(minimize(left, start, method="Nelder-Mead", options={"xatol": 1e-9}).fun for start in starts) - 0.5
    entropy = (n + 1) * np.log1p(n) - n * np.log(n) if n > 1e-12 else 0.0
    expected = float(von_neumann_entropy(state.marginal("b"))) - float(von_neumann_entropy(state)) + entropy
    assert float(discord(state, "a", "b")) == pytest.approx(expected, abs=1e-4)  # a squeezing of 6 is no homodyne


@pytest.mark.parametrize("r", [0.2, 1.0, 2.0])
def test_contangle_of_pure_and_symmetric_states(r):
    pure = two_mode_squeezed(r, ["a", "b"])
    assert float(contangle(pure, "a", "b")) == pytest.approx(4 * r**2, rel=1e-7)  # of an edge of the cone
    assert float(entanglement_of_formation(pure, "a", "b")) == pytest.approx(
        float(von_neumann_entropy(pure.marginal("a"))), rel=1e-7
    )
    noisy = add_noise(pure, 0.02)
    assert float(contangle(noisy, "a", "b")) == pytest.approx(float(log_negativity(noisy, "a", "b")) ** 2, rel=1e-9)
    lower = float(smallest_ppt_eigenvalue(noisy, "a", "b")) * 2
    c_plus, c_minus = (1 / np.sqrt(lower) + np.sqrt(lower)) ** 2 / 4, (1 / np.sqrt(lower) - np.sqrt(lower)) ** 2 / 4
    formed = c_plus * np.log(c_plus) - c_minus * np.log(c_minus)  # Giedke et al. 2003, in nats
    assert float(entanglement_of_formation(noisy, "a", "b")) == pytest.approx(formed, rel=1e-9)


# Precision: 50 digits on the same rounded matrix


def exact(v):
    a, b, c = v[0:2, 0:2], v[2:4, 2:4], v[0:2, 2:4]
    det = mpmath.det(v)
    schur = a - c * mpmath.inverse(b) * c.T
    return {
        "simon": det - (mpmath.det(a) + mpmath.det(b) - 2 * mpmath.det(c)) / 4 + mpmath.mpf(1) / 16,
        "reid": mpmath.det(schur),
        "gains": ((a[0, 0] + a[1, 1]) + 0.81 * (b[0, 0] + b[1, 1]) - 1.8 * (c[0, 0] - c[1, 1])) / 1.81,
    }


CHECKED = {
    "simon": simon,
    "reid": reid_product,
    "gains": lambda state, a, b: epr_variance_at(state, a, b, -0.9),
}


@pytest.mark.parametrize("r", [0.5, 2.0, 4.0, 5.5])
def test_errors_are_those_of_fifty_digits(r):
    with mpmath.workdps(50):
        c, s = mpmath.cosh(2 * mpmath.mpf(r)) / 2, mpmath.sinh(2 * mpmath.mpf(r)) / 2 * mpmath.mpf("0.9")
        b = c * mpmath.mpf("0.81") + mpmath.mpf("0.19") / 2
        truth = mpmath.matrix([[c, 0, s, 0], [0, c, 0, -s], [s, 0, b, 0], [0, -s, 0, b]])
        array = np.array(truth.tolist(), dtype=float)
        state = GaussianState(np.zeros(4), array, ["a", "b"], allowed_defect=np.inf)
        right, held = exact(truth), exact(mpmath.matrix(array.tolist()))
        for key, criterion in CHECKED.items():
            answer = criterion(state, "a", "b")
            error = abs(mpmath.mpf(float(answer)) - right[key])
            floor = 8 * np.finfo(float).eps * abs(right[key])  # the rounding of the answer and of the weights
            assert error <= 10 * abs(held[key] - right[key]) + floor, key
            assert error <= float(answer.uncertainty) + floor, key


def test_beyond_float64_is_refused():
    state = two_mode_squeezed(9.0, ["a", "b"])
    for criterion in (
        simon,
        reid_product,
        van_loock_furusawa,
        contangle,
        lambda s, a, b: epr_variance_at(s, a, b, -1.0),
    ):
        with pytest.raises(Unresolved):
            criterion(state, "a", "b")


def test_bad_input_has_one_clear_error_each():
    state = GaussianState.thermal([1.0, 1.0, 1.0], ["a", "b", "c"])
    for call, text in (
        (lambda: simon(state, "a", ["b", "c"]), "one mode on either side"),
        (lambda: epr_variance_at(state, "a", ["b", "c"], -1.0), "one mode on either side"),
        (lambda: epr_variance_at(state, "a", "b", np.nan), "not finite"),
        (lambda: reid_product(state, ["a", "b"], "c"), "two quadratures of one mode"),
        (lambda: reid_product(state, "a", ["a", "b"]), "in both parties"),
        (lambda: van_loock_furusawa(state, "a", "b", [1, 1]), "give both"),
        (lambda: van_loock_furusawa(state, "a", "b", [1, 1, 1], [1, 1, 1]), "2 modes"),
        (lambda: van_loock_furusawa(state, "a", "b", [1, 0], [0, 1]), "commute on both sides"),
        (lambda: genuine_multipartite(state, ["a"]), "at least two modes"),
        (lambda: genuine_multipartite(state, ["a", "x"]), "no mode 'x'"),
        (lambda: bipartitions(["a"]), "at least two modes"),
        (lambda: discord(state, "a", ["b", "c"]), "two modes"),
        (lambda: contangle(state, "a", ["b", "c"]), "two modes"),
    ):
        with pytest.raises(InvalidInput, match=text):
            call()


def test_batches_come_back():
    state = apply_loss(two_mode_squeezed(np.linspace(0.1, 1, 6).reshape(2, 3), ["a", "b"]), 0.9)
    for criterion in (
        simon,
        reid_product,
        van_loock_furusawa,
        genuine_multipartite,
        mutual_information,
        discord,
        contangle,
    ):
        found = criterion(state, "a", "b") if criterion is not genuine_multipartite else criterion(state)
        assert found.value.shape == found.uncertainty.shape == (2, 3)
        assert (np.diff(found.value.ravel()) != 0).all()
    assert epr_variance_at(state, "a", "b", np.linspace(-1, 0, 4)[:, None, None]).value.shape == (4, 2, 3)


@STABLE
@given(SEEDS, st.floats(0, 1))
def test_local_loss_never_helps(seed, efficiency):
    state = random_state(np.random.default_rng(seed))
    lossy = apply_loss(state, efficiency, "b")
    for measure in (contangle, entanglement_of_formation, mutual_information):
        assert float(measure(lossy, "a", "b")) <= float(measure(state, "a", "b")) + 1e-7  # √eps at the edge of the cone
    assert float(reid_product(lossy, "a", "b")) >= float(reid_product(state, "a", "b")) * (1 - 1e-9)


def test_thewalrus_agrees_where_it_is_right():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what other packages deprecate is not our matter
        from thewalrus.quantum import fidelity as reference_fidelity
        from thewalrus.quantum import log_negativity as reference

    rng = np.random.default_rng(11)
    order = np.array([0, 2, 4, 1, 3, 5])
    for _ in range(5):
        state = random_state(rng)
        other = 2 * state.covariance[order[:, None], order]  # x1 x2 x3 p1 p2 p3, vacuum 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it returns complex numbers for some mixed states
            found = reference(other, modes_A=[0], hbar=2)
        if np.isrealobj(found):
            assert float(log_negativity(state, "a", ["b", "c"])) == pytest.approx(float(found), abs=1e-8)
        overlap = reference_fidelity(np.zeros(6), other, np.zeros(6), np.eye(6), hbar=2)
        assert float(fidelity(state, GaussianState.vacuum(state.modes))) == pytest.approx(overlap, rel=1e-6)
