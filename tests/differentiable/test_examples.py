"""The examples in the docstrings of the functions that need JAX, which elsewhere nobody runs."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

from backaction import differentiable

MODULES = [f"backaction.differentiable.{module.name}" for module in pkgutil.iter_modules(differentiable.__path__)]
WITHOUT_JAX = """
import doctest, importlib, sys
sys.modules["jax"] = None  # as if it were not installed
for name in {modules}:
    assert doctest.testmod(importlib.import_module(name)).failed == 0, name
from backaction.differentiable import value_and_gradient
from backaction.systems import Loss
try:
    value_and_gradient(None, Loss(efficiency=0.5), [])
except ValueError as error:
    print(error)
"""


@pytest.mark.extras
@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    pytest.importorskip("jax")
    module = importlib.import_module(name)
    functions = [function for function in map(vars(module).get, module.__all__) if inspect.isfunction(function)]
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for function in functions:
        for test in finder.find(function, globs=dict(vars(module))):
            runner.run(test)
    assert runner.summarize().failed == 0


@pytest.mark.extras
def test_there_are_examples():
    finder = doctest.DocTestFinder()
    examples = [finder.find(getattr(differentiable, name))[0].examples for name in ("solve_riccati", "epr_variance")]
    assert all(examples)


def test_without_jax_everything_can_be_imported_and_the_error_says_what_to_install():
    code = WITHOUT_JAX.format(modules=[*MODULES, "backaction.differentiable"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install backaction[jax]" in done.stdout
