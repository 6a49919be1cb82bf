"""Without JAX."""

import subprocess
import sys

WITHOUT_JAX = """
import sys
sys.modules["jax"] = None  # as if it were not installed
import backaction.differentiable
from backaction.systems import Loss
try:
    backaction.differentiable.value_and_gradient(None, Loss(efficiency=0.5), [])
except ValueError as error:
    print(error)
"""


def test_without_jax_everything_can_be_imported_and_the_error_says_what_to_install():
    done = subprocess.run([sys.executable, "-c", WITHOUT_JAX], capture_output=True, text=True, check=True)
    assert "pip install backaction[jax]" in done.stdout
