"""The two models of an oscillator's damping."""

from __future__ import annotations

from enum import Enum

__all__ = ["Damping"]


class Damping(Enum):
    """How an oscillator of frequency Ω is damped at the energy rate γ by a bath of occupation n.

    BROWNIAN: dP ∋ −γP + √(2γ) ξ, PSD of ξ n + ½; exact classically, positive only up to terms of order γ/Ω.
    ROTATING_WAVE: −γ/2 on X and P with √γ ξ on each, PSD n + ½; of Lindblad form.
    """

    BROWNIAN = "brownian"
    ROTATING_WAVE = "rotating-wave"
