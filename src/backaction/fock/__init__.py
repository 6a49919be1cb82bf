"""Gaussian results held against the number basis: QuTiP's side of the library.

Gaussian models are exact for linear systems with Gaussian noise, but two things are worth checking outside them: that
conventions and algebra are right, and that a *spin*, which is no oscillator, may be taken for one.

- `to_qobj` and `from_qobj` carry states over in both directions; `truncation_report` says what the finite dimensions
  cost. `fock_elements` is the same for batches, as arrays.
- `conditional_epr_variance` probes a spin of finite length and an oscillator with two pulses of light and tells how
  close their EPR variance comes to that of two oscillators; `convergence` is its record of truncations.

Conventions are those of `backaction.gaussian`: [x, p] = i, vacuum variance 1/2, as in QuTiP with g = √2.
"""

from __future__ import annotations

from .spin import (
    Mass,
    PulsedEPR,
    Truncation,
    conditional_epr_variance,
    convergence,
    dicke_ladder,
    finite_spin_correction,
    gaussian_epr_variance,
)
from .states import TruncationReport, fock_elements, from_qobj, to_qobj, truncation_report

__all__ = [
    "Mass",
    "PulsedEPR",
    "Truncation",
    "TruncationReport",
    "conditional_epr_variance",
    "convergence",
    "dicke_ladder",
    "finite_spin_correction",
    "fock_elements",
    "from_qobj",
    "gaussian_epr_variance",
    "to_qobj",
    "truncation_report",
]
