"""Force sensing: the noise that a measurement adds, its limits, and the units it is quoted in.

A force F on a mode, dP ∋ √γ F with γ the full bare linewidth, reaches the detected quadrature with the response R(ω);
everything else in the record counts as added noise, S/|R|².  S is absolute (vacuum ½) and **two-sided**; the result is
in units of ħmγΩ (`ForceUnit` turns it into N²/Hz, N/√Hz and m²/Hz).

- `force_noise`, `signal_transfer`: of any network and detector (module `sensing_force`);
- `standard_quantum_limit` 1/(γ|χ|), χ = Ω/(Ω² − ω² − iγω), `cancellation_bound`, `variational_bound`,
  `quantum_bound` (Cramér–Rao), `variational_readout` (the best homodyne angle) (`sensing_bounds`);
- `strength_envelope`: the best power at each frequency, against fixed power (`sensing_strength`);
- `ForceUnit`: newtons and metres (`sensing_units`).

Schweer et al. 2022, Eqs. (12)-(15) and (26).
"""

from __future__ import annotations

from .sensing_bounds import Variational, cancellation_bound, quantum_bound, variational_bound, variational_readout
from .sensing_force import ForceNoise, force_noise, signal_transfer
from .sensing_oscillator import oscillator, standard_quantum_limit, susceptibility
from .sensing_strength import Envelope, strength_envelope
from .sensing_units import ForceUnit

__all__ = [
    "Envelope",
    "ForceNoise",
    "ForceUnit",
    "Variational",
    "cancellation_bound",
    "force_noise",
    "oscillator",
    "quantum_bound",
    "signal_transfer",
    "standard_quantum_limit",
    "strength_envelope",
    "susceptibility",
    "variational_bound",
    "variational_readout",
]
