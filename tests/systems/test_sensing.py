"""Force sensing: every number by a second road, and what cannot be answered is said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput, Unstable
from backaction.gaussian.spectra import mode_spectral_density, noise_budget, spectral_density, transfer_matrix
from backaction.systems import Loss, MechanicalOscillator, Network, OptomechanicalCavity, SpinOscillator, Squeezer
from backaction.systems.constants import HBAR
from backaction.systems.published.schweer2022 import Order, cascade, ideal, table_ii
from backaction.systems.sensing import (
    ForceUnit,
    cancellation_bound,
    force_noise,
    quantum_bound,
    signal_transfer,
    standard_quantum_limit,
    strength_envelope,
    susceptibility,
    variational_bound,
    variational_readout,
)

ROUNDING = 1e-12
OMEGA = np.array([0.05, 0.4, 0.95, 1.3, 4.0])
PHASE = Homodyne()
POWER = ["ancilla.beam_splitter", "ancilla.down_conversion", "sensor.coupling"]


def probe(gamma=0.02, rate=0.7, **more):
    return MechanicalOscillator(
        name="m", mechanical_frequency=1.0, mechanical_linewidth=gamma, readout_rate=rate, occupation=3.0, **more
    )


def sensor(**changes):
    values = {"mechanical_frequency": 1.0, "mechanical_linewidth": 0.02, "cavity_linewidth": 4.0, "coupling": 0.4}
    return OptomechanicalCavity(name="m", **({"occupation": 3.0} | values | changes))


def chain(efficiency=0.8):
    """A spin, a loss, a detuned two-sided membrane, a loss: everything that can be different is."""
    spin = SpinOscillator(name="s", frequency=-1.1, linewidth=0.05, readout_rate=0.6, occupation=1.0)
    membrane = sensor(detuning=-0.7, input_fraction=0.85)
    return spin >> Loss(name="link", efficiency=efficiency) >> membrane >> Loss(name="end", efficiency=0.9)


# --- the record ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thermal", [False, True])
@pytest.mark.parametrize("detector", [Homodyne(angle=1.1, efficiency=0.7), Heterodyne(angle=0.4, efficiency=0.6)])
def test_noise_is_the_budget_without_the_bath(detector, thermal):
    network = chain(np.array([0.5, 0.9]))
    result = force_noise(network, OMEGA, "m", detector, thermal)
    sources = noise_budget(network.system, OMEGA, detector).sources
    expected = sum(part for name, part in sources.items() if thermal or name != "m.bath")
    np.testing.assert_allclose(result.spectrum, expected, rtol=ROUNDING)


def test_response_is_that_of_the_bath_port():
    """The bath enters as √(2γ) ξ on p, so its transfer is √2 that of F."""
    network = chain()
    system = network.system
    bath = 2 * system.inputs.index("m.bath") + 1
    transfer = transfer_matrix(system.with_outputs("out"), OMEGA)[..., bath] / np.sqrt(2)
    np.testing.assert_allclose(signal_transfer(network, OMEGA, "m"), transfer, rtol=ROUNDING)


def test_single_pass_sensor_in_closed_form():
    """S = 1/(2Γγ|χ|²) + Γ/(2γ): shot noise and back action of one pass."""
    gamma, rate = 0.02, 0.7
    chi = susceptibility(OMEGA, 1.0, gamma)
    noise = force_noise(probe(gamma, rate) >> Loss(efficiency=1.0), OMEGA, "m", PHASE)
    expected = 1 / (2 * rate * gamma * abs(chi) ** 2) + rate / (2 * gamma)
    np.testing.assert_allclose(noise.added_noise, expected, rtol=ROUNDING)
    np.testing.assert_allclose(noise.sql, 1 / (gamma * abs(chi)), rtol=ROUNDING)
    thermal = force_noise(probe(gamma, rate) >> Loss(efficiency=1.0), OMEGA, "m", PHASE, thermal=True)
    np.testing.assert_allclose(thermal.added_noise - expected, 2 * 3.0 + 1, rtol=1e-10)  # difference of numbers ~1e3


def test_amplitude_quadrature_sees_no_force():
    for angle in (0.0, np.pi, -np.pi):  # sin π is 1e-16, which is no response
        result = force_noise(sensor() >> Loss(efficiency=0.9), OMEGA, "m", Homodyne(angle=angle))
        assert not result.visible.any()
        with pytest.raises(InvalidInput, match=r"does not reach the detected quadrature at 5 of 5 points"):
            _ = result.added_noise


def test_port_before_the_mode_sees_no_force():
    network = Loss(name="tap", efficiency=0.5) >> sensor()
    assert (signal_transfer(network, OMEGA, "m", "tap") == 0).all()
    for ask in (variational_readout, quantum_bound):
        with pytest.raises(InvalidInput, match="does not reach 'tap'"):
            ask(network, OMEGA, "m", "tap")
    with pytest.raises(InvalidInput, match="no power at which"):
        strength_envelope(network, OMEGA, "m", Homodyne("tap"), ["m.coupling"])


def test_uncoupled_mode_sees_no_force():
    with pytest.raises(InvalidInput, match="coupling different from 0"):
        variational_readout(sensor(coupling=0.0) >> Loss(efficiency=1.0), OMEGA, "m")


def test_infinite_noise_is_stated():
    """A spin without damping in front: no stationary record; the formula diverges at the spin's own frequency."""
    undamped = SpinOscillator(name="s", frequency=-1.0, linewidth=0.0, readout_rate=0.5, occupation=0.0)
    with pytest.raises(Unstable, match=r"mode 's' does not decay.*formal=True"):
        force_noise(undamped >> probe(), 0.5, "m", PHASE)
    with pytest.raises(InvalidInput, match="undamped pole"):
        force_noise(undamped >> probe(), [0.5, 1.0], "m", PHASE, formal=True)
    with pytest.raises(InvalidInput, match="not finite"):
        force_noise(undamped >> probe(), [0.5, np.inf], "m", PHASE)
    # in laboratory units the frequency is met only to rounding, and the noise would be 1e30 instead of infinite
    unit = 2 * np.pi * 1.28e6
    undamped = SpinOscillator(name="s", frequency=-1.1 * unit, linewidth=0.0, readout_rate=0.1 * unit, occupation=0.0)
    membrane = sensor(mechanical_frequency=unit, mechanical_linewidth=1e-3 * unit, cavity_linewidth=7 * unit)
    with pytest.raises(InvalidInput, match="undamped pole"):
        force_noise(undamped >> membrane, np.array([0.9, 1.1]) * unit, "m", PHASE, formal=True)
    beside = force_noise(undamped >> membrane, np.array([0.9, 1.1 * (1 + 1e-9)]) * unit, "m", PHASE, formal=True)
    assert np.isfinite(beside.added_noise).all()


