"""Where a workspace stands, by the read protocol of its documents: one module for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.standing import Standing
from statecheck.workspaces.standings.declared import declared_standing
from statecheck.workspaces.standings.initiative import initiative_standing
from statecheck.workspaces.standings.refinement import refinement_standing
from statecheck.workspaces.standings.task import task_standing

if TYPE_CHECKING:
    from statecheck.clock import Clock
    from statecheck.workspaces.positions import MemorySettings
    from statecheck.workspaces.view import View

__all__ = ["standing_of"]


def standing_of(workspace: View, settings: MemorySettings, clock: Clock) -> Standing:
    """Return where a workspace stands. What cannot be read is left out: the rules speak of it."""
    if workspace.kind.name == "workflow":
        return initiative_standing(workspace, settings, clock)
    if workspace.kind.name == "iterative-work":
        return task_standing(workspace)
    if workspace.kind.name == "refinement":
        return refinement_standing(workspace)
    if workspace.kind.own:
        return Standing(workspace.kind.name, workspace.folder, over=False, next="mend its records", facts=())
    return declared_standing(workspace)
