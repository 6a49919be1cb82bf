"""Two parties of a state: names looked up, everything else traced out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.estimation import ClassicalEstimate, Effect
from backaction.gaussian.names import as_names, indices

__all__ = ["Parties", "parties"]

_REASON = (
    "criteria ask for a GaussianState, got {}: an estimator's covariance (smoothed, retrodicted) is not a state's, and "
    "even independent oscillators could fail a criterion with it"
)
_REASONS: dict[type, str] = {
    ClassicalEstimate: (
        "criteria ask for a GaussianState, got a {}: what past and future records together tell is an estimator's "
        "knowledge, not a state; its variances may lie below the vacuum's, and two independent oscillators would come "
        "out entangled. Use `conditional_state`"
    ),
    Effect: (
        "criteria ask for a GaussianState, got an {}: a retrodicted effect is the likelihood of a record, not a state "
        "that anybody holds. Use `conditional_state`, or check it by `verification_covariance`"
    ),
}


@dataclass(frozen=True, eq=False)
class Parties:
    """The covariance of two parties, the first one's modes before the second's.

    Attributes
    ----------
    covariance : array, shape (…, 2(m + n), 2(m + n))
    error : array, shape (…)
        Its relative uncertainty, the state's `error_estimate`.
    first, second : tuple of str
        Names of the m modes and of the n modes.
    batch : tuple of int
        The state's batch shape, to which criteria are broadcast.
    """

    covariance: FloatArray
    error: FloatArray
    first: tuple[str, ...]
    second: tuple[str, ...]
    batch: tuple[int, ...]

    @property
    def text(self) -> str:
        """The parties in words, for messages."""
        return " and ".join(", ".join(map(repr, party)) for party in (self.first, self.second))

    def spread(self, values: FloatArray) -> FloatArray:
        """Broadcast a result to the state's batch, read-only."""
        array = np.asarray(values, dtype=np.float64)
        if array.shape != self.batch:
            return np.broadcast_to(array, self.batch)
        fixed = array.view()
        fixed.flags.writeable = False
        return fixed

    def told(self, lanes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Broadcast a yes or no of each covariance to the state's batch."""
        return lanes if lanes.shape == self.batch else np.broadcast_to(lanes, self.batch)


def parties(state: GaussianState, first: str | Sequence[str], second: str | Sequence[str]) -> Parties:
    """Look up two parties of a state.

    Raises
    ------
    InvalidInput
        Something that is not a `GaussianState`; an empty party, an unknown mode, a mode in both parties.

    Examples
    --------
    >>> parties(GaussianState.vacuum(["spin", "membrane", "light"]), "spin", ["light", "membrane"]).second
    ('light', 'membrane')
    """
    if not isinstance(state, GaussianState):
        raise InvalidInput(_REASONS.get(type(state), _REASON).format(type(state).__name__))
    names = []
    for party, place in ((first, "first"), (second, "second")):
        names.append((party,) if isinstance(party, str) else as_names(party, "mode"))
        if not names[-1]:
            raise InvalidInput(f"the {place} party is empty; entanglement needs at least one mode on either side")
    both = [name for name in names[0] if name in names[1]]
    if both:
        raise InvalidInput(
            f"the mode {both[0]!r} is in both parties {names[0]} and {names[1]}; entanglement is "
            "between disjoint parties"
        )
    error = np.asarray(state.error_estimate)
    shapes = {shape for shape in (state.mean.shape[:-1], state.covariance.shape[:-2], error.shape) if shape}
    batch = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
    return Parties(_block(state, names[0] + names[1]), error, names[0], names[1], batch)


def _block(state: GaussianState, names: tuple[str, ...]) -> FloatArray:
    """The covariance of the named modes: a view where they stand in this order."""
    places = indices(names, state.modes, "mode")
    first = 2 * places[0]
    if places == list(range(places[0], places[0] + len(places))):
        rows = slice(first, first + 2 * len(places))
        return state.covariance[..., rows, rows]
    picked = np.array([row for place in places for row in (2 * place, 2 * place + 1)])
    return state.covariance[..., picked[:, None], picked]
