"""States, spectra and criteria for JAX: values against the core, gradients against differences of the core."""

import numpy as np
import pytest

from backaction import entanglement
from backaction.differentiable import (
    conditional_covariance,
    double_precision,
    duan_sum,
    epr_variance,
    log_negativity,
    matrices,
    noise_budget,
    smallest_ppt_eigenvalue,
    spectral_density,
    steady_covariance,
    transfer_matrix,
)
from backaction.experiment import DetectorKind, DetectorSpec
from backaction.gaussian import GaussianState, InvalidInput, Unphysical, Unstable, from_hamiltonian
from backaction.gaussian import noise_budget as core_budget
from backaction.gaussian import spectral_density as core_density
from backaction.gaussian import steady_state as core_steady
from backaction.systems import Loss, OptomechanicalCavity, SpinOscillator, kHz

from .problems import PUBLISHED, central

jax = pytest.importorskip("jax")
pytestmark = [pytest.mark.slow, pytest.mark.extras]  # JAX compiles every function: seconds each

CRITERIA = {
    smallest_ppt_eigenvalue: entanglement.smallest_ppt_eigenvalue,
    log_negativity: entanglement.log_negativity,
    duan_sum: entanglement.duan_sum,
    epr_variance: entanglement.epr_variance,
}


@pytest.fixture(autouse=True)
def _double():
    with double_precision():
        yield


def entangled_states(rng, modes, batch=()):
    """Covariances of random entangled states: the steady states of random couplings with gain and more loss."""
    couplings = rng.normal(size=(*batch, 2 * modes, 2 * modes)) + 1j * rng.normal(size=(*batch, 2 * modes, 2 * modes))
    decay = np.kron(np.eye(modes), [1, 1j]) * 4  # strong enough for every lane to be stable
    decay = np.broadcast_to(decay, (*batch, modes, 2 * modes))
    system = from_hamiltonian(np.zeros((2 * modes, 2 * modes)), np.concatenate([couplings, decay], axis=-2))
    return core_steady(system).covariance


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda f: f.__name__)
def test_criteria_are_those_of_the_core(rng, criterion):
    covariance = entangled_states(rng, 2, (4,))
    state = GaussianState(np.zeros((4, 4)), covariance, ["a", "b"])
    expected = CRITERIA[criterion](state, "a", "b").value
    np.testing.assert_allclose(criterion(covariance), expected, rtol=1e-11, atol=1e-12)


def test_parties_of_several_modes(rng):
    covariance = entangled_states(rng, 3)
    state = GaussianState(np.zeros(6), covariance, ["a", "b", "c"])
    expected = entanglement.log_negativity(state, ["a", "b"], "c").value
    assert float(log_negativity(covariance, first=2)) == pytest.approx(float(expected), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda f: f.__name__)
def test_gradients_of_criteria_are_differences(rng, criterion):
    # squeezed, so that the negativity is no constant
    squeezed = GaussianState.vacuum(["a", "b"]).covariance + 0.05 * entangled_states(rng, 2)
    mix = np.kron([[np.cosh(0.8), 0], [0, np.cosh(0.8)]], np.eye(2)) + np.kron(
        [[0, np.sinh(0.8)], [np.sinh(0.8), 0]], np.diag([1, -1])
    )
    covariance = mix @ squeezed @ mix.T
    way = rng.normal(size=(4, 4))
    way = way + way.T
    slope = np.sum(np.asarray(jax.grad(criterion)(covariance)) * way)
    difference = central(lambda t: float(criterion(covariance + t * way)), 0.0, 1.0, 1e-4)
    assert abs(slope) > 1e-3
    assert slope == pytest.approx(difference, rel=1e-8)  # differences of fourth order: h⁴ = 1e-16, eps/h = 1e-12


def test_uncorrelated_modes_have_a_gradient():
    slope = jax.grad(epr_variance)(np.diag([0.5, 0.5, 2.0, 2.0]))
    np.testing.assert_allclose(slope, np.diag([1.0, 1.0, 0.0, 0.0]), atol=1e-15)


def test_what_is_no_covariance_is_refused():
    with pytest.raises(Unphysical, match="smallest eigenvalue is -1"):
        log_negativity(np.diag([1.0, 1.0, 1.0, -1.0]))
    with pytest.raises(InvalidInput, match="of 2 modes the first party"):
        smallest_ppt_eigenvalue(np.eye(4), first=2)
    with pytest.raises(InvalidInput, match="about two modes"):
        epr_variance(np.eye(6))


