"""The JSON schema says of an experiment file what the reader says."""

import re
import tomllib
from pathlib import Path

import pytest

from backaction.experiment import read
from backaction.gaussian import InvalidInput
from backaction.schema import schema
from backaction.systems.registry import EVERY_COMPONENT

VECTORS = sorted((Path(__file__).parent / "contract").glob("*.toml"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def holds(rule, value):
    """Whether a value fits a JSON schema; the keywords that ours uses, and no others."""
    checks = {
        "type": lambda kind: isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)),
        "const": lambda only: value == only,
        "enum": lambda options: value in options,
        "pattern": lambda text: not isinstance(value, str) or re.search(text, value) is not None,
        "minimum": lambda least: not isinstance(value, int | float) or value >= least,
        "exclusiveMinimum": lambda least: not isinstance(value, int | float) or value > least,
        "maximum": lambda most: not isinstance(value, int | float) or value <= most,
        "minItems": lambda least: not isinstance(value, list) or len(value) >= least,
        "maxItems": lambda most: not isinstance(value, list) or len(value) <= most,
        "items": lambda inner: not isinstance(value, list) or all(holds(inner, entry) for entry in value),
        "required": lambda keys: not isinstance(value, dict) or all(key in value for key in keys),
        "properties": lambda inner: (
            not isinstance(value, dict) or all(holds(inner[k], v) for k, v in value.items() if k in inner)
        ),
        "additionalProperties": lambda allowed: (
            allowed or not isinstance(value, dict) or set(value) <= set(rule["properties"])
        ),
        "not": lambda inner: not holds(inner, value),
        "allOf": lambda inner: all(holds(each, value) for each in inner),
        "anyOf": lambda inner: any(holds(each, value) for each in inner),
        "oneOf": lambda inner: sum(holds(each, value) for each in inner) == 1,
    }
    words = set(rule) - {"$schema", "title", "description", "default"}
    assert words <= set(checks), words
    return all(checks[word](rule[word]) for word in words)


def accepted(table):
    try:
        read(table)
    except InvalidInput:
        return False
    return True


SPIN = {"component": "spin", "frequency": "1 MHz", "linewidth": "1 kHz", "readout_rate": "1 kHz", "occupation": 1}
CAVITY = {
    "component": "optomechanical_cavity",
    "mechanical_frequency": "1 MHz",
    "mechanical_linewidth": "1 Hz",
    "occupation": 10.0,
    "cavity_linewidth": "1 MHz",
    "coupling": "10 kHz",
}
GRID = {"start": "0.9 MHz", "stop": "1.1 MHz", "points": 3}


def file(part=SPIN, detector=None, report=None, **top):
    return {"chain": [part], "detector": [{} if detector is None else detector], "report": report or {}, **top}


def without(table, *keys):
    return {key: value for key, value in table.items() if key not in keys}


GOOD = {
    "defaults": file(),
    "no report": {"chain": [SPIN]},
    "half width": file({**without(SPIN, "linewidth"), "linewidth_hwhm": "0.5kHz"}),
    "temperature": file({**without(SPIN, "occupation"), "temperature": "7 mK"}),
    "rad/s": file({**SPIN, "frequency": "-1e6rad/s"}),
    "coupling": file(CAVITY),
    "photons": file({**without(CAVITY, "coupling"), "single_photon_coupling": "1 Hz", "photon_number": 5}),
    "angle": file(detector={"angle": "90 deg", "kind": "heterodyne", "reference": "carrier"}),
    "bare angle": file(detector={"angle": 1}),
    "spectrum": file(report={"spectrum": {**GRID, "spacing": "log"}}),
    "force": file(report={"force": {**GRID, "mode": "spin", "thermal": True}}),
    "squeezer": file({"component": "squeezer", "squeezing": "3dB"}),
    "title": file(title="ψ", format=1),
}
BAD = {
    "no chain": {},
    "empty chain": {"chain": []},
    "chain 5": {"chain": 5},
    "unknown top": file(chian=1),
    "format": file(format=2),
    "title": file(title=5),
    "NUL": file(title="a\0b"),
    "unknown component": file({**SPIN, "component": "spni"}),
    "unknown key": file({**SPIN, "readot_rate": "1 Hz"}),
    "missing key": file(without(SPIN, "frequency")),
    "missing width": file(without(SPIN, "linewidth")),
    "both widths": file({**SPIN, "linewidth_hwhm": "1 kHz"}),
    "both temperatures": file({**SPIN, "temperature": "1 K"}),
    "no temperature": file(without(SPIN, "occupation")),
    "both couplings": file({**CAVITY, "single_photon_coupling": "1 Hz", "photon_number": 5}),
    "half of a coupling": file({**without(CAVITY, "coupling"), "photon_number": 5}),
    "coupling and half": file({**CAVITY, "photon_number": 5}),
    "bare frequency": file({**SPIN, "frequency": 1e6}),
    "wrong unit": file({**SPIN, "frequency": "1 Mhz"}),
    "nan": file({**SPIN, "frequency": "nan Hz"}),
    "text for number": file({**SPIN, "occupation": "1"}),
    "true for number": file({**SPIN, "occupation": True}),
    "negative": file({**SPIN, "occupation": -1}),
    "fraction": file({**CAVITY, "input_fraction": 1.5}),
    "reserved name": file({**SPIN, "name": "out"}),
    "odd name": file({**SPIN, "name": "a b"}),
    "damping": file({**SPIN, "damping": "Brownian"}),
    "detector key": file(detector={"agnle": 1}),
    "detector efficiency": file(detector={"efficiency": 1.1}),
    "detector port": file(detector={"port": 5}),
    "bare dB": file({"component": "squeezer", "squeezing": 3}),
    "points": file(report={"spectrum": {**GRID, "points": 0}}),
    "points true": file(report={"spectrum": {**GRID, "points": True}}),
    "no stop": file(report={"spectrum": without(GRID, "stop")}),
    "spacing": file(report={"spectrum": {**GRID, "spacing": "logarithmic"}}),
    "no mode": file(report={"force": GRID}),
    "thermal": file(report={"force": {**GRID, "mode": "spin", "thermal": 1}}),
    "pairs": file(report={"pairs": [["spin"]]}),
    "pair of numbers": file(report={"pairs": [[1, 2]]}),
}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_vectors_of_the_contract_are_valid(path):
    assert holds(schema(), tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", GOOD)
def test_what_the_reader_accepts_is_valid(name):
    assert accepted(GOOD[name])
    assert holds(schema(), GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_what_the_reader_refuses_is_invalid(name):
    assert not accepted(BAD[name])
    assert not holds(schema(), BAD[name])


def test_every_component_and_every_key_is_described():
    chain = schema()["properties"]["chain"]["items"]["oneOf"]
    assert [entry["properties"]["component"]["const"] for entry in chain] == list(EVERY_COMPONENT)
    for entry in chain:
        for key, rule in entry["properties"].items():
            assert key in ("component", "name") or rule["description"], key
