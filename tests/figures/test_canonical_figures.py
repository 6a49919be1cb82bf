"""The entanglement figures: quick ones complete, their numbers by second roads, quick and full the same physics."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.figures import find
from backaction.systems.canonical import epr_pair, opo, pulsed

NAMES = (
    "vitali2007",
    "conditional-epr",
    "unconditional-epr",
    "epr-channel",
    "opo-monitored",
    "two-mode-squeezed",
    "three-modes",
    "conditional-trajectory",
    "epr-budget",
    "hybrid-road",
)


@pytest.fixture(scope="module")
def made():
    return {name: find(name).compute(True) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_has_its_unit_and_every_axis_its_name(made, name):
    recipe, data = find(name), made[name]
    for key, variable in data.variables.items():
        if variable.dtype.kind == "f":
            assert variable.attrs["units"], key
            assert np.isfinite(variable.values).all(), key
    picture = recipe.draw(data)
    assert all(axes.get_xlabel() or name == "hybrid-road" for axes in picture.axes)
    assert all(axes.get_ylabel() for axes in picture.axes)
    numbers = recipe.numbers(data)
    assert numbers
    assert all(np.isfinite(quantity.computed) for quantity in numbers.values())


def test_vitali_reads_as_the_reference_values(made):
    numbers = find("vitali2007").numbers(made["vitali2007"])
    assert len(numbers) == 4
    for quantity in numbers.values():
        assert quantity.computed == pytest.approx(quantity.published, rel=4e-4)  # the digits that are printed


def test_conditional_epr_is_its_closed_form(made):
    data = made["conditional-epr"]
    for eta in data.efficiency.values:
        expected = epr_pair.qnd_conditional_exact(data.cooperativity.values, 4.0, 1e7, eta)
        np.testing.assert_allclose(data.model.sel(efficiency=eta), expected, rtol=1e-9)
    assert (data.model_lossy.values >= data.model.values * (1 - 1e-9)).all()
    assert (data.model_lossy.values[:, -3:] > 0.1).all()  # the floor of a lossy link


def test_unconditional_epr_needs_the_right_order(made):
    data = made["unconditional-epr"]
    assert (data.reversed_model > 1).all()
    assert (data.mixed_model[1:] < 1).all()
    np.testing.assert_allclose(
        data.mixed_model, epr_pair.mixed_optimum(data.cooperativity.values, 4.0)[0], rtol=1e-5
    )  # order Γ/Ω


def test_pulses_are_their_closed_form(made):
    data = made["epr-channel"]
    expected = pulsed.duan_sum_after(data.readout.values, 12.0, 0.5)
    np.testing.assert_allclose(data.model.sel(start="n = 10, 1", efficiency=0.5), expected, rtol=1e-7)  # (Γ/Ω)²
    assert (data.positive_mass > 1 - 1e-4).all()


def test_the_opo_is_pure_when_all_light_is_watched(made):
    data = made["opo-monitored"].sel(record="homodyne of q")
    np.testing.assert_allclose(data.variance.prod("quadrature"), 1, rtol=1e-9)
    expected = 2 * np.diagonal(opo.conditional_covariance(data.pump.values), axis1=-2, axis2=-1)
    np.testing.assert_allclose(data.variance, expected, rtol=1e-9)


def test_criteria_of_a_lossy_pair_are_ordered(made):
    data = made["two-mode-squeezed"]
    witness = data.witness
    assert (witness.sel(criterion="PPT 2ν") <= witness.sel(criterion="EPR") + 1e-9).all()
    assert (witness.sel(criterion="EPR") <= witness.sel(criterion="Duan") + 1e-9).all()
    assert (data.simon < 0).all()
    measure = data.measure
    assert (measure.sel(quantity="√contangle") >= measure.sel(quantity="log-negativity") - 1e-7).all()
    one_way = measure.sel(quantity="steering of a by b")
    assert (one_way.sel(transmission=slice(0, 0.5)) < 1e-12).all()
    assert (one_way.sel(transmission=slice(0.51, 1)) > 0).all()


def test_genuine_is_harder_than_cut_by_cut(made):
    value = made["three-modes"].value
    cuts, genuine = (value.isel(criterion=i) for i in (0, 2))
    assert (genuine >= cuts - 1e-9).all()
    assert (genuine.sel(transmission=1.0) < 1).all()


def test_the_trajectory_learns_and_the_pair_becomes_entangled(made):
    data = made["conditional-trajectory"]
    trace = np.trace(data.covariance.values, axis1=1, axis2=2)
    assert trace[-1] < 0.1 * trace[0]
    assert (np.diff(data.epr.values, axis=1) < 1e-9).all()
    np.testing.assert_allclose(data.epr[:, 0], data.epr_start, rtol=1e-9)
    np.testing.assert_allclose(data.epr[:, -1], data.epr_stationary, rtol=1e-6)  # 1e5/Ω after switch-on


def test_the_budget_sums_and_the_verdicts_change_once(made):
    data = made["epr-budget"]
    np.testing.assert_allclose(data.epr_source.sum("source"), data.epr, rtol=1e-12)
    np.testing.assert_allclose(data.ppt_source.sum("source"), data.ppt, rtol=1e-12)
    assert (data.epr <= data.epr_equal_gains + 1e-12).all()
    verdicts = list(data.verdict.sel(criterion="ppt").values)
    order = {"separable": 0, "undetermined": 1, "entangled": 2}
    assert sorted(verdicts, key=order.get) == verdicts
    assert set(verdicts) == set(order)


def test_the_road_begins_undetermined_and_ends_entangled(made):
    data = made["hybrid-road"]
    assert data.verdict.values[0] == "undetermined"
    assert data.verdict.values[-1] == "entangled"
    assert (np.diff(data.ppt) < 0).all()
    np.testing.assert_allclose(data.band.sel(edge="nominal")[0], data.ppt[0], rtol=0.01)  # every other angle
