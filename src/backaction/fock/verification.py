"""What a verification may cost, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .agreement import Comparison, Verdict, joint

__all__ = ["AS_GIVEN", "ROTATING_WAVE", "Effort", "Verification"]

AS_GIVEN, ROTATING_WAVE = "as given", "rotating-wave"


@dataclass(frozen=True)
class Effort:
    """How much a verification may take.

    Parameters
    ----------
    unconditional, conditional, spectrum, evolution : float
        Decades of probability that the largest basis holds, if it fits.
    couplings : float
        Couplings between elements of the density matrix at most: time and memory are proportional to it.
    step : float
        Decades from one basis to the next.
    bases : int
        How many of them.
    least : float
        Decades that the largest basis must hold to begin with.
    frequencies : int
        Of the spectrum.
    """

    unconditional: float = 7.5
    conditional: float = 7.0
    spectrum: float = 7.0
    evolution: float = 6.5
    couplings: float = 8e6
    step: float = 1.5
    bases: int = 3
    least: float = 1.5
    frequencies: int = 3

    @classmethod
    def thorough(cls) -> Effort:
        """For a covariance to 1e-6, a conditional one to 1e-4 and better; some minutes."""
        return cls(unconditional=9.0, conditional=8.5, spectrum=8.0, evolution=8.0, couplings=3e7, frequencies=5)


@dataclass(frozen=True)
class Verification:
    """What was found. `as_dict` is the JSON object of the public contract.

    Attributes
    ----------
    modes : tuple of str
    verified_model : str
        "as given", or "rotating-wave" where damping had to be replaced.
    distance : dict or None
        Largest deviation of the rotating-wave model from the one given, for the unconditional and conditional
        covariance, relative to √(V_ii V_jj); None if nothing was replaced.
    comparisons : dict of str to Comparison or None
        unconditional, conditional, evolution, spectrum, log_negativity; None where not asked for or not defined.
    note : str
    seconds : float
    engine : str
        Who simulated: "own" or "qutip".
    """

    modes: tuple[str, ...]
    verified_model: str
    distance: dict[str, float | None] | None
    comparisons: dict[str, Comparison | None]
    note: str
    seconds: float
    engine: str = "own"

    @property
    def verdict(self) -> Verdict:
        """All comparisons together, but for a log-negativity that was not resolved.

        Its truncation error is the square root of that of the covariance.
        """
        found = [
            comparison.verdict
            for key, comparison in self.comparisons.items()
            if comparison is not None and not (key == "log_negativity" and comparison.verdict is Verdict.UNRESOLVED)
        ]
        return joint(found)

    def as_dict(self) -> dict[str, Any]:
        """The object that `backaction verify --json` writes; `agrees` is null if not resolved."""
        verdict = self.verdict
        return {
            "agrees": None if verdict is Verdict.UNRESOLVED else verdict is Verdict.AGREES,
            "verdict": verdict.value,
            "engine": self.engine,
            "verified_model": self.verified_model,
            "distance": self.distance,
            "modes": list(self.modes),
            **{key: None if found is None else found.as_dict() for key, found in self.comparisons.items()},
            "note": self.note,
            "seconds": round(self.seconds, 3),
        }
