"""Each component against the text of the contract: transfer matrices by elimination at one frequency, no state space.

The formulas here are in amplitudes (c, c†, a, a†) and are solved by hand for each frequency; the library builds the
drift of the quadratures from Hamiltonians. They share nothing but the parameters.
"""

import dataclasses
import math

import numpy as np
import pytest

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput, steady_state, transfer_matrix
from backaction.systems import (
    Damping,
    Hz,
    IntegratedCQNC,
    Loss,
    MechanicalOscillator,
    Modulation,
    Network,
    OpticalNegativeMass,
    OptomechanicalCavity,
    Rotation,
    SpinOscillator,
    Squeezer,
    ThermalLight,
    hwhm,
)
from backaction.systems.registry import COMPONENTS

TOLERANCE = 1e-11  # rounding times the condition of a resonance of Q = 100
FREQUENCIES = (0.0, 0.31, 0.97, 1.0, 1.4, -0.8)
DAMPINGS = list(Damping)
MHZ_IN_K = 6.62607015e-34 * 1e6 / 1.380649e-23


# --- the text's formulas ----------------------------------------------------------------------------------


def probed(part, frequency, linewidth, w):
    """out, as 2 × (2 + 2): from (x, p) of the light and (ξ_X, ξ_P) of the bath."""
    rate, zeta = part.readout_rate, part.tensor_coupling
    slow = -1j * w + zeta * rate / 2
    if part.damping is Damping.BROWNIAN:
        on_x, on_p, bath = slow, slow + linewidth, np.array([[0, 0], [0, math.sqrt(2 * linewidth)]])
    else:
        on_x = on_p = slow + linewidth / 2
        bath = math.sqrt(linewidth) * np.eye(2)
    light = np.array([[0, zeta * math.sqrt(rate)], [-math.sqrt(rate), 0]])
    drive = np.hstack([light, bath])
    x = (on_p * drive[0] + frequency * drive[1]) / (on_x * on_p + frequency**2)
    p = (on_x * drive[1] - frequency * drive[0]) / (on_x * on_p + frequency**2)
    out = np.array([zeta * math.sqrt(rate) * p, -math.sqrt(rate) * x])
    out[:, :2] += np.eye(2)
    return out


def cavity(part, w, kappa1, detuning=0.0, mechanics=None, ancilla=None):
    """(out, vacuum out) as 4 × inputs: x, p of the light, of the vacuum, then ξ of the bath, then of the ancilla.

    c and c† are eliminated last: (c, c†) = M⁻¹ (…) with the oscillator and the ancilla folded into M.
    """
    kappa = part.cavity_linewidth
    phase = np.exp(1j * np.arctan(2 * detuning / kappa))
    matrix = np.diag([kappa / 2 - 1j * (detuning + w), kappa / 2 + 1j * (detuning - w)]).astype(complex)
    amplitude = np.array([[1, 1j], [1, -1j]]) / math.sqrt(2)  # (x, p) → (a, a†)
    drives = [math.sqrt(kappa1) * amplitude, math.sqrt(kappa - kappa1) * amplitude]
    if mechanics:
        frequency, linewidth, g, damping = mechanics
        push = math.sqrt(2) * g * np.array([1 / phase, phase])  # force on P from (c, c†)
        pull = 1j * math.sqrt(2) * g * np.array([phase, -1 / phase])  # on (c, c†) from X
        if damping is Damping.BROWNIAN:
            slow, fast, bath = -1j * w, linewidth - 1j * w, np.array([0, math.sqrt(2 * linewidth)])
        else:
            slow = fast = linewidth / 2 - 1j * w
            bath = math.sqrt(linewidth) * np.array([1, 1])
        response = 1 / (slow * fast + frequency**2)
        matrix -= response * frequency * np.outer(pull, push)
        drives.append(np.outer(pull, response * np.array([fast, frequency]) * bath))
    if ancilla:
        detuning_a, kappa_a, bs, dc = ancilla
        alone = 1 / np.array([kappa_a / 2 - 1j * (detuning_a + w), kappa_a / 2 + 1j * (detuning_a - w)])
        out_of = -1j * np.array([[bs, dc], [-dc, -bs]])  # (a, a†) from (c, c†), and (c, c†) from (a, a†)
        matrix -= out_of @ np.diag(alone) @ out_of
        drives.append(out_of @ np.diag(alone) @ amplitude * math.sqrt(kappa_a))
    inside = np.linalg.solve(matrix, np.hstack(drives))
    quadratures = np.linalg.inv(amplitude) @ inside
    out = np.vstack([math.sqrt(kappa1) * quadratures, math.sqrt(kappa - kappa1) * quadratures])
    out[:4, :4] -= np.eye(4)
    return out


