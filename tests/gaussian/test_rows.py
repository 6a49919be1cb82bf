"""Spectra of one row by recurrence: against solves, at exceptional points, of high quality, in batches."""

from pathlib import Path

import mpmath
import numpy as np
import pytest

from backaction.experiment import load
from backaction.gaussian import Homodyne, InvalidInput, LinearSystem, noise_budget, record_spectra, spectra
from backaction.gaussian.record_spectra import ENOUGH, model_record, record_spectrum
from backaction.gaussian.rows import row_recurrence
from backaction.systems import Hz, Loss, MHz, OptomechanicalCavity, SpinOscillator, kHz

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("moller2017", "schweer2022", "integrated", "squeezed-readout")


def frequencies(system):
    """A broad range, and every resonance from its wings to its peak."""
    poles = np.linalg.eigvals(system.drift).reshape(-1)
    near = [pole.imag + pole.real * np.linspace(-3, 3, 31) for pole in poles]
    return np.concatenate([np.linspace(0.2, 2.0, ENOUGH) * MHz, *near])


def cascade(cavities, detuning=-4.7 * MHz):
    """A spin and equal cavities, one behind the other: as many equal poles, within 1e-5 of an exceptional point."""
    network = SpinOscillator(frequency=-1.268 * MHz, linewidth=5.2 * kHz, readout_rate=71.6 * kHz, occupation=2.6)
    for number in range(cavities):
        network = network >> OptomechanicalCavity(
            name=f"membrane{number}",
            mechanical_frequency=(1.28 + 0.03 * number) * MHz,
            mechanical_linewidth=0.05 * Hz,
            temperature=7.0,
            cavity_linewidth=10 * MHz,
            detuning=detuning,
            coupling=350 * kHz,
            input_fraction=0.96,
        )
    return (network >> Loss(efficiency=0.6)).system


@pytest.fixture
def counted(monkeypatch):
    """How many frequencies were solved for."""
    solves = []
    genuine = record_spectra.solve_rows

    def counting(drift, seen, omega, size=None):
        solves.append(omega.size)
        return genuine(drift, seen, omega, size)

    monkeypatch.setattr(record_spectra, "solve_rows", counting)
    return solves


