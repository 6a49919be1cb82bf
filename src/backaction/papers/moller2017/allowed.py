"""Which parameters the published numbers of Møller et al. 2017 allow: the set over which a band is drawn.

Two readings of the loss between the systems, the detection efficiencies that the text and Table I mention, the bath
within the error bars of its temperature and of C_q^M, Γ_S between the two inferences, and n_S from the polarisation
in its three normalisations or from C_q^S within its error bar: their product, of which those stay that reproduce all
eight published area ratios within `AREA_TOLERANCE`.  No point of the set is more published than another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import (
    COLUMNS,
    FIG3,
    FREE,
    PHYSICAL,
    LinkLoss,
    matched_readout_rate,
    parameters,
)
from backaction.systems.published.moller2017.calibration import quantum_cooperativity
from backaction.systems.published.moller2017.formulas import HybridParameters

from .inference import area_deviations, occupation_from_cooperativity

__all__ = ["AREA_TOLERANCE", "DETECTION", "POLARISATION_OCCUPATIONS", "Allowed", "allowed_parameters"]

Indices = NDArray[np.intp]

AREA_TOLERANCE = 0.05
"""Largest deviation from a published area ratio, relative: the error bar that the text gives for the reduction of the
back action. The two inferences deviate by up to 3.4 and 4.7 %; the text's n_S = 0.9 by 9 % or more (the thermal
ratio), so that it drops out of the set."""

DETECTION = (0.64, 0.6675, 0.72, 0.75)
"""η2: 0.72 × 0.89 (SI-C), 0.75 × 0.89 (Fig. 4), and Table I's own 0.72 and 0.75, without the visibility."""

POLARISATION_OCCUPATIONS = (0.9, 1.76, 2.4)
"""n_S of 60 % polarisation, by what normalises J_x: variance 2.8 × projection noise, and the two other readings."""


@dataclass(frozen=True, eq=False)
class Allowed:
    """A batch of P allowed parameter sets, the same sets for every column.

    Attributes
    ----------
    columns : dict of str to HybridParameters
        By column, negative mass; every varied field has the shape (P,).
    link : tuple of LinkLoss
        The bookkeeping of each.
    deviations : array, shape (P, 8)
        Relative deviations from the published area ratios.
    """

    columns: dict[str, HybridParameters]
    link: tuple[LinkLoss, ...]
    deviations: FloatArray

    @property
    def size(self) -> int:
        """P."""
        return len(self.link)


def allowed_parameters(detection: tuple[float, ...] = DETECTION, tolerance: float = AREA_TOLERANCE) -> Allowed:
    """Return the product of all that the text leaves open, less what contradicts the published areas.

    Parameters
    ----------
    detection : tuple of float
        η2 to take; the area ratios do not depend on it, so it only multiplies the set.
    tolerance : float
        See `AREA_TOLERANCE`.

    Examples
    --------
    >>> allowed = allowed_parameters(detection=(0.64,))
    >>> bool(np.abs(allowed.deviations).max() <= AREA_TOLERANCE)
    True
    """
    books = list(LinkLoss)
    grid = np.meshgrid(
        np.arange(len(books)),
        _bath_occupations(),
        [0.0, 0.5, 1.0],  # Γ_S from the free to the physical inference
        np.arange(len(POLARISATION_OCCUPATIONS) + 3),
        indexing="ij",
    )
    book, bath, share, choice = (axis.reshape(-1) for axis in grid)
    columns = {name: _sample(name, books, book, bath, share, choice) for name in COLUMNS}
    deviations = area_deviations(*columns.values())
    kept = np.flatnonzero((np.abs(deviations) <= tolerance).all(axis=-1))
    keep = np.repeat(kept, len(detection))
    eta = np.tile(np.asarray(detection, dtype=np.float64), len(kept))
    detected = {name: replace(_select(p, keep), detection_efficiency=eta) for name, p in columns.items()}
    return Allowed(detected, tuple(books[i] for i in book[keep]), deviations[keep])


def _bath_occupations() -> FloatArray:
    """Ends and middle of the bath's occupation by its temperature (±0.5 K) and by C_q^M (±0.3), which is ∝ 1/n."""
    centre, temperature, quoted = FIG3.bath_occupation.value, FIG3.bath_temperature, FIG3.membrane_cooperativity
    computed = float(quantum_cooperativity(parameters(FIG3)))
    bars = temperature.uncertainty or 0.0, quoted.uncertainty or 0.0
    kelvin = [1 - bars[0] / temperature.value, 1.0, 1 + bars[0] / temperature.value]
    cooperative = [computed / (quoted.value + sign * bars[1]) for sign in (1, -1)]
    return centre * np.sort([*kelvin, *cooperative])


def _sample(
    name: str, books: list[LinkLoss], book: Indices, bath: FloatArray, share: FloatArray, choice: Indices
) -> HybridParameters:
    bases = [parameters(name, link=link) for link in books]
    ratio = [inference.readout_ratio[name].value for inference in (FREE, PHYSICAL)]
    p = replace(
        bases[0],
        link_efficiency=np.array([base.link_efficiency for base in bases])[book],
        mode_matching=np.array([base.mode_matching for base in bases])[book],
        bath_occupation=bath,
        spin_readout_rate=(ratio[0] + share * (ratio[1] - ratio[0])) * matched_readout_rate(bases[0]),
    )
    quoted = COLUMNS[name].spin_cooperativity
    bar = quoted.uncertainty or 0.0
    from_cooperativity = [occupation_from_cooperativity(p, quoted.value + sign * bar) for sign in (-1, 0, 1)]
    choices = [np.full(share.shape, n) for n in POLARISATION_OCCUPATIONS] + from_cooperativity
    return replace(p, spin_occupation=np.choose(choice, choices))


def _select(p: HybridParameters, rows: Indices) -> HybridParameters:
    varied = ("link_efficiency", "mode_matching", "bath_occupation", "spin_readout_rate", "spin_occupation")
    return replace(p, **{field: np.asarray(getattr(p, field))[rows] for field in varied})
