"""From parameters to a figure of merit and its gradient, against differences of what the core computes."""

import numpy as np
import pytest

from backaction import entanglement
from backaction.differentiable import (
    conditional_covariance,
    double_precision,
    epr_variance,
    matrices,
    noise_budget,
    smallest_ppt_eigenvalue,
    steady_covariance,
    value_and_gradient,
)
from backaction.differentiable.assembly import arranged
from backaction.gaussian import InvalidInput, Unresolved, Unstable, conditional_state, steady_state
from backaction.gaussian import noise_budget as core_budget
from backaction.systems import Loss, OptomechanicalCavity, SpinOscillator, kHz

from .problems import PUBLISHED, central

jax = pytest.importorskip("jax")
pytestmark = [pytest.mark.slow, pytest.mark.extras]  # JAX compiles every function: seconds each

ADDRESSES = {
    "moller": [
        "spin.frequency", "spin.readout_rate", "spin.tensor_coupling", "spin.occupation", "link.efficiency",
        "rotation.angle", "membrane.detuning", "membrane.coupling", "membrane.mechanical_linewidth",
        "membrane.cavity_linewidth", "detector.0.angle", "detector.0.efficiency",
    ],
    "schweer": [
        "ancilla.ancilla_detuning", "ancilla.beam_splitter", "propagation.efficiency", "sensor.detuning",
        "sensor.coupling", "sensor.input_fraction", "detector.0.angle",
    ],
}  # fmt: skip
"""Parameters of every kind: signed and positive, fractions, angles, of components and of the detector."""

NARROW = {
    "spin.frequency": 3e4, "spin.tensor_coupling": 0.1, "rotation.angle": 0.3, "membrane.detuning": 3e6,
    "membrane.coupling": 5e5, "membrane.cavity_linewidth": 5e7, "ancilla.ancilla_detuning": 3e5, "sensor.detuning": 3e5,
}  # fmt: skip
"""What a linewidth or the optical spring makes of these, in rad/s; the others change things over their own size."""

DIFFERENCES = 2e-9
"""Differences of fourth order: h⁴ = 1e-12 times a fifth derivative of up to some 1e3."""

NOISE = 1e-12
"""What is left of a derivative that is almost zero: rounding of the value over h, 1e-15/1e-3."""


def conditional_epr(pair):
    def figure(system):
        return epr_variance(system.block(conditional_covariance(system), *pair))

    def reference(network, detectors):
        return entanglement.epr_variance(conditional_state(network.system, detectors), *pair).value

    return figure, reference


def unconditional_ppt(pair):
    def figure(system):
        return smallest_ppt_eigenvalue(system.block(steady_covariance(system), *pair))

    def reference(network, _):
        return entanglement.smallest_ppt_eigenvalue(steady_state(network.system), *pair).value

    return figure, reference


def noise_at_resonance(_):
    omega = np.array([3.0e6, 8.0e6])

    def figure(system):
        return noise_budget(system, omega).total.sum(axis=-1)

    def reference(network, detectors):
        return core_budget(network.system, omega, detectors[0]).total.sum(axis=-1)

    return figure, reference


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("make", [conditional_epr, unconditional_ppt, noise_at_resonance], ids=lambda f: f.__name__)
def test_gradients_are_differences_of_the_core(name, make):
    network, specs, pair = PUBLISHED[name]
    figure, reference = make(pair)
    value, gradient = value_and_gradient(figure, network, ADDRESSES[name], specs)
    arrangement = arranged(network, ADDRESSES[name], specs)

    def core(values):
        changed, detectors = arrangement.at(values)
        return reference(changed, [spec.detector(changed) for spec in detectors])

    assert float(value) == pytest.approx(float(core(arrangement.values)), rel=1e-10)
    for address, slope in gradient.items():
        here = arrangement.values[address]
        natural = NARROW.get(address, float(np.abs(here)) or 1.0)
        expected = central(lambda t, a=address: core(arrangement.values | {a: t}), here, natural, 1e-3)
        assert float(slope * natural) == pytest.approx(float(expected), rel=DIFFERENCES, abs=NOISE * float(value))


def test_a_batch_is_a_loop_and_the_compiled_figure_is_found_again():
    network, specs, pair = PUBLISHED["moller"]
    figure, _ = conditional_epr(pair)
    detunings = np.array([-3e7, -2e7])
    value, gradient = value_and_gradient(figure, network, {"membrane.detuning": detunings}, specs)
    for lane, detuning in enumerate(detunings):
        one, slope = value_and_gradient(figure, network, {"membrane.detuning": detuning}, specs)
        assert value[lane] == pytest.approx(float(one), rel=1e-11)
        assert gradient["membrane.detuning"][lane] == pytest.approx(float(slope["membrane.detuning"]), rel=1e-9)


def test_vmap_takes_a_batch_of_matrices_apart():
    network, specs, pair = PUBLISHED["moller"]
    figure, _ = conditional_epr(pair)
    with double_precision():
        system = matrices(network, {"detector.0.angle": [0.3, 1.1, 2.0]}, specs)
        np.testing.assert_allclose(jax.vmap(figure)(system), figure(system), rtol=1e-12)


def test_jax_goes_through_the_matrices_by_itself():
    """∂E/∂M by jax.grad of a pytree, with names that survive; ∂E/∂N of a spin's bath is its damping's share."""
    network, specs, pair = PUBLISHED["moller"]
    figure, _ = conditional_epr(pair)
    with double_precision():
        adjoint = jax.jit(jax.grad(figure))(matrices(network, detectors=specs))
        bath = 2 * adjoint.inputs.index("spin.bath") + 1
        found = float(adjoint.noise[bath, bath])
    _, gradient = value_and_gradient(figure, network, ["spin.occupation"], specs)
    assert found == pytest.approx(float(gradient["spin.occupation"]), rel=1e-9)


def test_what_cannot_be_optimised_is_told():
    cavity = OptomechanicalCavity(
        name="membrane", mechanical_frequency=1000 * kHz, mechanical_linewidth=0.1 * kHz, occupation=10.0,
        cavity_linewidth=1000 * kHz, detuning=500 * kHz, coupling=50 * kHz,
    )  # fmt: skip
    with pytest.raises(Unstable, match="mode 'membrane"):
        value_and_gradient(lambda s: steady_covariance(s).trace(0, -2, -1), cavity, ["membrane.detuning"])
    spin = SpinOscillator(frequency=-1e6, linewidth=1e3, readout_rate=1e4, occupation=1.0) >> Loss(efficiency=0.5)
    with pytest.raises(InvalidInput, match="one number a lane"):
        value_and_gradient(steady_covariance, spin, ["spin.readout_rate"])
    with pytest.raises(Unresolved, match="not finite"):
        value_and_gradient(lambda s: 0.0 * s.drift.sum() / 0.0, spin, ["spin.readout_rate"])
