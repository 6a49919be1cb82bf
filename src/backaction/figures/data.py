"""The data of a figure as labelled arrays, each with its unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from xarray import DataArray, Dataset

__all__ = ["DataArray", "Dataset", "dataset"]


def dataset(variables: Mapping[str, tuple[Any, ...]], coordinates: Mapping[str, Any], **attributes: Any) -> Dataset:
    """Labelled arrays with units.

    Parameters
    ----------
    variables : mapping of str to tuple
        ``(dimensions, values)``, and where they are not "1" and nothing, the unit and a long name.  Dimensions stand
        in one string, separated by spaces; "" for a single number.
    coordinates : mapping of str to array_like or tuple
        Points of each dimension: ``values``, or ``(values, unit)``, or ``(values, unit, long name)``.
    **attributes
        What holds for all of it: conventions, parameters, choices.

    Examples
    --------
    >>> data = dataset({"psd": ("detector frequency", [[1.0, 2.0]], "shot noise")},
    ...                {"detector": ["homodyne"], "frequency": ([0.5, 1.0], "kHz")}, convention="two-sided")
    >>> data.psd.attrs["units"], data.frequency.attrs["units"], data.detector.attrs["units"]
    ('shot noise', 'kHz', '1')
    """
    points = {name: value if isinstance(value, tuple) else (value,) for name, value in coordinates.items()}
    return Dataset(
        {name: (dimensions.split(), *_labelled(*rest)) for name, (dimensions, *rest) in variables.items()},
        {name: ([name], *_labelled(*rest)) for name, rest in points.items()},
        attributes,
    )


def _labelled(values: Any, unit: str = "1", long_name: str = "") -> tuple[Any, dict[str, str]]:
    return np.asarray(values), {"units": unit} | ({"long_name": long_name} if long_name else {})
