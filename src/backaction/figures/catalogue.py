"""The figures by name, found in the folders where they are.

A figure is a module with the functions `compute`, `draw` and `numbers` of a `Recipe`; the first line of its docstring
is the title.  It stands in one of the rooms of this package, such as `canonical`, and is named like its file; or in
``figures`` of a paper's folder in `backaction.papers`, and has the paper's name before its own.  A module is imported
when its figure is asked for, not to list its name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from backaction.gaussian.errors import unknown_name

from .recipe import Recipe

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["check_names", "find", "names", "recipes"]


def names() -> tuple[str, ...]:
    """Names of all figures, in the order in which they are made: those of papers, then the others, by folder and file.

    Loads no plotting library.

    Examples
    --------
    >>> "schweer2022-fig6" in names()
    True
    """
    return tuple(_modules())


def check_names(asked: tuple[str, ...]) -> None:
    """Raise `InvalidInput`, with the nearest name, at the first figure that is not in the catalogue.

    Examples
    --------
    >>> check_names(("schweer-fig6",))
    Traceback (most recent call last):
    backaction.gaussian.errors.InvalidInput: there is no figure 'schweer-fig6'; did you mean ...
    """
    for name in asked:
        if name not in _modules():
            raise unknown_name(name, _modules(), "figure")


def find(name: str) -> Recipe:
    """Return the recipe of one figure; raises `InvalidInput` for a name that is not in the catalogue."""
    check_names((name,))
    module = import_module(_modules()[name])
    from .style import house_style

    title = (module.__doc__ or name).splitlines()[0].removesuffix(".")
    return Recipe(name, title, partial(_titled, module.compute, title), house_style()(module.draw), module.numbers)


def recipes() -> dict[str, Recipe]:
    """All recipes by name; this imports the module of every one of them."""
    return {name: find(name) for name in names()}


def _titled(compute: Callable[[bool], Dataset], title: str, quick: bool) -> Dataset:
    return compute(quick).assign_attrs(title=title)


@cache
def _modules() -> dict[str, str]:
    """Module of every figure, by the figure's name."""
    found = {}
    for paper in _inside("backaction.papers", packages=True):
        gallery = f"backaction.papers.{paper}.figures"
        for module in _inside(gallery) if find_spec(gallery) else ():
            name = paper if module == paper else f"{paper}-{module}"
            found[name.replace("_", "-")] = f"{gallery}.{module}"
    for room in _inside("backaction.figures", packages=True):
        gallery = f"backaction.figures.{room}"
        found |= {module.replace("_", "-"): f"{gallery}.{module}" for module in _inside(gallery)}
    return found


def _inside(package: str, packages: bool = False) -> list[str]:
    """Names of the modules in a package, or of the packages in it."""
    return [entry.name for entry in iter_modules(import_module(package).__path__) if entry.ispkg == packages]
