"""The explorer: a network, its sliders, and what follows from them, for a page in the browser.

`answer` is all that the page needs: JSON in, JSON out, by NumPy and the core alone, so that it runs in Pyodide as well
as behind the local server of `backaction explore`.
"""

from __future__ import annotations

from .answers import answer

__all__ = ["answer"]
