"""Finite spins against models that are written here from spin matrices, and share nothing with the package."""

from types import SimpleNamespace

import numpy as np
import pytest
import qutip
from scipy.optimize import minimize
from scipy.sparse import csr_array

from backaction.entanglement import epr_variance
from backaction.fock import (
    Mass,
    conditional_by_trajectories,
    conditional_epr_variance,
    non_gaussianity,
    probed_motion,
    unconditional_with_spin,
)
from backaction.fock.basis import Basis
from backaction.fock.cascaded_spin import SpinBasis, normalised
from backaction.fock.ensemble import local_decay
from backaction.fock.solutions import Density
from backaction.gaussian import Homodyne, InvalidInput, conditional_state, steady_state
from backaction.systems import Damping, MechanicalOscillator, SpinOscillator

COLD = {"rate": 0.2, "zeta": 0.6, "linewidth": 0.1, "occupation": 0.0}
WARM = {"rate": 0.3, "zeta": 0.4, "linewidth": 0.3, "occupation": 0.2}
LOUD = {"rate": 0.4, "zeta": 0.3, "linewidth": 0.0, "occupation": 0.0}
"""Of the figure `negative-mass-in-fock`."""


def beam(rate, zeta, linewidth, occupation, mass=-1.0):
    common = {
        "readout_rate": rate,
        "tensor_coupling": zeta,
        "occupation": occupation,
        "damping": Damping.ROTATING_WAVE,
    }
    return SpinOscillator(frequency=mass, linewidth=linewidth, **common) >> MechanicalOscillator(
        name="m", mechanical_frequency=1.0, mechanical_linewidth=linewidth, **common
    )


# ---------------------------------------------------------------- models by hand


def collective(length, levels=None):
    """(J_x, J_y, J_z) of one spin J on its uppermost levels; J_x is diagonal, J first."""
    kept = slice(0, levels)
    return [qutip.Qobj(qutip.jmat(length, axis).full()[kept, kept]) for axis in "zxy"]


def individual(count):
    """(J_x, J_y, J_z) of `count` spins ½ in the product of their spaces, all up first."""
    half = [qutip.sigmaz() / 2, qutip.sigmax() / 2, qutip.sigmay() / 2]
    space = [
        sum(qutip.tensor([one if i == j else qutip.qeye(2) for j in range(count)]) for i in range(count))
        for one in half
    ]
    return [qutip.Qobj(operator.full()) for operator in space]


def model(spins, length, levels, rate, zeta, linewidth, occupation, mass=-1.0):
    """The cascade of J_x, J_y, J_z and an oscillator: H, what leaves in the light, baths; X and P of both."""
    jx, jy, jz = (qutip.tensor(one, qutip.qeye(levels)) for one in spins)
    b = qutip.tensor(qutip.qeye(spins[0].dims[0]), qutip.destroy(levels))
    xs, ps = jy / np.sqrt(length), jz / np.sqrt(length)
    xm, pm = (b + b.dag()) / np.sqrt(2), (b - b.dag()) / (1j * np.sqrt(2))
    first, second = (np.sqrt(rate / 2) * (zeta * p - 1j * x) for x, p in ((xs, ps), (xm, pm)))
    # a spin of negative mass has the energy +J_x
    hamiltonian = -mass * jx + b.dag() * b + (second.dag() * first - first.dag() * second) / 2j
    s = (xs + 1j * ps) / np.sqrt(2)
    baths = [np.sqrt(linewidth * (occupation + 1)) * a for a in (s, b)]
    baths += [np.sqrt(linewidth * occupation) * a.dag() for a in (s, b)]
    return SimpleNamespace(
        hamiltonian=hamiltonian, light=first + second, baths=baths, jx=jx / length, b=b, seen=(xs, ps, xm, pm)
    )


def settled(found, time):
    """The state after a long time from the uppermost one, by Runge–Kutta, whose stationary state is that of L."""
    left = csr_array(-1j * found.hamiltonian.full())
    jumps = [csr_array(operator.full()) for operator in [found.light, *found.baths] if operator.norm() > 0]
    for c in jumps:
        left = left - c.conj().T @ c / 2

    def slope(rho):
        half = left @ rho
        return half + half.conj().T + sum(c @ (c @ rho).conj().T for c in jumps)

    rho = np.zeros(left.shape, dtype=complex)
    rho[0, 0] = 1
    step = 1.2 / abs(left).sum(axis=1).max()  # stable
    for _ in range(int(np.ceil(time / step))):
        moved = rho
        for share in (4, 3, 2, 1):
            moved = rho + step / share * slope(moved)
        rho = (moved + moved.conj().T) / 2  # what is not Hermitian would grow
    return rho


