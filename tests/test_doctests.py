"""Every example in a docstring runs, in the package as it is imported."""

import doctest
import importlib
import pkgutil

import pytest

import backaction

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(backaction.__path__, "backaction.")
    if not module.name.endswith(("__main__", "systems.units", "systems.fields"))  # the last two are gone in 0.3
)


NEEDS = {"backaction.differentiable.": "jax"}
"""Examples that need an optional dependency."""

COMPILED = ("backaction.gaussian.engines.lyapunov", "backaction.gaussian.engines.modes")
"""Examples that wait for the compiler, half a minute the first time, where numba is installed."""


def case(name):
    extra = any(name.startswith(folder) for folder in NEEDS)
    marks = [pytest.mark.extras] * extra + [pytest.mark.slow] * (name in COMPILED)
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [case(name) for name in MODULES])
def test_examples_run(name):
    for folder, needed in NEEDS.items():
        if name.startswith(folder):
            pytest.importorskip(needed)
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert failed == 0
