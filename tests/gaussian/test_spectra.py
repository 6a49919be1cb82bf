"""Transfer matrices, spectra, budgets: against a dense formula, definitions and the Lyapunov equation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from backaction.gaussian import (
    Heterodyne,
    Homodyne,
    InvalidInput,
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
    with_brownian_damping,
)
from backaction.gaussian.lyapunov import relative_size
from backaction.gaussian.spectra import resolvent
from backaction.systems import Loss, OptomechanicalCavity, SpinOscillator, ThermalLight
from backaction.systems.published import moller2017, schweer2022

OMEGA = np.linspace(-3, 3, 13)


def random_system(rng, modes=2, ports=3, batch=(), correlated=False):
    size, width = 2 * modes, 2 * ports
    drift = rng.normal(size=(*batch, size, size))
    drift = drift - (np.linalg.eigvals(drift).real.max(axis=-1) + 0.3)[..., None, None] * np.eye(size)
    noise = np.broadcast_to(np.eye(width) * (0.5 + rng.random(width)), (*batch, width, width))
    if correlated:
        factor = rng.normal(size=(*batch, width, width))
        noise = noise + factor @ np.swapaxes(factor, -1, -2)
    return LinearSystem(
        drift,
        rng.normal(size=(*batch, size, width)),
        rng.normal(size=(*batch, 4, size)),
        rng.normal(size=(*batch, 4, width)),
        noise,
        outputs=["out", "lost"],
    )


def lane(system, index):
    """One point of a batch."""
    whole = system.batch_shape
    matrices = (system.drift, system.input_matrix, system.output_matrix, system.feedthrough, system.noise)
    picked = [np.broadcast_to(m, whole + m.shape[-2:])[index] for m in matrices]
    return LinearSystem(*picked, system.modes, system.inputs, system.outputs, system.classical)


def dense_transfer(system, omega):
    """Σ_k (C r_k)(l_k B)/(−iω − λ_k) + D from the left and right eigenvectors of A."""
    values, right = np.linalg.eig(system.drift)
    left = np.linalg.inv(right)
    residues = (system.output_matrix @ right)[:, :, None] * (left @ system.input_matrix)[None]
    return np.einsum("pkm,k->pm", residues, 1 / (-1j * omega - values)) + system.feedthrough


def test_transfer_matrix_against_poles_and_residues():
    system = random_system(np.random.default_rng(1), 3)
    ours = transfer_matrix(system, OMEGA)
    for omega, matrix in zip(OMEGA, ours, strict=True):
        np.testing.assert_allclose(matrix, dense_transfer(system, omega), atol=1e-11 * np.abs(matrix).max())


def test_transfer_matrix_is_the_answer_to_a_wave():
    # x(t) = Re[X e^{−iωt}] solves the equation of motion: the sign of the Fourier transform
    system = random_system(np.random.default_rng(2))
    omega, rng = 0.7, np.random.default_rng(3)
    wave = rng.normal(size=6) + 1j * rng.normal(size=6)
    x = resolvent(system, omega, system.input_matrix) @ wave
    np.testing.assert_allclose(-1j * omega * x, system.drift @ x + system.input_matrix @ wave, atol=1e-12)
    output = transfer_matrix(system, omega) @ wave
    np.testing.assert_allclose(output, system.output_matrix @ x + system.feedthrough @ wave, atol=1e-12)


def test_spectral_density_is_hermitian_positive_and_that_of_the_definition():
    system = random_system(np.random.default_rng(4), correlated=True)
    density = spectral_density(system, OMEGA)
    assert (density == np.conj(np.swapaxes(density, -1, -2))).all()
    assert np.linalg.eigvalsh(density).min() > 0
    for omega, matrix in zip(OMEGA, density, strict=True):
        transfer = dense_transfer(system, omega)
        np.testing.assert_allclose(
            matrix, transfer @ system.noise @ transfer.conj().T, atol=1e-11 * np.abs(matrix).max()
        )
    np.testing.assert_allclose(density[::-1], density.conj(), rtol=1e-10, atol=1e-12)  # S(−ω) = S(ω)*


@pytest.mark.parametrize("detector", [Homodyne("out", 0.7, 0.6), Heterodyne("lost", -0.3, 0.9)])
@pytest.mark.parametrize("correlated", [False, True])
def test_budget_sums_to_the_spectrum_of_the_record(detector, correlated):
    system = random_system(np.random.default_rng(5), correlated=correlated)
    budget = noise_budget(system, OMEGA, detector)
    assert list(budget.sources) == [*system.inputs, "detection"]
    np.testing.assert_allclose(sum(budget.sources.values()), budget.total, rtol=1e-15)
    rows = slice(0, 2) if detector.port == "out" else slice(2, 4)
    density = spectral_density(system, OMEGA)[:, rows, rows].real
    direction = np.array([np.cos(detector.angle), np.sin(detector.angle)])
    half = 2 if isinstance(detector, Heterodyne) else 1
    share = detector.efficiency / half
    expected = share * np.einsum("i,wij,j->w", direction, density, direction) + (1 - share) / 2
    np.testing.assert_allclose(budget.total, expected, rtol=1e-12)
    np.testing.assert_allclose(budget.sources["detection"], (1 - share) / 2, rtol=1e-15)


def test_budget_of_uncorrelated_inputs_by_switching_them_off():
    network = moller2017.network(moller2017.FIG3, mass=-1)
    system = network.system
    omega = 2 * np.pi * np.linspace(1.2e6, 1.34e6, 7)
    detector = Homodyne("out", 0.4, 0.8)
    budget = noise_budget(system, omega, detector)
    for name in system.inputs:
        # twice the noise of one input adds its part once more
        rows = 2 * system.inputs.index(name) + np.arange(2)
        doubled = system.with_noise(name, 2 * system.noise[rows[:, None], rows])
        more = noise_budget(doubled, omega, detector).total - budget.total
        np.testing.assert_allclose(more, budget.sources[name], atol=1e-10 * budget.total.max())


def test_classical_noise_and_silent_sources_are_in_the_budget():
    network = ThermalLight(occupation=0.0, name="laser") >> Loss(efficiency=1.0)
    budget = noise_budget(network.system, [1.0], Homodyne())
    assert {name: float(part[0]) for name, part in budget.sources.items()} == {
        "input": 0.5,
        "laser": 0.0,
        "loss": 0.0,
        "detection": 0.0,
    }


def test_quadrature_spectrum_is_the_projection():
    system = random_system(np.random.default_rng(6))
    for angle in (0.0, 0.4, np.pi / 2):
        direction = np.array([np.cos(angle), np.sin(angle)])
        density = spectral_density(system.with_outputs("lost"), OMEGA).real
        expected = np.einsum("i,wij,j->w", direction, density, direction)
        np.testing.assert_allclose(quadrature_spectrum(system, OMEGA, "lost", angle), expected, rtol=1e-12)


def test_squeezing_is_the_minimum_over_angles():
    network = OptomechanicalCavity(
        mechanical_frequency=1.0,
        mechanical_linewidth=1e-3,
        occupation=2.0,
        cavity_linewidth=3.0,
        detuning=-0.2,
        coupling=0.3,
    ) >> Loss(efficiency=0.9)
    omega = np.array([0.01, 0.3, 0.9, 1.0, 1.5])
    spectrum, angle = squeezing_spectrum(network.system, omega)
    assert spectrum.min() < 0.45
    assert ((-np.pi / 2 <= angle) & (angle <= np.pi / 2)).all()
    for w, least, at in zip(omega, spectrum, angle, strict=True):

        def psd(theta, w=w):
            return float(quadrature_spectrum(network.system, w, "out", theta))

        assert psd(at) == pytest.approx(least, rel=1e-9)
        around = minimize_scalar(psd, bounds=(at - 0.3, at + 0.3), method="bounded", options={"xatol": 1e-9})
        assert around.fun == pytest.approx(least, rel=1e-9)
        assert min(psd(theta) for theta in np.linspace(0, np.pi, 181)) >= least * (1 - 1e-12)


def test_passive_system_gives_vacuum_for_vacuum():
    rng = np.random.default_rng(7)
    couplings = rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4))
    couplings[:, 1::2] = 1j * couplings[:, ::2]  # lowering operators only
    system = from_hamiltonian(np.kron(np.diag([1.0, -0.3]), np.eye(2)), couplings)
    np.testing.assert_allclose(spectral_density(system, OMEGA), np.broadcast_to(np.eye(4) / 2, (13, 4, 4)), atol=1e-13)


def integrated(system, nodes=24, octaves=44):
    """∫ dω/2π of the modes' spectral density: Gauss-Legendre on intervals that grow from every resonance, and 1/ω."""
    found = poles(system)
    centres, widths = np.abs(found.imag), np.abs(found.real)
    last = 1e3 * np.abs(found).max()
    steps = 2.0 ** np.arange(-2, octaves)
    edges = (centres[:, None, None] + widths[:, None, None] * steps[:, None] * np.array([-1.0, 1.0])).ravel()
    edges = np.unique(np.concatenate([edges, centres, [0.0, last]]))
    edges = edges[(edges >= 0) & (edges <= last)]
    x, weight = np.polynomial.legendre.leggauss(nodes)
    start, length = edges[:-1, None], np.diff(edges)[:, None] / 2
    omega = (start + length * (1 + x)).ravel()
    area = np.einsum("w,wij->ij", (length * weight).ravel(), mode_spectral_density(system, omega).real)
    inverse = (1 + x) / (2 * last)
    tail = np.einsum("w,wij->ij", weight / (2 * last) / inverse**2, mode_spectral_density(system, 1 / inverse).real)
    return (area + tail) / np.pi


