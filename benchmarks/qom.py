"""The QOM toolbox (S. Kalita, github.com/sampreet/qom), where it can be imported: it is not among the dependencies.

The project of the name `qom` in the Python package index is another one. The toolbox is installed from its repository.
"""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import Any

import numpy as np

__all__ = ["is_there", "log_negativity", "steady_log_negativity"]


def is_there() -> bool:
    """Whether it can be imported."""
    return importlib.util.find_spec("qom") is not None and importlib.util.find_spec("qom.solvers") is not None


def log_negativity(covariance: Any) -> Any:
    """Of the first two modes, shape (count, 2n, 2n), by its closed formula, which it evaluates for a whole batch."""
    from qom.solvers.measure import QCMSolver

    solver = QCMSolver(None, np.array(covariance), {"measure_codes": ["entan_ln_2"], "indices": (0, 1)})
    return solver.get_measures()[:, 0]


def steady_log_negativity(drift: Any, diffusion: Any) -> float:
    """From the matrices of one point to the logarithmic negativity of the first two modes, as its loopers do."""
    from qom.solvers.deterministic import SSHLESolver

    system = SimpleNamespace(
        num_modes=len(drift) // 2,
        dim_corrs=drift.shape,
        get_ivc=lambda: (None, None, None),
        get_A=lambda modes, c, t: drift,
        get_D=lambda modes, corrs, c, t: diffusion,
        A=drift,
        D=diffusion,
    )
    _, covariance = SSHLESolver(system, {}).get_modes_corrs()
    return float(log_negativity(covariance)[0])
