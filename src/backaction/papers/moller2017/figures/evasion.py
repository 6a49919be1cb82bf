"""Møller et al. 2017, Fig. 3b: the hybrid's spectra for both signs of the mass, and the eight areas.

Γ_S and n_S of the spin are not printed: the curves have the free inference from the areas (`FREE`), and the areas are
given for both inferences.  The black curve has "quantum back-action interference put to zero": the same vacuum
reaches the detector by two paths, past the spin in X and through the spin in P; here the light between the systems
has the same spectral densities of X and P without their correlation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import (
    BAND,
    LIGHT,
    MECHANICS,
    NEGATIVE_MASS,
    POSITIVE_MASS,
    REFERENCE,
    figure,
    house_style,
    panel_label,
)
from backaction.gaussian import Homodyne, noise_budget
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz, Network
from backaction.systems.published.moller2017 import COLUMNS, FREE, PHYSICAL, chain, network, parameters
from backaction.systems.published.moller2017.formulas import effective_pole

from ..inference import RATIOS, area_ratios
from .curves import INFERRED, SHOT_NOISE, interference_off, quantiles, samples, with_mass

__all__ = ["FIG3B"]

INFERENCES = (FREE, PHYSICAL)

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
_FIGURES = {"fig3": "Fig. 3", "fig4": "Fig. 4"}


def compute(quick: bool) -> xr.Dataset:
    """Spectra of the Fig. 3 column and the area ratios of both columns.

    Returns
    -------
    xarray.Dataset
        `psd` (curve, frequency) in shot-noise units, two-sided; `area_ratio` (inference, column, ratio) and
        `published_area_ratio`, `published_error` (column, ratio; NaN where no error bar is printed).
    """
    negative, positive = parameters("fig3", mass=-1), parameters("fig3", mass=1)
    centre = float(effective_pole(negative).real)
    omega = centre + 2 * np.pi * np.linspace(-24e3, 24e3, 101 if quick else 601)
    curves = {
        "positive mass": _spectrum(chain(positive), omega),
        "no interference": interference_off(negative, omega).total,
        "membrane alone": _spectrum(network("fig3", with_spin=False), omega),
        "negative mass": _spectrum(chain(negative), omega),
    }
    drawn = {
        "positive mass": _spectrum(chain(with_mass(samples("fig3", quick), 1)), omega),
        "no interference": interference_off(samples("fig3", quick), omega).total,
        "membrane alone": _spectrum(chain(samples("fig3", quick), with_spin=False), omega),
        "negative mass": _spectrum(chain(samples("fig3", quick)), omega),
    }
    bands = np.array([quantiles(drawn[name]) for name in curves]) / SHOT_NOISE
    predicted = [quantiles(area_ratios(samples(column, quick))) for column in COLUMNS]
    ratios = [[area_ratios(parameters(column, inference=i)) for column in COLUMNS] for i in INFERENCES]
    published = [[column.areas.ratios[name] for name in RATIOS] for column in COLUMNS.values()]
    one = {"units": "1"}
    return xr.Dataset(
        {
            "psd": (
                ["curve", "frequency"],
                np.stack(list(curves.values())) / SHOT_NOISE,
                {"units": "shot noise", "long_name": "spectral density of the phase quadrature"},
            ),
            "psd_band": (["curve", "end", "frequency"], bands, {"units": "shot noise"}),
            "area_ratio_band": (["column", "end", "ratio"], predicted, one),
            "area_ratio": (["inference", "column", "ratio"], np.array(ratios), one),
            "published_area_ratio": (["column", "ratio"], [[q.value for q in row] for row in published], one),
            "published_error": (
                ["column", "ratio"],
                [[np.nan if q.uncertainty is None else q.uncertainty for q in row] for row in published],
                one,
            ),
        },
        {
            "curve": list(curves),
            "end": ["low", "high"],
            "frequency": ("frequency", omega / Hz / 1e3, {"units": "kHz"}),
            "inference": [inference.name for inference in INFERENCES],
            "column": list(COLUMNS),
            "ratio": list(RATIOS),
        },
        {
            "title": "Møller et al. 2017, Fig. 3b",
            "convention": "two-sided spectral densities, vacuum 1; phase quadrature in the reflected carrier's frame",
            "inferred": "Γ_S and n_S are not printed: curves with the free inference from the published areas; "
            "bands: central 68 % of the posterior",
            "effective_frequency_khz": centre / Hz / 1e3,
        },
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Spectra above, the eight area ratios below: published with error bars, and both inferences."""
    picture, (spectra, ratios) = figure("single", aspect=1.3, nrows=2, height_ratios=[1.35, 1])
    offset = data.frequency - data.attrs["effective_frequency_khz"]
    for name, (colour, dashes) in _CURVES.items():
        low, high = data.psd_band.sel(curve=name)
        spectra.fill_between(offset, low, high, color=colour, alpha=0.2, linewidth=0)
        spectra.plot(offset, data.psd.sel(curve=name), color=colour, linestyle=dashes, label=name)
    spectra.set(xlim=(float(offset[0]), float(offset[-1])), ylim=(0, None))
    spectra.set_xlabel("Frequency from the membrane's resonance (kHz)")
    spectra.set_ylabel("Phase noise (shot noise units)")
    spectra.legend(loc="upper left", handlelength=1.7, handletextpad=0.5)
    spectra.text(0.97, 0.95, f"{INFERRED}\n(bands: 68 %)", transform=spectra.transAxes, ha="right", va="top")
    panel_label(spectra, "a")
    _draw_ratios(ratios, data)
    panel_label(ratios, "b")
    return picture


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Return the eight area ratios, published and computed, for both inferences of Γ_S and n_S."""
    found = {}
    for inference in data.inference.values:
        for column in data.column.values:
            for ratio in data.ratio.values:
                here = {"column": column, "ratio": ratio}
                bar = float(data.published_error.sel(here))
                found[f"{ratio} / membrane alone, {_FIGURES[column]}, {inference} inference"] = Quantity(
                    float(data.area_ratio.sel(here | {"inference": inference})),
                    float(data.published_area_ratio.sel(here)),
                    None if np.isnan(bar) else bar,
                    "1",
                    COLUMNS[column].areas.total_membrane.source,
                    "Γ_S and n_S inferred from these eight ratios, not printed"
                    + ("" if np.isfinite(bar) else "; no error bar is printed"),
                )
    return found


def _spectrum(experiment: Network, omega: FloatArray) -> FloatArray:
    """Absolute PSD of the phase quadrature in the frame of the reflected carrier."""
    return noise_budget(experiment.system, omega, experiment.in_carrier_frame(Homodyne("out"))).total


def _draw_ratios(axes: Any, data: xr.Dataset) -> None:
    places = np.arange(data.sizes["ratio"], dtype=np.float64)
    styles = {"fig3": ("o", -0.16), "fig4": ("s", 0.16)}
    for column, (marker, shift) in styles.items():
        bars = data.published_error.sel(column=column)  # NaN, no bar, where the paper prints none
        axes.errorbar(
            places + shift - 0.06,
            data.published_area_ratio.sel(column=column),
            bars,
            fmt=marker,
            color=REFERENCE,
            markersize=3,
            label=f"published, {_FIGURES[column]}",
        )
        for inference, colour, nudge in (("free", LIGHT, 0.04), ("physical", BAND, 0.14)):
            axes.plot(
                places + shift + nudge,
                data.area_ratio.sel(column=column, inference=inference),
                marker=marker,
                linestyle="none",
                color=colour,
                markeredgecolor=REFERENCE,
                markeredgewidth=0.4,
                label=f"{inference} inference" if column == "fig3" else None,
            )
        low, high = data.area_ratio_band.sel(column=column)
        middle = places + shift + 0.09
        axes.vlines(
            middle, low, high, color="0.7", linewidth=4, zorder=0, label=None if shift > 0 else "posterior, 68 %"
        )
    axes.axhline(1, color="0.6", linewidth=0.7, zorder=0)
    axes.set_xticks(places, labels=[_LABELS[name] for name in data.ratio.values])
    axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    axes.tick_params(axis="x", which="major", length=0)
    axes.set(ylim=(0.5, 2.3))
    axes.set_ylabel("Area / membrane alone")
    axes.legend(ncols=2, loc="upper left", columnspacing=1.0, handletextpad=0.3)


FIG3B = Recipe(
    "moller2017-fig3b",
    "Back-action evasion with a negative mass (Møller et al. 2017, Fig. 3b)",
    compute,
    draw,
    numbers,
)
