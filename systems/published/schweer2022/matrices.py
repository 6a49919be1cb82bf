"""The matrix model of Schweer et al. (2022), appendix B: both orders, every loss, and the integrated setup.

The formulas (B1)–(B12) in the **paper's** convention (see `formulas`), with its misprints mended:
(B7) is T S T† without a minus sign; (B12) needs 14 entries, one for each input of (B9); the damping of (4b) acts
on p_c, as (B11a) has it; the input matrices (B10c) and (B11c) are 4 × 4, the first with an empty column.

It shares no code with the state space of the library: each is the other's oracle.  Both cavities may be
detuned, and g_BS and g_DC may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian.errors import InvalidInput, Unstable

__all__ = [
    "CascadeParameters",
    "Order",
    "added_force_noise",
    "ancilla_matrices",
    "integrated_added_force_noise",
    "sensor_matrices",
    "transfer_matrix",
]

ComplexArray = NDArray[np.complex128]
RealArray = NDArray[np.float64]
Parameter = float | RealArray


class Order(Enum):
    """Which system the light meets first; the value is how the paper's Fig. 6 names it."""

    ANCILLA_FIRST = "NMO → OMS"
    SENSOR_FIRST = "OMS → NMO"


@dataclass(frozen=True, kw_only=True)
class CascadeParameters:
    """Everything that (B1)–(B12) depend on, in the paper's convention; fields may be arrays that broadcast.

    Parameters
    ----------
    omega_m, gamma_m : float or array
        Mechanical resonance and full linewidth.  All frequencies and rates in one unit, such as ω_m.
    g, kappa_om : float or array
        Optomechanical coupling (twice the usual one) and full linewidth of the sensor's cavity.
    kappa_c, kappa_a, delta_a : float or array
        Full linewidths of the meter and the ancilla cavity; detuning Δ_a = ω_a − ω_L of the ancilla (negative
        for a negative mass).
    g_bs, g_dc : float or array
        Beam-splitter and down-conversion couplings.
    escape_c, escape_om : float or array
        Escape efficiencies κ_in/κ of the meter and the sensor cavity.
    propagation, detection : float or array
        Efficiencies after the first and after the second system.
    delta_c, delta_om : float or array
        Detunings ω_c − ω_L of the meter and the sensor cavity.

    Examples
    --------
    >>> ideal = CascadeParameters(omega_m=1, gamma_m=1e-3, g=1, kappa_om=4, kappa_c=4, kappa_a=1e-3,
    ...                           delta_a=-1, g_bs=0.5, g_dc=0.5)
    >>> noise = added_force_noise(ideal, Order.ANCILLA_FIRST, 1e-6)
    >>> round(float(noise) * 1e-3, 6)  # in units of Q_m
    0.5005
    """

    omega_m: Parameter
    gamma_m: Parameter
    g: Parameter
    kappa_om: Parameter
    kappa_c: Parameter
    kappa_a: Parameter
    delta_a: Parameter
    g_bs: Parameter
    g_dc: Parameter
    escape_c: Parameter = 1.0
    escape_om: Parameter = 1.0
    propagation: Parameter = 1.0
    detection: Parameter = 1.0
    delta_c: Parameter = 0.0
    delta_om: Parameter = 0.0

    def __post_init__(self) -> None:
        """Refuse parameters that are not finite real numbers and efficiencies outside [0, 1]."""
        for field in fields(self):
            value = np.asarray(getattr(self, field.name))
            if value.dtype.kind not in "fiu" or not np.isfinite(value).all():
                raise InvalidInput(f"{field.name} must be finite real numbers, got {value!r}")
        for name in ("escape_c", "escape_om", "propagation", "detection"):
            value = np.asarray(getattr(self, name))
            if ((value < 0) | (value > 1)).any():
                raise InvalidInput(f"{name} is an efficiency and must lie in [0, 1], got {value!r}")


