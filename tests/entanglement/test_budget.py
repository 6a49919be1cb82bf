"""Budgets and verdicts: sums, derivatives by a second road, bands of known distributions."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.entanglement import (
    Criterion,
    Interval,
    Normal,
    Verdict,
    band,
    duan_sum,
    duan_sum_of_system,
    epr_budget,
    epr_variance,
    log_negativity,
    noise_derivatives,
    parameter_derivatives,
    ppt_budget,
    smallest_ppt_eigenvalue,
)
from backaction.entanglement.verdicts import EPR, LOG_NEGATIVITY, PPT, STEERING, Bound
from backaction.gaussian import Homodyne, InvalidInput, conditional_state, steady_state
from backaction.systems.canonical import epr_pair

PAIR = ("spin", "membrane")
DETECTOR = Homodyne(efficiency=0.7)


def network():
    return epr_pair.network(40.0, (3.0, 0.5), quality=1e3, link=0.85)


@pytest.mark.parametrize("detectors", [(), DETECTOR], ids=["unconditional", "conditional"])
def test_budgets_sum_to_the_criteria(detectors):
    system = network().system
    state = conditional_state(system, detectors) if detectors else steady_state(system)
    epr, ppt = epr_budget(system, *PAIR, detectors), ppt_budget(system, *PAIR, detectors)
    assert float(epr.total) == pytest.approx(float(epr_variance(state, *PAIR)), rel=1e-9)
    assert float(ppt.total) == pytest.approx(float(smallest_ppt_eigenvalue(state, *PAIR)), rel=1e-9)
    for budget in (epr, ppt):
        assert set(budget.sources) == {"input", "spin.bath", "link", "membrane.bath"} | (
            {"detection"} if detectors else set()
        )
        assert sum(budget.sources.values()) == budget.total
        assert all(part >= -1e-12 for part in budget.sources.values())


def test_the_budget_at_fixed_gains_is_linear_in_every_noise():
    system = network().system
    before = epr_budget(system, *PAIR, gain=-1.0, phase=np.pi)
    hotter = epr_budget(system.with_noise("membrane.bath", 5 * 3.5), *PAIR, gain=-1.0, phase=np.pi)
    assert float(hotter.sources["membrane.bath"]) == pytest.approx(5 * float(before.sources["membrane.bath"]), rel=1e-9)
    for name in ("input", "spin.bath", "link"):
        assert float(hotter.sources[name]) == pytest.approx(float(before.sources[name]), rel=1e-9)


def test_derivatives_by_three_roads():
    system, step = network().system, 1e-5
    direct = noise_derivatives(lambda state: smallest_ppt_eigenvalue(state, *PAIR), system, DETECTOR)
    budget = ppt_budget(system, *PAIR, DETECTOR).sources
    warmer, colder = (
        float(
            smallest_ppt_eigenvalue(
                conditional_state(system.with_noise("membrane.bath", 3.5 * (1 + sign * step)), DETECTOR), *PAIR
            )
        )
        for sign in (1, -1)
    )
    assert float(budget["membrane.bath"]) == pytest.approx((warmer - colder) / (2 * step), rel=1e-6)  # rounding/step
    for name, part in budget.items():
        assert float(direct[name]) == pytest.approx(float(part), abs=1e-7)
    negativity = noise_derivatives(lambda state: log_negativity(state, *PAIR), system, DETECTOR)
    assert sum(negativity.values()) == pytest.approx(-1, abs=1e-6)


def test_derivatives_by_parameters():
    pair = network()
    slopes = parameter_derivatives(
        lambda p: duan_sum(conditional_state(pair.with_parameters(p).system, DETECTOR), *PAIR),
        {"link.efficiency": (0.85, 1e-4), "membrane.occupation": (3.0, 1e-3)},
    )
    assert slopes["link.efficiency"] < 0 < slopes["membrane.occupation"]
    values = [
        float(duan_sum(conditional_state(pair.with_parameters({"membrane.occupation": n}).system, DETECTOR), *PAIR))
        for n in (3.001, 2.999)
    ]
    assert slopes["membrane.occupation"] == pytest.approx((values[0] - values[1]) / 0.002, rel=1e-6)
    with pytest.raises(InvalidInput, match="> 0"):
        parameter_derivatives(lambda p: Criterion(p["x"], p["x"]), {"x": (1.0, 0.0)})
    with pytest.raises(InvalidInput, match="has the shape"):
        parameter_derivatives(lambda p: Criterion(np.zeros(3), np.zeros(3)), {"x": (1.0, 0.1)})


def identity(p):
    return Criterion(p["x"], np.full_like(p["x"], 1e-12))


def test_a_band_has_the_quantiles_of_its_parameters():
    found = band(identity, {"x": Normal(0.4, 0.02)}, PPT, draws=2000)
    assert found.nominal == 0.4
    assert found.low == pytest.approx(0.4 - 1.96 * 0.02, abs=2e-4)  # stratified: 1/draws of the density
    assert found.high == pytest.approx(0.4 + 1.96 * 0.02, abs=2e-4)
    cut = band(identity, {"x": Normal(0.99, 0.05, high=1.0)}, EPR)
    assert cut.samples.max() <= 1.0
    wide = band(identity, {"x": Interval(0.2, 0.6)}, PPT)
    assert wide.low == pytest.approx(0.2, abs=1e-9)
    assert wide.high == pytest.approx(0.6, abs=1e-9)
    again = band(identity, {"x": Normal(0.4, 0.02)}, PPT, draws=2000)
    np.testing.assert_array_equal(found.samples, again.samples)


def test_edges_of_a_band_scatter_by_no_more_than_their_error():
    three = {name: Normal(1.0, 0.1) for name in "abc"}

    def total(parameters):
        value = sum(parameters.values())
        return Criterion(value, np.zeros_like(value))

    bands = [band(total, three, EPR, draws=400, seed=seed) for seed in range(40)]
    exact = 3 - 1.959964 * 0.1 * np.sqrt(3)
    deviations = np.array([one.low - exact for one in bands]) / [one.sampling_error for one in bands]
    assert 0.3 < np.sqrt((deviations**2).mean()) < 1
    # a bound within the error of an edge is not told from it
    edge = Bound(bands[0].high + bands[0].sampling_error / 2)
    assert bands[0].high < edge.value
    assert band(total, three, edge, draws=400, seed=0).verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize(
    ("value", "bound", "expected"),
    [
        (0.4, PPT, Verdict.ENTANGLED),
        (0.48, PPT, Verdict.UNDETERMINED),
        (0.6, PPT, Verdict.SEPARABLE),
        (0.9, EPR, Verdict.ENTANGLED),
        (1.2, EPR, Verdict.UNDETERMINED),
        (0.3, STEERING, Verdict.ENTANGLED),
        (0.01, LOG_NEGATIVITY, Verdict.UNDETERMINED),
    ],
)
def test_verdicts(value, bound, expected):
    assert band(identity, {"x": Normal(value, 0.02)}, bound).verdict is expected


def test_a_band_of_a_network():
    pair = network()

    def evaluate(p):
        return smallest_ppt_eigenvalue(conditional_state(pair.with_parameters(p).system, DETECTOR), *PAIR)

    parameters = {"link.efficiency": Interval(0.8, 0.9), "membrane.occupation": Normal(3.0, 0.3, low=0.0)}
    found = band(evaluate, parameters, PPT, draws=200)
    assert found.low < found.nominal < found.high
    assert found.verdict is Verdict.ENTANGLED
    assert set(found.parameters) == set(parameters)


def test_bad_bands_are_refused():
    for arguments in (({}, 0.95, 10), ({"x": Normal(1, 1)}, 1.5, 10), ({"x": Normal(1, 1)}, 0.9, 1)):
        with pytest.raises(InvalidInput, match="a band needs"):
            band(identity, arguments[0], PPT, arguments[1], arguments[2])
    with pytest.raises(InvalidInput, match="shape"):
        band(lambda p: Criterion(np.zeros(3), np.zeros(3)), {"x": Normal(1, 1)}, PPT)
    with pytest.raises(InvalidInput, match="standard error > 0"):
        Normal(1.0, 0.0)
    with pytest.raises(InvalidInput, match="low < high"):
        Interval(1.0, 1.0)


def test_the_duan_sum_of_a_system_is_that_of_its_state():
    system = network().system
    found = duan_sum_of_system(system, *PAIR, DETECTOR)
    v = conditional_state(system, DETECTOR).covariance
    plus, minus = np.array([1, 0, 1, 0]), np.array([0, 1, 0, -1])
    assert float(found) == pytest.approx((plus @ v @ plus + minus @ v @ minus) / 2, rel=1e-9)
    assert float(found) >= float(duan_sum(conditional_state(system, DETECTOR), *PAIR)) - 1e-9
