"""What a network asks of the elements in the path of its light, whatever they are made of."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self

from backaction.gaussian import LinearSystem

from .grammar import Parameter

__all__ = ["BareOscillator", "Element", "no_attribute"]


class BareOscillator(NamedTuple):
    """Frequency Ω (signed), full linewidth γ and readout rate Γ of a spin or mechanical mode, in rad/s."""

    frequency: Parameter
    linewidth: Parameter
    readout_rate: Parameter


class Element(ABC):
    """One element in the path of the light; `Component` is the one with laboratory parameters."""

    kind: ClassVar[str]
    name: str | None

    @abstractmethod
    def system(self, name: str) -> LinearSystem:
        """The linear system under a name: light from "input" to "out", other ports and modes named after it."""

    @abstractmethod
    def given(self) -> dict[str, Any]:
        """The parameters that are set, by key."""

    @abstractmethod
    def with_parameters(self, changes: Mapping[str, Any]) -> Self:
        """A copy with other values; setting one of alternative keys removes the others."""

    def derived(self) -> dict[str, Parameter | None]:
        """Quantities that follow from the parameters, with their units in the keys; None where not defined."""
        return {}

    def bare_oscillator(self) -> BareOscillator | None:
        """The spin or mechanical mode, without what light does to it; None if there is none."""
        return None

    @property
    def reflected_angle(self) -> Parameter | None:
        """Phase ψ of the carrier that leaves, relative to the one that comes, in rad; None: it passes as it is."""
        return None

    @property
    def intracavity_angle(self) -> Parameter | None:
        """Phase φ of the carrier at the vacuum port, relative to the one that comes, in rad; None without a cavity."""
        return None


def no_attribute(owner: object, name: str, system: str) -> AttributeError:
    """What to say of an attribute that is not there: most often the owner stands where a linear system is meant."""
    kind = type(owner).__name__
    if name in _OF_A_SYSTEM:
        return AttributeError(f"a {kind} has no {name!r}, for it is not yet a linear system; that is {system}")
    return AttributeError(f"{kind!r} object has no attribute {name!r}")


_OF_A_SYSTEM = {field.name for field in dataclasses.fields(LinearSystem)} | {"batch_shape", "diffusion"}
