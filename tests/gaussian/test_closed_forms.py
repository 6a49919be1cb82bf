"""Closed formulas of the field, from their sources or derived by hand, against the general machinery.

[X, P] = i, vacuum ½; Γ of H = √Γ X X_L, γ the energy damping, c = Γ/γ, N = n_M + n_S + 1, η the detection efficiency.
"""

from __future__ import annotations

import numpy as np
import pytest

from backaction.entanglement import log_negativity
from backaction.gaussian import (
    Heterodyne,
    Homodyne,
    LinearSystem,
    concatenate,
    conditional_state,
    feedback,
    from_hamiltonian,
    riccati,
    spectral_density,
    squeezing_spectrum,
    steady_state,
    with_brownian_damping,
)
from backaction.gaussian.lyapunov import relative_size
from backaction.gaussian.measurement import record_model
from backaction.systems import Damping, Loss, MechanicalOscillator, OptomechanicalCavity, SpinOscillator

BROWNIAN, ROTATING = Damping.BROWNIAN, Damping.ROTATING_WAVE
SCALES = np.array([1e-2, 1e-3])  # of all rates relative to Ω = 1, where a formula is a rotating-wave one


def oscillator(frequency, rate, occupation, readout, tensor=0.0, damping=ROTATING):
    return SpinOscillator(
        frequency=frequency,
        linewidth=rate,
        occupation=occupation,
        readout_rate=readout,
        tensor_coupling=tensor,
        damping=damping,
    )


def epr(covariance):
    """½[Var(X_M + X_S) + Var(P_M − P_S)]."""
    position, momentum = np.array([1.0, 0, 1, 0]), np.array([0, 1.0, 0, -1])
    return 0.5 * ((covariance @ position) @ position + (covariance @ momentum) @ momentum)


def assert_second_order(deviations):
    """Deviations at SCALES fall with the square of the scale."""
    slope = np.diff(np.log10(np.abs(deviations))) / np.diff(np.log10(SCALES))
    np.testing.assert_allclose(slope, 2, atol=0.05)  # the next order, at a scale of 1e-2
    assert np.abs(deviations).max() < 1e-4


def qnd_covariance(frequency, rate, diffusion, readout, efficiency):
    """Conditional covariance of a brownian oscillator whose momentum diffuses at the rate d, X being measured.

    V11 = (a − γ)/λ, V12 = λV11²/2Ω, V22 = V11 + aV12/Ω; the differences b − Ω² and a − γ without cancellation.
    """
    strength = 2 * efficiency * readout
    above = (
        strength
        * diffusion
        * frequency**2
        / (np.sqrt(frequency**4 + strength * diffusion * frequency**2) + frequency**2)
    )
    root = np.sqrt(2 * above + rate**2)
    position = 2 * above / (root + rate) / strength
    cross = strength * position**2 / (2 * frequency)
    return np.array([[position, cross], [cross, position + root * cross / frequency]])


@pytest.mark.parametrize("quality", [1e0, 1e3, 1e8])
@pytest.mark.parametrize("cooperativity", [1e-8, 1e-4, 1.0, 1e4, 1e8])
def test_o1_one_monitored_oscillator(quality, cooperativity):
    frequency = 1e6
    rate = frequency / quality
    for occupation, efficiency in [(0.0, 1.0), (1.0, 0.3), (1e5, 1e-6)]:
        readout = 4 * cooperativity * rate * (occupation + 0.5)
        membrane = from_hamiltonian(frequency * np.eye(2), [[-1j * np.sqrt(readout / 2), 0]], modes=["m"])
        system = with_brownian_damping(membrane, "m", rate, occupation, "bath")
        state = conditional_state(system, Homodyne("port0", np.pi / 2, efficiency))
        exact = qnd_covariance(frequency, rate, rate * (2 * occupation + 1) + readout / 2, readout, efficiency)
        assert relative_size(state.covariance - exact, exact) < 1e-14


@pytest.mark.parametrize("damping", list(Damping))
@pytest.mark.parametrize("efficiency", [0.2, 1.0])
def test_o2_rotating_wave_limit(damping, efficiency):
    deviations = []
    for scale in SCALES:
        rate, readout, n = 0.3 * scale, scale, 2.0
        system = oscillator(1.0, rate, n, readout, damping=damping).system("s")
        variance = np.trace(conditional_state(system, Homodyne(efficiency=efficiency)).covariance) / 2
        root = np.sqrt(rate**2 + 4 * efficiency * readout * (rate * (n + 0.5) + readout / 4))
        deviations.append(variance / ((root - rate) / (2 * efficiency * readout)) - 1)
    assert_second_order(deviations)


