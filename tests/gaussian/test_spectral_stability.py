"""Which systems have a spectrum: growth, undamped modes that are seen, and those that are not."""

import inspect

import numpy as np
import pytest

from backaction.gaussian import (
    Homodyne,
    LinearSystem,
    Unstable,
    from_hamiltonian,
    mode_spectral_density,
    noise_budget,
    poles,
    quadrature_spectrum,
    spectral_density,
    squeezing_spectrum,
    steady_state,
    transfer_matrix,
)
from backaction.gaussian.paths import independent_link
from backaction.gaussian.record_spectra import ENOUGH
from backaction.systems import Loss, MechanicalOscillator, Network, OptomechanicalCavity, SpinOscillator, force_noise
from backaction.systems.calibration import bath_thermometry, driven_spectra, spectral_areas
from backaction.systems.sensing import quantum_bound, signal_transfer, strength_envelope, variational_readout

PHASE, OMEGA = Homodyne(), np.linspace(0.5, 1.5, 11)


def cavity(detuning=1.0, **changes):
    """Blue-detuned: the light amplifies the motion."""
    values = {
        "mechanical_frequency": 1.0, "mechanical_linewidth": 1e-3, "occupation": 2.0, "cavity_linewidth": 0.5,
        "coupling": 0.1,
    }  # fmt: skip
    return OptomechanicalCavity(name="m", detuning=detuning, **(values | changes))


BLUE = Network((cavity(),))

ASKS = {
    transfer_matrix: lambda n, w, **k: transfer_matrix(n.system, w, **k),
    spectral_density: lambda n, w, **k: spectral_density(n.system, w, **k),
    mode_spectral_density: lambda n, w, **k: mode_spectral_density(n.system, w, **k),
    quadrature_spectrum: lambda n, w, **k: quadrature_spectrum(n.system, w, **k),
    noise_budget: lambda n, w, **k: noise_budget(n.system, w, PHASE, **k).total,
    squeezing_spectrum: lambda n, w, **k: squeezing_spectrum(n.system, w, **k).spectrum,
    independent_link: lambda n, w, **k: (
        independent_link(Loss(efficiency=0.5).system("loss"), n.system, w, PHASE, **k).total
    ),
    force_noise: lambda n, w, **k: force_noise(n, w, "m", PHASE, **k).added_noise,
    signal_transfer: lambda n, w, **k: signal_transfer(n, w, "m", **k),
    variational_readout: lambda n, w, **k: variational_readout(n, w, "m", **k).added_noise,
    quantum_bound: lambda n, w, **k: quantum_bound(n, w, "m", **k),
    spectral_areas: lambda n, w, **k: spectral_areas(n, w, PHASE, **k).total,
    driven_spectra: lambda n, w, **k: driven_spectra(n, [0.0, 1.0], w, PHASE, **k),
    bath_thermometry: lambda n, w, **k: bath_thermometry(n, "m", w, np.ones(len(w)) * 1e3, PHASE, **k).occupation,
    strength_envelope: lambda n, w, **k: (
        strength_envelope(n, w, "m", PHASE, ["m.coupling"], (0.5, 2), 5, **k).added_noise
    ),
}


@pytest.mark.parametrize("function", ASKS, ids=lambda f: f.__name__)
def test_what_grows_has_no_spectrum(function):
    ask = ASKS[function]
    with pytest.raises(Unstable) as caught:
        ask(BLUE, OMEGA)
    assert caught.value.mode == "m"
    assert np.isfinite(ask(BLUE, OMEGA, formal=True)).all()
    assert np.isfinite(ask(Network((cavity(detuning=-1.0),)), OMEGA)).all()
    assert inspect.signature(function).parameters["formal"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("count", [1, 5, 2 * ENOUGH])
def test_the_error_names_pole_and_mode(count):
    leading = max(poles(BLUE.system), key=lambda pole: pole.real)
    with pytest.raises(Unstable, match=r"mode 'm' grows.*formal=True") as caught:
        noise_budget(BLUE.system, np.linspace(0.5, 1.5, count), PHASE)
    assert caught.value.eigenvalue.real == pytest.approx(leading.real, rel=1e-9)


@pytest.mark.parametrize("count", [1, 2 * ENOUGH])
@pytest.mark.parametrize("lanes", [2, 300])
def test_one_lane_of_a_batch_that_grows(count, lanes):
    detuning = np.full(lanes, -1.0)
    omega = np.linspace(0.5, 1.5, count)
    assert np.isfinite(noise_budget(Network((cavity(detuning=detuning),)).system, omega, PHASE).total).all()
    detuning[1] = 1.0
    system = Network((cavity(detuning=detuning),)).system
    with pytest.raises(Unstable):
        noise_budget(system, omega, PHASE)
    noise_budget(system, omega, PHASE, formal=True)


def test_the_formal_curve_is_the_formula():
    """Written out: c(−iω − A)⁻¹B + d by NumPy's inverse."""
    system, w = BLUE.system, 0.9
    inverse = np.linalg.inv(-1j * w * np.eye(4) - system.drift)
    row = system.output_matrix[1] @ inverse @ system.input_matrix + system.feedthrough[1]
    expected = (row @ system.noise @ row.conj()).real
    assert quadrature_spectrum(system, w, formal=True) == pytest.approx(expected, rel=1e-12)


def test_the_stable_side_of_a_threshold():
    """Parametric gain up to and beyond the loss: H = −(χ/2)(xp + px), κ = 2; S at ω = 0 is (1 + χ)²/(1 − χ)²/2."""

    def opo(gain):
        return from_hamiltonian([[0, -gain], [-gain, 0]], [[1, 1j]], scattering=[[1]], modes=["a"], ports=["out"])

    for gain in (0.5, 0.999, 1 - 1e-9):
        budget = noise_budget(opo(gain), 0.0, Homodyne())
        expected = 0.5 * ((1 + gain) / (1 - gain)) ** 2
        assert abs(budget.total - expected) <= budget.uncertainty + 1e-15 * expected / (1 - gain)  # of 1 − χ itself
    for gain in (1 + 1e-9, 1.001):
        with pytest.raises(Unstable, match="mode 'a'"):
            noise_budget(opo(gain), 0.0, Homodyne())


# --- modes that neither grow nor decay --------------------------------------------------------------------------


def free(name, rate=0.0, occupation=0.0):
    return MechanicalOscillator(
        name=name, mechanical_frequency=1.0, mechanical_linewidth=0.0, readout_rate=rate, occupation=occupation
    )


@pytest.mark.parametrize("count", [1, 2 * ENOUGH])
def test_an_undamped_mode_beside_the_light_is_no_reason_to_refuse(count):
    """Also at its own frequency, where the matrix of all modes is singular."""
    omega = np.append(np.linspace(0.2, 2.0, count), 1.0)
    membrane = MechanicalOscillator(
        name="m", mechanical_frequency=1.2, mechanical_linewidth=0.01, readout_rate=0.1, occupation=1.0
    )
    alone, beside = Network((membrane,)), free("dark") >> membrane
    with pytest.raises(Unstable):
        steady_state(beside.system)
    for ask in (transfer_matrix, spectral_density, quadrature_spectrum):
        found, expected = (np.asarray(ask(n.system.with_outputs("out"), omega)) for n in (beside, alone))
        if ask is transfer_matrix:  # the inputs of the dark oscillator come besides, and do nothing
            columns = [2 * beside.system.inputs.index(name) + i for name in alone.system.inputs for i in (0, 1)]
            found = found[..., columns]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14 * np.abs(expected).max())
    np.testing.assert_allclose(
        squeezing_spectrum(beside.system, omega).spectrum, squeezing_spectrum(alone.system, omega).spectrum, rtol=1e-12
    )
    np.testing.assert_allclose(
        force_noise(beside, omega, "m", PHASE).added_noise,
        force_noise(alone, omega, "m", PHASE).added_noise,
        rtol=1e-12,
    )


