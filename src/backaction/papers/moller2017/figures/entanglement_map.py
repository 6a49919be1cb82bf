"""Møller et al. 2017: what the experiment would have needed to be entangled.

The smallest PPT eigenvalue of spin and membrane, given the homodyne record at the best angle (separable states: ½ or
more), over the two efficiencies; its lines are the share of the posterior that is entangled there.  It is no verdict:
the published numbers leave that undetermined (`moller2017-entanglement`).
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from backaction.entanglement import smallest_ppt_eigenvalue
from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import NEGATIVE_MASS, Figure, figure
from backaction.gaussian import Homodyne, conditional_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Network
from backaction.systems.published.moller2017 import FREE, PHYSICAL, LinkLoss, chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from ..curves import percent
from ..posterior import mixed_samples

__all__ = ["CONVENTION", "SEPARABLE", "best_ppt", "compute", "draw", "numbers"]

SEPARABLE = 0.5
CONVENTION = "smallest PPT eigenvalue, conditional, best homodyne angle; separable states have >= 0.5"
ANGLES = np.radians(np.arange(84.0, 112.0, 4.0))
"""Where the best angle of all parameter sets lies; the least value is refined by a parabola."""
SHARES = {0.05: "--", 0.5: "-.", 0.95: ":"}
READINGS = {
    "0.61 × 0.64 (Figs 2, 3)": (0.61, 0.64, "o"),
    "0.61 × 0.6675 (Fig. 4)": (0.61, 0.6675, "s"),
    "0.61 × 0.72": (0.61, 0.72, "^"),
    "0.61 × 0.75": (0.61, 0.75, "v"),
}
"""η1 and η2, as text and Table I can be read, beside a mode matching of 0.90."""


def best_ppt(network: Network) -> FloatArray:
    """Smallest PPT eigenvalue of spin and membrane at the best homodyne angle, of the shape of the network's batch.

    The angle runs over `ANGLES` from the carrier; a parabola through the three lowest gives the value at the best one.
    """
    batch = network.system.batch_shape
    angles = ANGLES.reshape(-1, *([1] * len(batch)))
    state = conditional_state(network.system, network.in_carrier_frame(Homodyne("out", angles)))
    values = np.asarray(smallest_ppt_eigenvalue(state, "spin", "membrane").value)
    middle = np.clip(np.argmin(values, axis=0), 1, len(ANGLES) - 2)
    left, low, right = (np.take_along_axis(values, (middle + i)[None], axis=0)[0] for i in (-1, 0, 1))
    curvature = left - 2 * low + right
    vertex = low - (right - left) ** 2 / (8 * np.where(curvature > 0, curvature, np.inf))
    return np.asarray(np.minimum(vertex, values.min(axis=0)))


def compute(quick: bool) -> Dataset:
    """The eigenvalue of both inferences and the entangled share of the posterior over η1 and η2."""
    efficiency = np.linspace(0.3, 1.0, 7 if quick else 15)

    def over(p: HybridParameters) -> FloatArray:
        return best_ppt(chain(replace(p, link_efficiency=efficiency[:, None], detection_efficiency=efficiency)))

    drawn = mixed_samples(8 if quick else 24, bookkeeping=LinkLoss.SEPARATE)["fig3"]
    spread = {field.name: np.asarray(getattr(drawn, field.name))[:, None, None] for field in fields(drawn)}
    ideal = replace(parameters("fig3"), mode_matching=1.0, input_fraction=1.0)
    inferred = [over(parameters("fig3", inference=one)) for one in (FREE, PHYSICAL)]
    return dataset(
        {
            "ppt": ("inference link detection", inferred),
            "ppt_samples": ("sample link detection", over(replace(drawn, **spread))),
            "ppt_ideal_cavity": ("link detection", over(ideal)),
        },
        {
            "inference": [FREE.name, PHYSICAL.name],
            "link": (efficiency, "1", "η1, spin to membrane"),
            "detection": (efficiency, "1", "η2, membrane to record"),
        },
        convention=CONVENTION,
        inferred="Γ_S and n_S: free inference; contours: the posterior's share below 0.5",
    )


def draw(data: Dataset) -> Figure:
    """The eigenvalue in colour, the posterior's share in lines, the paper's own efficiencies as marks."""
    picture, axes = figure("single", aspect=0.95)
    x, y, free = data.detection, data.link, data.ppt.sel(inference="free")
    filled = axes.contourf(x, y, free, levels=np.arange(0.30, 0.721, 0.02), cmap="cividis_r", extend="both")
    picture.colorbar(filled, ax=axes, label="Smallest PPT eigenvalue (free inference)", ticks=np.arange(0.3, 0.75, 0.1))
    white = {"levels": [SEPARABLE], "colors": "white"}
    axes.contour(x, y, free, linewidths=1.8, **white)
    for share, dashes in SHARES.items():
        # a share s of the posterior is entangled where its s-quantile is ½
        edge = data.ppt_samples.quantile(share, "sample")
        line = axes.contour(x, y, edge, linewidths=0.9, linestyles=dashes, **white)
        axes.clabel(line, fmt={SEPARABLE: f"{100 * share:.0f} %"}, fontsize=6.5)
    axes.plot([], [], color="white", linewidth=1.8, label="½, free inference")
    axes.plot([], [], color="white", linewidth=0.9, linestyle="--", label="entangled share of the posterior")
    mark = {"color": NEGATIVE_MASS, "markeredgecolor": "white", "linestyle": "none"}
    axes.plot([], [], marker="o", label="readings of the text", **mark)
    for eta1, eta2, marker in READINGS.values():
        axes.plot(eta2, eta1, marker=marker, markersize=4.5, **mark)
    axes.set(xlim=(0.3, 1), ylim=(0.3, 1), xlabel=r"Detection efficiency $\eta_2$")
    axes.set_ylabel(r"Link efficiency $\eta_1$ (mode matching 0.90)")
    axes.legend(loc="lower left", fontsize=6.5, labelcolor="white", handlelength=1.8)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Values at the readings, and the detection efficiency that a link of 0.61 would have needed."""
    found = {}
    share = (data.ppt_samples < SEPARABLE).mean("sample")
    note = "one point of what the published numbers leave undetermined; Γ_S and n_S inferred (free)"
    for label, (eta1, eta2, _) in READINGS.items():
        here = {"link": eta1, "detection": eta2}
        odds = f"{note}; {percent(share.interp(here), data.sizes['sample'])} of the posterior lie below ½"
        value = data.ppt.sel(inference="free").interp(here)
        found[f"smallest PPT eigenvalue at {label}"] = computed(value, "Table I, SI-C", odds)
    known = "where the eigenvalue is ½; mode matching 0.90"
    cases = {f"{name} inference": (data.ppt.sel(inference=name), known) for name in data.inference.values}
    ideal = "free inference, all light of the cavity matched and sent to the detector"
    for name, (surface, text) in (cases | {"ideal cavity": (data.ppt_ideal_cavity, ideal)}).items():
        needed = np.interp(-SEPARABLE, -surface.interp(link=0.61).values, data.detection.values)
        found[f"η2 needed at η1 = 0.61, {name}"] = computed(needed, "computed", text)
    return found
