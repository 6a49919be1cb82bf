"""One home for each quantity: what is declared once is read, printed, swept, moved and written in code everywhere."""

import importlib
import io
import json
import math
import re
import subprocess
import sys
import types
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np
import pytest
import xarray
from click.testing import CliRunner

from backaction import gaussian
from backaction.__main__ import main
from backaction.experiment import DetectorSpec, SpectrumSpec, read
from backaction.explore import answer
from backaction.explore.code import python_code
from backaction.explore.templates import template
from backaction.explore.toml import written
from backaction.gaussian import InvalidInput, SuspiciousInput
from backaction.report import compute
from backaction.schema import schema
from backaction.settings import override
from backaction.sweep import Study, parse_axis, study_of, sweep
from backaction.systems import (
    Damping,
    Heterodyne,
    Homodyne,
    Loss,
    MechanicalOscillator,
    MHz,
    Network,
    OptomechanicalCavity,
    Rotation,
    SpinOscillator,
    Squeezer,
    force_noise,
    hwhm,
    kHz,
)
from backaction.systems.component import Component
from backaction.systems.grammar import Parameter, Quantity, Range, Unit, choice, keys, quantity
from backaction.systems.grammar.addresses import look_up
from backaction.systems.grammar.grids import spaced
from backaction.systems.laboratory import CaesiumBench
from backaction.systems.optics import Loss as Absorber
from backaction.systems.registry import EVERY_COMPONENT

KNOWN = [
    (kind, key.name)
    for kind, cls in EVERY_COMPONENT.items()
    for key in keys(cls).values()
    if isinstance(key.kind, Quantity)
]
UNITS = {
    kind.unit.name: kind.unit
    for cls in EVERY_COMPONENT.values()
    for kind in (key.kind for key in keys(cls).values())
    if isinstance(kind, Quantity)
}


def home(kind):
    """A file with one component of a kind, which is called by its kind."""
    return {"chain": [{"component": kind, **template(EVERY_COMPONENT[kind])}], "detector": [{"angle": "90°"}]}


def spellings(key, raw):
    """Texts of the same value as they stand on pages, with both µ, ° and a printed minus; the plain one first."""
    unit, factor = key.kind.unit, key.factor
    if not unit.scales:
        return [raw]
    value = abs(unit.read(raw))
    signs = [("-", 1), ("−", 1)] if key.kind.range in (Range.ANY, Range.NONZERO) else [("", 1)]
    found = []
    for symbol in unit.symbols:
        plain = f"{value / unit.size(symbol) / factor:.12g}"
        for printed in {"u": "uµμ"}.get(symbol[0], symbol[0]) if len(symbol) > 1 else symbol:
            found += [f"{sign}{plain.replace('e-', 'e−')} {printed}{symbol[1:]}" for sign, _ in signs]
        if symbol == "deg":
            found += [f"{sign}{plain}°" for sign, _ in signs]
    return sorted(found, key=lambda text: sum(character in "−μ°" for character in text))


def chosen(kind, name):
    """A table in which the key may stand, the key, and an ordinary value of it."""
    table, key = home(kind), keys(EVERY_COMPONENT[kind])[name]
    entry = table["chain"][0]
    if name in ("single_photon_coupling", "photon_number"):  # they need each other
        del entry["coupling"]
        entry |= {"single_photon_coupling": "1 Hz", "photon_number": 100}
    same = [other.name for other in keys(EVERY_COMPONENT[kind]).values() if other.field == key.field]
    stands = [entry[other] for other in same if other in entry]
    example = key.kind.unit.example if key.kind.unit.scales else 0.5
    return table, key, stands[0] if stands and stands[0] != "0 deg" else example


def parameter(table, kind, key):
    return getattr(read(table).network.component(kind), key.field)


def executed(code):
    space = {"__name__": "__main__"}
    with redirect_stdout(io.StringIO()):
        exec(compile(code, "code", "exec"), space)
    return space


