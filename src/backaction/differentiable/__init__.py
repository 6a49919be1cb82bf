"""Gradients: the pure functions of the core for JAX arrays, with implicit derivatives of their equations.

`value_and_gradient` is the short way: a figure of merit, a network, addresses of parameters, and out come the value and
its derivatives. The rest are the functions a figure of merit is made of, under the names they have in
`backaction.gaussian` and `backaction.entanglement`: functions of matrices, with leading batch dimensions, for `jit`,
`vmap` and `grad`.

- `solve_lyapunov`, `solve_riccati`: differentiated as equations, not through their iterations;
- `matrices`, `Matrices`, `record_model`: a network and its detectors as JAX arrays;
- `steady_covariance`, `conditional_covariance`: stationary states;
- `transfer_matrix`, `spectral_density`, `noise_budget`: spectra;
- `smallest_ppt_eigenvalue`, `log_negativity`, `duan_sum`, `epr_variance`: criteria.

JAX is the extra `backaction[jax]`, loaded when one of these is called. They compute in double precision or not at all
(`double_precision`). What is unstable or unresolved is an error; while JAX traces, where nothing can be raised, it is
NaN, and `value_and_gradient` makes an error of that.
"""

from __future__ import annotations

from .assembly import matrices
from .criteria import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue
from .double import double_precision
from .gradients import value_and_gradient
from .lyapunov import solve_lyapunov
from .riccati import riccati_gain, solve_riccati
from .spectra import NoiseBudget, noise_budget, spectral_density, transfer_matrix
from .states import conditional_covariance, steady_covariance
from .system import Matrices, Measurement, record_model

__all__ = [
    "Matrices",
    "Measurement",
    "NoiseBudget",
    "conditional_covariance",
    "double_precision",
    "duan_sum",
    "epr_variance",
    "log_negativity",
    "matrices",
    "noise_budget",
    "record_model",
    "riccati_gain",
    "smallest_ppt_eigenvalue",
    "solve_lyapunov",
    "solve_riccati",
    "spectral_density",
    "steady_covariance",
    "transfer_matrix",
    "value_and_gradient",
]
