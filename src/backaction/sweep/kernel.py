"""One block of a sweep: from parameter arrays to criteria, lane by lane, without a loop over points.

What a point has no number for is NaN there, and touches no other point: its result does not depend on its block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backaction.entanglement import Measure, Subject, defect, measures
from backaction.gaussian import Refusal, attempt_conditional_state, attempt_steady_state, growth_rate
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.attempts import Attempt
from backaction.gaussian.engines import Engine, compiled_pays, using

from .study import Study

__all__ = ["DONE", "OF_A_STATE", "UNRESOLVED", "UNSTABLE", "columns", "evaluate", "swept"]

DONE, UNSTABLE, UNRESOLVED = 1, 2, 3
"""`status` of a point; 0 is still to do. Unstable: no unconditional state, so that those variables are NaN.
Unresolved: a number lies below what double precision holds, and is NaN."""

MARGIN = 100.0
"""Engines estimate the error of a covariance differently, within this factor. What is resolved by less than it is
computed by NumPy, so that the status of a point does not depend on the engine."""

OF_A_STATE = {
    "error_estimate": "numerical uncertainty of the covariance, max |δV_ij|/√(V_ii V_jj)",
    "positivity_defect": "positivity defect δ, V + iΩ/2 ≥ −δ; a violation that is gone in V + δ proves nothing",
}
"""Variables that every kind of state has, besides the criteria of its pairs."""


def swept() -> tuple[Measure, ...]:
    """The criteria of a pair that sweeps keep."""
    return tuple(row for row in measures(Subject.PAIR) if row.swept)


def columns(study: Study) -> dict[str, bool]:
    """Names of the variables besides `status`, and whether they have the dimension `pair`."""
    names: dict[str, bool] = {}
    if study.pairs:
        for kind in _kinds(study):
            names |= {f"{kind}_{name}": False for name in OF_A_STATE}
            for row in swept():
                names |= {f"{kind}_{row.key}": True, f"{kind}_{row.key}_uncertainty": True}
    return names


def evaluate(study: Study, values: Mapping[str, FloatArray]) -> dict[str, NDArray[Any]]:
    """Evaluate a study at parameter arrays that broadcast to the shape of a block.

    Returns
    -------
    dict
        `status`, shape of the block, and every variable of `columns`, with an axis for the pairs where it has one.
        NaN where there is no such state or a number is not resolved.

    Examples
    --------
    >>> from backaction.systems import Loss
    >>> evaluate(Study(Loss(efficiency=0.5) >> Loss(efficiency=0.5)), {"loss2.efficiency": np.array([0.1, 0.2])})
    {'status': array([1, 1], dtype=int8)}
    """
    shape = np.broadcast_shapes(*[np.shape(value) for value in values.values()])
    # what overflows is not finite, and is found as such
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found, doubtful = _evaluated(study, values, shape)
        if doubtful.any() and compiled_pays(doubtful.size, 1):  # one engine has the word about what is not resolved
            lanes = {address: np.broadcast_to(value, shape)[doubtful] for address, value in values.items()}
            with using(Engine.NUMPY):
                again, _ = _evaluated(study, lanes, (int(doubtful.sum()),))
            for name, part in again.items():
                found[name][doubtful] = part
    return found


def _evaluated(
    study: Study, values: Mapping[str, FloatArray], shape: tuple[int, ...]
) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
    """What `evaluate` returns, and the points with a number that is not clearly resolved."""
    stable = _stable(study, values, shape)
    status = np.where(stable, DONE, UNSTABLE).astype(np.int8)
    tables: dict[str, NDArray[Any]] = {}
    clear = np.ones(shape, dtype=np.bool_)
    if columns(study):
        network, detectors = study.at(values)
        attempts = {"unconditional": attempt_steady_state(network.system)}
        if detectors:
            attempts["conditional"] = attempt_conditional_state(network.system, detectors)
        for kind, attempt in attempts.items():
            there = attempt.refusal == Refusal.NONE
            if kind == "unconditional":  # light goes one way: no component can be stable by what others do
                there = there & stable
            table, resolved = _table(study, kind, attempt, there, shape)
            tables |= table
            clear &= ~there | resolved
        missing = [np.isnan(table).reshape(*shape, -1).any(axis=-1) for table in tables.values()]
        status[stable & np.any(missing, axis=0)] = UNRESOLVED
    return {"status": status} | tables, ~clear


def _kinds(study: Study) -> tuple[str, ...]:
    return ("unconditional", "conditional") if study.detectors else ("unconditional",)


def _stable(study: Study, values: Mapping[str, FloatArray], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Light goes one way, so each component is stable by itself, at the parameters that it has."""
    network = study.network_at(values)
    stable = np.ones(shape, dtype=bool)
    for name, part in zip(network.names, network.components, strict=True):
        stable &= growth_rate(part.system(name)) < 0
    return stable


def _table(
    study: Study, kind: str, attempt: Attempt, there: NDArray[np.bool_], shape: tuple[int, ...]
) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
    """Every variable of a kind of state, NaN where it is not there or not resolved; and the points clear of that."""

    def spread(values: FloatArray, kept: NDArray[np.bool_]) -> FloatArray:
        return np.array(np.broadcast_to(np.where(kept, values, np.nan), shape))

    state = attempt.state
    clear = np.ones(shape, dtype=np.bool_)
    table: dict[str, NDArray[Any]] = {
        f"{kind}_error_estimate": spread(np.asarray(state.error_estimate), there),
        f"{kind}_positivity_defect": spread(defect(state), there),
    }
    for row in swept():
        found = [row.attempt(state, a, b) for a, b in study.pairs]
        kept = [there & one.resolved for one in found]
        values = [spread(one.value, some) for one, some in zip(found, kept, strict=True)]
        doubts = [spread(one.uncertainty, some) for one, some in zip(found, kept, strict=True)]
        table[f"{kind}_{row.key}"] = np.stack(values, axis=-1)
        table[f"{kind}_{row.key}_uncertainty"] = np.stack(doubts, axis=-1)
        for one in found:
            clear &= one.resolved_by(MARGIN)
    return table, clear