def test_o2_purity_of_a_strongly_measured_oscillator():
    efficiency, readout, n = 0.7, 1e-3, 1e3
    rate = 1e-6 * readout / n
    system = oscillator(1.0, rate, n, readout).system("s")
    purity = 0.5 / np.sqrt(np.linalg.det(conditional_state(system, Homodyne(efficiency=efficiency)).covariance))
    heating = readout / 4
    expected = np.sqrt(efficiency * heating / (heating + rate * (n + 0.5)))
    assert purity == pytest.approx(expected, rel=1e-5)  # (Γ/Ω)² and γ/Γ


def matched(scale, damping, efficiency=1.0, tensor=0.0):
    rate, readout = 0.1 * scale, scale
    spin = oscillator(-1.0, rate, 0.7, readout, tensor, damping)
    membrane = oscillator(1.0, rate, 2.0, readout, tensor, damping)
    return (spin >> Loss(efficiency=efficiency) >> membrane).system, rate, readout, 3.7


@pytest.mark.parametrize("damping", list(Damping))
def test_o5_matched_opposite_masses_unconditional(damping):
    for scale in (0.1, 1e-3, 1e-6):
        system, _, _, total = matched(scale, damping)
        assert epr(steady_state(system).covariance) == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("rate", [1e-1, 1e-4, 1e-8])
@pytest.mark.parametrize("cooperativity", [1e-8, 1.0, 1e8])
def test_o5_matched_opposite_masses_conditional_exact(rate, cooperativity):
    readout, efficiency, total = cooperativity * rate, 0.8, 3.7
    spin, membrane = (oscillator(f, rate, n, readout, 0, BROWNIAN) for f, n in ((-1.0, 0.7), (1.0, 2.0)))
    state = conditional_state((spin >> membrane).system, Homodyne(efficiency=efficiency))
    pair = qnd_covariance(1.0, rate, 2 * rate * total, readout, efficiency)
    # the variances of one oscillator exceed Δ by the back action, which cancels in the sum: that many digits go
    lost = max(1.0, np.diagonal(state.covariance).max() / np.trace(pair))
    assert epr(state.covariance) == pytest.approx(np.trace(pair) / 2, rel=1e-15 * lost + 1e-12)


@pytest.mark.parametrize("rate", [1e-1, 1e-4])
def test_o5_by_the_iteration_alone(rate):
    """At strong measurement its steps shrink, grow and shrink again: one small step must not end it."""
    readout, efficiency, total = 1e8 * rate, 0.8, 3.7
    spin, membrane = (oscillator(f, rate, n, readout, 0, BROWNIAN) for f, n in ((-1.0, 0.7), (1.0, 2.0)))
    system = (spin >> membrane).system
    record = record_model(system, Homodyne(efficiency=efficiency))
    lanes = riccati.Problem(*[matrix[None] for matrix in (system.drift, system.diffusion, *record)])
    covariance = riccati._from_no_record(lanes)[0]
    pair = qnd_covariance(1.0, rate, 2 * rate * total, readout, efficiency)
    lost = max(1.0, np.diagonal(covariance).max() / np.trace(pair))
    assert epr(covariance) == pytest.approx(np.trace(pair) / 2, rel=1e-15 * lost + 1e-12)


@pytest.mark.parametrize("damping", list(Damping))
def test_o5_matched_opposite_masses_conditional_rotating_wave(damping):
    deviations = []
    for scale in SCALES:
        system, rate, readout, total = matched(scale, damping)
        variance = epr(conditional_state(system, Homodyne(efficiency=0.7)).covariance)
        strength = 2 * 0.7 * readout / rate
        deviations.append(variance / ((np.sqrt(1 + 2 * strength * total) - 1) / strength) - 1)
    assert_second_order(deviations)


