"""The experiment file: what is read, and what is said about every kind of mistake."""

import json
import math
import pickle
import tomllib

import numpy as np
import pytest

from backaction.entanglement import epr_variance
from backaction.evaluate import evaluate
from backaction.experiment import MOST_POINTS, load, read
from backaction.gaussian import GaussianState, Homodyne, InvalidInput, purity
from backaction.report import as_object, compute, exit_status, without_infinities
from backaction.settings import override
from backaction.systems import Damping, Hz, MHz, kHz
from backaction.systems.grammar import Unit

SPIN = """
[[chain]]
component = "spin"
frequency = "-1 MHz"
linewidth = "300 Hz"
readout_rate = "25 kHz"
occupation = 0.7
"""
MEMBRANE = """
[[chain]]
component = "optomechanical_cavity"
name = "membrane"
mechanical_frequency = "1 MHz"
mechanical_linewidth = "10 Hz"
temperature = "1 mK"
cavity_linewidth = "10 MHz"
coupling = "100 kHz"
"""
COLD_ALONE = """
[[chain]]
component = "mechanical_oscillator"
name = "{name}"
mechanical_frequency = "1 MHz"
mechanical_linewidth = "200 kHz"
readout_rate = "50 kHz"
occupation = 0
"""
LOSS = """
[[chain]]
component = "loss"
efficiency = 0.8
"""
DETECTOR = "[[detector]]\n"
PAIR = SPIN + LOSS + MEMBRANE + DETECTOR + '[report]\npairs = [["spin", "membrane"]]\n'
SPECTRUM = """
[report.spectrum]
start = "0.9 MHz"
stop = "1.1 MHz"
points = 3
"""
FORCE = """
[report.force]
mode = "spin"
start = "0.9 MHz"
stop = "1.1 MHz"
points = 3
"""


def complaint(text, settings=()):
    """What is said about a file."""
    with pytest.raises(InvalidInput) as caught:
        read(override(tomllib.loads(text), settings))
    return str(caught.value)


def result(text, settings=()):
    return compute(read(override(tomllib.loads(text), settings)))


# --- values -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 Hz", Hz),
        ("1Hz", Hz),
        (" -4.7  MHz ", -4.7 * MHz),
        ("+2.5e3kHz", 2.5e3 * kHz),
        (".5 GHz", 0.5e9 * Hz),
        ("5. mHz", 5e-3 * Hz),
        ("5 uHz", 5e-6 * Hz),
        ("5 nHz", 5e-9 * Hz),
        ("3 rad/s", 3.0),
        ("−4.7 MHz", -4.7 * MHz),
        ("300 µHz", 300e-6 * Hz),
        ("3e−4 μHz", 3e-10 * Hz),
    ],
)
def test_frequencies(text, value):
    assert Unit.FREQUENCY.read(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("raw", "unit", "value"),
    [
        ("7 K", Unit.TEMPERATURE, 7.0),
        ("7mK", Unit.TEMPERATURE, 7e-3),
        ("7 uK", Unit.TEMPERATURE, 7e-6),
        ("7 nK", Unit.TEMPERATURE, 7e-9),
        ("90 deg", Unit.ANGLE, math.pi / 2),
        ("-1rad", Unit.ANGLE, -1.0),
        ("90°", Unit.ANGLE, math.pi / 2),
        ("−90 °", Unit.ANGLE, -math.pi / 2),
        ("300 µm", Unit.LENGTH, 3e-4),
        ("0.09 mm²", Unit.AREA, 9e-8),
        ("14 ng", Unit.MASS, 1.4e-11),
        ("3.6 mG", Unit.MAGNETIC_FIELD, 3.6e-7),
        ("2 ms", Unit.TIME, 2e-3),
        (1, Unit.ANGLE, 1.0),
        ("3 dB", Unit.DECIBEL, 3.0),
        (5, Unit.NUMBER, 5.0),
    ],
)
def test_other_units(raw, unit, value):
    assert unit.read(raw) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        *((text, "has the unknown unit") for text in ("1 mhz", "5 Mhz", "1 M Hz", "1 kHz x", "5 K", "0x1 Hz")),
        *((text, "has the unknown unit") for text in ("1,2 MHz", "1_0 Hz", "1e Hz")),
        *(
            (text, "does not begin with a number")
            for text in ("", "Hz", "nan Hz", "inf Hz", "-", "--1 Hz", ".", "١ Hz")
        ),
        ("5", "has no unit"),
        (5, "has no unit, and a bare number could mean anything"),
        (5.0, "has no unit, and a bare number could mean anything"),
        ("1e400 Hz", "is not finite"),
        (math.nan, "is not finite"),
        (-math.inf, "is not finite"),
        (10**400, "is not finite"),
        *((value, "is no value with a unit") for value in (True, None, ["1 Hz"], {"a": 1})),
    ],
)
def test_wrong_frequencies(raw, said):
    with pytest.raises(InvalidInput, match=said):
        Unit.FREQUENCY.read(raw)


