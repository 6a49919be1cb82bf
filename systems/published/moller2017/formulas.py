"""The closed formulas of Møller et al. 2017, in the paper's own convention, corrected by its errata.

This module shares no code with the state space: each is the oracle of the other.  Everything here is as the
paper writes it, Nature 547, 191 (2017) and its Supplementary Information ("S…"):

* κ, κ1, κ2 and every γ are **half** widths (amplitude decay rates), in rad/s;
* light quadratures are X = (a + a†)/2, so the vacuum has the spectral density **¼**;
* readout rates Γ are **half** of the library's, because X_L is 1/√2 of the library's;
* the coupling g = g0 √N multiplies (a + a†) X_M with X_M = (b + b†)/√2: it is **√2** times the usual g;
* Fourier transforms, detunings (red < 0) and oscillators ([X, P] = i) are as in the library.

`moller2017.chain` converts to the library's components.  All functions broadcast: parameters of shape (5, 1)
and frequencies of shape (100,) give results of shape (5, 100), followed by the 2 × 2 of a matrix.

Errata that are built in: φ has the sign of (S10), (S11) and (S32), not of the printed Hamiltonian; (S32)'s
last equality lacks √(2κ1), here the first two are used; imperfect mode matching is κ1 → η_mm κ1 with κ fixed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian.errors import Unresolved, Unstable

from .hybrid_parameters import HybridParameters

__all__ = [
    "HybridParameters",
    "bare_denominator",
    "cavity_noise",
    "cavity_transfer",
    "dressed_denominator",
    "effective_pole",
    "effective_susceptibility",
    "hybrid_noise",
    "input_phase",
    "output_phase",
    "readout_rate",
    "spin_susceptibility",
    "spin_transfer",
]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]

VACUUM = 0.25
"""Spectral density of the light's vacuum for X = (a + a†)/2."""

ROUNDING = 1e-12
"""Part of Hurwitz's largest determinant below which its sign is rounding."""

NEWTON_STEPS = 60
"""From the bare resonance Newton's method needs about six; many more mean that the root was lost."""


def readout_rate(p: HybridParameters) -> Real:
    """Γ_M = 2g²/κ (S2); the library's readout rate is twice this."""
    return np.asarray(2 * p.coupling**2 / p.cavity_halfwidth)


def bare_denominator(p: HybridParameters, omega: ArrayLike) -> Complex:
    """D_M0(Ω) = Ω_M² − Ω² − 2iΩγ_M0 (S3)."""
    w = np.asarray(omega)
    return np.asarray(p.mechanical_frequency**2 - w**2 - 2j * w * p.mechanical_halfwidth)


def dressed_denominator(p: HybridParameters, omega: ArrayLike) -> Complex:
    """D_M(Ω) = D_M0 + Γ_M κ Ω_M Δ/[(κ − iΩ)² + Δ²] (S7): with the optical spring and damping."""
    return np.asarray(bare_denominator(p, omega) + _drive(p) * p.detuning / _cavity_denominator(p, omega))


def effective_susceptibility(p: HybridParameters, omega: ArrayLike) -> Complex:
    """χ_M(Ω) = 2Ω_M/D_M(Ω) (S9)."""
    return np.asarray(2 * p.mechanical_frequency / dressed_denominator(p, omega))


def effective_pole(p: HybridParameters) -> Complex:
    """Root Ω_eff − iγ_M of (S7): the membrane's effective frequency and half width.

    Newton's method in the complex plane from the bare resonance; raises `Unresolved` when it does not settle.
    """
    root = np.asarray(p.mechanical_frequency - 1j * p.mechanical_halfwidth + 0 * _drive(p))
    step = np.zeros_like(root)
    for _ in range(NEWTON_STEPS):
        slope = -2 * root - 2j * p.mechanical_halfwidth
        slope = slope + 2j * (p.cavity_halfwidth - 1j * root) * _drive(p) * p.detuning / (
            _cavity_denominator(p, root) ** 2
        )
        step = dressed_denominator(p, root) / slope
        root = root - step
    lost = float(np.max(np.abs(step) / np.abs(root), initial=0.0))
    if not lost < 1e-12 or (root.real <= 0).any():  # rounding of Ω_M² − Ω² leaves about 1e-16
        raise Unresolved(
            f"no effective mechanical resonance (root of S7 with Ω > 0) was found; the last step was {lost:.3g} of "
            "it. Widths and optical spring must not be comparable with the mechanical frequency here",
            lost,
        )
    return np.asarray(root)


