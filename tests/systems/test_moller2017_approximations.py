"""(S14), (S17), (S34) of Møller et al. 2017 against (S11) and the state space."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backaction.systems.published import moller2017 as paper
from backaction.systems.published.moller2017 import approximations, formulas


def lossless(column: str) -> formulas.HybridParameters:
    return replace(
        paper.parameters(column), input_fraction=1.0, mode_matching=1.0, link_efficiency=1.0, detection_efficiency=1.0
    )


def span(p: formulas.HybridParameters) -> np.ndarray:
    return formulas.effective_pole(p).real + 2 * np.pi * np.linspace(-40e3, 40e3, 161)


@pytest.mark.parametrize("column", ["fig3", "fig4"])
def test_s14_is_s11(column: str) -> None:
    p = lossless(column)
    exact = formulas.cavity_transfer(p, span(p))
    scale = np.abs(exact).max()
    np.testing.assert_allclose(approximations.sideband_transfer(p, span(p)), exact, rtol=0, atol=1e-12 * scale)


def test_s14_is_s11_for_random_cavities_with_any_sideband_resolution() -> None:
    rng = np.random.default_rng(14)
    p = formulas.HybridParameters(
        mechanical_halfwidth=1e-3,
        cavity_halfwidth=rng.uniform(0.3, 6, (30, 1)),
        detuning=-rng.uniform(0.1, 3, (30, 1)),
        coupling=rng.uniform(0.02, 0.1, (30, 1)),
    )
    w = np.linspace(0.5, 1.5, 11)
    exact = formulas.cavity_transfer(p, w)
    np.testing.assert_allclose(approximations.sideband_transfer(p, w), exact, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("column", "largest"), [("fig3", 0.0136), ("fig4", 0.0159)])
def test_s17_holds_to_the_stated_order(column: str, largest: float) -> None:
    p = lossless(column)
    exact, first = (road(p, span(p)) for road in (formulas.cavity_transfer, approximations.first_order_transfer))

    def size(matrix: np.ndarray) -> np.ndarray:
        return np.linalg.norm(matrix, 2, axis=(-2, -1))

    assert round(float((size(exact - first) / size(exact)).max()), 4) == largest


def test_s17_converges_in_the_second_order_of_the_sideband_resolution() -> None:
    errors = []
    for broad in (1.0, 2.0, 4.0):  # κ, Δ ∝ broad and g ∝ √broad: the same Γ_M L0²
        p = lossless("fig3")
        p = replace(
            p,
            cavity_halfwidth=20 * broad * p.cavity_halfwidth,
            detuning=20 * broad * p.detuning,
            coupling=np.sqrt(20 * broad) * p.coupling,
        )
        w = np.array([0.7, 1.4]) * p.mechanical_frequency
        difference = formulas.cavity_transfer(p, w) - approximations.first_order_transfer(p, w)
        errors.append(np.abs(difference).max())
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(slopes, 2.0, atol=0.15)  # asymptotic exponent


def test_s34_is_what_s33_becomes_near_resonance() -> None:
    from backaction.systems.published.moller2017.calibration import approximate_back_action

    # Unresolved sidebands and narrow lines: frequency 1e3 times higher, a broader cavity, the same dampings.
    p = lossless("fig3")
    p = replace(
        p,
        mechanical_frequency=1e3 * p.mechanical_frequency,
        cavity_halfwidth=1e4 * p.cavity_halfwidth,
        detuning=1e4 * p.detuning,
        coupling=np.sqrt(1e3) * 10 * p.coupling,
    )
    pole = formulas.effective_pole(p)
    for mass in (-1, 1):
        for detuning in (0.0, 2e4):
            q = replace(
                p,
                spin_frequency=mass * (pole.real + detuning),
                spin_readout_rate=0.8 * paper.matched_readout_rate(p),
            )
            delta = np.linspace(-8e4, 8e4, 41)
            hybrid = np.abs(approximate_back_action(q, pole.real + delta)) ** 2
            alone = np.abs(approximate_back_action(q.without_spin, pole.real + delta)) ** 2
            widths = -pole.imag, float(q.spin_halfwidth)
            expected = approximations.back_action_spectrum_ratio(delta, 0.8, widths, mass=mass, spin_detuning=detuning)
            np.testing.assert_allclose(hybrid / alone, expected, rtol=2e-3, atol=2e-3)  # γ/Ω and Ω/κ are dropped
    # The printed sign, (Γ_M δ_S + Γ_S δ_M)², is that of the positive mass.
    negative, positive = (approximations.back_action_spectrum_ratio(3.0, 1.0, (1, 1), mass=m) for m in (-1, 1))
    assert (negative, positive) == pytest.approx((0.1, 3.7))


def test_areas_by_s34_are_the_integrals_of_its_spectrum() -> None:
    delta = np.linspace(-4e4, 4e4, 400_001)
    for mass in (-1, 1):
        for ratio, widths in ((1.0, (1.0, 1.0)), (0.7, (2.7, 2.6)), (1.3, (1.0, 4.0))):
            lorentzian = 1 / (delta**2 + widths[0] ** 2)
            weighted = approximations.back_action_spectrum_ratio(delta, ratio, widths, mass=mass) * lorentzian
            area = np.trapezoid(weighted, delta) / np.trapezoid(lorentzian, delta)
            closed = approximations.back_action_ratio(ratio, widths, mass=mass)
            assert area == pytest.approx(float(closed), rel=2e-4)  # wings beyond the span
