"""Two modes seen through a balanced beam splitter: the basis in which an EPR pair is not a difference.

Where two oscillators are strongly entangled, X_a + X_b is quiet and X_a − X_b is loud, and a covariance over a and b
holds the quiet one as a difference of loud numbers: from EPR variances of about 1e-16 of the loud variance on,
nothing of it is left in float64. Over (a + b)/√2 and (a − b)/√2 it is an entry of its own, and solvers find it with
all its digits. What cancels in the model (equal rates, matched readouts) then cancels exactly, before anything is
solved.
"""

from __future__ import annotations

import numpy as np

from .errors import InvalidInput
from .names import quadratures
from .system import LinearSystem

__all__ = ["mixed_modes"]


def mixed_modes(system: LinearSystem, first: str, second: str) -> LinearSystem:
    """The same system over the modes "first+second" and "first-second", (a ± b)/√2, in the places of the two.

    Parameters
    ----------
    system : LinearSystem
    first, second : str
        Two different modes.

    Returns
    -------
    LinearSystem
        Same inputs, outputs and noise.

    Raises
    ------
    InvalidInput
        Unknown modes, or the same twice.

    Examples
    --------
    >>> from backaction.gaussian import from_hamiltonian
    >>> pair = from_hamiltonian(np.diag([1.0, 1.0, -1.0, -1.0]), np.zeros((0, 4)), modes=["a", "b"])
    >>> mixed = mixed_modes(pair, "a", "b")
    >>> mixed.modes, mixed.drift[0]  # d(X_a + X_b) = (P_a − P_b) dt
    (('a+b', 'a-b'), array([0., 0., 0., 1.]))
    """
    if first == second:
        raise InvalidInput(f"mixing is about two modes, got {first!r} twice")
    a, b = quadratures(first, system.modes), quadratures(second, system.modes)
    size = system.drift.shape[-1]
    sums, scale = np.eye(size), np.ones(size)
    sums[a, b], sums[b, a], sums[b, b] = 1.0, 1.0, -1.0
    pair = np.concatenate([a, b])
    scale[pair] = np.sqrt(0.5)
    both = np.outer(scale, scale)
    both[pair[:, None], pair] = 0.5  # (√½)² would be ½ only nearly
    # Sums first, roots afterwards: what is equal in both modes cancels exactly.
    drift = (sums @ system.drift @ sums.T) * both
    drive = (sums @ system.input_matrix) * scale[:, None]
    seen = (system.output_matrix @ sums.T) * scale
    names = {first: f"{first}+{second}", second: f"{first}-{second}"}
    return LinearSystem(
        drift,
        drive,
        seen,
        system.feedthrough,
        system.noise,
        [names.get(name, name) for name in system.modes],
        system.inputs,
        system.outputs,
        system.classical,
    )
