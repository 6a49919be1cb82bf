"""Linear quantum systems: quantum Langevin equations in quadratures, with names.

    dx = A x dt + B dw,      dy = C x dt + D dw,      ½⟨{dw, dwᵀ}⟩ = N dt.

x holds the quadratures of the modes, w those of the input fields, y those of the output fields; N is the symmetrised
power spectral density of the inputs (vacuum: ½).  A system without modes is a static element (a loss, a rotation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, common_batch, frozen, symmetrised, transpose
from .errors import InvalidInput, Unphysical
from .names import as_names, default_names, quadratures
from .symplectic import symplectic_form

__all__ = ["LinearSystem", "commutator_defect", "vacuum_noise"]

NOISE_TOLERANCE = 1e-12
"""Relative rounding that the positivity of an input noise matrix is granted."""


@dataclass(frozen=True, eq=False)
class LinearSystem:
    """A linear quantum system, or a batch of them: A, B, C, D, N with names of modes, inputs and outputs.

    Parameters
    ----------
    drift : array_like, shape (…, 2n, 2n)
        A, in rad/s.
    input_matrix : array_like, shape (…, 2n, 2m)
        B, in √(rad/s).
    output_matrix : array_like, shape (…, 2p, 2n)
        C, in √(rad/s).
    feedthrough : array_like, shape (…, 2p, 2m)
        D, dimensionless.
    noise : array_like, shape (…, 2m, 2m), optional
        N, symmetrised PSD of the inputs; default vacuum, ½ on the diagonal.
    modes, inputs, outputs : sequence of str, optional
        Names; each mode and each port has an x and a p.
    classical : sequence of str, optional
        Inputs that are classical noise (a modulation): no vacuum, no commutator; their N only has to be positive.

    Raises
    ------
    InvalidInput
        Shapes, names or entries that do not fit together.
    Unphysical
        N violates the uncertainty principle of the (quantum) inputs; the text has the eigenvalue.

    Examples
    --------
    A cavity of linewidth κ = 2 driven through one port, out = √κ a − in:

    >>> import numpy as np
    >>> from backaction.gaussian import steady_state
    >>> identity, coupling = np.eye(2), np.sqrt(2) * np.eye(2)
    >>> cavity = LinearSystem(-identity, coupling, coupling, -identity, modes=["cavity"])
    >>> steady_state(cavity).covariance.diagonal()
    array([0.5, 0.5])
    """

    drift: FloatArray
    input_matrix: FloatArray
    output_matrix: FloatArray
    feedthrough: FloatArray
    noise: FloatArray
    modes: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    classical: tuple[str, ...] = ()

    def __init__(
        self,
        drift: ArrayLike,
        input_matrix: ArrayLike,
        output_matrix: ArrayLike,
        feedthrough: ArrayLike,
        noise: ArrayLike | None = None,
        modes: Sequence[str] | None = None,
        inputs: Sequence[str] | None = None,
        outputs: Sequence[str] | None = None,
        classical: Sequence[str] = (),
    ) -> None:
        matrices = {
            "drift": frozen(drift, "the drift matrix"),
            "input_matrix": frozen(input_matrix, "the input matrix"),
            "output_matrix": frozen(output_matrix, "the output matrix"),
            "feedthrough": frozen(feedthrough, "the feedthrough matrix"),
        }
        ports = matrices["feedthrough"].shape[-1]
        matrices["noise"] = frozen(vacuum_noise(ports // 2) if noise is None else noise, "the input noise")
        _check_shapes(matrices)
        sizes = {
            "modes": matrices["drift"].shape[-1] // 2,
            "inputs": ports // 2,
            "outputs": matrices["feedthrough"].shape[-2] // 2,
        }
        names = {"modes": modes, "inputs": inputs, "outputs": outputs}
        for field, matrix in matrices.items():
            object.__setattr__(self, field, matrix)
        for field, given in names.items():
            object.__setattr__(self, field, _checked_names(given, sizes[field], field[:-1]))
        object.__setattr__(self, "classical", as_names(classical, "classical input"))
        if self.classical:
            quadratures(self.classical, self.inputs, "input")
        _check_noise(self)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the leading dimensions."""
        shapes = {matrix.shape[:-2] for matrix in self._matrices()}
        return shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)

    @property
    def diffusion(self) -> FloatArray:
        """B N Bᵀ, the rate at which the noise feeds the covariance, shape (…, 2n, 2n)."""
        driven: FloatArray = self.input_matrix @ self.noise @ transpose(self.input_matrix)
        return symmetrised(driven)

    def renamed(
        self,
        modes: Mapping[str, str] | None = None,
        inputs: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
    ) -> LinearSystem:
        """The same system under other names: old → new, for those that change."""
        new = {}
        for field, changes in (("modes", modes), ("inputs", inputs), ("outputs", outputs)):
            known = getattr(self, field)
            quadratures(tuple(changes or ()), known, field[:-1])
            new[field] = tuple((changes or {}).get(name, name) for name in known)
        classical = tuple((inputs or {}).get(name, name) for name in self.classical)
        return self._changed(**new, classical=classical)

    def with_outputs(self, outputs: str | Sequence[str]) -> LinearSystem:
        """Keep only the named outputs, in the order given; the others are lost unobserved."""
        rows = quadratures(outputs, self.outputs, "output")
        names = (outputs,) if isinstance(outputs, str) else tuple(outputs)
        return self._changed(
            output_matrix=self.output_matrix[..., rows, :],
            feedthrough=self.feedthrough[..., rows, :],
            outputs=names,
        )

    def with_noise(self, port: str, noise: ArrayLike) -> LinearSystem:
        """The same system with another PSD at one input: a (…, 2, 2) matrix, or one number for x and p.

        A batch of numbers is given as matrices, `psd[..., None, None] * np.eye(2)`, so that no shape has two meanings.
        """
        rows = quadratures(port, self.inputs, "input")
        block = frozen(noise, f"the noise at {port!r}")
        block = block * np.eye(2) if block.ndim == 0 else block
        if len(rows) != 2 or block.shape[-2:] != (2, 2):
            raise InvalidInput(
                f"the noise of one input is a number or an array of shape (…, 2, 2), got {block.shape} for {port!r}; "
                "multiply a batch of numbers by the identity, psd[..., None, None] * np.eye(2)"
            )
        common_batch({"system": self.batch_shape, "noise": block.shape[:-2]})
        batch = np.broadcast_shapes(self.noise.shape[:-2], block.shape[:-2])
        changed = np.broadcast_to(self.noise, batch + self.noise.shape[-2:]).copy()
        changed[..., rows[:, None], rows] = block
        return self._changed(noise=changed)

    def _changed(self, **changes: Any) -> LinearSystem:
        return LinearSystem(**{field.name: getattr(self, field.name) for field in fields(self)} | changes)

    def _matrices(self) -> tuple[FloatArray, ...]:
        return self.drift, self.input_matrix, self.output_matrix, self.feedthrough, self.noise