def second_moments(found, average):
    """Covariance of X_S = J_y/√J, P_S and of X, P of the oscillator, and ⟨J_x⟩/J; b b† is b†b + 1."""
    symmetric = np.array([[average((a * b + b * a) / 2) for b in found.seen] for a in found.seen]).real
    quanta, pair = average(found.b.dag() * found.b).real, average(found.b * found.b)
    symmetric[2, 2], symmetric[3, 3] = quanta + 0.5 + pair.real, quanta + 0.5 - pair.real
    symmetric[2, 3] = symmetric[3, 2] = pair.imag
    mean = np.array([average(a).real for a in found.seen])
    return symmetric - np.outer(mean, mean), average(found.jx).real


def epr(covariance, polarisation):
    """The least [Var(X_M + gX_S′) + Var(P_M − gP_S′)]/(1 + g²) over g and the phase of S′ = S/√polarisation."""

    def variance(at):
        gain, (c, s) = at[0] / np.sqrt(polarisation), (np.cos(at[1]), np.sin(at[1]))
        rows = np.array([[gain * c, -gain * s, 1, 0], [-gain * s, -gain * c, 0, 1]])
        return np.trace(rows @ covariance @ rows.T) / (1 + at[0] ** 2)

    tried = [minimize(variance, [-0.8, phase], tol=1e-13) for phase in (0.1, 1.7, 3.2, 4.8)]
    return min(one.fun for one in tried)


def by_hand(spins, length, levels, parameters):
    found = model(spins, length, levels, **parameters)
    rho = settled(found, 20 / (parameters["linewidth"] + parameters["rate"] * parameters["zeta"]))
    covariance, polarisation = second_moments(found, lambda operator: np.trace(operator.full() @ rho) / np.trace(rho))
    return covariance, polarisation, epr(covariance, polarisation)


def assert_same(found, hand, tolerance=1e-6):
    covariance, polarisation, variance = hand
    np.testing.assert_allclose(found.density.state.covariance, covariance, rtol=0, atol=tolerance)
    assert found.polarisation == pytest.approx(polarisation, abs=tolerance)
    assert found.epr_variance == pytest.approx(variance, abs=tolerance)


# ---------------------------------------------------------------- steady states


@pytest.mark.parametrize(
    ("length", "levels", "parameters"),
    [
        (0.5, 14, COLD),
        (0.5, 14, WARM),
        (0.5, 14, COLD | {"mass": 1.0}),
        (1.5, 12, COLD),
        (5, 9, COLD),
        pytest.param(0.5, 24, LOUD, marks=pytest.mark.slow),
        pytest.param(5, 18, LOUD, marks=pytest.mark.slow),
        pytest.param(20, 12, COLD, marks=pytest.mark.slow),
        pytest.param(60, 12, COLD, marks=pytest.mark.slow),
    ],
)
def test_steady_state_is_that_of_spin_matrices(length, levels, parameters):
    top = min(levels, round(2 * length) + 1)
    found = unconditional_with_spin(beam(**parameters), "spin", "m", length, {"spin": levels, "m": levels})
    assert_same(found, by_hand(collective(length, top), length, levels, parameters))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_steady_state_is_that_of_individual_spins(count):
    found = unconditional_with_spin(beam(**WARM), "spin", "m", count / 2, {"spin": 9, "m": 9})
    assert_same(found, by_hand(individual(count), count / 2, 9, WARM))


@pytest.mark.parametrize("parameters", [COLD, WARM, LOUD, WARM | {"mass": 1.0}])
def test_a_spin_half_has_squares_that_are_a_quarter(parameters):
    """J_y² = J_z² = ¼ whatever the state: Var X + Var P = 1 less squared means, which are zero."""
    found = unconditional_with_spin(beam(**parameters), "spin", "m", 0.5, {"spin": 9, "m": 9})
    assert np.trace(found.density.state.covariance[:2, :2]) == pytest.approx(1, abs=1e-9)
    scaled = normalised(found.density.state, "spin", found.polarisation)
    assert np.trace(scaled.covariance[:2, :2]) == pytest.approx(1 / found.polarisation, abs=1e-9)


@pytest.mark.parametrize("length", [0.5, 1, 4.5, 30, np.inf])
def test_one_quantum_of_a_spin(length):
    """⟨J_y²⟩ = [J(J+1) − m²]/2 with m = J − 1, over J."""
    basis = SpinBasis(Basis([4]), [length])
    matrix = np.diag((basis.levels[:, 0] == 1).astype(complex))
    state = Density(basis, matrix, ("spin",)).state
    expected = 1.5 - 1 / (2 * length)
    np.testing.assert_allclose(state.covariance, expected * np.eye(2), atol=1e-15)
    np.testing.assert_allclose(basis.commutators @ np.diagonal(matrix).real, 1 - 1 / length, atol=1e-15)
    if np.isfinite(length):
        with pytest.raises(InvalidInput, match="finite spin"):
            non_gaussianity(Density(basis, matrix, ("spin",)))


