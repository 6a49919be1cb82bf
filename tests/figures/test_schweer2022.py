"""Figures of Schweer et al. 2022: their data by the paper's own formulas, and what the pictures show."""

from dataclasses import replace

import numpy as np
import pytest

from backaction.figures import find
from backaction.papers.schweer2022.figures.fig4 import arrows
from backaction.papers.schweer2022.figures.loss_budget import DETUNED, POWER, ideal_ancilla_and_losses, removals
from backaction.systems.published.schweer2022 import Order, ideal, table_ii
from backaction.systems.published.schweer2022.formulas import mechanical_susceptibility, standard_quantum_limit
from backaction.systems.published.schweer2022.imperfections import (
    linewidth_envelope,
    mismatched_envelope,
    strength_ratio,
)
from backaction.systems.published.schweer2022.matrices import added_force_noise, integrated_added_force_noise
from backaction.systems.published.schweer2022.outputs import matching, with_relative_mismatch

PANELS = ("fig2", "fig3", "fig4", "fig5a", "fig5b", "fig6", "loss-budget", "optimum")
FIG2, FIG3, FIG4, FIG5A, FIG5B, FIG6, BUDGET, OPTIMUM = (find(f"schweer2022-{panel}") for panel in PANELS)


@pytest.fixture(scope="module")
def data():
    return FIG6.compute(True)


def test_curves_are_those_of_the_matrix_model(data):
    omega = data.frequency.values
    for order in Order:
        expected = added_force_noise(table_ii(), order, omega) / 1000
        np.testing.assert_allclose(data.added_noise.sel(configuration=order.value), expected, rtol=1e-10)
    expected = integrated_added_force_noise(table_ii(), omega) / 1000
    np.testing.assert_allclose(data.added_noise.sel(configuration="integrated"), expected, rtol=1e-10)


def test_what_the_paper_says_about_the_figure(data):
    """Sub-SQL below resonance for the ancilla first and integrated; never below resonance for the sensor first."""
    below = data.sel(frequency=slice(None, 0.6))
    excess = below.added_noise - below.standard_quantum_limit
    assert (excess.sel(configuration=["NMO → OMS", "integrated"]) < 0).all()
    assert (excess.sel(configuration="OMS → NMO") > 0).all()
    assert (data.added_noise - data.standard_quantum_limit).sel(configuration="OMS → NMO").min() > 0


def test_numbers_of_the_report(data):
    numbers = FIG6.numbers(data)
    assert len(numbers) == 3 * 4 + 1
    assert numbers["S_F/Q_m, NMO → OMS, 0.5 ω_m"].computed == pytest.approx(0.6171, abs=5e-5)  # four digits
    assert numbers["S_F/Q_m, OMS → NMO, 1 ω_m"].computed == pytest.approx(0.4004, abs=5e-5)  # four digits
    assert numbers["S_F/Q_m, integrated, 0.1 ω_m"].computed == pytest.approx(0.7567, abs=5e-5)  # four digits
    stated = [quantity for quantity in numbers.values() if quantity.published is not None]
    assert [quantity.published for quantity in stated] == [0.8]
    assert stated[0].computed == pytest.approx(0.8, abs=0.005)  # the paper gives whole per cents


def test_quick_differs_in_points_only(data):
    full = FIG6.compute(False)
    assert full.sizes["frequency"] > data.sizes["frequency"]
    np.testing.assert_array_equal(full.spot_noise, data.spot_noise)


def test_every_axis_has_its_unit(data):
    for name, variable in data.variables.items():
        if name != "configuration":
            assert variable.attrs["units"], name


def test_picture_shows_all_curves_and_names_its_axes(data):
    picture = FIG6.draw(data)
    (axes,) = picture.axes
    assert "omega" in axes.get_xlabel()
    assert "gamma" in axes.get_ylabel()
    curves = [np.asarray(line.get_ydata()) for line in axes.lines]
    assert len(curves) == 4
    for name in data.configuration.values:
        expected = data.added_noise.sel(configuration=name).values
        assert any(np.array_equal(curve, expected) for curve in curves), name
    assert picture.get_size_inches()[0] == 3.4


# --- Figs. 2 to 5: every curve by the paper's closed formulas or matrix model, which share no code with the figure ---


@pytest.fixture(scope="module")
def curves():
    return {recipe.name: recipe.compute(True) for recipe in (FIG2, FIG3, FIG4, FIG5A, FIG5B)}