@pytest.mark.parametrize(("kind", "name"), KNOWN)
def test_a_quantity_is_known_everywhere(kind, name, tmp_path):
    table, key, raw = chosen(kind, name)
    texts = spellings(key, raw)
    chain = schema()["properties"]["chain"]["items"]["oneOf"]
    [rule] = [one["properties"][name] for one in chain if one["properties"]["component"]["const"] == kind]
    patterns = [option["pattern"] for option in (rule, *rule.get("anyOf", ())) if "pattern" in option]
    for text in texts:
        changed = override(table, [f"{kind}.{name}={text}"])
        value = parameter(changed, kind, key)
        if isinstance(text, str):
            assert changed["chain"][0][name] == text
            assert abs(value) == pytest.approx(key.factor * abs(key.kind.unit.read(texts[0])), rel=1e-11)
            assert text.startswith(("-", "−")) == (value < 0)
            assert any(re.search(pattern, text) for pattern in patterns), text
    last = str(texts[-1])  # the most unusual one: a printed minus, the Greek letter, a degree sign
    asked = {"file": written(table), "settings": {f"{kind}.{name}": last}}
    assert "ok" in json.loads(answer(json.dumps({"ask": "state", **asked})))
    controls = json.loads(answer(json.dumps({"ask": "read", **asked})))["ok"]["controls"]
    [control] = [one for one in controls if one["address"] == f"{kind}.{name}"]
    assert control["low"] <= control["value"] <= control["high"] and control["low"] < control["high"]
    moved = f"{control['value']} {control['unit']}" if control["unit"] else control["value"]
    assert key.factor * key.kind.unit.read(moved) == pytest.approx(value)
    code = python_code(changed, read(changed)).partition("\nstates")[0]
    assert getattr(executed(code)["network"].component(kind), key.field) == pytest.approx(value, rel=1e-12)
    file, out = tmp_path / "file.toml", tmp_path / "out.nc"
    file.write_text(written(table), encoding="utf-8")
    axis = f"{kind}.{name}={last}:{last}:1"
    done = CliRunner().invoke(main, ["sweep", str(file), "--axis", axis, "--out", str(out)])
    assert done.exit_code in (0, 3), done.output
    with xarray.open_dataset(out, engine="h5netcdf") as data:
        counted, unit = key.kind.unit.measure(texts[-1])
        assert data[f"{kind}.{name}"].values == [counted]
        assert data[f"{kind}.{name}"].attrs["units"] == unit


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_what_a_unit_writes_it_reads(unit):
    for value in (0.0, 1e-7, 0.3, 1.0, 12345.678, 2e9):
        for sign in (1, -1):
            text = unit.write(sign * value)
            assert unit.read(text if unit.scales else float(text)) == pytest.approx(sign * value, rel=1e-14)


def test_a_unit_prints_few_digits():
    assert Unit.FREQUENCY.write(22 * kHz) == "22 kHz"
    assert Unit.FREQUENCY.write(-1.1 * MHz) == "-1.1 MHz"
    assert Unit.FREQUENCY.write(2e-10 * kHz) == "200 nHz"
    assert Unit.ANGLE.write(math.pi) == "180 deg"
    assert Unit.LENGTH.write(852e-9) == "852 nm"
    assert Unit.MASS.write(1.4e-11) == "14 ng"


class Pace(Enum):
    """Of a stroll."""

    SLOW = "slow"
    FAST = "fast"


FURLONG = Unit("way", "3 kfur", {"fur": ("kmu", 201.168), "mi": ("", 1609.344)})


@dataclass(frozen=True, eq=False, kw_only=True)
class Stroll(Component):
    """Light that goes for a walk and tires."""

    kind: ClassVar[str] = "stroll"

    way: Parameter = quantity(FURLONG, Range.POSITIVE, "way to go")
    linewidth: Parameter = quantity(Unit.FREQUENCY, Range.NONNEGATIVE, "of the breath", 0.0)
    pace: Pace = choice(Pace, "pace", Pace.SLOW)

    def system(self, name):
        return Absorber(efficiency=np.exp(-np.asarray(self.way) / 1e6)).system(name)

    def derived(self):
        return {"way_m": self.way}


