"""Schweer et al. (2022): the best parameters under the paper's bounds (`optimum`), and its `figures`.

`envelopes` is what the figures share.  The tables, networks and formulas are in
`backaction.systems.published.schweer2022`.
"""

from __future__ import annotations

__all__: list[str] = []
