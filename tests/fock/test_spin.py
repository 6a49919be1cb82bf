"""A finite spin of negative mass against QuTiP, against two oscillators, and against exact second moments."""

from itertools import pairwise

import numpy as np
import pytest
import qutip

from backaction.fock import (
    Mass,
    Truncation,
    conditional_epr_variance,
    convergence,
    dicke_ladder,
    finite_spin_correction,
    gaussian_epr_variance,
)
from backaction.gaussian import InvalidInput, Unresolved

BOTH = [Mass.NEGATIVE, Mass.POSITIVE]


def quadratures(ladder):
    return (ladder + ladder.dag()) / np.sqrt(2), (ladder - ladder.dag()) / (1j * np.sqrt(2))


# ---------------------------------------------------------------- the mapping


@pytest.mark.parametrize("length", [0.5, 1, 2.5, 7])
def test_the_ladder_is_the_spin_with_its_axes_renamed(length):
    # Our (J_x, J_y, J_z) are QuTiP's (J_z, J_x, J_y), so that J − J_x counts from its uppermost state.
    levels = round(2 * length + 1)
    np.testing.assert_allclose(
        dicke_ladder(levels, length).full(), qutip.jmat(length, "+").full() / np.sqrt(2 * length), atol=1e-15
    )
    x, p = quadratures(dicke_ladder(levels, length))
    polarisation = qutip.qeye(levels) - qutip.num(levels) / length
    assert (qutip.commutator(x, p) - 1j * polarisation).norm() < 1e-13


def test_a_truncated_ladder_is_the_uppermost_part_of_the_spin():
    np.testing.assert_array_equal(dicke_ladder(4, 10).full(), dicke_ladder(21, 10).full()[:4, :4])


@pytest.mark.parametrize(("mass", "field"), [(Mass.NEGATIVE, 1), (Mass.POSITIVE, -1)])
def test_a_quarter_period_turns_the_first_read_pair_into_the_second(mass, field):
    # H = Ω(a†a ± J_x) with the spin near J_x = +J: the upper sign is the inverted spin, of negative mass.
    length, levels = 2, 6
    oscillator = quadratures(qutip.tensor(qutip.destroy(levels), qutip.qeye(5)))
    spin = quadratures(qutip.tensor(qutip.qeye(levels), dicke_ladder(5, length)))
    energy = qutip.tensor(qutip.num(levels), qutip.qeye(5)) + field * qutip.tensor(
        qutip.qeye(levels), length - qutip.num(5)
    )
    turn = (-1j * np.pi / 2 * energy).expm()
    difference = turn.dag() * (oscillator[0] + spin[0]) * turn - (oscillator[1] + int(mass) * spin[1])
    assert difference.norm() < 1e-12


def test_only_the_pair_with_negative_mass_commutes_up_to_quanta_over_j():
    length, levels = 4, 9
    x_m, p_m = quadratures(qutip.tensor(qutip.destroy(30), qutip.qeye(levels)))
    x_s, p_s = quadratures(qutip.tensor(qutip.qeye(30), dicke_ladder(levels, length)))
    ground, quanta = qutip.basis([30, levels], [0, 0]), qutip.tensor(qutip.qeye(30), qutip.num(levels))
    for mass, expected in ((Mass.NEGATIVE, 1j * quanta / length), (Mass.POSITIVE, 2j - 1j * quanta / length)):
        commutator = qutip.commutator(x_m + x_s, p_m + int(mass) * p_s)
        # Away from the oscillator's highest level, where the truncated [x, p] is not i.
        low = [qutip.basis([30, levels], [n, k]) for n in (0, 7) for k in (0, 3, 8)]
        assert all(((commutator - expected) * ket).norm() < 1e-12 for ket in low)
    assert (qutip.commutator(x_m + x_s, p_m - p_s) * ground).norm() < 1e-14


# ---------------------------------------------------------------- the Gaussian limit, three roads


