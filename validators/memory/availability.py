"""M509: the memory can be read and written."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.rules import Violation, missing, rule

from .due import missing_checkpoint, missing_completions
from .memories import LOOKED_AT, all_memory, has_home, memory_files, memory_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.rules import Context
    from statecheck.workspaces import View

UNAVAILABLE = "Auto-memory unavailable — learnings will not persist"


@rule(
    "M509",
    "memory-unavailable",
    "warning",
    source="persistence-architecture.md, L2 (Auto-memory) Unavailable",
    removed=True,
)
def memory_unavailable(workspace: View, context: Context) -> Iterator[Violation]:
    """The memory can be read and written, and is somewhere.

    What holds
    MEMORY.md, where it exists, can be read and, on the working tree, written. The folder that it is configured in
    exists. Where an entry is due, the repository has a MEMORY.md, had one, or says where it is.

    Why
    What an agent learns is lost at the end of the session. All else goes on: the memory is not the primary state.

    Example
    Bad:  MEMORY.md with mode 0000
    Good: MEMORY.md with mode 0644

    Fix
    None: permissions, and the place of the memory, are for a person to choose.
    """
    if workspace.kind.name != "workflow":
        return
    on_disk = context.disk is not None and context.comparison.after.kind == "worktree"
    for document in memory_files(workspace, context):
        if any(problem.code in LOOKED_AT for problem in document.problems):
            yield _unavailable(document.path, document.problems[0].message)
        elif on_disk and _is_shut(document.path, context):
            yield _unavailable(document.path, "it cannot be written")
    if context.memory.outside:
        if on_disk and context.memory.document is None:
            yield _unavailable(workspace.join("MEMORY.md"), f"{context.memory.path} cannot be read")
        return
    place = memory_places(workspace, context)[0]
    folder = posixpath.dirname(place)
    if context.memory.path is not None and folder and workspace.tree.entry(folder) is None:
        yield _unavailable(place, f"there is no folder {folder}")
    elif _is_due(workspace, context) and not has_home(workspace, context):
        yield _unavailable(place, "an entry is due, and the repository has no MEMORY.md and names no other")


def _is_shut(path: str, context: Context) -> bool:
    """Say whether a file on disk cannot be written; one that a repair would make is on no disk yet."""
    disk = context.disk
    return disk is not None and disk.entry(path) is not None and not disk.writable(path)


def _is_due(workspace: View, context: Context) -> bool:
    memory = all_memory(workspace, context)
    if missing_checkpoint(workspace, context, memory) is not None:
        return True
    return any(not due.settled for due in missing_completions(workspace, context, memory))


def _unavailable(path: str, reason: str) -> Violation:
    hint = "make a MEMORY.md that can be read and written, or say in statecheck.toml where it is: [memory] path"
    return missing(path, f"{UNAVAILABLE}: {reason}", hint=hint, subject="unavailable")