def test_modes_that_feel_no_force():
    with pytest.raises(InvalidInput, match="its linewidth is 0"):
        force_noise(probe(gamma=0.0) >> Loss(efficiency=1.0), OMEGA, "m", PHASE)
    with pytest.raises(InvalidInput, match="did you mean 'm'"):
        force_noise(chain(), OMEGA, "mm", PHASE)


# --- units --------------------------------------------------------------------------------------------------


def test_standard_quantum_limit_in_newtons_and_metres():
    """Two-sided: ħ/|χ_F| as a force, ħ|χ_F| as a displacement, χ_F = 1/[m(Ω² − ω² − iγω)]."""
    mass, frequency, gamma = 2e-12, 2 * np.pi * 5e5, 2 * np.pi * 50.0
    omega = OMEGA * frequency
    response = 1 / (mass * (frequency**2 - omega**2 - 1j * gamma * omega))
    unit = ForceUnit(mass, frequency, gamma)
    limit = standard_quantum_limit(omega, frequency, gamma)
    np.testing.assert_allclose(unit.density(limit), HBAR / abs(response), rtol=ROUNDING)
    np.testing.assert_allclose(unit.amplitude(limit) ** 2, HBAR / abs(response), rtol=ROUNDING)
    np.testing.assert_allclose(unit.displacement(limit, omega), HBAR * abs(response), rtol=ROUNDING)


def test_thermal_force_in_newtons():
    """The classical Langevin force, two-sided 2mγk_BT, is ħmγΩ(2n + 1) at high temperature."""
    mass, frequency, gamma, occupation = 2e-12, 2 * np.pi * 5e5, 2 * np.pi * 50.0, 1e5
    network = probe() >> Loss(efficiency=1.0)
    network = network.with_parameters(
        {"m.mechanical_frequency": frequency, "m.mechanical_linewidth": gamma, "m.occupation": occupation}
    )
    pair = [force_noise(network, OMEGA * frequency, "m", PHASE, thermal) for thermal in (True, False)]
    added = pair[0].spectrum / abs(pair[0].response) ** 2 - pair[1].spectrum / abs(pair[1].response) ** 2
    energy = HBAR * frequency * (occupation + 0.5)  # k_B T, up to 1/(12 n²)
    measured = pair[0].unit(mass).density(added)
    np.testing.assert_allclose(measured, 2 * mass * gamma * energy, rtol=1e-4)  # shot noise 1e10 is subtracted


