"""Transfer matrices, spectral densities and noise budgets of the output light.

T(ω) = C(−iω − A)⁻¹B + D and S(ω) = T N T†, symmetrised and two-sided, with ½ for the vacuum.  Frequencies (rad/s) may
have any shape; their axes come after those of the batch: shape (batch…, frequencies…, rows, columns).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, common_batch, frozen, transpose
from .errors import InvalidInput
from .measurement import Detector, Heterodyne, Homodyne
from .rows import row_response, solved
from .system import LinearSystem

__all__ = [
    "NoiseBudget",
    "Squeezing",
    "mode_spectral_density",
    "noise_budget",
    "quadrature_spectrum",
    "resolvent",
    "spectral_density",
    "squeezing_spectrum",
    "transfer_matrix",
]

ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class NoiseBudget:
    """The PSD of a detector's record and its parts.

    `total` and every value of `sources` have the shape (batch…, frequencies…), absolute (vacuum ½); the parts sum to
    the total. The keys are the names of the inputs, then "detection".
    """

    total: FloatArray
    sources: Mapping[str, FloatArray]


class Squeezing(NamedTuple):
    """Smallest PSD over all quadrature angles, and that angle in rad (0 is x), each of shape (batch…, frequencies…)."""

    spectrum: FloatArray
    angle: FloatArray


def resolvent(system: LinearSystem, omega: ArrayLike, columns: ArrayLike) -> ComplexArray:
    """(−iω − A)⁻¹ times columns of shape (…, 2n, k): the response of the modes, (batch…, frequencies…, 2n, k)."""
    frequency = frozen(omega, "the frequency")
    size = system.drift.shape[-1]
    spread = tuple(range(-2 - frequency.ndim, -2))
    drift = np.expand_dims(system.drift, spread)
    drive = np.expand_dims(np.asarray(columns), spread)
    matrix = -1j * frequency[..., None, None] * np.eye(size) - drift
    if not size:
        batch = np.broadcast_shapes(matrix.shape[:-2], drive.shape[:-2])
        return np.zeros((*batch, *drive.shape[-2:]), dtype=np.complex128)
    return solved(matrix, drive)


def transfer_matrix(system: LinearSystem, omega: ArrayLike) -> ComplexArray:
    """T(ω) = C(−iω − A)⁻¹B + D from inputs to outputs, shape (batch…, frequencies…, 2p, 2m).

    Parameters
    ----------
    system : LinearSystem
    omega : array_like
        ω in rad/s, any shape.

    Examples
    --------
    A resonant one-sided cavity only delays: |T| = 1.

    >>> from backaction.gaussian import from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], scattering=[[-1]])
    >>> transfer_matrix(cavity, [0.0, 1.0])[:, 0, 0].round(12)
    array([1.+0.j, 0.+1.j])
    """
    frequency = frozen(omega, "the frequency")
    spread = tuple(range(-2 - frequency.ndim, -2))
    answer = resolvent(system, frequency, system.input_matrix)
    through = np.expand_dims(system.feedthrough, spread)
    transfer: ComplexArray = np.expand_dims(system.output_matrix, spread) @ answer + through
    return transfer


def spectral_density(system: LinearSystem, omega: ArrayLike) -> ComplexArray:
    """S(ω) = T N T† of all outputs, Hermitian, absolute (vacuum ½), shape (batch…, frequencies…, 2p, 2p)."""
    return _hermitian_square(transfer_matrix(system, omega), system, np.ndim(omega))


def mode_spectral_density(system: LinearSystem, omega: ArrayLike) -> ComplexArray:
    """PSD matrix of the modes, (−iω−A)⁻¹ B N Bᵀ (…)†, in s, shape (batch…, freq…, 2n, 2n).

    Its integral ∫ dω/2π over all frequencies is the stationary covariance.
    """
    density = _hermitian_square(resolvent(system, omega, system.input_matrix), system, np.ndim(omega))
    return np.broadcast_to(density, system.batch_shape + density.shape[density.ndim - np.ndim(omega) - 2 :])


def quadrature_spectrum(
    system: LinearSystem, omega: ArrayLike, output: str = "out", angle: ArrayLike = np.pi / 2
) -> FloatArray:
    """PSD of cos θ x + sin θ p of one output, absolute (vacuum ½), shape (batch…, frequencies…).

    `angle` (rad; 0 is x, π/2 is p) broadcasts with the batch of the system.

    Examples
    --------
    >>> vacuum = LinearSystem(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.eye(2), outputs=["out"])
    >>> quadrature_spectrum(vacuum, [1.0, 2.0])
    array([0.5, 0.5])
    """
    return noise_budget(system, omega, Homodyne(output, angle)).total


def noise_budget(system: LinearSystem, omega: ArrayLike, detector: Detector) -> NoiseBudget:
    """The PSD of a detector's record by source: which input the noise comes from.

    For a heterodyne detector, of its record at `angle`. The added vacuum of the detector is the source "detection".
    Correlations between inputs are shared equally by the two, so that the parts always sum to the total.

    Returns
    -------
    NoiseBudget
        Absolute (vacuum ½); divide by ½ for shot-noise units.

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
    common_batch({"system": system.batch_shape, "detector": detector.rows.shape[:-2]})
    row = _row(system.with_outputs(detector.port), frequency, detector.rows[..., :1, :])
    parts = _parts(row[..., 0, :], system.noise, frequency.ndim)
    added = np.expand_dims(detector.added_noise[..., 0, 0], tuple(range(-frequency.ndim, 0)))
    shapes = [added.shape, row.shape[:-2], *(part.shape for part in parts)]
    total = np.broadcast_to(added, np.broadcast_shapes(*shapes)).copy()
    sources = dict(zip(system.inputs, parts, strict=True)) | {"detection": total.copy()}
    for part in parts:
        total += part
    return NoiseBudget(total, sources)


