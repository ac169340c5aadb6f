"""A repair that was interrupted: no working tree is judged while one is in the middle of being written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.errors import WriteError
from statecheck.journals import journal_place
from statecheck.workspaces import OWN_FOLDER

if TYPE_CHECKING:
    from statecheck.engine import Run
    from statecheck.trees import Repository


def git_dir_of(repository: Repository | None) -> str | None:
    """Return git's own folder, where locks and journals lie, or None without git."""
    return None if repository is None else os.path.join(repository.root, repository.git_dir)


def require_whole(run: Run, repository: Repository | None) -> None:
    """Raise `WriteError` where the working tree is judged, and a repair of it was interrupted."""
    place = journal_place(run.root, git_dir_of(repository), OWN_FOLDER)
    if run.comparison.after.kind == "worktree" and place.stage is not None:
        raise WriteError("a repair was interrupted while it wrote: run fix-state, which will end it")
