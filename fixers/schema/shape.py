"""Fixes for S103 and S106: near misses that have one reading, and documented names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import StateDocument, show
from statecheck.documents.rewriting import rename_key, set_value, unwrap
from statecheck.rules import Fix, fix_of, fixer

if TYPE_CHECKING:
    from statecheck.documents import Pointer
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


@fixer("S103", "safe")
def take_the_one_reading(violation: Violation, _: View, __: Context) -> Fix | None:
    """Correct a value, a key, or a wrapper that has one reading (invariants, S103)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, StateDocument):
        return None
    if "rename" in facts:
        pointer, name = facts["rename"]
        return fix_of(f"rename {pointer[-1]} to {name}", rename_key(document, pointer, name), uncovers=True)
    if "value" in facts:
        pointer, value = facts["value"]
        return fix_of(f"write {show(value)}", set_value(document, pointer, value))
    if "unwrap" in facts and facts["generic"]:
        return _unwrapped(document, facts["unwrap"])
    return None


def _unwrapped(document: StateDocument, pointer: Pointer) -> Fix | None:
    edit = unwrap(document, pointer) if document.path.endswith(".json") else None
    return fix_of("take the document out of its wrapper", edit, uncovers=True)


@fixer("S106", "unsafe")
def take_the_documented_name(violation: Violation, _: View, __: Context) -> Fix | None:
    """Rename a field to its documented name (persist.md, Step 1)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, StateDocument) or "rename" not in facts:
        return None
    pointer, name = facts["rename"]
    return fix_of(f"rename {pointer[-1]} to {name}", rename_key(document, pointer, name), uncovers=True)