def columns(system, name):
    """Positions of the columns of an input."""
    return [2 * system.inputs.index(name), 2 * system.inputs.index(name) + 1]


def assert_transfer(part, formula, sources, ports=("out",)):
    """Agreement of T, up to the phase of a bath: no measurement tells ξ from O(θ)ξ, so there T T† must agree."""
    system = part.system("part").with_outputs(list(ports))
    for w in FREQUENCIES:
        expected = np.split(formula(w), len(sources), axis=1)
        for source, block in zip(sources, expected, strict=True):
            pair = [transfer_matrix(system, w)[:, columns(system, source)], block]
            if source in ("part.bath", "part.ancilla"):
                pair = [matrix @ matrix.conj().T for matrix in pair]
            np.testing.assert_allclose(*pair, atol=TOLERANCE * max(np.abs(pair[1]).max(), 1), err_msg=source)


def oscillator_parameters(rng):
    return {
        "readout_rate": rng.uniform(0, 0.3),
        "occupation": rng.uniform(0, 3),
        "tensor_coupling": rng.choice([0.0, rng.uniform(-0.5, 0.5)]),
    }


def cavity_parameters(rng):
    return {"cavity_linewidth": rng.uniform(0.5, 8), "input_fraction": rng.uniform(0, 1)}


def ancilla_parameters(rng):
    return {
        "ancilla_linewidth": rng.uniform(0.05, 1),
        "ancilla_detuning": rng.uniform(-1.5, 1.5),
        "beam_splitter": rng.uniform(-0.5, 0.5),
        "down_conversion": rng.uniform(-0.3, 0.3),
    }


@pytest.mark.parametrize("damping", DAMPINGS)
@pytest.mark.parametrize("seed", range(8))
def test_spin(seed, damping):
    rng = np.random.default_rng(seed)
    part = SpinOscillator(
        frequency=rng.choice([-1, 1]) * rng.uniform(0.5, 1.5),
        linewidth=rng.uniform(0.01, 0.2),
        damping=damping,
        **oscillator_parameters(rng),
    )
    assert_transfer(part, lambda w: probed(part, part.frequency, part.linewidth, w), ["input", "part.bath"])


@pytest.mark.parametrize("damping", DAMPINGS)
@pytest.mark.parametrize("seed", range(4))
def test_mechanical_oscillator(seed, damping):
    rng = np.random.default_rng(seed)
    part = MechanicalOscillator(
        mechanical_frequency=rng.uniform(0.5, 1.5),
        mechanical_linewidth=rng.uniform(0.01, 0.2),
        damping=damping,
        **oscillator_parameters(rng),
    )
    assert_transfer(
        part,
        lambda w: probed(part, part.mechanical_frequency, part.mechanical_linewidth, w),
        ["input", "part.bath"],
    )


