"""Caesium: light shifts and Zeeman levels against operators in the full space of electron and nucleus."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.gaussian import InvalidInput
from backaction.systems import GHz, Hz, MHz
from backaction.systems.laboratory import (
    MAGIC_ANGLE,
    SCATTERING_DECOHERENCE,
    caesium,
    polarisability,
    polarisation,
    zeeman,
)

TURN = 2 * np.pi
AREA = 300e-6**2
CLEBSCH = {  # <1/2 m, 1 q | 3/2 m + q>, Condon and Shortley
    (0.5, 1): 1.0,
    (0.5, 0): np.sqrt(2 / 3),
    (0.5, -1): np.sqrt(1 / 3),
    (-0.5, 1): np.sqrt(1 / 3),
    (-0.5, 0): np.sqrt(2 / 3),
    (-0.5, -1): 1.0,
}
SPHERICAL = {1: np.array([-1, -1j, 0]) / np.sqrt(2), 0: np.array([0, 0, 1]), -1: np.array([1, -1j, 0]) / np.sqrt(2)}
POLARISATIONS = {
    "x": np.array([1, 0, 0]),
    "y": np.array([0, 1, 0]),
    "plus": np.array([1, 1, 0]) / np.sqrt(2),
    "minus": np.array([1, -1, 0]) / np.sqrt(2),
    "left": np.array([1, 1j, 0]) / np.sqrt(2),
    "right": np.array([1, -1j, 0]) / np.sqrt(2),
}


def spin_matrices(j: float) -> list[np.ndarray]:
    """J_x, J_y, J_z in the basis m = j … −j."""
    m = np.arange(j, -j - 1, -1)
    raising = np.diag(np.sqrt(j * (j + 1) - m[1:] * (m[1:] + 1)), 1)
    return [(raising + raising.T) / 2, (raising - raising.T) / 2j, np.diag(m)]


def total_spin(j: float) -> list[np.ndarray]:
    electron = np.eye(round(2 * j + 1))
    pairs = zip(spin_matrices(j), spin_matrices(3.5), strict=True)
    return [np.kron(s, np.eye(8)) + np.kron(electron, i) for s, i in pairs]


def level(j: float, f: float) -> np.ndarray:
    """Orthonormal basis (columns) of the hyperfine level F, from the eigenvectors of (I + J)²."""
    values, vectors = np.linalg.eigh(sum(t @ t for t in total_spin(j)))
    return vectors[:, np.abs(values - f * (f + 1)) < 1e-6]  # rounding of a 32 × 32 eigenproblem


GROUND = level(0.5, 4)
SPIN = [GROUND.conj().T @ component @ GROUND for component in total_spin(0.5)]


def absorption(vector: np.ndarray, ground: np.ndarray = GROUND) -> np.ndarray:
    """e·d from F = 4 (or another basis) to all of 6P3/2, in units of the cycling transition's dipole."""
    matrix = np.zeros((4, 2), dtype=complex)
    for (m, q), value in CLEBSCH.items():
        matrix[round(1.5 - (m + q)), round(0.5 - m)] = value * np.vdot(SPHERICAL[q], vector)
    return np.kron(matrix, np.eye(8)) @ ground


def light_operator(vector: np.ndarray, detuning: float, power: int) -> np.ndarray:
    """Σ_F' (e·d)† P_F' (e·d)/Δ_F'^power on F = 4: light shift for 1, scattering for 2."""
    up = absorption(vector)
    below = {5: 0.0, 4: 251.0916 * MHz, 3: 452.3787 * MHz, 2: 603.6034 * MHz}
    parts = []
    for f, offset in below.items():
        basis = level(1.5, f)
        parts.append(up.conj().T @ basis @ basis.conj().T @ up / (detuning + offset) ** power)
    return sum(parts)


def shift_per_photon(detuning: float) -> float:
    """Light shift in rad/s of the cycling transition's dipole by 1 photon/s through AREA, times Δ: 3λ²Γ_sp/8πA."""
    wavelength = caesium.probe_wavelength(detuning)
    return 3 * wavelength**2 * TURN * 5.234e6 / (8 * np.pi * AREA)


def stokes_operators(detuning: float) -> list[np.ndarray]:
    """Operators that S_x, S_y, S_z (per photon/s) multiply in the light shift of F = 4."""
    v = {name: shift_per_photon(detuning) * light_operator(e, detuning, 1) for name, e in POLARISATIONS.items()}
    return [v["x"] - v["y"], v["plus"] - v["minus"], v["left"] - v["right"]]


