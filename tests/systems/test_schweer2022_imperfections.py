"""Schweer et al. 2022, Secs. III-IV: every closed formula against the matrix model, exactly or to its stated order."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from backaction.gaussian import Homodyne, InvalidInput
from backaction.systems import force_noise
from backaction.systems.published.schweer2022 import (
    CascadeParameters,
    Order,
    cascade,
    formulas,
    ideal,
    imperfections,
    losses,
    outputs,
    stability,
    table_ii,
)
from backaction.systems.published.schweer2022.matrices import (
    added_force_noise,
    ancilla_matrices,
    sensor_matrices,
    transfer_matrix,
)

EXACT = 1e-10
OMEGA = np.array([0.01, 0.3, 0.8, 1.5, 6.0])


def slope(errors, steps):
    """Order of convergence between the last two steps."""
    return np.log(errors[-1] / errors[-2]) / np.log(steps[-1] / steps[-2])


def resonant(rng, size):
    """Random arguments of `lossy_terms`: resonant cavities, g_BS = g_DC."""
    return {
        "omega_m": rng.uniform(0.3, 3, size),
        "gamma_m": 10 ** rng.uniform(-4, 0, size),
        "g": rng.uniform(0.1, 2, size),
        "kappa_om": 10 ** rng.uniform(-0.5, 1.5, size),
        "delta_a": rng.uniform(0.3, 3, size) * rng.choice([-1, 1], size),
        "kappa_a": 10 ** rng.uniform(-3, 0.5, size),
        "g_a": rng.uniform(0.1, 2, size),
        "kappa_c": 10 ** rng.uniform(-0.5, 1.5, size),
        "escape_c": rng.uniform(0.2, 1, size),
        "escape_om": rng.uniform(0.2, 1, size),
        "propagation": rng.uniform(0.2, 1, size),
        "detection": rng.uniform(0.2, 1, size),
    }


def as_cascade(arguments):
    rest = dict(arguments)
    g_a = np.asarray(rest.pop("g_a"))
    return CascadeParameters(**rest, g_bs=g_a / 2, g_dc=g_a / 2)


# --- outputs and conditions ------------------------------------------------------------------------------------


def test_outputs_7_and_17_are_the_matrix_model():
    """(5), (6) and (B1)-(B4) agree: x_out and p_out of either system, coefficient by coefficient."""
    p = replace(ideal(g=0.8, linewidth=3.0, quality=20.0), kappa_a=0.4, delta_a=-1.1, g_bs=0.35, g_dc=0.35)
    transfer = transfer_matrix(*sensor_matrices(p), OMEGA)
    out = outputs.sensor_output(OMEGA, omega_m=1.0, gamma_m=0.05, g=0.8, kappa_om=3.0)
    expected = {(0, 0): out.phase, (1, 1): out.phase, (1, 0): out.back_action, (1, 5): out.force}
    _same_matrix(transfer, expected)
    transfer = transfer_matrix(*ancilla_matrices(p), OMEGA)
    out = outputs.ancilla_output(OMEGA, delta_a=-1.1, kappa_a=0.4, g_a=0.7, kappa_c=3.0)
    expected = {
        (0, 0): out.phase,
        (1, 1): out.phase,
        (1, 0): out.back_action,
        (1, 4): out.vacuum_x,
        (1, 5): out.vacuum_p,
    }
    _same_matrix(transfer, expected)


def _same_matrix(transfer, entries):
    full = np.zeros(transfer.shape, dtype=complex)
    for (row, column), value in entries.items():
        full[..., row, column] = value
    np.testing.assert_allclose(transfer, full, rtol=EXACT, atol=1e-14)  # zeros to rounding


def test_conditions_22_to_24():
    exact = outputs.matching(ideal(quality=500.0))
    assert (exact.coupling_ratio, exact.linewidth_ratio, exact.relative_mismatch) == pytest.approx((1, 1, 0))
    assert (exact.detuning_ratio, exact.damping_ratio) == pytest.approx((1, 1))
    assert (exact.resolution, exact.quality) == pytest.approx((500, 500))
    table = outputs.matching(table_ii())
    assert table.relative_mismatch == pytest.approx(0.04 / 1.98)
    assert table.damping_ratio == pytest.approx(400)
    mended = outputs.matched(table_ii())
    assert outputs.matching(mended).coupling_ratio == pytest.approx(1)
    assert mended.escape_c == table_ii().escape_c
    noise = added_force_noise(outputs.matched(ideal()), Order.SENSOR_FIRST, OMEGA)
    np.testing.assert_allclose(noise, added_force_noise(ideal(), Order.SENSOR_FIRST, OMEGA), rtol=1e-12)
    with pytest.raises(InvalidInput, match="differ from 0"):
        outputs.matching(replace(ideal(), g_bs=0.5, g_dc=-0.5))


def test_relative_mismatch_42():
    split = outputs.with_relative_mismatch(table_ii(), np.array([-0.2, 0.3]))
    np.testing.assert_allclose(split.g_bs + split.g_dc, table_ii().g_bs + table_ii().g_dc)
    np.testing.assert_allclose(outputs.matching(split).relative_mismatch, [-0.2, 0.3])


# --- order-independent imperfections -----------------------------------------------------------------------------


def test_27_exactly_and_far_from_resonance():
    omega = np.array([0.0, 0.3, 0.7, 1.4, 30.0])
    errors = []
    qualities = np.array([1e2, 1e3, 1e4])
    for quality in qualities:
        chi = formulas.mechanical_susceptibility(omega, 1.0, 1 / quality)
        bound = formulas.cqnc_bound(omega, 1.0, 1 / quality)
        exact = imperfections.bound_over_limit(omega, 1.0, 1 / quality)
        np.testing.assert_allclose(exact, bound * abs(chi) / quality, rtol=1e-13)
        errors.append(np.max(abs(imperfections.far_bound_over_limit(omega, 1.0, quality) / exact - 1)))
    assert slope(errors, qualities) == pytest.approx(-2, abs=0.02)  # the next order in 1/Q
    assert imperfections.bound_over_limit(1.0, 1.0, 0.01) == pytest.approx(1 + 0.01**2 / 8, rel=1e-12)
    # the printed 1/(2Q) only at the ends
    assert imperfections.far_bound_over_limit(0.0, 1.0, 1e3) == pytest.approx(1 / 2e3)
    assert imperfections.far_bound_over_limit(0.7, 1.0, 1e3) > 2.9 / 2e3


@pytest.mark.parametrize("kappa_a", [0.01, 0.4, 10.0])
@pytest.mark.parametrize("order", Order)
def test_28_and_29_are_the_matrix_model(order, kappa_a):
    matched = replace(ideal(g=0.7, quality=300.0), kappa_a=kappa_a)
    shared = {"omega_m": 1.0, "gamma_m": 1 / 300.0, "kappa_a": kappa_a}
    strength = formulas.measurement_strength(OMEGA, 0.7, 4.0)
    noise = imperfections.linewidth_noise(OMEGA, strength, **shared)
    np.testing.assert_allclose(noise, added_force_noise(matched, order, OMEGA), rtol=EXACT)
    envelope = imperfections.linewidth_envelope(OMEGA, **shared)
    best = [_search(matched, order, w) for w in OMEGA]
    np.testing.assert_allclose(envelope, best, rtol=EXACT)
    # the printed first term, |χ_m + χ_a|/(γ|χ_m|), is not the minimum
    chi = formulas.mechanical_susceptibility(OMEGA, 1.0, 1 / 300.0)
    chi_a = formulas.ancilla_susceptibility(OMEGA, -1.0, kappa_a)
    printed = envelope + abs(chi + chi_a) * 300.0 / abs(chi) * (1 - 1 / abs(chi))
    assert (abs(printed / envelope - 1) > 1e-6).any()


def _search(parameters, order, omega):
    """Least noise of the matrix model over the power."""

    def noise(x):
        return np.log(added_force_noise(_scaled(parameters, np.exp(x)), order, omega))

    found = minimize_scalar(noise, bounds=(-10, 25), method="bounded", options={"xatol": 1e-8})
    return np.exp(found.fun)


def _scaled(parameters, power):
    root = np.sqrt(power)
    p = parameters
    return replace(p, g=p.g * root, g_bs=p.g_bs * root, g_dc=p.g_dc * root)


def test_30_is_the_leading_order():
    ratios = np.array([0.1, 0.01, 0.001])
    quality = 1e9
    exact = imperfections.low_frequency_reduction(1.0, 2 * ratios)
    chi = formulas.mechanical_susceptibility(1e-6, 1.0, 1 / quality)
    full = imperfections.linewidth_envelope(1e-6, omega_m=1.0, gamma_m=1 / quality, kappa_a=2 * ratios)
    np.testing.assert_allclose(exact, full / formulas.standard_quantum_limit(chi, 1 / quality), rtol=1e-8)  # 1/Q
    assert slope(abs(ratios / exact - 1), ratios) == pytest.approx(1, abs=0.01)
    u = np.linspace(0.5, 6, 5501)
    curve = imperfections.low_frequency_reduction(1.0, 2 * u)
    assert u[curve.argmax()] == pytest.approx(1 + np.sqrt(2), abs=1e-3)
    assert curve.max() == pytest.approx((1 + np.sqrt(2)) / 2, rel=1e-6)


def test_33_are_the_ranges_of_32():
    rng = np.random.default_rng(33)
    delta, epsilon = np.exp(rng.uniform(-1, 1, (2, 2000)))
    star = formulas.cancellation_frequency(delta, epsilon, 10.0)
    np.testing.assert_array_equal(imperfections.cancellation_exists(delta, epsilon), star > 0)
    np.testing.assert_array_equal(imperfections.cancellation_exists(1.0, [0.5, 1.0, 2.0]), [True, False, True])
    # at ω* the ratio of strengths is one and the noise the bound
    chosen = star > 0
    ratio = imperfections.strength_ratio(star[chosen], 10.0, delta[chosen], epsilon[chosen])
    np.testing.assert_allclose(ratio, 1, rtol=1e-9)  # ω* is a difference near the edges of a range


def test_34_and_35_to_their_order():
    """Envelope of the matrix model at Q = 1e6 against the limits of broad and of narrow cavities."""
    quality, delta, epsilon, omega = 1e6, 1.3, 0.7, 0.4
    chi = formulas.mechanical_susceptibility(omega, 1.0, 1 / quality)
    limit = formulas.standard_quantum_limit(chi, 1 / quality)
    bound = formulas.cqnc_bound(omega, 1.0, 1 / quality)
    for form, linewidths, order in (
        (imperfections.bad_cavity_envelope, np.array([4.0, 40.0, 400.0]), -2),
        (imperfections.good_cavity_envelope, np.array([0.4, 0.04, 0.004]), 2),
    ):
        errors = []
        for kappa in linewidths:
            unequal = {"kappa_om": kappa, "kappa_c": epsilon * kappa, "g_a": np.sqrt(delta), "g": 1.0}
            terms = losses.lossy_terms(
                Order.ANCILLA_FIRST,
                omega,
                omega_m=1.0,
                gamma_m=1 / quality,
                delta_a=-1.0,
                kappa_a=1 / quality,
                **unequal,
            )
            errors.append(abs(form(limit, bound, delta, epsilon) / terms.envelope - 1))
        assert slope(errors, linewidths) == pytest.approx(order, abs=0.05)
    assert imperfections.bad_cavity_envelope(limit, bound, 0.9, 0.9) == pytest.approx(bound)
    assert imperfections.good_cavity_envelope(limit, bound, 0.5, 2.0) == pytest.approx(bound)


@pytest.mark.parametrize("order", Order)
def test_both_mismatches_together(order):
    """Envelope for G_a ≠ G_om and κ_a ≠ γ_m, Δ_a ≠ −ω_m at once, against a minimisation of the matrix model."""
    p = replace(ideal(quality=200.0), kappa_a=0.3, delta_a=-1.2, g_bs=0.45, g_dc=0.45, kappa_c=3.0, kappa_om=5.0)
    ratio = imperfections.strength_ratio(OMEGA, 5.0, 0.9**2, 3.0 / 5.0)
    shared = {"omega_m": 1.0, "gamma_m": 1 / 200.0, "kappa_a": 0.3, "delta_a": -1.2}
    envelope = imperfections.mismatched_envelope(OMEGA, ratio, **shared)
    for w, expected in zip(OMEGA, envelope, strict=True):
        assert _search(p, order, w) == pytest.approx(expected, rel=EXACT)


# --- losses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", Order)
def test_all_losses_and_mismatches_are_the_matrix_model(order):
    rng = np.random.default_rng(40)
    arguments = resonant(rng, 500)
    omega = 10 ** rng.uniform(-3, 1, 500)
    terms = losses.lossy_terms(order, omega, **arguments)
    oracle = as_cascade(arguments)
    np.testing.assert_allclose(terms.fixed_power, added_force_noise(oracle, order, omega), rtol=EXACT)
    for power in (0.01, 30.0):
        noise = terms.shot / power + terms.constant + terms.back_action * power
        np.testing.assert_allclose(noise, added_force_noise(_scaled(oracle, power), order, omega), rtol=EXACT)
    best = added_force_noise(_scaled(oracle, terms.best_power), order, omega)
    np.testing.assert_allclose(terms.envelope, best, rtol=EXACT)


@pytest.mark.parametrize("order", Order)
def test_all_losses_and_mismatches_are_the_state_space(order):
    rng = np.random.default_rng(41)
    arguments = resonant(rng, 60)
    omega = np.array([0.03, 0.7, 2.5])
    network = cascade(order, as_cascade(arguments), unit=1.0)
    terms = losses.lossy_terms(order, omega, **{key: value[:, None] for key, value in arguments.items()})
    found = force_noise(network, omega, "sensor", Homodyne()).added_noise
    np.testing.assert_allclose(found, terms.fixed_power, rtol=EXACT)


LIMIT = {"omega_m": 1.0, "gamma_m": 1e-9, "g": 1.0, "kappa_om": 4.0, "delta_a": -1.0, "kappa_a": 1e-9, "g_a": 1.0}
"""Matched up to the meter cavity, Q → ∞."""


@pytest.mark.parametrize("order", Order)
def test_37_to_41_at_every_frequency(order):
    chi = formulas.mechanical_susceptibility(OMEGA, 1.0, 1e-9)
    limit = formulas.standard_quantum_limit(chi, 1e-9)
    for eta in (0.5, 0.97):
        terms = losses.lossy_terms(order, OMEGA, **LIMIT, kappa_c=4.0, propagation=eta)
        expected = losses.propagation_limit(order, eta)
        np.testing.assert_allclose(terms.envelope / limit, np.full(5, expected), rtol=1e-7)  # 1/Q and ω ~ ω_m
    for c, om in ((0.9, 0.9), (0.7, 0.95), (0.95, 0.6)):
        terms = losses.lossy_terms(order, OMEGA, **LIMIT, kappa_c=4.0, escape_c=c, escape_om=om)
        expected = losses.escape_limit(order, c, om, OMEGA, 4.0)
        np.testing.assert_allclose(terms.envelope / limit, expected + 0 * OMEGA, rtol=1e-7)  # 1/Q
    # (40) holds (37) and (38): one lossy cavity is a lossy link
    assert losses.escape_limit(Order.ANCILLA_FIRST, 0.8, 1.0) == losses.propagation_limit(Order.ANCILLA_FIRST, 0.8)
    one = losses.escape_limit(Order.ANCILLA_FIRST, 1.0, 0.8)
    assert one == pytest.approx(losses.propagation_limit(Order.SENSOR_FIRST, 0.8), rel=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("efficiencies", [(1, 1, 0.8, 1), (0.9, 0.9, 1, 1), (0.85, 0.92, 0.97, 0.95), (0.7, 0.4, 1, 1)])
def test_reoptimised_laws_by_a_blind_search(order, efficiencies):
    """The least noise over the ancilla's strength and the power, found without the derivation, in the matrix model."""
    c, om, link, seen = efficiencies
    base = CascadeParameters(
        omega_m=1.0, gamma_m=1e-8, g=1.0, kappa_om=4.0, kappa_c=4.0, kappa_a=1e-8, delta_a=-1.0, g_bs=0.5, g_dc=0.5,
        escape_c=c, escape_om=om, propagation=link, detection=seen,
    )  # fmt: skip
    omega = 1e-6

    def noise(x):
        root, ancilla = np.exp(x[0]), x[1]
        size = root * np.sqrt(abs(ancilla)) / 2
        chosen = replace(base, g=root, g_bs=size, g_dc=size, delta_a=-np.sign(ancilla))
        return np.log(added_force_noise(chosen, order, omega))

    starts = [(0.0, 0.7), (0.0, 1.4), (0.0, -0.8)]
    options = {"xatol": 1e-7, "fatol": 1e-13, "maxiter": 2000}
    found = min(
        (minimize(noise, start, method="Nelder-Mead", options=options) for start in starts), key=lambda run: run.fun
    )
    chi = formulas.mechanical_susceptibility(omega, 1.0, 1e-8)
    ratio = np.exp(found.fun) / formulas.standard_quantum_limit(chi, 1e-8)
    law = losses.reoptimised_limit(order, c, om, link, seen)
    assert ratio == pytest.approx(law, rel=1e-6)  # what Q = 1e8 and κ_a = γ_m leave
    assert found.x[1] == pytest.approx(losses.reoptimised_ratio(order, c, om, link), abs=1e-3)  # a flat minimum


