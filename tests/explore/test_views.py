"""The views: ellipses against covariances, windows that show what is there, notes where nothing is."""

import numpy as np
import pytest

from backaction.entanglement import Subject, measures
from backaction.experiment import read
from backaction.explore.scenes import IDEAL, MOLLER, OWN
from backaction.explore.toml import parsed
from backaction.explore.views import ellipse, shown_pairs, spectra_view, state_view
from backaction.explore.windows import POINTS, force_window, resonances, sensed_mode, spectrum_window
from backaction.systems import Hz

SPIN = {"component": "spin", "frequency": "1 MHz", "linewidth": "1 kHz", "readout_rate": "20 kHz", "occupation": 2}
LOSS = {"component": "loss", "efficiency": 0.5}
DETECTOR = {"detector": [{"angle": "90 deg"}]}


def view(table):
    return spectra_view(read(table))


def test_an_ellipse_is_its_covariance():
    rng = np.random.default_rng(1)
    for _ in range(20):
        root = rng.normal(size=(2, 2))
        covariance = root @ root.T
        found = ellipse(covariance)
        c, s = np.cos(found["angle"]), np.sin(found["angle"])
        axes = np.array([[c, -s], [s, c]])
        np.testing.assert_allclose(axes @ np.diag(np.square(found["semi_axes"])) @ axes.T, covariance, atol=1e-12)
        assert found["semi_axes"][0] >= found["semi_axes"][1]


@pytest.mark.parametrize("scene", [IDEAL, MOLLER], ids=["ideal", "moller"])
@pytest.mark.parametrize("kind", ["unconditional", "conditional"])
def test_the_ellipses_of_a_pair_have_the_duan_sum(scene, kind):
    """Var (X_a − X_b')/√2 + Var (P_a + P_b')/√2 is the Duan sum: the semi-axes squared, added."""
    state = state_view(read(parsed(scene.file)))[kind]
    least, largest = (sum(np.square(one["semi_axes"])) for one in state["pair_ellipses"][0])
    assert least == pytest.approx(state["pairs"][0]["duan_sum"], rel=1e-9)
    totals = [sum(np.square(one["semi_axes"])) for one in state["ellipses"]]
    assert least + largest == pytest.approx(sum(totals[:2]), rel=1e-12)


def test_every_criterion_has_its_uncertainty():
    state = state_view(read(parsed(IDEAL.file)))["conditional"]
    assert set(state["uncertainty"][0]) == {row.key for row in measures(Subject.PAIR)}
    assert set(state["verdict"][0]) == set(state["uncertainty"][0])
    assert state["verdict"][0]["ppt_symplectic_eigenvalue"] == "entangled"
    for name, uncertainty in state["uncertainty"][0].items():
        if isinstance(uncertainty, dict):  # one way and the other
            assert set(uncertainty) == set(state["pairs"][0][name])
            continue
        assert 0 <= uncertainty < 1e-9 * max(state["pairs"][0][name], 1), name


def test_pairs_are_those_of_the_oscillators():
    file = {"chain": [SPIN, {**SPIN, "name": "other"}, LOSS]}
    assert shown_pairs(read(file)) == (("spin", "other"),)
    assert shown_pairs(read({**file, "report": {"pairs": [["other", "spin"]]}})) == (("other", "spin"),)
    assert state_view(read({"chain": [LOSS]}))["unconditional"]["pairs"] is None


def test_a_chain_without_a_detector_has_no_spectra():
    found = view({"chain": [SPIN]})
    assert found["spectrum"] is found["force"] is None
    assert found["note"] == "no [[detector]] reads the light"


def test_a_chain_without_an_oscillator_has_a_spectrum_and_no_force():
    found = view({"chain": [LOSS], **DETECTOR})
    np.testing.assert_allclose(found["spectrum"]["psd_shot_noise"], 1.0, rtol=1e-15)
    assert found["force"] is None
    assert "feels a force" in found["note"]


def test_a_force_that_diverges_is_a_note():
    undamped = {**SPIN, "name": "still", "linewidth": "0 Hz", "damping": "rotating-wave", "tensor_coupling": 0.5}
    assert view({"chain": [undamped], **DETECTOR})["force"] is None


def test_the_window_is_around_the_resonances():
    experiment = read(parsed(OWN.file))
    omega = spectrum_window(experiment).omega
    assert omega.shape == (POINTS,)
    assert (np.diff(omega) >= 0).all()
    for frequency, width in resonances(experiment.network):
        assert np.abs(omega - frequency).min() < width / 4  # a line of any width is drawn
        assert omega[0] < frequency - 5 * width < frequency + 5 * width < omega[-1]


def test_the_area_of_a_narrow_line_is_resolved():
    """The grid crowds around a line of 1 mHz at 1 MHz: its peak is there, to a few percent of the exact one."""
    table = {"chain": [{**SPIN, "linewidth": "1 mHz", "occupation": 1e6}], **DETECTOR}
    fine = read({**table, "report": {"spectrum": {"start": "1 MHz", "stop": "1 MHz", "points": 1}}})
    peak = spectra_view(fine)["spectrum"]["psd_shot_noise"][0]
    assert max(view(table)["spectrum"]["psd_shot_noise"]) == pytest.approx(peak, rel=0.05)  # the grid's spacing


def test_the_frequencies_of_a_file_are_kept_and_thinned():
    asked = {"spectrum": {"start": "1 kHz", "stop": "2 MHz", "points": 1001, "spacing": "log"}}
    window = spectrum_window(read({"chain": [SPIN], **DETECTOR, "report": asked}))
    assert (len(window.omega), window.spacing) == (POINTS, "log")
    np.testing.assert_allclose(window.omega[[0, -1]] / Hz, [1e3, 2e6], rtol=1e-12)
    few = {"spectrum": {"start": "1 kHz", "stop": "2 MHz", "points": 7}}
    assert len(force_window(read({"chain": [SPIN], **DETECTOR, "report": few})).omega) == 7


def test_the_sensed_mode():
    membrane = {
        "component": "mechanical_oscillator",
        "mechanical_frequency": "1 MHz",
        "mechanical_linewidth": "1 Hz",
        "readout_rate": "1 kHz",
        "occupation": 1,
    }
    assert sensed_mode(read({"chain": [membrane, SPIN]})) == "mechanical_oscillator"
    assert sensed_mode(read({"chain": [SPIN, LOSS]})) == "spin"
    assert sensed_mode(read({"chain": [LOSS]})) is None
    asked = {"mode": "spin", "start": "1 Hz", "stop": "2 Hz", "points": 2}
    assert sensed_mode(read({"chain": [membrane, SPIN], **DETECTOR, "report": {"force": asked}})) == "spin"
