"""Figures of Møller et al. (2017): back-action evasion, and the entanglement that the hybrid may have held."""

from __future__ import annotations

from .moller2017_entanglement import ENTANGLEMENT
from .moller2017_evasion import FIG3B

__all__ = ["ENTANGLEMENT", "FIG3B"]
