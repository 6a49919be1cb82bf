"""Figures by name: from results to pictures, with the data beside the picture and the numbers in a report.

A figure is a `Recipe` (module `recipe`): `compute` makes an xarray Dataset, `draw` turns it into a
matplotlib Figure, `numbers` says what the figure's numbers are beside those the paper prints.  `catalogue`
finds a recipe by name, `reproduce` writes the files, `style` holds the house style.  Each module of recipes
is named after the paper or the theme.  Importing this package loads neither matplotlib nor xarray.
"""

from __future__ import annotations

from .catalogue import find, names, recipes
from .recipe import Quantity, Recipe

__all__ = ["Quantity", "Recipe", "find", "names", "recipes"]
