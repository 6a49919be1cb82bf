"""What every component is: laboratory parameters, and the linear system that they make.

A component is a frozen dataclass; its fields are what a laboratory quotes, checked by their metadata
(`backaction.systems.grammar`).  `a >> b` sends the light of a into b.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput, LinearSystem, from_hamiltonian, poles, with_brownian_damping
from backaction.gaussian.arrays import FloatArray, stack_matrix

from .damping import Damping
from .element import BareOscillator, Element, no_attribute
from .grammar import Parameter, describe, quantities
from .grammar.fields import refuse, settle
from .network import Network

__all__ = [
    "Alternatives",
    "BareOscillator",
    "Bath",
    "Component",
    "Port",
    "alternative_mistake",
    "effective_pole",
    "lowering",
    "open_system",
    "superseded",
]

Alternatives = tuple[tuple[str, ...], ...]
"""Sets of keys of which exactly one set must be given: (("occupation",), ("temperature",))."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Component(Element):
    """One element in the path of the light. Subclasses are final and say what they are.

    Parameters
    ----------
    name : str, optional
        Name in the network; default the component's kind (`spin`, then `spin2`, …).
    """

    kind: ClassVar[str]
    alternatives: ClassVar[tuple[Alternatives, ...]] = ()

    name: str | None = None

    def __post_init__(self) -> None:
        refuse(settle(self) + self._missing_alternatives(), self._label)
        self._require_batch()

    @classmethod
    def placeholder(cls, name: str | None) -> Component:
        """A valid component of this kind with arbitrary numbers: its modes and ports are known before its numbers."""
        fields = describe(cls)
        return cls(name=name, **{key: fields[key].metadata["kind"].stand_in for key in cls.needed()})

    @classmethod
    def needed(cls) -> list[str]:
        """Keys that must be given; of alternatives the first."""
        needed = [key for key, field in describe(cls).items() if field.default is dataclasses.MISSING]
        return needed + [key for options in cls.alternatives for key in options[0]]

    def __rshift__(self, other: Component | Network) -> Network:
        """The light goes from this component to the next."""
        return Network((self,)) >> other

    def with_parameters(self, changes: Mapping[str, Any]) -> Self:
        """See `Element.with_parameters`."""
        cleared = {
            key: None for options in self.alternatives for key in superseded(options, changes) if key not in changes
        }
        return dataclasses.replace(self, **(cleared | dict(changes)))

    def given(self) -> dict[str, Any]:
        """See `Element.given`."""
        return {key: getattr(self, key) for key in describe(type(self)) if getattr(self, key) is not None}

    if not TYPE_CHECKING:  # type checkers are to see what is not there

        def __getattr__(self, name):
            raise no_attribute(self, name, "Network((component,)).system, or component.system(name)")

    @property
    def _label(self) -> str:
        return self.kind if self.name is None else f"{self.kind} {self.name!r}"

    def _missing_alternatives(self) -> list[str]:
        mistakes = []
        for options in self.alternatives:
            complaint = alternative_mistake(options, [key for key in _keys(options) if getattr(self, key) is not None])
            if complaint:
                mistakes.append(complaint)
        return mistakes

    def _require_batch(self) -> None:
        shapes = {key: np.shape(getattr(self, key)) for key in quantities(type(self)) if getattr(self, key) is not None}
        try:
            np.broadcast_shapes(*shapes.values())
        except ValueError:
            raise InvalidInput(f"{self._label}: the shapes of the parameters do not broadcast: {shapes}") from None


def _keys(options: Alternatives) -> list[str]:
    return [key for option in options for key in option]


def alternative_mistake(options: Alternatives, given: Sequence[str]) -> str | None:
    """What is wrong with the keys given of a set of alternatives; None if exactly one option is complete.

    Examples
    --------
    >>> alternative_mistake((("occupation",), ("temperature",)), [])
    'give occupation or temperature'
    """
    listing = " or ".join(" and ".join(option) for option in options)
    complete = [option for option in options if set(option) <= set(given)]
    touched = [option for option in options if set(option) & set(given)]
    if len(touched) > 1:
        return f"give {listing}, not both ({', '.join(given)})"
    return None if complete else f"give {listing}"


def superseded(options: Alternatives, changed: Mapping[str, Any] | Sequence[str]) -> list[str]:
    """Keys of the other options, if one option is touched by the change."""
    touched = [option for option in options if set(option) & set(changed)]
    return [key for option in options if touched and option not in touched for key in option]


Coefficient = complex | NDArray[np.complex128] | FloatArray
"""Coefficient of a quadrature in a coupling operator: a number or a batch."""


@dataclass(frozen=True, eq=False)
class Port:
    """A field coupled by L = Λx: coefficients per quadrature, and the sign of what is reflected promptly (S)."""

    name: str
    coefficients: Sequence[Coefficient]
    scattering: float = 1.0


@dataclass(frozen=True, eq=False)
class Bath:
    """The thermal bath of one mode: damping rate γ, occupation n, and the model of damping."""

    name: str
    mode: str
    rate: ArrayLike
    occupation: ArrayLike
    damping: Damping


def open_system(
    hamiltonian: FloatArray, ports: Sequence[Port], modes: Sequence[str], outputs: Sequence[str], bath: Bath | None
) -> LinearSystem:
    """Assemble H = ½ xᵀRx, coupled fields and a bath; the first port is the beam, from "input" to "out"."""
    rows = list(ports)
    noisy = bath is not None and bath.damping is Damping.ROTATING_WAVE
    if bath is not None and noisy:
        rows.append(Port(bath.name, lowering(bath.rate, len(modes), modes.index(bath.mode))))
    real = stack_matrix([[np.asarray(c).real for c in port.coefficients] for port in rows])
    imaginary = stack_matrix([[np.asarray(c).imag for c in port.coefficients] for port in rows])
    scattering = np.diag([port.scattering for port in rows])
    system = from_hamiltonian(hamiltonian, real + 1j * imaginary, scattering, None, modes, [port.name for port in rows])
    beam = rows[0].name
    system = system.renamed(inputs={beam: "input"}, outputs={beam: "out"}).with_outputs(["out", *outputs])
    if bath is None:
        return system
    if noisy:
        white = np.asarray(bath.occupation)[..., None, None] + 0.5
        return system.with_noise(bath.name, white * np.eye(2))
    return with_brownian_damping(system, bath.mode, bath.rate, bath.occupation, bath.name)


def lowering(rate: ArrayLike, modes: int, at: int) -> list[Coefficient]:
    """Coefficients of √rate times the lowering operator of one mode, in the quadratures of all."""
    amplitude = np.sqrt(np.asarray(rate, dtype=np.float64) / 2)
    return [amplitude * factor if i // 2 == at else 0.0 for i, factor in enumerate([1, 1j] * modes)]


def effective_pole(system: LinearSystem, frequency: Parameter, linewidth: Parameter) -> NDArray[np.complex128]:
    """The pole that continues −γ/2 + i|Ω| of the bare oscillator: the nearest eigenvalue, shape (…)."""
    values = poles(system)
    bare = -np.asarray(linewidth) / 2 + 1j * np.abs(np.asarray(frequency))
    nearest = np.argmin(np.abs(values - bare[..., None]), axis=-1)
    chosen: NDArray[np.complex128] = np.take_along_axis(values, nearest[..., None], axis=-1)[..., 0]
    return chosen
