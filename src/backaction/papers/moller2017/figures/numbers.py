"""Møller et al. 2017: every number that the text and Table I print, beside the computed one, as pulls.

A pull is (computed − printed) over both standard errors together (`backaction.papers.moller2017.numbers`).
The report has every row; the inputs of Table I, which nothing computes, stand there too, so that nothing is missing.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import LIGHT, MECHANICS, NEGATIVE_MASS, REFERENCE, SPIN, figure, house_style
from backaction.systems.published.moller2017 import COLUMNS
from backaction.systems.published.record import Published

from ..bench import bench_rows
from ..hybrid_numbers import hybrid_rows, squeezing_rows, variance_rows
from ..numbers import TITLES, derived_rows

__all__ = ["NUMBERS"]

GROUPS = {"light": LIGHT, "membrane": MECHANICS, "spin": SPIN, "hybrid": NEGATIVE_MASS, "areas": REFERENCE}
LIMIT = 3.0
"""Standard errors beyond which a row has to be explained."""
_SHOWN = 5.0
_COMPUTED = ("membrane_cooperativity", "effective_halfwidth", "effective_occupation", "spin_cooperativity")
_EXPLAINED = {"n_S from the areas, against 0.9": "0.9 is for a fully polarised $J_x$:\n1.83 with the actual one"}


def compute(quick: bool) -> xr.Dataset:
    """All rows; `quick` changes nothing, they are few."""
    rows = [*bench_rows(), *derived_rows(), *squeezing_rows(), *hybrid_rows(), *variance_rows()]
    order = list(GROUPS)
    rows.sort(key=lambda row: order.index(row.group))

    def column(name: str) -> tuple[str, list[float]]:
        return "row", [float(getattr(row, name)) for row in rows]

    data = xr.Dataset(
        {name: column(name) for name in ("printed", "printed_error", "computed", "computed_error", "pull")},
        {
            "row": [row.name for row in rows],
            **{
                name: ("row", [getattr(row, name) for row in rows])
                for name in ("group", "unit", "source", "explanation")
            },
        },
        {"title": "Møller et al. 2017: printed and computed numbers", "pull": "difference over both standard errors"},
    )
    for name in data.data_vars:
        data[name].attrs["units"] = "1" if name == "pull" else "see `unit`"
    return data


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """One line a number: its pull, and the two numbers in words."""
    picture, axes = figure("double", aspect=1.36)
    places = np.arange(data.sizes["row"])[::-1]
    axes.axvspan(-1, 1, color="0.9", linewidth=0, zorder=0)
    for at, edge in ((-LIMIT, 0.7), (LIMIT, 0.7), (0, 0.5)):
        axes.axvline(at, color=str(edge), linewidth=0.8, zorder=0)
    for place, row in zip(places, data.row.values, strict=True):
        one = data.sel(row=row)
        colour = GROUPS[str(one.group.values)]
        pull = float(one.pull)
        axes.plot([0, pull], [place, place], color=colour, linewidth=0.8)
        axes.plot(np.clip(pull, -_SHOWN, _SHOWN), place, marker="o", color=colour, markersize=3.5)
        text = f"{_short(float(one.printed))} → {_short(float(one.computed))}"
        unit = str(one.unit.values)
        axes.text(
            1.02,
            place,
            text + ("" if unit == "1" else f" {unit}"),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=6,
        )
        if abs(pull) > LIMIT:
            axes.text(1.1, place + 0.5, _EXPLAINED[str(row)], fontsize=6, va="bottom", ha="left")
    axes.set_yticks(places, labels=list(data.row.values), fontsize=6)
    axes.tick_params(axis="y", which="both", length=0)
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.set(xlim=(-_SHOWN, _SHOWN + 0.3), ylim=(-1, len(places)))
    axes.set_xlabel("(computed − printed) / standard error")
    axes.set_ylabel("Number of text and Table I")
    axes.set_title("printed → computed", loc="right", fontsize=6.5)
    axes.set_title(r"pulls; shaded ±1, lines ±3; $\Gamma_S$, $n_S$ inferred", fontsize=6.5)
    return picture


def _short(value: float) -> str:
    return f"{value:.{3 if abs(value) < 1e3 else 4}g}" if abs(value) < 1e4 else f"{value:.2e}".replace("e+0", "e")


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Every row with both errors, its agreement and explanation; then the inputs, used as given."""
    found = {}
    for row in data.row.values:
        one = data.sel(row=row)
        agreement = f"computed ± {float(one.computed_error):.2g}; {float(one.pull):+.2f} standard errors of both"
        note = f"{agreement}. {one.explanation.values}".strip()
        found[str(row)] = Quantity(
            float(one.computed),
            float(one.printed),
            float(one.printed_error),
            str(one.unit.values),
            str(one.source.values),
            note,
        )
    return found | _inputs()


def _inputs() -> dict[str, Quantity]:
    """What the model takes from the paper."""
    found = {}
    for name, column in COLUMNS.items():
        for field in fields(column):
            record = getattr(column, field.name)
            if not isinstance(record, Published) or field.name in _COMPUTED:
                continue
            label = f"input: {field.name.replace('_', ' ')}, {TITLES[name]}"
            note = f"taken as printed. {record.note}".strip()
            found[label] = Quantity(record.value, record.value, record.uncertainty, record.unit, record.source, note)
    return found


NUMBERS = Recipe(
    "moller2017-numbers",
    "Every number of text and Table I, printed and computed (Møller et al. 2017)",
    compute,
    draw,
    numbers,
)
