"""What keeps the two files of an initiative from being compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.rules import Skipped
from statecheck.workspaces import folder_name, initiative_source, same_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.workspaces import View


def skipped_sources(workspace: View, now: View | None = None) -> Iterator[Skipped]:
    """Yield what keeps the two files from being compared; of a base, of which no rule speaks, with `now` beside it."""
    primary = initiative_source(workspace)
    name = primary.name if primary is not None else None
    for role in ("initiative", "workflow_status"):
        for document in workspace.documents(role):
            own = role == "initiative" or name is None or same_name(name, folder_name(document.path))
            if document.usable or not own:
                continue
            problem = document.problems[0]
            if now is None:
                yield Skipped(document.path, problem.message, problem.code)
            elif any(each.path == document.path and each.usable for each in now.documents(role)):
                reason = f"its version in {workspace.tree.label} cannot be read: {problem.message}"
                yield Skipped(document.path, reason, "")
