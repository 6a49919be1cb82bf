"""Constants of nature (CODATA 2018; exact since the SI of 2019)."""

from __future__ import annotations

import math

__all__ = ["BOLTZMANN", "HBAR", "SPEED_OF_LIGHT"]

HBAR = 6.62607015e-34 / (2 * math.pi)
"""ħ in J s."""

BOLTZMANN = 1.380649e-23
"""k_B in J/K."""

SPEED_OF_LIGHT = 299_792_458.0
"""c in m/s."""
