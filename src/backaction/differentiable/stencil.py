"""Derivatives of matrices with respect to parameters, by central differences of high order in one batch.

The matrices of a network are elementary functions of its parameters (products, roots, sines, Bose–Einstein's law),
analytic but at the border of a parameter's range, and NumPy computes any number of them at once. Eight points at
distances h, 2h, 3h, 4h give the derivative with an error of 576 (h/ρ)⁸ times the size of the function over ρ, the
distance to its nearest singularity; rounding adds about 2 eps ρ/h. With h = ρ/128 both lie near 1e-14. Six of the
eight points give the derivative again with less accuracy; the difference bounds the error, and is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import Unresolved

__all__ = ["derivatives"]

STEP = 1 / 128
"""Distance of the points, relative to the reach within which the function is analytic."""

EIGHT = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
"""Weights of f(x + kh) − f(x − kh): an error of the order h⁸."""

SIX = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
"""The same of the order h⁶."""

TRUSTED = 1e-9
"""Largest difference between the two, relative to the entry over its reach. It is about 1e-11; the error is 1e-13."""

Arrays = Mapping[str, FloatArray]


def derivatives(
    function: Callable[[Mapping[str, FloatArray]], Arrays],
    values: Mapping[str, FloatArray],
    reaches: Mapping[str, FloatArray],
) -> dict[str, dict[str, FloatArray]]:
    """Derivatives of named arrays with respect to named parameters, all points in one batch.

    Parameters
    ----------
    function : callable
        Parameters, arrays of shape (points, batch…) → arrays of shape (points, batch…, rows, columns).
    values : mapping of array, shape (batch…)
        Where.
    reaches : mapping of array, shape (batch…)
        Distance > 0 of each parameter to where the function is no longer analytic, or a fraction of it.

    Returns
    -------
    dict of dict of array, shape (batch…, rows, columns)
        By parameter, then by array.

    Raises
    ------
    Unresolved
        The two orders differ by more than 1e-9: a parameter is too close to the border of its range.

    Examples
    --------
    >>> square = lambda p: {"m": np.sqrt(p["x"])[..., None, None]}
    >>> slopes = derivatives(square, {"x": np.array(4.0)}, {"x": np.array(4.0)})
    >>> slopes["x"]["m"].round(12)
    array([[0.25]])
    """
    offsets = [sign * distance for distance in EIGHT for sign in (1, -1)]
    names, count = list(values), len(offsets)
    here = np.stack([values[name] for name in names])
    steps = np.stack([reaches[name] * STEP for name in names])
    points = np.repeat(here[:, None], len(names) * count, axis=1)
    for i in range(len(names)):
        for j, offset in enumerate(offsets):
            points[i, i * count + j] += offset * steps[i]
    answers = function(dict(zip(names, points, strict=True)))
    found: dict[str, dict[str, FloatArray]] = {}
    for i, name in enumerate(names):
        step = steps[i][..., None, None]
        found[name] = {}
        for key, answer in answers.items():
            lanes = answer[i * count : (i + 1) * count]
            odd = {distance: lanes[2 * k] - lanes[2 * k + 1] for k, distance in enumerate(EIGHT)}
            better, worse = (sum(w * odd[k] for k, w in weights.items()) / step for weights in (EIGHT, SIX))
            scale = np.maximum(np.abs(better), np.abs(lanes).max(axis=0) * STEP / step)
            doubt = float((np.abs(better - worse) / np.where(scale > 0, scale, 1.0)).max(initial=0.0))
            if not doubt < TRUSTED:
                raise Unresolved(
                    f"the derivative of the matrices with respect to {name!r} is uncertain by {doubt:.2g}: the "
                    "parameter is too close to the border of its range, or to a point where the model is singular",
                    doubt,
                )
            found[name][key] = np.asarray(better)
    return found
