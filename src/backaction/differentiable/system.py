"""The matrices of a linear system and of what is recorded of it, as JAX arrays with names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from backaction.gaussian import LinearSystem
from backaction.gaussian.arrays import symmetrised, transpose
from backaction.gaussian.errors import unknown_name
from backaction.gaussian.measurement import Measurement, Recording, recorded
from backaction.gaussian.names import quadratures

from .double import JaxArray, jax_module

__all__ = ["ARRAYS", "Matrices", "Measurement", "record_model", "recording"]

ARRAYS = ("drift", "input_matrix", "output_matrix", "feedthrough", "noise", "rows", "added_noise")
"""The fields that are arrays; the others are names."""


@dataclass(frozen=True, eq=False)
class Matrices:
    """A linear system and its detectors, as JAX sees them: a `LinearSystem` without its checks.

    dx = A x dt + B dw, dy = C x dt + D dw, ½⟨{dw, dwᵀ}⟩ = N dt, and the records dr = G dy + dv. JAX takes it apart and
    puts it together (it is a pytree), so it is a good argument of `jit`, `grad` and `vmap`.

    Parameters
    ----------
    drift, input_matrix, output_matrix, feedthrough, noise : array
        A, B, C, D, N, as in `backaction.gaussian.LinearSystem`, shapes (…, 2n, 2n), (…, 2n, 2m), ….
    rows : array, shape (…, k, 2p)
        G: which quadratures of the outputs are recorded, with √efficiency. k = 0 without a detector.
    added_noise : array, shape (…, k, k)
        PSD of the vacuum dv that is recorded with them.
    modes, inputs, outputs : tuple of str
    records : tuple of str
        The port of each record; a heterodyne detector makes two.
    """

    drift: JaxArray
    input_matrix: JaxArray
    output_matrix: JaxArray
    feedthrough: JaxArray
    noise: JaxArray
    rows: JaxArray
    added_noise: JaxArray
    modes: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    records: tuple[str, ...]

    def __post_init__(self) -> None:
        _register()

    @property
    def diffusion(self) -> JaxArray:
        """B N Bᵀ, shape (…, 2n, 2n)."""
        return symmetrised(self.input_matrix @ self.noise @ transpose(self.input_matrix))

    def block(self, covariance: JaxArray, *modes: str) -> JaxArray:
        """The covariance of the named modes, in the order given, shape (…, 2k, 2k).

        Raises
        ------
        InvalidInput
            An unknown mode, or one that is named twice.
        """
        chosen = quadratures(modes, self.modes)
        return covariance[..., chosen[:, None], chosen]

    @property
    def linear(self) -> LinearSystem:
        """The same for the core; the numbers have to be at hand."""
        drift, drive, seen, through, noise = (np.asarray(getattr(self, name)) for name in ARRAYS[:5])
        names = {"modes": self.modes, "inputs": self.inputs, "outputs": self.outputs, "classical": self.inputs}
        return LinearSystem(drift, drive, seen, through, noise, **names)

    def record(self, port: str) -> int:
        """The number of a port's record: of a heterodyne detector's two, that at its angle.

        Raises
        ------
        InvalidInput
            No detector is at that port.
        """
        if port not in self.records:
            raise unknown_name(port, dict.fromkeys(self.records), "recorded port")
        return self.records.index(port)


def record_model(system: Matrices) -> Measurement:
    """H (…, k, 2n), R (…, k, k) and Σ (…, 2n, k) of a system's records."""
    return recorded(recording(system))


def recording(system: Matrices) -> Recording:
    """What the records are made of."""
    return Recording(
        system.rows,
        system.output_matrix,
        system.feedthrough,
        system.added_noise,
        system.input_matrix,
        system.noise,
    )


@cache
def _register() -> None:
    """Tell JAX, once, which fields are arrays and which are names."""
    names = [name for name in Matrices.__dataclass_fields__ if name not in ARRAYS]
    jax_module().tree_util.register_dataclass(Matrices, data_fields=list(ARRAYS), meta_fields=names)
