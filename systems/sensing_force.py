"""The record of a force: how a force on a mode shows at a port, and what noise stands beside it.

A force F on a mode, dP ∋ √γ F with γ the full bare linewidth, gives the quadratures (x, p) of a port the response
R(ω); their noise is T N T†, where the bath of the mode itself is left out unless it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput, LinearSystem, poles
from backaction.gaussian.arrays import FloatArray, frozen
from backaction.gaussian.measurement import Detector
from backaction.gaussian.names import quadratures
from backaction.gaussian.resolvents import ROUNDING, SolvedRows, solve_rows
from backaction.gaussian.spectra import KNOWN, require_resolved
from backaction.gaussian.spectral_stability import stationary_drift

from .grammar import Parameter
from .network import Network
from .sensing_oscillator import damped_oscillator, last_axes, standard_quantum_limit
from .sensing_units import ForceUnit

__all__ = [
    "ForceNoise",
    "PortResponse",
    "force_noise",
    "port_response",
    "record",
    "record_error",
    "signal_transfer",
]

ANGLE_ROUNDING = 4 * np.finfo(np.float64).eps
"""|R|/‖R of both quadratures‖ below which the response is zero: cos and sin of an angle are not known better."""


UNDAMPED = 1e-12
"""|Re λ|/|λ| of a pole that counts as undamped, and its distance |λ + iω|/|λ| from a frequency that counts as a hit.

