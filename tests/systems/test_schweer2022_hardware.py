"""Schweer et al. 2022, appendix A and the thermal force: bench values, each by a second road."""

import numpy as np
import pytest

from backaction.gaussian import InvalidInput
from backaction.systems import MHz, OptomechanicalCavity, kHz
from backaction.systems.constants import BOLTZMANN, HBAR, SPEED_OF_LIGHT
from backaction.systems.published.schweer2022 import RESONANCE, hardware, table_ii, thermal

LASER = 2 * np.pi * SPEED_OF_LIGHT / 1064e-9


def test_wave_plate_is_the_jones_matrix():
    """sin(θ/2) sin 2τ, the off-diagonal of a retarder turned by τ, once a round trip."""
    theta, tau, length = 0.02, 0.6, 0.7
    turn = np.array([[np.cos(tau), -np.sin(tau)], [np.sin(tau), np.cos(tau)]])
    jones = turn @ np.diag([np.exp(0.5j * theta), np.exp(-0.5j * theta)]) @ turn.T
    crossed = abs(jones[0, 1]) * SPEED_OF_LIGHT / length
    assert hardware.wave_plate_coupling(theta, tau, length) == pytest.approx(crossed, rel=theta**2 / 12)  # sin θ/2
    # with the roles as the paper names them (θ the angle, τ the delay) the plate would do something else
    turn = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    named = turn @ np.diag([np.exp(0.5j * tau), np.exp(-0.5j * tau)]) @ turn.T
    assert abs(abs(named[0, 1]) * SPEED_OF_LIGHT / length / crossed - 1) > 0.02


def test_beam_splitter_is_the_rotation_of_two_modes():
    """Two modes that exchange amplitude r once a round trip beat at g_BS = arcsin(r) c/L."""
    r, length = 0.004, 0.5
    step = np.array([[np.sqrt(1 - r**2), 1j * r], [1j * r, np.sqrt(1 - r**2)]])
    beat = abs(np.angle(np.linalg.eigvals(step)[0])) * SPEED_OF_LIGHT / length
    assert hardware.beam_splitter_coupling(r, length) == pytest.approx(beat, rel=r**2)  # arcsin
    assert hardware.beam_splitter_reflectivity(beat, length) == pytest.approx(r, rel=r**2)  # arcsin


def test_crystal_is_the_gain_of_a_round_trip():
    """Amplitudes grow by Γl on each pass: a, c† → cosh, sinh, so the rate is Γ l c/L."""
    gain, crystal, length = 0.8, 0.01, 0.5
    one = np.array(
        [[np.cosh(gain * crystal), np.sinh(gain * crystal)], [np.sinh(gain * crystal), np.cosh(gain * crystal)]]
    )
    rate = np.log(np.linalg.eigvalsh(one)[-1]) * SPEED_OF_LIGHT / length
    assert hardware.down_conversion_coupling(gain, crystal, length) == pytest.approx(rate, rel=1e-12)
    assert hardware.required_gain(rate, crystal, length) == pytest.approx(gain, rel=1e-12)


