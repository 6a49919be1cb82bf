"""Several parties: van Loock and Furusawa's inequalities, all bipartitions, genuine multipartite entanglement.

For u = h·ξ and v = g·ξ, a state that is a mixture of products over A|B obeys

    Var u + Var v ≥ |hᵀΩg|_A + |hᵀΩg|_B,

the commutators of the two parts (van Loock and Furusawa, Phys. Rev. A 67, 052315 (2003), Eq. (9)). A violation proves
entanglement across A|B. *Every* bipartition violated by its own pair means inseparable; it does not yet mean that all
parties are entangled at once, because a mixture of states entangled across different cuts does it too. One pair u, v
whose sum lies below the *smallest* of all the bounds does: the left side of a mixture is no smaller than the mean of
its parts (Teh and Reid, Phys. Rev. A 90, 062337 (2014)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from backaction.gaussian import GaussianState
from backaction.gaussian.arrays import FloatArray, frozen
from backaction.gaussian.errors import InvalidInput
from backaction.gaussian.names import as_names
from backaction.gaussian.normal_modes import require_positive

from .bipartite import smallest_ppt_eigenvalue
from .bounds import EPR
from .criterion import Criterion, Judgement, judging, relevant_doubt, require_resolved
from .forms import variance, variance_uncertainty
from .parties import Parties, parties

__all__ = ["Witness", "bipartitions", "inseparability", "van_loock_furusawa"]

Bipartition = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, eq=False, repr=False)
class Witness(Judgement):
    """A criterion of several modes, (Var u + Var v) over its bound, and the combinations u = h·ξ, v = g·ξ that have it.

    Attributes
    ----------
    modes : tuple of str
        The modes in the order of the combinations.
    h, g : array, shape (…, 2n)
        Weights on (x, p) of each mode, with the bound 1.
    """

    modes: tuple[str, ...]
    h: FloatArray
    g: FloatArray


def bipartitions(modes: Sequence[str]) -> list[Bipartition]:
    """All 2^(n−1) − 1 ways to cut modes in two, the first mode always in the first part.

    Raises
    ------
    InvalidInput
        Fewer than two modes, or the same twice.

    Examples
    --------
    >>> bipartitions(["a", "b", "c"])
    [(('a',), ('b', 'c')), (('a', 'b'), ('c',)), (('a', 'c'), ('b',))]
    """
    names = as_names(modes, "mode")
    if len(names) < 2:
        raise InvalidInput(f"entanglement is between at least two modes, got {names}")
    cuts = []
    for size in range(len(names) - 1):
        for others in combinations(names[1:], size):
            first = (names[0], *others)
            cuts.append((first, tuple(name for name in names if name not in first)))
    return cuts


def inseparability(state: GaussianState, modes: Sequence[str] | None = None) -> dict[Bipartition, Criterion]:
    """Smallest PPT eigenvalue across every bipartition: entangled across each cut that has ν < ½.

    All of them below ½ is full inseparability. That is not yet genuine multipartite entanglement unless the state is
    pure: see `genuine_multipartite`. Drawn in the figure `three-modes`.

    Parameters
    ----------
    state : GaussianState
    modes : sequence of str, optional
        At least two; default all of the state.

    Returns
    -------
    dict
        `Criterion` by bipartition.

    Raises
    ------
    InvalidInput, Unphysical, Unresolved
        As `bipartitions` and `smallest_ppt_eigenvalue`.

    Examples
    --------
    >>> vacuum = GaussianState.vacuum(["a", "b", "c"])
    >>> [float(criterion) for criterion in inseparability(vacuum).values()]
    [0.5, 0.5, 0.5]
    """
    return {cut: smallest_ppt_eigenvalue(state, *cut) for cut in bipartitions(modes or state.modes)}


@judging(EPR)
def van_loock_furusawa(
    state: GaussianState,
    first: str | Sequence[str],
    second: str | Sequence[str],
    position_gains: ArrayLike | None = None,
    momentum_gains: ArrayLike | None = None,
) -> Witness:
    """Van Loock and Furusawa's criterion across one cut: (Var u + Var v)/(|Σ_A hg| + |Σ_B hg|), separable ⇒ ≥ 1.

    u = Σ hᵢ xᵢ is a combination of positions and v = Σ gᵢ pᵢ one of momenta, as an experiment records them. With
    gains left out they are the best ones, in closed form: the value is 2/σ, σ the largest singular value of
    V_x^(−½) S V_p^(−½) with S = 1 on A and ±1 on B. Free quadratures instead of x and p give 2ν, ν the smallest PPT
    eigenvalue: nothing of this kind sees more than that.

    Parameters
    ----------
    state : GaussianState
    first, second : str or sequence of str
        The modes of each party; the rest is traced out.
    position_gains, momentum_gains : array_like, shape (…, modes), optional
        h and g, in the order first, then second. Give both or none.

    Returns
    -------
    Witness

    Raises
    ------
    InvalidInput
        Unknown or overlapping parties, one kind of gains only, gains that commute on both sides.
    Unphysical, Unresolved
        As `smallest_ppt_eigenvalue`.

    References
    ----------
    P. van Loock and A. Furusawa, Phys. Rev. A 67, 052315 (2003), Eqs. (9)-(11). Drawn in the figure `three-modes`.

    Examples
    --------
    >>> from backaction.gaussian import two_mode_squeezed
    >>> witness = van_loock_furusawa(two_mode_squeezed(1.0, ["a", "b"]), "a", "b")
    >>> bool(np.isclose(float(witness), np.exp(-2), rtol=1e-12))
    True
    """
    pair = parties(state, first, second)
    require_positive(pair.covariance, pair.error)
    if (position_gains is None) != (momentum_gains is None):
        raise InvalidInput("give both position_gains and momentum_gains, or none for the best ones")
    names = pair.first + pair.second
    if position_gains is None or momentum_gains is None:
        positions, momenta = _best_gains(pair)
    else:
        positions = frozen(position_gains, "the position gains")
        momenta = frozen(momentum_gains, "the momentum gains")
        for gains, what in ((positions, "position"), (momenta, "momentum")):
            if gains.ndim == 0 or gains.shape[-1] != len(names):
                raise InvalidInput(f"{len(names)} modes {names} need as many {what} gains, got shape {gains.shape}")
    shape = np.broadcast_shapes(positions.shape, momenta.shape)
    h, g = np.zeros((2, *shape[:-1], 2 * shape[-1]))
    h[..., 0::2], g[..., 1::2] = positions, momenta
    products = positions * momenta
    count = len(pair.first)
    bound = np.abs(products[..., :count].sum(axis=-1)) + np.abs(products[..., count:].sum(axis=-1))
    return weighed(pair, h, g, bound, f"van Loock and Furusawa's criterion of {pair.text}")


def weighed(pair: Parties, h: FloatArray, g: FloatArray, bound: FloatArray, what: str) -> Witness:
    """(Var h·ξ + Var g·ξ)/bound with its uncertainty, the weights scaled to the bound 1.

    Examples
    --------
    >>> pair = parties(GaussianState.vacuum(["a", "b"]), "a", "b")
    >>> float(weighed(pair, np.eye(4)[0], np.eye(4)[1], np.array(1.0), "the vacuum's noise"))
    1.0
    """
    if not (bound > 0).all():
        raise InvalidInput(
            f"{what}: u and v commute on both sides of the cut, so that no state is forbidden to have small variances; "
            "give every combination gains hᵢgᵢ that do not cancel within a party"
        )
    scale = 1 / np.sqrt(bound)[..., None]
    h, g = h * scale, g * scale
    value = variance(pair.covariance, h) + variance(pair.covariance, g)
    doubts = [variance_uncertainty(pair.covariance, w, pair.error) for w in (h, g)]
    uncertainty = doubts[0] + doubts[1]
    require_resolved(relevant_doubt(value, uncertainty, EPR.value), what)
    batch = np.broadcast_shapes(pair.batch, value.shape)
    modes = pair.first + pair.second
    return Witness(np.broadcast_to(value, batch), np.broadcast_to(uncertainty, batch), modes, h, g)


def _best_gains(pair: Parties) -> tuple[FloatArray, FloatArray]:
    """The singular vectors of L_x⁻¹ S L_p⁻ᵀ, V_x = L_x L_xᵀ: hᵀSg is largest for given hᵀV_x h and gᵀV_p g.

    |hᵀg|_A + |hᵀg|_B is the larger of |sum| and |difference|. S = 1 on A, −1 on B entangles; S = 1 on both is the
    uncertainty principle of the whole, never violated, but the better one for states without correlations of use.
    """
    sign = np.repeat([1.0, -1.0], [len(pair.first), len(pair.second)])
    roots = [np.linalg.inv(np.linalg.cholesky(pair.covariance[..., i::2, i::2])) for i in (0, 1)]
    cores = [(roots[0] * one) @ np.swapaxes(roots[1], -1, -2) for one in (sign, np.abs(sign))]
    left, size, right = np.linalg.svd(np.stack(cores))
    best = (np.argmax(size[..., 0], axis=0) == 1)[..., None]
    h, g = (np.where(best, one[1], one[0]) for one in (left[..., :, 0], right[..., 0, :]))
    positions = (h[..., None, :] @ roots[0])[..., 0, :]
    momenta = (g[..., None, :] @ roots[1])[..., 0, :]
    return positions, momenta
