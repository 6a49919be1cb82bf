"""The error estimates of spectra, against fifty digits.

`python tests/gaussian/test_spectral_error.py KIND SEED POINTS` draws as many points as wished; what 100,000 showed is
in `docs/guides/spectra.md`.
"""

from __future__ import annotations

import sys

import mpmath as mp
import numpy as np
import pytest

from backaction.gaussian import (
    Homodyne,
    LinearSystem,
    Unresolved,
    from_hamiltonian,
    noise_budget,
    quadrature_spectrum,
    spectral_density,
    squeezing_spectrum,
    transfer_matrix,
)
from backaction.gaussian.record_spectra import ENOUGH
from backaction.gaussian.spectra import mode_spectral_density
from backaction.systems import Loss, MechanicalOscillator, Network, Rotation, SpinOscillator, force_noise
from backaction.systems.sensing import quantum_bound, signal_transfer, variational_readout

DIGITS = 50


# --- the second road: elimination in fifty digits ------------------------------------------------------------


def exact(value):
    return mp.mpc(complex(value)) if np.iscomplexobj(value) else mp.mpf(float(value))


def row_of_resolvent(drift, row, omega):
    """z of zᵀ(−iω − A) = c, by elimination with pivots."""
    n = len(drift)
    table = [
        [mp.mpc(-exact(drift[j][i]), -exact(omega) if i == j else 0) for j in range(n)] + [mp.mpc(exact(row[i]))]
        for i in range(n)
    ]
    for k in range(n):
        best = max(range(k, n), key=lambda r: abs(table[r][k].real) + abs(table[r][k].imag))
        table[k], table[best] = table[best], table[k]
        for r in range(k + 1, n):
            if table[r][k] != 0:
                factor = table[r][k] / table[k][k]
                for q in range(k + 1, n + 1):
                    if table[k][q] != 0:
                        table[r][q] -= factor * table[k][q]
    z = [mp.mpc(0)] * n
    for k in reversed(range(n)):
        z[k] = (table[k][n] - mp.fsum(table[k][q] * z[q] for q in range(k + 1, n))) / table[k][k]
    return z


def transfer_rows(system, omega, outputs=2):
    """Rows of C(−iω − A)⁻¹B + D."""
    rows = []
    for c, d in zip(system.output_matrix[:outputs], system.feedthrough[:outputs], strict=True):
        z = row_of_resolvent(system.drift, c, omega)
        rows.append(
            [
                mp.fdot(z, [exact(b) for b in column]) + exact(direct)
                for column, direct in zip(system.input_matrix.T, d, strict=True)
            ]
        )
    return rows


def quadratic(row, noise, other=None):
    other = row if other is None else other
    return mp.fsum(
        exact(noise[i, j]) * (row[i] * mp.conj(other[j])).real for i, j in zip(*np.nonzero(noise), strict=True)
    )


# --- random systems: 1 to 6 modes, twelve decades of rates, narrow and nearly unstable poles ---------------------