def test_an_imaginary_unit_and_component_are_found_everywhere(monkeypatch, tmp_path):
    """Each is added in one place: the unit above, the component above and in the registry."""
    monkeypatch.setitem(EVERY_COMPONENT, "stroll", Stroll)
    imaginary = types.ModuleType("imaginary")
    imaginary.Stroll = Stroll
    monkeypatch.setattr(Stroll, "__module__", "imaginary")
    monkeypatch.setitem(sys.modules, "imaginary", imaginary)

    text = '[[chain]]\ncomponent = "stroll"\nway = "1500 mfur"\nlinewidth_hwhm = "2 µHz"\n[[detector]]\n'
    text += '[report.spectrum]\nstart = "1 kHz"\nstop = "2 kHz"\npoints = 2\n'
    file = tmp_path / "stroll.toml"
    file.write_text(text, encoding="utf-8")
    table = json.loads(json.dumps({"chain": [{"component": "stroll", "way": "1500 mfur", "linewidth_hwhm": "2 µHz"}]}))
    part = read(table).network.component("stroll")
    assert (part.way, part.linewidth) == (pytest.approx(1.5 * 201.168), pytest.approx(4e-6 * 2 * math.pi))
    with pytest.raises(InvalidInput, match=r"unknown unit 'kfurr'.*give a text with fur \(k, m, u\) or mi"):
        read(override(table, ["stroll.way=1 kfurr"]))

    [rule] = [
        one["properties"]
        for one in schema()["properties"]["chain"]["items"]["oneOf"]
        if one["properties"]["component"]["const"] == "stroll"
    ]
    assert re.search(rule["way"]["pattern"], "2 μfur") and not re.search(rule["way"]["pattern"], "2 GHz")
    assert rule["pace"]["enum"] == ["slow", "fast"] and "linewidth_hwhm" in rule

    axis = parse_axis("stroll.way=1 mi:2mi:2", study_of(read(table)))
    assert (axis.unit, axis.coordinate.tolist(), axis.values.tolist()) == (
        "mi",
        [1.0, 2.0],
        [1609.344, 2 * 1609.344],
    )
    done = CliRunner().invoke(main, ["run", str(file), "--set", "stroll.way=1 kfur", "--json", "-"])
    assert json.loads(done.stdout)["derived"]["stroll"]["way_m"] == pytest.approx(201168.0)

    found = json.loads(answer(json.dumps({"ask": "scenes"})))["ok"]
    assert {"kind": "stroll", "help": "Light that goes for a walk and tires."} in found["components"]
    assert found["quantities"]["units"]["way"]["sizes"]["kfur"] == 1000.0
    added = json.loads(answer(json.dumps({"ask": "read", "file": text, "change": {"add": "stroll"}})))["ok"]
    controls = {one["address"]: one for one in added["controls"]}
    assert (controls["stroll2.way"]["value"], controls["stroll2.way"]["unit"]) == (3.0, "kfur")
    assert controls["stroll.linewidth_hwhm"]["unit"] == "µHz"
    assert controls["stroll.pace"]["options"] == ["slow", "fast"]

    settings = {"stroll.way": "0.5 mi", "stroll.pace": "fast"}
    code = json.loads(answer(json.dumps({"ask": "code", "file": text, "settings": settings})))["ok"]["python"]
    assert "from imaginary import Stroll" in code
    built = executed(code)["network"].component("stroll")
    assert (built.way, built.linewidth, built.pace) == (0.5 * 1609.344, part.linewidth, Pace.FAST)


# --- what was typed ---------------------------------------------------------------------------------------


def spin(**changes):
    values = {"frequency": "-1 MHz", "linewidth": "1 kHz", "readout_rate": "5 kHz", "occupation": 1}
    return {"chain": [{"component": "spin", **values, **changes}]}


def test_the_coordinates_of_an_axis_are_what_was_typed():
    study = study_of(read(spin()))
    axis = parse_axis("spin.readout_rate=1 kHz:199 kHz:199", study)
    assert axis.coordinate.tolist() == [1000.0 * i for i in range(1, 200)]
    np.testing.assert_allclose(axis.values, 2 * np.pi * axis.coordinate, rtol=1e-15)
    tenths = parse_axis("spin.occupation=0.1:1:10", study)
    assert tenths.coordinate.tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert parse_axis("spin.frequency=−300 µHz:-100μHz:3", study).coordinate.tolist() == [-3e-4, -2e-4, -1e-4]
    typed = parse_axis("spin.frequency=1.2345678901234567 MHz:2 MHz:2", study)
    assert typed.coordinate[0] == 1234567.8901234567


