"""Finite spins in a beam: heating, cascades, quantum trajectories, local decay, and the limit of squeezing."""

from itertools import pairwise

import numpy as np
import pytest

from backaction.fock import conditional_by_trajectories, conditional_epr_variance, dicke_ladder, unconditional_with_spin
from backaction.fock.basis import Basis
from backaction.fock.cascaded_spin import SpinBasis
from backaction.fock.ensemble import local_decay, thermal_model
from backaction.fock.mapping import heated_quanta, probed_motion
from backaction.fock.qnd import best_gaussian_squeezing, gaussian_squeezing, probed_spin
from backaction.gaussian import InvalidInput, Unresolved
from backaction.systems import Damping, Loss, MechanicalOscillator, SpinOscillator

LENGTHS = (5, 10, 20, 40, 60)

RECORDED = {5: (0.313389, 1.7e-4), 60: (0.302708, 6.4e-6)}
"""Conditional EPR variances of the figure's beam and their standard errors, from long runs of other seeds."""


def beam(linewidth=0.002, zeta=0.5, mass=-1.0, rate=0.1, occupation=0.0):
    common = {
        "readout_rate": rate,
        "tensor_coupling": zeta,
        "occupation": occupation,
        "damping": Damping.ROTATING_WAVE,
    }
    spin = SpinOscillator(frequency=mass, linewidth=linewidth, **common)
    return spin >> MechanicalOscillator(
        name="membrane", mechanical_frequency=1.0, mechanical_linewidth=linewidth, **common
    )


# ---------------------------------------------------------------- the mapping in time


@pytest.mark.parametrize("frequency", [-1.0, 1.0, -0.05])
@pytest.mark.parametrize("length", [2.5, 10, 60])
def test_heating_is_the_closed_form_for_both_masses(length, frequency):
    motion = probed_motion(length, frequency, 0.4, [0.0, 1.0, 5.0])
    np.testing.assert_allclose(motion.quanta, heated_quanta(length, 0.4 * motion.times), atol=2e-5)  # seven decades
    np.testing.assert_allclose(motion.polarisation, np.exp(-0.1 * motion.times / length), atol=2e-5)  # the same


def test_the_sign_of_the_mass_is_the_sense_of_rotation():
    times = np.linspace(0, 2, 5)
    for length in (np.inf, 30):
        down, up = (probed_motion(length, sign, 0.01, times, 0.3).mean for sign in (-1.0, 1.0))
        np.testing.assert_allclose(up[:, 0], down[:, 0], atol=2e-3)  # back action is not symmetric in X and P
        np.testing.assert_allclose(up[:, 1], -down[:, 1], atol=2e-3)  # the same
        expected = 0.3 * np.sqrt(2) * np.array([np.cos(times), np.sin(times)]).T
        np.testing.assert_allclose(down, expected, atol=5e-3 if length == 30 else 1e-5)  # 1/J, and truncation


def test_the_error_of_the_mapping_is_of_first_order_in_quanta_over_j():
    lost = [1 - probed_motion(J, -1.0, 0.5, [4.0]).quanta[0] / 0.5 for J in LENGTHS]
    slope = np.polyfit(np.log(LENGTHS), np.log(lost), 1)[0]
    assert slope == pytest.approx(-1, abs=0.03)  # second order at J = 5


def test_a_spin_in_the_basis_keeps_its_own_ladder():
    basis = SpinBasis(Basis([4, 9]), [np.inf, 2])
    assert basis.dimensions == (4, 5)
    order = basis.places.ravel()
    single = dicke_ladder(5, 2).full()
    expected = np.kron(np.eye(4), single)
    np.testing.assert_allclose(basis.ladder[1].toarray()[np.ix_(order, order)], expected, atol=1e-15)


# ---------------------------------------------------------------- two systems in one beam


