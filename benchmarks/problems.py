"""The problems: hybrid systems of high quality (γ 2π·0.05 Hz, Ω 2π·1.28 MHz, κ 2π·10 MHz), of any size.

Their readout is weak; `strong` has readout rates up to four times the frequencies.
"""

from __future__ import annotations

from functools import reduce
from operator import rshift
from typing import Any

import numpy as np

from backaction.gaussian import LinearSystem
from backaction.systems import (
    Damping,
    Hz,
    Loss,
    MechanicalOscillator,
    MHz,
    Network,
    OptomechanicalCavity,
    SpinOscillator,
    kHz,
)

SIZES = (4, 6, 8, 12, 20, 40)


def spin(readout_rate: Any = 71.6 * kHz) -> SpinOscillator:
    """A spin of negative mass."""
    return SpinOscillator(frequency=-1.268 * MHz, linewidth=5.2 * kHz, readout_rate=readout_rate, occupation=2.6)


def membrane(detuning: Any = -4.7 * MHz, number: int = 0) -> OptomechanicalCavity:
    """A membrane of high quality in a cavity."""
    return OptomechanicalCavity(
        name=f"membrane{number}",
        mechanical_frequency=(1.28 + 0.03 * number) * MHz,
        mechanical_linewidth=0.05 * Hz,
        temperature=7.0,
        cavity_linewidth=10 * MHz,
        detuning=detuning,
        coupling=350 * kHz,
        input_fraction=0.96,
    )


def network(size: int, detuning: Any = -4.7 * MHz, readout_rate: Any = 71.6 * kHz) -> Network:
    """A network with `size` quadratures: cavities in a row, before them a spin if that is needed."""
    cavities = [membrane(detuning, number) for number in range(size // 4)]
    parts = [spin(readout_rate), Loss(efficiency=0.61), *cavities] if size % 4 else [*cavities, Loss(efficiency=0.64)]
    built: Network = reduce(rshift, parts)
    return built


def batch(size: int, count: int, seed: int = 1) -> LinearSystem:
    """Random detunings and readout rates."""
    rng = np.random.default_rng(seed)
    return network(size, rng.uniform(-8, -2, count) * MHz, rng.uniform(10, 100, count) * kHz).system


def strong(count: int, seed: int = 1) -> LinearSystem:
    """A spin and a membrane in one beam, read out by 0.1 to 4 MHz, with linewidths from 1 mHz; n = 4."""
    rng = np.random.default_rng(seed)
    common = {"damping": Damping.ROTATING_WAVE}
    rates, widths = 10 ** rng.uniform(-1, np.log10(4), (2, count)) * MHz, 10 ** rng.uniform(-3, 3, (2, count)) * Hz
    first = SpinOscillator(
        frequency=-0.999 * MHz, linewidth=widths[0], readout_rate=rates[0], occupation=0.01, **common
    )
    second = MechanicalOscillator(
        mechanical_frequency=1 * MHz, mechanical_linewidth=widths[1], readout_rate=rates[1], occupation=0.1, **common
    )
    return (first >> second).system


def dense(matrix: Any, count: int) -> Any:
    """A contiguous batch."""
    return np.ascontiguousarray(np.broadcast_to(matrix, (count, *matrix.shape[-2:])))
