"""Gaussian states in the number basis, and back: exact elements, no exponential of a truncated operator.

**The recursion.**  The Husimi function of a Gaussian state with mean μ and covariance V is itself Gaussian,
⟨α|ρ|α⟩ = √det M exp[−½(ξ−μ)ᵀM(ξ−μ)] with M = (V + ½)⁻¹ and ξ the quadratures of the amplitudes α. Multiplied by
e^{|α|²} = e^{½ξᵀξ} it generates the matrix elements, with ζ = (ᾱ, α) in place of ξ = Uζ::

    e^{|α|²} ⟨α|ρ|α⟩ = Σ ρ_mn ᾱᵐ αⁿ / √(m! n!) = c exp(½ ζᵀA ζ + bᵀζ),
    A = Uᵀ(1 − M)U,   b = UᵀMμ,   c = ρ_00 = √det M exp(−½ μᵀMμ).

The derivative of the exponential by ζᵢ is (Aζ + b)ᵢ times itself. Compared power by power, with k = (m, n) the
numbers of all kets and bras, this is a recursion in which each element follows from smaller ones::

    √(kᵢ+1) ρ_{k+eᵢ} = bᵢ ρ_k + Σⱼ Aᵢⱼ √kⱼ ρ_{k−eⱼ}.

So a truncated ρ holds the exact elements of the untruncated state, and the trace that it lacks is the probability of
finding more quanta than the dimensions hold. `truncation_report` says how much that is. (The same recursion is behind
thewalrus, whose A belongs to another order of ζ and to ħ = 2; see Quesada et al., Phys. Rev. A 100, 022341 (2019).)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import GaussianState, InvalidInput, Unphysical, Unresolved
from backaction.gaussian.names import indices
from backaction.gaussian.state import POSITIVITY_TOLERANCE, positivity_defect

from .basis import second_moments

if TYPE_CHECKING:  # QuTiP takes more than a second to load, and arrays of elements do without
    import qutip

__all__ = ["TruncationReport", "fock_elements", "from_qobj", "to_qobj", "truncation_report"]

ComplexArray = NDArray[np.complex128]
Dimensions = int | Sequence[int] | Mapping[str, int]

MEMORY_LIMIT = 4 * 2**30
"""Bytes that a density matrix may take unless the caller allows more: what a common laptop can spare."""

SMALLEST_LOGARITHM = -690.0
"""ln of the smallest vacuum element ρ_00 from which the recursion can start: below, float64 loses digits, then all."""

TRACE_TOLERANCE = 1e-8
"""Largest excess of a trace above one, or imaginary part of it, that a solver's rounding explains."""


def fock_elements(state: GaussianState, dimensions: Dimensions, memory_limit: float = MEMORY_LIMIT) -> ComplexArray:
    """Exact number-basis elements ⟨m|ρ|n⟩ of a Gaussian state or of a batch of them.

    Parameters
    ----------
    state : GaussianState
        Any number of modes; mixed, squeezed, displaced.
    dimensions : int, sequence of int or mapping of names to int
        How many levels of each mode are kept: one number for a single mode, one for each mode in order, or by name.
    memory_limit : float, optional
        Bytes that the result may take; default 4 GiB.

    Returns
    -------
    ndarray, shape (…, d1, …, dn, d1, …, dn)
        Complex; the kets' numbers m first, then the bras' n.

    Raises
    ------
    InvalidInput
        Dimensions that do not fit the modes, are not positive integers, or would need too much memory.
    Unphysical
        The covariance violates the uncertainty principle: there is no density matrix.
    Unresolved
        The state is displaced so far that its vacuum element is not a normal float64 number.

    Examples
    --------
    >>> fock_elements(GaussianState.thermal([1.0], ["membrane"]), 3).diagonal().real
    array([0.5  , 0.25 , 0.125])
    """
    levels = _levels(state, dimensions)
    _check_memory(16 * prod(levels) ** 2 * prod(state.batch_shape), levels, memory_limit)
    _check_physical(state)
    start, linear, quadratic = _generating_function(state)
    sizes = levels + levels
    elements = np.zeros(sizes + state.batch_shape, dtype=np.complex128)
    elements[(0,) * len(sizes)] = start
    for i, size in enumerate(sizes):
        # Axes before i are complete, those after it still at number zero: whole slabs are computed at once.
        before: tuple[Any, ...] = (slice(None),) * i
        after = (0,) * (len(sizes) - i - 1)
        for k in range(size - 1):
            slab = elements[(*before, k, *after)]
            raised = linear[i] * slab
            if k > 0:
                raised += quadratic[i, i] * np.sqrt(k) * elements[(*before, k - 1, *after)]
            for j in range(i):
                raised += quadratic[i, j] * _shifted(slab, j)
            elements[(*before, k + 1, *after)] = raised / np.sqrt(k + 1)
    return np.moveaxis(elements, range(len(sizes)), range(-len(sizes), 0))