@pytest.mark.parametrize(
    ("raw", "unit"),
    [
        ("0.5", Unit.NUMBER),
        ("nonsense", Unit.NUMBER),
        (True, Unit.NUMBER),
        (math.nan, Unit.NUMBER),
        ("90", Unit.ANGLE),
        ("90 Deg", Unit.ANGLE),
        (math.inf, Unit.ANGLE),
        (3, Unit.DECIBEL),
        ("3 db", Unit.DECIBEL),
        ("7 k", Unit.TEMPERATURE),
        (7, Unit.TEMPERATURE),
        ("7 MK", Unit.TEMPERATURE),
    ],
)
def test_wrong_values_of_other_units(raw, unit):
    with pytest.raises(InvalidInput, match=r"give|finite"):
        unit.read(raw)


# --- what is read -----------------------------------------------------------------------------------------


def test_defaults():
    experiment = read(tomllib.loads(SPIN + DETECTOR))
    (detector,) = experiment.detectors
    assert isinstance(detector, Homodyne)
    assert (detector.port, float(detector.angle), float(detector.efficiency)) == ("out", math.pi / 2, 1.0)
    spin = experiment.network.component("spin")
    assert spin.damping is Damping.BROWNIAN
    assert (spin.frequency, spin.linewidth) == pytest.approx((-1 * MHz, 300 * Hz))
    assert (experiment.title, experiment.pairs, experiment.spectrum, experiment.force) == (None, None, None, None)


def test_a_half_width_is_half():
    spin = read(tomllib.loads(SPIN.replace("linewidth", "linewidth_hwhm"))).network.component("spin")
    assert spin.linewidth == pytest.approx(600 * Hz)


def test_grids_include_both_ends():
    text = SPIN + DETECTOR + SPECTRUM
    assert result(text)["spectrum"]["frequency_hz"] == pytest.approx([0.9e6, 1.0e6, 1.1e6], rel=1e-14)
    log = result(text, ["report.spectrum.spacing=log"])["spectrum"]["frequency_hz"]
    assert log == pytest.approx([0.9e6, math.sqrt(0.99) * 1e6, 1.1e6], rel=1e-14)
    assert result(text, ["report.spectrum.points=1"])["spectrum"]["frequency_hz"] == pytest.approx([0.9e6])


def test_a_long_grid_is_computed_in_parts():
    """More points than one chunk: the same numbers as one by one."""
    long = result(SPIN + DETECTOR + SPECTRUM + FORCE, ["report.spectrum.points=20001", "report.force.points=20001"])
    short = result(SPIN + DETECTOR + SPECTRUM + FORCE)
    for kind, key in (("spectrum", "psd_shot_noise"), ("force", "added_noise"), ("force", "sql")):
        assert len(long[kind][key]) == 20001
        assert long[kind][key][::10000] == pytest.approx(short[kind][key], rel=1e-12)


def test_settings_take_the_place_of_values():
    text = SPIN + MEMBRANE + DETECTOR
    settings = ["spin.linewidth_hwhm=1 kHz", "membrane.occupation=3", "detector.0.efficiency=0.5"]
    settings += ["membrane.photon_number=100", "membrane.single_photon_coupling=1kHz", "report.pairs=[]"]
    experiment = read(override(tomllib.loads(text), settings))
    parameters = experiment.network.parameters
    assert parameters["spin.linewidth"] == pytest.approx(2 * kHz)
    assert parameters["membrane.occupation"] == 3.0
    assert not {"membrane.temperature", "membrane.coupling"} & set(parameters)
    assert experiment.detectors[0].efficiency == 0.5
    assert experiment.pairs == ()


def test_settings_do_not_change_the_table():
    table = tomllib.loads(SPIN)
    override(table, ["spin.occupation=3", "report.spectrum.points=5"])
    assert table == tomllib.loads(SPIN)


# --- one mistake ------------------------------------------------------------------------------------------

