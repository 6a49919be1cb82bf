"""Gaussian results held against the number basis: QuTiP's side of the library.

Gaussian models are exact for linear systems with Gaussian noise, but two things are worth checking outside them: that
conventions and algebra are right, and that a *spin*, which is no oscillator, may be taken for one.

- `to_qobj` and `from_qobj` carry states over in both directions; `truncation_report` says what the finite dimensions
  cost. `fock_elements` is the same for batches, as arrays.
- `conditional_epr_variance` probes a spin of finite length and an oscillator with two pulses of light and tells how
  close their EPR variance comes to that of two oscillators; `convergence` is its record of truncations.

- `verify` holds the Gaussian results of a network against a simulation of the same network: its steady state, its state
  given the detectors' records, its evolution, its spectrum, its log-negativity, each with a truncation record.
  `master_equation` is the network by the series product, in ladder operators; `qutip_model` hands it to QuTiP.

Conventions are those of `backaction.gaussian`: [x, p] = i, vacuum variance 1/2, as in QuTiP with g = √2.
"""

from __future__ import annotations

from .agreement import Comparison, Verdict, compare
from .dicke import Mass, dicke_ladder
from .qutip_model import QutipModel, qutip_model
from .slh import MasterEquation, Monitored, monitored
from .spin import (
    PulsedEPR,
    Truncation,
    conditional_epr_variance,
    convergence,
    finite_spin_correction,
    gaussian_epr_variance,
)
from .states import TruncationReport, fock_elements, from_qobj, to_qobj, truncation_report
from .verification import Effort, Verification
from .verifier import verify
from .words import master_equation, rotating_wave

__all__ = [
    "Comparison",
    "Effort",
    "Mass",
    "MasterEquation",
    "Monitored",
    "PulsedEPR",
    "QutipModel",
    "Truncation",
    "TruncationReport",
    "Verdict",
    "Verification",
    "compare",
    "conditional_epr_variance",
    "convergence",
    "dicke_ladder",
    "finite_spin_correction",
    "fock_elements",
    "from_qobj",
    "gaussian_epr_variance",
    "master_equation",
    "monitored",
    "qutip_model",
    "rotating_wave",
    "to_qobj",
    "truncation_report",
    "verify",
]