def random_system(rng):
    modes = int(rng.integers(1, 7))
    size, ports = 2 * modes, int(rng.integers(1, 3))
    unit = 10 ** rng.uniform(0, 6)

    def rate():
        return unit * 10 ** rng.uniform(-6, 6)

    energy = np.zeros((size, size))
    for i in range(modes):
        own = slice(2 * i, 2 * i + 2)
        energy[own, own] = rate() * rng.choice([-1, 1, 0], p=[0.45, 0.45, 0.1]) * np.eye(2)
        if rng.random() < 0.2:
            energy[2 * i, 2 * i] += rate() * rng.choice([0, 0.001, 0.1])
        for j in range(i):
            if rng.random() < 0.5:
                strength = np.sqrt(rate() * rate()) * rng.choice([1e-3, 0.1])
                coupling = strength * (rng.normal(size=(2, 2)) if rng.random() < 0.5 else np.eye(2))
                energy[own, 2 * j : 2 * j + 2], energy[2 * j : 2 * j + 2, own] = coupling, coupling.T
    couplings = np.zeros((ports + modes, size), dtype=complex)
    for port in range(ports):
        for i in range(modes):
            if rng.random() < 0.7:
                kind = np.array([[1, 1j], [1, 0], [1, 0.7j]][rng.choice(3, p=[0.5, 0.3, 0.2])])
                couplings[port, 2 * i : 2 * i + 2] = np.sqrt(rate() / 2) * kind
    for i in range(modes):
        couplings[ports + i, 2 * i : 2 * i + 2] = np.sqrt(rate() / 2 * 10 ** rng.uniform(-4, 0)) * np.array([1, 1j])
    quanta = 10 ** rng.uniform(-2, 6, size=ports + modes) * (np.arange(ports + modes) >= ports)
    noise = np.kron(np.diag(0.5 + quanta), np.eye(2))
    if rng.random() < 0.3:
        squeezed, turn = rng.uniform(0, 4), rng.uniform(0, np.pi)
        frame = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        block = frame @ np.diag(np.exp([-2 * squeezed, 2 * squeezed])) @ frame.T / 2
        noise[:2, :2] = (block + block.T) / 2
    system = from_hamiltonian(energy, couplings, noise=noise)
    if rng.random() < 0.4:
        poles = np.linalg.eigvals(system.drift)
        leading = poles[np.argmax(poles.real)]
        shift = leading.real + abs(leading) * 10 ** rng.uniform(-12, -1)
        system = LinearSystem(
            system.drift - shift * np.eye(size),
            *(getattr(system, name) for name in ("input_matrix", "output_matrix", "feedthrough", "noise")),
        )
    return system


def random_frequencies(rng, system):
    """ω of a spectrum, and which of them to compare: at poles and anywhere, few (solved) or many (recurrence)."""
    poles = np.linalg.eigvals(system.drift)
    near = np.concatenate([np.abs(poles.imag) + poles.real * x for x in (0, rng.normal(), 10 * rng.normal())])
    if rng.random() < 0.5:
        return np.concatenate([rng.choice(near, 4), 10 ** rng.uniform(-1, 13, size=2)]), np.arange(6)
    if rng.random() < 0.5:
        grid = np.linspace(*np.sort(10 ** rng.uniform(0, 12, 2)), ENOUGH)
    else:
        grid = np.abs(poles.imag[0]) + poles.real[0] * np.linspace(-10, 10, ENOUGH)
    chosen = np.concatenate([rng.integers(0, ENOUGH, 3), ENOUGH + rng.integers(0, len(near), 3)])
    return np.concatenate([grid, near]), np.unique(chosen)


def spectrum_points(rng):
    """(error, estimate, value) of noise budgets."""
    system = random_system(rng)
    omega, chosen = random_frequencies(rng, system)
    detector = Homodyne(system.outputs[0], rng.uniform(0, np.pi))
    budget = noise_budget(system, omega, detector, formal=True)  # some grow
    cos, sin = (exact(x) for x in detector.rows[0])
    for i in chosen:
        first, second = transfer_rows(system, omega[i])
        value = quadratic([cos * x + sin * p for x, p in zip(first, second, strict=True)], system.noise)
        yield abs(exact(budget.total[i]) - value), budget.uncertainty[i], value


def squeezing_points(rng):
    """(error, estimate, value) of the smaller eigenvalue of Re S."""
    system = random_system(rng)
    omega, chosen = random_frequencies(rng, system)
    found = squeezing_spectrum(system, omega[chosen], system.outputs[0], formal=True)
    for i, w in enumerate(omega[chosen]):
        x, p = transfer_rows(system, w)
        a, b, c = quadratic(x, system.noise), quadratic(p, system.noise), quadratic(x, system.noise, p)
        value = (a + b) / 2 - mp.sqrt(((a - b) / 2) ** 2 + c**2)
        yield abs(exact(found.spectrum[i]) - value), found.uncertainty[i], value


