"""Networks: one beam of light through a chain of named components.

`spin >> Loss(efficiency=0.6) >> membrane` is a `Network`.  Its parameters are addressed as "membrane.detuning", its
modes and noise sources keep the names of their components.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from backaction.gaussian import Heterodyne, Homodyne, InvalidInput, LinearSystem, leading_pole, series
from backaction.gaussian.errors import unknown_name

from .detectors import Reference
from .element import Element, no_attribute
from .grammar import Parameter, keys
from .grammar.addresses import split_address

if TYPE_CHECKING:
    from .component import Component

__all__ = ["RESERVED_NAMES", "Growth", "Network", "resolve_names"]

RESERVED_NAMES = ("input", "out", "detection", "detector", "report")
"""Names that mean something else in a budget, at a port or in an experiment file."""

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Growth:
    """The pole that keeps a network from a stationary state.

    `mode` that grows, `rate` (real part, 1/s; 0 for a marginal pole) and `frequency` (imaginary part, rad/s).
    """

    mode: str
    rate: float
    frequency: float


def resolve_names(given: Sequence[tuple[str, str | None]]) -> tuple[list[str], list[str]]:
    """Names of components from (kind, given name or None): the names, and what is wrong with them.

    An unnamed component is called by its kind; further unnamed ones of that kind kind2, kind3, ….

    Examples
    --------
    >>> resolve_names([("loss", None), ("spin", "atoms"), ("loss", None)])
    (['loss', 'atoms', 'loss2'], [])
    """
    names: list[str] = []
    mistakes: list[str] = []
    unnamed: dict[str, int] = {}
    for kind, name in given:
        if name is None:
            unnamed[kind] = unnamed.get(kind, 0) + 1
            names.append(kind if unnamed[kind] == 1 else f"{kind}{unnamed[kind]}")
            continue
        names.append(name)
        if not _NAME.fullmatch(name):
            mistakes.append(f"the name {name!r} may only have letters, digits, '_' and '-'")
        elif name in RESERVED_NAMES:
            mistakes.append(f"the name {name!r} is reserved; reserved are {', '.join(RESERVED_NAMES)}")
    for name in dict.fromkeys(names):
        count = names.count(name)
        if count > 1:
            mistakes.append(f"the name {name!r} stands for {count} components; names must be unique")
    return names, mistakes


@dataclass(frozen=True, eq=False)
class Network:
    """One beam of light through components, in the order in which the light meets them.

    Parameters
    ----------
    components : sequence of Component
        At least one. Parameters may be arrays; they broadcast to the batch of the network.

    Raises
    ------
    InvalidInput
        No component, or names that clash.

    Examples
    --------
    >>> from backaction.systems import Loss, SpinOscillator, kHz, MHz
    >>> spin = SpinOscillator(frequency=-1 * MHz, linewidth=1 * kHz, readout_rate=20 * kHz, occupation=1.0)
    >>> network = spin >> Loss(efficiency=0.8)
    >>> network.system.inputs
    ('input', 'spin.bath', 'loss')
    >>> network.with_parameters({"loss.efficiency": [0.5, 0.9]}).system.batch_shape
    (2,)
    """

    components: tuple[Component, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "components", tuple(self.components))
        if not self.components:
            raise InvalidInput("a network needs at least one component")
        _, mistakes = resolve_names([(part.kind, part.name) for part in self.components])
        if mistakes:
            raise InvalidInput("; ".join(mistakes))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the components, in the order of the light."""
        return tuple(resolve_names([(part.kind, part.name) for part in self.components])[0])

    @cached_property
    def system(self) -> LinearSystem:
        """The linear system of the whole: input "input", outputs "out", the losses and the vacuum ports."""
        return reduce(series, self.systems)

    @cached_property
    def systems(self) -> list[LinearSystem]:
        """The linear systems of the components, each by itself."""
        return [part.system(name) for name, part in zip(self.names, self.components, strict=True)]

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters that are set, by address: {"membrane.detuning": …}."""
        parts = zip(self.names, self.components, strict=True)
        return {f"{name}.{key}": value for name, part in parts for key, value in part.given().items()}

    if not TYPE_CHECKING:  # type checkers are to see what is not there

        def __getattr__(self, name):
            raise no_attribute(self, name, "network.system")

    def __rshift__(self, other: Component | Network) -> Network:
        """The light goes on into another component or network."""
        if not isinstance(other, Element | Network):
            return NotImplemented
        more = other.components if isinstance(other, Network) else (other,)
        return Network(self.components + more)

    def component(self, name: str) -> Component:
        """The component of that name."""
        return self.components[self._position(name)]

    def upstream(self, port: str) -> Network:
        """The part of the network that the light at a port has met: nothing behind it can be seen there.

        Raises
        ------
        InvalidInput
            An unknown port.

        Examples
        --------
        >>> from backaction.systems import Loss, Rotation
        >>> (Loss(efficiency=0.9) >> Rotation(angle=0.1) >> Loss(efficiency=0.5)).upstream("loss").names
        ('loss',)
        """
        if port not in self.system.outputs:
            raise unknown_name(port, self.system.outputs, "port")
        return self if port == "out" else Network(self.components[: self._position(port.removesuffix(".vacuum")) + 1])

    def with_parameters(self, changes: Mapping[str, Any]) -> Network:
        """A copy with other parameters, by address; arrays make a batch.

        Setting one of alternative keys (occupation or temperature, …) removes the others.

        Raises
        ------
        InvalidInput
            An address that is not there (with the nearest one), or a value out of its range.
        """
        grouped: dict[int, dict[str, Any]] = {}
        for address, value in changes.items():
            name, key = split_address(address)
            position = self._position(name)
            known = keys(type(self.components[position]))
            if key not in known:
                raise unknown_name(address, [f"{name}.{k}" for k in known], "parameter")
            group, field = grouped.setdefault(position, {}), known[key].field
            if field in group:
                raise InvalidInput(f"{name}.{field} is set twice, by itself and by its half width; give one of them")
            group[field] = known[key].take(value)
        parts = list(self.components)
        for position, values in grouped.items():
            parts[position] = parts[position].with_parameters(values)
        return Network(tuple(parts))

    def growth(self) -> Growth | None:
        """The component pole with the largest real part if it does not decay, else None (stable).

        Light goes one way, so the poles of the network are those of its components, each by itself.
        """
        found = [leading_pole(system) for system in self.systems if system.modes]
        if not found:
            return None
        pole, mode = max(found, key=lambda pair: pair[0].real)
        return None if pole.real < 0 else Growth(mode, pole.real + 0.0, abs(pole.imag))

    def carrier_angle(self, port: str = "out") -> Parameter:
        """ψ, the phase of the carrier at a port relative to the quadratures there, in rad.

        That of the last cavity before the port; 0 without a cavity; at NAME.vacuum φ of that cavity.

        Raises
        ------
        InvalidInput
            An unknown port, or a cavity from which no carrier leaves.
        """
        if port not in self.system.outputs:
            raise unknown_name(port, self.system.outputs, "port")
        if port.endswith(".vacuum"):
            inside = self.component(port.removesuffix(".vacuum")).intracavity_angle
            assert inside is not None  # only a cavity has such a port
            return inside
        end = len(self.components) if port == "out" else self._position(port)
        turned = (part.reflected_angle for part in reversed(self.components[:end]))
        return next((angle for angle in turned if angle is not None), 0.0)

    def in_carrier_frame(self, detector: Homodyne | Heterodyne) -> Homodyne | Heterodyne:
        """The detector whose angle counts from the carrier at its port: θ + ψ."""
        angle = np.array(np.asarray(detector.angle) + self.carrier_angle(detector.port))
        kind = Heterodyne if isinstance(detector, Heterodyne) else Homodyne
        return kind(detector.port, angle, detector.efficiency)

    def placed(self, detector: Homodyne | Heterodyne) -> Homodyne | Heterodyne:
        """The detector in the frame of its port's quadratures: turned by the carrier if its angle counts from that.

        Raises
        ------
        InvalidInput
            An unknown port, or a carrier that does not exist.

        Examples
        --------
        >>> from backaction import systems
        >>> cavity = systems.OptomechanicalCavity(
        ...     mechanical_frequency="1 MHz", mechanical_linewidth="1 Hz", occupation=1, cavity_linewidth="1 MHz",
        ...     detuning="-1 MHz", coupling="1 kHz")
        >>> network = cavity >> systems.Loss(efficiency=0.9)
        >>> detector = network.placed(systems.Homodyne(angle="90 deg", reference="carrier"))
        >>> round(float(np.degrees(detector.angle - network.carrier_angle())))
        90
        """
        if detector.port not in self.system.outputs:
            raise unknown_name(detector.port, self.system.outputs, "port")
        counts_from = getattr(detector, "reference", Reference.INPUT)
        return self.in_carrier_frame(detector) if counts_from is Reference.CARRIER else detector

    def _position(self, name: str) -> int:
        if name not in self.names:
            raise unknown_name(name, self.names, "component")
        return self.names.index(name)