@pytest.mark.parametrize("damping", DAMPINGS)
@pytest.mark.parametrize("seed", range(8))
def test_optomechanical_cavity(seed, damping):
    rng = np.random.default_rng(seed)
    part = OptomechanicalCavity(
        mechanical_frequency=rng.uniform(0.5, 1.5),
        mechanical_linewidth=rng.uniform(0.01, 0.2),
        occupation=rng.uniform(0, 3),
        detuning=rng.uniform(-3, 3),
        coupling=rng.uniform(-0.3, 0.3),
        mode_matching=rng.uniform(0.3, 1),
        damping=damping,
        **cavity_parameters(rng),
    )
    kappa1 = part.input_fraction * part.mode_matching * part.cavity_linewidth
    mechanics = (part.mechanical_frequency, part.mechanical_linewidth, part.coupling, damping)
    assert_transfer(
        part,
        lambda w: cavity(part, w, kappa1, part.detuning, mechanics),
        ["input", "part.vacuum", "part.bath"],
        ["out", "part.vacuum"],
    )


@pytest.mark.parametrize("seed", range(8))
def test_negative_mass_ancilla(seed):
    rng = np.random.default_rng(seed)
    part = OpticalNegativeMass(detuning=rng.uniform(-2, 2), **cavity_parameters(rng), **ancilla_parameters(rng))
    ancilla = (part.ancilla_detuning, part.ancilla_linewidth, part.beam_splitter, part.down_conversion)
    kappa1 = part.input_fraction * part.cavity_linewidth
    assert_transfer(
        part,
        lambda w: cavity(part, w, kappa1, part.detuning, None, ancilla),
        ["input", "part.vacuum", "part.ancilla"],
        ["out", "part.vacuum"],
    )


@pytest.mark.parametrize("damping", DAMPINGS)
@pytest.mark.parametrize("seed", range(8))
def test_integrated(seed, damping):
    rng = np.random.default_rng(seed)
    part = IntegratedCQNC(
        mechanical_frequency=rng.uniform(0.5, 1.5),
        mechanical_linewidth=rng.uniform(0.01, 0.2),
        occupation=rng.uniform(0, 3),
        coupling=rng.uniform(-0.3, 0.3),
        damping=damping,
        **cavity_parameters(rng),
        **ancilla_parameters(rng),
    )
    mechanics = (part.mechanical_frequency, part.mechanical_linewidth, part.coupling, damping)
    ancilla = (part.ancilla_detuning, part.ancilla_linewidth, part.beam_splitter, part.down_conversion)
    kappa1 = part.input_fraction * part.cavity_linewidth
    assert_transfer(
        part,
        lambda w: cavity(part, w, kappa1, 0.0, mechanics, ancilla),
        ["input", "part.vacuum", "part.bath", "part.ancilla"],
        ["out", "part.vacuum"],
    )


def turn(angle):
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


@pytest.mark.parametrize("seed", range(4))
def test_static_elements(seed):
    rng = np.random.default_rng(seed)
    eta, angle, decibel = rng.uniform(0, 1), rng.uniform(-4, 4), rng.uniform(0, 20)
    passed, lost = math.sqrt(eta), math.sqrt(1 - eta)
    assert_transfer(
        Loss(efficiency=eta), lambda w: np.hstack([passed * np.eye(2), lost * np.eye(2)]), ["input", "part"]
    )
    assert_transfer(
        Loss(efficiency=eta), lambda w: np.hstack([lost * np.eye(2), -passed * np.eye(2)]), ["input", "part"], ["part"]
    )
    assert_transfer(Rotation(angle=angle), lambda w: turn(angle), ["input"])
    squeezed = np.diag([10 ** (-decibel / 20), 10 ** (decibel / 20)])
    assert_transfer(
        Squeezer(squeezing=decibel, angle=angle), lambda w: turn(angle) @ squeezed @ turn(angle).T, ["input"]
    )


@pytest.mark.parametrize("angle", [0.0, 0.7, -2.0])
def test_classical_noise(angle):
    for part, added in (
        (ThermalLight(occupation=0.3), 0.3 * np.eye(2)),
        (Modulation(added_noise=0.8, angle=angle), 0.4 * turn(angle) @ np.diag([1, 0]) @ turn(angle).T),
    ):
        system = part.system("part")
        total = system.feedthrough @ system.noise @ system.feedthrough.T
        np.testing.assert_allclose(total, np.eye(2) / 2 + added, atol=1e-15)


