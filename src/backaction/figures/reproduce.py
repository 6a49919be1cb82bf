"""Make figures by name: picture, data beside it, and one report of computed against published numbers.

The files of a figure are written in a hidden folder and moved to their places when all of them are complete,
so that an interrupted run leaves the earlier ones as they were.  Reruns give byte-identical pictures.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from backaction.gaussian import InvalidInput

from .catalogue import check_names, find, names
from .recipe import Quantity, Recipe
from .style import house_style

__all__ = ["Report", "reproduce"]

Writer = Callable[[Path], object]
"""Fills one file."""

Made = tuple[str, dict[str, Quantity]]
"""Title and quantities of a figure that was made."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What linear algebra libraries read their number of threads from."""

_UNDATED: dict[str, dict[str, None]] = {"png": {}, "pdf": {"CreationDate": None}}
"""Metadata without the date: the same data give the same bytes."""


@dataclass
class Report:
    """What a run of `reproduce` made.

    Attributes
    ----------
    titles : dict of str
        Title of every figure made, by name.
    numbers : dict of dict of Quantity
        Quantities of every figure made, by name of the figure and of the quantity.
    failures : dict of str
        What went wrong, by name of the figure that could not be made.
    """

    titles: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, Quantity]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return ``{NAME: {QUANTITY: {computed, published, …}}}`` with the fields of `Quantity`, as JSON."""
        plain = {
            name: {key: _finite(asdict(quantity)) for key, quantity in quantities.items()}
            for name, quantities in self.numbers.items()
        }
        return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def as_markdown(self) -> str:
        """Return the report for people: a section with picture and table for each figure."""
        parts = ["# Computed and published numbers\n"]
        for name, quantities in self.numbers.items():
            parts.append(f"## {self.titles[name]}\n\n![{name}]({name}.png)\n\nData: [{name}.nc]({name}.nc)\n")
            parts.append(_table(quantities))
        if self.failures:
            lines = [f"- `{name}`: {text}" for name, text in self.failures.items()]
            parts.append("## Figures that could not be made\n\n" + "\n".join(lines) + "\n")
        return "\n".join(parts)


def reproduce(asked: Sequence[str], out: Path, quick: bool = False, workers: int = 1) -> Report:
    """Make the named figures (all of them when none is named) in the folder `out`.

    For each NAME: NAME.png, NAME.pdf, NAME.nc (netCDF, units in the attributes); for all of them report.md
    and report.json, which cover the figures of this run.  Progress goes to standard error.

    Parameters
    ----------
    asked : sequence of str
        Names of `catalogue.names`; empty for all.  They are all checked before any work.
    out : Path
        The folder, made when it is not there.
    quick : bool
        Coarser axes, for a look.
    workers : int
        Processes that make figures side by side, each with one thread.

    Returns
    -------
    Report
        One figure that fails does not lose the others: it stands in `failures`, and its earlier files stay.

    Raises
    ------
    InvalidInput
        For a name that is not in the catalogue, or a folder that cannot be written to, before anything is made.
    """
    wanted = tuple(dict.fromkeys(asked)) or names()
    check_names(wanted)
    out = Path(out)
    _require_writable(out)
    made: dict[str, Made | str] = {}
    with tqdm(total=len(wanted), unit="figure") as bar:
        for name, result in _all(wanted, out, quick, min(workers, len(wanted))):
            made[name] = result
            bar.set_description(name)
            bar.update()
    report = Report()
    for name in wanted:
        result = made[name]
        if isinstance(result, str):
            report.failures[name] = result
        else:
            report.titles[name], report.numbers[name] = result
    _put(out, {"report.md": _text(report.as_markdown()), "report.json": _text(report.as_json())})
    return report


def _require_writable(folder: Path) -> None:
    """Make the folder and try it, so that nobody waits for figures that cannot be stored."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryDirectory(dir=folder).cleanup()
    except OSError as error:
        raise InvalidInput(
            f"the figures cannot be written to {str(folder)!r}: {error.strerror}; give another folder"
        ) from None


def _all(wanted: Sequence[str], out: Path, quick: bool, workers: int) -> Iterator[tuple[str, Made | str]]:
    """Make the figures in this process, or side by side in several; yield each when it is done."""
    if workers <= 1:
        for name in wanted:
            yield name, _attempt(name, out, quick)
        return
    # One thread each: small matrices gain nothing from more, and processes then share the cores evenly.
    one_thread = {key: "1" for key in THREADS if key not in os.environ}
    os.environ.update(one_thread)
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            running = {pool.submit(_attempt, name, out, quick): name for name in wanted}
            for future in as_completed(running):
                error = future.exception()
                yield running[future], f"{type(error).__name__}: {error}" if error else future.result()
    finally:
        for key in one_thread:
            del os.environ[key]


def _attempt(name: str, out: Path, quick: bool) -> Made | str:
    """Make one figure; what went wrong, as a text, if it cannot be made: it must not cost the others."""
    try:
        recipe = find(name)
        return recipe.title, _make(recipe, out, quick)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _make(recipe: Recipe, out: Path, quick: bool) -> dict[str, Quantity]:
    """Compute, draw and store one figure; no earlier file is touched before all of the new ones are there."""
    data = recipe.compute(quick)
    numbers = recipe.numbers(data)
    with house_style():
        picture = recipe.draw(data)
        picture.draw_without_rendering()  # the layout is found once, not again for each format
        picture.set_layout_engine("none")
        files: dict[str, Writer] = {
            f"{recipe.name}.{kind}": partial(picture.savefig, format=kind, metadata=metadata)
            for kind, metadata in _UNDATED.items()
        }
        files[f"{recipe.name}.nc"] = partial(data.to_netcdf, engine="h5netcdf")
        _put(out, files)
    return numbers


def _put(folder: Path, files: dict[str, Writer]) -> None:
    """Write files in a hidden folder beside their places, then move all of them there."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as scratch:
        for name, write in files.items():
            write(Path(scratch, name))
        for name in files:
            os.replace(Path(scratch, name), folder / name)


def _text(text: str) -> Writer:
    return lambda path: path.write_text(text, encoding="utf-8")


def _finite(entry: dict[str, object]) -> dict[str, object]:
    """Put null in the place of numbers that JSON cannot hold."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in entry.items()
    }


def _table(quantities: dict[str, Quantity]) -> str:
    """Return the quantities of one figure as a table in Markdown."""
    rows = ["| quantity | computed | published | unit | source | note |", "|---|---|---|---|---|---|"]
    for key, quantity in quantities.items():
        cells = [key, f"{quantity.computed:.5g}", _published(quantity), quantity.unit, quantity.source]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in [*cells, quantity.note]) + " |")
    return "\n".join(rows) + "\n"


def _published(quantity: Quantity) -> str:
    """Return the published number with its error bar, or a dash where none is printed."""
    if quantity.published is None:
        return "–"
    bar = "" if quantity.uncertainty is None else f" ± {quantity.uncertainty:.2g}"
    return f"{quantity.published:.5g}{bar}"
