"""What a sweep evaluates at every point: a network, its detectors, and the pairs of modes that are asked for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput
from backaction.gaussian.names import quadratures
from backaction.systems import Network

from ..experiment import DetectorSpec, Experiment
from ..specs import TITLE, with_values

__all__ = ["Study", "study_of"]


@dataclass(frozen=True, eq=False)
class Study:
    """A network, its detectors and pairs of modes.

    Parameters
    ----------
    network : Network
        With numbers for parameters; arrays belong on axes.
    detectors : sequence of DetectorSpec, Homodyne or Heterodyne
        An angle that counts from the carrier follows the swept parameters. None: no conditional state.
    pairs : sequence of (str, str)
        Pairs of modes; none: a map of stability.
    title : str, optional

    Raises
    ------
    InvalidInput
        Array parameters, unknown modes, or what a detector refuses.
    """

    network: Network
    detectors: tuple[DetectorSpec, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    title: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "detectors", tuple(map(DetectorSpec.of, self.detectors)))
        if self.title is not None:
            TITLE.take(self.title, "title")
        object.__setattr__(self, "pairs", tuple((a, b) for a, b in self.pairs))
        batched = [address for address, value in self.network.parameters.items() if np.ndim(value)]
        if batched:
            raise InvalidInput(
                f"{', '.join(batched)} has an array of values; a sweep starts from single numbers, and its arrays are "
                "the axes"
            )
        for pair in self.pairs:
            quadratures(pair, self.network.system.modes)
        self.at({})

    def at(self, values: Mapping[str, Any]) -> tuple[Network, tuple[Homodyne | Heterodyne, ...]]:
        """The network and the detectors with other parameters, numbers or arrays, by address."""
        network, specs = with_values(self.network, self.detectors, values)
        return network, tuple(spec.detector(network) for spec in specs)

    def network_at(self, values: Mapping[str, Any]) -> Network:
        """The network alone."""
        return with_values(self.network, self.detectors, values)[0]

    def description(self) -> dict[str, Any]:
        """Everything that decides about the result, ready for JSON."""
        parts = zip(self.network.names, self.network.components, strict=True)
        return {
            "chain": [{"component": part.kind, "name": name, **_plain(part.given())} for name, part in parts],
            "detector": [_plain(dataclasses.asdict(spec)) for spec in self.detectors],
            "pairs": [list(pair) for pair in self.pairs],
        }


def study_of(experiment: Experiment) -> Study:
    """The study of an experiment file: its network, detectors and `[report]` pairs.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> study_of(read({"chain": [{"component": "loss", "efficiency": 0.5}]})).pairs
    ()
    """
    return Study(experiment.network, experiment.specs, experiment.pairs or (), experiment.title)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value.value if isinstance(value, Enum) else value for key, value in values.items()}
    read: dict[str, Any] = json.loads(json.dumps(plain))
    return read
