"""The figures of Fock space: their data, their numbers, their pictures."""

import numpy as np
import pytest

from backaction.figures import find
from backaction.figures.fock.fock_verification import scaled_moller, scaled_schweer
from backaction.figures.fock.negative_mass_in_fock import beam
from backaction.gaussian import Homodyne, quadrature_spectrum, steady_state
from backaction.systems.published import moller2017, schweer2022


@pytest.fixture(scope="module", params=["negative-mass-in-fock", "beyond-gaussian"])
def made(request):
    recipe = find(request.param)
    return recipe, recipe.compute(True)


def test_data_have_units_and_pictures_change_nothing(made):
    recipe, data = made
    assert all("units" in data[name].attrs for name in data.data_vars)
    before = data.copy(deep=True)
    picture = recipe.draw(data)
    assert data.identical(before)
    assert all(axes.get_xlabel() or axes.get_ylabel() for axes in picture.axes)
    assert all(np.isfinite(entry.computed) for entry in recipe.numbers(data).values())
    assert all(entry.published is None for entry in recipe.numbers(data).values())


def test_pairs_of_quanta_are_the_negative_mass_s():
    recipe = find("negative-mass-in-fock")
    data = recipe.compute(True)
    found = recipe.numbers(data)
    assert found["share of pairs, negative mass"].computed > 0.95
    assert found["share of pairs, positive mass"].computed < 0.2
    assert float(data.population.sum(("spin_quanta", "membrane_quanta")).min()) > 0.9
    assert float(data.excess.sel(spin_length=5)) == pytest.approx(0.01217, abs=5e-5)  # twelve levels
    assert float(data.excess[0]) > 20 * float(data.excess[1])  # 40: more than (8)²/3
    assert float(data.excess[2]) < 0
    short = data.sel(sampled_length=5)
    long_run, error = 0.313389, 1.7e-4  # sixty runs of other seeds
    assert abs(float(short.conditional) - long_run) < 3 * np.hypot(float(short.standard_error), error)
    assert steady_state(beam().system).modes == ("spin", "membrane")


def test_beyond_gaussian_shows_what_covariances_do_not_know():
    data = find("beyond-gaussian").compute(True)
    assert float(data.non_gaussianity[0]) == pytest.approx(0, abs=1e-6)
    assert float(data.non_gaussianity.max()) > 1
    assert float(data["mean"].min()) < 0.1
    assert float(data.gaussian_mean.min()) > 0.9
    middle = data.variance.sel(outcome=0.0, method="nearest")
    assert (middle > 1.3 * data.gaussian_variance).all()
    assert (data.averaged < data.gaussian_variance).all()


def test_scaled_networks_keep_the_chains_of_the_papers():
    for scaled, published in (
        (scaled_moller(), moller2017.network(moller2017.FIG3)),
        (scaled_schweer(), schweer2022.cascade(schweer2022.Order.ANCILLA_FIRST)),
    ):
        assert scaled.names == published.names
        kept = [
            key for key in published.parameters if key.endswith(("efficiency", "input_fraction", "cavity_linewidth"))
        ]
        assert all(scaled.parameters[key] == published.parameters[key] for key in kept)
        assert (steady_state(scaled.system).occupation < 0.5).all()


@pytest.mark.slow
def test_verification_agrees_and_draws_both_networks():
    recipe = find("fock-verification")
    data = recipe.compute(True)
    assert bool(data.agrees.all())
    units = (scaled_moller().parameters["membrane.mechanical_frequency"], schweer2022.RESONANCE)
    for i, network in enumerate((scaled_moller(), scaled_schweer())):
        expected = 2 * quadrature_spectrum(network.system, data.frequency.values * units[i], "out", Homodyne().angle)
        np.testing.assert_allclose(data.fock[i], expected, rtol=0.02)  # a quick look has few levels
        assert (np.abs(data.fock[i] - expected) <= 2 * data.uncertainty[i]).all()
    assert all(np.isfinite(entry.computed) for entry in recipe.numbers(data).values())
    left, right = recipe.draw(data).axes
    assert left.get_ylabel() and right.get_yscale() == "log"
