"""What later records tell about now: the retrodicted effect, and the smoothed estimate.

The record up to t prepares a state, `conditional_state`. The record after t makes an effect: the likelihood of that
record as a function of the state at t, a Gaussian with the information matrix Λ = V_E⁻¹,

    0 = ÃᵀΛ + ΛÃ + HᵀR⁻¹H − Λ D̃ Λ,

the Riccati equation of the time that runs backwards. Both together give what a classical estimator makes of the whole
record, the smoothed covariance (V_c⁻¹ + Λ)⁻¹. Neither effect nor smoothed estimate is a state: no one who has only the
past can prepare them, their uncertainty products may lie below the vacuum's, and entanglement criteria refuse them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, symmetrised, transpose
from .conditional import conditional_state, require_watched
from .errors import InvalidInput, Unresolved
from .flow import decorrelated, record_flow
from .measurement import Detector
from .names import quadratures
from .riccati import solve_riccati
from .system import LinearSystem

__all__ = ["ClassicalEstimate", "Effect", "retrodicted_effect", "smoothed_estimate", "verification_covariance"]

SEEN = 1e-12
"""Smallest eigenvalue of the normalised information matrix for which a record is said to see every quadrature: below it
float64 no longer tells a quadrature seen very little from one not seen at all."""


@dataclass(frozen=True, eq=False)
class Effect:
    """A Gaussian effect (an element of a measurement, not a state): the likelihood of a record given the state.

    Attributes
    ----------
    information : array, shape (…, 2n, 2n)
        Λ; zero for what the record does not see.
    modes : tuple of str
    """

    information: FloatArray
    modes: tuple[str, ...]

    @property
    def covariance(self) -> FloatArray:
        """V_E = Λ⁻¹, shape (…, 2n, 2n): how well the record says what the quadratures were.

        Raises
        ------
        InvalidInput
            The record does not see some quadrature: its variance is infinite. The text has the mode.
        """
        scale = np.sqrt(np.diagonal(self.information, axis1=-2, axis2=-1))
        unseen = (scale <= 0).reshape(-1, scale.shape[-1]).any(axis=0)
        normal = self.information / np.where(scale > 0, scale, 1.0)[..., :, None]
        normal = normal / np.where(scale > 0, scale, 1.0)[..., None, :]
        values, vectors = np.linalg.eigh(normal)
        if unseen.any() or (values[..., 0] < SEEN).any():
            lanes = vectors.reshape(-1, *vectors.shape[-2:])
            blind = np.abs(lanes[int(np.argmin(values[..., 0])), :, 0])
            worst = int(np.argmax(unseen if unseen.any() else blind))
            raise InvalidInput(
                f"the record does not see a quadrature of mode {self.modes[worst // 2]!r}: its retrodicted variance is "
                "infinite. Ask for `.information`, detect the light of that mode, or take `.marginal` of the others"
            )
        inverse: FloatArray = symmetrised(np.linalg.inv(self.information))
        return inverse

    def marginal(self, modes: str | Sequence[str]) -> Effect:
        """What the record says about the named modes when nothing is known about the others."""
        rows = quadratures(modes, self.modes)
        rest = np.setdiff1d(np.arange(self.information.shape[-1]), rows)
        own = self.information[..., rows[:, None], rows]
        cross = self.information[..., rows[:, None], rest]
        others = self.information[..., rest[:, None], rest]
        inverse = np.linalg.pinv(others, hermitian=True, rcond=SEEN)
        names = (modes,) if isinstance(modes, str) else tuple(modes)
        return Effect(symmetrised(own - cross @ inverse @ transpose(cross)), names)


@dataclass(frozen=True, eq=False)
class ClassicalEstimate:
    """What a classical estimator knows from the whole record, past and future: not a state.

    Its covariance may violate the uncertainty principle, and applied to two independent oscillators the formulas of
    entanglement would find some: entanglement criteria refuse it.

    Attributes
    ----------
    covariance : array, shape (…, 2n, 2n)
    modes : tuple of str
    """

    covariance: FloatArray
    modes: tuple[str, ...]


def retrodicted_effect(
    system: LinearSystem, detectors: Detector | Sequence[Detector], duration: ArrayLike | None = None
) -> Effect:
    """The effect of the record after now: stationary (an endless record), or of a record of given duration.

    Parameters
    ----------
    system : LinearSystem
    detectors : detector or sequence of them
    duration : array_like, optional
        Length of the record in s; broadcasts with the batch. Default: endless.

    Returns
    -------
    Effect

    Raises
    ------
    Unstable
        An endless record that does not show all that does not decay.
    Unresolved, InvalidInput
        As `conditional_state` and `record_flow`.

    References
    ----------
    J. Zhang and K. Mølmer, Phys. Rev. A 96, 062131 (2017), Eqs. (23), (24); S. Gammelmark, B. Julsgaard and K. Mølmer,
    Phys. Rev. Lett. 111, 160401 (2013).

    Examples
    --------
    A cavity decaying into a perfect heterodyne detector has told all about its amplitude, to the vacuum's ½:

    >>> from backaction.gaussian import Heterodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> retrodicted_effect(cavity, Heterodyne()).covariance.diagonal().round(9)
    array([0.5, 0.5])
    """
    if duration is not None:
        return Effect(record_flow(system, detectors, duration).information, system.modes)
    require_watched(system, detectors)
    drift, diffusion, information = decorrelated(system, detectors)
    root = _root(diffusion)
    size = drift.shape[-1]
    try:
        solution = solve_riccati(transpose(drift), information, transpose(root), np.eye(size), np.zeros((size, size)))
    except Unresolved as error:
        raise Unresolved(
            "an endless record has no stationary effect here: it tells a quadrature without limit, as ideal homodyne "
            "detection of all light that leaves a cavity does (a projection on a quadrature). Give `duration`, or an "
            "efficiency below 1",
            error.uncertainty,
        ) from None
    return Effect(solution.matrix, system.modes)


def smoothed_estimate(
    system: LinearSystem, detectors: Detector | Sequence[Detector], duration: ArrayLike | None = None
) -> ClassicalEstimate:
    """What the whole stationary record tells about now, (V_c⁻¹ + Λ)⁻¹: a classical estimator's covariance, not a state.

    Parameters
    ----------
    system : LinearSystem
    detectors : detector or sequence of them
    duration : array_like, optional
        Length of the later part of the record in s; default endless.

    Returns
    -------
    ClassicalEstimate

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `conditional_state` and `retrodicted_effect`.

    References
    ----------
    S. Gammelmark, B. Julsgaard and K. Mølmer, Phys. Rev. Lett. 111, 160401 (2013).

    Examples
    --------
    The variance of a decaying cavity's amplitude comes out at half of the vacuum's: no state has that.

    >>> from backaction.gaussian import Heterodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> smoothed_estimate(cavity, Heterodyne()).covariance.diagonal().round(9)
    array([0.25, 0.25])
    """
    state = conditional_state(system, detectors)
    effect = retrodicted_effect(system, detectors, duration)
    one = np.eye(state.covariance.shape[-1])
    covariance = symmetrised(np.linalg.solve(one + state.covariance @ effect.information, state.covariance))
    return ClassicalEstimate(covariance, system.modes)


def verification_covariance(system: LinearSystem, detectors: Detector | Sequence[Detector]) -> FloatArray:
    """Covariance of retrodiction minus prediction, V_c + V_E, shape (…, 2n, 2n): what an experiment can measure.

    The conditional mean comes from the record before now, the retrodicted one from the record after it; their errors
    are independent, so that the variance of their difference, less the known V_E, is the conditional covariance. No
    access to the "true" quadratures is needed.

    Raises
    ------
    Unstable, Unresolved, InvalidInput
        As `conditional_state` and `retrodicted_effect`; a quadrature that the record does not see.

    References
    ----------
    W. Wieczorek et al., Phys. Rev. Lett. 114, 223601 (2015); M. Rossi, D. Mason, J. Chen and A. Schliesser, Phys.
    Rev. Lett. 123, 163601 (2019).

    Examples
    --------
    >>> from backaction.gaussian import Heterodyne, from_hamiltonian
    >>> cavity = from_hamiltonian(np.zeros((2, 2)), [[1, 1j]], modes=["a"], ports=["out"])
    >>> verification_covariance(cavity, Heterodyne()).diagonal().round(9)
    array([1., 1.])
    """
    return conditional_state(system, detectors).covariance + retrodicted_effect(system, detectors).covariance


def _root(diffusion: FloatArray) -> FloatArray:
    """F with F Fᵀ = D̃, of the matrix normalised to its diagonal so that slow modes keep their digits."""
    scale = np.sqrt(np.maximum(np.diagonal(diffusion, axis1=-2, axis2=-1), 0.0))
    safe = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(diffusion / (safe[..., :, None] * safe[..., None, :]))
    root: FloatArray = scale[..., :, None] * vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return root
