"""Møller et al. 2017: what the experiment would have needed to be entangled.

The smallest PPT eigenvalue of spin and membrane, given the homodyne record at the best angle (separable states: ½ or
more), over the two efficiencies; its lines are the share of the posterior that is entangled there.  It is no verdict:
the published numbers leave that undetermined (`moller2017-entanglement`).
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from backaction.entanglement import smallest_ppt_eigenvalue
from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import NEGATIVE_MASS, figure, house_style
from backaction.gaussian import Homodyne, conditional_state
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Network
from backaction.systems.published.moller2017 import FREE, PHYSICAL, LinkLoss, chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from ..posterior import mixed_samples

__all__ = ["ENTANGLEMENT_MAP", "SEPARABLE", "best_ppt"]

SEPARABLE = 0.5
ANGLES = np.radians(np.arange(84.0, 112.0, 4.0))
"""Where the best angle of all parameter sets lies; the least value is refined by a parabola."""
SHARES = (0.05, 0.5, 0.95)
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


def compute_map(quick: bool) -> xr.Dataset:
    """The eigenvalue of both inferences and the entangled share of the posterior over η1 and η2."""
    points = 7 if quick else 15
    link, detection = np.linspace(0.3, 1.0, points), np.linspace(0.3, 1.0, points)
    eta1, eta2 = link[:, None], detection
    inferred = [_over(parameters("fig3", inference=one), eta1, eta2) for one in (FREE, PHYSICAL)]
    drawn = mixed_samples(8 if quick else 24, bookkeeping=LinkLoss.SEPARATE)["fig3"]
    spread = {field.name: np.asarray(getattr(drawn, field.name))[:, None, None] for field in fields(drawn)}
    sampled = _over(replace(drawn, **spread), eta1, eta2)
    ideal = _over(replace(parameters("fig3"), mode_matching=1.0, input_fraction=1.0), eta1, eta2)
    one = {"units": "1"}
    return xr.Dataset(
        {
            "ppt": (["inference", "link", "detection"], inferred, one),
            "ppt_samples": (["sample", "link", "detection"], sampled, one),
            "ppt_ideal_cavity": (["link", "detection"], ideal, one),
        },
        {
            "inference": [FREE.name, PHYSICAL.name],
            "link": ("link", link, {"units": "1", "long_name": "η1, spin to membrane"}),
            "detection": ("detection", detection, {"units": "1", "long_name": "η2, membrane to record"}),
        },
        {
            "title": "Møller et al. 2017: entanglement against the efficiencies",
            "convention": "smallest PPT eigenvalue, conditional, best homodyne angle; separable states have >= 0.5",
            "inferred": "Γ_S and n_S: free inference; contours: the posterior's share below 0.5",
        },
    )


def _over(p: HybridParameters, eta1: FloatArray, eta2: FloatArray) -> FloatArray:
    return best_ppt(chain(replace(p, link_efficiency=eta1, detection_efficiency=eta2)))


@house_style()
def draw_map(data: xr.Dataset) -> Figure:
    """The eigenvalue in colour, the posterior's share in lines, the paper's own efficiencies as marks."""
    picture, axes = figure("single", aspect=0.95)
    free = data.ppt.sel(inference="free")
    levels = np.arange(0.30, 0.721, 0.02)
    filled = axes.contourf(data.detection, data.link, free, levels=levels, cmap="cividis_r", extend="both")
    picture.colorbar(filled, ax=axes, label="Smallest PPT eigenvalue (free inference)", ticks=np.arange(0.3, 0.75, 0.1))
    axes.contour(data.detection, data.link, free, levels=[SEPARABLE], colors="white", linewidths=1.8)
    for share, dashes in zip(SHARES, ("--", "-.", ":"), strict=True):
        # a share s of the posterior is entangled where its s-quantile is ½
        edge = data.ppt_samples.quantile(share, "sample")
        line = axes.contour(
            data.detection, data.link, edge, levels=[SEPARABLE], colors="white", linewidths=0.9, linestyles=dashes
        )
        axes.clabel(line, fmt={SEPARABLE: f"{100 * share:.0f} %"}, fontsize=6.5)
    for eta1, eta2, marker in READINGS.values():
        axes.plot(
            eta2, eta1, marker=marker, color=NEGATIVE_MASS, markeredgecolor="white", markersize=4.5, linestyle="none"
        )
    axes.set(xlim=(0.3, 1), ylim=(0.3, 1))
    axes.set_xlabel(r"Detection efficiency $\eta_2$")
    axes.set_ylabel(r"Link efficiency $\eta_1$ (mode matching 0.90)")
    key = [
        Line2D([], [], color="white", linewidth=1.8, label="½, free inference"),
        Line2D([], [], color="white", linewidth=0.9, linestyle="--", label="entangled share of the posterior"),
        Line2D(
            [],
            [],
            color=NEGATIVE_MASS,
            marker="o",
            linestyle="none",
            markeredgecolor="white",
            label="readings of the text",
        ),
    ]
    axes.legend(handles=key, loc="lower left", fontsize=6.5, labelcolor="white", handlelength=1.8)
    return picture


def numbers_map(data: xr.Dataset) -> dict[str, Quantity]:
    """Values at the readings, and the detection efficiency that a link of 0.61 would have needed."""
    found = {}
    share = (data.ppt_samples < SEPARABLE).mean("sample")
    note = "one point of what the published numbers leave undetermined; Γ_S and n_S inferred (free)"
    for label, (eta1, eta2, _) in READINGS.items():
        here = {"link": eta1, "detection": eta2}
        value = float(data.ppt.sel(inference="free").interp(here))
        odds = f"{100 * float(share.interp(here)):.0f} % of the posterior lie below ½"
        found[f"smallest PPT eigenvalue at {label}"] = Quantity(
            value, None, None, "1", "Table I, SI-C", f"{note}; {odds}"
        )
    for inference in data.inference.values:
        line = data.ppt.sel(inference=inference).interp(link=0.61)
        needed = float(np.interp(-SEPARABLE, -line.values, data.detection.values))
        found[f"η2 needed at η1 = 0.61, {inference} inference"] = Quantity(
            needed, None, None, "1", "computed", "where the eigenvalue is ½; mode matching 0.90"
        )
    along = data.ppt_ideal_cavity.interp(link=0.61)
    found["η2 needed at η1 = 0.61, ideal cavity"] = Quantity(
        float(np.interp(-SEPARABLE, -along.values, data.detection.values)), None, None, "1", "computed",
        "free inference, all light of the cavity matched and sent to the detector",
    )  # fmt: skip
    return found


ENTANGLEMENT_MAP = Recipe(
    "moller2017-entanglement-map",
    "What the experiment would have needed to be entangled (Møller et al. 2017)",
    compute_map,
    draw_map,
    numbers_map,
)