# --- what stands in the table of the contract -------------------------------------------------------------

REQUIRED = {
    "spin": {"frequency", "linewidth", "readout_rate"},
    "mechanical_oscillator": {"mechanical_frequency", "mechanical_linewidth", "readout_rate"},
    "optomechanical_cavity": {"mechanical_frequency", "mechanical_linewidth", "cavity_linewidth"},
    "negative_mass_ancilla": {
        *("cavity_linewidth", "ancilla_linewidth", "ancilla_detuning", "beam_splitter", "down_conversion")
    },
    "loss": {"efficiency"},
    "rotation": {"angle"},
    "squeezer": {"squeezing"},
    "thermal_light": {"occupation"},
    "modulation": {"added_noise"},
    "integrated_cqnc": {
        *("mechanical_frequency", "mechanical_linewidth", "cavity_linewidth", "coupling"),
        *("ancilla_linewidth", "ancilla_detuning", "beam_splitter", "down_conversion"),
    },
}
DEFAULTS = {
    "spin": {"tensor_coupling": 0, "damping": Damping.BROWNIAN},
    "mechanical_oscillator": {"tensor_coupling": 0, "damping": Damping.BROWNIAN},
    "optomechanical_cavity": {"detuning": 0, "input_fraction": 1, "mode_matching": 1, "damping": Damping.BROWNIAN},
    "negative_mass_ancilla": {"detuning": 0, "input_fraction": 1},
    "loss": {},
    "rotation": {},
    "squeezer": {"angle": 0},
    "thermal_light": {},
    "modulation": {"angle": 0},
    "integrated_cqnc": {"input_fraction": 1, "damping": Damping.BROWNIAN},
}
ALTERNATIVES = {
    "spin": {"occupation", "temperature"},
    "mechanical_oscillator": {"occupation", "temperature"},
    "optomechanical_cavity": {
        *("occupation", "temperature", "coupling", "single_photon_coupling", "photon_number"),
    },
    "integrated_cqnc": {"occupation", "temperature"},
}
PARTS = {
    "spin": SpinOscillator(frequency=-1.0, linewidth=0.1, readout_rate=0.2, occupation=1.0),
    "mechanical_oscillator": MechanicalOscillator(
        mechanical_frequency=1.0, mechanical_linewidth=0.1, readout_rate=0.2, occupation=1.0
    ),
    "optomechanical_cavity": OptomechanicalCavity(
        mechanical_frequency=1.0,
        mechanical_linewidth=0.1,
        occupation=1.0,
        cavity_linewidth=4.0,
        detuning=-1.0,
        coupling=0.2,
        input_fraction=0.9,
        mode_matching=0.8,
    ),
    "negative_mass_ancilla": OpticalNegativeMass(
        cavity_linewidth=4.0, ancilla_linewidth=0.3, ancilla_detuning=1.0, beam_splitter=0.3, down_conversion=0.2
    ),
    "loss": Loss(efficiency=0.6),
    "rotation": Rotation(angle=0.3),
    "squeezer": Squeezer(squeezing=3.0),
    "thermal_light": ThermalLight(occupation=0.5),
    "modulation": Modulation(added_noise=0.5),
    "integrated_cqnc": IntegratedCQNC(
        mechanical_frequency=1.0,
        mechanical_linewidth=0.1,
        occupation=1.0,
        cavity_linewidth=4.0,
        coupling=0.2,
        ancilla_linewidth=0.3,
        ancilla_detuning=1.0,
        beam_splitter=0.3,
        down_conversion=0.2,
    ),
}
PORTS = {
    "spin": (["n"], ["input", "n.bath"], ["out"]),
    "mechanical_oscillator": (["n"], ["input", "n.bath"], ["out"]),
    "optomechanical_cavity": (["n", "n.cavity"], ["input", "n.vacuum", "n.bath"], ["out", "n.vacuum"]),
    "negative_mass_ancilla": (["n.cavity", "n.ancilla"], ["input", "n.vacuum", "n.ancilla"], ["out", "n.vacuum"]),
    "loss": ([], ["input", "n"], ["out", "n"]),
    "rotation": ([], ["input"], ["out"]),
    "squeezer": ([], ["input"], ["out"]),
    "thermal_light": ([], ["input", "n"], ["out"]),
    "modulation": ([], ["input", "n"], ["out"]),
    "integrated_cqnc": (
        ["n", "n.cavity", "n.ancilla"],
        ["input", "n.vacuum", "n.bath", "n.ancilla"],
        ["out", "n.vacuum"],
    ),
}