def to_qobj(state: GaussianState, dimensions: Dimensions, memory_limit: float = MEMORY_LIMIT) -> qutip.Qobj:
    """QuTiP's density matrix of a Gaussian state, its elements exact and its trace below one by what was cut off.

    Parameters, conventions and errors are those of `fock_elements`, but the state cannot be a batch. The result is not
    renormalised: 1 − tr ρ is the truncation's own measure of error. `rho / rho.tr()` is the nearest state.

    Examples
    --------
    >>> rho = to_qobj(GaussianState.vacuum(["spin", "membrane"]), {"membrane": 3, "spin": 2})
    >>> rho.dims
    [[2, 3], [2, 3]]
    """
    if state.batch_shape:
        raise InvalidInput(
            f"to_qobj turns one state into one Qobj, but a batch of shape {state.batch_shape} came; "
            "take one point of it, or use fock_elements, which returns arrays for a whole batch"
        )
    import qutip

    levels = list(_levels(state, dimensions))
    elements = fock_elements(state, dimensions, memory_limit)
    return qutip.Qobj(elements.reshape(prod(levels), prod(levels)), dims=[levels, levels])


def from_qobj(rho: qutip.Qobj, modes: Sequence[str] | None = None) -> GaussianState:
    """Mean and covariance of any state in the number basis, as the Gaussian state that has the same.

    Parameters
    ----------
    rho : qutip.Qobj
        A ket or density matrix; each tensor factor is a mode, its basis the number states 0, 1, ….
        A trace below one is taken for truncation, and divided out.
    modes : sequence of str, optional
        Names of the tensor factors; default mode0, mode1, …

    Returns
    -------
    GaussianState
        V = ½⟨{ξᵢ, ξⱼ}⟩ − ⟨ξᵢ⟩⟨ξⱼ⟩: the means are subtracted. If ρ is not Gaussian, this is only its second moments.

    Notes
    -----
    From normally ordered moments, as `backaction.fock.basis.second_moments`.

    Raises
    ------
    InvalidInput
        Not a state, or as many names as there are not tensor factors.
    Unphysical
        The second moments violate the uncertainty principle: ρ was not positive.

    Examples
    --------
    >>> import qutip
    >>> from_qobj(qutip.coherent(30, 1.0), ["light"]).mean.round(6)
    array([1.414214, 0.      ])
    """
    import qutip

    rho = _density_matrix(rho)
    lowering = [_on_mode(i, rho.dims[0]) for i in range(len(rho.dims[0]))]
    trace = float(rho.tr().real)

    def average(operator: qutip.Qobj) -> complex:
        return complex(qutip.expect(operator, rho)) / trace

    amplitude = np.array([average(a) for a in lowering])
    pairs = np.array([[average(a * b) for b in lowering] for a in lowering])
    quanta = np.array([[average(a.dag() * b) for b in lowering] for a in lowering])
    mean, covariance = second_moments(amplitude, pairs, quanta)
    return GaussianState(mean, covariance, modes)


@dataclass(frozen=True)
class TruncationReport:
    """What a truncated density matrix lacks of the Gaussian state that it stands for.

    Parameters
    ----------
    dimensions : tuple of int
        Levels kept of each mode.
    lost_trace : float
        1 − tr ρ, the probability of more quanta than the dimensions hold.
    mean_deviation : float
        max |δμᵢ|/√V_ii of the mean of ρ/tr ρ.
    covariance_deviation : float
        max |δV_ij|/√(V_ii V_jj) of the covariance of ρ/tr ρ: what to expect of any second moment.
    """

    dimensions: tuple[int, ...]
    lost_trace: float
    mean_deviation: float
    covariance_deviation: float


def truncation_report(rho: qutip.Qobj, state: GaussianState) -> TruncationReport:
    """Compare a truncated density matrix with the Gaussian state that it stands for.

    Examples
    --------
    >>> state = GaussianState.thermal([1.0], ["membrane"])
    >>> truncation_report(to_qobj(state, 10), state).lost_trace
    0.0009765625
    """
    kept = from_qobj(rho, state.modes)
    scale = np.sqrt(np.diagonal(state.covariance))
    return TruncationReport(
        dimensions=tuple(rho.dims[0]),
        lost_trace=1 - float(_density_matrix(rho).tr().real),
        mean_deviation=float(np.max(np.abs(kept.mean - state.mean) / scale)),
        covariance_deviation=float(np.max(np.abs(kept.covariance - state.covariance) / np.outer(scale, scale))),
    )


