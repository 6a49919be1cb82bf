"""Derivatives by differences of eighth order: against closed forms and arithmetic with 50 digits; no JAX needed."""

import mpmath
import numpy as np
import pytest

from backaction.differentiable.assembly import arranged
from backaction.differentiable.stencil import derivatives
from backaction.experiment import DetectorSpec, Reference
from backaction.gaussian import InvalidInput, Unresolved
from backaction.systems import (
    Loss,
    MechanicalOscillator,
    Modulation,
    OptomechanicalCavity,
    SpinOscillator,
    Squeezer,
    kHz,
)
from backaction.systems.constants import BOLTZMANN, HBAR

EXACT = 1e-12
"""Rounding of differences at h = ρ/128, some 2 eps·128 of the entry, and of the point itself."""


def slope(network, address, detectors=(), values=None):
    parameters = [address] if values is None else {address: values}
    return arranged(network, parameters, detectors).derivatives()[address]


@pytest.mark.parametrize("eta", [1e-6, 0.3, 0.999])
def test_a_loss(eta):
    found = slope(Loss(efficiency=eta), "loss.efficiency")["feedthrough"]
    passed, lost = 0.5 / np.sqrt(eta), -0.5 / np.sqrt(1 - eta)
    expected = np.kron([[passed, lost], [lost, -passed]], np.eye(2))
    np.testing.assert_allclose(found, expected, rtol=EXACT / min(eta, 1 - eta))  # √(1−η): 1−η is rounded


def test_a_readout_rate():
    rate = 71.57 * kHz
    spin = SpinOscillator(frequency=-1e6, linewidth=1e3, readout_rate=rate, occupation=1.0, tensor_coupling=0.1)
    found = slope(spin, "spin.readout_rate")
    np.testing.assert_allclose(found["drift"], -0.05 * np.eye(2), rtol=1e-9, atol=1e-15)  # −½ζ beside Ω: eps Ω/Γ
    expected = np.array([[0, 0.1], [-1, 0]]) / (2 * np.sqrt(rate))
    np.testing.assert_allclose(found["output_matrix"], expected, rtol=EXACT)


@pytest.mark.parametrize("detuning", [0.0, -4.7e6, 2e8])
def test_the_phase_of_a_detuned_cavity(detuning):
    """∂/∂Δ of g cos φ and g sin φ, φ = arctan(2Δ/κ), dφ/dΔ = (κ/2)/(κ²/4 + Δ²)."""
    kappa, g = 17.4e6, 1e5
    cavity = OptomechanicalCavity(
        mechanical_frequency=1e6, mechanical_linewidth=1.0, occupation=1.0, cavity_linewidth=kappa, detuning=detuning,
        coupling=g,
    )  # fmt: skip
    found = slope(cavity, "optomechanical_cavity.detuning")["drift"]
    phi, rate = np.arctan(2 * detuning / kappa), (kappa / 2) / (kappa**2 / 4 + detuning**2)
    np.testing.assert_allclose(
        found[1, 2:], 2 * g * rate * np.array([-np.sin(phi), np.cos(phi)]), rtol=1e-11, atol=1e-19
    )
    np.testing.assert_allclose(found[2:, 2:], [[0, -1], [1, 0]], rtol=EXACT, atol=1e-16)


@pytest.mark.parametrize("kelvin", [1e-5, 4e-5, 7.0])
def test_a_temperature(kelvin):
    """Bose and Einstein's law from ħΩ = 5 k_BT to 1e5 times less, with 50 digits."""
    frequency = 2 * np.pi * 1e6
    oscillator = MechanicalOscillator(
        mechanical_frequency=frequency, mechanical_linewidth=1.0, readout_rate=1.0, temperature=kelvin
    )
    found = slope(oscillator, "mechanical_oscillator.temperature")["noise"][-1, -1]
    with mpmath.workdps(50):
        ratio = mpmath.mpf(HBAR) * mpmath.mpf(frequency) / mpmath.mpf(BOLTZMANN)
        exact = mpmath.diff(lambda t: 1 / mpmath.expm1(ratio / t), kelvin)
    assert found == pytest.approx(float(exact), rel=1e-9)  # n + ½ is rounded as ½ where n = 0.007


