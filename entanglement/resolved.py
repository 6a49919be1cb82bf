"""The Duan sum of a system, solved in the basis where the EPR pair is no difference.

A covariance over two strongly entangled modes holds their quiet combination only as a difference of loud numbers, and
`duan_sum` must refuse it (`Unresolved`). When the system itself is at hand, its equations can be solved over (a ± b)/√2
instead: the quiet variances are then entries, with all their digits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backaction.gaussian import GaussianState, LinearSystem, conditional_state, steady_state
from backaction.gaussian.measurement import Detector
from backaction.gaussian.mixing import mixed_modes
from backaction.gaussian.names import quadratures
from backaction.gaussian.normal_modes import ROUNDING

from .bounds import DUAN
from .criterion import Criterion, judging

__all__ = ["duan_sum_of_system"]


def duan_sum_of_system(
    system: LinearSystem, first: str, second: str, detectors: Detector | Sequence[Detector] = ()
) -> Criterion:
    """Stationary Duan sum at the fixed phases of x and p, ½[Var(X_a ± X_b) + Var(P_a ∓ P_b)], the better sign.

    The number of `duan_sum`, but for the local phase (which is not optimised here), to rounding even where the state's
    covariance could not hold it: conditional EPR at a cooperativity of 10⁸.

    Parameters
    ----------
    system : LinearSystem
    first, second : str
        One mode each.
    detectors : detector or sequence of them
        Default none, the unconditional state.

    Returns
    -------
    Criterion
        Vacuum 1, separable ≥ 1.

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `steady_state` and `conditional_state`; unknown modes, the same mode twice.

    Notes
    -----
    Drawn in the figure `conditional-epr`.

    Examples
    --------
    >>> from backaction.gaussian import from_hamiltonian
    >>> pair = from_hamiltonian(np.zeros((4, 4)), [[1, 1j, 0, 0], [0, 0, 1, 1j]], modes=["a", "b"])
    >>> float(duan_sum_of_system(pair, "a", "b").value.round(12))
    1.0
    """
    mixed = mixed_modes(system, first, second)
    watched = not isinstance(detectors, Sequence) or len(detectors) > 0
    return _duan_sum(conditional_state(mixed, detectors) if watched else steady_state(mixed), first, second)


@judging(DUAN)
def _duan_sum(state: GaussianState, first: str, second: str) -> Criterion:
    """Of a state over (a ± b)/√2; a rotation by 45°, so that a noise in every quadrature is one there too."""
    (x, p), (y, q) = (quadratures(f"{first}{sign}{second}", state.modes) for sign in "+-")
    variances = np.diagonal(state.covariance, axis1=-2, axis2=-1)
    value = np.minimum(variances[..., x] + variances[..., q], variances[..., y] + variances[..., p])
    return Criterion(value, (np.asarray(state.error_estimate) + ROUNDING) * value)