SPIN_MISTAKES = {
    ("frequency", '"0 Hz"'): "chain[0] (spin).frequency: must be different from 0, got '0 Hz'",
    ("frequency", "5"): "chain[0] (spin).frequency: 5 has no unit",
    ("frequency", "true"): "chain[0] (spin).frequency: True is no value with a unit",
    ("frequency", "nan"): "chain[0] (spin).frequency: nan is not finite",
    ("frequency", '"1e300 Hz"'): "chain[0] (spin).frequency: must not exceed 1e+50",
    ("frequency", "2020-01-01"): "is no value with a unit",
    ("linewidth", '"-3 Hz"'): "chain[0] (spin).linewidth: must be 0 or greater, got '-3 Hz'",
    ("readout_rate", '"-3 Hz"'): "chain[0] (spin).readout_rate: must be 0 or greater",
    ("occupation", "-1"): "chain[0] (spin).occupation: must be 0 or greater, got -1",
    ("occupation", "inf"): "chain[0] (spin).occupation: inf is not finite",
    ("occupation", "true"): "chain[0] (spin).occupation: True",
    ("occupation", '"0.7"'): "give a bare number, without quotation marks",
}
ADDED_TO_SPIN = {
    'temperature = "1 K"': "give occupation or temperature, not both",
    'linewidth_hwhm = "1 Hz"': "give linewidth or linewidth_hwhm, not both",
    'damping = "Brownian"': "did you mean 'brownian'",
    "damping = 5": "must be one of 'brownian', 'rotating-wave'; got 5",
    "readot_rate = 1": "there is no key 'readot_rate'; did you mean 'readout_rate'",
    "name = 5": "chain[0] (spin).name: must be a text, got 5",
    'name = "out"': "the name 'out' is reserved",
    'name = "a b"': "may only have letters, digits, '_' and '-'",
    'name = ""': "may only have letters, digits, '_' and '-'",
    'name = "ψ"': "may only have letters, digits, '_' and '-'",
}


@pytest.mark.parametrize("key", SPIN_MISTAKES, ids=" ".join)
def test_wrong_values_of_a_component(key):
    name, value = key
    lines = [line for line in SPIN.splitlines() if not line.startswith(name)]
    assert SPIN_MISTAKES[key] in complaint("\n".join([*lines, f"{name} = {value}"]))


@pytest.mark.parametrize("line", ADDED_TO_SPIN)
def test_keys_too_many(line):
    assert ADDED_TO_SPIN[line] in complaint(SPIN + line)


def without(text, key):
    return "\n".join(line for line in text.splitlines() if not line.startswith(key))


