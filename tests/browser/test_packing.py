"""What docs/browser.py packs is complete, the same every time, and of known origin; without a browser or a network."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def packing(monkeypatch):
    """The modules `browser` and `packages` of docs/."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    import browser
    import packages

    yield browser, packages
    for name in ("browser", "packages"):
        del sys.modules[name]


def test_the_archive_answers_with_numpy_alone(packing, tmp_path):
    """In a Python that finds the archive's backaction, NumPy and the standard library, and nothing else."""
    for name, content in packing[0].backaction_files().items():
        path = tmp_path / "found" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    code = """
import json, sys

class NumpyOnly:
    @staticmethod
    def find_spec(name, path=None, target=None):
        first = name.split(".")[0]
        if first not in {"backaction", "numpy"} and first not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"{name} is not in the browser", name=name)

sys.meta_path.insert(0, NumpyOnly)
import backaction
assert backaction.__file__.startswith(sys.argv[1]), backaction.__file__
from backaction.explore import answer
print(answer(json.dumps({"ask": "scenes"})))
"""
    found = str(tmp_path / "found")
    done = subprocess.run(
        [sys.executable, "-c", code, found],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": found},
    )
    assert done.returncode == 0, done.stderr
    assert "ok" in json.loads(done.stdout)


def test_the_same_sources_make_the_same_archive(packing):
    files = packing[0].backaction_files()
    backwards = dict(reversed(files.items()))
    assert packing[0].archive(files) == packing[0].archive(backwards)
    with zipfile.ZipFile(BytesIO(packing[0].archive(files))) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == files


def test_a_package_of_another_digest_is_refused(packing, monkeypatch, tmp_path):
    packages = packing[1]
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    (tmp_path / packages.MATHJAX.file).write_bytes(b"not MathJax")
    with pytest.raises(SystemExit, match="not the package that this site was made with"):
        packages.tarball(packages.MATHJAX)


def test_a_package_in_the_cache_is_not_fetched_again(packing, monkeypatch, tmp_path):
    packages = packing[1]
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", "")  # no npm
    digest = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
    empty = replace(packages.MATHJAX, integrity=digest)
    (tmp_path / empty.file).write_bytes(b"")
    assert packages.tarball(empty) == b""


def test_the_page_about_the_explorer_names_what_it_carries(packing):
    text = (ROOT / "docs" / "explorer.md").read_text(encoding="utf-8")
    for package in (packing[1].PYODIDE, packing[1].NUMPY, packing[1].MATHJAX):
        assert package.name.lower() in text.lower()
        assert package.version.split("-")[0] in text
    for licence in [*(ROOT / "docs" / "licences").iterdir(), Path("backaction.txt"), Path("NumPy.txt")]:
        assert f"explorer/licences/{licence.name}" in text
