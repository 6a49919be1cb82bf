"""A parametric oscillator below threshold, its output watched."""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction.gaussian import Homodyne, conditional_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems.canonical import opo

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import LIGHT, MECHANICS, REFERENCE, Figure, figure

__all__ = ["compute", "draw", "numbers"]

RECORDS: dict[str, tuple[Homodyne, str, Any]] = {
    "no record": (Homodyne(efficiency=0.0), REFERENCE, "--"),
    "homodyne of q": (Homodyne(angle=0.0), MECHANICS, "-"),
    "homodyne of p": (Homodyne(angle=np.pi / 2), LIGHT, "-."),
}


def compute(quick: bool) -> Dataset:
    """Variances in units of the vacuum's against the pump, without a record and with one of q or p."""
    pump = np.linspace(0.0, 0.49, 50 if quick else 197)
    found = [_variances(conditional_state(opo.system(pump), one).covariance) for one, *_ in RECORDS.values()]
    closed = [opo.unconditional_covariance(pump), *(opo.conditional_covariance(pump, watched) for watched in "qp")]
    axes = "record pump quadrature"
    return dataset(
        {
            "variance": (axes, found, "1", "variance, vacuum 1"),
            "closed_form": (axes, [_variances(form) for form in closed], "1", "variance, vacuum 1"),
        },
        {
            "pump": (pump, "1", "χ in units of the linewidth; threshold ½"),
            "record": list(RECORDS),
            "quadrature": ["q", "p"],
        },
    )


def draw(data: Dataset) -> Figure:
    """Squeezed quadrature on the left, the other one on the right."""
    picture, axes = figure("double", aspect=0.38, letters=True, ncols=2)
    for one, quadrature in zip(axes, "qp", strict=True):
        for record, (_, colour, dashes) in RECORDS.items():
            values = data.variance.sel(record=record, quadrature=quadrature)
            one.plot(data.pump, values, color=colour, linestyle=dashes, label=record)
        one.axhline(1, color="0.6", linewidth=0.7)
        one.set(xlabel=r"Pump $\chi/\kappa$", ylabel=f"Variance of {quadrature} (vacuum 1)", xlim=(0, 0.5))
    axes[0].set(ylim=(0, 1.1))
    axes[1].set(yscale="log", ylim=(0.8, 60))
    axes[1].legend()
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """The printed point χ = 0.3 and the worst deviation."""
    found = {}
    source = "Genoni, Lami and Serafini 2016; reference values"
    for name, printed in (("q", (0.4, 2.5)), ("p", (0.625, 1.6))):
        values = _variances(conditional_state(opo.system(0.3), RECORDS[f"homodyne of {name}"][0]).covariance)
        for quadrature, value, expected in zip("qp", values, printed, strict=True):
            key = f"variance of {quadrature} at χ = 0.3, homodyne of {name}"
            found[key] = Quantity(float(value), expected, None, "1", source)
    worst = np.abs(data.variance - data.closed_form).max()
    return found | {"worst deviation from the closed forms": computed(worst, "closed forms")}


def _variances(covariance: FloatArray) -> FloatArray:
    return 2 * np.diagonal(covariance, axis1=-2, axis2=-1)
