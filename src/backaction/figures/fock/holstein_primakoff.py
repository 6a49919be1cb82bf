"""Holstein–Primakoff in Fock space: how long a spin must be to pass for an oscillator of negative mass."""

from __future__ import annotations

import numpy as np

from backaction.fock import Mass, conditional_epr_variance, convergence, finite_spin_correction
from backaction.fock import gaussian_epr_variance as gaussian

from ..data import Dataset, dataset
from ..recipe import Quantity, computed
from ..style import (
    MECHANICS,
    NEGATIVE_MASS,
    POSITIVE_MASS,
    REFERENCE,
    SPIN,
    Axes,
    Figure,
    figure,
    plain_ticks,
)

__all__ = ["compute", "draw", "numbers"]

_SPINS = {
    5.0: (SPIN, "-.", (8.0, 0.5)),
    20.0: (NEGATIVE_MASS, "--", (17.0, 0.235)),
    100.0: (MECHANICS, (0, (6, 1.2, 1, 1.2, 1, 1.2)), (9.3, 0.066)),
}
"""Lengths of the spins in the left panel; colours, dashes, places of the labels."""

_PROBES = {0.5: (SPIN, "v"), 1.0: (NEGATIVE_MASS, "o"), 4.0: (MECHANICS, "s")}
"""Strengths of the probes in the right panel, their colours and markers."""

_LENGTHS = (5, 10, 20, 36, 63, 112, 200, 356, 632, 1124, 2000)
"""Lengths of the right panel; they hold the two decades over which slopes are fitted."""

_DECADES = ((0.5, 20, 200), (1.0, 20, 200), (4.0, 200, 2000))
"""Strength, shortest and longest spin of each fit: a stronger probe needs longer spins to be of first order."""

_WEAKEST, _STRONGEST = 0.2, 20.0
"""Ends of the axis of strengths."""

_SOURCE = "no publication; backaction.fock.spin"


def compute(quick: bool) -> Dataset:
    """Return EPR variances of oscillator and finite spin in Fock space, and those of two oscillators.

    Returns
    -------
    xarray.Dataset
        `epr_variance` (spin_length, strength) with negative mass; `epr_variance_positive` (strength) of the spin of
        length 20 with positive mass; `gaussian` and `gaussian_positive` (fine_strength); `error` (probe, length)
        and its `first_order`; `truncation_change` (spin_length, truncation), by how much Δ changes at the
        strongest probe when each truncation is enlarged by half.
    """
    strengths = np.geomspace(_WEAKEST, _STRONGEST, 7 if quick else 21)
    fine = np.geomspace(_WEAKEST, _STRONGEST, 201)
    lengths = np.array(_LENGTHS[2::2] if quick else _LENGTHS, dtype=np.float64)
    probes = np.array(list(_PROBES))
    curves = [[conditional_epr_variance(j, s).epr_variance for s in strengths] for j in _SPINS]
    positive = [conditional_epr_variance(20, s, Mass.POSITIVE).epr_variance for s in strengths]
    error = [[conditional_epr_variance(j, s).epr_variance - float(gaussian(s)) for j in lengths] for s in probes]
    strongest = float(strengths[-3 if quick else -1])  # a quick look has the record of a weaker probe
    changes = [convergence(j, strongest) for j in _SPINS]
    truncation = [list(change.values()) for change in changes]
    return dataset(
        {
            "epr_variance": ("spin_length strength", curves, "1", "EPR variance Δ"),
            "epr_variance_positive": ("strength", positive, "1", "Δ, J = 20, positive mass"),
            "gaussian": ("fine_strength", gaussian(fine), "1", "Δ of two oscillators"),
            "gaussian_positive": ("fine_strength", gaussian(fine, Mass.POSITIVE)),
            "error": ("probe length", error, "1", "Δ − Δ of two oscillators"),
            "first_order": ("probe length", finite_spin_correction(lengths, probes[:, None])),
            "truncation_change": ("spin_length truncation", truncation),
        },
        {
            "spin_length": (list(_SPINS), "1", "spin length J"),
            "strength": (strengths, "1", "measurement strength ΓT"),
            "fine_strength": (fine, "1", "measurement strength ΓT"),
            "probe": (probes, "1", "measurement strength ΓT"),
            "length": (lengths, "1", "spin length J"),
            "truncation": (list(changes[0]), "1", "what was enlarged by half"),
        },
        strength_of_truncation_change=strongest,
        convention="Δ = ½[Var(X_M + J_y/√⟨J_x⟩) + Var(P_M − J_z/√⟨J_x⟩)], separable states have Δ ≥ 1",
    )


