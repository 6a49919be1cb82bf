"""The EPR variance at given gains, as an experiment combines its records.

`epr_variance` finds the best gain and phase; here they are what was set in the laboratory, or in another state, and may
differ for positions and momenta. The variance is then linear in the covariance, and so in every noise that feeds it:
that is what makes the budget of `backaction.entanglement.budget` exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray, common_batch, frozen
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.normal_modes import require_positive

from .bounds import EPR
from .criterion import Criterion, judging, relevant_doubt, require_resolved
from .forms import variance, variance_uncertainty
from .parties import parties

__all__ = ["epr_combination", "epr_variance_at"]


def epr_combination(
    gain: ArrayLike, phase: ArrayLike = 0.0, momentum_gain: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Weights of X_a + g X_b' and P_a − g_p P_b' on (x_a, p_a, x_b, p_b), over √(1 + |g g_p|); each of shape (…, 4).

    b' = O(φ) b, that is X_b' = cos φ x_b − sin φ p_b and P_b' = sin φ x_b + cos φ p_b.

    Parameters
    ----------
    gain : array_like
        g, of either sign.
    phase : array_like
        φ, rad.
    momentum_gain : array_like, optional
        g_p; default g.

    Raises
    ------
    InvalidInput
        Batches that do not fit, or numbers that are not finite.

    Examples
    --------
    >>> epr_combination(-1.0)[0].round(6)
    array([ 0.707107,  0.      , -0.707107,  0.      ])
    """
    g, turn = frozen(gain, "an EPR gain"), frozen(phase, "the local phase of an EPR combination")
    g_p = g if momentum_gain is None else frozen(momentum_gain, "an EPR gain")
    batch = common_batch({"gain": g.shape, "phase": turn.shape, "momentum gain": g_p.shape})
    cosine, sine = np.cos(turn), np.sin(turn)
    one, zero = np.ones(batch), np.zeros(batch)
    length = np.sqrt(1 + np.abs(g * g_p))[..., None]
    position = np.stack(np.broadcast_arrays(one, zero, g * cosine, -g * sine), axis=-1) / length
    momentum = np.stack(np.broadcast_arrays(zero, one, -g_p * sine, -g_p * cosine), axis=-1) / length
    return position, momentum


@judging(EPR)
def epr_variance_at(
    state: GaussianState,
    first: str,
    second: str,
    gain: ArrayLike,
    phase: ArrayLike = 0.0,
    momentum_gain: ArrayLike | None = None,
) -> Criterion:
    """EPR variance at given gains, [Var(X_a + g X_b') + Var(P_a − g_p P_b')]/(1 + |g g_p|): separable ⇒ ≥ 1.

    A violation proves entanglement; no violation proves nothing. With the `gain` and `phase` that `epr_variance`
    returns it is that variance, with g = −1 and the best phase the Duan sum.

    Parameters
    ----------
    state : GaussianState
    first, second : str
        One mode each.
    gain : array_like
        g: negative for X_a − |g| X_b' and P_a + |g| P_b', the pair that negative mass makes quiet.
    phase : array_like
        Local phase φ of b' = O(φ) b, rad.
    momentum_gain : array_like, optional
        g_p where it differs from g.

    Returns
    -------
    Criterion
        Vacuum 1, shape (…); gains and phase broadcast with the batch of the state.

    Raises
    ------
    InvalidInput
        Unknown modes, the same mode twice, more than one mode a party, batches that do not fit.
    Unphysical, Unresolved
        As `duan_sum`.

    References
    ----------
    V. Giovannetti, S. Mancini, D. Vitali and P. Tombesi, Phys. Rev. A 67, 022320 (2003), Eq. (10). Drawn in the figure
    `epr-budget`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> state = two_mode_squeezed(1.0, ["spin", "membrane"])
    >>> epr_variance_at(state, "spin", "membrane", [-1.0, -0.5, 0.0]).value.round(6)  # e⁻² at the best gain
    array([0.135335, 0.860707, 3.762196])
    """
    pair = parties(state, first, second)
    if len(pair.first) != 1 or len(pair.second) != 1:
        raise InvalidInput(
            f"the EPR variance is about one mode on either side, got {pair.text}; `van_loock_furusawa` takes any "
            "number of modes"
        )
    require_positive(pair.covariance, pair.error)
    combination = epr_combination(gain, phase, momentum_gain)
    batch = common_batch({"state": pair.batch, "gains and phase": combination[0].shape[:-1]})
    value = sum((variance(pair.covariance, w) for w in combination), np.zeros(()))
    doubt = sum((variance_uncertainty(pair.covariance, w, pair.error) for w in combination), np.zeros(()))
    require_resolved(relevant_doubt(value, doubt, EPR.value), f"the EPR variance of {pair.text}")
    return Criterion(np.broadcast_to(value, batch), np.broadcast_to(doubt, batch))
