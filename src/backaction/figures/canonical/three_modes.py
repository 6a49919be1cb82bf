"""Three modes of Greenberger, Horne and Zeilinger: cut by cut, and all at once."""

from __future__ import annotations

import numpy as np

from backaction.entanglement import genuine_multipartite, inseparability, van_loock_furusawa
from backaction.gaussian import GaussianState, apply_loss, apply_symplectic, squeezed
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.symplectic import beam_splitter

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, Figure, figure

__all__ = ["compute", "draw", "numbers"]

_DASHES = {1.0: "-", 0.8: "--", 0.5: ":"}


def compute(quick: bool) -> Dataset:
    """Three modes: one p-squeezed and two x-squeezed on two beam splitters, then loss on all."""
    decibel = np.linspace(0.2, 12, 13 if quick else 40)
    state = apply_loss(_greenberger(decibel * np.log(10) / 20), np.array(list(_DASHES))[:, None])
    values = {
        "all cuts: largest 2ν": 2 * np.max([one.value for one in inseparability(state).values()], axis=0),
        "van Loock–Furusawa, a | bc": van_loock_furusawa(state, "a", ["b", "c"]).value,
        "genuine (one witness)": genuine_multipartite(state).value,
    }
    return dataset(
        {"value": ("criterion transmission squeezing", list(values.values()))},
        {"squeezing": (decibel, "dB"), "transmission": list(_DASHES), "criterion": list(values)},
    )


def draw(data: Dataset) -> Figure:
    """Three criteria against squeezing, without and with loss."""
    picture, axes = figure("single", aspect=0.82)
    for name, colour in zip(data.criterion.values, (MECHANICS, POSITIVE_MASS, NEGATIVE_MASS), strict=True):
        for eta, dashes in _DASHES.items():
            values = data.value.sel(criterion=name, transmission=eta)
            label = name if eta == 1 else None
            if name.startswith("all"):  # dots: van Loock and Furusawa's curve is the same here
                axes.plot(data.squeezing[2::4], values[2::4], "o", color=colour, markersize=3, label=label)
            else:
                axes.plot(data.squeezing, values, color=colour, linestyle=dashes, label=label)
    for eta, dashes in _DASHES.items():
        axes.plot([], [], color="0.4", linestyle=dashes, label=rf"transmission {eta:g}")
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    axes.set(xlabel="Squeezing (dB)", ylabel="Criterion (separable: 1 or more)", xlim=(0, 12), ylim=(0, 1.75))
    axes.legend(fontsize=6.5, loc="upper right", ncols=2, columnspacing=0.8, handlelength=1.6)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """The three criteria at the largest squeezing."""
    strongest, note = data.value.isel(squeezing=-1), "1 or more for separable (genuine: biseparable) states"
    return {
        f"{name}, 12 dB, transmission {eta:g}": computed(strongest.sel(criterion=name, transmission=eta), "model", note)
        for name in data.criterion.values
        for eta in _DASHES
    }


def _greenberger(r: FloatArray) -> GaussianState:
    state = squeezed(-r, "a").tensor(squeezed(r, "b")).tensor(squeezed(r, "c"))
    state = apply_symplectic(state, beam_splitter(1 / 3), ["a", "b"])
    return apply_symplectic(state, beam_splitter(1 / 2), ["b", "c"])