@pytest.mark.parametrize("length", [0.5, 3, 20])
def test_a_spin_without_light_is_thermal(length):
    n = 0.3
    found = unconditional_with_spin(beam(0.0, 0.0, 0.2, n), "spin", "m", length, {"spin": 41, "m": 12})
    m = length - np.arange(2 * length + 1)
    weights = (n / (n + 1)) ** (length - m)
    weights /= weights.sum()
    variance = weights @ (length * (length + 1) - m**2) / (2 * length)
    np.testing.assert_allclose(found.density.state.covariance[:2, :2], variance * np.eye(2), atol=1e-9)
    assert found.polarisation == pytest.approx(weights @ m / length, abs=1e-9)
    assert found.epr_variance >= 1


def test_an_infinite_spin_is_an_oscillator():
    found = unconditional_with_spin(beam(**COLD), "spin", "m", np.inf)
    known = steady_state(beam(**COLD).system).covariance
    np.testing.assert_allclose(found.density.state.covariance, known, atol=1e-6)
    assert abs(found.epr_variance - found.gaussian) < found.truncation_error < 1e-5


# ---------------------------------------------------------------- pulses, means, decay


def test_two_pulses_read_a_spin_half_as_two_by_two_matrices_say():
    """exp[−½(y − κO)²] of O_M + O_S on grids of outcomes; 2 × 2 matrices for the spin."""
    strength, levels = 0.7, 24
    (jx, jy, jz), b = (one.full() for one in collective(0.5)), qutip.destroy(levels).full()
    own, root = np.eye(levels), np.sqrt(0.5)
    x, p = (b + b.T) / np.sqrt(2), (b - b.T) / (1j * np.sqrt(2))
    for mass, expected in ((Mass.NEGATIVE, -1), (Mass.POSITIVE, 1)):
        reads = [np.kron(jy, own) / root + np.kron(np.eye(2), x), expected * np.kron(jz, own) / root]
        reads[1] = reads[1] + np.kron(np.eye(2), p)
        split = [np.linalg.eigh(read) for read in reads]
        length = np.exp(-strength / 2)  # exp(−s/4J)
        normal = [np.kron(jy, own) / root / np.sqrt(length) + np.kron(np.eye(2), x)]
        normal += [expected * np.kron(jz, own) / root / np.sqrt(length) + np.kron(np.eye(2), p)]
        outcomes, step = np.linspace(-8, 8, 65, retstep=True)
        ground = np.zeros(2 * levels)
        ground[0] = 1
        variance = polarisation = 0.0
        for first in outcomes:
            ket = _read(*split[0], strength, [first], ground)[:, 0]
            kets = _read(*split[1], strength, outcomes, ket)
            norms = (np.abs(kets) ** 2).sum(axis=0)
            for operator in normal:
                applied = operator @ kets
                mean = (kets.conj() * applied).sum(axis=0).real
                variance += step**2 * ((np.abs(applied) ** 2).sum() - (mean**2 / norms).sum()) / 2
            polarisation += step**2 * 2 * (kets.conj() * (np.kron(jx, own) @ kets)).sum().real
        found = conditional_epr_variance(0.5, strength, mass)
        assert found.epr_variance == pytest.approx(variance, abs=1e-6)  # 24 and more outcomes
        assert found.polarisation == pytest.approx(polarisation, abs=1e-6)  # the same


def _read(values, vectors, strength, outcomes, ket):
    kraus = np.pi**-0.25 * np.exp(-((np.asarray(outcomes) - np.sqrt(strength / 2) * values[:, None]) ** 2) / 2)
    return vectors @ (kraus * (vectors.conj().T @ ket)[:, None])


@pytest.mark.parametrize("length", [0.5, 3, 20])
def test_the_mean_of_a_tilted_spin_obeys_the_three_equations_of_a_vector(length):
    """Light that reads J_y turns the spin about y: J_x and J_z decay at Γ/4J, J_y does not; H = ΩJ_x turns it."""
    rate, times, alpha = 0.4, np.linspace(0, 6, 4), 0.3
    motion = probed_motion(length, -1.0, rate, times, alpha)
    angle = 2 * np.arctan(alpha / np.sqrt(2 * length))
    lost = rate / (4 * length)
    # H = +J_x (negative mass): dJ_y/dt = −J_z, dJ_z/dt = J_y
    turn = np.array([[0, -1], [1, -lost]])
    start = np.sqrt(length) * np.array([np.sin(angle), 0])
    values, vectors = np.linalg.eig(turn)
    expected = [(vectors @ np.diag(np.exp(values * t)) @ np.linalg.solve(vectors, start)).real for t in times]
    np.testing.assert_allclose(motion.mean, expected, atol=1e-6)  # seven decades
    np.testing.assert_allclose(motion.polarisation, np.cos(angle) * np.exp(-lost * times), atol=2e-6)  # the same