def test_an_undamped_mode_that_light_drives_and_shows_is_refused():
    with pytest.raises(Unstable, match="mode 'm' does not decay"):
        noise_budget(free("m", rate=0.1).system("m"), [0.3, 1.0], PHASE)
    # in the amplitude nothing of it is seen: the light passes
    np.testing.assert_allclose(
        noise_budget(free("m", rate=0.1).system("m"), [0.3, 1.0], Homodyne(angle=0.0)).total, 0.5
    )


def test_a_dark_combination_of_two_modes():
    """Two equal lossless modes on one beam: their difference is dark, also at its own frequency."""
    pair = from_hamiltonian(3.0 * np.eye(4), np.array([[1, 1j, 1, 1j]]), modes=["a", "b"], ports=["out"])
    assert np.abs(poles(pair).real).min() < 1e-12
    omega = np.append(np.linspace(1, 5, 2 * ENOUGH), 3.0)
    for some in (omega, omega[-1:]):
        np.testing.assert_allclose(quadrature_spectrum(pair, some), 0.5, rtol=1e-12)  # passive: vacuum in, vacuum out
    delay = transfer_matrix(pair, [3.0])[0]
    np.testing.assert_allclose(delay @ delay.conj().T, np.eye(2), atol=1e-12)
    assert np.isfinite(mode_spectral_density(pair, [3.0])).all()


def test_matched_opposite_masses_without_damping_cancel():
    """Driven together and seen together they cancel: what is seen, X₁ + X₂, is not driven."""
    pair = SpinOscillator(frequency=-1.0, linewidth=0.0, readout_rate=0.3, occupation=0.0) >> free("m", rate=0.3)
    np.testing.assert_allclose(quadrature_spectrum(pair.system, [0.4, 1.0, 2.0]), 0.5, rtol=1e-12)


def test_static_systems_have_spectra():
    loss = Network((Loss(efficiency=0.5),)).system
    np.testing.assert_allclose(quadrature_spectrum(loss, np.linspace(0, 1, 2 * ENOUGH)), 0.5)
    assert noise_budget(loss, [], PHASE).uncertainty.shape == (0,)


def test_a_growing_mode_is_refused_wherever_it_is():
    """Behind the port: the model as a whole has no stationary state. `upstream` cuts it off."""
    drift = np.diag([-1.0, -1.0, 0.5, 0.5])
    system = LinearSystem(drift, np.eye(4)[:, :2], np.eye(4)[:2], np.eye(2), outputs=["out"], modes=["seen", "behind"])
    with pytest.raises(Unstable, match="'behind' grows"):
        noise_budget(system, 1.0, PHASE)


def test_the_area_of_a_spectrum_is_the_stationary_variance():
    """∫ (S − ½) dω/π = Γ⟨X²⟩ of the Lyapunov equation, without a part of the light that drives."""
    network = Network((MechanicalOscillator(
        name="m", mechanical_frequency=1.0, mechanical_linewidth=0.05, readout_rate=0.2, occupation=2.0
    ),))  # fmt: skip
    u = np.linspace(0, np.pi / 2, 20_001)[:-1]  # ω = tan u
    area = np.trapezoid((noise_budget(network.system, np.tan(u), PHASE).total - 0.5) / np.cos(u) ** 2, u)
    assert area / np.pi == pytest.approx(0.2 * steady_state(network.system).covariance[0, 0], rel=1e-6)
    areas = spectral_areas(network, np.linspace(0.5, 1.5, 2001), PHASE)
    assert 0 < areas.uncertainty < 1e-10 * areas.total