def test_unconditional_epr_variance_tends_to_the_gaussian_one_faster_than_one_over_j():
    """The first order in 1/J nearly cancels: −0.00027/J + 0.026/J², by a fit to lengths of 250 to 2000."""
    levels = {"spin": 9, "membrane": 9}
    found = [unconditional_with_spin(beam(), "spin", "membrane", J, levels) for J in (*LENGTHS, 500)]
    limit = unconditional_with_spin(beam(), "spin", "membrane", np.inf, levels)
    assert limit.epr_variance == pytest.approx(limit.gaussian, abs=1e-5)  # nine levels
    excess = np.array([one.epr_variance for one in found]) - limit.epr_variance
    law = [-2.70e-4 / J + 2.59e-2 / J**2 for J in (40, 60, 500)]
    np.testing.assert_allclose(excess[[3, 4, 5]], law, atol=3e-7)  # the third order at J = 40
    assert excess[0] == pytest.approx(1.094e-3, abs=1e-6)
    assert excess[0] / excess[2] > 4**2  # a quarter of the length
    assert excess[5] < 0
    assert all(one.epr_variance < 1 for one in found)
    assert all(one.polarisation == pytest.approx(1 - one.quanta / J) for one, J in zip(found, LENGTHS, strict=False))


def test_positive_mass_is_not_entangled():
    # The order of the light matters for the sign of ζ too; with equal masses nothing cancels.
    found = unconditional_with_spin(beam(mass=1.0), "spin", "membrane", 20)
    assert found.epr_variance > 0.999