@pytest.mark.parametrize("kind", COMPONENTS)
def test_keys_and_defaults(kind):
    fields = {field.name: field for field in dataclasses.fields(COMPONENTS[kind]) if field.name != "name"}
    assert {key for key, field in fields.items() if field.default is dataclasses.MISSING} == REQUIRED[kind]
    given = {key: field.default for key, field in fields.items() if field.default is not dataclasses.MISSING}
    assert {key for key, value in given.items() if value is None} == ALTERNATIVES.get(kind, set())
    assert {key: value for key, value in given.items() if value is not None} == DEFAULTS[kind]


@pytest.mark.parametrize("kind", COMPONENTS)
def test_names_of_modes_and_ports(kind):
    system = PARTS[kind].system("n")
    modes, inputs, outputs = PORTS[kind]
    assert list(system.modes) == modes
    assert sorted(system.inputs) == sorted(inputs)
    assert list(system.outputs) == outputs


@pytest.mark.parametrize("kind", COMPONENTS)
def test_a_batch_is_the_loop_of_single_ones(kind):
    part = PARTS[kind]
    keys = [key for key, value in part.given().items() if isinstance(value, float)]
    scale = np.array([[0.9], [1.0]]) * np.array([1.0, 0.8, 0.7])
    batch = part.with_parameters({key: getattr(part, key) * scale for key in keys})
    derived = batch.derived()
    for at in np.ndindex(scale.shape):
        single = part.with_parameters({key: getattr(part, key) * scale[at] for key in keys})
        for name in ("drift", "input_matrix", "output_matrix", "feedthrough", "noise"):
            whole = getattr(batch.system("n"), name)
            one = getattr(single.system("n"), name)
            np.testing.assert_allclose(np.broadcast_to(whole, (2, 3, *one.shape))[at], one, atol=1e-15)
        for key, value in single.derived().items():
            np.testing.assert_allclose(np.broadcast_to(derived[key], (2, 3))[at], value, rtol=1e-9, err_msg=key)


@pytest.mark.parametrize("kind", COMPONENTS)
def test_components_are_frozen(kind):
    with pytest.raises(dataclasses.FrozenInstanceError):
        PARTS[kind].name = "other"


def test_values_out_of_range_are_refused_together():
    with pytest.raises(InvalidInput, match=r"frequency must be different from 0.*linewidth must be 0 or greater"):
        SpinOscillator(frequency=0.0, linewidth=-1.0, readout_rate=0.1, occupation=0.0)
    with pytest.raises(InvalidInput, match=r"efficiency must be between 0 and 1, got values from 0\.5 to 1\.5"):
        Loss(efficiency=[0.5, 1.5])
    with pytest.raises(InvalidInput, match="real number"):
        Rotation(angle=np.array([1j]))
    with pytest.raises(InvalidInput, match="real number"):
        Loss(efficiency=np.array([True]))
    with pytest.raises(InvalidInput, match="must not exceed 1e"):
        ThermalLight(occupation=1e60)
    with pytest.raises(InvalidInput, match="must not exceed 100"):
        Squeezer(squeezing=1e5)
    with pytest.raises(InvalidInput, match="do not broadcast"):
        Squeezer(squeezing=[1.0, 2.0], angle=[0.1, 0.2, 0.3])


