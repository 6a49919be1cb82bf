"""Entanglement criteria on Gaussian states: which one when, what a violation means, and the bounds.

Every function takes a state and two parties, each the name of a mode or a sequence of names; all other modes
are traced out. It returns a `Criterion`: the value and the numerical uncertainty that the state's covariance
leaves on it. Leading dimensions of the state are a batch and come back in the value.

`smallest_ppt_eigenvalue` : ν < ½
    To decide. Necessary and sufficient when one party has a single mode (Simon; Werner and Wolf); for m|n modes
    a state with ν ≥ ½ can still be bound entangled.
`log_negativity` : E_N > 0
    To quantify, in nats: an upper bound of the distillable entanglement, 2r for a two-mode squeezed vacuum; no local
    operation raises it.
`epr_variance` : < 1
    To compare with an experiment that combines two quadratures with the best gain and local phase. Sufficient only: a
    violation proves entanglement.
`duan_sum` : < 1
    The same with equal gains, Δ = ½[Var(X_a − X_b) + Var(P_a + P_b)]: what most papers of spins, mechanics and
    light print.
`steering` : > 0
    One-way: the first party's measurements contradict a local quantum state of the second's. Stronger than
    entanglement, and not symmetric.

Each name above stands with the values that prove entanglement. They are ordered: steering either way ⇒ ν < ½;
Duan < 1 ⇒ EPR < 1 ⇒ ν < ½. Local symplectic maps (phases, local squeezing) change none of them but Duan and EPR, which
stay the same under local phases only.

What they are not for: covariances that are not a state's, such as a smoothed one (V_c⁻¹ + V_E⁻¹)⁻¹, which two
*independent* oscillators would fail. Criteria therefore take a `GaussianState`, not an array.

A model that is itself slightly unphysical passes its defect on: with brownian damping at n ≲ γ/Ω a mode alone has
ν < ½ by up to about γ/Ω, and so has ν of a product state. `backaction.gaussian.positivity_defect` has the amount; an
entanglement of that size means nothing.

**Numerical uncertainty.** An entangled state's criteria are small differences of large variances. They are
evaluated with twice the digits of float64, so that what remains is the uncertainty of the covariance: its
`error_estimate` plus the rounding of its entries, carried through to first order as a bound. When that exceeds
1e-3 of the value, and the verdict is not certain all the same, `Unresolved` is raised: a two-mode squeezed
vacuum in float64 ends at r ≈ 7.
"""

from __future__ import annotations

from .bipartite import log_negativity, smallest_ppt_eigenvalue
from .criterion import Criterion
from .pairs import EPRVariance, duan_sum, epr_variance
from .steering import steering

__all__ = [
    "Criterion",
    "EPRVariance",
    "duan_sum",
    "epr_variance",
    "log_negativity",
    "smallest_ppt_eigenvalue",
    "steering",
]