def test_a_point_of_a_sweep_is_found_by_what_was_typed():
    study = study_of(read({**spin(), "report": {"pairs": []}}))
    data = sweep(study, [parse_axis("spin.readout_rate=1 kHz:199 kHz:199", study)], progress=False)
    assert int(data.status.sel({"spin.readout_rate": 5e3})) == 1
    assert (data.status.sel({"spin.readout_rate": [1e3 * i for i in range(1, 200)]}) == 1).all()


def test_axes_of_python_are_counted_without_the_rounding_of_two_pi():
    study = study_of(read(spin()))
    data = sweep(study, {"spin.readout_rate": np.arange(1, 200) * kHz}, progress=False)
    assert data["spin.readout_rate"].values.tolist() == [1000.0 * i for i in range(1, 200)]
    near = 5 * kHz * (1 + np.array([0, 1, 2]) * 2.0**-52)  # more digits than are counted
    found = sweep(study, {"spin.readout_rate": near}, progress=False)["spin.readout_rate"]
    assert len(set(found.values.tolist())) == 3
    texts = sweep(study, {"spin.readout_rate": ["5 kHz", "−300 µHz".replace("−", "")]}, progress=False)
    assert texts["spin.readout_rate"].values.tolist() == [5000.0, 3e-4]


def test_the_frequencies_of_a_report_are_those_of_the_file():
    grid = {"start": "1 kHz", "stop": "199 kHz", "points": 199}
    result = compute(
        read({**spin(), "detector": [{}], "report": {"spectrum": grid, "force": {**grid, "mode": "spin"}}})
    )
    for kind in ("spectrum", "force"):
        assert result[kind]["frequency_hz"] == [1000.0 * i for i in range(1, 200)]
    assert result["derived"]["spin"]["readout_rate_hz"] == 5000.0
    log = compute(
        read(
            {
                **spin(),
                "detector": [{}],
                "report": {"spectrum": {**grid, "spacing": "log", "start": "0.199 kHz", "points": 4}},
            }
        )
    )
    assert log["spectrum"]["frequency_hz"] == [199.0, 1990.0, 19900.0, 199000.0]


def test_a_grid_keeps_its_ends_and_crosses_zero():
    assert spaced(-0.3, 0.3, 7).tolist() == [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]
    assert spaced(1e-300, 2e-300, 2).tolist() == [1e-300, 2e-300]
    assert spaced(0.0, 0.0, 1).tolist() == [0.0]
    assert spaced(5.0, 7.0, 1).tolist() == [5.0]
    third = spaced(0.0, 1.0, 4)
    np.testing.assert_allclose(third, np.linspace(0, 1, 4), rtol=1e-14)


# --- texts in Python --------------------------------------------------------------------------------------


def test_python_takes_the_texts_of_the_file():
    text = SpinOscillator(
        frequency="−1 MHz",
        linewidth=hwhm("2.6 kHz"),
        readout_rate="72e3 Hz",
        temperature="7 µK",
        damping="rotating-wave",
    )
    plain = SpinOscillator(
        frequency=-1 * MHz, linewidth=5.2 * kHz, readout_rate=72 * kHz, temperature=7e-6, damping=Damping.ROTATING_WAVE
    )
    for key, value in text.given().items():
        other = plain.given()[key]
        assert value == (other if isinstance(other, Enum) else pytest.approx(other, rel=1e-15))
    batch = SpinOscillator(frequency=["1 MHz", "2 MHz"], linewidth="1 kHz", readout_rate="1 kHz", occupation=1)
    np.testing.assert_allclose(batch.frequency, [1 * MHz, 2 * MHz], rtol=1e-15)
    network = (text >> Loss(efficiency=0.5)).with_parameters({"spin.linewidth_hwhm": "1 kHz", "loss.efficiency": 0.9})
    assert network.component("spin").linewidth == pytest.approx(2 * kHz)
    assert Rotation(angle="90°").angle == DetectorSpec(angle="90 deg").angle == math.pi / 2
    assert SpectrumSpec(start="1 Hz", stop="2 kHz", points=3, spacing="log").frequencies[-1] == 2 * kHz
    bench = CaesiumBench(
        probe_power="1.7 mW", probe_detuning="3 GHz", atoms=1e9, cross_section="0.09 mm²", polarisation=0.6,
        magnetic_field="3.625 G",
    )  # fmt: skip
    assert (bench.probe_power, bench.cross_section) == (1.7e-3, 9e-8)