def test_alternative_keys():
    common = {"frequency": 2 * math.pi * 1e6, "linewidth": 1.0, "readout_rate": 1.0}
    warm = SpinOscillator(**common, temperature=MHZ_IN_K / math.log(2))
    assert warm.bath_occupation == pytest.approx(1.0, rel=1e-12)
    negative = SpinOscillator(**(common | {"frequency": -common["frequency"]}), temperature=MHZ_IN_K / math.log(2))
    assert negative.bath_occupation == warm.bath_occupation
    assert SpinOscillator(**common, temperature=0.0).bath_occupation == 0.0
    for wrong in ({}, {"occupation": 1.0, "temperature": 1.0}):
        with pytest.raises(InvalidInput, match="give occupation or temperature"):
            SpinOscillator(**common, **wrong)
    cavity_keys = PARTS["optomechanical_cavity"].given()
    del cavity_keys["coupling"]
    by_photons = OptomechanicalCavity(**cavity_keys, single_photon_coupling=0.01, photon_number=400.0)
    assert by_photons.linearised_coupling == pytest.approx(0.2, rel=1e-15)
    for wrong in ({}, {"photon_number": 4.0}, {"coupling": 1.0, "photon_number": 4.0}):
        with pytest.raises(InvalidInput, match="give coupling or single_photon_coupling and photon_number"):
            OptomechanicalCavity(**cavity_keys, **wrong)


def test_half_widths():
    assert hwhm(2.5) == 5.0
    np.testing.assert_array_equal(hwhm([1.0, 2.0]), [2.0, 4.0])


# --- networks ---------------------------------------------------------------------------------------------


def test_names_in_a_network():
    network = Loss(efficiency=0.5) >> PARTS["spin"] >> Loss(efficiency=0.6, name="path") >> Loss(efficiency=0.7)
    assert network.names == ("loss", "spin", "path", "loss2")
    assert network.system.inputs == ("input", "loss", "spin.bath", "path", "loss2")
    assert set(network.system.outputs) == {"out", "loss", "path", "loss2"}
    assert network.component("loss2").efficiency == 0.7
    with pytest.raises(InvalidInput, match="did you mean 'path'"):
        network.component("paht")


@pytest.mark.parametrize("name", ["input", "out", "detection", "detector", "report", "a b", "ä", "a.b", ""])
def test_names_that_mean_something_else(name):
    with pytest.raises(InvalidInput, match=r"reserved|may only have"):
        Network((Loss(efficiency=0.5, name=name),))


def test_an_unnamed_component_clashes_with_a_given_name():
    with pytest.raises(InvalidInput, match="'loss2' stands for 2 components"):
        Loss(efficiency=0.5, name="loss2") >> Loss(efficiency=0.5) >> Loss(efficiency=0.5)


def test_with_parameters():
    network = PARTS["spin"] >> PARTS["optomechanical_cavity"]
    changed = network.with_parameters(
        {
            "spin.temperature": 1.0,
            "optomechanical_cavity.photon_number": 9.0,
            "optomechanical_cavity.single_photon_coupling": 0.1,
            "optomechanical_cavity.detuning": [-1.0, -2.0],
        }
    )
    assert "spin.occupation" not in changed.parameters
    assert changed.parameters["spin.temperature"] == 1.0
    assert "optomechanical_cavity.coupling" not in changed.parameters
    assert changed.system.batch_shape == (2,)
    assert network.parameters["spin.occupation"] == 1.0
    for address, message in {
        "spin.lindewidth": "did you mean 'spin.linewidth'",
        "sipn.linewidth": "did you mean 'spin'",
        "linewidth": "NAME.KEY",
    }.items():
        with pytest.raises(InvalidInput, match=message):
            network.with_parameters({address: 1.0})


