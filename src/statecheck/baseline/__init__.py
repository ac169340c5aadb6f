"""The baseline: findings that a project accepts for now, so that only new ones fail. It only ever shrinks."""

from statecheck.baseline.file import BaselineError, BaselineFile, Entry, parse_baseline
from statecheck.baseline.growth import additions, common

__all__ = ["BaselineError", "BaselineFile", "Entry", "additions", "common", "parse_baseline"]