def test_units_follow_the_batch():
    network = sensor(mechanical_linewidth=np.array([0.01, 0.04])) >> Loss(efficiency=1.0)
    noise = force_noise(network, OMEGA, "m", PHASE)
    density = noise.unit(3.0).density(noise.added_noise)
    assert density.shape == (2, 5)
    np.testing.assert_allclose(density, HBAR * 3.0 * np.array([[0.01], [0.04]]) * noise.added_noise, rtol=ROUNDING)
    for bad in (0.0, -1.0, np.nan):
        with pytest.raises(InvalidInput, match="mass"):
            noise.unit(bad)


# --- the best angle and the quantum bound --------------------------------------------------------------------


@pytest.mark.parametrize("efficiency", [1.0, 0.6])
def test_best_angle_against_all_angles(efficiency):
    network = chain(np.array([0.5, 0.9]))
    best = variational_readout(network, OMEGA, "m", efficiency=efficiency)
    assert best.added_noise.shape == (2, 5)
    scan = np.linspace(0, np.pi, 3601)[:, None]
    every = force_noise(network, OMEGA, "m", Homodyne(angle=scan, efficiency=efficiency))
    noise = every.spectrum / abs(every.response) ** 2
    assert (best.added_noise <= noise.min(axis=0) * (1 + ROUNDING)).all()
    np.testing.assert_allclose(noise.min(axis=0), best.added_noise, rtol=1e-3)  # the scan's step
    for i in range(2):
        for j, omega in enumerate(OMEGA):
            at_best = Homodyne(angle=best.angle[i, j], efficiency=efficiency)
            single = force_noise(chain([0.5, 0.9][i]), omega, "m", at_best)
            assert single.added_noise == pytest.approx(best.added_noise[i, j], rel=1e-10)  # strong back action


def test_variational_readout_of_the_sensor_alone():
    """[1 + (Im K)²]/(2Γγ|χ|²) with K = Γχ; over power too it is |ω|/Ω, which is never above (26)."""
    gamma, rate = 0.02, np.array([0.7, 40.0])
    chi = susceptibility(OMEGA, 1.0, gamma)
    network = probe(gamma, rate) >> Loss(efficiency=1.0)
    strength = rate[:, None]
    expected = (1 + (strength * chi.imag) ** 2) / (2 * strength * gamma * abs(chi) ** 2)
    np.testing.assert_allclose(variational_readout(network, OMEGA, "m").added_noise, expected, rtol=1e-11)  # K² ~ 1e6
    best = np.array(
        [
            variational_readout(probe(gamma, 1 / abs(c.imag)) >> Loss(efficiency=1.0), w, "m").added_noise
            for w, c in zip(OMEGA, chi, strict=True)
        ]
    )
    np.testing.assert_allclose(best, variational_bound(OMEGA, 1.0), rtol=1e-9)  # K ~ 1e3 leaves nine digits
    assert (variational_bound(OMEGA, 1.0) <= cancellation_bound(OMEGA, 1.0, gamma)).all()


def test_quantum_bound_is_the_inverse_of_the_spectral_matrix():
    network = chain(np.array([0.5, 0.9]))
    for ports in ("out", ("out", "end", "m.vacuum")):
        names = (ports,) if isinstance(ports, str) else ports
        chosen = network.system.with_outputs(names)
        density = spectral_density(chosen, OMEGA)
        bath = 2 * chosen.inputs.index("m.bath") + 1
        force = transfer_matrix(chosen, OMEGA)[..., bath] / np.sqrt(2)
        expected = 1 / np.einsum("...i,...ij,...j", force.conj(), np.linalg.inv(density), force).real
        found = quantum_bound(network, OMEGA, "m", ports, thermal=True)
        np.testing.assert_allclose(found, expected, rtol=1e-9)  # the explicit inverse is the weaker road


def test_bounds_are_ordered():
    network = chain()
    fixed = force_noise(network, OMEGA, "m", Homodyne(angle=1.2)).added_noise
    best = variational_readout(network, OMEGA, "m").added_noise
    bound = quantum_bound(network, OMEGA, "m")
    more = quantum_bound(network, OMEGA, "m", ("out", "end"))
    assert (more <= bound).all() and (bound <= best * (1 + ROUNDING)).all() and (best <= fixed).all()
    assert (more < 0.99 * bound).any()


