"""Contangle and entanglement of formation of two modes, by the nearest pure state below.

Both are minima over pure Gaussian states whose covariance lies below V: the state is that pure state plus classical
noise. In standard form the pure states are X ⊕ X⁻¹/4 over positions and momenta, and those below V lie between two
cones, V_p⁻¹/4 ≤ X ≤ V_x; the least entangled one lies on the rim where the cones meet, a closed curve
X(φ) = V_p⁻¹/4 + D^½ n(φ)n(φ)ᵀ D^½, D = V_x − V_p⁻¹/4 (Wolf et al., Phys. Rev. A 69, 052320 (2004)). Its entanglement is
a function of m² = 1/(1 − X₁₂²/(X₁₁X₂₂)), which is minimised over φ.
"""

from __future__ import annotations

import numpy as np

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray, stack_matrix, symmetrised
from backaction.gaussian.errors import InvalidInput

from .bipartite import smallest_ppt_eigenvalue
from .bounds import MEASURE, PPT
from .criterion import Criterion, judging
from .information import entropy_of
from .parties import parties
from .standard_form import StandardForm, standard_form

__all__ = ["contangle", "entanglement_of_formation"]

POINTS = 64
"""Points of the rim in each search; the curve has at most two minima."""

ZOOMS = 7
"""Searches, each in one step of the grid before: 2π/32⁷, where the minimum is flat to rounding."""


@judging(MEASURE)
def contangle(state: GaussianState, first: str, second: str) -> Criterion:
    """Gaussian contangle of two modes: the square of the log-negativity's convex roof, arcsinh²√(m² − 1), in nats².

    It is E_N² for pure states and for symmetric ones (equal a and b), and otherwise at least that; unlike E_N it is
    monogamous: shared entanglement adds up to no more than that with all the others together.

    Parameters
    ----------
    state : GaussianState
    first, second : str
        One mode each; the rest is traced out.

    Returns
    -------
    Criterion
        Nats², shape (…); 0 for separable states. The uncertainty is that of E_N², which it continues.

    Raises
    ------
    InvalidInput
        More than one mode a party, unknown modes.
    Unphysical, Unresolved
        As `smallest_ppt_eigenvalue`.

    References
    ----------
    G. Adesso and F. Illuminati, New J. Phys. 8, 15 (2006); Phys. Rev. A 72, 032334 (2005). Drawn in the figure
    `two-mode-squeezed`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> round(float(contangle(two_mode_squeezed(0.5, ["a", "b"]), "a", "b")), 9)  # (2r)²
    1.0
    """
    m, doubt = _least_entangled(state, first, second)
    root = np.arccosh(m)
    return Criterion(root**2, 2 * root * doubt)


@judging(MEASURE)
def entanglement_of_formation(state: GaussianState, first: str, second: str) -> Criterion:
    """Gaussian entanglement of formation of two modes, in nats: the entropy of entanglement of the same pure state.

    Parameters
    ----------
    state : GaussianState
    first, second : str

    Returns
    -------
    Criterion
        Nats, shape (…); 0 for separable states.

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `contangle`.

    References
    ----------
    M. M. Wolf, G. Giedke, O. Krüger, R. F. Werner and J. I. Cirac, Phys. Rev. A 69, 052320 (2004); for symmetric
    states G. Giedke et al., Phys. Rev. Lett. 91, 107901 (2003). Drawn in the figure `two-mode-squeezed`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed, von_neumann_entropy
    >>> state = two_mode_squeezed(0.5, ["a", "b"])
    >>> formed = float(entanglement_of_formation(state, "a", "b"))
    >>> bool(np.isclose(formed, float(von_neumann_entropy(state.marginal("a")))))
    True
    """
    m, doubt = _least_entangled(state, first, second)
    value = entropy_of(m / 2)
    return Criterion(value, entropy_of(np.cosh(np.arccosh(m) + doubt) / 2) - value)


def _least_entangled(state: GaussianState, first: str, second: str) -> tuple[FloatArray, FloatArray]:
    """m ≥ 1 of the least entangled pure state below V, and the uncertainty of E_N."""
    pair = parties(state, first, second)
    if len(pair.first) != 1 or len(pair.second) != 1:
        raise InvalidInput(f"the contangle is computed for two modes, got {pair.text}; see `log_negativity`")
    ppt = smallest_ppt_eigenvalue(state, first, second)
    m = _search(standard_form(pair.covariance))
    entangled = ppt.value < PPT.value
    return np.where(entangled, pair.spread(m), 1.0), np.where(entangled, ppt.uncertainty / ppt.value, 0.0)


def _search(form: StandardForm) -> FloatArray:
    positions = stack_matrix([[form.a, form.plus], [form.plus, form.b]])
    momenta = stack_matrix([[form.a, form.minus], [form.minus, form.b]])
    lower = symmetrised(np.linalg.inv(momenta)) / 4
    values, vectors = np.linalg.eigh(positions - lower)
    # A zero of D (a pure mode) comes out as rounding, and its root would be 1e-8.
    rounding = 16 * np.finfo(np.float64).eps * (form.a + form.b)[..., None]
    root = vectors * np.sqrt(np.where(values > rounding, values, 0.0))[..., None, :]
    centre, half = np.zeros(form.a.shape), np.pi / 2
    ratio = centre
    for _ in range(ZOOMS):
        angle = centre[..., None] + np.linspace(-half, half, POINTS + 1)
        ratio_at = _correlation(lower, root, angle)
        place = np.argmin(ratio_at, axis=-1)[..., None]
        centre = np.take_along_axis(angle, place, axis=-1)[..., 0]
        ratio = np.take_along_axis(ratio_at, place, axis=-1)[..., 0]
        half = 2 * half / POINTS
    m: FloatArray = 1 / np.sqrt(1 - np.minimum(ratio, 1 - np.finfo(np.float64).eps))
    return m


def _correlation(lower: FloatArray, root: FloatArray, angle: FloatArray) -> FloatArray:
    """X₁₂²/(X₁₁X₂₂) along the rim, shape (…, points)."""
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    vector = direction @ np.swapaxes(root, -1, -2)
    cross = lower[..., None, 0, 1] + vector[..., 0] * vector[..., 1]
    first = lower[..., None, 0, 0] + vector[..., 0] ** 2
    second = lower[..., None, 1, 1] + vector[..., 1] ** 2
    ratio: FloatArray = cross**2 / (first * second)
    return ratio
