"""Components in ladder operators: H and L of each from its laboratory parameters, and the master equation of networks.

The Hamiltonians are those of the components' own documentation, written down a second time and without quadrature
matrices. Light is bent, lost, squeezed or made noisy by static elements, and meets the others in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backaction.gaussian import InvalidInput
from backaction.systems import (
    Component,
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
from backaction.systems.laboratory.components import CaesiumSpin

from .basis import adjoint
from .slh import MasterEquation

__all__ = ["master_equation", "rotating_wave"]


def rotating_wave(network: Network) -> Network:
    """The same network with damping of Lindblad form."""
    changes = {
        f"{name}.damping": Damping.ROTATING_WAVE
        for name, part in zip(network.names, network.components, strict=True)
        if getattr(part, "damping", None) is Damping.BROWNIAN
    }
    return network.with_parameters(changes) if changes else network


def master_equation(network: Network) -> MasterEquation:
    """H and all channels of a network, by the series product of its components.

    Raises
    ------
    InvalidInput
        Brownian damping, a batch, or a component without a master equation.

    Examples
    --------
    >>> from backaction.systems import Loss, SpinOscillator
    >>> spin = SpinOscillator(frequency=1.0, linewidth=0.1, readout_rate=0.3, occupation=0.0,
    ...                       damping=Damping.ROTATING_WAVE)
    >>> sorted(master_equation(spin >> Loss(efficiency=0.5)).channels)
    ['input', 'loss', 'spin.bath, absorption', 'spin.bath, emission']
    """
    if network.system.batch_shape:
        raise InvalidInput(
            f"a network is verified one point at a time, but this one is a batch of shape {network.system.batch_shape}"
        )
    modes = tuple(
        mode for name, part in zip(network.names, network.components, strict=True) for mode in _modes(part, name)
    )
    size = 2 * len(modes)
    equation = MasterEquation(modes, np.zeros((size, size), dtype=np.complex128))
    equation.vacuum("input")
    equation.outputs["out"] = ({"input": 1.0 + 0j}, {"input": 0j})
    for name, part in zip(network.names, network.components, strict=True):
        _WORDS[type(part)](equation, part, name)
    return equation


def _modes(part: Component, name: str) -> tuple[str, ...]:
    if type(part) not in _WORDS:
        raise InvalidInput(
            f"the component {name!r} ({part.kind}) has no master equation here, so this network cannot be verified in "
            f"Fock space; those that have one are {', '.join(cls.kind for cls in _WORDS)}"
        )
    return tuple(mode.format(name) for mode in _MODES.get(type(part), ()))


def _probed(equation: MasterEquation, part: Any, name: str) -> None:
    frequency: Any = part.frequency if isinstance(part, SpinOscillator) else part.mechanical_frequency
    linewidth: Any = part.linewidth if isinstance(part, SpinOscillator) else part.mechanical_linewidth
    a = equation.lowering(name)
    x, p = (a + adjoint(a)) / np.sqrt(2), (a - adjoint(a)) / (1j * np.sqrt(2))
    equation.quadratic(adjoint(a), a, frequency)
    # √Γ (X X_L + ζ P P_L) = i(b†L − L†b) with X_L = (b + b†)/√2, P_L = (b − b†)/(i√2)
    equation.couple({"out": np.sqrt(part.readout_rate / 2) * (-1j * x + part.tensor_coupling * p)})
    _thermal(equation, part, name, linewidth)


def _caesium(equation: MasterEquation, part: Any, name: str) -> None:
    _probed(equation, part.oscillator, name)


def _thermal(equation: MasterEquation, part: Any, name: str, linewidth: float) -> None:
    if linewidth > 0 and part.damping is not Damping.ROTATING_WAVE:
        raise InvalidInput(
            f"{name!r} has brownian damping, which is not of Lindblad form: no master equation has it. Take "
            "damping = 'rotating-wave' (`rotating_wave(network)` does it for a whole network)"
        )
    equation.bath(name, linewidth, part.bath_occupation, f"{name}.bath")


def _cavity(equation: MasterEquation, part: Any, name: str, cavity: str) -> None:
    """Both ports of a cavity, out = √κ a − in: the field changes its sign, then couples."""
    a = equation.lowering(cavity)
    equation.bogoliubov("out", -1, 0)
    port = f"{name}.vacuum"
    equation.vacuum(port)
    equation.outputs[port] = ({port: -1.0 + 0j}, {port: 0j})
    lost = max(part.cavity_linewidth - part.kappa1, 0.0)
    equation.couple({"out": np.sqrt(part.kappa1) * a, port: np.sqrt(lost) * a})


def _optomechanics(equation: MasterEquation, part: Any, name: str) -> None:
    cavity = f"{name}.cavity"
    a, b = equation.lowering(cavity), equation.lowering(name)
    phase = np.exp(-1j * np.arctan2(2 * part.detuning, part.cavity_linewidth))
    equation.quadratic(adjoint(a), a, -part.detuning)
    equation.quadratic(adjoint(b), b, part.mechanical_frequency)
    equation.quadratic(phase * a + np.conj(phase) * adjoint(a), b + adjoint(b), -part.linearised_coupling)
    _cavity(equation, part, name, cavity)
    _thermal(equation, part, name, part.mechanical_linewidth)


def _ancilla(equation: MasterEquation, part: Any, name: str) -> None:
    c, a = equation.lowering(f"{name}.cavity"), equation.lowering(f"{name}.ancilla")
    equation.quadratic(adjoint(a), a, -part.ancilla_detuning)
    for left, right, rate in ((a, adjoint(c), part.beam_splitter), (a, c, part.down_conversion)):
        equation.quadratic(left, right, rate)
        equation.quadratic(adjoint(right), adjoint(left), rate)
    equation.channels[f"{name}.ancilla"] = np.sqrt(part.ancilla_linewidth) * a


def _negative_mass(equation: MasterEquation, part: Any, name: str) -> None:
    c = equation.lowering(f"{name}.cavity")
    equation.quadratic(adjoint(c), c, -part.detuning)
    _ancilla(equation, part, name)
    _cavity(equation, part, name, f"{name}.cavity")


def _integrated(equation: MasterEquation, part: Any, name: str) -> None:
    c, b = equation.lowering(f"{name}.cavity"), equation.lowering(name)
    equation.quadratic(adjoint(b), b, part.mechanical_frequency)
    equation.quadratic(c + adjoint(c), b + adjoint(b), -part.coupling)
    _ancilla(equation, part, name)
    _cavity(equation, part, name, f"{name}.cavity")
    _thermal(equation, part, name, part.mechanical_linewidth)


def _loss(equation: MasterEquation, part: Any, name: str) -> None:
    passed, lost = np.sqrt(part.efficiency), np.sqrt(1 - part.efficiency)
    equation.vacuum(name)
    equation.outputs[name] = equation.outputs["out"]
    equation.bogoliubov(name, lost, 0)
    equation.add(name, name, -passed)
    equation.bogoliubov("out", passed, 0)
    equation.add("out", name, lost)


def _rotation(equation: MasterEquation, part: Any, name: str) -> None:
    equation.bogoliubov("out", np.exp(1j * part.angle), 0)


def _squeezer(equation: MasterEquation, part: Any, name: str) -> None:
    r = part.squeezing * np.log(10) / 20
    equation.bogoliubov("out", np.cosh(r), -np.exp(2j * part.angle) * np.sinh(r))


def _thermal_light(equation: MasterEquation, part: Any, name: str) -> None:
    for vacuum, phase in ((f"{name}, x", 1.0), (f"{name}, p", 1j)):
        equation.vacuum(vacuum)
        equation.add("out", vacuum, phase * np.sqrt(part.occupation / 2), phase * np.sqrt(part.occupation / 2))


def _modulation(equation: MasterEquation, part: Any, name: str) -> None:
    half = np.exp(1j * part.angle) * np.sqrt(part.added_noise) / 2
    equation.vacuum(name)
    equation.add("out", name, half, half)


_WORDS: dict[type[Component], Callable[[MasterEquation, Any, str], None]] = {
    SpinOscillator: _probed,
    CaesiumSpin: _caesium,
    MechanicalOscillator: _probed,
    OptomechanicalCavity: _optomechanics,
    OpticalNegativeMass: _negative_mass,
    IntegratedCQNC: _integrated,
    Loss: _loss,
    Rotation: _rotation,
    Squeezer: _squeezer,
    ThermalLight: _thermal_light,
    Modulation: _modulation,
}

_MODES: dict[type[Component], tuple[str, ...]] = {
    SpinOscillator: ("{}",),
    CaesiumSpin: ("{}",),
    MechanicalOscillator: ("{}",),
    OptomechanicalCavity: ("{}", "{}.cavity"),
    OpticalNegativeMass: ("{}.cavity", "{}.ancilla"),
    IntegratedCQNC: ("{}", "{}.cavity", "{}.ancilla"),
}
