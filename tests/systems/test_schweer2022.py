"""Schweer et al. 2022: printed values, closed formulas against the matrix model, and against the state space."""

from dataclasses import replace

import numpy as np
import pytest

from backaction.gaussian import Homodyne, InvalidInput, Unstable
from backaction.systems import force_noise, kHz
from backaction.systems.published import schweer2022 as paper
from backaction.systems.published.schweer2022 import CascadeParameters, Order, formulas
from backaction.systems.published.schweer2022.matrices import added_force_noise, integrated_added_force_noise

ROUNDING = 1e-12
FREQUENCIES = np.array([0.001, 0.1, 0.5, 1.0])
QUALITY = 1000.0


def lossless(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Random arguments of formula (20)."""
    return {
        "omega_m": rng.uniform(0.3, 3, size),
        "gamma_m": 10 ** rng.uniform(-4, 0, size),
        "g": rng.uniform(0.1, 2, size),
        "kappa_om": 10 ** rng.uniform(-0.5, 1.5, size),
        "delta_a": rng.uniform(0.3, 3, size) * rng.choice([-1, 1], size),
        "kappa_a": 10 ** rng.uniform(-3, 0.5, size),
        "g_a": rng.uniform(0.1, 2, size),
        "kappa_c": 10 ** rng.uniform(-0.5, 1.5, size),
    }


def as_cascade(arguments: dict[str, np.ndarray]) -> CascadeParameters:
    rest = dict(arguments)
    g_a = rest.pop("g_a")
    return CascadeParameters(**rest, g_bs=g_a / 2, g_dc=g_a / 2)


# --- the reference values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.ANCILLA_FIRST, [0.8012, 0.7929, 0.6171, 0.3778]),
        (Order.SENSOR_FIRST, [1.3799, 1.3639, 1.0183, 0.4004]),
    ],
)
def test_figure_6(order, expected):
    noise = added_force_noise(paper.table_ii(), order, FREQUENCIES) / QUALITY
    np.testing.assert_allclose(noise, expected, atol=5e-5, rtol=0)  # four printed digits


def test_integrated_setup():
    noise = integrated_added_force_noise(paper.table_ii(), FREQUENCIES) / QUALITY
    np.testing.assert_allclose(noise, [0.7644, 0.7567, 0.5923, 0.3839], atol=5e-5, rtol=0)  # four digits


def test_standard_quantum_limit():
    chi = formulas.mechanical_susceptibility(FREQUENCIES, 1.0, 1e-3)
    limit = formulas.standard_quantum_limit(chi, 1e-3) / QUALITY
    np.testing.assert_allclose(limit, [1.0000, 0.9900, 0.7500, 0.0010], atol=5e-5, rtol=0)  # four digits


def test_ancilla_first_is_twenty_per_cent_below_the_limit():
    noise = added_force_noise(paper.table_ii(), Order.ANCILLA_FIRST, 1e-3)
    limit = formulas.standard_quantum_limit(formulas.mechanical_susceptibility(1e-3, 1.0, 1e-3), 1e-3)
    assert abs(noise / limit - paper.REDUCTION.value) < 0.005  # the paper says "20 %", in whole per cents


def test_ideal_and_matched():
    for noise in (
        added_force_noise(paper.ideal(), Order.ANCILLA_FIRST, 1e-6),
        added_force_noise(paper.ideal(), Order.SENSOR_FIRST, 1e-6),
        integrated_added_force_noise(paper.ideal(), 1e-6),
    ):
        assert noise / QUALITY == pytest.approx(0.5004999999, abs=1e-9)  # its digits at omega -> 0


@pytest.mark.parametrize(("delta", "epsilon", "expected"), [(1.0, 0.9, 4.74342), (0.9, 0.5, 3.01511)])
def test_frequency_of_cancellation(delta, epsilon, expected):
    star = formulas.cancellation_frequency(delta, epsilon, 10.0)
    assert star == pytest.approx(expected, abs=5e-6)  # five printed decimals
    sensor = formulas.measurement_strength(star, 1.0, 10.0)
    ancilla = formulas.measurement_strength(star, np.sqrt(delta), epsilon * 10.0)
    assert ancilla == pytest.approx(sensor, rel=ROUNDING)


@pytest.mark.parametrize(
    ("delta", "epsilon", "crosses"),
    [
        (1.0, 0.5, True),  # (33a)
        (1.0, 2.0, True),
        (0.8, 1.3, True),  # (33b): above 1/delta
        (0.8, 0.7, True),  # below delta
        (0.8, 0.9, False),
        (0.8, 1.2, False),
        (1.2, 1.3, True),  # (33c): above delta
        (1.2, 0.8, True),  # below 1/delta
        (1.2, 1.0, False),
        (1.0, 1.0, False),  # the same Lorentzian: no single frequency
    ],
)
def test_ranges_of_cancellation(delta, epsilon, crosses):
    assert np.isfinite(formulas.cancellation_frequency(delta, epsilon, 10.0)) == crosses


def test_tables_agree_with_themselves():
    quality = 1 / paper.TABLE_I["gamma_m"].value
    assert quality == pytest.approx(paper.TABLE_I["quality"].value)
    table = paper.table_ii()
    assert (table.g_bs, table.g_dc) == pytest.approx((1.01 / 2, 0.97 / 2))
    assert table.kappa_om == pytest.approx(0.99 * table.kappa_c)
    # "an escape efficiency of 90 % makes an ancilla cavity linewidth of 200 kHz possible" (Sec. V)
    assert table.kappa_a == pytest.approx((1 - table.escape_c) * table.kappa_c)
    assert set(paper.TABLE_II) - {"omega_m"} <= set(CascadeParameters.__dataclass_fields__)


# --- closed formulas against the matrix model --------------------------------------------------------------


@pytest.mark.parametrize("order", Order)
def test_closed_formula_20_is_the_matrix_model(order):
    rng = np.random.default_rng(20)
    arguments = lossless(rng, 500)
    omega = 10 ** rng.uniform(-3, 1, 500)
    np.testing.assert_allclose(
        formulas.added_noise(omega, **arguments),
        added_force_noise(as_cascade(arguments), order, omega),
        rtol=ROUNDING,
    )


def test_sensor_alone():
    """(13) is the matrix model without the ancilla, and (15) its minimum over the strength, at (16)."""
    omega = np.linspace(0.1, 2.0, 7)
    g, kappa, gamma = 0.8, 3.0, 0.02
    alone = CascadeParameters(
        omega_m=1.0, gamma_m=gamma, g=g, kappa_om=kappa, kappa_c=1.0, kappa_a=1.0, delta_a=1.0, g_bs=0.0, g_dc=0.0
    )
    chi = formulas.mechanical_susceptibility(omega, 1.0, gamma)
    strength = formulas.measurement_strength(omega, g, kappa)
    noise = formulas.sensor_added_noise(strength, chi, gamma)
    for order in Order:
        np.testing.assert_allclose(noise, added_force_noise(alone, order, omega), rtol=ROUNDING)
    np.testing.assert_allclose(formulas.sensor_added_noise(strength, chi, gamma, 3.0) - noise, 7.0, rtol=1e-11)
    best = formulas.limit_strength(chi)
    limit = formulas.standard_quantum_limit(chi, gamma)
    np.testing.assert_allclose(formulas.sensor_added_noise(best, chi, gamma), limit, rtol=ROUNDING)
    for factor in (0.9, 1.1):
        assert (formulas.sensor_added_noise(factor * best, chi, gamma) > limit).all()


@pytest.mark.parametrize("quality", [1e2, 1e4])
def test_matched_formulas_25_and_31_hold_to_one_over_quality(quality):
    """χ_a = −χ_m to relative order 1/Q², which the residual back action G²|χ_m + χ_a|² squares."""
    omega = np.array([0.01, 0.3, 0.7, 1.6, 4.0])
    matched = paper.ideal(quality=quality)
    strength = formulas.measurement_strength(omega, 1.0, 4.0)
    exact = added_force_noise(matched, Order.ANCILLA_FIRST, omega)
    np.testing.assert_allclose(
        formulas.ideal_added_noise(omega, strength, 1.0, 1 / quality), exact, rtol=2 / quality**2
    )
    delta, epsilon = 1.3, 0.7
    unequal = replace(matched, kappa_c=epsilon * 4.0, g_bs=np.sqrt(delta) / 2, g_dc=np.sqrt(delta) / 2)
    approximate = formulas.mismatched_added_noise(
        omega,
        omega_m=1.0,
        gamma_m=1 / quality,
        g=1.0,
        kappa_om=4.0,
        coupling_ratio=delta,
        linewidth_ratio=epsilon,
    )
    exact = added_force_noise(unequal, Order.SENSOR_FIRST, omega)
    np.testing.assert_allclose(approximate, exact, rtol=4 / quality**2)  # off resonance: order 1/Q²


def test_ideal_bound_is_approached_by_strong_measurement():
    omega = np.array([0.2, 0.5, 2.0])
    bound = formulas.cqnc_bound(omega, 1.0, 1e-3)
    noise = [formulas.ideal_added_noise(omega, strength, 1.0, 1e-3) for strength in (1e3, 1e6, 1e9)]
    assert (np.diff(noise, axis=0) < 0).all()
    np.testing.assert_allclose(noise[-1], bound, rtol=1e-5)  # what the finite strength leaves
    chi = formulas.mechanical_susceptibility(omega, 1.0, 1e-3)
    ratio = bound / formulas.standard_quantum_limit(chi, 1e-3)
    np.testing.assert_allclose(ratio, (omega**2 + 1) / (2e3 * abs(omega**2 - 1)), rtol=1e-5)  # Q = 1e3: 1/Q²


def test_order_matters_only_with_losses_or_unequal_couplings():
    omega = np.linspace(0.05, 3, 9)
    table = paper.table_ii()
    clean = replace(table, escape_c=1.0, escape_om=1.0, propagation=1.0, detection=1.0, g_dc=table.g_bs)
    first, last = (added_force_noise(clean, order, omega) for order in Order)
    np.testing.assert_allclose(first, last, rtol=ROUNDING)
    for imperfection in ({"escape_c": 0.9}, {"escape_om": 0.9}, {"propagation": 0.97}, {"g_dc": table.g_dc}):
        first, last = (added_force_noise(replace(clean, **imperfection), order, omega) for order in Order)
        assert (abs(first / last - 1) > 1e-6).all(), imperfection


def test_batches_broadcast():
    escape = np.array([0.8, 0.9, 1.0])
    batch = replace(paper.table_ii(), escape_c=escape[:, None])
    for order in Order:
        together = added_force_noise(batch, order, FREQUENCIES)
        assert together.shape == (3, 4)
        for row, value in zip(together, escape, strict=True):
            single = added_force_noise(replace(paper.table_ii(), escape_c=value), order, FREQUENCIES)
            np.testing.assert_allclose(row, single, rtol=ROUNDING)


def test_bad_parameters():
    with pytest.raises(InvalidInput, match="escape_c is an efficiency"):
        replace(paper.table_ii(), escape_c=1.1)
    with pytest.raises(InvalidInput, match="g_bs must be finite"):
        replace(paper.table_ii(), g_bs=np.nan)


# --- the state space against the paper's matrix model ------------------------------------------------------


def imperfect(rng: np.random.Generator, size: int) -> CascadeParameters:
    """Random cascades with every imperfection: losses, unequal couplings, both cavities detuned."""
    draw = {key: value for key, value in lossless(rng, size).items() if key != "g_a"}
    couplings = rng.uniform(-1, 1, (2, size))
    fractions = rng.uniform(0.2, 1, (4, size))
    detunings = rng.uniform(-2, 2, (2, size))
    return CascadeParameters(
        **draw,
        g_bs=couplings[0],
        g_dc=couplings[1],
        escape_c=fractions[0],
        escape_om=fractions[1],
        propagation=fractions[2],
        detection=fractions[3],
        delta_c=detunings[0],
        delta_om=detunings[1],
    )


def columns(parameters: CascadeParameters) -> CascadeParameters:
    """The same with a trailing axis for the frequencies."""
    return CascadeParameters(**{key: np.asarray(value)[..., None] for key, value in vars(parameters).items()})


PHASE = Homodyne("out", np.pi / 2)


@pytest.mark.parametrize("order", Order)
def test_cascade_network_is_the_matrix_model(order):
    rng = np.random.default_rng(6)
    parameters = imperfect(rng, 100)
    omega = np.array([0.01, 0.3, 0.9, 2.0, 7.0])
    network = paper.cascade(order, parameters, unit=1.0)
    with pytest.raises(Unstable):  # some of them grow; the formulas are equal there too
        force_noise(network, omega, "sensor", PHASE)
    with pytest.raises(Unstable):
        added_force_noise(columns(parameters), order, omega)
    result = force_noise(network, omega, "sensor", PHASE, formal=True)
    oracle = added_force_noise(columns(parameters), order, omega, formal=True)
    np.testing.assert_allclose(result.added_noise, oracle, rtol=1e-10)  # the response may nearly vanish


def test_integrated_network_is_the_matrix_model():
    rng = np.random.default_rng(7)
    parameters = replace(imperfect(rng, 100), delta_c=np.zeros(100))
    omega = np.array([0.01, 0.3, 0.9, 2.0, 7.0])
    with pytest.raises(Unstable):
        force_noise(paper.integrated(parameters, unit=1.0), omega, "sensor", PHASE)
    with pytest.raises(Unstable):
        integrated_added_force_noise(columns(parameters), omega)
    result = force_noise(paper.integrated(parameters, unit=1.0), omega, "sensor", PHASE, formal=True)
    oracle = integrated_added_force_noise(columns(parameters), omega, formal=True)
    np.testing.assert_allclose(result.added_noise, oracle, rtol=1e-10)  # the response may nearly vanish
    with pytest.raises(InvalidInput, match="on resonance"):
        paper.integrated(replace(paper.table_ii(), delta_c=0.1))


@pytest.mark.parametrize("order", Order)
def test_lossless_network_is_the_closed_formula_20(order):
    rng = np.random.default_rng(8)
    arguments = lossless(rng, 100)
    omega = np.array([0.02, 0.8, 3.0])
    result = force_noise(paper.cascade(order, as_cascade(arguments), unit=1.0), omega, "sensor", PHASE)
    oracle = formulas.added_noise(omega, **{key: value[:, None] for key, value in arguments.items()})
    np.testing.assert_allclose(result.added_noise, oracle, rtol=ROUNDING)
    chi = formulas.mechanical_susceptibility(omega, arguments["omega_m"][:, None], arguments["gamma_m"][:, None])
    limit = formulas.standard_quantum_limit(chi, arguments["gamma_m"][:, None])
    np.testing.assert_allclose(result.sql, limit, rtol=ROUNDING)


def test_laboratory_units_change_nothing():
    """S_F is counted in ħ m γ_m ω_m, so only ratios of frequencies matter: Table II at 500 kHz is Table II in ω_m."""
    for order in Order:
        network = paper.cascade(order)
        result = force_noise(network, FREQUENCIES * paper.RESONANCE, "sensor", PHASE)
        oracle = added_force_noise(paper.table_ii(), order, FREQUENCIES)
        np.testing.assert_allclose(result.added_noise, oracle, rtol=ROUNDING)
        for address, kilohertz in {  # the right column of Table II, to its printed digits
            "sensor.mechanical_frequency": 500,
            "sensor.mechanical_linewidth": 0.5,
            "sensor.cavity_linewidth": 1980,
            "ancilla.cavity_linewidth": 2000,
            "ancilla.ancilla_linewidth": 200,
            "ancilla.ancilla_detuning": 495,
            "ancilla.beam_splitter": 253,
            "ancilla.down_conversion": 243,
        }.items():
            assert network.parameters[address] / kHz == pytest.approx(kilohertz, abs=0.51), address
        assert network.parameters["sensor.coupling"] / kHz == pytest.approx(500 / 2)  # g = g_C/2
        assert network.growth() is None


def test_thermal_force_adds_two_n_plus_one():
    occupation = 40.0
    network = paper.cascade(Order.ANCILLA_FIRST).with_parameters({"sensor.occupation": occupation})
    omega = FREQUENCIES * paper.RESONANCE
    cold = force_noise(network, omega, "sensor", PHASE).added_noise
    warm = force_noise(network, omega, "sensor", PHASE, thermal=True).added_noise
    np.testing.assert_allclose(warm - cold, 2 * occupation + 1, rtol=1e-9)  # difference of large numbers
    chi = formulas.mechanical_susceptibility(0.3, 1.0, 1e-3)
    formula = [formulas.sensor_added_noise(1.0, chi, 1e-3, n) for n in (None, occupation)]
    assert formula[1] - formula[0] == pytest.approx(2 * occupation + 1)
