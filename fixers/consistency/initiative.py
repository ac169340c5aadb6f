"""Fixes for X601, X603 and X604: one file of an initiative from the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from statecheck.documents.rewriting import set_value
from statecheck.rules import Fix, fixer
from statecheck.trees.edits import Write
from statecheck.workspaces.rebuilding import rebuild_initiative

if TYPE_CHECKING:
    from statecheck.documents import Pointer
    from statecheck.rules import Context, Violation
    from statecheck.trees.edits import Edit
    from statecheck.workspaces import Source, View


@fixer("X601", "safe")
@fixer("X603", "safe")
def follow_the_newer(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write status, milestone and time of the newer file into the other (Conflict Resolution Protocol 2 and 4)."""
    facts = violation.facts
    if not facts or facts["authority"].newer is None or facts["authority"].tie:
        return None
    return _brought_over(facts["authority"].newer, facts["primary"], facts["other"])


@fixer("X601", "unsafe")
@fixer("X603", "unsafe")
def follow_the_primary(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write what the primary source says into the other, of two files of the same time (Read Protocol 2)."""
    facts = violation.facts
    if not facts or not facts["authority"].tie:
        return None
    return _brought_over(facts["primary"], facts["primary"], facts["other"])


@fixer("X604", "unsafe")
def rebuild_missing(violation: Violation, workspace: View, _: Context) -> Fix | None:
    """Rebuild initiative.json from what is in the active folder (Read Protocol 4)."""
    if not violation.facts or workspace.tree.entry(violation.path) is not None:
        return None
    rebuilt = rebuild_initiative(workspace)
    return None if rebuilt is None else Fix(rebuilt.summary, (Write(violation.path, rebuilt.content),), uncovers=True)


def _brought_over(newer: Source, primary: Source, other: Source) -> Fix | None:
    stale = other if newer is primary else primary
    wanted: list[tuple[Pointer, str | None, str | None]] = [
        (("status",), stale.status, newer.status),
        (stale.milestone_pointer, stale.milestone, newer.milestone),
        (
            stale.clock_pointer,
            stale.clock.text if stale.clock is not None else None,
            newer.clock.text if newer.clock is not None else None,
        ),
    ]
    edits: list[Edit] = []
    for pointer, has, value in wanted:
        if has is None or value is None or has == value:
            continue
        formed = _in_the_form_of(stale.value.get(str(pointer[0])), value)
        edit = set_value(stale.document, pointer, formed) if formed is not None else None
        if edit is None:
            return None  # it has no such form, or is shared with another place: a person has to part the two
        edits.append(edit)
    return Fix(f"bring {stale.file} up to {newer.file}", tuple(edits), displaces=True) if edits else None


def _in_the_form_of(old: object, text: str) -> str | int | float | None:
    """Return a text as the number that the old value is; None where it is no number, or would be written otherwise."""
    if isinstance(old, str):
        return text
    try:
        number = json.loads(text)
    except ValueError:
        return None
    fits = isinstance(number, int | float) and not isinstance(number, bool) and json.dumps(number) == text
    return number if fits else None
