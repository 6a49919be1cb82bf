"""What a figure is: computed first, drawn afterwards, and held against the numbers that are printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsFloat

if TYPE_CHECKING:  # a list of figures must not cost the import of the plotting and labelling libraries
    from matplotlib.figure import Figure
    from xarray import Dataset

    from backaction.systems.published import Published

__all__ = ["Quantity", "Recipe", "beside", "computed"]


@dataclass(frozen=True)
class Quantity:
    """One number of a figure beside the one that the source prints.

    `computed` and `beside` make them from whatever has a ``float``.

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


def computed(value: SupportsFloat, source: str, note: str = "", unit: str = "1") -> Quantity:
    """A number of which the source prints none.

    Examples
    --------
    >>> computed(0.5, "Fig. 2", "read off the curve").published is None
    True
    """
    return Quantity(float(value), None, None, unit, source, note)


def beside(
    value: SupportsFloat, record: Published, note: str = "", source: str = "", bar: float | None = None
) -> Quantity:
    """A number beside the printed record, with its unit, error bar and place; `bar` where the record has none.

    Examples
    --------
    >>> from backaction.systems.published import Published
    >>> beside(2.4, Published(2.5, "1", "main text, p. 3", uncertainty=0.3)).uncertainty
    0.3
    """
    uncertainty = record.uncertainty if bar is None else bar
    return Quantity(float(value), record.value, uncertainty, record.unit, source or record.source, note)


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
