"""Static elements of a beam: loss, rotation, squeezer, and added classical noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backaction.gaussian import LinearSystem
from backaction.gaussian.arrays import FloatArray, block_matrix, stack_matrix

from .component import Component
from .grammar import Parameter, Range, Unit, quantity

__all__ = ["Loss", "Modulation", "Rotation", "Squeezer", "ThermalLight"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Loss(Component):
    """A fraction of the light's power passes; the rest leaves at the port NAME, and vacuum takes its place.

    Parameters
    ----------
    efficiency : float or array
        η in [0, 1]: out = √η in + √(1−η) vacuum.
    name : str, optional

    Examples
    --------
    >>> from backaction.systems import Loss
    >>> Loss(efficiency=0.64).system("loss").outputs
    ('out', 'loss')
    """

    kind: ClassVar[str] = "loss"

    efficiency: Parameter = quantity(Unit.NUMBER, Range.FRACTION, "transmitted power η")

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: vacuum enters, and the lost light leaves, at NAME."""
        passed, lost = np.sqrt(np.asarray(self.efficiency)), np.sqrt(1 - np.asarray(self.efficiency))
        one = np.eye(2)
        return _static(
            block_matrix(
                [
                    [passed[..., None, None] * one, lost[..., None, None] * one],
                    [lost[..., None, None] * one, -passed[..., None, None] * one],
                ]
            ),
            ["input", name],
            ["out", name],
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Rotation(Component):
    """Turns the quadratures of the signal: (x, p) → O(angle)(x, p), O = [[cos, −sin], [sin, cos]]; never a carrier.

    Parameters
    ----------
    angle : float or array
        In rad.
    name : str, optional

    Examples
    --------
    >>> import numpy as np
    >>> from backaction.systems import Rotation
    >>> Rotation(angle=np.pi / 2).system("r").feedthrough.round(12) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """

    kind: ClassVar[str] = "rotation"

    angle: Parameter = quantity(Unit.ANGLE, Range.ANY, "angle of O(angle)")

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`."""
        return _static(_rotation(self.angle), ["input"], ["out"])


@dataclass(frozen=True, eq=False, kw_only=True)
class Squeezer(Component):
    """An ideal phase-sensitive amplifier: out = O(angle) diag(e^{−r}, e^{r}) O(angle)ᵀ in.

    Parameters
    ----------
    squeezing : float or array
        In dB ≥ 0: e^{−2r} = 10^{−dB/10}.
    angle : float or array
        The squeezed quadrature, rad; 0 (default) squeezes x.
    name : str, optional

    Examples
    --------
    >>> from backaction.systems import Squeezer
    >>> (Squeezer(squeezing=10.0).system("s").feedthrough ** 2).diagonal()
    array([ 0.1, 10. ])
    """

    kind: ClassVar[str] = "squeezer"

    squeezing: Parameter = quantity(Unit.DECIBEL, Range.NONNEGATIVE, "power squeezing in dB")
    angle: Parameter = quantity(Unit.ANGLE, Range.ANY, "squeezed quadrature; 0 squeezes x", 0.0)

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`."""
        r = np.asarray(self.squeezing) * np.log(10) / 20
        turn = _rotation(self.angle)
        squeeze = stack_matrix([[np.exp(-r), 0.0], [0.0, np.exp(r)]])
        return _static(turn @ squeeze @ np.swapaxes(turn, -1, -2), ["input"], ["out"])


@dataclass(frozen=True, eq=False, kw_only=True)
class ThermalLight(Component):
    """Adds classical white noise of PSD n (the vacuum is ½) to both quadratures of the passing light.

    Parameters
    ----------
    occupation : float or array
        n ≥ 0.
    name : str, optional

    Examples
    --------
    >>> from backaction.systems import ThermalLight
    >>> ThermalLight(occupation=2.0).system("hot").noise.diagonal()
    array([0.5, 0.5, 2. , 2. ])
    """

    kind: ClassVar[str] = "thermal_light"

    occupation: Parameter = quantity(Unit.NUMBER, Range.NONNEGATIVE, "PSD n added to both quadratures")

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: the classical noise enters at NAME."""
        n = np.asarray(self.occupation)
        return _noisy(name, np.eye(2), stack_matrix([[n, 0.0], [0.0, n]]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Modulation(Component):
    """Adds classical white noise to the one quadrature at an angle: the calibration tone of Møller et al. (S35-S40).

    Parameters
    ----------
    added_noise : float or array
        PSD ≥ 0 in shot-noise units (the vacuum is 1).
    angle : float or array
        The modulated quadrature, rad; 0 (default) is the amplitude x.
    name : str, optional

    Examples
    --------
    >>> from backaction.systems import Modulation
    >>> Modulation(added_noise=1.22).system("eom").noise.diagonal()
    array([0.5 , 0.5 , 0.61, 0.  ])
    """

    kind: ClassVar[str] = "modulation"

    added_noise: Parameter = quantity(Unit.NUMBER, Range.NONNEGATIVE, "PSD added, vacuum 1")
    angle: Parameter = quantity(Unit.ANGLE, Range.ANY, "modulated quadrature; 0 is the amplitude x", 0.0)

    def system(self, name: str) -> LinearSystem:
        """See `Component.system`: the classical noise enters at NAME."""
        half = np.asarray(self.added_noise) / 2
        return _noisy(name, _rotation(self.angle), stack_matrix([[half, 0.0], [0.0, 0.0]]))


def _rotation(angle: Parameter) -> FloatArray:
    c, s = np.cos(angle), np.sin(angle)
    return stack_matrix([[c, -s], [s, c]])


def _static(
    through: FloatArray,
    inputs: list[str],
    outputs: list[str],
    noise: FloatArray | None = None,
    classical: tuple[str, ...] = (),
) -> LinearSystem:
    rows, columns = through.shape[-2:]
    return LinearSystem(
        np.zeros((0, 0)),
        np.zeros((0, columns)),
        np.zeros((rows, 0)),
        through,
        noise,
        (),
        inputs,
        outputs,
        classical,
    )


def _noisy(name: str, direction: FloatArray, added: FloatArray) -> LinearSystem:
    noise = block_matrix([[np.eye(2) / 2, np.zeros((2, 2))], [np.zeros((2, 2)), added]])
    return _static(block_matrix([[np.eye(2), direction]]), ["input", name], ["out"], noise, (name,))
