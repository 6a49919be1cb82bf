"""The series product in ladder operators against matrices A, B, C, D, and the sparse solvers against QuTiP's."""

import numpy as np
import pytest
import qutip
from networks import NETWORKS, QUICK, everything, gaussian_of, membrane, pair, quadratures_of_ladder, spin

from backaction.fock import from_qobj, master_equation, monitored, qutip_model, rotating_wave, verify
from backaction.fock.basis import Basis, adjoint, suggested_basis
from backaction.fock.solutions import (
    Density,
    conditional,
    displaced_vacuum,
    evolved,
    generator,
    log_negativity,
    output_spectrum,
    scale,
    stationary,
)
from backaction.gaussian import (
    GaussianState,
    Heterodyne,
    Homodyne,
    InvalidInput,
    Unstable,
    conditional_state,
    noise_budget,
    record_model,
    steady_state,
)
from backaction.gaussian.preparation import two_mode_squeezed
from backaction.systems import Damping, Loss, Network


@pytest.mark.parametrize("name", NETWORKS)
def test_both_roads_have_the_same_drift_and_diffusion(name):
    system, other = NETWORKS[name].system, gaussian_of(master_equation(NETWORKS[name]))
    assert system.modes == other.modes
    np.testing.assert_allclose(other.drift, system.drift, atol=1e-14)
    np.testing.assert_allclose(other.diffusion, system.diffusion, atol=1e-14)


@pytest.mark.parametrize("name", NETWORKS)
def test_both_roads_have_the_same_records(name):
    network = NETWORKS[name]
    ports = [port for port in network.system.outputs if port != "out"]
    detectors = [Homodyne("out", 0.7, 0.8), *(Heterodyne(port, 0.2, 0.6) for port in ports)]
    record = record_model(network.system, detectors)
    equation = master_equation(network)
    seen = monitored(equation, detectors)
    sums = np.array([c + adjoint(c) for c in seen.operators])
    signal = sums @ quadratures_of_ladder(len(equation.modes)) / np.sqrt(2)
    np.testing.assert_allclose(signal, record.measured, atol=1e-14)
    np.testing.assert_allclose(seen.noise, record.noise, atol=1e-14)


def test_each_loss_and_each_bath_is_a_channel_of_its_own():
    assert set(master_equation(everything()).channels) == {
        "input",
        "spin.bath, emission",
        "spin.bath, absorption",
        "loss",
        "thermal_light, x",
        "thermal_light, p",
        "modulation",
        "cavity.vacuum",
        "cavity.bath, emission",
        "cavity.bath, absorption",
    }


def test_light_goes_one_way():
    # What the second system does to the first must vanish: the reduced equation of the spin is that of the spin alone.
    alone, both = master_equation(Network((spin(),))), master_equation(pair())
    np.testing.assert_allclose(gaussian_of(both).drift[:2, :2], gaussian_of(alone).drift, atol=1e-15)
    np.testing.assert_allclose(gaussian_of(both).drift[:2, 2:], 0, atol=1e-15)


def test_brownian_damping_and_batches_are_refused():
    brownian = spin(damping=Damping.BROWNIAN) >> membrane()
    with pytest.raises(InvalidInput, match="not of Lindblad form"):
        master_equation(brownian)
    assert master_equation(rotating_wave(brownian)).modes == ("spin", "membrane")
    with pytest.raises(InvalidInput, match=r"batch of shape \(2,\)"):
        master_equation(pair().with_parameters({"spin.readout_rate": [0.1, 0.2]}))


def test_a_component_without_a_master_equation_is_refused():
    class Novelty(Loss):
        kind = "novelty"

    with pytest.raises(InvalidInput, match=r"'novelty' \(novelty\) has no master equation"):
        master_equation(spin() >> Novelty(efficiency=0.5))


# ---------------------------------------------------------------- the basis


def test_ladder_operators_are_qutips_in_a_box():
    basis = Basis([3, 4])
    order = basis.places.ravel()
    for mode, size in enumerate((3, 4)):
        factors = [qutip.qeye(3), qutip.qeye(4)]
        factors[mode] = qutip.destroy(size)
        np.testing.assert_allclose(
            basis.ladder[mode].toarray()[np.ix_(order, order)], qutip.tensor(factors).full(), atol=1e-15
        )


