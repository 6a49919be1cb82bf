"""Where 0.1 had `backaction.systems.grammar`; gone in 0.3."""

import warnings

from .grammar.fields import *  # noqa: F403

warnings.warn("backaction.systems.fields is now backaction.systems.grammar", DeprecationWarning, stacklevel=2)