@pytest.mark.parametrize("mass", BOTH)
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0, 5.0])
def test_gaussian_value_is_that_of_conditioned_covariances(mass, strength):
    # Modes oscillator, spin, light of the first and of the second pulse: kick by exp(−iκ O x_L), then read both p_L.
    kappa, covariance = np.sqrt(strength / 2), np.eye(8) / 2
    form = np.kron(np.eye(4), [[0.0, 1.0], [-1.0, 0.0]])
    first, second = np.zeros(8), np.zeros(8)
    first[[0, 2]] = 1
    second[[1, 3]] = 1, int(mass)
    for pair, light in ((first, 4), (second, 6)):
        hamiltonian = np.zeros((8, 8))
        hamiltonian[light] = kappa * pair
        hamiltonian = hamiltonian + hamiltonian.T
        step = np.eye(8) + form @ hamiltonian + form @ hamiltonian @ form @ hamiltonian / 2  # nilpotent beyond
        covariance = step @ covariance @ step.T
    read, kept = [5, 7], range(4)
    cross = covariance[np.ix_(kept, read)]
    conditional = covariance[:4, :4] - cross @ np.linalg.solve(covariance[np.ix_(read, read)], cross.T)
    expected = (first[:4] @ conditional @ first[:4] + second[:4] @ conditional @ second[:4]) / 2
    assert float(gaussian_epr_variance(strength, mass)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("mass", BOTH)
@pytest.mark.parametrize("strength", [0.0, 1.0, 4.0])
def test_two_oscillators_in_fock_space_have_the_gaussian_value(mass, strength):
    result = conditional_epr_variance(np.inf, strength, mass)
    assert result.epr_variance == pytest.approx(float(gaussian_epr_variance(strength, mass)), abs=1e-12)
    assert result.polarisation == pytest.approx(1, abs=1e-12)


def test_gaussian_values_are_a_batch_and_a_positive_mass_is_never_entangled():
    strengths = np.linspace(0, 30, 301).reshape(7, 43)
    assert gaussian_epr_variance(strengths, Mass.POSITIVE).shape == (7, 43)
    assert (gaussian_epr_variance(strengths, Mass.POSITIVE) >= 1).all()
    assert gaussian_epr_variance(strengths)[3, 5] == gaussian_epr_variance(strengths[3, 5])


# ---------------------------------------------------------------- finite spins


@pytest.mark.parametrize("mass", BOTH)
def test_qutip_operators_on_the_whole_space_and_a_plain_grid_of_outcomes_agree(mass):
    length, strength, levels = 1.5, 1.2, 26
    oscillator = quadratures(qutip.tensor(qutip.destroy(levels), qutip.qeye(4)))
    axes = [qutip.tensor(qutip.qeye(levels), qutip.jmat(length, axis)) for axis in "zxy"]
    kappa = np.sqrt(strength / 2)
    read = (
        oscillator[0] + axes[1] / np.sqrt(length),
        oscillator[1] + int(mass) * axes[2] / np.sqrt(length),
    )
    start = qutip.basis([levels, 4], [0, 0])
    outcomes = np.linspace(-9, 9, 45)  # the trapezoid rule converges exponentially here
    kraus = [
        [
            (-((y - kappa * operator) ** 2) / 2).expm() * (outcomes[1] - outcomes[0]) ** 0.5 / np.pi**0.25
            for y in outcomes
        ]
        for operator in read
    ]
    states = [second * ket for ket in (first * start for first in kraus[0]) for second in kraus[1]]
    norms = np.array([ket.norm() ** 2 for ket in states])
    mean_length = sum(qutip.expect(axes[0], ket) for ket in states)
    final = (
        oscillator[0] + axes[1] / np.sqrt(mean_length),
        oscillator[1] + int(mass) * axes[2] / np.sqrt(mean_length),
    )
    variance = sum(
        np.real(qutip.expect(operator**2, ket)) - np.real(qutip.expect(operator, ket)) ** 2 / norm
        for operator in final
        for ket, norm in zip(states, norms, strict=True)
        if norm > 1e-30  # the corners of the grid, where nothing is left to divide by
    )
    result = conditional_epr_variance(length, strength, mass)
    assert norms.sum() == pytest.approx(1, abs=1e-9)
    assert result.epr_variance == pytest.approx(variance / 2, abs=1e-8)  # 26 levels, where the suggestion has 48
    assert result.polarisation == pytest.approx(mean_length / length, abs=1e-8)  # the same


@pytest.mark.parametrize("mass", BOTH)
@pytest.mark.parametrize(("length", "strength"), [(3, 0.5), (12.5, 3.0), (100, 8.0)])
def test_polarisation_after_two_random_turns_is_exact(mass, length, strength):
    result = conditional_epr_variance(length, strength, mass)
    assert result.polarisation == pytest.approx(np.exp(-strength / (4 * length)), abs=1e-9)
    assert result.lost_probability < 1e-9


def test_without_a_measurement_nothing_is_learnt_and_nothing_is_lost():
    assert conditional_epr_variance(4, 0.0).epr_variance == pytest.approx(1, abs=1e-13)


def test_error_falls_as_one_over_j_over_a_decade():
    lengths = np.array([20, 40, 80, 140, 200])
    errors = [conditional_epr_variance(J, 1.0).epr_variance - 0.5 for J in lengths]
    slope = np.polyfit(np.log(lengths), np.log(errors), 1)[0]
    assert slope == pytest.approx(-1, abs=0.05)  # of order 2/J of the error is of second order


@pytest.mark.parametrize("strength", [0.25, 1.0, 4.0])
def test_first_order_in_one_over_j_is_the_closed_form(strength):
    scaled = [
        conditional_epr_variance(J, strength).epr_variance * J - float(gaussian_epr_variance(strength)) * J
        for J in (2000, 4000)
    ]
    # Two lengths, so that the second order cancels; 1e-14 of rounding is multiplied by J = 4000.
    assert 2 * scaled[1] - scaled[0] == pytest.approx(float(finite_spin_correction(1, strength)), abs=1e-7, rel=1e-4)


def linear_estimate(length, strength):
    """Δ of the best *linear* estimate from both outcomes, from exact second moments in the Heisenberg picture.

    The pulses turn the spin about y and z by angles κx_L/√J and displace the oscillator; every moment of second order
    is an average of cosines and sines over the light's Gaussian x_L. No Hilbert space, no truncation.
    """
    J, g, kappa = length, np.exp(strength / (8 * length)), np.sqrt(strength / 2)
    v = kappa**2 / (2 * J)
    cos, cos2, sin2 = np.exp(-v / 2), (1 + np.exp(-2 * v)) / 2, -np.expm1(-2 * v) / 2
    x_sin = kappa / (2 * np.sqrt(J)) * cos

    def kicked(left, right, spin, axis):  # Cov of P − κx₁ − left·(J_z cos − J_x sin)/√J and the same with right
        return (1 + kappa**2) / 2 + left * right * spin - (left + right) * kappa * np.sqrt(J) * x_sin * axis

    var_q = kicked(g, g, cos2 / 2 + sin2 * (J * cos2 + sin2 / 2), cos)
    var_q -= kappa**2 * ((1 + g * cos) / 2) ** 2 / (0.5 + kappa**2)
    spin = cos2 / 2 + J * sin2
    var_r = kicked(g, g, spin, 1) - kappa**2 * kicked(g, 1, spin, 1) ** 2 / (0.5 + kappa**2 * kicked(1, 1, spin, 1))
    return (var_q + var_r) / 2


@pytest.mark.parametrize("strength", [0.5, 2.0])
def test_conditional_variance_is_just_below_the_best_linear_estimate(strength):
    lengths = [10, 20, 40, 80]
    gained = [linear_estimate(J, strength) - conditional_epr_variance(J, strength).epr_variance for J in lengths]
    assert all(gain > 0 for gain in gained)
    # What a non-linear filter gains is of second order in the non-Gaussianity 1/J: a doubling leaves a quarter.
    assert all(later < earlier / 3.5 for earlier, later in pairwise(gained))


def test_positive_mass_finite_or_not_stays_above_the_separable_bound():
    for length in (5, 20, 80):
        for strength in (0.5, 2.0):
            assert conditional_epr_variance(length, strength, Mass.POSITIVE).epr_variance > 1
            assert conditional_epr_variance(length, strength, Mass.NEGATIVE).epr_variance < 1


def test_a_short_spin_has_a_best_strength():
    values = [conditional_epr_variance(5, strength).epr_variance for strength in (1.0, 4.0, 14.0)]
    assert values[1] < values[0] < values[2]


# ---------------------------------------------------------------- what truncation costs


@pytest.mark.parametrize(("length", "strength"), [(5, 4.0), (60, 10.0)])
def test_suggested_truncation_is_converged(length, strength):
    changes = convergence(length, strength)
    assert set(changes) == {"oscillator", "spin", "outcomes"}
    assert max(abs(change) for change in changes.values()) < 1e-8
    assert changes["spin"] == 0 or length > 20


def test_the_record_finds_the_truncation_that_is_too_small():
    good = Truncation(oscillator=60, spin=60, outcomes=24)
    for name, value in (("oscillator", 14), ("spin", 14), ("outcomes", 6)):
        poor = Truncation(**{**vars(good), name: value})
        changes = {key: abs(change) for key, change in convergence(60, 3.0, truncation=poor).items()}
        assert max(changes, key=changes.__getitem__) == name
        exact, given = (conditional_epr_variance(60, 3.0, truncation=kept).epr_variance for kept in (good, poor))
        # The change is the error, less that of the enlarged truncation.
        assert changes[name] == pytest.approx(abs(exact - given), rel=0.3)


def test_a_truncation_that_loses_probability_is_refused():
    with pytest.raises(Unresolved, match="loses the probability") as caught:
        conditional_epr_variance(30, 10.0, truncation=Truncation(oscillator=10, spin=10, outcomes=4))
    assert caught.value.uncertainty > 1e-3


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("length", [0, -1, 0.7, np.nan])
def test_what_is_no_spin_is_refused(length):
    with pytest.raises(InvalidInput, match="spin length"):
        conditional_epr_variance(length, 1.0)


@pytest.mark.parametrize("strength", [-0.1, np.nan, np.inf])
def test_what_is_no_strength_is_refused(strength):
    with pytest.raises(InvalidInput, match="strength"):
        conditional_epr_variance(10, strength)


def test_more_levels_than_the_spin_has_are_refused():
    with pytest.raises(InvalidInput, match="5 levels"):
        dicke_ladder(6, 2)


@pytest.mark.parametrize("kept", [{"oscillator": 1}, {"spin": 0}, {"outcomes": 7}])
def test_truncations_that_keep_nothing_are_refused(kept):
    with pytest.raises(InvalidInput, match="even number"):
        Truncation(**{"oscillator": 20, "spin": 20, "outcomes": 8, **kept})
