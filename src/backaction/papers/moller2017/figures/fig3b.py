"""Møller et al. 2017, Fig. 3b: back-action evasion with a negative mass.

The hybrid's spectra for both signs of the mass, and the eight areas.  Γ_S and n_S of the spin are not printed: the
curves have the free inference from the areas (`FREE`), and the areas are given for both inferences.  The black curve
has "quantum back-action interference put to zero": the same vacuum reaches the detector by two paths, past the spin in
X and through the spin in P; here the light between the systems has the same spectral densities of X and P without
their correlation.
"""

from __future__ import annotations

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, beside
from backaction.figures.style import (
    BAND,
    LIGHT,
    MECHANICS,
    NEGATIVE_MASS,
    POSITIVE_MASS,
    REFERENCE,
    Axes,
    Figure,
    figure,
    shade,
)
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz
from backaction.systems.published.moller2017 import COLUMNS, FREE, PHYSICAL, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters
from backaction.systems.published.moller2017.table import TITLES

from ..curves import (
    INFERRED,
    SHOT_NOISE,
    around,
    interference_off,
    offset_axis,
    parts,
    quantiles,
    samples,
    with_mass,
)
from ..inference import RATIOS, area_ratios

__all__ = ["compute", "draw", "numbers"]

_CURVES = {
    "positive mass": (POSITIVE_MASS, (0, (5, 1.6))),
    "no interference": (REFERENCE, (0, (1, 1.2))),
    "membrane alone": (MECHANICS, (0, (5, 1.4, 1, 1.4))),
    "negative mass": (NEGATIVE_MASS, "-"),
}
_LABELS = {
    "back_action_negative": "QBA,\nneg. mass",
    "total_negative": "total,\nneg. mass",
    "thermal_negative": "thermal,\nneg. mass",
    "back_action_positive": "QBA,\npos. mass",
}


def compute(quick: bool) -> Dataset:
    """Spectra of the Fig. 3 column and the area ratios of both columns.

    Returns
    -------
    xarray.Dataset
        `psd` (curve, frequency) in shot-noise units, two-sided; `area_ratio` (inference, column, ratio) and
        `published_area_ratio`, `published_error` (column, ratio; NaN where no error bar is printed).
    """
    omega = around("fig3", np.linspace(-24, 24, 101 if quick else 601))
    bands = [quantiles(curve) for curve in _spectra(samples("fig3", quick), omega)]
    inferences = {inference.name: inference for inference in (FREE, PHYSICAL)}
    ratios = [[area_ratios(parameters(column, inference=i)) for column in COLUMNS] for i in inferences.values()]
    published = [[column.areas.ratios[name] for name in RATIOS] for column in COLUMNS.values()]
    errors = [[np.nan if one.uncertainty is None else one.uncertainty for one in row] for row in published]
    predicted = [quantiles(area_ratios(samples(column, quick))) for column in COLUMNS]
    density = ("shot noise", "spectral density of the phase quadrature")
    return dataset(
        {
            "psd": ("curve frequency", _spectra(parameters("fig3"), omega), *density),
            "psd_band": ("curve end frequency", bands, *density),
            "area_ratio_band": ("column end ratio", predicted),
            "area_ratio": ("inference column ratio", ratios),
            "published_area_ratio": ("column ratio", [[one.value for one in row] for row in published]),
            "published_error": ("column ratio", errors),
        },
        {
            "curve": list(_CURVES),
            "end": ["low", "high"],
            "frequency": (omega / Hz / 1e3, "kHz"),
            "inference": list(inferences),
            "column": list(COLUMNS),
            "ratio": list(RATIOS),
        },
        convention="two-sided spectral densities, vacuum 1; phase quadrature in the reflected carrier's frame",
        inferred="Γ_S and n_S are not printed: curves with the free inference from the published areas; "
        "bands: central 68 % of the posterior",
        effective_frequency_khz=float(around("fig3", np.zeros(1))[0]) / Hz / 1e3,
    )


def _spectra(p: HybridParameters, omega: FloatArray) -> list[FloatArray]:
    """PSD of the phase quadrature in the frame of the reflected carrier, in the order of the curves."""
    return [
        parts(with_mass(p, 1), omega)["total"],
        interference_off(p, omega).total / SHOT_NOISE,
        parts(p, omega, with_spin=False)["total"],
        parts(p, omega)["total"],
    ]


def draw(data: Dataset) -> Figure:
    """Spectra above, the eight area ratios below: published with error bars, and both inferences."""
    picture, (spectra, ratios) = figure("single", aspect=1.3, letters=True, nrows=2, height_ratios=[1.35, 1])
    offset = offset_axis(spectra, data)
    for name, (colour, dashes) in _CURVES.items():
        shade(spectra, offset, data.psd_band.sel(curve=name), colour, 0.2)
        spectra.plot(offset, data.psd.sel(curve=name), color=colour, linestyle=dashes, label=name)
    spectra.set_ylim(0, None)
    spectra.legend(loc="upper left", handlelength=1.7, handletextpad=0.5)
    spectra.text(0.97, 0.95, f"{INFERRED}\n(bands: 68 %)", transform=spectra.transAxes, ha="right", va="top")
    _draw_ratios(ratios, data)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return the eight area ratios, published and computed, for both inferences of Γ_S and n_S."""
    found = {}
    for inference in data.inference.values:
        for name, column in COLUMNS.items():
            for ratio, record in column.areas.ratios.items():
                note = "Γ_S and n_S inferred from these eight ratios, not printed"
                note += "" if record.uncertainty else "; no error bar is printed"
                value = data.area_ratio.sel(column=name, ratio=ratio, inference=inference)
                found[f"{ratio} / membrane alone, {TITLES[name]}, {inference} inference"] = beside(value, record, note)
    return found


def _draw_ratios(axes: Axes, data: Dataset) -> None:
    places = np.arange(len(RATIOS), dtype=np.float64)
    for column, marker, shift in (("fig3", "o", -0.16), ("fig4", "s", 0.16)):
        here, middle = data.sel(column=column), places + shift
        bars = {"yerr": here.published_error, "fmt": marker, "color": REFERENCE, "markersize": 3}  # NaN: no bar
        axes.errorbar(middle - 0.06, here.published_area_ratio, label=f"published, {TITLES[column]}", **bars)
        for inference, colour, nudge in (("free", LIGHT, 0.04), ("physical", BAND, 0.14)):
            label = f"{inference} inference" if column == "fig3" else None
            edge = {"markeredgecolor": REFERENCE, "markeredgewidth": 0.4}
            values = here.area_ratio.sel(inference=inference)
            axes.plot(middle + nudge, values, marker, color=colour, label=label, **edge)
        label = "posterior, 68 %" if column == "fig3" else None
        axes.vlines(middle + 0.09, *here.area_ratio_band, color="0.7", linewidth=4, zorder=0, label=label)
    axes.axhline(1, color="0.6", linewidth=0.7, zorder=0)
    axes.set_xticks(places, labels=[_LABELS[name] for name in RATIOS])
    axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    axes.tick_params(axis="x", which="major", length=0)
    axes.set(ylim=(0.5, 2.3), ylabel="Area / membrane alone")
    axes.legend(ncols=2, loc="upper left", columnspacing=1.0, handletextpad=0.3)
