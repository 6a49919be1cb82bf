"""Vitali et al., Phys. Rev. Lett. 98, 030405 (2007): stationary entanglement of a movable mirror and its cavity.

`networks` has the printed parameters, the network that they make, and the paper's own matrices beside it.  The names
below are for use; the figure is in `backaction.papers.vitali2007`.
"""

from __future__ import annotations

from .networks import (
    CAVITY_LENGTH,
    FINESSE,
    MASS,
    MECHANICAL_FREQUENCY,
    MECHANICAL_LINEWIDTH,
    POWER,
    TEMPERATURE,
    WAVELENGTH,
    amplitude_decay,
    coupling,
    diffusion,
    drift,
    network,
)

__all__ = [
    "CAVITY_LENGTH",
    "FINESSE",
    "MASS",
    "MECHANICAL_FREQUENCY",
    "MECHANICAL_LINEWIDTH",
    "POWER",
    "TEMPERATURE",
    "WAVELENGTH",
    "amplitude_decay",
    "coupling",
    "diffusion",
    "drift",
    "network",
]