MISTAKES = {
    "empty": ("", "chain: there is no [[chain]]"),
    "chain empty": ("chain = []", "chain: there is no [[chain]]"),
    "chain 5": ("chain = 5", "chain: must be a list of tables, each begun by [[chain]]"),
    "chain of 5": ("chain = [5]", "chain: must be a list of tables"),
    "chain table": ('[chain]\ncomponent = "spin"', "chain: must be a list of tables"),
    "no component": ("[[chain]]\nefficiency = 1", "chain[0]: the key 'component' is missing; it must be one of spin"),
    "component 5": ("[[chain]]\ncomponent = 5", "chain[0]: the key 'component' is 5"),
    "component": (SPIN.replace('"spin"', '"spni"'), "there is no component 'spni'; did you mean 'spin'"),
    "unknown table": ("[[detectors]]\n" + SPIN, "there is no key 'detectors'; did you mean 'detector'"),
    "missing key": (without(SPIN, "frequency"), "chain[0] (spin): the key 'frequency' is missing"),
    "missing width": (without(SPIN, "linewidth"), "the key 'linewidth' (or 'linewidth_hwhm') is missing"),
    "no occupation": (without(SPIN, "occupation"), "give occupation or temperature"),
    "no coupling": (without(MEMBRANE, "coupling"), "give coupling or single_photon_coupling and photon_number"),
    "half a coupling": (without(MEMBRANE, "coupling") + "\nphoton_number = 5", "give coupling or single_photon"),
    "both couplings": (MEMBRANE + "photon_number = 5", "not both (coupling, photon_number)"),
    "negative photons": (
        without(MEMBRANE, "coupling") + '\nphoton_number = -5\nsingle_photon_coupling = "1 Hz"',
        "(membrane).photon_number: must be 0 or greater, got -5",
    ),
    "no cavity": (MEMBRANE.replace("10 MHz", "0 Hz"), "(membrane).cavity_linewidth: must be greater than 0"),
    "efficiency": (LOSS.replace("0.8", "1.1"), "chain[0] (loss).efficiency: must be between 0 and 1, got 1.1"),
    "efficiency < 0": (LOSS.replace("0.8", "-0.1"), "(loss).efficiency: must be between 0 and 1, got -0.1"),
    "efficiency true": (LOSS.replace("0.8", "true"), "(loss).efficiency: True"),
    "squeezing": ('[[chain]]\ncomponent = "squeezer"\nsqueezing = "-3 dB"', "squeezing: must be 0 or greater"),
    "squeezing 1e5": ('[[chain]]\ncomponent = "squeezer"\nsqueezing = "1e5 dB"', "squeezing: must not exceed 100"),
    "duplicate": (SPIN + 'name = "a"\n' + LOSS + 'name = "a"', "the name 'a' stands for 2 components"),
    "clash": (SPIN + 'name = "spin2"' + SPIN + SPIN, "the name 'spin2' stands for 2 components"),
    "format 2": ("format = 2" + SPIN, "format: this version reads format 1, the file has 2"),
    "format true": ("format = true" + SPIN, "format: this version reads format 1, the file has True"),
    "format text": ('format = "1"' + SPIN, "format: this version reads format 1, the file has '1'"),
    "title": ("title = 5" + SPIN, "title: must be a text without the character NUL, which no netCDF file holds, got 5"),
    "report 5": ("report = 5" + SPIN, "report: must be a table, begun by [report]; got 5"),
    "report key": (SPIN + "[report]\npair = []", "there is no key 'pair'; did you mean 'pairs'"),
    "detector 5": ("detector = 5" + SPIN, "detector: must be a list of tables, each begun by [[detector]]"),
    "detector table": (SPIN + "[detector]", "detector: must be a list of tables"),
    "no detector": (SPIN + SPECTRUM, "a spectrum or a force needs a [[detector]]"),
    "no detector, force": (SPIN + FORCE, "a spectrum or a force needs a [[detector]]"),
    "detector twice": (SPIN + DETECTOR + DETECTOR, "detector[1].port: the port 'out' has a detector already"),
    "detector on a loss twice": (
        LOSS + (DETECTOR + 'port = "loss"\n') * 2,
        "detector[1].port: the port 'loss' has a detector already",
    ),
    "unmatched carrier": (
        MEMBRANE + "input_fraction = 0.5\n" + DETECTOR + 'reference = "carrier"',
        "detector[0]: no carrier leaves the optomechanical_cavity",
    ),
    "mode that is not there": (SPIN + '[report]\npairs = [["spin", "spni"]]', "no mode 'spni'; did you mean 'spin'"),
    "force nowhere": (SPIN + DETECTOR + FORCE.replace('"spin"', '"spn"'), "mode 'spn'; did you mean 'spin'"),
    "force on a cavity": (
        MEMBRANE + DETECTOR + FORCE.replace('"spin"', '"membrane.cavity"'),
        "report.force.mode: there is no spin or mechanical mode 'membrane.cavity'; did you mean 'membrane'",
    ),
    "force without damping": (
        SPIN.replace("300 Hz", "0 Hz") + "tensor_coupling = 0.1\n" + DETECTOR + FORCE,
        "report.force.mode: 'spin' has no damping",
    ),
    "force without a mode": (SPIN + DETECTOR + without(FORCE, "mode"), "report.force: the key 'mode' is missing"),
    "force on 5": (SPIN + DETECTOR + FORCE.replace('"spin"', "5"), "report.force.mode: must be the name of a mode"),
    "thermal": (SPIN + DETECTOR + FORCE + "thermal = 1", "report.force.thermal: must be true or false, got 1"),
    "spectrum 5": (SPIN + DETECTOR + "[report]\nspectrum = 5", "report.spectrum: must be a table"),
    "start > stop": (
        SPIN + DETECTOR + SPECTRUM.replace("0.9", "2"),
        "report.spectrum: start (2 MHz) lies above stop (1.1 MHz)",
    ),
    "log from 0": (
        SPIN + DETECTOR + SPECTRUM.replace("0.9", "0") + 'spacing = "log"',
        "report.spectrum: logarithmic spacing needs start and stop greater than 0",
    ),
    "spacing": (SPIN + DETECTOR + SPECTRUM + 'spacing = "lin"', "report.spectrum.spacing: there is no choice 'lin'"),
    "bare start": (SPIN + DETECTOR + SPECTRUM.replace('"0.9 MHz"', "9e5"), "report.spectrum.start: 900000.0 has no"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake(name):
    text, said = MISTAKES[name]
    message = complaint(text)
    assert said in message
    assert "mistakes" not in message  # one mistake is one message


@pytest.mark.parametrize("points", ["0", "-1", "2.0", "true", '"3"', "1000001", "9223372036854775808"])
def test_points(points):
    text = SPIN + DETECTOR + SPECTRUM.replace("points = 3", f"points = {points}")
    assert f"report.spectrum.points: must be a whole number between 1 and {MOST_POINTS}" in complaint(text)


@pytest.mark.parametrize("pairs", ['[["spin"]]', "5", '["ab"]', "[[1, 2]]", '"ab"', '[["a", "b", "c"]]', "true"])
def test_pairs_that_are_none(pairs):
    assert "report.pairs: must be a list of pairs of modes" in complaint(SPIN + f"[report]\npairs = {pairs}")


def test_a_pair_of_one_mode():
    text = SPIN + '[report]\npairs = [["spin", "spin"]]'
    assert "report.pairs: a pair needs two different modes, got 'spin' twice" in complaint(text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('port = "uot"', "detector[0].port: there is no port 'uot'; did you mean 'out'"),
        ('port = "spin.bath"', "detector[0].port: there is no port 'spin.bath'"),
        ("port = 5", "detector[0].port: must be a text, got 5"),
        ('kind = "homodine"', "detector[0].kind: there is no choice 'homodine'; did you mean 'homodyne'"),
        ('angle = "90"', "detector[0].angle: '90' has no unit"),
        ("angle = nan", "detector[0].angle: nan is not finite"),
        ("efficiency = 2", "detector[0].efficiency: must be between 0 and 1, got 2"),
        ('reference = "carier"', "detector[0].reference: there is no choice 'carier'; did you mean 'carrier'"),
        ('name = "x"', "detector[0]: there is no key 'name'"),
    ],
)
def test_wrong_detectors(line, said):
    assert said in complaint(SPIN + DETECTOR + line + SPECTRUM)


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("spin.frequency", "--set spin.frequency: a setting is ADDRESS=VALUE"),
        ("=1", "--set =1: the address '' is not NAME.KEY"),
        ("frequency=1", "the address 'frequency' is not NAME.KEY"),
        ("chain=5", "the address 'chain' is not NAME.KEY"),
        ("sipn.frequency=1 Hz", "there is no table 'sipn'; did you mean 'spin'"),
        ("report.spectrun.points=1", "there is no table 'report.spectrun'; did you mean 'report.spectrum'"),
        ("spin.freq=1 Hz", "there is no key 'freq'; did you mean 'frequency'"),
        ("spin.frequency=5", "5 has no unit"),
        ("spin.frequency=", "'' does not begin with a number"),
        ("spin.occupation=nan", "nan is not finite"),
        ("spin.occupation=1\nx=2", "is a text; give a bare number"),
        ("detector.1.angle=0", "there is no 'detector.1'; detectors in the file: 1"),
        ("detector.-1.angle=0", "there is no 'detector.-1'"),
        ("detector.x.angle=0", "there is no 'detector.x'"),
        ("detector.angle=0", "there is no 'detector'"),
        ("detector.0.efficiency=-1", "detector[0].efficiency: must be between 0 and 1, got -1"),
        ("report.spectrum=5", "report.spectrum: must be a table"),
        ("report.force.mode=spin", "report.force: the key 'start' is missing"),
    ],
)
def test_wrong_settings(setting, said):
    assert said in complaint(SPIN + DETECTOR + SPECTRUM, [setting])


