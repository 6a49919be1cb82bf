"""The budget by path: sums, batches, frames, and what it says about interference."""

import numpy as np
import pytest

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput, noise_budget, series, spectral_density
from backaction.gaussian.paths import independent_link
from backaction.systems import Loss, Network, OptomechanicalCavity, Rotation, SpinOscillator, Squeezer

OMEGA = np.linspace(0.9, 1.1, 9)


def halves(batch=()):
    rng = np.random.default_rng(7)

    def between(low, high):
        return rng.uniform(low, high, batch) if batch else rng.uniform(low, high)

    spin = SpinOscillator(
        name="spin", frequency=-between(0.9, 1.1), linewidth=0.02, readout_rate=between(0.02, 0.1), occupation=1.0
    )
    membrane = OptomechanicalCavity(
        name="membrane",
        mechanical_frequency=1.0,
        mechanical_linewidth=1e-3,
        occupation=20.0,
        cavity_linewidth=between(8.0, 12.0),
        detuning=-2.0,
        coupling=0.2,
        input_fraction=0.9,
    )
    first = Squeezer(name="squeezer", squeezing=3.0, angle=0.4) >> spin
    second = Rotation(name="turn", angle=0.3) >> Loss(name="link", efficiency=0.7) >> membrane
    return first, second


@pytest.mark.parametrize("detector", [Homodyne(angle=0.8, efficiency=0.7), Heterodyne(angle=0.2)])
def test_with_its_interference_it_is_the_ordinary_budget(detector):
    first, second = halves()
    budget = independent_link(first.system, second.system, OMEGA, detector)
    whole = noise_budget(series(first.system, second.system), OMEGA, detector)
    np.testing.assert_allclose(budget.coherent, whole.total, rtol=1e-12)
    assert list(budget.sources) == list(whole.sources)
    for name, part in whole.sources.items():
        both = budget.sources[name] + budget.interference.get(name, 0.0)
        np.testing.assert_allclose(both, part, rtol=1e-9, atol=1e-13 * whole.total.max())
    np.testing.assert_allclose(sum(budget.sources.values()), budget.total, rtol=1e-14)
    assert set(budget.interference) == set(first.system.inputs)


def test_batches_are_the_loop_of_single_ones():
    first, second = (part.system for part in halves((3, 1)))
    detector = Homodyne(angle=np.array([0.3, 1.2]), efficiency=0.9)
    frames = np.array([0.0, 0.5])
    both = independent_link(first, second, OMEGA, detector, angle=frames)
    assert both.total.shape == (3, 2, len(OMEGA))
    rng = np.random.default_rng(7)
    frequency, rate, width = (rng.uniform(a, b, (3, 1)) for a, b in ((0.9, 1.1), (0.02, 0.1), (8, 12)))
    one, two = halves()
    for i in range(3):
        before = one.with_parameters({"spin.frequency": -frequency[i, 0], "spin.readout_rate": rate[i, 0]})
        behind = two.with_parameters({"membrane.cavity_linewidth": width[i, 0]})
        for j, angle in enumerate((0.3, 1.2)):
            single = independent_link(
                before.system, behind.system, OMEGA, Homodyne(angle=angle, efficiency=0.9), angle=frames[j]
            )
            np.testing.assert_allclose(both.total[i, j], single.total, rtol=1e-12)


def test_the_frame_matters_only_where_the_light_is_correlated():
    plain, second = Squeezer(name="nothing", squeezing=0.0), halves()[1]
    detector = Homodyne()
    vacuum = [independent_link(plain.system("s"), second.system, OMEGA, detector, angle=a).total for a in (0.0, 0.7)]
    np.testing.assert_allclose(vacuum[0], vacuum[1], rtol=1e-12)
    np.testing.assert_allclose(vacuum[0], noise_budget(second.system, OMEGA, detector).total, rtol=1e-12)
    squeezed = Squeezer(squeezing=3.0, angle=0.7).system("s")
    own, other = (independent_link(squeezed, second.system, OMEGA, detector, angle=a) for a in (0.7, 0.0))
    # In its own frame the squeezed light has nothing to lose.
    np.testing.assert_allclose(own.interference["input"], 0, atol=1e-12 * own.total.max())
    assert np.abs(other.interference["input"]).max() > 1e-2 * other.total.max()


def test_against_the_same_densities_put_in_by_hand():
    # At one frequency the light of the link is a 2 × 2 matrix: a second road that never looks at paths.
    first, second = halves()
    w = 1.03
    density = spectral_density(first.system.with_outputs("out"), w)
    diagonal = np.diag(density.diagonal().real)
    replaced = second.system.with_noise("input", diagonal)
    detector = Homodyne(angle=1.1)
    expected = noise_budget(replaced, w, detector).total
    np.testing.assert_allclose(independent_link(first.system, second.system, w, detector).total, expected, rtol=1e-12)


def test_what_cannot_be_connected_is_refused():
    first, second = halves()
    with pytest.raises(InvalidInput, match="no output"):
        independent_link(first.system, second.system, OMEGA, Homodyne(), output="ouut")
    with pytest.raises(InvalidInput, match="both systems have"):
        independent_link(first.system, first.system, OMEGA, Homodyne())


def test_a_network_can_be_cut_at_any_link():
    first, second = halves()
    parts = (first >> second).components
    detector = Homodyne()
    whole = noise_budget((first >> second).system, OMEGA, detector).total
    for cut in range(1, len(parts)):
        before, behind = Network(parts[:cut]), Network(parts[cut:])
        budget = independent_link(before.system, behind.system, OMEGA, detector)
        np.testing.assert_allclose(budget.coherent, whole, rtol=1e-12)
