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

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .engines import LARGEST, compiled_pays
from .engines.lanes import Certified, Systems, chunk, solve_with_numpy
from .engines.plan import Plan, plan
from .errors import Unresolved
from .lyapunov_dense import (
    SECOND_STEP,
    Solution,
    clear,
    least_pivots,
    solve_dense,
)
from .residuals import relative_size
from .rounding import ROUNDING

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
    found = _solve(drift, diffusion, None)
    if not np.isfinite(found.step).all():
        raise Unresolved(
            "the Lyapunov equation is singular: in double precision two poles of the drift sum to zero, so that "
            "nothing damps a motion. Add the damping that is missing",
            np.inf,
        )
    return Solution(found.matrix, found.step)


def solve_and_certify(drift: FloatArray, diffusion: FloatArray, process: FloatArray | None = None) -> Certified:
    """The same for each lane by itself: NaN of infinite error where the equation is singular, and nothing is raised.

    `step` is the error as a solution of these equations, `error` that with the rounding of their matrices, for which
    `process` (…, n, 1) has the sizes of what D is the sum of (`backaction.gaussian.rounding`; default those of D).
    `pivot` is the least pivot of each V (see `least_pivots`). What a plan does not clearly solve LAPACK does, so that
    which lanes are refused does not depend on a lane's neighbours.

    Examples
    --------
    >>> solve_and_certify(np.array([[-1.0]]), np.array([[1.0]])).pivot
    array(1.)
    """
    if process is None:
        process = np.sqrt(np.abs(diffusion.diagonal(axis1=-2, axis2=-1)))[..., None]
    return _solve(drift, diffusion, process)


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


def _solve(drift: FloatArray, diffusion: FloatArray, process: FloatArray | None) -> Certified:
    size = drift.shape[-1]
    batch = drift.shape[:-2]
    if diffusion.shape[:-2] != batch:
        batch = np.broadcast_shapes(batch, diffusion.shape[:-2])
    systems = _systems(drift, diffusion, process, batch)
    with np.errstate(all="ignore"):  # of lanes that have no solution
        found = _by_plan(systems, size) if many(systems.total, size) else _by_lapack(systems, size)
        if process is not None:
            unclear = np.flatnonzero(~clear(found.step, found.error, found.pivot, size))
            _replace(found, unclear, systems, size, 4 * ROUNDING)
    return Certified(found.matrix.reshape(*batch, size, size), *[part.reshape(batch) for part in found[1:]])


def _replace(
    found: Certified, lanes: NDArray[np.intp], systems: Systems, size: int, second: float = SECOND_STEP
) -> None:
    """Solve some lanes again, by LAPACK."""
    if len(lanes):
        for whole, part in zip(found, _by_lapack(systems.lanes(lanes), size, second), strict=True):
            whole[lanes] = part


def _systems(drift: FloatArray, diffusion: FloatArray, process: FloatArray | None, batch: tuple[int, ...]) -> Systems:
    """The batch without copies: what is the same for many lanes stays so."""

    def rows(matrix: FloatArray) -> NDArray[np.intp] | None:
        own = matrix.shape[:-2]
        if own == batch:
            return None
        return np.broadcast_to(np.arange(math.prod(own)).reshape(own), batch).flatten()

    size = drift.shape[-1]
    flat = [matrix.reshape(math.prod(matrix.shape[:-2]), size**2) for matrix in (drift, diffusion)]
    sizes = None if process is None else process.reshape(len(flat[1]), size)
    return Systems(flat[0], flat[1], rows(drift), rows(diffusion), math.prod(batch), sizes)


def _by_plan(systems: Systems, size: int, first: bool = True) -> Certified:
    """By a plan for all; those for which its pivots are bad by a plan of their own, and what remains by LAPACK."""
    made = _plan(systems, size)
    if made is None or not _planned_pays(made, systems.total):
        return _by_lapack(systems, size)
    if compiled_pays(systems.total, size, LARGEST_COMPILED):
        from .engines.lyapunov import solve_compiled

        found = solve_compiled(made, systems)
    else:
        found = solve_with_numpy(made, systems)
    found = Certified(found.matrix, found.step + ROUNDING, found.error + ROUNDING, found.pivot)
    coarse = np.flatnonzero(~(found.step < SECOND_STEP))
    if first and many(len(coarse), size):
        for whole, part in zip(found, _by_plan(systems.lanes(coarse), size, False), strict=True):
            whole[coarse] = part
    else:
        _replace(found, coarse, systems, size)
    return found


def _by_lapack(systems: Systems, size: int, second: float = SECOND_STEP) -> Certified:
    a = systems.drift if systems.drift_rows is None else systems.drift[systems.drift_rows]
    d, rows = systems.diffusion, systems.diffusion_rows
    process = systems.process
    if rows is not None:
        d, process = d[rows], None if process is None else process[rows]
    column = None if process is None else process[..., None]
    found = solve_dense(a.reshape(len(a), size, size), d.reshape(len(d), size, size), column, second)
    return Certified(*found, np.zeros(len(a)) if process is None else least_pivots(found.matrix))


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