def vacuum_noise(ports: int) -> FloatArray:
    """PSD of `ports` vacuum fields, ½ on the diagonal, shape (2 ports, 2 ports)."""
    return np.eye(2 * ports) / 2


def commutator_defect(system: LinearSystem) -> FloatArray:
    """How far the model is from preserving commutators, dimensionless, shape (…).

    The largest entry of AΩ + ΩAᵀ + BΩBᵀ relative to that of A, of BΩDᵀ + ΩCᵀ relative to that of B and of DΩDᵀ − Ω
    (James, Nurdin & Petersen, IEEE Trans. Autom. Control 53, 1787 (2008), Eqs. (21)-(23); there for square D).
    Zero, to rounding, for every model built from a Hamiltonian and couplings; of order γ/Ω for brownian damping.
    Classical inputs have no commutator and do not count.

    Examples
    --------
    >>> damped = LinearSystem([[0, 1], [-1, -0.1]], np.zeros((2, 0)), np.zeros((0, 2)), np.zeros((0, 0)))
    >>> float(commutator_defect(damped))
    0.1
    """
    form = symplectic_form(len(system.modes))
    port_form = symplectic_form(len(system.inputs)).copy()
    if system.classical:
        silent = quadratures(system.classical, system.inputs, "input")
        port_form[silent] = 0.0
    drive, through = system.input_matrix, system.feedthrough
    inside = system.drift @ form + form @ transpose(system.drift) + drive @ port_form @ transpose(drive)
    across = drive @ port_form @ transpose(through) + form @ transpose(system.output_matrix)
    outside = through @ port_form @ transpose(through) - symplectic_form(len(system.outputs))
    parts = [(inside, _largest(system.drift)), (across, _largest(drive)), (outside, np.ones(()))]
    relative = [_largest(residual) / np.where(scale > 0, scale, 1.0) for residual, scale in parts]
    defect: FloatArray = np.maximum(np.maximum(relative[0], relative[1]), relative[2])
    return defect