def cavity_transfer(p: HybridParameters, omega: ArrayLike) -> Complex:
    """M(Ω), shape (…, 2, 2): from light in to light out of port 1 (S11, first line)."""
    first, _ = p.port_halfwidths
    return 2 * first[..., None, None] * _intracavity(p, omega) - np.eye(2)


def cavity_noise(p: HybridParameters, omega: ArrayLike) -> tuple[Complex, Complex]:
    """V(Ω) of the second port's vacuum, shape (…, 2, 2), and F(Ω)'s second column, shape (…, 2) (S10)."""
    first, second = p.port_halfwidths
    w = np.asarray(omega)
    vacuum = np.sqrt(4 * first * second)[..., None, None] * _intracavity(p, w)
    # A⁻¹ (0, 1)ᵀ with A = [[κ − iΩ, Δ], [−Δ, κ − iΩ]]
    column = _vector(-p.detuning + 0 * w, p.cavity_halfwidth - 1j * w) / _cavity_denominator(p, w)[..., None]
    strength = 2 * np.sqrt(readout_rate(p) * p.cavity_halfwidth * first * p.mechanical_halfwidth)
    amplitude = np.asarray(strength * p.mechanical_frequency / dressed_denominator(p, w))
    return vacuum, amplitude[..., None] * _apply(_rotation(input_phase(p)), column)


def spin_susceptibility(p: HybridParameters, omega: ArrayLike) -> Complex:
    """χ_S(Ω) = 2Ω_S/(Ω_S² − Ω² − 2iΩγ_S) with the signed Ω_S of the Methods (below S30)."""
    w = np.asarray(omega)
    return np.asarray(2 * p.spin_frequency / (p.spin_frequency**2 - w**2 - 2j * w * p.spin_halfwidth))


def spin_transfer(p: HybridParameters, omega: ArrayLike) -> tuple[Complex, Complex]:
    """S(Ω) = [[1, 0], [Γ_S χ_S, 1]], shape (…, 2, 2), and the noise vector (0, √(Γ_S γ_S) χ_S) (S30)."""
    chi = spin_susceptibility(p, omega)
    kick = p.spin_readout_rate * chi
    noise = np.sqrt(p.spin_readout_rate * p.spin_halfwidth) * chi
    return _matrix(1 + 0 * kick, 0 * kick, kick, 1 + 0 * kick), _vector(0 * noise, noise)


def input_phase(p: HybridParameters) -> Real:
    """φ = arctan(Δ/κ) of the intracavity field (S32)."""
    return np.asarray(np.arctan(p.detuning / p.cavity_halfwidth))


def output_phase(p: HybridParameters) -> Real:
    """ψ + φ of the reflected carrier (below S32), ψ = arg(κ1 − κ2 + iΔ)."""
    first, second = p.port_halfwidths
    return np.asarray(np.arctan2(p.detuning, first - second) + input_phase(p))


def hybrid_noise(
    p: HybridParameters, omega: ArrayLike, angle: ArrayLike = np.pi / 2, *, formal: bool = False
) -> dict[str, Real]:
    """Return the six terms of (S31) at the homodyne detector, in shot-noise units (vacuum = 1).

    Parameters
    ----------
    p : HybridParameters
        In the paper's convention.
    omega : array_like
        Angular frequency Ω in rad/s; broadcasts against the parameters.
    angle : array_like
        Measured is cos(angle) X + sin(angle) P in the reflected carrier's frame, Oᵀ_{ψ+φ}; π/2 is P_L,meas.

    Returns
    -------
    dict of str to array
        ``light``, ``spin`` (its bath), ``link`` (vacuum of η1), ``cavity`` (vacuum of port 2 and of mode
        mismatch), ``membrane`` (its bath), ``detection`` (vacuum of η2). Their sum is the measured spectrum.

    Raises
    ------
    Unstable
        The light amplifies the membrane, or its optical spring turns over; `formal=True` gives the formula's curve,
        which no experiment shows.

    Examples
    --------
    >>> lossy = HybridParameters(link_efficiency=0.6, detection_efficiency=0.7)
    >>> sum(hybrid_noise(lossy, omega=[0.5, 2.0]).values()).round(12)
    array([1., 1.])
    """
    if not formal:
        _require_decay(p)
    theta = np.asarray(angle, dtype=np.float64)
    row = _apply(_rotation(output_phase(p)), _vector(np.cos(theta), np.sin(theta)))
    membrane = cavity_transfer(p, omega)
    linked = membrane @ _rotation(p.link_rotation)
    spin, spin_noise = spin_transfer(p, omega)
    vacuum, bath = cavity_noise(p, omega)
    eta1, eta2 = p.link_efficiency, p.detection_efficiency
    spin_force, bath_force = (p.spin_occupation + 0.5) / VACUUM, (p.bath_occupation + 0.5) / VACUUM
    terms = {
        "light": eta1 * eta2 * _power(row, linked @ spin),
        "spin": eta1 * eta2 * spin_force * _power(row, linked @ spin_noise[..., None]),
        "link": (1 - eta1) * eta2 * _power(row, membrane),
        "cavity": eta2 * _power(row, vacuum),
        "membrane": eta2 * bath_force * _power(row, bath[..., None]),
        "detection": np.asarray(1 - eta2),
    }
    shape = np.broadcast_shapes(*[value.shape for value in terms.values()])
    return {name: np.array(np.broadcast_to(value, shape)) for name, value in terms.items()}


