"""The figure 'holstein-primakoff': its data, its numbers, its picture."""

import numpy as np
import pytest

from backaction.figures import find
from backaction.fock import Mass, conditional_epr_variance

FIGURE = find("holstein-primakoff")


@pytest.fixture(scope="module")
def data():
    return FIGURE.compute(True)


def test_the_data_carry_units_and_the_finite_spins(data):
    assert all("units" in data[name].attrs for name in data.data_vars)
    assert data.epr_variance.dims == ("spin_length", "strength")
    strength = float(data.strength[2])
    expected = conditional_epr_variance(20, strength).epr_variance
    assert float(data.epr_variance.sel(spin_length=20)[2]) == pytest.approx(expected, rel=1e-12)
    expected = conditional_epr_variance(20, strength, Mass.POSITIVE).epr_variance
    assert float(data.epr_variance_positive[2]) == pytest.approx(expected, rel=1e-12)


def test_longer_spins_are_nearer_to_two_oscillators(data):
    gaussian = np.interp(data.strength, data.fine_strength, data.gaussian)
    excess = data.epr_variance.transpose("strength", "spin_length").values - gaussian[:, None]
    assert (np.diff(excess, axis=1) < 0).all()
    assert (np.diff(data.error, axis=1) < 0).all()
    assert (data.epr_variance_positive > 1).all()


def test_the_report_has_slopes_of_minus_one_and_the_first_order(data):
    found = FIGURE.numbers(data)
    slopes = [quantity.computed for name, quantity in found.items() if name.startswith("slope")]
    ratios = [quantity.computed for name, quantity in found.items() if name.startswith("error over")]
    changes = [quantity.computed for name, quantity in found.items() if name.startswith("truncation error")]
    assert (len(slopes), len(ratios), len(changes)) == (3, 3, 3)
    assert slopes == pytest.approx([-1] * 3, abs=0.05)  # finite spins: the second order is still there
    assert ratios == pytest.approx([1] * 3, abs=0.02)  # the same
    assert max(changes) < 1e-6
    assert all(quantity.published is None for quantity in found.values())


def test_the_picture_draws_what_was_computed_and_changes_nothing(data):
    before = data.copy(deep=True)
    left, right = FIGURE.draw(data).axes
    assert data.identical(before)
    assert len(right.get_lines()) == 2 * data.sizes["probe"]
    drawn = [line.get_ydata() for line in left.get_lines()]
    for length in data.spin_length:
        curve = data.epr_variance.sel(spin_length=length).values
        assert any(np.array_equal(line, curve) for line in drawn)
    assert "Gamma" in left.get_xlabel()
