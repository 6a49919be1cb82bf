"""One block of a sweep: from parameter arrays to criteria, without a loop over points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backaction.entanglement import duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue
from backaction.gaussian import GaussianState, Unphysical, Unresolved, conditional_state, growth_rate, steady_state
from backaction.gaussian.arrays import FloatArray

from .study import Study

__all__ = ["CRITERIA", "DONE", "UNRESOLVED", "UNSTABLE", "columns", "evaluate"]

DONE, UNSTABLE, UNRESOLVED = 1, 2, 3
"""`status` of a point; 0 is still to do. Unresolved: a number lies below what double precision holds, and is NaN."""

CRITERIA: Mapping[str, Callable[[GaussianState, str, str], Any]] = {
    "log_negativity": log_negativity,
    "ppt_symplectic_eigenvalue": smallest_ppt_eigenvalue,
    "duan_sum": duan_sum,
    "epr_variance": epr_variance,
}

Table = dict[str, FloatArray]
"""Results of a list of points: shape (points,) or (points, pairs)."""


def columns(study: Study) -> dict[str, bool]:
    """Names of the variables besides `status`, and whether they have the dimension `pair`."""
    names: dict[str, bool] = {}
    if study.pairs:
        for kind in _kinds(study):
            names[f"{kind}_error_estimate"] = False
            for criterion in CRITERIA:
                names |= {f"{kind}_{criterion}": True, f"{kind}_{criterion}_uncertainty": True}
    return names


def evaluate(study: Study, values: Mapping[str, FloatArray]) -> dict[str, NDArray[Any]]:
    """Evaluate a study at parameter arrays that broadcast to the shape of a block.

    Returns
    -------
    dict
        `status`, shape of the block, and every variable of `columns`, with an axis for the pairs where it has one.
        NaN where the network is unstable or a number is not resolved.

    Examples
    --------
    >>> from backaction.systems import Loss
    >>> evaluate(Study(Loss(efficiency=0.5) >> Loss(efficiency=0.5)), {"loss2.efficiency": np.array([0.1, 0.2])})
    {'status': array([1, 1], dtype=int8)}
    """
    shape = np.broadcast_shapes(*[np.shape(value) for value in values.values()])
    # what overflows is not finite, and is found as such
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        stable = _stable(study, values, shape).reshape(-1)
        status = np.where(stable, DONE, UNSTABLE).astype(np.int8)
        lanes = np.flatnonzero(stable)
        count = len(study.pairs)
        tables = {
            name: np.full((stable.size, count) if paired else stable.size, np.nan)
            for name, paired in columns(study).items()
        }
        if tables and len(lanes):
            found = _whole(study, values, shape) if stable.all() else None
            if found is None:
                flat = {address: np.broadcast_to(value, shape).reshape(-1) for address, value in values.items()}
                found = _by_halves(study, {address: value[lanes] for address, value in flat.items()}, len(lanes))
            for name, table in found.items():
                tables[name][lanes] = table
            doubtful = np.any(
                [np.isnan(table[lanes].reshape(len(lanes), -1)).any(axis=1) for table in tables.values()], axis=0
            )
            status[lanes[doubtful]] = UNRESOLVED
    reshaped: dict[str, NDArray[Any]] = {name: table.reshape(shape + table.shape[1:]) for name, table in tables.items()}
    return {"status": status.reshape(shape)} | reshaped


def _kinds(study: Study) -> tuple[str, ...]:
    return ("unconditional", "conditional") if study.detectors else ("unconditional",)


def _stable(study: Study, values: Mapping[str, FloatArray], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Light goes one way, so each component is stable by itself, at the parameters that it has."""
    network = study.network_at(values)
    stable = np.ones(shape, dtype=bool)
    for name, part in zip(network.names, network.components, strict=True):
        stable &= growth_rate(part.system(name)) < 0
    return stable


def _whole(study: Study, values: Mapping[str, FloatArray], shape: tuple[int, ...]) -> Table | None:
    """All points at once, parameters still broadcast: what does not depend on an axis is computed once for it."""
    try:
        table = _table(study, values, shape)
    except (Unresolved, Unphysical, np.linalg.LinAlgError):
        return None
    return {name: column.reshape(-1, *column.shape[len(shape) :]) for name, column in table.items()}


def _by_halves(study: Study, values: Mapping[str, FloatArray], count: int) -> Table:
    """All points at once, or in halves until the unresolved ones are alone."""
    try:
        return _table(study, values, (count,))
    except (Unresolved, Unphysical, np.linalg.LinAlgError):
        if count == 1:
            return _table(study, values, (1,), forgiving=True)
    half = count // 2
    parts = [
        _by_halves(study, {address: value[some] for address, value in values.items()}, size)
        for some, size in ((slice(half), half), (slice(half, None), count - half))
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _table(study: Study, values: Mapping[str, FloatArray], shape: tuple[int, ...], forgiving: bool = False) -> Table:
    """Every variable at stable points; where forgiving, NaN for what raises."""
    network, detectors = study.at(values)
    refused = (Unresolved, Unphysical, np.linalg.LinAlgError) if forgiving else ()
    nothing = np.full(shape, np.nan)
    table: Table = {}
    for kind in _kinds(study):
        try:
            state = (
                steady_state(network.system)
                if kind == "unconditional"
                else conditional_state(network.system, detectors)
            )
        except refused:
            paired = np.full((*shape, len(study.pairs)), np.nan)
            table |= {
                name: paired if dim else nothing for name, dim in columns(study).items() if name.startswith(f"{kind}_")
            }
            continue
        table[f"{kind}_error_estimate"] = np.broadcast_to(state.error_estimate, shape)
        for name, criterion in CRITERIA.items():
            found = []
            for a, b in study.pairs:
                try:
                    result = criterion(state, a, b)
                    found.append((np.broadcast_to(result.value, shape), np.broadcast_to(result.uncertainty, shape)))
                except refused:
                    found.append((nothing, nothing))
            table[f"{kind}_{name}"] = np.stack([value for value, _ in found], axis=-1)
            table[f"{kind}_{name}_uncertainty"] = np.stack([uncertainty for _, uncertainty in found], axis=-1)
    return table
