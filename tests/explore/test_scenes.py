"""The scenes and their controls: the papers' networks, ranges that hold, sliders that do something."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from backaction.experiment import read
from backaction.explore.controls import Scale, controls
from backaction.explore.document import with_settings
from backaction.explore.scenes import ANCILLA_FIRST, IDEAL, MOLLER, OWN, SCENES, SENSOR_FIRST, STEADY, scene_controls
from backaction.explore.templates import TEMPLATES
from backaction.explore.toml import parsed
from backaction.explore.views import spectra_view, state_view
from backaction.systems.published import moller2017, schweer2022

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = [scene.name for scene in SCENES]


def parameters(scene):
    return read(parsed(scene.file)).network.parameters


def setting(control, value):
    return {control.address: f"{value!r} {control.unit}".strip()}


def same(found, expected, tolerance):
    assert set(found) == set(expected)
    for address, value in expected.items():
        if isinstance(value, float):
            assert found[address] == pytest.approx(value, rel=tolerance), address
        else:
            assert found[address] == value, address


def test_the_moller_scene_is_the_example_file():
    example = read(tomllib.loads((EXAMPLES / "moller2017.toml").read_text(encoding="utf-8"))).network.parameters
    renamed = {address.replace("loss.", "link."): value for address, value in example.items()}
    same(parameters(MOLLER), renamed, 0)


def test_the_moller_scene_is_the_published_model():
    published = moller2017.network("fig3").system
    scene = read(parsed(MOLLER.file)).network.system
    # the file's numbers have the digits that Table I and the inference print
    np.testing.assert_allclose(scene.drift, published.drift, rtol=1e-3, atol=1e-6 * np.abs(published.drift).max())


@pytest.mark.parametrize(
    ("scene", "order"),
    [(ANCILLA_FIRST, schweer2022.Order.ANCILLA_FIRST), (SENSOR_FIRST, schweer2022.Order.SENSOR_FIRST)],
)
def test_the_schweer_scenes_are_the_published_cascade(scene, order):
    same(parameters(scene), schweer2022.cascade(order).parameters, 1e-12)


def test_the_ideal_pair_has_the_reference_value():
    """Reference row (1e-3, 1e-3, 5, 1, .05, .05, 1, 1) of the two-oscillator cascade, computed in another program."""
    pair = state_view(read(parsed(IDEAL.file)))["conditional"]["pairs"][0]
    assert pair["log_negativity"] == pytest.approx(1.01197065, abs=1e-8)
    assert pair["epr_variance"] == pytest.approx(0.36356221, abs=1e-8)
    assert pair["duan_sum"] == pytest.approx(0.36435805, abs=1e-8)


def test_the_own_chain_is_that_of_the_readme():
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    published = read(tomllib.loads(text.split("```toml\n")[1].split("```")[0])).network.parameters
    same(parameters(OWN), published, 0)


@pytest.mark.parametrize("scene", SCENES, ids=NAMES)
def test_every_control_holds_its_value_and_both_ends_can_be_read(scene):
    found = scene_controls(scene)
    assert len({control.address for control in found}) == len(found)
    for control in found:
        if control.options:
            assert control.value in control.options
            ends = control.options
        else:
            assert control.low <= control.value <= control.high, control.address
            assert control.low < control.high
            assert control.scale is Scale.LINEAR or control.low > 0
            ends = (control.low, control.high)
        for end in ends:
            text = {control.address: end} if control.options else setting(control, end)
            read(parsed(with_settings(scene.file, text)))


@pytest.mark.parametrize("scene", SCENES[:-1], ids=NAMES[:-1])
def test_every_slider_changes_what_is_shown(scene):
    """A control that nothing depends on would be a mistake of the scene."""
    before = state_view(read(parsed(scene.file)))["conditional"]["covariance"]
    for control in scene_controls(scene):
        value = control.options[0] if control.options else None
        text = {control.address: value} if value else setting(control, (control.low + 3 * control.high) / 4)
        after = state_view(read(parsed(with_settings(scene.file, text))))
        assert not after["stable"] or not np.allclose(after["conditional"]["covariance"], before, rtol=1e-6)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_number_of_every_component_has_a_control(kind):
    entry = {"component": kind, **TEMPLATES[kind]}
    found = {control.address: control for control in controls({"chain": [entry]})}
    for key, value in TEMPLATES[kind].items():
        control = found[f"{kind}.{key}"]
        assert control.low <= control.value <= control.high
        assert str(value).startswith(f"{control.value:g}") or float(control.value) == value


def test_a_number_at_zero_can_be_moved_too():
    spin = {"component": "spin", "frequency": "1 MHz", "linewidth": "0 Hz", "readout_rate": "1 kHz", "occupation": 0}
    for control in controls({"chain": [spin]}):
        if not control.options:
            assert control.low < control.high


def test_a_spin_can_change_the_sign_of_its_mass():
    [spin] = [control for control in scene_controls(MOLLER) if control.address == "spin.frequency"]
    assert spin.signed
    flipped = state_view(read(parsed(with_settings(MOLLER.file, setting(spin, -spin.value)))))
    assert flipped["stable"]


# --- what the paragraphs say ------------------------------------------------------------------------------


def entanglement(scene, **settings):
    """E_N without and with the record."""
    dotted = {address.replace("__", "."): text for address, text in settings.items()}
    state = state_view(read(parsed(with_settings(scene.file, dotted))))
    return [state[kind]["pairs"][0]["log_negativity"] for kind in ("unconditional", "conditional")]


def over_the_limit(scene):
    """Force noise over the SQL at the lowest frequency."""
    force = spectra_view(read(parsed(scene.file)))["force"]
    return force["added_noise"][0] / force["sql"][0]


def test_the_masses_interfere_in_the_spectrum():
    def area(frequency):
        view = spectra_view(read(parsed(with_settings(MOLLER.file, {"spin.frequency": frequency}))))
        return np.mean(view["spectrum"]["psd_shot_noise"])

    assert area("-1.2682734 MHz") < area("1.2682734 MHz")


def test_the_order_of_the_cascade_matters():
    assert over_the_limit(ANCILLA_FIRST) == pytest.approx(0.8, abs=0.005)
    assert over_the_limit(SENSOR_FIRST) > 1.3


def test_the_ideal_pair_is_entangled_by_its_record_alone():
    without, with_record = entanglement(IDEAL)
    assert without == 0
    assert with_record > 1
    assert entanglement(IDEAL, spin__frequency="1 MHz") == [0, 0]
    assert entanglement(IDEAL, link__efficiency="0.5")[1] < with_record


def test_the_steady_entanglement_needs_the_tensor_coupling():
    assert entanglement(STEADY)[0] > 1
    assert entanglement(STEADY, membrane__tensor_coupling="0")[0] == 0
