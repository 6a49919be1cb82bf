"""A Fabry–Pérot cavity from its mirrors and its length: linewidth, finesse and input fraction.

Transmissions and losses are fractions of power per reflection; a round trip meets each mirror once.  To first order in
them (they are 1e-3 here) the energy decays at T c/(2L) through a mirror, and the finesse is 2π/(sum of all).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.systems.constants import SPEED_OF_LIGHT
from backaction.systems.grammar import Parameter, Range, Unit, quantity
from backaction.systems.grammar.fields import refuse, settle

from .numbers import checked, plain

__all__ = ["FabryPerot", "finesse", "free_spectral_range", "linewidth_from_finesse"]


def free_spectral_range(length: ArrayLike) -> Parameter:
    """2π c/(2L) in rad/s.

    Examples
    --------
    >>> round(free_spectral_range(1.3e-3) / (2e9 * math.pi), 1)  # GHz
    115.3
    """
    return plain(math.pi * SPEED_OF_LIGHT / np.asarray(checked(length, Range.POSITIVE, "length (m)")))


def linewidth_from_finesse(finesse: ArrayLike, length: ArrayLike) -> Parameter:
    """κ = free spectral range/finesse, full width in rad/s.

    Examples
    --------
    >>> round(linewidth_from_finesse(4500, 1.3e-3) / (4e6 * math.pi), 1)  # half width in MHz; Møller et al.: 13
    12.8
    """
    value = checked(finesse, Range.POSITIVE, "finesse")
    return plain(np.asarray(free_spectral_range(length)) / np.asarray(value))


def finesse(cavity_linewidth: ArrayLike, length: ArrayLike) -> Parameter:
    """Free spectral range over the full width κ, the inverse of `linewidth_from_finesse`.

    Examples
    --------
    >>> round(finesse(linewidth_from_finesse(4500, 1.3e-3), 1.3e-3))
    4500
    """
    kappa = checked(cavity_linewidth, Range.POSITIVE, "cavity_linewidth (rad/s)")
    return plain(np.asarray(free_spectral_range(length)) / np.asarray(kappa))


@dataclass(frozen=True, eq=False, kw_only=True)
class FabryPerot:
    """An empty two-mirror cavity.

    Parameters
    ----------
    length : float or array
        L in m.
    input_transmission, end_transmission : float or array
        Power transmissions T₁ of the mirror that the light uses, and T₂ of the other.
    other_loss : float or array
        Absorption and scattering per round trip; default 0.

    Raises
    ------
    InvalidInput
        A length that is not positive, a transmission outside [0, 1], or a cavity without any loss.

    Examples
    --------
    The bare cavity of Møller et al. 2017, which print a half width of 13 MHz, a finesse of 4500 and κ₁/κ₂ = 70:

    >>> bare = FabryPerot(length=1.3e-3, input_transmission=1400e-6, end_transmission=20e-6)
    >>> round(bare.finesse), round(bare.linewidth / (4e6 * math.pi), 2), round(1 / (1 / bare.input_fraction - 1))
    (4425, 13.03, 70)
    """

    length: Parameter = quantity(Unit.LENGTH, Range.POSITIVE, "between the mirrors")
    input_transmission: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "T₁ of the mirror that the light uses")
    end_transmission: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "T₂ of the other mirror", 0.0)
    other_loss: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "absorption and scattering per round trip", 0.0)

    def __post_init__(self) -> None:
        refuse(settle(self))
        checked(self.round_trip_loss, Range.POSITIVE, "the sum of transmissions and losses")

    @property
    def round_trip_loss(self) -> Parameter:
        """T₁ + T₂ + other losses."""
        return plain(np.asarray(self.input_transmission) + self.end_transmission + self.other_loss)

    @property
    def finesse(self) -> Parameter:
        """2π/(T₁ + T₂ + losses), to first order."""
        return plain(2 * math.pi / np.asarray(self.round_trip_loss))

    @property
    def linewidth(self) -> Parameter:
        """κ = (T₁ + T₂ + losses) c/(2L), the full width in rad/s."""
        return linewidth_from_finesse(self.finesse, self.length)

    @property
    def input_fraction(self) -> Parameter:
        """κ₁/κ = T₁/(T₁ + T₂ + losses)."""
        return plain(np.asarray(self.input_transmission) / np.asarray(self.round_trip_loss))
