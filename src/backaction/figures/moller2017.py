"""Figures of Møller et al. (2017), one module a theme: this one only gathers them."""

from __future__ import annotations

from .moller2017_detuned import FIG4B, FIG4C
from .moller2017_entanglement import ENTANGLEMENT
from .moller2017_evasion import FIG3B
from .moller2017_hybrid import FIG3A, FIG3C, FIG3D, FIG4A
from .moller2017_numbers import NUMBERS
from .moller2017_sensitivity import SENSITIVITY
from .moller2017_single import FIG2C, FIG2D
from .moller2017_squeezing import FIG2B
from .moller2017_theory import APPROXIMATIONS, S34
from .moller2017_verdict import ENTANGLEMENT_MAP

__all__ = [
    "APPROXIMATIONS",
    "ENTANGLEMENT",
    "ENTANGLEMENT_MAP",
    "FIG2B",
    "FIG2C",
    "FIG2D",
    "FIG3A",
    "FIG3B",
    "FIG3C",
    "FIG3D",
    "FIG4A",
    "FIG4B",
    "FIG4C",
    "NUMBERS",
    "S34",
    "SENSITIVITY",
]
