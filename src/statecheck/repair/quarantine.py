"""The quarantine: what an unsafe fix displaces is kept whole, named by its content, so that it is kept once."""

from __future__ import annotations

import hashlib
import posixpath

from statecheck.workspaces import OWN_FOLDER

QUARANTINE_IGNORE = f"{OWN_FOLDER}/quarantine/.gitignore"
"""Keeps the quarantine out of commits: it is for the person who ran the repair."""


def quarantine_path(path: str, content: bytes) -> str:
    """Return where displaced content is kept: ``.statecheck/quarantine/<folder>/<stem>.<hash><suffix>``."""
    stem, suffix = posixpath.splitext(path)
    digest = hashlib.sha256(content).hexdigest()[:12]
    return f"{OWN_FOLDER}/quarantine/{stem}.{digest}{suffix}"
