"""What the published numbers of Møller et al. 2017 say about Γ_S, n_S and the losses, as a posterior on a grid.

**Data**, each with a normal error:

* for each column the three area ratios of the hybrid with a printed error bar: total and back action with the negative
  mass, back action with the positive one, all to the membrane alone;
* for each column the split of the membrane's own area, back action over bath, 7.3/4.3 and 6.0/4.4, with the 12 % of
  C_q^M = 2.5 ± 0.3 from which it was made.  The two printed thermal ratios follow from these numbers, so that the
  eight ratios and the two splits are eight independent data; the thermal ratios are held against the result, not
  counted twice;
* C_q^S = 1.10 ± 0.15: for column Fig. 3 where it was measured, in the free model for both columns;
* the 60 % reduction of the classical back action, with an assigned bar of 5 percentage points (none is printed; it is
  that of the other reductions), in the configuration of Fig. 4.  `fit` can leave it out.

**Unknowns** with flat priors: r = Γ_S/(Γ_M L0²) and n_S.  *physical*: Γ_S in proportion to the probe's power and one
n_S for the one cell; *free*: r and n_S of each column for themselves.  **Nuisances**: the bookkeeping of the link, ½
each; η1, ± 0.03 ("a few percentage points"); n_bath, by the 0.5 K of 7 K.  η2 does not enter ratios of areas: samples
take it from the readings of `allowed.DETECTION` in turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, reduce

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, FIG3, LinkLoss, parameters
from backaction.systems.published.moller2017.formulas import HybridParameters

from .allowed import DETECTION
from .areas import AreaModel, column_areas
from .grid import LIMITS, Axes, Estimate, Model
from .likelihood import chi_square

__all__ = ["Axes", "Estimate", "Model", "Posterior", "fit", "mixed_samples"]


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weights on the grid (bookkeeping, η1, n_bath, r, n_S), summed to one over everything.

    Attributes
    ----------
    model : Model
    axes : Axes
    nuisance : array, shape (2, nodes, nodes)
        Marginal of bookkeeping, η1 and n_bath.
    conditional : dict of str to array, shape (2, nodes, nodes, points, points)
        By column: the unknowns given the nuisances (physical: the key "fig3" only, r being that of Fig. 3).
    best_chi_square : float
        Smallest sum of squares over the grid.
    """

    model: Model
    axes: Axes
    nuisance: FloatArray
    conditional: dict[str, FloatArray]
    best_chi_square: float

    def marginal(self, name: str, column: str = "fig3") -> Estimate:
        """Of "readout_ratio" or "occupation" in a column.

        Examples
        --------
        >>> posterior = fit(Model.PHYSICAL)
        >>> 0.6 < posterior.marginal("readout_ratio").median < 0.9
        True
        """
        values, weights = self.density(name, column)
        centre = np.cumsum(weights) - weights / 2
        return Estimate(*(float(np.interp(q, centre, values)) for q in (0.5, 0.16, 0.84, 0.025, 0.975)))

    def density(self, name: str, column: str = "fig3") -> tuple[FloatArray, FloatArray]:
        """Values and their probabilities, which sum to one."""
        known = "fig3" if self.model is Model.PHYSICAL else column
        joint = np.sum(self.nuisance[..., None, None] * self.conditional[known], axis=(0, 1, 2))
        at = list(LIMITS).index(name)
        values = getattr(self.axes, name)
        if self.model is Model.PHYSICAL and name == "readout_ratio":
            values = values * _power_factor(column)
        return values, joint.sum(axis=1 - at)

    @property
    def bookkeeping(self) -> dict[LinkLoss, float]:
        """Probability of each reading of the link's loss."""
        return dict(zip(LinkLoss, self.nuisance.sum(axis=(1, 2)).tolist(), strict=True))

    def samples(self, count: int, seed: int = 2017, bookkeeping: LinkLoss | None = None) -> dict[str, HybridParameters]:
        """`count` parameter sets, drawn from the posterior, as one batch per column (negative mass).

        The same seed gives the same sets. η2 goes through the readings of `DETECTION` for both columns; a
        `bookkeeping` draws from the posterior given that reading of the link's loss.
        """
        rng = np.random.default_rng(seed)
        given = np.array([bookkeeping in (None, link) for link in LinkLoss])[:, None, None]
        nuisance = np.where(given, self.nuisance, 0.0)
        book, link, bath = _draw(rng, np.broadcast_to(nuisance, (count, *nuisance.shape)))
        picked: dict[str, list[FloatArray]] = {}
        for column in COLUMNS:
            if column not in self.conditional:
                picked[column] = picked["fig3"]
                continue
            at = _draw(rng, self.conditional[column][book, link, bath])
            grids = (self.axes.readout_ratio, self.axes.occupation)
            jitter = rng.uniform(-0.5, 0.5, (2, count))  # within the cell of the grid
            picked[column] = [np.abs(g[i] + j * (g[1] - g[0])) for g, i, j in zip(grids, at, jitter, strict=True)]
        eta2 = np.resize(DETECTION, count)
        found = {}
        for column in COLUMNS:
            ratio, occupation = picked[column]
            factor = _power_factor(column) if self.model is Model.PHYSICAL else 1.0
            found[column] = _sample(column, book, self.axes.link_shift[link], self.axes.bath[bath])
            matched = column_areas(column, LinkLoss.SEPARATE).matched_rate
            found[column] = replace(
                found[column],
                spin_readout_rate=factor * ratio * matched,
                spin_occupation=occupation,
                detection_efficiency=eta2,
            )
        return found


