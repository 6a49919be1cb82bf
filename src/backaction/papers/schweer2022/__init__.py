"""Schweer et al. (2022): the best parameters under the paper's bounds (`optimum`), and its `figures`."""

from __future__ import annotations

__all__: list[str] = []
