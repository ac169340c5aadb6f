"""Why something is left to a person."""

from __future__ import annotations


class NotEditableError(Exception):
    """A file cannot be edited without a risk for what somebody wrote there; the message says why."""
