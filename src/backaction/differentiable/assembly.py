"""From a network's parameters to JAX's matrices, and the derivatives of these.

The components are NumPy's: one source of the physics, whoever asks. They are evaluated in batches, and the matrices are
handed to JAX; their derivatives with respect to parameters come from `stencil`, exact to about 1e-13. There is no call
from JAX back to Python, which can wait for itself for ever on a busy machine.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from backaction.experiment import DetectorSpec
from backaction.gaussian import InvalidInput, record_model
from backaction.gaussian.arrays import FloatArray, block_matrix, common_batch, frozen
from backaction.gaussian.names import quadratures
from backaction.specs import tables, with_values
from backaction.systems import Network
from backaction.systems.component import Component
from backaction.systems.grammar import Quantity, Range, Unit, quantities
from backaction.systems.grammar.addresses import detector_number, look_up, split_address

from .double import in_double, jax_numpy
from .stencil import derivatives
from .system import ARRAYS, Matrices

__all__ = ["Arrangement", "Parameters", "arranged", "matrices"]

Parameters = Sequence[str] | Mapping[str, ArrayLike]
"""Addresses of parameters, at the values that the network has; or a mapping from addresses to values."""


@in_double
def matrices(
    network: Network | Component,
    parameters: Mapping[str, ArrayLike] | None = None,
    detectors: Sequence[DetectorSpec] = (),
) -> Matrices:
    """The matrices of a network and its detectors as JAX arrays.

    To be called with numbers, not inside a function that JAX traces: `value_and_gradient` gives derivatives with
    respect to parameters.

    Parameters
    ----------
    network : Network or Component
    parameters : mapping, optional
        Values that differ from the network's, by address: "membrane.detuning", "detector.0.angle". Arrays make a batch.
    detectors : sequence of DetectorSpec, Homodyne or Heterodyne

    Raises
    ------
    InvalidInput
        Unknown addresses, values out of range, JAX missing or set to 32 bits.

    Examples
    --------
    >>> from backaction.differentiable import double_precision
    >>> from backaction.systems import Loss
    >>> with double_precision():
    ...     system = matrices(Loss(efficiency=0.5), {"loss.efficiency": [0.36, 1.0]}, [DetectorSpec(angle=0.0)])
    >>> np.asarray(system.feedthrough)[:, 0, 0], system.inputs, system.records
    (array([0.6, 1. ]), ('input', 'loss'), ('out',))
    """
    return arranged(network, parameters or {}, detectors).matrices()


@dataclasses.dataclass(frozen=True, eq=False)
class Arrangement:
    """A network, its detectors and the parameters that are varied; their values are arrays of one shape, the batch."""

    network: Network
    detectors: tuple[DetectorSpec, ...]
    values: Mapping[str, FloatArray]

    @cached_property
    def here(self) -> tuple[Network, list[DetectorSpec]]:
        """The network and the detectors at the values."""
        return self.at(self.values)

    def at(self, values: Mapping[str, FloatArray]) -> tuple[Network, list[DetectorSpec]]:
        """The network and the detectors at other values."""
        return with_values(self.network, self.detectors, values)

    def matrices(self) -> Matrices:
        """The matrices at the values, as JAX arrays with the full batch."""
        jnp = jax_numpy()
        network, specs = self.here
        system, detectors = network.system, [spec.detector(network) for spec in specs]
        if detectors:
            record_model(system, detectors)  # refuses two detectors at one port
        records = tuple(d.port for d in detectors for _ in range(d.rows.shape[-2]))
        arrays = {name: jnp.asarray(array) for name, array in _arrays(network, specs, self.values).items()}
        return Matrices(**arrays, modes=system.modes, inputs=system.inputs, outputs=system.outputs, records=records)

    def derivatives(self) -> dict[str, dict[str, FloatArray]]:
        """∂(array)/∂(parameter): by address, then by field of `Matrices`, shape (batch…, rows, columns)."""
        reaches = {address: self._reach(address, value) for address, value in self.values.items()}
        return derivatives(lambda values: _arrays(*self.at(values), values), self.values, reaches)

    def _reach(self, address: str, value: FloatArray) -> FloatArray:
        network, specs = self.here
        table, key = split_address(address)
        number = detector_number(table)
        part = network.component(table) if number is None else specs[number]
        reach = np.broadcast_to(_reach(part, key, value), value.shape)
        if not (reach > 0).all():
            raise InvalidInput(
                f"{address} is at the border of its range ({value.ravel()[int(np.argmin(reach))]:.6g}), where the "
                "matrices have no derivative (√Γ at Γ = 0, √(1 − η) at η = 1); move it inside"
            )
        return reach


def arranged(network: Network | Component, parameters: Parameters, detectors: Sequence[DetectorSpec]) -> Arrangement:
    """Look the parameters up, and give all of them the shape of one batch.

    Raises
    ------
    InvalidInput
        An unknown address, a parameter that is no number or has no value.
    """
    whole = network if isinstance(network, Network) else Network((network,))
    specs = tuple(map(DetectorSpec.of, detectors))
    if isinstance(parameters, str):
        raise InvalidInput(f"parameters are a list of addresses or a mapping from them to values, got {parameters!r}")
    given = dict(parameters) if isinstance(parameters, Mapping) else {p: _value(whole, specs, p) for p in parameters}
    values = {address: frozen(value, address) for address, value in given.items()}
    batch = common_batch({address: value.shape for address, value in values.items()})
    values = {address: np.broadcast_to(value, batch) for address, value in values.items()}
    arrangement = Arrangement(whole, specs, values)
    for address in values:
        look_up(address, tables(whole, specs), half_widths=False)
    _ = arrangement.here  # tells what is wrong with a value
    return arrangement


def _arrays(network: Network, specs: Sequence[DetectorSpec], values: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The arrays of `Matrices`, broadcast to one batch."""
    system = network.system
    width = 2 * len(system.outputs)
    rows, added = [np.zeros((0, width))], [np.zeros((0, 0))]
    for spec in specs:
        detector = spec.detector(network)
        placed = np.zeros((*detector.rows.shape[:-1], width))
        placed[..., quadratures(detector.port, system.outputs, "output")] = detector.rows
        rows.append(placed)
        added.append(detector.added_noise)
    plain = [system.drift, system.input_matrix, system.output_matrix, system.feedthrough, system.noise]
    arrays = dict(zip(ARRAYS, [*plain, block_matrix([[row] for row in rows]), _diagonal(added)], strict=True))
    shapes = {name: array.shape[:-2] for name, array in arrays.items()}
    batch = common_batch(shapes | {name: value.shape for name, value in values.items()})
    return {name: np.broadcast_to(array, batch + array.shape[-2:]) for name, array in arrays.items()}


