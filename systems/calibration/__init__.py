"""Calibrations: from measured spectra to cooperativities, readout rates, temperatures and variances."""

from __future__ import annotations

__all__: list[str] = []
