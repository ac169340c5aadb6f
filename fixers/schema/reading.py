"""Fixes for S101 and S102: make a document readable again without losing what was in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import StateDocument, remove_repeated_member, replace
from statecheck.documents.positions import Span
from statecheck.rules import Fix, fixer
from statecheck.trees import Write

if TYPE_CHECKING:
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


@fixer("S101", "safe")
def remove_byte_order_mark(violation: Violation, _: View, __: Context) -> Fix | None:
    """Remove the three bytes that no reader needs (persist.md, Rule 3)."""
    if violation.document is None or (violation.facts or {}).get("kind") != "bom":
        return None
    return Fix("remove the byte order mark", (replace(violation.document, Span(0, 1), ""),))


@fixer("S101", "unsafe")
def restore_readable_version(violation: Violation, _: View, context: Context) -> Fix | None:
    """Bring the last readable version back from the base (persistence-architecture.md, Write Protocol)."""
    before = context.before
    spec = before.spec_of(violation.path) if before is not None else None
    if before is None or spec is None:
        return None
    good = next((each for each in before.documents(spec.role) if each.path == violation.path), None)
    if good is None or not good.usable:
        return None
    return Fix(f"restore the version of {before.tree.label}", (Write(violation.path, good.data),))


@fixer("S102", "unsafe")
def keep_the_last(violation: Violation, _: View, __: Context) -> Fix | None:
    """Remove the first of two equal keys: readers use the last (persist.md, Rule 3)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, StateDocument) or not document.path.endswith(".json"):
        return None
    edit = remove_repeated_member(document, facts["first"])
    return Fix("keep the last of the two keys", (edit,)) if edit is not None else None
