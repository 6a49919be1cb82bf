"""The best readout of a force, and what no readout beats.

At each frequency a homodyne detector of u = (cos θ, sin θ) sees the added noise uᵀ Re S u/|uᵀR|²: its smallest value
over θ (variational readout) is the inverse of the largest eigenvalue of the pair (Re RR†, Re S), and 1/(R†S⁻¹R) is the
quantum Cramér–Rao bound of the light at those ports, for any measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput
from backaction.gaussian.arrays import FloatArray, transpose
from backaction.gaussian.spectra import require_resolved

from .grammar import Parameter
from .network import Network
from .sensing_force import PortResponse, port_response
from .sensing_oscillator import damped_oscillator, last_axes, standard_quantum_limit

__all__ = ["Variational", "cancellation_bound", "quantum_bound", "variational_bound", "variational_readout"]


@dataclass(frozen=True, eq=False)
class Variational:
    """The best homodyne angle at each frequency: `added_noise`, `angle` in [0, π) rad and `sql`, (batch…, freq…).

    `uncertainty` is the error of `added_noise`.
    """

    added_noise: FloatArray
    angle: FloatArray
    sql: FloatArray
    uncertainty: FloatArray


def variational_readout(
    network: Network,
    omega: ArrayLike,
    mode: str,
    port: str = "out",
    efficiency: ArrayLike = 1.0,
    thermal: bool = False,
    *,
    formal: bool = False,
) -> Variational:
    """Force noise with the homodyne angle that is best at each frequency, in closed form.

    Parameters
    ----------
    network, omega, mode, thermal, formal
        As for `force_noise`.
    port : str
        The detected output.
    efficiency : array_like
        Of the detector, in (0, 1]; broadcasts with the batch.

    Returns
    -------
    Variational

    Raises
    ------
    Unstable
        As `force_noise`.
    InvalidInput
        The force does not reach the port, or the light there has a noiseless quadrature.

    Notes
    -----
    With Re S = LLᵀ the answer is the largest singular value of L⁻¹(Re R, Im R), L from a QR factorisation of the
    transfer matrix, so that strong back action (S_pp ≫ S_xx) does not cancel.

    Examples
    --------
    The sensor alone, read out at the best angle, goes below the standard quantum limit:

    >>> from backaction.systems import MechanicalOscillator, Network
    >>> probe = MechanicalOscillator(
    ...     mechanical_frequency=1.0, mechanical_linewidth=1e-3, readout_rate=1.0, occupation=0, name="m")
    >>> best = variational_readout(Network((probe,)), 0.1, "m")
    >>> bool(best.added_noise < 0.51 * best.sql)
    True
    """
    frequency, linewidth = damped_oscillator(network, mode)
    axes = np.ndim(omega)
    seen = port_response(network.system, omega, mode, linewidth, port, thermal, formal=formal)
    _require_signal(seen, port)
    eta = np.expand_dims(np.asarray(efficiency, dtype=np.float64), last_axes(axes))[..., None, None]
    if (eta <= 0).any() or (eta > 1).any():
        raise InvalidInput(f"the efficiency of a detector that sees a force must lie in (0, 1], got {eta.min():.6g}")
    noise = _factor(seen)
    split = np.concatenate([noise.real, noise.imag], axis=-1)
    batch = np.broadcast_shapes(split.shape[:-2], eta.shape[:-2])
    vacuum = np.broadcast_to(np.sqrt((1 - eta) / 2) * np.eye(2), (*batch, 2, 2))
    full = np.concatenate([np.broadcast_to(np.sqrt(eta) * split, (*batch, *split.shape[-2:])), vacuum], axis=-1)
    triangle = _triangle(transpose(full))
    signal = np.sqrt(eta) * np.stack([seen.force.real, seen.force.imag], axis=-1)
    left, singular, _ = np.linalg.svd(_solve(transpose(triangle), signal, port))
    direction = np.linalg.solve(triangle, left[..., :, :1])[..., 0]
    angle = np.mod(np.arctan2(direction[..., 1], direction[..., 0]), np.pi)
    weights = np.sqrt(eta[..., 0]) * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    error = seen.quotient_error(weights, (1 - eta[..., 0, 0]) / 2)
    return Variational(1 / singular[..., 0] ** 2, angle, standard_quantum_limit(omega, frequency, linewidth), error)


def quantum_bound(
    network: Network,
    omega: ArrayLike,
    mode: str,
    ports: str | tuple[str, ...] = "out",
    thermal: bool = False,
    *,
    formal: bool = False,
) -> FloatArray:
    """Quantum Cramér–Rao bound 1/(R†S⁻¹R) on the added noise, for every measurement of the light at some ports.

    The (symmetric-logarithmic-derivative) bound for a stationary force, S_F ≥ 1/QFI; the light is Gaussian with
    complex spectral density S, vacuum ½.  With every output of a closed lossless system it is 1/(4γS_X), the
    "energetic" limit: it falls with the power that makes X fluctuate.

    Parameters
    ----------
    network, omega, mode, thermal, formal
        As for `force_noise`.
    ports : str or tuple of str
        The outputs that may be measured.

    Returns
    -------
    array, shape (batch…, frequencies…)

    Raises
    ------
    Unstable, InvalidInput
        As `variational_readout`.
    Unresolved
        The error exceeds 1e-6 of the bound at some frequency.

    Examples
    --------
    For the lossless sensor it is the shot noise alone, 1/(2Γγ|χ|²), for any power:

    >>> from backaction.systems import MechanicalOscillator, Network
    >>> probe = MechanicalOscillator(
    ...     mechanical_frequency=1.0, mechanical_linewidth=1e-3, readout_rate=50.0, occupation=0, name="m")
    >>> round(float(quantum_bound(Network((probe,)), 0.0, "m")), 9)
    10.0
    """
    _, linewidth = damped_oscillator(network, mode)
    seen = port_response(network.system, omega, mode, linewidth, ports, thermal, formal=formal)
    _require_signal(seen, ports)
    triangle = _triangle(transpose(_factor(seen)).conj())
    whitened = _solve(transpose(triangle).conj(), seen.force[..., None], ports)
    bound = np.asarray(1 / (np.abs(whitened) ** 2).sum(axis=(-2, -1)))
    require_resolved(bound, seen.quotient_error(np.linalg.solve(triangle, whitened)[..., 0]), omega, "bound")
    return bound


def cancellation_bound(omega: ArrayLike, frequency: Parameter, linewidth: Parameter) -> FloatArray:
    """½[(ω² + γ²/4)/Ω² + 1], what ideal cancellation by an optical ancilla of linewidth γ leaves at infinite power.

    The vacuum that damps the ancilla (Schweer et al. 2022, Eq. (26)); it is no quantum Cramér–Rao bound:
    `variational_bound` is never above it, except for the γ²/4.
    """
    w = np.asarray(omega, dtype=np.float64)
    f, g = (np.expand_dims(np.asarray(value, dtype=np.float64), last_axes(w.ndim)) for value in (frequency, linewidth))
    return np.asarray(((w**2 + g**2 / 4) / f**2 + 1) / 2)


def variational_bound(omega: ArrayLike, frequency: Parameter) -> FloatArray:
    """|ω|/|Ω|, the least noise of a lossless resonant sensor over power and homodyne angle at each frequency.

    ħ|Im χ_F⁻¹| in SI units: the fluctuation–dissipation force of the oscillator's own damping at zero temperature.
    """
    w = np.asarray(omega, dtype=np.float64)
    f = np.expand_dims(np.asarray(frequency, dtype=np.float64), last_axes(w.ndim))
    return np.asarray(np.abs(w / f))


def _factor(seen: PortResponse) -> NDArray[np.complex128]:
    """F with S = F F†, F = T N^½."""
    values, vectors = np.linalg.eigh(seen.noise)
    factor: NDArray[np.complex128] = seen.transfer @ (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :])
    return factor


def _require_signal(seen: PortResponse, ports: str | tuple[str, ...]) -> None:
    if (seen.force == 0).all(axis=-1).any():
        raise InvalidInput(
            f"the force does not reach {ports!r} (zero response of both quadratures), so the noise that it is compared "
            "with would be infinite; choose a port behind the mode, and a coupling different from 0"
        )


def _triangle(columns: NDArray[Any]) -> NDArray[Any]:
    """R of columns = Q R."""
    triangle: NDArray[Any] = np.asarray(np.linalg.qr(columns, mode="r"))
    return triangle


def _solve(lower: NDArray[Any], signal: NDArray[Any], ports: str | tuple[str, ...]) -> NDArray[Any]:
    diagonal = np.abs(np.diagonal(lower, axis1=-2, axis2=-1))
    if (diagonal.min(axis=-1) <= np.finfo(np.float64).eps * diagonal.max(axis=-1)).any():
        raise InvalidInput(
            f"the light at {ports!r} has a combination of quadratures without noise, to rounding: the bound would be "
            "zero or undetermined; add a loss, or leave one of two ports that carry the same light out"
        )
    spread = np.broadcast_to(signal, (*lower.shape[:-2], *signal.shape[-2:]))
    solution: NDArray[Any] = np.linalg.solve(lower, spread)
    return solution
