"""What a task has logged of its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import MarkdownDocument, WorkLog
from statecheck.workspaces.discovery import before_archiving

if TYPE_CHECKING:
    from statecheck.workspaces.amendments import Amendments
    from statecheck.workspaces.view import View


def read_work_log(workspace: View, amendments: Amendments) -> WorkLog | None:
    """Return the progress log of a task by phase, or None where it is missing or damaged."""
    document = workspace.document("progress")
    if not isinstance(document, MarkdownDocument) or not document.usable:
        return None
    was = before_archiving(workspace.workspace)
    paths = {document.path} | ({f"{was.folder}/progress.md"} if was is not None else set())
    removed = any(each.new_sha256 is None for known in amendments.values() for each in known if each.path in paths)
    return WorkLog(document.markdown, workspace.log_entries("progress"), thinned=removed)
