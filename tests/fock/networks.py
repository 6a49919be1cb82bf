"""Networks small enough for Fock space, that the tests share, and the Gaussian model of a master equation."""

import numpy as np

from backaction.fock import Effort
from backaction.gaussian import from_hamiltonian
from backaction.systems import (
    Damping,
    IntegratedCQNC,
    Loss,
    MechanicalOscillator,
    Modulation,
    Network,
    OpticalNegativeMass,
    OptomechanicalCavity,
    Rotation,
    SpinOscillator,
    Squeezer,
    ThermalLight,
)

LINDBLAD = Damping.ROTATING_WAVE
QUICK = Effort(unconditional=4.5, conditional=4.0, spectrum=4.0, evolution=4.0, step=1.0, frequencies=2)


def spin(**changes):
    return SpinOscillator(
        **(
            {
                "frequency": -1.0,
                "linewidth": 0.25,
                "readout_rate": 0.3,
                "occupation": 0.1,
                "tensor_coupling": 0.3,
                "damping": LINDBLAD,
            }
            | changes
        )
    )


def membrane(**changes):
    return MechanicalOscillator(
        **(
            {
                "name": "membrane",
                "mechanical_frequency": 1.05,
                "mechanical_linewidth": 0.3,
                "readout_rate": 0.25,
                "occupation": 0.2,
                "damping": LINDBLAD,
            }
            | changes
        )
    )


def cavity(**changes):
    return OptomechanicalCavity(
        **(
            {
                "name": "cavity",
                "mechanical_frequency": 1.05,
                "mechanical_linewidth": 0.3,
                "occupation": 0.1,
                "cavity_linewidth": 1.5,
                "detuning": -0.6,
                "coupling": 0.1,
                "input_fraction": 0.7,
                "damping": LINDBLAD,
            }
            | changes
        )
    )


def ancilla(**changes):
    return OpticalNegativeMass(
        **(
            {
                "name": "ancilla",
                "cavity_linewidth": 2.0,
                "ancilla_linewidth": 0.3,
                "ancilla_detuning": 0.9,
                "beam_splitter": 0.15,
                "down_conversion": 0.12,
                "detuning": 0.2,
                "input_fraction": 0.9,
            }
            | changes
        )
    )


def integrated(**changes):
    return IntegratedCQNC(
        **(
            {
                "name": "sensor",
                "mechanical_frequency": 1.0,
                "mechanical_linewidth": 0.3,
                "occupation": 0.1,
                "cavity_linewidth": 2.0,
                "coupling": 0.1,
                "input_fraction": 0.8,
                "ancilla_linewidth": 0.4,
                "ancilla_detuning": 0.9,
                "beam_splitter": 0.15,
                "down_conversion": 0.1,
                "damping": LINDBLAD,
            }
            | changes
        )
    )


def pair():
    """Spin, loss, membrane: the two-mode network of most tests."""
    return spin() >> Loss(efficiency=0.8) >> membrane()


def everything():
    """Every static element, between a spin and a detuned two-sided cavity."""
    return (
        Squeezer(squeezing=3.0, angle=0.4)
        >> spin()
        >> Loss(efficiency=0.8)
        >> ThermalLight(occupation=0.2)
        >> Rotation(angle=0.3)
        >> Modulation(added_noise=0.5, angle=0.7)
        >> cavity()
    )


NETWORKS = {
    "pair": pair(),
    "everything": everything(),
    "integrated": Network((integrated(),)),
    "ancilla first": ancilla() >> Squeezer(squeezing=1.0, angle=0.2) >> cavity(),
    "sensor first": cavity() >> Loss(efficiency=0.9) >> ancilla(),
}


def quadratures_of_ladder(count):
    """T with (a₁ …, a₁† …) = T (x₁, p₁, …)."""
    turn = np.zeros((2 * count, 2 * count), dtype=complex)
    for i in range(count):
        turn[i, 2 * i : 2 * i + 2] = np.array([1, 1j]) / np.sqrt(2)
        turn[count + i, 2 * i : 2 * i + 2] = np.array([1, -1j]) / np.sqrt(2)
    return turn


def gaussian_of(equation):
    """The linear system of a master equation: all channels vacua, H and L carried over to quadratures."""
    turn = quadratures_of_ladder(len(equation.modes))
    hamiltonian = turn.T @ (equation.hamiltonian + equation.hamiltonian.T) @ turn
    assert np.abs(hamiltonian.imag).max() < 1e-14 * np.abs(hamiltonian).max()
    real = hamiltonian.real
    couplings = np.array(list(equation.channels.values())) @ turn
    return from_hamiltonian((real + real.T) / 2, couplings, modes=equation.modes, ports=list(equation.channels))
