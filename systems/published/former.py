"""Module names of version 0.1, such as ``moller2017_formulas``: importable until 0.3, with a `DeprecationWarning`.

Each of them is now a module of the paper's package here, or of its folder in `backaction.papers`.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

__all__ = ["install"]


class _Former(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        parts = re.fullmatch(r"backaction\.systems\.published\.(moller2017|schweer2022)_(\w+)", fullname)
        if parts is None:
            return None
        homes = (".".join((room, *parts.groups())) for room in ("backaction.systems.published", "backaction.papers"))
        home = next((home for home in homes if find_spec(home)), None)
        return ModuleSpec(fullname, self, origin=home) if home else None

    def exec_module(self, module: ModuleType) -> None:
        home = module.__spec__.origin if module.__spec__ else None
        assert home is not None
        warnings.warn(f"{module.__name__} is now {home}", DeprecationWarning, stacklevel=2)
        module.__dict__.update({name: value for name, value in vars(import_module(home)).items() if name[:2] != "__"})
        module.__all__ = import_module(home).__all__  # type: ignore[attr-defined]


def install() -> None:
    """Let the import system find the former names."""
    sys.meta_path.append(_Former())
