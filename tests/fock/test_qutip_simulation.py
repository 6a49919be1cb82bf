"""`verify --engine qutip`: QuTiP alone finds what the library's generator finds, and catches what is wrong."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import qutip
from click.testing import CliRunner
from networks import QUICK, integrated, pair, spin

from backaction.__main__ import main
from backaction.fock import Verdict, master_equation, verify
from backaction.fock.basis import Basis
from backaction.fock.qutip_simulation import QutipSimulation
from backaction.fock.simulation import OwnSimulation, Simulator
from backaction.gaussian import Heterodyne, Homodyne, Unresolved, conditional_state, noise_budget, steady_state
from backaction.systems import Network

ONE = Network((spin(),))
DETECTORS = (Homodyne("out", 0.6, 0.8),)
BOX = Basis([6, 5])
PAIR = master_equation(pair())
BOTH = [OwnSimulation(PAIR), QutipSimulation(PAIR)]
DIGITS = 3e-8  # GMRES to 1e-10, times the ratio of rates


@pytest.mark.parametrize(
    "found",
    [
        lambda s: s.stationary(BOX),
        lambda s: s.conditional(BOX, [Heterodyne("out", 0.3, 0.7), Homodyne("loss", 1.0, 0.9)]),
        lambda s: s.evolved(BOX, 0.2 + 0.1j, 1.3),
    ],
    ids=["stationary", "conditional", "evolved"],
)
def test_both_find_the_same_state_in_the_same_tensor_product(found):
    ours, theirs = (found(simulation) for simulation in BOTH)
    np.testing.assert_allclose(theirs.state.covariance, ours.state.covariance, atol=DIGITS)
    np.testing.assert_allclose(theirs.state.mean, ours.state.mean, atol=DIGITS)
    order = BOX.places.ravel()
    np.testing.assert_allclose(theirs.matrix.full(), ours.matrix[np.ix_(order, order)], atol=DIGITS)
    negativities = [s.log_negativity(state, "membrane", "spin") for s, state in zip(BOTH, (ours, theirs), strict=True)]
    assert negativities[1] == pytest.approx(negativities[0], abs=1e-6)  # the square root of the rounding


def test_both_find_the_same_spectrum_at_zero_frequency_too():
    omega = np.array([0.0, 0.8, 1.1])
    ours, theirs = (simulation.spectrum(Basis([5, 5]), DETECTORS[0], omega) for simulation in BOTH)
    np.testing.assert_allclose(theirs, ours, rtol=1e-6)  # GMRES at ω = 0


def test_a_right_model_agrees_by_qutip_alone():
    found = verify(ONE, DETECTORS, effort=QUICK, engine=Simulator.QUTIP)
    assert found.verdict is Verdict.AGREES
    assert found.engine == "qutip"
    for part in ("unconditional", "conditional", "evolution", "spectrum"):
        assert found.comparisons[part].max_deviation < 5e-3
        assert all(np.prod(entry.dimensions) == entry.states for entry in found.comparisons[part].truncation)


@pytest.mark.slow
def test_two_modes_agree_by_qutip_alone():
    found = verify(pair(), DETECTORS, effort=QUICK, engine=Simulator.QUTIP)
    assert found.verdict is Verdict.AGREES
    assert found.comparisons["log_negativity"] is not None


@pytest.mark.parametrize("mistake", [{"spin.readout_rate": 0.6}, {"spin.frequency": 1.0}, {"spin.linewidth": 0.125}])
def test_a_wrong_model_is_caught_by_qutip_alone(mistake):
    wrong = ONE.with_parameters(mistake).system
    effort = replace(QUICK, unconditional=6.0)
    assert verify(ONE, DETECTORS, effort=effort, engine=Simulator.QUTIP, system=wrong).verdict is Verdict.DISAGREES


def test_what_qutip_cannot_hold_is_refused_before_it_begins(monkeypatch):
    monkeypatch.setattr(qutip, "steadystate", None)
    with pytest.raises(Unresolved, match="64 number states"):
        verify(Network((integrated(),)), engine=Simulator.QUTIP)


def test_the_record_zero_is_riccatis_and_the_spectrum_the_budgets():
    simulation = QutipSimulation(master_equation(ONE))
    watched = simulation.conditional(Basis([14]), DETECTORS).state
    np.testing.assert_allclose(watched.covariance, conditional_state(ONE.system, DETECTORS).covariance, atol=1e-5)
    steady = simulation.stationary(Basis([20])).state
    np.testing.assert_allclose(steady.covariance, steady_state(ONE.system).covariance, atol=1e-6)  # 20 levels
    omega = np.array([0.5, 1.0])
    psd = simulation.spectrum(Basis([20]), DETECTORS[0], omega)
    np.testing.assert_allclose(psd, noise_budget(ONE.system, omega, DETECTORS[0]).total, rtol=1e-5)  # 20 levels


def test_the_command_says_who_simulated(tmp_path):
    file = tmp_path / "spin.toml"
    file.write_text(
        '[[chain]]\ncomponent = "spin"\nfrequency = "-1 Hz"\nlinewidth = "0.3 Hz"\nreadout_rate = "0.2 Hz"\n'
        'occupation = 0.05\ndamping = "rotating-wave"\n'
    )
    done = CliRunner().invoke(main, ["verify", str(file), "--engine", "qutip", "--json", str(tmp_path / "out.json")])
    assert done.exit_code == 0, done.output
    assert "simulated by: QuTiP" in done.stdout
    assert json.loads(Path(tmp_path / "out.json").read_text())["engine"] == "qutip"
    assert CliRunner().invoke(main, ["verify", str(file), "--engine", "other"]).exit_code == 2