WRONG = {
    "frequency": "1 Mhz",
    "linewidth": "-1 Hz",
    "readout_rate": "1e60 Hz",
    "occupation": "0.5",
    "damping": "brownain",
}


@pytest.mark.parametrize("key", WRONG)
def test_wrong_texts_in_python_are_told_as_those_of_a_file(key):
    good = {"frequency": "1 MHz", "linewidth": "1 kHz", "readout_rate": "1 kHz", "occupation": 1}
    with pytest.raises(InvalidInput) as python:
        SpinOscillator(**{**good, key: WRONG[key]})
    with pytest.raises(InvalidInput) as file:
        read(spin(**{key: WRONG[key]}))
    assert str(python.value).removeprefix("spin: ") == str(file.value).removeprefix("chain[0] (spin).")


def test_a_width_and_its_half_are_one_parameter():
    network = read(spin()).network
    with pytest.raises(InvalidInput, match="set twice, by itself and by its half width"):
        network.with_parameters({"spin.linewidth": 1.0, "spin.linewidth_hwhm": 1.0})
    table, key = look_up("spin.linewidth_hwhm", {"spin": SpinOscillator})
    assert (table, key.field, key.factor) == ("spin", "linewidth", 2.0)


def test_a_bare_angle_beyond_a_turn_is_told_once():
    for make in (
        lambda: Rotation(angle=90),
        lambda: DetectorSpec(angle=-90.0),
        lambda: Squeezer(squeezing="3 dB", angle=np.float64(45.0)),
        lambda: read({"chain": [{"component": "rotation", "angle": 90}]}),
    ):
        with pytest.warns(SuspiciousInput, match=r'in rad, more than a turn; for degrees write "-?\d+ deg"'):
            made = make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet = [Rotation(angle="720 deg"), Rotation(angle=np.array([7.0, 90.0])), Rotation(angle=2 * math.pi)]
        network = quiet[0] >> MechanicalOscillator(
            mechanical_frequency="1 MHz", mechanical_linewidth="1 Hz", readout_rate="1 kHz", occupation=1
        )
        network.with_parameters({"rotation.angle": "−720°"}).with_parameters({"mechanical_oscillator.occupation": 2})
    assert made.network.component("rotation").angle == 90.0


def test_settings_take_printed_signs():
    changed = override(spin(), ["spin.tensor_coupling=−0.1", "spin.frequency=−2 MHz"])
    assert changed["chain"][0]["tensor_coupling"] == -0.1
    assert read(changed).network.component("spin").frequency == -2e6 * 2 * math.pi


# --- detectors --------------------------------------------------------------------------------------------


def cavity(detuning="-1 MHz"):
    return OptomechanicalCavity(
        mechanical_frequency="1 MHz", mechanical_linewidth="10 Hz", occupation=5, cavity_linewidth="2 MHz",
        detuning=detuning, coupling="30 kHz",
    )  # fmt: skip


def test_a_detector_takes_the_texts_of_the_file():
    network = Network((cavity(),))
    plain = gaussian.Homodyne("out", np.pi / 2, 0.8)
    text = Homodyne(angle="90°", efficiency=0.8)
    for kind in (gaussian.conditional_state, gaussian.kalman_gain):
        one, other = kind(network.system, plain), kind(network.system, text)
        np.testing.assert_array_equal(getattr(one, "covariance", one), getattr(other, "covariance", other))
    with pytest.raises(InvalidInput, match="detector: angle: '90 Deg' has the unknown unit"):
        Homodyne(angle="90 Deg")
    with pytest.raises(InvalidInput, match=r"detector: .*did you mean 'carrier'"):
        Heterodyne(reference="carier")
    with pytest.raises(InvalidInput, match=r"real numbers .rad., got the text '90 deg'.*backaction\.systems"):
        gaussian.Homodyne(angle="90 deg")