def test_crystal_gain_is_the_coupled_wave_equation():
    """dA_s/dz = i(ω_s d_eff/(n c))·2A_p·A_i*/… integrated for Manley-Rowe amplitudes, with I = 2nε₀c|A|²."""
    intensity, d, signal, idler, n = 1e9, 2.4e-12, 1.9e15, 1.6e15, 1.8
    pump = np.sqrt(intensity / (2 * n * hardware.VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    forward = 2 * signal * d * pump / (n * SPEED_OF_LIGHT)
    backward = 2 * idler * d * pump / (n * SPEED_OF_LIGHT)
    assert hardware.crystal_gain(intensity, d, signal, idler, n) == pytest.approx(np.sqrt(forward * backward))
    gain = hardware.crystal_gain(intensity, d, signal, idler, n)
    assert hardware.pump_intensity(gain, d, signal, idler, n) == pytest.approx(intensity)


def test_optomechanical_coupling_is_twice_the_usual_one():
    """g of (2) against g₀√n of a cavity with a moving end mirror, g₀ = (ω_c/d)√(ħ/2mΩ)."""
    mass, photons, cavity = 1e-11, 4.7e7, 0.01
    g0 = LASER / cavity * np.sqrt(HBAR / (2 * mass * RESONANCE))
    usual = OptomechanicalCavity(
        mechanical_frequency=RESONANCE, mechanical_linewidth=1.0, occupation=0.0, cavity_linewidth=2 * MHz,
        single_photon_coupling=g0, photon_number=photons,
    ).linearised_coupling  # fmt: skip
    found = hardware.optomechanical_coupling(photons, mass, RESONANCE, LASER, 2 * cavity)
    assert found == pytest.approx(2 * usual, rel=1e-12)


def test_power_for_table_ii():
    table = table_ii()
    kappa = table.kappa_om * RESONANCE
    power = hardware.laser_power(table.g * RESONANCE, 1e-11, RESONANCE, LASER, 0.02, kappa, table.escape_om)
    photons = hardware.intracavity_photons(power, kappa, LASER, escape=table.escape_om)
    coupling = hardware.optomechanical_coupling(photons, 1e-11, RESONANCE, LASER, 0.02)
    assert coupling / kHz == pytest.approx(500)
    # the photon number is that of the mean-field equation ȧ = −(κ/2 + iΔ)a + √κ_in a_in
    detuning = 0.3 * kappa
    amplitude = np.sqrt(table.escape_om * kappa * power / (HBAR * LASER)) / (kappa / 2 + 1j * detuning)
    found = hardware.intracavity_photons(power, kappa, LASER, detuning, table.escape_om)
    assert found == pytest.approx(abs(amplitude) ** 2)


def test_bench_values_of_table_ii_are_reasonable():
    """A metre of round trip: a retardation of milliradians and a single-pass gain of half a per cent."""
    table = table_ii()
    plate = hardware.wave_plate_retardation(table.g_bs * RESONANCE, np.pi / 4, 1.0)
    assert plate == pytest.approx(2 * 2 * np.pi * 252.5e3 / SPEED_OF_LIGHT)
    gain = hardware.required_gain(table.g_dc * RESONANCE, 0.01, 1.0)
    assert gain * 0.01 == pytest.approx(2 * np.pi * 242.5e3 / SPEED_OF_LIGHT)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: hardware.beam_splitter_coupling(0.1, 0.0), "round-trip length must be greater than 0"),
        (lambda: hardware.beam_splitter_coupling(1.5, 1.0), "between -1 and 1"),
        (lambda: hardware.wave_plate_retardation(1.0, 0.0, 1.0), "turn it"),
        (lambda: hardware.drive_amplitude(-1.0, 1.0, 1.0), "power must be 0 or greater"),
        (lambda: hardware.required_gain(1.0, np.nan, 1.0), "crystal length must be greater than 0"),
        (lambda: thermal.required_quality(4.0, RESONANCE, 0.8, 0.7), "out of reach"),
        (lambda: thermal.required_quality(4.0, RESONANCE, 0.8, 1.0, 1.0), "on resonance"),
    ],
)
def test_bad_bench_values(call, text):
    with pytest.raises(InvalidInput, match=text):
        call()


def test_43_is_four_times_too_large():
    strength, gamma = 4 * RESONANCE**2 / (table_ii().kappa_om * RESONANCE), 1e-3 * RESONANCE
    temperature = np.array([1.0, 4.0, 300.0])
    ratio = thermal.printed_cooperativity(strength, gamma, temperature, RESONANCE) / thermal.quantum_cooperativity(
        strength, gamma, temperature, RESONANCE
    )
    energy = HBAR * RESONANCE / (BOLTZMANN * temperature)
    np.testing.assert_allclose(ratio, 4, rtol=1e-8)  # (2n+1)ħω/k_BT = 2 + (ħω/k_BT)²/6
    assert (energy < 1e-4).all()
    sensor = OptomechanicalCavity(
        mechanical_frequency=RESONANCE, mechanical_linewidth=gamma, temperature=4.0, coupling=RESONANCE / 2,
        cavity_linewidth=table_ii().kappa_om * RESONANCE,
    )  # fmt: skip
    found = thermal.quantum_cooperativity(strength, gamma, 4.0, RESONANCE)
    assert found == pytest.approx(sensor.quantum_cooperativity, rel=1e-12)


def test_required_quality_and_temperature_are_inverse():
    quality = thermal.required_quality(4.0, RESONANCE, 0.8, 0.95, 0.3)
    back = thermal.largest_temperature(quality, RESONANCE, 0.8, 0.95, 0.3)
    assert back == pytest.approx(4.0, rel=1e-9)  # n ~ 1e5 is inverted
    assert thermal.largest_temperature(4.0, RESONANCE, 0.8) == 0.0  # half a quantum is too much already
