"""Composition: systems side by side, one after the other, and in loops.

Every internal name stays addressable: the noise of the second loss is still called that in the budget of the whole.
`series` is what light does in a beam; `concatenate` and `feedback` build every other network.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, block_matrix, common_batch
from .errors import InvalidInput
from .names import quadratures
from .system import LinearSystem

__all__ = ["concatenate", "feedback", "series"]

LOOP_CONDITION = 1e12
"""Largest condition number of 1 − K D accepted for an algebraic loop; beyond it four digits are left at best."""


def concatenate(first: LinearSystem, second: LinearSystem) -> LinearSystem:
    """Put two systems side by side, without any connection.

    Raises
    ------
    InvalidInput
        A mode, input or output has the same name in both; use `renamed` first.
    """
    common_batch({"first system": first.batch_shape, "second system": second.batch_shape})
    _require_distinct(first, second, first.inputs, second.inputs, first.outputs, second.outputs)
    return LinearSystem(
        _direct_sum(first.drift, second.drift),
        _direct_sum(first.input_matrix, second.input_matrix),
        _direct_sum(first.output_matrix, second.output_matrix),
        _direct_sum(first.feedthrough, second.feedthrough),
        _direct_sum(first.noise, second.noise),
        first.modes + second.modes,
        first.inputs + second.inputs,
        first.outputs + second.outputs,
        first.classical + second.classical,
    )


def series(first: LinearSystem, second: LinearSystem, output: str = "out", input: str = "input") -> LinearSystem:
    """Send one output of the first system into one input of the second (Gough & James's series product).

    The connected ports disappear; all others keep their names, those of the first system first.  The drift is block
    triangular: light goes one way, and each system keeps its own poles.

    Raises
    ------
    InvalidInput
        Unknown ports, or names that come in both systems.

    Examples
    --------
    >>> import numpy as np
    >>> from backaction.gaussian import LinearSystem
    >>> half = LinearSystem(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.sqrt(0.5) * np.eye(2),
    ...                     inputs=["input"], outputs=["out"])
    >>> series(half, half).feedthrough.diagonal()
    array([0.5, 0.5])
    """
    common_batch({"first system": first.batch_shape, "second system": second.batch_shape})
    leaving = quadratures(output, first.outputs, "output")
    entering = quadratures(input, second.inputs, "input")
    kept_rows = _others(leaving, first.feedthrough.shape[-2])
    kept_columns = _others(entering, second.feedthrough.shape[-1])
    _require_uncorrelated(second, entering, kept_columns, input)
    first_outputs = tuple(name for name in first.outputs if name != output)
    second_inputs = tuple(name for name in second.inputs if name != input)
    _require_distinct(first, second, first.inputs, second_inputs, first_outputs, second.outputs)

    sent, passed = first.output_matrix[..., leaving, :], first.feedthrough[..., leaving, :]
    drive, through = second.input_matrix[..., :, entering], second.feedthrough[..., :, entering]
    n1, n2 = first.drift.shape[-1], second.drift.shape[-1]
    own_drive, own_through = (
        second.input_matrix[..., :, kept_columns],
        second.feedthrough[..., :, kept_columns],
    )
    kept, width = len(kept_rows), len(kept_columns)
    return LinearSystem(
        block_matrix([[first.drift, np.zeros((n1, n2))], [drive @ sent, second.drift]]),
        block_matrix([[first.input_matrix, np.zeros((n1, width))], [drive @ passed, own_drive]]),
        block_matrix(
            [
                [first.output_matrix[..., kept_rows, :], np.zeros((kept, n2))],
                [through @ sent, second.output_matrix],
            ]
        ),
        block_matrix(
            [
                [first.feedthrough[..., kept_rows, :], np.zeros((kept, width))],
                [through @ passed, own_through],
            ]
        ),
        _direct_sum(first.noise, second.noise[..., kept_columns[:, None], kept_columns]),
        first.modes + second.modes,
        first.inputs + second_inputs,
        first_outputs + second.outputs,
        first.classical + tuple(name for name in second.classical if name != input),
    )


def feedback(system: LinearSystem, connections: Mapping[str, str]) -> LinearSystem:
    """Connect outputs to inputs of the same system (output → input), and resolve the algebraic loop.

    With u = y for the connected ports: u = (1 − D_yu)⁻¹ (C_y x + D_yw w), put into all other equations.

    Raises
    ------
    InvalidInput
        Unknown ports, one port used twice, or a loop without a solution (1 − D_yu singular: all light is fed back
        in phase, so that its amplitude is not defined).

    Examples
    --------
    A mirror that returns half of the light to itself through a beam splitter:

    >>> import numpy as np
    >>> from backaction.gaussian import LinearSystem
    >>> t = r = np.sqrt(0.5)
    >>> splitter = LinearSystem(np.zeros((0, 0)), np.zeros((0, 4)), np.zeros((4, 0)),
    ...     np.kron([[t, r], [r, -t]], np.eye(2)), inputs=["input", "back"], outputs=["out", "round"])
    >>> feedback(splitter, {"round": "back"}).feedthrough.round(12)
    array([[1., 0.],
           [0., 1.]])
    """
    if not connections:
        return system
    leaving = quadratures(tuple(connections), system.outputs, "output")
    entering = quadratures(tuple(connections.values()), system.inputs, "input")
    rows = _others(leaving, system.feedthrough.shape[-2])
    columns = _others(entering, system.feedthrough.shape[-1])
    _require_uncorrelated(system, entering, columns, ", ".join(connections.values()))
    loop = np.eye(len(leaving)) - system.feedthrough[..., leaving[:, None], entering]
    condition = float(np.linalg.cond(loop).max()) if loop.size else 1.0
    if not condition < LOOP_CONDITION:
        raise InvalidInput(
            f"the loop {dict(connections)} has no solution: 1 − D of the loop has the condition number "
            f"{condition:.3g}. All light returns in phase; put a loss, a detuning or a rotation into the loop"
        )
    inner = np.linalg.solve(
        loop,
        block_matrix([[system.output_matrix[..., leaving, :], system.feedthrough[..., leaving[:, None], columns]]]),
    )
    n = system.drift.shape[-1]
    from_modes, from_inputs = inner[..., :n], inner[..., n:]
    drive = system.input_matrix[..., :, entering]
    through = system.feedthrough[..., rows[:, None], entering]
    return LinearSystem(
        system.drift + drive @ from_modes,
        system.input_matrix[..., :, columns] + drive @ from_inputs,
        system.output_matrix[..., rows, :] + through @ from_modes,
        system.feedthrough[..., rows[:, None], columns] + through @ from_inputs,
        system.noise[..., columns[:, None], columns],
        system.modes,
        tuple(name for name in system.inputs if name not in connections.values()),
        tuple(name for name in system.outputs if name not in connections),
        tuple(name for name in system.classical if name not in connections.values()),
    )


def _others(chosen: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    return np.setdiff1d(np.arange(size), chosen)


def _direct_sum(a: FloatArray, b: FloatArray) -> FloatArray:
    return block_matrix([[a, np.zeros((a.shape[-2], b.shape[-1]))], [np.zeros((b.shape[-2], a.shape[-1])), b]])


def _require_uncorrelated(
    system: LinearSystem,
    port: NDArray[np.intp],
    others: NDArray[np.intp],
    name: str,
) -> None:
    if (system.noise[..., port[:, None], others] != 0).any():
        raise InvalidInput(
            f"the input {name!r} is correlated with other inputs of its system; connecting it would lose that "
            "correlation. Model the common source as a component before it"
        )


def _require_distinct(
    first: LinearSystem,
    second: LinearSystem,
    inputs: tuple[str, ...],
    more_inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    more_outputs: tuple[str, ...],
) -> None:
    for kind, mine, others in (
        ("mode", first.modes, second.modes),
        ("input", inputs, more_inputs),
        ("output", outputs, more_outputs),
    ):
        common = sorted(set(mine) & set(others))
        if common:
            raise InvalidInput(
                f"both systems have the {kind} {', '.join(map(repr, common))}; names stay addressable in the whole, "
                "so they must differ: use `renamed` on one of them"
            )
