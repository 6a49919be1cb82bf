"""Fig. 5 of Schweer et al. (2022): unequal beam-splitter and down-conversion couplings, g_r = ±0.2, in both orders.

Neither the power nor κ_a is printed.  Chosen: κ_a = γ_m and κ_c = κ_om (all else matched); the envelope over the power
at each frequency, and beside it the fixed power Γ_om = ω_m, which reaches the quantum limit at low frequency.

For g_r = −0.2 the ancilla is unstable at every power that matters (`stability`): the curves of Fig. 5b are
the formula in the frequency domain, not a measurement.  They are drawn as "formal", beside the best *stable* power.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from backaction.figures.recipe import Quantity, Recipe
from backaction.figures.style import MECHANICS, NEGATIVE_MASS, figure, house_style
from backaction.systems.published.schweer2022 import TABLE_I, Order, ideal
from backaction.systems.published.schweer2022.matrices import added_force_noise
from backaction.systems.published.schweer2022.outputs import with_relative_mismatch
from backaction.systems.published.schweer2022.stability import growth_rate, smallest_stable_mismatch

from .common import UNIT, best_power, draw_limits, limits

__all__ = ["FIG5A", "FIG5B"]

FIXED = float(np.sqrt(TABLE_I["kappa_om"].value / 4))
"""g/ω_m of the curve at fixed power, Γ_om = 4g²/κ_om = ω_m; chosen."""

_STYLES = {Order.ANCILLA_FIRST.value: (MECHANICS, (0, (5, 1.6))), Order.SENSOR_FIRST.value: (NEGATIVE_MASS, "-")}


def compute(mismatch: float, quick: bool) -> xr.Dataset:
    """Force noise of both orders: envelope (formal and over stable powers only) and fixed power, units of ω_m."""
    frequency = np.unique(np.append(np.geomspace(1e-2, 1e2, 81 if quick else 241), 1.0))
    uneven = with_relative_mismatch(
        ideal(linewidth=TABLE_I["kappa_om"].value, quality=TABLE_I["quality"].value), mismatch
    )
    fixed = with_relative_mismatch(
        ideal(g=FIXED, linewidth=TABLE_I["kappa_om"].value, quality=TABLE_I["quality"].value), mismatch
    )
    formal = [best_power(uneven, frequency, order, formal=True, points=129) for order in Order]
    # where nothing is unstable, nothing is left out
    stable = formal if growth_rate(fixed) < 0 else [best_power(uneven, frequency, order) for order in Order]
    chosen = [added_force_noise(fixed, order, frequency) for order in Order]
    limit, bound = limits(frequency, TABLE_I["gamma_m"].value)
    axes, unit = ["order", "frequency"], {"units": UNIT}
    return xr.Dataset(
        {
            "added_noise": (axes, np.stack([e.added_noise for e in formal]), {**unit, "note": "envelope, formal"}),
            "stable_noise": (axes, np.stack([e.added_noise for e in stable]), {**unit, "note": "stable powers only"}),
            "fixed_power_noise": (axes, np.stack(chosen), {**unit, "note": "Γ_om = ω_m"}),
            "standard_quantum_limit": ("frequency", limit, unit),
            "cancellation_bound": ("frequency", bound, unit),
            "growth_rate": ((), float(growth_rate(fixed)), {"units": "ω_m", "note": "at Γ_om = ω_m; stable if < 0"}),
            "smallest_stable_mismatch": ((), float(smallest_stable_mismatch(fixed)), {"units": "1"}),
        },
        {
            "order": ("order", [o.value for o in Order], {"units": "1"}),
            "frequency": ("frequency", frequency, {"units": "ω_m"}),
        },
        {
            "title": f"Schweer et al. 2022, Fig. 5: relative mismatch of the couplings, g_r = {mismatch:+g}",
            "relative_mismatch": mismatch,
            "choice": "κ_a = γ_m; envelope over the power; fixed power Γ_om = ω_m (none of these is printed)",
        },
    )


@house_style()
def draw(data: xr.Dataset) -> Figure:
    """Both orders at the best power of each frequency (thick) and at fixed power (thin)."""
    picture, axes = figure("single", aspect=0.82)
    frequency = data.frequency.values
    axes.set(xscale="log", yscale="log", xlim=(frequency[0], frequency[-1]), ylim=(0.05, 2e7))
    draw_limits(axes, frequency, data.standard_quantum_limit.values, data.cancellation_bound.values)
    stable = bool(data.growth_rate < 0)
    for name, (colour, dashes) in _STYLES.items():
        chosen = data.sel(order=name)
        axes.plot(frequency, chosen.fixed_power_noise, color=colour, linestyle=dashes, linewidth=0.6, alpha=0.75)
        axes.plot(frequency, chosen.added_noise, color=colour, linestyle=dashes, label=name)
    axes.text(0.0135, 0.14, "bound of ideal cancellation", va="bottom")
    _explain(axes, data, stable)
    title = rf"$g_r={data.attrs['relative_mismatch']:+.1f}$"
    axes.legend(loc="lower right", fontsize=7, title=title, title_fontsize=7.5, alignment="left")
    axes.set_xlabel(r"Frequency $\omega$ ($\omega_\mathrm{m}$)")
    axes.set_ylabel(r"Added force noise $S_F$ ($\hbar m\gamma_\mathrm{m}\omega_\mathrm{m}$)")
    return picture


def _explain(axes: Any, data: xr.Dataset, stable: bool) -> None:
    """Say which curves are envelopes, and which of them no experiment can see."""
    lines = r"thick: best power at each $\omega$" + "\n" + r"thin: $\Gamma_\mathrm{om}=\omega_\mathrm{m}$"
    if stable:
        axes.text(0.0135, 1.45e3, "standard quantum limit", va="bottom")
    else:
        lines += "\nboth formal: the ancilla is unstable"
        least = data.stable_noise.min("order")
        axes.plot(data.frequency, least, color="0.35", linestyle=(0, (1, 1)), linewidth=1.2)
        axes.text(0.0135, 7e4, "best stable power", color="0.35", va="top", fontsize=7.5)
    axes.text(0.03, 0.97, lines, transform=axes.transAxes, va="top", fontsize=7, color="0.25", linespacing=1.3)


def numbers(data: xr.Dataset) -> dict[str, Quantity]:
    """Noise over the limit at low and high frequency, and the stability of the ancilla."""
    found, choice = {}, data.attrs["choice"]
    formal = "" if data.growth_rate < 0 else "formal: no stationary state; "
    for name in _STYLES:
        chosen = data.sel(order=name)
        for kind, curve in (("envelope", chosen.added_noise), ("fixed power", chosen.fixed_power_noise)):
            ratio = float((curve / chosen.standard_quantum_limit)[0])
            found[f"S_F/S_SQL, {name}, 0.01 ω_m, {kind}"] = Quantity(ratio, None, None, "1", "Fig. 5", formal + choice)
    stable = (data.stable_noise / data.standard_quantum_limit).isel(frequency=0).min()
    note = "least noise over the powers with a stationary state, better order"
    found["S_F/S_SQL, 0.01 ω_m, stable powers only"] = Quantity(float(stable), None, None, "1", "Fig. 5", note)
    note = "at Γ_om = ω_m; positive: no stationary state; the paper does not discuss stability"
    found["growth rate"] = Quantity(float(data.growth_rate), None, None, "ω_m", "(B10a), (B11a)", note)
    note = "−(κ_a/Γ_a)(1 + 4Δ_a²/κ_c²) at Γ_a = ω_m"
    edge = float(data.smallest_stable_mismatch)
    found["smallest stable g_r"] = Quantity(edge, None, None, "1", "module stability", note)
    return found


def _compute_a(quick: bool) -> xr.Dataset:
    return compute(0.2, quick)


def _compute_b(quick: bool) -> xr.Dataset:
    return compute(-0.2, quick)


FIG5A = Recipe(
    name="schweer2022-fig5a",
    title="Schweer et al. 2022, Fig. 5a: more beam splitter than down conversion, g_r = 0.2",
    compute=_compute_a,
    draw=draw,
    numbers=numbers,
)
"""Fig. 5a: relative mismatch +0.2."""

FIG5B = Recipe(
    name="schweer2022-fig5b",
    title="Schweer et al. 2022, Fig. 5b: more down conversion than beam splitter, g_r = −0.2 (unstable)",
    compute=_compute_b,
    draw=draw,
    numbers=numbers,
)
"""Fig. 5b: relative mismatch −0.2, where the ancilla has no stationary state."""