def test_reoptimised_laws_beat_38_and_40():
    for eta in (0.3, 0.6, 0.9, 0.99):
        law = losses.reoptimised_limit(Order.SENSOR_FIRST, propagation=eta)
        assert law == pytest.approx(np.sqrt((1 - eta) / eta))
        assert law == pytest.approx(losses.propagation_limit(Order.SENSOR_FIRST, eta) * np.sqrt(eta))
        same = losses.reoptimised_limit(Order.ANCILLA_FIRST, propagation=eta)
        assert same == pytest.approx(losses.propagation_limit(Order.ANCILLA_FIRST, eta))  # (37) is optimal
    c, om = np.random.default_rng(1).uniform(0.55, 1, (2, 200))
    law = losses.reoptimised_limit(Order.ANCILLA_FIRST, c, om)
    np.testing.assert_allclose(law, np.sqrt((1 - c * om) / om))
    assert (law <= losses.escape_limit(Order.ANCILLA_FIRST, c, om) * (1 + 1e-12)).all()


@pytest.mark.parametrize("order", Order)
def test_no_ancilla_beats_the_limit_at_any_frequency(order):
    """The law bounds the matrix model from below for random ancillas, linewidths, powers and frequencies."""
    rng = np.random.default_rng(43)
    arguments = resonant(rng, 4000)
    omega = 10 ** rng.uniform(-2, 1, 4000)
    envelope = losses.lossy_terms(order, omega, **arguments).envelope
    chi = formulas.mechanical_susceptibility(omega, arguments["omega_m"], arguments["gamma_m"])
    ratio = envelope / formulas.standard_quantum_limit(chi, arguments["gamma_m"])
    kept = {key: arguments[key] for key in ("escape_c", "escape_om", "propagation", "detection", "kappa_c")}
    law = losses.reoptimised_limit(order, **kept, omega=omega)
    assert (ratio >= law).all()
    assert (ratio / law).min() < 1.2  # the bound is near for some of them


