"""The parameters of Møller et al. 2017 in the paper's own convention, which `formulas` states."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian.arrays import frozen

__all__ = ["HybridParameters"]

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HybridParameters:
    """All that (S31) and (S32) depend on, in the paper's convention: half widths, rad/s, Γ for a vacuum of ¼.

    Any field may be an array. `spin_frequency` has the sign of the mass, `input_fraction` is κ1/(κ1 + κ2)
    before mode matching, `link_efficiency` η1, `link_rotation` ϕ, `detection_efficiency` η2.

    Examples
    --------
    >>> cavity = HybridParameters(cavity_halfwidth=100.0, detuning=-50.0, coupling=3.0, mode_matching=0.9)
    >>> cavity.port_halfwidths
    (array(90.), array(10.))
    """

    spin_frequency: float | Real = -1.0
    spin_halfwidth: float | Real = 0.0
    spin_readout_rate: float | Real = 0.0
    spin_occupation: float | Real = 0.0
    mechanical_frequency: float | Real = 1.0
    mechanical_halfwidth: float | Real = 0.0
    bath_occupation: float | Real = 0.0
    cavity_halfwidth: float | Real = 1.0
    input_fraction: float | Real = 1.0
    mode_matching: float | Real = 1.0
    detuning: float | Real = 0.0
    coupling: float | Real = 0.0
    link_efficiency: float | Real = 1.0
    link_rotation: float | Real = 0.0
    detection_efficiency: float | Real = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, frozen(getattr(self, field.name), field.name))

    @property
    def port_halfwidths(self) -> tuple[Real, Real]:
        """κ1 and κ2 after κ1 → η_mm κ1 at fixed κ (end of SI-D)."""
        first = np.asarray(self.cavity_halfwidth * self.input_fraction * self.mode_matching)
        return first, np.asarray(self.cavity_halfwidth - first)

    @property
    def without_spin(self) -> HybridParameters:
        """The same chain with the spin's readout rate at zero."""
        return replace(self, spin_readout_rate=0.0)