@pytest.mark.parametrize("damping", list(Damping))
@pytest.mark.parametrize("efficiency", [0.8, 1.0])
def test_o6_symmetric_dissipative_scheme(damping, efficiency):
    deviations, zeta = [], 0.4
    for scale in SCALES:
        system, rate, readout, total = matched(scale, damping, efficiency, zeta)
        light = readout * ((1 + zeta**2) / 2 - np.sqrt(efficiency) * (1 - zeta**2) / 2)
        expected = (light + rate * total) / (readout * zeta + rate)
        deviations.append(epr(steady_state(system).covariance) / expected - 1)
    assert_second_order(deviations)


@pytest.mark.parametrize("efficiency", [0.8, 1.0])
def test_o7_unconditional_entanglement_reaches_the_conditional_qnd_value(efficiency):
    def deviation(scale, zeta):
        rate, readout, total = 0.1 * scale, scale, 3.7
        spin = oscillator(-1.0, rate, 0.7, readout / efficiency)
        membrane = oscillator(1.0, rate, 2.0, readout, zeta)
        variance = epr(steady_state((spin >> Loss(efficiency=efficiency) >> membrane).system).covariance)
        total += readout / rate * (1 - efficiency) / (4 * efficiency)
        return variance / ((readout * zeta**2 / 4 + rate * total) / (readout * zeta + rate)) - 1, variance

    assert_second_order([deviation(scale, 0.4)[0] for scale in SCALES])
    ratio, total = 10.0, 3.7 + 10 * (1 - efficiency) / (4 * efficiency)
    best = deviation(1e-4, np.linspace(0.3, 1.5, 601))[1].min()
    assert best == pytest.approx((np.sqrt(1 + 4 * ratio * total) - 1) / (2 * ratio), rel=1e-5)  # grid and (Γ/Ω)²


def test_o7_reverse_order_does_not_entangle():
    spin, membrane = oscillator(-1.0, 1e-4, 0.0, 1e-3), oscillator(1.0, 1e-4, 0.0, 1e-3, 0.5)
    forwards, backwards = (steady_state((a >> b).system) for a, b in ((spin, membrane), (membrane, spin)))
    names = backwards.modes
    assert float(log_negativity(forwards, *forwards.modes).value) > 0.1
    assert float(log_negativity(backwards, *names).value) == 0


@pytest.mark.parametrize("efficiency", [0.3, 1.0])
def test_o8_two_mode_squeezed_beams(efficiency):
    # squeezed in x and in p, mixed on a beam splitter, both lossy: what comes out at every frequency
    r = 1.1
    squeezers = np.diag(np.exp([-r, r, r, -r]))
    splitter = np.kron([[1, 1], [1, -1]], np.eye(2)) / np.sqrt(2)
    source = static(splitter @ squeezers, ["a", "b"], ["one", "two"])
    t, lost = np.sqrt(efficiency), np.sqrt(1 - efficiency)
    mirrors = np.block([[t * np.eye(4), lost * np.eye(4)], [lost * np.eye(4), -t * np.eye(4)]])
    losses = static(mirrors, ["c", "d", "v", "w"], ["left", "right", "lost", "lost too"])
    whole = feedback(concatenate(source, losses), {"one": "c", "two": "d"})
    noise = spectral_density(whole.with_outputs(["left", "right"]), 0.3).real
    variances = [noise[0, 0] + noise[2, 2] + 2 * noise[0, 2], noise[1, 1] + noise[3, 3] - 2 * noise[1, 3]]
    assert sum(variances) / 2 == pytest.approx(1 - efficiency + efficiency * np.exp(-2 * r), rel=1e-12)


def static(feedthrough, inputs, outputs):
    rows, columns = np.shape(feedthrough)
    return LinearSystem(
        np.zeros((0, 0)), np.zeros((0, columns)), np.zeros((rows, 0)), feedthrough, inputs=inputs, outputs=outputs
    )


