"""The two-oscillator QND cascade: what a record of the light knows about a spin and a membrane that never met."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue
from backaction.gaussian import Homodyne, conditional_state, steady_state
from backaction.systems import Loss, MechanicalOscillator, SpinOscillator

# γ_M, γ_S, n_M, n_S, Γ_M, Γ_S, η (Ω = 1): equal-weight Δ at fixed phase, optimal-gain Δ at fixed phase, E_N.
PRINTED = {
    "matched": ((1e-3, 1e-3, 5, 1, 0.05, 0.05, 1.0), (0.36435805, 0.36356221, 1.01197065)),
    "unmatched": ((1e-4, 5e-3, 100, 0.8, 0.05, 0.05, 0.77), (0.66363548, 0.61636408, 0.48423990)),
}
BEST_PHASE = (0.66363546, 0.61636407)  # of the second row, with the local phase optimised
DIGITS = 6e-9  # half a unit of the eighth decimal


def conditional(numbers, sign):
    gamma_m, gamma_s, n_m, n_s, readout_m, readout_s, efficiency = numbers
    spin = SpinOscillator(frequency=sign * 1.0, linewidth=gamma_s, occupation=n_s, readout_rate=readout_s, name="spin")
    membrane = MechanicalOscillator(
        mechanical_frequency=1.0, mechanical_linewidth=gamma_m, occupation=n_m, readout_rate=readout_m, name="membrane"
    )
    network = spin >> Loss(efficiency=1.0, name="link") >> membrane
    detector = Homodyne(angle=np.pi / 2, efficiency=efficiency)
    return network, conditional_state(network.system, [detector])


def fixed_phase(state):
    """A, B, C of the combinations X_a ∓ X_b and P_a ± P_b themselves, the better sign."""
    v = state.covariance
    return np.trace(v[:2, :2]), np.trace(v[2:, 2:]), abs(v[0, 2] - v[1, 3])


@pytest.mark.parametrize("name", PRINTED)
def test_negative_mass_gives_the_printed_entanglement(name):
    numbers, (duan, epr, negativity) = PRINTED[name]
    _, state = conditional(numbers, -1)
    a, b, c = fixed_phase(state)
    assert (a + b) / 2 - c == pytest.approx(duan, abs=DIGITS)
    assert np.linalg.eigvalsh([[a, c], [c, b]])[0] == pytest.approx(epr, abs=DIGITS)
    assert float(log_negativity(state, "spin", "membrane")) == pytest.approx(negativity, abs=DIGITS)


def test_the_best_local_phase_gains_in_the_eighth_digit():
    _, state = conditional(PRINTED["unmatched"][0], -1)
    assert float(duan_sum(state, "spin", "membrane")) == pytest.approx(BEST_PHASE[0], abs=DIGITS)
    assert float(epr_variance(state, "spin", "membrane")) == pytest.approx(BEST_PHASE[1], abs=DIGITS)


@pytest.mark.parametrize("name", PRINTED)
def test_positive_mass_gives_none(name):
    _, state = conditional(PRINTED[name][0], +1)
    assert float(log_negativity(state, "spin", "membrane")) == 0
    assert float(smallest_ppt_eigenvalue(state, "spin", "membrane")) > 0.5


def test_without_a_record_there_is_none():
    network, _ = conditional(PRINTED["matched"][0], -1)
    assert float(log_negativity(steady_state(network.system), "spin", "membrane")) == 0


@pytest.mark.parametrize(("efficiency", "cooperativity"), [(1.0, 10.0), (0.6, 100.0), (0.9, 1000.0)])
def test_matched_masses_have_the_closed_form(efficiency, cooperativity):
    """O5: Δ = ½(V11 + V22) of one QND-probed oscillator with the diffusion of both and no back action."""
    gamma, n_m, n_s = 1e-3, 5.0, 1.0
    rate = cooperativity * gamma
    _, state = conditional((gamma, gamma, n_m, n_s, rate, rate, efficiency), -1)
    d, scale = 2 * gamma * (n_m + n_s + 1), 2 * efficiency * rate
    b = np.sqrt(1 + scale * d)
    a = np.sqrt(2 * b - 2 + gamma**2)
    v11 = (a - gamma) / scale
    v22 = v11 + a * (scale * v11**2 / 2)
    covariance = state.covariance
    plus, minus = np.array([1, 0, 1, 0]), np.array([0, 1, 0, -1])
    delta = (plus @ covariance @ plus + minus @ covariance @ minus) / 2
    assert delta == pytest.approx((v11 + v22) / 2, rel=1e-9)
