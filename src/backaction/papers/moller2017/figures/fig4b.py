"""Møller et al. 2017, Fig. 4b: displacement sensitivity of the hybrid.

The ratio of the membrane's and the hybrid's noise in Fig. 4a; the signal is the same in both, because the light meets
the membrane last.
"""

from __future__ import annotations

import numpy as np

from backaction.figures.data import Dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import NEGATIVE_MASS, REFERENCE, Figure, figure
from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from ..curves import banded, draw_curve, frequency_axis, offset_axis, parts, samples, say_inferred, spectral_dataset

__all__ = ["compute", "draw", "numbers"]


def compute(quick: bool) -> Dataset:
    """Noise of the membrane alone over that of the hybrid of negative mass."""
    omega = frequency_axis("fig4", 24, quick)

    def gain(p: HybridParameters) -> FloatArray:
        return np.asarray(parts(p, omega, with_spin=False)["total"] / parts(p, omega)["total"])

    data = spectral_dataset("fig4", omega, banded("gain", gain(parameters("fig4")), gain(samples("fig4", quick))))
    data["psd"].attrs = {"units": "1", "long_name": "noise of the membrane alone over that of the hybrid"}
    return data


def draw(data: Dataset) -> Figure:
    """Above one the hybrid is the better sensor."""
    picture, axes = figure("single", aspect=0.72)
    draw_curve(axes, offset_axis(axes, data), data, "gain", NEGATIVE_MASS, "hybrid, negative mass")
    axes.axhline(1, color=REFERENCE, linewidth=0.9, linestyle=(0, (4, 2)), label="membrane alone")
    axes.set_ylabel("Sensitivity relative to the membrane")
    axes.set_ylim(float(data.psd.min()) - 0.05, float(data.psd.max()) + 0.28)
    axes.legend(loc="upper left")
    say_inferred(axes)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Gain at its best, at its worst and on resonance."""
    gain, note = data.psd.sel(curve="gain"), "no number is printed; free inference, at the upper edge of the posterior"
    at_resonance = np.interp(data.attrs["effective_frequency_khz"], data.frequency, gain)
    return {
        "largest gain in noise power": computed(gain.max(), "Fig. 4b", note),
        "gain on the membrane's resonance": computed(at_resonance, "Fig. 4b", note),
        "smallest gain": computed(gain.min(), "Fig. 4b", f"{note}; near the spin's resonance"),
    }
