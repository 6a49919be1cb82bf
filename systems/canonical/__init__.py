"""Canonical systems of the field, each as a function of a few labelled parameters beside its closed forms.

`probed_oscillator`: one oscillator under continuous observation; `epr_pair`: two of opposite mass in one beam, by three
schemes; `pulsed`: the same pair in a pulse short beside its decay; `opo`: a monitored parametric oscillator;
`two_mode_squeezed`: the resource state with loss; `hybrid_road`: from the hybrid of 2017 to today's. They are "in the
manner of" the papers that they name; published experiments with their tables are in `backaction.systems.published`.
"""

from __future__ import annotations

from . import epr_pair, hybrid_road, opo, probed_oscillator, pulsed, two_mode_squeezed

__all__ = ["epr_pair", "hybrid_road", "opo", "probed_oscillator", "pulsed", "two_mode_squeezed"]
