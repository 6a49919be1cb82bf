"""When a collective spin is an oscillator: the numbers that must be small, for a `SpinOscillator` and its atoms.

Holstein and Primakoff write J_± with √(1 − n̂/2J): an oscillator for n̂ ≪ 2J.  An ensemble of N independent atoms of
spin F satisfies this with 2J = 2FN by far, whatever its polarisation; what limits the picture is the single atom, which
leaves its stretched state (depolarisation), sees a Zeeman effect that is not linear, and a resonance so narrow that the
phenomenological susceptibility is good to 1/Q.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import steady_state
from backaction.gaussian.errors import InvalidInput
from backaction.systems import SpinOscillator
from backaction.systems.grammar import Parameter, Range

from .caesium import GROUND_SPIN
from .numbers import checked, plain
from .polarisation import transition_weights
from .zeeman import magnetic_field, quadratic_splitting

__all__ = ["Validity", "validity"]


@dataclass(frozen=True, eq=False)
class Validity:
    """The small numbers of the Holstein–Primakoff picture, each a number or a batch.

    Attributes
    ----------
    excitation_fraction : float or array
        Quanta of the collective mode over 2|J_x|, back action of the light included: the expansion parameter.
    depolarisation : float or array
        1 − p: how far the single atom is from its stretched state.  If not small, the occupation is a property of the
        atoms, not a heating of the oscillator, and the tensor interaction drives alignment too.
    zeeman_splitting : float or array
        Quadratic Zeeman splitting of neighbouring transitions over the full linewidth.
    zeeman_spread : float or array
        Root mean square spread of the transitions, as populated, over the half linewidth.  Towards 1 the line is no
        Lorentzian, and there is more than one mode.
    inverse_quality : float or array
        γ/|Ω|: relative error of the phenomenological susceptibility (Møller et al. 2017, below S30).
    """

    excitation_fraction: Parameter
    depolarisation: Parameter
    zeeman_splitting: Parameter
    zeeman_spread: Parameter
    inverse_quality: Parameter

    @property
    def text(self) -> str:
        """The report, a line for each number (the largest of a batch)."""
        lines = [
            (self.excitation_fraction, "quanta of the mode over 2|J|", "the oscillator is not near its bottom"),
            (self.depolarisation, "depolarisation 1 − p of one atom", "atoms are far from stretched: n is theirs"),
            (self.zeeman_splitting, "quadratic Zeeman splitting over linewidth", "the transitions are resolved"),
            (self.zeeman_spread, "spread of the populated transitions over half width", "the line is no Lorentzian"),
            (self.inverse_quality, "1/Q", "the susceptibility is not resonant"),
        ]
        return "\n".join(_line(float(np.max(value)), what, warning) for value, what, warning in lines)


SMALL, LARGE = 0.1, 0.3
"""Words for the report: below the first a number counts as small, above the second as not small."""


def validity(
    spin: SpinOscillator, *, atoms: ArrayLike, polarisation: ArrayLike, splitting: ArrayLike | None = None
) -> Validity:
    """How well a `SpinOscillator` stands for N caesium atoms in F = 4.

    Parameters
    ----------
    spin : SpinOscillator
        With γ > 0: its stationary state counts the quanta.
    atoms, polarisation : array_like
        N, and p in (0, 1].
    splitting : array_like, optional
        Between neighbouring transitions, rad/s; default the quadratic Zeeman splitting at the field of |Ω|.  Give what
        is left if a tensor light shift compensates it.

    Returns
    -------
    Validity

    Raises
    ------
    InvalidInput
        No damping: the light heats without limit and there is no stationary number of quanta.

    Examples
    --------
    >>> from backaction.systems import SpinOscillator, hwhm, kHz, MHz
    >>> spin = SpinOscillator(frequency=-1.27 * MHz, linewidth=hwhm(2.6 * kHz), readout_rate=72 * kHz, occupation=1.76)
    >>> print(validity(spin, atoms=1e9, polarisation=0.6).text)
    1.1e-09  quanta of the mode over 2|J|: small
    4.0e-01  depolarisation 1 − p of one atom: not small; atoms are far from stretched: n is theirs
    6.8e-02  quadratic Zeeman splitting over linewidth: small
    2.3e-01  spread of the populated transitions over half width: to be watched
    4.1e-03  1/Q: small
    """
    gamma = np.asarray(spin.linewidth)
    if (gamma <= 0).any():
        raise InvalidInput(
            "the linewidth of the spin is 0: back action heats it without limit, so no stationary number of quanta can "
            "be compared with 2J; give γ > 0"
        )
    number = np.asarray(checked(atoms, Range.POSITIVE, "atoms"))
    p = np.asarray(checked(polarisation, Range.FRACTION, "polarisation"))
    omega = np.abs(np.asarray(spin.frequency))
    step = quadratic_splitting(magnetic_field(omega)) if splitting is None else splitting
    weights = transition_weights(p)
    position = np.arange(weights.shape[-1])
    spread = np.sqrt(np.maximum(weights @ position**2 - (weights @ position) ** 2, 0.0))
    covariance = steady_state(spin.system("spin")).covariance
    quanta = (covariance[..., 0, 0] + covariance[..., 1, 1] - 1) / 2
    return Validity(
        excitation_fraction=plain(quanta / (2 * GROUND_SPIN * p * number)),
        depolarisation=plain(1 - p),
        zeeman_splitting=plain(np.abs(np.asarray(step)) / gamma),
        zeeman_spread=plain(np.abs(np.asarray(step)) * spread / (gamma / 2)),
        inverse_quality=plain(gamma / omega),
    )


def _line(value: float, what: str, warning: str) -> str:
    verdict = "small" if value < SMALL else "to be watched" if value < LARGE else f"not small; {warning}"
    return f"{value:.1e}  {what}: {verdict}"
