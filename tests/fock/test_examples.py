"""The examples of the docstrings."""

import doctest

import pytest

from backaction.fock import spin, states


@pytest.mark.parametrize("module", [states, spin])
def test_examples_run(module):
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert outcome.attempted > 0
    assert outcome.failed == 0
