"""Verdicts with error bars: from uncertain parameters to a band of a criterion, and what may be said of it.

A measured state is known through parameters with error bars. Draws of all of them together give the band of the
criterion; what lies wholly on one side of the bound is a verdict, everything else is "undetermined". A criterion that
is only sufficient never makes a state separable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput

from .bounds import DUAN, EPR, GENUINE, LOG_NEGATIVITY, PPT, REID, STEERING, Bound, Verdict, verdict_of
from .criterion import Judgement

__all__ = [
    "DUAN",
    "EPR",
    "GENUINE",
    "LOG_NEGATIVITY",
    "PPT",
    "REID",
    "STEERING",
    "Band",
    "Bound",
    "Interval",
    "Normal",
    "Verdict",
    "band",
]

LARGEST_CORNERS = 10
"""Intervals beyond which their 2^k corners are left to the draws."""


@dataclass(frozen=True)
class Normal:
    """A parameter with a standard error, normally distributed and cut off outside [low, high].

    Examples
    --------
    >>> Normal(0.97, 0.05, high=1.0).at(np.array([0.5])).round(4)
    array([0.9525])
    """

    value: float
    standard_error: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not (self.standard_error > 0 and self.low <= self.value <= self.high):
            raise InvalidInput(
                f"a normal parameter has a standard error > 0 and its value in [low, high], got {self}; an exact "
                "parameter need not be given"
            )

    def at(self, quantile: FloatArray) -> FloatArray:
        """The value that a fraction of the distribution lies below."""
        shape = NormalDist(self.value, self.standard_error)
        low = shape.cdf(self.low) if math.isfinite(self.low) else 0.0
        high = shape.cdf(self.high) if math.isfinite(self.high) else 1.0
        inside = low + np.asarray(quantile) * (high - low)
        return np.array([shape.inv_cdf(q) for q in inside.ravel()]).reshape(inside.shape)


@dataclass(frozen=True)
class Interval:
    """A parameter known to lie between two values, anywhere: drawn uniformly, and its ends are always tried.

    Examples
    --------
    >>> Interval(0.53, 0.61).at(np.array([0.5]))
    array([0.57])
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InvalidInput(f"an interval has a finite low < high, got {self}")

    @property
    def value(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    def at(self, quantile: FloatArray) -> FloatArray:
        """The value that a fraction of the interval lies below."""
        return self.low + np.asarray(quantile) * (self.high - self.low)


@dataclass(frozen=True, eq=False)
class Band:
    """What uncertain parameters leave of a criterion.

    Attributes
    ----------
    nominal : float
        At the middle of every parameter.
    low, high : float
        Edges: the central `coverage` of the draws, widened to the corners of the intervals, by the numerical
        uncertainty of the criterion and by what the model's positivity defect can fake (`Criterion.range`).
    verdict : Verdict
    coverage : float
    defect : float
        Largest positivity defect at the draws: 0 for quantum states.
    sampling_error : float
        Standard error of the edges by the number of draws, at most: other seeds give edges about as far away. The
        verdict is that of a band wider by it.
    samples : array, shape (draws,)
        The criterion at the draws.
    parameters : dict of array, shape (draws,)
        The draws.
    """

    nominal: float
    low: float
    high: float
    verdict: Verdict
    coverage: float
    defect: float
    sampling_error: float
    samples: FloatArray
    parameters: Mapping[str, FloatArray]


def band(
    evaluate: Callable[[Mapping[str, FloatArray]], Judgement],
    parameters: Mapping[str, Normal | Interval],
    bound: Bound,
    coverage: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Band:
    """The band of a criterion over uncertain parameters, and the verdict.

    All draws are one batch. They are stratified parameter by parameter (a Latin hypercube), which makes quantiles
    smoother than independent draws do. Parameters are taken as independent; correlated ones are drawn by a common
    parent in `evaluate`.

    Parameters
    ----------
    evaluate : callable
        Parameters by address, as arrays of shape (points,) → criterion of that shape; as for `parameter_derivatives`.
    parameters : dict of Normal or Interval
    bound : Bound
        `PPT`, `EPR`, … of this module.
    coverage : float
        Fraction of the draws inside the band, in (0, 1).
    draws : int
    seed : int

    Returns
    -------
    Band

    Raises
    ------
    InvalidInput
        No parameter, a coverage outside (0, 1), an answer of another shape.
    Unstable, Unresolved
        As `evaluate`, at any draw: no verdict from part of the parameters.

    Notes
    -----
    Drawn in the figures `hybrid-road` and `epr-budget`.

    Examples
    --------
    >>> from backaction.entanglement import Criterion
    >>> squeezing = lambda p: Criterion(0.5 * np.exp(-2 * p["r"]), 0 * p["r"])
    >>> band(squeezing, {"r": Normal(0.10, 0.02)}, PPT).verdict, band(squeezing, {"r": Normal(0.01, 0.02)}, PPT).verdict
    (<Verdict.ENTANGLED: 'entangled'>, <Verdict.UNDETERMINED: 'undetermined'>)
    """
    if not parameters or not 0 < coverage < 1 or draws < 2:
        raise InvalidInput(
            f"a band needs at least one uncertain parameter, a coverage in (0, 1) and two draws; got "
            f"{len(parameters)} parameters, coverage {coverage}, {draws} draws"
        )
    rng = np.random.default_rng(seed)
    strata = np.stack([(rng.permutation(draws) + rng.uniform(size=draws)) / draws for _ in parameters])
    sampled = {name: one.at(strata[i]) for i, (name, one) in enumerate(parameters.items())}
    special = _special(parameters)
    points = {name: np.concatenate([special[name], sampled[name]]) for name in parameters}
    answer = evaluate(points)
    count = len(next(iter(special.values())))
    if np.shape(answer.value) != (count + draws,):
        raise InvalidInput(
            f"{count + draws} parameter sets were given, but the criterion has the shape {np.shape(answer.value)}"
        )
    lows, highs = answer.range
    outside = (1 - coverage) / 2
    drawn = [lows[count:], -highs[count:]]
    edges = [float(np.quantile(values, outside)) for values in drawn]
    # of independent draws, so many more or less lie beyond a quantile; stratified ones scatter less
    fewer = max(outside - math.sqrt(outside * (1 - outside) / draws), 0.0)
    error = max(edge - float(np.quantile(values, fewer)) for edge, values in zip(edges, drawn, strict=True))
    low, high = min([edges[0], *lows[1:count].tolist()]), max([-edges[1], *highs[1:count].tolist()])
    worst = float(np.max(answer.defect))
    verdict, samples = verdict_of(low - error, high + error, bound), answer.value[count:]
    return Band(float(answer.value[0]), low, high, verdict, coverage, worst, error, samples, sampled)


def _special(parameters: Mapping[str, Normal | Interval]) -> dict[str, FloatArray]:
    """The nominal point, then every corner of the intervals with the normal parameters at their values."""
    nominal = {name: one.value for name, one in parameters.items()}
    intervals = [name for name, one in parameters.items() if isinstance(one, Interval)][:LARGEST_CORNERS]
    points = [nominal]
    if intervals:
        ends = product(*[(one.low, one.high) for name in intervals if isinstance(one := parameters[name], Interval)])
        points += [nominal | dict(zip(intervals, corner, strict=True)) for corner in ends]
    return {name: np.array([point[name] for point in points]) for name in parameters}