def test_squeezing_angle_and_noise():
    found = slope(Squeezer(squeezing=6.0, angle=0.0), "squeezer.squeezing")["feedthrough"]
    rate = np.log(10) / 20
    expected = np.diag([-rate * 10 ** (-6 / 20), rate * 10 ** (6 / 20)])
    np.testing.assert_allclose(found, expected, rtol=EXACT, atol=1e-15)
    found = slope(Modulation(added_noise=1.0), "modulation.angle")["feedthrough"][:, 2:]
    np.testing.assert_allclose(found, [[0, -1], [1, 0]], rtol=EXACT, atol=1e-15)


def test_a_detector():
    found = slope(Loss(efficiency=0.5), "detector.0.efficiency", [DetectorSpec(angle=0.0, efficiency=0.64)])
    np.testing.assert_allclose(found["rows"], [[0.5 / 0.8, 0, 0, 0]], rtol=EXACT, atol=1e-16)
    np.testing.assert_allclose(found["added_noise"], [[-0.5]], rtol=EXACT)
    found = slope(Loss(efficiency=0.5), "detector.0.angle", [DetectorSpec(angle=0.0, efficiency=0.64)])
    np.testing.assert_allclose(found["rows"], [[0, 0.8, 0, 0]], rtol=EXACT, atol=1e-16)


def test_a_detector_follows_the_carrier_of_a_detuned_cavity():
    """Its angle is θ + ψ, ψ = 2 arctan(2Δ/κ) of a one-sided cavity: ∂(cos, sin)/∂Δ = (−sin, cos) 2 dφ/dΔ."""
    cavity = OptomechanicalCavity(
        mechanical_frequency=1e6, mechanical_linewidth=1.0, occupation=1.0, cavity_linewidth=2e6, detuning=-3e5,
        coupling=1e5,
    )  # fmt: skip
    spec = DetectorSpec(angle=0.4, reference=Reference.CARRIER)
    found = slope(cavity, "optomechanical_cavity.detuning", [spec])["rows"][0, :2]
    angle = 0.4 + 2 * np.arctan(2 * -3e5 / 2e6)
    rate = 2 * 1e6 / (1e12 + 9e10)
    np.testing.assert_allclose(found, rate * np.array([-np.sin(angle), np.cos(angle)]), rtol=1e-11)


def test_a_batch_is_a_loop():
    network = SpinOscillator(frequency=-1e6, linewidth=1e3, readout_rate=1e4, occupation=1.0) >> Loss(efficiency=0.5)
    values = {"spin.readout_rate": np.array([[1e3], [1e4]]), "loss.efficiency": np.array([0.2, 0.5, 0.9])}
    whole = arranged(network, values, []).derivatives()
    for i in range(2):
        for j in range(3):
            point = {
                "spin.readout_rate": values["spin.readout_rate"][i, 0],
                "loss.efficiency": values["loss.efficiency"][j],
            }
            for address, arrays in arranged(network, point, []).derivatives().items():
                for name, array in arrays.items():
                    np.testing.assert_array_equal(whole[address][name][i, j], array)


def test_the_border_of_a_range_and_a_singularity_are_refused():
    with pytest.raises(InvalidInput, match="at the border of its range"):
        slope(Loss(efficiency=1.0), "loss.efficiency")
    with pytest.raises(Unresolved, match="uncertain by"):
        derivatives(lambda p: {"m": np.abs(p["x"])[..., None, None]}, {"x": np.array(1e-3)}, {"x": np.array(1.0)})


def test_addresses_are_looked_at():
    spin = SpinOscillator(frequency=-1e6, linewidth=1e3, readout_rate=1e4, occupation=1.0)
    for addresses, text in (
        (["spin.readuot_rate"], "did you mean 'spin.readout_rate'"),
        (["spin.temperature"], "has no value in this network"),
        (["detector.1.angle"], "there is no parameter 'detector.1.angle'; did you mean 'detector.0.angle'"),
        ({"spin.damping": 1.0}, "spin.damping is a choice"),
        ("spin.readout_rate", "a list of addresses"),
    ):
        with pytest.raises(InvalidInput, match=text):
            arranged(spin, addresses, [DetectorSpec()])