@cache
def fit(model: Model, *, classical: bool = True, points: int = 101) -> Posterior:
    """The posterior of one model; `classical` counts the 60 % of the classical reduction among the data.

    Kept for the process: the grid is computed once.
    """
    axes = Axes.make(points)
    weight = axes.link_weight[:, None] * axes.bath_weight
    squares = {column: _column_squares(column, axes, model, classical) for column in COLUMNS}
    if model is Model.PHYSICAL:
        squares = {"fig3": squares["fig3"] + squares["fig4"]}
    best = sum(float(square.min()) for square in squares.values())
    if model is Model.FREE:  # the nuisances are common to both columns
        both = [square.min(axis=(-2, -1)) for square in squares.values()]
        best = float(np.sum(both, axis=0).min())
    likelihood = {column: np.exp(-(square - square.min()) / 2) for column, square in squares.items()}
    evidence = {column: value.sum(axis=(-2, -1), keepdims=True) for column, value in likelihood.items()}
    conditional = {column: likelihood[column] / evidence[column] for column in likelihood}
    nuisance = weight * reduce(np.multiply, [value[..., 0, 0] for value in evidence.values()])
    return Posterior(model, axes, nuisance / nuisance.sum(), conditional, best)


def mixed_samples(count: int, seed: int = 2017, bookkeeping: LinkLoss | None = None) -> dict[str, HybridParameters]:
    """Samples of both models together, half of each, for the bands of the figures."""
    halves = [fit(model).samples((count + 1) // 2, seed, bookkeeping) for model in Model]
    names = HybridParameters.__dataclass_fields__
    return {
        column: HybridParameters(
            **{
                name: np.concatenate(
                    [np.broadcast_to(getattr(half[column], name), ((count + 1) // 2,)) for half in halves]
                )[:count]
                for name in names
            }
        )
        for column in COLUMNS
    }


def _column_squares(column: str, axes: Axes, model: Model, classical: bool) -> FloatArray:
    """Shape (2, nodes, nodes, points, points)."""
    factor = _power_factor(column) if model is Model.PHYSICAL else 1.0
    ratio, occupation = factor * axes.readout_ratio[:, None], axes.occupation
    found = []
    for link in LinkLoss:
        chain, kernel = parameters(column, link=link), column_areas(column, link)
        rate = np.asarray(ratio * kernel.matched_rate)
        eta = (float(chain.link_efficiency) + axes.link_shift)[:, None, None, None]
        bath = (float(chain.bath_occupation) * axes.bath)[:, None, None]
        areas = {mass: kernel.areas(mass, rate, occupation, eta, bath) for mass in (-1, 0, 1)}
        counted = classical and column == "fig4"
        reduction = kernel.classical_reduction(rate) if counted else None
        measured = column == "fig3" or model is Model.FREE
        cooperativity = _cooperativity(kernel, rate, occupation) if measured else None
        square = chi_square(column, areas, reduction, cooperativity)
        shape = (len(axes.link_shift), len(axes.bath), len(axes.readout_ratio), len(axes.occupation))
        found.append(np.broadcast_to(square, shape))
    return np.stack(found)


def _cooperativity(kernel: AreaModel, rate: FloatArray, occupation: FloatArray) -> FloatArray:
    """C_q^S = Γ_S/[2γ_S (2n_S + 1)]."""
    return np.asarray(rate / (2 * kernel.spin_halfwidth * (2 * occupation + 1)))


def _power_factor(column: str) -> float:
    """r of a column over r of Fig. 3 when Γ_S goes with the probe's power."""
    power = COLUMNS[column].probe_power.value / FIG3.probe_power.value
    matched = [column_areas(name, LinkLoss.SEPARATE).matched_rate for name in ("fig3", column)]
    return power * matched[0] / matched[1]


def _sample(column: str, book: FloatArray, shift: FloatArray, bath: FloatArray) -> HybridParameters:
    bases = [parameters(column, link=link) for link in LinkLoss]
    return replace(
        bases[0],
        link_efficiency=np.array([base.link_efficiency for base in bases])[book] + shift,
        mode_matching=np.array([base.mode_matching for base in bases])[book],
        bath_occupation=float(bases[0].bath_occupation) * bath,
    )


def _draw(rng: np.random.Generator, weights: FloatArray) -> tuple[FloatArray, ...]:
    """One index tuple for each row of weights, shape (count, …)."""
    flat = weights.reshape(len(weights), -1).cumsum(axis=-1)
    uniform = rng.random(len(weights)) * flat[:, -1]
    at = np.sum(flat < uniform[:, None], axis=-1)
    return np.unravel_index(at, weights.shape[1:])
