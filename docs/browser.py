"""Put what the browser needs into `_explorer/explorer` and `_static/mathjax`: `python docs/browser.py`.

The explorer's page runs this project's own Python in Pyodide (CPython compiled to WebAssembly) with NumPy. Everything
it loads lies beside the page, at relative addresses, so that the site works under any path and asks nobody else.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from packages import MATHJAX, NUMPY, PYODIDE, members, tarball

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent
PAGE = SOURCE / "src" / "backaction" / "explore" / "page"
EXPLORER = HERE / "_explorer" / "explorer"
MATHJAX_FOLDER = HERE / "_static" / "mathjax"

FOLDERS = {
    "gaussian": "backaction/gaussian",
    "systems": "backaction/systems",
    "entanglement": "backaction/entanglement",
    "src/backaction/explore": "backaction/explore",
}
"""Folders of the checkout and where their Python lies in the package; the modules of src/backaction come with them."""

COMMAND_LINE = {"__main__.py", "server.py"}
"""Modules that only a terminal uses."""

RUNTIME = {"pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"}
"""The files of Pyodide that a page loads."""

NUMPY_KINDS = (".py", ".so")
"""Endings of what Python can import; the rest is for compilers and type checkers."""

NUMPY_LEFT_OUT = (
    "/tests/",
    "/f2py/",
    "/_pyinstaller/",
    "_rational_tests",
    "_umath_tests",
    "_struct_ufunc_tests",
    "_flag_tests",
    "_simd",
    "conftest.py",
)
"""Parts of paths that only NumPy's own tests and builds import (of its test modules, NumPy itself imports one)."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of every entry: the same sources make the same archive, byte for byte."""


def main() -> None:
    """Make both folders anew."""
    _write_mathjax()
    shutil.rmtree(EXPLORER, ignore_errors=True)
    shutil.copytree(PAGE, EXPLORER)
    _write_pyodide(EXPLORER / "pyodide")
    _write_licences(EXPLORER / "licences")
    archives = [_write_archive("numpy", _numpy()), _write_archive("backaction", backaction_files())]
    backend = {"kind": "pyodide", "pyodide": "pyodide/", "archives": archives}
    (EXPLORER / "backend.json").write_text(json.dumps(backend, indent=1) + "\n", encoding="utf-8")


def _write_mathjax() -> None:
    MATHJAX_FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = {"package/es5/tex-svg.js": "tex-svg.js", "package/LICENSE": "LICENSE"}
    for name, content in members(tarball(MATHJAX)):
        if name in wanted:
            (MATHJAX_FOLDER / wanted[name]).write_bytes(content)


def _write_pyodide(folder: Path) -> None:
    folder.mkdir()
    for name, content in members(tarball(PYODIDE)):
        file = name.removeprefix("package/")
        if file in RUNTIME:
            (folder / file).write_bytes(content)
        elif file == "pyodide-lock.json":
            # Its hundreds of packages are not here: a module that is missing is then simply missing.
            lock = json.loads(content) | {"packages": {}}
            (folder / file).write_text(json.dumps(lock), encoding="utf-8")


def _write_licences(folder: Path) -> None:
    shutil.copytree(HERE / "licences", folder)
    shutil.copy(SOURCE / "LICENSE", folder / "backaction.txt")
    (folder / "NumPy.txt").write_bytes(dict(_conda_package())["info/licenses/LICENSE.txt"])


def _conda_package() -> Iterable[tuple[str, bytes]]:
    """Return the files of the archive within the npm package."""
    inner = next(content for name, content in members(tarball(NUMPY)) if name.endswith(".tar.gz"))
    return members(inner)


def _numpy() -> dict[str, bytes]:
    root = "lib/python3.12/site-packages/"
    return {
        name.removeprefix(root): content
        for name, content in _conda_package()
        if name.startswith(root + "numpy/")
        and name.endswith(NUMPY_KINDS)
        and not any(part in name for part in NUMPY_LEFT_OUT)
    }


def backaction_files() -> dict[str, bytes]:
    """Return the Python that the explorer needs, by its place in an import path."""
    front_door = SOURCE / "src" / "backaction"
    files = {f"backaction/{path.name}": path for path in front_door.glob("*.py")}
    for folder, package in FOLDERS.items():
        for path in (SOURCE / folder).rglob("*.py"):
            files[f"{package}/{path.relative_to(SOURCE / folder).as_posix()}"] = path
    return {name: path.read_bytes() for name, path in files.items() if path.name not in COMMAND_LINE}


def archive(files: dict[str, bytes]) -> bytes:
    """Return files as a zip archive that depends on their names and contents alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for path, content in sorted(files.items()):
            opened.writestr(zipfile.ZipInfo(path, EPOCH), content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def _write_archive(name: str, files: dict[str, bytes]) -> str:
    """Write a zip archive whose name changes with its content: no browser keeps an old one."""
    content = archive(files)
    address = f"python/{name}-{hashlib.sha256(content).hexdigest()[:12]}.zip"
    target = EXPLORER / address
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(content)
    return address


if __name__ == "__main__":
    main()
