"""Entanglement across any cut: the symplectic eigenvalues of the partially transposed covariance.

Transposing the second party's density matrix turns its momenta round, p → −p. A separable state stays a state
under that, so its partially transposed covariance still has symplectic eigenvalues ν ≥ ½. Instead of the
covariance, the code turns the symplectic form round, Ω → Ω ⊕ −Ω: the same numbers, and nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from backaction.gaussian import GaussianState, symplectic_form
from backaction.gaussian.arrays import FloatArray, sealed
from backaction.gaussian.normal_modes import attempt_normal_modes
from backaction.gaussian.smallest_mode import attempt_smallest_mode

from .bounds import LOG_NEGATIVITY, PPT
from .criterion import Attempt, Criterion
from .parties import Parties, parties

__all__ = [
    "attempt_log_negativity",
    "attempt_smallest_ppt_eigenvalue",
    "log_negativity",
    "smallest_ppt_eigenvalue",
    "summed_negativity",
    "transposed_form",
]

Party = str | Sequence[str]
"""A mode, or several."""


def smallest_ppt_eigenvalue(state: GaussianState, first: Party, second: Party) -> Criterion:
    """Smallest symplectic eigenvalue ν of the partially transposed covariance: entangled if ν < ½.

    For one mode against any number this is necessary and sufficient; for two modes it is Simon's criterion,
    2ν² = Δ̃ − √(Δ̃² − 4 det V) with Δ̃ = det A + det B − 2 det C.

    Parameters
    ----------
    state : GaussianState
    first, second : str or sequence of str
        The modes of each party; the rest is traced out.

    Returns
    -------
    Criterion
        ν (vacuum ½), shape (…).

    Raises
    ------
    InvalidInput
        Empty, unknown or overlapping parties.
    Unphysical
        The covariance is not positive definite.
    Unresolved
        The covariance does not hold ν to 1e-3, nor the verdict.

    References
    ----------
    R. Simon, Phys. Rev. Lett. 84, 2726 (2000); R. F. Werner and M. M. Wolf, Phys. Rev. Lett. 86, 3658 (2001).
    Drawn in the figures `two-mode-squeezed` and `hybrid-road`.

    Examples
    --------
    >>> float(smallest_ppt_eigenvalue(GaussianState.vacuum(["spin", "membrane"]), "spin", "membrane"))
    0.5
    """
    return Criterion.of(attempt_smallest_ppt_eigenvalue, PPT, state, first, second)


def attempt_smallest_ppt_eigenvalue(state: GaussianState, first: Party, second: Party) -> Attempt:
    """`smallest_ppt_eigenvalue` lane by lane."""
    pair = parties(state, first, second)
    value, relative, positive = attempt_smallest_mode(pair.covariance, transposed_form(pair), pair.error)
    value, uncertainty = pair.spread(value), pair.spread(value * relative)
    text = f"the smallest PPT eigenvalue of {pair.text}"
    return Attempt(pair, text, value, uncertainty, value, uncertainty, PPT.value, pair.told(positive))


def log_negativity(state: GaussianState, first: Party, second: Party) -> Criterion:
    """Logarithmic negativity E_N = Σ max(0, −ln 2ν_k) over the PPT symplectic eigenvalues, in nats.

    It is zero for separable states, additive, and no local operation raises it on average; for two modes only
    the smallest eigenvalue counts. A two-mode squeezed vacuum has 2r.

    Parameters
    ----------
    state : GaussianState
    first, second : str or sequence of str
        The modes of each party; the rest is traced out.

    Returns
    -------
    Criterion
        E_N (natural logarithm), shape (…).

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `smallest_ppt_eigenvalue`.

    References
    ----------
    G. Vidal and R. F. Werner, Phys. Rev. A 65, 032314 (2002); M. B. Plenio, Phys. Rev. Lett. 95, 090503 (2005).
    Drawn in the figures `vitali2007` and `two-mode-squeezed`.

    Examples
    --------
    >>> c, s = np.cosh(2.0) / 2, np.sinh(2.0) / 2  # two-mode squeezed vacuum, r = 1
    >>> squeezed = GaussianState(np.zeros(4), [[c, 0, s, 0], [0, c, 0, -s], [s, 0, c, 0], [0, -s, 0, c]])
    >>> round(float(log_negativity(squeezed, "mode0", "mode1")), 12)
    2.0
    """
    return Criterion.of(attempt_log_negativity, LOG_NEGATIVITY, state, first, second)


def attempt_log_negativity(state: GaussianState, first: Party, second: Party) -> Attempt:
    """`log_negativity` lane by lane."""
    pair = parties(state, first, second)
    # Transposing n modes turns n of the inequalities of a state round, so no more than that many ν lie below ½.
    count = min(len(pair.first), len(pair.second))
    return summed_negativity(pair, transposed_form(pair), count, f"the log-negativity of {pair.text}")


def summed_negativity(pair: Parties, form: FloatArray, count: int, what: str) -> Attempt:
    """Σ max(0, −ln 2ν_k) over the smallest normal modes of V with respect to a form, with its uncertainty.

    Examples
    --------
    >>> pair = parties(GaussianState.vacuum(["a", "b"]), "a", "b")
    >>> float(summed_negativity(pair, symplectic_form(2), 2, "nothing").value)
    0.0
    """
    if count == 1:
        value, relative, positive = attempt_smallest_mode(pair.covariance, form, pair.error)
        asked, uncertainty = pair.spread(value), pair.spread(value * relative)
    else:
        size = pair.covariance.shape[-1]
        lanes = np.broadcast_to(pair.covariance, (*pair.batch, size, size)).reshape(-1, size, size)
        error = np.broadcast_to(pair.error, pair.batch).reshape(-1)
        value, relative, positive = attempt_normal_modes(lanes, form, error, count)
        value, relative = value.reshape(*pair.batch, count), relative.reshape(*pair.batch, count)
        positive, asked, uncertainty = positive.reshape(pair.batch), value, value * relative
    exponents = -np.log(2 * value)
    terms = np.maximum(0.0, exponents)
    changes = np.maximum(0.0, exponents + relative) - terms
    if count > 1:
        terms, changes = terms.sum(axis=-1), changes.sum(axis=-1)
    return Attempt(
        pair, what, pair.spread(terms), pair.spread(changes), asked, uncertainty, PPT.value, pair.told(positive)
    )


def transposed_form(pair: Parties) -> FloatArray:
    """Ω ⊕ −Ω: the symplectic form with the second party's momenta turned round.

    Examples
    --------
    >>> transposed_form(parties(GaussianState.vacuum(["a", "b"]), "a", "b"))[2:, 2:]
    array([[-0., -1.],
           [ 1., -0.]])
    """
    return _signed_form(len(pair.first), len(pair.second))


@lru_cache(maxsize=32)
def _signed_form(first: int, second: int) -> FloatArray:
    sign = np.repeat([1.0, -1.0], [2 * first, 2 * second])
    return sealed(sign[:, None] * symplectic_form(first + second))
