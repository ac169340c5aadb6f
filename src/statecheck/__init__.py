"""statecheck: the fsck and the linter for the state that AI agents leave on disk."""

__version__ = "0.1.0"
