"""Gaussian steering: one party's measurements prove that the other has no local quantum state.

It is asymmetric and demands more than entanglement. The condition that the first party cannot steer the second
is V + i(0 ⊕ Ω)/2 ≥ 0: the uncertainty principle is asked of the second party only. Equivalently, the second
party's covariance given everything about the first, the Schur complement V_b − CᵀV_a⁻¹C, has symplectic
eigenvalues ≥ ½; these are found here from V itself, without forming a difference.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backaction.gaussian import GaussianState, symplectic_form
from backaction.gaussian.arrays import FloatArray, sealed

from .bipartite import Party, summed_negativity
from .bounds import STEERING
from .criterion import Attempt, Criterion
from .parties import parties

__all__ = ["attempt_steering", "steering"]


def steering(state: GaussianState, steering_party: Party, steered_party: Party) -> Criterion:
    """Gaussian steerability of the second party by the first, G = Σ max(0, −ln 2ν̄_k), in nats.

    ν̄ are the symplectic eigenvalues of V_b − CᵀV_a⁻¹C. For one mode each this is max(0, ½ ln[det V_a/(4 det
    V_ab)]), a the steering mode. G > 0 proves steering by Gaussian measurements, and with it entanglement.

    Parameters
    ----------
    state : GaussianState
    steering_party, steered_party : str or sequence of str
        Who measures, and whose state is steered; the rest is traced out. Swap them for the other direction.

    Returns
    -------
    Criterion
        G (natural logarithm), shape (…).

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `smallest_ppt_eigenvalue`.

    References
    ----------
    I. Kogias, A. R. Lee, S. Ragy and G. Adesso, Phys. Rev. Lett. 114, 060403 (2015), eqs (5)–(8). Drawn in the figure
    `two-mode-squeezed`.

    Examples
    --------
    >>> c, s = np.cosh(2.0) / 2, np.sinh(2.0) / 2  # two-mode squeezed vacuum, r = 1: ln cosh 2r
    >>> squeezed = GaussianState(np.zeros(4), [[c, 0, s, 0], [0, c, 0, -s], [s, 0, c, 0], [0, -s, 0, c]])
    >>> bool(np.isclose(float(steering(squeezed, "mode0", "mode1")), np.log(np.cosh(2.0)), rtol=1e-12))
    True
    """
    return Criterion.of(attempt_steering, STEERING, state, steering_party, steered_party)


def attempt_steering(state: GaussianState, steering_party: Party, steered_party: Party) -> Attempt:
    """`steering` lane by lane."""
    pair = parties(state, steering_party, steered_party)
    names = [", ".join(map(repr, party)) for party in (pair.first, pair.second)]
    form = _form(len(pair.first), len(pair.second))
    return summed_negativity(pair, form, len(pair.second), f"the steering of {names[1]} by {names[0]}")


@lru_cache(maxsize=32)
def _form(first: int, second: int) -> FloatArray:
    """0 ⊕ Ω: the uncertainty principle of the second party only."""
    asked = np.repeat([0.0, 1.0], [2 * first, 2 * second])
    return sealed(asked[:, None] * symplectic_form(first + second))
