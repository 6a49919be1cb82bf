"""What a figure is: computed first, drawn afterwards, and held against the numbers that are printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a list of recipes must not cost the import of the plotting and labelling libraries
    from matplotlib.figure import Figure
    from xarray import Dataset

__all__ = ["Quantity", "Recipe"]


@dataclass(frozen=True)
class Quantity:
    """One number of a figure beside the one that the source prints.

    Parameters
    ----------
    computed : float
        What this library finds.
    published : float or None
        What the source prints; None where it prints no number.
    uncertainty : float or None
        Error bar of the published number, one standard deviation; None where none is given.
    unit : str
        Unit of all three; "1" for a pure number.
    source : str
        Where the published number (or the parameters) stand: paper, section, equation.
    note : str
        What a reader must know to compare the two, such as a value that was inferred.
    """

    computed: float
    published: float | None
    uncertainty: float | None
    unit: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class Recipe:
    """A figure that can be made from nothing but its name.

    Parameters
    ----------
    name : str
        The name on the command line and of the files.
    title : str
        One line that says what is seen.
    compute : callable
        ``compute(quick)`` gives the data, with ``units`` in the attributes of every variable and coordinate;
        ``quick`` asks for coarser axes, never for other physics.
    draw : callable
        ``draw(dataset)`` gives the picture; it computes nothing.
    numbers : callable
        ``numbers(dataset)`` gives the quantities of the report by name.
    """

    name: str
    title: str
    compute: Callable[[bool], Dataset]
    draw: Callable[[Dataset], Figure]
    numbers: Callable[[Dataset], dict[str, Quantity]]
