"""N spins that decay one by one, against the thermal oscillator that is put in their place.

Each spin is pumped towards the end of the ladder at γ↓, away from it at γ↑, and loses its phase at γ_φ. The state stays
permutation invariant, and QuTiP's `piqs` (Shammah et al., Phys. Rev. A 98, 063815 (2018)) solves N of them exactly.
Independent spins relax to the polarisation ⟨J_x⟩ = (N/2)(γ↓ − γ↑)/(γ↓ + γ↑) with Var J_z = N/4. In units in which
[X, P] = i, X = J_y/√⟨J_x⟩, that is ½(γ↓ + γ↑)/(γ↓ − γ↑) = n + ½: an oscillator of

    occupation n = γ↑/(γ↓ − γ↑),    linewidth γ = γ↓ + γ↑ + γ_φ,

with γ_φ as `piqs` counts it (coherences of one spin decay at γ_φ/2). The transverse spin decays at γ/2, and so does an
oscillator. Two things differ. Dephasing takes the transverse spin away but heats nothing: Var J_z stays N/4, as a bath
of occupation n would have it. And while the polarisation is on its way to its stationary value, so is [X, P]: the
oscillator knows only the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backaction.gaussian import GaussianState, InvalidInput, evolve
from backaction.systems import Damping, Network, SpinOscillator

__all__ = ["LocalDecay", "local_decay", "thermal_model"]

SETTLING = 25.0
"""Lifetimes 1/(γ↓ + γ↑) of the polarisation after which the state is stationary: e^−25 is 1e-11. Dephasing, which
widens the line, does not shorten them."""

SOLVER = {"atol": 1e-10, "rtol": 1e-8, "store_final_state": True, "nsteps": 100_000}

MOST_SPINS = 60
"""Spins whose permutation-invariant Liouvillian is solved in seconds."""


@dataclass(frozen=True, eq=False)
class LocalDecay:
    """The motion of the collective spin, and of the oscillator in its place.

    Parameters
    ----------
    times : array
        In s.
    polarisation : array
        ⟨J_x⟩/(N/2).
    variance : array
        Var(J_y)/⟨J_x⟩ of the N spins, ½ in the coherent state.
    oscillator : array
        Var(X) of the thermal oscillator.
    """

    times: NDArray[np.float64]
    polarisation: NDArray[np.float64]
    variance: NDArray[np.float64]
    oscillator: NDArray[np.float64]


def thermal_model(inward: float, outward: float, dephasing: float) -> tuple[float, float]:
    """Linewidth γ and occupation n of the oscillator for local rates.

    For γ↑ = γ↓ there is no polarisation, and no oscillator.

    Examples
    --------
    >>> thermal_model(3.0, 1.0, 0.0)
    (4.0, 0.5)
    """
    if not inward > outward >= 0 or dephasing < 0:
        raise InvalidInput(
            f"spins are polarised if pumped inward faster than outward, γ↓ > γ↑ ≥ 0; got {inward} and {outward}"
        )
    return inward + outward + dephasing, outward / (inward - outward)


def local_decay(
    spins: int,
    inward: float,
    outward: float,
    dephasing: float,
    times: NDArray[np.float64],
    twist: float = 0.0,
    settled: bool = True,
) -> LocalDecay:
    """N spins under local pumping and dephasing.

    Parameters
    ----------
    spins : int
        N, up to 60.
    inward, outward, dephasing : float
        γ↓, γ↑, γ_φ, 1/s.
    times : array
        In s, beginning with 0.
    twist : float
        Angle χt of exp(−iχt J_z²), which shears the initial state's uncertainty; 0 leaves it.
    settled : bool
        Begin with the stationary state of the pumping, instead of all spins on the pole.

    Raises
    ------
    InvalidInput
        More spins than fit, or rates that polarise the other way.

    Examples
    --------
    >>> found = local_decay(10, 1.0, 0.0, 0.0, np.array([0.0, 1.0]))
    >>> bool(np.allclose(found.variance, 0.5, atol=1e-6))
    True
    """
    import qutip
    from qutip import piqs

    linewidth, occupation = thermal_model(inward, outward, dephasing)
    if not 1 <= spins <= MOST_SPINS:
        raise InvalidInput(f"1 to {MOST_SPINS} spins fit; got {spins}")
    # piqs decays towards J_z = −N/2: its z axis is our x axis.
    jx, jy, jz = piqs.jspin(spins)
    ensemble = piqs.Dicke(spins, emission=inward, pumping=outward, dephasing=dephasing)
    generator = ensemble.liouvillian()
    start = piqs.ground(spins)
    if settled and outward > 0:
        start = qutip.mesolve(generator, start, [0.0, SETTLING / (inward + outward)], options=SOLVER).final_state
    if twist:
        shear = (-1j * twist * jx * jx).expm()
        start = shear * start * shear.dag()
    # The sheared quadrature is the other one.
    steps = qutip.mesolve(generator, start, times, e_ops=[jz, jy, jy * jy], options=SOLVER)
    length = -np.real(steps.expect[0])
    variance = np.real(steps.expect[2]) - np.real(steps.expect[1]) ** 2
    oscillator = SpinOscillator(
        frequency=1e-9 * linewidth,  # not turning: one quadrature is followed
        linewidth=linewidth,
        readout_rate=0.0,
        occupation=occupation,
        damping=Damping.ROTATING_WAVE,
        name="spin",
    )
    begin = variance[0] / length[0]
    state = GaussianState([0.0, 0.0], np.diag([begin, max(begin, 1 / (4 * begin))]), ["spin"])
    motion = evolve(Network((oscillator,)).system, state, np.asarray(times))
    return LocalDecay(np.asarray(times), length / (spins / 2), variance / length, motion.covariance[:, 0, 0])