def test_a_detector_that_counts_from_the_carrier_is_placed_by_the_network():
    network = cavity() >> Loss(efficiency=0.9)
    seen = Homodyne(angle="30 deg", reference="carrier")
    with pytest.raises(InvalidInput, match=r"only a network knows; give network\.placed\(detector\)"):
        gaussian.conditional_state(network.system, seen)
    turned = gaussian.Homodyne("out", np.radians(30) + network.carrier_angle())
    np.testing.assert_allclose(
        gaussian.conditional_state(network.system, network.placed(seen)).covariance,
        gaussian.conditional_state(network.system, turned).covariance,
        rtol=1e-12,
    )
    omega = [0.9 * MHz]
    found = [force_noise(network, omega, "optomechanical_cavity", one).added_noise for one in (seen, turned)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
    study = Study(network, [seen])
    assert study.detectors[0].reference.value == "carrier"
    for detuning in (-0.5 * MHz, -2 * MHz):
        changed, [placed] = study.at({"optomechanical_cavity.detuning": detuning})
        assert float(placed.angle) == pytest.approx(np.radians(30) + float(changed.carrier_angle()))
    assert Study(network, [Heterodyne()]).detectors[0].kind.value == "heterodyne"
    with pytest.raises(InvalidInput, match="a detector is a Homodyne, a Heterodyne or a DetectorSpec"):
        Study(network, ["out"])


def test_a_bare_angle_of_a_detector_beyond_a_turn_is_told():
    for make in (Homodyne, gaussian.Homodyne, Heterodyne, gaussian.Heterodyne):
        with pytest.warns(SuspiciousInput, match="90 (is in )?rad, more than a turn") as told:
            made = make(angle=90)
        assert len(told) == 1 and told[0].filename == __file__
        assert float(made.angle) == 90.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = Network((cavity(),))
        placed = network.placed(Homodyne(angle="350 deg", reference="carrier"))
        assert abs(float(placed.angle)) > 2 * math.pi or float(network.carrier_angle()) < 0.2
        Study(network, [Homodyne(angle="720 deg")]).at({"detector.0.efficiency": 0.5})


def test_the_command_line_tells_of_a_bare_angle_in_a_line(tmp_path):
    file = tmp_path / "turned.toml"
    file.write_text('[[chain]]\ncomponent = "rotation"\nangle = 90\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "backaction", "check", str(file)], capture_output=True, text=True, check=True
    )
    assert done.stderr == 'warning: angle = 90 is in rad, more than a turn; for degrees write "90 deg"\n'


def test_a_title_is_one_that_a_store_can_hold():
    with pytest.raises(InvalidInput, match="title: must be a text without the character NUL"):
        read({**spin(), "title": "a\0b"})
    with pytest.raises(InvalidInput, match="title: must be a text without the character NUL"):
        Study(read(spin()).network, title="a\0b")


def test_the_modules_of_the_first_version_are_there_for_a_release():
    names = {
        "units": ("HBAR", "BOLTZMANN", "SPEED_OF_LIGHT", "Unit", "hwhm", "MHz", "parse", "thermal_occupation"),
        "fields": (
            "Choice",
            "Parameter",
            "Quantity",
            "Range",
            "choice",
            "complaint",
            "describe",
            "parameter",
            "quantity",
        ),
    }
    for module, expected in names.items():
        sys.modules.pop(f"backaction.systems.{module}", None)
        with pytest.warns(DeprecationWarning, match=r"is now backaction\.systems\.grammar"):
            old = importlib.import_module(f"backaction.systems.{module}")
        assert all(hasattr(old, name) for name in expected)
        if module == "units":
            assert old.parse("5 kHz", Unit.FREQUENCY) == Unit.FREQUENCY.read("5 kHz")
