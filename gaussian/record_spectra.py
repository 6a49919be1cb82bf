"""The spectrum of one record, t N t† with t = c(−iω − A)⁻¹B + d, by source, and its error.

At a few frequencies every row is solved (`backaction.gaussian.resolvents`), and its error is what rounding of the model
does. Many take the recurrence of `backaction.gaussian.rows`. Near a pole λ both the model's and the recurrence's errors
fall as 1/|λ + iω|, so that they are largest at the frequencies of the grid next to a pole: there, and at some between,
solves say how large they are, relative to S + √(S S_d), where S_d is the density of d alone (where t is a small
difference of two terms it is no better known than these). Frequencies so near to a pole that this is not little enough
are solved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .resolvents import ROUNDING, ComplexArray, solve_rows
from .rows import row_recurrence

__all__ = ["ENOUGH", "Record", "RecordSpectrum", "directed_spectrum", "model_record", "record_spectrum"]

ENOUGH = 128
"""Frequencies from which the recurrence and its check pay (measured)."""

AGREEMENT = 1e-10
"""Largest difference of the recurrence from a solve, beside what rounding of the model does."""

LITTLE = 1e-8
"""Largest relative error that is found from the samples; frequencies beyond are solved one by one."""

SAFETY = 8.0
"""How many times larger than at the samples the error of the recurrence may be elsewhere."""

SAMPLES = 8
"""Frequencies that are compared besides those next to the poles, spread evenly."""

PIECE = 250_000
"""Entries of the matrices of a piece of work."""


class Record(NamedTuple):
    """A batch of models of a record: arrays of as many lanes, or of one for all.

    A (…, n, n), B (…, n, 2m), c (…, 1, n), d (…, 1, 2m), N (…, 2m, 2m), and the sizes of the terms that c and d are
    sums of: what is left when the quadratures of a port cancel is known no better than these.
    """

    drift: FloatArray
    drive: FloatArray
    seen: FloatArray
    through: FloatArray
    noise: FloatArray
    seen_size: FloatArray
    through_size: FloatArray

    @property
    def lanes(self) -> int:
        """How many."""
        return max((len(matrix) for matrix in self if len(matrix) != 1), default=1)

    def turned(self, direction: FloatArray) -> Record:
        """The record of a combination u, shape (…, 1, k), of k rows."""
        size = np.abs(direction)
        return self._replace(
            seen=direction @ self.seen,
            through=direction @ self.through,
            seen_size=size @ self.seen_size,
            through_size=size @ self.through_size,
        )

    def pick(self, lanes: slice | NDArray[np.intp]) -> Record:
        """Some of the lanes."""
        return Record(*(matrix if len(matrix) == 1 else matrix[lanes] for matrix in self))


def model_record(
    drift: FloatArray, drive: FloatArray, seen: FloatArray, through: FloatArray, noise: FloatArray
) -> Record:
    """The record of rows c and d that are entries of the model, each of one term."""
    return Record(drift, drive, seen, through, noise, np.abs(seen), np.abs(through))


class RecordSpectrum(NamedTuple):
    """What each input contributes, of shape (lanes, frequencies) each, and the error of their sum."""

    parts: list[FloatArray]
    error: FloatArray


def record_spectrum(record: Record, omega: FloatArray, poles: NDArray[np.complex128] | None) -> RecordSpectrum:
    """Density by input at the frequencies ω, shape (frequencies,); vacuum ½.

    `poles`, of shape (lanes or 1, n), are asked for from `ENOUGH` frequencies on.

    Raises
    ------
    InvalidInput
        An undamped pole lies at one of the frequencies.

    Examples
    --------
    >>> one = np.eye(2)[None]
    >>> decay = model_record(-one, one, one[:, :1], 0 * one[:, :1], one / 2)
    >>> [part] = record_spectrum(decay, np.array([0.0, 1.0]), None).parts
    >>> part
    array([[0.5 , 0.25]])
    """
    if poles is None or not record.drift.shape[-1]:
        response, error = _solved(record, omega)
        return RecordSpectrum(_parts(response, record.noise), error)
    with np.errstate(all="ignore"):  # what overflows shows in the samples
        response = _recurrence(record, omega)
        share, bad = _sampled(record, omega, poles, response)
    points = np.nonzero(bad)
    response[points[0], :, points[1]], errors = _one_by_one(record, points[0], omega[points[1]])
    parts = _parts(response, record.noise)
    error = share[:, None] * _yardstick(sum(parts[1:], parts[0]), record)
    error[points] = errors
    return RecordSpectrum(parts, error)


def directed_spectrum(
    record: Record, lanes: NDArray[np.intp], omega: FloatArray, direction: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Density and its error, (points,), at points with their own lane, frequency and direction u, (points, 1, k).

    The record's c (…, k, n) and d (…, k, 2m) have k rows; the record of a point is u of them.
    """
    response, error = _one_by_one(record, lanes, omega, direction)
    noise = record.noise if len(record.noise) == 1 else record.noise[lanes]
    return _total(response[..., None], noise)[:, 0], error


