"""The caesium component: bench numbers in the experiment file become the rates of a spin oscillator."""

from pathlib import Path

import numpy as np
import pytest

from backaction.experiment import load
from backaction.fock import master_equation
from backaction.gaussian import InvalidInput
from backaction.report import compute
from backaction.systems import Damping, GHz, Hz, Network, hwhm
from backaction.systems.laboratory import CaesiumBench
from backaction.systems.laboratory.components import CaesiumSpin

FILE = Path(__file__).parents[2] / "examples" / "caesium.toml"

NUMBERS = {
    "probe_power": 1.7e-3,
    "probe_detuning": 3 * GHz,
    "atoms": 1e9,
    "channel_width": 300e-6,
    "channel_height": 300e-6,
    "polarisation": 0.6,
    "magnetic_field": 362.5e-6,
    "intrinsic_linewidth": hwhm(500 * Hz),
}


def test_the_component_is_the_oscillator_of_its_bench():
    part = CaesiumSpin(**NUMBERS)
    width, height = NUMBERS["channel_width"], NUMBERS["channel_height"]
    bench = {key: value for key, value in NUMBERS.items() if not key.startswith("channel")}
    spin = CaesiumBench(**bench, cross_section=width * height).oscillator()
    for matrix in ("drift", "input_matrix", "output_matrix", "noise"):
        np.testing.assert_array_equal(getattr(part.system("s"), matrix), getattr(spin.system("s"), matrix))
    assert part.bare_oscillator() == (spin.frequency, spin.linewidth, spin.readout_rate)


def test_the_probe_power_in_the_file_moves_rate_width_and_spectrum():
    full, half = (compute(load(FILE, [f"spin.probe_power={power}"])) for power in ("1.7mW", "0.85 mW"))
    rates = [result["derived"]["spin"]["readout_rate_hz"] for result in (full, half)]
    assert rates[0] / rates[1] == pytest.approx(2, rel=1e-12)
    intrinsic = 1000.0
    widths = [result["derived"]["spin"]["linewidth_hz"] - intrinsic for result in (full, half)]
    assert widths[0] / widths[1] == pytest.approx(2, rel=1e-12)
    assert widths[0] + intrinsic == pytest.approx(5200, abs=5)  # half width 2.6 kHz, Table I
    peaks = [max(result["spectrum"]["psd_shot_noise"]) - 1 for result in (full, half)]
    assert 1 < peaks[0] / peaks[1] < 2  # a higher readout of a broader line


def test_its_master_equation_is_that_of_its_oscillator():
    part = CaesiumSpin(**NUMBERS, name="spin", damping=Damping.ROTATING_WAVE)
    equation, same = master_equation(Network((part,))), master_equation(Network((part.oscillator,)))
    np.testing.assert_array_equal(equation.hamiltonian, same.hamiltonian)
    assert sorted(equation.channels) == sorted(same.channels)


def test_the_field_turns_the_sign_of_the_mass():
    positive = compute(load(FILE, ["spin.magnetic_field=-3.625 G"]))
    assert positive["derived"]["spin"]["frequency_hz"] == pytest.approx(1_268_250, abs=1)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("spin.probe_power=1.7", "has no unit"),
        ("spin.probe_power=1.7 mw", "unknown unit 'mw'"),
        ("spin.channel_width=0 um", "greater than 0"),
        ("spin.magnetic_field=0 T", "different from 0"),
        ("spin.probe_detuning=-251 MHz", "line"),
        ("spin.probe_powr=1 mW", "did you mean"),
    ],
)
def test_bad_benches_are_refused(setting, message):
    with pytest.raises(InvalidInput, match=message):
        load(FILE, [setting])
