"""Quantum stochastic systems in ladder operators: H, L, and the light from one system to the next.

A second road to every network, beside the matrices A, B, C, D of `backaction.gaussian`: each component is written down
as its Hamiltonian H and the operators L by which it couples to light, in terms of a and a† (`backaction.fock.words`).
The light of a beam at a place is b = Σ U_j v_j + W_j v_j†, in terms of independent vacua v_j: a loss, a squeezer or
classical noise only change U and W. A component that meets this light couples to each vacuum by

    H_int = i(b†L − L†b) = i Σ_j (v_j† c_j − c_j† v_j),      c_j = U_j* L − W_j L†,

and being after the others (whose c_j act first) adds H = (1/2i) Σ_j (c_j† c_j,before − h.c.): the series product of
Gough & James, Commun. Math. Phys. 287, 1109 (2009), with the squeezing components of Gough, James & Nurdin, Phys. Rev.
A 81, 023804 (2010). Each loss, each second mirror, each bath is a channel of its own.

**Input noise.** Vacuum, squeezed light (a squeezer acts on the vacua), thermal light and modulation: classical noise of
PSD S in a quadrature is that quadrature displaced by √(2S) x_v of one more vacuum, whose other quadrature nobody sees.
So all Gaussian white noise is covered, and each network has a master equation of Lindblad form. What is not: brownian
damping, which has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import Heterodyne, Homodyne

from .basis import ComplexArray, adjoint

__all__ = ["MasterEquation", "Monitored", "monitored"]


@dataclass(eq=False)
class MasterEquation:
    """dρ/dt = −i[H, ρ] + Σ (cρc† − ½{c†c, ρ}) of a network, its operators in terms of ladder operators.

    Parameters
    ----------
    modes : tuple of str
    hamiltonian : array, shape (2n, 2n)
        Coefficients of products of two ladder operators (see `backaction.fock.basis`), rad/s.
    channels : dict of str to array, shape (2n,)
        c of each vacuum and each bath, by name, √(rad/s).
    outputs : dict of str to tuple of dict
        (U, W) of every output, by the names of its vacua.
    """

    modes: tuple[str, ...]
    hamiltonian: ComplexArray
    channels: dict[str, ComplexArray] = field(default_factory=dict)
    outputs: dict[str, tuple[dict[str, complex], dict[str, complex]]] = field(default_factory=dict)

    @property
    def rates(self) -> ComplexArray:
        """Σ_j c_j c_j†, the (2n, 2n) matrix of the dissipator in the ladder operators."""
        rows = np.array(list(self.channels.values()), dtype=np.complex128).reshape(-1, 2 * len(self.modes))
        return rows.T @ rows.conj()

    def lowering(self, mode: str) -> ComplexArray:
        """Coefficients of a of one mode."""
        unit: ComplexArray = np.zeros(2 * len(self.modes), dtype=np.complex128)
        unit[self.modes.index(mode)] = 1
        return unit

    # -------------------------------------------------------------- light

    def vacuum(self, name: str) -> None:
        """One more vacuum, to which nothing couples yet."""
        self.channels[name] = np.zeros(2 * len(self.modes), dtype=np.complex128)

    def bogoliubov(self, port: str, amplitude: complex, conjugate: complex) -> None:
        """Light b → amplitude·b + conjugate·b†."""
        u, w = self.outputs[port]
        self.outputs[port] = (
            {name: amplitude * u[name] + conjugate * np.conj(w[name]) for name in u},
            {name: amplitude * w[name] + conjugate * np.conj(u[name]) for name in u},
        )

    def add(self, port: str, vacuum: str, amplitude: complex, conjugate: complex = 0.0) -> None:
        """Add amplitude·v + conjugate·v† of another vacuum to the light."""
        u, w = self.outputs[port]
        self.outputs[port] = (u | {vacuum: u.get(vacuum, 0) + amplitude}, w | {vacuum: w.get(vacuum, 0) + conjugate})

    def couple(self, ports: dict[str, ComplexArray]) -> None:
        """A component couples to the light of some ports by its operators L, after all that came before."""
        own: dict[str, ComplexArray] = {}
        for port, operator in ports.items():
            u, w = self.outputs[port]
            for name in u:
                part = np.conj(u[name]) * operator - w[name] * adjoint(operator)
                own[name] = own.get(name, np.zeros_like(operator)) + part
        for name, operator in own.items():
            before = self.channels[name]
            self.hamiltonian += (np.outer(adjoint(operator), before) - np.outer(adjoint(before), operator)) / 2j
            self.channels[name] = before + operator

    def quadratic(self, left: ComplexArray, right: ComplexArray, factor: complex = 1.0) -> None:
        """Add factor·left·right to the Hamiltonian."""
        self.hamiltonian += factor * np.outer(left, right)

    def bath(self, mode: str, rate: float, occupation: float, name: str) -> None:
        """A thermal bath in the rotating-wave form: √(γ(n+1)) a and √(γn) a†."""
        a = self.lowering(mode)
        self.channels[f"{name}, emission"] = np.sqrt(rate * (occupation + 1)) * a
        self.channels[f"{name}, absorption"] = np.sqrt(rate * occupation) * adjoint(a)


@dataclass(frozen=True, eq=False)
class Monitored:
    """What detectors see: operators c whose x quadratures are recorded, with white noise R between the records.

    dr_k = ⟨c_k + c_k†⟩ dt/√2 + noise of PSD R; whitened, √2 R^{-1/2} dr is a record with the operators of `whitened`.
    """

    operators: ComplexArray
    noise: NDArray[np.float64]

    @property
    def whitened(self) -> ComplexArray:
        """c′ of independent unit records dY = ⟨c′ + c′†⟩ dt + dW, shape (k, 2n)."""
        values, vectors = np.linalg.eigh(2 * self.noise)
        root = vectors / np.sqrt(values) @ vectors.T
        return np.asarray(root @ self.operators)


def monitored(equation: MasterEquation, detectors: Sequence[Homodyne | Heterodyne]) -> Monitored:
    """The operators that detectors record.

    Homodyne detection of √η q_θ + √(1−η) v with q_θ = (e^{−iθ} b + h.c.)/√2 of the light b = Σ U v + W v†: the record
    is the x quadrature of e·v, e_j = √η (e^{−iθ} U_j + e^{iθ} W_j*), and its signal that of Σ e_j c_j.
    """
    names = list(equation.channels)
    channels = np.array(list(equation.channels.values())).reshape(len(names), -1)
    rows, ends = [], []
    for detector in detectors:
        u, w = equation.outputs[detector.port]
        heterodyne = isinstance(detector, Heterodyne)
        share = float(np.asarray(detector.efficiency)) / (2 if heterodyne else 1)
        for angle in (float(np.asarray(detector.angle)), float(np.asarray(detector.angle)) + np.pi / 2)[
            : 2 if heterodyne else 1
        ]:
            turn = np.exp(-1j * angle)
            rows.append([np.sqrt(share) * (turn * u.get(n, 0) + np.conj(turn * w.get(n, 0))) for n in names])
            ends.append((1 - share) / 2)
    vectors = np.array(rows, dtype=np.complex128).reshape(-1, len(names))
    noise = (vectors @ vectors.conj().T).real / 2 + np.diag(ends)
    return Monitored(vectors @ channels, noise)