def _solved(record: Record, omega: FloatArray) -> tuple[ComplexArray, FloatArray]:
    """Responses (lanes, 2m, frequencies) and errors (lanes, frequencies)."""
    lanes, count = record.lanes, omega.shape[-1]
    response = np.empty((lanes, count, record.drive.shape[-1]), dtype=np.complex128)
    error = np.empty((lanes, count))
    for some in _pieces(lanes, record.drift.shape[-1] ** 2 * max(1, count)):
        response[some], error[some] = _at(record.pick(some), omega)
    return response.swapaxes(1, 2), error


def _one_by_one(
    record: Record, lanes: NDArray[np.intp], omega: FloatArray, direction: FloatArray | None = None
) -> tuple[ComplexArray, FloatArray]:
    """Responses (points, 2m) and errors (points,) at frequencies of single lanes, each of its own direction."""
    response = np.empty((len(lanes), record.drive.shape[-1]), dtype=np.complex128)
    error = np.empty(len(lanes))
    for some in _pieces(len(lanes), record.drift.shape[-1] ** 2):
        own = record.pick(lanes[some])
        if direction is not None:
            own = own.turned(direction[some])
        found, errors = _at(own, omega[some, None])
        response[some], error[some] = found[:, 0], errors[:, 0]
    return response, error


def _at(record: Record, omega: FloatArray) -> tuple[ComplexArray, FloatArray]:
    """Responses (lanes, frequencies, 2m), solved, and errors; ω is that of all lanes or each lane's own."""
    drift, drive, seen, through, noise, seen_size, through_size = (matrix[:, None] for matrix in record)
    rows = solve_rows(drift, seen, omega, seen_size)
    row = rows.rows @ drive + through
    weight = (row.conj() @ noise)[..., 0, :]
    size, magnitude = np.abs(row), np.abs(weight)
    moved = rows.response_error(_times(drive, weight), _times(np.abs(drive), magnitude))[..., 0]
    direct = (through_size[..., 0, :] * magnitude).sum(axis=-1)
    spread = rows.transfer_error(drive, through_size)
    error = 2 * (moved + ROUNDING * direct)
    for vector, unit in ((size, ROUNDING), (spread, 1.0)):  # rounding of N; the second order
        error = error + unit * ((vector @ np.abs(noise)) * vector).sum(axis=(-2, -1))
    return row[..., 0, :], error


def _recurrence(record: Record, omega: FloatArray) -> ComplexArray:
    """Responses (lanes, 2m, frequencies)."""
    moving = max(len(matrix) for matrix in record[:3])  # a batch of noises shares its rows
    drift, drive, seen = (np.broadcast_to(matrix, (moving, *matrix.shape[1:])) for matrix in record[:3])
    response = row_recurrence(drift, drive, seen, omega)
    through = record.through[:, 0, :, None]
    lanes = record.lanes
    if len(response) == lanes:
        response += through
        return response
    return np.broadcast_to(response + through, (lanes, *response.shape[1:])).copy()