def test_losses_that_swallow_the_signal_are_stated():
    arguments = {**LIMIT, "kappa_c": 4.0}
    with pytest.raises(InvalidInput, match="does not reach the detector"):
        losses.lossy_terms(Order.SENSOR_FIRST, 0.0, **arguments, escape_c=0.5)
    with pytest.raises(InvalidInput, match="does not reach the detector"):
        losses.lossy_terms(Order.ANCILLA_FIRST, OMEGA, **arguments, detection=0.0)
    with pytest.raises(InvalidInput, match="swallows the signal"):
        losses.reoptimised_limit(Order.SENSOR_FIRST, escape_c=0.5)
    with pytest.raises(InvalidInput, match="critically coupled"):
        losses.reoptimised_ratio(Order.ANCILLA_FIRST, escape_om=0.5)


def test_36_and_39():
    assert losses.through_loss(0.5, 0.3) == pytest.approx(0.5)  # vacuum stays vacuum
    assert losses.through_loss(4.0, 0.25) == pytest.approx(0.25 * 4 + 0.75 * 0.5)
    kappa_bath = 2 * np.pi * 200e3
    table = table_ii()
    kappa = 2 * np.pi * 500e3 * table.kappa_c
    assert losses.escape_efficiency(kappa - kappa_bath, kappa_bath) == pytest.approx(table.escape_c)


