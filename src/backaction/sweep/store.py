"""What all stores of a sweep do: tell which blocks are finished, take blocks, give the Dataset."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import InvalidInput

from .grid import Plan, Region

if TYPE_CHECKING:
    import xarray

__all__ = ["Memory", "Results", "Store", "coordinates", "dimensions", "foreign", "mismatch"]

Results = Mapping[str, NDArray[Any]]
"""Of one block: `status` and the variables of the plan."""


class Store(ABC):
    """Where the blocks of a sweep are kept. `write` is called from one process only."""

    place: str
    """For messages."""

    @abstractmethod
    def finished(self, index: int, region: Region) -> bool:
        """Whether a block is complete."""

    @abstractmethod
    def write(self, index: int, region: Region, results: Results) -> None:
        """Keep a block; it counts as finished only when all of it is there."""

    @abstractmethod
    def result(self) -> xarray.Dataset:
        """The Dataset, when every block is finished."""


class Memory(Store):
    """Everything in memory, for sweeps that fit."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.place = plan, "memory"
        shapes = {
            name: plan.shape + ((len(plan.pair_names),) if paired else ()) for name, paired in plan.variables.items()
        }
        self.arrays: dict[str, NDArray[Any]] = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
        self.arrays["status"] = np.zeros(plan.shape, dtype=np.int8)

    def finished(self, index: int, region: Region) -> bool:
        """See `Store`."""
        return bool((self.arrays["status"][region] > 0).all())

    def write(self, index: int, region: Region, results: Results) -> None:
        """See `Store`."""
        for name, values in results.items():
            self.arrays[name][region] = values

    def result(self) -> xarray.Dataset:
        """See `Store`."""
        import xarray

        plan = self.plan
        names = ["status", *plan.variables]
        data = {name: (dimensions(plan, name), self.arrays[name], plan.variable_attributes(name)) for name in names}
        return xarray.Dataset(data, coordinates(plan), plan.attributes())


def dimensions(plan: Plan, name: str) -> tuple[str, ...]:
    """Names of the dimensions of a variable."""
    return plan.dimensions + (("pair",) if plan.variables.get(name) else ())


def coordinates(plan: Plan) -> dict[str, Any]:
    """The coordinates of the Dataset, for xarray."""
    found: dict[str, Any] = {
        axis.address: (axis.address, axis.coordinate, plan.axis_attributes(axis)) for axis in plan.axes
    }
    if plan.study.pairs:
        found["pair"] = ("pair", plan.pair_names, {"long_name": "pair of modes"})
    return found


def mismatch(plan: Plan, place: str, found: str) -> InvalidInput:
    """The error for a store of another sweep."""
    return InvalidInput(
        f"{place} holds another sweep, and its points would not fit the new ones. Changed: {plan.differences(found)}. "
        "Use the model and axes of before, or another name"
    )


def foreign(place: str, problem: str) -> InvalidInput:
    """The error for something that is no store of a sweep, or not as this one was begun."""
    return InvalidInput(f"{place} {problem}; nothing was touched. Give another name, or move it away")
