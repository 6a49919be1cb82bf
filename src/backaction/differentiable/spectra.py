"""Transfer matrices, spectra and noise budgets for JAX: T(ω) = C(−iω − A)⁻¹B + D, S(ω) = T N T†.

Linear solves, whose derivative JAX knows: nothing here needs a rule of its own. Conventions and shapes are those of
`backaction.gaussian.spectra`: symmetrised, two-sided, vacuum ½; (batch…, frequencies…, rows, columns), and so are the
refusals: `Unstable` unless `formal=True`. While JAX traces, lanes that grow or do not decay are NaN (there a mode that
the record does not see counts too). Errors are not estimated here: evaluate a result once more with the core.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backaction.gaussian.arrays import transpose
from backaction.gaussian.spectral_stability import stationary_drift

from .double import JaxArray, in_double, is_positive, is_traced, jax_module, jax_numpy
from .lyapunov import eliminated
from .system import ARRAYS, Matrices

__all__ = ["NoiseBudget", "noise_budget", "spectral_density", "transfer_matrix"]


class NoiseBudget(NamedTuple):
    """The PSD of a record and its parts, each of shape (batch…, frequencies…), absolute (vacuum ½)."""

    total: JaxArray
    sources: dict[str, JaxArray]


@in_double
def transfer_matrix(system: Matrices, omega: JaxArray, *, formal: bool = False) -> JaxArray:
    """T(ω) = C(−iω − A)⁻¹B + D from inputs to outputs, complex, shape (batch…, frequencies…, 2p, 2m).

    Parameters
    ----------
    system : Matrices
    omega : array
        ω in rad/s, any shape.
    formal : bool
        As in `backaction.gaussian.transfer_matrix`.

    Raises
    ------
    Unstable
        A pole grows, or one that the outputs see does not decay (NaN while JAX traces; not if `formal`).
    InvalidInput
        JAX is missing or set to 32 bits. (A pole exactly at ω gives what is not finite.)
    """
    jnp = jax_numpy()
    stable = _stationary(system, system.output_matrix, formal)
    omega = jnp.asarray(omega, dtype=np.float64)
    spread = _spread(omega)
    drift, drive, seen, through = (
        jnp.expand_dims(matrix, spread)
        for matrix in (stable, system.input_matrix, system.output_matrix, system.feedthrough)
    )
    if not system.modes:
        shape = jnp.broadcast_shapes(through.shape, (*omega.shape, 1, 1))
        return jnp.broadcast_to(through, shape).astype(np.complex128)
    matrix = -1j * omega[..., None, None] * np.eye(drift.shape[-1]) - drift
    return seen @ jnp.linalg.solve(matrix, _filled(drive, matrix)) + through


@in_double
def spectral_density(system: Matrices, omega: JaxArray, *, formal: bool = False) -> JaxArray:
    """S(ω) = T N T† of all outputs, Hermitian, absolute (vacuum ½), shape (batch…, frequencies…, 2p, 2p).

    Errors as of `transfer_matrix`.

    Examples
    --------
    >>> from backaction.differentiable import double_precision, matrices
    >>> from backaction.systems import Loss
    >>> with double_precision():
    ...     density = spectral_density(matrices(Loss(efficiency=0.3)), [0.0, 1.0])
    >>> density.shape, np.asarray(density)[0].diagonal().real
    ((2, 4, 4), array([0.5, 0.5, 0.5, 0.5]))
    """
    jnp = jax_numpy()
    omega = jnp.asarray(omega, dtype=np.float64)
    transfer = transfer_matrix(system, omega, formal=formal)
    density = transfer @ jnp.expand_dims(system.noise, _spread(omega)) @ transpose(transfer).conj()
    return (density + transpose(density).conj()) / 2


@in_double
def noise_budget(system: Matrices, omega: JaxArray, port: str = "out", *, formal: bool = False) -> NoiseBudget:
    """The spectrum of a detector's record by source, one row of the transfer matrix: absolute, vacuum ½.

    Parameters
    ----------
    system : Matrices
    omega : array
        ω in rad/s, any shape.
    port : str
        Of the detector; of a heterodyne one, the record at its angle.

    Returns
    -------
    NoiseBudget
        `sources` has the names of the inputs (x and p summed), then "detection"; they sum to `total`.

    Raises
    ------
    Unstable
        As `transfer_matrix`.
    InvalidInput
        No detector at that port; JAX is missing or set to 32 bits.

    Examples
    --------
    >>> from backaction.differentiable import double_precision, matrices
    >>> from backaction.experiment import DetectorSpec
    >>> from backaction.systems import Loss
    >>> with double_precision():
    ...     budget = noise_budget(matrices(Loss(efficiency=0.5), detectors=[DetectorSpec(efficiency=0.5)]), [1.0])
    >>> {name: round(float(part[0]), 9) for name, part in budget.sources.items()}
    {'input': 0.125, 'loss': 0.125, 'detection': 0.25}
    """
    jnp = jax_numpy()
    omega = jnp.asarray(omega, dtype=np.float64)
    spread, number = _spread(omega), system.record(port)
    rows = system.rows[..., number : number + 1, :]
    stable, pick = _stationary(system, rows @ system.output_matrix, formal), jnp.expand_dims(rows, spread)
    drift, drive, seen, through, noise = (
        jnp.expand_dims(matrix, spread)
        for matrix in (stable, system.input_matrix, system.output_matrix, system.feedthrough, system.noise)
    )
    row = pick @ through
    if system.modes:
        # one column of the transposed problem instead of one for every input
        matrix = transpose(-1j * omega[..., None, None] * np.eye(drift.shape[-1]) - drift)
        row = row + transpose(jnp.linalg.solve(matrix, _filled(transpose(pick @ seen), matrix))) @ drive
    parts = ((row @ noise) * row.conj()).real[..., 0, :]
    parts = jnp.broadcast_to(parts, jnp.broadcast_shapes(parts.shape, (*omega.shape, 1)))
    added = jnp.expand_dims(system.added_noise[..., number, number], tuple(range(-omega.ndim, 0)))
    sources = {name: parts[..., 2 * i] + parts[..., 2 * i + 1] for i, name in enumerate(system.inputs)}
    sources["detection"] = jnp.broadcast_to(added, parts.shape[:-1])
    return NoiseBudget(sum(sources.values()), sources)


def _stationary(system: Matrices, seen: JaxArray, formal: bool) -> JaxArray:
    """The drift; refused, or NaN, where the record that `seen` makes of the modes is not stationary."""
    if formal or not system.modes:
        return system.drift
    if not is_traced(*(getattr(system, name) for name in ARRAYS)):
        return stationary_drift(system.linear, np.asarray(seen))
    drift = jax_module().lax.stop_gradient(system.drift)
    decays = is_positive(eliminated(drift)(jax_numpy().broadcast_to(np.eye(drift.shape[-1]), drift.shape)))
    return system.drift * jax_numpy().where(decays, 1.0, np.nan)[..., None, None]


def _spread(omega: JaxArray) -> tuple[int, ...]:
    """Where the axes of the frequencies go: after the batch, before rows and columns."""
    return tuple(range(-2 - omega.ndim, -2))


def _filled(columns: JaxArray, matrix: JaxArray) -> JaxArray:
    batch = jax_numpy().broadcast_shapes(columns.shape[:-2], matrix.shape[:-2])
    return jax_numpy().broadcast_to(columns, batch + columns.shape[-2:]).astype(np.complex128)