def test_a_network_is_the_product_of_its_transfer_matrices():
    parts = [PARTS["spin"], PARTS["loss"], PARTS["optomechanical_cavity"], PARTS["rotation"], PARTS["integrated_cqnc"]]
    network = Network(tuple(parts)).system
    for w in FREQUENCIES:
        product = np.eye(2)
        for part in parts:
            product = transfer_matrix(part.system("n").with_outputs("out"), w)[:, :2] @ product
        computed = transfer_matrix(network.with_outputs("out"), w)[:, :2]
        np.testing.assert_allclose(computed, product, atol=TOLERANCE * np.abs(product).max())


@pytest.mark.parametrize("seed", range(6))
def test_carrier_angle(seed):
    rng = np.random.default_rng(seed)
    kappa, fraction, matching, detuning = (
        rng.uniform(1, 5),
        rng.uniform(0.6, 1),
        rng.uniform(0.9, 1),
        rng.uniform(-3, 3),
    )
    first = PARTS["optomechanical_cavity"].with_parameters(
        {"cavity_linewidth": kappa, "input_fraction": fraction, "mode_matching": matching, "detuning": detuning}
    )
    last = PARTS["negative_mass_ancilla"].with_parameters({"detuning": 0.7, "input_fraction": 0.8})
    network = Loss(efficiency=0.9, name="before") >> first >> PARTS["rotation"] >> Loss(efficiency=0.5) >> last
    # the steady amplitude of a driven cavity, ȧ = (iΔ − κ/2) a + √κ₁ in = 0, and out = √κ₁ a − in
    kappa1 = fraction * matching * kappa
    inside = math.sqrt(kappa1) / (kappa / 2 - 1j * detuning)
    reflected = math.sqrt(kappa1) * inside - 1
    assert network.carrier_angle("before") == 0.0
    assert network.carrier_angle("loss") == pytest.approx(np.angle(reflected), rel=1e-12)
    assert network.carrier_angle("optomechanical_cavity.vacuum") == pytest.approx(np.angle(inside), rel=1e-12)
    second = 0.8 * 4.0 / (2.0 - 0.7j) - 1
    assert network.carrier_angle() == pytest.approx(np.angle(second), rel=1e-12)
    turned = network.in_carrier_frame(Heterodyne("loss", 0.3, 0.8))
    assert isinstance(turned, Heterodyne)
    assert (turned.port, turned.efficiency) == ("loss", 0.8)
    assert turned.angle == pytest.approx(0.3 + network.carrier_angle("loss"), rel=1e-15)


def test_the_carrier_of_the_integrated_setup_is_resonant():
    network = Network((PARTS["integrated_cqnc"].with_parameters({"input_fraction": 0.9}),))
    assert network.carrier_angle() == 0.0
    under = Network((PARTS["integrated_cqnc"].with_parameters({"input_fraction": 0.2}),))
    assert under.carrier_angle() == pytest.approx(math.pi)


def test_no_carrier_leaves_an_impedance_matched_cavity():
    matched = PARTS["optomechanical_cavity"].with_parameters(
        {"detuning": 0.0, "input_fraction": 0.5, "mode_matching": 1.0}
    )
    network = Network((matched,))
    with pytest.raises(InvalidInput, match="no carrier leaves"):
        network.in_carrier_frame(Homodyne())
    assert matched.derived()["psi_rad"] is None
    assert network.carrier_angle("optomechanical_cavity.vacuum") == 0.0


def test_upstream():
    network = PARTS["loss"] >> PARTS["optomechanical_cavity"] >> PARTS["spin"]
    assert network.upstream("loss").names == ("loss",)
    assert network.upstream("optomechanical_cavity.vacuum").names == ("loss", "optomechanical_cavity")
    assert network.upstream("out") is network
    with pytest.raises(InvalidInput, match="did you mean 'loss'"):
        network.upstream("lss")


# --- growth -----------------------------------------------------------------------------------------------


