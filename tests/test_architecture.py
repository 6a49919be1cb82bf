"""Nobody reads another module's private names. (Circles and layers are held by the contracts in pyproject.toml.)"""

import ast
from importlib import import_module
from importlib.util import resolve_name
from pathlib import Path

ROOMS = ("backaction", "backaction.gaussian", "backaction.systems", "backaction.entanglement")


def imported(text, name, package):
    """What a module imports from others, in full: "package.module.name"."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            origin = resolve_name(base, name if package else name.rpartition(".")[0]) if node.level else base
            found |= {f"{origin}.{alias.name}" for alias in node.names}
    return found


def private(names):
    ours = {name for name in names if name.startswith("backaction.")}
    return {name for name in ours if any(p.startswith("_") and not p.endswith("__") for p in name.split("."))}


def test_private_names_stay_at_home():
    taken = {}
    for room in ROOMS:
        folder = Path(import_module(room).__file__).parent
        for path in folder.rglob("*.py"):
            name = ".".join([room, *path.relative_to(folder).with_suffix("").parts]).removesuffix(".__init__")
            taken[name] = private(imported(path.read_text(encoding="utf-8"), name, path.name == "__init__.py"))
    assert len(taken) > 200
    assert {name: found for name, found in taken.items() if found} == {}


def test_what_the_guard_sees():
    text = "import a._b\nfrom .c import _d\ndef f():\n  from ..e import g\n  from .. import __version__\n"
    found = imported(text, "backaction.y.z", False)
    assert found == {"a._b", "backaction.y.c._d", "backaction.e.g", "backaction.__version__"}
    assert private(found) == {"backaction.y.c._d"}
    assert imported("from . import a", "x.y", True) == {"x.y.a"}
