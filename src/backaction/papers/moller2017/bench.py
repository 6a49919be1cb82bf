"""The rest of the numbers of Møller et al. 2017: what the laboratory's text prints and other printed numbers give.

Light (photons from powers, finesse, efficiencies), membrane (Q, zero-point motion, the splitting of its modes), caesium
(Doppler width, projection noise, coherence time, detuning); by `backaction.systems.laboratory`.  Rows as in
`numbers`.
"""

from __future__ import annotations

import numpy as np

from backaction.systems.constants import BOLTZMANN
from backaction.systems.grammar import GHz, Hz, MHz
from backaction.systems.laboratory.caesium import probe_detuning
from backaction.systems.laboratory.cavity import FabryPerot, linewidth_from_finesse
from backaction.systems.laboratory.light import intracavity_photons
from backaction.systems.laboratory.mechanics import oscillator_length
from backaction.systems.published.moller2017 import COLUMNS, FIG3
from backaction.systems.published.moller2017.table import TITLES
from backaction.systems.thermal import thermal_occupation

from .numbers import Row, rounding

__all__ = ["bench_rows"]

WAVELENGTH = 852.3490e-9
SPEED_OF_LIGHT = 299792458.0
CAESIUM_MASS = 132.905451931 * 1.66053906660e-27
VAPOUR_KELVIN = 273.15 + 65


def bench_rows() -> list[Row]:
    """All of them."""
    return [*_light_rows(), *_membrane_rows(), *_spin_rows()]


def _light_rows() -> list[Row]:
    rows = []
    power = {"fig3": 54e-6, "fig4": 38e-6}
    for name, column in COLUMNS.items():
        kappa = 2 * column.cavity_halfwidth.angular
        port = column.port_ratio.value / (1 + column.port_ratio.value)
        matched = column.mode_matching.value * port * kappa
        photons = float(
            np.asarray(intracavity_photons(power[name], WAVELENGTH, kappa, matched, column.cavity_detuning.angular))
        )
        relative = np.linalg.norm(
            [rounding(1e-6) / power[name], rounding(0.1) / column.cavity_halfwidth.value, rounding(0.01) / 0.9]
        )
        printed = column.photon_number.value
        note = "from the power of LO2 with κ1 → η_mm κ1"
        rows.append(
            Row(
                "light",
                f"intracavity photons, {TITLES[name]}",
                "1",
                "Table I",
                printed,
                rounding(1e5),
                photons,
                float(relative * photons),
                note,
            )
        )
    bare = FabryPerot(length=1.3e-3, input_transmission=1400e-6, end_transmission=20e-6)
    length, mirrors = rounding(1e-4) / 1.3e-3, rounding(100.0) / 1400
    fraction = float(np.asarray(bare.input_fraction))
    half = float(np.asarray(bare.linewidth)) / 2 / MHz
    enhanced = float(np.asarray(linewidth_from_finesse(7500, 1.3e-3))) / 2 / MHz
    finesse = float(np.asarray(bare.finesse))
    return [
        *rows,
        Row("light", "finesse, bare", "1", "SI-B", 4500, rounding(500), finesse, finesse * mirrors),
        Row("light", "κ, bare", "MHz", "SI-B", 13, rounding(1), half, half * float(np.hypot(length, mirrors))),
        Row("light", "κ1/κ2, bare", "1", "SI-B", 70, rounding(1), 1 / (1 / fraction - 1), 70 * rounding(10) / 20),
        Row("light", "κ from a finesse of 7500", "MHz", "SI-B", 7.7, rounding(0.1), enhanced, enhanced * length),
        Row(
            "light",
            "η1 with its mode matching",
            "1",
            "SI-C",
            0.53,
            rounding(0.01),
            0.61 * 0.88,
            0.61 * 0.88 * float(np.hypot(rounding(0.01) / 0.61, rounding(0.01) / 0.88)),
            "0.61 × 0.88",
        ),
        Row(
            "light",
            "η2",
            "1",
            "SI-C",
            0.64,
            rounding(0.01),
            0.72 * 0.89,
            0.64 * float(np.hypot(rounding(0.01) / 0.72, rounding(0.01) / 0.89)),
            "0.72 × 0.89: the visibility enters once",
        ),
    ]


