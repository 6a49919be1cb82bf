"""The optimiser of Schweer et al. 2022: stationary, confirmed by a grid and by random points, and what it refuses."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from backaction.gaussian import Homodyne, InvalidInput, Unstable
from backaction.papers.schweer2022.optimum import (
    COUPLINGS,
    DETUNED,
    MIRRORS,
    SENSOR_ALONE,
    STRONG,
    band_average,
    best_parameters,
    without_ancilla,
)
from backaction.systems import force_noise
from backaction.systems.published.schweer2022 import Order, cascade, table_ii
from backaction.systems.published.schweer2022.losses import reoptimised_limit
from backaction.systems.published.schweer2022.stability import growth_rate
from backaction.systems.sensing import quantum_bound

BAND = 0.5


@pytest.fixture(scope="module")
def optima():
    return {
        name: best_parameters(Order.ANCILLA_FIRST, BAND, bounds, starts=2)
        for name, bounds in {"couplings": COUPLINGS, "mirrors": MIRRORS, "strong": STRONG, "detuned": DETUNED}.items()
    }


def within(bounds, base, values):
    """A batch of parameters from values in the ranges, with the loss rates of the base held."""
    low, high = np.array(list(bounds.values())).T
    chosen = dict(zip(bounds, (low + (high - low) * values).T, strict=True))
    if "kappa_c" in chosen:
        chosen["escape_c"] = 1 - (1 - base.escape_c) * base.kappa_c / chosen["kappa_c"]
        chosen["escape_om"] = 1 - (1 - base.escape_om) * base.kappa_om / chosen["kappa_om"]
    return replace(base, **chosen)


def test_average_is_that_of_the_state_space():
    """Gauss–Legendre over the matrix model against a fine trapezium over the network."""
    omega = np.linspace(0, BAND, 4001)
    for order in Order:
        result = force_noise(cascade(order, unit=1.0), omega, "sensor", Homodyne())
        average = np.trapezoid(result.added_noise / result.sql, omega) / BAND
        assert band_average(table_ii(), order, BAND) == pytest.approx(average, rel=1e-6)  # the trapezium's step


@pytest.mark.parametrize("name", ["couplings", "mirrors", "strong", "detuned"])
def test_optimum_is_stationary(optima, name):
    """The gradient by a second road (other step and quadrature) vanishes, or points out of the box at active bounds."""
    found = optima[name]
    assert found.stationarity < 1e-5
    bounds = {"couplings": COUPLINGS, "mirrors": MIRRORS, "strong": STRONG, "detuned": DETUNED}[name]
    step, size = 1e-3, len(bounds)
    stencil = np.concatenate([found.position + step * np.eye(size), found.position - step * np.eye(size)])
    values = band_average(within(bounds, table_ii(), stencil), Order.ANCILLA_FIRST, BAND, nodes=20)
    slope = (values[:size] - values[size:]) / (2 * step)
    np.testing.assert_allclose(slope, found.gradient, atol=2e-4)  # third derivatives times 1e-6
    for name_, place, along in zip(found.names, found.position, slope, strict=True):
        if name_ not in found.active:
            assert abs(along) < 2e-4
        else:
            assert along * (1 if place == 0 else -1) > 0, name_  # the noise falls beyond the bound


def test_optimum_is_confirmed_by_a_grid(optima):
    """No point of a grid of 9⁴ over all couplings is lower; the nearest one is within two per cent."""
    grid = np.array(list(product(np.linspace(0, 1, 9), repeat=4)))
    values = band_average(within(COUPLINGS, table_ii(), grid), Order.ANCILLA_FIRST, BAND)
    best = optima["couplings"].average
    assert values.min() >= best - 1e-12
    assert values.min() < 1.02 * best


@pytest.mark.parametrize("name", ["mirrors", "strong", "detuned"])
def test_optimum_is_confirmed_by_random_points(optima, name):
    bounds = {"mirrors": MIRRORS, "strong": STRONG, "detuned": DETUNED}[name]
    found = optima[name]
    rng = np.random.default_rng(7)
    anywhere = rng.uniform(size=(8000, len(bounds)))
    nearby = np.clip(found.position + rng.normal(scale=0.02, size=(8000, len(bounds))), 0, 1)
    for values in (anywhere, nearby):
        parameters = within(bounds, table_ii(), values)
        noise = band_average(parameters, Order.ANCILLA_FIRST, BAND, formal=True)
        assert noise[growth_rate(parameters) < 0].min() >= found.average - 1e-10


def test_what_the_optimiser_says_about_table_ii(optima):
    """About 22 % without touching a mirror, 26 % with; the losses alone would allow 50 %."""
    assert float(band_average(table_ii(), Order.ANCILLA_FIRST, BAND)) == pytest.approx(0.8039, abs=5e-5)  # four digits
    assert optima["couplings"].average == pytest.approx(0.7798, abs=1e-3)  # three digits
    assert optima["mirrors"].average == pytest.approx(0.7429, abs=1e-3)  # three digits
    assert optima["couplings"].active == ("g", "g_bs", "g_dc")
    floor = reoptimised_limit(Order.ANCILLA_FIRST, 0.9, 0.9, 0.97, 0.97)
    assert floor < optima["strong"].average < optima["mirrors"].average
    assert optima["detuned"].average < 0.3


@pytest.mark.parametrize("name", ["couplings", "mirrors", "strong", "detuned"])
def test_optimum_in_the_state_space(optima, name):
    """Stable, the same noise as the network, and above the quantum bound of all light that leaves."""
    found = optima[name]
    network = cascade(Order.ANCILLA_FIRST, found.parameters, unit=1.0)
    assert network.growth() is None
    points, weights = np.polynomial.legendre.leggauss(8)
    omega = (points + 1) / 2 * BAND
    result = force_noise(network, omega, "sensor", Homodyne())
    assert (result.added_noise / result.sql * weights / 2).sum() == pytest.approx(found.average, rel=1e-10)
    assert (quantum_bound(network, omega, "sensor") <= result.added_noise).all()


def test_detuning_helps_without_the_ancilla_too(optima):
    """An optical spring, not cancellation: the detuned sensor alone comes within a tenth of all knobs together."""
    bare = without_ancilla(table_ii())
    alone = best_parameters(Order.ANCILLA_FIRST, BAND, SENSOR_ALONE, base=bare, starts=2)
    assert optima["detuned"].average < alone.average < 1.1 * optima["detuned"].average
    points = np.linspace(0, 1, 15)
    grid = np.array(list(product(points, repeat=3)))
    parameters = within(SENSOR_ALONE, bare, grid)
    parameters = replace(parameters, escape_om=1 - (1 - bare.escape_om) * bare.kappa_om / parameters.kappa_om)
    stable = growth_rate(parameters) < 0
    values = band_average(parameters, Order.ANCILLA_FIRST, BAND, formal=True)[stable]
    assert alone.average - 1e-12 <= values.min() < 1.1 * alone.average


def test_loss_rates_are_held_when_mirrors_change(optima):
    p, table = optima["mirrors"].parameters, table_ii()
    assert (1 - p.escape_c) * p.kappa_c == pytest.approx((1 - table.escape_c) * table.kappa_c)
    assert (1 - p.escape_om) * p.kappa_om == pytest.approx((1 - table.escape_om) * table.kappa_om)
    assert p.kappa_a == table.kappa_a


def test_starts_agree(optima):
    assert len(optima["couplings"].starts) == 3
    np.testing.assert_allclose(optima["couplings"].starts, optima["couplings"].average, rtol=1e-6)  # one minimum


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"band": 1.2}, "0 < band < 1"),
        ({"band": 0.5, "bounds": {"gg": (0, 1)}}, "free parameters must be some of"),
        ({"band": 0.5, "bounds": {}}, "free parameters must be some of"),
        ({"band": 0.5, "bounds": {"g": (1.0, 0.5)}}, "lower < upper"),
        ({"band": 0.5, "bounds": {"kappa_c": (0.3, 2.0)}}, "loses 0.4 already"),
    ],
)
def test_what_it_refuses(arguments, text):
    with pytest.raises(InvalidInput, match=text):
        best_parameters(Order.ANCILLA_FIRST, **arguments)


def test_unstable_minima_are_no_answer():
    base = replace(table_ii(), kappa_a=1e-3, g_bs=0.0, g_dc=1.0)
    with pytest.raises(Unstable, match="every minimum"):
        best_parameters(Order.ANCILLA_FIRST, 0.5, {"g": (0.3, 1.0)}, base=base, starts=1)
