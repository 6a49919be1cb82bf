"""Entanglement criteria on Gaussian states: which one when, what a violation means, and the bounds.

Every function takes a state and its parties, each the name of a mode or a sequence of names; all other modes
are traced out. It returns a `Criterion`: the value and the numerical uncertainty that the state's covariance
leaves on it. Leading dimensions of the state are a batch and come back in the value.

To decide

`smallest_ppt_eigenvalue` : ν < ½
    Necessary and sufficient when one party has a single mode (Simon; Werner and Wolf); for m|n modes a state with
    ν ≥ ½ can still be bound entangled.
`simon` : < 0
    The same decision for two modes, as Simon's invariant of determinants.

To quantify, in nats

`log_negativity` : E_N > 0
    An upper bound of the distillable entanglement, 2r for a two-mode squeezed vacuum; no local operation raises it.
`contangle`, `entanglement_of_formation` : > 0
    Two modes, by the least entangled pure state below: the first is monogamous, the second counts ebits spent.

To compare with an experiment

`epr_variance`, `epr_variance_at` : < 1
    Two quadratures combined with the best gain and local phase, or with given ones. Sufficient only: a violation
    proves entanglement.
`duan_sum` : < 1
    The same with equal gains, Δ = ½[Var(X_a − X_b) + Var(P_a + P_b)]: what most papers of spins, mechanics and
    light print.
`van_loock_furusawa` : < 1
    Any number of modes and gains, across one cut.
`steering`, `reid_product` : > 0, < ¼
    One-way: the one party's measurements contradict a local quantum state of the other's. Stronger than
    entanglement, and not symmetric.

For many parties

`inseparability`, `genuine_multipartite` : all ν < ½, < 1
    Across every bipartition; and one witness that no mixture over bipartitions can explain.

All correlations, which prove nothing

`mutual_information`, `discord`
    In nats; separable states have them too.

Each name above stands with the values that prove entanglement. They are ordered: steering either way ⇒ ν < ½;
Duan < 1 ⇒ EPR < 1 ⇒ ν < ½. Local symplectic maps (phases, local squeezing) change none of them but Duan, EPR, van Loock
and Furusawa and Reid at a given angle; the first two stay the same under local phases.

What costs how much: `epr_budget`, `ppt_budget`, `noise_derivatives`, `parameter_derivatives`. What may be said when
parameters have error bars: `band`, with a `Verdict`.

What they are not for: covariances that are not a state's, such as a smoothed one (V_c⁻¹ + V_E⁻¹)⁻¹, which two
*independent* oscillators would fail. Criteria therefore take a `GaussianState`, not an array, and refuse a
`ClassicalEstimate` and an `Effect` by name.

A model that is itself slightly unphysical passes its defect on: with brownian damping at n ≲ γ/Ω a mode alone has
ν < ½ by up to about γ/Ω, and so has ν of a product state. Every result has the `defect` δ of its state beside it, the
distance from V to the nearest quantum state, and its `range` over all states that near; a `verdict` asks all of them.
An "entanglement" smaller than δ can fake is undetermined (`backaction.entanglement.defects` has the derivation).

What reports, sweeps and the explorer show is one table, `CRITERIA`.

**Numerical uncertainty.** An entangled state's criteria are small differences of large variances. They are
evaluated with twice the digits of float64, so that what remains is the uncertainty of the covariance: its
`error_estimate` plus the rounding of its entries, carried through to first order as a bound. When that exceeds
1e-3 of the value, and the verdict is not certain all the same, `Unresolved` is raised: a two-mode squeezed
vacuum in float64 ends at r ≈ 7. Where the system is at hand, `duan_sum_of_system` goes on beyond that.
"""

from __future__ import annotations

from .bipartite import log_negativity, smallest_ppt_eigenvalue
from .budget import CriterionBudget, epr_budget, noise_derivatives, parameter_derivatives, ppt_budget
from .contangle import contangle, entanglement_of_formation
from .criterion import Criterion, Judgement
from .defects import defect
from .gains import epr_variance_at
from .genuine import genuine_multipartite
from .information import discord, mutual_information
from .multipartite import Witness, bipartitions, inseparability, van_loock_furusawa
from .pairs import EPRVariance, duan_sum, epr_variance
from .reid import ReidProduct, reid_product
from .resolved import duan_sum_of_system
from .simon import simon
from .steering import steering
from .table import CRITERIA, Measure, Subject, measures
from .verdicts import Band, Bound, Interval, Normal, Verdict, band

__all__ = [
    "CRITERIA",
    "Band",
    "Bound",
    "Criterion",
    "CriterionBudget",
    "EPRVariance",
    "Interval",
    "Judgement",
    "Measure",
    "Normal",
    "ReidProduct",
    "Subject",
    "Verdict",
    "Witness",
    "band",
    "bipartitions",
    "contangle",
    "defect",
    "discord",
    "duan_sum",
    "duan_sum_of_system",
    "entanglement_of_formation",
    "epr_budget",
    "epr_variance",
    "epr_variance_at",
    "genuine_multipartite",
    "inseparability",
    "log_negativity",
    "measures",
    "mutual_information",
    "noise_derivatives",
    "parameter_derivatives",
    "ppt_budget",
    "reid_product",
    "simon",
    "smallest_ppt_eigenvalue",
    "steering",
    "van_loock_furusawa",
]
