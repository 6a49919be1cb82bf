"""A criterion's value with its numerical uncertainty, its verdict, and the refusal to guess.

Each criterion is written once, lane by lane: an `Attempt` at it has the values of all states of a batch and says which
of them are resolved. The functions of the package raise where one is not, sweeps leave it out.
"""

from __future__ import annotations

import html
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Any, NamedTuple, ParamSpec, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput, Unphysical, Unresolved
from backaction.gaussian.normal_modes import require_positive

from .bounds import Bound, Verdict, verdict_of
from .defects import defect, noisier
from .parties import Parties

__all__ = [
    "RESOLUTION",
    "Attempt",
    "Criterion",
    "Judgement",
    "Origin",
    "as_float",
    "judging",
    "relevant_doubt",
    "require_resolved",
    "require_told",
]

RESOLUTION = 1e-3
"""Largest relative uncertainty of ν, Δ or e^{−E_N} that is reported.

A thousandth is below every experiment's error bar, and there the neglected second order (a millionth) leaves the
uncertainty itself trustworthy; float64 covariances of two-mode squeezed states reach it at r ≈ 7."""

Arguments = ParamSpec("Arguments")
Judged = TypeVar("Judged", bound="Judgement")


@dataclass(frozen=True, eq=False)
class Attempt:
    """A criterion of every state of a batch, whether it is resolved or not.

    Attributes
    ----------
    pair : Parties
    what : str
        The criterion in words, for messages.
    value, uncertainty : array, shape (…)
        As in `Criterion`; of lanes that are not `resolved` they mean nothing.
    asked, doubt, bound : array, array, float
        The number whose digits decide (ν for a log-negativity; several along a last axis), its absolute uncertainty,
        and where its verdict turns.
    positive : bool array, shape (…)
        Where the covariance is one.
    details : dict of array
        What else the criterion's result holds, by the name of its attribute.
    """

    pair: Parties
    what: str
    value: FloatArray
    uncertainty: FloatArray
    asked: FloatArray
    doubt: FloatArray
    bound: float
    positive: NDArray[np.bool_]
    details: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def resolved(self) -> NDArray[np.bool_]:
        """Where the covariance holds the value to `RESOLUTION`, or at least the verdict; shape (…)."""
        return self.resolved_by(1.0)

    def resolved_by(self, margin: float) -> NDArray[np.bool_]:
        """Whether it would be so with an uncertainty `margin` times as large; shape (…)."""
        told = ~(relevant_doubt(self.asked, margin * self.doubt, self.bound) > RESOLUTION)
        whole: NDArray[np.bool_] = (told if told.ndim == self.value.ndim else told.all(axis=-1)) & self.positive
        return whole

    def required(self) -> Self:
        """The attempt, if all lanes succeeded.

        Raises
        ------
        Unphysical
            A covariance has a negative eigenvalue.
        Unresolved
            A covariance does not hold the number to 1e-3, nor the verdict.
        """
        if not self.positive.all():
            require_positive(self.pair.covariance, self.pair.error)
        parts = self.asked.ndim > self.value.ndim
        require_told(self.asked, self.doubt, self.bound, lambda: self.what, axis=-1 if parts else None)
        return self


