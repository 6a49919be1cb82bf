"""The Lyapunov equations of Newton's iteration, which correct their own errors: `LANES` small ones at a time.

A V = S − D/2 with S skew (Barnett & Storey); then A S + S Aᵀ = (D Aᵀ − A D)/2 has only n(n−1)/2 unknowns, and
V = A⁻¹(S − D/2).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import FloatArray
from .compilation import LANES, compiled
from .elimination import accumulate, eliminate, factorise

__all__ = ["lyapunov_residual", "lyapunov_step", "prepare", "relative_step"]

TINY = 1e-150
"""A variance that is zero: any change of it is infinitely large."""


@compiled
def prepare(
    drift: FloatArray,
    reduced: FloatArray,
    reduced_order: Any,
    reduced_filled: Any,
    inverse: FloatArray,
    order: Any,
    filled: Any,
) -> None:
    """Factors of the matrix of S ↦ AS + SAᵀ on skew S, and of A: all that a Lyapunov equation needs of the drift."""
    size = drift.shape[0]
    reduced[:] = 0.0
    equation = 0
    for i in range(size):
        for j in range(i + 1, size):
            # (AS + SAᵀ)_ij = Σ_k A_ik S_kj + A_jk S_ik; S_kl stands at `place` of (min, max), S_lk = −S_kl
            for k in range(size):
                if k != j:
                    low, high = min(k, j), max(k, j)
                    place = low * size - low * (low + 1) // 2 + high - low - 1
                    sign = 1.0 if k < j else -1.0
                    for lane in range(LANES):
                        reduced[equation, place, lane] += sign * drift[i, k, lane]
                if k != i:
                    low, high = min(k, i), max(k, i)
                    place = low * size - low * (low + 1) // 2 + high - low - 1
                    sign = 1.0 if i < k else -1.0
                    for lane in range(LANES):
                        reduced[equation, place, lane] += sign * drift[j, k, lane]
            equation += 1
    inverse[:] = drift
    factorise(reduced, reduced_order, reduced_filled)
    factorise(inverse, order, filled)


@compiled
def lyapunov_step(
    drift: FloatArray,
    reduced: FloatArray,
    reduced_order: Any,
    reduced_filled: Any,
    inverse: FloatArray,
    order: Any,
    filled: Any,
    diffusion: FloatArray,
    unknowns: FloatArray,
    answer: FloatArray,
) -> None:
    """The unrefined solution V of AV + VAᵀ + D = 0 in `answer`; AV = S − D/2 with S skew (see `lyapunov`)."""
    size = drift.shape[0]
    equation = 0
    for i in range(size):
        for j in range(i + 1, size):
            for lane in range(LANES):
                unknowns[equation, 0, lane] = 0.0
            for k in range(size):
                for lane in range(LANES):
                    unknowns[equation, 0, lane] += (
                        diffusion[i, k, lane] * drift[j, k, lane] - drift[i, k, lane] * diffusion[k, j, lane]
                    )
            for lane in range(LANES):
                unknowns[equation, 0, lane] *= 0.5
            equation += 1
    eliminate(reduced, reduced_order, reduced_filled, unknowns)
    equation = 0
    for i in range(size):
        for lane in range(LANES):
            answer[i, i, lane] = -0.5 * diffusion[i, i, lane]
        for j in range(i + 1, size):
            for lane in range(LANES):
                half = 0.5 * diffusion[i, j, lane]
                answer[i, j, lane] = unknowns[equation, 0, lane] - half
                answer[j, i, lane] = -unknowns[equation, 0, lane] - half
            equation += 1
    eliminate(inverse, order, filled, answer)
    for i in range(size):
        for j in range(i + 1, size):
            for lane in range(LANES):
                mean = 0.5 * (answer[i, j, lane] + answer[j, i, lane])
                answer[i, j, lane] = mean
                answer[j, i, lane] = mean


@compiled
def lyapunov_residual(
    drift: FloatArray, covariance: FloatArray, diffusion: FloatArray, total: FloatArray, error: FloatArray
) -> None:
    """AV + VAᵀ + D with twice the digits, as total + error above the diagonal; V and D symmetric."""
    size = drift.shape[0]
    filled = np.zeros((size, size), dtype=np.bool_)
    for i in range(size):
        for k in range(size):
            some = False
            for lane in range(LANES):
                some |= drift[i, k, lane] != 0.0
            filled[i, k] = some
    for i in range(size):
        for j in range(i, size):
            for lane in range(LANES):
                total[i, j, lane] = diffusion[i, j, lane]
                error[i, j, lane] = 0.0
            for k in range(size):
                if filled[i, k]:
                    accumulate(total[i, j], error[i, j], drift[i, k], covariance[k, j])
                if filled[j, k]:
                    accumulate(total[i, j], error[i, j], drift[j, k], covariance[k, i])


@compiled
def relative_step(step: FloatArray, covariance: FloatArray, scale: FloatArray, size: FloatArray) -> None:
    """max |δV_ij|/√(V_ii V_jj) of each lane, in `size`; `scale` (n, LANES) is overwritten."""
    count = step.shape[0]
    for i in range(count):
        for lane in range(LANES):
            scale[i, lane] = 1.0 / math.sqrt(max(abs(covariance[i, i, lane]), TINY))
    for lane in range(LANES):
        size[lane] = 0.0
    for i in range(count):
        for j in range(i, count):
            for lane in range(LANES):
                ratio = abs(step[i, j, lane]) * (scale[i, lane] * scale[j, lane])
                # a comparison with NaN is false: what is no number must not look small
                size[lane] = size[lane] if ratio <= size[lane] else ratio
