"""Every number of the text and of Table I of Møller et al. 2017 that can be computed, beside what comes out.

Both sides of a comparison have an error.  The printed number: its error bar, or its rounding (a unit of the last digit
over √12).  The computed one: the errors and roundings of the printed numbers that enter, propagated by differences
(`propagated`), or the posterior's spread where Γ_S and n_S enter (`posterior`).  `Row.pull` is the
difference over both together; a row beyond three has an explanation.  Here: the membrane's numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import SupportsFloat

import numpy as np

from backaction.systems.grammar.units import Hz
from backaction.systems.published import Published
from backaction.systems.published.moller2017 import COLUMNS, FIG3, parameters
from backaction.systems.published.moller2017.calibration import back_action_to_thermal, quantum_cooperativity
from backaction.systems.published.moller2017.formulas import HybridParameters, effective_pole
from backaction.systems.published.moller2017.table import TITLES, Column

from .areas import AreaModel, area_model
from .likelihood import SPLIT_BAR

__all__ = [
    "Row",
    "derived_rows",
    "input_errors",
    "membrane_split",
    "propagated",
    "quoted",
    "rounded",
    "rounding",
    "thermal_occupation",
]


@dataclass(frozen=True)
class Row:
    """One printed number beside the computed one.

    Attributes
    ----------
    group, name, unit, source : str
        "membrane", "light", "spin", "hybrid" or "areas"; what it is; its unit; where it stands.
    printed, printed_error : float
        The number and its standard error: the error bar, or the rounding.
    computed, computed_error : float
        What this library finds, with the propagated standard error.
    explanation : str
        What a reader must know; an argument where the pull is beyond three.
    """

    group: str
    name: str
    unit: str
    source: str
    printed: float
    printed_error: float
    computed: float
    computed_error: float
    explanation: str = ""

    @property
    def error(self) -> float:
        """Both standard errors together."""
        return float(np.hypot(self.printed_error, self.computed_error))

    @property
    def pull(self) -> float:
        """(computed − printed)/error."""
        return (self.computed - self.printed) / self.error


def rounding(unit: float) -> float:
    """Standard error of a number rounded to a multiple of `unit`: that of an even distribution, unit/√12.

    Examples
    --------
    >>> round(rounding(0.1), 4)
    0.0289
    """
    return float(unit / np.sqrt(12))


def quoted(group: str, name: str, record: Published, value: SupportsFloat, error: SupportsFloat, note: str = "") -> Row:
    """A row for a printed record with its error bar."""
    bar = record.uncertainty or 0.0
    return Row(group, name, record.unit, record.source, record.value, bar, float(value), float(error), note)


def rounded(
    group: str,
    name: str,
    record: Published,
    digit: float,
    value: SupportsFloat,
    error: SupportsFloat,
    note: str = "",
) -> Row:
    """A row for a record printed without an error bar: its rounding to a multiple of `digit` is its error."""
    return quoted(group, name, replace(record, uncertainty=rounding(digit)), value, error, note)


def input_errors(column: Column) -> dict[str, float]:
    """Relative standard errors of what the table prints, as fields of `HybridParameters`.

    g0 = 210 Hz, N, κ, Δ by their roundings; γ_M0 by that of Q = 13·10⁶; the bath by T = (7.0 ± 0.5) K.
    """
    rate = rounding(10.0) / column.single_photon_coupling.value
    photons = rounding(0.1e6) / column.photon_number.value
    return {
        "coupling": float(np.hypot(rate, photons / 2)),
        "cavity_halfwidth": rounding(0.1) / column.cavity_halfwidth.value,
        "detuning": rounding(0.1) / abs(column.cavity_detuning.value),
        "mechanical_halfwidth": rounding(1.0) / 13.0,
        "mechanical_frequency": rounding(0.01) / column.mechanical_frequency.value,
        "bath_occupation": (column.bath_temperature.uncertainty or 0.0) / column.bath_temperature.value,
    }


def propagated(quantity: Callable[[HybridParameters], SupportsFloat], column: str) -> tuple[float, float]:
    """A quantity of a column's membrane and its standard error, by the central difference of each printed input.

    Examples
    --------
    >>> value, error = propagated(quantum_cooperativity, "fig3")
    >>> round(value, 4), round(error, 2)
    (2.5345, 0.2)
    """
    p, errors = parameters(column), input_errors(COLUMNS[column])
    squares = 0.0
    for name, relative in errors.items():
        ends = [float(quantity(replace(p, **{name: getattr(p, name) * (1 + sign * relative)}))) for sign in (-1, 1)]
        squares += ((ends[1] - ends[0]) / 2) ** 2
    return float(quantity(p)), float(np.sqrt(squares))


def derived_rows() -> list[Row]:
    """The membrane's numbers: those of Table I and SI-B that follow from others of the table."""
    rows = []
    for name, column in COLUMNS.items():
        quote, areas = column.membrane_cooperativity, column.areas
        thermal, back_action, total = areas.thermal_membrane, areas.back_action_membrane, areas.total_membrane
        ratio = Published(back_action.value / thermal.value, "1", "SI-B, SI-C")
        width, occupation = Published(2.7, "kHz", "Table I, SI-B"), Published(2.1, "1", "Table I")
        spring = Published(-10.0, "kHz", 'SI-B: "∼ 10 kHz"')
        split = SPLIT_BAR * back_action.value
        calibrated = "2 n_th by the paper's calibration: its x_zpf² are 2⟨X²⟩"
        variances = "printed: the ratio of the printed variances"
        within = "bar: that of the back action in it"
        made = "bar: the 12 % of C_q^M from which it was made"
        checks: dict[str, tuple[Published, float, str, Callable[[HybridParameters], SupportsFloat]]] = {
            "C_q^M": (quote, quote.uncertainty or SPLIT_BAR * quote.value, "", quantum_cooperativity),
            "γ_M": (width, rounding(0.1), _WIDTH_NOTE[name], _halfwidth_khz),
            "n_th": (occupation, rounding(0.1), "", thermal_occupation),
            "optical spring": (spring, 2.0, "bar: ours, for a ∼", _spring_khz),
            "thermal variance": (thermal, rounding(0.1), calibrated, _thermal_variance),
            "back-action variance of the membrane": (back_action, split, made, _back_action_variance),
            "total variance of the membrane": (total, split, within, _total_variance),
            "back action over bath by (S1)": (ratio, SPLIT_BAR * ratio.value, variances, back_action_to_thermal),
        }
        for what, (record, bar, note, quantity) in checks.items():
            group = "areas" if "variance" in what else "membrane"
            printed = replace(record, uncertainty=bar)
            rows.append(quoted(group, f"{what}, {TITLES[name]}", printed, *propagated(quantity, name), note))
    table = Published(2.6, "1", "Table I", FIG3.membrane_cooperativity.uncertainty)
    rows.insert(1, quoted("membrane", "C_q^M, Fig. 3, table", table, *propagated(quantum_cooperativity, "fig3")))
    return rows


