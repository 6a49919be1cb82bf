"""A degenerate optical parametric oscillator below threshold, its output monitored by homodyne detection.

H = −(χ/2)(qp + pq), one mirror of unit linewidth: q is squeezed. The same vacuum that enters the cavity is in the
record, so that the process and the measurement noise are correlated: without the cross term of the Riccati equation the
conditional variances come out wrong. Threshold χ = ½. After Genoni, Lami and Serafini, Contemp. Phys. 57, 331 (2016).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import LinearSystem, from_hamiltonian
from backaction.gaussian.arrays import FloatArray, stack_matrix

__all__ = ["conditional_covariance", "system", "unconditional_covariance"]


def system(pump: ArrayLike) -> LinearSystem:
    """The oscillator with the mode ``cavity`` and the port ``out``; pump χ in units of the linewidth, |χ| < ½.

    Examples
    --------
    >>> system(0.3).drift.round(9).diagonal()
    array([-0.8, -0.2])
    """
    chi = np.asarray(pump, dtype=np.float64)
    zero = np.zeros_like(chi)
    hamiltonian = stack_matrix([[zero, -chi], [-chi, zero]])
    decay = np.sqrt(0.5) * np.array([[1.0, 1.0j]])
    return from_hamiltonian(hamiltonian, decay, scattering=[[-1.0]], modes=["cavity"], ports=["out"])


def unconditional_covariance(pump: ArrayLike) -> FloatArray:
    """½ diag(1/(1 + 2χ), 1/(1 − 2χ)).

    Examples
    --------
    >>> unconditional_covariance(0.3).diagonal()
    array([0.3125, 1.25  ])
    """
    chi = np.asarray(pump, dtype=np.float64)
    return stack_matrix([[0.5 / (1 + 2 * chi), 0.0], [0.0, 0.5 / (1 - 2 * chi)]])


def conditional_covariance(pump: ArrayLike, measured: str = "q", efficiency: ArrayLike = 1.0) -> FloatArray:
    """Covariance given a homodyne record of q or p with efficiency η; the other quadrature is as without a record.

    With s = ±2χ (+ for q) and v the variance in units of the vacuum's, unconditionally 1/(1 + s):
    −(1 + s)v + 1 − η(v − 1)² = 0.

    Parameters
    ----------
    pump : array_like
        χ in units of the linewidth.
    measured : str
        "q" (squeezed) or "p".
    efficiency : array_like

    Examples
    --------
    >>> 2 * conditional_covariance(0.3, "q").diagonal()  # 1 − 2χ, 1/(1 − 2χ): pure
    array([0.4, 2.5])
    >>> 2 * conditional_covariance(0.3, "p").diagonal()
    array([0.625, 1.6  ])
    """
    chi, eta = np.asarray(pump, dtype=np.float64), np.asarray(efficiency, dtype=np.float64)
    covariance = unconditional_covariance(chi + 0 * eta).copy()
    row = 0 if measured == "q" else 1
    s = 2 * chi if row == 0 else -2 * chi
    # ηv² + (1 + s − 2η)v − (1 − η) = 0; the form without cancellation on either side of b = 0
    b, rest = 1 + s - 2 * eta, 1 - eta
    root = np.sqrt(b**2 + 4 * eta * rest)
    large = np.where(b > 0, 2 * rest / np.where(b > 0, b + root, 1.0), (root - b) / np.where(eta > 0, 2 * eta, 1.0))
    covariance[..., row, row] = large / 2
    return covariance
