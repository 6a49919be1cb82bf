"""What stops a sweep that has begun: nothing is lost, and the text says how to go on."""

from __future__ import annotations

from backaction.gaussian import BackactionError

__all__ = ["SweepInterrupted"]


class SweepInterrupted(BackactionError):
    """A sweep stopped before its end (a full disk, a worker that died); what is finished is in the store."""
