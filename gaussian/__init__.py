"""Gaussian states and linear quantum systems: the mathematics, with no devices and no units.

**The convention of the whole library.**  ħ = 1; a mode has x = (a + a†)/√2, p = (a − a†)/(i√2), [x, p] = i,
so the vacuum has variance 1/2.  Modes are ordered one by one, ξ = (x1, p1, x2, p2, …).  The covariance is
V = ½⟨{ξᵢ, ξⱼ}⟩ − ⟨ξᵢ⟩⟨ξⱼ⟩; a state is physical iff V + iΩ/2 ≥ 0, with Ω = ⊕ [[0, 1], [−1, 0]].
Fourier transforms are O(ω) = ∫ O(t) e^{iωt} dt, so d/dt → −iω.  Spectra are symmetrised and two-sided; the vacuum
of a travelling field has ½, and "shot-noise units" divide by that.  Frequencies and rates are angular, in rad/s,
and every decay rate is the energy decay rate (the full width).

**Batches.**  Every function accepts leading dimensions, as NumPy's linear algebra does: the last one or two axes
are the problem, the rest is the sweep.  Modes and ports are looked up by name.
"""

from __future__ import annotations

from .attempts import Attempt, Refusal
from .compose import concatenate, feedback, series
from .conditional import attempt_conditional_state, conditional_state, kalman_gain
from .conditioning import Measured, measure_general_dyne, measure_heterodyne, measure_homodyne
from .dynamics import attempt_steady_state, evolve, growth_rate, leading_pole, poles, steady_state
from .errors import BackactionError, InvalidInput, SuspiciousInput, Unphysical, Unresolved, Unstable
from .estimation import ClassicalEstimate, Effect, retrodicted_effect, smoothed_estimate, verification_covariance
from .maps import add_noise, apply_channel, apply_loss, apply_symplectic, displace
from .measurement import Heterodyne, Homodyne, record_model
from .measures import fidelity, photon_number, purity, von_neumann_entropy, wigner
from .normal_forms import bloch_messiah, symplectic_eigenvalues, williamson
from .preparation import coherent, squeezed, two_mode_squeezed
from .retrodiction import Retrodiction, retrodict
from .slh import from_hamiltonian, with_brownian_damping
from .sources import covariance_by_source
from .spectra import (
    NoiseBudget,
    Squeezing,
    mode_spectral_density,
    noise_budget,
    quadrature_spectrum,
    spectral_density,
    squeezing_spectrum,
    transfer_matrix,
)
from .state import GaussianState, positivity_defect
from .symplectic import symplectic_form
from .system import LinearSystem, commutator_defect, vacuum_noise
from .trajectories import Trajectory, kalman_filter, trajectory
from .transients import conditional_evolution

__all__ = [
    "Attempt",
    "BackactionError",
    "ClassicalEstimate",
    "Effect",
    "GaussianState",
    "Heterodyne",
    "Homodyne",
    "InvalidInput",
    "LinearSystem",
    "Measured",
    "NoiseBudget",
    "Refusal",
    "Retrodiction",
    "Squeezing",
    "SuspiciousInput",
    "Trajectory",
    "Unphysical",
    "Unresolved",
    "Unstable",
    "add_noise",
    "apply_channel",
    "apply_loss",
    "apply_symplectic",
    "attempt_conditional_state",
    "attempt_steady_state",
    "bloch_messiah",
    "coherent",
    "commutator_defect",
    "concatenate",
    "conditional_evolution",
    "conditional_state",
    "covariance_by_source",
    "displace",
    "evolve",
    "feedback",
    "fidelity",
    "from_hamiltonian",
    "growth_rate",
    "kalman_filter",
    "kalman_gain",
    "leading_pole",
    "measure_general_dyne",
    "measure_heterodyne",
    "measure_homodyne",
    "mode_spectral_density",
    "noise_budget",
    "photon_number",
    "poles",
    "positivity_defect",
    "purity",
    "quadrature_spectrum",
    "record_model",
    "retrodict",
    "retrodicted_effect",
    "series",
    "smoothed_estimate",
    "spectral_density",
    "squeezed",
    "squeezing_spectrum",
    "steady_state",
    "symplectic_eigenvalues",
    "symplectic_form",
    "trajectory",
    "transfer_matrix",
    "two_mode_squeezed",
    "vacuum_noise",
    "verification_covariance",
    "von_neumann_entropy",
    "wigner",
    "williamson",
    "with_brownian_damping",
]
