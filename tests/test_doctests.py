"""Every example in a docstring runs, in the package as it is imported."""

import doctest
import importlib
import pkgutil

import pytest

import backaction

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(backaction.__path__, "backaction.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert failed == 0