def _membrane_rows() -> list[Row]:
    frequency = FIG3.mechanical_frequency.angular
    temperature = FIG3.bath_temperature
    occupation = float(np.asarray(thermal_occupation(temperature.value, frequency)))
    warm = occupation * (temperature.uncertainty or 0.0) / temperature.value
    length = float(np.asarray(oscillator_length(14e-12, frequency))) * 1e15
    quality = 1.28e6 / (2 * 0.050)
    sides = 0.92  # 8 % shorter one way
    splitting = 1280 * (np.sqrt((4 * sides**2 + 1) / (sides**2 + 4)) ** -1 - 1)
    slope = abs(1280 * (np.sqrt((4 * (sides - 0.01) ** 2 + 1) / ((sides - 0.01) ** 2 + 4)) ** -1 - 1) - splitting)
    return [
        Row("membrane", "n_bath", "1", "Table I", 114e3, rounding(1e3), occupation, warm, "Bose–Einstein at 7 K"),
        Row(
            "membrane", "x_zpf", "fm", "Table I", 1.0, rounding(1.0), length, length / 2 * rounding(1.0) / 14, "√(ħ/mΩ)"
        ),
        Row("membrane", "Q", "10⁶", "SI-B", 13.0, rounding(1.0), quality / 1e6, quality / 1e6 * rounding(1.0) / 50),
        Row(
            "membrane",
            "splitting of (1,2) and (2,1)",
            "kHz",
            "SI-B",
            60,
            rounding(10),
            float(splitting),
            float(slope * rounding(1.0)),
            'of a rectangle with sides 8 % apart; printed as "∼"',
        ),
    ]


def _spin_rows() -> list[Row]:
    doppler = float(np.sqrt(2 * np.log(2) * BOLTZMANN * VAPOUR_KELVIN / CAESIUM_MASS)) / WAVELENGTH / 1e6
    speed = np.sqrt(8 * BOLTZMANN * VAPOUR_KELVIN / (np.pi * CAESIUM_MASS))
    flight = 300e-6 / speed * 1e6
    detuning = float(np.asarray(probe_detuning(WAVELENGTH))) / GHz
    wave = SPEED_OF_LIGHT / WAVELENGTH * rounding(1e-13) / WAVELENGTH / 1e9
    coherence = 1 / (500 * Hz) * 1e6
    return [
        Row("spin", "probe's detuning from its wavelength", "GHz", "SI-A", 3.0, rounding(1.0), detuning, float(wave)),
        Row(
            "spin",
            "Doppler half width at 65 °C",
            "MHz",
            "SI-A",
            200,
            rounding(10),
            doppler,
            doppler / 700,
        ),
        Row(
            "spin",
            "transit of the channel",
            "µs",
            "SI-A",
            1.5,
            0.3,
            float(flight),
            float(flight) * rounding(10) / 300,
            "mean chord of a square channel (its width) over the mean speed; bar: ours, for a ≃",
        ),
        Row(
            "spin",
            "coherence time",
            "µs",
            "SI-A",
            300,
            rounding(100),
            coherence,
            coherence * rounding(100) / 500,
            'printed as a "decoherence rate of ≃ 300 µs"; 1/γ_S0 of Table I',
        ),
        Row(
            "spin",
            "noise of an unpolarised ensemble over projection noise",
            "1",
            "SI-A",
            10 / 3,
            rounding(0.01),
            4 * 5 / 3 / (4 / 2),
            0.0,
            "F(F+1)/3 over F/2",
        ),
        Row(
            "spin",
            "excess noise of 2.8 in ground-state units",
            "1",
            "SI-A",
            1.8,
            rounding(0.1),
            2.8 - 1,
            rounding(0.1),
            "n_S is half of it, in that normalisation",
        ),
    ]
