"""X617: a task is in the archive when it is complete, and complete when its phases are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.rules import Skipped, Violation, at, rule
from statecheck.workspaces import MACHINES, archived_workspace, before_archiving

from .task_values import SKIPPED, reached, statuses_of, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import StateDocument
    from statecheck.rules import Context
    from statecheck.workspaces import View


@rule("X617", "archive-mismatch", "error", source="state-management.md, Directory Structure and Phase Values")
def archive_mismatch(state: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Tasks that are complete are in the archive, and only those.

    What holds
    A task whose phase is complete lies in `.iterative-work/archive/`, and one that lies there is complete. From deliver
    on, every phase is done, or was skipped: blocked, or in timeout.

    Why
    What lies outside the archive is work to be taken up; what lies in it is what was delivered. "Complete" with a phase
    that is not done hands over what nobody finished.

    Example
    Bad:  "phase": "complete"       in .iterative-work/future-work/state.json
    Good: "phase": "complete"       in .iterative-work/archive/future-work/state.json

    Fix
    Unsafe, for a complete task whose phases are all done or skipped: its files move into the archive. None where
    something is there by that name, or where the folder holds anything that is no plain file, or that git ignores.
    """
    gaps = list(unusable(state, "phase", of_phases=("status",)))
    yield from gaps
    phase = MACHINES["task"].state(state.value.get("phase")) if isinstance(state.value, dict) else None
    if phase is None:
        return
    statuses = statuses_of(state)
    if (phase == "complete") != workspace.workspace.archived:
        over = bool(statuses) and not gaps and all(each == "done" or each in SKIPPED for each in statuses.values())
        target = archived_workspace(workspace.workspace) if phase == "complete" else None
        yield at(
            state,
            state.span(("phase",)),
            f"the task is in phase {phase}, and {'lies' if target is None else 'does not lie'} in the archive",
            hint=_way_back(workspace, context) if target is None else f"move its folder to {target.folder}",
            subject="/phase",
            facts={"target": target.folder} if target is not None and over else None,
        )
    for name, status in statuses.items() if reached(state, "deliver") else ():
        if status is not None and status != "done" and status not in SKIPPED:
            yield at(
                state,
                state.span(("phases", name, "status")),
                f"the task is at {phase}, and phase {name} is {status}",
                hint="finish the phase, or go back to execute",
                subject=f"/phases/{name}",
            )


def _way_back(workspace: View, context: Context) -> str:
    """Return what to do with a task in the archive that is not complete: what was archived before stays there."""
    origin = before_archiving(workspace.workspace)
    if origin is None or any(parent.workspace.archived and not parent.emptied for parent in context.parents):
        return "finish it, or take it up as a new task"
    return f"move it back to {origin.folder}, or finish it"
