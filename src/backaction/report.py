"""Everything that an experiment file asks for, computed: the JSON object of `backaction run`.

Every key is always there, null where it was not asked for or is not defined; all numbers are finite: one beyond double
precision is null, with a warning.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue, steering
from backaction.gaussian import (
    GaussianState,
    InvalidInput,
    Unphysical,
    Unresolved,
    conditional_state,
    noise_budget,
    positivity_defect,
    steady_state,
)
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Damping, Hz, Network, force_noise
from backaction.systems.component import Component

from . import __version__
from .chain import bare_linewidth
from .experiment import FORMAT, Experiment

__all__ = [
    "EXIT_OK",
    "EXIT_UNSTABLE",
    "compute",
    "describe_growth",
    "exit_status",
    "force_at",
    "quiet",
    "spectrum_at",
    "without_infinities",
]

EXIT_OK = 0
EXIT_UNSTABLE = 3
"""Exit status for an unstable network, and for a state that violates positivity without a brownian bath."""

SHOT_NOISE = 0.5
"""Absolute PSD of the vacuum, the unit of `psd_shot_noise`."""

CHUNK = 10_000
"""Frequencies computed at a time, so that a long report needs no more memory than a short one."""


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
    with quiet():
        try:
            result = _compute(experiment)
        except np.linalg.LinAlgError as error:
            raise InvalidInput(
                f"double precision cannot hold the model ({error}); its parameters differ by too many powers of ten"
            ) from None
    return without_infinities(result)


def quiet() -> np.errstate:
    """A context without NumPy's warnings of overflow, which `without_infinities` answers."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def _compute(experiment: Experiment) -> dict[str, Any]:
    network = experiment.network
    growth = describe_growth(network)
    warnings: list[str] = []
    result: dict[str, Any] = {
        "format": FORMAT,
        "version": __version__,
        "title": experiment.title,
        "modes": list(network.system.modes),
        "stable": growth is None,
        "growth": growth,
        "warnings": warnings,
        "derived": {name: _derived(part) for name, part in zip(network.names, network.components, strict=True)},
        "unconditional": None,
        "conditional": None,
        "spectrum": None,
        "force": None,
    }
    if growth is not None:
        return result
    result["unconditional"] = _state(experiment, "unconditional", lambda: steady_state(network.system), warnings)
    if experiment.detectors:
        result["conditional"] = _state(
            experiment, "conditional", lambda: conditional_state(network.system, experiment.detectors), warnings
        )
    if experiment.spectrum is not None:
        result["spectrum"] = spectrum_at(experiment, experiment.spectrum.frequencies)
    if (asked := experiment.force) is not None:
        result["force"] = force_at(experiment, asked.frequencies, asked.mode, asked.thermal)
    return result


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


def _finite(value: Any, place: str, found: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry, f"{place}.{key}", found) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry, place, found) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):  # NumPy's takes as long as all the rest of a spectrum
        found.append(place)
        return None
    return value


def exit_status(result: dict[str, Any], experiment: Experiment) -> int:
    """Exit status of `run` for a result: 3 if unstable or not a quantum state, else 0."""
    if not result["stable"]:
        return EXIT_UNSTABLE
    states = [result[kind] for kind in ("unconditional", "conditional") if result[kind] is not None]
    with quiet():
        violated = any(_violation(np.array(state["covariance"])) > 0 for state in states)
    return EXIT_UNSTABLE if violated and not _has_brownian_damping(experiment) else EXIT_OK


def describe_growth(network: Network) -> dict[str, Any] | None:
    """The mode that grows, its rate and frequency; None for a stable network.

    Examples
    --------
    >>> from backaction.systems import Loss
    >>> describe_growth(Network((Loss(efficiency=0.5),))) is None
    True
    """
    growth = network.growth()
    if growth is None:
        return None
    return {"mode": growth.mode, "rate_per_s": growth.rate, "frequency_hz": growth.frequency / Hz}


def _derived(part: Component) -> dict[str, float | None]:
    return {key: None if value is None else float(value) for key, value in part.derived().items()}


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
        "pairs": [_pair(state, a, b, kind, warnings) for a, b in experiment.pairs or ()] or None,
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
    return any(
        getattr(part, "damping", None) is Damping.BROWNIAN and bare_linewidth(part) > 0
        for part in experiment.network.components
    )


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
        "epr_gain": None if epr is None or np.isnan(epr.gain) else float(epr.gain),
        "epr_phase": None if epr is None else float(epr.phase),
        "steering": {
            "first_to_second": value("steering.first_to_second", lambda: float(steering(state, a, b))),
            "second_to_first": value("steering.second_to_first", lambda: float(steering(state, b, a))),
        },
    }


def spectrum_at(experiment: Experiment, omega: FloatArray) -> dict[str, Any]:
    """The spectrum of the first detector at the frequencies ω (rad/s, shape (points,)), by source."""
    detector = experiment.detectors[0]
    # what lies behind the port cannot be seen there: exactly zero, not rounding
    seen = experiment.network.upstream(detector.port).system
    parts = [noise_budget(seen, some, detector) for some in _chunks(omega)]
    budget = {name: np.concatenate([part.sources[name] for part in parts]) for name in parts[0].sources}
    sources = (*experiment.network.system.inputs, "detection")
    return {
        "frequency_hz": (omega / Hz).tolist(),
        "psd_shot_noise": (np.concatenate([part.total for part in parts]) / SHOT_NOISE).tolist(),
        "budget": {name: (budget.get(name, np.zeros_like(omega)) / SHOT_NOISE).tolist() for name in sources},
    }


def force_at(experiment: Experiment, omega: FloatArray, mode: str, thermal: bool) -> dict[str, Any]:
    """Force noise on a mode, read by the first detector, at the frequencies ω (rad/s, shape (points,)), and the SQL."""
    added, sql = [], []
    for some in _chunks(omega):
        noise = force_noise(experiment.network, some, mode, experiment.detectors[0], thermal)
        visible = np.broadcast_to(noise.visible, some.shape)
        quotient = noise.spectrum / np.abs(noise.response) ** 2
        added += [value if seen else None for value, seen in zip(quotient.tolist(), visible.tolist(), strict=True)]
        sql += noise.sql.tolist()
    return {"frequency_hz": (omega / Hz).tolist(), "added_noise": added, "sql": sql}


def _chunks(omega: FloatArray) -> list[FloatArray]:
    return np.array_split(omega, -(-len(omega) // CHUNK))
