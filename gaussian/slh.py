"""Linear systems from a Hamiltonian and coupling operators (the SLH picture).

With H = ½ xᵀRx, couplings L = Λx and a scattering matrix S, the input-output relation is a_out = S a_in + L, and in
quadratures (Gough & James, Commun. Math. Phys. 287, 1109 (2009); James, Nurdin & Petersen, IEEE Trans.
Autom. Control 53, 1787 (2008))

    C = √2 (Re Λ; Im Λ),   D = S as a real matrix,   B = Ω Cᵀ Ω D,   A = ΩR + ½ Ω Cᵀ Ω C.

Every commutator is preserved by construction, for any R and Λ: that is why damping, cavities and losses are built
this way, and a phenomenological damping is added in sight (`with_brownian_damping`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, block_matrix, common_batch, frozen, sealed, stack_matrix, symmetrised, transpose
from .errors import InvalidInput
from .names import as_names, default_names, quadratures
from .symplectic import symplectic_form
from .system import LinearSystem

__all__ = ["from_hamiltonian", "with_brownian_damping"]


def from_hamiltonian(
    hamiltonian: ArrayLike,
    couplings: ArrayLike,
    scattering: ArrayLike | None = None,
    noise: ArrayLike | None = None,
    modes: Sequence[str] | None = None,
    ports: Sequence[str] | None = None,
) -> LinearSystem:
    """Build a linear system from H = ½ xᵀRx, L = Λx and S.

    Parameters
    ----------
    hamiltonian : array_like, shape (…, 2n, 2n)
        R, symmetric, in rad/s.
    couplings : array_like, complex, shape (…, m, 2n)
        Λ: the row of a port holds the coefficients of its operator L in x1, p1, …, in √(rad/s). A decay √κ a has
        the row √(κ/2) (1, i).
    scattering : array_like, complex, shape (…, m, m), optional
        S, unitary; default 1. The cavity convention out = √κ a − in is S = −1.
    noise : array_like, shape (…, 2m, 2m), optional
        Symmetrised PSD of the inputs; default vacuum.
    modes, ports : sequence of str, optional
        Names; a port's input and output have the same name. Default mode0, … and port0, ….

    Raises
    ------
    InvalidInput
        R not symmetric, S not unitary, or shapes that do not fit.

    Examples
    --------
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], scattering=[[-1]], modes=["cavity"])
    >>> cavity.drift
    array([[-1.,  0.],
           [ 0., -1.]])
    """
    r = frozen(hamiltonian, "the Hamiltonian matrix R")
    coefficients = _complex(couplings, "the couplings Λ")
    if r.ndim < 2 or r.shape[-1] != r.shape[-2] or r.shape[-1] % 2 or coefficients.ndim < 2:
        raise InvalidInput(
            f"R needs the shape (…, 2n, 2n) and Λ (…, ports, 2n); got {r.shape} and {coefficients.shape}"
        )
    if coefficients.shape[-1] != r.shape[-1]:
        raise InvalidInput(f"Λ has {coefficients.shape[-1]} columns, but R describes {r.shape[-1]} quadratures")
    if (r != transpose(r)).any():
        raise InvalidInput("R must be symmetric: H = ½ xᵀRx only sees its symmetric part; give (R + Rᵀ)/2")
    through = _scattering(scattering, coefficients.shape[-2])
    common_batch({"R": r.shape[:-2], "Λ": coefficients.shape[:-2], "S": through.shape[:-2]})
    output_matrix = np.sqrt(2) * _interleaved(coefficients.real, coefficients.imag)
    form, port_form = symplectic_form(r.shape[-1] // 2), symplectic_form(coefficients.shape[-2])
    names = default_names(coefficients.shape[-2], "port") if ports is None else as_names(ports, "port")
    back = form @ transpose(output_matrix) @ port_form
    return LinearSystem(
        sealed(form @ r + back @ output_matrix / 2),
        sealed(back @ through),
        sealed(output_matrix),
        through,
        noise,
        modes,
        names,
        names,
    )


def with_brownian_damping(
    system: LinearSystem, mode: str, rate: ArrayLike, occupation: ArrayLike, port: str
) -> LinearSystem:
    """Add momentum-only damping to one mode: dP ∋ −γP + √(2γ) ξ, PSD of ξ n + ½, at a new input.

    The usual model of mechanical (and spin) damping at high Q. It is phenomenological: commutators are preserved, and
    the state is positive, only up to terms of order γ/Ω (`commutator_defect`, `positivity_defect`).

    Parameters
    ----------
    system : LinearSystem
    mode : str
    rate : array_like, shape (…)
        γ ≥ 0, energy damping rate in rad/s.
    occupation : array_like, shape (…)
        n ≥ 0 of the bath.
    port : str
        Name of the new input; its ξ is the p quadrature.
    """
    gamma, n = frozen(rate, "the damping rate"), frozen(occupation, "the occupation of the bath")
    for value, what in ((gamma, "a damping rate"), (n, "the occupation of a bath")):
        if (value < 0).any():
            raise InvalidInput(f"{what} is ≥ 0, got {value.min()}")
    common_batch({"system": system.batch_shape, "rate": gamma.shape, "occupation": n.shape})
    momentum = int(quadratures(mode, system.modes)[1])
    size = 2 * len(system.modes)
    place = np.zeros((size, size))
    place[momentum, momentum] = 1.0
    column = np.zeros((size, 2))
    column[momentum, 1] = 1.0
    width = 2 * len(system.inputs)
    bath = stack_matrix([[n + 0.5, 0.0], [0.0, n + 0.5]])
    return LinearSystem(
        sealed(system.drift - gamma[..., None, None] * place),
        block_matrix([[system.input_matrix, np.sqrt(2 * gamma)[..., None, None] * column]]),
        system.output_matrix,
        block_matrix([[system.feedthrough, np.zeros((system.feedthrough.shape[-2], 2))]]),
        sealed(symmetrised(block_matrix([[system.noise, np.zeros((width, 2))], [np.zeros((2, width)), bath]]))),
        system.modes,
        (*system.inputs, port),
        system.outputs,
        system.classical,
    )


def _complex(values: ArrayLike, what: str) -> NDArray[np.complex128]:
    try:
        array = np.asarray(values, dtype=np.complex128)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{what} must be an array of numbers: {error}") from None
    if not np.isfinite(array).all():
        raise InvalidInput(f"{what} have an entry that is not finite; a model with such coefficients has no solution")
    return array


def _interleaved(first: FloatArray, second: FloatArray) -> FloatArray:
    rows = np.stack([first, second], axis=-2)
    return rows.reshape(*rows.shape[:-3], 2 * first.shape[-2], first.shape[-1])


def _scattering(scattering: ArrayLike | None, ports: int) -> FloatArray:
    if scattering is None:
        return np.eye(2 * ports)
    s = _complex(scattering, "the scattering matrix S")
    if s.shape[-2:] != (ports, ports):
        raise InvalidInput(f"the scattering matrix of {ports} ports has shape (…, {ports}, {ports}), got {s.shape}")
    defect = np.abs(s @ np.conj(transpose(s)) - np.eye(ports)).max(initial=0.0)
    if defect > 1e-12:  # rounding of a unitary that was computed in double precision
        raise InvalidInput(f"the scattering matrix must be unitary, but |S S† − 1| reaches {defect:.3g}")
    # out[2i+a, 2j+b] = M_ab(s_ij) with M = [[re, −im], [im, re]]
    rows = [np.stack([s.real, -s.imag], axis=-1), np.stack([s.imag, s.real], axis=-1)]
    return np.stack(rows, axis=-3).reshape(*s.shape[:-2], 2 * ports, 2 * ports)