def added_force_noise(
    parameters: CascadeParameters, order: Order, omega: ArrayLike, *, formal: bool = False
) -> RealArray:
    """Return the added force noise S_F of the cascade in units of ħ m γ_m ω_m: (B7), (B9) and (B12).

    The density of the phase quadrature after the detection loss, divided by the coefficient of the force's
    density; two-sided; the thermal force is left out, as in the paper.  `omega` broadcasts against the
    parameters.

    Raises
    ------
    Unstable
        Sensor or ancilla grows (`stability`); `formal=True` gives the formula's curve, which no experiment shows.
    """
    p = parameters
    sensor, ancilla = sensor_matrices(p), ancilla_matrices(p)
    if not formal:
        _require_decay(sensor[0], "cavity", "mechanics")
        _require_decay(ancilla[0], "meter", "ancilla")
    first, second = (ancilla, sensor) if order is Order.ANCILLA_FIRST else (sensor, ancilla)
    one = _with_loss(transfer_matrix(*first, omega), p.propagation)
    two = _with_loss(transfer_matrix(*second, omega), p.detection)
    # (B9): x_in and the baths of the first system pass through the second; its own baths come beside them
    through = (two[..., 1:, :2] @ one)[..., 0, :]
    own = np.broadcast_to(two[..., 1, 2:], (*through.shape[:-1], 6))
    phase = np.concatenate([through, own], axis=-1)
    force = 5 if order is Order.SENSOR_FIRST else 8 + 3
    return _phase_noise(phase, force)


def integrated_added_force_noise(parameters: CascadeParameters, omega: ArrayLike, *, formal: bool = False) -> RealArray:
    """Return the added force noise of the integrated setup: the ancilla inside the sensor's own cavity.

    The common cavity has `kappa_c`, `delta_c` and `escape_c`; `kappa_om`, `delta_om`, `escape_om` and
    `propagation` have no meaning here and are left alone. `formal` as in `added_force_noise`.
    """
    p = parameters
    plus, minus = np.add(p.g_bs, p.g_dc), np.subtract(p.g_bs, p.g_dc)
    half_c, half_a = np.divide(p.kappa_c, 2), np.divide(p.kappa_a, 2)
    drift = _matrix(
        [
            [-half_c, p.delta_c, 0, 0, 0, minus],
            [np.negative(p.delta_c), -half_c, np.negative(p.g), 0, -plus, 0],
            [0, 0, 0, p.omega_m, 0, 0],
            [np.negative(p.g), 0, np.negative(p.omega_m), np.negative(p.gamma_m), 0, 0],
            [0, minus, 0, 0, -half_a, p.delta_a],
            [-plus, 0, 0, 0, np.negative(p.delta_a), -half_a],
        ]
    )
    if not formal:
        _require_decay(drift, "cavity", "mechanics", "ancilla")
    enters, leaks = _port(p.kappa_c, p.escape_c)
    root, force = np.sqrt(p.kappa_a), np.sqrt(p.gamma_m)
    port = _matrix([[enters, 0], [0, enters], [0, 0], [0, 0], [0, 0], [0, 0]])
    bath = _matrix(
        [
            [leaks, 0, 0, 0, 0],
            [0, leaks, 0, 0, 0],
            [0, 0, 0, 0, 0],
            [0, 0, force, 0, 0],
            [0, 0, 0, root, 0],
            [0, 0, 0, 0, root],
        ]
    )
    lossy = _with_loss(transfer_matrix(drift, port, bath, omega), p.detection)
    return _phase_noise(lossy[..., 1, :], force=2 + 2)


