"""Fixes for X605: logs that have nothing in them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.rules import Fix, fixer
from statecheck.trees.edits import Write

if TYPE_CHECKING:
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View

TITLES = {"progress": "# Progress Log\n", "guardrails": "# Guardrails\n"}


@fixer("X605", "safe")
def begin_log(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Begin a log that is missing, with its title, where the base lacks it, too (invariants, X605)."""
    role = violation.facts["role"] if violation.facts else ""
    title = TITLES.get(role)
    if (
        title is None
        or any(parent.paths(role) for parent in context.parents)
        or workspace.tree.entry(violation.path) is not None
    ):
        return None
    return Fix("begin it with its title", (Write(violation.path, title.encode()),), uncovers=True)
