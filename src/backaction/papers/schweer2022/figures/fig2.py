"""Schweer et al. 2022, Fig. 2: an ancilla broader than the mechanical line.

An **envelope**: at each frequency the power is the best one (the paper's (29)), as for the standard quantum limit
beside it.  The values of κ_a are not printed; they are chosen here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import NEGATIVE_MASS, POSITIVE_MASS, SPIN, Axes, Figure, figure
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.schweer2022 import CascadeParameters
from backaction.systems.published.schweer2022.imperfections import low_frequency_reduction

from ..envelopes import UNIT, best_power, draw_limits, limits, table_i

__all__ = ["CHOICE", "STYLES", "compute", "draw", "draw_envelopes", "envelopes", "numbers"]

LINEWIDTHS = {"κ_a = 0.1 ω_m": 0.1, "κ_a = 10 ω_m": 10.0}
"""κ_a/ω_m, chosen: the paper prints κ_a < ω_m and κ_a ≫ ω_m."""

STYLES = [(POSITIVE_MASS, "-"), (NEGATIVE_MASS, (0, (5, 1.6))), (SPIN, (0, (5, 1.4, 1, 1.4)))]

CHOICE = "envelope: the power is chosen at each frequency"


def compute(quick: bool) -> Dataset:
    """Envelopes for two linewidths of the ancilla, with the sensor of Table I."""
    data = envelopes({name: replace(table_i(), kappa_a=value) for name, value in LINEWIDTHS.items()}, quick)
    return data.assign_coords(kappa_a=("case", list(LINEWIDTHS.values()), {"units": "ω_m"}))


def envelopes(curves: dict[str, CascadeParameters], quick: bool, special: FloatArray | tuple[()] = ()) -> Dataset:
    """The envelope of each case; `special` frequencies stand on the axis beside the even ones."""
    # the resonance and the frequencies of cancellation are on the axis: narrow dips must not depend on the grid
    frequency = np.unique(np.concatenate([np.geomspace(1e-2, 1e2, 81 if quick else 321), [1.0, *special]]))
    found = [best_power(parameters, frequency) for parameters in curves.values()]
    return dataset(
        {
            "added_noise": ("case frequency", [one.added_noise for one in found], UNIT),
            "power": ("case frequency", [one.power for one in found], "1", "(g/ω_m)²"),
            **limits(frequency),
        },
        {"case": list(curves), "frequency": (frequency, "ω_m")},
        choice=CHOICE,
        convention="two-sided, vacuum 1/2; thermal force left out",
    )


def draw(data: Dataset) -> Figure:
    """Force noise against frequency for an ancilla that is too broad."""
    picture, axes = draw_envelopes(data)
    axes.text(0.0135, 42, r"$\kappa_\mathrm{a}=0.1\,\omega_\mathrm{m}$", color=STYLES[0][0], va="top")
    axes.text(8, 5e5, r"$\kappa_\mathrm{a}=10\,\omega_\mathrm{m}$", color=STYLES[1][0], ha="right")
    return picture


def draw_envelopes(data: Dataset) -> tuple[Figure, Axes]:
    """Both limits and the envelope of each case."""
    picture, axes = figure("single", aspect=0.82)
    draw_limits(axes, data)
    for curve, (colour, dashes) in zip(data.added_noise.values, STYLES, strict=False):
        axes.plot(data.frequency, curve, color=colour, linestyle=dashes)
    axes.text(0.0135, 1.5e3, "standard quantum limit", va="bottom")
    axes.text(0.03, 0.95, "best power at each frequency", transform=axes.transAxes, va="top", fontsize=7, color="0.25")
    return picture, axes


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Noise over the limit at low and at high frequency, beside (30)."""
    ratio = data.added_noise / data.standard_quantum_limit
    found = {}
    for name, kappa_a in LINEWIDTHS.items():
        low, high = ratio.sel(case=name).values[[0, -1]]
        exact = float(low_frequency_reduction(1.0, kappa_a))
        note = f"{CHOICE}; κ_a is chosen; (30) is the leading order, exactly (u+u²)/(1+u²) = {exact:.4f} at Q → ∞"
        printed = kappa_a / 2 if kappa_a < 1 else 1.0
        source = "Eq. (30)" if kappa_a < 1 else "Sec. IV A 1, 'converging to the SQL', in words"
        found[f"S_F/S_SQL, {name}, 0.01 ω_m"] = Quantity(float(low), printed, None, "1", source, note)
        note = f"{CHOICE}; κ_a is chosen" + ("; the paper: 'larger than the SQL', in words" if kappa_a > 1 else "")
        found[f"S_F/S_SQL, {name}, 100 ω_m"] = computed(high, "Fig. 2", note)
    return found
