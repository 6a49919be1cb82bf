"""The chain of an experiment file: its components read, and their names known even where their values are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backaction.gaussian import InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.systems import Network
from backaction.systems.component import Component, alternative_mistake
from backaction.systems.network import resolve_names
from backaction.systems.registry import EVERY_COMPONENT

from .tables import Mistakes, read_fields

__all__ = ["Outline", "bare_linewidth", "entry_names", "read_chain"]


_ANY = "any"
"""A good name, under which a component is built to see what its modes and ports are called."""


@dataclass(frozen=True)
class Outline:
    """What the rest of a file may refer to: names of components, and their parts, None where the kind is unknown.

    A component with a wrong value is there as a stand-in of its kind, which has the same modes and ports; `network` is
    None if no network can be made of the names.
    """

    names: Sequence[str]
    parts: Sequence[Component | None]
    network: Network | None

    @property
    def modes(self) -> list[str]:
        """Modes of all components of a known kind, in the order of the light."""
        return [mode for modes, _ in self._namings for mode in modes]

    @property
    def ports(self) -> list[str]:
        """Ports at which a detector can stand."""
        return ["out"] + [port for _, ports in self._namings for port in ports]

    @property
    def linewidths(self) -> dict[str, Any]:
        """Bare linewidths of the spin and mechanical modes, rad/s."""
        found = {name: bare_linewidth(part) for name, part in self._known()}
        return {name: linewidth for name, linewidth in found.items() if linewidth is not None}

    def may_have(self, asked: str) -> bool:
        """Whether a mode or port may belong to a component whose kind is unknown."""
        unknown = [name for name, part in zip(self.names, self.parts, strict=True) if part is None]
        return any(asked == name or asked.startswith(f"{name}.") for name in unknown)

    @cached_property
    def _namings(self) -> list[tuple[list[str], list[str]]]:
        """Modes and own ports of each component of a known kind."""
        if self.network is not None:
            return [(list(one.modes), [port for port in one.outputs if port != "out"]) for one in self.network.systems]
        found = []
        for name, part in self._known():
            system = part.system(_ANY)
            own = [port for port in system.outputs if port.startswith(_ANY)]
            modes, ports = ([name + text.removeprefix(_ANY) for text in texts] for texts in (system.modes, own))
            found.append((modes, ports))
        return found

    def _known(self) -> list[tuple[str, Component]]:
        return [(name, part) for name, part in zip(self.names, self.parts, strict=True) if part is not None]


def bare_linewidth(part: Component) -> Any:
    """γ of the spin or mechanical mode of a component, None if it has none."""
    bare = part.bare_oscillator()
    return None if bare is None else bare.linewidth


def read_chain(chain: Any, mistakes: Mistakes) -> Outline | None:
    """Read `[[chain]]`; None if there is none."""
    if chain is None or chain == []:
        mistakes.add("chain", "there is no [[chain]]; a beam needs at least one component")
        return None
    if not isinstance(chain, list) or not all(isinstance(entry, dict) for entry in chain):
        mistakes.add("chain", "must be a list of tables, each begun by [[chain]]")
        return None
    names, clashes = entry_names(chain)
    for clash in clashes:
        mistakes.add("chain", clash)
    parts = [
        _read_component(entry, name, f"chain[{i}]", mistakes)
        for i, (entry, name) in enumerate(zip(chain, names, strict=True))
    ]
    whole = [part for part in parts if part is not None]
    complete = not clashes and len(whole) == len(parts)
    return Outline(names, parts, Network(tuple(whole)) if complete else None)


def entry_names(entries: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Names of the components of a chain, and what is wrong with them."""
    given = [(entry.get("component"), entry.get("name")) for entry in entries]
    return resolve_names(
        [
            (kind if isinstance(kind, str) else "component", name if isinstance(name, str) else None)
            for kind, name in given
        ]
    )


def _read_component(entry: Mapping[str, Any], name: str, place: str, mistakes: Mistakes) -> Component | None:
    kind = entry.get("component")
    if not isinstance(kind, str):
        problem = "is missing" if kind is None else f"is {kind!r}"
        mistakes.add(place, f"the key 'component' {problem}; it must be one of {', '.join(EVERY_COMPONENT)}")
        return None
    if kind not in EVERY_COMPONENT:
        mistakes.add(f"{place}.component", unknown_name(kind, EVERY_COMPONENT, "component"))
        return None
    cls = EVERY_COMPONENT[kind]
    place = f"{place} ({name})"
    given = entry.get("name")
    before = len(mistakes)
    if given is not None and not isinstance(given, str):
        mistakes.add(f"{place}.name", f"must be a text, got {given!r}")
    values = read_fields(cls, entry, place, mistakes, ("component", "name"))
    for options in cls.alternatives:
        complaint = alternative_mistake(options, [key for option in options for key in option if key in entry])
        if complaint:
            mistakes.add(place, complaint)
    if len(mistakes) == before:
        try:
            return cls(name=given, **values)
        except InvalidInput as error:
            mistakes.add(place, error)
    return cls.placeholder(given if isinstance(given, str) else None)
