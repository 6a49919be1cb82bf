"""Force noise at the best power of each frequency: the envelope that limits are drawn from.

A curve at **fixed power** is what one experiment measures; the **envelope over measurement strength** chooses the power
anew at each frequency, as the standard quantum limit does.  Scaling the power of the drive by s scales every named
coupling by √s, and every named readout rate or photon number by s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian import InvalidInput, Unstable, poles
from backaction.gaussian.arrays import FloatArray, frozen
from backaction.gaussian.measurement import Detector

from .network import Network
from .sensing_force import PortResponse, port_response, record, record_error
from .sensing_oscillator import damped_oscillator, standard_quantum_limit

__all__ = ["Envelope", "strength_envelope"]

GOLDEN = (np.sqrt(5) - 1) / 2
SEARCH_WIDTH = 1e-7
"""Width of ln s at which the search stops: the noise is then stationary to its square, below rounding."""


GROWTH = {
    "coupling": 0.5,
    "beam_splitter": 0.5,
    "down_conversion": 0.5,
    "readout_rate": 1.0,
    "photon_number": 1.0,
}
"""Which power of the light's power a parameter grows with: amplitudes with the root, rates and numbers with itself.

The probe power of a caesium spin is not among them: it broadens the line too, and with γ the unit of the force changes.
"""


@dataclass(frozen=True, eq=False)
class Envelope:
    """Smallest added noise over power, each field of shape (batch…, frequencies…).

    `power` is the factor s on the network's own power at which `added_noise` is reached, `at_limit` says where that is
    the first or last power of the search (or the last stable one): the noise would fall further beyond. `uncertainty`
    is the error of `added_noise` at that power.
    """

    added_noise: FloatArray
    power: FloatArray
    at_limit: NDArray[np.bool_]
    sql: FloatArray
    uncertainty: FloatArray


def strength_envelope(
    network: Network,
    omega: ArrayLike,
    mode: str,
    detector: Detector,
    couplings: Sequence[str],
    span: tuple[float, float] = (1e-8, 1e8),
    points: int = 65,
    thermal: bool = False,
    *,
    formal: bool = False,
) -> Envelope:
    """Minimise the added noise over the power at each frequency, all else fixed.

    Parameters
    ----------
    network, omega, mode, detector, thermal
        As for `force_noise`.
    couplings : sequence of str
        Addresses of the parameters that the power drives, such as "sensor.coupling", which grows with its square root,
        or "spin.readout_rate", which grows with it (as photon numbers do).
    span : tuple of float
        Smallest and largest factor s on the power.
    points : int
        Powers of the first search (logarithmic); a golden-section search follows, for all frequencies at once.
    formal : bool
        Count powers without a stationary state too, as a formula in the frequency domain does; no experiment sees that.

    Returns
    -------
    Envelope

    Raises
    ------
    InvalidInput
        No parameter, one that does not grow with the power alone, a span that is not 0 < smallest < largest, or a
        force that does not reach the detector.
    Unstable
        The network has no stationary state at any of these powers. Powers at which it has none are left out.

    Examples
    --------
    For the sensor alone the envelope is the standard quantum limit:

    >>> from backaction.gaussian import Homodyne
    >>> from backaction.systems import OptomechanicalCavity, Network
    >>> sensor = OptomechanicalCavity(name="m", mechanical_frequency=1.0, mechanical_linewidth=1e-3, occupation=0.0,
    ...                               cavity_linewidth=10.0, coupling=0.5)
    >>> best = strength_envelope(Network((sensor,)), [0.1, 3.0], "m", Homodyne(), ["m.coupling"])
    >>> bool(np.allclose(best.added_noise, best.sql))
    True
    """
    frequency, linewidth = damped_oscillator(network, mode)
    w = frozen(omega, "the frequency")
    low, high = _checked_span(span, points)
    if not couplings:
        raise InvalidInput("give at least one parameter that grows with the power, such as 'sensor.coupling'")
    missing = [address for address in couplings if address not in network.parameters]
    if missing:
        raise InvalidInput(f"{missing} are no parameters that are set; the network has {sorted(network.parameters)}")
    fixed = [address for address in couplings if address.rpartition(".")[2] not in GROWTH]
    if fixed:
        raise InvalidInput(f"{fixed} do not grow with the power of the light; what does is called {', '.join(GROWTH)}")
    arrays = {key: value for key, value in network.parameters.items() if isinstance(value, np.ndarray)}
    batch = network.system.batch_shape

    def scaled(power: FloatArray, axes: int) -> Network:
        """The network at other powers; its own batch goes before the last `axes` of the powers."""
        spread = {key: _trailing(value, axes) for key, value in arrays.items()}
        base = {key: spread.get(key, network.parameters[key]) for key in couplings}
        return network.with_parameters(spread | {key: value * power ** _exponent(key) for key, value in base.items()})

    def responses(member: Network, gamma: Any, paired: bool) -> PortResponse:
        return port_response(member.system, w, mode, gamma, detector.port, thermal, paired, formal=True)

    def noise(member: Network, gamma: Any, paired: bool) -> FloatArray:
        seen = responses(member, gamma, paired)
        spectrum, response = record(seen, detector, w.ndim)
        if (response == 0).any():
            raise InvalidInput(
                "the force does not reach the detected quadrature (zero response), so there is no power at which its "
                "noise is smallest; detect another angle, or a port behind the mode"
            )
        return np.asarray(spectrum / np.abs(response) ** 2)

    def unstable(member: Network) -> NDArray[np.bool_]:
        return np.asarray(poles(member.system).real.max(axis=-1) >= 0)

    powers = np.geomspace(low, high, points)
    tried = scaled(powers.reshape(-1, *(1 for _ in batch)), 0)
    barred = unstable(tried) & (not formal)
    if barred.all(axis=0).any():
        raise Unstable(
            f"the network has no stationary state at any power between {low:g} and {high:g} times its own", 0j, mode
        )
    guarded = bool(barred.any())
    barred = np.broadcast_to(barred, (points, *batch)).reshape(points, *batch, *(1 for _ in w.shape))
    best = np.where(barred, np.inf, noise(tried, linewidth, paired=False)).argmin(axis=0)
    gamma = _trailing(np.asarray(linewidth), w.ndim)

    def refined(x: FloatArray) -> FloatArray:
        member = scaled(np.exp(x), w.ndim)
        value = noise(member, gamma, paired=True)
        return np.where(unstable(member), np.inf, value) if guarded else value

    logs = np.log(powers)
    ends = logs[np.maximum(best - 1, 0)], logs[np.minimum(best + 1, points - 1)]
    x, value = _golden(refined, *ends, logs[best])
    at_limit = (x - logs[0] < 2 * SEARCH_WIDTH) | (logs[-1] - x < 2 * SEARCH_WIDTH)
    if guarded:
        at_limit = at_limit | np.isinf(refined(x + 4 * SEARCH_WIDTH))
    error = record_error(responses(scaled(np.exp(x), w.ndim), gamma, paired=True), detector, w.ndim)
    return Envelope(value, np.exp(x), at_limit, standard_quantum_limit(w, frequency, linewidth), error)


def _golden(
    function: Callable[[FloatArray], FloatArray], left: FloatArray, right: FloatArray, known: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Golden-section search in every interval at once; the ends count too, infinite values lead back to `known`."""
    ends = [(place, function(place)) for place in (left, right, known)]
    a, b = left.copy(), right.copy()
    c, d = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
    at_c, at_d = function(c), function(d)
    while (b - a).max() > SEARCH_WIDTH:
        lower = np.where(np.isinf(at_c) & np.isinf(at_d), known < c, at_c < at_d)
        a, b = np.where(lower, a, c), np.where(lower, d, b)
        fresh = np.where(lower, b - GOLDEN * (b - a), a + GOLDEN * (b - a))
        at_fresh = function(fresh)
        c, d = np.where(lower, fresh, d), np.where(lower, c, fresh)
        at_c, at_d = np.where(lower, at_fresh, at_d), np.where(lower, at_c, at_fresh)
    x = np.where(at_c < at_d, c, d)
    value = np.minimum(at_c, at_d)
    for place, at_place in ends:
        x, value = np.where(at_place <= value, place, x), np.minimum(at_place, value)
    return x, value


def _exponent(address: str) -> float:
    return GROWTH[address.rpartition(".")[2]]


def _checked_span(span: tuple[float, float], points: int) -> tuple[float, float]:
    low, high = (float(value) for value in frozen(span, "the span of powers"))
    if not 0 < low < high:
        raise InvalidInput(f"the span of powers must be two numbers, 0 < smallest < largest, got {span!r}")
    if points < 3:
        raise InvalidInput(f"the search over power needs at least 3 points, got {points}")
    return low, high


def _trailing(value: ArrayLike, axes: int) -> NDArray[np.float64]:
    return np.asarray(value, dtype=np.float64).reshape(np.shape(value) + (1,) * axes)
