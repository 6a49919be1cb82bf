"""Figures by name: from results to pictures, with the data beside the picture and the numbers in a report.

A figure is a module with three functions: `compute` makes an xarray Dataset, `draw` turns it into a matplotlib Figure,
`numbers` says what the figure's numbers are beside those the paper prints (module `recipe`).  `catalogue` finds it by
its place: in a room of this package (`canonical`, `fock`), or in ``figures`` of a paper's folder in
`backaction.papers`.  `data` and `style` are what the modules share, `reproduce` writes the files.  Importing this
package loads neither matplotlib nor xarray.
"""

from __future__ import annotations

from .catalogue import find, names, recipes
from .recipe import Quantity, Recipe, beside, computed

__all__ = ["Quantity", "Recipe", "beside", "computed", "find", "names", "recipes"]
