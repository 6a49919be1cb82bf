"""Figs. 2 and 3 of Schweer et al. (2022): a wrong ancilla linewidth, and unequal measurement strengths.

Both are **envelopes**: at each frequency the power is the best one (the paper's (29), (34), (35)), as for the standard
quantum limit beside them.  The values of κ_a in Fig. 2 are not printed; they are chosen here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import NEGATIVE_MASS, POSITIVE_MASS, SPIN, figure, house_style
from backaction.systems.published.schweer2022 import TABLE_I, CascadeParameters, ideal
from backaction.systems.published.schweer2022.formulas import cancellation_frequency
from backaction.systems.published.schweer2022.imperfections import low_frequency_reduction

from .common import UNIT, best_power, draw_limits, limits

__all__ = ["FIG2", "FIG3"]

LINEWIDTHS = {"κ_a = 0.1 ω_m": 0.1, "κ_a = 10 ω_m": 10.0}
"""κ_a/ω_m, chosen: the paper prints κ_a < ω_m and κ_a ≫ ω_m."""

MISMATCHES = {"δ = ε = 0.9": (0.9, 0.9), "δ = 0.9, ε = 1": (0.9, 1.0), "δ = 1, ε = 0.9": (1.0, 0.9)}
"""(δ, ε) of the caption of Fig. 3; the legend there says the opposite of two of them."""

_STYLES = [(POSITIVE_MASS, "-"), (NEGATIVE_MASS, (0, (5, 1.6))), (SPIN, (0, (5, 1.4, 1, 1.4)))]

_CHOICE = "envelope: the power is chosen at each frequency"


def table_i() -> CascadeParameters:
    """The sensor of Table I with a matched ancilla, in units of ω_m."""
    return ideal(linewidth=TABLE_I["kappa_om"].value, quality=TABLE_I["quality"].value)


def compute_linewidths(quick: bool) -> xr.Dataset:
    """Envelopes for two linewidths of the ancilla, with the sensor of Table I."""
    curves = {name: replace(table_i(), kappa_a=value) for name, value in LINEWIDTHS.items()}
    data = _compute(curves, quick, "Schweer et al. 2022, Fig. 2")
    return data.assign_coords(kappa_a=("case", list(LINEWIDTHS.values()), {"units": "ω_m"}))


def compute_mismatches(quick: bool) -> xr.Dataset:
    """Envelopes for unequal measurement strengths, δ = (g_a/g)² and ε = κ_c/κ_om, with the sensor of Table I."""
    base, curves = table_i(), {}
    for name, (delta, epsilon) in MISMATCHES.items():
        half = np.sqrt(delta) * base.g / 2
        curves[name] = replace(base, g_bs=half, g_dc=half, kappa_c=epsilon * base.kappa_om)
    delta, epsilon = np.array(list(MISMATCHES.values())).T
    star = cancellation_frequency(delta, epsilon, base.kappa_om)
    data = _compute(curves, quick, "Schweer et al. 2022, Fig. 3", star[star > 0])
    data["cancellation_frequency"] = ("case", np.nan_to_num(star), {"units": "ω_m", "note": "(32); 0: none"})
    return data.assign_coords(
        coupling_ratio=("case", delta, {"units": "1"}), linewidth_ratio=("case", epsilon, {"units": "1"})
    )


def _compute(
    curves: dict[str, CascadeParameters], quick: bool, title: str, special: NDArray[np.float64] | None = None
) -> xr.Dataset:
    special = np.array([]) if special is None else special
    # the resonance and the frequencies of cancellation are on the axis: narrow dips must not depend on the grid
    frequency = np.unique(np.concatenate([np.geomspace(1e-2, 1e2, 81 if quick else 321), [1.0, *special]]))
    found = [best_power(parameters, frequency) for parameters in curves.values()]
    limit, bound = limits(frequency, TABLE_I["gamma_m"].value)
    unit = {"units": UNIT}
    return xr.Dataset(
        {
            "added_noise": (["case", "frequency"], np.stack([e.added_noise for e in found]), unit),
            "power": (["case", "frequency"], np.stack([e.power for e in found]), {"units": "1", "note": "(g/ω_m)²"}),
            "standard_quantum_limit": ("frequency", limit, unit),
            "cancellation_bound": ("frequency", bound, unit),
        },
        {"case": ("case", list(curves), {"units": "1"}), "frequency": ("frequency", frequency, {"units": "ω_m"})},
        {"title": title, "choice": _CHOICE, "convention": "two-sided, vacuum 1/2; thermal force left out"},
    )


@house_style()
def draw_linewidths(data: xr.Dataset) -> Figure:
    """Fig. 2: force noise against frequency for an ancilla that is too broad."""
    picture, axes = _frame(data)
    axes.text(0.0135, 42, r"$\kappa_\mathrm{a}=0.1\,\omega_\mathrm{m}$", color=_STYLES[0][0], va="top")
    axes.text(8, 5e5, r"$\kappa_\mathrm{a}=10\,\omega_\mathrm{m}$", color=_STYLES[1][0], ha="right")
    return picture


@house_style()
def draw_mismatches(data: xr.Dataset) -> Figure:
    """Fig. 3: force noise against frequency for unequal measurement strengths."""
    picture, axes = _frame(data)
    star = float(data.cancellation_frequency.sel(case="δ = 1, ε = 0.9"))
    axes.text(star, 5, r"$\omega_*$", color=_STYLES[2][0], ha="center", va="top")
    axes.text(0.0135, 150, r"$\delta=0.9,\ \varepsilon=1$", color=_STYLES[1][0], va="bottom")
    axes.text(0.0135, 68, r"$\delta=1,\ \varepsilon=0.9$", color=_STYLES[2][0], va="top")
    axes.text(0.0135, 0.8, r"$\delta=\varepsilon=0.9$", color=_STYLES[0][0])
    key = r"$\delta=(g_\mathrm{a}/g)^2$" + "\n" + r"$\varepsilon=\kappa_\mathrm{c}/\kappa_\mathrm{om}$"
    axes.text(0.97, 0.05, key, transform=axes.transAxes, ha="right", va="bottom", fontsize=7, linespacing=1.5)
    return picture


def _frame(data: xr.Dataset) -> tuple[Figure, Any]:
    picture, axes = figure("single", aspect=0.82)
    frequency = data.frequency.values
    axes.set(xscale="log", yscale="log", xlim=(frequency[0], frequency[-1]), ylim=(0.05, 2e7))
    draw_limits(axes, frequency, data.standard_quantum_limit.values, data.cancellation_bound.values)
    for curve, (colour, dashes) in zip(data.added_noise.values, _STYLES, strict=False):
        axes.plot(frequency, curve, color=colour, linestyle=dashes)
    axes.text(0.0135, 1.5e3, "standard quantum limit", va="bottom")
    axes.text(0.0135, 0.14, "bound of ideal cancellation", va="bottom")
    axes.text(0.03, 0.95, "best power at each frequency", transform=axes.transAxes, va="top", fontsize=7, color="0.25")
    axes.set_xlabel(r"Frequency $\omega$ ($\omega_\mathrm{m}$)")
    axes.set_ylabel(r"Added force noise $S_F$ ($\hbar m\gamma_\mathrm{m}\omega_\mathrm{m}$)")
    return picture, axes


def numbers_linewidths(data: xr.Dataset) -> dict[str, Quantity]:
    """Noise over the limit at low and at high frequency, beside (30)."""
    ratio = data.added_noise / data.standard_quantum_limit
    found = {}
    for name, kappa_a in LINEWIDTHS.items():
        low, high = float(ratio.sel(case=name)[0]), float(ratio.sel(case=name)[-1])
        exact = float(low_frequency_reduction(1.0, kappa_a))
        note = f"{_CHOICE}; κ_a is chosen; (30) is the leading order, exactly (u+u²)/(1+u²) = {exact:.4f} at Q → ∞"
        printed = kappa_a / 2 if kappa_a < 1 else 1.0
        source = "Eq. (30)" if kappa_a < 1 else "Sec. IV A 1, 'converging to the SQL', in words"
        found[f"S_F/S_SQL, {name}, 0.01 ω_m"] = Quantity(low, printed, None, "1", source, note)
        note = f"{_CHOICE}; κ_a is chosen"
        if kappa_a > 1:
            note += "; the paper: 'larger than the SQL', in words"
        found[f"S_F/S_SQL, {name}, 100 ω_m"] = Quantity(high, None, None, "1", "Fig. 2", note)
    return found


def numbers_mismatches(data: xr.Dataset) -> dict[str, Quantity]:
    """Noise over the limit at low frequency beside (34), and the frequency of perfect cancellation (32)."""
    ratio = data.added_noise / data.standard_quantum_limit
    bound = data.cancellation_bound / data.standard_quantum_limit
    found = {}
    for name, (delta, epsilon) in MISMATCHES.items():
        low = float(ratio.sel(case=name)[0])
        law = abs(1 - delta / epsilon) + delta / epsilon * float(bound[0])
        found[f"S_F/S_SQL, {name}, 0.01 ω_m"] = Quantity(low, law, None, "1", "Eq. (34)", _CHOICE)
    name = "δ = 1, ε = 0.9"
    star = float(data.cancellation_frequency.sel(case=name))
    note = "where the computed noise is nearest to its bound beyond 2 ω_m; published: (32) evaluated"
    above = data.added_noise.sel(case=name) / data.cancellation_bound
    nearest = float(above.where(data.frequency > 2, drop=True).idxmin())
    closest = float(above.where(data.frequency > 2, drop=True).min())
    found["ω*, δ = 1, ε = 0.9"] = Quantity(nearest, star, None, "ω_m", "Eq. (32)", note)
    note = "'ideal CQNC can be achieved at ω*', in words"
    found["S_F/S_CQNC at ω*"] = Quantity(closest, 1.0, None, "1", "Sec. IV A 2", note)
    return found


FIG2 = Recipe(
    name="schweer2022-fig2",
    title="Schweer et al. 2022, Fig. 2: an ancilla broader than the mechanical line",
    compute=compute_linewidths,
    draw=draw_linewidths,
    numbers=numbers_linewidths,
)
"""Fig. 2: envelopes for two chosen linewidths of the ancilla."""

FIG3 = Recipe(
    name="schweer2022-fig3",
    title="Schweer et al. 2022, Fig. 3: unequal measurement strengths",
    compute=compute_mismatches,
    draw=draw_mismatches,
    numbers=numbers_mismatches,
)
"""Fig. 3: envelopes for the three mismatches of the caption."""
