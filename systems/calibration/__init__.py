"""Calibrations: from measured spectra to cooperativities, readout rates, temperatures and variances.

* `white_noise_calibration` — quantum cooperativity and readout rate by modulating one quadrature;
* `bath_thermometry` — the temperature of a bath from a spectrum of squeezed light;
* `variance_from_spectrum`, `variance_from_area` — areas of spectra as variances, in stated units;
* `effective_occupation`, `back_action_ratio` — sideband cooling with its quantum floor.

Spectra are in shot-noise units (vacuum 1), frequencies and full widths in rad/s.
"""

from __future__ import annotations

from .areas import SpectralAreas, VarianceUnit, spectral_areas, variance_from_area, variance_from_spectrum
from .occupation import EffectiveOccupation, back_action_ratio, effective_occupation, sideband_rates
from .ponderomotive import BathThermometry, bath_temperature, bath_thermometry
from .white_noise import WhiteNoiseCalibration, driven_spectra, white_noise_calibration

__all__ = [
    "BathThermometry",
    "EffectiveOccupation",
    "SpectralAreas",
    "VarianceUnit",
    "WhiteNoiseCalibration",
    "back_action_ratio",
    "bath_temperature",
    "bath_thermometry",
    "driven_spectra",
    "effective_occupation",
    "sideband_rates",
    "spectral_areas",
    "variance_from_area",
    "variance_from_spectrum",
    "white_noise_calibration",
]