def random_network(rng):
    unit = 10 ** rng.uniform(0, 7)
    bare = {"mechanical_frequency": unit, "mechanical_linewidth": unit * 10 ** rng.uniform(-11, -1)}
    probe = MechanicalOscillator(
        name="m", occupation=10 ** rng.uniform(-2, 6), readout_rate=unit * 10 ** rng.uniform(-8, 1), **bare
    )
    spin = SpinOscillator(
        frequency=-unit * (1 + rng.choice([0, 1e-9, 1e-3, 0.1])), linewidth=unit * 10 ** rng.uniform(-11, -1),
        readout_rate=unit * 10 ** rng.uniform(-8, 1), occupation=10 ** rng.uniform(-2, 3),
    )  # fmt: skip
    return spin >> Loss(efficiency=rng.uniform(0.1, 1)) >> probe if rng.random() < 0.7 else Network((probe,))


def force_points(rng):
    """(error, estimate, value) of the added noise of a force, at the resonances and anywhere."""
    network = random_network(rng)
    system, angle = network.system.with_outputs("out"), rng.choice([np.pi / 2, rng.uniform(0, np.pi)])
    poles = np.linalg.eigvals(system.drift)
    omega = np.abs(np.append(poles.imag + poles.real * rng.normal(), [poles[0].imag, 10 ** rng.uniform(-1, 8)]))
    detector = Homodyne(angle=angle)
    found = force_noise(network, omega, "m", detector, thermal=True)
    gamma = network.parameters["m.mechanical_linewidth"]
    push = 2 * system.modes.index("m") + 1
    for i, w in enumerate(omega):
        if not found.visible[i]:
            continue
        rows = transfer_rows(system, w)
        cos, sin = (exact(x) for x in detector.rows[0])
        z = [row_of_resolvent(system.drift, c, w)[push] for c in system.output_matrix[:2]]
        signal = mp.sqrt(exact(gamma)) * (cos * z[0] + sin * z[1])
        value = quadratic([cos * x + sin * p for x, p in zip(*rows, strict=True)], system.noise) / abs(signal) ** 2
        yield abs(exact(found.added_noise[i]) - value), found.uncertainty[i], value


KINDS = {"spectrum": spectrum_points, "squeezing": squeezing_points, "force": force_points}


def drawn(kind, seed, points):
    """Rows (error over estimate, error, estimate over value) of at least as many points; estimates may be infinite."""
    rng, found = np.random.default_rng(seed), []
    with mp.workdps(DIGITS):
        while len(found) < points:
            for error, estimate, value in KINDS[kind](rng):
                found.append((float(error / exact(estimate)), float(error / value), float(exact(estimate) / value)))
    return np.array(found)


@pytest.mark.parametrize("kind", KINDS)
def test_the_estimate_covers_the_error(kind):
    found = drawn(kind, 20, 120)
    assert found[:, 0].max() <= 1
    assert np.isfinite(found[:, 2]).mean() > 0.95
    assert np.median(found[:, 2]) < 1e-10


def oscillator(width, **changes):
    """A brownian oscillator at 1 rad/s whose position is read out, and its closed phase spectrum."""
    values = {
        "mechanical_frequency": 1.0,
        "mechanical_linewidth": width,
        "readout_rate": 0.2,
        "occupation": 3.0,
    } | changes
    return Network((MechanicalOscillator(name="m", **values),))


