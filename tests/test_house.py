"""The house: packaging, lazy imports, the README's example, and what a module says it exports."""

import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import backaction
from backaction import entanglement, gaussian, systems

ROOT = Path(__file__).resolve().parents[1]
CORE = ("backaction", "backaction.gaussian", "backaction.systems", "backaction.entanglement", "backaction.experiment")
HEAVY = ("scipy", "qutip", "matplotlib", "xarray", "pydantic", "tqdm", "click", "h5netcdf")
OLD = {"backaction.systems.units", "backaction.systems.fields"}
MODULES = sorted({module.name for module in pkgutil.walk_packages(backaction.__path__, "backaction.")} - OLD)


def in_fresh_python(code, cwd=None):
    """Standard output of a fresh interpreter, away from the checkout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )
    return done


def test_every_folder_of_modules_is_a_package_and_so_is_found():
    rooms = [ROOT / "src" / "backaction", *(Path(room.__file__).parent for room in (gaussian, systems, entanglement))]
    folders = {path.parent for room in rooms for path in room.rglob("*.py")}
    assert len(folders) > 15
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_the_folders_are_no_top_level_packages(tmp_path):
    done = in_fresh_python("import gaussian", cwd=tmp_path)
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.parametrize("name", CORE)
def test_the_core_loads_numpy_and_nothing_heavier(name, tmp_path):
    done = in_fresh_python(f"import sys, {name}; print(*[m for m in {HEAVY} if m in sys.modules])", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_exports_exist_and_are_unique(name):
    module = importlib.import_module(name)
    exported = module.__all__
    assert len(set(exported)) == len(exported)
    assert all(hasattr(module, export) for export in exported)


def test_the_readme_example_prints_what_it_says():
    text = (ROOT / "README.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, re.S).group(1)
    printed = re.search(r"```text\n(.*?)```", text, re.S).group(1)
    done = in_fresh_python(code)
    assert done.stdout.split() == printed.split()


def test_the_readme_experiment_is_valid():
    from backaction.experiment import read

    text = re.search(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    assert read(tomllib.loads(text)).network.names == ("spin", "loss", "membrane")


def test_the_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == backaction.__version__
    assert f"version: {backaction.__version__}" in (ROOT / "CITATION.cff").read_text()
