"""The house style: two widths, one palette, and figures that depend on no global state.

Colours are Okabe and Ito's, which people with any of the common colour deficiencies can tell apart; curves
that matter differ in dash pattern too, so that the figure survives a grey print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

from backaction.gaussian.errors import InvalidInput

__all__ = [
    "BAND",
    "LIGHT",
    "MECHANICS",
    "NEGATIVE_MASS",
    "POSITIVE_MASS",
    "REFERENCE",
    "SPIN",
    "WIDTHS",
    "Axes",
    "Figure",
    "figure",
    "house_style",
    "panel_label",
    "plain_ticks",
    "shade",
]

Axes = Any
"""A panel; the annotations of matplotlib refuse much of what its methods take."""

NEGATIVE_MASS = "#D55E00"
"""Vermilion: the chain with the oscillator of negative mass."""
POSITIVE_MASS = "#009E73"
"""Bluish green: the chain with the oscillator of positive mass."""
MECHANICS = "#0072B2"
"""Blue: the mechanical oscillator alone."""
SPIN = "#CC79A7"
"""Reddish purple: the spin alone."""
LIGHT = "#E69F00"
"""Orange: light, shot noise, detection."""
REFERENCE = "#222222"
"""Near black: bounds, limits, reference curves."""
BAND = "#56B4E9"
"""Sky blue: what published numbers leave open."""

WIDTHS = {"single": 3.4, "double": 7.0}
"""Widths in inches: one column and two columns of a journal page."""

_STYLE = Path(__file__).with_name("house.mplstyle")


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save in the house style, and leave the caller's settings as they were.

    A context, and a decorator too: put ``@house_style()`` on a function that draws, because matplotlib reads
    its settings when an artist is made.
    """
    with mpl.style.context(["default", _STYLE]):
        yield


@house_style()
def figure(
    width: Literal["single", "double"] = "single", aspect: float = 0.72, *, letters: bool = False, **subplots: Any
) -> tuple[Figure, Any]:
    """Return a figure of a journal's width and its axes, as `matplotlib.figure.Figure.subplots` returns them.

    Parameters
    ----------
    width : {"single", "double"}
        One column (3.4 in) or two (7 in).
    aspect : float
        Height over width.
    letters : bool
        Name the panels a, b, …, row by row.
    **subplots
        Handed to `Figure.subplots`, such as ``nrows``, ``ncols``, ``sharex``.

    Returns
    -------
    tuple of Figure and Axes (or array of Axes)

    Raises
    ------
    InvalidInput
        For a width that is neither of the two.
    """
    if width not in WIDTHS:
        raise InvalidInput(f"a figure's width is 'single' (3.4 in) or 'double' (7 in), not {width!r}")
    picture = Figure(figsize=(WIDTHS[width], aspect * WIDTHS[width]), layout="constrained")
    panels = picture.subplots(**subplots)
    if letters:
        for axes, letter in zip(np.ravel(panels), "abcdefgh", strict=False):
            panel_label(axes, letter)
    return picture, panels


def panel_label(axes: Any, text: str) -> None:
    """Write a bold panel letter above the upper left corner of the axes, where no curve runs."""
    axes.set_title(text, fontweight="bold", loc="left")


def shade(
    axes: Axes, x: Any, between: Iterable[Any], colour: str, alpha: float = 0.25, label: str | None = None
) -> None:
    """Fill between a lower and an upper curve, without an outline: a band of what is left open, or a part of a sum."""
    low, high = between
    axes.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0, label=label)


def plain_ticks(axes: Axes, which: Literal["x", "y"], values: Sequence[float]) -> None:
    """Ticks at these values alone, written as plain numbers: for logarithmic axes of less than two decades."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(values, labels=[f"{value:g}" for value in values])
    axis.set_ticks([], minor=True)