def test_a_setting_in_a_report_that_is_no_table():
    assert "'report.spectrum' is no table in this file" in complaint("report = 5" + SPIN, ["report.spectrum.points=1"])


# --- all mistakes at once ---------------------------------------------------------------------------------


def test_all_mistakes_at_once(tmp_path):
    """Also those that can only be seen in a network, although no network can be made of this file."""
    text = (
        "format = 3\nfoo = 1\n"
        + SPIN.replace('"-1 MHz"', '"-1 mhz"').replace("0.7", "-0.7")
        + 'bar = 1\nname = "input"\n'
        + '[[chain]]\ncomponent = "lossy"\nname = "mystery"\n'
        + LOSS.replace("0.8", "8")
        + LOSS.replace("0.8", "0.8\nname = 'loss'")
        + MEMBRANE
        + DETECTOR
        + 'port = "membrane.vacum"\nangle = "3"\n'
        + DETECTOR
        + 'port = "mystery"\nkind = 1\n'
        + DETECTOR
        + 'port = "mystery"\n'
        + '[report]\npairs = [["input", "mebrane"], ["membrane", "membrane"], ["mystery.cavity", "membrane"]]\n'
        + SPECTRUM.replace("points = 3", "points = 0").replace("0.9", "2")
        + FORCE.replace('"spin"', '"membrane.cavity"')
    )
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load(path, ["detector.7.angle=1"])
    first, *mistakes = str(caught.value).splitlines()
    expected = [
        "--set detector.7.angle=1: there is no 'detector.7'",
        "there is no key 'foo'",
        "format: this version reads format 1, the file has 3",
        "the name 'input' is reserved",
        "the name 'loss' stands for 2 components",
        "there is no key 'bar'",
        "frequency: '-1 mhz' has the unknown unit 'mhz'",
        "occupation: must be 0 or greater, got -0.7",
        "chain[1].component: there is no component 'lossy'; did you mean 'loss'",
        "chain[2] (loss).efficiency: must be between 0 and 1, got 8",
        "detector[0].angle: '3' has no unit",
        "detector[1].kind: must be one of 'homodyne', 'heterodyne'; got 1",
        "report.spectrum.points: must be a whole number",
        "report.spectrum: start (2 MHz) lies above stop (1.1 MHz)",
        "detector[0].port: there is no port 'membrane.vacum'; did you mean 'membrane.vacuum'",
        "detector[2].port: the port 'mystery' has a detector already",
        "report.pairs: a pair needs two different modes, got 'membrane' twice",
        "report.pairs: there is no mode 'mebrane'; did you mean 'membrane'",
        "report.force.mode: there is no spin or mechanical mode 'membrane.cavity'; did you mean 'membrane'",
    ]
    assert first == f"{path}: {len(expected)} mistakes"
    assert len(mistakes) == len(expected)
    for mistake, said in zip(mistakes, expected, strict=True):
        assert said in mistake


