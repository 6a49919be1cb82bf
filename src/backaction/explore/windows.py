"""Which frequencies to show when a file names none: those around the resonances of the network.

The poles of a chain are those of its components. A resonance is a pole that rings; the window holds all of them with
some linewidths to either side. Half of its points are spread evenly, the others crowd around the resonances, so that a
line of any width is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backaction.chain import bare_linewidth
from backaction.experiment import Experiment, ForceSpec, SpectrumSpec
from backaction.gaussian import poles
from backaction.gaussian.arrays import FloatArray
from backaction.systems import Network
from backaction.systems.component import Component
from backaction.systems.grammar.units import kHz

__all__ = ["POINTS", "Window", "force_window", "resonances", "sensed_mode", "spectrum_window"]

POINTS = 301
"""Frequencies of a spectrum on the page: enough for a curve of 1000 pixels, few enough for a slider."""

QUALITY = 3.0
"""Ω/γ from which a pole is a resonance to be shown, not a background."""

LINEWIDTHS = 12.0
"""Linewidths shown to either side of a resonance."""

SMALLEST_REACH = 1e-4
"""Fraction of a resonance's frequency shown at least to either side."""


@dataclass(frozen=True, eq=False)
class Window:
    """Frequencies ω in rad/s, and how their axis is divided: "linear" or "log"."""

    omega: FloatArray
    spacing: str


def resonances(network: Network) -> list[tuple[float, float]]:
    """Frequency |Im λ| and full width −2 Re λ (rad/s) of every decaying pole that rings, slowest first.

    Examples
    --------
    >>> from backaction.systems import SpinOscillator
    >>> spin = SpinOscillator(frequency=-100.0, linewidth=2.0, readout_rate=5.0, occupation=0)
    >>> [(frequency, width)] = resonances(Network((spin,)))
    >>> round(frequency, 1), round(width, 12)
    (100.0, 2.0)
    """
    values = poles(network.system)
    ringing = values[(values.imag > 0) & (values.real <= 0) & (values.imag >= -2 * QUALITY * values.real)]
    found = {(float(value.imag), float(-2 * value.real)) for value in ringing}
    return sorted(found)


def spectrum_window(experiment: Experiment) -> Window:
    """The frequencies of the file's spectrum, at most `POINTS` of them, or those around the resonances."""
    return _given(experiment.spectrum) or _around(experiment.network)


def force_window(experiment: Experiment) -> Window:
    """The frequencies of the file's force noise, or those of its spectrum, or those around the resonances."""
    return _given(experiment.force) or spectrum_window(experiment)


def sensed_mode(experiment: Experiment) -> str | None:
    """The mode whose force noise is shown: as the file has it, else the last mechanical one, else the last spin."""
    if experiment.force is not None:
        return experiment.force.mode
    parts = list(zip(experiment.network.names, experiment.network.components, strict=True))
    damped = [(name, part) for name, part in parts if (width := bare_linewidth(part)) is not None and width > 0]
    mechanical = [name for name, part in damped if _is_mechanical(part)]
    candidates = mechanical or [name for name, _ in damped]
    return candidates[-1] if candidates else None


def _is_mechanical(part: Component) -> bool:
    return hasattr(part, "mechanical_linewidth")


def _given(spec: SpectrumSpec | ForceSpec | None) -> Window | None:
    if spec is None:
        return None
    omega = spec.frequencies
    if len(omega) > POINTS:
        omega = omega[np.linspace(0, len(omega) - 1, POINTS).round().astype(int)]
    return Window(omega, spec.spacing.value)


def _around(network: Network) -> Window:
    found = resonances(network)
    if not found:
        values = poles(network.system)
        reach = 4 * float(np.abs(values).max()) if values.size else 0.0
        return Window(np.linspace(0.0, reach or 100 * kHz, POINTS), "linear")
    edges = [(f, max(LINEWIDTHS * width, SMALLEST_REACH * f)) for f, width in found]
    low = max(min(f - reach for f, reach in edges), 0.0)
    high = max(f + reach for f, reach in edges)
    crowded = POINTS // 2 // len(found)
    near = [_crowd(frequency, width, low, high, crowded) for frequency, width in found]
    even = np.linspace(low, high, POINTS - crowded * len(found))
    return Window(np.sort(np.concatenate([even, *near])), "linear")


def _crowd(frequency: float, width: float, low: float, high: float, count: int) -> FloatArray:
    """Points whose distance from a resonance grows from a fraction of its width to the edges of the window."""
    unit = max(width / 4, 1e-12 * frequency)  # an undamped line has no width to resolve
    ends = np.arcsinh((np.array([low, high]) - frequency) / unit)
    inner = np.linspace(ends[0], ends[1], count + 2)[1:-1]
    crowd: FloatArray = np.clip(frequency + unit * np.sinh(inner), low, high)
    return crowd
