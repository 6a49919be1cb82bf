"""The figures of Schweer et al. (2022), one module a theme; `common` is what they share."""

from __future__ import annotations

__all__: list[str] = []
