"""Fig. 6 of Schweer et al. 2022: the figure's data by the paper's own matrix model, and what the picture shows."""

import numpy as np
import pytest

from backaction.figures.schweer2022 import FIG6
from backaction.systems.published.schweer2022 import Order, table_ii
from backaction.systems.published.schweer2022_matrices import added_force_noise, integrated_added_force_noise


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