def high_quality():
    spin = SpinOscillator(frequency=-1e6, linewidth=1.0, occupation=1.0, readout_rate=1e3)
    membrane = OptomechanicalCavity(
        mechanical_frequency=1.01e6,
        mechanical_linewidth=0.1,
        occupation=1e5,
        cavity_linewidth=1e7,
        detuning=-3e5,
        coupling=1e4,
    )
    return spin >> Loss(efficiency=0.8) >> membrane


INTEGRATED = {
    "random": lambda: random_system(np.random.default_rng(8), 3),
    "correlated inputs": lambda: random_system(np.random.default_rng(9), 2, correlated=True),
    "moller2017": lambda: moller2017.network(moller2017.FIG3, mass=-1).system,
    "schweer2022": lambda: schweer2022.cascade(schweer2022.Order.ANCILLA_FIRST).system,
    "Q = 1e6 and 1e7, cavity 1e7": lambda: high_quality().system,
}


@pytest.mark.parametrize("build", INTEGRATED.values(), ids=INTEGRATED)
def test_modes_spectra_integrate_to_the_stationary_covariance(build):
    system = build()
    covariance = steady_state(system).covariance
    assert relative_size(integrated(system) - covariance, covariance) < 1e-8  # eps × Q at the resonances


def test_batches_of_systems_and_frequencies():
    system = random_system(np.random.default_rng(10), batch=(2, 3))
    omega = np.linspace(0.1, 2, 20).reshape(4, 5)
    detector = Homodyne("out", np.array([0.1, 0.2, 0.3]), np.array([[0.5], [0.9]]))
    transfer, density = transfer_matrix(system, omega), spectral_density(system, omega)
    modes, squeezing = mode_spectral_density(system, omega), squeezing_spectrum(system, omega)
    budget = noise_budget(system, omega, detector)
    assert transfer.shape == (2, 3, 4, 5, 4, 6) and density.shape == (2, 3, 4, 5, 4, 4)
    assert modes.shape == (2, 3, 4, 5, 4, 4) and squeezing.angle.shape == budget.total.shape == (2, 3, 4, 5)
    for index in np.ndindex(2, 3, 4, 5):
        point, w = lane(system, index[:2]), omega[index[2:]]
        close = {"rtol": 1e-12, "atol": 1e-13}
        np.testing.assert_allclose(transfer[index], transfer_matrix(point, w), **close)
        np.testing.assert_allclose(density[index], spectral_density(point, w), **close)
        np.testing.assert_allclose(modes[index], mode_spectral_density(point, w), **close)
        np.testing.assert_allclose(squeezing.spectrum[index], squeezing_spectrum(point, w).spectrum, **close)
        one = Homodyne("out", detector.angle[index[1]], detector.efficiency[index[0], 0])
        alone = noise_budget(point, w, one)
        for name, part in budget.sources.items():
            np.testing.assert_allclose(part[index], alone.sources[name], **close)


