"""Which files a workspace needs at its stage, and does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import kept
from statecheck.workspaces.artifacts import manifest_time
from statecheck.workspaces.declared import TASK

if TYPE_CHECKING:
    from statecheck.workspaces.view import View

_FROM_PLAN = ("brief",)
_FROM_EXECUTE = ("plan", "task_context", "progress", "guardrails")


@kept
def lacking(workspace: View) -> dict[str, str]:
    """Return the paths of the files that the stage of a workspace needs and that are missing, by role.

    For refinement all four once an iteration is logged or the manifest has a time (persist.md, Output); for
    iterative-work state.json, and the others as far as its phase says (state-management.md, Directory Structure).
    """
    if next(workspace.every_document(), None) is None and not workspace.own_files():
        return {}  # it was moved or removed
    needed: tuple[str, ...] = ()
    if workspace.kind.name == "refinement" and _has_iteration(workspace):
        needed = ("manifest", "constraints", "log", "decisions")
    elif workspace.kind.name == "iterative-work":
        needed = ("state", *_needed_by_phase(workspace))
    missing = (spec for spec in workspace.kind.documents if spec.role in needed and not workspace.paths(spec.role))
    return {spec.role: workspace.join(spec.patterns[0]) for spec in missing}


def _has_iteration(workspace: View) -> bool:
    logged = (entry for role in ("log", "decisions") for entry in workspace.log_entries(role))
    if any(entry.iteration is not None for entry in logged):
        return True
    manifest = workspace.usable("manifest")
    field = manifest_time(manifest)[0] if manifest is not None else ""
    return manifest is not None and bool(field) and bool(manifest.value[field])


def _needed_by_phase(workspace: View) -> tuple[str, ...]:
    state = workspace.usable("state")
    value = state.value if state is not None else None
    phase = TASK.state(value.get("phase")) if isinstance(value, dict) else None
    if phase is None or phase == TASK.first:
        return ()
    return _FROM_PLAN if phase == "plan" else (*_FROM_PLAN, *_FROM_EXECUTE)