def _value(network: Network, specs: Sequence[DetectorSpec], address: str) -> ArrayLike:
    table, key = look_up(address, tables(network, specs), half_widths=False)
    number = detector_number(table)
    if number is not None:
        value: ArrayLike = getattr(specs[number], key.field)
        return value
    known = network.parameters
    if address not in known:
        raise InvalidInput(
            f"{address} has no value in this network, which has been given an alternative; give the value with it, "
            f"{{{address!r}: …}}"
        )
    found: ArrayLike = known[address]
    return found


def _reach(part: Component | DetectorSpec, key: str, value: FloatArray) -> FloatArray:
    """How far a parameter may move while the matrices stay analytic functions of it."""
    kind: Quantity = quantities(type(part))[key]
    size = np.abs(value)
    if kind.range is Range.FRACTION:
        return np.minimum(value, 1 - value)
    if kind.range is not Range.ANY:
        return size
    if kind.unit is not Unit.FREQUENCY:  # an angle in rad, or ζ: both have the natural unit 1
        return np.maximum(size, 1.0)
    # the intracavity phase arctan(2Δ/κ) has a branch point at Δ = ±iκ/2
    return np.maximum(size, np.asarray(getattr(part, "cavity_linewidth", 0.0)) / 2)


def _diagonal(blocks: Sequence[FloatArray]) -> FloatArray:
    return block_matrix(
        [
            [block if i == j else np.zeros((block.shape[-2], other.shape[-1])) for j, other in enumerate(blocks)]
            for i, block in enumerate(blocks)
        ]
    )
