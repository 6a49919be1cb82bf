"""The grid on which the posterior of Møller et al. 2017 stands, and what is read off a marginal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import FIG3

from .likelihood import LINK_BAR

__all__ = ["LIMITS", "Axes", "Estimate", "Model"]

LIMITS = {"readout_ratio": (0.2, 1.6), "occupation": (0.0, 6.0)}
"""The flat priors; the posterior is zero to 1e-6 at the upper ends."""


class Model(Enum):
    """What ties the two columns together."""

    PHYSICAL = "physical"
    FREE = "free"


@dataclass(frozen=True, eq=False)
class Axes:
    """Points of the grid; the nuisances carry weights (Gauss–Hermite), the unknowns have even steps."""

    readout_ratio: FloatArray
    occupation: FloatArray
    link_shift: FloatArray
    link_weight: FloatArray
    bath: FloatArray
    bath_weight: FloatArray

    @classmethod
    def make(cls, points: int = 101, nodes: int = 5) -> Axes:
        """Even steps over `LIMITS`, and `nodes` points for each normal nuisance."""
        x, w = np.polynomial.hermite_e.hermegauss(nodes)
        temperature = FIG3.bath_temperature
        relative = (temperature.uncertainty or 0.0) / temperature.value
        ratio, occupation = (np.linspace(*LIMITS[name], points) for name in LIMITS)
        weight = w / w.sum()
        return cls(ratio, occupation, LINK_BAR * x, weight, 1 + relative * x, weight)


@dataclass(frozen=True)
class Estimate:
    """Median and the ends of the central 68 % and 95 % of a marginal."""

    median: float
    low: float
    high: float
    low95: float
    high95: float

    @property
    def standard(self) -> float:
        """Half of the central 68 %: a standard error."""
        return (self.high - self.low) / 2
