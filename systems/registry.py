"""Every component that an experiment file can name, by its kind."""

from __future__ import annotations

from .cavities import IntegratedCQNC, OpticalNegativeMass, OptomechanicalCavity
from .component import Component
from .laboratory.components import CaesiumSpin
from .optics import Loss, Modulation, Rotation, Squeezer, ThermalLight
from .oscillators import MechanicalOscillator, SpinOscillator

__all__ = ["BENCHES", "COMPONENTS", "EVERY_COMPONENT"]

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
"""Components by the rates of their oscillators and cavities."""

BENCHES: dict[str, type[Component]] = {CaesiumSpin.kind: CaesiumSpin}
"""Components by what stands on the bench."""

EVERY_COMPONENT = COMPONENTS | BENCHES
"""All of them."""
