"""The workspace itself: its files can be read and written, and no write or merge was left half done."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.documents import StateDocument
from statecheck.rules import Family, Violation, at, missing, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Document
    from statecheck.rules import Context
    from statecheck.workspaces import View

FAMILY = Family("W", "workspace", "The workspace itself", hook=False)

LEFTOVER_SUFFIXES = (".tmp", ".partial", "~")


@rule(
    "W901",
    "unreadable-file",
    "unverified",
    source="persist.md, Rule 4",
    purposes=("state", "log", "template"),  # of an unreadable memory M509 speaks, and all else goes on
)
def unreadable_file(file: Document) -> Iterator[Violation]:
    """Every file of the workspace can be looked at.

    What holds
    Each document is a regular file that may be read, lies within the repository, and is not larger than what is
    read of its kind (JSON 16 MiB, YAML 1 MiB, Markdown 32 MiB).

    Why
    What could not be looked at is never reported as fine: the run ends with exit code 2.

    Example
    Bad:  a folder, a FIFO, or a link out of the repository in the place of state.json
    Good: a regular file

    Fix
    None: the cause lies outside the file.
    """
    for problem in file.problems:
        if problem.code == "W901":
            yield at(file, problem.span, problem.message)


@rule("W902", "state-folder-unwritable", "error", source="persistence-architecture.md, L1 (File) Unavailable")
def state_folder_unwritable(workspace: View, context: Context) -> Iterator[Violation]:
    """On the working tree, the folder of the primary state can be written.

    What holds
    `.claude/` of a workflow workspace is writable by whoever runs this.

    Why
    L1 is the primary state. If it cannot be written, an agent goes on working and everything it records is lost.

    Example
    Bad:  .claude/ with mode 0555
    Good: .claude/ with mode 0755

    Fix
    None: permissions are given by a person.
    """
    folder = workspace.join(".claude")
    on_disk = context.disk is not None and context.comparison.after.kind == "worktree"
    if workspace.kind.name != "workflow" or not on_disk or context.disk is None or context.disk.entry(folder) is None:
        return  # what a repair would make is on no disk yet
    if not context.disk.writable(folder):
        message = "Cannot write state files — workflow state will not persist"
        yield missing(folder, message, hint=f"give yourself write permission: chmod u+w {folder}")


@rule("W903", "partial-write", "warning", source="persist.md, Rule 4")
def partial_write(workspace: View) -> Iterator[Violation]:
    """Nothing is left of an interrupted write.

    What holds
    Beside a state file there is no *.tmp, *.partial or *~ file, and no state file is empty.

    Why
    "Write complete files, never partial updates": a leftover shows that a write was cut off, and that what should
    have been written may be missing.

    Example
    Bad:  state.json and state.json.tmp side by side
    Good: state.json

    Fix
    Safe: a leftover whose content is the beginning, or the whole, of the file it is named after is removed. Anything
    else may hold what exists nowhere else, and stays.
    """
    folders: dict[str, list[str]] = {}
    with_state: set[str] = set()
    for spec, document in workspace.every_document():
        folder = posixpath.dirname(document.path)
        folders.setdefault(folder, []).append(document.path)
        with_state |= {folder} if spec.purpose == "state" else set()
        if isinstance(document, StateDocument) and not document.data and document.problems[0].code == "S101":
            message = "the state file is empty: a write was interrupted"
            yield missing(
                document.path,
                message,
                hint="write it again, or restore the last good version",
                subject="empty",
            )
    for folder in sorted(with_state):
        documents = folders[folder]
        for name in sorted(workspace.tree.children(folder)):
            path = posixpath.join(folder, name)
            if name.endswith(LEFTOVER_SUFFIXES) and workspace.is_state(path):
                yield missing(
                    path,
                    f"{name} is left over from an interrupted write",
                    hint="compare it with the finished file, then remove it",
                    facts={"documents": documents},
                )


@rule("W904", "conflict-markers", "error", source="persist.md, Rule 4")
def conflict_markers(file: Document) -> Iterator[Violation]:
    """No merge conflict markers are left in a state file, log, or template.

    What holds
    No file has lines that begin with <<<<<<<, ======= and >>>>>>> in this order. Nor has it one of the outer two alone
    that names its side, as git writes it. In one code block of a log they are an example, and >>>>>>> a quotation.

    Why
    Both sides of the merge are still in the file, and readers take either for the truth, or stop.

    Example
    Bad:  <<<<<<< HEAD
          ## R1 - Iteration 2 - 2026-01-16T11:00:00Z
          =======
          ## R2 - Iteration 1 - 2026-01-16T11:05:00Z
          >>>>>>> other
    Good: both entries, one after the other

    Fix
    Safe, for a log to whose end both sides only added entries: ours, then theirs, each in its order. Anything else
    is for a person.
    """
    for problem in file.problems:
        if problem.code == "W904":
            yield at(file, problem.span, problem.message, hint=problem.hint)
