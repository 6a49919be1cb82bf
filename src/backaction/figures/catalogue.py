"""The figures by name.  A recipe's module is imported when the recipe is asked for, not to list its name."""

from __future__ import annotations

from importlib import import_module

from backaction.gaussian.errors import unknown_name

from .recipe import Recipe

__all__ = ["check_names", "find", "names", "recipes"]

_PLACES = {
    "moller2017-fig2b": ("moller2017", "FIG2B"),
    "moller2017-fig2c": ("moller2017", "FIG2C"),
    "moller2017-fig2d": ("moller2017", "FIG2D"),
    "moller2017-fig3a": ("moller2017", "FIG3A"),
    "moller2017-fig3b": ("moller2017", "FIG3B"),
    "moller2017-fig3c": ("moller2017", "FIG3C"),
    "moller2017-fig3d": ("moller2017", "FIG3D"),
    "moller2017-fig4a": ("moller2017", "FIG4A"),
    "moller2017-fig4b": ("moller2017", "FIG4B"),
    "moller2017-fig4c": ("moller2017", "FIG4C"),
    "moller2017-s34": ("moller2017", "S34"),
    "moller2017-approximations": ("moller2017", "APPROXIMATIONS"),
    "moller2017-numbers": ("moller2017", "NUMBERS"),
    "moller2017-entanglement": ("moller2017", "ENTANGLEMENT"),
    "moller2017-entanglement-map": ("moller2017", "ENTANGLEMENT_MAP"),
    "moller2017-sensitivity": ("moller2017", "SENSITIVITY"),
    "schweer2022-fig2": ("schweer2022_envelopes", "FIG2"),
    "schweer2022-fig3": ("schweer2022_envelopes", "FIG3"),
    "schweer2022-fig4": ("schweer2022_flow", "FIG4"),
    "schweer2022-fig5a": ("schweer2022_mismatch", "FIG5A"),
    "schweer2022-fig5b": ("schweer2022_mismatch", "FIG5B"),
    "schweer2022-fig6": ("schweer2022", "FIG6"),
    "schweer2022-loss-budget": ("schweer2022_budget", "BUDGET"),
    "schweer2022-optimum": ("schweer2022_optimum", "OPTIMUM"),
    "holstein-primakoff": ("holstein_primakoff", "HOLSTEIN_PRIMAKOFF"),
    "fock-verification": ("fock_verification", "FOCK_VERIFICATION"),
    "negative-mass-in-fock": ("negative_mass_in_fock", "NEGATIVE_MASS_IN_FOCK"),
    "beyond-gaussian": ("fock_beyond_gaussian", "BEYOND_GAUSSIAN"),
    "vitali2007": ("vitali2007", "VITALI"),
    "conditional-epr": ("epr_schemes", "CONDITIONAL"),
    "unconditional-epr": ("epr_schemes", "UNCONDITIONAL"),
    "epr-channel": ("monitored", "EPR_CHANNEL"),
    "opo-monitored": ("monitored", "OPO_MONITORED"),
    "two-mode-squeezed": ("criteria", "TWO_MODE_SQUEEZED"),
    "three-modes": ("criteria", "THREE_MODES"),
    "conditional-trajectory": ("conditional_trajectory", "CONDITIONAL_TRAJECTORY"),
    "epr-budget": ("epr_budget", "EPR_BUDGET"),
    "hybrid-road": ("hybrid_road", "HYBRID_ROAD"),
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
    found = getattr(import_module(f"{__package__}.{module}"), constant)
    assert isinstance(found, Recipe)
    return found


def recipes() -> dict[str, Recipe]:
    """All recipes by name; this imports the module of every one of them."""
    return {name: find(name) for name in _PLACES}