def test_growth():
    stable = PARTS["spin"]
    assert Network((stable,)).growth() is None
    assert Network((PARTS["loss"],)).growth() is None
    growing = SpinOscillator(frequency=-1.0, linewidth=0.01, readout_rate=0.2, occupation=0.0, tensor_coupling=-0.5)
    growth = (stable >> growing).growth()
    assert growth.mode == "spin2"
    assert growth.rate == pytest.approx(0.2 * 0.5 / 2 - 0.01 / 2, rel=1e-12)  # −½ζΓ on both, −γ on P
    assert growth.frequency == pytest.approx(math.sqrt(1 - 0.005**2), rel=1e-12)
    undamped = Network((SpinOscillator(frequency=2.0, linewidth=0.0, readout_rate=0.2, occupation=0.0),)).growth()
    assert undamped.rate == 0.0
    assert undamped.frequency == pytest.approx(2.0, rel=1e-15)


def test_derived_quantities_of_a_probed_oscillator():
    part = SpinOscillator(frequency=-1e6 * Hz, linewidth=1e3 * Hz, readout_rate=25e3 * Hz, occupation=0.7)
    derived = part.derived()
    assert derived["occupation"] == 0.7
    assert derived["readout_rate_hz"] == pytest.approx(25e3, rel=1e-12)
    assert derived["quantum_cooperativity"] == pytest.approx(25e3 / (2 * 1e3 * 2.4), rel=1e-12)  # Γ/(2γ(2n + 1))
    assert derived["effective_linewidth_hz"] == pytest.approx(1e3, rel=1e-9)  # Q = 1e3 amplifies rounding
    assert derived["effective_frequency_hz"] == pytest.approx(math.sqrt(1e12 - 0.25e6), rel=1e-12)


def test_derived_quantities_of_a_cavity():
    """Optical spring and damping in the weak-coupling limit (Aspelmeyer, Kippenberg & Marquardt, RMP 86, 1391)."""
    g, kappa, delta = 1e-4, 0.5, -0.8
    part = OptomechanicalCavity(
        mechanical_frequency=1.0,
        mechanical_linewidth=1e-6,
        occupation=0.0,
        cavity_linewidth=kappa,
        detuning=delta,
        coupling=g,
        input_fraction=0.9,
        mode_matching=0.8,
    )
    derived = part.derived()
    up, down = kappa**2 / 4 + (1 + delta) ** 2, kappa**2 / 4 + (1 - delta) ** 2
    damping = g**2 * kappa * (1 / up - 1 / down)
    spring = g**2 * ((delta - 1) / down + (delta + 1) / up)
    assert derived["kappa1_hz"] * Hz == pytest.approx(0.9 * 0.8 * kappa, rel=1e-12)
    assert derived["phi_rad"] == pytest.approx(math.atan(2 * delta / kappa), rel=1e-12)
    assert derived["readout_rate_hz"] * Hz == pytest.approx(16 * g**2 / kappa, rel=1e-12)
    assert derived["effective_linewidth_hz"] * Hz == pytest.approx(1e-6 + damping, rel=1e-5)  # next order: g²/κ²
    assert derived["effective_frequency_hz"] * Hz - 1 == pytest.approx(spring, rel=1e-4)  # next order: g²/κ²


def test_what_stands_for_a_linear_system_is_told_where_that_is():
    spin = SpinOscillator(frequency=1.0, linewidth=0.1, readout_rate=0.1, occupation=0.0, name="atoms")
    with pytest.raises(AttributeError, match=r"a Network has no 'drift'.*that is network\.system"):
        steady_state(spin >> Loss(efficiency=0.5))
    with pytest.raises(AttributeError, match=r"a SpinOscillator has no 'drift'.*component\.system\(name\)"):
        steady_state(spin)
    with pytest.raises(AttributeError, match="no attribute 'drfit'"):
        _ = (spin >> Loss(efficiency=0.5)).drfit
    with pytest.raises(InvalidInput, match="spin 'atoms': linewidth"):
        SpinOscillator(frequency=1.0, linewidth=-0.1, readout_rate=0.1, occupation=0.0, name="atoms")
