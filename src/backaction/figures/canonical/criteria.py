"""Criteria side by side: a lossy two-mode squeezed state, and three modes of Greenberger, Horne and Zeilinger."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.entanglement import (
    contangle,
    discord,
    duan_sum,
    entanglement_of_formation,
    epr_variance,
    genuine_multipartite,
    inseparability,
    log_negativity,
    mutual_information,
    reid_product,
    simon,
    smallest_ppt_eigenvalue,
    steering,
    van_loock_furusawa,
)
from backaction.gaussian import GaussianState, apply_loss, apply_symplectic, squeezed, two_mode_squeezed
from backaction.gaussian.symplectic import beam_splitter
from backaction.systems.canonical import two_mode_squeezed as closed

from ..recipe import Quantity, Recipe
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, SPIN, figure, house_style, panel_label

__all__ = ["THREE_MODES", "TWO_MODE_SQUEEZED"]

DECIBEL = 10.0
SQUEEZING = DECIBEL * np.log(10) / 20
WITNESSES: dict[str, tuple[Any, float]] = {
    "PPT 2ν": (smallest_ppt_eigenvalue, 0.5),
    "Duan": (duan_sum, 1.0),
    "EPR": (epr_variance, 1.0),
    "Reid 4·product, a from b": (reid_product, 0.25),
    "Reid 4·product, b from a": (lambda s, a, b: reid_product(s, b, a), 0.25),
}
MEASURES: dict[str, Any] = {
    "mutual information": mutual_information,
    "log-negativity": log_negativity,
    "√contangle": contangle,
    "formation": entanglement_of_formation,
    "discord (b measured)": discord,
    "steering of b by a": steering,
    "steering of a by b": lambda state, a, b: steering(state, b, a),
}
_COLOURS = (REFERENCE, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, LIGHT, SPIN, "0.55")
_DASHES: tuple[Any, ...] = ("-", "--", "-.", (0, (5, 1.5)), ":", (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1.5)))


def compute_pair(quick: bool) -> xr.Dataset:
    """All two-mode criteria of 10 dB squeezed vacuum whose second mode is transmitted with η.

    Returns
    -------
    xarray.Dataset
        `witness` (criterion, transmission), over the separable bound; `measure` (quantity, transmission) in nats;
        `simon` (transmission).
    """
    eta = np.linspace(0.005, 1, 41 if quick else 200)
    state = apply_loss(two_mode_squeezed(SQUEEZING, ["a", "b"]), eta, "b")
    witness = [criterion(state, "a", "b").value / bound for criterion, bound in WITNESSES.values()]
    measure = [function(state, "a", "b").value for function in MEASURES.values()]
    measure[list(MEASURES).index("√contangle")] = np.sqrt(measure[list(MEASURES).index("√contangle")])
    return xr.Dataset(
        {
            "witness": (
                ["criterion", "transmission"],
                witness,
                {"units": "1", "long_name": "over the separable bound"},
            ),
            "measure": (["quantity", "transmission"], measure, {"units": "nat"}),
            "simon": ("transmission", simon(state, "a", "b").value, {"units": "1", "long_name": "Simon's invariant"}),
        },
        {
            "transmission": ("transmission", eta, {"units": "1", "long_name": "transmission of mode b"}),
            "criterion": list(WITNESSES),
            "quantity": list(MEASURES),
        },
        {"title": "Criteria of a lossy two-mode squeezed vacuum", "squeezing": f"{DECIBEL:g} dB"},
    )


@house_style()
def draw_pair(data: xr.Dataset) -> Figure:
    """Witnesses over their bounds on the left, measures in nats on the right."""
    picture, axes = figure("double", aspect=0.44, ncols=2)
    for name, colour, dashes in zip(data.criterion.values, _COLOURS, _DASHES, strict=False):
        axes[0].plot(data.transmission, data.witness.sel(criterion=name), color=colour, linestyle=dashes, label=name)
    axes[0].plot(data.transmission, 1 + data.simon, color=SPIN, linewidth=0.9, label="1 + Simon's invariant")
    axes[0].axhline(1, color="0.6", linewidth=0.7)
    axes[0].set(ylabel="Criterion over its bound", ylim=(0, 2.8))
    axes[0].legend(fontsize=7, loc="upper right")
    for name, colour, dashes in zip(data["quantity"].values, _COLOURS, _DASHES, strict=True):
        values = data.measure.sel(quantity=name)
        axes[1].plot(data.transmission, values, color=colour, linestyle=dashes, label=name)
    axes[1].set(ylabel="Measure (nats)", ylim=(0, 3.2))
    axes[1].legend(fontsize=7, loc="upper left")
    for one, letter in zip(axes, "ab", strict=True):
        one.set(xlabel=r"Transmission $\eta$ of mode b", xlim=(0, 1))
        panel_label(one, letter)
    return picture


def numbers_pair(data: xr.Dataset) -> dict[str, Quantity]:
    """Symmetric loss against the closed forms; and where steering by the lossy side ends."""
    eta = np.array([0.9, 0.5, 0.1])
    state = closed.state(SQUEEZING, eta)
    pairs = {
        "Duan sum": (duan_sum, closed.duan_sum),
        "log-negativity": (log_negativity, closed.log_negativity),
        "steering": (steering, closed.steering),
    }
    found = {}
    for name, (criterion, form) in pairs.items():
        worst = float(np.abs(criterion(state, "a", "b").value - form(SQUEEZING, eta)).max())
        found[f"worst deviation of the {name}, loss on both"] = Quantity(worst, None, None, "1", "closed form")
    lossy = data.measure.sel(quantity="steering of a by b").values
    last = float(data.transmission.values[lossy <= 1e-12].max())
    found["transmission up to which b cannot steer a"] = Quantity(last, None, None, "1", "closed form", "½ exactly")
    return found


def compute_three(quick: bool) -> xr.Dataset:
    """Three modes: one p-squeezed and two x-squeezed on two beam splitters, then loss on all."""
    decibel = np.linspace(0.2, 12, 13 if quick else 40)
    eta = np.array([1.0, 0.8, 0.5])[:, None]
    state = apply_loss(_greenberger(decibel * np.log(10) / 20), eta)
    cuts = inseparability(state)
    values = {
        "all cuts: largest 2ν": 2 * np.max([one.value for one in cuts.values()], axis=0),
        "van Loock–Furusawa, a | bc": van_loock_furusawa(state, "a", ["b", "c"]).value,
        "genuine (one witness)": genuine_multipartite(state).value,
    }
    return xr.Dataset(
        {"value": (["criterion", "transmission", "squeezing"], list(values.values()), {"units": "1"})},
        {
            "squeezing": ("squeezing", decibel, {"units": "dB"}),
            "transmission": ("transmission", eta[:, 0], {"units": "1"}),
            "criterion": list(values),
        },
        {"title": "Three modes, entangled at once"},
    )


@house_style()
def draw_three(data: xr.Dataset) -> Figure:
    """Three criteria against squeezing, without and with loss."""
    picture, axes = figure("single", aspect=0.82)
    for name, colour in zip(data.criterion.values, (MECHANICS, POSITIVE_MASS, NEGATIVE_MASS), strict=True):
        for eta, dashes in zip(data.transmission.values, ("-", "--", ":"), strict=True):
            values = data.value.sel(criterion=name, transmission=eta)
            label = name if eta == 1 else None
            if name.startswith("all"):  # dots: van Loock and Furusawa's curve is the same here
                axes.plot(data.squeezing[2::4], values[2::4], "o", color=colour, markersize=3, label=label)
            else:
                axes.plot(data.squeezing, values, color=colour, linestyle=dashes, label=label)
    for eta, dashes in zip(data.transmission.values, ("-", "--", ":"), strict=True):
        axes.plot([], [], color="0.4", linestyle=dashes, label=rf"transmission {eta:g}")
    axes.axhline(1, color=REFERENCE, linewidth=0.7)
    axes.set(xlabel="Squeezing (dB)", ylabel="Criterion (separable: 1 or more)", xlim=(0, 12), ylim=(0, 1.75))
    axes.legend(fontsize=6.5, loc="upper right", ncols=2, columnspacing=0.8, handlelength=1.6)
    return picture


def numbers_three(data: xr.Dataset) -> dict[str, Quantity]:
    """The three criteria at the largest squeezing."""
    note = "1 or more for separable (genuine: biseparable) states"
    return {
        f"{name}, 12 dB, transmission {eta:g}": Quantity(
            float(data.value.sel(criterion=name, transmission=eta)[-1]), None, None, "1", "model", note
        )
        for name in data.criterion.values
        for eta in data.transmission.values
    }


def _greenberger(r: np.ndarray) -> GaussianState:
    state = squeezed(-r, "a").tensor(squeezed(r, "b")).tensor(squeezed(r, "c"))
    state = apply_symplectic(state, beam_splitter(1 / 3), ["a", "b"])
    return apply_symplectic(state, beam_splitter(1 / 2), ["b", "c"])


TWO_MODE_SQUEEZED = Recipe(
    "two-mode-squeezed", "Every two-mode criterion of a lossy squeezed pair", compute_pair, draw_pair, numbers_pair
)
THREE_MODES = Recipe(
    "three-modes", "Three modes: cut by cut, and all at once", compute_three, draw_three, numbers_three
)
