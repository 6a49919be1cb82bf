"""Trajectories: their ensemble has the conditional covariance, their records the output spectrum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from backaction.gaussian import (
    GaussianState,
    Heterodyne,
    Homodyne,
    InvalidInput,
    conditional_state,
    from_hamiltonian,
    kalman_filter,
    quadrature_spectrum,
    retrodict,
    retrodicted_effect,
    steady_state,
    trajectory,
)
from backaction.gaussian.sampling import sampled_measurement
from backaction.systems import Loss, MechanicalOscillator, SpinOscillator

FAIR = (1e-3, 1 - 1e-3)
"""Quantiles of a chi-square that a correct ensemble leaves once in 500 seeds; the seeds are fixed."""


def cascade():
    spin = SpinOscillator(frequency=-1.3, linewidth=0.1, readout_rate=0.2, occupation=0.5, name="spin")
    membrane = MechanicalOscillator(
        mechanical_frequency=1.0, mechanical_linewidth=0.1, readout_rate=0.2, occupation=2.0, name="membrane"
    )
    return (spin >> Loss(efficiency=0.9, name="link") >> membrane).system


DETECTOR = Homodyne(efficiency=0.8)


def fair(sample, covariance):
    """Whether vectors (samples, n) are drawn from a normal distribution of mean zero: Σ xᵀV⁻¹x is a chi-square."""
    statistic = np.einsum("si,ij,sj->", sample, np.linalg.inv(covariance), sample)
    low, high = chi2.ppf(FAIR, sample.size)
    return low < statistic < high


@pytest.fixture(scope="module")
def ensemble():
    return trajectory(cascade(), DETECTOR, 0.25, 1200, rng=2017, samples=600)


def test_what_is_unknown_and_what_is_told_add_up_to_the_stationary_state(ensemble):
    """The estimates' own spread is V − V_c."""
    unconditional = steady_state(cascade()).covariance
    for index in (40, 400, 1200):
        spread = unconditional - ensemble.covariance[index]
        assert fair(ensemble.mean[:, index], spread)
        assert not fair(1.1 * ensemble.mean[:, index], spread)  # the test can fail


def test_short_steps_approach_the_continuous_record():
    limit = conditional_state(cascade(), DETECTOR).covariance
    errors = []
    for step in (0.2, 0.1):
        run = trajectory(cascade(), DETECTOR, step, int(400 / step), rng=0)
        errors.append(np.abs(run.covariance[-1] - limit).max())
    assert errors[1] < 5e-3
    assert 3 < errors[0] / errors[1] < 5  # second order in the step


def test_retrodiction_minus_prediction_verifies_the_conditional_covariance(ensemble):
    back = retrodict(cascade(), DETECTOR, 0.25, ensemble.records)
    middle = 600
    difference = back.mean(middle) - ensemble.mean[:, middle]
    expected = ensemble.covariance[middle] + back.covariance(middle)
    assert fair(difference, expected)
    assert not fair(1.1 * difference, expected)
    measured = difference.T @ difference / len(difference) - back.covariance(middle)
    scale = np.sqrt(np.diagonal(expected))
    deviation = (measured - ensemble.covariance[middle]) / np.outer(scale, scale)
    assert np.abs(deviation).max() < 5 / np.sqrt(len(difference))  # five standard errors of a covariance
    np.testing.assert_allclose(
        back.information[middle], retrodicted_effect(cascade(), DETECTOR).information, atol=0.02
    )  # the step


def test_innovations_are_white(ensemble):
    model = sampled_measurement(cascade(), DETECTOR, 0.25)
    surprise = ensemble.records - np.einsum("kn,sjn->sjk", model.measured, ensemble.mean[:, :-1])
    _, variance, _ = model.predicted(ensemble.covariance[-1])
    late = surprise[:, 800:, 0] / np.sqrt(variance[0, 0])
    assert fair(late.reshape(-1, 1), np.eye(1))
    for lag in (1, 2, 7):
        product = (late[:, lag:] * late[:, :-lag]).mean()
        assert abs(product) < 4 / np.sqrt(late[:, lag:].size)


