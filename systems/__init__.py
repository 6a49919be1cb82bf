"""Joint spin-mechanics-light systems: components with laboratory parameters, and networks of them.

Fields of components are angular frequencies and full widths in rad/s (`MHz` = 2π·10⁶ rad/s, `hwhm(half width)`), and
may be arrays.  `spin >> Loss(efficiency=0.6) >> membrane` sends light through them; `.system` is the `LinearSystem`.
"""

from __future__ import annotations

from .cavities import IntegratedCQNC, OpticalNegativeMass, OptomechanicalCavity
from .component import Component
from .damping import Damping
from .detectors import Heterodyne, Homodyne, Reference
from .grammar import hwhm
from .grammar.units import GHz, Hz, MHz, kHz, mHz
from .network import Growth, Network
from .optics import Loss, Modulation, Rotation, Squeezer, ThermalLight
from .oscillators import MechanicalOscillator, SpinOscillator
from .sensing import ForceNoise, force_noise, standard_quantum_limit
from .thermal import thermal_occupation

__all__ = [
    "Component",
    "Damping",
    "ForceNoise",
    "GHz",
    "Growth",
    "Heterodyne",
    "Homodyne",
    "Hz",
    "IntegratedCQNC",
    "Loss",
    "MHz",
    "MechanicalOscillator",
    "Modulation",
    "Network",
    "OpticalNegativeMass",
    "OptomechanicalCavity",
    "Reference",
    "Rotation",
    "SpinOscillator",
    "Squeezer",
    "ThermalLight",
    "force_noise",
    "hwhm",
    "kHz",
    "mHz",
    "standard_quantum_limit",
    "thermal_occupation",
]