def _generating_function(state: GaussianState) -> tuple[NDArray[Any], ComplexArray, ComplexArray]:
    """Return c, b and A of the module's opening, with the batch last."""
    count = len(state.modes)
    size = 2 * count
    husimi = np.linalg.inv(state.covariance + np.eye(size) / 2)
    turn = np.zeros((size, size), dtype=np.complex128)
    for i in range(count):
        turn[2 * i, [i, count + i]] = np.sqrt(0.5)
        turn[2 * i + 1, [i, count + i]] = np.array([1j, -1j]) * np.sqrt(0.5)
    slope = (husimi @ state.mean[..., None])[..., 0]
    logarithm = (np.linalg.slogdet(husimi)[1] - np.sum(state.mean * slope, axis=-1)) / 2
    if (logarithm < SMALLEST_LOGARITHM).any():
        raise Unresolved(
            f"the state is displaced so far that ⟨0|ρ|0⟩ = exp({logarithm.min():.4g}) is below what float64 holds, and "
            "every element is reached from it. Displace the state to the origin: covariances do not depend on the mean",
            float(-logarithm.min()),
        )
    quadratic = turn.T @ (np.eye(size) - husimi) @ turn
    linear = np.broadcast_to(slope @ turn, (*state.batch_shape, size))
    start = np.broadcast_to(np.exp(logarithm), state.batch_shape)
    return start, np.moveaxis(linear, -1, 0), np.moveaxis(quadratic, (-2, -1), (0, 1))


def _shifted(slab: ComplexArray, axis: int) -> ComplexArray:
    """√k ρ_{k−1} along one axis, zero for k = 0."""
    numbers = np.sqrt(np.arange(1, slab.shape[axis])).reshape((-1,) + (1,) * (slab.ndim - axis - 1))
    shifted = np.zeros_like(slab)
    first: tuple[Any, ...] = (slice(None),) * axis
    shifted[(*first, slice(1, None))] = numbers * slab[(*first, slice(None, -1))]
    return shifted


def _levels(state: GaussianState, dimensions: Dimensions) -> tuple[int, ...]:
    if isinstance(dimensions, Mapping):
        indices(tuple(dimensions), state.modes, "mode")
        missing = [name for name in state.modes if name not in dimensions]
        if missing:
            raise InvalidInput(f"no dimension was given for the mode {missing[0]!r}")
        asked: tuple[Any, ...] = tuple(dimensions[name] for name in state.modes)
    elif isinstance(dimensions, Sequence):
        asked = tuple(dimensions)
    else:
        asked = (dimensions,)
    if len(asked) != len(state.modes):
        raise InvalidInput(f"{len(asked)} dimensions {asked} were given for {len(state.modes)} modes {state.modes}")
    if not all(isinstance(level, (int, np.integer)) and level > 0 for level in asked):
        raise InvalidInput(f"dimensions are numbers of levels, positive integers, but {asked} came")
    return tuple(int(level) for level in asked)


def _check_memory(needed: int, levels: tuple[int, ...], limit: float) -> None:
    if needed > limit:
        raise InvalidInput(
            f"elements in the dimensions {levels} would take {needed / 2**30:.3g} GiB (16 bytes each), more than the "
            f"{limit / 2**30:.3g} GiB allowed. Keep fewer levels, trace out modes with `state.marginal`, or pass a "
            "larger memory_limit"
        )


def _check_physical(state: GaussianState) -> None:
    defect = float(np.max(positivity_defect(state), initial=0.0))
    if defect > POSITIVITY_TOLERANCE * max(1.0, float(np.abs(state.covariance).max(initial=0.0))):
        raise Unphysical(
            f"V + iΩ/2 has the eigenvalue {-defect:.6g}: no density matrix has this covariance. If it comes from a "
            "model with brownian (momentum-only) damping, use damping='rotating-wave', which is of Lindblad form",
            -defect,
        )


def _density_matrix(rho: qutip.Qobj) -> qutip.Qobj:
    import qutip

    if not isinstance(rho, qutip.Qobj) or not (rho.isket or (rho.isoper and rho.dims[0] == rho.dims[1])):
        raise InvalidInput(
            f"a state must be a qutip.Qobj, a ket or a density matrix with equal dims, not {type(rho).__name__}"
            + (f" with dims {rho.dims}" if isinstance(rho, qutip.Qobj) else "")
        )
    rho = qutip.ket2dm(rho) if rho.isket else rho
    trace = complex(rho.tr())
    if not (0 < trace.real <= 1 + TRACE_TOLERANCE and abs(trace.imag) <= TRACE_TOLERANCE):
        raise InvalidInput(f"a density matrix has a trace of one, less what was truncated, but this has {trace:.6g}")
    return rho


def _on_mode(index: int, levels: Sequence[int]) -> qutip.Qobj:
    import qutip

    factors = [qutip.qeye(level) for level in levels]
    factors[index] = qutip.destroy(levels[index])
    return qutip.tensor(factors)
