r"""Positivity defects, and what they can fake.

A phenomenological model (brownian damping) may give a covariance V that is no quantum state's: V + iΩ/2 has a negative
eigenvalue −δ. Then V means only "some state near V", and the question is which.

*δ is the distance from V to the nearest quantum state.* For a state V′ within a distance ε (every eigenvalue of V′ − V
in [−ε, ε]), 0 ≤ V′ + iΩ/2 ≤ V + iΩ/2 + ε, so that ε ≥ δ; and V + δ is one.

*V + δ, every quadrature with the noise δ more, is the noisiest of the states within δ.* Noise that is added to the
quadratures creates no entanglement and no steering. So if any of those states is separable, then so is V + δ; if V + δ
is entangled, then so are all of them. Hence the one rule of this module:

    a criterion is violated beyond what the defect can fake if and only if V + δ violates it.

What that asks of each criterion, for the value at V:

- Duan sum, EPR variance with its gain: X_a + gX_b over √(1 + g²) gains δ, and so does the other quadrature, whatever
  the gain and phase. Exactly 2δ: entangled if Δ < 1 − 2δ.
- Smallest PPT eigenvalue, log-negativity: V + δ + iΩ̃/2, with the momenta of the second party turned round in Ω̃, must
  have a negative eigenvalue: the state has to violate positivity by more transposed than it does as it stands. In ν,
  the difference is ν(V + δ) − ν(V) ≤ ν δ/λ, in E_N it is at most ln(1 + δ/λ), with λ the smallest eigenvalue of V
  (because V + δ ≤ (1 + δ/λ)V).
- Steering: the same with 0 ⊕ Ω.

Two uncorrelated modes show it: each may have ν < ½ alone, which a partial transposition leaves as it is, so that the
pair has a "log-negativity"; V + δ is then a product of two states, and nothing is left.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import GaussianState, positivity_defect
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.state import known_state

__all__ = ["defect", "noisier"]

FLOOR, RELATIVE = 1e-9, 1e-14
"""A defect below max(1e-9, 1e-14 ‖V‖) is rounding of the covariance."""

CHUNK = 4096
"""States whose pivots are computed at a time, short enough for the cache."""


def defect(state: GaussianState) -> FloatArray:
    """Positivity defect δ ≥ 0 of a model's state, V + iΩ/2 ≥ −δ, shape (…); 0 where rounding explains it.

    Examples
    --------
    >>> cold = GaussianState([0, 0], np.diag([0.49, 0.49]), ["a"], allowed_defect=np.inf)
    >>> round(float(defect(cold)), 12), float(defect(GaussianState.vacuum(["a"])))
    (0.01, 0.0)
    """
    size = state.covariance.shape[-1]
    lanes = state.covariance.reshape(math.prod(state.covariance.shape[:-2]), size, size)
    found = np.zeros(len(lanes))
    # most states are clearly positive, which costs little to see; the others have their eigenvalues computed
    if found.size and size:
        doubtful = ~_clearly_positive(lanes) if len(lanes) > 1 else np.ones(1, dtype=bool)
        some = lanes[doubtful]
        one = known_state(np.zeros(some.shape[:-1]), some, state.modes, np.zeros(len(some)))
        amount = positivity_defect(one)
        norm = np.linalg.eigvalsh(some)[:, -1] if (amount > FLOOR).any() else np.zeros(len(some))
        found[doubtful] = np.where(amount > np.maximum(FLOOR, RELATIVE * norm), amount, 0.0)
    return np.broadcast_to(found.reshape(state.covariance.shape[:-2]), state.batch_shape)


def noisier(state: GaussianState, added: FloatArray) -> GaussianState:
    """The state with a noise (…) added to every quadrature, V + added; its own error estimate stays.

    Examples
    --------
    >>> noisier(GaussianState.vacuum(["a"]), np.array(0.25)).covariance.diagonal()
    array([0.75, 0.75])
    """
    covariance = state.covariance + np.asarray(added)[..., None, None] * np.eye(state.covariance.shape[-1])
    return known_state(state.mean, covariance, state.modes, np.asarray(state.error_estimate))


def _clearly_positive(covariance: FloatArray) -> NDArray[np.bool_]:
    """Whether every pivot of V + iΩ/2 + ½max(1e-9, 1e-14 max V_ii) is positive, shape (N,)."""
    count, size, _ = covariance.shape
    found = np.ones(count, dtype=bool)
    form = np.zeros((size, size), dtype=np.complex128)
    form[np.arange(0, size, 2), np.arange(1, size, 2)] = 0.5j
    form -= form.T
    with np.errstate(all="ignore"):
        for start in range(0, count, CHUNK):
            lanes = slice(start, start + CHUNK)
            left = form[..., None] + covariance[lanes].transpose(1, 2, 0)
            slack = 0.5 * np.maximum(FLOOR, RELATIVE * np.abs(left).max(axis=(0, 1)))
            left[np.arange(size), np.arange(size)] += slack
            for row in range(size):
                pivot = left[row, row].real
                found[lanes] &= pivot > 0
                rest = left[row + 1 :, row] / pivot
                left[row + 1 :, row + 1 :] -= rest[:, None] * left[row, row + 1 :]
    return found
