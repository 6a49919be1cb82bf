"""Gaussian results held against the number basis, by the library's own generator and by QuTiP.

Gaussian models are exact for linear systems with Gaussian noise, but two things are worth checking outside them: that
conventions and algebra are right, and that a *spin*, which is no oscillator, may be taken for one.

- `to_qobj` and `from_qobj` carry states over in both directions; `truncation_report` says what the finite dimensions
  cost. `fock_elements` is the same for batches, as arrays.
- `conditional_epr_variance` probes a spin of finite length and an oscillator with two pulses of light and tells how
  close their EPR variance comes to that of two oscillators; `convergence` is its record of truncations.
- Finite spins in a beam: `probed_motion`, `unconditional_with_spin`, `conditional_by_trajectories`; spins that decay
  one by one, `local_decay`; the limit of squeezing, `probed_spin`; what covariances do not know, `kerr_motion` and
  `number_state_under_a_pulse`.
- `verify` holds the Gaussian results of a network against a simulation of the same network: its steady state, its state
  given the detectors' records, its evolution, its spectrum, its log-negativity, each with a truncation record.
  `master_equation` is the network by the series product, in ladder operators; `qutip_model` hands it to QuTiP, and
  `along_a_record` samples a record and follows the state that it tells of.

Conventions are those of `backaction.gaussian`: [x, p] = i, vacuum variance 1/2, as in QuTiP with g = √2.
"""

from __future__ import annotations

from .agreement import Comparison, Verdict, compare
from .anharmonic import kerr_motion, non_gaussianity, number_state_under_a_pulse
from .cascaded_spin import unconditional_with_spin
from .dicke import Mass, dicke_ladder
from .ensemble import local_decay, thermal_model
from .mapping import heated_quanta, probed_motion
from .qnd import best_gaussian_squeezing, gaussian_squeezing, probed_spin
from .qutip_model import QutipModel, qutip_model
from .records import along_a_record
from .simulation import Simulator
from .slh import MasterEquation, Monitored, monitored
from .spin import (
    PulsedEPR,
    Truncation,
    conditional_epr_variance,
    convergence,
    finite_spin_correction,
    gaussian_epr_variance,
)
from .spin_trajectories import conditional_by_trajectories
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
    "Simulator",
    "Truncation",
    "TruncationReport",
    "Verdict",
    "Verification",
    "along_a_record",
    "best_gaussian_squeezing",
    "compare",
    "conditional_by_trajectories",
    "conditional_epr_variance",
    "convergence",
    "dicke_ladder",
    "finite_spin_correction",
    "fock_elements",
    "from_qobj",
    "gaussian_epr_variance",
    "gaussian_squeezing",
    "heated_quanta",
    "kerr_motion",
    "local_decay",
    "master_equation",
    "monitored",
    "non_gaussianity",
    "number_state_under_a_pulse",
    "probed_motion",
    "probed_spin",
    "qutip_model",
    "rotating_wave",
    "thermal_model",
    "to_qobj",
    "truncation_report",
    "unconditional_with_spin",
    "verify",
]
