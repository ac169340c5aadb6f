"""X605: the files that the stage of the work needs are there."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.rules import Skipped, Violation, missing, rule
from statecheck.workspaces import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.rules import Context
    from statecheck.workspaces import View


@rule(
    "X605",
    "workspace-incomplete",
    "error",
    source="persist.md, Output; state-management.md, Directory Structure",
    yields_to=("T410", "L204"),
)
def workspace_incomplete(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """The files that the stage of the work needs exist.

    What holds
    A refinement workspace has its manifest, constraints, log and decisions once an iteration is logged or the manifest
    has a time. A task has state.json; brief.md from the phase plan on; plan.md, context.md, progress.md and
    guardrails.md from execute on.

    Why
    The next session reads these files to go on. What is not there is made up.

    Example
    Bad:  "phase": "execute", and no plan.md
    Good: "phase": "discover", and no plan.md yet

    Fix
    Safe, for progress.md and guardrails.md that the base lacks, too: an empty one with its title. None for the others:
    what belongs in them is not known.
    """
    for role in ("state", "manifest"):
        document = workspace.document(role)
        if document is not None and not document.usable:
            problem = document.problems[0]
            yield Skipped(document.path, problem.message, problem.code)
    for role, path in lacking(workspace).items():
        what, hint = _what(role, path, workspace, context)
        yield missing(
            path,
            f"{posixpath.basename(path)} {what}; {_who_needs(role, workspace)} needs it",
            hint=hint,
            subject="deleted",
            facts={"role": role},
        )


def _what(role: str, path: str, workspace: View, context: Context) -> tuple[str, str]:
    """Return what became of a file that is not there, and what to do."""
    import shlex

    if workspace.tree.entry(path) is not None:
        return "is ignored by git, and does not count", f"take it out of .gitignore, or: git add -f {shlex.quote(path)}"
    for parent in context.parents:
        for was in parent.paths(role):
            label = parent.label_of(was)
            if parent.restorable(was) is None:
                return "was deleted", f"write it again: {label} remembers that it was there, not what was in it"
            same = was == path and context.comparison.base is not None
            how = f"git checkout {label} -- {shlex.quote(path)}" if same else f"there it is {was}"
            return "was deleted", f"restore it from {label}: {how}"
    return "is missing", "write it" if role != "state" else "write it, or remove the folder if it is no task"


def _who_needs(role: str, workspace: View) -> str:
    """Return whose stage asks for a file."""
    state = workspace.usable("state")
    if workspace.kind.name == "refinement":
        return "what was persisted of an iteration"
    return "a task" if role == "state" or state is None else f"phase {state.value['phase']}"
