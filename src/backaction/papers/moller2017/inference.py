"""What the eight published areas of Møller et al. 2017 say about Γ_S and n_S, which are not printed.

An area is the spectrum in shot-noise units minus 1, integrated over ±40 kHz around the membrane's effective
frequency; its thermal part is that of the two baths, all else (with the vacuum that losses let in) is back action.
Only ratios to the membrane alone are used, the same chain without the spin: they need no x_zpf.

The best fit is flat: the sum of squares changes by a few per cent between r = 0.73 and 0.76.  Take any single
number that depends on Γ_S and n_S as one of a band.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.systems.published.moller2017 import COLUMNS, FREE, PHYSICAL, Inference, matched_readout_rate, parameters
from backaction.systems.published.moller2017.calibration import spin_cooperativity
from backaction.systems.published.moller2017.formulas import HybridParameters, effective_pole, hybrid_noise
from backaction.systems.published.record import Published

from .areas import HALF_SPAN, POINTS, RATIOS, ModelAreas, ratios_to_membrane

__all__ = ["RATIOS", "area_deviations", "area_ratios", "fit_free", "fit_physical", "occupation_from_cooperativity"]


def area_ratios(p: HybridParameters) -> FloatArray:
    """Return the model's four area ratios in the order of `RATIOS`, shape (…, 4).

    The sign of `p.spin_frequency` is not used: both masses enter. Parameters may be a batch.

    Examples
    --------
    >>> area_ratios(parameters("fig3")).round(3)
    array([0.79 , 0.949, 1.258, 1.502])
    """
    spread = replace(p, **{field.name: np.asarray(getattr(p, field.name))[..., None] for field in fields(p)})
    omega = effective_pole(spread).real + np.linspace(-HALF_SPAN, HALF_SPAN, POINTS)
    frequency = np.abs(spread.spin_frequency)
    cases = {mass: replace(spread, spin_frequency=mass * frequency) for mass in (-1, 1)} | {0: spread.without_spin}
    return ratios_to_membrane({mass: _areas(case, omega) for mass, case in cases.items()})


def area_deviations(fig3: HybridParameters, fig4: HybridParameters) -> FloatArray:
    """Relative deviations of the model's eight ratios from the published ones, shape (…, 8)."""
    relative = []
    for p, column in zip((fig3, fig4), COLUMNS.values(), strict=True):
        published = column.areas.ratios
        relative.append(area_ratios(p) / [published[name].value for name in RATIOS] - 1)
    return np.concatenate(np.broadcast_arrays(*relative), axis=-1)


def occupation_from_cooperativity(p: HybridParameters, cooperativity: float) -> FloatArray:
    """The n_S with which the spin of this readout rate has the given C_q^S."""
    return np.asarray((p.spin_readout_rate / (2 * p.spin_halfwidth * cooperativity) - 1) / 2)


def fit_free() -> tuple[Inference, FloatArray]:
    """Least squares for one r = Γ_S/(Γ_M L0²) in both columns, n_S from the published C_q^S in each.

    Returns the inference and its eight deviations. `FREE` is this one, rounded.
    """
    from scipy.optimize import least_squares

    base = [parameters(name, inference=FREE) for name in COLUMNS]

    def model(unknown: FloatArray) -> list[HybridParameters]:
        rated = [replace(p, spin_readout_rate=unknown[0] * matched_readout_rate(p)) for p in base]
        measured = [column.spin_cooperativity.value for column in COLUMNS.values()]
        pairs = zip(rated, measured, strict=True)
        return [replace(p, spin_occupation=occupation_from_cooperativity(p, c)) for p, c in pairs]

    best = least_squares(lambda unknown: area_deviations(*model(unknown)), [1.0])
    return _inference("free, least squares", model(best.x)), area_deviations(*model(best.x))


def fit_physical() -> tuple[Inference, FloatArray]:
    """Least squares with Γ_S in proportion to the probe's power and one n_S for the one cell.

    The unknowns are r of Fig. 3 and n_S; the published C_q^S with its error bar counts beside the eight ratios,
    each of which is given 5 %, the error bar that the text quotes. `moller2017.PHYSICAL` is this one with r
    nearer to the smallest worst deviation; the minimum is flat between them.
    """
    from scipy.optimize import least_squares

    base = [parameters(name, inference=PHYSICAL) for name in COLUMNS]
    table = list(COLUMNS.values())
    power = [column.probe_power.value / table[0].probe_power.value for column in table]
    measured, bar = table[0].spin_cooperativity.value, table[0].spin_cooperativity.uncertainty or np.inf

    def model(unknown: FloatArray) -> list[HybridParameters]:
        rate = unknown[0] * matched_readout_rate(base[0])
        pairs = zip(base, power, strict=True)
        return [replace(p, spin_readout_rate=rate * w, spin_occupation=unknown[1]) for p, w in pairs]

    def residuals(unknown: FloatArray) -> FloatArray:
        both = model(unknown)
        pull = (spin_cooperativity(both[0]) - measured) / bar
        return np.append(area_deviations(*both) / 0.05, pull)

    best = least_squares(residuals, [1.0, 1.0])
    return _inference("physical, least squares", model(best.x)), area_deviations(*model(best.x))


def _inference(name: str, both: list[HybridParameters]) -> Inference:
    source = "least squares on the eight published areas"
    ratios, occupations = {}, {}
    for column, p in zip(COLUMNS, both, strict=True):
        ratios[column] = Published(float(p.spin_readout_rate / matched_readout_rate(p)), "1", source)
        occupations[column] = Published(float(p.spin_occupation), "1", source)
    return Inference(name, ratios, occupations)


def _areas(p: HybridParameters, omega: FloatArray) -> ModelAreas:
    noise = hybrid_noise(p, omega)
    bath, spin = noise["membrane"], noise["spin"]
    light = np.sum(list(noise.values()), axis=0) - 1 - (spin + bath)
    return ModelAreas(*(np.asarray(np.trapezoid(density, omega, axis=-1)) for density in (light, spin, bath)))
