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

from .errors import BackactionError, InvalidInput, Unphysical, Unresolved, Unstable
from .state import GaussianState
from .symplectic import symplectic_form

__all__ = [
    "BackactionError",
    "GaussianState",
    "InvalidInput",
    "Unphysical",
    "Unresolved",
    "Unstable",
    "symplectic_form",
]