@pytest.mark.parametrize("efficiency", [0.5, 1.0])
def test_o9_ponderomotive_squeezing(efficiency):
    frequency, rate, n, readout = 1.0, 1e-3, 3.0, 0.4
    membrane = MechanicalOscillator(
        mechanical_frequency=frequency,
        mechanical_linewidth=rate,
        occupation=n,
        readout_rate=readout,
    )
    omega = np.array([0.01, 0.5, 0.9, 0.999, 1.0, 1.1, 3.0])
    system = (membrane >> Loss(efficiency=efficiency)).system
    response = frequency / (frequency**2 - omega**2 - 1j * omega * rate)
    k = readout * response
    b = np.abs(k) ** 2 + 2 * readout * np.abs(response) ** 2 * rate * (2 * n + 1)
    # 1 + B/2 − √(B²/4 + (Re K)²), without cancellation
    best = (1 + b - k.real**2) / (1 + b / 2 + np.sqrt(b**2 / 4 + k.real**2))
    expected = 1 - efficiency + efficiency * best
    assert expected.min() < 0.9
    np.testing.assert_allclose(2 * squeezing_spectrum(system, omega).spectrum, expected, rtol=1e-9)


@pytest.mark.parametrize("detuning", [-1.0, -0.7])
def test_o10_sideband_cooling(detuning):
    linewidth, n, deviations = 0.5, 100.0, []
    for coupling in np.sqrt(SCALES):  # the next order is g²
        g, rate = 0.1 * coupling * linewidth, 1e-6 * coupling**2
        sensor = OptomechanicalCavity(
            mechanical_frequency=1.0,
            mechanical_linewidth=rate,
            occupation=n,
            cavity_linewidth=linewidth,
            detuning=detuning,
            coupling=g,
            damping=ROTATING,
        )
        cooling, heating = (g**2 * linewidth / (linewidth**2 / 4 + (1 + s * detuning) ** 2) for s in (1, -1))
        expected = (heating + rate * n) / (cooling - heating + rate)
        deviations.append(steady_state(sensor.system("m")).occupation[0] / expected - 1)
    slope = np.diff(np.log10(np.abs(deviations))) / np.diff(np.log10(SCALES))
    np.testing.assert_allclose(slope, 1, atol=0.05)  # the next order
    assert np.abs(deviations).max() < 1e-3


def test_o10_resolved_sideband_limit():
    for linewidth in (0.1, 0.01):
        sensor = OptomechanicalCavity(
            mechanical_frequency=1.0,
            mechanical_linewidth=0.0,
            occupation=0.0,
            cavity_linewidth=linewidth,
            detuning=-1.0,
            coupling=1e-3 * linewidth,
        )
        occupation = steady_state(sensor.system("m")).occupation[0]
        assert occupation == pytest.approx((linewidth / 4) ** 2, rel=linewidth**2)  # the next order


@pytest.mark.parametrize("strength", [0.05, 0.3, 0.45])
def test_o14_monitored_parametric_oscillator(strength):
    # H = −(χ/2)(qp + pq), damping 1 through the detected port; the vacuum is 1 in the formulas
    chi = strength
    system = from_hamiltonian(-chi * np.array([[0, 1], [1, 0]]), [[np.sqrt(0.5), 1j * np.sqrt(0.5)]], modes=["a"])
    unconditional = np.diag([1 / (1 + 2 * chi), 1 / (1 - 2 * chi)])
    np.testing.assert_allclose(2 * steady_state(system).covariance, unconditional, rtol=1e-13, atol=1e-15)
    squeezed = np.diag([1 - 2 * chi, 1 / (1 - 2 * chi)])
    state = conditional_state(system, Homodyne("port0", 0.0))
    np.testing.assert_allclose(2 * state.covariance, squeezed, rtol=1e-13, atol=1e-15)


def test_o14_other_quadrature():
    system = from_hamiltonian(-0.3 * np.array([[0, 1], [1, 0]]), [[np.sqrt(0.5), 1j * np.sqrt(0.5)]], modes=["a"])
    state = conditional_state(system, Homodyne("port0", np.pi / 2))
    np.testing.assert_allclose(2 * state.covariance, np.diag([0.625, 1.6]), rtol=1e-13, atol=1e-15)


CASCADES = {
    # γ_M, γ_S, n_M, n_S, Γ_M, Γ_S, η, η1: equal-weight Δ, Δ with the optimal gain, E_N
    (1e-3, 1e-3, 5, 1, 0.05, 0.05, 1, 1): (0.36435805, 0.36356221, 1.01197065),
    (1e-4, 5e-3, 100, 0.8, 0.05, 0.05, 0.77, 1): (0.66363548, 0.61636408, 0.48423990),
}


