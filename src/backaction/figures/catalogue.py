"""The figures by name.  A recipe's module is imported when the recipe is asked for, not to list its name."""

from __future__ import annotations

from importlib import import_module

from backaction.gaussian.errors import unknown_name

from .recipe import Recipe

__all__ = ["check_names", "find", "names", "recipes"]

_PLACES = {
    "moller2017-fig2b": ("backaction.papers.moller2017.figures.squeezing", "FIG2B"),
    "moller2017-fig2c": ("backaction.papers.moller2017.figures.single", "FIG2C"),
    "moller2017-fig2d": ("backaction.papers.moller2017.figures.single", "FIG2D"),
    "moller2017-fig3a": ("backaction.papers.moller2017.figures.hybrid", "FIG3A"),
    "moller2017-fig3b": ("backaction.papers.moller2017.figures.evasion", "FIG3B"),
    "moller2017-fig3c": ("backaction.papers.moller2017.figures.hybrid", "FIG3C"),
    "moller2017-fig3d": ("backaction.papers.moller2017.figures.hybrid", "FIG3D"),
    "moller2017-fig4a": ("backaction.papers.moller2017.figures.hybrid", "FIG4A"),
    "moller2017-fig4b": ("backaction.papers.moller2017.figures.detuned", "FIG4B"),
    "moller2017-fig4c": ("backaction.papers.moller2017.figures.detuned", "FIG4C"),
    "moller2017-s34": ("backaction.papers.moller2017.figures.theory", "S34"),
    "moller2017-approximations": ("backaction.papers.moller2017.figures.theory", "APPROXIMATIONS"),
    "moller2017-numbers": ("backaction.papers.moller2017.figures.numbers", "NUMBERS"),
    "moller2017-entanglement": ("backaction.papers.moller2017.figures.entanglement", "ENTANGLEMENT"),
    "moller2017-entanglement-map": ("backaction.papers.moller2017.figures.verdict", "ENTANGLEMENT_MAP"),
    "moller2017-sensitivity": ("backaction.papers.moller2017.figures.sensitivity", "SENSITIVITY"),
    "schweer2022-fig2": ("backaction.papers.schweer2022.figures.envelopes", "FIG2"),
    "schweer2022-fig3": ("backaction.papers.schweer2022.figures.envelopes", "FIG3"),
    "schweer2022-fig4": ("backaction.papers.schweer2022.figures.flow", "FIG4"),
    "schweer2022-fig5a": ("backaction.papers.schweer2022.figures.mismatch", "FIG5A"),
    "schweer2022-fig5b": ("backaction.papers.schweer2022.figures.mismatch", "FIG5B"),
    "schweer2022-fig6": ("backaction.papers.schweer2022.figures.added_noise", "FIG6"),
    "schweer2022-loss-budget": ("backaction.papers.schweer2022.figures.budget", "BUDGET"),
    "schweer2022-optimum": ("backaction.papers.schweer2022.figures.optimum", "OPTIMUM"),
    "holstein-primakoff": ("backaction.figures.fock.holstein_primakoff", "HOLSTEIN_PRIMAKOFF"),
    "fock-verification": ("backaction.figures.fock.verification", "FOCK_VERIFICATION"),
    "negative-mass-in-fock": ("backaction.figures.fock.negative_mass_in_fock", "NEGATIVE_MASS_IN_FOCK"),
    "beyond-gaussian": ("backaction.figures.fock.beyond_gaussian", "BEYOND_GAUSSIAN"),
    "vitali2007": ("backaction.papers.vitali2007.figures", "VITALI"),
    "conditional-epr": ("backaction.figures.canonical.epr_schemes", "CONDITIONAL"),
    "unconditional-epr": ("backaction.figures.canonical.epr_schemes", "UNCONDITIONAL"),
    "epr-channel": ("backaction.figures.canonical.monitored", "EPR_CHANNEL"),
    "opo-monitored": ("backaction.figures.canonical.monitored", "OPO_MONITORED"),
    "two-mode-squeezed": ("backaction.figures.canonical.criteria", "TWO_MODE_SQUEEZED"),
    "three-modes": ("backaction.figures.canonical.criteria", "THREE_MODES"),
    "conditional-trajectory": ("backaction.figures.canonical.conditional_trajectory", "CONDITIONAL_TRAJECTORY"),
    "epr-budget": ("backaction.figures.canonical.epr_budget", "EPR_BUDGET"),
    "hybrid-road": ("backaction.figures.canonical.hybrid_road", "HYBRID_ROAD"),
}


def names() -> tuple[str, ...]:
    """Names of all figures, in the order in which they are made; loads no plotting library.

    Examples
    --------
    >>> "schweer2022-fig6" in names()
    True
    """
    return tuple(_PLACES)


def check_names(asked: tuple[str, ...]) -> None:
    """Raise `InvalidInput`, with the nearest name, at the first figure that is not in the catalogue.

    Examples
    --------
    >>> check_names(("schweer-fig6",))
    Traceback (most recent call last):
    backaction.gaussian.errors.InvalidInput: there is no figure 'schweer-fig6'; did you mean ...
    """
    for name in asked:
        if name not in _PLACES:
            raise unknown_name(name, _PLACES, "figure")


def find(name: str) -> Recipe:
    """Return the recipe of one figure; raises `InvalidInput` for a name that is not in the catalogue."""
    check_names((name,))
    module, constant = _PLACES[name]
    found = getattr(import_module(module), constant)
    assert isinstance(found, Recipe)
    return found


def recipes() -> dict[str, Recipe]:
    """All recipes by name; this imports the module of every one of them."""
    return {name: find(name) for name in _PLACES}