def _require_decay(p: HybridParameters) -> None:
    """No root s = −iΩ of D_M [(κ − iΩ)² + Δ²], of fourth degree in s, grows: Hurwitz's determinants."""
    kappa, gamma = p.cavity_halfwidth, p.mechanical_halfwidth
    square, spring = p.mechanical_frequency**2, kappa**2 + p.detuning**2
    third, second = 2 * (gamma + kappa), square + 4 * gamma * kappa + spring
    first, constant = 2 * (square * kappa + gamma * spring), square * spring + _drive(p) * p.detuning
    damped = third * second - first
    margin = first * damped - third**2 * constant  # 0 for an undamped membrane without light
    grows = (constant < 0) | (damped < 0) | (margin < -ROUNDING * np.abs(first * third * second))
    if not grows.any():
        return
    lane = np.unravel_index(int(np.argmax(grows)), grows.shape)
    terms = np.broadcast_arrays(grows, third, second, first, constant)[1:]
    roots = np.roots([1.0, *(float(term[lane]) for term in terms)])
    pole = complex(roots[np.argmax(roots.real)])
    raise Unstable(
        f"there is no stationary state: the membrane's pole {pole.real:.6g} {pole.imag:+.6g}i rad/s grows, for the "
        "light amplifies it or its optical spring turns over. Take less light or another detuning; formal=True gives "
        "the curve of the formula, which no experiment shows",
        pole,
        "membrane",
    )


def _drive(p: HybridParameters) -> Real:
    """Γ_M κ Ω_M."""
    return np.asarray(readout_rate(p) * p.cavity_halfwidth * p.mechanical_frequency)


def _cavity_denominator(p: HybridParameters, omega: ArrayLike) -> Complex:
    """D_c = (κ − iΩ)² + Δ² (below S11)."""
    return np.asarray((p.cavity_halfwidth - 1j * np.asarray(omega)) ** 2 + p.detuning**2)


def _intracavity(p: HybridParameters, omega: ArrayLike) -> Complex:
    """O_φ T⁻¹ O_φᵀ with T of (S8)."""
    w = np.asarray(omega)
    diagonal = p.cavity_halfwidth - 1j * w
    corner = p.detuning + _drive(p) / bare_denominator(p, w)
    inverse = _matrix(diagonal, -p.detuning, corner, diagonal)
    inverse = inverse / np.asarray(diagonal**2 + p.detuning * corner)[..., None, None]
    frame = _rotation(input_phase(p))
    rotated: Complex = frame @ inverse @ np.swapaxes(frame, -1, -2)
    return rotated


def _rotation(angle: ArrayLike) -> Complex:
    """O = [[cos, −sin], [sin, cos]], shape (…, 2, 2)."""
    theta = np.asarray(angle, dtype=np.float64)
    return _matrix(np.cos(theta), -np.sin(theta), np.sin(theta), np.cos(theta))


def _matrix(*entries: ArrayLike) -> Complex:
    """Assemble a 2 × 2 matrix from its four entries, row by row."""
    flat = _vector(*entries)
    return flat.reshape(*flat.shape[:-1], 2, 2)


def _vector(*entries: ArrayLike) -> Complex:
    return np.stack(np.broadcast_arrays(*entries), axis=-1).astype(np.complex128)


def _apply(matrix: Complex, vector: Complex) -> Complex:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _power(row: Complex, response: Complex) -> Real:
    """Spectral density, in units of one vacuum input's, of row · response · input."""
    return np.asarray(np.sum(np.abs(row[..., None, :] @ response) ** 2, axis=(-2, -1)))