def test_a_component_with_a_wrong_value_still_has_its_modes_and_ports():
    wrong = MEMBRANE.replace('"10 Hz"', '"-10 Hz"') + "occupation = 1\n"
    detector = DETECTOR + 'port = "membrane.vacum"\n'
    message = complaint(wrong + detector + '[report]\npairs = [["membrane", "membrane.cavty"]]' + FORCE)
    assert message.splitlines()[0] == "5 mistakes"
    for said in (
        "(membrane).mechanical_linewidth: must be 0 or greater",
        "(membrane): give occupation or temperature, not both",
        "no port 'membrane.vacum'; did you mean 'membrane.vacuum'",
        "no mode 'membrane.cavty'; did you mean 'membrane.cavity'",
        "no spin or mechanical mode 'spin'. The spin or mechanical modes are: membrane.",
    ):
        assert said in message


def test_a_mistake_made_twice_is_told_once():
    text = SPIN + 'name = "out"\n' + LOSS + 'name = "out"\n'
    assert complaint(text).count("the name 'out' is reserved") == 1


# --- files that are no experiments ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "chain: there is no [[chain]]"),
        (b"[[chain]\n", "not valid TOML"),
        (b"a = 1\na = 2\n", "not valid TOML"),
        (b"a = \x00", "not valid TOML"),
        (bytes(range(256)), "not a text in UTF-8"),
        ("ψ".encode("utf-16"), "not a text in UTF-8"),
        (b"a = " + b"[" * 20000, "nested too deeply"),
        (b"a" + b".a" * 5000 + b" = 1", "nested too deeply"),
        (b"format = " + b"1" * 5000, "not valid TOML"),
        (b"#" * (2**24 + 1), "larger than 16777216 bytes"),
    ],
    ids=["empty", "broken", "twice", "nul", "binary", "utf-16", "nested", "dotted", "digits", "large"],
)
def test_files_that_are_no_experiments(tmp_path, content, said):
    path = tmp_path / "file.toml"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        load(tmp_path / "nothing.toml")
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(SPIN.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load(path).network.names == ("spin",)


# --- results ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["", "[report]", "[report]\npairs = []"])
def test_no_pairs_are_null(asked):
    assert result(SPIN + asked)["unconditional"]["pairs"] is None


def test_an_unstable_network_has_a_state_if_it_is_watched():
    unstable = result(SPIN + "tensor_coupling = -0.5\n" + DETECTOR + SPECTRUM + FORCE)
    assert unstable["stable"] is False
    assert unstable["growth"]["mode"] == "spin"
    assert unstable["growth"]["rate_per_s"] == pytest.approx(math.pi * (0.5 * 25e3 - 300), rel=1e-9)  # rounding × Q
    assert [unstable[key] for key in ("unconditional", "spectrum", "force")] == [None] * 3
    assert 0.95 < unstable["conditional"]["purity"] < 1  # all of its light is detected, and little is lost to the bath
    unseen = result(SPIN + "tensor_coupling = -0.5\n" + DETECTOR + "efficiency = 0\n")
    assert unseen["stable"] is False and unseen["conditional"] is None
    assert unstable["derived"]["spin"]["readout_rate_hz"] == pytest.approx(25e3)


def test_a_pole_on_the_axis_is_unstable_with_rate_0():
    undamped = result(SPIN.replace("300 Hz", "0 Hz"))
    assert (undamped["stable"], undamped["growth"]["rate_per_s"]) == (False, 0.0)


COLD = (
    SPIN.replace("0.7", "0").replace("300 Hz", "30 kHz").replace("25 kHz", "3 kHz")
    + """
[[chain]]
component = "squeezer"
squeezing = "10 dB"
"""
    + SPIN.replace("0.7", "0").replace("300 Hz", "30 kHz")
    + 'damping = "rotating-wave"\n'
    + DETECTOR
)


def test_brownian_damping_violates_positivity_by_no_more_than_the_damping():
    """γ/Ω = 0.03; a warning says by how much, and it is no failure."""
    experiment = read(tomllib.loads(COLD))
    report = evaluate(experiment)
    assert report.exit_status == 0
    violating = as_object(report)
    (warning,) = violating["warnings"]
    form = 0.5j * np.kron(np.eye(2), [[0, 1], [-1, 0]])
    smallest = np.linalg.eigvalsh(np.array(violating["conditional"]["covariance"]) + form)[0]
    assert -0.03 < smallest < -1e-5
    assert f"conditional: V + iΩ/2 has the eigenvalue {smallest:.6g}; brownian damping" in warning
    assert violating["conditional"]["positivity_defect"] == pytest.approx(-smallest, rel=1e-12)
    assert violating["unconditional"]["positivity_defect"] == 0.0


def test_what_a_defect_can_fake_is_told():
    """Two cold brownian oscillators behind an opaque link: the number stays, with a warning that it proves nothing."""
    cold = COLD_ALONE.format(name="a") + LOSS.replace("0.8", "0.0") + COLD_ALONE.format(name="b")
    report = evaluate(read(tomllib.loads(cold + DETECTOR + '[report]\npairs = [["a", "b"]]')))
    told = as_object(report)
    assert told["conditional"]["pairs"][0]["log_negativity"] > 1e-3
    assert told["conditional"]["positivity_defect"] > 1e-3
    (warning,) = [one for one in told["warnings"] if "prove nothing" in one]
    assert warning.startswith("conditional, pair a, b: log_negativity, ppt_symplectic_eigenvalue")
    assert report.conditional["log_negativity", "a", "b"].verdict.value == "undetermined"
    assert report.exit_status == 0
    assert "undetermined" in repr(report) and "positivity defect" in repr(report)


def test_rotating_wave_damping_is_positive():
    assert result(COLD, ["spin.damping=rotating-wave"])["warnings"] == []


def test_a_state_that_is_none_ends_with_3_unless_a_bath_is_brownian(monkeypatch):
    def status(text, variance):
        state = GaussianState([0, 0], variance * np.eye(2), ["spin"], allowed_defect=np.inf)
        monkeypatch.setattr("backaction.evaluate.steady_state", lambda system: state)
        return evaluate(read(tomllib.loads(text))).exit_status

    positive = SPIN + 'damping = "rotating-wave"'
    assert evaluate(read(tomllib.loads(positive))).exit_status == 0
    assert status(positive, 0.4) == 3
    assert status(positive, 0.5 - 4e-10) == 0  # within max(1e-9, 1e-14 ‖V‖)
    assert status(SPIN, 0.4) == 0
    assert status(SPIN.replace("300 Hz", "0 Hz") + "tensor_coupling = 0.1", 0.4) == 3  # its bath damps nothing


def test_the_status_of_an_object_is_deprecated():
    experiment = read(tomllib.loads(SPIN))
    with pytest.warns(DeprecationWarning, match="evaluate"):
        assert exit_status(compute(experiment), experiment) == 0


UNDAMPED = """
[[chain]]
component = "spin"
frequency = "1 MHz"
linewidth = "0 Hz"
readout_rate = "1 MHz"
occupation = 0
"""


def test_an_undamped_mode_that_is_watched_has_a_conditional_state():
    """Γ = Ω: V_xp = (√2 − 1)/2 and V_xx² = V_xp by two entries of the Riccati equation; the state is pure."""
    report = evaluate(read(tomllib.loads(UNDAMPED + DETECTOR + SPECTRUM)))
    assert report.exit_status == 3
    told = as_object(report)
    assert told["stable"] is False and told["growth"]["rate_per_s"] == 0
    assert told["unconditional"] is told["spectrum"] is told["force"] is None
    assert told["warnings"] == []
    across = (np.sqrt(2) - 1) / 2
    x = np.sqrt(across)
    expected = [[x, across], [across, (0.25 + across**2) / x]]
    np.testing.assert_allclose(np.abs(told["conditional"]["covariance"]), expected, rtol=1e-9)
    assert told["conditional"]["purity"] == pytest.approx(1.0, rel=1e-9)
    assert "unstable" in repr(report)


def test_a_growing_mode_that_nobody_watches_has_no_state():
    growing = UNDAMPED + "tensor_coupling = -0.2\n"
    behind = (
        SPIN + LOSS.replace("[[chain]]", '[[chain]]\nname = "seen"') + growing.replace("spin", 'spin"\nname = "last')
    )
    for text in (growing, behind + DETECTOR + 'port = "seen"\n'):
        told = result(text)
        assert told["growth"]["rate_per_s"] > 0
        assert told["unconditional"] is told["conditional"] is None
    assert result(behind + DETECTOR)["conditional"] is not None  # what leaves the chain has seen it


def test_a_report_is_an_object():
    report = evaluate(read(tomllib.loads(PAIR)))
    assert set(report.states) == {"unconditional", "conditional"}
    conditional = report.conditional
    alone = epr_variance(conditional.state, "spin", "membrane")
    assert float(conditional["epr_variance", "spin", "membrane"]) == float(alone)
    assert conditional["epr_variance", "spin", "membrane"].uncertainty == alone.uncertainty
    assert float(conditional["purity"]) == pytest.approx(float(purity(conditional.state)), rel=1e-12)
    assert float(conditional["occupation", "spin"]) == conditional.state.occupation[0]
    there, back = conditional["steering", "spin", "membrane"], conditional["steering", "membrane", "spin"]
    told = as_object(report)["conditional"]["pairs"][0]["steering"]
    assert told == {"first_to_second": float(there), "second_to_first": float(back)}
    with pytest.raises(InvalidInput, match="did you mean"):
        conditional["duan_sum", "spin", "membrnae"]
    text, page = repr(report), report._repr_html_()
    for part in ("epr variance", "occupation", "conditional", "±"):
        assert part in text and part in page
    again = pickle.loads(pickle.dumps(report))
    assert as_object(again) == as_object(report)


def test_what_lies_behind_the_detector_is_exactly_zero():
    """Solved with the whole network, the rounding of elimination shows the second spin at 1e-32 of the vacuum."""
    first = SPIN.replace("25 kHz", "1 kHz") + "tensor_coupling = 0.3\n"
    second = SPIN.replace("-1 MHz", "1.1 MHz") + "tensor_coupling = 0.3\n"
    seen = result(
        first + LOSS + second + MEMBRANE + DETECTOR + 'port = "loss"\n' + SPECTRUM + FORCE.replace('"spin"', '"spin2"')
    )
    budget = seen["spectrum"]["budget"]
    sources = ("input", "spin.bath", "loss", "spin2.bath", "membrane.vacuum", "membrane.bath", "detection")
    assert set(budget) == set(sources)
    assert [budget[name] for name in sources[3:6]] == [[0.0, 0.0, 0.0]] * 3
    assert min(budget["spin.bath"]) > 0
    assert seen["force"]["added_noise"] == [None, None, None]
    assert all(value > 0 for value in seen["force"]["sql"])
    assert seen["warnings"] == []


@pytest.mark.parametrize("angle", ["0 deg", "180 deg", "-180 deg"])
def test_a_quadrature_that_does_not_see_the_force(angle):
    """QND: the amplitude does not respond; at 180 deg only the rounding of sin π does."""
    seen = result(SPIN + DETECTOR + FORCE, [f"detector.0.angle={angle}"])
    assert seen["force"]["added_noise"] == [None, None, None]
    assert seen["warnings"] == []


def test_numbers_beyond_double_precision_are_null():
    clean = without_infinities({"a": {"b": [1.0, math.inf], "c": math.nan}, "d": 2, "e": [math.inf], "warnings": []})
    assert clean == {
        "a": {"b": [1.0, None], "c": None},
        "d": 2,
        "e": [None],
        "warnings": ["3 numbers are null, for they are beyond double precision: in a.b, a.c, e"],
    }


@pytest.mark.filterwarnings("error")
def test_the_largest_parameters_make_no_noise():
    """Nothing infinite in the result, and no warning of NumPy on the way."""
    pair = SPIN.replace("0.7", "1e50") + SPIN.replace("0.7", "1e50").replace("-1 MHz", "1.1 MHz")
    huge = result(pair + DETECTOR + SPECTRUM + FORCE + '[report]\npairs = [["spin", "spin2"]]')
    json.dumps(huge, allow_nan=False)
    extreme = SPIN.replace("1 MHz", "1e49 Hz").replace("300 Hz", "1e49 Hz").replace("25 kHz", "1e49 Hz")
    json.dumps(result(extreme + DETECTOR + SPECTRUM + FORCE), allow_nan=False)


def test_thermal_force_noise_adds_the_bath():
    cold = result(SPIN + DETECTOR + FORCE)["force"]["added_noise"]
    warm = result(SPIN + DETECTOR + FORCE, ["report.force.thermal=true"])["force"]["added_noise"]
    # a brownian bath is a force: dP ∋ √(2γ) ξ against √γ F, so S_F = 2(n + ½)
    np.testing.assert_allclose(np.subtract(warm, cold), 2 * 0.7 + 1, rtol=1e-9)  # a difference of large numbers


def test_heterodyne_is_half_the_light_and_half_a_vacuum():
    homodyne = np.array(result(SPIN + DETECTOR + SPECTRUM)["spectrum"]["psd_shot_noise"])
    seen = result(SPIN + DETECTOR + 'kind = "heterodyne"\nefficiency = 0.8\n' + SPECTRUM)["spectrum"]
    np.testing.assert_allclose(seen["psd_shot_noise"], 0.4 * homodyne + 0.6, rtol=1e-12)
    np.testing.assert_allclose(seen["budget"]["detection"], 0.6, rtol=1e-15)
