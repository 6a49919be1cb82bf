"""Which noise makes a covariance what it is: V = Σ V_s over the inputs of a system, and the detectors.

Unconditionally V is linear in the input noise N. Conditionally it is so for a given filter gain K: the error of the
estimate obeys d(x − x̂) = (A − KH)(x − x̂) dt + (B − KGD) dw − K dv, whose stationary covariance is the conditional one
when K is the optimal gain. Because that gain minimises it, V_s is also the exact derivative of the conditional
covariance with respect to the strength of the noise s (the change of K counts in second order only).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import FloatArray, block_matrix, symmetrised, transpose
from .conditional import kalman_gain
from .dynamics import require_stable
from .lyapunov import solve_lyapunov
from .measurement import Detector, Heterodyne, Homodyne, record_model
from .names import quadratures
from .system import LinearSystem

__all__ = ["covariance_by_source"]


def covariance_by_source(system: LinearSystem, detectors: Detector | Sequence[Detector] = ()) -> dict[str, FloatArray]:
    """The parts of the stationary covariance, by the names of the inputs, then "detection"; they sum to the whole.

    Parameters
    ----------
    system : LinearSystem
    detectors : detector or sequence of them
        Default none: the parts of `steady_state`. Otherwise those of `conditional_state`, at its own filter gain;
        "detection" is what the inefficiency of the detectors leaves unknown.

    Returns
    -------
    dict of array, shape (…, 2n, 2n)
        Each positive semidefinite for uncorrelated inputs; correlations between inputs are shared equally. A part
        scales with its noise; it is no state.

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `steady_state` and `conditional_state`.

    Examples
    --------
    A cavity with two mirrors, one of them hot: each feeds in half of what it has.

    >>> from backaction.gaussian import from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j], [1, 1j]], modes=["a"], ports=["hot", "out"])
    >>> parts = covariance_by_source(cavity.with_noise("hot", 3.5))
    >>> {name: float(part[0, 0].round(9)) for name, part in parts.items()}
    {'hot': 1.75, 'out': 0.25}
    """
    drift, drive = system.drift, system.input_matrix
    names = list(system.inputs)
    chosen = [detectors] if isinstance(detectors, Homodyne | Heterodyne) else list(detectors)
    if not chosen:
        require_stable(system)
    else:
        gain = kalman_gain(system, chosen)
        mixing, added = _record_noise(system, chosen)
        drift = drift - gain @ record_model(system, chosen).measured
        drive = drive - gain @ mixing
    driven = drive @ system.noise
    parts = [symmetrised(driven[..., rows] @ transpose(drive[..., rows])) for rows in _columns(len(names))]
    if chosen:
        parts.append(symmetrised(gain @ added @ transpose(gain)))
        names.append("detection")
    batch = np.broadcast_shapes(drift.shape, *[part.shape for part in parts])
    sources = np.stack([np.broadcast_to(part, batch) for part in parts])
    matrices = solve_lyapunov(drift, sources).matrix
    return dict(zip(names, matrices, strict=True))


def _record_noise(system: LinearSystem, detectors: list[Detector]) -> tuple[FloatArray, FloatArray]:
    """What the records hold of the inputs, G D of shape (…, k, 2m), and the noise that the detectors add, (…, k, k)."""
    mixing = [
        detector.rows @ system.feedthrough[..., quadratures(detector.port, system.outputs, "output"), :]
        for detector in detectors
    ]
    sizes = [detector.added_noise.shape[-1] for detector in detectors]
    added = [
        [detector.added_noise if i == j else np.zeros((sizes[i], sizes[j])) for j in range(len(sizes))]
        for i, detector in enumerate(detectors)
    ]
    return block_matrix([[part] for part in mixing]), block_matrix(added)


def _columns(ports: int) -> list[slice]:
    return [slice(2 * i, 2 * i + 2) for i in range(ports)]
