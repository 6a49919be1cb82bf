"""From the hybrid of 2017 to today's: its own cooperativities and efficiencies, improved one after the other.

The start is the network of Møller et al., Nature 547, 191 (2017), as `backaction.systems.published.moller2017` builds
it (Fig. 3, negative mass, free inference of Γ_S and n_S). What follows is *in the manner of* today's experiments,
with numbers assumed here and labelled so: Thomas et al., Nature Physics 17, 228 (2021) found an EPR variance of 0.83
± 0.02 with another membrane and another cell, whose parameters are not these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import InvalidInput
from backaction.systems.network import Network
from backaction.systems.published.moller2017 import chain, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

__all__ = ["STEPS", "Step", "at", "network"]


@dataclass(frozen=True)
class Step:
    """One improvement on the road.

    Parameters
    ----------
    name : str
    label : str
        What is assumed, for a legend.
    factors : dict of float
        Parameters of `HybridParameters` multiplied by these when the step is complete, geometrically on the way.
    """

    name: str
    label: str
    factors: dict[str, float]


STEPS = (
    Step("bath", "membrane's bath: $C_q^M$ × 6 (assumed)", {"bath_occupation": 1 / 6}),
    Step("spin", "spin: occupation 2.6 → 0.8 (assumed)", {"spin_occupation": 0.8 / 2.628}),
    Step("link", "link: 0.61 → 0.80 (assumed)", {"link_efficiency": 0.80 / 0.61}),
    Step("detection", "detection: 0.64 → 0.77 (assumed)", {"detection_efficiency": 0.77 / 0.64}),
)
"""The road, in order. C_q^M goes as one over the bath's occupation, C_q^S as 1/(2n + 1)."""


def at(progress: ArrayLike) -> HybridParameters:
    """The parameters after so many steps, 0 (2017) to 4; a fraction is a step under way. Fields have its shape.

    Raises
    ------
    InvalidInput
        A progress outside the road.

    Examples
    --------
    >>> [round(float(value), 2) for value in at([0.0, 3.0, 4.0]).detection_efficiency]
    [0.64, 0.64, 0.77]
    """
    done = np.asarray(progress, dtype=np.float64)
    if not ((done >= 0) & (done <= len(STEPS))).all():
        raise InvalidInput(f"the road has {len(STEPS)} steps; progress lies in [0, {len(STEPS)}], got {done}")
    start = parameters("fig3")
    changed = {
        key: getattr(start, key) * factor ** np.clip(done - i, 0.0, 1.0)
        for i, step in enumerate(STEPS)
        for key, factor in step.factors.items()
    }
    return replace(start, **changed)


def network(progress: ArrayLike) -> Network:
    """The network of `at`: ``spin``, ``link``, ``rotation``, ``membrane``, ``detection-path``.

    Examples
    --------
    >>> network([0.0, 4.0]).system.batch_shape
    (2,)
    """
    return chain(at(progress))