def test_normally_ordered_products_are_exact_in_a_truncated_basis():
    small, large = Basis([5, 4], [[1, 1]], [1.0]), Basis([12, 12])
    rng = np.random.default_rng(3)
    coefficients = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    chosen = large.places[tuple(small.levels.T)]
    np.testing.assert_allclose(
        small.quadratic(coefficients).toarray(),
        large.quadratic(coefficients).toarray()[np.ix_(chosen, chosen)],
        atol=1e-13,
    )


def test_the_basis_follows_correlations():
    # Quanta of a two-mode squeezed vacuum come in pairs: its basis must keep the diagonal, a product's need not.
    squeezed = two_mode_squeezed(0.8, ["a", "b"])
    product = GaussianState.thermal(squeezed.occupation, ["a", "b"])
    for state, share in ((squeezed, 0.9), (product, 0.55)):
        basis = suggested_basis(state, 6)
        top = max(n for n in range(min(basis.dimensions)) if basis.places[n, n] >= 0)
        assert top / min(basis.dimensions) == pytest.approx(share, abs=0.1)


def test_a_basis_too_large_to_list_is_refused_with_the_estimate():
    with pytest.raises(InvalidInput, match="GiB"):
        Basis([10_000, 10_000])


# ---------------------------------------------------------------- solutions against QuTiP's


def test_steady_state_is_qutips():
    model = qutip_model(pair(), {"spin": 7, "membrane": 8})
    theirs = qutip.steadystate(model.hamiltonian, list(model.collapse.values()))
    basis = Basis([7, 8])
    ours = stationary(master_equation(pair()), generator(master_equation(pair()), basis))
    order = basis.places.ravel()
    np.testing.assert_allclose(ours.matrix[np.ix_(order, order)], theirs.full(), atol=1e-9)  # GMRES to 1e-10
    np.testing.assert_allclose(ours.state.covariance, from_qobj(theirs).covariance, atol=1e-8)  # the same
    assert log_negativity(ours, "spin", "membrane") == pytest.approx(
        np.log(np.abs(qutip.partial_transpose(theirs, [0, 1]).eigenenergies()).sum()), abs=1e-8
    )


def test_evolution_is_qutips():
    model = qutip_model(pair(), {"spin": 6, "membrane": 6})
    equation, basis = master_equation(pair()), Basis([6, 6])
    start = displaced_vacuum(basis, equation.modes, [0.3, 0.2j])
    order = basis.places.ravel()
    begin = qutip.Qobj(start.matrix[np.ix_(order, order)], dims=[[6, 6]] * 2)
    theirs = qutip.mesolve(
        model.hamiltonian, begin, [0, 1.7], list(model.collapse.values()), options={"atol": 1e-12, "rtol": 1e-10}
    )
    ours = evolved(generator(equation, basis), start, 1.7)
    np.testing.assert_allclose(ours.matrix[np.ix_(order, order)], theirs.states[-1].full(), atol=1e-9)  # ODE solver


def test_spectrum_is_qutips_correlator():
    network, detector = Network((spin(),)), Homodyne("out", 0.6, 0.7)
    equation, basis = master_equation(network), Basis([12])
    dynamics = generator(equation, basis)
    omega = np.array([0.4, 1.0, 2.0])
    ours = output_spectrum(equation, dynamics, monitored(equation, [detector]), stationary(equation, dynamics), omega)
    model = qutip_model(network, {"spin": 12})
    (operator,) = model.detected([detector])
    generator_ = qutip.liouvillian(model.hamiltonian, list(model.collapse.values())).full()
    rho = qutip.steadystate(model.hamiltonian, list(model.collapse.values()))
    source = qutip.operator_to_vector(operator * rho + rho * operator.dag()).full()
    noise = float(monitored(equation, [detector]).noise[0, 0])
    for frequency, value in zip(omega, ours, strict=True):
        answer = np.linalg.solve(-1j * frequency / model.rate * np.eye(144) - generator_, source)
        state = qutip.vector_to_operator(qutip.Qobj(answer, dims=qutip.operator_to_vector(rho).dims))
        theirs = noise * (1 + 2 * ((operator + operator.dag()) * state).tr().real)
        assert value == pytest.approx(theirs, rel=1e-8)  # GMRES to 1e-10
    np.testing.assert_allclose(ours, noise_budget(network.system, omega, detector).total, rtol=1e-4)  # 12 levels


