"""What the page shows of a network: the state view and the spectra view, as JSON has them.

The numbers are those of the `Report`; added here are the uncertainty and verdict of each criterion, the ellipses, and
the frequencies and pairs that the file leaves open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from backaction.entanglement import EPRVariance, Judgement, Subject, measures
from backaction.entanglement.table import DIRECTIONS
from backaction.evaluate import StateReport, doubts, evaluate, force_at, quiet, spectrum_at
from backaction.experiment import Experiment
from backaction.gaussian import GaussianState, InvalidInput
from backaction.gaussian.arrays import FloatArray
from backaction.report import as_object, force_object, growth_object, spectrum_object, without_infinities

from .windows import force_window, sensed_mode, spectrum_window

__all__ = ["ellipse", "shown_pairs", "spectra_view", "state_view"]

MOST_PAIRS = 6
"""Pairs shown of a chain whose file asks for none."""


def state_view(experiment: Experiment) -> dict[str, Any]:
    """The report of the states, and for each of them `uncertainty`, `verdict` (one object a pair) and `ellipses`.

    `criteria` is the table of them in words.
    An ellipse has `modes`, `x` and `y` (what is drawn), `semi_axes` (standard deviations, the larger one first; √½ for
    the vacuum) and `angle` (rad) of the larger one from the x axis. Those of a pair are the combinations
    (X_a ∓ X_b')/√2, (P_a ± P_b')/√2, with b' = O(φ) b and φ the `epr_phase` of the state.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> spin = {"component": "spin", "frequency": "1 MHz", "linewidth": "9 Hz", "readout_rate": "0 Hz", "occupation": 0}
    >>> state = state_view(read({"chain": [{**spin, "damping": "rotating-wave"}]}))["unconditional"]
    >>> np.round(state["ellipses"][0]["semi_axes"], 12)
    array([0.70710678, 0.70710678])
    """
    report = evaluate(replace(experiment, pairs=shown_pairs(experiment), spectrum=None, force=None))
    result = as_object(report) | {"criteria": [row.described() for subject in Subject for row in measures(subject)]}
    with quiet():
        for kind, state in report.states.items():
            result[kind] |= _added(state)
    return without_infinities(result)


def spectra_view(experiment: Experiment) -> dict[str, Any]:
    """Spectrum with its budget, and force noise with the SQL; `note` says why one of them is null.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> view = spectra_view(read({"chain": [{"component": "loss", "efficiency": 0.5}]}))
    >>> view["spectrum"] is None, view["note"]
    (True, 'no [[detector]] reads the light')
    """
    growth = experiment.network.growth()
    view: dict[str, Any] = {
        "stable": growth is None,
        "growth": growth_object(growth),
        "warnings": [],
        "spectrum": None,
        "force": None,
        "note": None,
    }
    if growth is not None:
        return {**view, "note": "an unstable network has no stationary spectrum"}
    if not experiment.detectors:
        return {**view, "note": "no [[detector]] reads the light"}
    try:
        with quiet():
            _add_spectra(view, experiment)
    except np.linalg.LinAlgError as error:
        raise InvalidInput(f"double precision cannot hold the model ({error})") from None
    return without_infinities(view)


def shown_pairs(experiment: Experiment) -> tuple[tuple[str, str], ...]:
    """The pairs of the file; if it asks for none, those of its oscillators, without the meter cavities.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> spin = {"component": "spin", "frequency": "1 MHz", "linewidth": "9 Hz", "readout_rate": "0 Hz", "occupation": 0}
    >>> shown_pairs(read({"chain": [spin, spin]}))
    (('spin', 'spin2'),)
    """
    if experiment.pairs:
        return experiment.pairs
    modes = [mode for mode in experiment.network.system.modes if not mode.endswith(".cavity")]
    return tuple(combinations(modes, 2))[:MOST_PAIRS]


def ellipse(covariance: FloatArray) -> dict[str, Any]:
    """Semi-axes (standard deviations, the larger one first) and angle of a covariance of two quantities.

    Examples
    --------
    >>> ellipse(np.diag([0.25, 4.0]))
    {'semi_axes': [2.0, 0.5], 'angle': 1.5707963267948966}
    """
    variances, axes = np.linalg.eigh(covariance)
    angle = float(np.arctan2(axes[1, 1], axes[0, 1]) % np.pi)
    return {"semi_axes": np.sqrt(np.maximum(variances[::-1], 0.0)).tolist(), "angle": angle}


def _add_spectra(view: dict[str, Any], experiment: Experiment) -> None:
    window = spectrum_window(experiment)
    spectrum = spectrum_at(experiment, window.omega)
    view["spectrum"] = {**spectrum_object(spectrum), "spacing": window.spacing}
    view["warnings"] += doubts(spectrum)
    mode = sensed_mode(experiment)
    if mode is None:
        view["note"] = "no damped spin or mechanical mode feels a force"
    else:
        view["force"], view["note"] = _force(experiment, mode, view["warnings"])


def _force(experiment: Experiment, mode: str, warnings: list[str]) -> tuple[dict[str, Any] | None, str | None]:
    thermal = experiment.force is not None and experiment.force.thermal
    window = force_window(experiment)
    try:
        found = force_at(experiment, window.omega, mode, thermal)
    except InvalidInput as error:  # the file did not ask for it, so it is no mistake of the file
        return None, str(error)
    warnings += doubts(found)
    return {**force_object(found), "mode": mode, "thermal": thermal, "spacing": window.spacing}, None


def _added(found: StateReport) -> dict[str, Any]:
    state = found.state
    if not state.modes or not np.isfinite(state.covariance).all():
        return {"uncertainty": [], "verdict": [], "ellipses": [], "pair_ellipses": []}
    return {
        "uncertainty": [_of_pair(found, pair, lambda result: float(result.uncertainty)) for pair in found.pairs],
        "verdict": [_of_pair(found, pair, lambda result: result.verdict.value) for pair in found.pairs],
        "ellipses": [_mode_ellipse(state, mode) for mode in state.modes],
        "pair_ellipses": [_pair_ellipses(state, pair, _phase(found, pair)) for pair in found.pairs],
    }


def _of_pair(found: StateReport, pair: tuple[str, str], told: Callable[[Judgement], Any]) -> dict[str, Any]:
    """Of every criterion of a pair, in the shape of the report's numbers; None where not resolved."""

    def one(key: str, *modes: str) -> Any:
        result = found[key, *modes]
        return None if result is None else told(result)

    return {
        row.key: dict(zip(DIRECTIONS, (one(row.key, *pair), one(row.key, *pair[::-1])), strict=True))
        if row.directed
        else one(row.key, *pair)
        for row in measures(Subject.PAIR)
    }


def _phase(found: StateReport, pair: tuple[str, str]) -> float:
    """Local phase φ of the pair's second mode; 0 where it is not resolved."""
    epr = found["epr_variance", *pair]
    return float(epr.phase) if isinstance(epr, EPRVariance) else 0.0


def _mode_ellipse(state: GaussianState, mode: str) -> dict[str, Any]:
    return {"modes": [mode], "x": "X", "y": "P", **ellipse(state.marginal(mode).covariance)}


def _pair_ellipses(state: GaussianState, pair: tuple[str, str], phase: float) -> list[dict[str, Any]]:
    covariance = state.marginal(pair).covariance
    c, s = np.cos(phase), np.sin(phase)
    found = []
    for sign, names in ((-1.0, ("(X₁ − X₂′)/√2", "(P₁ + P₂′)/√2")), (1.0, ("(X₁ + X₂′)/√2", "(P₁ − P₂′)/√2"))):
        rows = np.array([[1.0, 0.0, sign * c, -sign * s], [0.0, 1.0, -sign * s, -sign * c]]) / np.sqrt(2)
        found.append({"modes": list(pair), "x": names[0], "y": names[1], **ellipse(rows @ covariance @ rows.T)})
    return found