def _sampled(
    record: Record, omega: FloatArray, poles: NDArray[np.complex128], response: ComplexArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The largest error relative to the yardstick, (lanes,), and where it is too large, (lanes, frequencies)."""
    nearest, places, pole = _samples(omega, poles)
    exact, error = _at(record, omega[places])
    found = np.take_along_axis(response, places[:, None], axis=-1)
    right, density = (_total(row, record.noise) for row in (exact.swapaxes(1, 2), found))
    difference = np.abs(density - right)
    unit = _yardstick(right, record)
    unit[unit == 0] = np.inf
    share = (error + SAFETY * difference) / unit
    excess = np.maximum(share / LITTLE, (difference - error) / (AGREEMENT * unit))
    excess[~np.isfinite(excess)] = np.inf
    largest = np.maximum(share.max(axis=-1), _least(record.drift, nearest, pole, omega[places]))
    bad = np.zeros((len(share), len(omega)), dtype=np.bool_)
    for lane in np.flatnonzero(~(excess <= 1).all(axis=-1)):
        largest[lane] = LITTLE
        own = nearest[lane if len(poles) > 1 else 0]
        which = pole[lane if len(poles) > 1 else 0]
        distance = np.hypot(own.real[:, None], own.imag[:, None] - np.abs(omega))
        at = places[lane if len(poles) > 1 else 0]
        reach = np.zeros(len(own))
        np.maximum.at(reach, which, excess[lane] * distance[which, at])
        bad[lane] = (distance < reach[:, None]).any(axis=0)
        bad[lane, at] |= excess[lane] > 1
    return largest, bad


def _least(drift: FloatArray, upper: NDArray[np.complex128], pole: NDArray[np.intp], omega: FloatArray) -> FloatArray:
    """What the recurrence may err by where nobody looks, (lanes,): rounding of all of A beside the nearest distance.

    Most of it is not seen, for the entries of A are much smaller than its norm where it counts; where the samples agree
    better than `AGREEMENT`, no more than that is.
    """
    lead = np.take_along_axis(upper, pole, axis=-1)
    distance = np.hypot(lead.real, lead.imag - np.abs(omega)).min(axis=-1)
    least: FloatArray = np.fmin(ROUNDING * np.linalg.norm(drift, axis=(-2, -1)) / distance, AGREEMENT)
    return least


def _samples(
    omega: FloatArray, poles: NDArray[np.complex128]
) -> tuple[NDArray[np.complex128], NDArray[np.intp], NDArray[np.intp]]:
    """Poles of Im λ ≥ 0, (lanes, k), the samples' places in ω, (lanes, 2k + 8), and to which pole each belongs.

    Densities are even in ω, and poles come in conjugate pairs.
    """
    upper = np.take_along_axis(poles, np.argsort(-poles.imag, axis=-1), axis=-1)[:, : -(-poles.shape[-1] // 2)]
    size, order = np.unique(np.abs(omega), return_index=True)
    place = np.searchsorted(size, upper.imag).clip(1, max(1, len(size) - 1))
    place[place == len(size)] = 0  # one frequency alone
    spread = np.broadcast_to(np.linspace(0, len(size) - 1, SAMPLES).astype(np.intp), (len(upper), SAMPLES))
    between = omega[order[spread]]
    distance = np.hypot(upper.real[..., None], upper.imag[..., None] - np.abs(between)[:, None])
    numbers = np.broadcast_to(np.arange(upper.shape[-1]), upper.shape)
    places = order[np.concatenate([place - 1, place, spread], axis=-1)]
    return upper, places, np.concatenate([numbers, numbers, distance.argmin(axis=1)], axis=-1)


def _yardstick(density: FloatArray, record: Record) -> FloatArray:
    """S + √(S S_d), S_d from the sizes of the terms of d, of the shape of S (lanes, frequencies)."""
    direct = ((record.through_size @ np.abs(record.noise)) * record.through_size).sum(axis=(-2, -1))
    unit: FloatArray = density + np.sqrt(np.maximum(density * direct[:, None], 0.0))
    return unit


def _total(response: ComplexArray, noise: FloatArray) -> FloatArray:
    parts = _parts(response, noise)
    return np.asarray(sum(parts[1:], parts[0]))


def _parts(response: ComplexArray, noise: FloatArray) -> list[FloatArray]:
    """What each input contributes to t N t† of a row t: Re tᵢ* Σ_j N_ij t_j, its two quadratures together."""
    strength = np.diagonal(noise, axis1=-2, axis2=-1)
    if np.count_nonzero(noise) == np.count_nonzero(strength):  # the usual case: all quadratures are independent
        shares = [
            strength[:, i, None] * (response[:, i].real ** 2 + response[:, i].imag ** 2)
            for i in range(response.shape[1])
        ]
    else:
        shares = list(np.moveaxis(((noise @ response) * response.conj()).real, 1, 0))
    return [np.asarray(x + p) for x, p in zip(shares[::2], shares[1::2], strict=True)]


def _times(matrix: FloatArray, vector: NDArray[Any]) -> NDArray[Any]:
    product: NDArray[Any] = (matrix @ vector[..., None])[..., 0]
    return product


def _pieces(count: int, entries: int) -> Iterator[slice]:
    step = max(1, PIECE // max(1, entries))
    return (slice(first, first + step) for first in range(0, count, step))
