"""Noise by path: what the detector would see if the light of one link were independent noise of the same density.

The budget by source says which input the noise comes from.  It cannot say by which way: the same vacuum may reach a
detector along two paths, and the two amplitudes interfere.  Behind an oscillator that is read out by light, the light
carries the drive in x and the oscillator's answer to that drive in p; whatever comes next may let them interfere (back
action that is evaded, or doubled).  Here the link's x and p are replaced by independent noise, each with the spectral
density that it has; the difference to the full spectrum is the interference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, frozen, stack_matrix
from .compose import series
from .measurement import Detector
from .names import quadratures
from .resolvents import ROUNDING, ComplexArray
from .spectra import transfer_and_error
from .spectral_stability import stationary_drift
from .system import LinearSystem

__all__ = ["PathBudget", "independent_link"]


@dataclass(frozen=True, eq=False)
class PathBudget:
    """The PSD of a record with the light of one link replaced by independent noise, and what that took away.

    All arrays have the shape (batch…, frequencies…), absolute (vacuum ½).

    Attributes
    ----------
    total : array
        The PSD with independent quadratures in the link; the sum of `sources`.
    sources : mapping of str to array
        Its parts by source, as in `NoiseBudget`; "detection" last.
    interference : mapping of str to array
        By source of the first system: what the full spectrum has beside `sources`, of either sign.
    uncertainty : array
        Error of each of them, what rounding of the models may change.
    """

    total: FloatArray
    sources: Mapping[str, FloatArray]
    interference: Mapping[str, FloatArray]
    uncertainty: FloatArray

    @property
    def coherent(self) -> FloatArray:
        """The full spectrum, with the interference: that of `noise_budget` of the connected systems."""
        return np.asarray(self.total + np.sum(list(self.interference.values()), axis=0))


def independent_link(
    first: LinearSystem,
    second: LinearSystem,
    omega: ArrayLike,
    detector: Detector,
    *,
    output: str = "out",
    input: str = "input",
    angle: ArrayLike = 0.0,
    formal: bool = False,
) -> PathBudget:
    """Budget of a detector behind `series(first, second)` whose link carries independent x and p.

    With r = (r_x, r_p) the response of the record to the light in the link and S its 2 × 2 spectral density, the full
    spectrum has the part r S r†; here it is |r_x|² S_xx + |r_p|² S_pp, and 2 Re(r_x S_xp r_p*) is the interference.

    Parameters
    ----------
    first, second : LinearSystem
        Before and behind the link; a batch is welcome in each. Their inputs must have different names.
    omega : array_like
        ω in rad/s, any shape.
    detector : Homodyne or Heterodyne
        At an output of `second`.
    output, input : str
        The ports that the link connects.
    angle : array_like
        Frame of the two quadratures that are made independent, in rad; 0: x and p of the link. A noise that is
        correlated in one frame is not in another, so the frame is part of the question.
    formal : bool
        As in `transfer_matrix`.

    Raises
    ------
    Unstable
        One of the two has no stationary record (not if `formal`).
    InvalidInput
        As `series`: unknown ports, or names that come in both.

    Notes
    -----
    Møller et al., Nature 547, 191 (2017), Fig. 3b: "quantum BA interference put to zero".

    Examples
    --------
    Two oscillators far from their resonances, read out one after the other with opposite signs: the back action of
    the second is evaded, unless the light between them forgets what it did to the first.

    >>> from backaction.gaussian import Homodyne
    >>> kick = np.array([[1.0, 0.0], [2.0, 1.0]])
    >>> none = np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0))
    >>> first = LinearSystem(*none, kick, inputs=["input"], outputs=["out"])
    >>> second = LinearSystem(*none, np.linalg.inv(kick), inputs=["input"], outputs=["out"])
    >>> budget = independent_link(first, second, 1.0, Homodyne())
    >>> float(budget.coherent), float(budget.total)
    (0.5, 4.5)
    """
    series(first, second, output, input)  # refuses what cannot be connected, with its own advice
    frequency = frozen(omega, "the frequency")
    spread = tuple(range(-2 - frequency.ndim, -2))

    row, row_error = _response(second, frequency, detector, formal)
    link = 2 * second.inputs.index(input)
    frame = np.expand_dims(_rotation(angle), spread)
    into, into_error = row[..., link : link + 2] @ frame, row_error[..., link : link + 2] @ np.abs(frame)
    before = first.with_outputs(output)
    found, error = transfer_and_error(before, stationary_drift(before, before.output_matrix, formal), frequency)
    light, light_error = (turned @ both for turned, both in zip(_turns(frame), (found, error), strict=True))
    along = [into[..., i : i + 1] * light[..., i : i + 1, :] for i in (0, 1)]  # x, then p, of the link

    noise = np.expand_dims(first.noise, spread)
    both = _by_source(along[0] + along[1], noise, first.inputs)
    apart = [_by_source(path, noise, first.inputs) for path in along]
    sources = {name: apart[0][name] + apart[1][name] for name in first.inputs}
    interference = {name: both[name] - sources[name] for name in first.inputs}

    own = [name for name in second.inputs if name != input]
    columns = quadratures(tuple(own), second.inputs, "input")
    own_noise = np.expand_dims(second.noise[..., columns[:, None], columns], spread)
    sources |= _by_source(row[..., columns], own_noise, own)
    added = np.expand_dims(detector.added_noise[..., 0, 0], tuple(range(-frequency.ndim, 0)))
    sources["detection"] = np.asarray(added)
    shape = np.broadcast_shapes(*[part.shape for part in sources.values()])
    sources = {name: np.broadcast_to(part, shape).copy() for name, part in sources.items()}
    total = np.sum(list(sources.values()), axis=0)
    size, off = np.abs(along[0]) + np.abs(along[1]), into_error @ np.abs(light) + np.abs(into) @ light_error
    uncertainty = _rounded(size, off, noise) + _rounded(np.abs(row[..., columns]), row_error[..., columns], own_noise)
    return PathBudget(total, sources, interference, np.broadcast_to(uncertainty + ROUNDING * total, shape).copy())


def _response(
    system: LinearSystem, frequency: FloatArray, detector: Detector, formal: bool
) -> tuple[ComplexArray, FloatArray]:
    """Response of the record to every input and its error, shape (batch…, frequencies…, 1, 2m)."""
    pick, chosen = detector.rows[..., :1, :], system.with_outputs(detector.port)
    drift = stationary_drift(chosen, pick @ chosen.output_matrix, formal)
    transfer, error = transfer_and_error(chosen, drift, frequency)
    pick = np.expand_dims(pick, tuple(range(-2 - frequency.ndim, -2)))
    return pick @ transfer, np.abs(pick) @ error


def _rounded(size: FloatArray, error: FloatArray, noise: FloatArray) -> FloatArray:
    """Error of t N t† for |t| and the error of t, shape (batch…, frequencies…)."""
    found: FloatArray = ((size + error) @ np.abs(noise) * (2 * error + ROUNDING * size)).sum(axis=(-2, -1))
    return found


def _turns(frame: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What turns amplitudes into the frame, and their errors."""
    turned = np.swapaxes(frame, -1, -2)
    return turned, np.abs(turned)


def _by_source(row: ComplexArray, noise: FloatArray, names: tuple[str, ...] | list[str]) -> dict[str, FloatArray]:
    """Parts of row N row†; what is correlated between two inputs is shared by them equally, as in `noise_budget`."""
    parts = ((row @ noise) * row.conj()).real[..., 0, :]
    return {name: parts[..., 2 * i] + parts[..., 2 * i + 1] for i, name in enumerate(names)}


def _rotation(angle: ArrayLike) -> FloatArray:
    theta = frozen(angle, "the angle of the link's frame")
    c, s = np.cos(theta), np.sin(theta)
    return stack_matrix([[c, -s], [s, c]])
