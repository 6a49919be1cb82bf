"""A plan of elimination carried out by NumPy: one operation is done for a whole chunk of systems.

The arrays have the systems ("lanes") on their last axis.  A first solution is refined once, and the size of that step
is its error; see `backaction.gaussian.lyapunov`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import FloatArray
from ..rounding import SHARE
from ..split_product import EXPONENT, exact_total
from .plan import ADD, INVERT, MULTIPLY, SUBTRACT, Plan

__all__ = ["AGAIN", "LEADING", "TINY", "Certified", "Systems", "chunk", "nothing", "solve_with_numpy"]

DOUBLES = 800_000
"""Numbers of one chunk: what fits the cache (measured)."""

FEWEST = 128
"""Systems of a chunk, if there are so many: fewer do not make up for the cost of calling NumPy."""

AGAIN = 1e-12
"""Size of a step of refinement from which a second one is made, so that the error estimate is that of the result."""

LEADING = 2.0**28
"""An anchor is this times a bound: the sum with it keeps 24 to 26 bits, so that sums of products of two are exact."""

TINY = 1e-300
"""A variance that is zero: any change of it is infinitely large."""


class Systems(NamedTuple):
    """Drifts and diffusions, each flattened to (systems, n²), and which of them belong to each of `total` lanes.

    `process`, one row for each row of the diffusions, are the sizes of what these are sums of; None asks for no error
    from the rounding of the model.
    """

    drift: FloatArray
    diffusion: FloatArray
    drift_rows: NDArray[np.intp] | None
    diffusion_rows: NDArray[np.intp] | None
    total: int
    process: FloatArray | None = None

    def lanes(self, chosen: NDArray[np.intp]) -> Systems:
        """Some of them."""
        first, second = (chosen if rows is None else rows[chosen] for rows in (self.drift_rows, self.diffusion_rows))
        return Systems(self.drift, self.diffusion, first, second, len(chosen), self.process)


class Certified(NamedTuple):
    """V (N, n, n), its errors (N,) and the least pivots of its correlations (N,): > 0 if V > 0.

    `step` is the size of the last step; `error` adds what the rounding of the model changes.
    """

    matrix: FloatArray
    step: FloatArray
    error: FloatArray
    pivot: FloatArray


def nothing(count: int, size: int) -> Certified:
    """Room for solutions."""
    return Certified(np.empty((count, size, size)), np.empty(count), np.empty(count), np.empty(count))


def chunk(plan: Plan, count: int) -> int:
    """How many of `count` systems are done at a time."""
    most = max(FEWEST, DOUBLES // (plan.slots + 8 * plan.size**2))
    return -(-count // -(-count // most))


def solve_with_numpy(plan: Plan, systems: Systems) -> Certified:
    """Solutions of A V + V Aᵀ + D = 0; NaN where a shared pivot is zero.

    Examples
    --------
    >>> from backaction.gaussian.engines.plan import plan as make
    >>> one = np.ones((1, 1), dtype=bool)
    >>> systems = Systems(np.array([[-1.0], [-2.0]]), np.ones((2, 1)), None, None, 2)
    >>> solve_with_numpy(make(np.full((1, 1, 1), -1.0), one, one), systems).matrix.ravel()
    array([0.5 , 0.25])
    """
    count, size = systems.total, plan.size
    lanes = chunk(plan, count)
    found = nothing(count, size)
    worker = _Worker(plan, lanes)
    with np.errstate(all="ignore"):
        for start in range(0, count, lanes):
            first = max(0, min(start, count - lanes))  # the last chunk repeats some of the one before
            worker.solve(systems, slice(first, first + lanes), found)
    return found


class _Worker:
    """The arrays for chunks of one length."""

    def __init__(self, plan: Plan, lanes: int) -> None:
        size = plan.size
        self.plan = plan
        self.work = np.empty((plan.slots, lanes))
        self.work[0] = 0.0
        self.line = np.empty((size, lanes))
        rows = list(self.work)
        self.factorise, self.first, self.again = (
            [(kind, rows[t], rows[s], rows[a], rows[b]) for kind, t, s, a, b in steps.tolist()]
            for steps in (plan.factorise, plan.first, plan.again)
        )
        self.pair = i, j = np.triu_indices(size)
        self.upper, self.lower, self.diagonal = i * size + j, j * size + i, np.flatnonzero(i == j)
        self.equation = np.where(i == j, -0.5, -1.0)[:, None]
        self.entry = np.divmod(plan.drift, size)
        self.covariance, self.leading, self.rest, self.moved, self.lost = np.empty((5, size, size, lanes))
        self.square, self.scaled, self.spare = np.empty((3, len(i), lanes))
        self.diffusion = np.zeros((len(i), lanes))
        self.sources = np.searchsorted(self.upper, plan.diffusion)

    def solve(self, systems: Systems, lanes: slice, found: Certified) -> None:
        """Fill the results of some lanes."""
        plan, work = self.plan, self.work
        work[1 : 1 + len(plan.drift)] = _gathered(systems.drift, systems.drift_rows, lanes, plan.drift)
        self.diffusion[self.sources] = _gathered(systems.diffusion, systems.diffusion_rows, lanes, plan.diffusion)
        right = work[plan.right[0] : plan.right[-1] + 1]
        self._run(self.factorise)
        np.multiply(self.diffusion, self.equation, out=right)
        self._run(self.first)
        solution = work[plan.unknowns]
        step = np.full(solution.shape[-1], np.inf)
        for _ in range(2):
            np.multiply(self._residual(solution), self.equation, out=right)
            self._run(self.again)
            change = work[plan.unknowns]
            refined = solution + change
            size = self._relative(change, refined)
            better = ~(size >= step)
            solution, step = np.where(better, refined, solution), np.where(better, size, step)
            if (step < AGAIN).all():
                break
        self._spread(solution, self.covariance)
        found.matrix.reshape(len(found.matrix), -1)[lanes] = self.covariance.reshape(plan.size**2, -1).T
        found.step[lanes], found.pivot[lanes] = step, self._least_pivot()
        found.error[lanes] = step
        if systems.process is not None:
            process = _gathered(systems.process, systems.diffusion_rows, lanes, np.arange(plan.size))
            np.multiply(self._disturbance(process), self.equation, out=right)
            self._run(self.again)
            found.error[lanes] += self._relative(work[plan.unknowns], solution)

    def _run(self, steps: list[tuple[int, FloatArray, FloatArray, FloatArray, FloatArray]]) -> None:
        spare, multiply, subtract = self.line[0], np.multiply, np.subtract
        for kind, target, source, left, right in steps:
            if kind == SUBTRACT:
                multiply(left, right, spare)
                subtract(source, spare, target)
            elif kind == MULTIPLY:
                multiply(left, right, target)
            elif kind == INVERT:
                np.divide(1.0, left, target)
            elif kind == ADD:
                np.add(left, right, target)

    def _residual(self, solution: FloatArray) -> FloatArray:
        """A V + V Aᵀ + D above the diagonal in about 75 bits: see `backaction.gaussian.split_product`."""
        (row, column), square, spare = self.entry, self.square, self.spare
        variances = solution[self.diagonal]
        scale = np.sqrt(np.abs(variances, out=variances), out=variances)
        scale.view(np.int64)[...] &= EXPONENT
        scale[scale == 0.0] = 1.0
        inverse = 1.0 / scale
        np.multiply(inverse[self.pair[0]], inverse[self.pair[1]], out=square)
        scaled = np.multiply(solution, square, out=self.scaled)
        anchor = LEADING * np.maximum(scaled.max(axis=0), -scaled.min(axis=0))
        leading = np.subtract(np.add(scaled, anchor, out=spare), anchor, out=spare)
        self._spread(leading, self.leading)
        self._spread(np.subtract(scaled, leading, out=spare), self.rest)
        self._spread(scaled, self.covariance)

        drift = self.work[1 : 1 + len(row)] * scale[column]
        drift *= inverse[row]
        bound = np.zeros_like(scale)
        for i, size in zip(row.tolist(), np.abs(drift), strict=True):
            bound[i] += size
        bound *= LEADING
        anchor = bound[row]
        leading = drift + anchor
        leading -= anchor
        drift -= leading  # the rest
        moved, lost, line = self.moved, self.lost, self.line
        for i in set(range(self.plan.size)).difference(row.tolist()):
            moved[i] = lost[i] = 0.0
        before = -1
        for one, other, i, k in zip(leading, drift, row.tolist(), column.tolist(), strict=True):
            if i == before:
                moved[i] += np.multiply(self.leading[k], one, out=line)
                lost[i] += np.multiply(self.rest[k], one, out=line)
            else:
                np.multiply(self.leading[k], one, out=moved[i])
                np.multiply(self.rest[k], one, out=lost[i])
            lost[i] += np.multiply(self.covariance[k], other, out=line)
            before = i
        moved, lost = moved.reshape(-1, moved.shape[-1]), lost.reshape(-1, moved.shape[-1])
        total, error = exact_total(moved[self.upper], moved[self.lower], np.multiply(self.diffusion, square, out=spare))
        error += lost[self.upper]
        error += lost[self.lower]
        total += error
        total /= square
        return total

    def _disturbance(self, process: FloatArray) -> FloatArray:
        """What rounding of A and D changes of the equations at most: see `backaction.gaussian.rounding`."""
        moved, line = self.moved, self.line
        moved[...] = process[:, None] * process
        covariance = np.abs(self.covariance, out=self.leading)
        rates = np.abs(self.work[1 : 1 + len(self.entry[0])])
        for rate, i, k in zip(rates, *(index.tolist() for index in self.entry), strict=True):
            moved[i] += np.multiply(covariance[k], rate, out=line)
        flat = moved.reshape(-1, moved.shape[-1])
        total: FloatArray = SHARE * (flat[self.upper] + flat[self.lower])
        return total

    def _spread(self, upper: FloatArray, full: FloatArray) -> None:
        flat = full.reshape(-1, full.shape[-1])
        flat[self.upper] = upper
        flat[self.lower] = upper

    def _relative(self, change: FloatArray, solution: FloatArray) -> FloatArray:
        """max |δV_ij|/√(V_ii V_jj), shape (lanes,)."""
        i, j = self.pair
        deviation = 1.0 / np.sqrt(np.maximum(np.abs(solution[self.diagonal]), TINY))
        size = np.abs(change, out=self.scaled)
        size *= deviation[i]
        size *= deviation[j]
        largest: FloatArray = size.max(axis=0)
        return largest

    def _least_pivot(self) -> FloatArray:
        """Of the elimination of V, relative to |V_ii|: the least pivot of Cholesky's factors of the correlations."""
        left = self.covariance.copy()
        least = np.ones(left.shape[-1])
        for row in range(len(left)):
            pivot = left[row, row]
            np.minimum(least, pivot / np.abs(self.covariance[row, row]), out=least)
            rest = left[row, row + 1 :]
            left[row + 1 :, row + 1 :] -= (rest / pivot)[:, None] * rest
        return least


def _gathered(matrix: FloatArray, rows: NDArray[np.intp] | None, lanes: slice, entries: NDArray[np.intp]) -> FloatArray:
    chosen = matrix[lanes] if rows is None else matrix[rows[lanes]]
    return chosen.T[entries]