_WIDTH_NOTE = {
    "fig3": "",
    "fig4": 'printed once for both columns; "cavity half bandwidth and single photon coupling rate varied slightly '
    'between runs", and only κ is printed for each',
}


def _halfwidth_khz(p: HybridParameters) -> float:
    return float(-effective_pole(p).imag / Hz / 1e3)


def thermal_occupation(p: HybridParameters) -> float:
    """n_th = (γ_M0/γ_M) n_bath (SI-B)."""
    return float(p.mechanical_halfwidth / -effective_pole(p).imag * p.bath_occupation)


def _thermal_variance(p: HybridParameters) -> float:
    return 2 * thermal_occupation(p)


def _back_action_variance(p: HybridParameters) -> float:
    return _thermal_variance(p) * membrane_split(p)


def _total_variance(p: HybridParameters) -> float:
    return _thermal_variance(p) * (1 + membrane_split(p))


def _spring_khz(p: HybridParameters) -> float:
    return float((effective_pole(p).real - p.mechanical_frequency) / Hz / 1e3)


def membrane_split(p: HybridParameters) -> float:
    """Back action over bath, by areas: the vacuum of the losses counts as back action."""
    model = _model(tuple(float(getattr(p, name)) for name in p.__dataclass_fields__))
    return model.membrane / (model.bath * (float(p.bath_occupation) + 0.5))


@cache
def _model(values: tuple[float, ...]) -> AreaModel:
    return area_model(HybridParameters(*values))