def _largest(matrix: FloatArray) -> FloatArray:
    largest: FloatArray = np.abs(matrix).max(axis=(-2, -1), initial=0.0)
    return largest


def _check_shapes(matrices: Mapping[str, FloatArray]) -> None:
    shapes = {name: matrix.shape for name, matrix in matrices.items()}
    rule = "A (…,2n,2n), B (…,2n,2m), C (…,2p,2n), D (…,2p,2m), N (…,2m,2m)"
    if any(len(shape) < 2 for shape in shapes.values()):
        raise InvalidInput(f"a linear system needs matrices {rule}; got the shapes {shapes}")
    n, m, p = shapes["drift"][-1], shapes["feedthrough"][-1], shapes["feedthrough"][-2]
    wanted = {
        "drift": (n, n),
        "input_matrix": (n, m),
        "output_matrix": (p, n),
        "feedthrough": (p, m),
        "noise": (m, m),
    }
    if any(shapes[name][-2:] != shape for name, shape in wanted.items()) or n % 2 or m % 2 or p % 2:
        raise InvalidInput(f"a linear system needs matrices {rule}; got the shapes {shapes}")
    common_batch({name: shape[:-2] for name, shape in shapes.items()})


def _checked_names(given: Sequence[str] | None, size: int, kind: str) -> tuple[str, ...]:
    names = default_names(size, kind) if given is None else as_names(given, kind)
    if len(names) != size:
        raise InvalidInput(f"the matrices have {size} {kind}s, but {len(names)} names were given: {names}")
    return names


def _check_noise(system: LinearSystem) -> None:
    noise = system.noise
    if (_largest(noise - transpose(noise)) > NOISE_TOLERANCE * _largest(noise)).any():
        raise InvalidInput("the input noise matrix N must be symmetric")
    form = symplectic_form(len(system.inputs)).copy()
    if system.classical:
        silent = quadratures(system.classical, system.inputs, "input")
        form = form.copy()
        form[silent] = 0.0
    if not noise.size:
        return
    diagonal = np.diagonal(noise, axis1=-2, axis2=-1)
    if (noise == diagonal[..., None] * np.eye(noise.shape[-1])).all():
        # The usual case, without an eigenvalue problem: N_xx N_pp ≥ ¼ port by port.
        quantum = np.abs(form).sum(axis=-1)[0::2] / 4
        product = diagonal[..., 0::2] * diagonal[..., 1::2]
        fine = (diagonal >= 0).all() and (product >= quantum * (1 - 4 * NOISE_TOLERANCE)).all()
        if fine:
            return
    eigenvalues = np.linalg.eigvalsh(noise + 0.5j * form)[..., 0]
    violated = eigenvalues < -NOISE_TOLERANCE * _largest(noise)
    if violated.any():
        smallest = float(eigenvalues[violated].min())
        raise Unphysical(
            f"the input noise violates the uncertainty principle: N + iΩ/2 has the eigenvalue {smallest:.6g}. "
            "N is the symmetrised PSD with ½ for the vacuum; name classical inputs in `classical`",
            smallest,
        )
