"""Every component that an experiment file can name, by its kind."""

from __future__ import annotations

from .cavities import IntegratedCQNC, OpticalNegativeMass, OptomechanicalCavity
from .component import Component
from .optics import Loss, Modulation, Rotation, Squeezer, ThermalLight
from .oscillators import MechanicalOscillator, SpinOscillator

__all__ = ["COMPONENTS"]

COMPONENTS: dict[str, type[Component]] = {
    cls.kind: cls
    for cls in (
        SpinOscillator,
        MechanicalOscillator,
        OptomechanicalCavity,
        OpticalNegativeMass,
        Loss,
        Rotation,
        Squeezer,
        ThermalLight,
        Modulation,
        IntegratedCQNC,
    )
}
