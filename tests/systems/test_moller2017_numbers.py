"""The rows of printed and computed numbers of Møller et al. 2017, by second roads."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from backaction.papers.moller2017.bench import bench_rows
from backaction.papers.moller2017.hybrid_numbers import hybrid_rows, squeezing_rows, variance_rows
from backaction.papers.moller2017.inference import area_ratios
from backaction.papers.moller2017.numbers import (
    Row,
    derived_rows,
    input_errors,
    membrane_split,
    propagated,
    rounding,
    thermal_occupation,
)
from backaction.papers.moller2017.posterior import mixed_samples
from backaction.systems.published import moller2017 as paper
from backaction.systems.published.moller2017 import formulas
from backaction.systems.published.moller2017.calibration import quantum_cooperativity

TURN = 2 * np.pi


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    every = [*bench_rows(), *derived_rows(), *squeezing_rows(), *hybrid_rows(), *variance_rows()]
    assert len({row.name for row in every}) == len(every)
    return {row.name: row for row in every}


def test_every_row_is_within_three_standard_errors_or_argued(rows: dict[str, Row]) -> None:
    beyond = [row for row in rows.values() if abs(row.pull) > 3]
    assert [row.name for row in beyond] == ["n_S from the areas, against 0.9"]
    assert len(beyond[0].explanation) > 200
    for row in rows.values():
        assert row.error > 0
        assert row.source


def test_rounding_is_the_standard_deviation_of_an_even_distribution() -> None:
    grid = np.linspace(-0.05, 0.05, 100_001)
    assert rounding(0.1) == pytest.approx(grid.std(), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("column", ["fig3", "fig4"])
@pytest.mark.parametrize("quantity", [thermal_occupation, membrane_split, lambda p: float(quantum_cooperativity(p))])
def test_propagated_errors_are_those_of_a_random_sample(column: str, quantity) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(12)
    p, errors = paper.parameters(column), input_errors(paper.COLUMNS[column])
    values = []
    for _ in range(400):
        changed = {name: getattr(p, name) * (1 + size * rng.standard_normal()) for name, size in errors.items()}
        values.append(quantity(replace(p, **changed)))
    value, error = propagated(quantity, column)
    assert value == quantity(p)
    assert error == pytest.approx(np.std(values), rel=0.15)  # 400 draws know a deviation to 3.5 %, four of those


def test_the_split_is_that_of_the_area_integrals() -> None:
    p = paper.parameters("fig3").without_spin
    omega = formulas.effective_pole(p).real + TURN * np.linspace(-40e3, 40e3, 801)
    noise = formulas.hybrid_noise(p, omega)
    membrane = np.trapezoid(noise["membrane"], omega)
    total = np.trapezoid(sum(noise.values()) - 1, omega)
    assert membrane_split(p) == pytest.approx(total / membrane - 1, rel=1e-10)


def test_photons_from_power_by_s32(rows: dict[str, Row]) -> None:
    for name, power in (("fig3", 54e-6), ("fig4", 38e-6)):
        p = paper.parameters(name)
        flux = power * 852.349e-9 / (6.62607015e-34 * 299792458)
        first, _ = p.port_halfwidths
        # |α|² = 2κ1 Φ/(κ² + Δ²), half widths
        photons = 2 * first * flux / (p.cavity_halfwidth**2 + p.detuning**2)
        about = "Fig. 3" if name == "fig3" else "Fig. 4"
        assert rows[f"intracavity photons, {about}"].computed == pytest.approx(float(photons), rel=1e-10)


def test_numbers_of_the_vapour_by_hand(rows: dict[str, Row]) -> None:
    boltzmann, mass, kelvin = 1.380649e-23, 132.905451931 * 1.66053906660e-27, 338.15
    spread = np.sqrt(boltzmann * kelvin / mass)
    doppler = np.sqrt(2 * np.log(2)) * spread / 852.349e-9
    assert rows["Doppler half width at 65 °C"].computed == pytest.approx(doppler / 1e6, rel=1e-6)
    assert rows["transit of the channel"].computed == pytest.approx(300 / (np.sqrt(8 / np.pi) * spread), rel=1e-9)
    assert rows["coherence time"].computed == pytest.approx(1e6 / (TURN * 500), rel=1e-12)


def test_splitting_of_the_two_modes_of_a_rectangle(rows: dict[str, Row]) -> None:
    # f_mn ∝ √(m²/a² + n²/b²); which side is the shorter one decides only the name of the upper mode.
    a, b = 1.0, 0.92
    modes = sorted(np.hypot(m / a, n / b) for m, n in ((1, 2), (2, 1)))
    found = rows["splitting of (1,2) and (2,1)"].computed
    assert found == pytest.approx(1280 * (modes[1] / modes[0] - 1), rel=1e-9)


def test_posterior_rows_are_the_moments_of_its_samples(rows: dict[str, Row]) -> None:
    drawn = mixed_samples(400)["fig4"]
    some = replace(drawn, **{field.name: np.asarray(getattr(drawn, field.name))[:40] for field in fields(drawn)})
    ratios = area_ratios(some)
    row = rows["back action, negative mass / membrane, Fig. 4"]
    # The first forty of the four hundred: their mean is that of all to 1/√40.
    assert ratios[:, 0].mean() == pytest.approx(row.computed, abs=3 * row.computed_error / np.sqrt(40))


def test_squeezing_rows_are_the_minimum_of_the_spectrum(rows: dict[str, Row]) -> None:
    p = replace(paper.parameters("fig4").without_spin, detection_efficiency=0.72)
    omega = formulas.effective_pole(p).real + TURN * np.linspace(-25e3, 0, 1001)
    total = sum(formulas.hybrid_noise(p, omega, 0.0).values())
    assert rows["squeezing, by Fig. 4's column"].computed == pytest.approx(10 * np.log10(total.min()), abs=1e-3)
    # Correcting for the loss is (S − 1)/0.72 + 1.
    corrected = 10 * np.log10((total.min() - 1) / 0.72 + 1)
    assert rows["squeezing, corrected for 72 %, by Fig. 4's column"].computed == pytest.approx(corrected, abs=3e-3)


def test_the_classical_reduction_is_not_fitted(rows: dict[str, Row]) -> None:
    row = rows["reduction of the classical back action"]
    assert 0.63 < row.computed < 0.67
    assert "not fitted" in row.explanation