class Origin(NamedTuple):
    """Which criterion of what a value is: the function, its bound if it has one, the state and the other arguments.

    The function makes an `Attempt`, or a `Judgement` and raises for what is not resolved.
    """

    function: Callable[..., Attempt | Judgement]
    bound: Bound | None
    state: GaussianState
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]

    def at(self, added: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Value and uncertainty (infinite if not resolved) with more, or less, noise in every quadrature."""
        try:
            found = self.function(noisier(self.state, added), *self.arguments, **self.options)
        except (InvalidInput, Unphysical, Unresolved):
            return np.zeros(()), np.array(np.inf)
        if isinstance(found, Judgement):
            return found.value, found.uncertainty
        return np.where(found.resolved, found.value, 0.0), np.where(found.resolved, found.uncertainty, np.inf)


@dataclass(frozen=True, eq=False, repr=False)
class Judgement(ABC):
    """The value of a criterion, shape (…), its numerical uncertainty, and what may be said of it.

    Attributes
    ----------
    value : array
    uncertainty : array
        Absolute, a first-order bound of what the state's `error_estimate` and the rounding of its entries can do to the
        value. It is no statistical or physical error bar: those come with the parameters.
    """

    value: FloatArray
    uncertainty: FloatArray
    origin: Origin | None = field(default=None, kw_only=True, repr=False)

    @classmethod
    def of(cls, attempt: Callable[..., Attempt], bound: Bound | None, state: GaussianState, *parties: object) -> Self:
        """The attempt's result, if every lane succeeded; else `Unphysical` or `Unresolved`."""
        lanes = attempt(state, *parties).required()
        origin = Origin(attempt, bound, state, parties, {})
        return cls(lanes.value, lanes.uncertainty, **lanes.details, origin=origin)

    def __float__(self) -> float:
        return as_float(self.value)

    def __str__(self) -> str:
        """The value ± its uncertainty and the verdict, "0.29 ± 2e-11, entangled"; of a batch its shape and ends."""
        if np.ndim(self.value):
            ends = f": {np.min(self.value):.6g} to {np.max(self.value):.6g}" if np.size(self.value) else ""
            return f"batch of shape {np.shape(self.value)}{ends}"
        text = f"{float(self.value):.10g} ± {float(self.uncertainty):.1g}"
        return text if self.origin is None or self.origin.bound is None else f"{text}, {self.verdict.value}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(str(self))}</b>"

    @cached_property
    def defect(self) -> FloatArray:
        """Positivity defect δ of the state, V + iΩ/2 ≥ −δ, shape (…): the distance to the nearest quantum state.

        Zero for a quantum state, and for a value that is no state's (an average, a formula).
        """
        return np.zeros(np.shape(self.value)) if self.origin is None else defect(self.origin.state)

    @cached_property
    def range(self) -> tuple[FloatArray, FloatArray]:
        """Least and largest value of the criterion over all states within δ of V, numerical uncertainty included.

        The ends are the values at V ± δ (see `backaction.entanglement.defects`), infinite where that is not resolved.
        Measures without a bound are left as they are: noise may move them either way.
        """
        low, high = self.value - self.uncertainty, self.value + self.uncertainty
        if self.origin is None or self.origin.bound is None or not (self.defect > 0).any():
            return low, high
        noisy, quiet = (self.origin.at(sign * self.defect) for sign in (1.0, -1.0))
        rises = self.origin.bound.below
        (lower, below), (upper, above) = (quiet, noisy) if rises else (noisy, quiet)
        lows, highs = lower - below, upper + above
        touched = self.defect > 0
        return np.where(touched, np.minimum(low, lows), low), np.where(touched, np.maximum(high, highs), high)

    @property
    def verdict(self) -> Verdict:
        """What the value says of entanglement, once its uncertainty and all states within δ are allowed for.

        Raises
        ------
        InvalidInput
            A batch; a value that comes from no criterion with a bound.
        """
        as_float(self.value)
        if self.origin is None or self.origin.bound is None:
            raise InvalidInput(
                "this value has no bound that proves entanglement (it was put together by hand, or measures all "
                "correlations); `verdict_of` takes a range and a bound"
            )
        low, high = self.range
        return verdict_of(float(low), float(high), self.origin.bound)


@dataclass(frozen=True, eq=False, repr=False)
class Criterion(Judgement):
    """The value of a criterion, shape (…), its numerical uncertainty, and its verdict.

    Examples
    --------
    >>> criterion = Criterion(np.array(0.25), np.array(1e-15))
    >>> float(criterion)
    0.25
    """


def judging(bound: Bound | None) -> Callable[[Callable[Arguments, Judged]], Callable[Arguments, Judged]]:
    """Decorator of a criterion (a state first, then what else it takes): its result remembers where it comes from."""

    def decorate(function: Callable[Arguments, Judged]) -> Callable[Arguments, Judged]:
        @wraps(function)
        def judged(*arguments: Arguments.args, **options: Arguments.kwargs) -> Judged:
            found = function(*arguments, **options)
            state = cast(GaussianState, arguments[0] if arguments else options["state"])
            others = {name: value for name, value in options.items() if name != "state"}
            return replace(found, origin=Origin(judged, bound, state, arguments[1:], others))

        return judged

    return decorate


def as_float(value: FloatArray) -> float:
    """The number of an unbatched criterion."""
    if np.ndim(value):
        raise InvalidInput(
            f"this criterion is a batch of shape {np.shape(value)}, not one number; use its `.value`, an array"
        )
    return float(value)


def relevant_doubt(value: FloatArray, uncertainty: FloatArray, bound: float) -> FloatArray:
    """Relative uncertainty where the verdict depends on it, 0 where it does not, infinite for a value ≤ 0.

    A value that stays above the separable bound by more than twice its first-order uncertainty needs no digits: "not
    entangled" is certain, and the value is given with the uncertainty it has.

    Examples
    --------
    >>> relevant_doubt(np.array([0.25, 40.0, 0.0]), np.array([0.01, 1.0, 0.0]), bound=0.5)
    array([0.04, 0.  ,  inf])
    """
    relative = np.where(value > 0, uncertainty / np.where(value > 0, value, 1.0), np.inf)
    return np.where(value - 2 * uncertainty > bound, 0.0, relative)


def require_told(
    value: FloatArray, uncertainty: FloatArray, bound: float, what: Callable[[], str], axis: int | None = None
) -> None:
    """Raise `Unresolved` where digits are missing that the verdict depends on; `axis` holds parts of one criterion.

    Examples
    --------
    >>> require_told(np.array([0.25, 40.0]), np.array([1e-9, 1.0]), 0.5, lambda: "the Duan sum of 'spin' and 'light'")
    """
    if (uncertainty < RESOLUTION * value).all():  # the usual case, in one pass
        return
    doubt = relevant_doubt(value, uncertainty, bound)
    require_resolved(doubt if axis is None else doubt.max(axis=axis), what())


def require_resolved(doubt: FloatArray, what: str) -> None:
    """Raise `Unresolved` where the relative uncertainty that matters exceeds `RESOLUTION`.

    Examples
    --------
    >>> require_resolved(np.array([1e-9, 1e-4]), "the Duan sum of 'spin' and 'membrane'")
    """
    unresolved = np.asarray(doubt > RESOLUTION)
    if not unresolved.any():
        return
    worst = float(np.max(doubt))
    lanes = f" in {int(unresolved.sum())} of {unresolved.size} lanes" if unresolved.ndim else ""
    first = f" (the first at {tuple(map(int, np.argwhere(unresolved)[0]))})" if unresolved.ndim else ""
    raise Unresolved(
        f"{what} is not resolved{lanes}{first}: the relative uncertainty reaches {worst:.2g}, above {RESOLUTION:g}. "
        "The value is a small difference of large variances, and the covariance's error_estimate and float64 rounding "
        "leave too few digits of it. Leave these lanes out, solve for the state more accurately, or use a closed form",
        worst,
    )
