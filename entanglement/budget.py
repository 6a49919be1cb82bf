"""The budget of a criterion: what the noise of each source costs.

The EPR variance at fixed gains is linear in the covariance, and the covariance is a sum over the sources of noise
(`backaction.gaussian.sources`): its budget is exact, and every part is a variance. The smallest PPT eigenvalue is not
linear, but it doubles when V doubles; so the derivatives dν/d ln(strength of source s) sum to ν itself (Euler), and are
its budget: ν_s = ν w†V_s w with w its eigenvector. Any other criterion has derivatives only: `noise_derivatives`.

What a source is: an input of the system, by name, or "detection". The vacuum of a loss is its noise only; the loss
weakens signals too, and that is no noise: the derivative by its efficiency is `parameter_derivatives`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState, LinearSystem, conditional_state, steady_state
from backaction.gaussian.arrays import FloatArray, frozen
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.measurement import Detector
from backaction.gaussian.names import quadratures
from backaction.gaussian.normal_modes import normal_modes
from backaction.gaussian.sources import covariance_by_source

from .bipartite import transposed_form
from .criterion import Criterion
from .forms import variance
from .gains import epr_combination
from .pairs import epr_variance
from .parties import parties

__all__ = ["CriterionBudget", "epr_budget", "noise_derivatives", "parameter_derivatives", "ppt_budget"]

NOISE_STEP = 1e-4
"""Relative change of a noise in a one-sided derivative of second order: an error of 1e-8, and V stays a state's."""


@dataclass(frozen=True, eq=False)
class CriterionBudget:
    """A criterion's value, shape (…), and its parts by source, which sum to it.

    Attributes
    ----------
    total : array, shape (…)
    sources : dict of array, shape (…)
        By the names of the system's inputs, then "detection" where a record is kept.
    """

    total: FloatArray
    sources: Mapping[str, FloatArray]


def epr_budget(
    system: LinearSystem,
    first: str,
    second: str,
    detectors: Detector | Sequence[Detector] = (),
    gain: ArrayLike | None = None,
    phase: ArrayLike | None = None,
    momentum_gain: ArrayLike | None = None,
) -> CriterionBudget:
    """The EPR variance at fixed gains by source of noise, exactly: each part is a variance, and they sum to the total.

    Parameters
    ----------
    system : LinearSystem
    first, second : str
        One mode each.
    detectors : detector or sequence of them
        Default none, the unconditional state; otherwise the conditional one.
    gain, phase, momentum_gain : array_like, optional
        As for `epr_variance_at`; default those of `epr_variance`.

    Returns
    -------
    CriterionBudget
        In units of the vacuum's 1; below 1 in total proves entanglement.

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `steady_state`, `conditional_state` and `epr_variance`.

    Notes
    -----
    Drawn in the figure `epr-budget`.

    Examples
    --------
    >>> from backaction.gaussian import from_hamiltonian
    >>> couplings, names = [[1, 1j, 0, 0], [0, 0, 1, 1j]], ["hot", "cold"]
    >>> pair = from_hamiltonian(np.zeros((4, 4)), couplings, modes=["a", "b"], ports=names)
    >>> budget = epr_budget(pair.with_noise("hot", 1.5), "a", "b", gain=-1.0)
    >>> {name: float(part.round(9)) for name, part in budget.sources.items()}, float(budget.total.round(9))
    ({'hot': 1.5, 'cold': 0.5}, 2.0)
    """
    state = _state(system, detectors)
    if gain is None:
        best = epr_variance(state, first, second)
        gain, phase = best.gain, best.phase if phase is None else phase
    combination = epr_combination(gain, 0.0 if phase is None else phase, momentum_gain)
    rows = quadratures([first, second], state.modes)
    sources = {}
    for name, matrix in covariance_by_source(system, detectors).items():
        block = matrix[..., rows[:, None], rows]
        sources[name] = variance(block, combination[0]) + variance(block, combination[1])
    return CriterionBudget(np.sum(list(sources.values()), axis=0), sources)


