import numpy as np
import pytest

from backaction.experiment import load, read
from backaction.gaussian import InvalidInput
from backaction.sweep import parse_axis, study_of
from backaction.sweep.axes import as_axes
from backaction.systems import MHz, kHz

from .models import EXAMPLE


@pytest.fixture(scope="module")
def study():
    return study_of(load(EXAMPLE))


def test_units_are_those_of_the_file(study):
    axis = parse_axis("membrane.detuning=-8 MHz:-1MHz:8", study)
    np.testing.assert_allclose(axis.values, -2 * np.pi * 1e6 * np.arange(8.0, 0.0, -1.0), rtol=1e-15)
    np.testing.assert_allclose(axis.coordinate, -1e6 * np.arange(8.0, 0.0, -1.0), rtol=1e-15)
    assert axis.unit == "Hz"


def test_a_half_width_sets_the_full_width(study):
    axis = parse_axis("spin.linewidth_hwhm=1kHz:3kHz:3", study)
    assert axis.parameter == "spin.linewidth"
    np.testing.assert_allclose(axis.values, 2 * kHz * np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(axis.coordinate, [1000.0, 2000.0, 3000.0])


def test_logarithmic_axes_include_both_ends_also_below_zero(study):
    axis = parse_axis("spin.frequency=-4 MHz:-1 MHz:3:log", study)
    np.testing.assert_allclose(axis.values, -MHz * np.array([4.0, 2.0, 1.0]))


@pytest.mark.parametrize(
    ("text", "unit", "first"),
    [
        ("membrane.temperature=1K:7K:3", "K", 1.0),
        ("detector.0.angle=90 deg:180 deg:3", "deg", 90.0),
        ("detector.0.angle=1.5:3:2", "rad", 1.5),
        ("detector.0.efficiency=0.5:1:3", "1", 0.5),
        ("loss.efficiency=0.1:1:1", "1", 0.1),
    ],
)
def test_every_kind_of_unit(study, text, unit, first):
    axis = parse_axis(text, study)
    assert (axis.unit, axis.coordinate[0]) == (unit, pytest.approx(first))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("membrane.detunin=-8MHz:-1MHz:3", "did you mean 'membrane.detuning'"),
        ("membrnae.detuning=-8MHz:-1MHz:3", "did you mean 'membrane.detuning'"),
        ("membrane.detuning", "an axis is NAME.PARAMETER=START:STOP:POINTS"),
        ("membrane.detuning=-8MHz:-1MHz", "an axis is NAME.PARAMETER=START:STOP:POINTS"),
        ("membrane.detuning=-8MHz:-1MHz:3:linear", "an axis is NAME.PARAMETER=START:STOP:POINTS"),
        ("membrane.detuning=-8MHz:-1MHz:0", "a whole number from 1"),
        ("membrane.detuning=-8MHz:-1MHz:2.5", "a whole number from 1"),
        ("membrane.detuning=-8MHz:-1MHz:1e3", "a whole number from 1"),
        ("membrane.detuning=-8:-1:3", "has no unit"),
        ("membrane.detuning=-8Mhz:-1MHz:3", "unknown unit 'Mhz'"),
        ("membrane.detuning=-8MHz:0MHz:3:log", "of one sign"),
        ("loss.efficiency=0.5:1.5:3", "must be between 0 and 1; its values reach from 0.5 to 1.5"),
        ("loss.efficiency=nan:1:3", "finite"),
        ("spin.frequency=-1MHz:1MHz:3", "different from 0"),
        ("membrane.damping=0:1:2", "is a choice, not a number"),
        ("detector.1.angle=0:1:2", "did you mean 'detector.0.angle'"),
        ("detector.0.port=0:1:2", "there is no parameter"),
    ],
)
def test_what_is_no_axis_is_refused(study, text, says):
    with pytest.raises(InvalidInput) as refused:
        parse_axis(text, study)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("axes", "says"),
    [
        ({}, "at least one axis"),
        ({"spin.linewidth": [1.0], "spin.linewidth_hwhm": [1.0]}, "more than one axis"),
        ({"membrane.coupling": [1.0], "membrane.photon_number": [1.0]}, "not both"),
        ({"spin.linewidth": [[1.0]]}, "a list of one or more finite numbers"),
        ({"spin.linewidth": []}, "a list of one or more finite numbers"),
        ({"spin.linewidth": [np.inf]}, "a list of one or more finite numbers"),
        ({"spin.linewidth": ["wide"]}, "axis spin.linewidth: 'wide' does not begin with a number"),
    ],
)
def test_axes_that_contradict_each_other_are_refused(study, axes, says):
    with pytest.raises(InvalidInput) as refused:
        as_axes(axes, study)
    assert says in str(refused.value)


def test_a_detector_axis_needs_that_detector():
    study = study_of(read({"chain": [{"component": "loss", "efficiency": 0.5}]}))
    with pytest.raises(InvalidInput, match=r"there is no parameter 'detector\.0\.angle'"):
        parse_axis("detector.0.angle=0:1:2", study)
