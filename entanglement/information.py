"""Correlations as information: mutual information and discord, in nats.

They count classical correlations too: a violation of nothing, and no proof of entanglement. Two oscillators that feel
the same classical force have mutual information, and discord, and are separable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backaction.gaussian import GaussianState, symplectic_form
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput, Unphysical
from backaction.gaussian.smallest_mode import spectrum
from backaction.gaussian.state import POSITIVITY_TOLERANCE

from .criterion import Criterion, judging
from .parties import Parties, parties
from .standard_form import standard_form

__all__ = ["discord", "mutual_information"]


@judging(None)
def mutual_information(state: GaussianState, first: str | Sequence[str], second: str | Sequence[str]) -> Criterion:
    """Mutual information I = S(A) + S(B) − S(AB) of von Neumann entropies, in nats: all correlations, quantum or not.

    Zero only for product states. For pure states it is twice the entropy of entanglement.

    Parameters
    ----------
    state : GaussianState
    first, second : str or sequence of str
        The modes of each party; the rest is traced out.

    Returns
    -------
    Criterion
        I (natural logarithm), shape (…).

    Raises
    ------
    InvalidInput
        Empty, unknown or overlapping parties.
    Unphysical
        A symplectic eigenvalue below ½ by more than rounding: no density matrix, no entropy.
    Unresolved
        A covariance that is singular within its uncertainty.

    References
    ----------
    A. Serafini, F. Illuminati and S. De Siena, J. Phys. B 37, L21 (2004). Drawn in the figure `two-mode-squeezed`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> round(float(mutual_information(two_mode_squeezed(0.5, ["a", "b"]), "a", "b")) / 2, 6)  # cosh² ln cosh² − …
    0.659453
    """
    pair = parties(state, first, second)
    cut = 2 * len(pair.first)
    parts = [
        _entropy(pair.covariance[..., :cut, :cut], pair),
        _entropy(pair.covariance[..., cut:, cut:], pair),
        _entropy(pair.covariance, pair),
    ]
    value = np.maximum(0.0, parts[0][0] + parts[1][0] - parts[2][0])
    return Criterion(pair.spread(value), pair.spread(sum((part[1] for part in parts), np.zeros(()))))


@judging(None)
def discord(state: GaussianState, first: str, measured: str) -> Criterion:
    """Gaussian discord of two modes: mutual information that no Gaussian measurement of the second one reveals, nats.

    D = S(B) − S(AB) + min over measurements of B of S(A | outcome). It vanishes only for product states, exceeds one
    nat only for entangled ones (in nats: D > 1 ⇒ entangled), and is not symmetric.

    Parameters
    ----------
    state : GaussianState
    first, measured : str
        One mode each; the second one is measured.

    Returns
    -------
    Criterion
        D (natural logarithm), shape (…).

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `mutual_information`; more than one mode a party.

    References
    ----------
    G. Adesso and A. Datta, Phys. Rev. Lett. 105, 030501 (2010), Eqs. (6), (7); P. Giorda and M. G. A. Paris, ibid.
    020503. Drawn in the figure `two-mode-squeezed`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> state = two_mode_squeezed(0.5, ["a", "b"])  # pure: the entropy of entanglement
    >>> bool(np.isclose(float(discord(state, "a", "b")), float(mutual_information(state, "a", "b")) / 2))
    True
    """
    pair = parties(state, first, measured)
    if len(pair.first) != 1 or len(pair.second) != 1:
        raise InvalidInput(f"the Gaussian discord is known in closed form for two modes, got {pair.text}")
    whole, doubt_whole = _entropy(pair.covariance, pair)
    second, doubt_second = _entropy(pair.covariance[..., 2:, 2:], pair)
    conditional = _conditional_entropy(pair)
    # The remaining entropy is a minimum: to first order it moves as that of a fixed measurement, as S(A) may.
    _, doubt_first = _entropy(pair.covariance[..., :2, :2], pair)
    value = np.maximum(0.0, second - whole + conditional)
    return Criterion(pair.spread(value), pair.spread(doubt_whole + doubt_second + doubt_first))


def _conditional_entropy(pair: Parties) -> FloatArray:
    """S of mode a after the best Gaussian measurement of b: heterodyne-like, or homodyne, whichever leaves less."""
    form = standard_form(pair.covariance)
    a, b, c, d = (2 * form.a) ** 2, (2 * form.b) ** 2, 4 * form.plus * form.minus, 16 * form.determinant
    spread = np.sqrt(np.maximum(0.0, c**2 + (b - 1) * (d - a)))
    dyne = (2 * c**2 + (b - 1) * (d - a) + 2 * np.abs(c) * spread) / np.where(b > 1, (b - 1) ** 2, 1.0)
    root = np.sqrt(np.maximum(0.0, c**4 + (d - a * b) ** 2 - 2 * c**2 * (a * b + d)))
    homodyne = (a * b - c**2 + d - root) / (2 * b)
    finite = ((d - a * b) ** 2 <= (1 + b) * c**2 * (a + d)) & (b > 1 + POSITIVITY_TOLERANCE)
    determinant = np.where(finite, dyne, homodyne)
    return entropy_of(np.sqrt(np.maximum(determinant, 1.0)) / 2)


def entropy_of(values: FloatArray) -> FloatArray:
    """Entropy (n+1) ln(n+1) − n ln n of a mode with the symplectic eigenvalue n + ½, in nats; 0 below ½.

    Examples
    --------
    >>> entropy_of(np.array([0.5, 1.5])) / np.log(2)
    array([0., 2.])
    """
    n = np.maximum(np.asarray(values) - 0.5, 0.0)
    inverse = 1 / np.where(n > 0, n, 1.0)
    result: FloatArray = np.log1p(n) + n * np.log1p(inverse)
    return result


def _entropy(covariance: FloatArray, pair: Parties) -> tuple[FloatArray, FloatArray]:
    """Entropy, and how much the uncertainty of ν can change it; infinitely steep at ½, so by a difference."""
    modes = spectrum(covariance, symplectic_form(covariance.shape[-1] // 2), pair.error)
    doubt = modes.values * modes.relative_uncertainty
    smallest = modes.values - 0.5 + doubt
    if (smallest < -POSITIVITY_TOLERANCE).any():
        raise Unphysical(
            f"{pair.text}: a symplectic eigenvalue is {modes.values.min():.9g}, below ½: there is no density matrix "
            "and no entropy. Brownian damping at low temperature does this; rotating-wave damping does not",
            float(modes.values.min()),
        )
    value = entropy_of(modes.values)
    change = np.maximum(entropy_of(modes.values + doubt) - value, value - entropy_of(modes.values - doubt))
    return value.sum(axis=-1), change.sum(axis=-1)
