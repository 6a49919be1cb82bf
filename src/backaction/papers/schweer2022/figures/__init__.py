"""The figures of Schweer et al. (2022), a module each, named as in the paper."""

from __future__ import annotations

__all__: list[str] = []
