"""From the laboratory's numbers to the rates: powers, mirrors, masses, atoms and fields in, components out.

* `CaesiumBench`, `CavityBench` — what is read off the bench; `.oscillator()` is the component;
* `FabryPerot`, `photon_flux`, `oscillator_length`, … — the single formulas, each with its source;
* `spin_from_moller`, `cavity_from_schweer`, `cavity_from_rmp`, … — components from numbers in another convention;
* `audit` — one component's values in all conventions, as rows of a table;
* `validity` — when a collective spin is an oscillator.

SI units: W, m, m², kg, K, T; angular frequencies and full widths in rad/s.
"""

from __future__ import annotations

from .audit import AuditRow, audit, markdown
from .caesium import atom_number, probe_detuning, probe_wavelength, vapour_density
from .cavity import FabryPerot, finesse, free_spectral_range, linewidth_from_finesse
from .conventions import (
    LightVacuum,
    ancilla_from_schweer,
    cavity_from_moller,
    cavity_from_rmp,
    cavity_from_schweer,
    spin_from_moller,
)
from .holstein_primakoff import Validity, validity
from .light import angular_frequency, input_power, intracavity_photons, optical_power, overall_efficiency, photon_flux
from .mechanics import (
    effective_mass,
    membrane_frequency,
    membrane_mass,
    oscillator_length,
    quality_factor,
    single_photon_coupling,
    slab_reflectivity,
    standing_wave_pull,
    zero_point_motion,
)
from .membranes import CavityBench
from .polarisability import (
    Estimate,
    faraday_coupling,
    scalar_polarisability,
    scattering_rate,
    tensor_coupling,
    tensor_polarisability,
    vector_polarisability,
)
from .polarisation import (
    occupation_from_variance,
    occupation_readings,
    populations,
    spin_temperature_occupation,
    transition_weights,
    transverse_variance,
)
from .spins import MAGIC_ANGLE, SCATTERING_DECOHERENCE, CaesiumBench
from .zeeman import (
    breit_rabi,
    gyromagnetic_ratio,
    lande_factor,
    larmor_frequency,
    magnetic_field,
    quadratic_splitting,
)

__all__ = [
    "MAGIC_ANGLE",
    "SCATTERING_DECOHERENCE",
    "AuditRow",
    "CaesiumBench",
    "CavityBench",
    "Estimate",
    "FabryPerot",
    "LightVacuum",
    "Validity",
    "ancilla_from_schweer",
    "angular_frequency",
    "atom_number",
    "audit",
    "breit_rabi",
    "cavity_from_moller",
    "cavity_from_rmp",
    "cavity_from_schweer",
    "effective_mass",
    "faraday_coupling",
    "finesse",
    "free_spectral_range",
    "gyromagnetic_ratio",
    "input_power",
    "intracavity_photons",
    "lande_factor",
    "larmor_frequency",
    "linewidth_from_finesse",
    "magnetic_field",
    "markdown",
    "membrane_frequency",
    "membrane_mass",
    "occupation_from_variance",
    "occupation_readings",
    "optical_power",
    "oscillator_length",
    "overall_efficiency",
    "photon_flux",
    "populations",
    "probe_detuning",
    "probe_wavelength",
    "quadratic_splitting",
    "quality_factor",
    "scalar_polarisability",
    "scattering_rate",
    "single_photon_coupling",
    "slab_reflectivity",
    "spin_from_moller",
    "spin_temperature_occupation",
    "standing_wave_pull",
    "tensor_coupling",
    "tensor_polarisability",
    "transition_weights",
    "transverse_variance",
    "validity",
    "vapour_density",
    "vector_polarisability",
    "zero_point_motion",
]
