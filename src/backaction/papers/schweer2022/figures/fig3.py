"""Schweer et al. 2022, Fig. 3: unequal measurement strengths.

**Envelopes** as in Fig. 2: at each frequency the power is the best one (the paper's (34), (35)).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backaction.figures.data import Dataset
from backaction.figures.recipe import Quantity
from backaction.figures.style import Figure
from backaction.systems.published.schweer2022.formulas import cancellation_frequency

from ..envelopes import table_i
from .fig2 import CHOICE, STYLES, draw_envelopes, envelopes

__all__ = ["compute", "draw", "numbers"]

MISMATCHES = {"δ = ε = 0.9": (0.9, 0.9), "δ = 0.9, ε = 1": (0.9, 1.0), "δ = 1, ε = 0.9": (1.0, 0.9)}
"""(δ, ε) of the caption, δ = (g_a/g)² and ε = κ_c/κ_om; the legend there says the opposite of two of them."""

_CANCELLING = "δ = 1, ε = 0.9"


def compute(quick: bool) -> Dataset:
    """Envelopes for unequal measurement strengths with the sensor of Table I."""
    base, curves = table_i(), {}
    for name, (delta, epsilon) in MISMATCHES.items():
        half = np.sqrt(delta) * base.g / 2
        curves[name] = replace(base, g_bs=half, g_dc=half, kappa_c=epsilon * base.kappa_om)
    delta, epsilon = np.array(list(MISMATCHES.values())).T
    star = cancellation_frequency(delta, epsilon, base.kappa_om)
    data = envelopes(curves, quick, star[star > 0])
    data["cancellation_frequency"] = ("case", np.nan_to_num(star), {"units": "ω_m", "note": "(32); 0: none"})
    one = {"units": "1"}
    return data.assign_coords(coupling_ratio=("case", delta, one), linewidth_ratio=("case", epsilon, one))


def draw(data: Dataset) -> Figure:
    """Force noise against frequency for unequal measurement strengths."""
    picture, axes = draw_envelopes(data)
    star = float(data.cancellation_frequency.sel(case=_CANCELLING))
    axes.text(star, 5, r"$\omega_*$", color=STYLES[2][0], ha="center", va="top")
    axes.text(0.0135, 150, r"$\delta=0.9,\ \varepsilon=1$", color=STYLES[1][0], va="bottom")
    axes.text(0.0135, 68, r"$\delta=1,\ \varepsilon=0.9$", color=STYLES[2][0], va="top")
    axes.text(0.0135, 0.8, r"$\delta=\varepsilon=0.9$", color=STYLES[0][0])
    key = r"$\delta=(g_\mathrm{a}/g)^2$" + "\n" + r"$\varepsilon=\kappa_\mathrm{c}/\kappa_\mathrm{om}$"
    axes.text(0.97, 0.05, key, transform=axes.transAxes, ha="right", va="bottom", fontsize=7, linespacing=1.5)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Noise over the limit at low frequency beside (34), and the frequency of perfect cancellation (32)."""
    lowest, found = data.isel(frequency=0), {}
    for name, (delta, epsilon) in MISMATCHES.items():
        low = lowest.added_noise.sel(case=name) / lowest.standard_quantum_limit
        bound = float(lowest.cancellation_bound / lowest.standard_quantum_limit)
        law = abs(1 - delta / epsilon) + delta / epsilon * bound
        found[f"S_F/S_SQL, {name}, 0.01 ω_m"] = Quantity(float(low), law, None, "1", "Eq. (34)", CHOICE)
    one = data.sel(case=_CANCELLING, frequency=slice(2.0, None))
    above, star = one.added_noise / one.cancellation_bound, float(one.cancellation_frequency)
    note = "where the computed noise is nearest to its bound beyond 2 ω_m; published: (32) evaluated"
    found[f"ω*, {_CANCELLING}"] = Quantity(float(above.idxmin()), star, None, "ω_m", "Eq. (32)", note)
    note = "'ideal CQNC can be achieved at ω*', in words"
    found["S_F/S_CQNC at ω*"] = Quantity(float(above.min()), 1.0, None, "1", "Sec. IV A 2", note)
    return found