def draw(data: Dataset) -> Figure:
    """Left: EPR variance against measurement strength. Right: its distance from the Gaussian value against J."""
    picture, (left, right) = figure("double", aspect=0.43, letters=True, ncols=2)
    _draw_variances(left, data)
    _draw_errors(right, data)
    return picture


def numbers(data: Dataset) -> dict[str, Quantity]:
    """Return fitted slopes, the first-order coefficient, the best of each spin, and what truncation is worth."""
    found = {}
    for strength, shortest, longest in _DECADES:
        key = f"slope of the error, ΓT = {strength:g}, J = {shortest} to {longest}"
        curve = data.error.sel(probe=strength, length=slice(shortest, longest))
        slope = np.polyfit(np.log(curve.length), np.log(curve), 1)[0]
        found[key] = computed(slope, _SOURCE, "log–log fit; −1 expected for long spins")
    ratio = data.error / data.first_order
    for strength in data.probe.values:
        key = f"error over its first order, ΓT = {strength:g}, J = {data.length.values[-1]:g}"
        note = "first order (ΓT)²/[16 J (1 + ΓT)²]; 1 expected for long spins"
        found[key] = computed(ratio.sel(probe=strength).isel(length=-1), _SOURCE, note)
    for length in data.spin_length.values:
        curve = data.epr_variance.sel(spin_length=length)
        best = float(curve.strength[curve.argmin("strength")])
        note = f"on the grid of strengths, at ΓT = {best:.2g}; two oscillators have {1 / (1 + best):.4g} there"
        found[f"smallest EPR variance, J = {length:g}"] = computed(curve.min(), _SOURCE, note)
        change = np.abs(data.truncation_change.sel(spin_length=length)).max()
        strongest = data.attrs["strength_of_truncation_change"]
        note = f"largest change of Δ at ΓT = {strongest:.3g} when one truncation is enlarged by half"
        found[f"truncation error, J = {length:g}"] = computed(change, _SOURCE, note)
    return found


def _draw_variances(axes: Axes, data: Dataset) -> None:
    axes.axhline(1, color=REFERENCE, linewidth=0.7, linestyle=":")
    axes.plot(data.fine_strength, data.gaussian_positive, color=POSITIVE_MASS, linewidth=0.9)
    hollow = {"color": POSITIVE_MASS, "markerfacecolor": "w", "markersize": 3.5}
    axes.plot(data.strength, data.epr_variance_positive, "o", **hollow)
    axes.plot(data.fine_strength, data.gaussian, color=REFERENCE)
    for length, (colour, dashes, place) in _SPINS.items():
        axes.plot(data.strength, data.epr_variance.sel(spin_length=length), color=colour, linestyle=dashes)
        axes.text(*place, f"$J = {length:g}$", color=colour, ha="right")
    axes.text(0.22, 1.3, "positive mass, $J = 20$", color=POSITIVE_MASS)
    axes.text(5, 0.92, "entangled", color=REFERENCE, ha="center", va="top")
    axes.text(0.25, 0.19, "two oscillators,\n$\\Delta = 1/(1 + \\Gamma T)$", color=REFERENCE)
    axes.plot([1.08, 2.9], [0.22, 0.25], color=REFERENCE, linewidth=0.5)
    axes.set(xscale="log", yscale="log", xlim=(_WEAKEST, _STRONGEST), ylim=(0.04, 2.5))
    axes.set(xlabel=r"Measurement strength $\Gamma T$", ylabel=r"Conditional EPR variance $\Delta$")
    plain_ticks(axes, "x", [0.2, 0.5, 1, 2, 5, 10, 20])
    plain_ticks(axes, "y", [0.05, 0.1, 0.2, 0.5, 1, 2])


def _draw_errors(axes: Axes, data: Dataset) -> None:
    span = np.array([3.5, 3000.0])
    for strength, (colour, marker) in _PROBES.items():
        curve = data.sel(probe=strength)
        first = float(curve.first_order[0] * data.length[0])
        axes.plot(span, first / span, color=colour, linewidth=0.9)
        axes.plot(data.length, curve.error, marker, color=colour, label=rf"$\Gamma T = {strength:g}$")
    axes.set(xscale="log", yscale="log", xlim=span, ylim=(2e-6, 0.1), xlabel=r"Spin length $J$")
    axes.text(4.5, 4e-6, "lines: $(\\Gamma T)^2/[16\\,J\\,(1 + \\Gamma T)^2]$", color=REFERENCE)
    axes.set_ylabel(r"Excess over two oscillators, $\Delta - 1/(1 + \Gamma T)$")
    axes.legend(loc="upper right")