def closed_phase_spectrum(omega, width, rate=0.2, occupation=3.0):
    """½ + Γ²|χ|²/2 + 2Γγ(n + ½)|χ|², in fifty digits."""
    w, gamma, rate = (mp.mpf(float(x)) for x in (omega, width, rate))
    response = 1 / ((1 - w**2) ** 2 + gamma**2 * w**2)
    return mp.mpf(1) / 2 + response * rate * (rate / 2 + 2 * gamma * (mp.mpf(occupation) + mp.mpf(1) / 2))


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-9, 1e-11])
@pytest.mark.parametrize("count", [1, ENOUGH])
def test_a_closed_spectrum_lies_within_the_uncertainty(width, count):
    system = oscillator(width).system
    omega = np.concatenate([1 + width * np.array([0.0, 0.3, -2.0]), np.linspace(0.5, 1.5, count)])
    budget = noise_budget(system, omega, Homodyne())
    with mp.workdps(DIGITS):
        errors = [abs(exact(s) - closed_phase_spectrum(w, width)) for s, w in zip(budget.total, omega, strict=True)]
        assert all(e <= exact(u) for e, u in zip(errors, budget.uncertainty, strict=True))
    assert budget.uncertainty[0] == pytest.approx(2e-15 * budget.total[0] / width, rel=0.5)  # 8 eps times Q
    assert budget.uncertainty[-1] < 1e-7 * budget.total[-1]


def test_plain_arrays_are_refused_beyond_a_millionth():
    """A quality factor of 1e11: on resonance eps Q is 2e-5."""
    network = oscillator(1e-11)
    on, beside = [0.5, 1.0], [0.5, 0.9, 1.1]
    asks = [
        lambda w: quadrature_spectrum(network.system, w),
        lambda w: spectral_density(network.system, w),
        lambda w: mode_spectral_density(network.system, w),
        lambda w: transfer_matrix(network.system, w),
        lambda w: signal_transfer(network, w, "m"),
    ]
    for ask in asks:
        assert np.isfinite(ask(beside)).all()
        with pytest.raises(Unresolved, match=r"at 1 rad/s.*noise_budget") as caught:
            ask(on)
        assert 1e-6 < caught.value.uncertainty < 1e-3
    # what the resonance does to noise and response cancels in a force noise: both see the same pole
    noise = force_noise(network, 1.0, "m", Homodyne())
    assert noise.uncertainty < 1e-7 * noise.added_noise
    assert np.isfinite(quantum_bound(network, beside, "m")).all()
    best = variational_readout(network, beside, "m")
    assert (best.uncertainty < 1e-13 * best.added_noise).all()


def test_nothing_is_known_of_a_line_that_no_digit_resolves():
    budget = noise_budget(oscillator(1e-15).system, [0.5, 1.0], Homodyne())
    assert budget.uncertainty[0] < 1e-12 and np.isinf(budget.uncertainty[1])


@pytest.mark.parametrize("rate", [1.0, 1e2, 1e4, 1e6])
def test_strong_squeezing_keeps_its_digits(rate):
    """Ponderomotive squeezing, ½[1 + B/2 − √(B²/4 + (Re K)²)], K = Γχ, B = |K|² + 2Γ|χ|²γ(2n + 1): down by 120 dB."""
    gamma = 1e-12
    sensor = oscillator(gamma, readout_rate=rate, occupation=0.0)
    found, turned = (squeezing_spectrum(n.system, 0.5) for n in (sensor, sensor >> Rotation(angle=0.7)))
    with mp.workdps(DIGITS):
        response = 1 / mp.mpc(mp.mpf("0.75"), -exact(gamma) / 2)
        k = exact(rate) * response
        b = abs(k) ** 2 + 2 * exact(rate) * abs(response) ** 2 * exact(gamma)
        value = (1 + b / 2 - mp.sqrt(b**2 / 4 + k.real**2)) / 2
        for result in (found, turned):
            assert abs(exact(result.spectrum) - value) <= exact(result.uncertainty)
    assert found.uncertainty < (1e-14 + 2e-17 * rate**2) * found.spectrum  # eps times the root of largest over smallest


if __name__ == "__main__":
    name, seed, points = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rows = drawn(name, seed, points)
    known = np.isfinite(rows[:, 2])
    sys.stdout.write(
        f"{name}: {len(rows)} points, nothing known {np.count_nonzero(~known)}, largest error over estimate "
        f"{rows[known, 0].max():.3g}, errors above 1e-6 {np.count_nonzero(rows[known, 1] > 1e-6)}, median estimate "
        f"{np.median(rows[known, 2]):.3g}\n"
    )