# --- stability -----------------------------------------------------------------------------------------------------


def test_damping_of_the_ancilla_to_second_order_in_the_couplings():
    """κ_a,eff against twice the real part of the pole, for ever weaker coupling."""
    couplings = np.array([0.2, 0.1, 0.05])
    for mismatch in (-0.2, 0.3):
        errors = []
        for g in couplings:
            p = outputs.with_relative_mismatch(replace(ideal(g=g), kappa_a=0.01, kappa_c=5.0), mismatch)
            poles = np.linalg.eigvals(ancilla_matrices(p)[0])
            nearest = poles[abs(poles - (-0.005 + 1j)).argmin()]
            errors.append(abs(-2 * nearest.real - stability.ancilla_damping(p)))
        assert slope(errors, couplings) > 3.5  # the correction is of the fourth order in g


def test_growth_is_that_of_the_network():
    rng = np.random.default_rng(5)
    for _ in range(30):
        p = replace(
            table_ii(), g_bs=rng.uniform(-1, 1), g_dc=rng.uniform(-1, 1), kappa_a=rng.uniform(0, 0.5),
            delta_c=rng.uniform(-1, 1), delta_om=rng.uniform(-1, 1),
        )  # fmt: skip
        growth = cascade(Order.ANCILLA_FIRST, p, unit=1.0).growth()
        rate = stability.growth_rate(p)
        assert (growth is None) == (rate < 0)
        if growth is not None:
            assert growth.rate == pytest.approx(rate, rel=1e-9)


def test_figure_5b_has_no_stationary_state():
    """g_r = −0.2 with κ_a = γ_m is unstable from a hundredth of the power that reaches the quantum limit."""
    base = ideal(linewidth=10.0)
    for mismatch, stable in ((0.2, True), (0.0, True), (-0.2, False)):
        p = outputs.with_relative_mismatch(_scaled(base, 0.5), mismatch)
        assert (stability.growth_rate(p) < 0) == stable
    narrow = replace(ideal(g=0.1), kappa_c=1.5)  # a meter cavity that resolves the ancilla's detuning
    for case in (base, narrow):
        edge = stability.smallest_stable_mismatch(case)
        for factor, stable in ((0.98, True), (1.02, False)):  # the formula is first order in Γ_a/κ_c
            assert (stability.growth_rate(outputs.with_relative_mismatch(case, factor * edge)) < 0) == stable
    with pytest.raises(InvalidInput, match="not coupled"):
        stability.smallest_stable_mismatch(replace(base, g_bs=0.0, g_dc=0.0))