Rounding of eigenvalues of non-normal matrices; oscillators of a quality factor beyond 1e12 would be refused too.
"""


@dataclass(frozen=True, eq=False)
class ForceNoise:
    """Force noise of a measurement.

    `spectrum` S and `response` R of the record, and `sql`; each of shape (batch…, frequencies…).  `added_noise` is
    S/|R|², two-sided, in units of ħmγΩ, and `uncertainty` its error, infinite where R = 0.  `omega`, `frequency` Ω and
    `linewidth` γ broadcast against them.
    """

    spectrum: FloatArray
    response: NDArray[np.complex128]
    sql: FloatArray
    omega: FloatArray
    frequency: FloatArray
    linewidth: FloatArray
    uncertainty: FloatArray

    @property
    def visible(self) -> NDArray[np.bool_]:
        """Where the force reaches the record at all, R ≠ 0."""
        return np.asarray(self.response != 0)

    @property
    def added_noise(self) -> FloatArray:
        """S/|R|².

        Raises
        ------
        InvalidInput
            The response is zero at some frequency: the force does not reach this quadrature of this port.
        """
        if not self.visible.all():
            hidden = np.broadcast_to(self.omega, self.response.shape)[~self.visible]
            raise InvalidInput(
                f"the force does not reach the detected quadrature at {hidden.size} of {self.response.size} points "
                f"(zero response, first at ω = {hidden[0]:.6g} rad/s), so the added noise would be infinite there; "
                "detect another angle, or a port behind the mode (`visible` says where the force is seen)"
            )
        noise: FloatArray = self.spectrum / np.abs(self.response) ** 2
        return noise

    def unit(self, mass: ArrayLike) -> ForceUnit:
        """The unit of `added_noise` and `sql` for an oscillator of this mass (kg): N²/Hz, N/√Hz, m²/Hz."""
        return ForceUnit(mass, np.abs(self.frequency), self.linewidth)


@dataclass(frozen=True, eq=False)
class PortResponse:
    """What reaches one port or several: T, R and the PSD N of the inputs, without the mode's own bath.

    Shapes (batch…, frequencies…, 2p, 2m), (batch…, frequencies…, 2p) and (batch…, 1…, 2m, 2m).
    """

    transfer: NDArray[np.complex128]
    force: NDArray[np.complex128]
    noise: FloatArray
    rows: SolvedRows
    inward: FloatArray
    through: FloatArray
    push: FloatArray

    def quotient_error(self, weights: NDArray[np.inexact], added: FloatArray | float = 0.0) -> FloatArray:
        """Error of S/|R|² of the combination u of the quadratures, S = u†T N T†u + added, R = u†R.

        To first order Re z dA (x − (S/R) x_F), with the answers x and x_F of the modes to the noise of the record and
        to the force: what a resonance does to both cancels.
        """
        conjugate, size = weights.conj()[..., None, :], np.abs(weights)
        row, response = conjugate @ self.transfer, (conjugate @ self.force[..., None])[..., 0]
        weight = (row.conj() @ self.noise)[..., 0, :]
        spectrum = (row[..., 0, :] * weight).sum(axis=-1).real + added
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio, strength = spectrum[..., None] / response, 1 / (np.abs(response[..., 0]) ** 2)
            column = (self.inward @ weight[..., None])[..., 0] - ratio * self.push[..., 0]
            magnitude = (np.abs(self.inward) @ np.abs(weight)[..., None])[..., 0] + np.abs(ratio * self.push[..., 0])
            moved = self.rows.response_error(column, magnitude)
            direct = (np.abs(self.through) @ np.abs(weight)[..., None])[..., 0]
            spread = size[..., None, :] @ self.rows.transfer_error(self.inward, self.through)
            noise, row_size = np.abs(self.noise), np.abs(row)
            second = (spread @ noise * spread).sum(axis=(-2, -1))
            rounded = ROUNDING * ((row_size @ noise * row_size).sum(axis=(-2, -1)) + spectrum)
            error = strength * (2 * (size * (moved + ROUNDING * direct)).sum(axis=-1) + second + rounded)
            return np.where(error <= KNOWN * strength * spectrum, error, np.inf)


def force_noise(
    network: Network,
    omega: ArrayLike,
    mode: str,
    detector: Detector,
    thermal: bool = False,
    *,
    formal: bool = False,
) -> ForceNoise:
    """Added noise of a force measurement on one mode of a network.

    Parameters
    ----------
    network : Network
    omega : array_like
        ω in rad/s; its axes come after those of the batch.
    mode : str
        A spin or mechanical mode with γ > 0.
    detector : Homodyne or Heterodyne
        Its record at `angle`.
    thermal : bool
        Count the noise of the mode's own bath too.
    formal : bool
        As in `backaction.gaussian.transfer_matrix`.

    Returns
    -------
    ForceNoise

    Raises
    ------
    Unstable
        The network has no stationary record (not if `formal`).
    InvalidInput
        The mode or the port is not there, the mode has no damping (the unit √γ F would vanish), or (if `formal`) an
        undamped pole lies at one of the frequencies (infinite noise).

    Examples
    --------
    A resonant, lossless sensor at its best power reaches the standard quantum limit:

    >>> import numpy as np
    >>> from backaction.gaussian import Homodyne
    >>> from backaction.systems import MechanicalOscillator, Network
    >>> probe = MechanicalOscillator(
    ...     mechanical_frequency=1.0, mechanical_linewidth=1e-3, readout_rate=1 - 0.1**2, occupation=0, name="m")
    >>> result = force_noise(Network((probe,)), 0.1, "m", Homodyne())
    >>> bool(np.isclose(result.added_noise, result.sql))
    True
    """
    frequency, linewidth = damped_oscillator(network, mode)
    axes = np.ndim(omega)
    detector = network.placed(detector)
    seen = port_response(network.system, omega, mode, linewidth, detector.port, thermal, formal=formal)
    spectrum, response = record(seen, detector, axes)
    bare = [np.expand_dims(np.asarray(value, dtype=np.float64), last_axes(axes)) for value in (frequency, linewidth)]
    limit = standard_quantum_limit(omega, frequency, linewidth)
    error = np.where(response == 0, np.inf, record_error(seen, detector, axes))
    return ForceNoise(spectrum, response, limit, np.asarray(omega, dtype=np.float64), bare[0], bare[1], error)


def signal_transfer(
    network: Network, omega: ArrayLike, mode: str, port: str = "out", *, formal: bool = False
) -> NDArray[np.complex128]:
    """Response of the quadratures (x, p) of a port to the force F of dP ∋ √γ F, shape (batch…, frequencies…, 2).

    Its PSD is |R|² S_F with the force density S_F in units of ħmγΩ. Errors as of `force_noise`, and `Unresolved` where
    one exceeds 1e-6 of the larger quadrature.

    Examples
    --------
    A single pass imprints the force on p only, R_p = −√(Γγ) χ:

    >>> import numpy as np
    >>> from backaction.systems import MechanicalOscillator, Network
    >>> probe = MechanicalOscillator(
    ...     mechanical_frequency=1.0, mechanical_linewidth=0.01, readout_rate=4.0, occupation=0, name="m")
    >>> abs(signal_transfer(Network((probe,)), 0.0, "m")).round(12)
    array([0. , 0.2])
    """
    _, linewidth = damped_oscillator(network, mode)
    seen = port_response(network.system, omega, mode, linewidth, port, thermal=False, formal=formal)
    error = seen.rows.response_error(seen.push[..., 0], np.abs(seen.push[..., 0])).max(axis=-1)
    require_resolved(np.abs(seen.force).max(axis=-1), np.where(seen.force.any(axis=-1), error, 0.0), omega, "response")
    return seen.force


def port_response(
    system: LinearSystem,
    omega: ArrayLike,
    mode: str,
    linewidth: Parameter,
    ports: str | tuple[str, ...],
    thermal: bool,
    paired: bool = False,
    formal: bool = False,
) -> PortResponse:
    """T, R and N of some ports of a system.

    `paired`: ω broadcasts with the batch (each member of the batch at its own frequencies) instead of coming after it;
    whether the system is stable is then the caller's affair.
    The response is exactly zero where no path leads from the force to the port.
    """
    frequency = frozen(omega, "the frequency")
    if formal and not paired:
        _require_finite(system, frequency)
    spread = () if paired else tuple(range(-2 - frequency.ndim, -2))
    chosen = system.with_outputs(ports)
    drift = chosen.drift if paired else stationary_drift(chosen, chosen.output_matrix, formal)
    push = np.zeros((2 * len(system.modes), 1))
    push[quadratures(mode, system.modes)[1], 0] = 1.0
    reached = _reached(chosen, push[:, 0] != 0)
    strength = np.sqrt(np.asarray(linewidth))[..., None, None]
    matrices = drift, chosen.input_matrix, chosen.output_matrix, chosen.feedthrough, chosen.noise, strength * push
    drift, inward, outward, through, noise, push = (np.expand_dims(matrix, spread) for matrix in matrices)
    rows = solve_rows(drift, outward, frequency)
    return PortResponse(
        transfer=rows.rows @ inward + through,
        force=np.where(reached, (rows.rows @ push)[..., 0], 0.0),
        noise=noise if thermal else _silenced(noise, f"{mode}.bath", system.inputs),
        rows=rows,
        inward=inward,
        through=through,
        push=push,
    )


_DIVERGES = "the noise diverges: an undamped pole lies exactly at one of the frequencies; add damping or leave it out"


def _require_finite(system: LinearSystem, omega: FloatArray) -> None:
    """Refuse frequencies at which an undamped mode would make the noise infinite."""
    values = poles(system)
    size = np.abs(values)
    undamped = (np.abs(values.real) <= UNDAMPED * size) & (size > 0)
    if undamped.any() and omega.size:
        distance = np.abs(values[undamped][:, None] + 1j * omega.ravel())
        if (distance <= UNDAMPED * size[undamped][:, None]).any():
            raise InvalidInput(_DIVERGES)


def record(seen: PortResponse, detector: Detector, axes: int) -> tuple[FloatArray, NDArray[np.complex128]]:
    """PSD S (vacuum ½) of a detector's record at `angle` and its response R; `axes` frequencies end the shapes."""
    rows = np.expand_dims(detector.rows[..., :1, :], tuple(range(-2 - axes, -2)))
    added = np.expand_dims(detector.added_noise[..., 0, 0], last_axes(axes))
    row = rows @ seen.transfer
    spectrum = ((row @ seen.noise) * row.conj()).real.sum(axis=-1)[..., 0] + added
    response = (rows @ seen.force[..., None])[..., 0, 0]
    size = np.linalg.norm(rows[..., 0, :], axis=-1) * np.linalg.norm(seen.force, axis=-1)
    return spectrum, np.where(np.abs(response) <= ANGLE_ROUNDING * size, 0.0, response)


def record_error(seen: PortResponse, detector: Detector, axes: int) -> FloatArray:
    """Error of S/|R|² of a detector's record."""
    rows = np.expand_dims(detector.rows[..., 0, :], tuple(range(-1 - axes, -1)))
    return seen.quotient_error(rows, np.expand_dims(detector.added_noise[..., 0, 0], last_axes(axes)))


def _silenced(noise: FloatArray, port: str, inputs: tuple[str, ...]) -> FloatArray:
    """The input noise without that of one port."""
    rows = quadratures(port, inputs, "input")
    quiet = noise.copy()
    quiet[..., rows, :] = 0.0
    quiet[..., :, rows] = 0.0
    return quiet


def _reached(system: LinearSystem, start: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which output quadratures any path leads to; rounding in the solution must not make one."""
    couplings, outputs = (
        (matrix != 0).reshape(-1, *matrix.shape[-2:]).any(axis=0) for matrix in (system.drift, system.output_matrix)
    )
    found = start
    for _ in range(len(start)):
        found = found | (couplings @ found)
    reached: NDArray[np.bool_] = outputs @ found
    return reached
