"""Simon's criterion: the invariant of two modes that is negative exactly for entangled states."""

from __future__ import annotations

from backaction.gaussian import GaussianState
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.smallest_mode import spectrum

from .bipartite import transposed_form
from .bounds import PPT, SIMON
from .criterion import Criterion, judging, require_told
from .parties import parties

__all__ = ["simon"]

HALF = PPT.value


@judging(SIMON)
def simon(state: GaussianState, first: str, second: str) -> Criterion:
    """Simon's invariant of two modes, det V − ¼(det A + det B − 2 det C) + 1/16: entangled if and only if < 0.

    It is (ν₋² − ¼)(ν₊² − ¼) with the symplectic eigenvalues ν₋ ≤ ν₊ of the partially transposed covariance, and that is
    how it is evaluated: the determinants would lose the digits of an entangled state. It decides, as
    `smallest_ppt_eigenvalue` does, but measures nothing: its size has no meaning by itself. (Simon writes |det C| for
    −det C; where det C > 0 his form is the uncertainty principle, and the state separable.)

    Parameters
    ----------
    state : GaussianState
    first, second : str
        One mode each; the rest is traced out.

    Returns
    -------
    Criterion
        Dimensionless (vacuum variance ½), shape (…); two vacua have 0.

    Raises
    ------
    InvalidInput
        Unknown modes, the same mode twice, more than one mode a party.
    Unphysical, Unresolved
        As `smallest_ppt_eigenvalue`.

    References
    ----------
    R. Simon, Phys. Rev. Lett. 84, 2726 (2000), eq. (17). Drawn in the figure `two-mode-squeezed`.

    Examples
    --------
    >>> import numpy as np
    >>> from backaction.gaussian import two_mode_squeezed
    >>> value = simon(two_mode_squeezed(0.5, ["spin", "membrane"]), "spin", "membrane")
    >>> round(float(value), 12), round(float(2 - 2 * np.cosh(2.0)) / 16, 12)
    (-0.345274461385, -0.345274461385)
    """
    pair = parties(state, first, second)
    if len(pair.first) != 1 or len(pair.second) != 1:
        raise InvalidInput(
            f"Simon's criterion is about one mode on either side, got {pair.text}; `smallest_ppt_eigenvalue` takes "
            "any number of modes"
        )
    values, relative = spectrum(pair.covariance, transposed_form(pair), pair.error)
    low, high, doubt = values[..., 0], values[..., 1], values * relative
    require_told(low, doubt[..., 0], HALF, lambda: f"Simon's invariant of {pair.text}")
    value = (low - HALF) * (low + HALF) * (high - HALF) * (high + HALF)
    uncertainty = 2 * low * doubt[..., 0] * abs(high**2 - HALF**2) + 2 * high * doubt[..., 1] * abs(low**2 - HALF**2)
    return Criterion(pair.spread(value), pair.spread(uncertainty))
