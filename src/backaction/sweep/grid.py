"""The plan of a sweep: axes, blocks, variables, and the fingerprint by which a store is known again."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.engines import PAYS, Engine, available

from .. import __version__
from .axes import Axis
from .kernel import OF_A_STATE, columns, swept
from .study import Study

__all__ = ["Plan", "Region"]

FORMAT = 1
"""Version of the layout of a store."""

DOUBLES = 2**23
"""Size of a batch's matrices, at most, that one block works on: a hundred megabytes with all temporaries."""

MOST_IN_BLOCK = 2**15
"""Points of a block, at most: larger ones cost the store less, smaller ones lose less by a kill."""

MOST_POINTS = 10**9
"""Points of a sweep beyond which the numbers are a slip of the pen: hundreds of gigabytes, and hours on any cluster."""

Region = tuple[slice, ...]
"""The part of the grid that one block covers."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is computed where: a study over the product of axes, in blocks."""

    study: Study
    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if self.points > MOST_POINTS:
            count = sum(max(1, len(self.study.pairs)) if paired else 1 for paired in self.variables.values())
            raise InvalidInput(
                f"the axes have {' × '.join(map(str, self.shape))} = {self.points:.3g} points, and their results would "
                f"take {8 * count * self.points / 1e9:.3g} GB; the limit is {MOST_POINTS:.0e} points. Take fewer "
                "along an axis, or make several sweeps"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(axis.address for axis in self.axes)

    @property
    def points(self) -> int:
        """Number of points of the grid."""
        return math.prod(self.shape)

    @cached_property
    def block(self) -> tuple[int, ...]:
        """Shape of a block: full in the last axes, cut in the first. It depends on the model and the axes alone."""
        system = self.study.network.system
        width = 2 * (len(system.modes) + len(system.inputs))
        left = max(1, min(MOST_IN_BLOCK, DOUBLES // max(1, width**2)))
        lengths = []
        for points in reversed(self.shape):
            lengths.append(min(points, left))
            left = max(1, left // points)
        return tuple(reversed(lengths))

    @property
    def engine(self) -> Engine:
        """Who does the arithmetic of all blocks: the number of points decides, not that of a block."""
        return Engine.NUMBA if self.points >= PAYS and available() else Engine.NUMPY

    @cached_property
    def regions(self) -> list[Region]:
        """All blocks, in order."""
        return list(self._regions())

    def _regions(self) -> Iterator[Region]:
        starts = [range(0, points, length) for points, length in zip(self.shape, self.block, strict=True)]
        for corner in itertools.product(*starts):
            ends = [min(a + length, points) for a, length, points in zip(corner, self.block, self.shape, strict=True)]
            yield tuple(slice(a, b) for a, b in zip(corner, ends, strict=True))

    def values(self, region: Region) -> dict[str, FloatArray]:
        """Parameters in a block, each along its own dimension."""
        count = len(self.axes)
        return {
            axis.parameter: axis.values[part].reshape([-1 if i == j else 1 for j in range(count)])
            for i, (axis, part) in enumerate(zip(self.axes, region, strict=True))
        }

    @cached_property
    def variables(self) -> dict[str, bool]:
        """Names of the variables besides `status`; whether they have the dimension `pair`."""
        return columns(self.study)

    @property
    def pair_names(self) -> list[str]:
        """Labels of the pairs, "a|b"."""
        return [f"{a}|{b}" for a, b in self.study.pairs]

    def variable_attributes(self, name: str) -> dict[str, Any]:
        """Units and meaning of a variable."""
        if name == "status":
            return {
                "long_name": "what became of a point",
                "flag_values": np.array([0, 1, 2, 3], dtype=np.int8),
                "flag_meanings": "to_do done unstable unresolved",
            }
        kind, _, rest = name.partition("_")
        key = rest.removesuffix("_uncertainty")
        if key in OF_A_STATE:
            return {"long_name": f"{OF_A_STATE[key]} ({kind} state)", "units": "1"}
        (row,) = (row for row in swept() if row.key == key)
        numerical = "numerical uncertainty of the " if rest != key else ""
        return {"long_name": f"{numerical}{row.name}; {row.proves} ({kind} state)", "units": row.unit}

    def axis_attributes(self, axis: Axis) -> dict[str, Any]:
        """Units and meaning of a coordinate."""
        return {"long_name": axis.help, "units": axis.unit}

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything that decides about the numbers, ready for JSON."""
        return {
            "format": FORMAT,
            "version": __version__,
            "engine": self.engine.value,
            "model": self.study.description(),
            "axes": [
                {
                    "address": axis.address,
                    "first": float(axis.coordinate[0]),
                    "last": float(axis.coordinate[-1]),
                    "points": len(axis.values),
                    "unit": axis.unit,
                    "sha256": hashlib.sha256(np.ascontiguousarray(axis.values, dtype="<f8").tobytes()).hexdigest(),
                }
                for axis in self.axes
            ],
            "block": list(self.block),
        }

    @cached_property
    def fingerprint(self) -> str:
        """By which a store is known to be of this sweep."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def text(self) -> str:
        """The description as JSON."""
        return json.dumps(self.description, sort_keys=True, ensure_ascii=False)

    def attributes(self) -> dict[str, Any]:
        """Provenance: what made this Dataset. Nothing of when and where, so that equal sweeps are equal."""
        return {
            "title": self.study.title or "",
            "source": f"backaction {__version__}",
            "sweep": self.text,
            "fingerprint": self.fingerprint,
        }

    def differences(self, other: str) -> str:
        """In words, how the description found in a store differs from this one."""
        try:
            found = json.loads(other)
        except ValueError:
            return "its description cannot be read"
        ours, theirs = _leaves(self.description), _leaves(found)
        changed = [
            f"{key}: {theirs.get(key, 'not there')} in the store, {ours.get(key, 'not there')} now"
            for key in dict.fromkeys([*theirs, *ours])
            if theirs.get(key) != ours.get(key) and not key.endswith("sha256")
        ]
        return "; ".join(changed[:5]) + (f"; and {len(changed) - 5} more" if len(changed) > 5 else "") or "axis values"


def _leaves(value: Any, place: str = "") -> dict[str, Any]:
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: leaf for name, entry in entries for key, leaf in _leaves(entry, f"{place}.{name}").items()}
    return {place.lstrip("."): value}