def cascade(sign, parameters):
    rate_m, rate_s, n_m, n_s, readout_m, readout_s, efficiency, link = parameters
    spin = oscillator(sign, rate_s, n_s, readout_s, damping=BROWNIAN)
    membrane = MechanicalOscillator(
        mechanical_frequency=1.0, mechanical_linewidth=rate_m, occupation=n_m, readout_rate=readout_m
    )
    network = spin >> Loss(efficiency=link) >> membrane
    return conditional_state(network.system, Homodyne(efficiency=efficiency))


@pytest.mark.parametrize(("parameters", "published"), CASCADES.items())
def test_two_oscillator_qnd_cascade(parameters, published):
    state = cascade(-1.0, parameters)
    v = state.covariance
    a, b, c = v[0, 0] + v[1, 1], v[2, 2] + v[3, 3], v[0, 2] - v[1, 3]
    best = (a * b - c**2) / ((a + b) / 2 + np.hypot((a - b) / 2, c))
    found = (epr(v), best, float(log_negativity(state, "spin", "mechanical_oscillator").value))
    np.testing.assert_allclose(found, published, rtol=0, atol=0.6e-8)  # all digits printed


@pytest.mark.parametrize("parameters", CASCADES)
def test_positive_mass_does_not_entangle(parameters):
    state = cascade(1.0, parameters)
    assert float(log_negativity(state, "spin", "mechanical_oscillator").value) == 0


@pytest.mark.parametrize(
    ("detuning", "temperature", "expected", "digits"),
    [
        (1.0, 0.4, 0.299131, 1e-6),
        (0.827, 0.4, 0.3117, 1e-4),
        (1.0, 23.60, 0.0, 2e-4),
    ],
)
def test_vitali_2007_optomechanical_entanglement(detuning, temperature, expected, digits):
    # PRL 98, 030405: κ is an amplitude decay there, Δ > 0 is red
    hbar, boltzmann, light = 1.054571817e-34, 1.380649e-23, 299792458.0
    frequency, rate, length, mass = 2 * np.pi * 10e6, 2 * np.pi * 100, 1e-3, 5e-12
    laser = 2 * np.pi * light / 810e-9
    kappa = np.pi * light / (1.07e4 * length)
    delta = detuning * frequency
    drive = np.sqrt(2 * 50e-3 * kappa / (hbar * laser))
    g = np.sqrt(2) * laser / length * np.sqrt(hbar / (mass * frequency)) * drive / np.hypot(kappa, delta)
    n = 1 / np.expm1(hbar * frequency / (boltzmann * temperature))
    drift = [[0, frequency, 0, 0], [-frequency, -rate, g, 0], [0, 0, -kappa, delta], [g, 0, -delta, -kappa]]
    port = np.diag([0, np.sqrt(2 * rate), np.sqrt(2 * kappa), np.sqrt(2 * kappa)])
    noise = np.diag([n + 0.5, n + 0.5, 0.5, 0.5])
    system = LinearSystem(drift, port, np.zeros((0, 4)), np.zeros((0, 4)), noise, modes=["mirror", "light"])
    value = float(log_negativity(steady_state(system), "mirror", "light").value)
    assert value == pytest.approx(expected, abs=digits)


def test_heterodyne_of_a_cavity_between_two_mirrors():
    # n + 1 − 2V = (V − ½)²: drift and noise of two mirrors against what the light of one tells
    cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j], [1, 1j]], modes=["a"], ports=["hot", "out"])
    n = np.array([0.0, 3.0, 1e4])
    state = conditional_state(cavity.with_noise("hot", (n[:, None, None] + 0.5) * np.eye(2)), Heterodyne())
    variance = state.covariance[:, 0, 0]
    np.testing.assert_allclose(variance**2 + variance, n + 0.75, rtol=1e-12)


def test_independent_systems_stay_independent():
    one, two = (matched(scale, BROWNIAN)[0] for scale in (1e-2, 1e-3))
    two = two.renamed(
        {"spin": "s", "spin2": "t"},
        {name: name + "'" for name in two.inputs},
        {name: name + "'" for name in two.outputs},
    )
    both = steady_state(concatenate(one, two)).covariance
    expected = np.zeros((8, 8))
    expected[:4, :4], expected[4:, 4:] = steady_state(one).covariance, steady_state(two).covariance
    assert relative_size(both - expected, expected) < 1e-15
