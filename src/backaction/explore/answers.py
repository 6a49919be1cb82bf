"""The one door between the page and the library: a request in JSON, an answer in JSON, and never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backaction import __version__
from backaction.experiment import Experiment, read
from backaction.gaussian import BackactionError, InvalidInput
from backaction.gaussian.errors import unknown_name
from backaction.specs import DetectorSpec
from backaction.systems.grammar import quantities
from backaction.systems.grammar.units import SPELLINGS
from backaction.systems.registry import EVERY_COMPONENT

from .code import python_code
from .controls import controls
from .document import moved, with_component, with_detector, with_settings, without_component
from .scenes import SCENES, scene_controls
from .toml import parsed
from .views import spectra_view, state_view
from .windows import POINTS

__all__ = ["answer"]

Request = Mapping[str, Any]

DETECTOR = {"kind": "detector", "help": "A homodyne detector at the end of the chain."}
"""What can be added beside the components."""


def answer(request: str) -> str:
    """Answer one request of the page.

    Parameters
    ----------
    request : str
        JSON: {"ask": …, "file": text in TOML, "settings": {address: text with unit}}. `ask` is one of

        - "scenes": the networks on offer with their controls, and the components that can be added;
        - "read": the controls of a file; "change": {"add": kind}, {"remove": name} or {"move": name} changes it first
          (the kind "detector" adds one);
        - "state": states, criteria, ellipses (`backaction.explore.views.state_view`);
        - "spectra": spectrum with its budget, force noise (`backaction.explore.views.spectra_view`);
        - "code": the file with the settings applied, and the Python code of the same network.

    Returns
    -------
    str
        JSON: {"ok": …}, or {"error": text} for a mistake in the request or its file.

    Examples
    --------
    >>> print(answer('{"ask": "state", "file": "[[chain]]"}'))
    {"error": "chain[0]: the key 'component' is missing; it must be one of spin, ...
    """
    try:
        reply = {"ok": _answered(request)}
    except BackactionError as error:
        reply = {"error": str(error)}
    except Exception as error:  # the page must get an answer, whatever happens
        reply = {"error": f"this should not have happened: {type(error).__name__}: {error}"}
    return json.dumps(reply, allow_nan=False)


def _answered(request: str) -> Any:
    asked = _checked(request)
    name = asked.get("ask")
    if not isinstance(name, str) or name not in _ANSWERS:
        raise unknown_name(str(name), _ANSWERS, "request")
    return _ANSWERS[name](asked)


def _checked(request: str) -> Request:
    try:
        asked = json.loads(request)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the request is not JSON: {error}") from None
    if not isinstance(asked, dict):
        raise InvalidInput("the request must be an object with the key 'ask'")
    settings, file = asked.get("settings", {}), asked.get("file", "")
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise InvalidInput("the settings must be an object of texts: {address: value with unit}")
    if not isinstance(file, str):
        raise InvalidInput("the file must be a text in TOML")
    return asked


def _scenes(asked: Request) -> Any:
    return {
        "version": __version__,
        "points": POINTS,
        "quantities": _quantities(),
        "scenes": [
            {
                "name": scene.name,
                "title": scene.title,
                "text": scene.text,
                "file": scene.file,
                **_described(scene.file),
                "controls": [control.as_object() for control in scene_controls(scene)],
            }
            for scene in SCENES
        ],
        "components": [
            *({"kind": kind, "help": (cls.__doc__ or "").splitlines()[0]} for kind, cls in EVERY_COMPONENT.items()),
            DETECTOR,
        ],
    }


def _quantities() -> dict[str, Any]:
    """What the page needs to read and print quantities: the symbols of each unit by size, and printed spellings."""
    used = [kind.unit for cls in (*EVERY_COMPONENT.values(), DetectorSpec) for kind in quantities(cls).values()]
    units = {
        unit.name: {
            "symbol": unit.symbol,
            "sizes": {symbol: unit.size(symbol) / unit.size(unit.symbol) for symbol in unit.symbols},
            "prefixed": [symbol for symbol, (_, base) in unit.symbols.items() if base == unit.symbol],
        }
        for unit in used
    }
    return {"units": units, "spellings": SPELLINGS}


def _read(asked: Request) -> Any:
    text = with_settings(asked.get("file", ""), asked.get("settings", {}))
    change = asked.get("change") or {}
    if not isinstance(change, dict):
        raise InvalidInput('a change must be an object, such as {"add": "loss"}')
    for action, name in change.items():
        if action not in _CHANGES:
            raise unknown_name(str(action), _CHANGES, "change")
        text = _CHANGES[action](text, str(name))
    # a changed text is given back even when it cannot be read, so that nothing that was asked is lost
    try:
        return {"file": text, **_described(text), "controls": [c.as_object() for c in controls(parsed(text))]}
    except InvalidInput as error:
        if not change:
            raise
        return {"file": text, "mistake": str(error)}


def _described(text: str) -> dict[str, Any]:
    """What a file is about: its title, its components in the order of the light, its modes."""
    experiment = read(parsed(text))
    network = experiment.network
    parts = zip(network.names, network.components, strict=True)
    return {
        "heading": experiment.title,
        "components": [{"name": name, "kind": part.kind} for name, part in parts],
        "modes": list(network.system.modes),
        "detectors": [detector.port for detector in experiment.detectors],
    }


@dataclass(frozen=True)
class _Question:
    """A file with its settings applied, read once for the state, the spectra and the code that the page asks in turn.

    Nothing in it is changed by an answer.
    """

    text: str
    table: dict[str, Any]
    experiment: Experiment


def _question(asked: Request) -> _Question:
    return _understood(asked.get("file", ""), tuple(asked.get("settings", {}).items()))


@lru_cache(maxsize=2)
def _understood(file: str, settings: tuple[tuple[str, str], ...]) -> _Question:
    text = with_settings(file, dict(settings))
    table = parsed(text)
    return _Question(text, table, read(table))


def _state(asked: Request) -> Any:
    return state_view(_question(asked).experiment)


def _spectra(asked: Request) -> Any:
    return spectra_view(_question(asked).experiment)


def _code(asked: Request) -> Any:
    found = _question(asked)
    return {"file": found.text, "python": python_code(found.table, found.experiment)}


def _added(text: str, kind: str) -> str:
    return with_detector(text) if kind == DETECTOR["kind"] else with_component(text, kind)


_CHANGES = {"add": _added, "remove": without_component, "move": moved}

_ANSWERS: dict[str, Callable[[Request], Any]] = {
    "scenes": _scenes,
    "read": _read,
    "state": _state,
    "spectra": _spectra,
    "code": _code,
}
