"""Which bases a verification climbs: from the occupations of the Gaussian state, and what memory and time allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backaction.gaussian import GaussianState, InvalidInput, Unresolved

from .basis import FEWEST_LEVELS, Basis, suggested_basis
from .generator import MEMORY_LIMIT, couplings, memory_needed, require_memory
from .verification import Effort

__all__ = ["growing_bases", "require_room"]

STEP_BACK = 0.25
"""Decades given up at a time until a basis fits."""

FIXED_STEP = 2
"""Levels between bases where the largest dimension was given."""


def growing_bases(
    state: GaussianState,
    decades: float,
    effort: Effort,
    fock: Mapping[str, int],
    share: float = 1.0,
    boxes: bool = False,
) -> list[Basis]:
    """Bases for a state, smallest first, the largest with the decades asked for or with what fits.

    `share` is the part of the effort's couplings that they may have; `boxes` asks for whole tensor products.

    Raises
    ------
    InvalidInput
        Dimensions that were given and would not fit in memory.
    """
    limit = effort.couplings * share
    while decades > effort.least and couplings(_basis(boxes, state, decades, fock)) > limit:
        decades -= STEP_BACK
    found: list[Basis] = []
    fewest: Sequence[int] = (FEWEST_LEVELS,) * len(state.modes)
    for rung in range(1, effort.bases + 1):
        back = effort.bases - rung
        wanted = {mode: max(size - FIXED_STEP * back, 2) for mode, size in fock.items()}
        kept = max(decades - effort.step * back, 0.5 * decades * rung / effort.bases)
        basis = _basis(boxes, state, kept, wanted, fewest)
        # A mode that stays as it is would not show in the changes from basis to basis.
        fewest = [size + 1 for size in basis.dimensions]
        found.append(basis)
    require_memory(found[-1])
    return found


def require_room(
    state: GaussianState, effort: Effort, fock: Mapping[str, int], share: float = 1.0, boxes: bool = False
) -> None:
    """Refuse a state with so many quanta that no basis within memory holds them.

    Raises
    ------
    Unresolved
        With the dimensions that would be needed, and the memory.
    InvalidInput
        Dimensions that were given and would not fit in memory.
    """
    quanta = ", ".join(f"{n:.4g} in {mode}" for mode, n in zip(state.modes, state.occupation, strict=True))
    crowded = f"not resolved: the steady state has too many quanta for Fock space ({quanta})"
    try:
        basis = _basis(boxes, state, effort.least, fock)
    except InvalidInput as error:
        raise Unresolved(f"{crowded}; {error}", float("inf")) from None
    if fock:
        require_memory(basis)
    elif couplings(basis) > effort.couplings * share:
        allowed = f"{effort.couplings * share:.1g} couplings between elements, and {MEMORY_LIMIT / 2**30:.3g} GiB"
        raise Unresolved(
            f"{crowded}; to hold only {effort.least:g} decades of the probability, dimensions {basis.dimensions} are "
            f"needed: {basis.size} number states, about {memory_needed(basis) / 2**30:.3g} GiB (allowed are {allowed})"
            ". Verify a network with smaller occupations (scaled down, it is the same algebra), or give dimensions by "
            "--fock NAME=N",
            float("inf"),
        )


def _basis(
    box: bool, state: GaussianState, decades: float, scale: Mapping[str, int], fewest: Sequence[int] = ()
) -> Basis:
    found = suggested_basis(state, decades, scale, fewest)
    return Basis(found.dimensions) if box else found