def test_dephasing_does_not_hurry_the_polarisation():
    """The start of `settled` is stationary however broad dephasing makes the line."""
    found = local_decay(8, 1.0, 0.3, 200.0, np.array([0.0, 0.5]))
    np.testing.assert_allclose(found.polarisation, 0.7 / 1.3, rtol=1e-6)  # ODE solver


# ---------------------------------------------------------------- trajectories


def stochastic_schroedinger(found, angle, seed, trajectories, settling, duration, step):
    """EPR variance and its error by Euler's method for dψ = [−iH − ½c†c + ½⟨x⟩c − ⅛⟨x⟩²]ψ dt + (c − ½⟨x⟩)ψ dW."""
    rng = np.random.default_rng(seed)
    c = np.exp(-1j * angle) * found.light.full()
    drift = -1j * found.hamiltonian.full() - c.conj().T @ c / 2
    seen, jx = [operator.full() for operator in found.seen], found.jx.full()
    kets = np.zeros((len(c), trajectories), dtype=complex)
    kets[0] = 1
    totals, count = [], 0
    for i in range(round((settling + duration) / step)):
        applied = c @ kets
        x = 2 * (kets.conj() * applied).sum(axis=0).real
        noise = np.sqrt(step) * rng.normal(size=trajectories)
        kets = kets + step * (drift @ kets + x / 2 * applied - x**2 / 8 * kets) + noise * (applied - x / 2 * kets)
        kets /= np.linalg.norm(kets, axis=0)
        if i * step >= settling and i % 50 == 0:
            moved = np.array([operator @ kets for operator in seen])
            mean = (kets.conj() * moved).sum(axis=1).real
            products = np.einsum("ant,bnt->tab", moved.conj(), moved).real
            polarisation = (kets.conj() * (jx @ kets)).sum(axis=0).real
            totals.append((products - np.einsum("at,bt->tab", mean, mean), polarisation))
            count += 1
    covariance, polarisation = (sum(part) / count for part in zip(*totals, strict=True))
    eighths = np.array_split(np.arange(trajectories), 8)
    values = [epr(covariance[part].mean(axis=0), polarisation[part].mean()) for part in eighths]
    return epr(covariance.mean(axis=0), polarisation.mean()), np.std(values, ddof=1) / np.sqrt(8)


@pytest.mark.parametrize("length", [0.5, pytest.param(2, marks=pytest.mark.slow)])
def test_trajectories_are_those_of_another_equation(length):
    parameters = {"rate": 0.6, "zeta": 0.7, "linewidth": 0.0, "occupation": 0.0}
    levels = 9
    found = conditional_by_trajectories(
        beam(**parameters), "spin", "m", length, trajectories=64, duration=60, step=0.1, fock={"spin": 9, "m": levels}
    )
    hand = model(collective(length), length, levels, **parameters)
    value, error = stochastic_schroedinger(hand, np.pi / 2, 3, 64, 20, 60, 0.005)
    assert found.epr_variance == pytest.approx(value, abs=3 * np.hypot(error, found.standard_error) + 1e-3)  # Euler
    assert found.standard_error < 0.01
    unconditional = unconditional_with_spin(beam(**parameters), "spin", "m", length, {"spin": 9, "m": levels})
    assert found.epr_variance < unconditional.epr_variance + 2 * found.standard_error  # a record can only teach


@pytest.mark.parametrize(
    "parameters",
    [
        {"rate": 0.3, "zeta": 0.6},
        {"rate": 0.1, "zeta": 0.5},
        pytest.param({"rate": 0.4, "zeta": 0.3}, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("angle", [np.pi / 2, 0.4])
def test_trajectories_of_oscillators_are_within_their_error_of_riccatis(parameters, angle):
    """At J → ∞ no step, no start and no seed matters: what is left is the truncation, and it is in the error."""
    network = beam(**parameters, linewidth=0.0, occupation=0.0)
    known = conditional_state(network.system, Homodyne(angle=angle))
    expected = float(epr_variance(known, "spin", "m"))
    for step in (0.1, 0.2):
        found = conditional_by_trajectories(
            network, "spin", "m", np.inf, angle=angle, trajectories=8, duration=2, step=step
        )
        assert abs(found.epr_variance - expected) < 2 * found.standard_error < 6e-5
