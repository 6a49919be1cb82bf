"""The code on the page about gradients runs, from top to bottom."""

import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.extras]

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "gradients.md"


def test_the_code_of_the_page_runs():
    pytest.importorskip("jax")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert len(blocks) == 6
    exec("".join(blocks), {})
