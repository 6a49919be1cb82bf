"""The Lyapunov equation A V + V Aᵀ + D = 0, batched, with an error estimate for every solution.

Elimination on the equations of the entries keeps the entries of A apart, so that slow and fast rates do not mix: Schur
and eigenvalue methods lose eps × (fastest/slowest rate), 1e-8 for a mechanical quality factor of 1e7, with a residual
of 1e-16 that hides it.  Many systems of one pattern share a plan of elimination, which leaves out what is zero
(`backaction.gaussian.engines.plan`).  Few of them, or those for which the plan is a bad one, are solved by LAPACK:
A V = S − D/2 with S skew (Barnett & Storey); then A S + S Aᵀ = (D Aᵀ − A D)/2 has only n(n−1)/2 unknowns, and
V = A⁻¹(S − D/2).

One step of refinement, its residual in about 75 bits (`split_product`), ends each solution.  Its size measures the
error of the unrefined solution and bounds that of the refined one: it is what is reported, with the rounding of the
result.  Where it is large, a second step refines and measures the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, flattened, symmetrised, transpose
from .engines import compiled_pays
from .engines.lanes import Refined, Systems, chunk, solve_with_numpy
from .engines.plan import Plan, plan
from .errors import Unresolved
from .split_product import exact_total, power_of_two, split_product

__all__ = ["Solution", "correction", "least_pivots", "relative_size", "scales", "solve_and_certify", "solve_lyapunov"]

CHUNK = 400_000
"""Doubles in the largest matrices of one chunk: what fits the cache (measured)."""

LARGEST_REDUCED = 16
"""Rows up to which elimination on the reduced system, of the order n⁶, costs less than a Schur decomposition."""

MANY = 500
"""Systems from which a plan of elimination is looked for, which takes some milliseconds."""

LARGEST_PLANNED = 40
"""Rows of a drift for which that is done; beyond, it takes seconds."""

SAMPLE = 16
"""Systems of a batch that choose the pivots for all."""

CALL, NUMBER, LAPACK = 0.7, 0.0005, 0.04
"""Measured µs: a step of a plan by NumPy, each number in it, and a problem by LAPACK divided by n³."""

SECOND_STEP = 1e-9
"""Size of a refinement step above which its own error, about its square, may exceed rounding: refine once more."""

ROUNDING = float(np.finfo(np.float64).eps)
"""Added to every estimate: V is rounded to float64 whatever the size of the step."""


class Solution(NamedTuple):
    """A matrix and its error estimate: max |δV_ij|/√(V_ii V_jj) of the last step, and rounding; shape (…)."""

    matrix: FloatArray
    error_estimate: FloatArray


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


def least_pivots(covariance: FloatArray) -> FloatArray:
    """The least pivot of Cholesky's factors of the correlations of each V (N, n, n); 0 for all if one has none.

    Where it is > 0, beyond rounding, V is positive.

    Examples
    --------
    >>> least_pivots(np.array([[[4.0, 2.0], [2.0, 4.0]]]))
    array([0.75])
    """
    variances = np.diagonal(covariance, axis1=-2, axis2=-1)
    if not (variances > 0).all():
        return np.zeros(len(covariance))
    try:
        lower = np.linalg.cholesky(covariance)  # its pivots are those of the correlations times V_ii
    except np.linalg.LinAlgError:
        return np.zeros(len(covariance))
    least: FloatArray = (np.diagonal(lower, axis1=-2, axis2=-1) ** 2 / variances).min(axis=-1, initial=1.0)
    return least


def correction(drift: FloatArray, residual: FloatArray) -> FloatArray:
    """The unrefined solution, for steps of an iteration that corrects its own errors; shapes (N, n, n)."""
    step = np.zeros_like(residual)
    for lanes in chunks(len(step), step.shape[-1]):
        step[lanes] = _reduced_solver(drift[lanes])(residual[lanes])
    return step


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices of a batch of problems with n = size whose reduced matrices, and a dozen others, fit the cache."""
    reduced = (size * (size - 1) // 2) ** 2 if size <= LARGEST_REDUCED else 0
    lanes = max(1, CHUNK // max(1, reduced, 16 * size**2))
    return (slice(start, start + lanes) for start in range(0, count if size else 0, lanes))


def scales(covariance: FloatArray) -> FloatArray:
    """Powers of two near √V_ii: dividing rows and columns by them makes V a matrix of correlations, unrounded."""
    return power_of_two(np.sqrt(np.abs(np.diagonal(covariance, axis1=-2, axis2=-1))))


def relative_size(change: FloatArray, covariance: FloatArray) -> FloatArray:
    """max |δV_ij|/√(V_ii V_jj), the measure of every error estimate, shape (…)."""
    variances = np.abs(np.diagonal(covariance, axis1=-2, axis2=-1))
    floor = np.finfo(np.float64).tiny  # a variance that is exactly zero: any change of it is infinitely large
    scale = np.sqrt(np.maximum(variances[..., :, None] * variances[..., None, :], floor))
    size: FloatArray = (np.abs(change) / scale).max(axis=(-2, -1), initial=0.0)
    return size


def _without_pivots(covariance: FloatArray) -> FloatArray:
    return np.zeros(len(covariance))


def _solve(drift: FloatArray, diffusion: FloatArray, pivots: Callable[[FloatArray], FloatArray]) -> Refined:
    size = drift.shape[-1]
    batch = np.broadcast_shapes(drift.shape[:-2], diffusion.shape[:-2])
    count = math.prod(batch)
    if count < MANY and not compiled_pays(count, size, LARGEST_PLANNED):
        matrix, error = _by_lapack(flattened(drift, batch), flattened(diffusion, batch))
        found = Refined(matrix, error, pivots(matrix))
    else:
        found = _by_plan(_systems(drift, diffusion, batch), size)
    return Refined(found.matrix.reshape(*batch, size, size), found.step.reshape(batch), found.pivot.reshape(batch))


def _systems(drift: FloatArray, diffusion: FloatArray, batch: tuple[int, ...]) -> Systems:
    """The batch without copies: what is the same for many lanes stays so."""

    def rows(matrix: FloatArray) -> NDArray[np.intp] | None:
        own = matrix.shape[:-2]
        if own == batch:
            return None
        return np.broadcast_to(np.arange(math.prod(own)).reshape(own), batch).ravel()

    entries = drift.shape[-1] ** 2
    flat = drift.reshape(-1, entries), diffusion.reshape(-1, entries)
    return Systems(flat[0], flat[1], rows(drift), rows(diffusion), math.prod(batch))


def _by_plan(systems: Systems, size: int, attempts: int = 2) -> Refined:
    """By a plan for all; those for which its pivots are bad by a plan of their own, and what remains by LAPACK."""
    made = _plan(systems, size) if attempts and size <= LARGEST_PLANNED else None
    if made is None or not _planned_pays(made, systems.total):
        a = systems.drift if systems.drift_rows is None else systems.drift[systems.drift_rows]
        d = systems.diffusion if systems.diffusion_rows is None else systems.diffusion[systems.diffusion_rows]
        matrix, error = _by_lapack(a.reshape(-1, size, size), d.reshape(-1, size, size))
        return Refined(matrix, error, least_pivots(matrix))
    if compiled_pays(systems.total, size, LARGEST_PLANNED):
        from .engines.lyapunov import solve_compiled

        found = solve_compiled(made, systems)
    else:
        found = solve_with_numpy(made, systems)
    found = Refined(found.matrix, found.step + ROUNDING, found.pivot)
    coarse = np.flatnonzero(~(found.step < SECOND_STEP))
    if len(coarse):
        # a few are not worth a plan
        remaining = _by_plan(systems.lanes(coarse), size, attempts - 1 if len(coarse) >= MANY else 0)
        for whole, part in zip(found, remaining, strict=True):
            whole[coarse] = part
    return found


def _plan(systems: Systems, size: int) -> Plan | None:
    chosen = systems.lanes(np.arange(0, systems.total, -(-systems.total // SAMPLE)))
    sample = chosen.drift[chosen.drift_rows].reshape(-1, size, size)
    return plan(sample, *(_pattern_of(matrix, size) for matrix in (systems.drift, systems.diffusion)))


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
    if compiled_pays(count, made.size, LARGEST_PLANNED):
        return True
    steps = len(made.factorise) + len(made.first) + len(made.again)
    return steps * (CALL / chunk(made, count) + NUMBER) < LAPACK * made.size**3


def _by_lapack(drift: FloatArray, diffusion: FloatArray) -> Solution:
    matrix, error = np.zeros(drift.shape), np.zeros(len(drift))
    for lanes in chunks(len(drift), drift.shape[-1]):
        matrix[lanes], error[lanes] = _refined(drift[lanes], diffusion[lanes])
    return Solution(matrix, error)


def _refined(drift: FloatArray, diffusion: FloatArray) -> Solution:
    solve = _reduced_solver(drift)
    matrix = solve(diffusion)
    matrix, error = _step(solve, drift, matrix, diffusion)
    coarse = np.flatnonzero(error > SECOND_STEP)
    if len(coarse):
        again = drift[coarse], diffusion[coarse]
        refined, remaining = _step(_reduced_solver(again[0]), again[0], matrix[coarse], again[1])
        better = remaining < error[coarse]
        matrix[coarse[better]], error[coarse[better]] = refined[better], remaining[better]
    return Solution(matrix, error + ROUNDING)


def _step(
    solve: Callable[[FloatArray], FloatArray], drift: FloatArray, covariance: FloatArray, diffusion: FloatArray
) -> Solution:
    step = solve(_residual(drift, covariance, diffusion))
    refined = covariance + step
    return Solution(refined, relative_size(step, refined))


def _residual(drift: FloatArray, covariance: FloatArray, diffusion: FloatArray) -> FloatArray:
    """A V + V Aᵀ + D in about 75 bits, relative to √(V_ii V_jj)."""
    scale = scales(covariance)
    ratio, square = scale[..., None, :] / scale[..., :, None], scale[..., None, :] * scale[..., :, None]
    leading, rest = split_product(drift * ratio, covariance / square)
    total, error = exact_total(leading, np.ascontiguousarray(transpose(leading)), diffusion / square)
    residual: FloatArray = (total + (error + rest + transpose(rest))) * square
    return residual


def _reduced_solver(drift: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return D ↦ V with what depends on A done once; shapes (N, n, n)."""
    if drift.shape[-1] > LARGEST_REDUCED:
        return _schur_solver(drift)
    upper, lower = _pattern(drift.shape[-1])[:2]
    reduced, inverse = _reduced_matrix(drift), _unless_singular(np.linalg.inv, drift)

    def solve(diffusion: FloatArray) -> FloatArray:
        mixed = (drift @ diffusion).reshape(len(drift), -1)
        right = (mixed.take(lower, axis=1) - mixed.take(upper, axis=1)) / 2
        skew = diffusion / -2
        if len(upper):
            unknowns = _unless_singular(np.linalg.solve, reduced, right[..., None])[..., 0]
            flat = skew.reshape(mixed.shape)
            flat[:, upper] += unknowns
            flat[:, lower] -= unknowns
        return symmetrised(inverse @ skew)

    return solve


def _schur_solver(drift: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """The same for large systems (Bartels & Stewart): less exact, which one more step of refinement mends."""
    from scipy.linalg import schur
    from scipy.linalg.lapack import dtrsyl

    forms = [schur(matrix, output="real") for matrix in drift]

    def solve(diffusion: FloatArray) -> FloatArray:
        answer = np.empty_like(diffusion)
        for lane, (triangular, vectors) in enumerate(forms):
            rotated = vectors.T @ diffusion[lane] @ vectors
            solution, scale, perturbed = dtrsyl(triangular, triangular, -rotated, tranb="T")
            if perturbed:
                raise _singular()
            answer[lane] = scale * (vectors @ solution @ vectors.T)
        return symmetrised(answer)

    return solve


def _unless_singular(solver: Callable[..., FloatArray], *arguments: FloatArray) -> FloatArray:
    try:
        return solver(*arguments)
    except np.linalg.LinAlgError:
        raise _singular() from None


def _singular() -> Unresolved:
    return Unresolved(
        "the Lyapunov equation is singular: in double precision two poles of the drift sum to zero, so that "
        "nothing damps a motion. Add the damping that is missing",
        np.inf,
    )


def _reduced_matrix(drift: FloatArray) -> FloatArray:
    """The matrix of S ↦ A S + S Aᵀ on skew S, in the entries above the diagonal: (N, m, m)."""
    pattern = _pattern(drift.shape[-1])
    entries, count = drift.reshape(len(drift), -1), len(pattern.upper)
    matrix = np.zeros((len(drift), count**2))
    matrix[:, pattern.places] = pattern.signs * entries.take(pattern.sources, axis=1)
    matrix[:, :: count + 1] = entries.take(pattern.first, axis=1) + entries.take(pattern.second, axis=1)
    return matrix.reshape(len(drift), count, count)


class _Pattern(NamedTuple):
    """Where entries stand in matrices of n² and of m² entries, each written in one row.

    `upper`, `lower`: S_ij and S_ji, i < j. Off the reduced matrix's diagonal, `places` hold `signs` times A at
    `sources`; on it stands A_ii + A_jj, `first` and `second`.
    """

    upper: NDArray[np.intp]
    lower: NDArray[np.intp]
    places: NDArray[np.intp]
    signs: FloatArray
    sources: NDArray[np.intp]
    first: NDArray[np.intp]
    second: NDArray[np.intp]


@lru_cache(maxsize=64)
def _pattern(size: int) -> _Pattern:
    """(A S + S Aᵀ)_ij = Σ_k A_ik S_kj + A_jk S_ik for i < j, with S_kl = −S_lk."""
    rows, columns = np.triu_indices(size, 1)
    i, j, k, l = rows[:, None], columns[:, None], rows[None, :], columns[None, :]  # noqa: E741  the indices of S_kl
    cases = (
        ((j == l) & (i != k), 1.0, i, k),
        ((j == k), -1.0, i, l),
        ((i == k) & (j != l), 1.0, j, l),
        ((i == l), -1.0, j, k),
    )
    places, signs, sources = [], [], []
    for where, sign, row, column in cases:
        places.append(np.flatnonzero(where))
        signs.append(np.full(len(places[-1]), sign))
        sources.append((row * size + column)[where])
    return _Pattern(
        rows * size + columns,
        columns * size + rows,
        np.concatenate(places),
        np.concatenate(signs),
        np.concatenate(sources),
        rows * (size + 1),
        columns * (size + 1),
    )
