"""Møller et al. 2017: every number of text and Table I, printed and computed, as pulls.

A pull is (computed − printed) over both standard errors together (`backaction.papers.moller2017.numbers`).
The report has every row; the inputs of Table I, which nothing computes, stand there too, so that nothing is missing.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, beside
from backaction.figures.style import LIGHT, MECHANICS, NEGATIVE_MASS, REFERENCE, SPIN, Figure, figure
from backaction.systems.published import Published
from backaction.systems.published.moller2017 import COLUMNS
from backaction.systems.published.moller2017.table import TITLES

from ..bench import bench_rows
from ..hybrid_numbers import hybrid_rows, squeezing_rows, variance_rows
from ..numbers import derived_rows

__all__ = ["GROUPS", "LIMIT", "compute", "draw", "numbers"]

GROUPS = {"light": LIGHT, "membrane": MECHANICS, "spin": SPIN, "hybrid": NEGATIVE_MASS, "areas": REFERENCE}
LIMIT = 3.0
"""Standard errors beyond which a row has to be explained."""
_SHOWN = 5.0
_COMPUTED = ("membrane_cooperativity", "effective_halfwidth", "effective_occupation", "spin_cooperativity")
_EXPLAINED = {"n_S from the areas, against 0.9": "0.9 is for a fully polarised $J_x$:\n1.83 with the actual one"}


def compute(quick: bool) -> Dataset:
    """All rows; `quick` changes nothing, they are few."""
    rows = [*bench_rows(), *derived_rows(), *squeezing_rows(), *hybrid_rows(), *variance_rows()]
    rows.sort(key=lambda row: list(GROUPS).index(row.group))
    values = ("printed", "printed_error", "computed", "computed_error", "pull")
    about = ("group", "unit", "source", "explanation")
    data = dataset(
        {name: ("row", [getattr(row, name) for row in rows], "see `unit`") for name in values},
        {"row": [row.name for row in rows]},
        pull="difference over both standard errors",
    )
    data.pull.attrs["units"] = "1"
    return data.assign_coords({name: ("row", [getattr(row, name) for row in rows]) for name in about})


def draw(data: Dataset) -> Figure:
    """One line a number: its pull, and the two numbers in words."""
    picture, axes = figure("double", aspect=1.36)
    places = np.arange(data.sizes["row"])[::-1]
    axes.axvspan(-1, 1, color="0.9", linewidth=0, zorder=0)
    for at, edge in ((-LIMIT, 0.7), (LIMIT, 0.7), (0, 0.5)):
        axes.axvline(at, color=str(edge), linewidth=0.8, zorder=0)
    beyond = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 6}
    for place, row in zip(places, data.row.values, strict=True):
        one = data.sel(row=row)
        colour, pull, unit = GROUPS[one.group.item()], one.pull.item(), one.unit.item()
        axes.plot([0, pull], [place, place], color=colour, linewidth=0.8)
        axes.plot(np.clip(pull, -_SHOWN, _SHOWN), place, marker="o", color=colour, markersize=3.5)
        text = f"{_short(one.printed.item())} → {_short(one.computed.item())}" + ("" if unit == "1" else f" {unit}")
        axes.text(1.02, place, text, **beyond)
        if abs(pull) > LIMIT:
            axes.text(1.1, place + 0.5, _EXPLAINED[str(row)], fontsize=6, va="bottom", ha="left")
    axes.set_yticks(places, labels=list(data.row.values), fontsize=6)
    axes.tick_params(axis="y", which="both", length=0)
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.set(xlim=(-_SHOWN, _SHOWN + 0.3), ylim=(-1, len(places)), ylabel="Number of text and Table I")
    axes.set_xlabel("(computed − printed) / standard error")
    axes.set_title("printed → computed", loc="right", fontsize=6.5)
    axes.set_title(r"pulls; shaded ±1, lines ±3; $\Gamma_S$, $n_S$ inferred", fontsize=6.5)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Every row with both errors, its agreement and explanation; then the inputs, used as given."""
    found = {}
    for row in data.row.values:
        one = data.sel(row=row)
        value, bar, pull = one.computed.item(), one.computed_error.item(), one.pull.item()
        note = f"computed ± {bar:.2g}; {pull:+.2f} standard errors of both. {one.explanation.item()}".strip()
        printed, error, unit, source = (one[name].item() for name in ("printed", "printed_error", "unit", "source"))
        found[str(row)] = Quantity(value, printed, error, unit, source, note)
    return found | _inputs()


def _inputs() -> dict[str, Quantity]:
    """What the model takes from the paper."""
    found = {}
    for name, column in COLUMNS.items():
        for field in fields(column):
            record = getattr(column, field.name)
            if isinstance(record, Published) and field.name not in _COMPUTED:
                note = f"taken as printed. {record.note}".strip()
                found[f"input: {field.name.replace('_', ' ')}, {TITLES[name]}"] = beside(record.value, record, note)
    return found


def _short(value: float) -> str:
    return f"{value:.{3 if abs(value) < 1e3 else 4}g}" if abs(value) < 1e4 else f"{value:.2e}".replace("e+0", "e")
