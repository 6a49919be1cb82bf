"""The figures of Møller et al. 2017: the numbers they show, by a second road, and what they do not claim."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from backaction.entanglement import smallest_ppt_eigenvalue
from backaction.figures import find
from backaction.gaussian import Homodyne, conditional_state, noise_budget
from backaction.papers.moller2017.allowed import AREA_TOLERANCE, DETECTION, allowed_parameters
from backaction.papers.moller2017.curves import interference_off
from backaction.papers.moller2017.inference import RATIOS, area_deviations, area_ratios
from backaction.systems.published import moller2017 as paper
from backaction.systems.published.moller2017 import formulas

FIG3B, ENTANGLEMENT = find("moller2017-fig3b"), find("moller2017-entanglement")
CONTRACT = Path(__file__).parents[1] / "contract" / "moller.json"


@pytest.fixture(scope="module")
def evasion():
    return FIG3B.compute(True)


@pytest.fixture(scope="module")
def entanglement():
    return ENTANGLEMENT.compute(True)


@pytest.fixture(scope="module")
def complete():
    return ENTANGLEMENT.compute(False)


@pytest.mark.parametrize("name", ["evasion", "entanglement"])
def test_every_variable_has_a_unit(name, request):
    data = request.getfixturevalue(name)
    for variable in data.data_vars:
        assert data[variable].attrs["units"]
        if variable != "published_error":  # NaN where the paper prints none
            assert np.isfinite(data[variable]).all()


@pytest.mark.parametrize(("recipe", "name"), [(FIG3B, "evasion"), (ENTANGLEMENT, "entanglement")])
def test_every_axis_says_what_it_is(recipe, name, request):
    picture = recipe.draw(request.getfixturevalue(name))
    assert all(axes.get_ylabel() for axes in picture.axes)
    assert picture.axes[-1].get_xlabel() or picture.axes[-1].get_xticklabels()


def test_negative_mass_evades_and_positive_mass_adds(evasion):
    curves = evasion.psd
    wings = np.abs(evasion.frequency - evasion.attrs["effective_frequency_khz"]) > 5
    order = ["negative mass", "membrane alone", "no interference", "positive mass"]
    for lower, higher in pairwise(order):
        assert (curves.sel(curve=lower)[wings] < curves.sel(curve=higher)[wings]).all()


def test_report_has_the_eight_published_ratios_with_their_error_bars(evasion):
    numbers = FIG3B.numbers(evasion)
    assert len(numbers) == 16  # eight ratios, two inferences
    first = numbers["back_action_negative / membrane alone, Fig. 3, free inference"]
    assert round(first.computed, 3) == 0.790
    assert first.published == pytest.approx(5.9 / 7.3)
    assert first.uncertainty == 0.05
    assert "inferred" in first.note
    # Every ratio with an error bar lies within two of them.
    for quantity in numbers.values():
        if quantity.uncertainty is not None:
            assert abs(quantity.computed - quantity.published) < 2 * quantity.uncertainty


@pytest.mark.parametrize("column", ["fig3", "fig4"])
def test_areas_of_the_state_spaces_spectra_are_those_of_the_closed_formula(column):
    p = paper.parameters(column)
    omega = formulas.effective_pole(p).real + 2 * np.pi * np.linspace(-40e3, 40e3, 801)

    def areas(network):
        budget = noise_budget(network.system, omega, network.in_carrier_frame(Homodyne("out")))
        thermal = sum(budget.sources.get(name, 0 * omega) for name in ("spin.bath", "membrane.bath"))
        return np.trapezoid(2 * budget.total - 1, omega), np.trapezoid(2 * thermal, omega)

    (negative, cold), (positive, warm) = [areas(paper.network(column, mass=mass)) for mass in (-1, 1)]
    alone, bath = areas(paper.network(column, with_spin=False))
    back_action = alone - bath
    ratios = [(negative - cold) / back_action, negative / alone, cold / bath, (positive - warm) / back_action]
    np.testing.assert_allclose(ratios, area_ratios(p), rtol=1e-9)
    assert len(ratios) == len(RATIOS)


@pytest.mark.parametrize("column", ["fig3", "fig4"])
def test_curve_without_interference_is_the_incoherent_sum_of_the_lights_paths(column):
    p = paper.parameters(column)
    omega = formulas.effective_pole(p).real + 2 * np.pi * np.linspace(-20e3, 20e3, 41)
    rest = formulas.cavity_transfer(p, omega)
    c, s = np.cos(p.link_rotation), np.sin(p.link_rotation)
    angle = formulas.output_phase(p)
    row = np.array([-np.sin(angle), np.cos(angle)]) @ rest @ np.array([[c, -s], [s, c]])
    kick = p.spin_readout_rate * formulas.spin_susceptibility(p, omega)
    paths = [row[..., 0], row[..., 1] * kick, row[..., 1]]  # X past the spin, X through it into P, P itself
    noise = formulas.hybrid_noise(p, omega)
    light = p.link_efficiency * p.detection_efficiency * sum(np.abs(path) ** 2 for path in paths)
    expected = light + sum(value for source, value in noise.items() if source != "light")
    np.testing.assert_allclose(interference_off(p, omega).total / 0.5, expected, rtol=1e-10)
    assert np.abs(noise["light"] / light - 1).max() > 0.1  # there is something to take away


def test_nothing_interferes_without_a_spin():
    p = replace(paper.parameters("fig3"), spin_readout_rate=0.0)
    omega = p.mechanical_frequency + 2 * np.pi * np.linspace(-20e3, 0, 11)
    expected = sum(formulas.hybrid_noise(p, omega).values())
    np.testing.assert_allclose(interference_off(p, omega).total / 0.5, expected, rtol=1e-10)


@pytest.mark.slow
def test_allowed_parameters_reproduce_the_published_areas():
    allowed = allowed_parameters((0.64, 0.75))
    assert np.abs(allowed.deviations).max() <= AREA_TOLERANCE
    assert set(allowed.link) == set(paper.LinkLoss)
    again = area_deviations(*allowed.columns.values())
    np.testing.assert_allclose(again, allowed.deviations, rtol=1e-9, atol=1e-12)
    # The text's n_S = 0.9 contradicts its areas by more than the tolerance: it comes back with a wider one.
    assert 0.9 not in allowed.columns["fig3"].spin_occupation
    assert 0.9 in allowed_parameters((0.64,), tolerance=0.1).columns["fig3"].spin_occupation
    efficiency = allowed.columns["fig4"].detection_efficiency
    assert sorted(set(efficiency.tolist())) == [0.64, 0.75]
    assert allowed.size == 2 * allowed_parameters((0.64,)).size == len(efficiency)


def test_free_inference_lies_in_the_allowed_set():
    allowed = allowed_parameters((0.64,))
    free = paper.parameters("fig3")
    fields = ("link_efficiency", "spin_readout_rate", "bath_occupation", "spin_occupation")
    # Its n_S is rounded to four digits.
    close = [np.isclose(getattr(allowed.columns["fig3"], name), getattr(free, name), rtol=1e-3) for name in fields]
    assert np.all(close, axis=0).any()


def test_reference_values_at_the_best_angle(complete_or_quick):
    data = complete_or_quick
    # 2e-4 below the third digit: the best angle is met to 2° or 4° on the grid.
    here = {"column": "fig3", "mass": "negative"}
    free = float(data.ppt_conditional_inferred.sel(here | {"inference": "free"}).min())
    assert free == pytest.approx(0.530, abs=6e-4)
    combined, detected, _ = data.ppt_variant.min("angle").values
    assert combined == pytest.approx(0.499, abs=6e-4)
    assert detected == pytest.approx(0.495, abs=6e-4)


@pytest.fixture(params=["entanglement", pytest.param("complete", marks=pytest.mark.slow)])
def complete_or_quick(request):
    return request.getfixturevalue(request.param)


def test_the_published_numbers_do_not_determine_it(complete_or_quick):
    best = complete_or_quick.ppt_conditional.sel(mass="negative").min("angle")
    for column in ("fig3", "fig4"):
        assert float(best.sel(column=column).min()) < 0.5 < float(best.sel(column=column).max())
    # "about 0.46 to 0.58"; 0.449 and 0.582 with the tolerance and the sets chosen here.
    assert float(best.min()) == pytest.approx(0.449, abs=1e-3)
    assert float(best.max()) == pytest.approx(0.582, abs=1e-3)
    numbers = ENTANGLEMENT.numbers(complete_or_quick)
    verdicts = {q.note for key, q in numbers.items() if "edge" in key}
    form = re.compile(r"undetermined by the published numbers: between \d\.\d{3} and \d\.\d{3}")
    assert len(verdicts) == 4
    assert all(form.fullmatch(verdict) for verdict in verdicts)
    assert all(quantity.published is None for quantity in numbers.values())


def test_the_posterior_leaves_it_undetermined_too(entanglement):
    best = entanglement.ppt_posterior.min("angle")
    for column in ("fig3", "fig4"):
        assert float(best.sel(column=column).min()) < 0.5 < float(best.sel(column=column).max())
    assert (entanglement.epr_posterior >= 2 * entanglement.ppt_posterior - 1e-9).all()
    numbers = ENTANGLEMENT.numbers(entanglement)
    median = numbers["smallest PPT eigenvalue, conditional, Fig. 3, median of the posterior"]
    assert "undetermined by the published numbers" in median.note
    assert median.published is None


def test_spectra_lie_in_the_neighbourhood_of_their_bands(evasion):
    # The free inference is one of the fits that the band is drawn from: within twice its width everywhere.
    low, high = evasion.psd_band.sel(end="low"), evasion.psd_band.sel(end="high")
    width = high - low
    assert (width > 0).all()
    assert (evasion.psd > low - width).all()
    assert (evasion.psd < high + width).all()


def test_the_other_cases_are_separable_for_every_allowed_set(entanglement):
    for criterion, bound in (("ppt", 0.5), ("epr", 1.0)):
        assert float(entanglement[f"{criterion}_conditional"].sel(mass="positive").min()) > bound
        assert float(entanglement[f"{criterion}_unconditional"].min()) > bound
    for suffix in ("", "_inferred"):  # EPR < 1 proves what PPT < ½ does, never more
        assert (entanglement[f"epr_conditional{suffix}"] >= 2 * entanglement[f"ppt_conditional{suffix}"] - 1e-9).all()


def test_more_detection_never_hurts(entanglement):
    values = entanglement.ppt_conditional.sel(mass="negative", column="fig3").min("angle")
    low = values[entanglement.detection_efficiency == min(DETECTION)].values
    high = values[entanglement.detection_efficiency == max(DETECTION)].values
    assert (high < low).all()


def test_a_sample_of_the_band_is_that_single_experiment(entanglement):
    at, angle = 7, 96.0
    allowed = allowed_parameters((min(DETECTION), max(DETECTION)))
    one = allowed.columns["fig4"]
    single = replace(
        paper.parameters("fig4", link=allowed.link[at]),
        **{
            name: float(getattr(one, name)[at])
            for name in ("detection_efficiency", "bath_occupation", "spin_readout_rate", "spin_occupation")
        },
    )
    network = paper.chain(single)
    detector = Homodyne("out", np.radians(angle) + network.carrier_angle("out"))
    state = conditional_state(network.system, detector)
    stored = float(entanglement.ppt_conditional.sel(column="fig4", mass="negative", angle=angle)[at])
    assert stored == pytest.approx(float(smallest_ppt_eigenvalue(state, "spin", "membrane")), rel=1e-10)


def test_unconditional_values_are_the_contracts(entanglement):
    reference = json.loads(CONTRACT.read_text())["unconditional"]["pairs"][0]
    here = {"column": "fig3", "mass": "negative", "inference": "free"}
    # The contract's file has Γ_S and n_S rounded to three digits.
    for criterion, key in (("ppt", "ppt_symplectic_eigenvalue"), ("epr", "epr_variance")):
        value = float(entanglement[f"{criterion}_unconditional_inferred"].sel(here))
        assert value == pytest.approx(reference[key], rel=1e-3)
