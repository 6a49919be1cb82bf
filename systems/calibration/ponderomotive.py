"""Ponderomotive thermometry: the temperature of a mechanical bath from a spectrum of squeezed light.

With everything else known, the detected spectrum is a straight line in the bath's occupation, S = S₀ + n s, whatever
the cavity: squeezing survives where n s is small.  The fit weighs each frequency by the model, (D − S)/S², which is the
maximum of the likelihood of averaged periodograms (Whittle); weights by the *data* would bias it low.  This is how
Møller et al. 2017 find 7 ± 0.5 K (SI-B).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import Homodyne, InvalidInput, Unresolved
from backaction.gaussian.arrays import FloatArray, frozen
from backaction.gaussian.spectra import recorded_spectrum
from backaction.systems import Network
from backaction.systems.constants import BOLTZMANN, HBAR
from backaction.systems.sensing import oscillator

__all__ = ["BathThermometry", "bath_temperature", "bath_thermometry"]

STEPS = 100
"""Fisher scoring settles in about six steps; more mean that the spectrum does not determine the occupation."""

SETTLED = 1e-13
"""Relative change of n at which the fit has settled: rounding of the sums over a thousand frequencies."""


@dataclass(frozen=True, eq=False)
class BathThermometry:
    """Occupation and temperature of a bath, with one standard error.

    Attributes
    ----------
    occupation, occupation_uncertainty : array
        n and its error by the scatter of the spectrum.
    temperature, temperature_uncertainty : array
        The same in K.
    shot_noise_sensitivity : array
        Change of n for a relative error of the shot-noise level, dn/dε with D → (1 + ε)D: 0.05 times this is what a
        level known to 5 % adds.
    """

    occupation: FloatArray
    occupation_uncertainty: FloatArray
    temperature: FloatArray
    temperature_uncertainty: FloatArray
    shot_noise_sensitivity: FloatArray


def bath_temperature(occupation: ArrayLike, frequency: ArrayLike) -> FloatArray:
    """T = ħ|Ω|/[k_B ln(1 + 1/n)] in K, the inverse of `thermal_occupation`; 0 for n = 0.

    Examples
    --------
    >>> from backaction.systems import MHz, thermal_occupation
    >>> float(bath_temperature(thermal_occupation(7.0, 1.28 * MHz), 1.28 * MHz).round(9))
    7.0
    """
    n = np.asarray(occupation, dtype=np.float64)
    if not (n >= 0).all():
        raise InvalidInput(f"an occupation is 0 or greater, got {n.min():.6g}")
    with np.errstate(divide="ignore"):  # n = 0 is T = 0
        logarithm = np.log1p(1 / n)
    return np.asarray(HBAR * np.abs(np.asarray(frequency, dtype=np.float64)) / (BOLTZMANN * logarithm))


def bath_thermometry(
    network: Network,
    mode: str,
    omega: ArrayLike,
    spectrum: ArrayLike,
    detector: Homodyne,
    averages: float | None = None,
    *,
    formal: bool = False,
) -> BathThermometry:
    """Fit the occupation of one bath to a spectrum.

    Parameters
    ----------
    network : Network
        Everything else as known; the occupation or temperature of `mode` in it is not used.
    mode : str
        Name of the spin or mechanical component whose bath is meant.
    omega : array_like, shape (F,)
        rad/s.
    spectrum : array_like, shape (…, F)
        Measured, in shot-noise units (vacuum 1); leading axes are separate measurements.
    detector : Homodyne
        As measured; π/2 is the phase quadrature.
    averages : float, optional
        Independent periodograms averaged in each point: gives the error its size.  Without it the scatter around the
        fit does.
    formal : bool
        As in `backaction.gaussian.transfer_matrix`.

    Returns
    -------
    BathThermometry

    Raises
    ------
    Unstable
        The network has no stationary record (not if `formal`).
    InvalidInput
        Shapes that do not fit, or a spectrum that is below what the network has without any thermal noise.
    Unresolved
        The spectrum does not depend on that bath, or the model's spectrum is not resolved at one of the frequencies.

    Examples
    --------
    >>> from backaction.gaussian import noise_budget
    >>> from backaction.systems import Hz, Loss, MHz, OptomechanicalCavity
    >>> cavity = OptomechanicalCavity(mechanical_frequency=1.28 * MHz, mechanical_linewidth=0.1 * Hz, temperature=7.0,
    ...     cavity_linewidth=17 * MHz, detuning=-4.7 * MHz, coupling=350e3 * Hz, name="membrane")
    >>> network, omega = cavity >> Loss(efficiency=0.72), np.linspace(1.2, 1.35, 101) * MHz
    >>> amplitude = network.in_carrier_frame(Homodyne(angle=0.0))
    >>> measured = 2 * noise_budget(network.system, omega, amplitude).total
    >>> round(float(bath_thermometry(network, "membrane", omega, measured, amplitude).temperature), 6)
    7.0
    """
    frequency, _ = oscillator(network, mode)
    data, grid = frozen(spectrum, "spectrum"), frozen(omega, "omega")
    if grid.ndim != 1 or data.shape[-1:] != grid.shape:
        raise InvalidInput(
            f"omega has the shape {grid.shape} and the spectrum {data.shape}; give a list of frequencies and spectra "
            "with these on the last axis"
        )
    cold, unit = (_spectrum(network, mode, n, grid, detector, formal) for n in (0.0, 1.0))
    slope = unit - cold
    if not (slope > 0).any():
        raise Unresolved(
            f"the noise of {mode}.bath does not reach the detected quadrature, so this spectrum does not tell its "
            "temperature; detect another angle, or behind the mode",
            np.inf,
        )
    occupation = _scored(data, cold, slope)
    if (occupation < 0).any():
        raise InvalidInput(
            f"the best occupation is {occupation.min():.4g} < 0: the spectrum lies below what the network has without "
            "thermal noise; check losses, coupling, and the shot-noise level that the spectrum is divided by"
        )
    model = cold + occupation[..., None] * slope
    information = (slope**2 / model**2).sum(axis=-1)
    scatter = ((data / model - 1) ** 2).sum(axis=-1) / max(grid.size - 1, 1)
    variance = (scatter if averages is None else 1 / averages) / information
    error = np.sqrt(variance)
    per_quantum = _temperature_slope(occupation, frequency)
    return BathThermometry(
        occupation=occupation,
        occupation_uncertainty=error,
        temperature=bath_temperature(occupation, frequency),
        temperature_uncertainty=np.asarray(per_quantum * error),
        shot_noise_sensitivity=np.asarray((slope * data / model**2).sum(axis=-1) / information),
    )


def _spectrum(
    network: Network, mode: str, occupation: float, omega: FloatArray, detector: Homodyne, formal: bool
) -> FloatArray:
    changed = network.with_parameters({f"{mode}.occupation": occupation})
    return 2 * recorded_spectrum(changed.system, omega, detector, formal=formal)


def _scored(data: FloatArray, cold: FloatArray, slope: FloatArray) -> FloatArray:
    """Fisher scoring for S = S₀ + n s with Var D ∝ S²."""
    occupation = np.asarray((slope * (data - cold)).sum(axis=-1) / (slope**2).sum(axis=-1))
    for _ in range(STEPS):
        weight = slope / (cold + np.maximum(occupation, 0.0)[..., None] * slope) ** 2
        better = np.asarray((weight * (data - cold)).sum(axis=-1) / (weight * slope).sum(axis=-1))
        change = np.max(np.abs(better - occupation) / np.maximum(np.abs(better), SETTLED))
        occupation = better
        if change < SETTLED:
            return occupation
    raise Unresolved(
        f"the fit of the occupation did not settle; its last relative step was {change:.3g}", float(change)
    )


def _temperature_slope(occupation: FloatArray, frequency: ArrayLike) -> FloatArray:
    """dT/dn = (k_B T²/ħΩ)/[n(n + 1)], 0 at n = 0."""
    kelvin = bath_temperature(occupation, frequency)
    product = np.where(occupation > 0, occupation * (occupation + 1), np.inf)
    return np.asarray(BOLTZMANN * kelvin**2 / (HBAR * np.abs(np.asarray(frequency))) / product)
