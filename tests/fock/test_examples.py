"""The examples of the docstrings."""

import doctest
import importlib

import pytest

WITH_EXAMPLES = (
    "agreement",
    "basis",
    "cascaded_spin",
    "command",
    "dicke",
    "ensemble",
    "mapping",
    "qnd",
    "qutip_model",
    "spin",
    "spin_trajectories",
    "states",
    "verifier",
    "words",
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run(name):
    module = importlib.import_module(f"backaction.fock.{name}")
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert outcome.attempted > 0
    assert outcome.failed == 0