def test_figure_2_is_the_corrected_29(curves):
    data = curves[FIG2.name]
    for name, kappa_a in zip(data.case.values, data.kappa_a.values, strict=True):
        expected = linewidth_envelope(data.frequency.values, omega_m=1.0, gamma_m=1e-3, kappa_a=kappa_a)
        np.testing.assert_allclose(data.added_noise.sel(case=name), expected, rtol=1e-10)
    numbers = FIG2.numbers(data)
    low = numbers["S_F/S_SQL, κ_a = 0.1 ω_m, 0.01 ω_m"]
    assert low.published == 0.05
    assert low.computed == pytest.approx(0.05, rel=0.06)  # (30) is the leading order in κ_a/ω_m
    assert numbers["S_F/S_SQL, κ_a = 10 ω_m, 100 ω_m"].computed > 1  # "larger than the SQL", in words


def test_figure_3_is_the_envelope_of_31(curves):
    data = curves[FIG3.name]
    omega = data.frequency.values
    for i in range(3):
        delta, epsilon = float(data.coupling_ratio[i]), float(data.linewidth_ratio[i])
        ratio = strength_ratio(omega, 10.0, delta, epsilon)
        expected = mismatched_envelope(omega, ratio, omega_m=1.0, gamma_m=1e-3, kappa_a=1e-3, delta_a=-1.0)
        np.testing.assert_allclose(data.added_noise[i], expected, rtol=1e-8)  # best powers up to 1e9
    numbers = FIG3.numbers(data)
    star = numbers["ω*, δ = 1, ε = 0.9"]
    assert star.computed == pytest.approx(star.published, rel=1e-9)
    assert numbers["S_F/S_CQNC at ω*"].computed == pytest.approx(1, abs=1e-4)  # χ_a = −χ_m to 1/Q
    for name in ("δ = 0.9, ε = 1", "δ = 1, ε = 0.9"):
        low = numbers[f"S_F/S_SQL, {name}, 0.01 ω_m"]
        assert low.computed == pytest.approx(low.published, rel=1e-4)  # (34) is of order (ω/κ)²


def test_figure_4_is_the_flow_of_equations_4(curves):
    """x_c drives p_a, the ancilla turns, x_a drives p_c; a mismatch adds x_a ← p_c and x_c ← p_a."""
    assert arrows(curves[FIG4.name]) == {
        ("p_c", "x_a"): True,
        ("p_a", "x_c"): True,
        ("x_a", "p_a"): True,
        ("p_a", "x_a"): True,
        ("x_c", "p_a"): False,
        ("x_a", "p_c"): False,
    }
    drift = curves[FIG4.name].drift.sel(relative_mismatch=0.2).values
    g, mismatch, detuning = 1.0, 0.2, -1.0
    expected = np.zeros((4, 4))
    expected[0, 3] = expected[2, 1] = g * mismatch
    expected[1, 2] = expected[3, 0] = -g
    expected[2, 3], expected[3, 2] = detuning, -detuning
    np.testing.assert_allclose(drift - np.diag(np.diag(drift)), expected, atol=1e-15)


@pytest.mark.parametrize("recipe", [FIG5A, FIG5B])
def test_figure_5_is_the_matrix_model(curves, recipe):
    data = curves[recipe.name]
    base = with_relative_mismatch(ideal(linewidth=10.0), data.attrs["relative_mismatch"])
    for order in Order:
        chosen = data.sel(order=order.value)
        # every power gives at least the envelope, and one of a fine grid nearly gives it
        powers = np.geomspace(1e-3, 1e9, 2401)[:, None]
        root = np.sqrt(powers)
        scan = added_force_noise(
            replace(base, g=root, g_bs=base.g_bs * root, g_dc=base.g_dc * root),
            order,
            data.frequency.values,
            formal=True,
        )
        best = scan.min(axis=0)
        assert (chosen.added_noise.values <= best * (1 + 1e-9)).all()
        np.testing.assert_allclose(chosen.added_noise, best, rtol=3e-3)  # a dip as narrow as the step
    envelope = data.added_noise / data.standard_quantum_limit
    low = envelope.isel(frequency=0)
    assert float(low.sel(order="OMS → NMO")) < float(low.sel(order="NMO → OMS")) < 0.25  # "sub-SQL for low frequency"
    np.testing.assert_allclose(envelope.isel(frequency=-1), 1, rtol=0.01)  # "no sub-SQL at high frequency"


