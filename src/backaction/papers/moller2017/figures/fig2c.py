"""Møller et al. 2017, Fig. 2c: quantum back action on the spin, by white noise.

The spin is probed by vacuum and by white noise on X, in the polarimeter of LO1 (efficiency 0.7).  The thermal part is
found as in the experiment, from the two spectra alone (`backaction.systems.calibration`).
"""

from __future__ import annotations

import numpy as np

from backaction.figures.data import Dataset
from backaction.figures.recipe import Quantity, beside, computed
from backaction.figures.style import REFERENCE, SPIN, Figure, figure, shade
from backaction.gaussian import Homodyne
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Hz, SpinOscillator
from backaction.systems.calibration import driven_spectra, white_noise_calibration
from backaction.systems.published.moller2017 import FIG3, chain, parameters
from backaction.systems.published.moller2017.calibration import white_noise_calibration as paper_calibration

from ..curves import POLARIMETER, banded, polarimeter, samples, say_inferred, spectral_dataset

__all__ = ["compute", "draw", "numbers"]

ADDED_NOISE = 1.22


def compute(quick: bool) -> Dataset:
    """Spin spectra in the polarimeter, for vacuum and for n_WN = 1.22 on X, and what the calibration makes of them."""
    p = parameters("fig3")
    omega = np.abs(float(p.spin_frequency)) + 2 * np.pi * 1e3 * np.linspace(-20, 20, 81 if quick else 401)
    levels = [0.0, ADDED_NOISE]
    line, band = (driven_spectra(polarimeter(q), levels, omega, Homodyne("out")) for q in (p, samples("fig3", quick)))
    curves: dict[str, FloatArray] = {}
    for name, one, many in zip(("vacuum", "white noise"), line, band, strict=True):
        curves |= banded(name, one, many)
    calibration = white_noise_calibration(levels, line)
    curves["thermal"] = calibration.thermal
    data = spectral_dataset("fig3", omega, curves, added_noise=ADDED_NOISE)
    recovered = white_noise_calibration(levels, band).cooperativity
    data["cooperativity"] = (["sample", "frequency"], recovered, {"units": "1", "long_name": "C_q^S"})
    spin = chain(p).component("spin")
    assert isinstance(spin, SpinOscillator)
    rate = calibration.readout_rate(omega, spin.frequency, spin.linewidth, POLARIMETER)
    data["readout_rate"] = ("frequency", rate / Hz / 1e3, {"units": "kHz", "long_name": "Γ_S/2π, the library's Γ"})
    return data


def draw(data: Dataset) -> Figure:
    """Thermal part filled, quantum back action striped, the driven spectrum above."""
    picture, axes = figure("single", aspect=0.8)
    offset = data.frequency - abs(float(parameters("fig3").spin_frequency)) / Hz / 1e3
    curve = {str(name): data.psd.sel(curve=name) for name in data.curve.values}
    driven = rf"driven, $n_\mathrm{{WN}} = {ADDED_NOISE}$"
    for name, colour, label in (("white noise", REFERENCE, driven), ("vacuum", SPIN, "vacuum")):
        shade(axes, offset, (curve[f"{name}, low"], curve[f"{name}, high"]), colour, 0.2)
        axes.plot(offset, curve[name], color=colour, label=label)
    striped = {"facecolor": "none", "edgecolor": SPIN, "hatch": "/////", "linewidth": 0}
    thermal = 1 + curve["thermal"]
    axes.fill_between(offset, thermal, curve["vacuum"], label="quantum back action", **striped)
    shade(axes, offset, (1, thermal), SPIN, 0.45, "thermal")
    axes.set(xlim=(float(offset[0]), float(offset[-1])), ylim=(0, 1.3 * float(data.psd.max())))
    axes.set(xlabel="Frequency from the spin's resonance (kHz)", ylabel="Phase noise (shot noise units)")
    axes.legend(loc="upper left")
    say_inferred(axes)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """C_q^S by the paper's own procedure on our spectra, and the two areas."""
    record = FIG3.spin_cooperativity
    shot, driven, bath = (data.psd.sel(curve=name) for name in ("vacuum", "white noise", "thermal"))
    peak = int(shot.argmax("frequency"))
    found = paper_calibration(shot[peak] - 1, driven[peak] - 1, ADDED_NOISE)
    spread = data.cooperativity.isel(frequency=peak)
    note = "(S40) on our spectra, on resonance; the free inference was made with it"
    posterior = f"mean of the posterior; its standard deviation is {float(spread.std()):.2f}"
    inferred, source, unit = "Γ_S and n_S inferred", "Fig. 2c", "shot noise × kHz"
    thermal, total = float(bath.integrate("frequency")), float((shot - 1).integrate("frequency"))
    rate = computed(data.readout_rate[peak], "S39", "the library's Γ, twice the paper's; put in: inferred", "kHz")
    return {
        "C_q^S, free inference": beside(found, record, note),
        "C_q^S, posterior": beside(spread.mean(), record, posterior, source="S40"),
        "thermal area": computed(thermal, source, inferred, unit),
        "back-action area": computed(total - thermal, source, inferred, unit),
        "back-action over thermal area": beside(total / thermal - 1, record, inferred, source="Fig. 2c, S40"),
        "Γ_S/2π by the calibration": rate,
    }
