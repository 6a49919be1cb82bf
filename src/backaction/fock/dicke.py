"""The ladder of a collective spin, counted from its uppermost state: Holstein and Primakoff's oscillator of finite J.

J_x = J − b†b, X = J_y/√J, P = J_z/√J, with [X, P] = i J_x/J; X = (s + s†)/√2 and P = (s − s†)/(i√2) with
s|n⟩ = √(n(1 − (n−1)/2J)) |n−1⟩. For J → ∞ it is the ladder of an oscillator.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import InvalidInput

if TYPE_CHECKING:  # QuTiP takes more than a second to load, and only the ladder as a Qobj needs it
    import qutip

__all__ = ["Mass", "all_levels", "dicke_ladder", "lowering_matrix"]


class Mass(enum.IntEnum):
    """The sign of the spin's mass: of P_S in the quadrature that the second pulse reads."""

    NEGATIVE = -1
    POSITIVE = 1


def dicke_ladder(levels: int, spin_length: float = np.inf) -> qutip.Qobj:
    """The lowering operator s of b†b = J − J_x, with X_S = J_y/√J = (s + s†)/√2, on the ladder's uppermost levels.

    Parameters
    ----------
    levels : int
        Levels kept, counted from J_x = J; 2J + 1 are all there are.
    spin_length : float, optional
        J, an integer or half of one. Infinity, the default, gives the oscillator: `qutip.destroy(levels)`.

    Examples
    --------
    >>> import qutip
    >>> dicke_ladder(2, 0.5) == qutip.destroy(2)
    True
    """
    import qutip

    return qutip.Qobj(lowering_matrix(levels, spin_length))


def all_levels(spin_length: float) -> float:
    """2J + 1, infinite for an oscillator; refuses a length that is no spin's."""
    complete = 2 * spin_length + 1
    if not spin_length > 0 or (np.isfinite(complete) and complete != round(complete)):
        raise InvalidInput(f"a spin length is a positive integer or half of one, not {spin_length}")
    return complete


def lowering_matrix(levels: int, spin_length: float = np.inf) -> NDArray[np.float64]:
    """The matrix of s, as `dicke_ladder`."""
    complete = all_levels(spin_length)
    if not 1 <= levels <= complete:
        raise InvalidInput(f"a spin of length {spin_length} has {complete:.0f} levels; {levels} cannot be kept")
    n = np.arange(1, levels)
    lowering: NDArray[np.float64] = np.diag(np.sqrt(n * (1 - (n - 1) / (2 * spin_length))), k=1)
    return lowering
