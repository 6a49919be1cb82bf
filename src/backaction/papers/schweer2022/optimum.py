"""Schweer et al. (2022): the best parameters under the bounds that the paper gives.

Table II is one point that the authors found by hand.  Here the average of S_F/S_SQL over a band 0…B of frequencies is
minimised by a bounded quasi-Newton method from several starts, with four sets of what may be turned (in units of ω_m,
**paper's** convention, see `backaction.systems.published.schweer2022.formulas`):

- `COUPLINGS`: g, g_BS, g_DC up to what Sec. V calls achieved or proposed, and the ancilla's detuning;
- `MIRRORS`: the input mirrors too, with the *loss rates* of Table II held, so that a broader cavity has a better escape
  efficiency, η = 1 − κ_loss/κ, as Sec. V argues; κ_a stays what the losses make it;
- `STRONG`: couplings twice as strong beside that;
- `DETUNED`: as `MIRRORS`, and both cavities may be detuned by up to ω_m.  Then the optical spring works beside the
  cancellation, and does most of it: see `SENSOR_ALONE`.

Lengths of the ranges that the paper does not print are chosen here and marked in the tables below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backaction.gaussian.errors import InvalidInput, Unstable
from backaction.systems.published.schweer2022 import CascadeParameters, Order, table_ii
from backaction.systems.published.schweer2022.formulas import mechanical_susceptibility, standard_quantum_limit
from backaction.systems.published.schweer2022.matrices import added_force_noise
from backaction.systems.published.schweer2022.stability import growth_rate

__all__ = [
    "COUPLINGS",
    "DETUNED",
    "MIRRORS",
    "SENSOR_ALONE",
    "STRONG",
    "Optimum",
    "band_average",
    "best_parameters",
    "without_ancilla",
]

RealArray = NDArray[np.float64]
Bounds = Mapping[str, tuple[float, float]]

COUPLINGS: Bounds = MappingProxyType(
    {
        "g": (0.3, 1.0),  # up to 500 kHz: Table II; 440 kHz have been reported (Sec. V)
        "g_bs": (0.0, 0.505),  # up to 253 kHz: Table II; 235 kHz and more have been achieved (Sec. V)
        "g_dc": (0.0, 0.5),  # up to 250 kHz: achieved (Sec. V)
        "delta_a": (-3.0, -0.3),  # chosen
    }
)
"""What may be turned without touching a mirror."""

MIRRORS: Bounds = MappingProxyType({**COUPLINGS, "kappa_c": (1.0, 10.0), "kappa_om": (1.0, 10.0)})
"""Input mirrors too: linewidths from 500 kHz to 5 MHz (Table I has 5 MHz; the lower end is chosen)."""

STRONG: Bounds = MappingProxyType({**MIRRORS, "g": (0.3, 2.0), "g_bs": (0.0, 1.01), "g_dc": (0.0, 1.0)})
"""Couplings twice as strong: g of 1 MHz "should be possible" (Sec. V); twice the others is chosen."""

DETUNED: Bounds = MappingProxyType({**MIRRORS, "delta_c": (-1.0, 1.0), "delta_om": (-1.0, 1.0)})
"""Detunings of both cavities too, up to ω_m (chosen)."""

SENSOR_ALONE: Bounds = MappingProxyType({key: DETUNED[key] for key in ("g", "kappa_om", "delta_om")})
"""The detuned sensor without any ancilla (`without_ancilla`): what the optical spring does by itself."""

STEP = 1e-4
"""Step of the central differences, as a fraction of a range: their error, its square, is below 1e-7."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best parameters found.

    `average` is the band average of S_F/S_SQL; `gradient` its derivative by each free parameter over its full range (in
    the order of `names`), `position` where in its range each stands (0 … 1); `starts` the averages reached from every
    start, sorted.
    """

    parameters: CascadeParameters
    average: float
    names: tuple[str, ...]
    position: RealArray
    gradient: RealArray
    starts: RealArray

    @property
    def active(self) -> tuple[str, ...]:
        """Parameters that stand at a bound."""
        at_bound = (self.position <= 0) | (self.position >= 1)
        return tuple(name for name, held in zip(self.names, at_bound, strict=True) if held)

    @property
    def stationarity(self) -> float:
        """Largest slope along which the average could still fall within the bounds; 0 at an exact minimum.

        At a bound only the slope that leads back inside counts (Karush, Kuhn and Tucker).
        """
        downhill = -self.gradient
        blocked = ((self.position <= 0) & (downhill < 0)) | ((self.position >= 1) & (downhill > 0))
        return float(np.abs(np.where(blocked, 0.0, downhill)).max())


def without_ancilla(base: CascadeParameters) -> CascadeParameters:
    """The same sensor, link and detector with an ancilla that is not coupled, behind a lossless meter cavity.

    Examples
    --------
    >>> from backaction.systems.published.schweer2022 import table_ii
    >>> without_ancilla(table_ii()).g_dc
    0.0
    """
    return replace(base, g_bs=0.0, g_dc=0.0, escape_c=1.0, delta_c=0.0)


def band_average(
    parameters: CascadeParameters, order: Order, band: float, nodes: int = 8, *, formal: bool = False
) -> RealArray:
    """Average of S_F/S_SQL over frequencies from 0 to `band` (in ω_m < 1), by Gauss–Legendre quadrature.

    The parameters may be a batch; `formal`, and what is refused, as of `added_force_noise`.

    Examples
    --------
    >>> from backaction.systems.published.schweer2022 import table_ii
    >>> round(float(band_average(table_ii(), Order.ANCILLA_FIRST, 0.5)), 4)
    0.8039
    """
    if not 0 < band < 1:
        raise InvalidInput(
            f"the band must end between 0 and the resonance (0 < band < 1, in ω_m), got {band!r}; at the resonance the "
            "standard quantum limit falls by the quality factor, and cancellation has nothing to win"
        )
    points, weights = np.polynomial.legendre.leggauss(nodes)
    omega = (points + 1) / 2 * band
    spread = CascadeParameters(**{key: np.asarray(value)[..., None] for key, value in vars(parameters).items()})
    limit = standard_quantum_limit(mechanical_susceptibility(omega, spread.omega_m, spread.gamma_m), spread.gamma_m)
    noise = added_force_noise(spread, order, omega, formal=formal)
    return np.asarray((noise / limit * weights / 2).sum(axis=-1))


def best_parameters(
    order: Order,
    band: float,
    bounds: Bounds = COUPLINGS,
    base: CascadeParameters | None = None,
    starts: int = 4,
    seed: int = 2022,
    guesses: Sequence[CascadeParameters] = (),
) -> Optimum:
    """Minimise `band_average` within bounds (L-BFGS-B), from the base, the guesses and random starts.

    Parameters
    ----------
    order : Order
    band : float
        End of the band, in ω_m.
    bounds : mapping
        Range of every free parameter; `COUPLINGS`, `MIRRORS`, `DETUNED` or your own.
    base : CascadeParameters, optional
        What is not free; Table II when not given.  Where a linewidth is free, its loss rate (1 − η)κ is held.
    starts : int
        Random starts beside the base.
    seed : int
        Of the random starts.
    guesses : sequence of CascadeParameters
        Further starts, such as the optimum of a neighbouring band.

    Returns
    -------
    Optimum

    Raises
    ------
    InvalidInput
        A range that is not lower < upper, an unknown parameter, or a linewidth below its loss rate.
    Unstable
        None of the minima has a stationary state.
    """
    from scipy.optimize import minimize  # loaded when first used

    fixed = table_ii() if base is None else base
    names = tuple(bounds)
    low, high = _ranges(bounds, fixed)

    def value_and_slope(x: RealArray) -> tuple[float, RealArray]:
        shifts = STEP * np.eye(len(x))
        stencil = np.concatenate([x[None], x + shifts, x - shifts])
        # the way to a minimum may cross what grows; a minimum may not
        values = band_average(_build(fixed, names, low + (high - low) * stencil), order, band, formal=True)
        return float(values[0]), (values[1 : len(x) + 1] - values[len(x) + 1 :]) / (2 * STEP)

    given = np.array([[np.asarray(getattr(p, name), dtype=float) for name in names] for p in (fixed, *guesses)])
    random = np.random.default_rng(seed).uniform(size=(starts, len(names)))
    first = np.concatenate([np.clip((given - low) / (high - low), 0, 1), random])
    options = {"maxiter": 400, "ftol": 1e-15, "gtol": 1e-8}
    box = [(0.0, 1.0)] * len(names)
    runs = [minimize(value_and_slope, x, jac=True, method="L-BFGS-B", bounds=box, options=options) for x in first]
    runs = [run for run in runs if growth_rate(_build(fixed, names, low + (high - low) * run.x)) < 0]
    if not runs:
        raise Unstable("every minimum within these bounds has an unstable ancilla or sensor; narrow the bounds", 0j)
    best = min(runs, key=lambda run: run.fun)
    return Optimum(
        parameters=_build(fixed, names, low + (high - low) * best.x),
        average=float(best.fun),
        names=names,
        position=best.x,
        gradient=value_and_slope(best.x)[1],
        starts=np.sort([run.fun for run in runs]),
    )


def _ranges(bounds: Bounds, base: CascadeParameters) -> tuple[RealArray, RealArray]:
    unknown = [name for name in bounds if name not in vars(base)]
    if unknown or not bounds:
        raise InvalidInput(f"free parameters must be some of {sorted(vars(base))}; got {unknown or 'none'}")
    low, high = np.array(list(bounds.values()), dtype=float).T
    if not (np.isfinite([low, high]).all() and (low < high).all()):
        raise InvalidInput(f"every range must be finite with lower < upper, got {dict(bounds)}")
    for linewidth, loss in _losses(base).items():
        if linewidth in bounds and bounds[linewidth][0] <= loss:
            raise InvalidInput(
                f"{linewidth} cannot fall to {bounds[linewidth][0]:g}: the cavity loses {loss:g} already without an "
                "input mirror; raise the lower bound"
            )
    return low, high


def _losses(base: CascadeParameters) -> dict[str, float]:
    """Loss rates (1 − η)κ of both cavities."""
    pairs = {"kappa_c": base.escape_c, "kappa_om": base.escape_om}
    return {key: float((1 - np.asarray(escape)) * getattr(base, key)) for key, escape in pairs.items()}


def _build(base: CascadeParameters, names: Sequence[str], values: ArrayLike) -> CascadeParameters:
    """Parameters with the last axis of `values` put in, and escape efficiencies that hold the loss rates."""
    columns = np.moveaxis(np.asarray(values, dtype=float), -1, 0)
    changes: dict[str, float | RealArray] = {
        name: float(column) if column.ndim == 0 else column for name, column in zip(names, columns, strict=True)
    }
    losses = _losses(base)
    for linewidth, escape in (("kappa_c", "escape_c"), ("kappa_om", "escape_om")):
        if linewidth in changes:
            changes[escape] = 1 - losses[linewidth] / changes[linewidth]
    return replace(base, **changes)