def test_detected_and_undetected_light_make_the_whole_dissipator():
    detectors = [Homodyne("out", 0.3, 0.8), Heterodyne("loss", 0.0, 0.5)]
    model = qutip_model(pair(), {"spin": 4, "membrane": 4})
    whole = qutip.liouvillian(model.hamiltonian, list(model.collapse.values()))
    parts = qutip.liouvillian(model.hamiltonian, [*model.detected(detectors), *model.undetected(detectors)])
    # The Hamiltonian is the same only if constants like [c, c†] cancel: away from the highest levels they do.
    assert (whole - parts).norm() < 1e-10 * whole.norm()


@pytest.mark.slow  # stochastic integration
def test_the_record_zero_gives_the_covariance_of_a_random_record():
    network, detector = Network((spin(linewidth=0.2, occupation=0.3, readout_rate=0.8),)), Homodyne("out", 1.2, 0.7)
    model = qutip_model(network, {"spin": 22})
    result = qutip.smesolve(
        model.hamiltonian,
        qutip.basis(22, 0),
        np.linspace(0, 12, 1201),
        c_ops=model.undetected([detector]),
        sc_ops=model.detected([detector]),
        ntraj=3,
        seeds=[1, 2, 3],
        options={"store_states": True, "keep_runs_results": True, "method": "rouchon", "dt": 0.002, "progress_bar": ""},
    )
    sampled = np.array([from_qobj(run[-1]).covariance for run in result.runs_states])
    equation, basis = master_equation(network), Basis([22])
    dynamics = generator(equation, basis)
    ours = conditional(equation, dynamics, monitored(equation, [detector]), stationary(equation, dynamics))
    expected = conditional_state(network.system, [detector]).covariance
    np.testing.assert_allclose(ours.state.covariance, expected, atol=1e-5)  # 22 levels
    np.testing.assert_allclose(sampled.mean(axis=0), expected, atol=3e-3)  # steps of 0.002


@pytest.mark.parametrize(
    "detectors", [[Homodyne("out", 0.4, 0.9)], [Heterodyne("out", 0.0, 0.7), Homodyne("loss", 1.0, 0.9)]]
)
def test_the_conditional_state_is_riccatis(detectors):
    equation = master_equation(pair())
    expected = conditional_state(pair().system, detectors)
    dynamics = generator(equation, suggested_basis(expected, 7))
    ours = conditional(equation, dynamics, monitored(equation, detectors), stationary(equation, dynamics))
    np.testing.assert_allclose(ours.state.covariance, expected.covariance, atol=2e-5)  # seven decades of probability
    assert np.trace(ours.matrix) == pytest.approx(1, abs=1e-12)


def test_units_only_scale_time():
    unit = 2 * np.pi * 1e6
    fast = pair().with_parameters(
        {
            key: value * unit
            for key, value in pair().parameters.items()
            if key.split(".")[1]
            in ("frequency", "linewidth", "readout_rate", "mechanical_frequency", "mechanical_linewidth")
        }
    )
    basis = Basis([6, 6])
    states = [stationary(master_equation(n), generator(master_equation(n), basis)) for n in (pair(), fast)]
    np.testing.assert_allclose(states[1].matrix, states[0].matrix, atol=1e-9)  # GMRES to 1e-10
    assert scale(master_equation(fast)) == pytest.approx(unit * scale(master_equation(pair())))


def test_high_quality_factors_cost_no_accuracy():
    network = spin(linewidth=2e-6, readout_rate=3e-6, frequency=-1.0) >> membrane(
        mechanical_frequency=1.0, mechanical_linewidth=3e-6, readout_rate=2e-6
    )
    equation, expected = master_equation(network), steady_state(network.system)
    found = stationary(equation, generator(equation, suggested_basis(expected, 6)))
    np.testing.assert_allclose(found.state.covariance, expected.covariance, atol=1e-4)  # six decades of probability


def test_moments_of_a_density_in_a_simplex():
    state = GaussianState.thermal([0.2, 0.1], ["a", "b"])
    basis = suggested_basis(state, 9)
    weights = np.prod((np.array([0.2, 0.1]) / np.array([1.2, 1.1])) ** basis.levels, axis=1)
    found = Density(basis, np.diag(weights).astype(complex), ("a", "b")).state
    np.testing.assert_allclose(found.covariance, state.covariance, atol=1e-6)  # nine decades of probability


def test_unstable_networks_are_refused_before_any_simulation():
    growing = Network((spin(tensor_coupling=-0.9, linewidth=0.1),))
    with pytest.raises(Unstable):
        verify(growing, effort=QUICK)
