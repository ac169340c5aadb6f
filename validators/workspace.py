"""The workspace itself: its files can be read and written, and no write or merge was left half done."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.documents import CHECKED_FIELDS, StateDocument, admits_field
from statecheck.rules import Family, Violation, at, missing, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Document, Schema
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
    read of its kind (JSON 16 MiB, YAML 128 KiB, Markdown 32 MiB).

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
        folder = document.path.rpartition("/")[0]
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
        for name in sorted(name for name in workspace.tree.children(folder) if name.endswith(LEFTOVER_SUFFIXES)):
            path = posixpath.join(folder, name)
            if workspace.is_state(path):
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


@rule("W906", "history-unavailable", "unverified", source="product.md, Exit codes")
def history_unavailable() -> Iterator[Violation]:
    """The base that was asked for can be read.

    What holds
    The revision that a run is to be compared with is there: the clone is not too shallow for it, and the name exists.

    Why
    What was not compared is never reported as fine: the run judges nothing and ends with exit code 2.

    Example
    Bad:  check-state --from-ref origin/main --to-ref HEAD   in a clone of depth 1
    Good: the same with fetch-depth: 0

    Fix
    None: the message says how to get the history.
    """
    # The base is looked for before there is a workspace to judge; where it is missing no rule is called, and the
    # report of the run says so under this code. What is called here has its base.
    return iter(())


@rule("W907", "rules-weakened", "warning", source="product.md, What is compared with what")
def rules_weakened(workspace: View, before: View, context: Context) -> Iterator[Violation]:
    """A change does not weaken the rules that it is judged by.

    What holds
    The configuration does not ask for less than in the base, the baseline accepts no more than there, and a schema of
    the project's own does not admit what the one of the base, the bundled one if there was none, refused; nor does it
    refuse `validated` or `last_checked`, which rules ask for where it admits them. A file that asks for a kind of
    workspace to be judged, such as .statecheck/loop-agent, stays.

    Why
    A check that the same change can turn off checks nothing. It may be meant, and then somebody should have seen it.

    Example
    Bad:  base = "upstream" added in the commit that rewrites a log; an entry added to .statecheck/baseline.json
    Good: the configuration changed in a commit of its own, and reviewed

    Fix
    None: what is to be checked is for people to decide.
    """
    for path, what in context.weakened:
        message = f"{posixpath.basename(path)} asks for less than in {before.tree.label}: {what}"
        hint = "let somebody review it in a change of its own"
        yield missing(path, message, hint=hint, subject=what)
    for marker in _markers(workspace, before):
        message = f"{workspace.kind.name} is no longer asked for here: {marker} is gone"
        hint = "let somebody review it in a change of its own"
        yield missing(marker, message, hint=hint, subject="marker")
    for spec in workspace.kind.documents:
        old, new = before.schema(spec), workspace.schema(spec)
        if old is None or new is None or old is new or old.value == new.value:
            continue
        document = workspace.usable(spec.role)
        if document is None:
            continue
        if old.unusable is not None or new.unusable is not None:
            continue  # S104 speaks
        if old.path is None and before.document(spec.role) is None:
            continue  # the schema comes with what it is for
        for subject, what in _admitted_now(document, old, new, before.tree.label):
            message, hint = f"the schema was weakened: {what}", "mend the file, or let somebody review the schema"
            path = new.path or old.path or document.path
            yield missing(path, message, hint=hint, subject=f"{spec.role}{subject}")


def _markers(workspace: View, before: View) -> Iterator[str]:
    """Yield the files that said in the base that the workspace is to be judged, where none of them does now."""
    there = [workspace.join(each) for each in workspace.kind.markers]
    if not any(workspace.tree.entry(each) for each in there):
        yield from (each for each in there if before.tree.entry(each))


def _admitted_now(document: StateDocument, old: Schema, new: Schema, label: str) -> Iterator[tuple[str, str]]:
    """Yield, each with a subject, what a schema no longer says of a document, or lets no other rule say of it."""
    name = posixpath.basename(document.path)
    more = len(old.errors(document.value)) - len(new.errors(document.value))
    if more > 0:
        yield "", f"by that of {label}, {name} has {more} more error{'' if more == 1 else 's'}"
    for field in CHECKED_FIELDS if old.name == "constraints" else ():
        if admits_field(old, document, field) and not admits_field(new, document, field):
            yield f" {field}", f"that of {label} admits {field}; no rule asks {name} for it now"
