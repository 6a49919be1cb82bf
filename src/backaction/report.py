"""A report as the JSON object of `backaction run`.

Every key is always there, null where it was not asked for or is not defined; all numbers are finite: one beyond double
precision is null, with a warning.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from backaction.entanglement import Judgement, Measure, Subject, measures
from backaction.entanglement.table import DIRECTIONS
from backaction.gaussian.arrays import FloatArray
from backaction.systems.component import Component
from backaction.systems.grammar import hertz
from backaction.systems.network import Growth

from . import __version__
from .evaluate import KINDS, Force, Report, Spectrum, StateReport, evaluate, status_of
from .experiment import FORMAT, Experiment

__all__ = [
    "as_object",
    "compute",
    "exit_status",
    "force_object",
    "growth_object",
    "spectrum_object",
    "without_infinities",
]

SHOT_NOISE = 0.5
"""Absolute PSD of the vacuum, the unit of `psd_shot_noise`."""


def compute(experiment: Experiment) -> dict[str, Any]:
    """Compute what an experiment file asks for, as the object of the public contract: `as_object` of `evaluate`.

    Raises
    ------
    InvalidInput
        As `evaluate`.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> result = compute(read({"chain": [{"component": "loss", "efficiency": 0.5}]}))
    >>> result["stable"], result["modes"], result["spectrum"]
    (True, [], None)
    """
    return as_object(evaluate(experiment))


def as_object(report: Report) -> dict[str, Any]:
    """The report ready for JSON: dicts, lists, floats, texts, None.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> report = evaluate(read({"chain": [{"component": "loss", "efficiency": 0.5}]}))
    >>> as_object(report)["unconditional"]["purity"]
    1.0
    """
    network = report.experiment.network
    return without_infinities(
        {
            "format": FORMAT,
            "version": __version__,
            "title": report.experiment.title,
            "modes": list(network.system.modes),
            "stable": report.stable,
            "growth": growth_object(report.growth),
            "warnings": list(report.warnings),
            "derived": {name: _derived(part) for name, part in zip(network.names, network.components, strict=True)},
            "unconditional": _state(report.unconditional),
            "conditional": _state(report.conditional),
            "spectrum": None if report.spectrum is None else spectrum_object(report.spectrum),
            "force": None if report.force is None else force_object(report.force),
        }
    )


def without_infinities(result: dict[str, Any]) -> dict[str, Any]:
    """The result with None for every number that is not finite, and a warning that names where they stood.

    Examples
    --------
    >>> without_infinities({"purity": float("nan"), "warnings": []})["purity"] is None
    True
    """
    found: list[str] = []
    clean: dict[str, Any] = {key: _finite(value, key, found) for key, value in result.items()}
    if found:
        places = ", ".join(dict.fromkeys(found))
        clean["warnings"].append(f"{len(found)} numbers are null, for they are beyond double precision: in {places}")
    return clean


def exit_status(result: dict[str, Any], experiment: Experiment) -> int:
    """Exit status of `run` for an object that `compute` gave. Deprecated: `Report.exit_status`."""
    warnings.warn(
        "backaction.report.exit_status is now evaluate(experiment).exit_status", DeprecationWarning, stacklevel=2
    )
    defects = [result[kind]["positivity_defect"] for kind in KINDS if result[kind] is not None]
    return status_of(result["stable"], max(defects, default=0.0), experiment)


def growth_object(growth: Growth | None) -> dict[str, Any] | None:
    """The mode that grows, its rate and frequency; None for a stable network.

    Examples
    --------
    >>> from backaction.systems import MHz
    >>> growth_object(Growth("spin", 2.0, 1 * MHz))
    {'mode': 'spin', 'rate_per_s': 2.0, 'frequency_hz': 1000000.0}
    """
    if growth is None:
        return None
    return {"mode": growth.mode, "rate_per_s": growth.rate, "frequency_hz": float(hertz(growth.frequency))}


def spectrum_object(spectrum: Spectrum) -> dict[str, Any]:
    """A spectrum and its budget in shot-noise units, over frequencies in Hz; NaN where nothing is known."""
    budget, unit = spectrum.budget, _known(spectrum.budget.uncertainty) / SHOT_NOISE
    return {
        "frequency_hz": hertz(spectrum.omega).tolist(),
        "psd_shot_noise": (budget.total * unit).tolist(),
        "budget": {name: (part * unit).tolist() for name, part in budget.sources.items()},
    }


def force_object(force: Force) -> dict[str, Any]:
    """Force noise and SQL over frequencies in Hz; None where the record does not respond, or nothing is known."""
    known = force.added_noise * _known(force.uncertainty)
    added = [None if math.isnan(value) else value for value in known.tolist()]
    return {"frequency_hz": hertz(force.omega).tolist(), "added_noise": added, "sql": force.sql.tolist()}


def _known(uncertainty: FloatArray) -> FloatArray:
    """1, or NaN where an uncertainty is infinite."""
    return np.where(np.isinf(uncertainty), np.nan, 1.0)


def _finite(value: Any, place: str, found: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry, f"{place}.{key}", found) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry, place, found) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):  # NumPy's takes as long as all the rest of a spectrum
        found.append(place)
        return None
    return value


def _derived(part: Component) -> dict[str, float | None]:
    return {key: None if value is None else float(value) for key, value in part.derived().items()}


def _state(found: StateReport | None) -> dict[str, Any] | None:
    if found is None:
        return None
    by_mode = {
        row.key: {mode: _number(found[row.key, mode]) for mode in found.state.modes} for row in measures(Subject.MODE)
    }
    return {
        "covariance": found.state.covariance.tolist(),
        "error_estimate": float(found.state.error_estimate),
        "positivity_defect": found.defect,
        **by_mode,
        **{row.key: _number(found[row.key,]) for row in measures(Subject.STATE)},
        "pairs": [_pair(found, pair) for pair in found.pairs] or None,
    }


def _pair(found: StateReport, pair: tuple[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {"modes": list(pair)}
    for row in measures(Subject.PAIR):
        if row.directed:
            ways = (pair, pair[::-1])
            told[row.key] = {to: _number(found[row.key, *way]) for to, way in zip(DIRECTIONS, ways, strict=True)}
        else:
            result = found[row.key, *pair]
            told |= {row.key: _number(result), **_details(row, result)}
    return told


def _details(row: Measure, result: Judgement | None) -> dict[str, float | None]:
    numbers: dict[str, FloatArray | None] = {
        key: None if result is None else getattr(result, attribute) for key, attribute in row.details.items()
    }
    return {key: None if value is None or np.isnan(value) else float(value) for key, value in numbers.items()}


def _number(result: Judgement | None) -> float | None:
    return None if result is None else float(result)
