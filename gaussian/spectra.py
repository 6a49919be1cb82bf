"""Transfer matrices, spectral densities and noise budgets of the output light.

T(ω) = C(−iω − A)⁻¹B + D and S(ω) = T N T†, symmetrised and two-sided, with ½ for the vacuum.  Frequencies (rad/s) may
have any shape; their axes come after those of the batch: shape (batch…, frequencies…, rows, columns).

Every function refuses a system that has no stationary record, unless `formal=True`
(`backaction.gaussian.spectral_stability`). Results that are objects carry their `uncertainty`: what rounding of the
model and of the calculation may change, absolute. Plain arrays have no place for it and are refused as `Unresolved`
where it exceeds `RESOLVED` of the value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, common_batch, flattened, frozen, transpose
from .dynamics import poles
from .errors import InvalidInput, Unresolved
from .lyapunov_dense import RESOLVED
from .measurement import Detector, Heterodyne, Homodyne
from .names import quadratures
from .record_spectra import ENOUGH, Record, directed_spectrum, model_record, record_spectrum
from .resolvents import ROUNDING, ComplexArray, SolvedRows, solve_rows, solved
from .spectral_stability import stationary_drift
from .system import LinearSystem

__all__ = [
    "KNOWN",
    "NoiseBudget",
    "Squeezing",
    "mode_spectral_density",
    "noise_budget",
    "quadrature_spectrum",
    "recorded_spectrum",
    "require_resolved",
    "resolvent",
    "spectral_density",
    "squeezing_spectrum",
    "transfer_and_error",
    "transfer_matrix",
]

KNOWN = 0.1
"""Relative error beyond which nothing is known: what is of first order in it says nothing about the rest."""


@dataclass(frozen=True, eq=False)
class NoiseBudget:
    """The PSD of a detector's record and its parts.

    `total` and every value of `sources` have the shape (batch…, frequencies…), absolute (vacuum ½); the parts sum to
    the total. The keys are the names of the inputs, then "detection". `uncertainty`, of the same shape, is the error of
    `total`, infinite where nothing is known.
    """

    total: FloatArray
    sources: Mapping[str, FloatArray]
    uncertainty: FloatArray


@dataclass(frozen=True, eq=False)
class Squeezing:
    """Smallest PSD over all quadrature angles, and that angle in rad (0 is x), each of shape (batch…, frequencies…).

    `uncertainty` is the error of `spectrum`, absolute. The pair of spectrum and angle can be unpacked.
    """

    spectrum: FloatArray
    angle: FloatArray
    uncertainty: FloatArray

    def __iter__(self) -> Iterator[FloatArray]:
        return iter((self.spectrum, self.angle))


def resolvent(system: LinearSystem, omega: ArrayLike, columns: ArrayLike) -> ComplexArray:
    """(−iω − A)⁻¹ times columns of shape (…, 2n, k): the response of the modes, (batch…, frequencies…, 2n, k).

    The formula alone: stability and error are not looked at.
    """
    frequency = frozen(omega, "the frequency")
    drift, drive = (np.expand_dims(matrix, _spread(frequency)) for matrix in (system.drift, np.asarray(columns)))
    return solved(-1j * frequency[..., None, None] * np.eye(drift.shape[-1]) - drift, drive)


def transfer_matrix(system: LinearSystem, omega: ArrayLike, *, formal: bool = False) -> ComplexArray:
    """T(ω) = C(−iω − A)⁻¹B + D from inputs to outputs, shape (batch…, frequencies…, 2p, 2m).

    Parameters
    ----------
    system : LinearSystem
    omega : array_like
        ω in rad/s, any shape.
    formal : bool
        Give the formula's value for a system without stationary records too.

    Raises
    ------
    Unstable
        A pole grows, or one that the outputs see does not decay.
    Unresolved
        An entry has an error above 1e-6 of the largest of its row.
    InvalidInput
        An undamped pole lies at one of the frequencies (if `formal`).

    Examples
    --------
    A resonant one-sided cavity only delays: |T| = 1.

    >>> from backaction.gaussian import from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], scattering=[[-1]])
    >>> transfer_matrix(cavity, [0.0, 1.0])[:, 0, 0].round(12)
    array([1.+0.j, 0.+1.j])
    """
    frequency = frozen(omega, "the frequency")
    transfer, error = transfer_and_error(system, stationary_drift(system, system.output_matrix, formal), frequency)
    sizes, errors = (values.max(axis=-1, initial=0.0) for values in (np.abs(transfer), error))
    require_resolved(sizes, errors, frequency[..., None], "transfer matrix")
    return transfer


def spectral_density(system: LinearSystem, omega: ArrayLike, *, formal: bool = False) -> ComplexArray:
    """S(ω) = T N T† of all outputs, Hermitian, absolute (vacuum ½), shape (batch…, frequencies…, 2p, 2p).

    Parameters and errors as of `transfer_matrix`; an entry S_ij counts relative to √(S_ii S_jj).
    """
    frequency = frozen(omega, "the frequency")
    drift = stationary_drift(system, system.output_matrix, formal)
    return _density(*transfer_and_error(system, drift, frequency), system, frequency)


def mode_spectral_density(system: LinearSystem, omega: ArrayLike, *, formal: bool = False) -> ComplexArray:
    """PSD matrix of the modes, (−iω−A)⁻¹ B N Bᵀ (…)†, in s, shape (batch…, freq…, 2n, 2n).

    Its integral ∫ dω/2π over all frequencies is the stationary covariance. Errors as of `spectral_density`.
    """
    frequency = frozen(omega, "the frequency")
    size = system.drift.shape[-1]
    drift = stationary_drift(system, np.eye(size), formal)
    modes = solve_rows(np.expand_dims(drift, _spread(frequency)), np.eye(size), frequency)
    nothing = np.zeros((size, 2 * len(system.inputs)))
    density = _density(*_through(modes, system.input_matrix, nothing, frequency), system, frequency)
    return np.broadcast_to(density, system.batch_shape + density.shape[density.ndim - frequency.ndim - 2 :])


def quadrature_spectrum(
    system: LinearSystem,
    omega: ArrayLike,
    output: str = "out",
    angle: ArrayLike = np.pi / 2,
    *,
    formal: bool = False,
) -> FloatArray:
    """PSD of cos θ x + sin θ p of one output, absolute (vacuum ½), shape (batch…, frequencies…).

    `angle` (rad; 0 is x, π/2 is p) broadcasts with the batch of the system; `formal` as in `transfer_matrix`.

    Raises
    ------
    Unstable, InvalidInput
        As `transfer_matrix`.
    Unresolved
        The error exceeds 1e-6 of the value at some frequency, next to a pole that is narrower than the digits of the
        model; `noise_budget` gives the value and its uncertainty.

    Examples
    --------
    >>> vacuum = LinearSystem(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.eye(2), outputs=["out"])
    >>> quadrature_spectrum(vacuum, [1.0, 2.0])
    array([0.5, 0.5])
    """
    return recorded_spectrum(system, omega, Homodyne(output, angle), formal=formal)


def recorded_spectrum(
    system: LinearSystem, omega: ArrayLike, detector: Detector, *, formal: bool = False
) -> FloatArray:
    """The total of `noise_budget`, refused as `quadrature_spectrum` refuses it."""
    budget = noise_budget(system, omega, detector, formal=formal)
    require_resolved(budget.total, budget.uncertainty, omega, "spectrum")
    return budget.total


def noise_budget(system: LinearSystem, omega: ArrayLike, detector: Detector, *, formal: bool = False) -> NoiseBudget:
    """The PSD of a detector's record by source: which input the noise comes from.

    For a heterodyne detector, of its record at `angle`. The added vacuum of the detector is the source "detection".
    Correlations between inputs are shared equally by the two, so that the parts always sum to the total.

    Returns
    -------
    NoiseBudget
        Absolute (vacuum ½); divide by ½ for shot-noise units.

    Raises
    ------
    Unstable, InvalidInput
        As `transfer_matrix`, of what the record sees.

    Examples
    --------
    >>> half = LinearSystem(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.eye(2), outputs=["out"])
    >>> budget = noise_budget(half, [1.0], Homodyne(efficiency=0.75))
    >>> {name: round(float(part[0]), 9) for name, part in budget.sources.items()}
    {'input0': 0.375, 'detection': 0.125}
    """
    if not isinstance(detector, Homodyne | Heterodyne):
        raise InvalidInput(f"a noise budget is that of one Homodyne or Heterodyne detector, got {detector!r}")
    frequency = frozen(omega, "the frequency")
    place, pick = quadratures(detector.port, system.outputs, "output"), detector.rows[..., :1, :]
    batch = common_batch({"system": system.batch_shape, "detector": pick.shape[:-2]})
    output, through, size = system.output_matrix[..., place, :], system.feedthrough[..., place, :], np.abs(pick)
    seen = pick @ output
    rates = poles(system) if frequency.size >= ENOUGH else None
    drift = stationary_drift(system, seen, formal, rates)
    sizes = size @ np.abs(output), size @ np.abs(through)
    matrices = drift, system.input_matrix, seen, pick @ through, system.noise, *sizes
    record = Record(*(_lanes(matrix, batch) for matrix in matrices))
    found = record_spectrum(
        record, frequency.reshape(-1), None if rates is None else _lanes(rates[..., None, :], batch)[:, 0]
    )

    def shaped(values: FloatArray) -> FloatArray:
        whole = math.prod(batch), frequency.size
        full = values if values.shape == whole else np.broadcast_to(values, whole).copy()
        return full.reshape(batch + frequency.shape)

    total = added = _lanes(detector.added_noise[..., :1, :1], batch)[:, 0]
    for part in found.parts:
        total = total + part
    sources = dict(zip(system.inputs, map(shaped, found.parts), strict=True)) | {"detection": shaped(added)}
    return NoiseBudget(shaped(total), sources, shaped(_uncertainty(total, found.error)))


def squeezing_spectrum(
    system: LinearSystem, omega: ArrayLike, output: str = "out", *, formal: bool = False
) -> Squeezing:
    """The least noisy quadrature of an output at each frequency (variational readout), absolute (vacuum ½).

    The smaller eigenvalue of Re S(ω), a 2 × 2 matrix, and the angle in [−π/2, π/2] of its eigenvector. The eigenvalue
    is the spectrum of that quadrature's record, in which strong noise of the other one does not cancel; an error of
    the angle counts in second order only.

    Raises
    ------
    Unstable, InvalidInput
        As `transfer_matrix`.
    """
    frequency = frozen(omega, "the frequency")
    chosen = system.with_outputs(output)
    drift = stationary_drift(chosen, chosen.output_matrix, formal)
    transfer, transfer_error = transfer_and_error(chosen, drift, frequency)
    noise = np.expand_dims(chosen.noise, _spread(frequency))
    density = (transfer @ noise @ transpose(transfer).conj()).real
    a, b, c = density[..., 0, 0], density[..., 1, 1], density[..., 0, 1]
    angle = np.arctan2(-2 * c, b - a) / 2
    batch, lanes = chosen.batch_shape, math.prod(chosen.batch_shape)
    matrices = drift, chosen.input_matrix, chosen.output_matrix, chosen.feedthrough, chosen.noise
    record = model_record(*(_lanes(matrix, batch) for matrix in matrices))
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1).reshape(-1, 1, 2)
    points = np.repeat(np.arange(lanes), frequency.size), np.tile(frequency.reshape(-1), lanes)
    smallest, error = (values.reshape(angle.shape) for values in directed_spectrum(record, *points, direction))
    entries = 2 * (transfer_error @ np.abs(noise) @ np.abs(transpose(transfer))).sum(axis=(-2, -1))
    turned = entries**2 / np.maximum(np.maximum(2 * np.hypot((a - b) / 2, c), entries), np.finfo(np.float64).tiny)
    return Squeezing(smallest, angle, _uncertainty(smallest, error + turned))


def require_resolved(value: FloatArray, error: FloatArray, omega: ArrayLike, what: str) -> None:
    """Raise `Unresolved` where an error exceeds `RESOLVED` of a value; ω broadcasts with both."""
    bad = ~(error <= RESOLVED * value)
    if not bad.any():
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = float((error[bad] / value[bad]).max())
    raise Unresolved(
        f"the {what} has a relative error of {worst:.3g} at {np.broadcast_to(omega, value.shape)[bad][0]:.9g} rad/s "
        f"({np.count_nonzero(bad)} of {value.size} values are above {RESOLVED:g}): a pole there is narrower than the "
        "digits of the model tell, or large terms cancel. Leave these frequencies out, or ask for a result with its "
        "uncertainty (`noise_budget`, `squeezing_spectrum`)",
        worst,
    )


def transfer_and_error(
    system: LinearSystem, drift: FloatArray, frequency: FloatArray
) -> tuple[ComplexArray, FloatArray]:
    """T of all outputs and its error, entry by entry, shape (batch…, frequencies…, 2p, 2m)."""
    spread = _spread(frequency)
    rows = solve_rows(np.expand_dims(drift, spread), np.expand_dims(system.output_matrix, spread), frequency)
    return _through(rows, system.input_matrix, system.feedthrough, frequency)


def _through(
    rows: SolvedRows, drive: FloatArray, through: FloatArray, frequency: FloatArray
) -> tuple[ComplexArray, FloatArray]:
    drive, through = (np.expand_dims(matrix, _spread(frequency)) for matrix in (drive, through))
    return rows.rows @ drive + through, rows.transfer_error(drive, through)


def _density(transfer: ComplexArray, error: FloatArray, system: LinearSystem, frequency: FloatArray) -> ComplexArray:
    """T N T†, Hermitian, refused where its entries are not resolved beside √(S_ii S_jj)."""
    noise = np.expand_dims(system.noise, _spread(frequency))
    product: ComplexArray = transfer @ noise @ transpose(transfer).conj()
    size, strength = np.abs(transfer), np.abs(noise)
    half = (error + ROUNDING * size) @ strength @ transpose(size)
    whole = half + transpose(half) + error @ strength @ transpose(error)
    root = np.sqrt(np.maximum(np.diagonal(product, axis1=-2, axis2=-1).real, 0.0))
    limits = root[..., :, None] * root[..., None, :]
    require_resolved(limits, whole, frequency[..., None, None], "spectral density")
    hermitian: ComplexArray = (product + transpose(product).conj()) / 2
    return hermitian


def _uncertainty(total: FloatArray, error: FloatArray) -> FloatArray:
    """The error with that of the sum; infinite where it is not small beside the total."""
    whole = error + ROUNDING * total
    uncertain: FloatArray = np.where(whole <= KNOWN * total, whole, np.inf)
    return uncertain


def _spread(frequency: FloatArray) -> tuple[int, ...]:
    """Where the axes of the frequencies go: after the batch, before rows and columns."""
    return tuple(range(-2 - frequency.ndim, -2))


def _lanes(matrix: NDArray[Any], batch: tuple[int, ...]) -> NDArray[Any]:
    """As many matrices as the batch has, or one for all."""
    single = math.prod(matrix.shape[:-2]) == 1
    return matrix.reshape(1, *matrix.shape[-2:]) if single else flattened(matrix, batch)
