"""Every two-mode criterion of a lossy squeezed pair."""

from __future__ import annotations

from typing import Any

import numpy as np

from backaction import entanglement
from backaction.gaussian import apply_loss, two_mode_squeezed
from backaction.systems.canonical import two_mode_squeezed as closed

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import LIGHT, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, REFERENCE, SPIN, Figure, figure

__all__ = ["compute", "draw", "numbers"]

DECIBEL = 10.0
SQUEEZING = DECIBEL * np.log(10) / 20
WITNESSES: dict[str, tuple[Any, float]] = {
    "PPT 2ν": (entanglement.smallest_ppt_eigenvalue, 0.5),
    "Duan": (entanglement.duan_sum, 1.0),
    "EPR": (entanglement.epr_variance, 1.0),
    "Reid 4·product, a from b": (entanglement.reid_product, 0.25),
    "Reid 4·product, b from a": (lambda state, a, b: entanglement.reid_product(state, b, a), 0.25),
}
MEASURES: dict[str, Any] = {
    "mutual information": entanglement.mutual_information,
    "log-negativity": entanglement.log_negativity,
    "√contangle": entanglement.contangle,
    "formation": entanglement.entanglement_of_formation,
    "discord (b measured)": entanglement.discord,
    "steering of b by a": entanglement.steering,
    "steering of a by b": lambda state, a, b: entanglement.steering(state, b, a),
}
_COLOURS = (REFERENCE, MECHANICS, NEGATIVE_MASS, POSITIVE_MASS, LIGHT, SPIN, "0.55")
_DASHES: tuple[Any, ...] = ("-", "--", "-.", (0, (5, 1.5)), ":", (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1.5)))


def compute(quick: bool) -> Dataset:
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
    measure = {name: function(state, "a", "b").value for name, function in MEASURES.items()}
    measure["√contangle"] = np.sqrt(measure["√contangle"])
    return dataset(
        {
            "witness": ("criterion transmission", witness, "1", "over the separable bound"),
            "measure": ("quantity transmission", list(measure.values()), "nat"),
            "simon": ("transmission", entanglement.simon(state, "a", "b").value, "1", "Simon's invariant"),
        },
        {
            "transmission": (eta, "1", "transmission of mode b"),
            "criterion": list(WITNESSES),
            "quantity": list(MEASURES),
        },
        squeezing=f"{DECIBEL:g} dB",
    )


def draw(data: Dataset) -> Figure:
    """Witnesses over their bounds on the left, measures in nats on the right."""
    picture, axes = figure("double", aspect=0.44, letters=True, ncols=2)
    for one, curves in zip(axes, (data.witness, data.measure), strict=True):
        for name, values, colour, dashes in zip(curves[curves.dims[0]].values, curves, _COLOURS, _DASHES, strict=False):
            one.plot(data.transmission, values, color=colour, linestyle=dashes, label=name)
        one.set(xlabel=r"Transmission $\eta$ of mode b", xlim=(0, 1))
    axes[0].plot(data.transmission, 1 + data.simon, color=SPIN, linewidth=0.9, label="1 + Simon's invariant")
    axes[0].axhline(1, color="0.6", linewidth=0.7)
    axes[0].set(ylabel="Criterion over its bound", ylim=(0, 2.8))
    axes[0].legend(fontsize=7, loc="upper right")
    axes[1].set(ylabel="Measure (nats)", ylim=(0, 3.2))
    axes[1].legend(fontsize=7, loc="upper left")
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Symmetric loss against the closed forms; and where steering by the lossy side ends."""
    eta = np.array([0.9, 0.5, 0.1])
    state = closed.state(SQUEEZING, eta)
    found = {}
    for name, criterion, form in (
        ("Duan sum", entanglement.duan_sum, closed.duan_sum),
        ("log-negativity", entanglement.log_negativity, closed.log_negativity),
        ("steering", entanglement.steering, closed.steering),
    ):
        worst = np.abs(criterion(state, "a", "b").value - form(SQUEEZING, eta)).max()
        found[f"worst deviation of the {name}, loss on both"] = computed(worst, "closed form")
    lossy = data.measure.sel(quantity="steering of a by b")
    last = data.transmission[lossy <= 1e-12].max()
    return found | {"transmission up to which b cannot steer a": computed(last, "closed form", "½ exactly")}
