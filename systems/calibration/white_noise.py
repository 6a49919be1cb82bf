"""White-noise calibration: modulate the quadrature that drives the oscillator, and see what back action does.

Adding n_WN (shot-noise units) to X_L alone makes the detected spectrum S = 1 + η[R²_BA (n_WN + 1) + R²_Th]: its slope
is the back action of the vacuum, its intercept less the slope the thermal noise, and their ratio the quantum
cooperativity, at every frequency and for any loss (Møller et al. 2017, S35-S40).  For two levels this is (S40).

One quadrature only: noise in both reaches the detector directly too, and the ratio comes out wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import Homodyne, InvalidInput
from backaction.gaussian.arrays import FloatArray, frozen
from backaction.gaussian.spectra import recorded_spectrum
from backaction.systems import Modulation, Network
from backaction.systems.grammar import Parameter
from backaction.systems.sensing import susceptibility

__all__ = ["WhiteNoiseCalibration", "driven_spectra", "white_noise_calibration"]


@dataclass(frozen=True, eq=False)
class WhiteNoiseCalibration:
    """Back action and thermal noise of a spectrum, in shot-noise units, losses included.

    Attributes
    ----------
    back_action : array
        ηR²_BA, due to the vacuum of the driving quadrature.
    thermal : array
        ηR²_Th.
    """

    back_action: FloatArray
    thermal: FloatArray

    @property
    def cooperativity(self) -> FloatArray:
        """C_q = R²_BA/R²_Th (S40).

        Raises
        ------
        InvalidInput
            The thermal part is not positive somewhere.
        """
        if (self.thermal <= 0).any():
            raise InvalidInput(
                f"the thermal part of the spectrum comes out as {self.thermal.min():.4g} shot-noise units, so a ratio "
                "to it means nothing; modulate the driving quadrature only, subtract the light's own noise correctly, "
                "and leave out frequencies where the oscillator does not rise above the noise"
            )
        return np.asarray(self.back_action / self.thermal)

    def readout_rate(
        self, omega: ArrayLike, frequency: Parameter, linewidth: Parameter, efficiency: ArrayLike = 1.0
    ) -> FloatArray:
        """Γ in rad/s of a QND oscillator: ηR²_BA = ηΓ²|χ|², with known Ω, γ (full) and detection efficiency.

        Parameters
        ----------
        omega : array_like
            The frequencies of the spectra, rad/s.
        frequency, linewidth : float
            Ω and γ of the oscillator, rad/s.
        efficiency : float
            η from oscillator to record.
        """
        response = np.abs(susceptibility(omega, frequency, linewidth))
        return np.asarray(np.sqrt(self.back_action / np.asarray(efficiency)) / response)


def driven_spectra(
    network: Network, added_noise: ArrayLike, omega: ArrayLike, detector: Homodyne, *, formal: bool = False
) -> FloatArray:
    """Spectra of a network whose incoming amplitude quadrature is modulated with white noise.

    Parameters
    ----------
    network : Network
    added_noise : array_like, shape (K,)
        n_WN of each run, shot-noise units; 0 is the vacuum.
    omega : array_like
        rad/s.
    detector : Homodyne
    formal : bool
        As in `backaction.gaussian.transfer_matrix`.

    Returns
    -------
    array, shape (K, batch…, frequencies…)
        In shot-noise units (vacuum 1).

    Raises
    ------
    Unstable, Unresolved
        As `backaction.gaussian.quadrature_spectrum`.

    Examples
    --------
    >>> from backaction.systems import Loss, SpinOscillator
    >>> spin = SpinOscillator(frequency=-1.0, linewidth=0.01, readout_rate=0.1, occupation=1.5)
    >>> spectra = driven_spectra(spin >> Loss(efficiency=0.7), [0.0, 1.22], [0.97, 1.0, 1.04], Homodyne())
    >>> white_noise_calibration([0.0, 1.22], spectra).cooperativity.round(9)
    array([1.25, 1.25, 1.25])
    """
    levels = frozen(added_noise, "added_noise")
    if levels.ndim != 1:
        raise InvalidInput(f"added_noise must be a list of levels, one for each run, got the shape {levels.shape}")
    spread = levels.reshape(-1, *[1] * len(network.system.batch_shape))
    driven = Modulation(added_noise=spread, name=_free_name(network)) >> network
    return 2 * recorded_spectrum(driven.system, omega, detector, formal=formal)


def white_noise_calibration(added_noise: ArrayLike, spectra: ArrayLike) -> WhiteNoiseCalibration:
    """Separate back action from thermal noise by the spectra's straight line in n_WN.

    Parameters
    ----------
    added_noise : array_like, shape (K,)
        n_WN of each run in shot-noise units, at least two different ones.
    spectra : array_like, shape (K, …)
        Shot-noise units (vacuum 1), white noise of the *detected* quadrature subtracted if there is any.

    Returns
    -------
    WhiteNoiseCalibration
        Of shape (…): at every frequency by itself; least squares if K > 2.

    Raises
    ------
    InvalidInput
        Fewer than two different levels, or shapes that do not fit.
    """
    levels, measured = frozen(added_noise, "added_noise"), frozen(spectra, "spectra")
    if levels.ndim != 1 or measured.shape[:1] != levels.shape:
        raise InvalidInput(
            f"added_noise has the shape {levels.shape} and spectra {measured.shape}; give one level for each run, and "
            "the runs on the first axis of the spectra"
        )
    offset = levels - levels.mean()
    if not offset.any():
        raise InvalidInput("all runs have the same n_WN; two different levels are needed to tell the two noises apart")
    mean = measured.mean(axis=0)
    slope = np.tensordot(offset, measured - mean, axes=(0, 0)) / (offset @ offset)
    return WhiteNoiseCalibration(back_action=slope, thermal=np.asarray(mean - 1 - slope * (levels.mean() + 1)))


def _free_name(network: Network) -> str:
    name = "white-noise"
    while name in network.names:
        name += "-2"
    return name
