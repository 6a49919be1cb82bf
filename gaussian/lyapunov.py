"""The Lyapunov equation A V + V Aᵀ + D = 0, batched, with an error estimate for every solution.

Elimination on the equations of the entries keeps the entries of A apart, so that slow and fast rates do not mix: Schur
and eigenvalue methods lose eps × (fastest/slowest rate), 1e-8 for a mechanical quality factor of 1e7, with a residual
of 1e-16 that hides it.  Many systems of one pattern share a plan of elimination, which leaves out what is zero
(`backaction.gaussian.engines.plan`).  Few of them, large ones, and those for which the plan is a bad one are solved by
LAPACK (`backaction.gaussian.lyapunov_dense`).

One step of refinement, its residual in about 75 bits (`split_product`), ends each solution.  Its size measures the
error of the unrefined solution and bounds that of the refined one: it is what is reported, with the rounding of the
result.  Where it is large, a second step refines and measures the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, flattened
from .engines import LARGEST, compiled_pays
from .engines.lanes import Refined, Systems, chunk, solve_with_numpy
from .engines.plan import Plan, plan
from .lyapunov_dense import ROUNDING, SECOND_STEP, Solution, least_pivots, solve_dense
from .residuals import relative_size

__all__ = ["Solution", "many", "relative_size", "solve_and_certify", "solve_lyapunov"]

MANY = 500
"""Systems from which a plan of elimination is looked for, which takes milliseconds; more for those of more rows."""

LARGEST_PLANNED = 24
"""Rows of a drift up to which a plan carried out by NumPy may take less time than LAPACK."""

LARGEST_COMPILED = 40
"""The same for compiled loops; to look for such a plan takes a second."""

FEWEST_COMPILED = 64
"""Systems, one group of lanes, from which a plan is looked for if compiled loops were asked for."""

SAMPLE = 16
"""Systems of a batch that choose the pivots for all."""

CALL, NUMBER = 0.7, 0.0005
"""Measured µs of a step of a plan by NumPy, and of each number in it."""

LAPACK, SCHUR = 0.04, 15.0
"""Measured µs of a problem by LAPACK divided by n³, and of one by a Schur form divided by n."""


def solve_lyapunov(drift: FloatArray, diffusion: FloatArray) -> Solution:
    """Solve A V + V Aᵀ + D = 0 for symmetric D.

    No check of stability is made: the solution is a covariance only if every pole of A decays.

    Parameters
    ----------
    drift, diffusion : array, shape (…, n, n)
        A and D.

    Raises
    ------
    Unresolved
        Two poles of A sum to zero: the equation is singular.

    Examples
    --------
    >>> solve_lyapunov(np.array([[-1.0]]), np.array([[1.0]])).matrix
    array([[0.5]])
    """
    found = _solve(drift, diffusion, _without_pivots)
    return Solution(found.matrix, found.step)


def solve_and_certify(drift: FloatArray, diffusion: FloatArray) -> Refined:
    """The same, `step` the error estimate, with the least pivot of each solution (see `least_pivots`).

    Examples
    --------
    >>> solve_and_certify(np.array([[-1.0]]), np.array([[1.0]])).pivot
    array(1.)
    """
    return _solve(drift, diffusion, least_pivots)


def many(count: int, size: int) -> bool:
    """Whether so many systems of `size` rows are solved by a plan, if there is one: 2 µs each instead of 10.

    Examples
    --------
    >>> many(1, 6), many(10_000, 6), many(10_000, 100)
    (False, True, False)
    """
    enough = count >= MANY * max(1.0, (size / 12) ** 2)
    if compiled_pays(count, size, LARGEST_COMPILED):
        return enough or (count >= FEWEST_COMPILED and size <= LARGEST)
    return enough and 0 < size <= LARGEST_PLANNED


def _without_pivots(covariance: FloatArray) -> FloatArray:
    return np.zeros(len(covariance))


def _solve(drift: FloatArray, diffusion: FloatArray, pivots: Callable[[FloatArray], FloatArray]) -> Refined:
    size = drift.shape[-1]
    batch = drift.shape[:-2]
    if diffusion.shape[:-2] != batch:
        batch = np.broadcast_shapes(batch, diffusion.shape[:-2])
    count = math.prod(batch)
    if many(count, size):
        found = _by_plan(_systems(drift, diffusion, batch), size)
    else:
        matrix, error = solve_dense(flattened(drift, batch), flattened(diffusion, batch))
        found = Refined(matrix, error, pivots(matrix))
    return Refined(found.matrix.reshape(*batch, size, size), found.step.reshape(batch), found.pivot.reshape(batch))


def _systems(drift: FloatArray, diffusion: FloatArray, batch: tuple[int, ...]) -> Systems:
    """The batch without copies: what is the same for many lanes stays so."""

    def rows(matrix: FloatArray) -> NDArray[np.intp] | None:
        own = matrix.shape[:-2]
        if own == batch:
            return None
        return np.broadcast_to(np.arange(math.prod(own)).reshape(own), batch).flatten()

    entries = drift.shape[-1] ** 2
    flat = drift.reshape(-1, entries), diffusion.reshape(-1, entries)
    return Systems(flat[0], flat[1], rows(drift), rows(diffusion), math.prod(batch))


def _by_plan(systems: Systems, size: int, first: bool = True) -> Refined:
    """By a plan for all; those for which its pivots are bad by a plan of their own, and what remains by LAPACK."""
    made = _plan(systems, size)
    if made is None or not _planned_pays(made, systems.total):
        return _by_lapack(systems, size)
    if compiled_pays(systems.total, size, LARGEST_COMPILED):
        from .engines.lyapunov import solve_compiled

        found = solve_compiled(made, systems)
    else:
        found = solve_with_numpy(made, systems)
    found = Refined(found.matrix, found.step + ROUNDING, found.pivot)
    coarse = np.flatnonzero(~(found.step < SECOND_STEP))
    if len(coarse):
        others = systems.lanes(coarse)
        again = _by_plan(others, size, False) if first and many(len(coarse), size) else _by_lapack(others, size)
        for whole, part in zip(found, again, strict=True):
            whole[coarse] = part
    return found


def _by_lapack(systems: Systems, size: int) -> Refined:
    a = systems.drift if systems.drift_rows is None else systems.drift[systems.drift_rows]
    d = systems.diffusion if systems.diffusion_rows is None else systems.diffusion[systems.diffusion_rows]
    matrix, error = solve_dense(a.reshape(-1, size, size), d.reshape(-1, size, size))
    return Refined(matrix, error, least_pivots(matrix))


def _plan(systems: Systems, size: int) -> Plan | None:
    chosen = systems.lanes(np.arange(0, systems.total, -(-systems.total // SAMPLE)))
    sample = chosen.drift[chosen.drift_rows].reshape(-1, size, size)
    return plan(sample, _pattern_of(systems.drift, size), _pattern_of(systems.diffusion, size))


def _pattern_of(flat: FloatArray, size: int) -> NDArray[np.bool_]:
    """Entries that are not zero for all systems, (n, n): many rows at once, as reductions of short ones are slow."""
    whole = len(flat) // MANY * MANY
    pattern = flat[whole:].any(axis=0)
    if whole:
        pattern |= flat[:whole].reshape(whole // MANY, -1).any(axis=0).reshape(MANY, -1).any(axis=0)
    there: NDArray[np.bool_] = pattern.reshape(size, size)
    return there


def _planned_pays(made: Plan, count: int) -> bool:
    """Whether the plan takes less time than LAPACK."""
    size = made.size
    if compiled_pays(count, size, LARGEST_COMPILED):
        return True
    steps = len(made.factorise) + len(made.first) + len(made.again)
    return steps * (CALL / chunk(made, count) + NUMBER) < min(LAPACK * size**3, SCHUR * size)
