"""Schweer et al. 2022, Fig. 5a: more beam splitter than down conversion, g_r = 0.2, in both orders.

Neither the power nor κ_a is printed.  Chosen: κ_a = γ_m and κ_c = κ_om (all else matched); the envelope over the power
at each frequency, and beside it the fixed power Γ_om = ω_m, which reaches the quantum limit at low frequency.
"""

from __future__ import annotations

import numpy as np

from backaction.figures.data import Dataset, dataset
from backaction.figures.recipe import Quantity, computed
from backaction.figures.style import MECHANICS, NEGATIVE_MASS, Axes, Figure, figure
from backaction.systems.published.schweer2022 import TABLE_I, Order
from backaction.systems.published.schweer2022.matrices import added_force_noise
from backaction.systems.published.schweer2022.outputs import with_relative_mismatch
from backaction.systems.published.schweer2022.stability import growth_rate, smallest_stable_mismatch

from ..envelopes import UNIT, best_power, draw_limits, limits, table_i

__all__ = ["compute", "compute_mismatch", "draw", "numbers"]

FIXED = float(np.sqrt(TABLE_I["kappa_om"].value / 4))
"""g/ω_m of the curve at fixed power, Γ_om = 4g²/κ_om = ω_m; chosen."""

_STYLES = {Order.ANCILLA_FIRST.value: (MECHANICS, (0, (5, 1.6))), Order.SENSOR_FIRST.value: (NEGATIVE_MASS, "-")}


def compute(quick: bool) -> Dataset:
    """Relative mismatch +0.2."""
    return compute_mismatch(0.2, quick)


def compute_mismatch(mismatch: float, quick: bool) -> Dataset:
    """Force noise of both orders: envelope (formal and over stable powers only) and fixed power, units of ω_m."""
    frequency = np.unique(np.append(np.geomspace(1e-2, 1e2, 81 if quick else 241), 1.0))
    uneven, fixed = (with_relative_mismatch(table_i(g), mismatch) for g in (1.0, FIXED))
    formal = [best_power(uneven, frequency, order, formal=True, points=129) for order in Order]
    # where nothing is unstable, nothing is left out
    stable = formal if growth_rate(fixed) < 0 else [best_power(uneven, frequency, order) for order in Order]
    chosen = [added_force_noise(fixed, order, frequency, formal=True) for order in Order]
    axes = "order frequency"
    return dataset(
        {
            "added_noise": (axes, [one.added_noise for one in formal], UNIT, "envelope, formal"),
            "stable_noise": (axes, [one.added_noise for one in stable], UNIT, "envelope, stable powers only"),
            "fixed_power_noise": (axes, chosen, UNIT, "Γ_om = ω_m"),
            **limits(frequency),
            "growth_rate": ("", growth_rate(fixed), "ω_m", "at Γ_om = ω_m; stable if < 0"),
            "smallest_stable_mismatch": ("", smallest_stable_mismatch(fixed)),
        },
        {"order": [order.value for order in Order], "frequency": (frequency, "ω_m")},
        relative_mismatch=mismatch,
        choice="κ_a = γ_m; envelope over the power; fixed power Γ_om = ω_m (none of these is printed)",
    )


def draw(data: Dataset) -> Figure:
    """Both orders at the best power of each frequency (thick) and at fixed power (thin)."""
    picture, axes = figure("single", aspect=0.82)
    draw_limits(axes, data)
    for name, (colour, dashes) in _STYLES.items():
        chosen = data.sel(order=name)
        axes.plot(data.frequency, chosen.fixed_power_noise, color=colour, linestyle=dashes, linewidth=0.6, alpha=0.75)
        axes.plot(data.frequency, chosen.added_noise, color=colour, linestyle=dashes, label=name)
    _explain(axes, data)
    title = rf"$g_r={data.attrs['relative_mismatch']:+.1f}$"
    axes.legend(loc="lower right", fontsize=7, title=title, title_fontsize=7.5, alignment="left")
    return picture


def _explain(axes: Axes, data: Dataset) -> None:
    """Say which curves are envelopes, and which of them no experiment can see."""
    lines = r"thick: best power at each $\omega$" + "\n" + r"thin: $\Gamma_\mathrm{om}=\omega_\mathrm{m}$"
    if data.growth_rate < 0:
        axes.text(0.0135, 1.45e3, "standard quantum limit", va="bottom")
    else:
        lines += "\nboth formal: the ancilla is unstable"
        least = data.stable_noise.min("order")
        axes.plot(data.frequency, least, color="0.35", linestyle=(0, (1, 1)), linewidth=1.2)
        axes.text(0.0135, 7e4, "best stable power", color="0.35", va="top", fontsize=7.5)
    axes.text(0.03, 0.97, lines, transform=axes.transAxes, va="top", fontsize=7, color="0.25", linespacing=1.3)


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Noise over the limit at low and high frequency, and the stability of the ancilla."""
    found, lowest = {}, data.isel(frequency=0)
    note = ("" if data.growth_rate < 0 else "formal: no stationary state; ") + data.attrs["choice"]
    for name in _STYLES:
        for kind, noise in (("envelope", lowest.added_noise), ("fixed power", lowest.fixed_power_noise)):
            ratio = noise.sel(order=name) / lowest.standard_quantum_limit
            found[f"S_F/S_SQL, {name}, 0.01 ω_m, {kind}"] = computed(ratio, "Fig. 5", note)
    stable = (lowest.stable_noise / lowest.standard_quantum_limit).min()
    note = "least noise over the powers with a stationary state, better order"
    found["S_F/S_SQL, 0.01 ω_m, stable powers only"] = computed(stable, "Fig. 5", note)
    note = "at Γ_om = ω_m; positive: no stationary state; the paper does not discuss stability"
    found["growth rate"] = computed(data.growth_rate, "(B10a), (B11a)", note, "ω_m")
    note = "−(κ_a/Γ_a)(1 + 4Δ_a²/κ_c²) at Γ_a = ω_m"
    found["smallest stable g_r"] = computed(data.smallest_stable_mismatch, "module stability", note)
    return found
