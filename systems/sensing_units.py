"""Units of force noise: from the dimensionless density S to newtons and metres.

The scaled force F of dP ∋ √γ F is F_SI/√(ħmγΩ) (Schweer et al. 2022, below Eq. (2)), so densities carry ħmγΩ (below
Eq. (14)).  All densities of the library are **two-sided**, per hertz of ω/2π; a single-sided one is twice as large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray, frozen

from .constants import HBAR

__all__ = ["ForceUnit"]


@dataclass(frozen=True, eq=False)
class ForceUnit:
    """The unit of a force noise, ħmγΩ.

    Parameters
    ----------
    mass : array_like
        m > 0 in kg, the effective mass of the mode that feels the force.
    frequency, linewidth : array_like
        Ω > 0 and γ > 0 (full width) in rad/s.  All three broadcast against the densities.

    Raises
    ------
    InvalidInput
        One of them is not positive.

    Examples
    --------
    The standard quantum limit of a nearly free mass is ħ/|χ_F| = ħmω², two-sided:

    >>> unit = ForceUnit(mass=1.0, frequency=1.0, linewidth=1e-9)
    >>> omega = 1e3
    >>> limit = abs(1.0 - omega**2 - 1e-9j * omega) / 1e-9
    >>> bool(np.isclose(unit.density(limit), HBAR * omega**2, rtol=2e-6))
    True
    """

    mass: ArrayLike
    frequency: ArrayLike
    linewidth: ArrayLike

    def __post_init__(self) -> None:
        for name in ("mass", "frequency", "linewidth"):
            value = frozen(getattr(self, name), f"the {name}")
            if (value <= 0).any():
                raise InvalidInput(
                    f"the {name} that scales a force noise must be greater than 0, got {value.min():.6g}; "
                    "mass in kg, frequency and linewidth in rad/s"
                )
            object.__setattr__(self, name, value)

    @property
    def zero_point(self) -> FloatArray:
        """x_zpf = √(ħ/mΩ) of X = x/x_zpf with Var X = ½ in the ground state, in m."""
        return np.asarray(np.sqrt(HBAR / (np.asarray(self.mass) * np.asarray(self.frequency))))

    @property
    def newton_squared_per_hertz(self) -> FloatArray:
        """ħmγΩ, in N²/Hz."""
        return np.asarray(HBAR * np.asarray(self.mass) * np.asarray(self.linewidth) * np.asarray(self.frequency))

    def density(self, noise: ArrayLike) -> FloatArray:
        """Two-sided force density ħmγΩ S, in N²/Hz."""
        return np.asarray(self.newton_squared_per_hertz * np.asarray(noise))

    def amplitude(self, noise: ArrayLike) -> FloatArray:
        """√ of the two-sided density, in N/√Hz; √2 times that for a single-sided one."""
        return np.asarray(np.sqrt(self.density(noise)))

    def displacement(self, noise: ArrayLike, omega: ArrayLike) -> FloatArray:
        """Two-sided displacement density |χ_F|² S_F = x_zpf² γ|χ|² S that the same force would make, in m²/Hz."""
        w, frequency, gamma = (np.asarray(value) for value in (omega, self.frequency, self.linewidth))
        response = frequency**2 / ((frequency**2 - w**2) ** 2 + (gamma * w) ** 2)
        return np.asarray(self.zero_point**2 * gamma * response * np.asarray(noise))