def ppt_budget(
    system: LinearSystem,
    first: str | Sequence[str],
    second: str | Sequence[str],
    detectors: Detector | Sequence[Detector] = (),
) -> CriterionBudget:
    """The smallest PPT eigenvalue by source: dν/d ln(strength of the source), which sum to ν.

    The log-negativity's derivatives are −(part)/ν: they sum to −1, for every state.

    Parameters
    ----------
    system : LinearSystem
    first, second : str or sequence of str
    detectors : detector or sequence of them
        Default none, the unconditional state.

    Returns
    -------
    CriterionBudget
        Vacuum ½.

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `steady_state`, `conditional_state` and `smallest_ppt_eigenvalue`.

    Notes
    -----
    Drawn in the figure `epr-budget`.

    Examples
    --------
    >>> from backaction.gaussian import from_hamiltonian
    >>> couplings, names = [[1, 1j, 0, 0], [0, 0, 1, 1j]], ["hot", "cold"]
    >>> pair = from_hamiltonian(np.zeros((4, 4)), couplings, modes=["a", "b"], ports=names)
    >>> budget = ppt_budget(pair.with_noise("hot", 1.5), "a", "b")
    >>> {name: float(part.round(9)) for name, part in budget.sources.items()}
    {'hot': 0.0, 'cold': 0.5}
    """
    state = _state(system, detectors)
    pair = parties(state, first, second)
    modes = normal_modes(pair.covariance, transposed_form(pair), pair.error, count=1)
    vector = modes.vectors[..., 0]
    rows = quadratures(pair.first + pair.second, state.modes)
    sources = {}
    for name, matrix in covariance_by_source(system, detectors).items():
        block = matrix[..., rows[:, None], rows]
        share = variance(block, vector.real) + variance(block, vector.imag)
        sources[name] = np.asarray(modes.values[..., 0] * share)
    return CriterionBudget(np.sum(list(sources.values()), axis=0), sources)


def noise_derivatives(
    criterion: Callable[[GaussianState], Criterion],
    system: LinearSystem,
    detectors: Detector | Sequence[Detector] = (),
) -> dict[str, FloatArray]:
    """Derivatives of any criterion with respect to ln(strength) of each source of noise.

    Parameters
    ----------
    criterion : callable
        State → criterion, such as ``lambda state: steering(state, "spin", "membrane")``.
    system : LinearSystem
    detectors : detector or sequence of them
        Default none, the unconditional state.

    Returns
    -------
    dict of array, shape (…)
        By input, then "detection": how much a source costs is what doubling it would change, to first order.

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As the state and the criterion.

    Examples
    --------
    >>> from backaction.entanglement import duan_sum
    >>> from backaction.gaussian import from_hamiltonian
    >>> couplings, names = [[1, 1j, 0, 0], [0, 0, 1, 1j]], ["hot", "cold"]
    >>> pair = from_hamiltonian(np.zeros((4, 4)), couplings, modes=["a", "b"], ports=names)
    >>> parts = noise_derivatives(lambda state: duan_sum(state, "a", "b"), pair.with_noise("hot", 1.5))
    >>> {name: float(part.round(6)) for name, part in parts.items()}
    {'hot': 1.5, 'cold': 0.5}
    """
    state = _state(system, detectors)
    here = criterion(state).value
    derivatives = {}
    for name, matrix in covariance_by_source(system, detectors).items():
        near, far = (
            criterion(
                GaussianState(state.mean, state.covariance + step * matrix, state.modes, state.error_estimate, np.inf)
            ).value
            for step in (NOISE_STEP, 2 * NOISE_STEP)
        )
        derivatives[name] = (4 * near - far - 3 * here) / (2 * NOISE_STEP)
    return derivatives


def parameter_derivatives(
    evaluate: Callable[[Mapping[str, FloatArray]], Criterion], steps: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Central derivatives of a criterion with respect to parameters, all in one batch.

    Parameters
    ----------
    evaluate : callable
        Parameters by address, as arrays of shape (points,) → criterion of that shape; for a network
        ``lambda p: duan_sum(conditional_state(network.with_parameters(p).system, detector), "spin", "membrane")``.
    steps : dict of (float, float)
        Value and step of each parameter; the error is of the order of the step squared.

    Returns
    -------
    dict of float
        By address, per unit of the parameter.

    Raises
    ------
    InvalidInput
        A step that is not positive, an answer of another shape.

    Examples
    --------
    >>> parabola = lambda p: Criterion(p["x"] ** 2 + p["y"], 0 * p["x"])
    >>> slopes = parameter_derivatives(parabola, {"x": (3, 0.1), "y": (0, 0.1)})
    >>> {name: round(slope, 9) for name, slope in slopes.items()}
    {'x': 6.0, 'y': 1.0}
    """
    names = list(steps)
    values = frozen([steps[name][0] for name in names], "the parameters of a derivative")
    sizes = frozen([steps[name][1] for name in names], "the steps of a derivative")
    if not (sizes > 0).all():
        raise InvalidInput(f"the steps of a derivative are > 0, got {dict(zip(names, sizes.tolist(), strict=True))}")
    shifts = np.concatenate([np.diag(sizes), -np.diag(sizes)])
    points = values + shifts
    answer = np.asarray(evaluate({name: points[:, i] for i, name in enumerate(names)}).value)
    if answer.shape != (len(points),):
        raise InvalidInput(f"{len(points)} parameter sets were given, but the criterion has the shape {answer.shape}")
    slopes = (answer[: len(names)] - answer[len(names) :]) / (points[: len(names)] - points[len(names) :]).diagonal()
    return dict(zip(names, slopes.tolist(), strict=True))


def _state(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> GaussianState:
    watched = not isinstance(detectors, Sequence) or len(detectors) > 0
    return conditional_state(system, detectors) if watched else steady_state(system)