def squeezing_spectrum(system: LinearSystem, omega: ArrayLike, output: str = "out") -> Squeezing:
    """The least noisy quadrature of an output at each frequency (variational readout), absolute (vacuum ½).

    The smaller eigenvalue of Re S(ω), a 2 × 2 matrix, and the angle in [−π/2, π/2] of its eigenvector.
    """
    density = spectral_density(system.with_outputs(output), omega).real
    a, b, c = density[..., 0, 0], density[..., 1, 1], density[..., 0, 1]
    root = np.hypot((a - b) / 2, c)
    # det/λ₊ instead of λ₋ = mean − root, which would cancel for strong squeezing
    smallest = (a * b - c**2) / ((a + b) / 2 + root)
    angle = np.arctan2(-2 * c, b - a) / 2
    return Squeezing(smallest, angle)


def _row(system: LinearSystem, frequency: FloatArray, detected: FloatArray) -> ComplexArray:
    """The transfer from the inputs to what is detected, shape (batch…, frequencies…, 1, 2m)."""
    passed = np.expand_dims(detected @ system.feedthrough, tuple(range(-2 - frequency.ndim, -2)))
    if not system.modes:
        shape = np.broadcast_shapes(passed.shape, (*frequency.shape, 1, 1))
        return np.broadcast_to(passed, shape).astype(np.complex128)
    response = row_response(system.drift, system.input_matrix, detected @ system.output_matrix, frequency)
    if np.broadcast_shapes(response.shape, passed.shape) != response.shape:
        return response + passed
    response += passed
    return response


def _parts(row: ComplexArray, noise: FloatArray, axes: int) -> list[FloatArray]:
    """What each input contributes to t N t† of a row t (…, 2m): Re tᵢ* Σ_j N_ij t_j, its two quadratures together."""
    strength = np.diagonal(noise, axis1=-2, axis2=-1)
    if np.count_nonzero(noise) == np.count_nonzero(strength):  # the usual case: all quadratures are independent
        strength = np.expand_dims(strength, tuple(range(-1 - axes, -1)))
        shares = [strength[..., i] * (row[..., i].real ** 2 + row[..., i].imag ** 2) for i in range(row.shape[-1])]
    else:
        driven = (row[..., None, :] @ np.expand_dims(noise, tuple(range(-2 - axes, -2))))[..., 0, :]
        shares = list(np.moveaxis((driven * row.conj()).real, -1, 0))
    return [np.asarray(x + p) for x, p in zip(shares[::2], shares[1::2], strict=True)]


def _hermitian_square(factor: ComplexArray, system: LinearSystem, axes: int) -> ComplexArray:
    noise = np.expand_dims(system.noise, tuple(range(-2 - axes, -2)))
    product: ComplexArray = factor @ noise @ transpose(factor).conj()
    hermitian: ComplexArray = (product + transpose(product).conj()) / 2
    return hermitian
