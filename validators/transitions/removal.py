"""T409 and T410: what is archived does not change, and state is not thrown away before its work is over."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.documents import StateDocument
from statecheck.rules import Skipped, Violation, missing, rule
from statecheck.trees import StateRecord, UnreadableError, record_of
from statecheck.workspaces import MACHINES, initiative_source, renamed_documents, value_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.workspaces import DocumentSpec, View


@rule(
    "T409",
    "archive-modified",
    "error",
    source="state-management.md, Phase Values; persistence-architecture.md, Invalid transitions",
    yields_to=("T402",),
)
def archive_modified(workspace: View, before: View) -> Iterator[Violation]:
    """What is archived does not change.

    What holds
    The files of a task below `.iterative-work/archive/`, and an initiative whose status is archived, are as in the
    base. An archived task is not moved out again.

    Why
    "Archived is terminal": the archive is what was delivered, and the only record of how.

    Example
    Bad:  a new entry in .iterative-work/archive/future-work/progress.md
    Good: a new task that takes up the work

    Fix
    Unsafe: the files are as in the base again; what they were is kept in the quarantine.
    """
    there = all(next(view.every_document(), None) is not None for view in (workspace, before))
    if before.workspace.archived and there:
        if workspace.workspace.archived:
            yield from _changed_files(workspace, before)
        else:
            yield missing(
                workspace.join("state.json"),
                f"the archived task was moved out of the archive: in {before.tree.label} it is {before.folder}",
                hint="leave it there, and begin a new task",
                subject="moved",
            )
    yield from _changed_initiative(workspace, before)


def _changed_files(workspace: View, before: View) -> Iterator[Violation]:
    old = {before.within(path): path for path in before.files_below("")}
    new = {workspace.within(path): path for path in workspace.files_below("")}
    remembered = any(record_of(before.tree, path) is not None for path in old.values())
    for name in sorted(old.keys() | new.keys()):
        here = workspace.join(name)
        if name not in new:
            what = "was removed from it"
        elif name not in old:
            if remembered:
                continue  # a ledger knows the state files and logs alone
            what = "was added to it"
        elif _same(workspace, new[name], before, old[name]):
            continue
        else:
            what = "was changed in it"
        yield missing(
            here,
            f"the task is archived, and {name} {what}",
            hint="take the work up in a new task",
            subject="archive",
            facts={"before": before, "path": old.get(name)},
        )


def _same(workspace: View, path: str, before: View, base: str) -> bool:
    """Say whether a file is as it was; one that cannot be read is W901's."""
    record = record_of(before.tree, base)
    spec = workspace.spec_of(path)
    try:
        if record is None:
            return workspace.tree.read(path) == before.tree.read(base)
    except UnreadableError:
        return True
    if isinstance(record, StateRecord) and spec is not None:
        document = next((each for each in workspace.documents(spec.role) if each.path == path), None)
        return isinstance(document, StateDocument) and value_digest(spec, document.value) == record.sha256
    version = workspace.log_version(spec.role) if spec is not None else None
    return version is None or version.record == record


def _changed_initiative(workspace: View, before: View) -> Iterator[Violation]:
    old, new = before.usable("initiative"), workspace.document("initiative")
    if old is None or new is None or not isinstance(old.value, dict) or old.value.get("status") != "archived":
        return
    value = new.value if isinstance(new, StateDocument) and isinstance(new.value, dict) else {}
    if value.get("name") != old.value.get("name") and value.get("name") is not None:
        return  # a successor took its place
    record = record_of(before.tree, old.path)
    spec = workspace.spec_of(new.path)
    same = new.data == old.data
    if isinstance(record, StateRecord) and spec is not None:
        same = record.sha256 == value_digest(spec, value)
    if not same:
        yield missing(
            new.path,
            f"the initiative is archived in {before.tree.label}, and its file was changed",
            hint="create a new initiative",
            subject="/status",
            facts={"before": before, "path": old.path},
        )


@rule("T410", "state-deleted", "error", "warning", source="persistence-architecture.md, Status State Machine")
def state_deleted(workspace: View, before: View) -> Iterator[Violation | Skipped]:
    """A state file is removed only when its work is over.

    What holds
    A state file that the base has is there, unless the base says that the initiative is completed or archived, or the
    task complete. A task that is moved into the archive takes it along. A whole workspace that is removed in one change
    is one warning.

    Why
    State is what a session resumes from. Without it, the work begins again, and what was decided is forgotten.

    Example
    Bad:  state.json deleted while R3 is in progress
    Good: the task complete, and moved into the archive

    Fix
    Safe: the file is restored from the base. None for a whole workspace: it may have been meant.
    """
    over = _is_over(before)
    lost = [(spec, path) for spec in before.kind.documents for path in _lost(spec, workspace, before)]
    whole = next(workspace.every_document(), None) is None
    if not lost or (over is True and not before.workspace.archived) or (before.workspace.archived and not whole):
        return
    if isinstance(over, Skipped):
        yield over._replace(path=lost[0][1])
        return
    if whole:
        what = "it is the record of what was delivered" if before.workspace.archived else "its work is not over"
        yield missing(
            lost[0][1],
            f"{_called(before)} was removed, and {what}",
            hint="restore it, if that was not meant",
            severity="warning",
            subject="workspace",
        )
        return
    for spec, path in lost:
        if not _document_over(before, spec, path):
            here = workspace.join(before.within(path))
            yield missing(
                here,
                f"{posixpath.basename(path)} was deleted: {before.tree.label} has it, and its work is not over",
                hint="restore it; complete or archive the work first",
                subject="deleted",
                facts={"before": before, "path": path},
            )


def _called(before: View) -> str:
    """Return what a whole workspace is called: by its folder, or by the initiative of one that has none of its own."""
    initiative = initiative_source(before)
    if initiative is not None and initiative.name is not None:
        return f"all the state of initiative {initiative.name}"
    return f"the whole workspace {before.folder}" if before.folder else f"the whole {before.kind.name} workspace"


def _lost(spec: DocumentSpec, workspace: View, before: View) -> Iterator[str]:
    """Yield the state files of the base that are not there."""
    if spec.purpose != "state" or not spec.described:
        return
    there = {workspace.within(path) for path in workspace.paths(spec.role)}
    there |= set(renamed_documents(before, workspace, spec.role).values())
    yield from (path for path in before.paths(spec.role) if before.within(path) not in there)


def _is_over(before: View) -> bool | Skipped:
    """Say whether the base says that the work of the whole workspace is over."""
    for role, field, final in (
        ("initiative", "status", MACHINES["initiative"].final),
        ("state", "phase", {"complete"}),
    ):
        document = before.document(role)
        if document is None:
            continue
        if not document.usable:
            reason = f"its version in {before.tree.label} cannot be read: {document.problems[0].message}"
            return Skipped(document.path, reason, document.problems[0].code)
        value = document.value.get(field) if isinstance(document, StateDocument) and _is_object(document) else None
        return isinstance(value, str) and value in final
    return False


def _document_over(before: View, spec: DocumentSpec, path: str) -> bool:
    """Say whether a file says of itself, in the base, that its work is over."""
    document = next((each for each in before.documents(spec.role) if each.path == path), None)
    if not isinstance(document, StateDocument) or not _is_object(document) or spec.role != "workflow_status":
        return False
    status = document.value.get("status")
    return isinstance(status, str) and status in MACHINES["initiative"].final


def _is_object(document: StateDocument) -> bool:
    return isinstance(document.value, dict)