def test_records_have_the_output_spectrum():
    """Periodograms of stationary records are exponentially distributed about the spectrum of the sampled record."""
    system, step, steps = cascade(), 0.25, 1024
    start = conditional_state(system, DETECTOR)
    shape = (400,)
    rng = np.random.default_rng(7)
    spread = steady_state(system).covariance - start.covariance
    begin = GaussianState(
        rng.multivariate_normal(np.zeros(4), spread, size=shape), start.covariance, start.modes, allowed_defect=np.inf
    )
    run = trajectory(system, DETECTOR, step, steps, rng, state=begin)
    window = np.hanning(steps)
    tapered = np.fft.rfft(run.records[..., 0] * window, axis=-1)
    periodogram = (np.abs(tapered) ** 2).mean(axis=0) / (step * (window**2).sum())
    omega = 2 * np.pi * np.fft.rfftfreq(steps, step)
    # An increment over a step is the record seen through a sinc, with the frequencies beyond folded in.
    images = omega[:, None] + 2 * np.pi * np.arange(-40, 41) / step
    half = images * step / 2
    through = np.where(half == 0, 1.0, np.sin(half) / np.where(half == 0, 1.0, half)) ** 2
    absolute = 0.8 * quadrature_spectrum(system, images) + 0.1
    folded = (through * (absolute - 0.5)).sum(axis=1) + 0.5  # white noise folds into itself
    ratio = periodogram / folded
    chosen = slice(4, -4, 4)  # Hann's window correlates neighbours, not every fourth
    degrees = 2 * 400 * ratio[chosen].size
    low, high = chi2.ppf(FAIR, degrees)
    assert low < 2 * 400 * ratio[chosen].sum() < high
    peak = np.argmax(folded)
    assert folded[peak] > 3
    assert ratio[peak - 3 : peak + 4].mean() == pytest.approx(1, abs=0.1)  # 400 records, 7 bins: 2 %; resolution


def test_the_filter_reads_the_records_as_they_were_made(ensemble):
    again = kalman_filter(cascade(), DETECTOR, 0.25, ensemble.records[:5])
    np.testing.assert_allclose(again.mean, ensemble.mean[:5], atol=1e-12)
    np.testing.assert_array_equal(again.covariance, ensemble.covariance)


def test_joseph_form_is_the_textbook_update():
    model = sampled_measurement(cascade(), DETECTOR, 0.4)
    v = steady_state(cascade()).covariance
    gain, innovation, after = model.predicted(v)
    textbook = model.transition @ v @ model.transition.T + model.process_noise - gain @ innovation @ gain.T
    np.testing.assert_allclose(after, textbook, rtol=1e-12, atol=1e-13)


def test_one_seed_one_trajectory_and_batches_of_systems():
    hot = from_hamiltonian(np.zeros((2, 2)), [[1, 1j], [1, 1j]], modes=["a"], ports=["hot", "out"])
    noise = np.array([0.5, 3.5])[:, None, None] * np.eye(2)
    batch = hot.with_noise("hot", noise)
    one, two = (trajectory(batch, Heterodyne(), 0.1, 30, rng=5, samples=(2, 3)) for _ in range(2))
    assert one.records.shape == (2, 3, 2, 30, 2)
    assert one.mean.shape == (2, 3, 2, 31, 2)
    assert one.covariance.shape == (2, 31, 2, 2)
    np.testing.assert_array_equal(one.mean, two.mean)
    assert one.state(30).covariance.shape == (2, 2, 2)
    assert not np.array_equal(one.mean, trajectory(batch, Heterodyne(), 0.1, 30, rng=6, samples=(2, 3)).mean)


def test_bad_input_is_refused():
    system = cascade()
    for arguments, text in (
        ((DETECTOR, 0.0, 10, 1), "> 0"),
        ((DETECTOR, 0.1, 0, 1), "at least one step"),
        ((Homodyne("nowhere"), 0.1, 10, 1), "no output 'nowhere'"),
    ):
        with pytest.raises(InvalidInput, match=text):
            trajectory(system, *arguments)
    with pytest.raises(InvalidInput, match="must be the same"):
        trajectory(system, DETECTOR, 0.1, 5, 1, state=GaussianState.vacuum(["spin"]))
    with pytest.raises(InvalidInput, match="give 1 records"):
        kalman_filter(system, DETECTOR, 0.1, np.zeros((10, 2)))
    with pytest.raises(InvalidInput, match="steps, 1"):
        retrodict(system, DETECTOR, 0.1, np.zeros((10, 2)))