def test_quantum_bound_of_a_lossless_sensor_is_energetic():
    """1/(4γ S_X) with the spectrum of X that the light drives."""
    network = sensor(occupation=0.0) >> Loss(efficiency=1.0)
    bath = network.system.inputs.index("m.bath")
    strength = network.system.noise[2 * bath + 1, 2 * bath + 1]
    everything = mode_spectral_density(network.system, OMEGA)[..., 0, 0].real
    thermal = abs(susceptibility(OMEGA, 1.0, 0.02)) ** 2 * 2 * 0.02 * strength
    expected = 1 / (4 * 0.02 * (everything - thermal))
    np.testing.assert_allclose(quantum_bound(network, OMEGA, "m"), expected, rtol=1e-9)  # a difference


def test_squeezed_input_lowers_the_bound():
    plain = quantum_bound(chain(), OMEGA, "m")
    squeezed = quantum_bound(Squeezer(name="sq", squeezing=10.0, angle=np.pi / 2) >> chain(), OMEGA, "m")
    assert (squeezed != plain).all()
    with pytest.raises(InvalidInput, match=r"must lie in \(0, 1\]"):
        variational_readout(chain(), OMEGA, "m", efficiency=0.0)


# --- the envelope ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", Order)
def test_envelope_of_the_cascade_in_closed_form(order):
    """With g_BS = g_DC and resonant cavities S = A/s + B + Cs exactly: the envelope is B + 2√(AC)."""
    network = cascade(order, replace(table_ii(), g_bs=0.5, g_dc=0.5), unit=1.0)
    best = strength_envelope(network, OMEGA, "sensor", PHASE, POWER)
    powers = np.array([0.5, 1.0, 2.0])
    values = [
        force_noise(
            network.with_parameters({key: network.parameters[key] * np.sqrt(s) for key in POWER}),
            OMEGA,
            "sensor",
            PHASE,
        ).added_noise
        for s in powers
    ]
    a, b, c = np.linalg.solve(np.stack([1 / powers, np.ones(3), powers], axis=-1), np.stack(values))
    np.testing.assert_allclose(best.added_noise, b + 2 * np.sqrt(a * c), rtol=1e-10)  # a 3 × 3 fit of the oracle
    np.testing.assert_allclose(best.power, np.sqrt(a / c), rtol=1e-6)  # a minimum is flat: √(1e-12)
    assert not best.at_limit.any()


def test_envelope_of_a_batch_is_that_of_each():
    detuned = np.array([0.0, -0.5])
    together = strength_envelope(sensor(detuning=detuned) >> Loss(efficiency=0.9), OMEGA, "m", PHASE, ["m.coupling"])
    for i, value in enumerate(detuned):
        single = strength_envelope(sensor(detuning=value) >> Loss(efficiency=0.9), OMEGA, "m", PHASE, ["m.coupling"])
        np.testing.assert_allclose(together.added_noise[i], single.added_noise, rtol=1e-12)
        np.testing.assert_array_equal(together.at_limit[i], single.at_limit)
    scalar = strength_envelope(sensor() >> Loss(efficiency=0.9), 0.4, "m", PHASE, ["m.coupling"])
    assert scalar.added_noise.shape == ()
    assert together.added_noise[0, 1] == pytest.approx(float(scalar.added_noise), rel=1e-12)


def test_envelope_says_where_more_power_would_help():
    """Ideal cancellation: the noise falls with the power up to the end of the span."""
    network = cascade(Order.ANCILLA_FIRST, ideal(quality=1e6), unit=1.0)
    best = strength_envelope(network, [0.1], "sensor", PHASE, POWER, span=(1e-2, 1e2))
    assert best.at_limit.all()
    assert best.power == pytest.approx(1e2)
    short = strength_envelope(network, [0.1], "sensor", PHASE, POWER, span=(1e-2, 1e3))
    assert short.added_noise < best.added_noise


def test_envelope_leaves_unstable_powers_out():
    """A blue-detuned sensor is unstable at high power; nothing is stable in the second span."""
    blue = sensor(detuning=1.0, coupling=1e-3) >> Loss(efficiency=1.0)
    best = strength_envelope(blue, [0.3], "m", Homodyne(angle=1.2), ["m.coupling"])
    chosen = blue.with_parameters({"m.coupling": 1e-3 * np.sqrt(best.power[0])})
    assert chosen.growth() is None
    assert best.at_limit.all()  # the noise falls up to the edge of stability, which is found to a part in 10⁶
    assert blue.with_parameters({"m.coupling": 1e-3 * np.sqrt(best.power[0] * (1 + 1e-6))}).growth() is not None
    formal = strength_envelope(blue, [0.3], "m", Homodyne(angle=1.2), ["m.coupling"], formal=True)
    assert formal.added_noise < best.added_noise
    assert blue.with_parameters({"m.coupling": 1.0}).growth() is not None
    with pytest.raises(Unstable, match="no stationary state at any power"):
        strength_envelope(blue, [0.3], "m", Homodyne(angle=1.2), ["m.coupling"], span=(1e5, 1e6))


