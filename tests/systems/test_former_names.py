"""Module names of version 0.1 that moved with the papers' packages."""

import importlib
import sys

import pytest

from backaction.systems import published

FORMER = {
    "moller2017_table": "systems.published.moller2017.table",
    "moller2017_formulas": "systems.published.moller2017.formulas",
    "moller2017_approximations": "systems.published.moller2017.approximations",
    "moller2017_calibration": "systems.published.moller2017.calibration",
    "moller2017_areas": "papers.moller2017.areas",
    "moller2017_inference": "papers.moller2017.inference",
    "moller2017_likelihood": "papers.moller2017.likelihood",
    "moller2017_posterior": "papers.moller2017.posterior",
    "moller2017_allowed": "papers.moller2017.allowed",
    "moller2017_numbers": "papers.moller2017.numbers",
    "moller2017_hybrid_numbers": "papers.moller2017.hybrid_numbers",
    "moller2017_bench": "papers.moller2017.bench",
    "schweer2022_formulas": "systems.published.schweer2022.formulas",
    "schweer2022_matrices": "systems.published.schweer2022.matrices",
    "schweer2022_losses": "systems.published.schweer2022.losses",
    "schweer2022_imperfections": "systems.published.schweer2022.imperfections",
    "schweer2022_outputs": "systems.published.schweer2022.outputs",
    "schweer2022_optimum": "papers.schweer2022.optimum",
    "schweer2022_stability": "systems.published.schweer2022.stability",
    "schweer2022_thermal": "systems.published.schweer2022.thermal",
    "schweer2022_hardware": "systems.published.schweer2022.hardware",
}
"""The modules that the reference of 0.1 described, and where they are."""


def forget(former):
    """As in a process that has not imported the former name."""
    sys.modules.pop(f"{published.__name__}.{former}", None)
    vars(published).pop(former, None)


@pytest.mark.parametrize(("former", "home"), FORMER.items())
def test_a_former_name_warns_and_has_the_same_objects(former, home):
    forget(former)
    with pytest.warns(DeprecationWarning, match=f"{former} is now backaction.{home}"):
        old = importlib.import_module(f"backaction.systems.published.{former}")
    new = importlib.import_module(f"backaction.{home}")
    assert old.__all__ == new.__all__
    assert all(getattr(old, public) is getattr(new, public) for public in new.__all__)
    assert new.__spec__.name == f"backaction.{home}"


def test_the_warning_points_at_the_import_and_other_names_stay_unknown():
    forget("moller2017_table")
    with pytest.warns(DeprecationWarning) as caught:
        from backaction.systems.published import moller2017_table
    assert caught[0].filename == __file__
    assert moller2017_table.FIG3.name == "fig3"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("backaction.systems.published.moller2017_nothing")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("backaction.systems.published.nobody2030_table")