@pytest.mark.parametrize("detuning", [3 * GHz, 1.2 * GHz, -3 * GHz, 40 * GHz])
def test_faraday_coupling_is_the_vector_light_shift_of_the_dipole_operators(detuning: float) -> None:
    operator, f_z = stokes_operators(detuning)[2], SPIN[2]
    vector_part = np.trace(operator @ f_z).real / np.trace(f_z @ f_z).real
    assert polarisability.faraday_coupling(detuning, AREA) == pytest.approx(vector_part, rel=1e-10)
    assert np.allclose(operator, vector_part * f_z, rtol=0, atol=1e-10 * abs(vector_part))


def test_faraday_coupling_far_away_is_the_formula_with_unity() -> None:
    far = 1e4 * GHz
    ratio = polarisability.faraday_coupling(far, AREA) / polarisability.faraday_coupling(far, AREA, vector=1.0)
    assert ratio == pytest.approx(1, abs=2e-5)  # a₁ − 1 ∝ 0.16 GHz/Δ
    assert polarisability.tensor_polarisability(far) == pytest.approx(0, abs=2e-6)  # ∝ 0.013 GHz/Δ


@pytest.mark.parametrize("detuning", [3 * GHz, -4 * GHz])
def test_scalar_and_tensor_parts_too(detuning: float) -> None:
    """Hammerer et al.: H = α/a₁ [a₀Φ + a₁S_zJ_z + a₂(Φ J_z² − S₋J₊² − S₊J₋²)], every operator of it."""
    f_x, f_y, f_z = SPIN
    unit = polarisability.faraday_coupling(detuning, AREA, vector=1.0)
    a0, a2 = polarisability.scalar_polarisability(detuning), polarisability.tensor_polarisability(detuning)
    x, y, _ = stokes_operators(detuning)
    raising = f_x + 1j * f_y
    squares = raising @ raising
    scale = abs(unit)
    assert np.allclose(x, -unit * a2 * (squares + squares.conj().T), rtol=0, atol=1e-12 * scale)
    assert np.allclose(y, -unit * a2 * 1j * (squares.conj().T - squares), rtol=0, atol=1e-12 * scale)
    mean = shift_per_photon(detuning) * (
        light_operator(POLARISATIONS["x"], detuning, 1) + light_operator(POLARISATIONS["y"], detuning, 1)
    )
    assert np.allclose(mean / 2, unit * (a0 * np.eye(9) + a2 * f_z @ f_z), rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("orientation", [1, -1])
@pytest.mark.parametrize(("share", "angle"), [(0.6, 55.0), (0.6, 10.0), (0.999999, 0.0), (0.95, 80.0)])
def test_tensor_coupling_is_the_response_of_the_spin_to_the_orthogonal_stokes_operator(
    share: float, angle: float, orientation: int
) -> None:
    """H = g S⊥ {F_x,F_y}… acts on ⟨F_z⟩ as g' S⊥ F_y would; ζ = ±g'/α with P ∝ −sgn(J_x) J_y, P_L ∝ −S⊥."""
    x, y, _ = stokes_operators(3 * GHz)
    theta = np.radians(angle)
    orthogonal = y * np.cos(2 * theta) - x * np.sin(2 * theta)
    f_x, f_y, f_z = SPIN
    levels, axes = np.linalg.eigh(orientation * f_x)
    n = polarisation.spin_temperature_occupation(share)
    weights = (n / (n + 1)) ** np.round(4 - levels)
    state = (axes * weights / weights.sum()) @ axes.conj().T

    def push(operator: np.ndarray) -> float:
        return float((1j * np.trace(state @ (operator @ f_z - f_z @ operator))).real)

    alpha = polarisability.faraday_coupling(3 * GHz, AREA)
    expected = orientation * push(orthogonal) / push(f_y) / alpha
    estimate = polarisability.tensor_coupling(3 * GHz, share, theta)
    assert estimate.value == pytest.approx(expected, rel=1e-8)
    assert np.trace(state @ f_x).real == pytest.approx(4 * share * orientation, rel=1e-9)


def test_tensor_coupling_of_the_experiment_is_a_per_cent_and_uncertain() -> None:
    estimate = polarisability.tensor_coupling(3 * GHz, 0.60, np.radians(55))
    assert f"{estimate.value:.4f}" == "0.0081"
    assert 0.2 < estimate.uncertainty / estimate.value < 1
    stretched = polarisability.tensor_coupling(3 * GHz, 1.0, 0.0).value
    ratio = polarisability.tensor_polarisability(3 * GHz) / polarisability.vector_polarisability(3 * GHz)
    assert stretched == pytest.approx(-14 * ratio)  # 2(2F − 1) = 14


@pytest.mark.parametrize("detuning", [3 * GHz, -3 * GHz])
def test_scattering_rate_is_the_mean_over_the_levels(detuning: float) -> None:
    flux = 7e15
    mean = np.trace(light_operator(POLARISATIONS["x"], detuning, 2)).real / 9
    rate = flux * shift_per_photon(detuning) * TURN * 5.234e6 * mean
    assert polarisability.scattering_rate(flux, detuning, AREA) == pytest.approx(rate, rel=1e-9)


def transverse_decay(detuning: float, share: float, angle: float) -> float:
    """Decay of the precessing spin by scattering, per photon that an unpolarised atom scatters."""
    ground = np.hstack([GROUND, level(0.5, 3)])
    incoming = np.array([np.cos(angle), np.sin(angle), 0])
    below = {5: 0.0, 4: 251.0916 * MHz, 3: 452.3787 * MHz, 2: 603.6034 * MHz}
    jumps = []
    for unit in SPHERICAL.values():
        parts = []
        for f, offset in below.items():
            basis = level(1.5, f)
            down = basis.conj().T @ absorption(unit, ground)
            parts.append(down.conj().T @ basis.conj().T @ absorption(incoming) / (detuning + offset))
        jumps.append(sum(parts))
    loss = sum(jump.conj().T @ jump for jump in jumps)
    f_x, f_y, f_z = SPIN
    levels, axes = np.linalg.eigh(f_x)
    n = polarisation.spin_temperature_occupation(share)
    weights = (n / (n + 1)) ** np.round(4 - levels)
    state = (axes * weights / weights.sum()) @ axes.conj().T
    decays = []
    for seen, turned_by in ((f_y, f_z), (f_z, f_y)):
        small = 1j * (turned_by @ state - state @ turned_by)
        change = sum(jump[:9] @ small @ jump[:9].conj().T for jump in jumps) - (loss @ small + small @ loss) / 2
        decays.append(-np.trace(seen @ change).real / np.trace(seen @ small).real)
    return float(np.mean(decays) / (np.trace(loss).real / 9))


@pytest.mark.parametrize("share", [0.05, 0.6, 0.999])
def test_scattering_alone_takes_a_fifth_of_the_coherence_per_photon(share: float) -> None:
    """Only the part of F = 4 that stays in F = 4 precesses on; the magic angle makes it the same for any state."""
    assert f"{transverse_decay(3 * GHz, share, MAGIC_ANGLE):.3f}" == f"{SCATTERING_DECOHERENCE}"
    blue = [transverse_decay(detuning * GHz, share, MAGIC_ANGLE) for detuning in (1.2, 10, 100)]
    red = [transverse_decay(-detuning * GHz, share, MAGIC_ANGLE) for detuning in (2, 10, 100)]
    assert 0.15 < min(blue) < max(blue) < 0.205
    assert 0.20 < min(red) < max(red) < 0.25


def test_a_probe_near_a_line_is_refused() -> None:
    for detuning in (0.3 * GHz, -0.2 * GHz, -0.8 * GHz):
        with pytest.raises(InvalidInput, match="from a line of F = 4"):
            polarisability.faraday_coupling(detuning, AREA)


def test_wavelength_and_detuning_agree_with_the_paper_and_each_other() -> None:
    assert f"{caesium.probe_wavelength(3 * GHz) * 1e9:.3f}" == "852.349"
    assert caesium.probe_detuning(caesium.probe_wavelength(-2 * GHz)) == pytest.approx(-2 * GHz, rel=1e-6)  # λ to 1e-12
    offsets = caesium.EXCITED_SPLITTINGS
    assert offsets[3].value == pytest.approx(251.0916 + 201.2871)
    assert sum(caesium.LINE_STRENGTHS.values()) == pytest.approx(1)


def test_line_strengths_are_those_of_the_dipole_operators() -> None:
    for f, strength in caesium.LINE_STRENGTHS.items():
        basis = level(1.5, f)
        up = basis.conj().T @ absorption(POLARISATIONS["x"])
        assert np.trace(up.conj().T @ up).real / 9 == pytest.approx(strength * 2 / 3)


def test_the_vapour_fills_the_channel_with_about_the_stated_atoms() -> None:
    atoms = caesium.atom_number(65 + 273.15, AREA * 10e-3)
    assert 0.5e9 < atoms < 2e9  # the paper: "∼ 10⁹"
    # Steck's other vapour-pressure model (Nesmeyanov), liquid: an independent fit of the same data
    kelvin = 338.15
    torr = 10 ** (8.22127 - 4006.048 / kelvin - 0.00060194 * kelvin - 0.19623 * np.log10(kelvin))
    density = 133.322 * torr / (1.380649e-23 * kelvin)
    assert caesium.vapour_density(kelvin) == pytest.approx(density, rel=0.2)  # the models differ by that much


def zeeman_levels(field: float) -> np.ndarray:
    """Upper nine levels of A I·S + µ_B B (g_J S_z + g_I I_z), diagonalised."""
    s = [np.kron(component, np.eye(8)) for component in spin_matrices(0.5)]
    i = [np.kron(np.eye(2), component) for component in spin_matrices(3.5)]
    hyperfine = TURN * 9.192631770e9 / 4 * sum(a @ b for a, b in zip(s, i, strict=True))
    magnetic = TURN * 13.9962449361e9 * field * (2.00254032 * s[2] - 0.00039885395 * i[2])
    return np.linalg.eigvalsh(hyperfine + magnetic)[-9:]


@pytest.mark.parametrize("field", [1e-4, 3.625e-4, 5e-3])
def test_breit_rabi_is_the_diagonalised_hamiltonian(field: float) -> None:
    scale = TURN * 9.2e9
    assert np.allclose(zeeman.breit_rabi(field), zeeman_levels(field), rtol=0, atol=1e-13 * scale)


def test_larmor_frequency_and_quadratic_splitting_are_the_derivatives_of_the_levels() -> None:
    field = zeeman.magnetic_field(1.28 * MHz)
    assert field == pytest.approx(365.9e-6, abs=1e-7)
    levels = np.asarray(zeeman.breit_rabi(field))
    assert np.diff(levels).mean() == pytest.approx(1.28 * MHz, rel=1e-7)
    splitting = zeeman.quadratic_splitting(field)
    assert np.allclose(-np.diff(levels, 2), splitting, rtol=3e-3)  # cubic Zeeman effect: 6Ω/ω_hf = 8e-4 per level
    assert -np.diff(levels, 2)[3] == pytest.approx(splitting, rel=3e-6)  # m = 0, without it; quartic: 15 Ω²/ω_hf²/2
    assert splitting == pytest.approx(2 * (1.28 * MHz) ** 2 / (9.192631770 * GHz), rel=5e-3)  # g_I: 3.2e-3
    assert f"{splitting / Hz:.1f}" == "357.6"
    assert zeeman.lande_factor() == pytest.approx(0.25, abs=4e-5)  # S21's ¼


def test_occupations_by_polarisation_in_each_normalisation() -> None:
    readings = list(polarisation.occupation_readings(0.60, 2.8).values())
    assert [f"{n:.2f}" for n in readings] == ["0.90", "1.83", "1.76"]


@pytest.mark.parametrize("share", [0.05, 0.6, 0.97])
def test_spin_temperature_by_the_trace(share: float) -> None:
    weights = polarisation.populations(share)
    f_x, f_y, f_z = spin_matrices(4)
    state = np.diag(weights)  # along z here
    assert np.trace(state @ f_z).real == pytest.approx(4 * share)
    transverse = np.trace(state @ f_x @ f_x).real
    assert transverse / (4 * share) == pytest.approx(polarisation.spin_temperature_occupation(share) + 0.5)
    assert transverse / 2 == pytest.approx(polarisation.transverse_variance(share))
    lowering = f_x - 1j * f_y
    strengths = [abs(lowering[k + 1, k]) ** 2 * (weights[k] - weights[k + 1]) for k in range(8)]
    assert np.allclose(polarisation.transition_weights(share), np.array(strengths) / sum(strengths))


def test_limits_of_the_polarisation() -> None:
    assert polarisation.spin_temperature_occupation(1.0) == 0.0
    assert polarisation.transverse_variance(1.0) == 1.0
    assert polarisation.transverse_variance(1e-4) == pytest.approx(10 / 3, abs=1e-4)  # SI-A; deviation ∝ p²
    assert polarisation.spin_temperature_occupation(0.5, spin=0.5) == pytest.approx(0.5)  # (1/p − 1)/2
    assert np.shape(polarisation.populations([0.5, 0.6, 0.7])) == (3, 9)


@pytest.mark.parametrize("share", [0.0, 1.2, -0.1, np.nan])
def test_impossible_polarisations_are_refused(share: float) -> None:
    with pytest.raises(InvalidInput, match="polarisation must be"):
        polarisation.spin_temperature_occupation(share)


def test_less_than_projection_noise_is_refused() -> None:
    with pytest.raises(InvalidInput, match="less noise than a coherent spin state"):
        polarisation.occupation_from_variance(0.5, 0.6)
    with pytest.raises(InvalidInput, match="multiple of ½"):
        polarisation.populations(0.5, spin=0.7)