@pytest.mark.parametrize(
    ("couplings", "span", "text"),
    [
        ([], (1e-2, 1e2), "at least one parameter"),
        (["m.couplin"], (1e-2, 1e2), "no parameters"),
        (["m.coupling"], (1e2, 1e-2), "0 < smallest < largest"),
    ],
)
def test_envelope_refuses(couplings, span, text):
    with pytest.raises(InvalidInput, match=text):
        strength_envelope(sensor() >> Loss(efficiency=1.0), OMEGA, "m", PHASE, couplings, span)


# --- properties ------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    detuning=st.floats(-2, 2),
    coupling=st.floats(0.05, 1.5),
    escape=st.floats(0.3, 1.0),
    angle=st.floats(0.05, 3.0),
    omega=st.floats(0.05, 3.0),
)
def test_no_angle_beats_the_best_and_nothing_beats_the_bound(detuning, coupling, escape, angle, omega):
    network = sensor(detuning=detuning, coupling=coupling, input_fraction=escape) >> Loss(efficiency=0.9)
    # the algebra holds for the formula of an unstable sensor too
    best = variational_readout(network, omega, "m", formal=True).added_noise
    one = force_noise(network, omega, "m", Homodyne(angle=angle), formal=True)
    bound = quantum_bound(network, omega, "m", formal=True)
    assert bound <= best * (1 + 1e-9)  # K² up to 1e6 costs digits
    assert best * np.abs(one.response) ** 2 <= one.spectrum * (1 + 1e-9)


@settings(max_examples=25, deadline=None)
@given(efficiency=st.floats(0.1, 0.95), less=st.floats(0.2, 0.99), omega=st.floats(0.05, 3.0))
def test_loss_never_helps(efficiency, less, omega):
    """Behind the sensor a loss raises the best-angle noise and the quantum bound."""
    before, after = (sensor() >> Loss(efficiency=eta) for eta in (efficiency, efficiency * less))
    for ask in (lambda n: variational_readout(n, omega, "m").added_noise, lambda n: quantum_bound(n, omega, "m")):
        assert ask(before) <= ask(after) * (1 + 1e-12)


def test_readout_rates_grow_with_the_power_and_couplings_with_its_root():
    rate, omega = 0.02, np.array([0.3, 0.9, 2.0])
    mirror = MechanicalOscillator(
        name="m", mechanical_frequency=1.0, mechanical_linewidth=1e-3, occupation=0.0, readout_rate=rate
    )
    best = strength_envelope(Network((mirror,)), omega, "m", PHASE, ["m.readout_rate"])
    np.testing.assert_allclose(best.added_noise, best.sql, rtol=1e-12)
    # the best rate is 1/|χ|; a minimum is found to the root of rounding
    np.testing.assert_allclose(best.power * rate, 1 / np.abs(susceptibility(omega, 1.0, 1e-3)), rtol=1e-6)

    cavity = OptomechanicalCavity(
        name="m", mechanical_frequency=1.0, mechanical_linewidth=1e-3, occupation=0.0, cavity_linewidth=10.0,
        single_photon_coupling=0.01, photon_number=400.0,
    )  # fmt: skip
    by_number = strength_envelope(Network((cavity,)), omega, "m", PHASE, ["m.photon_number"])
    coupled = OptomechanicalCavity(
        name="m", mechanical_frequency=1.0, mechanical_linewidth=1e-3, occupation=0.0, cavity_linewidth=10.0,
        coupling=0.2,
    )  # fmt: skip
    by_coupling = strength_envelope(Network((coupled,)), omega, "m", PHASE, ["m.coupling"])
    np.testing.assert_allclose(by_number.power, by_coupling.power, rtol=1e-6)


def test_what_does_not_grow_with_the_power_is_refused():
    with pytest.raises(InvalidInput, match=r"\['m\.detuning'\] do not grow with the power"):
        strength_envelope(sensor() >> Loss(efficiency=1.0), OMEGA, "m", PHASE, ["m.coupling", "m.detuning"])