def test_array_angle_on_one_system_and_one_angle_on_a_batch():
    one, many = random_system(np.random.default_rng(11)), random_system(np.random.default_rng(12), batch=(3,))
    angles = np.array([0.0, 0.5])
    both = quadrature_spectrum(one, OMEGA, "out", angles)
    assert both.shape == (2, 13)
    np.testing.assert_allclose(both[1], quadrature_spectrum(one, OMEGA, "out", 0.5), rtol=1e-13)
    assert quadrature_spectrum(many, OMEGA, "out", 0.5).shape == (3, 13)
    assert quadrature_spectrum(many, 1.0, "out", angles[:, None]).shape == (2, 3)


def test_empty_and_static():
    system = random_system(np.random.default_rng(13), batch=(3,))
    assert transfer_matrix(system, []).shape == (3, 0, 4, 6)
    assert noise_budget(lane(system, 0), [], Homodyne()).total.shape == (0,)
    nothing = LinearSystem(
        *(m[:0] for m in (system.drift, system.input_matrix, system.output_matrix)),
        system.feedthrough[0],
        outputs=["out", "lost"],
    )
    assert transfer_matrix(nothing, OMEGA).shape == (0, 13, 4, 6)
    assert squeezing_spectrum(nothing, OMEGA, "lost").spectrum.shape == (0, 13)
    static = LinearSystem(np.zeros((0, 0)), np.zeros((0, 4)), np.zeros((2, 0)), np.ones((5, 2, 4)), outputs=["out"])
    np.testing.assert_array_equal(transfer_matrix(static, OMEGA), np.ones((5, 13, 2, 4)))
    assert mode_spectral_density(static, OMEGA).shape == (5, 13, 0, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: transfer_matrix(s, [1.0, np.nan]), "the frequency has an entry that is not finite"),
        (lambda s: transfer_matrix(s, np.array([1j])), "frequency must be an array of real numbers"),
        (lambda s: transfer_matrix(s, "1 MHz"), "the frequency must be an array of real numbers"),
        (lambda s: quadrature_spectrum(s, 1.0, "lots"), "no output 'lots'; did you mean 'lost'"),
        (lambda s: squeezing_spectrum(s, 1.0, "ou"), "no output 'ou'; did you mean 'out'"),
        (lambda s: noise_budget(s, 1.0, [Homodyne()]), "one Homodyne or Heterodyne detector"),
        (lambda s: noise_budget(s, 1.0, Homodyne(angle=[0.0, 1.0])), "system .3,., detector .2,."),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InvalidInput, match=message):
        call(random_system(np.random.default_rng(14), batch=(3,)))


def test_divergence_at_an_undamped_resonance():
    free = with_brownian_damping(
        from_hamiltonian(np.diag([4.0, 1.0]), [[1.0, 0.0]], modes=["m"], ports=["out"]), "m", 0.0, 0.0, "bath"
    )
    with pytest.raises(Unstable, match="mode 'm' does not decay"):
        transfer_matrix(free, 1.0)
    assert np.isfinite(transfer_matrix(free, 1.0, formal=True)).all()
    with pytest.raises(InvalidInput, match="an undamped pole lies exactly at one of the frequencies"):
        transfer_matrix(free, [1.0, 2.0], formal=True)
