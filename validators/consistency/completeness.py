"""X605: the files that the stage of the work needs are there."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.rules import Skipped, Violation, missing, rule
from statecheck.workspaces import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.workspaces import View

WHEN = {"refinement": "an iteration was persisted", "iterative-work": "the task has come so far"}


@rule(
    "X605",
    "workspace-incomplete",
    "error",
    source="persist.md, Output; state-management.md, Directory Structure",
    yields_to=("T410", "L204"),
)
def workspace_incomplete(workspace: View) -> Iterator[Violation | Skipped]:
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
        name = posixpath.basename(path)
        yield missing(
            path,
            f"{name} is missing, and {WHEN[workspace.kind.name]}",
            hint="write it" if role != "state" else "restore it, or remove the folder if it is no task",
            subject="deleted",
            facts={"role": role},
        )