def by_solves(system, omega, detector, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(spectra, "ENOUGH", 10**9)
        return noise_budget(system, omega, detector)


CONDITION = 1e-10
"""On the narrowest peaks both roads are 1e-11 off forty digits: eps times the condition of iω + A."""


def the_same(fast, slow):
    np.testing.assert_allclose(fast.total, slow.total, rtol=CONDITION)
    for source, part in slow.sources.items():
        assert np.abs(fast.sources[source] - part).max() <= CONDITION * slow.total.max()


@pytest.mark.parametrize("name", NAMES)
def test_a_budget_is_that_of_solves(name, monkeypatch, counted):
    experiment = load(EXAMPLES / f"{name}.toml")
    system, detector = experiment.network.system, experiment.detectors[0]
    omega = frequencies(system)
    fast = noise_budget(system, omega, detector)
    assert sum(counted) < len(omega) / 4  # by recurrence
    the_same(fast, by_solves(system, omega, detector, monkeypatch))


@pytest.mark.parametrize("cavities", [1, 2, 5, 9])
def test_equal_cavities_in_a_row(cavities, monkeypatch, counted):
    """Where eigenvectors lose all digits: the condition number of those of nine cavities is 1e15."""
    system = cascade(cavities)
    omega = frequencies(system)
    fast = noise_budget(system, omega, Homodyne())
    assert sum(counted) < len(omega) / 4
    the_same(fast, by_solves(system, omega, Homodyne(), monkeypatch))


def test_an_exceptional_point():
    """Two equal oscillators in a cascade: one eigenvector for two poles."""
    drift = np.array([[-1.0, 5.0, 0, 0], [-5.0, -1.0, 0, 0], [0.3, 0, -1.0, 5.0], [0, 0.3, -5.0, -1.0]])
    omega = np.linspace(0.0, 10.0, 200)
    found = row_recurrence(drift[None], np.eye(4)[None], np.eye(4)[None, 2:3], omega)[0].T
    for w, row in zip(omega[::20], found[::20], strict=True):
        inverse = mpmath.matrix((-1j * w * np.eye(4) - drift).tolist()) ** -1
        np.testing.assert_allclose(row, [complex(inverse[2, k]) for k in range(4)], rtol=0, atol=1e-14)


def test_what_the_row_does_not_see_is_left_out():
    """The first oscillator alone, of three; the other two, hotter and faster, do not act on it."""
    rng = np.random.default_rng(1)
    drift = np.zeros((6, 6))
    drift[:2, :2] = [[-1.0, 5.0], [-5.0, -1.0]]
    drift[2:, 2:] = 1e4 * (rng.normal(size=(4, 4)) - 4 * np.eye(4))
    drift[2:, :2] = rng.normal(size=(4, 2))
    omega = np.linspace(0, 10, 300)
    with np.errstate(invalid="ignore"):  # for the row of zeros
        nothing = row_recurrence(drift[None], np.eye(6)[None], np.zeros((1, 1, 6)), omega)
    found = row_recurrence(drift[None], np.eye(6)[None], np.eye(6)[None, :1], omega)[0].T
    np.testing.assert_array_equal(found[:, 2:], 0.0)
    alone = np.linalg.inv(-1j * omega[:, None, None] * np.eye(2) - drift[:2, :2])[:, 0]
    np.testing.assert_allclose(found[:, :2], alone, rtol=1e-13)
    np.testing.assert_array_equal(nothing, 0.0)


def record(drift, seen):
    """Vacuum drives every quadrature; nothing reaches the record directly."""
    size = drift.shape[-1]
    matrices = drift, np.eye(size), seen, np.zeros((1, size)), np.eye(size) / 2
    return model_record(*(np.asarray(m, dtype=float).reshape(-1, *np.shape(m)[-2:]) for m in matrices))


def test_wrong_rows_are_noticed(monkeypatch, counted):
    """The check is one: with frequencies off by a millionth of the linewidth what is near the poles is solved."""
    system = cascade(1)
    omega, seen, poles = frequencies(system), np.eye(6)[2:3], np.linalg.eigvals(system.drift)[None]
    exact = record_spectrum(record(system.drift, seen), omega, poles)
    assert sum(counted) < len(omega) / 4
    genuine = record_spectra.row_recurrence
    width = -np.linalg.eigvals(system.drift).real.max()
    monkeypatch.setattr(record_spectra, "row_recurrence", lambda a, b, c, w: genuine(a, b, c, w + 1e-6 * width))
    counted.clear()
    found = record_spectrum(record(system.drift, seen), omega, poles)
    assert sum(counted) > len(omega) / 4
    total, right = sum(found.parts), sum(exact.parts)
    assert (np.abs(total - right) <= found.error + exact.error).all() and (found.error <= 2e-8 * right).all()


def test_a_batch_is_its_lanes(counted):
    system = cascade(1, detuning=np.array([[-8.0], [-5.0], [-2.0]]) * MHz)
    omega = np.linspace(1.2, 1.4, 2 * ENOUGH).reshape(2, ENOUGH) * MHz
    angles = np.array([0.3, 1.2])
    found = noise_budget(system, omega, Homodyne(angle=angles))
    assert found.total.shape == (3, 2, 2, ENOUGH)
    assert sum(counted) < 6 * omega.size / 4
    for place in np.ndindex(3, 2):
        alone = LinearSystem(
            *(
                np.broadcast_to(m, (3, 1, *m.shape[-2:]))[place[0], 0]
                for m in (system.drift, system.input_matrix, system.output_matrix, system.feedthrough, system.noise)
            ),
            modes=system.modes,
            inputs=system.inputs,
            outputs=system.outputs,
            classical=system.classical,
        )
        single = noise_budget(alone, omega, Homodyne(angle=angles[place[1]]))
        np.testing.assert_allclose(found.total[place], single.total, rtol=1e-10)
        for name, part in single.sources.items():
            assert np.abs(found.sources[name][place] - part).max() <= 1e-10 * single.total.max()


UNEVEN = np.array([[-1e-9, 1.0, 0, 0], [-1.0, -1e-9, 1e-4, 0], [0, 0, -1e8, 3e8], [1e-4, 0, -3e8, -2e8]])
"""A line so narrow that rounding of the others' rates in the basis of the recurrence is seen."""


@pytest.mark.parametrize(("drift", "solved"), [(UNEVEN, (31, 159)), (UNEVEN[:2, :2], (31, 40))])
def test_narrow_lines_are_solved(drift, solved, counted):
    """As far from the pole as it shows: everywhere where scales are uneven, else next to it alone."""
    omega = np.concatenate([np.linspace(0.5, 1.5, ENOUGH), 1 + np.linspace(-3e-9, 3e-9, 31)])
    seen = np.ones((1, len(drift)))
    found = record_spectrum(record(drift, seen), omega, np.linalg.eigvals(drift)[None])
    assert solved[0] <= sum(counted[1:]) <= solved[1]
    with mpmath.workdps(50):
        exact = []
        for w in omega[::5]:
            matrix = mpmath.matrix((-1j * w * np.eye(len(drift)) - drift).tolist())
            row = mpmath.lu_solve(matrix.T, mpmath.matrix(seen.T.tolist()))
            exact.append(sum(abs(z) ** 2 for z in row) / 2)
        errors = [float(abs(mpmath.mpf(t) - e)) for t, e in zip(sum(found.parts)[0, ::5], exact, strict=True)]
    assert (np.array(errors) <= found.error[0, ::5]).all()
    assert (found.error <= 1e-5 * sum(found.parts)).all()


def test_few_frequencies_are_solved(counted):
    noise_budget(cascade(1), np.ones(ENOUGH - 1), Homodyne())
    assert counted == [ENOUGH - 1]


def test_any_shape_of_frequencies():
    system = LinearSystem(-np.eye(2), np.eye(2), np.eye(2), np.eye(2), outputs=["out"])
    omega = np.linspace(0, 3, 2 * ENOUGH).reshape(2, ENOUGH)
    flat = noise_budget(system, omega.reshape(-1), Homodyne()).total
    np.testing.assert_array_equal(noise_budget(system, omega, Homodyne()).total, flat.reshape(omega.shape))


def test_a_pole_at_a_frequency_is_still_an_error():
    system = LinearSystem([[0, 1.0], [-1.0, 0]], np.eye(2), np.eye(2), np.eye(2), outputs=["out"])
    for omega in (1.0, np.append(np.linspace(0, 3, ENOUGH), 1.0)):
        with pytest.raises(InvalidInput, match="the response diverges"):
            noise_budget(system, omega, Homodyne(), formal=True)


@pytest.mark.parametrize("correlated", [False, True])
def test_a_batch_of_noises_alone(correlated):
    noise = np.array([0.7, 2.0])[:, None, None] * np.eye(2)
    if correlated:
        noise = noise + 0.1 * np.ones((2, 2)) - 0.1 * np.eye(2)
    system = LinearSystem(-np.eye(2), np.eye(2), np.eye(2), np.eye(2), noise, outputs=["out"])
    omega = np.linspace(0, 3, ENOUGH)
    density = 1 + 1 / (1 + omega**2) + 2 / (1 + omega**2)  # |1/(1 − iω) + 1|²
    np.testing.assert_allclose(noise_budget(system, omega, Homodyne()).total, np.outer([0.7, 2.0], density), rtol=1e-13)
