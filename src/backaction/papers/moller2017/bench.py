"""The rest of the numbers of Møller et al. 2017: what the laboratory's text prints and other printed numbers give.

Light (photons from powers, finesse, efficiencies), membrane (Q, zero-point motion, the splitting of its modes), caesium
(Doppler width, projection noise, coherence time, detuning); by `backaction.systems.laboratory`.  Rows as in
`numbers`.
"""

from __future__ import annotations

import numpy as np

from backaction.systems.constants import BOLTZMANN
from backaction.systems.grammar.units import GHz, Hz, MHz
from backaction.systems.laboratory.caesium import probe_detuning
from backaction.systems.laboratory.cavity import FabryPerot, linewidth_from_finesse
from backaction.systems.laboratory.light import intracavity_photons
from backaction.systems.laboratory.mechanics import oscillator_length
from backaction.systems.published import Published
from backaction.systems.published.moller2017 import COLUMNS, FIG3
from backaction.systems.published.moller2017.table import TITLES
from backaction.systems.thermal import thermal_occupation

from .numbers import Row, quoted, rounded, rounding

__all__ = ["bench_rows"]

WAVELENGTH = 852.3490e-9
SPEED_OF_LIGHT = 299792458.0
CAESIUM_MASS = 132.905451931 * 1.66053906660e-27
VAPOUR_KELVIN = 273.15 + 65


def bench_rows() -> list[Row]:
    """All of them."""
    return [*_light_rows(), *_membrane_rows(), *_spin_rows()]


def _light_rows() -> list[Row]:
    length, mirrors, eta = rounding(1e-4) / 1.3e-3, rounding(100.0) / 1400, rounding(0.01)
    rows = []
    for name, power in (("fig3", 54e-6), ("fig4", 38e-6)):
        column = COLUMNS[name]
        kappa, ports = 2 * column.cavity_halfwidth.angular, column.port_ratio.value
        matched = column.mode_matching.value * (ports / (1 + ports)) * kappa
        photons = intracavity_photons(power, WAVELENGTH, kappa, matched, column.cavity_detuning.angular)
        relative = np.linalg.norm(
            [rounding(1e-6) / power, rounding(0.1) / column.cavity_halfwidth.value, eta / column.mode_matching.value]
        )
        label, note = f"intracavity photons, {TITLES[name]}", "from the power of LO2 with κ1 → η_mm κ1"
        rows.append(rounded("light", label, column.photon_number, 1e5, photons, relative * photons, note))
    bare = FabryPerot(length=1.3e-3, input_transmission=1400e-6, end_transmission=20e-6)
    fraction, half = float(bare.input_fraction), bare.linewidth / 2 / MHz
    enhanced = linewidth_from_finesse(7500, 1.3e-3) / 2 / MHz
    link, detection = np.hypot(eta / 0.61, eta / 0.88), np.hypot(eta / 0.72, eta / 0.89)
    once = "0.72 × 0.89: the visibility enters once"
    return [
        *rows,
        rounded("light", "finesse, bare", _si("B", 4500), 500, bare.finesse, bare.finesse * mirrors),
        rounded("light", "κ, bare", _si("B", 13, "MHz"), 1, half, half * np.hypot(length, mirrors)),
        rounded("light", "κ1/κ2, bare", _si("B", 70), 1, 1 / (1 / fraction - 1), 70 * rounding(10) / 20),
        rounded("light", "κ from a finesse of 7500", _si("B", 7.7, "MHz"), 0.1, enhanced, enhanced * length),
        rounded(
            "light", "η1 with its mode matching", _si("C", 0.53), 0.01, 0.61 * 0.88, 0.61 * 0.88 * link, "0.61 × 0.88"
        ),
        rounded("light", "η2", _si("C", 0.64), 0.01, 0.72 * 0.89, 0.64 * detection, once),
    ]


def _membrane_rows() -> list[Row]:
    frequency, bath = FIG3.mechanical_frequency.angular, FIG3.bath_temperature
    occupation = float(thermal_occupation(bath.value, frequency))
    warm = occupation * (bath.uncertainty or 0.0) / bath.value
    length = float(oscillator_length(14e-12, frequency)) * 1e15
    quality = 1.28 / (2 * 0.050)
    sides = 0.92  # 8 % shorter one way
    splitting, slope = _splitting(sides), abs(_splitting(sides - 0.01) - _splitting(sides))
    label, about = "splitting of (1,2) and (2,1)", 'of a rectangle with sides 8 % apart; printed as "∼"'
    zero_point = Published(1.0, "fm", "Table I")
    return [
        rounded("membrane", "n_bath", FIG3.bath_occupation, 1e3, occupation, warm, "Bose–Einstein at 7 K"),
        rounded("membrane", "x_zpf", zero_point, 1.0, length, length / 2 * rounding(1.0) / 14, "√(ħ/mΩ)"),
        rounded("membrane", "Q", _si("B", 13.0, "10⁶"), 1.0, quality, quality * rounding(1.0) / 50),
        rounded("membrane", label, _si("B", 60, "kHz"), 10, splitting, slope * rounding(1.0), about),
    ]


def _splitting(sides: float) -> float:
    """Of the modes (1,2) and (2,1) of a membrane with sides in that ratio, kHz."""
    return 1280 * (float(np.sqrt((4 * sides**2 + 1) / (sides**2 + 4))) ** -1 - 1)


def _spin_rows() -> list[Row]:
    doppler = np.sqrt(2 * np.log(2) * BOLTZMANN * VAPOUR_KELVIN / CAESIUM_MASS) / WAVELENGTH / 1e6
    speed = np.sqrt(8 * BOLTZMANN * VAPOUR_KELVIN / (np.pi * CAESIUM_MASS))
    flight = 300e-6 / speed * 1e6
    detuning = probe_detuning(WAVELENGTH) / GHz
    wave = SPEED_OF_LIGHT / WAVELENGTH * rounding(1e-13) / WAVELENGTH / 1e9
    coherence = 1 / (500 * Hz) * 1e6
    time = 'printed as a "decoherence rate of ≃ 300 µs"; 1/γ_S0 of Table I'
    chord = "mean chord of a square channel (its width) over the mean speed; bar: ours, for a ≃"
    half = "n_S is half of it, in that normalisation"
    unpolarised = "noise of an unpolarised ensemble over projection noise"
    excess = "excess noise of 2.8 in ground-state units"
    transit = _si("A", 1.5, "µs", 0.3)
    return [
        rounded("spin", "probe's detuning from its wavelength", _si("A", 3.0, "GHz"), 1.0, detuning, wave),
        rounded("spin", "Doppler half width at 65 °C", _si("A", 200, "MHz"), 10, doppler, doppler / 700),
        quoted("spin", "transit of the channel", transit, flight, flight * rounding(10) / 300, chord),
        rounded("spin", "coherence time", _si("A", 300, "µs"), 100, coherence, coherence * rounding(100) / 500, time),
        rounded("spin", unpolarised, _si("A", 10 / 3), 0.01, 4 * 5 / 3 / (4 / 2), 0.0, "F(F+1)/3 over F/2"),
        rounded("spin", excess, _si("A", 1.8), 0.1, 2.8 - 1, rounding(0.1), half),
    ]


def _si(section: str, value: float, unit: str = "1", bar: float | None = None) -> Published:
    return Published(value, unit, f"SI-{section}", bar)
