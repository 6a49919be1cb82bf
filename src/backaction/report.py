"""Everything that an experiment file asks for, computed: the JSON object of `backaction run`.

Every key is always there, null where it was not asked for or is not defined; all numbers are finite.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue, steering
from backaction.gaussian import (
    GaussianState,
    Unphysical,
    Unresolved,
    conditional_state,
    noise_budget,
    positivity_defect,
    steady_state,
)
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Damping, Hz, force_noise
from backaction.systems.component import Component

from . import __version__
from .experiment import FORMAT, Experiment

__all__ = ["EXIT_OK", "EXIT_UNSTABLE", "compute", "exit_status"]

EXIT_OK = 0
EXIT_UNSTABLE = 3
"""Exit status for an unstable network, and for a state that violates positivity without a brownian bath."""

SHOT_NOISE = 0.5
"""Absolute PSD of the vacuum, the unit of `psd_shot_noise`."""


def compute(experiment: Experiment) -> dict[str, Any]:
    """Compute what an experiment file asks for.

    Returns
    -------
    dict
        The object of the public contract, ready for JSON (lists, floats, texts, None).

    Raises
    ------
    InvalidInput
        The response diverges at a frequency of the report.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> result = compute(read({"chain": [{"component": "loss", "efficiency": 0.5}]}))
    >>> result["stable"], result["modes"], result["spectrum"]
    (True, [], None)
    """
    network = experiment.network
    growth = network.growth()
    warnings: list[str] = []
    result: dict[str, Any] = {
        "format": FORMAT,
        "version": __version__,
        "title": experiment.title,
        "modes": list(network.system.modes),
        "stable": growth is None,
        "growth": None,
        "warnings": warnings,
        "derived": {name: _derived(part) for name, part in zip(network.names, network.components, strict=True)},
        "unconditional": None,
        "conditional": None,
        "spectrum": None,
        "force": None,
    }
    if growth is not None:
        result["growth"] = {
            "mode": growth.mode,
            "rate_per_s": growth.rate,
            "frequency_hz": growth.frequency / Hz,
        }
        return result
    result["unconditional"] = _state(experiment, "unconditional", lambda: steady_state(network.system), warnings)
    if experiment.detectors:
        result["conditional"] = _state(
            experiment, "conditional", lambda: conditional_state(network.system, experiment.detectors), warnings
        )
    result["spectrum"] = _spectrum(experiment)
    result["force"] = _force(experiment)
    return result


def exit_status(result: dict[str, Any], experiment: Experiment) -> int:
    """Exit status of `run` for a result: 3 if unstable or not a quantum state, else 0."""
    if not result["stable"]:
        return EXIT_UNSTABLE
    states = [result[kind] for kind in ("unconditional", "conditional") if result[kind] is not None]
    violated = any(_violation(np.array(state["covariance"])) > 0 for state in states)
    return EXIT_UNSTABLE if violated and not _has_brownian_damping(experiment) else EXIT_OK


def _derived(part: Component) -> dict[str, float | None]:
    values = {key: None if value is None else float(value) for key, value in part.derived().items()}
    return {key: value if value is not None and np.isfinite(value) else None for key, value in values.items()}


def _state(
    experiment: Experiment, kind: str, solve: Callable[[], GaussianState], warnings: list[str]
) -> dict[str, Any] | None:
    try:
        state = solve()
    except Unresolved as error:
        warnings.append(f"{kind}: {error}")
        return None
    violation = _violation(state.covariance)
    if violation > 0:
        reason = (
            "brownian damping is positive only up to terms of order γ/Ω; damping = 'rotating-wave' is exactly positive"
            if _has_brownian_damping(experiment)
            else "this is no quantum state"
        )
        warnings.append(f"{kind}: V + iΩ/2 has the eigenvalue {-violation:.6g}; {reason}")
    _, logarithm = np.linalg.slogdet(2 * state.covariance)
    return {
        "covariance": state.covariance.tolist(),
        "error_estimate": float(state.error_estimate),
        "occupation": dict(zip(state.modes, state.occupation.tolist(), strict=True)),
        "purity": float(np.exp(-logarithm / 2)),
        "pairs": None
        if experiment.pairs is None
        else [_pair(state, a, b, kind, warnings) for a, b in experiment.pairs],
    }


def _violation(covariance: FloatArray) -> float:
    """−(smallest eigenvalue of V + iΩ/2) where it lies beyond rounding, else 0."""
    if not covariance.size:
        return 0.0
    names = [f"mode{i}" for i in range(len(covariance) // 2)]
    state = GaussianState(np.zeros(len(covariance)), covariance, names, 0.0, np.inf)
    defect = float(positivity_defect(state))
    return defect if defect > max(1e-9, 1e-14 * float(np.linalg.norm(covariance, 2))) else 0.0


def _has_brownian_damping(experiment: Experiment) -> bool:
    for part in experiment.network.components:
        rate = getattr(part, "mechanical_linewidth", getattr(part, "linewidth", 0.0))
        if getattr(part, "damping", None) is Damping.BROWNIAN and rate > 0:
            return True
    return False


def _pair(state: GaussianState, a: str, b: str, kind: str, warnings: list[str]) -> dict[str, Any]:
    def value(name: str, criterion: Callable[[], Any]) -> Any:
        try:
            return criterion()
        except (Unresolved, Unphysical) as error:
            warnings.append(f"{kind}, pair {a}, {b}: {name}: {error}")
            return None

    epr = value("epr_variance", lambda: epr_variance(state, a, b))
    return {
        "modes": [a, b],
        "log_negativity": value("log_negativity", lambda: float(log_negativity(state, a, b))),
        "ppt_symplectic_eigenvalue": value(
            "ppt_symplectic_eigenvalue", lambda: float(smallest_ppt_eigenvalue(state, a, b))
        ),
        "duan_sum": value("duan_sum", lambda: float(duan_sum(state, a, b))),
        "epr_variance": None if epr is None else float(epr),
        "epr_gain": None if epr is None or not np.isfinite(epr.gain) else float(epr.gain),
        "epr_phase": None if epr is None else float(epr.phase),
        "steering": {
            "first_to_second": value("steering.first_to_second", lambda: float(steering(state, a, b))),
            "second_to_first": value("steering.second_to_first", lambda: float(steering(state, b, a))),
        },
    }


def _spectrum(experiment: Experiment) -> dict[str, Any] | None:
    if experiment.spectrum is None:
        return None
    omega = experiment.spectrum.frequencies
    budget = noise_budget(experiment.network.system, omega, experiment.detectors[0])
    return {
        "frequency_hz": (omega / Hz).tolist(),
        "psd_shot_noise": (budget.total / SHOT_NOISE).tolist(),
        "budget": {name: (part / SHOT_NOISE).tolist() for name, part in budget.sources.items()},
    }


def _force(experiment: Experiment) -> dict[str, Any] | None:
    spec = experiment.force
    if spec is None:
        return None
    omega = spec.frequencies
    noise = force_noise(experiment.network, omega, spec.mode, experiment.detectors[0], spec.thermal)
    power = np.abs(noise.response) ** 2
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        added = noise.spectrum / power
    return {
        "frequency_hz": (omega / Hz).tolist(),
        "added_noise": [float(value) if np.isfinite(value) else None for value in added],
        "sql": noise.sql.tolist(),
    }
