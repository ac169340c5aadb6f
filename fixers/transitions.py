"""Fixers of the family T: back to what the base has, and a timeout marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import StateDocument, timestamp_or_none, whole_number
from statecheck.documents.rewriting import add_member, remove_member, set_value
from statecheck.rules import Fix, fixer
from statecheck.trees.edits import Delete

if TYPE_CHECKING:
    from statecheck.documents import Pointer
    from statecheck.rules import Context, Violation
    from statecheck.trees.edits import Edit
    from statecheck.workspaces import View

TOGETHER = ("completed_at", "verification_passed", "confirmations_used")
"""What a phase has with the status done, and loses with it (invariants, T402)."""


@fixer("T401", "unsafe")
def back_to_last_status(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write the status of the base again (invariants, T401)."""
    document, facts = violation.document, violation.facts
    if not isinstance(document, StateDocument) or not facts or facts["old"] is None:
        return None
    edit = set_value(document, facts["pointer"], facts["old"])
    return None if edit is None else Fix(f"go back to {_word(facts['old'])}", (edit,))


@fixer("T402", "unsafe")
def restore_final_status(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write the final status of the base again, with what belongs to it (invariants, T402)."""
    document, facts = violation.document, violation.facts
    if not isinstance(document, StateDocument) or not facts:
        return None
    if "phase" in facts:
        edit = add_member(document, facts["pointer"], facts["name"], facts["phase"])
        return Fix(f"put phase {facts['name']} back", (edit,))
    if facts["old"] == "archived":
        back = facts["before"].restoration(facts["base"].path, document.path)
        return None if back is None else Fix("restore the archived file", (back,))
    status = set_value(document, facts["pointer"], facts["old"])
    if status is None:
        return None
    edits: list[Edit | None] = [status]
    if len(facts["pointer"]) > 1:
        holder = facts["pointer"][:-1]
        old, new = _value(facts["base"], facts["was"][:-1]), _value(document, holder)
        changed = (key for key in old if key in TOGETHER and (key not in new or new[key] != old[key]))
        edits += [_put(document, holder, key, old[key]) for key in changed]
    made = tuple(edit for edit in edits if edit is not None)
    return Fix(f"restore {_word(facts['old'])}", made) if len(made) == len(edits) else None


def _word(status: Any) -> str:
    """Return a status for a message: it may be true or false."""
    return str(status).lower() if isinstance(status, bool) else str(status)


@fixer("T404", "unsafe")
def back_to_gate(violation: Violation, _: View, __: Context) -> Fix | None:
    """Put a phase back to the first gate that it has not passed (invariants, T404)."""
    document, facts = violation.document, violation.facts
    if not isinstance(document, StateDocument) or not facts:
        return None
    holder: Pointer = ("phases", facts["phase"])
    status = set_value(document, (*holder, "status"), facts["status"])
    if status is None:
        return None
    phase = _value(document, holder)
    later = ("completed_at",) if facts["status"] == "verifying" else ("completed_at", "verification_passed")
    gone = [remove_member(document, (*holder, key)) for key in later if key in phase]
    # What went on from a phase that never was done comes to light now: it was as wrong before.
    return Fix(f"go back to {facts['status']}", (status, *gone), reveals=True)


@fixer("T405", "safe")
def restore_counter(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write a counter as the base has it (invariants, T405)."""
    return _restore_value(violation)


@fixer("T406", "unsafe")
def restore_field(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write a field that does not change as the base has it (invariants, T406)."""
    return _restore_value(violation)


@fixer("T408", "safe")
def mark_timeout(violation: Violation, _: View, context: Context) -> Fix | None:
    """Mark a phase that used up its iterations; the time is that of its last entry (invariants, T408)."""
    document, facts = violation.document, violation.facts
    if not isinstance(document, StateDocument) or not facts:
        return None
    holder: Pointer = ("phases", facts["phase"])
    edits: list[Edit | None] = [set_value(document, (*holder, "status"), "timeout")]
    if facts["used"] < facts["most"]:
        edits.append(_put(document, holder, "iterations_used", facts["most"]))
    here = whole_number(document.value.get("current_iteration"))
    if document.value.get("current_phase") == facts["phase"] and here is not None and here < facts["most"]:
        edits.append(set_value(document, ("current_iteration",), facts["most"]))
    entry, updated = timestamp_or_none(facts["time"]), timestamp_or_none(document.value.get("updated"))
    if entry and updated and entry.aware and updated.moment < entry.moment <= context.clock.now:
        edits.append(set_value(document, ("updated",), facts["time"]))
    made = tuple(edit for edit in edits if edit is not None)
    return Fix("mark the timeout", made) if len(made) == len(edits) else None


@fixer("T409", "unsafe")
def restore_archived(violation: Violation, _: View, __: Context) -> Fix | None:
    """Make an archived file what it is in the base (invariants, T409)."""
    facts = violation.facts
    if not facts:
        return None
    if facts["path"] is None:
        return Fix("remove it from the archive", (Delete(violation.path),))
    back = facts["before"].restoration(facts["path"], violation.path)
    return None if back is None else Fix("restore the archived file", (back,))


@fixer("T410", "safe")
def restore_state(violation: Violation, workspace: View, _: Context) -> Fix | None:
    """Write a deleted state file again as the base has it (invariants, T410)."""
    facts = violation.facts
    back = facts["before"].restoration(facts["path"], violation.path) if facts else None
    if back is None or not facts or workspace.tree.entry(violation.path) is not None:
        return None
    return Fix(f"restore it from {facts['before'].label_of(facts['path'])}", (back,))


def _restore_value(violation: Violation) -> Fix | None:
    document, facts = violation.document, violation.facts
    if not isinstance(document, StateDocument) or not facts:
        return None
    edit = _put(document, facts["holder"], facts["key"], facts["value"])
    return None if edit is None else Fix(f"restore the {facts['key']} of the base", (edit,))


def _put(document: StateDocument, holder: Pointer, key: str, value: Any) -> Edit | None:
    """Return the edit that gives an object a member, in its place or at the end."""
    if key in _value(document, holder):
        return set_value(document, (*holder, key), value)
    return add_member(document, holder, key, value)


def _value(document: StateDocument, pointer: Pointer) -> dict[str, Any]:
    value: Any = document.value
    for part in pointer:
        value = value[part]
    found: dict[str, Any] = value
    return found
