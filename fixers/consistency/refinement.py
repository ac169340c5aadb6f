"""Fixes for X623: constraints.json says what the newest entry of the log says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import StateDocument, show
from statecheck.documents.rewriting import add_member, set_value
from statecheck.rules import Fix, fix_of, fixer

if TYPE_CHECKING:
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


@fixer("X623", "safe")
def mark_satisfied(violation: Violation, _: View, __: Context) -> Fix | None:
    """Mark a satisfied constraint that has no mark yet (persist.md, Step 2)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, StateDocument) or not facts["missing"]:
        return None
    return Fix('add "validated": true', (add_member(document, facts["constraint"], "validated", True),))


@fixer("X623", "unsafe")
def take_status_of_entry(violation: Violation, _: View, __: Context) -> Fix | None:
    """Set `validated` to what the newest entry says: one of the two is wrong (invariants, X623)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, StateDocument) or facts["missing"]:
        return None
    value = facts["validated"]
    edit = set_value(document, (*facts["constraint"], "validated"), value)
    return fix_of(f"set validated to {show(value)}", edit)
