"""`verify`: right models agree, wrong ones are caught, and what truncations cannot resolve is said to be that."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from networks import NETWORKS, QUICK, gaussian_of, membrane, pair, spin

from backaction.__main__ import main
from backaction.fock import Effort, Verdict, compare, master_equation, verify
from backaction.fock import verifier as module
from backaction.fock.basis import Basis
from backaction.fock.command import parse_dimensions
from backaction.gaussian import GaussianState, Heterodyne, Homodyne, InvalidInput, Unresolved, conditional_state
from backaction.gaussian.measurement import record_model
from backaction.gaussian.names import quadratures
from backaction.systems import Damping, Loss, Network

DETECTORS = (Homodyne("out", 0.6, 0.8),)
SMALL = ("pair", "integrated")
PRIMARY = ("unconditional", "conditional", "evolution", "spectrum")

# ---------------------------------------------------------------- right models


@pytest.mark.parametrize(
    "name",
    ["pair", "integrated", *(pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS if name not in SMALL)],
)
def test_right_models_agree(name):
    effort = QUICK if name in SMALL else replace(QUICK, couplings=8e5, bases=2, frequencies=1)
    found = verify(NETWORKS[name], [Heterodyne("out", 0.3, 0.7)], effort=effort)
    assert found.verdict is Verdict.AGREES
    assert found.verified_model == "as given"
    assert found.distance is None
    for part in PRIMARY:
        record = [entry.max_deviation for entry in found.comparisons[part].truncation]
        assert record == sorted(record, reverse=True)
        assert record[-1] < 0.02


def test_the_default_effort_reaches_its_figures_of_merit():
    found = verify(pair(), DETECTORS, effort=replace(Effort(), spectrum=5.0))
    assert found.comparisons["unconditional"].max_deviation < 1e-5
    assert found.comparisons["conditional"].max_deviation < 1e-4
    assert found.seconds < 60


@pytest.mark.slow
def test_thorough_reaches_its_figures_of_merit():
    found = verify(pair(), DETECTORS, effort=replace(Effort.thorough(), frequencies=1))
    assert found.verdict is Verdict.AGREES
    assert found.comparisons["unconditional"].max_deviation < 1e-6
    assert found.comparisons["conditional"].max_deviation < 1e-5
    assert found.comparisons["spectrum"].max_deviation < 1e-4


def test_brownian_damping_is_verified_in_rotating_wave_form_with_the_distance():
    brownian = spin(damping=Damping.BROWNIAN) >> Loss(efficiency=0.8) >> membrane()
    found = verify(brownian, DETECTORS, effort=QUICK)
    assert found.verdict is Verdict.AGREES
    assert found.verified_model == "rotating-wave"
    given, replaced = (conditional_state(n.system, DETECTORS).covariance for n in (brownian, pair()))
    width = np.sqrt(np.diagonal(replaced))
    assert found.distance["conditional"] == pytest.approx(np.max(np.abs(given - replaced) / np.outer(width, width)))
    assert 0.01 < found.distance["unconditional"] < 0.3  # of order γ/Ω
    assert "brownian" in found.note


def test_without_detectors_there_is_no_conditional_state():
    found = verify(pair(), effort=QUICK)
    assert found.comparisons["conditional"] is None
    assert found.comparisons["spectrum"] is None
    assert found.comparisons["log_negativity"] is not None


# ---------------------------------------------------------------- wrong models


def cascade_hamiltonian_with_the_wrong_sign():
    equation = master_equation(pair())
    cross = equation.hamiltonian.copy()
    for i in range(2):  # what stays after the systems' own Hamiltonians are taken out is the cascade's
        own = np.ix_([i, 2 + i], [i, 2 + i])
        cross[own] = 0
    equation.hamiltonian -= 2 * cross
    return pair().system._changed(drift=gaussian_of(equation).drift)


def cross_term_of_the_light_dropped():
    system = pair().system
    rows = quadratures("input", system.inputs)
    second = quadratures("membrane", system.modes)
    drive = np.zeros((4, 2))
    drive[second] = system.input_matrix[second[:, None], rows]
    mine = system.input_matrix.copy()
    mine[second[:, None], rows] = 0  # the second system sees a vacuum of its own, though the drift is that of a cascade
    return type(system)(
        system.drift,
        np.hstack([mine, drive]),
        system.output_matrix,
        np.hstack([system.feedthrough, np.zeros((system.feedthrough.shape[0], 2))]),
        np.kron(np.diag([*np.diag(system.noise)[::2], 0.5]), np.eye(2)),
        system.modes,
        (*system.inputs, "other"),
        system.outputs,
    )


def swapped_order():
    system = (membrane() >> Loss(efficiency=0.8) >> spin()).system
    rows = quadratures(["spin", "membrane"], system.modes)
    return system._changed(
        drift=system.drift[rows[:, None], rows],
        input_matrix=system.input_matrix[rows],
        output_matrix=system.output_matrix[:, rows],
        modes=("spin", "membrane"),
    )


WRONG = {
    "sign of the cascade Hamiltonian": cascade_hamiltonian_with_the_wrong_sign,
    "dropped cross term": cross_term_of_the_light_dropped,
    "factor two in Γ": lambda: pair().with_parameters({"spin.readout_rate": 0.6}).system,
    "swapped order": swapped_order,
    "half for full width": lambda: pair().with_parameters({"membrane.mechanical_linewidth": 0.15}).system,
    "wrong vacuum": lambda: pair().system.with_noise("input", 1.0),
    "sign of the mass": lambda: pair().with_parameters({"spin.frequency": 1.0}).system,
    "amplitude for power": lambda: pair().with_parameters({"loss.efficiency": 0.64}).system,
    "no tensor coupling": lambda: pair().with_parameters({"spin.tensor_coupling": 0.0}).system,
    "three per cent of Γ": lambda: pair().with_parameters({"membrane.readout_rate": 0.2575}).system,
}


@pytest.mark.parametrize("mistake", WRONG)
def test_wrong_models_are_caught(mistake):
    effort = replace(QUICK, unconditional=6.0, spectrum=3.0)
    found = verify(pair(), DETECTORS, system=WRONG[mistake](), effort=effort)
    assert found.verdict is Verdict.DISAGREES
    assert found.as_dict()["agrees"] is False
    assert found.comparisons["unconditional"].verdict is Verdict.DISAGREES


def test_a_riccati_equation_without_the_cross_term_is_caught(monkeypatch):
    def careless(system, detectors):
        from backaction.gaussian.riccati import solve_riccati

        record = record_model(system, detectors)
        solution = solve_riccati(system.drift, system.diffusion, record.measured, record.noise, 0 * record.correlation)
        return GaussianState(np.zeros(4), solution.matrix, system.modes, 0.0, np.inf)

    monkeypatch.setattr(module, "conditional_state", careless)
    found = verify(pair(), DETECTORS, effort=QUICK)
    assert found.comparisons["unconditional"].verdict is Verdict.AGREES
    assert found.comparisons["conditional"].verdict is Verdict.DISAGREES
    assert found.verdict is Verdict.DISAGREES


def test_a_record_with_the_wrong_angle_is_caught():
    turned = np.kron(np.eye(2), [[0.0, -1.0], [1.0, 0.0]])  # both outputs, "loss" and "out"
    system = pair().system
    wrong = system._changed(output_matrix=turned @ system.output_matrix, feedthrough=turned @ system.feedthrough)
    found = verify(pair(), DETECTORS, system=wrong, effort=QUICK)
    assert [found.comparisons[part].verdict for part in PRIMARY] == [
        Verdict.AGREES,
        Verdict.DISAGREES,
        Verdict.AGREES,
        Verdict.DISAGREES,
    ]


# ---------------------------------------------------------------- not resolved


def test_too_many_quanta_are_not_resolved_with_the_estimate():
    hot = Network((spin(occupation=1e5, tensor_coupling=0.0),))
    with pytest.raises(Unresolved, match=r"not resolved: .* in spin.*GiB"):
        verify(hot, DETECTORS)


def test_levels_that_do_not_converge_are_not_resolved_rather_than_a_disagreement():
    warm = Network((spin(occupation=6.0, tensor_coupling=0.0),))
    found = verify(warm, fock={"spin": 10}, effort=QUICK)
    assert found.comparisons["unconditional"].verdict is Verdict.UNRESOLVED
    assert found.comparisons["unconditional"].max_deviation > 0.1
    assert found.as_dict()["agrees"] is None
    assert "--fock" in found.note


@pytest.mark.parametrize(
    ("values", "gaussian", "verdict"),
    [
        ([0.9, 0.99, 0.999], 1.0, Verdict.AGREES),
        ([0.9, 0.99, 0.999], 1.02, Verdict.DISAGREES),
        ([0.5, 0.6, 0.7], 1.0, Verdict.UNRESOLVED),  # steps that do not fall demonstrate nothing
        ([1.0, 1.0, 1.0], 1.0, Verdict.AGREES),
        ([1.0, 1.0, 1.0], 1.0 + 1e-6, Verdict.DISAGREES),
        ([0.0, 0.7], 1.0, Verdict.UNRESOLVED),
    ],
)
def test_verdicts(values, gaussian, verdict):
    bases = [Basis([3 + i]) for i in range(len(values))]
    assert compare(gaussian, values, bases).verdict is verdict


def test_unknown_modes_and_dimensions_are_refused():
    with pytest.raises(InvalidInput, match="did you mean 'spin'"):
        verify(pair(), fock={"spni": 5})
    with pytest.raises(InvalidInput, match="no modes"):
        verify(Network((Loss(efficiency=0.5),)))
    for text in ("spin", "spin=", "spin=x", "spin=2", "spin=-5"):
        with pytest.raises(InvalidInput, match="NAME=N"):
            parse_dimensions([text])


# ---------------------------------------------------------------- the command


FILE = """
title = "spin and membrane"
[[chain]]
component = "spin"
frequency = "-1 MHz"
linewidth = "250 kHz"
readout_rate = "300 kHz"
tensor_coupling = 0.3
occupation = 0.1
damping = "rotating-wave"
[[chain]]
component = "loss"
efficiency = 0.8
[[chain]]
component = "mechanical_oscillator"
name = "membrane"
mechanical_frequency = "1.05 MHz"
mechanical_linewidth = "300 kHz"
readout_rate = "250 kHz"
occupation = 0.2
damping = "rotating-wave"
[[detector]]
angle = "34 deg"
efficiency = 0.8
[report]
pairs = [["spin", "membrane"]]
"""


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    monkeypatch.setattr("backaction.fock.command.Effort", lambda: QUICK)
    path = tmp_path / "experiment.toml"
    path.write_text(FILE)
    return path


def test_the_command_writes_the_contract_and_a_table(experiment, tmp_path):
    out = tmp_path / "verified.json"
    result = CliRunner().invoke(main, ["verify", str(experiment), "--json", str(out)])
    assert result.exit_code == 0, result.output
    written = json.loads(out.read_text())
    assert written["agrees"] is True
    assert written["verified_model"] == "as given"
    assert written["title"] == "spin and membrane"
    assert isinstance(written["note"], str)
    for part in (*PRIMARY, "log_negativity"):
        assert written[part]["max_deviation"] <= 2 * written[part]["uncertainty"]
        assert {"dimensions", "max_deviation"} <= set(written[part]["truncation"][0])
        assert part in result.stdout
    assert "agrees" in result.stdout
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("mistake", list(WRONG)[:6])
def test_the_command_says_no(experiment, mistake, monkeypatch):
    wrong = WRONG[mistake]()
    # The file is in rad/s: the wrong model keeps its shape, with all rates multiplied.
    unit = 2 * np.pi * 1e6
    fast = wrong._changed(
        drift=wrong.drift * unit,
        input_matrix=wrong.input_matrix * np.sqrt(unit),
        output_matrix=wrong.output_matrix * np.sqrt(unit),
    )
    monkeypatch.setattr(module, "gaussian_side", lambda network: fast)
    result = CliRunner().invoke(main, ["verify", str(experiment), "--json", "-"])
    assert result.exit_code == 1, result.output
    written = json.loads(result.stdout)
    assert written["agrees"] is False
    assert written["unconditional"]["verdict"] == "disagrees"
    assert "disagrees" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fock", "spin=4000", "--fock", "membrane=4000"], "GiB"),
        (["--set", "spin.occupation=1e6"], "not resolved"),
        (["--fock", "spin=a"], "NAME=N"),
        (["--set", "spin.tensor_coupling=-5"], "no stationary state"),
    ],
)
def test_the_command_refuses_with_one_message_and_no_output(experiment, tmp_path, arguments, message):
    out = tmp_path / "verified.json"
    out.write_text("earlier")
    result = CliRunner().invoke(main, ["verify", str(experiment), *arguments, "--json", str(out)])
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert out.read_text() == "earlier"


def test_not_resolved_has_exit_status_two_and_writes_the_object(experiment, tmp_path):
    out = tmp_path / "verified.json"
    few = ["--set", "spin.occupation=9", "--fock", "spin=8", "--fock", "membrane=8"]
    result = CliRunner().invoke(main, ["verify", str(experiment), *few, "--json", str(out)])
    assert result.exit_code == 2, result.output
    assert json.loads(out.read_text())["agrees"] is None
    assert "not resolved" in result.stdout
