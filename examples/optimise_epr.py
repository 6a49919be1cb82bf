"""Optimise the conditional EPR variance of a spin and a membrane over five parameters of the experiment.

Light passes a spin of negative mass, a lossy link and a membrane in a detuned cavity, and is detected (the system of
Møller et al., Nature 547, 191 (2017), in a cryostat: bath at 1 K). What should be set in the laboratory are the readout
rate and the tensor coupling of the spin, the detuning of the cavity, its photon number and the angle of the detector.

The variance and its five derivatives come from `value_and_gradient` at the cost of about one more solution; L-BFGS-B
follows them inside bounds. Nelder and Mead's simplex, which needs no derivative, is the second road to the same
minimum. Run it: ``python examples/optimise_epr.py`` (extra `backaction[jax]`).
"""

# ruff: noqa: T201  an example prints

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from backaction import entanglement
from backaction.differentiable import Matrices, conditional_covariance, epr_variance, value_and_gradient
from backaction.experiment import DetectorSpec, Reference
from backaction.gaussian import conditional_state
from backaction.systems import Hz, Loss, MHz, OptomechanicalCavity, SpinOscillator, hwhm, kHz

SPIN = SpinOscillator(
    frequency=-1.27 * MHz, linewidth=hwhm(1.0 * kHz), readout_rate=60 * kHz, occupation=0.9, tensor_coupling=0.05
)
MEMBRANE = OptomechanicalCavity(
    name="membrane",
    mechanical_frequency=1.28 * MHz,
    mechanical_linewidth=0.1 * Hz,
    temperature=1.0,
    cavity_linewidth=17.4 * MHz,
    detuning=-4.7 * MHz,
    single_photon_coupling=148.5 * Hz,
    photon_number=5.7e6,
    input_fraction=0.96,
    mode_matching=0.95,
)
NETWORK = SPIN >> Loss(name="link", efficiency=0.8) >> MEMBRANE
Vector = NDArray[np.float64]

DETECTOR = DetectorSpec(angle=1.5, efficiency=0.5, reference=Reference.CARRIER)


@dataclass(frozen=True)
class Knob:
    """A parameter, its unit in the table, and its bounds in that unit; positive ones move on a logarithmic scale."""

    address: str
    unit: str
    scale: float
    low: float
    high: float
    logarithmic: bool = False

    def value(self, u: float) -> float:
        """The parameter at 0 ≤ u ≤ 1 between its bounds."""
        if self.logarithmic:
            return self.scale * self.low * math.exp(u * math.log(self.high / self.low))
        return self.scale * (self.low + (self.high - self.low) * u)

    def slope(self, u: float) -> float:
        """Its derivative by u."""
        if self.logarithmic:
            return self.value(u) * math.log(self.high / self.low)
        return self.scale * (self.high - self.low)


KNOBS = (
    Knob("spin.readout_rate", "kHz", kHz, 1.0, 3000.0, logarithmic=True),
    Knob("spin.tensor_coupling", "1", 1.0, 1e-3, 0.5, logarithmic=True),
    Knob("membrane.detuning", "MHz", MHz, -12.0, -0.5),
    Knob("membrane.photon_number", "1e6", 1e6, 0.1, 50.0, logarithmic=True),
    Knob("detector.0.angle", "rad", 1.0, 0.0, np.pi),
)


def conditional_epr(system: Matrices) -> Any:
    """The figure of merit, of the matrices: below 1, spin and membrane are entangled."""
    return epr_variance(system.block(conditional_covariance(system), "spin", "membrane"))


def with_gradient(u: Vector) -> tuple[float, Vector]:
    """Value and gradient by u, all of the same size: what a minimiser likes."""
    values = {knob.address: knob.value(x) for knob, x in zip(KNOBS, u, strict=True)}
    value, gradient = value_and_gradient(conditional_epr, NETWORK, values, [DETECTOR])
    return float(value), np.array([gradient[k.address] * k.slope(x) for k, x in zip(KNOBS, u, strict=True)])


def value_alone(u: Vector) -> float:
    """The same number from the core, which knows nothing of JAX."""
    values = {knob.address: knob.value(x) for knob, x in zip(KNOBS, u, strict=True)}
    network = NETWORK.with_parameters({k: v for k, v in values.items() if not k.startswith("detector.")})
    detector = replace(DETECTOR, angle=values["detector.0.angle"]).detector(network)
    state = conditional_state(network.system, detector)
    return float(entanglement.epr_variance(state, "spin", "membrane"))


def differences(u: Vector, step: float = 1e-3) -> Vector:
    """Central differences of fourth order of the core's number: the check of the gradient."""
    shifts = step * np.eye(len(u))
    near, far = ([value_alone(u + k * way) - value_alone(u - k * way) for way in shifts] for k in (1, 2))
    slopes: Vector = (8 * np.array(near) - np.array(far)) / (12 * step)
    return slopes


def counted(function: Callable[..., Any]) -> tuple[Callable[..., Any], list[int]]:
    """The function, and how often it was called."""
    calls = [0]

    def wrapped(*arguments: Any) -> Any:
        calls[0] += 1
        return function(*arguments)

    return wrapped, calls


def main() -> tuple[list[float], list[float]]:
    """Optimise from three starts by both roads; print the table; return the minima by gradient and without."""
    starts = np.random.default_rng(3).uniform(0.15, 0.85, (3, len(KNOBS)))
    value, gradient = with_gradient(starts[0])
    error = np.abs(gradient - differences(starts[0])).max() / np.abs(gradient).max()
    print(f"gradient against central differences: {error:.1e} of the largest derivative")
    print(f"value against the core: {abs(value - value_alone(starts[0])):.1e}\n")
    print(f"{'start':>6}{'':>10}{'EPR':>9}{'calls':>7}{'s':>7}   " + "".join(f"{k.address:>24}" for k in KNOBS))
    minima: tuple[list[float], list[float]] = ([], [])
    for number, start in enumerate(starts):
        for road, found in zip(("L-BFGS-B", "simplex"), minima, strict=True):
            function, calls = counted(with_gradient if road == "L-BFGS-B" else value_alone)
            begin = time.perf_counter()
            result = minimize(
                function,
                start,
                jac=road == "L-BFGS-B",
                method="L-BFGS-B" if road == "L-BFGS-B" else "Nelder-Mead",
                bounds=[(0.0, 1.0)] * len(KNOBS),
                options={"maxiter": 100} if road == "L-BFGS-B" else {"maxfev": 600, "xatol": 1e-5, "fatol": 1e-8},
            )
            elapsed = time.perf_counter() - begin
            found.append(float(result.fun))
            settings = "".join(
                f"{f'{k.value(x) / k.scale:.4g} {k.unit}':>24}" for k, x in zip(KNOBS, result.x, strict=True)
            )
            print(f"{number:>6}{road:>10}{result.fun:>9.5f}{calls[0]:>7}{elapsed:>7.1f}   {settings}")
    return minima


if __name__ == "__main__":
    main()