def _require_decay(drift: RealArray, *modes: str) -> None:
    values, vectors = np.linalg.eig(drift)
    if (values.real < 0).all():
        return
    lane, number = divmod(int(np.argmax(values.real)), values.shape[-1])
    pole = complex(values.reshape(-1, values.shape[-1])[lane, number])
    vector = vectors.reshape(-1, *vectors.shape[-2:])[lane, :, number]
    mode = modes[int(np.argmax(np.abs(vector))) // 2]
    raise Unstable(
        f"there is no stationary state: the pole {pole.real:.6g} {pole.imag:+.6g}i of the {mode} does not decay. "
        "formal=True gives the curve of the formula, which no experiment shows",
        pole,
        mode,
    )


def sensor_matrices(p: CascadeParameters) -> tuple[RealArray, RealArray, RealArray]:
    """M_sys, K_in, K_bath of the sensor: (B10); modes (x_om, p_om, x_m, p_m), the fourth bath is the force."""
    half = np.divide(p.kappa_om, 2)
    drift = _matrix(
        [
            [-half, p.delta_om, 0, 0],
            [np.negative(p.delta_om), -half, np.negative(p.g), 0],
            [0, 0, 0, p.omega_m],
            [np.negative(p.g), 0, np.negative(p.omega_m), np.negative(p.gamma_m)],
        ]
    )
    enters, leaks = _port(p.kappa_om, p.escape_om)
    port = _matrix([[enters, 0], [0, enters], [0, 0], [0, 0]])
    bath = _matrix([[leaks, 0, 0, 0], [0, leaks, 0, 0], [0, 0, 0, 0], [0, 0, 0, np.sqrt(p.gamma_m)]])
    return drift, port, bath


def ancilla_matrices(p: CascadeParameters) -> tuple[RealArray, RealArray, RealArray]:
    """M_sys, K_in, K_bath of the negative-mass oscillator: (B11); modes (x_c, p_c, x_a, p_a)."""
    plus, minus = np.add(p.g_bs, p.g_dc), np.subtract(p.g_bs, p.g_dc)
    half_c, half_a = np.divide(p.kappa_c, 2), np.divide(p.kappa_a, 2)
    drift = _matrix(
        [
            [-half_c, p.delta_c, 0, minus],
            [np.negative(p.delta_c), -half_c, -plus, 0],
            [0, minus, -half_a, p.delta_a],
            [-plus, 0, np.negative(p.delta_a), -half_a],
        ]
    )
    enters, leaks = _port(p.kappa_c, p.escape_c)
    root = np.sqrt(p.kappa_a)
    port = _matrix([[enters, 0], [0, enters], [0, 0], [0, 0]])
    bath = _matrix([[leaks, 0, 0, 0], [0, leaks, 0, 0], [0, 0, root, 0], [0, 0, 0, root]])
    return drift, port, bath


def _port(linewidth: ArrayLike, escape: ArrayLike) -> tuple[RealArray, RealArray]:
    """√κ_in and √κ_bath by the escape efficiency (39)."""
    return np.sqrt(np.multiply(escape, linewidth)), np.sqrt(np.multiply(np.subtract(1, escape), linewidth))


def transfer_matrix(drift: RealArray, port: RealArray, bath: RealArray, omega: ArrayLike) -> ComplexArray:
    """T = (K_inᵀ(iω − M)⁻¹K_in − 1, K_inᵀ(iω − M)⁻¹K_bath): (B3)–(B6)."""
    identity = np.eye(drift.shape[-1])
    response = 1j * np.asarray(omega)[..., None, None] * identity - drift
    size = np.broadcast_shapes(response.shape[:-2], port.shape[:-2], bath.shape[:-2])
    inputs = np.concatenate([np.broadcast_to(k, (*size, *k.shape[-2:])) for k in (port, bath)], axis=-1)
    transfer: ComplexArray = np.swapaxes(port, -1, -2) @ np.linalg.solve(response, inputs)
    transfer[..., 0, 0] -= 1
    transfer[..., 1, 1] -= 1
    return transfer


def _with_loss(transfer: ComplexArray, efficiency: ArrayLike) -> ComplexArray:
    """Mix the output with vacuum, T_loss = (√η T, √(1−η) 1), the kept half of (B8)."""
    eta = np.asarray(efficiency, dtype=float)[..., None, None]
    size = np.broadcast_shapes(transfer.shape[:-2], eta.shape[:-2])
    kept = np.broadcast_to(np.sqrt(eta) * transfer, (*size, 2, transfer.shape[-1]))
    vacuum = np.broadcast_to(np.sqrt(1 - eta) * np.eye(2), (*size, 2, 2))
    return np.concatenate([kept, vacuum], axis=-1)


def _phase_noise(phase: ComplexArray, force: int) -> RealArray:
    """Density of the phase quadrature without the force, over the coefficient of the force's density."""
    weights = np.abs(phase) ** 2
    noise = np.delete(weights, force, axis=-1).sum(axis=-1) / 2
    return np.asarray(noise / weights[..., force])


def _matrix(rows: Sequence[Sequence[ArrayLike]]) -> RealArray:
    """Assemble a matrix whose entries may be batches."""
    entries = np.broadcast_arrays(*[np.asarray(entry, dtype=float) for row in rows for entry in row])
    return np.stack(entries, axis=-1).reshape(*entries[0].shape, len(rows), len(rows[0]))
