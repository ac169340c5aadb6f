"""What a task has logged of its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import MarkdownDocument, WorkLog, kept
from statecheck.workspaces.discovery import before_archiving

if TYPE_CHECKING:
    from statecheck.workspaces.amendments import Amendments
    from statecheck.workspaces.view import View


def read_work_log(workspace: View, amendments: Amendments) -> WorkLog | None:
    """Return the progress log of a task by phase, or None where it is missing or damaged."""
    return _work_log(workspace, bool(amendments) and _was_thinned(workspace, amendments))


@kept
def _work_log(workspace: View, thinned: bool) -> WorkLog | None:
    document = workspace.document("progress")
    if not isinstance(document, MarkdownDocument) or not document.usable:
        return None
    entries, known = workspace.log_entries("progress"), workspace.known("progress")
    known.work = WorkLog(entries, document.said_in, thinned=thinned, older=known.work)
    return known.work


def _was_thinned(workspace: View, amendments: Amendments) -> bool:
    """Say whether entries of the progress log were removed on purpose, here or before it was archived."""
    was = before_archiving(workspace.workspace)
    paths = {*workspace.paths("progress")[:1]} | ({f"{was.folder}/progress.md"} if was is not None else set())
    return any(each.new_sha256 is None for known in amendments.values() for each in known if each.path in paths)