@pytest.mark.parametrize("length", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_trajectories_are_within_their_error_of_long_runs(length):
    """Reference values with their errors: 60 runs, and 64 trajectories."""
    value, error = RECORDED[length]
    network = beam(linewidth=0.0, zeta=0.3, rate=0.4)
    found = conditional_by_trajectories(network, "spin", "membrane", length, trajectories=16, duration=20, step=0.1)
    assert abs(found.epr_variance - value) < 3 * np.hypot(found.standard_error, error)
    assert found.sampling_error < found.standard_error < 4e-3


def test_the_errors_of_trajectories_cover_their_scatter():
    """Six seeds against the recorded mean: the sum of squared deviations in standard errors is a chi-square."""
    value, error = RECORDED[5]
    network = beam(linewidth=0.0, zeta=0.3, rate=0.4)
    runs = [
        conditional_by_trajectories(
            network, "spin", "membrane", 5, trajectories=8, duration=8, step=0.2, seed=seed, fock={"membrane": 14}
        )
        for seed in range(6)
    ]
    deviations = [(run.epr_variance - value) / np.hypot(run.standard_error, error) for run in runs]
    assert 0.3 < np.linalg.norm(deviations) < 4.5  # 7 degrees of freedom each: once in a thousand
    assert max(run.burn_in_error for run in runs) < 1e-5


def test_pulsed_conditional_variances_from_short_to_long_spins():
    errors = [conditional_epr_variance(J, 1.0).epr_variance - 0.5 for J in LENGTHS]
    assert all(later < earlier for earlier, later in pairwise(errors))
    assert errors[0] / errors[-1] == pytest.approx(12, rel=0.4)  # 60/5, and the second order at J = 5


def test_what_cannot_be_sampled_or_held_is_refused():
    with pytest.raises(InvalidInput, match="lossless"):
        conditional_by_trajectories(beam(), "spin", "membrane", 10)
    lossy = beam(linewidth=0.0).components
    with pytest.raises(InvalidInput, match="lossless"):
        conditional_by_trajectories(lossy[0] >> Loss(efficiency=0.9) >> lossy[1], "spin", "membrane", 10)
    for arguments in ({"trajectories": 1}, {"step": 0.0}, {"duration": 0.01}):
        with pytest.raises(InvalidInput, match="two trajectories"):
            conditional_by_trajectories(beam(linewidth=0.0), "spin", "membrane", 10, **arguments)
    with pytest.raises(Unresolved, match="highest of the levels"):
        unconditional_with_spin(beam(occupation=3.0, linewidth=0.5), "spin", "membrane", 60, {"spin": 6, "membrane": 6})
    with pytest.raises(InvalidInput, match="positive"):
        probed_motion(10, 1.0, 0.0, [1.0])


# ---------------------------------------------------------------- spins that decay one by one


def test_transverse_spin_relaxes_at_the_linewidth_of_the_thermal_model():
    linewidth, occupation = thermal_model(1.0, 0.2, 2.0)
    assert (linewidth, occupation) == pytest.approx((3.2, 0.25))
    found = local_decay(16, 1.0, 0.2, 2.0, np.linspace(0, 2, 5), twist=0.02)
    # A weak twist hardly changes the polarisation, and then spins and oscillator are one.
    np.testing.assert_allclose(found.variance, found.oscillator, rtol=2e-3)  # the rest of that change
    assert found.variance[-1] == pytest.approx(occupation + 0.5, rel=0.02)
    half = local_decay(16, 1.0, 0.2, 0.0, np.linspace(0, 2, 5), twist=0.02)
    assert np.abs(half.variance - found.oscillator).max() > 0.007  # dephasing counts


def test_the_thermal_model_is_the_end_and_not_the_way():
    found = local_decay(16, 1.0, 0.3, 0.0, np.array([0.0, 0.5, 20.0]), settled=False)
    assert found.polarisation[0] == pytest.approx(1)
    assert found.polarisation[-1] == pytest.approx(0.7 / 1.3)
    assert found.variance[-1] == pytest.approx(found.oscillator[-1], abs=1e-5)  # ODE solver
    assert abs(found.variance[1] - found.oscillator[1]) > 0.05
    np.testing.assert_allclose(found.variance, 0.5 / found.polarisation, rtol=1e-6)  # the same; Var = N/4


def test_dephasing_alone_heats_nothing():
    found = local_decay(12, 1e-9, 0.0, 1.0, np.linspace(0, 3, 4))
    np.testing.assert_allclose(found.variance, 0.5, atol=1e-6)  # ODE solver


@pytest.mark.parametrize("arguments", [(61, 1.0, 0.0, 0.0), (5, 1.0, 1.0, 0.0), (5, 1.0, 0.0, -1.0)])
def test_ensembles_that_are_none_are_refused(arguments):
    with pytest.raises(InvalidInput):
        local_decay(*arguments, np.array([0.0, 1.0]))


# ---------------------------------------------------------------- the limit of squeezing


@pytest.mark.parametrize("length", [3, 10.5, 200])
def test_a_weak_pulse_squeezes_as_the_oscillator_does(length):
    found = probed_spin(length, 0.2)
    assert found.squeezing == pytest.approx(float(gaussian_squeezing(length, 0.2)), rel=0.05 / length)  # 1/J
    assert found.polarisation == pytest.approx(np.exp(-0.05 / length))


def test_the_variance_is_that_of_kraus_operators_in_qutip():
    import qutip

    length, strength = 3, 1.3
    jz = qutip.jmat(length, "z")
    start = qutip.spin_coherent(length, np.pi / 2, 0)
    outcomes = np.linspace(-9, 9, 181)
    kraus = [(-((y - np.sqrt(strength / length) * jz) ** 2) / 2).expm() * np.sqrt(0.1) / np.pi**0.25 for y in outcomes]
    kets = [k * start for k in kraus]
    norms = np.array([ket.norm() ** 2 for ket in kets])
    variance = sum(
        qutip.expect(jz * jz, ket) - qutip.expect(jz, ket) ** 2 / norm for ket, norm in zip(kets, norms, strict=True)
    )
    polarisation = sum(qutip.expect(qutip.jmat(length, "x"), ket) for ket in kets) / length
    found = probed_spin(length, strength)
    assert found.variance == pytest.approx(variance / length, rel=1e-9)  # a step of 0.1
    assert found.polarisation == pytest.approx(polarisation, rel=1e-9)  # the same


def test_the_best_squeezing_is_near_e_over_two_j():
    for length in (5, 50, 500):
        strengths = np.geomspace(0.3, 8 * length, 80)
        best = min(probed_spin(length, strength).squeezing for strength in strengths)
        # Just below the Gaussian estimate: the record begins to resolve single values of J_z.
        assert 0.9 < best / float(best_gaussian_squeezing(length)) < 1.001
    assert float(best_gaussian_squeezing(500)) * 1000 == pytest.approx(np.e, rel=2e-3)  # 1/2J
    with pytest.raises(InvalidInput, match="strength"):
        probed_spin(5, -1.0)