def test_figure_5b_says_that_it_is_formal(curves):
    assert float(curves[FIG5A.name].growth_rate) < 0 < float(curves[FIG5B.name].growth_rate)
    numbers = FIG5B.numbers(curves[FIG5B.name])
    assert numbers["S_F/S_SQL, 0.01 ω_m, stable powers only"].computed > 50
    assert numbers["S_F/S_SQL, NMO → OMS, 0.01 ω_m, envelope"].note.startswith("formal")
    texts = " ".join(text.get_text() for text in FIG5B.draw(curves[FIG5B.name]).axes[0].texts)
    assert "unstable" in texts
    assert "unstable" not in " ".join(text.get_text() for text in FIG5A.draw(curves[FIG5A.name]).axes[0].texts)


@pytest.mark.parametrize("recipe", [FIG2, FIG3, FIG4, FIG5A, FIG5B])
def test_new_figures_have_units_and_one_column(curves, recipe):
    data = curves[recipe.name]
    for name, variable in data.variables.items():
        assert variable.attrs["units"], name
    picture = recipe.draw(data)
    assert picture.get_size_inches()[0] == 3.4
    if recipe is not FIG4:
        assert "omega" in picture.axes[0].get_xlabel()
        assert "gamma" in picture.axes[0].get_ylabel()


# --- what limits it, and how far it can go ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def budget():
    return BUDGET.compute(True)


@pytest.fixture(scope="module")
def optimum():
    return OPTIMUM.compute(True)


def over_limit(parameters, order, omega):
    limit = standard_quantum_limit(mechanical_susceptibility(omega, 1.0, 1e-3), 1e-3)
    return added_force_noise(parameters, order, omega) / limit


def test_budget_sums_to_the_matrix_model(budget):
    expected = over_limit(table_ii(), Order.ANCILLA_FIRST, budget.frequency.values)
    np.testing.assert_allclose(budget.total, expected, rtol=1e-10)
    np.testing.assert_allclose(budget.budget.sum("source"), budget.total, rtol=1e-12)


def test_removals_are_the_matrix_model(budget):
    for i, order in enumerate(Order):
        for name, parameters in removals(table_ii()).items():
            expected = over_limit(parameters, order, 0.1)
            assert float(budget.without.sel(imperfection=name)[i]) == pytest.approx(expected, rel=1e-10)
    everything = matching(ideal_ancilla_and_losses(table_ii()))
    assert (everything.coupling_ratio, everything.linewidth_ratio, everything.damping_ratio) == pytest.approx((1, 1, 1))
    np.testing.assert_allclose(budget.without_all, over_limit(ideal(), Order.ANCILLA_FIRST, 0.1), rtol=1e-10)


def test_budget_says_what_costs_most(budget):
    """Not the losses alone: the power and the ancilla's linewidth cost most of the 20 per cent."""
    change = (budget.without - budget.base).sel(order="NMO → OMS")
    ranked = list(change.sortby(change).imperfection.values)
    assert ranked[:3] == [POWER, "κ_a → γ_m", "escape, sensor → 1"]
    assert float(change.sel(imperfection=DETUNED)) > 0
    other = (budget.without - budget.base).sel(order="OMS → NMO")
    assert str(other.idxmin("imperfection").values) == "escape, meter → 1"  # "extra punishing", Sec. IV B
    shares = [q.computed for name, q in BUDGET.numbers(budget).items() if name.startswith("share")]
    assert sum(shares) == pytest.approx(1)


def test_optimum_figure(optimum):
    assert float(optimum.stationarity.max()) < 1e-5
    average = optimum.average.sel(band=0.5)
    assert float(average.sel(case="couplings")) == pytest.approx(0.7798, abs=1e-3)  # three digits
    assert float(average.sel(case="mirrors, OMS → NMO")) > 0.9
    for name in ("couplings", "mirrors, detuned cavities"):
        assert (optimum.noise_over_limit.sel(case=name, frequency=slice(0, 0.4)) < 0.8).all()
    quality = optimum.quality.sel(line="Table II")
    assert (np.diff(quality) > 0).all()
    numbers = OPTIMUM.numbers(optimum)
    assert numbers["largest temperature, Table II"].computed == pytest.approx(2.39, abs=0.01)  # mK, three digits
    assert numbers["S_F/S_SQL, Table II, low frequency"].computed == pytest.approx(0.8, abs=0.005)  # "20 %"


@pytest.mark.parametrize("recipe", [BUDGET, OPTIMUM])
def test_wide_figures_have_units_and_both_columns(budget, optimum, recipe):
    data = {BUDGET.name: budget, OPTIMUM.name: optimum}[recipe.name]
    for name, variable in data.variables.items():
        assert variable.attrs["units"], name
    picture = recipe.draw(data)
    assert picture.get_size_inches()[0] == 7.0
    for axes in picture.axes:
        assert axes.get_xlabel()
