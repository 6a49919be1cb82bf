"""The Python code of an experiment file: what a reader would write with the library, and what prints the same numbers.

Values are the file's texts: `frequency="-1.27 MHz"`, a half width `hwhm("2.6 kHz")`.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

from backaction import entanglement, systems
from backaction.entanglement import Subject, measures
from backaction.experiment import DetectorKind, DetectorSpec, Experiment, Reference
from backaction.systems.grammar import hertz, keys
from backaction.systems.registry import EVERY_COMPONENT

from .views import shown_pairs
from .windows import Window, force_window, sensed_mode, spectrum_window

__all__ = ["python_code"]

LONGEST_LINE = 88
"""Characters of a line of code, beyond which it is broken."""

_TAKEN = {"np", "network", "detector", "detectors", "states", "state", "omega", "budget", "noise", "kind"}


def python_code(table: Mapping[str, Any], experiment: Experiment) -> str:
    """Python code that builds the network of a file and prints what the page shows.

    Parameters
    ----------
    table : mapping
        The file's table, from which the numbers are taken as they are written.
    experiment : Experiment
        The same file, read.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> table = {"chain": [{"component": "loss", "efficiency": 0.5}]}
    >>> print(python_code(table, read(table)).splitlines()[-2])
    loss = Loss(efficiency=0.5)
    """
    names = experiment.network.names
    variables = _variables(names)
    parts = [_component(v, entry) for v, entry in zip(variables, table["chain"], strict=True)]
    chain = " >> ".join(variables) if len(variables) > 1 else f"Network(({variables[0]},))"
    body = [*parts, f"network = {chain}", *_detectors(table), *_states(experiment), *_spectra(experiment)]
    code = "\n".join(body)
    title = [f"# {' '.join(experiment.title.split())}"] if experiment.title else []
    return "\n".join([*title, *_imports(code), "", code]) + "\n"


def _variables(names: Iterable[str]) -> list[str]:
    """Names of components as names of Python, distinct."""
    used: set[str] = set()
    sources = _sources()
    found = []
    for name in names:
        variable = re.sub(r"\W", "_", name)
        if variable[0].isdigit() or keyword.iskeyword(variable) or hasattr(builtins, variable):
            variable = f"part_{variable}"
        while variable in used or variable in _TAKEN or variable in sources:
            variable += "_"
        used.add(variable)
        found.append(variable)
    return found


def _component(variable: str, entry: Mapping[str, Any]) -> str:
    cls = EVERY_COMPONENT[entry["component"]]
    known = keys(cls)
    arguments = [f"name={_value(entry['name'])}"] if "name" in entry else []
    for name, key in known.items():
        if name in entry:
            value = _value(entry[name])
            arguments.append(f"{key.field}={value if key.factor == 1.0 else f'hwhm({value})'}")
    return _call(f"{variable} = {cls.__name__}", arguments)


def _call(function: str, arguments: list[str], brackets: str = "()") -> str:
    line = f"{function}{brackets[0]}{', '.join(arguments)}{brackets[1]}"
    if len(line) <= LONGEST_LINE:
        return line
    return "\n".join([f"{function}{brackets[0]}", *(f"    {argument}," for argument in arguments), brackets[1]])


def _value(raw: Any) -> str:
    """A value of the file in Python: the same text; no name or quantity has quotation marks."""
    return f'"{raw}"' if isinstance(raw, str) else repr(raw)


def _detectors(table: Mapping[str, Any]) -> list[str]:
    made = [_detector(entry) for entry in table.get("detector", [])]
    return [_call("detectors = ", made, "[]")] if made else []


def _detector(entry: Mapping[str, Any]) -> str:
    kind = "Heterodyne" if entry.get("kind") == DetectorKind.HETERODYNE.value else "Homodyne"
    given = [f"{key}={_value(entry[key])}" for key in keys(DetectorSpec) if key in entry and key != "kind"]
    plain = f"{kind}({', '.join(given)})"
    return f"network.placed({plain})" if entry.get("reference") == Reference.CARRIER.value else plain


def _states(experiment: Experiment) -> list[str]:
    """The states that there may be, and everything that the table of criteria has about their pairs."""
    solved = ['    "unconditional": steady_state(network.system),'] if experiment.network.growth() is None else []
    solved += ['    "conditional": conditional_state(network.system, detectors),'] if experiment.detectors else []
    lines = ["", "states = {", *solved, "}"]
    lines += ["for kind, state in states.items():"]
    lines += ["    print(kind, dict(zip(state.modes, state.occupation.tolist())))"]
    for pair in shown_pairs(experiment):
        for row in measures(Subject.PAIR):
            for way in (pair, pair[::-1]) if row.directed else (pair,):
                a, b = map(_value, way)
                lines.append(f"    print(kind, {_value(row.key)}, {row.function.__name__}(state, {a}, {b}))")
    return lines if experiment.network.system.modes else []


def _spectra(experiment: Experiment) -> list[str]:
    if not experiment.detectors:
        return []
    port = experiment.detectors[0].port
    seen = "network" if port == "out" else f"network.upstream({_value(port)})"
    grid = _grid(spectrum_window(experiment))
    lines = ["", grid, f"budget = noise_budget({seen}.system, omega, detectors[0])"]
    lines += ['print("smallest PSD (shot noise 1)", (budget.total / 0.5).min())']
    mode = sensed_mode(experiment)
    if mode is None:
        return lines
    thermal = experiment.force is not None and experiment.force.thermal
    other = _grid(force_window(experiment))
    lines += ["", *([other] if other != grid else [])]
    lines += [f"noise = force_noise(network, omega, {_value(mode)}, detectors[0], thermal={thermal})"]
    lines += ['print("smallest force noise over the SQL", (noise.added_noise / noise.sql).min())']
    return lines


def _grid(window: Window) -> str:
    function = "geomspace" if window.spacing == "log" else "linspace"
    first, last = hertz(window.omega[[0, -1]]).tolist()
    return f"omega = np.{function}({first!r}, {last!r}, {len(window.omega)}) * Hz"


_SOURCES = {
    "Heterodyne": "backaction.systems",
    "Homodyne": "backaction.systems",
    "conditional_state": "backaction.gaussian",
    "noise_budget": "backaction.gaussian",
    "steady_state": "backaction.gaussian",
    "Hz": "backaction.systems",
    "Network": "backaction.systems",
    "force_noise": "backaction.systems",
    "hwhm": "backaction.systems",
}


def _sources() -> dict[str, str]:
    """Where each name of the code comes from."""
    found = dict(_SOURCES)
    criteria = [row.function for row in measures(Subject.PAIR)]
    for package, public in ((systems, EVERY_COMPONENT.values()), (entanglement, criteria)):
        for one in public:
            found[one.__name__] = package.__name__ if one.__name__ in package.__all__ else one.__module__
    return found


def _imports(code: str) -> list[str]:
    sources = _sources()
    words = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", code)))
    lines = ["import numpy as np"] if "np" in words else []
    for module in sorted(set(sources.values())):
        names = sorted(
            (name for name in words if sources.get(name) == module), key=lambda name: (name[0].islower(), name.lower())
        )
        if names:
            lines.append(_import(module, names))
    return lines


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    return (
        line
        if len(line) <= LONGEST_LINE
        else "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
    )
