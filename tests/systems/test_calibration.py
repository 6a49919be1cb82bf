"""Calibrations: white noise, ponderomotive thermometry, areas, effective occupation; each against the state space."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backaction.gaussian import Homodyne, InvalidInput, Unresolved, Unstable, noise_budget, steady_state
from backaction.systems import (
    Hz,
    Loss,
    MechanicalOscillator,
    MHz,
    Network,
    OptomechanicalCavity,
    SpinOscillator,
    ThermalLight,
    kHz,
    thermal_occupation,
)
from backaction.systems.calibration import (
    VarianceUnit,
    back_action_ratio,
    bath_temperature,
    bath_thermometry,
    driven_spectra,
    effective_occupation,
    sideband_rates,
    spectral_areas,
    variance_from_area,
    variance_from_spectrum,
    white_noise_calibration,
)
from backaction.systems.published import moller2017 as paper
from backaction.systems.published.moller2017 import calibration as oracle
from backaction.systems.published.moller2017 import formulas

LEVEL = 1.22
"""n_WN of Fig. 2c."""


def spin() -> SpinOscillator:
    component = paper.network("fig3").component("spin")
    assert isinstance(component, SpinOscillator)
    return component


def membrane(column: str) -> OptomechanicalCavity:
    component = paper.network(column).component("membrane")
    assert isinstance(component, OptomechanicalCavity)
    return component


def around(frequency: float, span: float = 15 * kHz, points: int = 61) -> np.ndarray:
    return abs(frequency) + np.linspace(-span, span, points)


# --- white noise


@pytest.mark.parametrize("efficiency", [0.2, 0.7, 1.0])
def test_white_noise_recovers_the_cooperativity_at_every_frequency(efficiency: float) -> None:
    network = spin() >> Loss(efficiency=efficiency)
    omega = around(spin().frequency)
    spectra = driven_spectra(network, [0.0, LEVEL], omega, Homodyne())
    found = white_noise_calibration([0.0, LEVEL], spectra).cooperativity
    assert found == pytest.approx(spin().quantum_cooperativity, rel=1e-9)
    assert found == pytest.approx(1.10, rel=1e-4)  # the free inference: n_S rounded to four digits
    assert found == pytest.approx(oracle.white_noise_calibration(spectra[0] - 1, spectra[1] - 1, LEVEL), rel=1e-9)
    assert found == pytest.approx(float(oracle.spin_cooperativity(paper.parameters("fig3"))), rel=1e-9)


def test_white_noise_with_many_levels_is_one_line() -> None:
    levels = [0.0, 0.5, 3.0, 100.0]
    omega = around(spin().frequency)
    calibration = white_noise_calibration(levels, driven_spectra(Network((spin(),)), levels, omega, Homodyne()))
    assert calibration.cooperativity == pytest.approx(spin().quantum_cooperativity, rel=1e-9)
    budget = noise_budget(spin().system("spin"), omega, Homodyne()).sources
    assert calibration.thermal == pytest.approx(2 * budget["spin.bath"], rel=1e-9)
    assert calibration.back_action == pytest.approx(2 * budget["input"] - 1, rel=1e-8)  # a difference of 1 and more


def test_white_noise_gives_the_readout_rate() -> None:
    omega = around(spin().frequency)
    spectra = driven_spectra(spin() >> Loss(efficiency=0.7), [0.0, LEVEL], omega, Homodyne())
    rate = white_noise_calibration([0.0, LEVEL], spectra).readout_rate(omega, spin().frequency, spin().linewidth, 0.7)
    assert rate == pytest.approx(spin().readout_rate, rel=1e-9)


def test_noise_in_both_quadratures_misleads() -> None:
    """With thermal light instead of a modulation S40 gives 1.11 to 2.25 within ±20 kHz, by frequency."""
    omega = around(spin().frequency, span=20 * kHz)
    lossy = spin() >> Loss(efficiency=0.7)
    hot = ThermalLight(occupation=LEVEL / 2, name="hot") >> lossy
    spectra = np.array([2 * noise_budget(network.system, omega, Homodyne()).total for network in (lossy, hot)])
    wrong = white_noise_calibration([0.0, LEVEL], spectra).cooperativity
    budget = noise_budget(spin().system("spin"), omega, Homodyne()).sources
    back_action, thermal = 2 * budget["input"] - 1, 2 * budget["spin.bath"]
    assert wrong == pytest.approx((back_action + 1) / (thermal - 1), rel=1e-9)
    assert f"{wrong.min():.2f}" == "1.11"
    assert wrong[-1] == pytest.approx(2.25, abs=0.01)  # at +20 kHz; 2.20 at −20 kHz, since Γ²|χ|² is no even function


def test_white_noise_on_a_batch_of_networks() -> None:
    batch = Network((replace(spin(), readout_rate=np.array([20.0, 60.0]) * kHz),))
    spectra = driven_spectra(batch, [0.0, 1.0], around(spin().frequency), Homodyne())
    assert spectra.shape == (2, 2, 61)
    part = batch.component("spin")
    assert isinstance(part, SpinOscillator)
    expected = np.asarray(part.quantum_cooperativity)[:, None] * np.ones(61)
    assert white_noise_calibration([0.0, 1.0], spectra).cooperativity == pytest.approx(expected, rel=1e-9)


def test_white_noise_refuses_what_it_cannot_separate() -> None:
    with pytest.raises(InvalidInput, match="two different levels"):
        white_noise_calibration([1.0, 1.0], [[2.0], [2.0]])
    with pytest.raises(InvalidInput, match="one level for each run"):
        white_noise_calibration([0.0, 1.0], [[2.0]])
    with pytest.raises(InvalidInput, match="a list of levels"):
        driven_spectra(Network((spin(),)), 1.0, [1e6], Homodyne())
    with pytest.raises(InvalidInput, match="thermal part"):
        _ = white_noise_calibration([0.0, 1.0], [[1.5], [2.5]]).cooperativity


# --- ponderomotive thermometry


@pytest.mark.parametrize("column", ["fig3", "fig4"])
@pytest.mark.parametrize("angle", [0.0, np.pi / 2])
def test_thermometry_finds_the_bath_of_a_synthetic_spectrum(column: str, angle: float) -> None:
    """Amplitude (the squeezing of Fig. 2b) and phase; the network is told a wrong temperature."""
    network = membrane(column) >> Loss(efficiency=0.72)
    detector = network.in_carrier_frame(Homodyne(angle=angle))
    truth = network.with_parameters({"membrane.temperature": [5.0, 7.0, 9.0]})
    omega = around(1.2683 * MHz, 40 * kHz, 401)
    spectrum = 2 * noise_budget(truth.system, omega, detector).total
    fit = bath_thermometry(network, "membrane", omega, spectrum, detector)
    assert fit.temperature == pytest.approx([5.0, 7.0, 9.0], rel=1e-9)
    assert fit.occupation == pytest.approx(thermal_occupation([5.0, 7.0, 9.0], 1.28 * MHz), rel=1e-9)
    if angle == 0.0:
        assert spectrum[1].min() < 0.75  # it is squeezed: −1.7 dB was seen


def test_thermometry_of_noisy_spectra_is_unbiased_and_knows_its_error() -> None:
    network = membrane("fig3") >> Loss(efficiency=0.72)
    detector = network.in_carrier_frame(Homodyne(angle=0.0))
    omega, averages, runs = around(1.2683 * MHz, 40 * kHz, 201), 50, 400
    clean = 2 * noise_budget(network.system, omega, detector).total
    rng = np.random.default_rng(7)
    noisy = clean * rng.gamma(averages, 1 / averages, (runs, omega.size))
    known = bath_thermometry(network, "membrane", omega, noisy, detector, averages=averages)
    scatter = bath_thermometry(network, "membrane", omega, noisy, detector)
    pull = (known.temperature - bath_temperature(membrane("fig3").bath_occupation, 1.28 * MHz)) / (
        known.temperature_uncertainty
    )
    assert abs(pull.mean()) < 4 / np.sqrt(runs)  # four standard errors
    assert pull.std() == pytest.approx(1, abs=4 / np.sqrt(2 * runs))  # four standard errors
    assert scatter.temperature == pytest.approx(known.temperature)
    ratio = scatter.temperature_uncertainty / known.temperature_uncertainty
    assert ratio.mean() == pytest.approx(1, abs=0.02)  # 1/√(2·201·400) = 0.0025 and the gamma's third moment


def test_thermometry_propagates_the_shot_noise_level() -> None:
    network = membrane("fig3") >> Loss(efficiency=0.72)
    detector = network.in_carrier_frame(Homodyne(angle=0.0))
    omega = around(1.2683 * MHz, 40 * kHz, 201)
    spectrum = 2 * noise_budget(network.system, omega, detector).total
    error = 1e-6
    fits = [bath_thermometry(network, "membrane", omega, spectrum * (1 + e), detector) for e in (error, -error)]
    derivative = (fits[0].occupation - fits[1].occupation) / (2 * error)
    exact = bath_thermometry(network, "membrane", omega, spectrum, detector).shot_noise_sensitivity
    # the fit's weights depend on n too, but not to first order at the true value
    assert exact == pytest.approx(derivative, rel=1e-4)  # second order of the differences


def test_temperature_inverts_the_occupation() -> None:
    kelvin = np.array([0.0, 1e-5, 7.0, 300.0])
    assert bath_temperature(thermal_occupation(kelvin, 1.28 * MHz), -1.28 * MHz) == pytest.approx(kelvin)
    with pytest.raises(InvalidInput, match="0 or greater"):
        bath_temperature(-1.0, 1.0)


def test_thermometry_refuses_spectra_that_do_not_tell() -> None:
    network = membrane("fig3") >> Loss(efficiency=0.72)
    omega = around(1.2683 * MHz)
    with pytest.raises(InvalidInput, match="below what the network has"):
        bath_thermometry(network, "membrane", omega, np.full(61, 0.1), Homodyne())
    with pytest.raises(InvalidInput, match="on the last axis"):
        bath_thermometry(network, "membrane", omega, np.ones(60), Homodyne())
    blind = replace(membrane("fig3"), coupling=0.0, single_photon_coupling=None, photon_number=None)
    with pytest.raises(Unresolved, match="does not reach the detected quadrature"):
        bath_thermometry(Network((blind,)), "membrane", omega, np.ones(61), Homodyne())
    with pytest.raises(InvalidInput, match="did you mean 'membrane'"):
        bath_thermometry(network, "membrnae", omega, np.ones(61), Homodyne())


# --- areas


def test_area_is_the_stationary_variance() -> None:
    """⟨X²⟩ by the area of the record and by the Lyapunov equation, without and with loss."""
    probe = MechanicalOscillator(mechanical_frequency=1.0, mechanical_linewidth=0.02, readout_rate=0.1, occupation=3.0)
    network = probe >> Loss(efficiency=0.6)
    omega = np.concatenate([np.linspace(0, 3, 60_001), np.geomspace(3.001, 3e3, 20_001)])
    spectrum = 2 * noise_budget(network.system, omega, Homodyne()).total
    variance = steady_state(network.system).covariance[0, 0]
    assert variance_from_spectrum(omega, spectrum, 0.1, 0.6) == pytest.approx(variance, rel=1e-6)  # grid
    doubled = variance_from_spectrum(omega, spectrum, 0.1, 0.6, VarianceUnit.GROUND_STATE)
    assert doubled == pytest.approx(2 * variance, rel=1e-6)  # grid
    ground = replace(probe, occupation=0.0, readout_rate=1e-9)
    quiet = 2 * noise_budget(ground.system("m"), omega, Homodyne()).total
    # shot noise 1 is subtracted from 1 + 1e-7: rounding of 1e-9 in the area
    assert variance_from_spectrum(omega, quiet, 1e-9, 1.0, VarianceUnit.GROUND_STATE) == pytest.approx(1, rel=1e-5)


def test_area_calibrated_by_its_thermal_part_is_the_variance() -> None:
    """A bad, resonant cavity: the total area over its thermal part, times n_th, against the Lyapunov equation."""
    cavity = OptomechanicalCavity(
        mechanical_frequency=1.0, mechanical_linewidth=1e-3, occupation=200.0, cavity_linewidth=400.0, coupling=1.0
    )
    network = Network((cavity,))
    omega = np.concatenate([np.linspace(1e-3, 2, 40_001), np.geomspace(2.001, 100, 2_001)])
    areas = spectral_areas(network, omega, Homodyne())
    variance = variance_from_area(areas.total, areas.thermal, cavity.bath_occupation + 0.5)
    assert variance == pytest.approx(steady_state(network.system).covariance[0, 0], rel=2e-3)  # (Ω/κ)², band edges
    assert areas.back_action / areas.thermal == pytest.approx(float(back_action_ratio(cavity)), rel=2e-3)  # the same


def test_areas_of_the_experiment_are_those_of_the_paper_s_formulas() -> None:
    p = paper.parameters("fig3")
    network = paper.network("fig3", with_spin=False)
    omega = formulas.effective_pole(p).real + 2 * np.pi * np.linspace(-40e3, 40e3, 801)
    areas = spectral_areas(network, omega, network.in_carrier_frame(Homodyne()))
    noise = formulas.hybrid_noise(p.without_spin, omega)
    assert areas.thermal == pytest.approx(np.trapezoid(noise["membrane"], omega), rel=1e-9)
    total = np.trapezoid(sum(noise.values()) - 1, omega)
    assert areas.total == pytest.approx(total, rel=1e-9)
    # calibrated by n_th the paper's 11.6 x_zpf²; erratum: its own split implies C_q 10–15 % lower
    n_th = float(p.mechanical_halfwidth / -formulas.effective_pole(p).imag * p.bath_occupation)
    total_variance = variance_from_area(areas.total, areas.thermal, n_th, VarianceUnit.GROUND_STATE)
    thermal_variance = variance_from_area(areas.thermal, areas.thermal, n_th, VarianceUnit.GROUND_STATE)
    assert thermal_variance == pytest.approx(4.3, abs=0.1)  # printed: 4.3, with n_th 2.1 rounded
    assert total_variance == pytest.approx(11.6, rel=0.15)  # C_q known to 12 %


def test_areas_need_a_grid() -> None:
    for grid in ([1.0], [2.0, 1.0], 1.0):
        with pytest.raises(InvalidInput, match="increasing frequencies"):
            spectral_areas(paper.network("fig3"), grid, Homodyne())
    with pytest.raises(InvalidInput, match="readout_rate"):
        variance_from_spectrum([1.0, 2.0], [1.0, 1.0], 0.0)
    with pytest.raises(InvalidInput, match="thermal_area"):
        variance_from_area(1.0, -1.0, 2.0)


# --- occupation


@pytest.mark.parametrize(("column", "ratio", "thermal"), [("fig3", "1.958", "2.108"), ("fig4", "1.539", "2.239")])
def test_the_numbers_of_the_paper(column: str, ratio: str, thermal: str) -> None:
    cavity, p = membrane(column), paper.parameters(column)
    assert f"{float(back_action_ratio(cavity)):.3f}" == ratio
    assert back_action_ratio(cavity) == pytest.approx(float(oracle.back_action_to_thermal(p)), rel=1e-5)  # ½ against n
    cooled = effective_occupation(cavity)
    assert cooled.thermal == pytest.approx(float(thermal), rel=0.02)  # weak coupling; the printed is by the root of S7
    assert cooled.linewidth == pytest.approx(float(-2 * formulas.effective_pole(p).imag), rel=0.02)  # the same
    # left and right side of S1
    left = (
        cooled.optical_damping * (cooled.floor + 0.5) / (cavity.mechanical_linewidth * (cavity.bath_occupation + 0.5))
    )
    assert left == pytest.approx(float(back_action_ratio(cavity)), rel=1e-12)


@pytest.mark.parametrize("detuning", [-0.3, -1.0, -1.6])
@pytest.mark.parametrize("linewidth", [0.3, 2.0, 20.0])
def test_effective_occupation_is_that_of_the_stationary_state(detuning: float, linewidth: float) -> None:
    coupling = 2e-4 * np.sqrt(linewidth)
    cavity = OptomechanicalCavity(
        mechanical_frequency=1.0,
        mechanical_linewidth=1e-9,
        occupation=30.0,
        cavity_linewidth=linewidth,
        detuning=detuning,
        coupling=coupling,
    )
    cooled = effective_occupation(cavity)
    covariance = steady_state(cavity.system("m")).covariance
    exact = (covariance[0, 0] + covariance[1, 1] - 1) / 2
    assert cooled.total == pytest.approx(exact, rel=1e-5)  # γ_opt/κ ~ 1e-7 and (optical spring/Ω) ~ 1e-7
    bath = steady_state(replace(cavity, occupation=1030.0).system("m")).covariance - covariance
    assert cooled.thermal * 1000 / 30 == pytest.approx((bath[0, 0] + bath[1, 1]) / 2, rel=1e-5)
    assert cooled.linewidth == pytest.approx(cavity.derived()["effective_linewidth_hz"] * Hz, rel=1e-5)


def test_quantum_floor_in_the_resolved_and_the_unresolved_limit() -> None:
    table = {"mechanical_frequency": 1.0, "mechanical_linewidth": 1e-9, "occupation": 10.0, "coupling": 1e-5}
    resolved = OptomechanicalCavity(cavity_linewidth=1e-2, detuning=-1.0, **table)
    assert effective_occupation(resolved).floor == pytest.approx((1e-2 / 4) ** 2, rel=1e-4)  # (κ/4Ω)²
    bad = OptomechanicalCavity(cavity_linewidth=1e3, detuning=-5e2, **table)
    assert effective_occupation(bad).floor == pytest.approx(1e3 / 4, rel=1e-2)  # κ/4Ω at Δ = −κ/2
    down, up = sideband_rates(bad)
    assert down / up == pytest.approx(1 + 1 / effective_occupation(bad).floor)


def test_heating_and_no_floor_are_said() -> None:
    table = {"mechanical_frequency": 1.0, "occupation": 10.0, "cavity_linewidth": 1.0, "coupling": 0.01}
    resonant = OptomechanicalCavity(mechanical_linewidth=1e-3, **table)
    assert effective_occupation(resonant).back_action > 0
    with pytest.raises(InvalidInput, match="without a floor"):
        _ = effective_occupation(resonant).floor
    blue = OptomechanicalCavity(mechanical_linewidth=1e-6, detuning=1.0, **table)
    with pytest.raises(Unstable, match="no stationary occupation"):
        effective_occupation(blue)
    with pytest.raises(InvalidInput, match="no thermal noise to compare with"):
        back_action_ratio(replace(resonant, mechanical_linewidth=0.0))
