"""A fix for S101 where the base has no readable version: a state file made anew from the files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.rules import Fix, fixer
from statecheck.trees.edits import Write
from statecheck.workspaces.rebuilding import rebuild_initiative, rebuild_task

if TYPE_CHECKING:
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


@fixer("S101", "unsafe")
def rebuild_unreadable(violation: Violation, workspace: View, _: Context) -> Fix | None:
    """Rebuild initiative.json or state.json; what is not known is left out and named (Read Protocol 4)."""
    spec = workspace.spec_of(violation.path)
    role = spec.role if spec is not None else None
    if role == "initiative":
        rebuilt = rebuild_initiative(workspace)
    elif role == "state":
        rebuilt = rebuild_task(workspace)
    else:
        return None
    return None if rebuilt is None else Fix(rebuilt.summary, (Write(violation.path, rebuilt.content),), uncovers=True)