@pytest.mark.parametrize("name", PUBLISHED)
def test_spectra_are_those_of_the_core(name):
    network, specs, _ = PUBLISHED[name]
    system, omega = matrices(network, detectors=specs), np.array([1e5, 3.1e6, 8.0e6, 8.1e6])
    density = core_density(network.system, omega)
    np.testing.assert_allclose(spectral_density(system, omega), density, rtol=1e-10, atol=1e-10 * np.abs(density).max())
    expected = core_budget(network.system, omega, specs[0].detector(network))
    budget = noise_budget(system, omega)
    np.testing.assert_allclose(budget.total, expected.total, rtol=1e-10)
    assert list(budget.sources) == list(expected.sources)
    for source, part in expected.sources.items():
        np.testing.assert_allclose(budget.sources[source], part, rtol=1e-9, atol=1e-12 * expected.total.max())


def test_a_spectrum_has_the_axes_of_the_batch_then_those_of_the_frequencies():
    spec = DetectorSpec(kind=DetectorKind.HETERODYNE)
    network = SpinOscillator(frequency=1e6, linewidth=1e4, readout_rate=1e4, occupation=1.0) >> Loss(efficiency=0.5)
    omega = np.array([[0.9e6, 1e6, 1.1e6]])
    system = matrices(network, {"loss.efficiency": [0.5, 0.9]}, [spec])
    changed = network.with_parameters({"loss.efficiency": [0.5, 0.9]})
    expected = core_budget(changed.system, omega, spec.detector(changed))
    budget = noise_budget(system, omega)
    assert budget.total.shape == (2, 1, 3)
    assert transfer_matrix(system, omega).shape == (2, 1, 3, 4, 6)
    np.testing.assert_allclose(budget.total, expected.total, rtol=1e-12)
    np.testing.assert_allclose(budget.sources["detection"], expected.sources["detection"], rtol=1e-12)


def test_an_unstable_network_is_an_error_and_nan_while_traced():
    cavity = OptomechanicalCavity(
        name="membrane", mechanical_frequency=1000 * kHz, mechanical_linewidth=0.1 * kHz, occupation=10.0,
        cavity_linewidth=1000 * kHz, detuning=500 * kHz, coupling=50 * kHz,
    )  # fmt: skip
    system = matrices(cavity, {"membrane.detuning": np.array([-500, 500]) * kHz}, [DetectorSpec()])
    with pytest.raises(Unstable, match=r"mode 'membrane.*grows") as caught:
        steady_covariance(system)
    assert caught.value.eigenvalue.real > 0
    traced = np.asarray(jax.jit(steady_covariance)(system))
    assert np.isfinite(traced[0]).all()
    assert np.isnan(traced[1]).all()
    slopes = jax.jit(jax.grad(lambda s: steady_covariance(s).sum()))(system)
    assert np.isfinite(np.asarray(slopes.drift)[0]).all()
    assert np.isnan(np.asarray(slopes.drift)[1]).all()


def test_a_conditional_state_needs_a_record():
    oscillator = SpinOscillator(frequency=1e6, linewidth=1e4, readout_rate=1e4, occupation=1.0)
    with pytest.raises(InvalidInput, match="at least one detector"):
        conditional_covariance(matrices(oscillator))
    with pytest.raises(InvalidInput, match="no recorded port 'loss'"):
        noise_budget(matrices(oscillator, detectors=[DetectorSpec()]), 1e6, "loss")
    assert matrices(Loss(efficiency=0.5)).block(steady_covariance(matrices(Loss(efficiency=0.5)))).shape == (0, 0)


def test_a_spectrum_of_what_grows_is_an_error_and_nan_while_jax_traces():
    blue, red = (
        OptomechanicalCavity(
            name="m", mechanical_frequency=1.0, mechanical_linewidth=1e-3, occupation=2.0, cavity_linewidth=0.5,
            detuning=detuning, coupling=0.1,
        )
        for detuning in (1.0, -1.0)
    )  # fmt: skip
    omega = np.array([0.5, 1.0])
    asks = {
        transfer_matrix: lambda s, **k: abs(transfer_matrix(s, omega, **k)).sum(),
        spectral_density: lambda s, **k: spectral_density(s, omega, **k).real.sum(),
        noise_budget: lambda s, **k: noise_budget(s, omega, **k).total.sum(),
    }
    grows, decays = (matrices(part, detectors=[DetectorSpec()]) for part in (blue, red))
    for ask in asks.values():
        with pytest.raises(Unstable, match="mode 'm' grows"):
            ask(grows)
        assert np.isfinite(ask(grows, formal=True)) and np.isfinite(ask(decays))
        assert np.isnan(jax.jit(ask)(grows)) and np.isfinite(jax.jit(ask)(decays))
        assert np.isnan(jax.grad(ask)(grows).drift).any()
    np.testing.assert_allclose(jax.jit(asks[noise_budget])(decays), asks[noise_budget](decays), rtol=1e-12)
