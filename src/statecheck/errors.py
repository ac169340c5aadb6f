"""What can be wrong with the files that statecheck itself keeps in a project."""

from __future__ import annotations


class OwnFileError(Exception):
    """The configuration, or the ledger, cannot be used; the message says why, and what to do."""
